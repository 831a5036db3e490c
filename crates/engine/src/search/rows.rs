//! Rows of all tables, read through once each.

use super::{Run, conditions};
use crate::rowtime;
use waylaid_model::{Coverage, Row, Status, Window};
use waylaid_store::{ErrorKind, Filter, RowQuery, StoreError, TableStore};

/// Searches the tables of a store.
pub(super) fn search(run: &mut Run<'_>, store: &dyn TableStore) -> Result<(), StoreError> {
    let catalog = store.catalog(run.context)?;
    let chosen = run.choose(store.name(), catalog.tables.iter().map(|t| t.name.clone()));
    run.coverage
        .extend(catalog.problems.into_iter().filter(|_| chosen.as_ref().is_none_or(|c| !c.is_empty())));
    for info in &catalog.tables {
        if chosen.as_ref().is_none_or(|c| c.contains(&info.name)) {
            let line = match table(run, store, &info.name) {
                Err(error) if error.kind == ErrorKind::Cancelled => return Err(error),
                Err(error) => {
                    Coverage::new(store.name(), &*info.name, Status::Failed).with_note(error.to_string())
                }
                Ok(line) => line,
            };
            run.covered(vec![line]);
        }
    }
    Ok(())
}

fn table(run: &Run<'_>, store: &dyn TableStore, name: &str) -> Result<Coverage, StoreError> {
    let query = RowQuery { table: name.to_owned(), columns: Vec::new(), filter: Filter::All, limit: None };
    store.rows(&query, run.context, &mut |hit| {
        if in_window(&hit.row, run.search.window) && run.conditions.row(&hit.row) {
            let at = rowtime::created(&hit.row);
            run.kept.add(store.name(), name, at, &hit.at, || conditions::row_text(&hit.row));
        }
    })
}

/// A row belongs to a window when one of its times does, or when it holds none.
fn in_window(row: &Row, window: Window) -> bool {
    let times = || rowtime::times(row).into_iter();
    window == Window::ALL || times().next().is_none() || times().any(|(_, t)| window.contains(t))
}
