//! `waylaid ask` with a scripted model in every dialect: what it is shown, what its calls come to, what a person reads, and
//! that nothing which goes wrong takes the verdict away.

use crate::common::{self, Ran, command, finish, waylaid};
use crate::injections;
use crate::script::{Reply, Script, offered, question, refusal, reply, results};
use crate::seed;
use serde_json::{Value, json};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

const KEY: &str = "sk-a-key-of-some-length";
const DIALECTS: [&str; 3] = ["openai", "anthropic", "ollama"];
const ASKED: &str = "why are orders stuck?";

fn prepared(folder: &Path, script: Option<(&Script, &str)>, more: &[&str]) -> Command {
    let mut command = command(folder, &[&["ask", ASKED], more].concat());
    for name in ["WAYLAID_MODEL", "WAYLAID_MODEL_URL", "WAYLAID_MODEL_KEY", "WAYLAID_MODEL_DIALECT"] {
        command.env_remove(name);
    }
    if let Some((script, dialect)) = script {
        let base = if dialect == "openai" { "/v1" } else { "" };
        command
            .env("WAYLAID_MODEL_URL", format!("http://{}{base}", script.address))
            .env("WAYLAID_MODEL", "scripted")
            .env("WAYLAID_MODEL_KEY", KEY)
            .env("WAYLAID_MODEL_DIALECT", dialect)
            .env("NO_PROXY", "*");
    }
    command
}

/// Asks; nothing that is printed or stored shows the key.
fn ask(folder: &Path, script: Option<(&Script, &str)>, more: &[&str]) -> Ran {
    let ran = finish(prepared(folder, script, more));
    assert!(!ran.stdout.contains(KEY) && !ran.stderr.contains(KEY), "{} {}", ran.stdout, ran.stderr);
    ran
}

/// A system in which nothing is stuck: the quickest verdict.
fn calm() -> tempfile::TempDir {
    let folder = common::small();
    std::fs::write(folder.path().join("logs/shop/app.log"), "2026-05-06 10:00:00.000 INFO a : b\n").unwrap();
    folder
}

#[test]
fn the_verdict_is_computed_and_the_model_explains_it_in_its_own_words() {
    let folder = seed();
    let plain = waylaid(folder.path(), &["diagnose"]);
    let verdict = plain.stdout.lines().next().unwrap();
    for dialect in DIALECTS {
        let script = Script::new(vec![
            reply(
                dialect,
                "I look at „e1“ first.",
                &[("a", "show", "{\"id\":\"e1\"}"), ("b", "keys", "{\"id\":\"p1\"}")],
            ),
            reply(dialect, "Duplicate keys stop them (e1).\n\nBut e999 says \u{1b}[31mmore.", &[]),
        ]);
        let ran = ask(folder.path(), Some((&script, dialect)), &[]);
        assert_eq!(ran.code, plain.code, "{dialect}: {}", ran.stderr);
        assert!(ran.stdout.starts_with(verdict), "{dialect}: {}", ran.stdout);
        let (_, explained) =
            ran.stdout.split_once("\nEXPLANATION  scripted's own words: not computed").unwrap();
        let lines: Vec<&str> = explained.lines().skip(1).collect();
        assert_eq!(
            lines,
            [
                "  │ I look at „e1“ first.",
                "  │ Duplicate keys stop them (e1).",
                "  │",
                "  │ But e999 says more."
            ],
            "{dialect}"
        );
        for said in
            ["1 of 8 calls: show {\"id\":\"e1\"}", "2 of 8 calls: keys", "cites e999", "2 calls, 2000 tokens"]
        {
            assert!(ran.stderr.contains(said), "{dialect} says {said}: {}", ran.stderr);
        }
        let heard = script.heard();
        assert_eq!(heard.len(), 2, "{dialect}");
        shown(dialect, &heard[0].body, &heard[0].head, &heard[0].path);
        let results = results(&heard[1].body);
        assert!(
            results[0].contains("orders.accepted.v1/") && results[1].starts_with("p1 of case"),
            "{results:?}"
        );
    }
}

