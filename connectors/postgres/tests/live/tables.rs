//! The catalogue, and rows by keys: what is told, in which types, by which index.

use crate::support::{all, database, execute, open, read, store, with};
use serde_json::json;
use std::time::{Duration, Instant};
use waylaid_model::{Reference, Status};
use waylaid_postgres::PostgresConfig;
use waylaid_store::{Context, ErrorKind, Filter, RowHit, RowQuery, TableStore as _};

fn keys(hits: &[RowHit]) -> Vec<String> {
    let key = |hit: &RowHit| match &hit.at {
        Reference::Row { key, .. } => key.clone(),
        other => panic!("{other} is no row"),
    };
    hits.iter().map(key).collect()
}

#[test]
fn the_catalogue_has_columns_keys_and_counts() {
    let sql = "
        CREATE TABLE customers (id int PRIMARY KEY, mail text NOT NULL UNIQUE);
        CREATE DOMAIN code AS varchar(9);
        CREATE TABLE orders (id bigint, line int, customer int REFERENCES customers, no code, state text, PRIMARY KEY (line, id));
        CREATE UNIQUE INDEX by_no ON orders (no, state) INCLUDE (customer); CREATE UNIQUE INDEX part ON orders (no) WHERE state = 'x';
        CREATE UNIQUE INDEX expr ON orders (lower(no)); CREATE INDEX plain ON orders (state);
        INSERT INTO customers VALUES (1, 'a'), (2, 'b');
        CREATE SCHEMA other; CREATE TABLE other.hidden (a int);
        CREATE TABLE \"Odd\"\"; DROP TABLE x\" (a int);
        CREATE TABLE big AS SELECT i FROM generate_series(1, 100500) i; ANALYZE big;";
    let Some(url) = database("catalogue", sql) else { return };
    let catalog = store(&url).catalog(&Context::new()).unwrap();
    assert!(catalog.problems.is_empty(), "{:?}", catalog.problems);
    let names: Vec<_> = catalog.tables.iter().map(|t| t.name.as_str()).collect();
    assert_eq!(names, ["Odd\"; DROP TABLE x", "big", "customers", "orders"]);
    let (big, customers, orders) = (&catalog.tables[1], &catalog.tables[2], &catalog.tables[3]);
    assert_eq!(big.rows, 100_500);
    assert_eq!((customers.rows, customers.primary_key()), (2, vec!["id"]));
    assert_eq!(customers.uniques[0].columns, ["mail"]);
    assert_eq!(orders.primary_key(), ["line", "id"]);
    assert_eq!(orders.uniques.iter().map(|u| u.columns.join(",")).collect::<Vec<_>>(), ["no,state"]);
    assert_eq!(
        (orders.foreign_keys[0].table.as_str(), &orders.foreign_keys[0].references[0][..]),
        ("customers", "id")
    );
    assert_eq!(orders.columns[3].data_type, "public.code");
    let mut config = PostgresConfig::new(&url);
    config.schema = Some("other".into());
    let other = open(&config).catalog(&Context::new()).unwrap();
    assert_eq!(other.tables[0].name, "hidden");
}

#[test]
fn values_are_found_in_their_types_and_the_index_is_told() {
    let sql = "
        CREATE TABLE t (id int PRIMARY KEY, s text, n numeric, r float8, u uuid, c char(4), j jsonb, b bytea, at timestamptz, big bigint);
        CREATE INDEX ON t (u); CREATE INDEX ON t (n);
        INSERT INTO t VALUES
            (1, '7', 12.50, 7, 'aaaaaaaa-0000-0000-0000-00000000000a', 'ab', '{\"a\":[1]}', '\\x07ff', '2026-01-02 03:04:05.6Z', 9007199254740993),
            (2, '007', 12.5, 7.5, NULL, 'ab  ', '\"x\"', NULL, NULL, NULL), (3, 'o''x\\', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);";
    let Some(url) = database("types", sql) else { return };
    let store = store(&url);
    let (hits, _) = read(&store, &with("t", "id", &["1"])).unwrap();
    let row = &hits[0].row;
    for (column, value) in [
        ("n", json!("12.50")),
        ("r", json!(7.0)),
        ("j", json!({"a": [1]})),
        ("b", json!("x'07ff'")),
        ("at", json!("2026-01-02 03:04:05.6+00")),
        ("big", json!(9_007_199_254_740_993_i64)),
        ("c", json!("ab")),
    ] {
        assert_eq!(row.get(column), Some(&value), "{column}");
    }
    for (column, value, expected, by) in [
        ("id", "1", vec!["1"], "by an index on id"),
        ("id", "01", vec![], "by an index on id"),
        ("s", "7", vec!["1"], "no index on s"),
        ("s", "o'x\\", vec!["3"], "no index on s"),
        ("n", "12.50", vec!["1"], "by an index on n"),
        ("n", "1e1", vec![], "by an index on n"),
        ("r", "7", vec!["1"], "no index on r"),
        ("r", "7.5", vec!["2"], "no index on r"),
        ("u", "aaaaaaaa-0000-0000-0000-00000000000a", vec!["1"], "by an index on u"),
        ("u", "no uuid", vec![], "by an index on u"),
        ("c", "ab", vec!["1", "2"], "no index on c"),
        ("j", "x", vec!["2"], "no index on j"),
        ("b", "x'07ff'", vec!["1"], "no index on b"),
        ("at", "2026-01-02 03:04:05.6+00", vec!["1"], "no index on at"),
        ("big", "9007199254740993", vec!["1"], "no index on big"),
    ] {
        let (hits, coverage) = read(&store, &with("t", column, &[value, "none"])).unwrap();
        assert_eq!(keys(&hits), expected, "{column} = {value}");
        assert_eq!(coverage.range, format!("3 rows, {by}"));
    }
}

