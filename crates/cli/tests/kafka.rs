//! The same incident from files and from a real Kafka gets the same verdict.
#![cfg(feature = "kafka")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a case that cannot be read fails")]

mod common;
#[path = "common/live.rs"]
mod live;

use common::{cases, copy, verdict, waylaid};
use live::lines;
use std::time::{Duration, Instant};
use waylaid_servers::{Kind, Options, for_test};

#[test]
fn a_live_broker_tells_what_the_bundle_tells() {
    for name in ["seed", "kiosk"] {
        let case = cases("cases").into_iter().find(|case| case.ends_with(name)).unwrap();
        let Some(broker) =
            for_test("a_live_broker_tells_what_the_bundle_tells", Kind::Kafka, &Options::default())
        else {
            return;
        };
        let folder = tempfile::tempdir().unwrap();
        copy(&case.join("incident"), folder.path());
        let (lines, newest) = lines(&folder.path().join("topics"));
        broker.load_topics(lines).unwrap();
        // A little after the last record: the clock is no help with an incident of another day.
        let now = waylaid_model::Timestamp::from_millis(newest + 60_000).to_string();
        let from_files = verdict(folder.path(), &now);
        let file = folder.path().join("waylaid.toml");
        let config = std::fs::read_to_string(&file).unwrap();
        let live = format!("[topics.main]\nkind = \"kafka\"\nbootstrap = \"{}\"", broker.address());
        let config = config.replace("[topics.main]\nkind = \"files\"\npath = \"topics\"", &live);
        assert!(config.contains("kafka"), "{config}");
        std::fs::write(&file, config).unwrap();
        std::fs::remove_dir_all(folder.path().join("topics")).unwrap();
        let before = broker.kafka_snapshot().unwrap();
        assert_eq!(verdict(folder.path(), &now), from_files, "{name}");
        // A whole session leaves no trace: groups, offsets, topics, settings, rights, quotas, logins are what they were.
        for arguments in [&["check"][..], &["search", "--text", "no such text"], &["record", "bundle"]] {
            let ran = waylaid(folder.path(), &[arguments, &["--now", &now]].concat());
            assert!(ran.code < 2, "{arguments:?} of {name}: {}", ran.stderr);
        }
        assert_eq!(broker.kafka_snapshot().unwrap(), before, "{name}");
    }
}

/// A broker takes connections and says nothing: it has failed, the others are asked all the same, and nobody waits for long.
#[test]
fn a_broker_that_says_nothing_holds_nobody_up() {
    let silence = Duration::from_secs(3);
    let case = cases("cases").into_iter().find(|case| case.ends_with("kiosk")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    copy(&case.join("incident"), folder.path());
    let (_, newest) = lines(&folder.path().join("topics"));
    let now = waylaid_model::Timestamp::from_millis(newest + 60_000).to_string();
    let start = Instant::now();
    verdict(folder.path(), &now);
    let from_files = start.elapsed();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || listener.incoming().collect::<Vec<_>>());
    let file = folder.path().join("waylaid.toml");
    let config = std::fs::read_to_string(&file).unwrap();
    let live = format!("[topics.main]\nkind = \"kafka\"\nbootstrap = \"{address}\"");
    let config = config.replace("[topics.main]\nkind = \"files\"\npath = \"topics\"", &live);
    assert!(config.contains("kafka"), "{config}");
    std::fs::write(&file, format!("{config}\n[limits]\nsilence = \"{}s\"\n", silence.as_secs())).unwrap();
    let start = Instant::now();
    let ran = waylaid(folder.path(), &["diagnose", "--format", "json", "--now", &now]);
    let took = start.elapsed();
    println!("from files {from_files:?}, with a broker that says nothing {took:?}");
    // Partly answered, or without a verdict: what would show the cause may be in the topics.
    assert!(matches!(ran.code, 1 | 3), "{}: {}", ran.code, ran.stderr);
    let answer: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    let coverage = answer["coverage"].as_array().unwrap();
    let of = |kind: &str| {
        coverage.iter().filter(|c| c["store"].as_str().unwrap().starts_with(kind)).collect::<Vec<_>>()
    };
    assert!(of("topics.").iter().all(|c| c["status"] == "failed"), "{coverage:#?}");
    assert!(of("topics.")[0]["note"].as_str().unwrap().contains("no sign of life for 3 s"), "{coverage:#?}");
    for kind in ["logs.", "tables."] {
        assert!(!of(kind).is_empty() && of(kind).iter().all(|c| c["status"] == "searched"), "{coverage:#?}");
    }
    assert!(took < from_files + 2 * silence, "{took:?}");
}
