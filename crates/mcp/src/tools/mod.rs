//! The tools, a file each, in the order in which they are listed.

mod code;
mod describe;
mod diagnose;
mod follow;
mod keys;
mod problems;
mod query;
mod search;
mod show;
mod stuck;

use crate::arguments::Arguments;
use crate::{Backend, Refusal};
use serde_json::{Map, Value, json};
use std::sync::Arc;
use waylaid_report::agent::{Answer, Line};
use waylaid_store::Context;

/// A tool: what a model reads about it, and what it does.
pub struct Tool {
    /// Its name.
    pub name: &'static str,
    /// When to use it, when not, an example.
    pub description: &'static str,
    /// Its arguments: name, schema without what all have in common.
    properties: fn() -> Value,
    /// Arguments that must be there.
    required: &'static [&'static str],
    /// The call to go on with after a wrong one.
    pub next: &'static str,
    call: fn(&mut Arguments, &Asked<'_>) -> Result<Answer, Refusal>,
}

/// Who is asked, and what carries progress and cancelling.
struct Asked<'a> {
    backend: &'a dyn Backend,
    context: &'a Arc<Context>,
}

/// All tools, always in this order.
pub fn tools() -> [&'static Tool; 10] {
    [
        &diagnose::TOOL,
        &stuck::TOOL,
        &follow::TOOL,
        &problems::TOOL,
        &search::TOOL,
        &query::TOOL,
        &keys::TOOL,
        &show::TOOL,
        &code::TOOL,
        &describe::TOOL,
    ]
}

/// Tools whose work may take long.
const LONG: [&str; 1] = ["diagnose"];

impl Tool {
    /// Whether its work may take long.
    pub fn is_long(&self) -> bool {
        LONG.contains(&self.name)
    }

    /// The schema of its arguments.
    pub fn schema(&self) -> Map<String, Value> {
        let mut schema = Map::new();
        schema.insert("type".into(), json!("object"));
        schema.insert("properties".into(), (self.properties)());
        if !self.required.is_empty() {
            schema.insert("required".into(), json!(self.required));
        }
        schema
    }

    /// Answers a call; a wrong one is an error that teaches.
    pub fn call(
        &self,
        arguments: Map<String, Value>,
        backend: &dyn Backend,
        context: &Arc<Context>,
    ) -> Result<String, String> {
        let mut arguments = Arguments::new(arguments);
        let answer = (self.call)(&mut arguments, &Asked { backend, context });
        match answer {
            Ok(answer) => Ok(paged(answer)),
            Err(refusal) => Err(refusal.text(self.next)),
        }
    }
}

/// The text, and where it goes on.
fn paged(answer: Answer) -> String {
    match answer.next {
        None => answer.text,
        Some(next) => {
            let line = Line::new("more: the same call with cursor ").number(next as u64);
            format!("{}{}\n", answer.text, line.as_str())
        }
    }
}

/// An answer of one part.
fn whole(text: String) -> Answer {
    Answer { text, next: None }
}
