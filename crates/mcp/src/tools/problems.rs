//! `problems`: error groups.

use super::{Asked, Tool};
use crate::arguments::Arguments;
use crate::{Question, Refusal, Times};
use serde_json::{Value, json};
use waylaid_report::agent::{self, Answer};

/// Problems that are asked for at once; a page shows fewer.
const PAGE: usize = 40;

pub(super) const TOOL: Tool = Tool {
    name: "problems",
    description: "Error groups in all logs, new and growing ones first, with counts before and since, top frames, and \
        how many stuck entities they name. For an overview of errors; what makes entities stick is diagnose. \
        Example: {\"since\":\"1h\"}",
    properties,
    required: &[],
    next: "problems {\"since\":\"1h\"}; describe {} lists entities and stores",
    call,
};

fn properties() -> Value {
    json!({
        "since": {"type": "string"},
        "until": {"type": "string"},
        "baseline": {"type": "string", "description": "FROM..TO"},
        "entity": {"type": "string"},
        "cursor": {"type": "integer"},
    })
}

fn call(arguments: &mut Arguments, asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let question = Question {
        entity: arguments.text("entity")?,
        times: Times { baseline: arguments.text("baseline")?, ..arguments.window()? },
        ..Question::default()
    };
    let from = arguments.cursor()?;
    arguments.finish()?;
    Ok(agent::problems(&asked.backend.problems(&question, from + PAGE, asked.context)?, from))
}
