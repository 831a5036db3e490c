//! The smaller answers: `check`, `stuck`, `follow`, `flow`.

use crate::{Ask, EngineError, Stores};
use waylaid_model::System;
use waylaid_model::answers::{CheckAnswer, FlowAnswer, StuckAnswer, TrailAnswer};
use waylaid_store::Context;

fn todo<T>() -> Result<T, EngineError> {
    Err(EngineError::Question { message: "not built yet".into(), hint: String::new() })
}
/// One entity's trail.
pub fn follow(_: &System, _: &Stores, _: &Ask, _key: &str, _: &Context) -> Result<TrailAnswer, EngineError> {
    todo()
}
/// The learnt flow.
pub fn flow(_: &System, _: &Stores, _: &Ask, _: &Context) -> Result<FlowAnswer, EngineError> {
    todo()
}
/// Who is stuck.
pub fn stuck(_: &System, _: &Stores, _: &Ask, _: &Context) -> Result<StuckAnswer, EngineError> {
    todo()
}
/// What there is, what is bound, what is missing.
pub fn check(_: &System, _: &Stores, _: &Ask, _: &Context) -> Result<CheckAnswer, EngineError> {
    todo()
}
