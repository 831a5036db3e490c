//! The conformance suite.

use crate::support::{database, execute, store};
use waylaid_store::testkit::{TableExpectations, table_store_conforms};

#[test]
fn it_does_what_every_table_store_must_do() {
    let statements = [
        "CREATE TABLE a (id INT PRIMARY KEY, name VARCHAR(20), price DOUBLE, small FLOAT, cost DECIMAL(9, 2), at DATETIME(3), ts TIMESTAMP NULL,
            note INT UNSIGNED, m ENUM('good', 'Bad'), doc JSON, raw VARBINARY(20), who BINARY(4), flag BOOL, day DATE, t TIME, b BIT(9), y YEAR,
            u UUID, `odd `` name` TEXT)",
        "INSERT INTO a SELECT seq * 3 % 101, CONCAT(IF(seq % 2, 'n', 'N'), seq % 7), seq / 4, seq / 8, seq / 8, '2026-11-01 00:00:00.5' + INTERVAL seq HOUR,
            IF(seq % 4, '2026-11-01 01:02:03', NULL), IF(seq % 3, NULL, seq), IF(seq % 2, 'good', 'Bad'), JSON_OBJECT('i', seq), UNHEX(MD5(seq)), CHAR(seq), seq % 2,
            '2026-01-01' + INTERVAL seq DAY, SEC_TO_TIME(seq * 5000), seq, 2000 + seq, UUID(), CONCAT('o''', seq, '\\\\') FROM seq_1_to_50",
        "CREATE TABLE b (x VARCHAR(9), y VARCHAR(9), PRIMARY KEY (y, x))",
        "INSERT INTO b VALUES ('1', '2'), ('2', '1')",
        "CREATE TABLE c (nothing TEXT)",
        "CREATE TABLE d (word VARCHAR(9))",
        "INSERT INTO d VALUES ('x'), ('y'), ('x'), (NULL), ('X')",
        "CREATE TABLE e (code VARCHAR(9) NOT NULL UNIQUE, n INT) ENGINE = MyISAM",
        "INSERT INTO e VALUES ('b', 1), ('a', 2)",
        "CREATE VIEW v AS SELECT * FROM a",
        "CREATE SEQUENCE ids",
    ];
    let Some(url) = database("conforms", &statements) else { return };
    let tables = [("a", 50), ("b", 2), ("c", 0), ("d", 5), ("e", 2)];
    let expected = TableExpectations {
        tables: tables.into_iter().map(|(name, count)| (name.to_owned(), count)).collect(),
        untouched: None,
    };
    let checksum = ["CHECKSUM TABLE a, b, c, d, e, ids EXTENDED"];
    let before = execute(&url, &checksum);
    table_store_conforms(|| Box::new(store(&url)), &expected);
    assert_eq!(execute(&url, &checksum), before);
}
