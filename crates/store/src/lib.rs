//! The contract of connectors: what a log store, a topic store and a table store must be able to do, how they are
//! asked, and how they fail.
//!
//! No trait here has a verb that writes. Every answer comes with coverage: what was searched, how much, and what was
//! not. A connector is synchronous and may be called from several threads at once; one whose driver is asynchronous
//! runs its own runtime inside, so that only the connector knows its driver.

pub mod context;
pub mod contract;
pub mod error;
pub mod keys;
pub mod layers;
mod masks;
pub mod query;
mod select;
#[cfg(feature = "testkit")]
pub mod testkit;
pub mod values;

pub use context::Context;
pub use contract::{
    ColumnInfo, ForeignKey, GroupMember, GroupMembers, GroupOffset, LogCatalog, LogHit, LogStore, LogTarget,
    Part, PartitionInfo, RecordHit, RowHit, Standing, TableCatalog, TableInfo, TableStore, TopicCatalog,
    TopicInfo, TopicStore, UniqueKey,
};
pub use error::{ErrorKind, StoreError};
pub use keys::KeySet;
pub use query::{Alike, Enough, Filter, LogQuery, RecordQuery, RowQuery, Select};
pub use select::Selected;
