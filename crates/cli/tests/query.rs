//! `waylaid query`: one SELECT in a bundle's tables, with nothing installed; what it refuses, and what a wrong one teaches.
#![allow(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

mod common;

use common::{SMALL, command, system, waylaid};
use serde_json::{Value, json};
use std::io::Write as _;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

/// A shop with a second table store.
fn shop() -> tempfile::TempDir {
    let folder = system(&format!("{SMALL}\n[tables.pick]\nkind = \"sqlite\"\npath = \"pick.sqlite\"\n"));
    let path = |name: &str| folder.path().join(name);
    std::fs::create_dir_all(path("logs/shop")).unwrap();
    std::fs::create_dir_all(path("topics")).unwrap();
    let orders = rusqlite::Connection::open(path("orders.sqlite")).unwrap();
    let create = "CREATE TABLE customers (id INTEGER PRIMARY KEY, mail TEXT NOT NULL UNIQUE, password TEXT, card_number INTEGER);
        CREATE TABLE orders (id INTEGER PRIMARY KEY, status TEXT, customer INTEGER REFERENCES customers (id), total NUMERIC, doc TEXT);
        INSERT INTO customers VALUES (1, 'bob@home.example', 'hunter two', 5500005555555559), (2, 'eve@home.example', NULL, NULL);
        INSERT INTO orders VALUES (1001, 'ACCEPTED', 1, 12.5, '=1+1'), (1002, 'DONE', 1, NULL, 'a \"b\", c'), (4111111111111111, 'ACCEPTED', 2, 3, '')";
    orders.execute_batch(create).unwrap();
    let pick = rusqlite::Connection::open(path("pick.sqlite")).unwrap();
    let create = "CREATE TABLE picks (id INTEGER PRIMARY KEY, order_id INTEGER);
        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500) INSERT INTO picks SELECT i, i FROM n";
    pick.execute_batch(create).unwrap();
    folder
}

fn answered(folder: &Path, arguments: &[&str]) -> Value {
    let ran = waylaid(folder, &[&["query"], arguments, &["--format", "json"]].concat());
    assert_eq!(ran.code, 0, "{arguments:?}: {}", ran.stderr);
    serde_json::from_str(&ran.stdout).unwrap()
}

/// The error of a question, which has to be one of usage.
fn taught(folder: &Path, arguments: &[&str]) -> String {
    let ran = waylaid(folder, &[&["query"], arguments].concat());
    assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{arguments:?}: {}", ran.stderr);
    assert!(
        ran.stderr.starts_with("error: ") && ran.stderr.contains("hint: "),
        "{arguments:?}: {}",
        ran.stderr
    );
    ran.stderr
}

#[test]
fn rows_keep_their_types_and_come_as_text_json_or_csv() {
    let folder = shop();
    let sql = "SELECT id, status, total, doc, id FROM orders WHERE id < 2000 ORDER BY id";
    let answer = answered(folder.path(), &["orders", sql]);
    assert_eq!(answer["columns"], json!(["id", "status", "total", "doc", "id"]));
    assert_eq!(answer["types"], json!(["INTEGER", "TEXT", "NUMERIC", "TEXT", "INTEGER"]));
    assert_eq!(answer["values"][0], json!([1001, "ACCEPTED", 12.5, "=1+1", 1001]));
    assert_eq!(answer["values"][1], json!([1002, "DONE", null, "a \"b\", c", 1002]));
    assert_eq!((&answer["more"], &answer["store"]), (&json!(false), &json!("tables.orders")));
    let text = waylaid(folder.path(), &["query", "tables.orders", sql]);
    assert_eq!(text.code, 0, "{}", text.stderr);
    assert!(
        text.stdout.starts_with("2 rows of tables.orders\n\n    id  status    total  doc"),
        "{}",
        text.stdout
    );
    assert!(text.stdout.contains("  1002  DONE      null   a \"b\", c  1002\n"), "{}", text.stdout);
    let csv = waylaid(folder.path(), &["query", "orders", sql, "--format", "csv"]).stdout;
    assert_eq!(
        csv,
        "id,status,total,doc,id\r\n1001,ACCEPTED,12.5,'=1+1,1001\r\n1002,DONE,,\"a \"\"b\"\", c\",1002\r\n"
    );
    let plan = answered(folder.path(), &["orders", "EXPLAIN QUERY PLAN SELECT * FROM orders WHERE id = 1"]);
    assert!(plan["values"].to_string().contains("SEARCH orders"), "{plan}");
}

