//! `search`: matches in all stores.

use super::{Asked, Tool};
use crate::arguments::Arguments;
use crate::{Refusal, Search};
use serde_json::{Value, json};
use waylaid_report::agent::{self, Answer};

/// Matches that are asked for at once; a page shows fewer.
const PAGE: usize = 60;

pub(super) const TOOL: Tool = Tool {
    name: "search",
    description: "Log lines, records and rows by key, text, regex, JSON path or header: counts first, then samples. \
        Conditions of different kinds must all hold. For what diagnose does not answer. Example: \
        {\"text\":\"timed out\",\"store\":\"logs\",\"in\":[\"pick\"]}",
    properties,
    required: &[],
    next: "search {\"keys\":[KEY]} or {\"text\":TEXT}; describe {\"about\":\"stores\"} lists services, topics and tables",
    call,
};

fn properties() -> Value {
    let texts =
        |description: &str| json!({"type": "array", "items": {"type": "string"}, "description": description});
    json!({
        "keys": texts("whole words"),
        "text": {"type": "string"},
        "regex": {"type": "string"},
        "at": {"type": "string", "description": "on records: a key stands at $.path"},
        "path": texts("on records: $.status=REJECTED"),
        "header": texts("on records: name=value"),
        "store": {"type": "string", "enum": ["logs", "topics", "tables"]},
        "in": texts("part of the name of a service, topic or table"),
        "fields": texts("show of records their key and $.path only"),
        "since": {"type": "string"},
        "until": {"type": "string"},
        "cursor": {"type": "integer"},
    })
}

fn call(arguments: &mut Arguments, asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let mut search = Search {
        keys: arguments.texts("keys")?,
        text: arguments.text("text")?,
        regex: arguments.text("regex")?,
        keys_at: arguments.text("at")?,
        paths: arguments.texts("path")?,
        headers: arguments.texts("header")?,
        store: arguments.choice("store", &["logs", "topics", "tables"])?,
        targets: arguments.texts("in")?,
        times: arguments.window()?,
        limit: 0,
        fields: arguments.texts("fields")?,
    };
    let from = arguments.cursor()?;
    arguments.finish()?;
    search.limit = from + PAGE;
    let are_fields = !search.fields.is_empty();
    Ok(agent::search(&asked.backend.search(&search, asked.context)?, from, are_fields))
}
