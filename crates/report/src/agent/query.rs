//! The rows of a SELECT for an agent: a line a row, its values between `|`, none of which can pass for two.

use super::{Answer, Line, Text, tail, tokens};
use crate::clean;
use serde_json::Value;
use waylaid_model::Coverage;
use waylaid_model::answers::QueryAnswer;

/// Characters of a value, the widest first: as many as let a row fit.
const WIDTHS: [usize; 4] = [240, 80, 24, 8];
/// Characters of a column's name with its type.
const NAME: usize = 60;
/// Columns at most, and tokens and bytes of their names and of a row.
const COLUMNS: usize = 60;
const HEAD: (usize, usize) = (450, 2_400);
const ROW: (usize, usize) = (700, 3_600);

/// Rows from a cursor on.
pub fn query(answer: &QueryAnswer, from: usize) -> Answer {
    let names: Vec<String> =
        answer.columns.iter().enumerate().map(|(at, name)| head(answer, at, name)).collect();
    let head = Line::new("store ").data(&answer.store, 60);
    table(&head, &names, &answer.values, answer.more, from, &answer.coverage)
}

/// Rows below a head, as many as fit; `more` when there are others than these.
pub(super) fn table(
    head: &Line,
    names: &[String],
    values: &[Vec<Value>],
    more: bool,
    from: usize,
    coverage: &[Coverage],
) -> Answer {
    let mut text = Text::default();
    let shown_columns =
        (1..=names.len().min(COLUMNS)).rev().find(|count| fits(&joined(&names[..*count]), HEAD));
    let columns = shown_columns.unwrap_or(1).min(names.len());
    text.must(head);
    text.must(&Line::default().raw(&joined(&names[..columns])));
    text.leave_out("columns (name fewer of them)", names.len() - columns);
    let mut shown = from;
    let mut is_cut = false;
    for row in values.iter().skip(from) {
        let (line, cut) = row_line(&row[..columns.min(row.len())]);
        let line = Line::default().raw(&line);
        if shown > from && !text.fits(&line) {
            break;
        }
        text.must(&line);
        is_cut |= cut;
        shown += 1;
    }
    let has_more = shown < values.len() || more;
    let line = Line::new("rows ").number(from as u64).say(" to ").number(shown as u64);
    let mut line = line.say(if has_more { ", there are more" } else { ", there are no more" });
    if is_cut {
        line = line.say("; values that end in … are cut: select a part of them");
    }
    let next = (has_more && shown > from).then_some(shown);
    Answer { text: text.finish(&line.then(&tail::coverage(coverage))), next }
}

/// A column's name with its type.
fn head(answer: &QueryAnswer, at: usize, name: &str) -> String {
    let kind = answer.types.get(at).filter(|kind| !kind.is_empty());
    let text = kind.map_or_else(|| name.to_owned(), |kind| format!("{name} {kind}"));
    named(&text)
}

/// A column's name as it may stand at the head.
pub(super) fn named(name: &str) -> String {
    quoted(&clean::short(name, NAME))
}

/// A row, its values cut until it fits; whether one was.
fn row_line(row: &[Value]) -> (String, bool) {
    let cells = |width: usize| row.iter().map(|value| cell(value, width)).collect::<Vec<_>>();
    let width = WIDTHS.into_iter().find(|width| fits(&joined(&cells(*width)), ROW));
    let width = width.unwrap_or(WIDTHS[WIDTHS.len() - 1]);
    let is_cut = row.iter().any(|value| plain(value).chars().count() > width);
    (joined(&cells(width)), is_cut)
}

fn cell(value: &Value, width: usize) -> String {
    match value {
        Value::String(text) if ["", "null"].contains(&text.as_str()) => format!("\"{text}\""),
        value => quoted(&clean::short(&plain(value), width)),
    }
}

fn plain(value: &Value) -> String {
    clean::line(&value.as_str().map_or_else(|| value.to_string(), str::to_owned))
}

/// In quotes where it could be taken for several values, or for quoted.
fn quoted(text: &str) -> String {
    if text.contains('|') || text.starts_with('"') {
        return format!("\"{}\"", text.replace('"', "\"\""));
    }
    text.to_owned()
}

fn joined(cells: &[String]) -> String {
    cells.join("|")
}

fn fits(line: &str, (most, bytes): (usize, usize)) -> bool {
    line.len() <= bytes && tokens::estimate(line) <= most
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agent::{BYTES, TOKENS};
    use serde_json::json;

    fn answer(columns: &[String], values: Vec<Vec<Value>>) -> QueryAnswer {
        let types = vec!["TEXT".to_owned(); columns.len()];
        QueryAnswer {
            store: "tables.orders".into(),
            columns: columns.to_vec(),
            types,
            values,
            ..QueryAnswer::default()
        }
    }

    #[test]
    fn no_value_passes_for_two_and_null_is_no_text() {
        let row = vec![
            json!("a|b"),
            json!(null),
            json!("null"),
            json!(""),
            json!("\"x"),
            json!({"a": [1]}),
            json!(7),
        ];
        let columns: Vec<String> = (0..7).map(|n| format!("c{n}")).collect();
        let text = query(&answer(&columns, vec![row]), 0).text;
        assert!(text.contains("| c0 TEXT|c1 TEXT|"), "{text}");
        assert!(text.contains("| \"a|b\"|null|\"null\"|\"\"|\"\"\"x\"|{\"a\":[1]}|7\n"), "{text}");
        assert!(text.contains("rows 0 to 1, there are no more\n"), "{text}");
    }

    #[test]
    fn what_does_not_fit_is_told_and_goes_on() {
        let rows = |count: usize| vec![vec![json!("word ".repeat(9)); 4]; count];
        let columns: Vec<String> = (0..4).map(|n| format!("c{n}")).collect();
        let first = query(&answer(&columns, rows(90)), 0);
        let next = first.next.unwrap();
        assert!(
            next > 5 && first.text.contains(&format!("rows 0 to {next}, there are more")),
            "{}",
            first.text
        );
        let last = query(&answer(&columns, rows(90)), 85);
        assert!(
            last.next.is_none() && last.text.contains("rows 85 to 90, there are no more"),
            "{}",
            last.text
        );
        assert!(query(&answer(&columns, Vec::new()), 0).text.contains("rows 0 to 0, there are no more"));
    }

    #[test]
    fn it_stays_small_whatever_a_row_holds() {
        for (width, text) in [(300, "数".repeat(900)), (2, "x|\"".repeat(90_000)), (70, "«a» ".repeat(99))]
        {
            let columns: Vec<String> = (0..width).map(|n| format!("{n}{text}")).collect();
            let made = query(&answer(&columns, vec![vec![json!(text); width]; 5]), 0);
            let estimate = tokens::estimate(&made.text);
            assert!(made.text.len() <= BYTES && estimate <= TOKENS + 60, "{} {estimate}", made.text.len());
            assert!(made.next.is_some() || made.text.contains("0 to 5"), "{}", made.text);
            assert!(made.text.contains("are cut"), "{}", made.text);
        }
    }
}
