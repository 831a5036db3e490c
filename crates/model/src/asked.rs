//! What a store was asked, as a case keeps it.

use serde::{Deserialize, Serialize};

/// One call to a store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// Store, by its configured name.
    pub store: String,
    /// Verb of the contract: `catalog`, `scan`, `rows`, `raw`.
    pub verb: String,
    /// What was asked, in words. Keys are counted, not named.
    pub asked: String,
    /// Lines, records or rows looked at.
    pub scanned: u64,
    /// Of these, how many matched.
    pub matched: u64,
    /// The error, where it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}
