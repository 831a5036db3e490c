//! What our credentials may do on the cluster and on its topics, as the broker itself sums it up.

use super::layout::Layout;
use std::collections::BTreeMap;
use waylaid_store::Standing;

/// What a broker tells where it was not asked.
const NOT_TOLD: i32 = i32::MIN;
const READ: u32 = 3;
const DESCRIBE: u32 = 8;
const DESCRIBE_CONFIGS: u32 = 10;
/// What is more than reading, by the number of the operation.
const BEYOND: [(u32, &str); 8] = [
    (4, "WRITE"),
    (5, "CREATE"),
    (6, "DELETE"),
    (7, "ALTER"),
    (9, "CLUSTER_ACTION"),
    (11, "ALTER_CONFIGS"),
    (12, "IDEMPOTENT_WRITE"),
    (13, "CREATE_TOKENS"),
];

/// Tells what is more than reading, and what reading lacks.
pub fn tell(layout: &Layout, told: &mut Standing) {
    let (cluster, topics) = (layout.on_cluster, &layout.topics);
    let may = |allowed: i32, operation: u32| allowed != NOT_TOLD && (allowed >> operation) & 1 == 1;
    let beyond = |allowed: i32| {
        let names = BEYOND.iter().filter(|(operation, _)| may(allowed, *operation)).map(|(_, name)| *name);
        names.collect::<Vec<_>>().join(", ")
    };
    let on_cluster = beyond(cluster);
    if !on_cluster.is_empty() {
        told.beyond.push(format!("it may {on_cluster} on the cluster"));
    }
    let mut same: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for (name, laid) in topics {
        same.entry(beyond(laid.allowed)).or_default().push(name);
    }
    for (what, names) in same.iter().filter(|(what, _)| !what.is_empty()) {
        told.beyond.push(format!("it may {what} on {}", such(names)));
    }
    for (operation, what) in [(READ, "read"), (DESCRIBE_CONFIGS, "see the settings of")] {
        let names: Vec<&str> = topics
            .iter()
            .filter(|(_, laid)| laid.allowed != NOT_TOLD && !may(laid.allowed, operation))
            .map(|(name, _)| name.as_str())
            .collect();
        if !names.is_empty() {
            told.lacks.push(format!("its user may not {what} {}", such(&names)));
        }
    }
    if cluster != NOT_TOLD && !may(cluster, DESCRIBE) {
        told.lacks.push("its user may not DESCRIBE the cluster: groups may stay unseen".to_owned());
    }
}

fn such(names: &[&str]) -> String {
    match names {
        [one] => format!("topic {one}"),
        _ => format!("{} topics, such as {}", names.len(), names.first().unwrap_or(&"")),
    }
}

#[cfg(test)]
mod tests {
    use super::super::layout::Laid;
    use super::*;

    fn told(cluster: i32, topics: &[(&str, i32)]) -> Standing {
        let mut told = Standing::default();
        let laid = |allowed: i32| Laid { allowed, ..Laid::default() };
        let topics = topics.iter().map(|(name, allowed)| ((*name).to_owned(), laid(*allowed))).collect();
        tell(&Layout { on_cluster: cluster, topics, ..Layout::default() }, &mut told);
        told
    }

    #[test]
    fn what_is_more_than_reading_is_told_and_what_is_less() {
        let reads = 1 << READ | 1 << DESCRIBE | 1 << DESCRIBE_CONFIGS;
        assert_eq!(told(1 << DESCRIBE, &[("a", reads)]), Standing::default());
        let all = told(1 << DESCRIBE | 1 << 7, &[("a", reads | 1 << 4), ("b", reads | 1 << 4), ("c", reads)]);
        assert_eq!(all.beyond, ["it may ALTER on the cluster", "it may WRITE on 2 topics, such as a"]);
        let less = told(0, &[("a", 1 << DESCRIBE)]);
        assert_eq!(less.beyond, Vec::<String>::new());
        assert_eq!(less.lacks.len(), 3, "{less:?}");
        assert_eq!(told(NOT_TOLD, &[("a", NOT_TOLD)]), Standing::default());
    }
}
