//! What stores hold, in a line of words each.

use std::collections::BTreeSet;
use waylaid_store::{GroupMembers, LogCatalog, TableCatalog, TopicCatalog, TopicInfo};

/// Names listed in a line of words.
const LISTED: usize = 6;

/// Names, the first few of them.
pub(super) fn some<S: AsRef<str>>(names: &[S]) -> String {
    let shown: Vec<&str> = names.iter().take(LISTED).map(AsRef::as_ref).collect();
    let more = names.len().saturating_sub(LISTED);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{}{more}", shown.join(", "))
}

fn count(n: u64, one: &str) -> String {
    format!("{n} {one}{}", if n == 1 { "" } else { "s" })
}

fn bytes(n: u64) -> String {
    match n {
        0..1024 => format!("{n} B"),
        1024..1_048_576 => format!("{} KiB", n / 1024),
        1_048_576..1_073_741_824 => format!("{} MiB", n / 1_048_576),
        _ => format!("{:.1} GiB", n as f64 / 1_073_741_824.0),
    }
}

/// What a log store holds.
pub(super) fn logs(catalog: &LogCatalog) -> String {
    let parts = catalog.targets.iter().flat_map(|t| &t.parts);
    let (mut files, mut size) = (0, 0);
    for part in parts {
        files += 1;
        size += part.bytes;
    }
    let names: Vec<&str> = catalog.targets.iter().map(|t| t.service.as_str()).collect();
    let services = count(names.len() as u64, "service");
    // A server tells how many events it holds rather than how large they are.
    let size = if catalog.about.is_empty() { bytes(size) } else { catalog.about.clone() };
    let what = format!("{services}, {}, {size}", count(files, "part"));
    if names.is_empty() { what } else { format!("{what}: {}", some(&names)) }
}

/// What a topic store holds.
pub(super) fn topics(catalog: &TopicCatalog) -> String {
    let partitions: usize = catalog.topics.iter().map(|t| t.partitions.len()).sum();
    let held = |t: &TopicInfo| -> u64 {
        let spans = t.partitions.iter().map(|p| p.end.saturating_sub(p.start).max(0) as u64);
        spans.fold(0, u64::saturating_add)
    };
    let records = catalog.topics.iter().map(held).fold(0, u64::saturating_add);
    let groups: BTreeSet<&str> = catalog.groups.iter().map(|g| g.group.as_str()).collect();
    let groups = if catalog.groups_known {
        count(groups.len() as u64, "consumer group")
    } else {
        "consumer groups unknown".to_owned()
    };
    let names: Vec<String> = catalog.topics.iter().map(|t| format!("{} ({})", t.name, held(t))).collect();
    let topics = count(names.len() as u64, "topic");
    let what = format!(
        "{topics}, {}, {}, {groups}",
        count(partitions as u64, "partition"),
        count(records, "offset")
    );
    let what = if names.is_empty() { what } else { format!("{what}: {}", some(&names)) };
    let members: Vec<String> = catalog.members.iter().map(|group| readers(catalog, group)).collect();
    if members.is_empty() { what } else { format!("{what}; groups: {}", some(&members)) }
}

/// A group with its members, and how far it is behind where it has committed.
fn readers(catalog: &TopicCatalog, group: &GroupMembers) -> String {
    let offsets = catalog.groups.iter().filter(|offset| offset.group == group.group);
    let behind = |(committed, end): (i64, i64)| u64::try_from(end.saturating_sub(committed)).unwrap_or(0);
    let lags: Vec<u64> = offsets.filter_map(|o| o.committed.zip(o.end)).map(behind).collect();
    let lag = lags.iter().copied().fold(0, u64::saturating_add);
    let lag = if lags.is_empty() { String::new() } else { format!(", {lag} behind") };
    let members = count(group.members.len() as u64, "member");
    format!("{} ({}, {members}{lag})", group.group, group.state)
}

/// What a table store holds.
pub(super) fn tables(catalog: &TableCatalog) -> String {
    let rows = catalog.tables.iter().map(|t| t.rows).sum();
    let names: Vec<String> = catalog.tables.iter().map(|t| format!("{} ({})", t.name, t.rows)).collect();
    let what = format!("{}, {}", count(names.len() as u64, "table"), count(rows, "row"));
    if names.is_empty() { what } else { format!("{what}: {}", some(&names)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use waylaid_store::{GroupMember, GroupOffset};

    #[test]
    fn groups_are_told_with_their_members_and_lag_where_these_are_known() {
        let offset = |partition, committed| GroupOffset {
            group: "pick".into(),
            topic: "t".into(),
            partition,
            committed,
            end: Some(10),
        };
        let mut catalog = TopicCatalog {
            groups: vec![offset(0, Some(4)), offset(1, Some(10)), offset(2, None)],
            groups_known: true,
            ..TopicCatalog::default()
        };
        assert_eq!(topics(&catalog), "0 topics, 0 partitions, 0 offsets, 1 consumer group");
        let group = |name: &str, members| GroupMembers {
            group: name.into(),
            state: "Stable".into(),
            members: vec![GroupMember::default(); members],
        };
        catalog.members = vec![group("pick", 1), group("new", 2)];
        let told = topics(&catalog);
        assert!(
            told.ends_with("; groups: pick (Stable, 1 member, 6 behind), new (Stable, 2 members)"),
            "{told}"
        );
    }
}
