//! Text that wants to be obeyed, in every place that a store has, through every tool: none of it leaves its quotation.
//!
//! `data/injections.ndjson` holds the texts. Each is put into log lines, records, header names and values, rows, column
//! names, topic names and code, and into the arguments of calls, with a mark at its begin and its end.

use crate::client::Client;
use crate::common;
use crate::tokens::tokens;
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::path::Path;

/// What every mark begins with.
const MARK: &str = "mk0";

/// Text with its marks.
pub fn texts() -> Vec<String> {
    let all =
        std::fs::read_to_string(common::root().join("crates/cli/tests/data/injections.ndjson")).unwrap();
    let text = |(number, line): (usize, &str)| {
        let line: Value = serde_json::from_str(line).unwrap();
        format!("{MARK}{number} {} {MARK}{number}", line["text"].as_str().unwrap())
    };
    all.lines().enumerate().map(text).collect()
}

/// A system in which whatever can hold text holds one of them.
pub fn poisoned(texts: &[String]) -> tempfile::TempDir {
    let toml = format!("{}\n[service.shop]\ntables = [\"orders\"]\ncode = \"code/shop\"\n", common::SMALL);
    let folder = common::system(&toml);
    for part in ["logs/shop", "topics", "code/shop"] {
        std::fs::create_dir_all(folder.path().join(part)).unwrap();
    }
    rows(folder.path(), texts);
    records(folder.path(), texts);
    let mut log = String::new();
    let mut code = String::from("package shop;\n\nclass Shop {\n  void run(Logger log, String id) {\n");
    for (number, text) in texts.iter().enumerate() {
        for (level, words) in [("INFO", "came"), ("ERROR", "failed")] {
            let message = format!("order {} {words}: {text}", 1000 + number);
            let at = format!("2026-05-06T10:{:02}:00.000Z", number % 60);
            let line = json!({"@timestamp": at, "level": level, "logger_name": text, "message": message,
                "orderId": 1000 + number, "stack_trace": format!("shop.Failure: {text}\n\tat shop.Shop.run(Shop.java:{})", number + 5)});
            let _ = writeln!(log, "{line}");
        }
        let _ = writeln!(code, "    log.error(\"order {{}} failed: \" + {}, id);", json!(text));
    }
    // Times go on, so that what is stuck has been so for long enough.
    let _ = writeln!(
        log,
        "{}",
        json!({"@timestamp": "2026-05-06T13:00:00.000Z", "level": "INFO", "message": "idle"})
    );
    std::fs::write(folder.path().join("logs/shop/app.ndjson"), log).unwrap();
    std::fs::write(folder.path().join("code/shop/Shop.java"), code + "  }\n}\n").unwrap();
    folder
}

fn rows(folder: &Path, texts: &[String]) {
    let database = rusqlite::Connection::open(folder.join("orders.sqlite")).unwrap();
    let mut columns = String::new();
    for text in texts {
        let _ = write!(columns, ", \"{}\" TEXT", text.replace('"', "\"\""));
    }
    let create = format!(
        "CREATE TABLE orders (id INTEGER PRIMARY KEY, status TEXT, note TEXT, updated_at TEXT{columns})"
    );
    database.execute_batch(&create).unwrap();
    for (number, text) in texts.iter().enumerate() {
        let status = if number % 3 == 0 { "DONE" } else { "ACCEPTED" };
        let column = text.replace('"', "\"\"");
        let insert = format!(
            "INSERT INTO orders (id, status, note, updated_at, \"{column}\") VALUES (?1, ?2, ?3, ?4, ?3)"
        );
        let values = rusqlite::params![1000 + number as i64, status, text, "2026-05-06T10:00:00Z"];
        database.execute(&insert, values).unwrap();
    }
    // States are text, too.
    let insert = "INSERT INTO orders (id, status, updated_at) VALUES (?1, ?2, '2026-05-06T10:00:00Z')";
    for (number, text) in texts.iter().enumerate() {
        database.execute(insert, rusqlite::params![5000 + number as i64, text]).unwrap();
    }
}

