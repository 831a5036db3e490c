//! Topic, partition and offset of the record that an event speaks of.

use waylaid_model::LogEvent;

/// Where a record lies. The topic may be left out by the text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Coordinates {
    /// Topic, where the text names it.
    pub topic: Option<String>,
    /// Partition.
    pub partition: i32,
    /// Offset.
    pub offset: i64,
}

/// All coordinates named by an event's fields, message and exception, in order, without repeats.
pub fn find_coordinates(_event: &LogEvent) -> Vec<Coordinates> {
    Vec::new()
}