#[test]
fn a_statement_may_come_from_standard_input_and_tables_are_listed_without_one() {
    let folder = shop();
    let mut asked = command(folder.path(), &["query", "orders", "-", "--format", "csv"]);
    asked.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = asked.spawn().unwrap();
    child.stdin.take().unwrap().write_all(b"-- how many\nSELECT count(*) AS n\nFROM orders;\n").unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(String::from_utf8(output.stdout).unwrap(), "n\r\n3\r\n");
    let listed = answered(folder.path(), &["orders"]);
    let customers = "id INTEGER key, mail TEXT unique, password TEXT, card_number INTEGER";
    let orders = "id INTEGER key, status TEXT, customer INTEGER -> customers.id, total NUMERIC, doc TEXT";
    assert_eq!(listed["values"], json!([["customers", 2, customers], ["orders", 3, orders]]));
}

#[test]
fn the_rest_is_told_exactly_and_nothing_found_is_an_exit_code() {
    let folder = shop();
    let all = answered(folder.path(), &["pick", "SELECT id FROM picks", "--limit", "500"]);
    assert_eq!((all["values"].as_array().unwrap().len(), &all["more"]), (500, &json!(false)));
    let some = answered(folder.path(), &["pick", "SELECT id FROM picks", "--limit", "499"]);
    assert_eq!((some["values"].as_array().unwrap().len(), &some["more"]), (499, &json!(true)));
    let text = waylaid(folder.path(), &["query", "pick", "SELECT id FROM picks"]);
    assert!(
        text.stdout.contains("there are more rows; --limit shows more") && text.code == 0,
        "{}",
        text.stdout
    );
    let csv =
        waylaid(folder.path(), &["query", "pick", "SELECT id FROM picks", "--format", "csv", "--limit", "2"]);
    assert_eq!(
        (csv.stdout.as_str(), csv.stderr.as_str()),
        ("id\r\n1\r\n2\r\n", "note: limit of 2 rows: there are more\n")
    );
    let none =
        waylaid(folder.path(), &["query", "pick", "SELECT id FROM picks WHERE id < 0", "--format", "csv"]);
    assert_eq!((none.code, none.stdout.as_str()), (1, "id\r\n"));
}

