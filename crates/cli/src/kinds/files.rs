//! `kind = "files"`: a folder of logs, a folder of topics.

use super::{About, Entry, Key, Place, Takes};
use waylaid_files::{FilesLogs, FilesTopics};
use waylaid_model::StoreKind;
use waylaid_store::{LogStore, TopicStore};

const fn about(keys: &'static [Key]) -> About {
    About { kind: StoreKind::Files, keys, lacks: None }
}

/// Logs.
pub const LOGS: Entry<dyn LogStore> = Entry {
    about: about(&[Key::required("path", Takes::Path, "path = \"logs\"")]),
    open: |place: &Place| {
        Ok(Box::new(FilesLogs::open(place.name.clone(), place.path("path").unwrap_or_default())?))
    },
};

/// Topics.
pub const TOPICS: Entry<dyn TopicStore> = Entry {
    about: about(&[Key::required("path", Takes::Path, "path = \"topics\"")]),
    open: |place: &Place| {
        Ok(Box::new(FilesTopics::open(place.name.clone(), place.path("path").unwrap_or_default())?))
    },
};
