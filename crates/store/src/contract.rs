//! The three traits that connectors implement, and what they hand over.

use crate::{Context, ErrorKind, LogQuery, RecordQuery, RowQuery, StoreError};
use serde::{Deserialize, Serialize};
use waylaid_model::{Coverage, LogEvent, Record, Reference, Row};

/// One file, index or stream of a service's log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// Path relative to the store's root, or index name.
    pub name: String,
    /// Size as stored.
    pub bytes: u64,
    /// Instance of the service that wrote it, as far as the name tells (`pick-1`); rotated files share it.
    pub instance: String,
}

/// A service's log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogTarget {
    /// Service.
    pub service: String,
    /// Its parts, sorted by name.
    pub parts: Vec<Part>,
}

/// What a log store holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogCatalog {
    /// Services, sorted by name.
    pub targets: Vec<LogTarget>,
    /// Of a server: what it is, how its clock goes, what it may not be asked. Nothing where there is none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub about: String,
    /// What could not be read.
    pub problems: Vec<Coverage>,
}

/// A delivered log event.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LogHit {
    /// Where.
    pub at: Reference,
    /// Service.
    pub service: String,
    /// Instance.
    pub instance: String,
    /// Ordinal of the part in the catalogue, over all targets; with `seq` a total order.
    pub part: u32,
    /// Position inside the part (byte offset or sequence number).
    pub seq: u64,
    /// The event.
    pub event: LogEvent,
    /// Indices of the keys found in it, sorted, without repeats.
    pub keys: Vec<u32>,
    /// Whether it is one of the sample; it may be wanted for its keys or as a failure as well.
    pub sampled: bool,
    /// Its look, where the query asked for alike events to be judged.
    pub look: Option<u64>,
    /// Events before it, newest first, where the query asked for them and this is a failure without keys.
    pub preceding: Vec<LogEvent>,
}

/// A store of logs.
pub trait LogStore: Send + Sync {
    /// Configured name with its section: `logs.main`.
    fn name(&self) -> &str;

    /// Services and their parts.
    fn catalog(&self, context: &Context) -> Result<LogCatalog, StoreError>;

    /// Delivers what the query selects, from several threads and in any order: `part` and `seq` of the hits give it.
    /// Returns a line of coverage a service, also for those of which only a part was readable.
    fn scan(
        &self,
        query: &LogQuery,
        context: &Context,
        sink: &(dyn Fn(LogHit) + Sync),
    ) -> Result<Vec<Coverage>, StoreError>;

    /// The event at a reference, as it stands in the store.
    fn raw(&self, at: &Reference, context: &Context) -> Result<String, StoreError>;

    /// Who we are there; `None` where the store is a file.
    fn standing(&self, context: &Context) -> Result<Option<Standing>, StoreError> {
        context.check("asking who we are").map(|()| None)
    }
}

/// A partition's range: offsets `start..end`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartitionInfo {
    /// Partition.
    pub partition: i32,
    /// First offset still held.
    pub start: i64,
    /// Offset of the next record.
    pub end: i64,
}

/// A topic.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TopicInfo {
    /// Name.
    pub name: String,
    /// Partitions, sorted.
    pub partitions: Vec<PartitionInfo>,
    /// Configuration that differs from nothing: `retention.ms`, `cleanup.policy`, …
    pub config: Vec<(String, String)>,
}

/// How far a consumer group is in a partition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupOffset {
    /// Group.
    pub group: String,
    /// Topic.
    pub topic: String,
    /// Partition.
    pub partition: i32,
    /// Next offset it will read; `None` when it has never committed.
    pub committed: Option<i64>,
    /// End of the partition when that was taken.
    pub end: Option<i64>,
}

/// A member of a consumer group, as its broker tells.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupMember {
    /// What the client calls itself.
    pub client: String,
    /// From where it is connected.
    pub host: String,
    /// Topics with the partitions that it was given, sorted.
    pub reads: Vec<(String, Vec<i32>)>,
}

/// Who reads as a group at the moment.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupMembers {
    /// Group.
    pub group: String,
    /// Its state in the broker's words: `Stable`, `Empty`, `PreparingRebalance`, …
    pub state: String,
    /// Its members, sorted by client and host.
    pub members: Vec<GroupMember>,
}

/// What a topic store holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TopicCatalog {
    /// Topics, sorted by name.
    pub topics: Vec<TopicInfo>,
    /// Groups' offsets, sorted by group, topic, partition.
    pub groups: Vec<GroupOffset>,
    /// Whether groups are known at all (a bundle may lack them).
    pub groups_known: bool,
    /// Groups with their members, sorted by group; only a live cluster tells them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub members: Vec<GroupMembers>,
    /// What could not be read.
    pub problems: Vec<Coverage>,
}

