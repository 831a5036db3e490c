//! Without an entity: what changed in a window against a baseline.

use crate::{Ask, EngineError, Stores};
use waylaid_model::Diagnosis;
use waylaid_store::Context;

/// Ranks services by what changed.
pub(crate) fn diagnose(_stores: &Stores, _ask: &Ask, _context: &Context) -> Result<Diagnosis, EngineError> {
    Err(EngineError::Question { message: "not built yet".into(), hint: String::new() })
}
