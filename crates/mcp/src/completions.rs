//! Names that a client offers while somebody types: entities, keys of the last case, cases, evidence.

use crate::Backend;
use rmcp::model::{CompleteRequestParams, CompletionInfo, Reference};

/// Lengths of time that are usually asked for.
const LENGTHS: [&str; 6] = ["15m", "30m", "1h", "2h", "6h", "1d"];

/// What begins with what was typed.
pub fn complete(wanted: &CompleteRequestParams, backend: &dyn Backend) -> Result<CompletionInfo, String> {
    let argument = wanted.argument.name.as_str();
    let names: Vec<String> = match (&wanted.r#ref, argument) {
        (Reference::Prompt(_), "entity") => entities(backend),
        (Reference::Prompt(_), "key") => keys(backend),
        (Reference::Prompt(_), "since") => LENGTHS.map(str::to_owned).to_vec(),
        (Reference::Resource(_), "case") => backend.cases().unwrap_or_default(),
        (Reference::Resource(_), "id") => {
            let case =
                wanted.context.as_ref().and_then(|c| c.get_argument("case")).map_or("last", String::as_str);
            let ids = backend.case(case).map(|d| d.evidence.into_keys().map(|e| e.0).collect());
            ids.unwrap_or_default()
        }
        _ => Vec::new(),
    };
    let typed = wanted.argument.value.to_lowercase();
    let found: Vec<String> = names.into_iter().filter(|n| n.to_lowercase().starts_with(&typed)).collect();
    let all = u32::try_from(found.len()).ok();
    let more = found.len() > CompletionInfo::MAX_VALUES;
    let shown = found.into_iter().take(CompletionInfo::MAX_VALUES).collect();
    CompletionInfo::with_pagination(shown, all, more)
}

fn entities(backend: &dyn Backend) -> Vec<String> {
    backend.system().map(|(s, _)| s.entities.into_iter().map(|e| e.name).collect()).unwrap_or_default()
}

fn keys(backend: &dyn Backend) -> Vec<String> {
    let Ok(last) = backend.case("last") else { return Vec::new() };
    last.verdict.causes.into_iter().flat_map(|c| c.entities.keys).collect()
}