/// What the first request holds.
fn shown(dialect: &str, body: &Value, head: &str, path: &str) {
    let asked = question(body);
    assert!(asked.starts_with(ASKED) && asked.contains("CONFIRMED «219 of 219"), "{asked}");
    assert_eq!(offered(body).len(), 10);
    assert_eq!((&body["model"], &body["stream"]), (&json!("scripted"), &json!(true)));
    let (wanted, header) = match dialect {
        "anthropic" => ("/v1/messages", format!("x-api-key: {KEY}")),
        "ollama" => ("/api/chat", format!("authorization: Bearer {KEY}")),
        _ => ("/v1/chat/completions", format!("authorization: Bearer {KEY}")),
    };
    assert!(path == wanted && head.contains(&header), "{path} {head}");
}

#[test]
fn wrong_calls_are_answered_so_that_the_next_one_is_right() {
    let folder = calm();
    for dialect in DIALECTS {
        let script = Script::new(vec![
            reply(
                dialect,
                "",
                &[("a", "show", "{\"id\": e1"), ("b", "execute_sql", "{}"), ("c", "follow", "{\"kye\":1}")],
            ),
            reply(
                dialect,
                "",
                &[
                    ("d", "query", "{\"sql\":\"DELETE FROM orders\"}"),
                    ("e", "stuck", "[1]"),
                    ("f", "describe", ""),
                ],
            ),
            reply(dialect, "Nothing is stuck.", &[]),
        ]);
        let ran = ask(folder.path(), Some((&script, dialect)), &[]);
        assert!(ran.stdout.contains("│ Nothing is stuck."), "{dialect}: {} {}", ran.stdout, ran.stderr);
        let heard = script.heard();
        let results = results(&heard[2].body);
        assert_eq!(results.len(), 6, "{dialect}");
        for (result, expected) in results.iter().zip([
            &["arguments are no JSON object", "next: show {\"id\":\"c1\"}"][..],
            &["no tool `execute_sql`", "all tools only read"],
            &["`key` is missing", "next: stuck {}"],
            &["DELETE is no SELECT", "nothing is ever written here"],
            &["arguments are no JSON object: [1]"],
            &["system «small»"],
        ]) {
            assert!(
                expected.iter().all(|e| result.contains(e)),
                "{dialect}: {result} should say {expected:?}"
            );
        }
        assert_eq!(ran.stderr.matches("refused, ").count(), 5, "{dialect}: {}", ran.stderr);
    }
}

#[test]
fn whatever_goes_wrong_with_the_model_the_verdict_is_there() {
    let folder = calm();
    let good = |dialect| reply(dialect, "All of it.", &[]);
    let html = Reply { body: "<html>502</html>".into(), ..good("openai") };
    let echo = format!("{{\"error\":{{\"message\":\"the key {KEY} is not known\\u001b[2J\"}}}}");
    let middle = Reply {
        body: "data: {\"choices\":[{\"delta\":{\"content\":\"All \"}}]}\n\ndata: {\"error\":{\"message\":\"out of memory\"}}\n\n".into(),
        ..good("openai")
    };
    let ends = Reply {
        body: "data: {\"choices\":[{\"delta\":{\"content\":\"All \"}}]}\n\n".into(),
        ..good("openai")
    };
    for (dialect, first, expected) in [
        (
            "openai",
            refusal(401, &[], &echo),
            &["status 401: the key *** is not known", "WAYLAID_MODEL_KEY"][..],
        ),
        (
            "anthropic",
            refusal(404, &[], "{\"error\":{\"message\":\"no such model\"}}"),
            &["no such model", "is WAYLAID_MODEL a model"],
        ),
        ("ollama", refusal(400, &[], "{\"error\":\"does not support tools\"}"), &["does not support tools"]),
        ("openai", refusal(307, &[("Location", "http://127.0.0.1:9/")], ""), &["status 307"]),
        ("openai", html, &["is no JSON", "WAYLAID_MODEL_DIALECT"]),
        ("openai", middle, &["out of memory"]),
        ("openai", ends, &["ends in the middle"]),
        ("anthropic", Reply { is_torn: true, ..good("anthropic") }, &["cannot be asked"]),
        ("openai", good("ollama"), &["WAYLAID_MODEL_DIALECT"]),
    ] {
        let script = Script::new(vec![first]);
        let ran = ask(folder.path(), Some((&script, dialect)), &[]);
        assert_eq!(ran.code, 3, "{dialect} {expected:?}: {}", ran.stderr);
        assert!(ran.stdout.contains("NO FAULT"), "{}", ran.stdout);
        assert!(ran.stderr.contains("nobody explains the verdict"), "{}", ran.stderr);
        assert!(expected.iter().all(|e| ran.stderr.contains(e)), "{expected:?}: {}", ran.stderr);
        assert!(!ran.stderr.contains('\u{1b}'), "{:?}", ran.stderr);
    }
}

