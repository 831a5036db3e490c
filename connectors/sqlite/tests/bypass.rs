//! The corpus of attempts to get past the guard, all of it, on a file that is ready to be fooled: nothing changes, nothing
//! outside is read, nothing hangs.
#![allow(clippy::unwrap_used)]

use rusqlite::Connection;
use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};
use waylaid_sqlite::SqliteTables;
use waylaid_store::{Context, ErrorKind, RowQuery, TableStore as _};

const SECRET: &str = "the-secret-outside";
/// How long a statement may take here, and how much longer its end.
const TIME: Duration = Duration::from_millis(700);
const GRACE: Duration = Duration::from_secs(8);

/// An attempt: for which engine, what, and whether only its effects are checked.
fn attempts() -> Vec<(String, String, bool)> {
    let corpus: toml::Table = include_str!("../../../crates/sqlguard/corpus/bypass.toml").parse().unwrap();
    let each = |attempt: &toml::Value| {
        let text = |name: &str| attempt[name].as_str().unwrap().to_owned();
        let passes = attempt.get("passes").and_then(toml::Value::as_bool).unwrap_or(false);
        (text("on"), text("sql"), passes)
    };
    corpus["attempt"].as_array().unwrap().iter().map(each).collect()
}

/// Every file of a folder.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = std::fs::read_dir(folder).unwrap().map(Result::unwrap);
    entries.map(|e| (e.file_name().into_string().unwrap(), std::fs::read(e.path()).unwrap())).collect()
}

#[test]
fn nothing_gets_past() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    Connection::open(path("other.sqlite"))
        .unwrap()
        .execute_batch(&format!("CREATE TABLE secrets (word TEXT); INSERT INTO secrets VALUES ('{SECRET}')"))
        .unwrap();
    let world = format!(
        "CREATE TABLE orders (id INTEGER PRIMARY KEY, state TEXT);
         WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60) INSERT INTO orders SELECT i, 'ACCEPTED' FROM n;
         CREATE TABLE picks (id INTEGER PRIMARY KEY); INSERT INTO picks VALUES (1);
         CREATE VIEW view_that_loads AS SELECT load_extension('{}') AS x;",
        path("other.sqlite").display()
    );
    Connection::open(path("shop.sqlite")).unwrap().execute_batch(&world).unwrap();
    let store = SqliteTables::open("tables.shop".into(), path("shop.sqlite")).unwrap();
    let before = files(folder.path());
    let mut wrong = Vec::new();
    for (on, sql, passes) in attempts() {
        let filled = sql.replace("{file}", &path("other.sqlite").display().to_string());
        let filled = filled.replace("{out}", &path("out").display().to_string());
        let (start, context) = (Instant::now(), Context::new().with_deadline(Instant::now() + TIME));
        let mut shown = String::new();
        let result = store.rows(&RowQuery::select(filled, 50), &context, &mut |hit| {
            shown.push_str(&format!("{:?}", hit.row).chars().take(500).collect::<String>());
        });
        assert!(start.elapsed() < TIME + GRACE, "{sql} hangs: {:?}", start.elapsed());
        let said = result.as_ref().err().map(ToString::to_string).unwrap_or_default();
        assert!(!shown.contains(SECRET) && !said.contains(SECRET), "{sql} read what is outside");
        // What is meant for this engine is refused by the guard, not by an engine that stumbled over it.
        let is_refused = result
            .as_ref()
            .is_err_and(|error| error.kind == ErrorKind::Invalid && !said.contains("running a SELECT"));
        if on == "sqlite" && !passes && !is_refused {
            wrong.push(format!("{sql}: {said} {shown}"));
        }
        assert!(files(folder.path()) == before, "{sql} changed something");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
