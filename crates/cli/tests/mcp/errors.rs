//! Wrong calls are answered so that the next one is right.

use crate::client::Client;
use crate::common;
use serde_json::{Value, json};

/// What is called, with what, and what the answer must say.
fn wrong() -> Vec<(&'static str, Value, &'static [&'static str])> {
    vec![
        // An entity, a service, a case, an id that is not there.
        (
            "diagnose",
            json!({"entity": "ordr"}),
            &["no entity `ordr`", "did you mean `order`?", "next: describe {}"],
        ),
        ("follow", json!({"entity": "shipment", "key": 1}), &["no entity `shipment`", "order"]),
        ("search", json!({"text": "x", "in": ["shopp"]}), &["shopp", "shop"]),
        ("show", json!({"id": "c1", "case": "c-20261122-2"}), &["no case `c-20261122-2`", "`c-20261122-1`?"]),
        ("show", json!({"id": "c9"}), &["no `c9`", "c1", "next: show {\"id\":\"c1\"}"]),
        ("show", json!({"id": "e99"}), &["no `e99`", "evidence goes from e1 to e"]),
        ("code", json!({"text": "x", "service": ["shop"]}), &["names no code to look in"]),
        // Keys of nothing, of both, of what has none.
        ("keys", json!({}), &["keys of what?", "`id` is an error group", "next: keys {\"id\":\"c1\"}"]),
        ("keys", json!({"id": "p1", "text": "x"}), &["either `id` or `text`, not both"]),
        ("keys", json!({"id": "p99"}), &["no cause `p99`", "p1"]),
        ("keys", json!({"id": "c2"}), &["the messages of c2 hold no key values", "there are some of p1, c1"]),
        ("keys", json!({"id": "p1", "case": "c-20261122-2"}), &["no case `c-20261122-2`", "`c-20261122-1`?"]),
        ("keys", json!({"problem": "p1"}), &["no argument `problem`", "there is id, text, case, cursor"]),
        ("keys", json!({"id": "p1", "cursor": "x"}), &["`cursor` is a number"]),
        // A store that is not one.
        (
            "search",
            json!({"text": "x", "store": "log"}),
            &["`store` cannot be `log`", "did you mean `logs`?"],
        ),
        // SQL that writes, or that names what is not there; a store that has no tables.
        (
            "query",
            json!({"sql": "DELETE FROM orders"}),
            &["DELETE is no SELECT", "nothing is ever written here"],
        ),
        (
            "query",
            json!({"sql": "SELECT 1; DROP TABLE orders"}),
            &["more than one statement", "a question of its own"],
        ),
        ("query", json!({"sql": "SELECT load_extension('x')"}), &["load_extension is not allowed"]),
        (
            "query",
            json!({"sql": "SHOW TABLES"}),
            &["SHOW is no SELECT", "without a SELECT, the tables are listed"],
        ),
        (
            "query",
            json!({"sql": "SELECT * FROM ordrs"}),
            &["no such table: ordrs", "did you mean the table `orders`?", "next: query {\"store\":STORE}"],
        ),
        (
            "query",
            json!({"sql": "SELECT stat FROM orders"}),
            &["no such column: stat", "the column `status` of `orders`?"],
        ),
        (
            "query",
            json!({"store": "ordrs", "sql": "SELECT 1"}),
            &["no table store `ordrs`", "did you mean `orders`?"],
        ),
        (
            "query",
            json!({"store": "main", "sql": "SELECT 1"}),
            &["logs.main holds logs", "the table stores are: orders"],
        ),
        ("query", json!({"sql": "SELECT 1", "limit": 5}), &["no argument `limit`"]),
        // A path, an expression, a time that is not one; a path out of the folder of cases.
        ("search", json!({"path": ["status=X"]}), &["`status` is not a path", "`$.status`"]),
        ("search", json!({"path": ["$.status"]}), &["`path` cannot be", "expected NAME=VALUE"]),
        ("search", json!({"regex": "("}), &["no regular expression", "next: search"]),
        ("stuck", json!({"since": "yesterday"}), &["`since` cannot be `yesterday`", "2026-11-22T10:00:00Z"]),
        ("stuck", json!({"older_than": "long"}), &["`older_than` cannot be `long`", "30m"]),
        ("diagnose", json!({"baseline": "1h"}), &["`baseline` cannot be `1h`", "FROM..TO"]),
        ("show", json!({"id": "c1", "case": "../../secret"}), &["no case `../../secret`"]),
        // Too broad, or nothing at all.
        ("search", json!({}), &["search for what?", "give a key"]),
        ("search", json!({"text": "a", "cursor": 5_000}), &["too broad", "narrow it"]),
        ("diagnose", json!({"entity": "order", "keys": vec!["k"; 1_001]}), &["more than 1000 values"]),
        // Arguments that do not fit.
        ("follow", json!({}), &["`key` is missing", "next: stuck {}"]),
        ("follow", json!({"kye": "1"}), &["`key` is missing"]),
        ("stuck", json!({"entty": "order"}), &["no argument `entty`", "did you mean `entity`?"]),
        ("describe", json!({"about": {"x": 1}}), &["`about` must be a text"]),
        ("describe", json!({"about": "tables"}), &["`about` cannot be `tables`"]),
        ("diagnose", json!({"entity": "order", "keys": ["1"], "state": "X"}), &["keys are given"]),
    ]
}

#[test]
fn every_kind_of_wrong_call_says_what_was_wrong_and_what_to_call_next() {
    let folder = common::small();
    std::fs::write(folder.path().join("logs/shop/app.log"), "2026-05-06 10:00:00.000 INFO a : b\n").unwrap();
    common::store_case(folder.path(), "mixture", "c-20261122-1");
    let mut client = Client::new(folder.path());
    for (name, arguments, expected) in wrong() {
        let said = client.tool(name, &arguments).expect_err(&format!("{name} {arguments}"));
        assert!(said.starts_with("error: «") && said.contains("\nnext: "), "{name} {arguments}: {said}");
        for part in expected {
            assert!(said.contains(part), "{name} {arguments} should say {part}: {said}");
        }
        // Hints are for an agent, not for somebody at a command line.
        assert!(!said.contains("waylaid diagnose") && said.len() < 1_200, "{said}");
    }
}

#[test]
fn an_attempt_to_write_finds_no_tool() {
    let mut client = Client::new(common::small().path());
    for name in ["execute_sql", "delete", "publish", "shell", "diagnos"] {
        let answer =
            client.request("tools/call", &json!({"name": name, "arguments": {"sql": "DELETE FROM orders"}}));
        let message = answer["error"]["message"].as_str().unwrap();
        assert_eq!(answer["error"]["code"], -32_602);
        assert!(message.contains("all tools only read") && message.contains("diagnose"), "{message}");
    }
}

#[test]
fn what_query_refuses_changes_nothing_and_what_it_answers_is_all_there_is() {
    let folder = common::small();
    let file = folder.path().join("orders.sqlite");
    let database = rusqlite::Connection::open(&file).unwrap();
    database.execute_batch("INSERT INTO orders VALUES (1, 'ACCEPTED'), (2, NULL), (3, 'a|b')").unwrap();
    drop(database);
    let before = std::fs::read(&file).unwrap();
    let mut client = Client::new(folder.path());
    let rows = client.tool("query", &json!({"sql": "SELECT * FROM orders ORDER BY id"})).unwrap();
    assert_eq!(
        rows,
        "store «tables.orders»\n| id INTEGER|status TEXT\n| 1|ACCEPTED\n| 2|null\n| 3|\"a|b\"\n\
         rows 0 to 3, there are no more\ncoverage: 1 target, 3 matched of 3 scanned; all searched whole\n"
    );
    let tables = client.tool("query", &json!({"store": "tables.orders"})).unwrap();
    assert!(tables.contains("| orders|3|id INTEGER key, status TEXT\n"), "{tables}");
    let many =
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 150) SELECT i FROM n";
    let first = client.tool("query", &json!({ "sql": many })).unwrap();
    assert!(
        first.contains("rows 0 to 100, there are more") && first.ends_with("with cursor 100\n"),
        "{first}"
    );
    let second = client.tool("query", &json!({ "sql": many, "cursor": 100 })).unwrap();
    assert!(second.contains("| 101\n") && second.contains("rows 100 to 150, there are no more"), "{second}");
    for sql in [
        "UPDATE orders SET status = 'x'",
        "VACUUM",
        "PRAGMA journal_mode = WAL",
        "BEGIN; DELETE FROM orders; COMMIT",
    ] {
        assert!(client.tool("query", &json!({ "sql": sql })).is_err(), "{sql}");
    }
    assert_eq!(std::fs::read(&file).unwrap(), before);
}

