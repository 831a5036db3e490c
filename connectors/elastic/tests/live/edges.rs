//! What indices may look like: other names for everything, nested and flattened fields, no time, no service, closed,
//! missing, behind an alias or a data stream; and that reading leaves everything as it was.

use crate::support::{One, create, open, scan, send, store};
use serde_json::{Value, json};
use std::sync::Arc;
use waylaid_model::{Coverage, Level, Reference, Status, Timestamp, Window};
use waylaid_servers::Kind;
use waylaid_store::{Context, Enough, ErrorKind, KeySet, LogHit, LogQuery, LogStore as _, Select};

fn keys(keys: &[&str]) -> LogQuery {
    let select = Select::keys(Arc::new(KeySet::new(keys.iter().copied())));
    LogQuery { select, ..LogQuery::default() }
}

fn failures() -> LogQuery {
    LogQuery { select: Select { failures: true, ..Select::default() }, preceding: 3, ..LogQuery::default() }
}

fn all() -> LogQuery {
    LogQuery { select: Select::all(), ..LogQuery::default() }
}

/// Everything that would tell that somebody wrote: documents, mappings, settings, aliases.
fn state(one: &One) -> Value {
    let stats = send(one, "GET", "/_stats/docs,store", "");
    json!([
        stats["_all"]["primaries"]["docs"],
        send(one, "GET", "/_all/_mapping", ""),
        send(one, "GET", "/_all/_settings?expand_wildcards=all", ""),
        send(one, "GET", "/_alias", ""),
    ])
}

/// Indices of all kinds on one server.
pub fn edges(one: &One) {
    fill(one);
    let before = state(one);
    names_of_others(one);
    lines_of_text(one);
    many_keys(one);
    what_precedes(one);
    fields_of_all_kinds(one);
    without_time_or_service(one);
    patterns_and_closed(one);
    references(one);
    server_is_known(one);
    very_many_failures(one);
    times_of_two_types(one);
    assert_eq!(state(one), before, "something was written");
    if one.server.kind() == Kind::Opensearch3 {
        data_streams(one);
    }
}

/// 9,000 failures of a loud service, 700 of a quiet one, 40 of a rare kind in the loud one: as many lines as these.
fn loud(one: &One) {
    create(
        one,
        "loud-1",
        &[
            ("@timestamp", "date"),
            ("service.name", "keyword"),
            ("log.level", "keyword"),
            ("message", "text"),
            ("error.type", "keyword"),
        ],
    );
    let document = |n: usize| {
        let (service, kind) = match n {
            _ if n % 243 == 7 => ("loud", "java.lang.Rare"),
            _ if n % 14 == 3 => ("quiet", "java.io.Quiet"),
            _ => ("loud", "java.sql.Loud"),
        };
        json!({"@timestamp": 1_763_800_000_000_u64 + n as u64, "service": {"name": service}, "log": {"level": "ERROR"},
               "message": format!("order {n} failed"), "error": {"type": kind}})
    };
    let documents: Vec<Value> = (0..9_740).map(document).collect();
    store(one, "loud-1", &documents);
}

/// Two indices, in one of which times are words: no shard is asked to put these in order, and nothing is lost.
fn times_of_two_types(one: &One) {
    let (hits, lines) = scan(&open(one, "torn-*"), &all());
    assert_eq!(hits.len(), 4, "{lines:?}");
}

/// What is found where so many are enough, each with how many it stands for; and the coverage.
fn weighed(one: &One, query: LogQuery, most: u64) -> (Vec<(LogHit, u32)>, Vec<Coverage>) {
    let enough = Arc::new(Enough::new(most));
    let (hits, lines) = scan(&open(one, "loud-*"), &LogQuery { enough: Some(Arc::clone(&enough)), ..query });
    let weigh = |hit: LogHit| {
        let weight = enough.weight(hit.part, hit.seq);
        (hit, weight)
    };
    (hits.into_iter().map(weigh).collect(), lines)
}

