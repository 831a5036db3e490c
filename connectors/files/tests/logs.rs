//! The log store over real folders: formats side by side, rotation, compression, and everything that may be wrong.

#![allow(clippy::unwrap_used, clippy::format_push_string, clippy::format_collect)]

use std::collections::HashMap;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::sync::{Arc, Mutex};
use waylaid_files::FilesLogs;
use waylaid_model::{Coverage, Reference, Status};
use waylaid_store::testkit::{LogExpectations, fingerprint, log_store_conforms};
use waylaid_store::{Alike, Context, ErrorKind, KeySet, LogHit, LogQuery, LogStore, Select, StoreError};

fn put(root: &Path, name: &str, content: impl AsRef<[u8]>) {
    let path = root.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, content).unwrap();
}

fn gz(content: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

fn open(root: &Path) -> FilesLogs {
    FilesLogs::open("logs.main".into(), root.to_owned()).unwrap()
}

fn scan(root: &Path, query: &LogQuery) -> (Vec<LogHit>, Vec<Coverage>) {
    let hits = Mutex::new(Vec::new());
    let coverage = open(root).scan(query, &Context::new(), &|hit| hits.lock().unwrap().push(hit)).unwrap();
    let mut hits = hits.into_inner().unwrap();
    hits.sort_by_key(|hit: &LogHit| (hit.part, hit.seq));
    (hits, coverage)
}

fn keys(keys: &[&str]) -> LogQuery {
    let select = Select::keys(Arc::new(KeySet::new(keys.iter().copied())));
    LogQuery { select, ..LogQuery::default() }
}

fn failures(preceding: usize) -> LogQuery {
    LogQuery { select: Select { failures: true, ..Select::default() }, preceding, ..LogQuery::default() }
}

fn all() -> LogQuery {
    LogQuery { select: Select::all(), ..LogQuery::default() }
}

fn places(hits: &[LogHit]) -> Vec<String> {
    hits.iter().map(|hit| hit.at.to_string()).collect()
}

const ORDER: &str = "\
2026-11-20T10:00:00.100Z INFO  [main] c.s.Order - order 1001 accepted
2026-11-20T10:00:01.100Z ERROR [exec-1] c.s.Order - could not enrich order 1002
java.lang.IllegalStateException: no tariff
\tat com.shop.Order.enrich(Order.java:57)
Caused by: java.io.IOException: order 1003
\tat com.shop.Client.get(Client.java:11)
2026-11-20T10:00:02.100Z INFO  [main] c.s.Order - order 1004 accepted
2026-11-20T10:00:03.100Z WARN  [main] c.s.Order - slow
";

const PICK: &str = r#"{"time":1763632800000,"level":30,"msg":"picked","orderId":"1001"}
{"time":1763632801000,"level":50,"msg":"boom","orderId":"1002"}
{"time":1763632802000,"level":30,"msg":"idle"}
"#;

fn shop() -> tempfile::TempDir {
    let root = tempfile::tempdir().unwrap();
    put(root.path(), "order/app.log", ORDER);
    put(root.path(), "order/app.log.1.gz", [gz(ORDER.as_bytes()), gz(ORDER.as_bytes())].concat());
    put(root.path(), "pick/pick-1.ndjson", PICK);
    put(
        root.path(),
        "pick/old/pick-1-2026-11-19.0.ndjson.zst",
        zstd::encode_all(PICK.as_bytes(), 1).unwrap(),
    );
    put(root.path(), "pick/notes.md", "order 1001");
    put(root.path(), "ship.log", "2026-11-20 10:00:00 INFO shipped 1001\n");
    root
}

#[test]
fn conforms() {
    let root = shop();
    let expected = LogExpectations {
        services: vec!["order".into(), "pick".into(), "ship".into()],
        events: 4 + 8 + 3 + 3 + 1,
        keys: vec!["1001".into(), "1003".into(), "absent".into()],
        keyed: 2 + 4 + 1 + 1 + 1,
        failures: 2 + 4 + 1 + 1,
        untouched: Some(root.path().to_owned()),
    };
    log_store_conforms(|| Box::new(open(root.path())), &expected);
}

#[test]
fn the_catalogue_knows_instances_behind_rotation() {
    let root = shop();
    let catalog = open(root.path()).catalog(&Context::new()).unwrap();
    let instances: Vec<_> = catalog
        .targets
        .iter()
        .flat_map(|t| t.parts.iter().map(|p| (t.service.as_str(), p.instance.as_str())))
        .collect();
    assert_eq!(
        instances,
        [("order", "app"), ("order", "app"), ("pick", "pick-1"), ("pick", "pick-1"), ("ship", "ship")]
    );
}

/// Two containers in one file, one of which dies between lines of the other.
const COMPOSED: &str = "\
web-1   | 2026-11-20T10:00:00Z INFO  started
pick-1  | 2026-11-20T10:00:01Z ERROR could not pick 1001
web-1   | 2026-11-20T10:00:01Z INFO  GET /orders/1007
pick-1  | java.lang.IllegalStateException: shelf of 1002
web-1   | 2026-11-20T10:00:02Z ERROR no answer for 1003
pick-1  | \tat com.shop.Shelf.of(Shelf.java:17)
web-1   | java.net.ConnectException: refused
web-1   | \tat com.shop.Web.get(Web.java:9)
pick-1  | \tat com.shop.Pick.on(Pick.java:31)
pick-1  | 2026-11-20T10:00:03Z INFO  picked 1004
";

/// What two processes of a program wrote through a syslog, with the tabs as its daemon writes them.
const LOGGED: &str = "\
Nov 20 10:00:00 web1 pick[77]: picking 1001
Nov 20 10:00:01 web1 pick[77]: Traceback (most recent call last):
Nov 20 10:00:01 web1 pick[78]: picking 1002
Nov 20 10:00:01 web1 pick[77]:   File \"/srv/pick.py\", line 7, in pick
Nov 20 10:00:01 web1 cron[9]: (root) CMD (true)
Nov 20 10:00:01 web1 pick[77]:     shelf(order)
Nov 20 10:00:01 web1 pick[77]: KeyError: '1001'
Nov 20 10:00:01 web1 bridge[5]: java.lang.IllegalStateException: no lane for 1003
Nov 20 10:00:01 web1 pick[78]: picked 1002
Nov 20 10:00:01 web1 bridge[5]: #011at com.shop.Lane.of(Lane.java:8)
";

#[test]
fn lines_of_several_writers_in_one_file_are_told_apart() {
    let root = tempfile::tempdir().unwrap();
    put(root.path(), "all/compose.log", COMPOSED);
    let (hits, _) = scan(root.path(), &all());
    assert_eq!(hits.len(), 5, "{hits:#?}");
    let thrown = |hit: &LogHit| {
        let text = hit.event.exception.clone().unwrap();
        (
            text.lines().next().unwrap().to_owned(),
            text.lines().filter(|l| l.trim_start().starts_with("at ")).count(),
        )
    };
    let (hits, _) = scan(root.path(), &keys(&["1002", "1003"]));
    assert_eq!(places(&hits), ["all/compose.log:2", "all/compose.log:5"]);
    assert_eq!(thrown(&hits[0]), ("java.lang.IllegalStateException: shelf of 1002".into(), 2));
    assert_eq!(thrown(&hits[1]), ("java.net.ConnectException: refused".into(), 1));
    assert_eq!(hits[0].keys.len(), 1, "a line of the other's is not its own");
    let (hits, _) = scan(root.path(), &failures(0));
    assert_eq!(places(&hits), ["all/compose.log:2", "all/compose.log:5"]);
}

#[test]
fn a_trace_that_went_through_a_syslog_is_one_event() {
    let root = tempfile::tempdir().unwrap();
    put(root.path(), "pick/syslog.log", LOGGED);
    let (hits, _) = scan(root.path(), &failures(0));
    assert_eq!(places(&hits), ["pick/syslog.log:2", "pick/syslog.log:8"]);
    let traces: Vec<&str> = hits.iter().map(|hit| hit.event.exception.as_deref().unwrap()).collect();
    assert!(traces[0].starts_with("Traceback") && traces[0].ends_with("KeyError: '1001'"), "{}", traces[0]);
    assert!(traces[0].contains("line 7, in pick\n    shelf(order)\n"), "{}", traces[0]);
    assert_eq!(
        traces[1],
        "java.lang.IllegalStateException: no lane for 1003\n\tat com.shop.Lane.of(Lane.java:8)"
    );
    assert!(hits.iter().all(|hit| hit.event.time.is_some() && hit.event.fields.len() > 1));
    let (hits, _) = scan(root.path(), &keys(&["1001"]));
    assert_eq!(places(&hits), ["pick/syslog.log:1", "pick/syslog.log:2"]);
    let text = open(root.path()).raw(&hits[1].at, &Context::new()).unwrap();
    assert!(text.ends_with("KeyError: '1001'") && !text.contains("cron"), "{text}");
}

#[test]
fn an_event_is_found_by_a_key_in_any_of_its_lines() {
    let root = shop();
    let (hits, coverage) = scan(root.path(), &keys(&["1003", "1004"]));
    assert_eq!(
        places(&hits),
        [
            "order/app.log:2",
            "order/app.log:7",
            "order/app.log.1.gz:2",
            "order/app.log.1.gz:7",
            "order/app.log.1.gz:10",
            "order/app.log.1.gz:15"
        ]
    );
    assert_eq!(hits[0].keys, [0]);
    assert!(hits[0].event.exception.is_some());
    assert_eq!((coverage[0].status, coverage[0].scanned, coverage[0].matched), (Status::Searched, 24, 6));
    assert_eq!(coverage[0].range, "2026-11-20T10:00:00.100Z .. 2026-11-20T10:00:03.100Z");
    let raw = open(root.path()).raw(&hits[4].at, &Context::new()).unwrap();
    assert!(raw.starts_with("2026-11-20T10:00:01.100Z ERROR") && raw.ends_with("Client.java:11)"), "{raw}");
}

#[test]
fn what_precedes_a_failure_is_of_its_thread() {
    let root = tempfile::tempdir().unwrap();
    put(
        root.path(),
        "a/a.log",
        "2026-11-20T10:00:00.000Z INFO  [t-1] x.Y - order 1 begins\n\
         2026-11-20T10:00:00.001Z INFO  [t-2] x.Y - order 2 begins\n\
         2026-11-20T10:00:00.002Z INFO  [t-1] x.Y - order 1 goes on\n\
         2026-11-20T10:00:00.003Z INFO  [t-2] x.Y - order 2 goes on\n\
         2026-11-20T10:00:00.004Z ERROR [t-1] x.Y - boom\n",
    );
    let (hits, _) = scan(root.path(), &failures(5));
    let before: Vec<_> = hits[0].preceding.iter().map(|e| e.message.as_str()).collect();
    assert_eq!(before, ["order 1 goes on", "order 1 begins"]);
    let (hits, _) = scan(root.path(), &failures(1));
    assert_eq!(hits[0].preceding.len(), 1);
    put(
        root.path(),
        "b/b.log",
        "2026-11-20T10:00:00Z INFO one\n2026-11-20T10:00:00Z INFO two\n2026-11-20T10:00:01Z ERROR boom\n",
    );
    let (hits, _) = scan(root.path(), &LogQuery { services: Some(vec!["b".into()]), ..failures(5) });
    assert_eq!(hits[0].preceding.iter().map(|e| e.message.as_str()).collect::<Vec<_>>(), ["two", "one"]);
}

/// A file of several blocks, so that events, look-back and line numbers cross their borders.
#[test]
fn what_a_runtime_writes_as_it_dies_has_the_time_of_the_line_before() {
    let folder = tempfile::tempdir().unwrap();
    let lines = "{\"level\":\"info\",\"message\":\"route planned\",\"timestamp\":\"2026-11-21T11:04:17.500Z\"}\n\n<--- Last few GCs --->\n\nFATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory\n----- Native stack trace -----\nAborted (core dumped)\n{\"level\":\"info\",\"message\":\"starting\",\"timestamp\":\"2026-11-21T11:04:45.297Z\"}\n";
    put(folder.path(), "routing/routing.log", lines);
    let (hits, _) = scan(folder.path(), &failures(0));
    let fatal = hits.iter().find(|h| h.event.message.contains("heap")).unwrap();
    assert_eq!(fatal.event.time.unwrap().to_string(), "2026-11-21T11:04:17.500Z");
    // Before the first line with a time there is none.
    put(folder.path(), "other/other.log", "FATAL ERROR: out of memory\n2026-11-21 11:04:45 INFO starting\n");
    let (hits, _) = scan(folder.path(), &failures(0));
    let fatal = hits.iter().find(|h| h.service == "other").unwrap();
    assert_eq!(fatal.event.time, None);
}

#[test]
fn borders_of_blocks_show_nowhere() {
    let root = tempfile::tempdir().unwrap();
    let mut text = String::new();
    let mut expected = Vec::new();
    let mut line = 1;
    for i in 0..40_000u32 {
        text += &format!(
            "2026-11-20T10:00:00.{:03}Z INFO  [t-{}] c.s.Order - order id={} state=ACCEPTED and some more\n",
            i % 1000,
            i % 3,
            100_000 + i
        );
        line += 1;
        if i % 10 == 0 {
            text += "2026-11-20T10:00:01.000Z ERROR [t-0] c.s.Order - failed\njava.lang.RuntimeException: x\n\tat a.B.c(B.java:1)\n";
            expected.push((line, i));
            line += 3;
        }
    }
    put(root.path(), "a/plain.log", &text);
    put(root.path(), "a/small.log.gz", gz(text.as_bytes()));
    put(root.path(), "a/tiny.log.zst", zstd::encode_all(text.as_bytes(), 1).unwrap());
    let (hits, coverage) = scan(root.path(), &failures(1));
    assert_eq!(hits.len(), 3 * expected.len());
    for (hit, (line, i)) in hits.iter().zip(expected.iter().cycle()) {
        assert!(
            matches!(&hit.at, Reference::LogLine { line: found, .. } if found == line),
            "{} {line}",
            hit.at
        );
        let id = format!("id={} ", 100_000 + i - i % 3);
        assert!(
            hit.preceding.len() == 1 && hit.preceding[0].message.contains(&id),
            "{id} {:?}",
            hit.preceding
        );
        assert!(hit.event.exception.is_some());
    }
    assert_eq!(coverage[0].scanned, 3 * text.lines().count() as u64);
    let (found, _) = scan(root.path(), &keys(&["100000", "117777", "139999"]));
    assert_eq!(found.len(), 9);
    let (sample, _) = scan(root.path(), &LogQuery { select: Select::sample(10), ..LogQuery::default() });
    assert_eq!(sample.len(), 30);
    for part in sample.chunks(10) {
        let lines: Vec<u64> = part
            .iter()
            .map(|h| if let Reference::LogLine { line, .. } = &h.at { *line } else { 0 })
            .collect();
        let share = text.lines().count() as u64 / 10;
        for (i, line) in lines.iter().enumerate() {
            let middle = share * i as u64 + share / 2;
            assert!(line.abs_diff(middle) < share, "evenly spread: {lines:?}");
        }
    }
    for hit in sample.iter().chain(&found) {
        let raw = open(root.path()).raw(&hit.at, &Context::new()).unwrap();
        assert!(raw.contains(&hit.event.message), "{}", hit.at);
    }
}

#[test]
fn a_line_of_100_megabytes_is_searched_in_bounded_memory() {
    let root = tempfile::tempdir().unwrap();
    let path = root.path().join("a/a.log");
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let mut file = std::io::BufWriter::new(fs::File::create(&path).unwrap());
    file.write_all(b"2026-11-20T10:00:00Z INFO before 7777\n2026-11-20T10:00:01Z INFO long ").unwrap();
    let filler = b"0123456789abcdef".repeat(1 << 16);
    for _ in 0..100 {
        file.write_all(&filler).unwrap();
    }
    file.write_all(b" order 8888 \n  a continuation with 9999\n2026-11-20T10:00:02Z ERROR after 7777\n")
        .unwrap();
    drop(file.into_inner().unwrap());
    let (hits, coverage) = scan(root.path(), &keys(&["7777", "8888", "9999", "cdef0123"]));
    assert_eq!(places(&hits), ["a/a.log:1", "a/a.log:2", "a/a.log:4"]);
    assert_eq!(hits[1].keys, [1, 2]);
    assert!(hits[1].event.message.len() <= 1 << 20);
    assert_eq!(coverage[0].scanned, 4);
    assert!(coverage[0].note.contains("1 events over 1 MiB"), "{}", coverage[0].note);
    assert_eq!(scan(root.path(), &all()).0.len(), 3);
    assert!(open(root.path()).raw(&hits[1].at, &Context::new()).unwrap().len() <= 1 << 20);
}

#[test]
fn bytes_that_are_no_text() {
    let root = tempfile::tempdir().unwrap();
    let mut text = b"\xef\xbb\xbf2026-11-20T10:00:00Z INFO order 1001 caf\xe9\r\n".to_vec();
    text.extend(b"2026-11-20T10:00:01Z ERROR nul \x00\x00 1002\r\n\r\n{\"time\":\"2026-11-20T10:00:02Z\",\"level\":\"info\",\"msg\":\"json 1003\"}\r\n");
    text.extend(b"2026-11-20T10:00:03Z INFO cut off 1004");
    put(root.path(), "a/a.log", text);
    let (hits, coverage) = scan(root.path(), &keys(&["1001", "1002", "1003", "1004"]));
    assert_eq!(places(&hits), ["a/a.log:1", "a/a.log:2", "a/a.log:4", "a/a.log:5"]);
    assert!(hits.iter().all(|h| h.event.time.is_some()), "{hits:#?}");
    assert_eq!((coverage[0].status, coverage[0].scanned), (Status::Searched, 5));
}

#[test]
fn truncated_archives_give_what_came() {
    let root = tempfile::tempdir().unwrap();
    let text: String = (0..20_000)
        .map(|i| format!("2026-11-20T10:00:00Z INFO order {} {}\n", 10_000 + i, i * 7919 % 9973))
        .collect();
    let (gz, zst) = (gz(text.as_bytes()), zstd::encode_all(text.as_bytes(), 1).unwrap());
    put(root.path(), "a/a.log.gz", &gz[..gz.len() / 2]);
    put(root.path(), "b/b.log.zst", &zst[..zst.len() / 2]);
    put(root.path(), "c/c.log.gz", [&gz[..], b"garbage behind"].concat());
    put(root.path(), "d/d.log.gz", &gz[..5]);
    put(root.path(), "e/e.log.gz", "2026-11-20T10:00:00Z INFO not packed at all 10000\n");
    let (hits, coverage) = scan(root.path(), &keys(&["10000", "29999"]));
    assert_eq!(
        places(&hits),
        ["a/a.log.gz:1", "b/b.log.zst:1", "c/c.log.gz:1", "c/c.log.gz:20000", "e/e.log.gz:1"]
    );
    let status: Vec<_> = coverage.iter().map(|c| c.status).collect();
    assert_eq!(status, [Status::Partial, Status::Partial, Status::Partial, Status::Failed, Status::Searched]);
    assert!(coverage[0].note.contains("a/a.log.gz ends early"), "{}", coverage[0].note);
    assert!(coverage[0].scanned > 1000);
}

#[test]
fn missing_empty_and_unknown() {
    let root = tempfile::tempdir().unwrap();
    let missing = FilesLogs::open("logs.main".into(), root.path().join("logs")).unwrap_err();
    assert_eq!(missing.kind, ErrorKind::NotFound);
    assert_eq!(scan(root.path(), &all()).1, []);
    fs::create_dir(root.path().join("quiet")).unwrap();
    put(root.path(), "empty/a.log", "");
    put(root.path(), "empty/b.log.gz", "");
    let query = LogQuery { services: Some(vec!["quiet".into(), "empty".into(), "gone".into()]), ..all() };
    let status: Vec<_> = scan(root.path(), &query).1.iter().map(|c| c.status).collect();
    assert_eq!(status, [Status::Empty, Status::Empty, Status::NotConfigured]);
}

#[test]
#[cfg(unix)]
fn what_may_not_be_read_is_named() {
    use std::os::unix::fs::PermissionsExt;
    let root = shop();
    // The superuser reads everything, so a link to nowhere and a closed folder stand in for a closed file.
    std::os::unix::fs::symlink("/nowhere", root.path().join("order/gone.log")).unwrap();
    let closed = root.path().join("pick/pick-1.ndjson");
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o000)).unwrap();
    let may_read_all = fs::read(&closed).is_ok();
    let (_, coverage) = scan(root.path(), &all());
    assert_eq!(coverage[0].status, Status::Partial);
    assert!(coverage[0].note.contains("order/gone.log"), "{}", coverage[0].note);
    if !may_read_all {
        assert_eq!(coverage[1].status, Status::Partial);
        assert!(coverage[1].note.contains("pick/pick-1.ndjson"), "{}", coverage[1].note);
    }
    let problems = open(root.path()).catalog(&Context::new()).unwrap().problems;
    assert!(problems.iter().any(|p| p.note.contains("gone.log")));
}

