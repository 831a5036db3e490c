//! What an agent pays for: the list of tools, single answers, a whole incident, in tokens of a real tokenizer. None of it may
//! grow. `WAYLAID_WRITE=1 cargo test -p waylaid --test mcp tokens` writes docs/measurements/mcp.md.

use crate::client::Client;
use crate::{common, seed};
use serde_json::json;
use std::fmt::Write as _;

/// Tokens of a text for current models.
pub fn tokens(text: &str) -> usize {
    bpe_openai::o200k_base().count(text)
}

/// What is measured, at most how much.
struct Measured {
    what: &'static str,
    call: String,
    text: String,
    most: usize,
}

fn measured() -> Vec<Measured> {
    let folder = seed();
    let mut client = Client::new(folder.path());
    client.tool("diagnose", &json!({})).unwrap();
    let list = client.request("tools/list", &json!({}))["result"]["tools"].to_string();
    let instructions = client.hello["instructions"].as_str().unwrap().to_owned();
    let mut all = vec![
        Measured { what: "the list of tools", call: "`tools/list`".into(), text: list, most: 2_000 },
        Measured { what: "the instructions", call: "`initialize`".into(), text: instructions, most: 110 },
    ];
    for (what, name, arguments, most) in [
        ("the verdict on the seed incident", "diagnose", json!({}), 1_400),
        ("one Kafka message, whole", "show", json!({"id": "e1"}), 450),
        ("the error behind it, with its stack trace", "show", json!({"id": "e3"}), 1_300),
        (
            "a page of 50 and more identical errors",
            "search",
            json!({"text": "duplicate key", "store": "logs"}),
            500,
        ),
        ("a page of messages, two fields of each", "search", messages(), 2_000),
        ("a page of 100 and more rows", "search", json!({"text": "ACCEPTED", "store": "tables"}), 2_000),
        (
            "a full page of the rows of a SELECT",
            "query",
            json!({"store": "orders", "sql": "SELECT id, status, updated_at FROM orders ORDER BY id LIMIT 100"}),
            2_000,
        ),
        ("tables and columns", "query", json!({"store": "orders"}), 300),
        ("a page of the keys in messages, with their rows", "keys", json!({"id": "p1"}), 2_000),
        ("one order's trail", "follow", json!({"key": first_key(&mut client)}), 1_300),
        ("who is stuck", "stuck", json!({}), 450),
        ("all error groups", "problems", json!({}), 2_000),
        ("what the stores hold", "describe", json!({"about": "stores"}), 900),
    ] {
        let text = client.tool(name, &arguments).unwrap();
        all.push(Measured { what, call: format!("`{name} {arguments}`"), text, most });
    }
    all
}

/// Two fields of many messages.
fn messages() -> serde_json::Value {
    json!({"in": ["orders.accepted"], "store": "topics", "text": "orderId", "fields": ["$.orderId", "$.channel"]})
}

/// The goal: what a message costs where it is one of many, all words around it included.
const A_MESSAGE: usize = 40;

#[test]
fn a_message_costs_forty_tokens() {
    let folder = seed();
    let mut client = Client::new(folder.path());
    let page = client.tool("search", &messages()).unwrap();
    let lines = page.lines().filter(|line| line.starts_with('«') && line.contains(" orderId=")).count();
    let each = tokens(&page) / lines;
    println!("{} tokens for {lines} messages, {each} each:\n{page}", tokens(&page));
    assert!(lines >= 20, "{page}");
    assert!(each <= A_MESSAGE, "{each} tokens a message:\n{page}");
    // What is not shown is counted, and the cursor goes on behind the last one that was.
    assert!(page.contains(&format!("matches 0 to {lines} of ")), "{page}");
}

fn first_key(client: &mut Client) -> String {
    let cause = client.tool("show", &json!({"id": "c1"})).unwrap_or_default();
    let keys = cause.split("entities «").nth(1).unwrap_or("");
    keys.split([' ', '»']).next().unwrap_or_default().to_owned()
}

#[test]
fn none_of_it_grows() {
    let all = measured();
    let mut page = String::from(
        "# What an agent pays\n\nTokens of the o200k vocabulary, of the seed incident in `cases`; the limit is what a test holds.\n\
         Written by `WAYLAID_WRITE=1 cargo test -p waylaid --test mcp tokens`.\n\n| what | call | bytes | tokens | limit |\n|---|---|---|---|---|\n",
    );
    let mut incident = 0;
    for m in &all {
        let tokens = tokens(&m.text);
        println!("{}: {tokens} tokens, {} bytes", m.what, m.text.len());
        assert!(tokens <= m.most, "{}: {tokens} tokens are more than {}:\n{}", m.what, m.most, m.text);
        assert!(m.text.len() <= 9_000, "{}: {} bytes", m.what, m.text.len());
        let _ = writeln!(page, "| {} | {} | {} | {tokens} | {} |", m.what, m.call, m.text.len(), m.most);
        if m.call.starts_with("`diagnose") || m.call.contains("\"e1\"") {
            incident += tokens;
        }
    }
    // From the question to a verdict that was questioned: the verdict, the last good record.
    assert!(incident <= 2_200, "{incident}");
    assert!(
        all[2].text.contains("duplicate_key") && all[2].text.contains("PickStore.java"),
        "{}",
        all[2].text
    );
    let _ = writeln!(
        page,
        "| **the seed incident, from question to verdict** | diagnose, show, 2 calls | | {incident} | 2200 (goal: 3,000 in 3 calls) |"
    );
    if std::env::var_os("WAYLAID_WRITE").is_some() {
        let path = common::root().join("docs/measurements/mcp.md");
        let old = std::fs::read_to_string(&path).unwrap_or_default();
        let rest = old.split_once("\n## ").map(|(_, rest)| format!("\n## {rest}")).unwrap_or_default();
        std::fs::write(path, page + &rest).unwrap();
    }
}

#[test]
fn the_estimate_is_above_what_tokenizers_count() {
    for m in measured() {
        let (estimate, counted) = (waylaid_report::agent::estimate(&m.text), tokens(&m.text));
        assert!(estimate >= counted, "{}: {estimate} is less than {counted}", m.what);
    }
}
