//! The rows of a table as they come: counted, delivered up to the limit, with the exact "there are more".

use waylaid_model::{Coverage, Status};
use waylaid_store::{Filter, RowHit, RowQuery};

/// The answer to a question for rows while it is delivered.
pub struct Reading<'s> {
    query: &'s RowQuery,
    coverage: Coverage,
    /// Rows that are still wanted: one more than asked for tells whether there are more.
    left: u64,
    sink: &'s mut dyn FnMut(RowHit),
}

impl<'s> Reading<'s> {
    /// An answer of which nothing has come.
    pub fn new(store: &str, query: &'s RowQuery, sink: &'s mut dyn FnMut(RowHit)) -> Self {
        let coverage = Coverage::new(store, &query.table, Status::Searched);
        Self { query, coverage, left: Self::limit(query).unwrap_or(u64::MAX), sink }
    }

    /// How many rows the server has to deliver at most.
    pub fn limit(query: &RowQuery) -> Option<u64> {
        query.limit.map(|limit| limit.saturating_add(1))
    }

    /// Whether nothing more is wanted.
    pub fn is_done(&self) -> bool {
        self.left == 0
    }

    /// Rows that were found.
    pub fn found(&self) -> u64 {
        self.coverage.matched
    }

    /// Whether all rows of the table came.
    pub fn is_whole(&self) -> bool {
        matches!(self.query.filter, Filter::All) && !self.is_cut()
    }

    fn is_cut(&self) -> bool {
        self.query.limit.is_some_and(|limit| self.coverage.matched > limit)
    }

    /// Delivers a row that was found; whether more may come.
    pub fn take(&mut self, hit: impl FnOnce() -> RowHit) -> bool {
        self.coverage.matched += 1;
        self.left = self.left.saturating_sub(1);
        if !self.is_cut() {
            (self.sink)(hit());
        }
        self.left > 0
    }

    /// What was searched, with the rows that the table has, counted or estimated.
    pub fn finish(mut self, (all, is_counted): (u64, bool), by: &str) -> Coverage {
        let is_cut = self.is_cut();
        let coverage = &mut self.coverage;
        coverage.scanned = all;
        let about = if is_counted { "" } else { "about " };
        coverage.range = format!("{about}{all} rows{by}");
        if all == 0 {
            coverage.status = Status::Empty;
        }
        if let Some(limit) = self.query.limit.filter(|_| is_cut) {
            coverage.status = Status::Partial;
            coverage.note = format!("limit of {limit} rows: there are more");
        }
        self.coverage
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use waylaid_model::{Reference, Row};

    fn hit() -> RowHit {
        let at = Reference::Row { store: "tables.x".into(), table: "t".into(), key: "1".into() };
        RowHit { at, row: Row { cells: Vec::new().into_iter().collect() } }
    }

    fn query(limit: Option<u64>) -> RowQuery {
        RowQuery { table: "t".into(), columns: Vec::new(), filter: Filter::All, limit }
    }

    #[test]
    fn more_than_the_limit_is_told_and_not_delivered() {
        let (query, mut seen) = (query(Some(2)), 0);
        let mut sink = |_| seen += 1;
        let mut reading = Reading::new("tables.x", &query, &mut sink);
        assert_eq!(Reading::limit(&query), Some(3));
        assert_eq!([reading.take(hit), reading.take(hit), reading.take(hit)], [true, true, false]);
        assert!(reading.is_done() && !reading.is_whole());
        let coverage = reading.finish((9, true), ", no index on a");
        assert_eq!((coverage.status, coverage.range.as_str()), (Status::Partial, "9 rows, no index on a"));
        assert_eq!((seen, coverage.note.as_str()), (2, "limit of 2 rows: there are more"));
    }

    #[test]
    fn an_empty_table_and_a_whole_one() {
        let query = query(None);
        let mut sink = |_| ();
        let reading = Reading::new("tables.x", &query, &mut sink);
        assert!(reading.is_whole() && reading.found() == 0);
        assert_eq!(reading.finish((0, true), "").status, Status::Empty);
        let mut reading = Reading::new("tables.x", &query, &mut sink);
        assert!(reading.take(hit));
        let coverage = reading.finish((1, false), "");
        assert_eq!((coverage.status, coverage.range.as_str()), (Status::Searched, "about 1 rows"));
    }
}
