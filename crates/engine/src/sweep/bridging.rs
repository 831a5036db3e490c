//! Further keys of the entities, followed to where they lead.

use super::samples::{Samples, may_lead_on};
use super::{Alias, Haul, forms, joined, linking, logs, tables, topics};
use crate::bindings::Subject;
use crate::facts::RecordFact;
use crate::home::Home;
use crate::{EngineError, Stores, bridges};
use std::collections::HashSet;
use std::sync::Arc;
use waylaid_model::Window;
use waylaid_store::{Context, KeySet};

/// How many times bridges are followed further.
const MAX_ROUNDS: usize = 3;

/// What was looked for already.
#[derive(Default)]
pub(super) struct Bridging {
    in_topics: HashSet<String>,
    in_logs: HashSet<String>,
}

impl Bridging {
    /// Follows what topics and tables show, through topics and tables.
    #[expect(clippy::too_many_arguments, reason = "one call, and each is a different thing")]
    pub(super) fn over_topics(
        &mut self,
        home: &Home,
        subject: &Subject<'_>,
        stores: &Stores,
        window: Window,
        samples: &Samples,
        haul: &mut Haul,
        context: &Context,
    ) -> Result<(), EngineError> {
        for _ in 0..MAX_ROUNDS {
            let candidates = worthwhile(home, subject, samples, haul);
            if candidates.is_empty() {
                break;
            }
            let before = haul.records.len();
            self.look_in_topics(&candidates, stores, window, haul, context)?;
            if !adopt_all(home, candidates, before, false, haul) {
                break;
            }
        }
        Ok(())
    }

    /// The keys that logs are to be searched for: the entities' own and every other that may turn out to be theirs.
    pub(super) fn log_keys(&mut self, home: &Home, haul: &Haul) -> Arc<KeySet> {
        let sorted = |aliases: &[Alias]| {
            let mut values: Vec<String> = aliases.iter().flat_map(|a| a.values.keys().cloned()).collect();
            values.sort();
            values.dedup();
            values
        };
        // What is certain goes first.
        let further: Vec<String> =
            sorted(&haul.aliases).into_iter().chain(sorted(&bridges::candidates(home, haul))).collect();
        self.in_logs.extend(further.iter().cloned());
        let own = home.entities.iter().map(|e| e.key.clone());
        Arc::new(KeySet::new(own.chain(further)))
    }

    /// Follows what logs show as well, through all stores.
    #[expect(clippy::too_many_arguments, reason = "one call, and each is a different thing")]
    pub(super) fn over_everything(
        &mut self,
        home: &Home,
        subject: &Subject<'_>,
        stores: &Stores,
        window: Window,
        samples: &Samples,
        haul: &mut Haul,
        context: &Context,
    ) -> Result<(), EngineError> {
        for _ in 0..MAX_ROUNDS {
            let candidates = worthwhile(home, subject, samples, haul);
            if candidates.is_empty() {
                break;
            }
            let before = haul.records.len();
            self.look_in_topics(&candidates, stores, window, haul, context)?;
            let fresh = fresh(&candidates, &mut self.in_logs);
            if !fresh.is_empty() {
                logs::sweep(stores, home, &Arc::new(KeySet::new(fresh)), window, None, haul, context)?;
            }
            if !adopt_all(home, candidates, before, true, haul) {
                break;
            }
        }
        haul.logs.retain(|l| !l.entities.is_empty() || l.is_failure() || l.holds_own_key);
        Ok(())
    }

    fn look_in_topics(
        &mut self,
        candidates: &[Alias],
        stores: &Stores,
        window: Window,
        haul: &mut Haul,
        context: &Context,
    ) -> Result<(), EngineError> {
        let fresh = fresh(candidates, &mut self.in_topics);
        if fresh.is_empty() {
            return Ok(());
        }
        topics::sweep(stores, &Arc::new(KeySet::new(fresh)), window, None, haul, context)?;
        tables::by_alias(stores, candidates, haul, context);
        Ok(())
    }
}

/// Candidates whose values are of a form that turns up where the entities' own keys do not.
fn worthwhile(home: &Home, subject: &Subject<'_>, samples: &Samples, haul: &Haul) -> Vec<Alias> {
    let mut candidates = bridges::candidates(home, haul);
    if !candidates.is_empty() {
        let forms = samples.forms(subject, haul);
        candidates.retain(|c| may_lead_on(c, &forms));
    }
    // Of what is known of some, the form says it of the others.
    let unknown = |mut a: Alias| {
        a.values.retain(|v, _| !haul.aliases.iter().any(|k| k.values.contains_key(v)));
        (!a.values.is_empty()).then_some(a)
    };
    let forms =
        forms::other_forms(home, samples).into_iter().chain(joined::joined_forms(home, samples, haul));
    candidates.extend(forms.filter_map(unknown));
    candidates
}

/// Values that were not looked for yet, sorted.
fn fresh(candidates: &[Alias], tried: &mut HashSet<String>) -> Vec<String> {
    let mut values: Vec<String> =
        candidates.iter().flat_map(|a| a.values.keys()).filter(|v| !tried.contains(*v)).cloned().collect();
    values.sort();
    values.dedup();
    tried.extend(values.iter().cloned());
    values
}

/// Adopts what leads on. True when something new was linked.
fn adopt_all(home: &Home, candidates: Vec<Alias>, before: usize, with_logs: bool, haul: &mut Haul) -> bool {
    let mut grew = false;
    for alias in candidates {
        grew |= linking::adopt(home, alias, haul, with_logs);
    }
    // What no adopted alias accounts for is not the entities'.
    let kept: Vec<RecordFact> = haul.records.drain(before..).filter(|r| !r.entities.is_empty()).collect();
    haul.records.extend(kept);
    grew
}