#[test]
fn a_server_that_is_too_busy_is_asked_again_a_few_times() {
    let folder = calm();
    for dialect in DIALECTS {
        let busy = || refusal(429, &[("Retry-After", "0")], "{\"error\":{\"message\":\"slow down\"}}");
        let script = Script::new(vec![
            busy(),
            refusal(529, &[("Retry-After", "0.1")], ""),
            reply(dialect, "Now.", &[]),
        ]);
        let ran = ask(folder.path(), Some((&script, dialect)), &[]);
        assert!(ran.code == 0 && ran.stdout.contains("│ Now."), "{dialect}: {}", ran.stderr);
        assert!(ran.stderr.contains("status 429: slow down; asked again in 0 s"), "{}", ran.stderr);
        let script = Script::new(vec![busy()]);
        let ran = ask(folder.path(), Some((&script, dialect)), &[]);
        assert!(ran.code == 3 && ran.stderr.contains("the server's limit is reached"), "{}", ran.stderr);
        assert_eq!(script.heard().len(), 4);
    }
}

#[test]
fn what_is_spent_is_spent() {
    let folder = calm();
    for dialect in DIALECTS {
        let wants = || reply(dialect, "", &[("a", "describe", "{}"), ("b", "stuck", "{}")]);
        let script = Script::new(vec![wants(), reply(dialect, "Enough.", &[])]);
        let ran = ask(folder.path(), Some((&script, dialect)), &["--calls", "1"]);
        let heard = script.heard();
        let results = results(&heard[1].body);
        assert!(
            results[0].contains("«small»") && results[1].contains("the budget of calls is spent"),
            "{results:?}"
        );
        let last = &heard[1].body;
        let may_call = match dialect {
            "anthropic" => last["tool_choice"]["type"] != "none",
            "ollama" => last.get("tools").is_some(),
            _ => last["tool_choice"] != "none",
        };
        assert!(!may_call && last.to_string().contains("Nothing may be called any more"), "{last}");
        assert!(
            ran.stdout.contains("│ Enough.") && ran.stderr.contains("the budget is spent"),
            "{}",
            ran.stderr
        );
        // One that goes on calling all the same is not heard.
        let script = Script::new(vec![wants()]);
        let ran = ask(folder.path(), Some((&script, dialect)), &["--calls", "1"]);
        assert!(
            script.heard().len() == 2 && ran.stderr.contains("the model explained nothing"),
            "{}",
            ran.stderr
        );
    }
    let script = Script::new(vec![reply("openai", "x", &[])]);
    let ran = ask(folder.path(), Some((&script, "openai")), &["--tokens", "1000"]);
    assert!(ran.code == 3 && ran.stderr.contains("the budget of 1000 tokens is less"), "{}", ran.stderr);
    assert!(script.heard().is_empty(), "nothing was sent");
}

