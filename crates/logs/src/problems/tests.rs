use super::*;
use crate::{FileProfile, parse_event};
use waylaid_model::{Level, LogEvent, Reference, Timestamp};

fn event(text: &str) -> LogEvent {
    parse_event(text.as_bytes(), &FileProfile::of(text.as_bytes()))
}

fn sign(text: &str) -> Sign {
    Sign::of(&event(text)).unwrap_or_else(|| panic!("no problem: {text}"))
}

fn collect(texts: &[&str]) -> Vec<Group> {
    let mut collector = Collector::default();
    for (n, text) in texts.iter().enumerate() {
        let event = event(text);
        let Some(sign) = Sign::of(&event) else { continue };
        let at = Reference::LogLine { store: "logs".into(), file: "a.log".into(), line: n as u64 + 1 };
        let (service, instance) =
            (service_of(&event).unwrap_or_default(), instance_of(&event).unwrap_or_default());
        let seen = Seen {
            at: &at,
            order: (0, n as u64),
            service: &service,
            instance: &instance,
            target: "",
            time: event.time,
            entities: &[],
            text: &event.message,
        };
        collector.add(&sign, &seen);
    }
    collector.finish()
}

const TRACE: &str = "2026-11-22 10:11:12,345 ERROR [main] com.acme.Picks - Storing pick for order 12 failed
org.springframework.dao.DuplicateKeyException: could not execute; nested exception is org.postgresql.util.PSQLException: ERROR: duplicate key value violates unique constraint \"picks_pkey\"
\tat org.springframework.Foo.bar(Foo.java:1)
\tat com.acme.pick.Store.insert(Store.java:41)
\tat com.acme.pick.PickConsumer.onOrder(PickConsumer.java:57)
Caused by: org.postgresql.util.PSQLException: ERROR: duplicate key value violates unique constraint \"picks_pkey\"
  Detail: Key (order_id)=(12) already exists.
\tat org.postgresql.core.Core.receive(Core.java:12)
\t... 23 more";

#[test]
fn lines_that_move_ids_and_instances_change_nothing() {
    let moved = TRACE
        .replace("order 12", "order 9917")
        .replace("(12)", "(9917)")
        .replace(":41)", ":43)")
        .replace(":57)", ":59)")
        .replace("... 23 more", "... 31 more")
        .replace("[main]", "[exec-7]");
    let found = collect(&[TRACE, &moved]);
    assert_eq!(found.len(), 1, "{:?}", found.iter().map(|g| &g.template).collect::<Vec<_>>());
    let group = &found[0];
    assert_eq!((group.count, group.type_name.as_str()), (2, "org.postgresql.util.PSQLException"));
    assert_eq!(group.frames, ["com.acme.pick.Store.insert", "com.acme.pick.PickConsumer.onOrder"]);
    assert_eq!(group.kind.map(waylaid_model::Kind::as_str), Some("duplicate_key"));
    assert!(group.template.ends_with(" · picks_pkey"), "{}", group.template);
    assert!(
        group.chain.starts_with("DuplicateKeyException: could not execute ← PSQLException: ERROR: duplicate"),
        "{}",
        group.chain
    );
    let other = TRACE.replace("PickConsumer", "ReplayJob");
    assert_ne!(collect(&[&other])[0].fingerprint, group.fingerprint);
    let constraint = TRACE.replace("picks_pkey", "picks_no_key");
    assert_eq!(collect(&[TRACE, &constraint]).len(), 2);
}

#[test]
fn ranks_by_level_exception_status_and_words() {
    use Rank::{Error, Warning};
    for (text, expected) in [
        ("2026-11-22 10:11:12 ERROR x.Y - pick failed", Some(Error)),
        ("2026-11-22 10:11:12 FATAL x.Y - no memory", Some(Error)),
        ("2026-11-22 10:11:12 WARN x.Y - slow", Some(Warning)),
        ("2026-11-22 10:11:12 INFO x.Y - 3 errors were repaired", None),
        (
            "2026-11-22 10:11:12 INFO x.Y - retry\njava.io.IOException: reset\n\tat com.acme.A.b(A.java:1)",
            Some(Error),
        ),
        ("{\"level\":50,\"time\":1795342272000,\"msg\":\"pick failed\"}", Some(Error)),
        ("10.0.0.1 - - [22/Nov/2026:10:11:12 +0000] \"GET /orders/17?x=2 HTTP/1.1\" 502 1", Some(Error)),
        ("10.0.0.1 - - [22/Nov/2026:10:11:12 +0000] \"GET /favicon.ico HTTP/1.1\" 404 1", None),
        ("<11>Nov 22 10:11:12 host app[12]: it broke", Some(Error)),
        ("<14>Nov 22 10:11:12 host app[12]: all is well", None),
        ("2026-11-22 10:11:12.345 UTC [12] shop@orders ERROR:  deadlock detected", Some(Error)),
        ("Nov 22 10:11:12 host kernel: [12.345678] Out of memory: Killed process 1234 (java)", Some(Error)),
        ("Nov 22 10:11:12 host kernel: app[77]: segfault at 0 ip 00007f", Some(Error)),
        ("Nov 22 10:11:12 host systemd[1]: Started Daily apt upgrade.", None),
        ("Nov 22 10:11:12 host backup[1]: finished with 0 errors", None),
    ] {
        assert_eq!(rank_of(&event(text)), expected, "{text}");
    }
}

