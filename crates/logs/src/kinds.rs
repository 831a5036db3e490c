//! Which kind of failure an error text denotes.

use crate::exceptions::Exception;
use serde_json::Value;
use waylaid_model::Kind;

/// The kind that an exception, a message and the fields beside it denote: vendor codes and exception types first, the
/// innermost cause before the outer ones, words last. `None` when nothing in them reports a failure.
pub fn classify(_exception: Option<&Exception>, _message: &str, _fields: &[(String, Value)]) -> Option<Kind> {
    None
}