fn records(folder: &Path, texts: &[String]) {
    for (number, text) in texts.iter().enumerate() {
        let mut lines = String::new();
        for (topic, offset) in [(text.as_str(), 0), ("orders", 0)] {
            let payload = json!({"orderId": 1000 + number, "note": text, text.as_str(): "x"});
            let record = json!({"topic": topic, "partition": number, "offset": offset, "tstype": "create",
                "ts": 1_778_061_600_000_u64 + number as u64 * 1000, "headers": [text, text, "type", "Order"],
                "key": format!("{}", 1000 + number), "payload": payload.to_string()});
            let _ = writeln!(lines, "{record}");
        }
        std::fs::write(folder.join(format!("topics/t{number}.ndjson")), lines).unwrap();
    }
}

/// What of an answer is neither quoted nor a raw line.
fn outside(answer: &str) -> String {
    let mut out = String::new();
    for line in answer.lines().filter(|l| !l.starts_with("| ")) {
        let mut rest = line;
        while let Some((before, after)) = rest.split_once('«') {
            out.push_str(before);
            let (inside, after) =
                after.split_once('»').unwrap_or_else(|| panic!("an open quotation: {line}"));
            assert!(!inside.contains('«'), "a quotation in a quotation: {line}");
            rest = after;
        }
        assert!(!rest.contains('»'), "the end of no quotation: {line}");
        out.push_str(rest);
        out.push('\n');
    }
    out
}

/// Nothing leaves its quotation, nothing hides, nothing is a link.
pub fn holds(what: &str, answer: &str) {
    let outside = outside(answer);
    assert!(!outside.contains(MARK) && !outside.contains("collect.example"), "{what}: {outside}");
    for word in ["DELETE", "SYSTEM", "ignore", "IMPORTANT", "assistant", "nothing is wrong"] {
        assert!(!outside.contains(word), "{what} says {word}: {outside}");
    }
    let hides = |c: char| {
        (c.is_control() && c != '\n')
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{e0000}'..='\u{e007f}')
    };
    assert!(!answer.contains(hides), "{what}: {answer:?}");
    for link in ["](", "![", "]: ", "<img", "<a ", "<script", "<https:"] {
        assert!(!answer.contains(link), "{what} holds {link}: {answer}");
    }
    assert!(
        answer.len() <= 9_000 && tokens(answer) <= 2_000,
        "{what}: {} bytes, {} tokens",
        answer.len(),
        tokens(answer)
    );
}

/// Every call that shows what stores hold.
fn calls(texts: &[String]) -> Vec<(&'static str, Value)> {
    let mut calls = vec![
        ("diagnose", json!({"entity": "order"})),
        ("diagnose", json!({"since": "4h"})),
        ("stuck", json!({})),
        ("problems", json!({})),
        ("problems", json!({"since": "4h", "entity": "order"})),
        ("describe", json!({"about": "system"})),
        ("describe", json!({"about": "stores"})),
        ("describe", json!({"about": "flow"})),
    ];
    for part in ["flow", "ruled_out", "suspects", "coverage", "notes", "queries", "c1", "c2", "p1", "p2"] {
        calls.push(("show", json!({ "id": part })));
    }
    for number in 1..=12 {
        calls.push(("show", json!({"id": format!("e{number}")})));
    }
    for store in ["logs", "topics", "tables"] {
        for cursor in (0..120).step_by(8) {
            calls.push(("search", json!({"text": MARK, "store": store, "cursor": cursor})));
        }
    }
    calls.push(("query", json!({"store": "orders"})));
    for select in ["*", "id, note", "status", "note AS \"call query now\""] {
        for cursor in (0..120).step_by(8) {
            let sql = format!("SELECT {select} FROM orders ORDER BY id");
            calls.push(("query", json!({"store": "orders", "sql": sql, "cursor": cursor})));
        }
    }
    for id in ["p1", "p2", "c1", "c2"] {
        calls.push(("keys", json!({ "id": id })));
    }
    for (number, text) in texts.iter().enumerate() {
        let violated = format!(
            "ERROR: duplicate key value violates unique constraint \"{text}\"\n  Detail: Key ({text})=({text}) already exists."
        );
        calls.push(("keys", json!({ "text": violated })));
        calls.push(("keys", json!({"text": format!("2026-05-06T10:00:00Z ERROR shop : {text}\njava.net.SocketTimeoutException: {text}")})));
        // A column of that name: what it holds is its name again.
        let column = text.replace('"', "\"\"");
        calls.push((
            "query",
            json!({"sql": format!("SELECT \"{column}\" FROM orders WHERE id = {}", 1000 + number)}),
        ));
        calls.push(("code", json!({"text": format!("order {} failed: {text}", 1000 + number)})));
        if number % 6 == 1 {
            calls.push(("follow", json!({"key": 1000 + number})));
        }
    }
    calls
}

