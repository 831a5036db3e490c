//! Traces as runtimes and loggers print them: each file below `exceptions/` is a trace and what is read of it. The same
//! must be read when the trace follows a line of a text log, or stands in a field of a JSON line.
//!
//! `WAYLAID_WRITE=1 cargo test -p waylaid-logs --test exceptions` writes what is read into the files; read the diff.
#![allow(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use waylaid_logs::{FileProfile, is_library_frame, parse_error, parse_event, parse_exception, starts_event};

/// Between a trace and what is read of it.
const MARK: &str = "\n======== is read as ========\n";

/// Chain, frames and what stands beside the chain, a line each.
fn show(text: &str) -> String {
    let Some(x) = parse_exception(text).or_else(|| parse_error(text)) else { return "nothing".into() };
    let mut out = format!("{:?}\n", x.language);
    for link in &x.chain {
        let _ = writeln!(out, "{} | {}", link.type_name, link.message.replace('\n', "⏎"));
    }
    for frame in &x.frames {
        let mark = if is_library_frame(frame) { "    lib" } else { "    app" };
        let place = frame.file.as_deref().unwrap_or("?");
        let _ = writeln!(out, "{mark} {} {place}:{}", frame.symbol, frame.line.unwrap_or(0));
    }
    for link in &x.suppressed {
        let _ = writeln!(out, "beside {} | {}", link.type_name, link.message.replace('\n', "⏎"));
    }
    out
}

fn samples() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/exceptions");
    let folders = std::fs::read_dir(root).unwrap().map(|f| f.unwrap().path());
    let files = folders.flat_map(|f| std::fs::read_dir(f).unwrap().map(|f| f.unwrap().path()));
    let mut files: Vec<PathBuf> = files.collect();
    files.sort();
    files
}

fn parts(file: &Path) -> (String, String) {
    let text = std::fs::read_to_string(file).unwrap();
    match text.split_once(MARK) {
        Some((trace, read)) => (trace.to_owned(), read.to_owned()),
        None => (text.trim_end_matches('\n').to_owned(), String::new()),
    }
}

