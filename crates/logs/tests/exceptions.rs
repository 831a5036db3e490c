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