#[test]
fn keys_are_told_with_their_rows_or_read_out_of_a_text() {
    let folder = crate::seed();
    let mut client = Client::new(folder.path());
    assert!(client.tool("keys", &json!({"id": "p1"})).unwrap_err().contains("no case is stored yet"));
    client.tool("diagnose", &json!({})).unwrap();
    let first = client.tool("keys", &json!({"id": "p1"})).unwrap();
    let (head, rest) = first.split_once("\n| ").unwrap();
    assert!(
        head.starts_with("p1 of case c-") && head.contains("distinct keys in its messages of «"),
        "{head}"
    );
    assert!(head.contains(" exist") && head.contains("\nall keys «"), "{head}");
    assert!(rest.contains("|messages|row|row_state|row_created|row_age\n"), "{first}");
    assert!(rest.contains("\nrows 0 to ") && rest.contains("with cursor "), "{first}");
    // The same keys as a person gets.
    let person = common::waylaid(folder.path(), &["keys", "p1"]).stdout;
    let key = |text: &str| text.lines().nth(1).map(|l| l.trim_start_matches("| ").to_owned());
    assert_eq!(key(rest).unwrap().split('|').next(), key(&person).unwrap().split(',').next());
    let text = "ERROR: duplicate key value violates unique constraint \"picks_pkey\"\n  \
                Detail: Key (order_id)=(1001) already exists.";
    let said = client.tool("keys", &json!({ "text": text })).unwrap();
    assert!(said.starts_with("1 finding in the text\n| kind|times|table|constraint|key|message\n"), "{said}");
    assert!(said.contains("picks_pkey|order_id = 1001"), "{said}");
    let none = client.tool("keys", &json!({"text": "all is well"})).unwrap();
    assert!(none.starts_with("the text names no violated constraint"), "{none}");
}

#[test]
fn a_system_that_makes_no_sense_is_said_and_mended_while_the_server_runs() {
    let folder = common::small();
    let toml = folder.path().join("waylaid.toml");
    std::fs::write(&toml, common::SMALL.replacen("\"files\"", "\"flies\"", 1)).unwrap();
    let mut client = Client::new(folder.path());
    let said = client.tool("describe", &json!({})).unwrap_err();
    assert!(said.contains("waylaid.toml:6:") && said.contains("flies"), "{said}");
    std::fs::write(&toml, common::SMALL).unwrap();
    assert!(client.tool("describe", &json!({})).unwrap().contains("«small»"));
}