#[test]
fn each_trace_is_read_as_its_file_says() {
    let write = std::env::var_os("WAYLAID_WRITE").is_some();
    let mut wrong = Vec::new();
    for file in samples() {
        let (trace, expected) = parts(&file);
        let read = show(&trace);
        if write {
            std::fs::write(&file, format!("{trace}{MARK}{read}")).unwrap();
        } else if read != expected {
            wrong.push(format!("{}\n{read}", file.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Lines of a file as events: each line that begins none goes on with the one before.
fn events(text: &str) -> Vec<String> {
    let profile = FileProfile::of(text.as_bytes());
    let mut events: Vec<String> = Vec::new();
    for line in text.split_inclusive('\n') {
        match events.last_mut().filter(|_| !profile.starts_event(line.as_bytes())) {
            Some(event) => event.push_str(line),
            None => events.push(line.to_owned()),
        }
    }
    events
}

/// Whether a text is nothing but a message: behind a line of a log it goes on with that.
fn is_message(read: &str) -> bool {
    read.lines().skip(1).all(|l| l.starts_with(" | "))
}

/// Whether a trace brings log lines of its own.
fn is_logged(trace: &str) -> bool {
    trace.lines().any(|l| starts_event(l.as_bytes()))
}

#[test]
fn behind_a_line_of_a_text_log_the_same_is_read() {
    let mut wrong = Vec::new();
    for file in samples() {
        let (trace, expected) = parts(&file);
        if is_logged(&trace) || is_message(&expected) {
            continue;
        }
        let line =
            |n: u8| format!("2026-11-22 10:11:{n:02}.123 ERROR 1 --- [main] shop.Picks : cannot pick\n");
        let text = [line(10), line(11), trace.clone(), "\n".into(), line(12), line(13)].concat();
        let events = events(&text);
        if events.len() != 4 {
            wrong.push(format!("{}: {} events\n", file.display(), events.len()));
            continue;
        }
        let event = parse_event(events[1].as_bytes(), &FileProfile::of(text.as_bytes()));
        let read = event.exception.as_deref().map_or_else(|| "no exception".into(), show);
        if read != expected {
            wrong.push(format!("{}\n{read}", file.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Traces with messages of several lines that nothing tells from lines of their own.
const OPEN_MESSAGES: [&str; 12] = [
    "pkg_errors",
    "zap_stack",
    "cockroach_errors",
    "assert",
    "prisma",
    "multi",
    "note",
    "ef_core",
    "doctrine",
    "rails",
    "eyre",
    "text",
];

#[test]
fn in_a_file_without_headers_each_trace_is_one_event() {
    let mut wrong = Vec::new();
    for file in samples() {
        let (trace, expected) = parts(&file);
        let name = file.file_stem().unwrap().to_string_lossy().into_owned();
        if is_logged(&trace) || is_message(&expected) || OPEN_MESSAGES.contains(&&*name) {
            continue;
        }
        let text = format!("starting up\n{trace}\nanother try\n{trace}\n");
        let profile = FileProfile::of(text.as_bytes());
        let mut events: Vec<String> = Vec::new();
        let mut previous = "";
        for line in text.split_inclusive('\n') {
            let begins = profile.starts_event(line.as_bytes())
                && !profile.goes_on(previous.as_bytes(), line.as_bytes());
            match events.last_mut().filter(|_| !begins) {
                Some(event) => event.push_str(line),
                None => events.push(line.to_owned()),
            }
            previous = if line.trim().is_empty() { previous } else { line };
        }
        if events.len() != 4 {
            let starts: Vec<&str> = events.iter().map(|e| e.lines().next().unwrap()).collect();
            wrong.push(format!("{}: {} events {starts:?}\n", file.display(), events.len()));
            continue;
        }
        let event = parse_event(events[1].as_bytes(), &profile);
        let read = show(event.exception.as_deref().unwrap_or(&event.message));
        if read != expected {
            wrong.push(format!("{}\n{read}", file.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn in_a_field_of_a_json_line_the_same_is_read() {
    let mut wrong = Vec::new();
    for file in samples() {
        let (trace, expected) = parts(&file);
        if is_logged(&trace) {
            continue;
        }
        for name in ["stack_trace", "exception", "error.stack", "err.stack", "Exception"] {
            let line =
                serde_json::json!({ "level": "error", "message": "cannot pick", name: trace }).to_string();
            let event = parse_event(line.as_bytes(), &FileProfile::of(line.as_bytes()));
            let read = event.exception.as_deref().map_or_else(|| "no exception".into(), show);
            if read != expected {
                wrong.push(format!("{} in {name}\n{read}", file.display()));
                break;
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// An exception that comes in parts is put together: what is read of each of these lines.
#[test]
fn in_parts_of_an_object() {
    let log4j = r#"{"level":"ERROR","message":"cannot pick","thrown":{"commonElementCount":0,"name":"shop.PickFailed","message":"order 12","localizedMessage":"order 12","extendedStackTrace":[{"class":"shop.Picks","method":"pick","file":"Picks.java","line":12,"exact":true},{"class":"java.lang.Thread","method":"run","file":"Thread.java","line":840}],"cause":{"commonElementCount":3,"name":"java.sql.SQLException","message":"ERROR: duplicate key","extendedStackTrace":[{"class":"shop.Store","method":"insert","file":"Store.java","line":6}]}}}"#;
    let quarkus = r#"{"level":"ERROR","message":"cannot pick","exception":{"refId":1,"exceptionType":"shop.PickFailed","message":"order 12","frames":[{"class":"shop.Picks","method":"pick","line":12}],"causedBy":{"exception":{"refId":2,"exceptionType":"java.io.IOException","message":"closed","frames":[{"class":"shop.Store","method":"insert","line":6}]}}}}"#;
    let structlog = r#"{"level":"error","event":"cannot pick","exception":[{"exc_type":"PickFailed","exc_value":"order 12","is_cause":false,"frames":[{"filename":"/srv/app/main.py","lineno":3,"name":"<module>"},{"filename":"/srv/app/picks.py","lineno":8,"name":"pick"}]},{"exc_type":"KeyError","exc_value":"'sku'","is_cause":true,"frames":[{"filename":"/srv/app/store.py","lineno":5,"name":"insert"}]}]}"#;
    let monolog = r#"{"message":"cannot pick","context":{"exception":{"class":"App\\PickFailed","message":"order 12","code":0,"file":"/srv/app/Pick.php:14","trace":["/srv/app/main.php:3"],"previous":{"class":"PDOException","message":"SQLSTATE[23000]: dup","code":23000,"file":"/srv/app/Store.php:41","trace":["/srv/app/Pick.php:12"]}}},"level":400,"level_name":"ERROR"}"#;
    let ruby = r#"{"level":"error","message":"cannot pick","exception":{"name":"PickFailed","message":"order 12","stack_trace":["/srv/app/pick.rb:14:in `block in handle'","/srv/app/main.rb:3:in `<main>'"],"cause":{"name":"PG::UniqueViolation","message":"ERROR: dup","stack_trace":["/srv/app/store.rb:12:in `insert'"]}}}"#;
    let dotnet = r#"{"Level":"Error","MessageTemplate":"cannot pick","Exception":{"ClassName":"Shop.PickFailed","Message":"order 12","StackTraceString":"   at Shop.Worker.Handle(Order o) in /src/Worker.cs:line 30","InnerException":{"ClassName":"Npgsql.PostgresException","Message":"23505: dup","InnerException":null,"StackTraceString":"   at Shop.Store.Insert(Order o) in /src/Store.cs:line 41"}}}"#;
    let pino = r#"{"level":50,"msg":"cannot pick","err":{"type":"PickFailed","message":"order 12","stack":"PickFailed: order 12\n    at pick (/srv/app/pick.js:3:5)","cause":{"type":"TypeError","message":"no id","stack":"TypeError: no id\n    at insert (/srv/app/store.js:2:9)"}}}"#;
    let zerolog = r#"{"level":"error","error":"insert: pq: dup","message":"cannot pick","stack":[{"func":"insert","line":"20","source":"store.go"},{"func":"main","line":"5","source":"main.go"}]}"#;
    let mut wrong = Vec::new();
    let lograge = r#"{"level":"error","message":"cannot pick","error":{"class":"PickFailed","message":"order 12","backtrace":["/srv/app/pick.rb:14:in `handle'"]}}"#;
    for (line, expected) in [
        (
            log4j,
            "Java shop.PickFailed: order 12 <- java.sql.SQLException: ERROR: duplicate key @ shop.Store.insert Store.java:6, shop.Picks.pick Picks.java:12",
        ),
        (
            quarkus,
            "Java shop.PickFailed: order 12 <- java.io.IOException: closed @ shop.Store.insert ?:6, shop.Picks.pick ?:12",
        ),
        (
            structlog,
            "Python PickFailed: order 12 <- KeyError: 'sku' @ insert /srv/app/store.py:5, pick /srv/app/picks.py:8, <module> /srv/app/main.py:3",
        ),
        (
            monolog,
            "Php App\\PickFailed: order 12 <- PDOException: SQLSTATE[23000]: dup @  /srv/app/Store.php:41,  /srv/app/Pick.php:12,  /srv/app/Pick.php:14,  /srv/app/main.php:3",
        ),
        (
            ruby,
            "Ruby PickFailed: order 12 <- PG::UniqueViolation: ERROR: dup @ insert /srv/app/store.rb:12, handle /srv/app/pick.rb:14, <main> /srv/app/main.rb:3",
        ),
        (
            dotnet,
            "CSharp Shop.PickFailed: order 12 <- Npgsql.PostgresException: 23505: dup @ Shop.Store.Insert /src/Store.cs:41, Shop.Worker.Handle /src/Worker.cs:30",
        ),
        (
            pino,
            "JavaScript PickFailed: order 12 <- TypeError: no id @ insert /srv/app/store.js:2, pick /srv/app/pick.js:3",
        ),
        (zerolog, "Go : insert <- : pq: dup @ insert store.go:20, main main.go:5"),
        (lograge, "Ruby PickFailed: order 12 @ handle /srv/app/pick.rb:14"),
    ] {
        let event = parse_event(line.as_bytes(), &FileProfile::of(line.as_bytes()));
        let text = event.exception.unwrap_or_default();
        let x = parse_exception(&text).unwrap_or_else(|| panic!("nothing is read of {text:?} from {line}"));
        let chain: Vec<String> = x.chain.iter().map(|l| format!("{}: {}", l.type_name, l.message)).collect();
        let place = |f: &waylaid_logs::Frame| {
            format!("{} {}:{}", f.symbol, f.file.as_deref().unwrap_or("?"), f.line.unwrap_or(0))
        };
        let frames: Vec<String> = x.application_frames().map(place).collect();
        let language = x.language.map_or_else(String::new, |l| format!("{l:?}"));
        let read = format!("{language} {} @ {}", chain.join(" <- "), frames.join(", "));
        if read != expected {
            wrong.push(format!("{text}\n  {read}\n  {expected}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
