//! Without an entity: what changed in a window against a baseline, across all services.
//!
//! One pass collects statements and requests ([`collect`]); what follows what is counted on both sides ([`sequences`]);
//! what changed beyond chance is kept ([`changes`]); each request of the window says who went wrong first ([`causal`]);
//! services are ranked by both ([`ranking`]).

mod answer;
mod causal;
mod changes;
mod collect;
mod fisher;
mod periods;
mod ranking;
mod request;
mod sequences;
mod statement;
mod wording;

use crate::{Ask, EngineError, Stores};
use answer::Findings;
use periods::Periods;
use waylaid_model::Diagnosis;
use waylaid_store::Context;

/// Ranks services by what changed.
pub(crate) fn diagnose(stores: &Stores, ask: &Ask, context: &Context) -> Result<Diagnosis, EngineError> {
    let periods = Periods::of(ask)?;
    let collected = collect::collect(stores, &periods, context)?;
    let counts = sequences::count(&collected, &periods);
    let changes = changes::find(&collected, &counts);
    let standings = causal::weigh(&collected, &counts, &changes, &periods);
    let ranked = ranking::rank(&changes, &standings);
    let found = Findings {
        collected: &collected,
        counts: &counts,
        changes: &changes,
        standings: &standings,
        ranked: &ranked,
        periods,
    };
    Ok(answer::write(&found, stores, ask, context))
}
