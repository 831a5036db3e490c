//! Failures that come round by themselves: whoever waits long meets them, and need not be held up by them.

use super::{Boundary, SECOND};
use crate::flow;
use crate::problems::Problem;
use crate::world::World;

/// Whether completed ones met it, before they got on, about as often as the stuck did for the time that they waited: by the
/// rate at which it comes to one that waits (events by time at risk, as in a survival analysis with a constant hazard).
/// A job that goes over all that are open hits those most that have been open longest, and is no reason for it.
pub(super) fn comes_round(
    world: &World<'_>,
    problem: &Problem,
    boundary: &Boundary,
    hits: &[u32],
    done: &[u32],
) -> bool {
    const FEWEST: f64 = 3.0;
    let Some(now) = world.now else { return false };
    let lag = |e: &u32| Some(problem.hits.get(e)?.0?.since(world.at(*e, boundary.from)?).max(0));
    let lags: Vec<i64> = hits.iter().filter_map(lag).collect();
    let usual = flow::median(world.flow.steps[boundary.step].times.clone()).unwrap_or(0);
    // What comes at once comes by what they are, not by how long they are there.
    if flow::median(lags.clone()).is_none_or(|middle| middle < usual.max(60 * SECOND)) {
        return false;
    }
    let unmet = boundary.entities.iter().filter(|e| !problem.hits.contains_key(e));
    let waited = unmet.filter_map(|e| world.at(*e, boundary.from)).map(|at| now.since(at).max(0));
    let at_risk: f64 = lags.iter().copied().chain(waited).map(|t| t as f64).sum();
    let rate = lags.len() as f64 / at_risk.max(1.0);
    let (mut expected, mut met) = (0.0, 0.0);
    for entity in done {
        let passed = world.at(*entity, boundary.from).zip(world.at(*entity, boundary.to));
        let Some((from, to)) = passed else { continue };
        expected += 1.0 - (-rate * to.since(from).max(0) as f64).exp();
        let first = problem.hits.get(entity).filter(|_| !problem.loose.contains(entity)).and_then(|h| h.0);
        met += f64::from(u8::from(first.is_some_and(|first| first <= to)));
    }
    expected >= FEWEST && met * 2.0 >= expected
}