#[test]
fn a_hundred_thousand_keys_are_asked_for_in_chunks() {
    let sql = "CREATE TABLE t (id bigint PRIMARY KEY, s text);
        INSERT INTO t SELECT i * 2, 'row ' || i FROM generate_series(1, 120000) i; ANALYZE t;";
    let Some(url) = database("chunks", sql) else { return };
    let values: Vec<String> = (1..=100_000).map(|i| i.to_string()).collect();
    let filter = Filter::In { column: "id".into(), values };
    let store = store(&url);
    let query = RowQuery { filter, ..all("t") };
    let start = Instant::now();
    let (hits, coverage) = read(&store, &query).unwrap();
    assert_eq!((hits.len(), coverage.matched, coverage.status), (50_000, 50_000, Status::Searched));
    assert!(coverage.range.starts_with("about 120000 rows, by an index on id"), "{}", coverage.range);
    assert!(start.elapsed() < Duration::from_secs(20), "{:?}", start.elapsed());
    let (hits, coverage) = read(&store, &RowQuery { limit: Some(7), ..query }).unwrap();
    assert_eq!((hits.len(), coverage.note.as_str()), (7, "limit of 7 rows: there are more"));
}

#[test]
fn wrong_names_and_missing_rights_are_told() {
    let sql =
        "CREATE TABLE orders (id int PRIMARY KEY, state text, secret text); CREATE TABLE closed (a int);
        DROP ROLE IF EXISTS reader_of_names; CREATE ROLE reader_of_names LOGIN PASSWORD 'r';
        GRANT SELECT (id, state) ON orders TO reader_of_names;";
    let Some(url) = database("names", sql) else { return };
    let error = read(&store(&url), &all("order")).unwrap_err();
    assert!(error.kind == ErrorKind::Invalid && error.context.contains("closed, orders"), "{error}");
    let error = read(&store(&url), &with("orders", "status", &["x"])).unwrap_err();
    assert!(error.kind == ErrorKind::Invalid && error.context.contains("id, state"), "{error}");
    let mut config = PostgresConfig::new(&url);
    (config.user, config.password) = (Some("reader_of_names".into()), Some("r".into()));
    let reader = open(&config);
    let catalog = reader.catalog(&Context::new()).unwrap();
    assert_eq!(catalog.tables[0].columns.len(), 2, "what may not be read is left out");
    assert!(catalog.problems[0].note.contains("grant SELECT"), "{:?}", catalog.problems);
    assert_eq!(read(&reader, &all("closed")).unwrap_err().kind, ErrorKind::Denied);
    let standing = reader.standing(&Context::new()).unwrap().unwrap();
    assert_eq!((standing.login.as_str(), standing.is_replica), ("reader_of_names", false));
    assert!(standing.product.starts_with("PostgreSQL 1") && standing.ahead_ms.abs() < 2_000, "{standing:?}");
    assert!(
        standing.beyond.iter().all(|b| !b.contains("superuser") && !b.contains("write tables")),
        "{standing:?}"
    );
}

#[test]
fn what_the_role_could_do_is_told() {
    let sql =
        "CREATE TABLE t (id serial PRIMARY KEY); CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1';
        CREATE FUNCTION g() RETURNS int LANGUAGE sql STABLE SECURITY DEFINER AS 'SELECT 1';";
    let Some(url) = database("standing", sql) else { return };
    let standing = store(&url).standing(&Context::new()).unwrap().unwrap();
    let told = standing.beyond.join("; ");
    for part in [
        "superuser",
        "write tables: public.t",
        "owns",
        "move sequences",
        "volatile functions: public.f()",
        "owner's rights: public.g()",
    ] {
        assert!(told.contains(part), "{part} in {told}");
    }
}

#[test]
fn a_cancelled_question_ends_on_the_server() {
    let sql = "CREATE TABLE t AS SELECT i FROM generate_series(1, 3000000) i;";
    let Some(url) = database("cancelled", sql) else { return };
    let store = store(&url);
    let context = Context::new();
    let mut seen = 0;
    let result = store.rows(&all("t"), &context, &mut |_| {
        seen += 1;
        context.cancel();
    });
    assert_eq!(result.unwrap_err().kind, ErrorKind::Cancelled);
    assert!(seen < 10, "{seen}");
    let context = Context::new().with_deadline(Instant::now() + Duration::from_millis(400));
    let slow = RowQuery::select("SELECT count(*) FROM t a, t b WHERE a.i <> b.i", 1);
    let start = Instant::now();
    let error = store.rows(&slow, &context, &mut |_| ()).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Timeout, "{error}");
    assert!(start.elapsed() < Duration::from_secs(3));
    let busy = "SELECT count(*) FROM pg_stat_activity WHERE datname = 'cancelled' AND state = 'active' AND pid <> pg_backend_pid()";
    let deadline = Instant::now() + Duration::from_secs(5);
    while execute(&url, busy) != ["0"] {
        assert!(Instant::now() < deadline, "the server still works on it");
        std::thread::sleep(Duration::from_millis(50));
    }
}
