//! `_topics.json` and `_groups.json`: what lies beside the records. Both may be missing or make no sense.

use serde_json::Value;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Read;
use std::path::Path;
use waylaid_model::{Coverage, Status, scalar_text};
use waylaid_store::{GroupOffset, PartitionInfo, TopicInfo};

const TOPICS: &str = "_topics.json";
const GROUPS: &str = "_groups.json";
/// Larger than this is no metadata.
const LIMIT: u64 = 64 << 20;

/// What the two files say.
#[derive(Debug, Default)]
pub(super) struct Metadata {
    /// Topics by name.
    pub topics: BTreeMap<String, TopicInfo>,
    /// Groups' offsets, sorted.
    pub groups: Vec<GroupOffset>,
    /// Whether there was a file of groups that could be read.
    pub groups_known: bool,
    /// File and what is wrong with it.
    troubles: Vec<(&'static str, String)>,
}

impl Metadata {
    /// Reads both.
    pub fn read(root: &Path) -> Self {
        let mut metadata = Self::default();
        for entry in metadata.list(root, TOPICS).unwrap_or_default() {
            match topic(&entry) {
                Some(topic) => {
                    metadata.topics.insert(topic.name.clone(), topic);
                }
                None => metadata.trouble(TOPICS, "an entry that names no topic"),
            }
        }
        if let Some(entries) = metadata.list(root, GROUPS) {
            metadata.groups_known = true;
            for entry in entries {
                match group(&entry) {
                    Some(group) => metadata.groups.push(group),
                    None => metadata.trouble(GROUPS, "an entry without group, topic or partition"),
                }
            }
        }
        let order = |g: &GroupOffset| (g.group.clone(), g.topic.clone(), g.partition);
        metadata.groups.sort_by_cached_key(order);
        metadata
    }

    /// The troubles as coverage.
    pub fn problems(&self, store: &str) -> Vec<Coverage> {
        let line = |(file, why): &(&str, String)| {
            Coverage::new(store, *file, Status::Failed).with_note(format!("{file}: {why}"))
        };
        self.troubles.iter().map(line).collect()
    }

    fn trouble(&mut self, file: &'static str, why: impl Into<String>) {
        let trouble = (file, why.into());
        if !self.troubles.contains(&trouble) {
            self.troubles.push(trouble);
        }
    }

    /// The entries of a file; `None` when it is missing or no list.
    fn list(&mut self, root: &Path, name: &'static str) -> Option<Vec<Value>> {
        let path = root.join(name);
        // Only a regular file is read: no link, nothing that blocks.
        let metadata = fs::symlink_metadata(&path).ok()?;
        if !metadata.is_file() || metadata.len() > LIMIT {
            self.trouble(name, "no regular file of a sensible size");
            return None;
        }
        let mut text = Vec::new();
        let read = File::open(&path).and_then(|file| file.take(LIMIT).read_to_end(&mut text));
        if let Err(error) = read {
            self.trouble(name, error.to_string());
            return None;
        }
        match serde_json::from_slice(&text) {
            Ok(Value::Array(entries)) => Some(entries),
            Ok(_) => {
                self.trouble(name, "is no JSON list");
                None
            }
            Err(error) => {
                self.trouble(name, error.to_string());
                None
            }
        }
    }
}

fn topic(entry: &Value) -> Option<TopicInfo> {
    let name = entry.get("topic")?.as_str()?.to_owned();
    let mut partitions = BTreeMap::new();
    for partition in entry.get("partitions").and_then(Value::as_array).into_iter().flatten() {
        let number = |field: &str| partition.get(field).and_then(Value::as_i64);
        let id = number("partition").and_then(|p| i32::try_from(p).ok());
        if let (Some(partition), Some(start), Some(end)) = (id, number("start"), number("end")) {
            partitions.insert(partition, PartitionInfo { partition, start, end });
        }
    }
    let config = entry.get("config").and_then(Value::as_object);
    let mut config: Vec<(String, String)> =
        config.into_iter().flatten().filter_map(|(k, v)| Some((k.clone(), scalar_text(v)?))).collect();
    config.sort();
    Some(TopicInfo { name, partitions: partitions.into_values().collect(), config })
}

fn group(entry: &Value) -> Option<GroupOffset> {
    let text = |field: &str| entry.get(field).and_then(Value::as_str).map(str::to_owned);
    let number = |field: &str| entry.get(field).and_then(Value::as_i64);
    Some(GroupOffset {
        group: text("group")?,
        topic: text("topic")?,
        partition: i32::try_from(number("partition")?).ok()?,
        // Tools print -1 or -1001 where nothing was ever committed.
        committed: number("committed").filter(|offset| *offset >= 0),
        end: number("end").filter(|offset| *offset >= 0),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missing_and_malformed_files_are_problems_not_errors() {
        let root = tempfile::tempdir().unwrap();
        let none = Metadata::read(root.path());
        assert!(!none.groups_known && none.topics.is_empty() && none.problems("topics.main").is_empty());
        fs::write(root.path().join(TOPICS), "[{\"topic\":\"a\"").unwrap();
        fs::write(root.path().join(GROUPS), "{}").unwrap();
        let bad = Metadata::read(root.path());
        assert_eq!(bad.problems("topics.main").len(), 2);
        assert!(!bad.groups_known);
    }

    #[test]
    fn entries_are_read_and_sorted() {
        let root = tempfile::tempdir().unwrap();
        let topics = r#"[{"topic":"b","partitions":[{"partition":1,"start":0,"end":9},{"partition":0,"start":3,"end":4}],
            "config":{"retention.ms":1000,"cleanup.policy":"compact"}},{"no":1}]"#;
        fs::write(root.path().join(TOPICS), topics).unwrap();
        let groups = r#"[{"group":"g","topic":"b","partition":1,"committed":-1},
            {"group":"g","topic":"b","partition":0,"committed":4,"end":4}]"#;
        fs::write(root.path().join(GROUPS), groups).unwrap();
        let metadata = Metadata::read(root.path());
        let topic = &metadata.topics["b"];
        assert_eq!(topic.partitions[0], PartitionInfo { partition: 0, start: 3, end: 4 });
        assert_eq!(topic.config[1], ("retention.ms".to_owned(), "1000".to_owned()));
        assert_eq!(metadata.groups[0].committed, Some(4));
        assert_eq!(metadata.groups[1].committed, None);
        assert_eq!(metadata.problems("x").len(), 1);
    }
}
