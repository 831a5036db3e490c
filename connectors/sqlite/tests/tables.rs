//! The connector over real files: what it reads, what it refuses, what it leaves untouched.

#![allow(clippy::unwrap_used)]

use rusqlite::Connection;
use serde_json::json;
use std::path::Path;
use waylaid_model::{Coverage, Reference, Status};
use waylaid_sqlite::SqliteTables;
use waylaid_store::testkit::{TableExpectations, table_store_conforms};
use waylaid_store::{Context, ErrorKind, Filter, RowHit, RowQuery, StoreError, TableStore};

fn database(sql: &str) -> (tempfile::TempDir, SqliteTables) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shop.sqlite");
    Connection::open(&path).unwrap().execute_batch(sql).unwrap();
    let store = SqliteTables::open("tables.shop".into(), path).unwrap();
    (folder, store)
}

fn read(store: &SqliteTables, query: &RowQuery) -> Result<(Vec<RowHit>, Coverage), StoreError> {
    let mut hits = Vec::new();
    let coverage = store.rows(query, &Context::new(), &mut |hit| hits.push(hit))?;
    hits.retain(|hit: &RowHit| !hit.is_head());
    Ok((hits, coverage))
}

fn all(table: &str) -> RowQuery {
    RowQuery { table: table.into(), columns: Vec::new(), filter: Filter::All, limit: None }
}

fn with(table: &str, column: &str, values: &[&str]) -> RowQuery {
    let values = values.iter().map(|v| (*v).to_owned()).collect();
    RowQuery { filter: Filter::In { column: column.into(), values }, ..all(table) }
}

fn keys(hits: &[RowHit]) -> Vec<String> {
    let key = |hit: &RowHit| match &hit.at {
        Reference::Row { key, .. } => key.clone(),
        other => panic!("{other} is no row"),
    };
    hits.iter().map(key).collect()
}

#[test]
fn the_catalogue_has_columns_and_keys() {
    let (_folder, store) = database(
        "CREATE TABLE customers (id INTEGER PRIMARY KEY, mail TEXT NOT NULL UNIQUE);
         CREATE TABLE orders (id INTEGER, line INTEGER, customer INTEGER REFERENCES customers, no TEXT, state TEXT,
            PRIMARY KEY (id, line), FOREIGN KEY (customer) REFERENCES customers (id));
         CREATE UNIQUE INDEX by_no ON orders (no, state); CREATE UNIQUE INDEX part ON orders (no) WHERE state = 'x';
         CREATE UNIQUE INDEX expr ON orders (lower(no));
         CREATE VIEW v AS SELECT * FROM orders; INSERT INTO customers VALUES (1, 'a'), (2, 'b');",
    );
    let catalog = store.catalog(&Context::new()).unwrap();
    assert!(catalog.problems.is_empty(), "{:?}", catalog.problems);
    let names: Vec<_> = catalog.tables.iter().map(|t| t.name.as_str()).collect();
    assert_eq!(names, ["customers", "orders"]);
    let (customers, orders) = (&catalog.tables[0], &catalog.tables[1]);
    assert_eq!((customers.rows, customers.primary_key()), (2, vec!["id"]));
    assert_eq!(customers.uniques[0].columns, ["mail"]);
    assert_eq!(orders.primary_key(), ["id", "line"]);
    assert_eq!(orders.uniques.len(), 1);
    assert_eq!(orders.uniques[0].columns, ["no", "state"]);
    assert_eq!(orders.foreign_keys.len(), 2);
    assert_eq!(orders.foreign_keys[0].references, ["id"]);
    assert!(orders.foreign_keys[1].references.is_empty());
}

#[test]
fn hostile_names_are_only_names() {
    let (_folder, store) = database(
        "CREATE TABLE \"a\"\"b; DROP TABLE c; --\" (\"x\"\" y\" TEXT, rowid TEXT, \"select\" INT);
         CREATE TABLE c (id INTEGER PRIMARY KEY);
         INSERT INTO \"a\"\"b; DROP TABLE c; --\" VALUES ('1', 'r', 5);",
    );
    assert_eq!(store.catalog(&Context::new()).unwrap().tables.len(), 2);
    let (hits, _) = read(&store, &with("a\"b; DROP TABLE c; --", "x\" y", &["1"])).unwrap();
    assert_eq!(keys(&hits), ["1"]);
    assert_eq!(hits[0].row.get("select"), Some(&json!(5)));
    assert_eq!(hits[0].row.get("rowid"), Some(&json!("r")));
}

