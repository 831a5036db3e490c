//! `diagnose`: the verdict.

use super::{Asked, Tool, whole};
use crate::arguments::Arguments;
use crate::{Question, Refusal};
use serde_json::{Value, json};
use waylaid_report::agent::{self, Answer, Text};

pub(super) const TOOL: Tool = Tool {
    name: "diagnose",
    description: "Why are entities stuck? The computed verdict over all logs, topics, tables and code: causes with \
        counts, evidence ids, lines of code, what was ruled out. Call it first. Without entity but with since: what \
        changed in that window. Not for one entity's history (follow). Keeps the answer as a case in a folder of its own, \
        else writes nowhere. Example: {\"entity\":\"order\"}",
    properties,
    required: &[],
    next: "describe {} lists entities and stores; diagnose {} asks about the only entity",
    call,
};

fn properties() -> Value {
    json!({
        "entity": {"type": "string", "description": "as configured; may be left out when there is one"},
        "keys": {"type": "array", "items": {"type": "string"}, "description": "ask about these, not about the stuck"},
        "state": {"type": "string", "description": "stuck means in this state"},
        "older_than": {"type": "string", "description": "and for so long: 30m, 2h"},
        "since": {"type": "string", "description": "RFC 3339, or 2h before now"},
        "until": {"type": "string"},
        "baseline": {"type": "string", "description": "FROM..TO to compare with"},
    })
}

fn call(arguments: &mut Arguments, asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let question = Question {
        entity: arguments.text("entity")?,
        keys: arguments.texts("keys")?,
        state: arguments.text("state")?,
        older_than: arguments.text("older_than")?,
        times: crate::Times { baseline: arguments.text("baseline")?, ..arguments.window()? },
    };
    arguments.finish()?;
    let diagnosis = asked.backend.diagnose(&question, asked.context)?;
    Ok(whole(agent::diagnosis(&diagnosis, Text::default())))
}
