//! The catalogue, rows by keys, SELECTs of one's own: what is told, in which types, by which index, how much of it.

use crate::support::{all, database, execute, open, read, store, with};
use serde_json::json;
use std::time::{Duration, Instant};
use waylaid_model::{Reference, Status};
use waylaid_mysql::MysqlConfig;
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
    let statements = [
        "CREATE TABLE customers (id INT PRIMARY KEY, mail VARCHAR(50) NOT NULL UNIQUE)",
        "CREATE TABLE orders (id BIGINT, line INT, customer INT, no VARCHAR(9), state TEXT, PRIMARY KEY (line, id),
            FOREIGN KEY (customer) REFERENCES customers (id), UNIQUE KEY by_no (no, customer), UNIQUE KEY part (state(5)), KEY plain (no))",
        "CREATE TABLE `odd``; DROP TABLE x` (a INT)",
        "INSERT INTO customers VALUES (1, 'a'), (2, 'b')",
        "CREATE TABLE outside (a INT) ENGINE = MyISAM",
    ];
    let Some(url) = database("catalogue", &statements) else { return };
    let catalog = store(&url).catalog(&Context::new()).unwrap();
    assert!(catalog.problems.is_empty(), "{:?}", catalog.problems);
    let names: Vec<_> = catalog.tables.iter().map(|t| t.name.as_str()).collect();
    assert_eq!(names, ["customers", "odd`; DROP TABLE x", "orders", "outside"]);
    let (customers, orders) = (&catalog.tables[0], &catalog.tables[2]);
    assert_eq!((customers.rows, customers.primary_key()), (2, vec!["id"]));
    assert_eq!(customers.uniques[0].columns, ["mail"]);
    assert_eq!(orders.primary_key(), ["line", "id"]);
    assert_eq!(orders.uniques.iter().map(|u| u.columns.join(",")).collect::<Vec<_>>(), ["no,customer"]);
    assert_eq!(
        (orders.foreign_keys[0].table.as_str(), &orders.foreign_keys[0].references[0][..]),
        ("customers", "id")
    );
    assert_eq!(orders.columns[3].data_type, "varchar(9)");
}

#[test]
fn values_are_found_in_their_types_and_the_index_is_told() {
    let statements = [
        "CREATE TABLE t (id INT PRIMARY KEY, s VARCHAR(20), n DECIMAL(9, 2), r DOUBLE, u BINARY(2), at DATETIME(1), big BIGINT UNSIGNED, KEY (u), KEY (n), KEY (s))",
        "INSERT INTO t VALUES (1, '7', 12.50, 7, X'07ff', '2026-01-02 03:04:05.6', 18446744073709551615), (2, 'Ab', 12.5, 7.5, NULL, NULL, NULL),
            (3, 'o''x\\\\', NULL, NULL, NULL, NULL, NULL), (4, 'aB', NULL, NULL, NULL, NULL, NULL)",
    ];
    let Some(url) = database("types", &statements) else { return };
    let store = store(&url);
    let (hits, _) = read(&store, &with("t", "id", &["1"])).unwrap();
    let row = &hits[0].row;
    for (column, value) in [
        ("n", json!("12.50")),
        ("r", json!(7.0)),
        ("u", json!("x'07ff'")),
        ("at", json!("2026-01-02 03:04:05.6")),
        ("big", json!(18_446_744_073_709_551_615_u64)),
    ] {
        assert_eq!(row.get(column), Some(&value), "{column}");
    }
    for (column, value, expected, by) in [
        ("id", "1", vec!["1"], "by an index on id"),
        ("id", "01", vec![], "by an index on id"),
        ("s", "7", vec!["1"], "by an index on s"),
        ("s", "Ab", vec!["2"], "by an index on s"),
        ("s", "o'x\\", vec!["3"], "by an index on s"),
        ("n", "12.50", vec!["1", "2"], "by an index on n"),
        ("r", "7", vec!["1"], "no index on r"),
        ("r", "7.5", vec!["2"], "no index on r"),
        ("u", "x'07ff'", vec!["1"], "by an index on u"),
        ("u", "x'07f'", vec![], "by an index on u"),
        ("at", "2026-01-02 03:04:05.6", vec!["1"], "no index on at"),
        ("big", "18446744073709551615", vec!["1"], "no index on big"),
    ] {
        let (hits, coverage) = read(&store, &with("t", column, &[value, "none"])).unwrap();
        assert_eq!(keys(&hits), expected, "{column} = {value}");
        assert_eq!(coverage.range, format!("4 rows, {by}"));
    }
}