#[test]
fn values_are_found_whatever_the_column_is() {
    let (_folder, store) = database(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, i INTEGER, s TEXT, n, r REAL, d NUMERIC, b BLOB, v VARCHAR(9));
         INSERT INTO t VALUES (1, 7, '7', 7, 7, 7, x'07ff', '7'), (2, 7, '007', '7', 7.5, 7.5, 'x', '7 ');
         INSERT INTO t VALUES (3, NULL, NULL, NULL, NULL, NULL, NULL, NULL);",
    );
    for (column, value, expected) in [
        ("i", "7", vec!["1", "2"]),
        ("i", "007", vec![]),
        ("s", "7", vec!["1"]),
        ("s", "007", vec!["2"]),
        ("n", "7", vec!["1", "2"]),
        ("r", "7", vec!["1"]),
        ("r", "7.0", vec!["1"]),
        ("r", "7.5", vec!["2"]),
        ("d", "7.5", vec!["2"]),
        ("v", "7", vec!["1"]),
        ("b", "x'07ff'", vec!["1"]),
        ("id", "3", vec!["3"]),
    ] {
        let (hits, coverage) = read(&store, &with("t", column, &[value, "none"])).unwrap();
        assert_eq!(keys(&hits), expected, "{column} = {value}");
        assert_eq!((coverage.scanned, coverage.matched), (3, expected.len() as u64));
    }
}

#[test]
fn rows_come_in_the_order_of_their_key_with_an_exact_rest() {
    let (_folder, store) = database(
        "CREATE TABLE t (a TEXT, b INTEGER, PRIMARY KEY (a, b)) WITHOUT ROWID;
         WITH RECURSIVE n(i) AS (SELECT 2000 UNION ALL SELECT i - 1 FROM n WHERE i > 1)
         INSERT INTO t SELECT 'k' || (i % 10), i FROM n;",
    );
    let values: Vec<String> = (0..2000).map(|i| i.to_string()).collect();
    let filter = Filter::In { column: "b".into(), values };
    let (hits, coverage) = read(&store, &RowQuery { filter, limit: Some(5), ..all("t") }).unwrap();
    assert_eq!(keys(&hits), ["k0,10", "k0,20", "k0,30", "k0,40", "k0,50"]);
    assert_eq!((coverage.status, coverage.matched), (Status::Partial, 1999));
    assert_eq!(coverage.note, "limit of 5 rows: 1994 more match");
    let (hits, coverage) = read(&store, &RowQuery { limit: Some(2000), ..all("t") }).unwrap();
    assert_eq!((hits.len(), coverage.status, coverage.note.as_str()), (2000, Status::Searched, ""));
    let (hits, _) =
        read(&store, &RowQuery { columns: vec!["b".into()], limit: Some(1), ..all("t") }).unwrap();
    assert_eq!(hits[0].row.cells, [("b".to_owned(), json!(10))]);
}

#[test]
fn rows_without_a_key_go_by_their_number() {
    let (_folder, store) = database("CREATE TABLE t (a TEXT); INSERT INTO t VALUES ('x'), ('y');");
    let (hits, _) = read(&store, &all("t")).unwrap();
    assert_eq!(keys(&hits), ["1", "2"]);
    let (hits, _) = read(&store, &with("t", "rowid", &["2"])).unwrap();
    assert_eq!(hits[0].row.get("a"), Some(&json!("y")));
}

#[test]
fn an_empty_table_is_empty() {
    let (_folder, store) = database("CREATE TABLE t (a TEXT);");
    assert_eq!(read(&store, &all("t")).unwrap().1.status, Status::Empty);
    assert_eq!(read(&store, &with("t", "a", &["1"])).unwrap().1.status, Status::Empty);
}

#[test]
fn wrong_names_are_told_with_the_right_ones() {
    let (_folder, store) = database("CREATE TABLE orders (id INTEGER PRIMARY KEY, state TEXT);");
    let error = read(&store, &all("order")).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Invalid);
    assert!(error.context.contains("orders"), "{error}");
    let error = read(&store, &with("orders", "status", &["x"])).unwrap_err();
    assert!(error.kind == ErrorKind::Invalid && error.context.contains("id, state"), "{error}");
}

