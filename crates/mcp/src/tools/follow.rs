//! `follow`: one entity's trail.

use super::{Asked, Tool};
use crate::arguments::Arguments;
use crate::{Question, Refusal};
use serde_json::{Value, json};
use waylaid_report::agent::{self, Answer};

pub(super) const TOOL: Tool = Tool {
    name: "follow",
    description: "One entity's trail in order through logs, topics and tables, also under its other ids, and the hop \
        where it ends. Not for why many are stuck (diagnose). Example: {\"entity\":\"order\",\"key\":\"1001\"}",
    properties,
    required: &["key"],
    next: "stuck {} shows keys to follow; search {\"keys\":[KEY]} finds a key of unknown kind",
    call,
};

fn properties() -> Value {
    json!({
        "entity": {"type": "string"},
        "key": {"type": "string"},
        "since": {"type": "string"},
        "until": {"type": "string"},
        "cursor": {"type": "integer"},
    })
}

fn call(arguments: &mut Arguments, asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let key = arguments.needed("key")?;
    let question =
        Question { entity: arguments.text("entity")?, times: arguments.window()?, ..Question::default() };
    let from = arguments.cursor()?;
    arguments.finish()?;
    Ok(agent::trail(&asked.backend.follow(&question, &key, asked.context)?, from))
}