#[test]
fn a_hundred_thousand_keys_are_asked_for_in_chunks() {
    let statements = [
        "CREATE TABLE t (id BIGINT PRIMARY KEY, s TEXT)",
        "INSERT INTO t SELECT seq * 2, CONCAT('row ', seq) FROM seq_1_to_120000",
        "ANALYZE TABLE t",
    ];
    let Some(url) = database("chunks", &statements) else { return };
    let values: Vec<String> = (1..=100_000).map(|i| i.to_string()).collect();
    let filter = Filter::In { column: "id".into(), values };
    let store = store(&url);
    let query = RowQuery { filter, ..all("t") };
    let start = Instant::now();
    let (hits, coverage) = read(&store, &query).unwrap();
    assert_eq!((hits.len(), coverage.matched, coverage.status), (50_000, 50_000, Status::Searched));
    assert!(start.elapsed() < Duration::from_secs(20), "{:?}", start.elapsed());
    let (hits, coverage) = read(&store, &RowQuery { limit: Some(7), ..query }).unwrap();
    assert_eq!((hits.len(), coverage.note.as_str()), (7, "limit of 7 rows: there are more"));
}

#[test]
fn wrong_names_and_missing_rights_are_told() {
    let statements = [
        "CREATE TABLE orders (id INT PRIMARY KEY, state TEXT)",
        "CREATE TABLE closed (a INT)",
        "CREATE OR REPLACE USER reader@'%' IDENTIFIED BY 'reader'",
        "GRANT SELECT ON orders TO reader@'%'",
    ];
    let Some(url) = database("names", &statements) else { return };
    let error = read(&store(&url), &all("order")).unwrap_err();
    assert!(error.kind == ErrorKind::Invalid && error.context.contains("closed, orders"), "{error}");
    let error = read(&store(&url), &with("orders", "status", &["x"])).unwrap_err();
    assert!(error.kind == ErrorKind::Invalid && error.context.contains("id, state"), "{error}");
    let mut config = MysqlConfig::new(&url);
    (config.user, config.password) = (Some("reader".into()), Some("reader".into()));
    let reader = open(&config);
    let catalog = reader.catalog(&Context::new()).unwrap();
    assert_eq!(catalog.tables.iter().map(|t| t.name.as_str()).collect::<Vec<_>>(), ["orders"]);
    let standing = reader.standing(&Context::new()).unwrap().unwrap();
    assert!(standing.beyond.is_empty() && standing.login.starts_with("reader"), "{standing:?}");
    assert!(standing.product.starts_with("MariaDB 1") && standing.ahead_ms.abs() < 2_000, "{standing:?}");
    let standing = store(&url).standing(&Context::new()).unwrap().unwrap();
    assert_eq!(standing.beyond, ["it may do everything on *.*"]);
}

