use super::*;
use serde_json::Value;
use std::fmt::Write as _;

/// An event in one line: time, level, thread, logger, message, exception, fields.
fn show(text: &str) -> String {
    show_with(text, &FileProfile::default().with_year(Some(2026)))
}

fn show_with(text: &str, profile: &FileProfile) -> String {
    let e = parse_event(text.as_bytes(), profile);
    let mut out = String::new();
    out += &e.time.map_or("-".into(), |t| t.to_string());
    if e.zone_assumed {
        out += "?";
    }
    let _ = write!(out, " {}", e.level.map_or("-".into(), |l| l.to_string()));
    let _ = write!(out, " [{}]", e.thread.unwrap_or_default());
    let _ = write!(out, " {}: {}", e.logger.unwrap_or_default(), e.message);
    if let Some(x) = e.exception {
        let _ = write!(out, " !{}", x.replace('\n', "⏎"));
    }
    for (path, value) in e.fields {
        let value = if let Value::String(s) = value { s } else { value.to_string() };
        let _ = write!(out, " {path}={value}");
    }
    out
}

mod json_lines;
mod text_lines;

#[test]
fn starts_of_events() {
    for line in [
        r#"{"level":"info"}"#,
        "2026-11-22 10:11:12,345 INFO x",
        "2026-11-22T10:11:12Z INFO x",
        "[2026-11-22 10:11:12,345] INFO x",
        "[10:11:12 INF] x",
        "10:11:12.345 [main] INFO x",
        "INFO:root:x",
        "ERROR 2026-11-22 10:11:12 x",
        "[main] INFO com.acme.Foo - x",
        "[ERROR] x",
        "info: Microsoft.Hosting.Lifetime[14]",
        "I1122 10:11:12.345678    1234 file.go:12] x",
        "time=2026-11-22T10:11:12Z level=INFO msg=x",
        "<13>Nov 22 10:11:12 host app[12]: x",
        "Nov 22 10:11:12 host app[12]: x",
        "Nov 22, 2026 10:11:12 AM com.acme.Orders accept",
        r#"10.0.0.1 - - [22/Nov/2026:10:11:12 +0000] "GET / HTTP/1.1" 200 1"#,
        "Sun Nov 22 10:11:12 2026 x",
        "\u{1b}[32m2026-11-22T10:11:12Z\u{1b}[0m INFO x",
        "order-1  | 2026-11-22T10:11:12Z INFO x",
        r#"{"log":"2026-11-22 10:11:12 INFO x\n","stream":"stdout","time":"2026-11-22T10:11:12Z"}"#,
        "2026-11-22T10:11:12.123456789Z stdout F {\"level\":\"info\"}",
        "261122 10:11:12 INFO dfs.Node: x",
    ] {
        assert!(starts_event(line.as_bytes()), "{line}");
    }
}

#[test]
fn continuations() {
    for line in [
        "",
        "\tat com.acme.Foo.bar(Foo.java:12)",
        "    at Foo.bar (/app/foo.js:1:2)",
        "Caused by: java.lang.IllegalStateException: x",
        "\t... 23 more",
        "Traceback (most recent call last):",
        "  File \"/app/x.py\", line 3, in main",
        "ValueError: 12 orders",
        "java.lang.IllegalStateException: x",
        "goroutine 1 [running]:",
        "main.main()",
        "DETAIL:  Key (id)=(1) already exists.",
        "  Detail: Key (id)=(1) already exists.",
        "select * from orders",
        "}",
        "2026-11-22 10:11:12.345 UTC [77] DETAIL:  Key (order_id)=(12) already exists.",
        r#"{"log":"\tat com.acme.Foo.bar(Foo.java:12)\n","stream":"stdout","time":"2026-11-22T10:11:12Z"}"#,
        "2026-11-22T10:11:12.123456789Z stderr F     at Foo.bar (/app/foo.js:1:2)",
    ] {
        assert!(!starts_event(line.as_bytes()), "{line}");
    }
}

