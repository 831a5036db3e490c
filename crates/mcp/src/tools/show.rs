//! `show`: what an id of a case stands for.

use super::{Asked, Tool};
use crate::Refusal;
use crate::arguments::Arguments;
use serde_json::{Value, json};
use waylaid_model::Diagnosis;
use waylaid_report::agent::{self, Answer, Part};

const PARTS: [(&str, Part); 5] = [
    ("flow", Part::Flow),
    ("ruled_out", Part::RuledOut),
    ("suspects", Part::Suspects),
    ("coverage", Part::Coverage),
    ("notes", Part::Notes),
];
/// The word for what the stores were asked.
const QUERIES: &str = "queries";

pub(super) const TOOL: Tool = Tool {
    name: "show",
    description: "An id of a case in full: evidence (e4) read again from its store, a cause (c1) with all its keys, \
        an error group (p1), or a part: flow, ruled_out, suspects, coverage, notes, queries. \
        Example: {\"id\":\"e4\"}",
    properties,
    required: &["id"],
    next: "show {\"id\":\"c1\"} is the first cause of the last case; diagnose {} makes a case",
    call,
};

fn properties() -> Value {
    json!({
        "id": {"type": "string"},
        "case": {"type": "string", "description": "default: the last one"},
        "cursor": {"type": "integer"},
    })
}

fn call(arguments: &mut Arguments, asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let id = arguments.needed("id")?.trim().to_lowercase();
    let case = arguments.text("case")?.unwrap_or_else(|| "last".into());
    let from = arguments.cursor()?;
    arguments.finish()?;
    let d = asked.backend.case(&case)?;
    if let Some((id, evidence)) = d.evidence.iter().find(|(e, _)| e.0 == id) {
        let raw = asked.backend.evidence(&case, &id.0, asked.context)?;
        return Ok(agent::evidence(&d, &id.0, evidence, &raw.text, raw.stale.as_deref(), from));
    }
    if let Some(cause) = d.verdict.causes.iter().find(|c| c.id == id) {
        return Ok(agent::cause(&d, cause, from));
    }
    if let Some(problem) = d.problems.iter().find(|p| p.id == id) {
        return Ok(agent::problem(&d, problem));
    }
    if let Some((_, part)) = PARTS.iter().find(|(name, _)| *name == id) {
        return Ok(agent::part(&d, *part, from));
    }
    if id == QUERIES {
        return Ok(agent::queries(&d, &asked.backend.asked(&case)?, from));
    }
    Err(unknown(&d, &id))
}

fn unknown(d: &Diagnosis, id: &str) -> Refusal {
    let refusal = Refusal::new(format!("case {} has no `{id}`", d.case));
    let names = PARTS.iter().map(|(name, _)| *name).chain([QUERIES]);
    let causes = d.verdict.causes.iter().map(|c| c.id.as_str());
    let problems = d.problems.iter().map(|p| p.id.as_str());
    let refusal = refusal.nearest(id, names.chain(causes).chain(problems));
    refusal.hint(format!("evidence goes from e1 to e{}", d.evidence.len()))
}