#[test]
fn a_select_of_ones_own_comes_back_in_its_types_with_an_exact_rest() {
    let statements = [
        "CREATE TABLE t (id INT PRIMARY KEY, s VARCHAR(9))",
        "INSERT INTO t SELECT seq, CONCAT('s', seq) FROM seq_1_to_30",
        "CREATE VIEW calm AS SELECT id, UPPER(s) AS s, 'it''s' AS x FROM t WHERE id < 5",
    ];
    let Some(url) = database("selects", &statements) else { return };
    let store = store(&url);
    let sql = "SELECT a.id, b.id, 1.50, NULL, 'it''s' AS `odd `` name`, \"x\", CAST('[1]' AS CHAR) FROM t a JOIN t b USING (id) ORDER BY 1 DESC";
    let (hits, coverage) = read(&store, &RowQuery::select(sql, 100)).unwrap();
    let cells: Vec<_> = hits[0].row.cells.iter().map(|(_, value)| value.clone()).collect();
    assert_eq!(
        cells,
        [json!(30), json!(30), json!("1.50"), json!(null), json!("it's"), json!("x"), json!("[1]")]
    );
    assert_eq!((hits.len(), coverage.status, coverage.note.as_str()), (30, Status::Searched, ""));
    let (hits, coverage) = read(&store, &RowQuery::select("SELECT * FROM t", 30)).unwrap();
    assert_eq!((hits.len(), coverage.status), (30, Status::Searched));
    for limit in ["", " LIMIT 30"] {
        let (hits, coverage) =
            read(&store, &RowQuery::select(format!("SELECT * FROM t{limit}"), 29)).unwrap();
        assert_eq!((hits.len(), coverage.note.as_str()), (29, "limit of 29 rows: there are more"));
    }
    let wide = "SELECT REPEAT('x', 200000) FROM t a, t b";
    let (hits, coverage) = read(&store, &RowQuery::select(wide, 1_000)).unwrap();
    assert!(hits.len() < 100 && coverage.note.contains("bytes after"), "{}", coverage.note);
    for sql in [
        "SELECT * FROM calm",
        "SELECT GROUP_CONCAT(DISTINCT s ORDER BY s SEPARATOR '|'), DATE_SUB(NOW(), INTERVAL 1 DAY) FROM t GROUP BY id % 3",
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 9) SELECT * FROM n",
        "SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE()",
        "EXPLAIN SELECT * FROM t",
        "SELECT id <=> NULL, s REGEXP '^s1', id DIV 2, SHA2(s, 256) FROM t",
        "SELECT s LIKE 's\\\\_%' FROM t",
    ] {
        let (hits, _) =
            read(&store, &RowQuery::select(sql, 100)).unwrap_or_else(|error| panic!("{sql}: {error}"));
        assert!(!hits.is_empty(), "{sql}");
    }
    let error = read(&store, &RowQuery::select("SELECT nothing FROM t", 9)).unwrap_err();
    assert!(error.kind == ErrorKind::Invalid && error.to_string().contains("nothing"), "{error}");
}

#[test]
fn time_and_locks_are_limited_and_a_cancelled_question_ends_on_the_server() {
    let statements = ["CREATE TABLE t (a INT)", "INSERT INTO t SELECT seq FROM seq_1_to_3000"];
    let Some(url) = database("limits", &statements) else { return };
    let mut config = MysqlConfig::new(&url);
    (config.statement, config.lock) = (Duration::from_millis(500), Duration::from_secs(1));
    let store = open(&config);
    let heavy = RowQuery::select("SELECT COUNT(*) FROM t a, t b, t c WHERE a.a <> b.a", 9);
    let error = read(&store, &heavy).unwrap_err();
    assert!(error.kind == ErrorKind::Budget && error.to_string().contains("ask for less"), "{error}");
    let hold = std::thread::spawn({
        let url = url.clone();
        move || execute(&url, &["LOCK TABLES t WRITE", "SELECT SLEEP(3)", "UNLOCK TABLES"])
    });
    std::thread::sleep(Duration::from_millis(500));
    let error = read(&store, &all("t")).unwrap_err();
    assert!(error.kind == ErrorKind::Locked && error.is_retryable(), "{error}");
    hold.join().unwrap();
    config.statement = Duration::from_mins(1);
    let store = open(&config);
    let context = Context::new().with_deadline(Instant::now() + Duration::from_millis(400));
    let start = Instant::now();
    let error = store.rows(&heavy, &context, &mut |_| ()).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Timeout, "{error}");
    assert!(start.elapsed() < Duration::from_secs(4), "{:?}", start.elapsed());
    let busy = [
        "SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE DB = 'limits' AND INFO LIKE 'SELECT COUNT%a.a%' AND ID <> CONNECTION_ID()",
    ];
    let deadline = Instant::now() + Duration::from_secs(5);
    while execute(&url, &busy)[0].trim_matches('\'') != "0" {
        assert!(Instant::now() < deadline, "the server still works on it: {:?}", execute(&url, &busy));
        std::thread::sleep(Duration::from_millis(50));
    }
    let context = Context::new();
    let mut seen = 0;
    let result = store.rows(&all("t"), &context, &mut |_| {
        seen += 1;
        context.cancel();
    });
    assert_eq!((result.unwrap_err().kind, seen), (ErrorKind::Cancelled, 1));
}