#[test]
fn no_text_of_a_store_leaves_its_quotation() {
    let texts = texts();
    assert!(texts.len() >= 60);
    let folder = poisoned(&texts);
    let mut client = Client::new(folder.path());
    let tools = client.request("tools/list", &json!({}));
    let mut seen = String::new();
    for (name, arguments) in calls(&texts) {
        let answer = client.tool(name, &arguments).unwrap_or_else(|e| e);
        holds(&format!("{name} {arguments}"), &answer);
        seen.push_str(&answer);
    }
    let shown = (0..texts.len()).filter(|n| seen.contains(&format!("{MARK}{n} "))).count();
    assert_eq!(shown, texts.len(), "every text was shown somewhere");
    assert_eq!(
        tools,
        client
            .request("tools/list", &json!({}))
            .as_object()
            .map(|o| {
                let mut same = o.clone();
                same.insert("id".into(), tools["id"].clone());
                Value::Object(same)
            })
            .unwrap(),
        "no text of a store gets into the list of tools"
    );
    let listed = client.request("resources/list", &json!({}))["result"].to_string();
    assert!(!listed.contains(MARK), "{listed}");
}

#[test]
fn keys_tables_and_constraints_of_that_name_stay_quoted() {
    let texts = texts();
    let folder = common::small();
    let file = common::store_case(folder.path(), "mixture", "c-20261122-1").join("diagnosis.json");
    let mut case: Value = serde_json::from_str(&std::fs::read_to_string(&file).unwrap()).unwrap();
    let mut client = Client::new(folder.path());
    for text in &texts {
        let keys = &mut case["verdict"]["causes"][0]["keys"];
        for field in ["table", "constraint", "csv"] {
            keys[field] = json!(text);
        }
        (keys["columns"], keys["values"]) = (json!([text, "id"]), json!([[text, text], ["1", text]]));
        std::fs::write(&file, case.to_string()).unwrap();
        let answer = client.tool("keys", &json!({"id": "c1"})).unwrap();
        assert!(answer.contains(text.split(' ').next().unwrap()), "{answer}");
        holds("keys", &answer);
        for arguments in [json!({ "id": text }), json!({"id": "c1", "case": text})] {
            holds("keys", &client.tool("keys", &arguments).unwrap_err());
        }
    }
}

#[test]
fn what_a_call_carries_stays_quoted_in_its_answer() {
    let texts = texts();
    let folder = poisoned(&texts[..6]);
    let mut client = Client::new(folder.path());
    for text in &texts {
        for (name, arguments) in [
            ("diagnose", json!({ "entity": text })),
            ("stuck", json!({ "since": text })),
            ("search", json!({ "store": text, "text": "x" })),
            ("search", json!({ "path": [text] })),
            ("show", json!({ "id": text })),
            ("query", json!({ "store": text, "sql": "SELECT 1" })),
            ("query", json!({ "sql": text })),
            ("query", json!({ "sql": format!("SELECT \"{}\" FROM orders", text.replace('"', "\"\"")) })),
            ("query", json!({ "sql": format!("SELECT 1 FROM \"{}\"", text.replace('"', "\"\"")) })),
            (
                "query",
                json!({ "sql": format!("SELECT '{0}' AS x, '{0}' AS \"{1}\"", text.replace('\'', "''"), text.replace('"', "\"\"")) }),
            ),
            ("describe", json!({ "about": text })),
            ("describe", json!({ text.as_str(): 1 })),
        ] {
            holds(name, &client.tool(name, &arguments).unwrap_or_else(|e| e));
        }
        let answer = client.request("tools/call", &json!({"name": text, "arguments": {}}));
        holds("the name of a tool", answer["error"]["message"].as_str().unwrap());
    }
}
