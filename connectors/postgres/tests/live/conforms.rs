//! The conformance suite.

use crate::support::{database, execute, store};
use waylaid_store::testkit::{TableExpectations, table_store_conforms};

/// Every table with all its rows, as one number.
const CHECKSUM: &str = "SELECT md5(string_agg(query_to_xml('SELECT * FROM ' || oid::regclass || ' t ORDER BY t::text', true, true, '')::text, ''
    ORDER BY relname)) FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace";

#[test]
fn it_does_what_every_table_store_must_do() {
    let sql = "
        CREATE TYPE mood AS ENUM ('good', 'bad');
        CREATE TABLE a (id int PRIMARY KEY, name text, price float8, cost numeric(9, 2), at timestamptz, note int, who uuid, m mood,
            doc jsonb, raw bytea, flag boolean, day date, padded char(5), tags text[], \"odd \"\"name\" varchar(9));
        INSERT INTO a SELECT i * 3 % 101, 'n' || (i % 7), i / 4.0, i / 8.0, timestamptz '2026-11-01 00:00Z' + i * interval '1 hour',
            CASE i % 3 WHEN 0 THEN i END, md5(i::text)::uuid, CASE i % 2 WHEN 0 THEN 'good' ELSE 'bad' END::mood,
            jsonb_build_object('i', i), decode(md5(i::text), 'hex'), i % 2 = 0, date '2026-01-01' + i, 'p' || (i % 3),
            ARRAY['x', i::text], 'o' || i FROM generate_series(1, 50) i;
        CREATE TABLE b (x text, y text, PRIMARY KEY (y, x)); INSERT INTO b VALUES ('1', '2'), ('2', '1');
        CREATE TABLE c (nothing text);
        CREATE TABLE d (word text); INSERT INTO d VALUES ('x'), ('y'), ('x'), (NULL);
        CREATE TABLE e (id bigint PRIMARY KEY, s text) PARTITION BY RANGE (id);
        CREATE TABLE e1 PARTITION OF e FOR VALUES FROM (0) TO (10); CREATE TABLE e2 PARTITION OF e FOR VALUES FROM (10) TO (20);
        INSERT INTO e VALUES (15, 'b'), (5, 'a');
        CREATE VIEW v AS SELECT * FROM a; CREATE MATERIALIZED VIEW mv AS SELECT * FROM a;";
    let Some(url) = database("conforms", sql) else { return };
    let tables = [("a", 50), ("b", 2), ("c", 0), ("d", 4), ("e", 2)];
    let expected = TableExpectations {
        tables: tables.into_iter().map(|(name, count)| (name.to_owned(), count)).collect(),
        untouched: None,
    };
    let before = execute(&url, CHECKSUM);
    table_store_conforms(|| Box::new(store(&url)), &expected);
    assert_eq!(execute(&url, CHECKSUM), before);
}