#[test]
fn bytes_and_time_have_their_limits() {
    let folder = shop();
    let wide = "SELECT printf('%.*c', 200000, 'x') AS x FROM picks";
    let ran = waylaid(folder.path(), &["query", "pick", wide, "--format", "json"]);
    let answer: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!((ran.code, &answer["more"]), (3, &json!(true)));
    assert!(
        answer["coverage"][0]["note"].as_str().unwrap().contains("bytes after 83 rows"),
        "{}",
        answer["coverage"]
    );
    let huge = waylaid(folder.path(), &["query", "pick", "SELECT printf('%.*c', 100000000, 'x')"]);
    assert!(huge.code == 2 && huge.stderr.contains("too big"), "{}", huge.stderr);
    let start = Instant::now();
    let endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n";
    let ran = waylaid(folder.path(), &["query", "pick", endless, "--timeout", "500ms"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (3, ""), "{}", ran.stderr);
    assert!(ran.stderr.contains("--timeout gives it longer"), "{}", ran.stderr);
    assert!(start.elapsed() < Duration::from_secs(20), "{:?}", start.elapsed());
}

#[test]
fn whatever_is_no_select_is_refused_with_the_way_to_ask() {
    let folder = shop();
    let before = std::fs::read(folder.path().join("orders.sqlite")).unwrap();
    for (sql, says) in [
        (
            "DELETE FROM orders WHERE id = 1",
            "DELETE is no SELECT\nhint: nothing is ever written here: SELECT, with",
        ),
        ("UPDATE orders SET status = 'DONE'", "shows the rows that it is about"),
        ("INSERT INTO orders (id) VALUES (1)", "SELECT shows the rows that there are"),
        ("SELECT 1; DROP TABLE orders", "more than one statement"),
        ("DROP TABLE orders", "only SELECT"),
        ("SELECT load_extension('x')", "load_extension is not allowed"),
        ("ATTACH 'x' AS y", "only SELECT"),
        ("PRAGMA table_info(orders)", "the tables are listed with their columns"),
        ("SHOW TABLES", "the tables are listed with their columns"),
        ("SELEC 1", "hint: "),
        ("", "there is no statement"),
    ] {
        let said = taught(folder.path(), &["orders", sql]);
        assert!(said.contains(says), "{sql}: {said}");
    }
    assert_eq!(std::fs::read(folder.path().join("orders.sqlite")).unwrap(), before);
}

#[test]
fn wrong_names_are_answered_with_the_right_ones() {
    let folder = shop();
    for (store, sql, says) in [
        ("ordrs", "SELECT 1", "no table store `ordrs` in waylaid.toml\nhint: did you mean `orders`?"),
        (
            "main",
            "SELECT 1",
            "logs.main holds logs, no tables: SQL cannot be put to it\nhint: the table stores are: orders, pick",
        ),
        ("topics.main", "SELECT 1", "topics.main holds topics, no tables"),
        ("orders", "SELECT * FROM ordrs", "no such table: ordrs\nhint: did you mean the table `orders`?"),
        (
            "orders",
            "SELECT stat FROM orders",
            "no such column: stat\nhint: did you mean the column `status` of `orders`?",
        ),
        ("orders", "SELECT o.zzzz FROM orders o", "hint: `orders` has the columns `id`, `status`"),
    ] {
        let said = taught(folder.path(), &[store, sql]);
        assert!(said.contains(says), "{store} {sql}: {said}");
    }
    std::fs::remove_file(folder.path().join("pick.sqlite")).unwrap();
    let ran = waylaid(folder.path(), &["query", "pick", "SELECT 1"]);
    assert!(ran.code == 3 && ran.stderr.contains("tables.pick cannot be read"), "{}", ran.stderr);
}

#[test]
fn secrets_and_personal_data_stay_hidden_and_keys_of_entities_readable() {
    let folder = shop();
    for format in ["text", "json", "csv"] {
        let ran = waylaid(folder.path(), &["query", "orders", "SELECT * FROM customers", "--format", format]);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        for hidden in ["home.example", "hunter", "two", "5500005555555559"] {
            assert!(!ran.stdout.contains(hidden), "{format} shows {hidden}: {}", ran.stdout);
        }
        for shown in ["email#", "secret#", "card#"] {
            assert!(ran.stdout.contains(shown), "{format} lacks {shown}: {}", ran.stdout);
        }
    }
    // An order's number stays, though it passes for a card's; called an order's number, a card's does not.
    let orders = answered(folder.path(), &["orders", "SELECT id FROM orders WHERE customer = 2"]);
    assert_eq!(orders["values"], json!([[4_111_111_111_111_111_u64]]));
    let cards = answered(folder.path(), &["orders", "SELECT card_number AS id FROM customers WHERE id = 1"]);
    assert!(cards["values"][0][0].as_str().unwrap().starts_with("card#"), "{cards}");
    let joined = answered(
        folder.path(),
        &["orders", "SELECT json_object('password', password, 'mail', mail) j FROM customers WHERE id = 1"],
    );
    assert!(
        !joined.to_string().contains("hunter") && !joined.to_string().contains("home.example"),
        "{joined}"
    );
}
