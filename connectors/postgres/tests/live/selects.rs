//! A SELECT of somebody's own: what comes back, how much of it, and who is not let through.

use crate::support::{database, execute, open, read, store};
use serde_json::json;
use std::time::{Duration, Instant};
use waylaid_model::Status;
use waylaid_postgres::PostgresConfig;
use waylaid_store::{ErrorKind, RowQuery};

fn select(sql: &str) -> RowQuery {
    RowQuery::select(sql, 100)
}

#[test]
fn rows_come_back_in_their_types_with_an_exact_rest() {
    let sql = "CREATE TYPE mood AS ENUM ('good', 'bad');
        CREATE TABLE t (id int PRIMARY KEY, m mood, n numeric, j jsonb); INSERT INTO t SELECT i, 'good', i / 2.0, '[1]' FROM generate_series(1, 30) i;
        CREATE VIEW calm AS SELECT id, lower(m::text) AS m FROM t WHERE id < 5 AND m = ANY (ARRAY['good'::mood, 'bad'::mood]);
        CREATE EXTENSION pgcrypto;";
    let Some(url) = database("selects", sql) else { return };
    let store = store(&url);
    let (hits, coverage) = read(&store, &select("SELECT a.id, b.id, a.n, a.j, a.m, now() - now() AS x, NULL, 'it''s' AS \"odd \"\" name\" FROM t a JOIN t b USING (id) ORDER BY 1 DESC")).unwrap();
    let cells = &hits[0].row.cells;
    assert_eq!(cells[0], ("id".into(), json!(30)));
    assert_eq!(cells[1], ("id".into(), json!(30)));
    assert_eq!(
        (&cells[2].1, &cells[3].1, &cells[4].1),
        (&json!("15.0000000000000000"), &json!([1]), &json!("good"))
    );
    assert_eq!((&cells[6].1, cells[7].0.as_str()), (&json!(null), "odd \" name"));
    assert_eq!((hits.len(), coverage.status, coverage.note.as_str()), (30, Status::Searched, ""));
    let (hits, coverage) = read(&store, &RowQuery::select("SELECT * FROM t", 30)).unwrap();
    assert_eq!(
        (hits.len(), coverage.status),
        (30, Status::Searched),
        "a limit that cuts nothing is not mentioned"
    );
    let (hits, coverage) = read(&store, &RowQuery::select("SELECT * FROM t", 29)).unwrap();
    assert_eq!((hits.len(), coverage.note.as_str()), (29, "limit of 29 rows: there are more"));
    let wide = "SELECT repeat('x', 200000) FROM generate_series(1, 500)";
    let (hits, coverage) = read(&store, &RowQuery::select(wide, 1_000)).unwrap();
    assert!(hits.len() < 100 && coverage.note.contains("bytes after"), "{}", coverage.note);
    for sql in [
        "SELECT * FROM calm",
        "SELECT encode(digest('a', 'sha256'), 'hex'), gen_random_uuid(), random() < 2",
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 9) SELECT * FROM n",
        "SELECT state, query FROM pg_stat_activity WHERE datname = current_database()",
        "SELECT table_name FROM information_schema.tables",
        "SELECT m, count(*) FILTER (WHERE id > 3), percentile_cont(0.5) WITHIN GROUP (ORDER BY id) FROM t GROUP BY ROLLUP (m)",
        "SELECT x.a FROM json_to_recordset('[{\"a\":1}]') AS x(a int)",
        "SELECT 'good'::mood, 1::bigint, '{1}'::int[], 'x'::varchar(3), date '2026-01-01', interval '1 day'",
    ] {
        let (hits, _) = read(&store, &select(sql)).unwrap_or_else(|error| panic!("{sql}: {error}"));
        assert!(!hits.is_empty(), "{sql}");
    }
    for sql in ["EXPLAIN SELECT * FROM t", "EXPLAIN (ANALYZE, FORMAT JSON) SELECT * FROM t"] {
        let (hits, _) = read(&store, &select(sql)).unwrap();
        assert!(hits[0].row.cells[0].1.to_string().contains("Scan"), "{sql}");
    }
    let error = read(&store, &select("SELECT nothing FROM t")).unwrap_err();
    assert!(error.kind == ErrorKind::Invalid && error.to_string().contains("nothing"), "{error}");
}

#[test]
fn time_and_locks_are_limited() {
    let Some(url) =
        database("limits", "CREATE TABLE t (a int); INSERT INTO t SELECT generate_series(1, 3000)")
    else {
        return;
    };
    let mut config = PostgresConfig::new(&url);
    (config.statement, config.lock) = (Duration::from_millis(500), Duration::from_millis(200));
    let store = open(&config);
    let start = Instant::now();
    let error = read(&store, &select("SELECT count(*) FROM t a, t b, t c")).unwrap_err();
    assert!(error.kind == ErrorKind::Budget && error.to_string().contains("ask for less"), "{error}");
    let hold = std::thread::spawn({
        let url = url.clone();
        move || execute(&url, "BEGIN; LOCK TABLE t IN ACCESS EXCLUSIVE MODE; SELECT pg_sleep(1.5); COMMIT")
    });
    std::thread::sleep(Duration::from_millis(400));
    let error = read(&store, &select("SELECT * FROM t")).unwrap_err();
    assert!(error.kind == ErrorKind::Locked && error.is_retryable(), "{error}");
    assert!(start.elapsed() < Duration::from_secs(4));
    hold.join().unwrap();
}
