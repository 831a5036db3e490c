//! What every table store must do.

use super::{answered, fingerprint, is_sorted_without_repeats, must_be_cancelled};
use crate::{Context, ErrorKind, Filter, RowHit, RowQuery, TableStore};
use std::collections::BTreeSet;
use std::path::PathBuf;
use waylaid_model::{Coverage, Reference, Status, scalar_text};

/// What the test put into the store.
#[derive(Clone, Debug, Default)]
pub struct TableExpectations {
    /// Tables, sorted, with the number of their rows.
    pub tables: Vec<(String, u64)>,
    /// A folder in which nothing may change.
    pub untouched: Option<PathBuf>,
}

/// Checks a store against the contract and against what was put into it.
pub fn table_store_conforms(make: impl Fn() -> Box<dyn TableStore>, expected: &TableExpectations) {
    let before = expected.untouched.as_deref().map(fingerprint);
    let store = make();
    let store = store.as_ref();
    let catalog = answered(store.catalog(&Context::new()), "listing tables");
    let names: Vec<&String> = catalog.tables.iter().map(|t| &t.name).collect();
    assert_eq!(names, expected.tables.iter().map(|(name, _)| name).collect::<Vec<_>>(), "tables, sorted");
    for (name, count) in &expected.tables {
        let (rows, coverage) = read(store, &all(name));
        assert_eq!((rows.len() as u64, coverage.matched), (*count, *count), "rows of {name}");
        let places: BTreeSet<&Reference> = rows.iter().map(|row| &row.at).collect();
        assert_eq!(places.len(), rows.len(), "references of {name} differ");
        filters(store, name, &rows);
        limits(store, name, &rows);
        assert_eq!(read(make().as_ref(), &all(name)).0, rows, "two runs differ");
    }
    cancelled(store, expected);
    unknown(store, expected);
    assert_eq!(expected.untouched.as_deref().map(fingerprint), before, "something was written");
}

fn all(table: &str) -> RowQuery {
    RowQuery { table: table.to_owned(), columns: Vec::new(), filter: Filter::All, limit: None }
}

fn read(store: &dyn TableStore, query: &RowQuery) -> (Vec<RowHit>, Coverage) {
    let mut rows = Vec::new();
    let coverage = answered(store.rows(query, &Context::new(), &mut |row| rows.push(row)), "reading a table");
    assert_eq!(coverage.target, query.table, "coverage names the table");
    (rows, coverage)
}

/// Every value of every column finds the rows that hold it, in the order in which all rows come.
fn filters(store: &dyn TableStore, table: &str, rows: &[RowHit]) {
    let Some(first) = rows.first() else { return };
    let columns: Vec<String> = first.row.cells.iter().map(|(column, _)| column.clone()).collect();
    for column in columns {
        let text = |hit: &RowHit| hit.row.get(&column).and_then(scalar_text);
        let mut values: Vec<String> = rows.iter().step_by(1 + rows.len() / 5).filter_map(text).collect();
        values.sort();
        values.dedup();
        let expected: Vec<&RowHit> =
            rows.iter().filter(|hit| text(hit).is_some_and(|t| values.contains(&t))).collect();
        let filter = Filter::In { column: column.clone(), values };
        let (found, _) = read(store, &RowQuery { filter, ..all(table) });
        assert_eq!(found.iter().collect::<Vec<_>>(), expected, "rows of {table} by {column}");
        let (narrow, _) = read(store, &RowQuery { columns: vec![column.clone()], ..all(table) });
        assert!(narrow.iter().all(|hit| hit.row.cells.len() == 1), "only column {column}");
    }
}

fn limits(store: &dyn TableStore, table: &str, rows: &[RowHit]) {
    let count = rows.len() as u64;
    let (cut, coverage) = read(store, &RowQuery { limit: Some(count / 2), ..all(table) });
    assert_eq!(cut, rows[..rows.len() / 2], "the first half of {table}");
    if count > 0 {
        assert_eq!(coverage.status, Status::Partial, "a cut answer says so");
        assert!(!coverage.note.is_empty(), "a cut answer says how much is left");
    }
    let (_, coverage) = read(store, &RowQuery { limit: Some(count), ..all(table) });
    assert!(!coverage.is_incomplete(), "a limit that cuts nothing is not mentioned");
}

fn cancelled(store: &dyn TableStore, expected: &TableExpectations) {
    let context = Context::new();
    context.cancel();
    if let Some((table, _)) = expected.tables.first() {
        must_be_cancelled(|| store.rows(&all(table), &context, &mut |_| ()), "reading a table");
    }
}

fn unknown(store: &dyn TableStore, expected: &TableExpectations) {
    let ask = |query: &RowQuery| store.rows(query, &Context::new(), &mut |_| ()).map_err(|error| error.kind);
    assert_eq!(ask(&all("no_such_table")), Err(ErrorKind::Invalid), "an unknown table");
    if let Some((table, _)) = expected.tables.first() {
        let filter = Filter::In { column: "no_such_column".into(), values: vec!["1".into()] };
        assert_eq!(ask(&RowQuery { filter, ..all(table) }), Err(ErrorKind::Invalid), "an unknown column");
    }
    let tables: Vec<&String> = expected.tables.iter().map(|(name, _)| name).collect();
    assert!(is_sorted_without_repeats(&tables), "the expectation itself is sorted");
}
