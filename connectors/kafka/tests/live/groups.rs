//! Groups: what they committed and how far behind they are, without joining them.

use crate::support::{Put, commit, create, flush, producer, put, shared, store};
use waylaid_store::{Context, TopicStore as _};

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
