//! `keys`: the key values inside error messages.

use super::{Asked, Tool};
use crate::arguments::Arguments;
use crate::{Keys, Refusal};
use serde_json::{Value, json};
use waylaid_report::agent::{self, Answer};

pub(super) const TOOL: Tool = Tool {
    name: "keys",
    description: "The key values inside error messages, each with its row: there or missing, state, age, number of \
        messages. Of an error group or cause of a case (p1, c1), for repairing data; or of any text, such as a \
        violated constraint that somebody pasted. Not for why (diagnose). Example: {\"id\":\"p1\"}",
    properties,
    required: &[],
    next: "keys {\"id\":\"c1\"} after diagnose {}; keys {\"text\":TEXT} reads a text",
    call,
};

fn properties() -> Value {
    json!({
        "id": {"type": "string"},
        "text": {"type": "string", "description": "instead of id"},
        "case": {"type": "string"},
        "cursor": {"type": "integer"},
    })
}

fn call(arguments: &mut Arguments, asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let (id, text, case) = (arguments.text("id")?, arguments.text("text")?, arguments.text("case")?);
    let from = arguments.cursor()?;
    arguments.finish()?;
    let keys = match (id, text) {
        (Some(id), None) => {
            let case = case.unwrap_or_else(|| "last".into());
            Keys::Of { case, id: id.trim().to_lowercase() }
        }
        (None, Some(text)) => Keys::In(text),
        (Some(_), Some(_)) => return Err(Refusal::new("either `id` or `text`, not both")),
        (None, None) => {
            let refusal = Refusal::new("keys of what? `id` or `text` is missing");
            return Err(refusal.hint("`id` is an error group or a cause of a case: p1, c1"));
        }
    };
    Ok(agent::keys(&asked.backend.keys(&keys, asked.context)?, from))
}
