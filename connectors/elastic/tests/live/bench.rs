//! A million failures: read whole, and by a sample with the server's counts. Run by hand:
//! `cargo test -p waylaid-elastic --test live -- --ignored --nocapture million`.

use crate::support::{create, open, send, server};
use serde_json::json;
use std::sync::{Arc, Mutex};
use std::time::Instant;
use waylaid_servers::Kind;
use waylaid_store::{Context, Enough, LogQuery, LogStore as _, Select};

const EVENTS: usize = 1_000_000;
const AT_ONCE: usize = 10_000;

#[test]
#[ignore = "a measurement"]
fn a_million_failures() {
    let Some(one) = server("a_million_failures", Kind::Elasticsearch8) else { return };
    let fields = [
        ("@timestamp", "date"),
        ("service.name", "keyword"),
        ("log.level", "keyword"),
        ("message", "text"),
        ("error.type", "keyword"),
    ];
    create(&one, "logs-loud", &fields);
    let start = Instant::now();
    for begin in (0..EVENTS).step_by(AT_ONCE) {
        let line = |n: usize| {
            let (service, kind) = match n {
                _ if n % 100_000 == 7 => ("shop", "java.lang.Rare"),
                _ if n % 50 == 3 => ("pick", "java.io.Quiet"),
                _ => ("shop", "java.sql.Loud"),
            };
            let document = json!({"@timestamp": 1_763_800_000_000_u64 + n as u64, "service": {"name": service}, "log": {"level": "ERROR"},
                "message": format!("order {n} failed after {} ms, gave up", n % 977), "error": {"type": kind}});
            format!("{{\"create\":{{}}}}\n{document}\n")
        };
        let lines: String = (begin..begin + AT_ONCE).map(line).collect();
        let answer = send(&one, "POST", "/logs-loud/_bulk", &lines);
        assert_eq!(answer["errors"], false, "{answer}");
    }
    send(&one, "POST", "/logs-loud/_refresh", "");
    println!("{EVENTS} events stored in {:?}", start.elapsed());
    let store = open(&one, "logs-*");
    store.catalog(&Context::new()).unwrap();
    for (most, rounds) in [(60_000, 3), (u64::MAX, 1)] {
        for _ in 0..rounds {
            let enough = Arc::new(Enough::new(most));
            let (start, seen) = (Instant::now(), Mutex::new((0_u64, 0_u64, 0_u64)));
            let select = Select { failures: true, ..Select::default() };
            let lines = store
                .scan(
                    &LogQuery { select, enough: Some(Arc::clone(&enough)), ..LogQuery::default() },
                    &Context::new(),
                    &|hit| {
                        let mut seen = seen.lock().unwrap();
                        seen.0 += 1;
                        seen.1 += u64::from(enough.weight(hit.part, hit.seq));
                        seen.2 +=
                            u64::from(hit.event.exception.as_deref().is_some_and(|e| e.contains("Rare")));
                    },
                )
                .unwrap();
            let (read, estimate, rare) = *seen.lock().unwrap();
            println!(
                "enough {most}: {:?}, {read} read for about {estimate}, {rare} of 10 rare ones",
                start.elapsed()
            );
            lines
                .iter()
                .filter(|line| !line.note.is_empty())
                .for_each(|line| println!("  {}: {}", line.target, line.note));
        }
    }
}
