//! `describe`: the system.

use super::{Asked, Tool, whole};
use crate::arguments::Arguments;
use crate::{Question, Refusal};
use serde_json::{Value, json};
use waylaid_report::agent::{self, Answer};

pub(super) const TOOL: Tool = Tool {
    name: "describe",
    description: "What there is to ask about. system: entities, stores, services, cases as configured (at once); \
        stores: what each holds, where keys show, what is missing (reads); flow: the hops learnt from completed \
        entities, with times (reads). Example: {\"about\":\"system\"}",
    properties,
    required: &[],
    next: "describe {\"about\":\"system\"}",
    call,
};

fn properties() -> Value {
    json!({
        "about": {"type": "string", "enum": ["system", "stores", "flow"]},
        "entity": {"type": "string", "description": "of flow"},
    })
}

fn call(arguments: &mut Arguments, asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let about = arguments.choice("about", &["system", "stores", "flow"])?;
    let entity = arguments.text("entity")?;
    arguments.finish()?;
    Ok(whole(match about {
        Some("stores") => agent::check(&asked.backend.check(asked.context)?),
        Some("flow") => {
            let question = Question { entity, ..Question::default() };
            agent::flow(&asked.backend.flow(&question, asked.context)?)
        }
        _ => {
            let (system, failed) = asked.backend.system()?;
            agent::system(&system, &asked.backend.cases()?, &failed)
        }
    }))
}
