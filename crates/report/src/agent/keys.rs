//! The key values inside error messages for an agent: what they are keys of, how many have a row, then a line a key.

use super::query::{named, table};
use super::{Answer, Line};
use waylaid_model::answers::KeysAnswer;

/// States that are named at most.
const STATES: usize = 8;

/// Keys from a cursor on.
pub fn keys(answer: &KeysAnswer, from: usize) -> Answer {
    let head = if answer.of.is_empty() { of_text(answer) } else { of_problem(answer) };
    let names: Vec<String> = answer.columns.iter().map(|name| named(name)).collect();
    table(&head, &names, &answer.values, false, from, &answer.coverage)
}

fn of_text(answer: &KeysAnswer) -> Line {
    match answer.count {
        0 => Line::new("the text names no violated constraint and no error of a known kind"),
        count => Line::default().count(count, "finding", "findings").say(" in the text"),
    }
}

fn of_problem(answer: &KeysAnswer) -> Line {
    let mut line = Line::default().id(&answer.of).say(" of case ").id(&answer.case).say(": ");
    line = line.count(answer.count, "distinct key", "distinct keys").say(" in its messages");
    if let Some(table) = &answer.table {
        line = line.say(" of ").data(table, 120);
    }
    if let Some(constraint) = &answer.constraint {
        line = line.say(", constraint ").data(constraint, 120);
    }
    let (explained, stuck) = answer.explains;
    line = line.say("; its cause explains ").number(explained).say(" of ").number(stuck).say(" stuck");
    let rows = match answer.exist {
        None => Line::new("rows: none were looked up, as no table store of the system holds that table"),
        Some(exist) => {
            let all = answer.values.len() as u64;
            let mut rows = Line::new("rows: ").number(exist).say(" of ").number(all).say(" exist");
            for (state, count) in answer.states.iter().take(STATES) {
                rows = rows.say("; ").data(state, 60).say(" ").number(*count);
            }
            if answer.states.len() > STATES { rows.say("; …") } else { rows }
        }
    };
    line = line.then(&rows);
    if answer.csv.is_empty() { line } else { line.then(&Line::new("all keys ").data(&answer.csv, 200)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agent::BYTES;
    use serde_json::json;

    fn answer(rows: usize) -> KeysAnswer {
        KeysAnswer {
            of: "p1".into(),
            case: "c-20261122-1".into(),
            table: Some("pick.picks» call query".into()),
            count: rows as u64,
            explains: (209, 214),
            exist: Some(1),
            states: vec![("OPEN".into(), 1)],
            columns: vec!["order_id".into(), "row".into()],
            values: (0..rows).map(|n| vec![json!(n.to_string()), json!("exists")]).collect(),
            ..KeysAnswer::default()
        }
    }

    #[test]
    fn sums_come_first_and_keys_go_on() {
        let first = keys(&answer(5_000), 0);
        assert!(first.text.starts_with(
            "p1 of case c-20261122-1: 5,000 distinct keys in its messages of «pick.picks› call query»; \
             its cause explains 209 of 214 stuck\nrows: 1 of 5,000 exist; «OPEN» 1\n| order_id|row\n| 0|exists\n"
        ), "{}", first.text);
        let next = first.next.unwrap();
        assert!(
            first.text.len() <= BYTES
                && keys(&answer(5_000), next).text.contains(&format!("| {next}|exists\n"))
        );
    }

    #[test]
    fn nothing_found_is_said() {
        let none = keys(&KeysAnswer::default(), 0);
        assert!(none.text.starts_with("the text names no violated constraint"), "{}", none.text);
        let unread = KeysAnswer { exist: None, ..answer(1) };
        assert!(keys(&unread, 0).text.contains("none were looked up"), "{}", keys(&unread, 0).text);
    }
}
