//! `search`: matches in all stores, counts first.

use crate::{EngineError, Search, Stores};
use waylaid_model::answers::SearchAnswer;
use waylaid_store::Context;

/// Matches in all stores.
pub fn search(_stores: &Stores, _search: &Search, _context: &Context) -> Result<SearchAnswer, EngineError> {
    Err(EngineError::Question { message: "not built yet".into(), hint: String::new() })
}
