//! From changes to ranked services.

use super::causal::Standing;
use super::changes::{Change, What};
use std::collections::BTreeMap;

/// What kind of change a service stands for, the weightiest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Tier {
    /// Something is broken or silent, beyond chance.
    Broken,
    /// A new failure, too seldom to tell.
    Hint,
    /// Something is only slower.
    Slow,
}

impl Tier {
    fn of(change: &Change) -> Self {
        match (change.what, change.sure) {
            (What::Slower, _) => Self::Slow,
            (_, true) => Self::Broken,
            (_, false) => Self::Hint,
        }
    }
}

/// A service with what changed in it.
#[derive(Clone, Debug)]
pub(super) struct Ranked {
    pub(super) service: u32,
    /// What its strongest change is worth.
    pub(super) tier: Tier,
    /// Evidence of its strongest change, by the share of requests in which it came first.
    pub(super) score: f64,
    /// Its changes, the strongest first, as indices.
    pub(super) changes: Vec<usize>,
}

/// Services, the most suspicious first: what is broken before what is only slow, what came first in its requests before
/// what followed from others.
pub(super) fn rank(changes: &[Change], standings: &[Standing]) -> Vec<Ranked> {
    let mut by_service: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
    for (index, change) in changes.iter().enumerate() {
        let service = standings[index].service().unwrap_or(change.service);
        by_service.entry(service).or_default().push(index);
    }
    let score = |index: usize| changes[index].evidence * standings[index].share();
    let mut ranked: Vec<Ranked> = by_service
        .into_iter()
        .map(|(service, mut own)| {
            let tier = |i: &usize| Tier::of(&changes[*i]);
            own.sort_by(|a, b| {
                tier(a)
                    .cmp(&tier(b))
                    .then(score(*b).total_cmp(&score(*a)))
                    .then(changes[*b].near.cmp(&changes[*a].near))
                    .then(a.cmp(b))
            });
            let tier = own.first().map_or(Tier::Slow, tier);
            let score = own.first().map_or(0.0, |i| score(*i));
            Ranked { service, tier, score, changes: own }
        })
        .collect();
    ranked.sort_by(|a, b| {
        a.tier.cmp(&b.tier).then(b.score.total_cmp(&a.score)).then(a.service.cmp(&b.service))
    });
    ranked
}