#[test]
fn requests_are_told_by_method_path_and_status() {
    let sign = sign("10.0.0.1 - - [22/Nov/2026:10:11:12 +0000] \"POST /orders/17/pay?x=2 HTTP/1.1\" 503 1");
    assert_eq!(sign.template, "POST /orders/<*>/pay answered 503");
    assert_eq!(sign.kind.map(waylaid_model::Kind::as_str), Some("dependency_error"));
}

#[test]
fn without_frames_the_logs_own_words_tell_apart() {
    let stock = "2026-11-22 10:11:12 ERROR x.Y - Calling stock failed\njava.net.SocketTimeoutException: Read timed out\n\tat java.net.Socket.read(Socket.java:1)";
    let price = stock.replace("stock", "pricing");
    assert_eq!(collect(&[stock, &price]).len(), 2);
}

#[test]
fn any_order_gives_the_same() {
    let texts: Vec<String> = (0..200)
        .map(|n| {
            let name = ["ann", "bob", "eve", "joe", "kim", "lea", "max"][n % 7];
            format!("2026-11-22 10:{:02}:12 ERROR x.Y - no desk left for {name} in hall {n}", n % 60)
        })
        .collect();
    let forth: Vec<&str> = texts.iter().map(String::as_str).collect();
    let found = collect(&forth);
    assert_eq!(found.len(), 1, "{:?}", found.iter().map(|g| &g.template).collect::<Vec<_>>());
    assert_eq!(found[0].template, "no desk left for <*> in hall <*>");
    assert_eq!(found[0].count, 200);
    let samples = found[0].samples();
    assert_eq!(samples.len(), 3);
    assert!(samples[0].time <= samples[1].time && samples[1].time <= samples[2].time);
}

#[test]
fn a_window_counts_and_a_baseline_compares() {
    let at = |text: &str| Timestamp::parse_rfc3339(text);
    let spans = Spans {
        window: waylaid_model::Window { from: at("2026-11-22T10:00:00Z"), until: at("2026-11-22T11:00:00Z") },
        baseline: Some(waylaid_model::Window {
            from: at("2026-11-22T09:00:00Z"),
            until: at("2026-11-22T10:00:00Z"),
        }),
    };
    let mut collector = Collector::new(spans);
    for (n, hour) in [8, 9, 9, 10, 10, 10, 11].iter().enumerate() {
        let event = event(&format!("2026-11-22 {hour:02}:11:12 ERROR x.Y - pick {n} failed"));
        let reference = Reference::Target { store: "s".into(), target: "t".into() };
        let seen = Seen {
            at: &reference,
            order: (0, n as u64),
            service: "a",
            instance: "a-1",
            target: "",
            time: event.time,
            entities: &[],
            text: "",
        };
        collector.add(&Sign::of(&event).unwrap(), &seen);
    }
    assert_eq!(collector.totals(), (3, 2));
    let found = collector.finish();
    assert_eq!((found[0].count, found[0].before, found[0].level), (3, 2, Some(Level::Error)));
}

#[test]
fn a_million_different_messages_stay_bounded() {
    let mut collector = Collector::default();
    let reference = Reference::Target { store: "s".into(), target: "t".into() };
    let mut word = String::new();
    for n in 0..60_000u64 {
        word.clear();
        let mut left = n.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        (0..5).for_each(|_| {
            (0..3).for_each(|_| {
                word.push(char::from(b'a' + (left % 26) as u8));
                left /= 26;
            });
            word.push(' ');
        });
        let sign = Sign {
            rank: Rank::Error,
            level: None,
            kind: None,
            type_name: String::new(),
            template: word.clone(),
            frames: Vec::new(),
            chain: String::new(),
        };
        let seen = Seen {
            at: &reference,
            order: (0, n),
            service: "a",
            instance: "a",
            target: "",
            time: None,
            entities: &[],
            text: &word,
        };
        collector.add(&sign, &seen);
    }
    assert_eq!(collector.totals().0, 60_000);
    let uncounted = collector.uncounted();
    let found = collector.finish();
    assert!(found.len() <= 16_384);
    assert_eq!(found.iter().map(|g| g.count).sum::<u64>() + uncounted, 60_000);
}

#[test]
fn what_is_thrown_is_said_once() {
    for (text, template) in [
        ("2026-11-22 10:11:12 ERROR x - KeyError: 'sku'", "'<*>'"),
        (
            "Traceback (most recent call last):\n  File \"/srv/a.py\", line 1, in f\nshop.PickFailed",
            "without a message",
        ),
        (
            "panic: no stock\n\ngoroutine 1 [running]:\nruntime.main()\n\t/usr/local/go/src/runtime/proc.go:1",
            "no stock",
        ),
    ] {
        assert_eq!(sign(text).template, template, "{text}");
    }
}

#[test]
fn names_of_files_and_what_passed_are_no_failures() {
    for text in [
        "Passed: tools/javac/MisleadingPathError.java",
        "compiled src/main/java/shop/PickFailedException.java",
        "PASS: an error is told",
        "ok 12 - handles errors",
    ] {
        assert_eq!(Sign::of(&event(text)), None, "{text}");
    }
    for text in [
        "stopped by PickFailedException.",
        "cat: a.txt: No such file or directory",
        "npm error code E404",
        "3 error code E404",
    ] {
        assert!(Sign::of(&event(text)).is_some(), "{text}");
    }
}