fn very_many_failures(one: &One) {
    let of = |most| weighed(one, LogQuery { preceding: 0, ..failures() }, most);
    let (all, lines) = of(u64::MAX);
    assert!(all.iter().all(|(_, weight)| *weight == 1) && lines.len() == 2, "{lines:?}");
    assert_eq!(of(9_740).0.len(), all.len(), "enough for all");
    let count = |hits: &[(LogHit, u32)], kind: &str| {
        let is_of = |hit: &LogHit| hit.event.exception.as_deref().is_some_and(|e| e.contains(kind));
        let weights: Vec<u64> =
            hits.iter().filter(|(hit, _)| is_of(hit)).map(|(_, n)| u64::from(*n)).collect();
        (weights.len(), weights.iter().sum::<u64>())
    };
    let (rare, quiet, loud) = (count(&all, "Rare"), count(&all, "Quiet"), count(&all, "Loud"));
    assert_eq!(rare.0 + quiet.0 + loud.0, 9_740);
    let (some, lines) = of(2_000);
    assert_eq!((count(&some, "Rare"), count(&some, "Quiet")), (rare, quiet), "what is rare is read whole");
    let (read, estimate) = count(&some, "Loud");
    assert!((900..1_900).contains(&read), "{read} of {} were to be about 1,130", loud.0);
    let off = estimate.abs_diff(loud.1) as f64 / loud.1 as f64;
    assert!(off < 0.15, "{estimate} instead of {}", loud.1);
    let line = lines.iter().find(|line| line.target == "loud java.sql.Loud (failures)").unwrap();
    let told = format!("{} by the server's count; one in 8 was read", loud.1);
    assert!(line.note.starts_with(&told), "{lines:?}");
    // The same ones every time.
    let places = |hits: &[(LogHit, u32)]| hits.iter().map(|(hit, _)| hit.at.to_string()).collect::<Vec<_>>();
    assert_eq!(places(&of(2_000).0), places(&some));
    // Who is looked for by key is found all the same, once.
    let select = Select { keys: keys(&["4711"]).select.keys, failures: true, ..Select::default() };
    let (with_key, _) = weighed(one, LogQuery { select, ..LogQuery::default() }, 2_000);
    let found: Vec<u32> =
        with_key.iter().filter(|(hit, _)| !hit.keys.is_empty()).map(|(_, weight)| *weight).collect();
    assert_eq!(found, [1]);
}

