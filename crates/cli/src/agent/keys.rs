//! What `keys` answers an agent: the keys of a cause with their rows, or what a text names.

use crate::session::Session;
use crate::{key_rows, violations};
use serde_json::Value;
use std::collections::BTreeMap;
use waylaid_mcp::Refusal;
use waylaid_model::answers::{KeyRow, KeysAnswer};
use waylaid_model::{Cause, Coverage, Diagnosis, KeyList, Status};

/// The cause that an id means, and the keys in its messages.
pub(super) fn named<'d>(diagnosis: &'d Diagnosis, id: &str) -> Result<(&'d Cause, &'d KeyList), Refusal> {
    let has_keys = |c: &&Cause| c.keys.as_ref().is_some_and(|k| !k.values.is_empty());
    let causes = || diagnosis.verdict.causes.iter();
    let ids = |c: &'d Cause| c.problem.as_deref().into_iter().chain([c.id.as_str()]);
    let Some(cause) = key_rows::cause(diagnosis, id) else {
        let what =
            format!("case {} has no cause `{id}`, and no error group of that id behind one", diagnosis.case);
        return Err(Refusal::new(what).nearest(id, causes().flat_map(ids)));
    };
    if let Some(list) = cause.keys.as_ref().filter(|k| !k.values.is_empty()) {
        return Ok((cause, list));
    }
    let refusal = Refusal::new(format!("the messages of {id} hold no key values"));
    let others: Vec<&str> = causes().filter(has_keys).flat_map(ids).collect();
    let none = "no cause of this case has any; show with the id of a cause lists its entities";
    let some = || format!("there are some of {}", others.join(", "));
    Err(refusal.hint(if others.is_empty() { none.to_owned() } else { some() }))
}

/// Keys with what is known of their rows.
pub(super) fn with_rows(
    diagnosis: &Diagnosis,
    (cause, list): (&Cause, &KeyList),
    rows: Option<Vec<KeyRow>>,
    coverage: Vec<Coverage>,
) -> KeysAnswer {
    let mut answer = KeysAnswer {
        of: cause.problem.clone().unwrap_or_else(|| cause.id.clone()),
        case: diagnosis.case.clone(),
        table: list.table.clone(),
        constraint: list.constraint.clone(),
        count: list.count,
        explains: (cause.explains, cause.of),
        csv: list.csv.clone(),
        columns: list.columns.clone(),
        coverage,
        ..KeysAnswer::default()
    };
    let texts = |cells: Vec<String>| cells.into_iter().map(Value::from).collect();
    let Some(rows) = rows else {
        answer.values = list.values.iter().cloned().map(texts).collect();
        return answer;
    };
    let mut states = BTreeMap::<String, u64>::new();
    rows.iter().filter_map(|r| r.state.clone()).for_each(|state| *states.entry(state).or_default() += 1);
    answer.states = states.into_iter().collect();
    answer.states.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    answer.exist = Some(rows.iter().filter(|r| r.exists).count() as u64);
    answer.columns = key_rows::columns(list);
    answer.values = rows.iter().map(|row| texts(key_rows::cells(diagnosis, list, row))).collect();
    answer
}

/// What the messages inside a text name, a line a finding.
pub(super) fn of_text(text: &str) -> Result<KeysAnswer, Refusal> {
    let found =
        violations::of_text(text).map_err(|e| Refusal::new(format!("the text cannot be read: {e}")))?;
    let mut rows: Vec<[Value; 6]> = Vec::new();
    for (violation, count) in &found.violations {
        let constraint = violation.constraint.clone().map_or(Value::Null, Value::from);
        let (kind, key) = (violation.kind.as_str(), violations::pairs(violation));
        rows.push([
            kind.into(),
            (*count).into(),
            violations::table_of(violation).into(),
            constraint,
            key.into(),
            Value::Null,
        ]);
    }
    for other in &found.others {
        let (kind, message) = (other["kind"].clone(), other["message"].clone());
        rows.push([kind, 1.into(), Value::Null, Value::Null, Value::Null, message]);
    }
    let mut line = Coverage::new("text", "text", Status::Searched);
    (line.scanned, line.matched) = (text.lines().count() as u64, rows.len() as u64);
    Ok(KeysAnswer {
        count: rows.len() as u64,
        columns: ["kind", "times", "table", "constraint", "key", "message"].map(str::to_owned).to_vec(),
        values: rows.into_iter().map(Vec::from).collect(),
        coverage: vec![line],
        ..KeysAnswer::default()
    })
}

/// What a session's stores were asked, a line a store.
pub(super) fn coverage(session: &Session) -> Vec<Coverage> {
    let mut lines: Vec<Coverage> = session.stores.failed.clone();
    for asked in session.asked().into_iter().filter(|a| a.verb != "catalog" || a.error.is_some()) {
        let status = if asked.error.is_some() { Status::Failed } else { Status::Searched };
        let mut line = Coverage::new(asked.store.clone(), asked.store, status);
        (line.scanned, line.matched) = (asked.scanned, asked.matched);
        lines.push(line.with_note(asked.error.unwrap_or_default()));
    }
    lines
}
