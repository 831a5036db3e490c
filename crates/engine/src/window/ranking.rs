//! From changes to ranked services.

use super::causal::Standing;
use super::changes::{Change, What};
use std::collections::BTreeMap;

/// A service with what changed in it.
#[derive(Clone, Debug)]
pub(super) struct Ranked {
    pub(super) service: u32,
    /// Something is broken or silent, and not only slow.
    pub(super) broken: bool,
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
            let is_broken = |i: &usize| changes[*i].what != What::Slower;
            own.sort_by(|a, b| {
                is_broken(b)
                    .cmp(&is_broken(a))
                    .then(score(*b).total_cmp(&score(*a)))
                    .then(changes[*b].near.cmp(&changes[*a].near))
                    .then(a.cmp(b))
            });
            let broken = own.iter().any(is_broken);
            let score = own.first().map_or(0.0, |i| score(*i));
            Ranked { service, broken, score, changes: own }
        })
        .collect();
    ranked.sort_by(|a, b| {
        b.broken.cmp(&a.broken).then(b.score.total_cmp(&a.score)).then(a.service.cmp(&b.service))
    });
    ranked
}
