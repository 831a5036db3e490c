//! `query`: the rows of one SELECT.

use super::{Asked, Tool};
use crate::Refusal;
use crate::arguments::Arguments;
use serde_json::{Value, json};
use waylaid_report::agent::{self, Answer};

/// Rows that are asked for at once; a page shows fewer.
const PAGE: u64 = 100;

pub(super) const TOOL: Tool = Tool {
    name: "query",
    description: "Rows of one SELECT in a table store: counts, joins, single rows. Whatever does more than read is \
        refused. Without sql: the tables with their columns. Not for why entities are stuck (diagnose), nor for one \
        key's history (follow). Example: {\"store\":\"orders\",\"sql\":\"SELECT status, count(*) FROM orders GROUP BY status\"}",
    properties,
    required: &[],
    next: "query {\"store\":STORE} lists its tables and columns; describe {} lists the stores",
    call,
};

fn properties() -> Value {
    json!({
        "store": {"type": "string", "description": "may be left out when there is one"},
        "sql": {"type": "string", "description": "in the store's dialect; ORDER BY keeps pages in order"},
        "cursor": {"type": "integer"},
    })
}

fn call(arguments: &mut Arguments, asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let (store, sql) = (arguments.text("store")?, arguments.text("sql")?);
    let from = arguments.cursor()?;
    arguments.finish()?;
    let limit = from as u64 + PAGE;
    let answer = asked.backend.query(store.as_deref(), sql.as_deref(), limit, asked.context)?;
    Ok(agent::query(&answer, from))
}
