//! What `diagnose` is asked, from wherever it is asked: the rules on which parts of a question go together.

use crate::arguments::Times;
use crate::diagnostics::Failure;
use crate::session::Session;
use waylaid_engine::Ask;

/// A question as it was put.
#[derive(Clone, Default)]
pub struct Question {
    /// Entity.
    pub entity: Option<String>,
    /// Keys instead of the stuck ones.
    pub keys: Vec<String>,
    /// Stuck means this state.
    pub state: Option<String>,
    /// For at least so long, nanoseconds.
    pub older_than: Option<i64>,
    /// When.
    pub times: Times,
}

impl Question {
    /// The question to the engine. Without an entity, but with times, it is about a window.
    pub fn ask(&self, session: &Session) -> Result<Ask, Failure> {
        let mut ask = session.ask_at(&self.times)?;
        let has_rule = self.state.is_some() || self.older_than.is_some();
        ask.without_entity = self.entity.is_none() && self.times.any();
        if ask.without_entity {
            if has_rule || !self.keys.is_empty() {
                return Err(Failure::usage("--keys, --state and --older-than need an entity")
                    .hint("such as: waylaid diagnose order --state ACCEPTED --since 2h"));
            }
            return Ok(ask);
        }
        ask.entity = Some(session.entity(self.entity.as_deref())?);
        if !self.keys.is_empty() && has_rule {
            return Err(Failure::usage("keys are given, so --state and --older-than mean nothing")
                .hint("leave either out"));
        }
        ask.keys.clone_from(&self.keys);
        ask.state.clone_from(&self.state);
        ask.older_than = self.older_than;
        Ok(ask)
    }
}