#[test]
fn a_profile_sharpens_the_test() {
    let text_file =
        profile(b"2026-11-22 10:11:12 INFO reply:\n{\"orderId\": 12}\n2026-11-22 10:11:13 INFO x\n");
    assert!(!text_file.starts_event(br#"{"orderId": 13}"#));
    assert!(text_file.starts_event(br#"{"level":"info","msg":"x"}"#));
    let jul = profile(
        b"Nov 22, 2026 10:11:12 AM com.acme.A b\nINFO: x\nNov 22, 2026 10:11:13 AM com.acme.A b\nINFO: y\n",
    );
    assert!(!jul.starts_event(b"SEVERE: z"));
    let plain = profile(b"started\n  listening on 80\nstopped\n");
    assert!(plain.starts_event(b"failed"));
    assert!(!plain.starts_event(b"  because"));
    let day_first = profile(b"03/04/2026 10:00:00 x\n22/04/2026 10:00:00 y\n");
    assert_eq!(show_with("03/04/2026 10:00:00 INFO x", &day_first), "2026-04-03T10:00:00Z? INFO [] : x");
}

#[test]
fn broken_and_hostile_input_stays_bounded() {
    let deep = format!("{}1{}", "{\"a\":".repeat(5000), "}".repeat(5000));
    assert!(!show(&deep).is_empty());
    let long = format!("{{\"message\":\"{}\"}}", "x".repeat(1 << 20));
    assert_eq!(parse_event(long.as_bytes(), &FileProfile::default()).message.len(), 1 << 20);
    let brackets = "[".repeat(1 << 20);
    assert_eq!(parse_event(brackets.as_bytes(), &FileProfile::default()).message.len(), 1 << 20);
    let e = parse_event(b"\xff\xfe{\"a\":\xf0", &FileProfile::default());
    assert!(e.message.contains('a'));
}

proptest::proptest! {
    #[test]
    fn any_bytes_give_an_event(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..300)) {
        let p = profile(&bytes);
        p.starts_event(&bytes);
        starts_event(&bytes);
        parse_event(&bytes, &p);
    }

    #[test]
    fn any_header_like_text_gives_an_event(text in r#"([\[\]{}():|\-<> "\\é\t\n]|INFO|ERROR|at |12|2026-11-22|10:11:12|,345|msg=|com\.acme\.Foo|"time":|"@mt":"\{a\}"|E1122 10:11:12|<13>1 ){0,24}"#) {
        let p = profile(text.as_bytes());
        p.starts_event(text.as_bytes());
        parse_event(text.as_bytes(), &p);
    }
}

#[test]
fn what_an_error_says_in_a_tracing_line_ends_at_the_next_field() {
    let line = "2026-09-15T07:28:20.575669Z  WARN shop::worker: guide failed error=guide answered 503 (try again) lot=h/15 tries=1";
    let event = crate::parse_event(line.as_bytes(), &crate::profile(line.as_bytes()));
    assert_eq!(event.field("error"), Some(&serde_json::json!("guide answered 503 (try again)")));
    assert_eq!(event.field("lot"), Some(&serde_json::json!("h/15")));
    assert_eq!(event.field("tries"), Some(&serde_json::json!(1)));
}

#[test]
fn monologs_context_is_read_as_fields() {
    let line = r#"[2026-03-24T15:20:42.555664+00:00] production.WARNING: Label not received {"rma":"R-55","http":403,"answer":"{\"error\":\"api key revoked\"}"} []"#;
    let event = crate::parse_event(line.as_bytes(), &crate::profile(line.as_bytes()));
    assert_eq!(event.message, "Label not received");
    assert_eq!(event.field("http"), Some(&serde_json::json!(403)));
    let line = "[2026-03-24T15:20:42.555664+00:00] production.INFO: Started [] []";
    let event = crate::parse_event(line.as_bytes(), &crate::profile(line.as_bytes()));
    assert_eq!((event.message.as_str(), event.fields.len()), ("Started", 0));
    let line = "[2026-03-24T15:20:42.555664+00:00] production.INFO: took items [1] of []";
    let event = crate::parse_event(line.as_bytes(), &crate::profile(line.as_bytes()));
    assert_eq!(event.message, "took items [1] of []");
}

#[test]
fn an_object_behind_a_message_gives_fields_and_leaves_the_message() {
    let line = r#"2026-07-08 05:46:54.984 warn: handler failed {"attempt": 1, "topic": "rental.returned", "offset": 12, "partition": 1}"#;
    let event = crate::parse_event(line.as_bytes(), &crate::profile(line.as_bytes()));
    assert!(event.message.ends_with('}'), "{}", event.message);
    assert_eq!(event.field("topic"), Some(&serde_json::json!("rental.returned")));
    let found = crate::find_coordinates(&event);
    assert_eq!((found[0].partition, found[0].offset), (1, 12));
}