#[test]
fn budget_and_deadline_leave_a_partial_answer() {
    let root = shop();
    let stopped = |context: Context| open(root.path()).scan(&all(), &context, &|_| ());
    let coverage = stopped(Context::new().with_max_bytes(1)).unwrap();
    assert!(
        coverage.iter().any(|c| c.status == Status::Partial && c.note.contains("budget")),
        "{coverage:?}"
    );
    let context = Context::new().with_deadline(std::time::Instant::now());
    assert_eq!(stopped(context).unwrap_err().kind, ErrorKind::Timeout);
    let context = Context::new();
    let result: Result<_, StoreError> = open(root.path()).scan(&all(), &context, &|_| context.cancel());
    assert_eq!(result.unwrap_err().kind, ErrorKind::Cancelled);
}

#[test]
fn references_cannot_leave_the_root() {
    let root = shop();
    let before = fingerprint(root.path());
    for file in ["../etc/passwd", "/etc/passwd", "order/../../x.log", "pick/notes.md"] {
        let at = Reference::LogLine { store: "logs.main".into(), file: file.into(), line: 1 };
        assert_eq!(open(root.path()).raw(&at, &Context::new()).unwrap_err().kind, ErrorKind::NotFound);
    }
    let at = Reference::LogLine { store: "logs.main".into(), file: "ship.log".into(), line: 2 };
    assert_eq!(open(root.path()).raw(&at, &Context::new()).unwrap_err().kind, ErrorKind::NotFound);
    assert_eq!(fingerprint(root.path()), before);
}

