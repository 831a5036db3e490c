//! Cases, their evidence and their reports, as resources.

use crate::{Backend, Refusal};
use rmcp::model::{Resource, ResourceTemplate};
use std::sync::Arc;
use waylaid_report::agent::{self, Text};
use waylaid_store::Context;

/// What all of them begin with.
const ROOT: &str = "waylaid://case/";
/// Cases that are listed; older ones are read by their id.
const LISTED: usize = 50;

/// The newest cases.
pub fn all(cases: &[String]) -> Vec<Resource> {
    let resource = |id: &String| {
        Resource::new(format!("{ROOT}{id}"), id)
            .with_description("the verdict of a case")
            .with_mime_type("text/plain")
    };
    cases.iter().take(LISTED).map(resource).collect()
}

/// How to name a part of one.
pub fn templates() -> Vec<ResourceTemplate> {
    let template = |path: &str, name: &str, what: &str| {
        let template = ResourceTemplate::new(format!("{ROOT}{path}"), name);
        template.with_description(what).with_mime_type("text/plain")
    };
    vec![
        template("{case}", "case", "the verdict of a case, in short"),
        template("{case}/report", "report", "the verdict of a case, whole"),
        template("{case}/evidence/{id}", "evidence", "a piece of evidence, read again from its store"),
    ]
}

/// The text of one.
pub fn read(uri: &str, backend: &dyn Backend, context: &Arc<Context>) -> Result<String, Refusal> {
    let unknown = || Refusal::new(format!("there is no resource {uri}"));
    let path = uri.strip_prefix(ROOT).ok_or_else(unknown)?;
    match path.split('/').collect::<Vec<_>>().as_slice() {
        [case] => Ok(agent::diagnosis(&backend.case(case)?, Text::default())),
        [case, "report"] => Ok(agent::diagnosis(&backend.case(case)?, Text::whole())),
        [case, "evidence", id] => {
            let d = backend.case(case)?;
            let (id, evidence) = d.evidence.iter().find(|(e, _)| e.0 == *id).ok_or_else(unknown)?;
            let raw = backend.evidence(case, &id.0, context)?;
            Ok(agent::evidence(&d, &id.0, evidence, &raw.text, raw.stale.as_deref(), 0).text)
        }
        _ => Err(unknown()),
    }
}
