//! What the cluster holds: topics with their partitions and settings, and how far each consumer group is.

use crate::client::{At, Client, Listed, Place};
use crate::config::KafkaConfig;
use crate::probe;
use std::collections::BTreeMap;
use waylaid_model::{Coverage, Status};
use waylaid_store::{Context, GroupMembers, GroupOffset, PartitionInfo, StoreError, TopicCatalog, TopicInfo};

/// Topics of the brokers' own.
const INTERNAL: [&str; 3] = ["__consumer_offsets", "__transaction_state", "__share_group_state"];
/// Settings that say something about what can be found.
const TELLING: [&str; 7] = [
    "cleanup.policy",
    "compression.type",
    "max.message.bytes",
    "message.timestamp.type",
    "retention.bytes",
    "retention.ms",
    "segment.ms",
];

/// Topics that people made, and those that cannot be read.
pub fn topics(client: &Client) -> Result<Vec<Listed>, StoreError> {
    let mut topics = client.topics()?;
    topics.retain(|topic| !INTERNAL.contains(&topic.name.as_str()));
    Ok(topics)
}

/// Every partition of these topics.
pub fn places(topics: &[Listed]) -> Vec<Place> {
    topics.iter().flat_map(|t| t.partitions.iter().map(|p| (t.name.clone(), *p))).collect()
}

/// Lists everything. What is refused becomes a problem; only a cluster that says nothing at all is a failure.
pub fn read(
    store: &str,
    client: &Client,
    config: &KafkaConfig,
    context: &Context,
) -> Result<TopicCatalog, StoreError> {
    let topics = topics(client)?;
    let places = places(&topics);
    context.check("listing topics")?;
    let starts = client.offsets(&places, At::Start)?;
    let ends = client.offsets(&places, At::End)?;
    context.check("listing topics")?;
    let mut catalog = TopicCatalog::default();
    let names: Vec<&str> = topics.iter().map(|t| t.name.as_str()).collect();
    let mut settings = client.settings(&names).unwrap_or_else(|error| {
        catalog.problems.push(problem(store, store, &error));
        BTreeMap::new()
    });
    for topic in &topics {
        if let Some(trouble) = &topic.trouble {
            let line = Coverage::new(store, topic.name.as_str(), Status::Failed);
            catalog.problems.push(line.with_note(trouble.clone()));
        }
        let config = telling(settings.remove(&topic.name).unwrap_or_default());
        let span = |partition: &i32| {
            let place = (topic.name.clone(), *partition);
            Some(PartitionInfo {
                partition: *partition,
                start: *starts.get(&place)?,
                end: *ends.get(&place)?,
            })
        };
        let partitions: Vec<PartitionInfo> = topic.partitions.iter().filter_map(span).collect();
        if partitions.len() < topic.partitions.len() && topic.trouble.is_none() {
            let missing = topic.partitions.len() - partitions.len();
            let note = format!("{missing} of {} partitions do not answer", topic.partitions.len());
            catalog.problems.push(Coverage::new(store, topic.name.as_str(), Status::Partial).with_note(note));
        }
        catalog.topics.push(TopicInfo { name: topic.name.clone(), partitions, config });
    }
    groups(store, client, context, &places, &ends, &mut catalog)?;
    described(store, config, context, &mut catalog);
    Ok(catalog)
}

fn groups(
    store: &str,
    client: &Client,
    context: &Context,
    places: &[Place],
    ends: &BTreeMap<Place, i64>,
    catalog: &mut TopicCatalog,
) -> Result<(), StoreError> {
    let groups = match client.groups() {
        Ok(groups) => groups,
        Err(error) => {
            catalog.problems.push(problem(store, store, &error));
            return Ok(());
        }
    };
    catalog.groups_known = true;
    for GroupMembers { group, .. } in &groups {
        context.check("reading the offsets of groups")?;
        match client.committed(group, places) {
            Ok(committed) => catalog.groups.extend(committed.into_iter().map(|(place, offset)| {
                let end = ends.get(&place).copied();
                let (topic, partition) = place;
                GroupOffset { group: group.clone(), topic, partition, committed: Some(offset), end }
            })),
            Err(error) => catalog.problems.push(problem(store, group, &error)),
        }
    }
    catalog.members = groups;
    Ok(())
}

/// Of groups of the newer kind the driver is told that they are dead: the broker is asked in the newer way.
fn described(store: &str, config: &KafkaConfig, context: &Context, catalog: &mut TopicCatalog) {
    let is_untold = |group: &&mut GroupMembers| matches!(group.state.as_str(), "Dead" | "");
    let names: Vec<String> =
        catalog.members.iter_mut().filter(is_untold).map(|group| group.group.clone()).collect();
    if names.is_empty() {
        return;
    }
    let told = probe::members(config, &names, context);
    if let Err(why) = &told {
        let note = format!("members of {} groups are not told: {why}", names.len());
        catalog.problems.push(Coverage::new(store, store, Status::Partial).with_note(note));
    }
    for group in told.unwrap_or_default() {
        let same = catalog.members.iter_mut().find(|known| known.group == group.group);
        same.into_iter().for_each(|known| *known = group.clone());
    }
}

fn telling(settings: Vec<(String, String)>) -> Vec<(String, String)> {
    let mut telling: Vec<_> =
        settings.into_iter().filter(|(name, _)| TELLING.contains(&name.as_str())).collect();
    telling.sort();
    telling
}

fn problem(store: &str, target: &str, error: &StoreError) -> Coverage {
    Coverage::new(store, target, Status::Partial).with_note(error.to_string())
}
