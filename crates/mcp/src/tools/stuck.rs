//! `stuck`: who is stuck.

use super::{Asked, Tool, whole};
use crate::arguments::Arguments;
use crate::{Question, Refusal};
use serde_json::{Value, json};
use waylaid_report::agent::{self, Answer};

pub(super) const TOOL: Tool = Tool {
    name: "stuck",
    description: "How many are stuck, in which state, since when, behind which hop, with sample keys. For counts \
        only; for the reason use diagnose. Example: {\"entity\":\"order\",\"state\":\"ACCEPTED\"}",
    properties,
    required: &[],
    next: "describe {} lists entities; stuck {} asks about the only entity by its rule",
    call,
};

fn properties() -> Value {
    json!({
        "entity": {"type": "string"},
        "state": {"type": "string"},
        "older_than": {"type": "string", "description": "30m, 2h"},
        "since": {"type": "string"},
        "until": {"type": "string"},
    })
}

fn call(arguments: &mut Arguments, asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let question = Question {
        entity: arguments.text("entity")?,
        state: arguments.text("state")?,
        older_than: arguments.text("older_than")?,
        times: arguments.window()?,
        ..Question::default()
    };
    arguments.finish()?;
    Ok(whole(agent::stuck(&asked.backend.stuck(&question, asked.context)?)))
}