#[test]
fn without_a_model_the_verdict_is_printed_and_how_to_have_one() {
    let folder = calm();
    let ran = ask(folder.path(), None, &[]);
    assert!(ran.code == 0 && ran.stdout.contains("NO FAULT"), "{} {}", ran.stdout, ran.stderr);
    for name in ["WAYLAID_MODEL_URL", "WAYLAID_MODEL ", "WAYLAID_MODEL_KEY", "WAYLAID_MODEL_DIALECT"] {
        assert!(ran.stderr.contains(name), "{name}: {}", ran.stderr);
    }
    let ran = ask(folder.path(), None, &["--format", "json"]);
    let answer: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(answer["diagnosis"]["verdict"]["outcome"], "no_fault");
    assert_eq!(answer["explanation"], json!({"computed": false, "missing": "no model is configured"}));
    let mut wrong = prepared(folder.path(), None, &[]);
    wrong.env("WAYLAID_MODEL", "m");
    let ran = finish(wrong);
    assert!(ran.code == 2 && ran.stderr.contains("WAYLAID_MODEL_URL is not"), "{}", ran.stderr);
    let script = Script::new(vec![reply("openai", "As JSON (e7).", &[])]);
    let ran = ask(folder.path(), Some((&script, "openai")), &["--format", "json"]);
    let answer: Value = serde_json::from_str(&ran.stdout).unwrap();
    let explanation = &answer["explanation"];
    assert_eq!((&explanation["text"], &explanation["computed"]), (&json!("As JSON (e7)."), &json!(false)));
    assert_eq!((&explanation["cites_unknown"], &explanation["whole"]), (&json!(["e7"]), &json!(true)));
}

#[test]
fn ctrl_c_ends_it_while_the_model_thinks() {
    let folder = calm();
    let script = Script::new(vec![Reply { is_silent: true, ..reply("openai", "", &[]) }]);
    let mut command = prepared(folder.path(), Some((&script, "openai")), &[]);
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    for _ in 0..600 {
        if !script.heard().is_empty() {
            break;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    let id = child.id().to_string();
    assert!(Command::new("kill").args(["-INT", &id]).status().unwrap().success());
    assert_eq!(child.wait().unwrap().code(), Some(130));
}

#[test]
fn what_stores_say_stays_quoted_for_the_model_and_is_not_obeyed() {
    let texts = injections::texts();
    let folder = injections::poisoned(&texts);
    let calls: [(&str, &str); 8] = [
        ("diagnose", "{}"),
        ("problems", "{}"),
        ("search", "{\"text\":\"mk0\",\"store\":\"topics\"}"),
        ("search", "{\"text\":\"mk0\",\"store\":\"logs\"}"),
        ("query", "{\"sql\":\"SELECT id, note FROM orders\"}"),
        ("show", "{\"id\":\"e1\"}"),
        ("keys", "{\"id\":\"c1\"}"),
        ("describe", "{\"about\":\"stores\"}"),
    ];
    for dialect in DIALECTS {
        let mut replies: Vec<Reply> =
            calls.iter().map(|(name, arguments)| reply(dialect, "", &[("a", name, arguments)])).collect();
        replies.push(reply(dialect, &texts.join("\n"), &[]));
        let script = Script::new(replies);
        let ran = ask(folder.path(), Some((&script, dialect)), &["--tokens", "400000"]);
        let heard = script.heard();
        assert_eq!(heard.len(), calls.len() + 1, "as many calls as the model made: {}", ran.stderr);
        let tools = offered(&heard[0].body);
        assert!(
            heard[..calls.len()].iter().all(|h| offered(&h.body) == tools),
            "no text of a store adds a tool"
        );
        let asked = question(&heard[0].body);
        injections::holds("the question", asked.split_once("verdict:\n").unwrap().1);
        for result in results(&heard[calls.len()].body) {
            injections::holds(dialect, &result);
        }
        // What the model repeats is marked as its words, line by line, and moves nothing.
        let (_, explained) = ran.stdout.split_once("\nEXPLANATION").unwrap();
        assert!(explained.lines().skip(1).all(|l| l.starts_with("  │")), "{explained}");
        assert!(!ran.stdout.contains(['\u{1b}', '\u{202e}', '\u{200b}']), "{:?}", ran.stdout);
    }
}
