//! A free SELECT past the guard, and with it every view that it reads: what a view is made of is judged as if somebody
//! had written it.

use waylaid_sqlguard::{Accepted, Dialect, check};
use waylaid_store::{ErrorKind, StoreError};

/// Views inside views at most.
const DEPTH: usize = 20;

/// A statement that the guard lets pass.
pub fn accepted(store: &str, dialect: Dialect, sql: &str) -> Result<Accepted, StoreError> {
    check(dialect, sql).map_err(|refusal| StoreError::new(ErrorKind::Invalid, store).with_source(refusal))
}

/// Judges a statement, and whatever `judge` says its views are made of. The text says inside which view one is; it is
/// empty outside all of them.
pub async fn through_views(
    store: &str,
    statement: &Accepted,
    mut judge: impl AsyncFnMut(&Accepted, &str) -> Result<Vec<(Accepted, String)>, StoreError>,
) -> Result<(), StoreError> {
    let mut open = vec![(statement.clone(), String::new())];
    let mut judged = 0;
    while let Some((statement, within)) = open.pop() {
        judged += 1;
        if judged > DEPTH {
            let why = format!("{store}: more than {DEPTH} views inside views; read their tables");
            return Err(StoreError::new(ErrorKind::Invalid, why));
        }
        open.extend(judge(&statement, &within).await?);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn views_inside_views_end() {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let statement = accepted("tables.x", Dialect::Postgres, "SELECT 1").unwrap();
        let error = runtime.block_on(through_views("tables.x", &statement, async |statement, _| {
            Ok(vec![(statement.clone(), "inside itself: ".to_owned())])
        }));
        assert!(error.unwrap_err().to_string().contains("views inside views"));
        let error = accepted("tables.x", Dialect::Postgres, "DROP TABLE t").unwrap_err();
        assert!(error.to_string().contains("tables.x"), "{error}");
    }
}