/// Keeps the books of a judge who wants three of each look.
#[derive(Default)]
struct Three {
    service: Mutex<HashMap<u64, String>>,
    left_out: Mutex<HashMap<String, u64>>,
}

impl Alike for Three {
    fn seen(&self, look: u64, hit: &LogHit) {
        self.service.lock().unwrap().entry(look).or_insert_with(|| hit.service.clone());
    }

    fn wanted(&self, _: &[u32]) -> usize {
        3
    }

    fn tells(&self, _: u32) -> bool {
        true
    }

    fn still_wanted(&self, _: u64, _: &[u8], _: bool) -> bool {
        false
    }

    fn left_out(&self, look: u64, count: u64) {
        let service = self.service.lock().unwrap().get(&look).cloned().unwrap_or_default();
        *self.left_out.lock().unwrap().entry(service).or_default() += count;
    }
}

#[test]
fn the_same_words_of_two_services_are_counted_for_each() {
    let root = tempfile::tempdir().unwrap();
    for (service, lines) in [("pick", 40), ("ship", 70)] {
        let line =
            |n: usize| format!("2026-11-20T10:00:00.{n:03}Z ERROR [main] a.B - no answer from stock\n");
        put(root.path(), &format!("{service}/a.log"), (0..lines).map(line).collect::<String>());
    }
    let judge = Arc::new(Three::default());
    let (hits, _) = scan(root.path(), &LogQuery { alike: Some(judge.clone()), ..failures(0) });
    let left_out = judge.left_out.lock().unwrap();
    for (service, lines) in [("pick", 40), ("ship", 70)] {
        let read = hits.iter().filter(|hit| hit.service == service).count() as u64;
        assert!(read >= 3, "{service}");
        assert_eq!(left_out.get(service).copied().unwrap_or_default() + read, lines, "{service}");
    }
}