#[test]
fn what_cannot_be_opened_says_why_and_is_not_created() {
    let folder = tempfile::tempdir().unwrap();
    let open = |name: &str| SqliteTables::open("tables.x".into(), folder.path().join(name)).unwrap_err();
    assert_eq!(open("missing.sqlite").kind, ErrorKind::NotFound);
    assert!(!folder.path().join("missing.sqlite").exists());
    std::fs::write(folder.path().join("text.sqlite"), "not a database, but long enough to be one".repeat(9))
        .unwrap();
    assert_eq!(open("text.sqlite").kind, ErrorKind::Corrupt);
    std::fs::write(folder.path().join("empty.sqlite"), "").unwrap();
    assert_eq!(open("empty.sqlite").kind, ErrorKind::Corrupt);
    std::fs::create_dir(folder.path().join("folder.sqlite")).unwrap();
    assert_eq!(open("folder.sqlite").kind, ErrorKind::Corrupt);
}

#[test]
fn a_file_that_is_damaged_inside_is_corrupt() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.sqlite");
    let sql = "CREATE TABLE t (a TEXT); WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000)
               INSERT INTO t SELECT 'row number ' || i FROM n;";
    Connection::open(&path).unwrap().execute_batch(sql).unwrap();
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[8192..].fill(0xAB);
    std::fs::write(&path, bytes).unwrap();
    let store = SqliteTables::open("tables.x".into(), path).unwrap();
    let error = read(&store, &all("t")).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Corrupt, "{error}");
    let catalog = store.catalog(&Context::new()).unwrap();
    assert_eq!((catalog.tables.len(), catalog.problems.len()), (0, 1));
}

#[test]
fn a_locked_file_is_locked() {
    let (folder, store) = database("CREATE TABLE t (a TEXT);");
    let writer = Connection::open(folder.path().join("shop.sqlite")).unwrap();
    writer.execute_batch("BEGIN EXCLUSIVE").unwrap();
    let error = store.catalog(&Context::new()).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Locked);
    assert!(error.is_retryable());
}

#[test]
fn a_cancelled_question_stops() {
    let (_folder, store) = database(
        "CREATE TABLE t (a INTEGER); WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000)
         INSERT INTO t SELECT i FROM n;",
    );
    let context = Context::new();
    let mut seen = 0;
    let result = store.rows(&all("t"), &context, &mut |_| {
        seen += 1;
        context.cancel();
    });
    assert_eq!(result.unwrap_err().kind, ErrorKind::Cancelled);
    assert!(seen < 100_000);
}