/// A delivered record.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RecordHit {
    /// Where.
    pub at: Reference,
    /// The record.
    pub record: Record,
    /// Indices of the keys found in it, sorted, without repeats.
    pub keys: Vec<u32>,
    /// Whether it is one of the sample; it may be wanted for its keys as well.
    pub sampled: bool,
}

/// A store of topics. Reads by assignment and fetch: it joins no group and commits nothing.
pub trait TopicStore: Send + Sync {
    /// Configured name with its section: `topics.main`.
    fn name(&self) -> &str;

    /// Topics, partitions, groups.
    fn catalog(&self, context: &Context) -> Result<TopicCatalog, StoreError>;

    /// Delivers what the query selects. Returns a line of coverage a topic.
    fn scan(
        &self,
        query: &RecordQuery,
        context: &Context,
        sink: &(dyn Fn(RecordHit) + Sync),
    ) -> Result<Vec<Coverage>, StoreError>;

    /// The record at a reference, as the envelope that `kcat -J` prints.
    fn raw(&self, at: &Reference, context: &Context) -> Result<String, StoreError>;

    /// Who we are there; `None` where the store is a file.
    fn standing(&self, context: &Context) -> Result<Option<Standing>, StoreError> {
        context.check("asking who we are").map(|()| None)
    }
}

/// A column.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ColumnInfo {
    /// Name.
    pub name: String,
    /// Declared type as the engine has it.
    pub data_type: String,
    /// Place in the primary key from 1, 0 when not in it.
    pub primary: u32,
    /// Whether null is refused.
    pub not_null: bool,
}

/// A unique key or index.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UniqueKey {
    /// Name of constraint or index.
    pub name: String,
    /// Columns in order.
    pub columns: Vec<String>,
}

/// A foreign key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ForeignKey {
    /// Columns here.
    pub columns: Vec<String>,
    /// Table there.
    pub table: String,
    /// Columns there; empty when it is the primary key.
    pub references: Vec<String>,
}

/// A table.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableInfo {
    /// Name.
    pub name: String,
    /// Columns in order.
    pub columns: Vec<ColumnInfo>,
    /// Unique keys and indexes beside the primary key.
    pub uniques: Vec<UniqueKey>,
    /// Foreign keys.
    pub foreign_keys: Vec<ForeignKey>,
    /// Rows, exact or as estimated by the engine.
    pub rows: u64,
}

impl TableInfo {
    /// Columns of the primary key, in its order.
    pub fn primary_key(&self) -> Vec<&str> {
        let mut key: Vec<_> = self.columns.iter().filter(|c| c.primary > 0).collect();
        key.sort_by_key(|c| c.primary);
        key.iter().map(|c| c.name.as_str()).collect()
    }

    /// What somebody is told who asks for a column that is not there.
    pub fn no_column(&self, column: &str) -> StoreError {
        let names: Vec<&str> = self.columns.iter().map(|c| c.name.as_str()).collect();
        let why = format!("table {} has no column {column}; it has: {}", self.name, names.join(", "));
        StoreError::new(ErrorKind::Invalid, why)
    }
}

/// What a table store holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableCatalog {
    /// Tables, sorted by name; views and the engine's own are left out.
    pub tables: Vec<TableInfo>,
    /// What could not be read.
    pub problems: Vec<Coverage>,
}

/// A delivered row.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RowHit {
    /// Where: by primary key, or by row number where there is none.
    pub at: Reference,
    /// The row.
    pub row: Row,
}

/// Who we are at a store, and what its credentials could do there beyond reading.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// The engine with its version.
    pub product: String,
    /// The user that we are there.
    pub login: String,
    /// Whether it follows another server.
    pub is_replica: bool,
    /// What this user could do beyond reading, a sentence each; nothing when it can only read.
    pub beyond: Vec<String>,
    /// By how many milliseconds its clock is ahead of ours; nothing where it is not told.
    pub ahead_ms: i64,
    /// What this user may not do that reading needs, a sentence each.
    pub lacks: Vec<String>,
    /// What else is told of what the store holds, half a sentence each: from when to when it reaches.
    pub tells: Vec<String>,
    /// What shows that clocks are apart where the server does not tell its own, a sentence each.
    pub skew: Vec<String>,
    /// Why it is not known what this user could do, where it is not.
    pub untold: Option<String>,
}

/// A store of tables.
pub trait TableStore: Send + Sync {
    /// Configured name with its section: `tables.orders`.
    fn name(&self) -> &str;

    /// Tables, columns, keys.
    fn catalog(&self, context: &Context) -> Result<TableCatalog, StoreError>;

    /// Delivers the rows the query selects, in primary key order.
    fn rows(
        &self,
        query: &RowQuery,
        context: &Context,
        sink: &mut dyn FnMut(RowHit),
    ) -> Result<Coverage, StoreError>;

    /// Who we are there; `None` where the store is a file.
    fn standing(&self, context: &Context) -> Result<Option<Standing>, StoreError> {
        context.check("asking who we are").map(|()| None)
    }
}