fn fill(one: &One) {
    loud(one);
    for (index, kind) in [("torn-a", "date"), ("torn-b", "keyword")] {
        create(one, index, &[("@timestamp", kind), ("service.name", "keyword"), ("message", "text")]);
        let document = |n: u32| json!({"@timestamp": format!("2026-11-22T10:00:0{n}Z"), "service": {"name": "torn"}, "message": "x"});
        store(one, index, &[document(1), document(2)]);
    }
    // Not Elastic's names, types as a server guesses them.
    let other = |n: usize, level: u32, msg: &str| json!({"ts": format!("2026-11-22T10:00:{n:02}.000Z"), "app": "billing", "lvl": "", "level": level, "msg": msg, "n": n});
    let documents = [
        other(1, 30, "invoice INV-2026-0017 made"),
        other(2, 50, "invoice INV-2026-0018 failed"),
        other(3, 40, "slow"),
        json!({"ts": "2026-11-22T10:00:04.000Z", "app": "billing", "msg": "it failed: TimeoutException"}),
        json!({"ts": "2026-11-22T10:00:05.000Z", "app": "billing", "level": 30, "msg": "0 errors"}),
    ];
    store(one, "bills", &documents);
    // Lines of text as a shipper sends them.
    let line = |text: &str| json!({"@timestamp": "2026-11-22T12:00:00Z", "service": {"name": "legacy"}, "message": text});
    create(one, "lines", &[("@timestamp", "date"), ("service.name", "keyword"), ("message", "text")]);
    store(
        one,
        "lines",
        &[
            line("2026-11-22T10:00:00.100Z INFO  [exec-1] c.s.Order - order 501 accepted"),
            line(
                "2026-11-22T10:00:00.300Z ERROR [exec-1] c.s.Order - no tariff\njava.lang.IllegalStateException: x\n\tat a.B.c(B.java:7)",
            ),
            line("2026-11-22T10:00:00.200Z INFO  [exec-2] c.s.Order - order 502 accepted"),
        ],
    );
    let fields = [
        ("@timestamp", "date_nanos"),
        ("service.name", "keyword"),
        ("log.level", "keyword"),
        ("message", "text"),
        ("items", "nested"),
        ("order.id", "long"),
        ("process.thread.name", "keyword"),
    ];
    create(one, "kinds", &fields);
    let nanos = |n: usize, more: Value| {
        let mut document = json!({"@timestamp": format!("2026-11-22T11:00:00.0000{n:02}001Z"), "service": {"name": "kinds"}, "message": "x"});
        document.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        document
    };
    store(
        one,
        "kinds",
        &[
            nanos(1, json!({"order": {"id": 7001}})),
            nanos(2, json!({"items": [{"sku": "SKU-9"}, {"sku": "SKU-10"}]})),
            nanos(3, json!({"order.id": "7003"})),
            nanos(4, json!({"note": "{\"order\":\"7004\"}"})),
            json!({"message": "no time, order 7005", "service": {"name": "kinds"}}),
            json!({"@timestamp": "2026-11-22T11:00:01Z", "message": "no service, order 7006"}),
        ],
    );
    // Failures on threads, between what others do.
    let step = |n: usize, level: &str, text: String| {
        json!({"@timestamp": format!("2026-11-22T09:00:{n:02}.000Z"), "service": {"name": "steps"}, "log": {"level": level},
            "process": {"thread": {"name": format!("t-{}", n % 2)}}, "message": text})
    };
    let steps: Vec<Value> = (0..40)
        .map(|n| match n {
            20 => step(n, "ERROR", "it broke".into()),
            n => step(n, "INFO", format!("order {} taken", 8000 + n)),
        })
        .collect();
    create(one, "steps", &fields);
    store(one, "steps", &steps);
    send(one, "POST", "/_aliases", r#"{"actions":[{"add":{"index":"steps","alias":"current"}}]}"#);
    store(one, "old-logs", &[json!({"@timestamp": "2026-11-01T00:00:00Z", "message": "old"})]);
    send(one, "POST", "/old-logs/_close", "");
}

fn names_of_others(one: &One) {
    let store = open(one, "bills");
    let (hits, coverage) = scan(&store, &all());
    assert_eq!(hits.len(), 5);
    assert!(hits.iter().all(|h| h.service == "billing"));
    assert_eq!(
        (hits[1].event.level, hits[1].event.message.as_str()),
        (Some(Level::Error), "invoice INV-2026-0018 failed")
    );
    assert_eq!((coverage[0].target.as_str(), coverage[0].scanned), ("billing", 5));
    assert_eq!(coverage[0].range, "2026-11-22T10:00:01Z .. 2026-11-22T10:00:05Z");
    let found = scan(&store, &keys(&["INV-2026-0018", "2026-0017", "INV-2026-001"])).0;
    let found: Vec<_> = found.iter().map(|h| h.keys.clone()).collect();
    assert_eq!(found, [vec![1], vec![0]]);
    let failed = scan(&store, &failures()).0;
    let said: Vec<_> = failed.iter().map(|h| h.event.message.as_str()).collect();
    assert_eq!(said, ["invoice INV-2026-0018 failed", "slow", "it failed: TimeoutException"]);
}

fn lines_of_text(one: &One) {
    let store = open(one, "lines");
    let hits = scan(&store, &all()).0;
    let mut times: Vec<_> = hits.iter().map(|h| h.event.time.unwrap().millis() % 1000).collect();
    times.sort_unstable();
    assert_eq!(times, [100, 200, 300], "the time of the line, not of its shipping");
    let failed = scan(&store, &failures()).0;
    assert_eq!(failed.len(), 1);
    assert_eq!((failed[0].event.message.as_str(), failed[0].event.level), ("no tariff", Some(Level::Error)));
    assert!(failed[0].event.exception.as_ref().unwrap().starts_with("java.lang.IllegalStateException"));
    let threads: Vec<_> = failed[0].preceding.iter().map(|e| e.thread.as_deref()).collect();
    assert_eq!(threads, [Some("exec-1")]);
}

/// More keys than a server takes at once; an event that holds keys of several portions comes once.
fn many_keys(one: &One) {
    let store = open(one, "steps");
    let many = (0..70_000).map(|n| format!("{}", 1_000_000 + n)).chain(["8001", "8002"].map(str::to_owned));
    let mut all: Vec<String> = vec!["8001".into(), "8003".into()];
    all.extend(many);
    all.push("taken".into());
    let query = LogQuery { select: Select::keys(Arc::new(KeySet::new(all))), ..LogQuery::default() };
    let found = scan(&store, &query).0;
    assert_eq!(found.len(), 39);
    assert_eq!(found.iter().map(|h| h.keys.len()).sum::<usize>(), 39 + 3);
}

fn what_precedes(one: &One) {
    let store = open(one, "current");
    let failed = scan(&store, &failures()).0;
    assert_eq!(failed.len(), 1);
    let before: Vec<_> = failed[0].preceding.iter().map(|e| e.message.as_str()).collect();
    // All of them look alike: the run is given to its end.
    let expected: Vec<String> = (0..10).map(|n| format!("order {} taken", 8018 - 2 * n)).collect();
    assert_eq!(before, expected);
}

fn fields_of_all_kinds(one: &One) {
    let store = open(one, "kinds");
    let found = scan(&store, &keys(&["7001", "SKU-9", "7003", "7004", "7005", "7006"])).0;
    let mut found: Vec<u32> = found.iter().flat_map(|h| h.keys.clone()).collect();
    found.sort_unstable();
    assert_eq!(found, [0, 1, 2, 3, 4, 5]);
}

fn without_time_or_service(one: &One) {
    let store = open(one, "kinds");
    let (hits, coverage) = scan(&store, &all());
    assert_eq!(hits.len(), 6);
    let services: Vec<_> = coverage.iter().map(|l| (l.target.as_str(), l.scanned)).collect();
    assert_eq!(services, [("(no service)", 1), ("kinds", 5)]);
    let window = Window {
        from: Timestamp::parse_rfc3339("2026-11-22T11:00:00.000002Z"),
        until: Timestamp::parse_rfc3339("2026-11-22T11:00:00.000004Z"),
    };
    let inside = scan(&store, &LogQuery { window, ..all() }).0;
    // Microseconds matter; what has no time is always there.
    assert_eq!(inside.len(), 3, "{inside:?}");
    let nobody = LogQuery { services: Some(vec!["(no service)".into(), "nobody".into()]), ..all() };
    let (hits, coverage) = scan(&store, &nobody);
    assert_eq!((hits.len(), hits[0].event.message.as_str()), (1, "no service, order 7006"));
    assert_eq!(coverage[1].status, Status::NotConfigured);
}

fn patterns_and_closed(one: &One) {
    let store = open(one, "steps,lines,old-*");
    let (_, coverage) = scan(&store, &all());
    let told: Vec<_> = coverage.iter().map(|l| (l.target.as_str(), l.status)).collect();
    assert_eq!(
        told,
        [("legacy", Status::Searched), ("steps", Status::Searched), ("old-logs", Status::Failed)]
    );
    assert_eq!(coverage[2].note, "the index old-logs is closed");
    let nowhere = open(one, "nowhere-*");
    let catalog = nowhere.catalog(&Context::new()).unwrap();
    assert_eq!(catalog.problems[0].status, Status::Failed);
    assert!(scan(&nowhere, &all()).0.is_empty());
}

fn references(one: &One) {
    let store = open(one, "kinds");
    let hit = &scan(&store, &keys(&["7006"])).0[0];
    let shown = hit.at.to_string();
    assert!(shown.starts_with("kinds/"), "{shown}");
    assert!(store.raw(&hit.at, &Context::new()).unwrap().contains("no service, order 7006"));
    let elsewhere = Reference::LogLine {
        store: "logs.main".into(),
        file: shown.replace("kinds/kinds", "steps/steps"),
        line: 0,
    };
    let error = store.raw(&elsewhere, &Context::new()).unwrap_err();
    assert_eq!(error.kind, ErrorKind::NotFound, "beyond what is configured: {error}");
}

fn server_is_known(one: &One) {
    let about = open(one, "bills").catalog(&Context::new()).unwrap().about;
    let server = match one.server.kind() {
        Kind::Opensearch3 => "OpenSearch 3.3.0",
        Kind::Elasticsearch7 => "Elasticsearch 7.10.2",
        // What Maven has of these does not answer `GET /`.
        _ => "Elasticsearch, version not told",
    };
    assert_eq!(about, format!("5 events, 2026-11-22T10:00:01Z .. 2026-11-22T10:00:05Z, {server}"));
}

fn data_streams(one: &One) {
    let template = r#"{"index_patterns":["logs-app-*"],"data_stream":{},"priority":500}"#;
    send(one, "PUT", "/_index_template/app", template);
    let event = json!({"@timestamp": "2026-11-22T10:00:00Z", "message": "order 9001 in a stream", "service": {"name": "streamed"}});
    send(one, "POST", "/logs-app-default/_bulk?refresh=true", &format!("{{\"create\":{{}}}}\n{event}\n"));
    let store = open(one, "logs-app-*");
    let found = scan(&store, &keys(&["9001"])).0;
    assert_eq!((found.len(), found[0].service.as_str()), (1, "streamed"));
    assert!(store.raw(&found[0].at, &Context::new()).unwrap().contains("9001"), "{}", found[0].at);
}