fn names_in(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut names: Vec<_> = entries.map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn a_database_that_writes_ahead_is_read_without_a_trace() {
    let folder = tempfile::tempdir().unwrap();
    let live = folder.path().join("live.sqlite");
    let writer = Connection::open(&live).unwrap();
    writer
        .execute_batch(
            "PRAGMA journal_mode = WAL; CREATE TABLE t (id INTEGER PRIMARY KEY); INSERT INTO t VALUES (1);",
        )
        .unwrap();
    // As somebody copies it while it runs: what is only in the log must be seen.
    let copied = tempfile::tempdir().unwrap();
    for ending in ["", "-wal"] {
        std::fs::copy(format!("{}{ending}", live.display()), copied.path().join(format!("c.sqlite{ending}")))
            .unwrap();
    }
    let before = names_in(copied.path());
    let store = SqliteTables::open("tables.x".into(), copied.path().join("c.sqlite")).unwrap();
    assert_eq!(keys(&read(&store, &all("t")).unwrap().0), ["1"]);
    assert_eq!(names_in(copied.path()), before);
    // While it runs, beside its writer.
    let store = SqliteTables::open("tables.x".into(), live.clone()).unwrap();
    writer.execute_batch("INSERT INTO t VALUES (2)").unwrap();
    assert_eq!(keys(&read(&store, &all("t")).unwrap().0), ["1", "2"]);
    // After its writer is gone.
    drop(writer);
    assert_eq!(names_in(folder.path()), ["live.sqlite"]);
    assert_eq!(keys(&read(&store, &all("t")).unwrap().0), ["1", "2"]);
    assert_eq!(names_in(folder.path()), ["live.sqlite"]);
}

#[test]
fn a_transaction_that_was_never_finished_is_undone_in_a_copy() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.sqlite");
    let writer = Connection::open(&path).unwrap();
    writer
        .execute_batch("CREATE TABLE t (id INTEGER PRIMARY KEY, x TEXT); INSERT INTO t VALUES (1, 'a');")
        .unwrap();
    writer
        .execute_batch("PRAGMA cache_size = 1; PRAGMA cache_spill = 1; BEGIN; UPDATE t SET x = 'lost';")
        .unwrap();
    let many = "WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < 9999)
                INSERT INTO t SELECT i, hex(randomblob(200)) FROM n";
    writer.execute_batch(many).unwrap();
    let crashed = tempfile::tempdir().unwrap();
    for ending in ["", "-journal"] {
        std::fs::copy(
            format!("{}{ending}", path.display()),
            crashed.path().join(format!("a.sqlite{ending}")),
        )
        .unwrap();
    }
    let before = names_in(crashed.path());
    let store = SqliteTables::open("tables.x".into(), crashed.path().join("a.sqlite")).unwrap();
    let (hits, _) = read(&store, &all("t")).unwrap();
    assert_eq!(hits.len(), 1);
    assert_eq!(hits[0].row.get("x"), Some(&json!("a")));
    assert_eq!(names_in(crashed.path()), before);
}

#[test]
fn conforms() {
    let (folder, _) = database(
        "CREATE TABLE a (id INTEGER PRIMARY KEY, name TEXT, price REAL, at TIMESTAMP, note);
         WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 50)
         INSERT INTO a SELECT i * 3 % 101, 'n' || (i % 7), i / 4.0, '2026-11-' || i, CASE i % 3 WHEN 0 THEN i END FROM n;
         CREATE TABLE b (x TEXT, y TEXT, PRIMARY KEY (y, x)); INSERT INTO b VALUES ('1', '2'), ('2', '1');
         CREATE TABLE c (none TEXT);",
    );
    let path = folder.path().join("shop.sqlite");
    let expected = TableExpectations {
        tables: vec![("a".into(), 50), ("b".into(), 2), ("c".into(), 0)],
        untouched: Some(folder.path().to_owned()),
    };
    table_store_conforms(
        || Box::new(SqliteTables::open("tables.shop".into(), path.clone()).unwrap()),
        &expected,
    );
}

#[test]
fn a_select_of_ones_own_passes_the_guard_or_is_told_why_not() {
    let (folder, store) =
        database("CREATE TABLE t (id INTEGER PRIMARY KEY, s TEXT); INSERT INTO t VALUES (1, 'a'), (2, 'b');");
    let before = std::fs::read(folder.path().join("shop.sqlite")).unwrap();
    let (hits, coverage) =
        read(&store, &RowQuery::select("SELECT s, count(*) n FROM t GROUP BY s ORDER BY s", 10)).unwrap();
    assert_eq!(hits[1].row.cells, [("s".to_owned(), json!("b")), ("n".to_owned(), json!(1))]);
    assert_eq!((coverage.status, coverage.matched), (Status::Searched, 2));
    let (hits, coverage) = read(&store, &RowQuery::select("SELECT * FROM t", 1)).unwrap();
    assert_eq!((hits.len(), coverage.status), (1, Status::Partial));
    assert_eq!(coverage.note, "limit of 1 rows: there are more");
    for sql in [
        "DELETE FROM t",
        "SELECT load_extension('x')",
        "SELECT * FROM t; DROP TABLE t",
        "ATTACH 'x' AS y",
        "PRAGMA query_only = 0",
        "SELECT * FROM pragma_table_info('t')",
        "SELECT writefile('x', 'y')",
        "SELECT \"nothing\" FROM t",
        "SELECT nothing()",
    ] {
        let error = read(&store, &RowQuery::select(sql, 10)).unwrap_err();
        assert_eq!(error.kind, ErrorKind::Invalid, "{sql}: {error}");
    }
    assert_eq!(std::fs::read(folder.path().join("shop.sqlite")).unwrap(), before);
}
