//! Groups: what they committed and how far behind they are, without joining them.

use crate::support::{Put, client, commit, create, flush, producer, put, shared, store};
use rdkafka::consumer::{BaseConsumer, Consumer as _};
use std::time::{Duration, Instant, SystemTime};
use waylaid_model::Timestamp;
use waylaid_store::{Context, GroupMembers, TopicStore as _};

#[test]
fn committed_offsets_and_lag() {
    let Some(bootstrap) = shared("committed_offsets_and_lag") else { return };
    let topic = "groups.lag";
    create(&bootstrap, topic, 3, &[("retention.ms", "7200000")]);
    let producer = producer(&bootstrap, &[]);
    for n in 0..30 {
        put(&producer, &Put { topic, partition: n % 3, payload: Some(b"x"), ..Put::default() });
    }
    flush(&producer);
    commit(&bootstrap, "groups.slow", topic, &[(0, 4), (1, 10)]);
    commit(&bootstrap, "groups.other", topic, &[(2, 0)]);

    let catalog = store(&bootstrap).catalog(&Context::new()).unwrap();
    assert!(catalog.groups_known && catalog.problems.is_empty(), "{:?}", catalog.problems);
    let mine: Vec<_> = catalog
        .groups
        .iter()
        .filter(|g| g.topic == topic)
        .map(|g| (g.group.as_str(), g.partition, g.committed, g.end))
        .collect();
    assert_eq!(
        mine,
        [
            ("groups.other", 2, Some(0), Some(10)),
            ("groups.slow", 0, Some(4), Some(10)),
            ("groups.slow", 1, Some(10), Some(10)),
        ]
    );
    let info = catalog.topics.iter().find(|t| t.name == topic).unwrap();
    let spans: Vec<_> = info.partitions.iter().map(|p| (p.partition, p.start, p.end)).collect();
    assert_eq!(spans, [(0, 0, 10), (1, 0, 10), (2, 0, 10)]);
    assert!(info.config.contains(&("retention.ms".into(), "7200000".into())), "{:?}", info.config);
    assert!(catalog.topics.iter().all(|t| !t.name.starts_with("__")), "the brokers' own topics stay out");
}

/// A group of this kind that has got its partitions.
fn consumer(bootstrap: &str, group: &str, protocol: &str, topic: &str) -> BaseConsumer {
    let consumer: BaseConsumer = client(bootstrap)
        .set("group.id", group)
        .set("client.id", format!("{group}-1"))
        .set("group.protocol", protocol)
        .set("enable.auto.commit", "false")
        .create()
        .unwrap();
    consumer.subscribe(&[topic]).unwrap();
    let deadline = Instant::now() + Duration::from_secs(30);
    while consumer.assignment().unwrap().count() == 0 {
        assert!(Instant::now() < deadline, "{group} gets no partitions");
        let _ = consumer.poll(Duration::from_millis(100));
    }
    consumer
}

#[test]
fn members_are_told_of_groups_of_both_kinds_and_nobody_joins_them() {
    let test = "members_are_told_of_groups_of_both_kinds_and_nobody_joins_them";
    let Some(bootstrap) = shared(test) else { return };
    let topic = "groups.members";
    create(&bootstrap, topic, 2, &[]);
    commit(&bootstrap, "members.empty", topic, &[(0, 0)]);
    let classic = consumer(&bootstrap, "members.classic", "classic", topic);
    let newer = consumer(&bootstrap, "members.newer", "consumer", topic);
    // More than once: being looked at changes nothing.
    for _ in 0..2 {
        let catalog = store(&bootstrap).catalog(&Context::new()).unwrap();
        let mine: Vec<&GroupMembers> =
            catalog.members.iter().filter(|g| g.group.starts_with("members.")).collect();
        let told: Vec<(&str, &str, usize)> =
            mine.iter().map(|g| (g.group.as_str(), g.state.as_str(), g.members.len())).collect();
        assert_eq!(
            told,
            [("members.classic", "Stable", 1), ("members.empty", "Empty", 0), ("members.newer", "Stable", 1)]
        );
        for group in mine.iter().filter(|group| !group.members.is_empty()) {
            let member = &group.members[0];
            assert_eq!((&member.client, member.host.as_str()), (&format!("{}-1", group.group), "127.0.0.1"));
            assert_eq!(member.reads, [(topic.to_owned(), vec![0, 1])]);
        }
    }
    drop((classic, newer));
}

#[test]
fn times_and_clocks_are_told() {
    let Some(bootstrap) = shared("times_and_clocks_are_told") else { return };
    let standing = || store(&bootstrap).standing(&Context::new()).unwrap().unwrap();
    let topic = "groups.times";
    // A thousandth of a second after 1970: nothing that another test writes is older.
    create(&bootstrap, topic, 2, &[("retention.ms", "-1")]);
    let producer = producer(&bootstrap, &[]);
    let write = |partition, millis| {
        let millis = Some(millis);
        put(&producer, &Put { topic, partition, millis, payload: Some(b"x"), ..Put::default() });
        flush(&producer);
    };
    write(1, 1);
    write(0, 1_000_000_000_000);
    let told = standing();
    assert!(
        told.tells.iter().any(|what| what.starts_with("records from 1970-01-01T00:00:00.001Z to ")),
        "{told:?}"
    );
    // In half an hour, as far ahead as a broker takes it by itself; and not the last one written.
    let now = now();
    write(0, now + 1_800_000);
    write(0, 1_000_000_000_000);
    let told = standing();
    let to = Timestamp::from_millis(now + 1_800_000);
    assert!(told.tells.iter().any(|what| what.ends_with(&format!(" to {to}"))), "{told:?}");
    let skew = |what: &String| what.contains("groups.times/0@1,") && what.contains(" ahead of our clock");
    assert!(told.skew.iter().any(skew), "{told:?}");
}

#[allow(clippy::disallowed_methods, reason = "records are stamped by the clock")]
fn now() -> i64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
    i64::try_from(since.as_millis()).unwrap()
}
