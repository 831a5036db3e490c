//! The same incident from files and from a real Kafka gets the same verdict.
#![cfg(feature = "kafka")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a case that cannot be read fails")]

mod common;
#[path = "common/live.rs"]
mod live;

use common::{cases, copy, verdict};
use live::lines;
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
        assert_eq!(verdict(folder.path(), &now), from_files, "{name}");
    }
}
