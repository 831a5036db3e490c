//! The rows of a SELECT as text: side by side where they fit, else one below the other.

use super::tail;
use crate::page::{Label, Page, Span, WIDTH, pad, pad_left, plain, span, width};
use crate::{clean, words};
use serde_json::Value;
use waylaid_model::answers::QueryAnswer;

/// Widest column where rows stand side by side.
const SIDE: usize = 48;
/// Characters of a value where columns stand below each other.
const BELOW: usize = 600;

/// Rows, and whether there are more.
pub fn query(answer: &QueryAnswer) -> Page {
    let mut page = Page::new();
    let count = answer.values.len() as u64;
    let label = if count == 0 { Label::Warn } else { Label::Strong };
    page.line([
        span(label, words::count(count, "row")),
        plain(format!(" of {}", clean::line(&answer.store))),
    ]);
    page.gap();
    let cells: Vec<Vec<Cell>> = answer.values.iter().map(|row| row.iter().map(Cell::of).collect()).collect();
    let widths = widths(&answer.columns, &cells);
    let is_side = count == 0 || widths.iter().map(|w| w + 2).sum::<usize>() <= WIDTH;
    let longest = if is_side { SIDE } else { BELOW };
    if is_side {
        side(&mut page, &answer.columns, &cells, &widths);
    } else {
        below(&mut page, &answer.columns, &cells);
    }
    if cells.iter().flatten().any(|cell| cell.text.chars().count() > longest) {
        let text = format!("  values are cut at {longest} characters; --format json has them whole");
        page.line([span(Label::Dim, text)]);
    }
    if answer.more {
        page.line([span(Label::Warn, "  there are more rows; --limit shows more of them")]);
    }
    tail::coverage(&mut page, &answer.coverage);
    page
}

/// A value in one line.
struct Cell {
    text: String,
    is_number: bool,
    is_null: bool,
}

impl Cell {
    fn of(value: &Value) -> Self {
        let text = value.as_str().map_or_else(|| value.to_string(), clean::line);
        Self { text: clean::line(&text), is_number: value.is_number(), is_null: value.is_null() }
    }

    fn label(&self) -> Label {
        if self.is_null { Label::Dim } else { Label::Plain }
    }
}

fn widths(columns: &[String], cells: &[Vec<Cell>]) -> Vec<usize> {
    let wide = |text: &str| width(&clean::short(text, SIDE));
    let column = |(at, name): (usize, &String)| {
        let cells = cells.iter().filter_map(|row| row.get(at)).map(|cell| wide(&cell.text));
        cells.max().unwrap_or(0).max(wide(name))
    };
    columns.iter().enumerate().map(column).collect()
}

fn side(page: &mut Page, columns: &[String], cells: &[Vec<Cell>], widths: &[usize]) {
    let is_number = |at: usize| cells.iter().any(|r| r.get(at).is_some_and(|c| c.is_number));
    let place = |text: &str, at: usize, is_right: bool| {
        let (text, columns) = (clean::short(text, SIDE), widths.get(at).copied().unwrap_or(0));
        format!("  {}", if is_right { pad_left(&text, columns) } else { pad(&text, columns) })
    };
    let head = columns.iter().enumerate().map(|(at, name)| span(Label::Dim, place(name, at, is_number(at))));
    page.line(head);
    for row in cells {
        let line = row.iter().enumerate().map(|(at, c)| span(c.label(), place(&c.text, at, c.is_number)));
        page.line(line.collect::<Vec<Span>>());
    }
}

fn below(page: &mut Page, columns: &[String], cells: &[Vec<Cell>]) {
    let wide = columns.iter().map(|name| width(&clean::short(name, SIDE))).max().unwrap_or(0);
    for (number, row) in (1_u64..).zip(cells) {
        page.line([span(Label::Id, format!("  row {}", words::number(number)))]);
        for (name, cell) in columns.iter().zip(row) {
            let head = span(Label::Dim, format!("    {}  ", pad(&clean::short(name, SIDE), wide)));
            page.paragraph(head, [span(cell.label(), clean::short(&cell.text, BELOW))]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn answer(columns: &[&str], values: Vec<Vec<Value>>) -> QueryAnswer {
        let columns = columns.iter().map(|c| (*c).to_owned()).collect();
        QueryAnswer { store: "tables.orders".into(), columns, values, ..QueryAnswer::default() }
    }

    #[test]
    fn few_columns_stand_side_by_side() {
        let rows = vec![vec![json!(7), json!("ACCEPTED")], vec![json!(1001), json!(null)]];
        let text = query(&answer(&["id", "status"], rows)).plain();
        assert_eq!(text, "2 rows of tables.orders\n\n    id  status\n     7  ACCEPTED\n  1001  null\n");
    }

    #[test]
    fn what_does_not_fit_stands_below_each_other_and_is_cut_with_a_word() {
        let names: Vec<String> = (0..9).map(|n| format!("a_rather_long_name_{n}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let mut row = vec![json!("x"); 8];
        row.push(json!("y".repeat(700)));
        let text = query(&answer(&names, vec![row])).plain();
        assert!(text.contains("  row 1\n    a_rather_long_name_0  x\n"), "{text}");
        assert!(text.contains("cut at 600 characters"), "{text}");
    }

    #[test]
    fn nothing_in_a_row_moves_the_cursor_and_no_row_has_its_columns_still() {
        let text = query(&answer(&["a\u{1b}[2Jb"], vec![vec![json!("x\ny\u{202e}")]])).plain();
        assert!(text.contains("  ab\n  x y\n"), "{text:?}");
        let text = query(&answer(&["id", "status"], Vec::new())).plain();
        assert_eq!(text, "0 rows of tables.orders\n\n  id  status\n");
    }
}
