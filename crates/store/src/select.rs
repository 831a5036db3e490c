//! What every connector does with the rows of a free SELECT: the head before them, the limits, the exact "there are more".

use crate::{RowHit, RowQuery};
use serde_json::Value;
use waylaid_model::{Coverage, Reference, Row, Status};

/// Rows when nobody says how many.
const ROWS: u64 = 1_000;
/// Bytes of an answer at most.
const BYTES: u64 = 16 << 20;
/// The number of the head.
const HEAD: &str = "0";

impl RowHit {
    /// What comes before the rows of a free SELECT: numbered 0, with each column's type in place of its value.
    fn head(store: &str, columns: &[(String, String)]) -> Self {
        let cells = columns.iter().map(|(name, kind)| (name.clone(), Value::from(kind.as_str()))).collect();
        Self { at: numbered(store, HEAD.to_owned()), row: Row { cells } }
    }

    /// Whether it is the head of a free SELECT's rows.
    pub fn is_head(&self) -> bool {
        matches!(&self.at, Reference::Row { table, key, .. } if table == RowQuery::SELECT && key == HEAD)
    }
}

fn numbered(store: &str, key: String) -> Reference {
    Reference::Row { store: store.to_owned(), table: RowQuery::SELECT.to_owned(), key }
}

/// The answer to a free SELECT while it is delivered.
pub struct Selected<'s> {
    store: &'s str,
    /// Names and types.
    columns: Vec<(String, String)>,
    limit: u64,
    coverage: Coverage,
    read: u64,
    sink: &'s mut dyn FnMut(RowHit),
}

impl<'s> Selected<'s> {
    /// An answer with these columns (name and type), of at most so many rows.
    pub fn new(
        store: &'s str,
        columns: Vec<(String, String)>,
        limit: u64,
        sink: &'s mut dyn FnMut(RowHit),
    ) -> Self {
        let coverage = Coverage::new(store, RowQuery::SELECT, Status::Searched);
        Self { store, columns, limit, coverage, read: 0, sink }
    }

    /// Rows at most: as asked for, or as many as are good for a first look.
    pub fn limit(asked: Option<u64>) -> u64 {
        asked.unwrap_or(ROWS)
    }

    /// Delivers a row that takes about so many bytes, unless there were enough; whether more may come.
    pub fn take(&mut self, bytes: u64, cells: impl FnOnce() -> Vec<Value>) -> bool {
        let delivered = self.coverage.matched;
        self.read = self.read.saturating_add(bytes);
        let enough = if delivered >= self.limit {
            Some(format!("limit of {} rows: there are more", self.limit))
        } else if self.read > BYTES && delivered > 0 {
            Some(format!("limit of {BYTES} bytes after {delivered} rows: there are more"))
        } else {
            None
        };
        if let Some(note) = enough {
            self.coverage.status = Status::Partial;
            self.coverage.note = note;
            return false;
        }
        self.head();
        self.coverage.matched += 1;
        let names = self.columns.iter().map(|(name, _)| name.clone());
        let row = Row { cells: names.zip(cells()).collect() };
        (self.sink)(RowHit { at: numbered(self.store, self.coverage.matched.to_string()), row });
        true
    }

    /// What was searched; an answer without rows has its head all the same.
    pub fn finish(mut self) -> Coverage {
        self.head();
        let names: Vec<&str> = self.columns.iter().map(|(name, _)| name.as_str()).collect();
        self.coverage.scanned = self.coverage.matched;
        self.coverage.range = format!("columns {}", names.join(", "));
        self.coverage
    }

    /// The head comes with the first row and no sooner: until then a store may be asked again.
    fn head(&mut self) {
        if self.coverage.matched == 0 {
            (self.sink)(RowHit::head(self.store, &self.columns));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn columns() -> Vec<(String, String)> {
        vec![("id".into(), "int".into()), ("s".into(), String::new())]
    }

    #[test]
    fn a_head_comes_first_and_the_rest_is_told() {
        let mut hits = Vec::new();
        let mut sink = |hit| hits.push(hit);
        let mut selected = Selected::new("tables.t", columns(), 2, &mut sink);
        let taken: Vec<bool> = (1..=3).map(|n| selected.take(9, || vec![json!(n), json!("x")])).collect();
        let coverage = selected.finish();
        assert_eq!(taken, [true, true, false]);
        assert_eq!(
            (coverage.status, coverage.note.as_str()),
            (Status::Partial, "limit of 2 rows: there are more")
        );
        assert!(hits[0].is_head() && !hits[1].is_head() && hits.len() == 3);
        assert_eq!(hits[0].row.get("id"), Some(&json!("int")));
        assert_eq!(hits[2].at.to_string(), "t.select[2]".to_owned());
    }

    #[test]
    fn an_answer_without_rows_has_a_head_and_a_long_one_ends() {
        let mut hits = Vec::new();
        let mut sink = |hit| hits.push(hit);
        let selected = Selected::new("tables.t", columns(), 2, &mut sink);
        assert_eq!(selected.finish().range, "columns id, s");
        assert!(hits.len() == 1 && hits[0].is_head());
        let mut sink = |_| ();
        let mut selected = Selected::new("tables.t", columns(), u64::MAX, &mut sink);
        assert!(selected.take(BYTES + 1, Vec::new), "one row may be too long");
        assert!(!selected.take(1, Vec::new));
        assert!(selected.finish().note.contains("bytes after 1 rows"));
    }
}
