//! The keys inside a problem's messages joined with their rows, for a person and for an agent.

use crate::diagnostics::Failure;
use crate::session::Session;
use waylaid_model::answers::KeyRow;
use waylaid_model::time::human_duration;
use waylaid_model::{Cause, Diagnosis, KeyList};

/// The cause that an error group (`p1`) stands behind, or of that id itself (`c1`).
pub fn cause<'d>(diagnosis: &'d Diagnosis, what: &str) -> Option<&'d Cause> {
    let mut causes = diagnosis.verdict.causes.iter();
    causes.find(|c| c.problem.as_deref() == Some(what) || c.id == what)
}

/// Each key with its row; `None` where no table store holds the table.
pub fn of(session: &Session, keys: &KeyList) -> Result<Option<Vec<KeyRow>>, Failure> {
    session.outlet.typed(keys.values.iter().flatten());
    session.run(|c| Ok(waylaid_engine::key_rows(session.system(), &session.stores, keys, c)?))
}

/// What is told of each key: its columns, how many messages name it, whether there is a row, its state, its age.
pub fn columns(keys: &KeyList) -> Vec<String> {
    let mut columns = keys.columns.clone();
    columns.extend(["messages", "row", "row_state", "row_created", "row_age"].map(str::to_owned));
    columns
}

/// The cells of one; its age is that at the newest time which the case cites.
pub fn cells(diagnosis: &Diagnosis, keys: &KeyList, row: &KeyRow) -> Vec<String> {
    let now = diagnosis.evidence.values().filter_map(|e| e.at).max();
    let age = row.created.zip(now).filter(|(created, now)| created <= now);
    let mut cells = row.values.clone();
    cells.resize(keys.columns.len(), String::new());
    cells.extend([
        row.messages.to_string(),
        if row.exists { "exists" } else { "missing" }.to_owned(),
        row.state.clone().unwrap_or_default(),
        row.created.map_or_else(String::new, |t| t.to_string()),
        age.map_or_else(String::new, |(created, now)| human_duration(now.since(created))),
    ]);
    cells
}
