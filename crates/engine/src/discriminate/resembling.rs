//! Whom the stuck resemble among several groups of completed ones.

use super::features::features;
use crate::world::World;
use std::collections::{BTreeMap, BTreeSet};

/// Which of several groups of completed ones (nearly) all of some entities resemble: by the features that they share, and
/// that are (nearly) only found in one of the groups.
pub(crate) fn resembling(
    world: &World<'_>,
    node: usize,
    entities: &[u32],
    groups: &[Vec<u32>],
) -> Option<usize> {
    const LOOKED_AT: usize = 200;
    const FEWEST: usize = 3;
    let count = |group: &[u32]| -> BTreeMap<(String, String), usize> {
        let mut counts = BTreeMap::new();
        for e in group.iter().take(LOOKED_AT) {
            // What they carried on the way there is as good as what they carry there.
            let reach = world.trails.reach[*e as usize].keys();
            let topics = reach.copied().filter(|n| world.trails.nodes[*n].topic().is_some());
            let nodes: BTreeSet<usize> = topics.chain([node]).collect();
            let of_node = |n| features(&world.home, &world.haul, &world.trails, n, *e, None);
            let all: BTreeSet<(String, String)> = nodes.into_iter().flat_map(of_node).collect();
            for feature in all {
                *counts.entry(feature).or_default() += 1;
            }
        }
        counts
    };
    let looked_at = entities.len().min(LOOKED_AT);
    let shared = count(entities).into_iter().filter(|(_, n)| n * 20 >= looked_at * 19).map(|(f, _)| f);
    let of_groups: Vec<_> = groups.iter().map(|g| count(g)).collect();
    let mut votes: BTreeMap<usize, usize> = BTreeMap::new();
    for feature in shared {
        let have: Vec<usize> = of_groups.iter().map(|g| g.get(&feature).copied().unwrap_or(0)).collect();
        let total: usize = have.iter().sum();
        let most = (0..have.len()).max_by_key(|n| have[*n]);
        if let Some(n) = most.filter(|n| have[*n] >= FEWEST && have[*n] * 20 >= total * 19) {
            *votes.entry(n).or_default() += 1;
        }
    }
    let most = votes.values().max().copied()?;
    let mut best = votes.into_iter().filter(|(_, n)| *n == most);
    best.next().filter(|_| best.next().is_none()).map(|(n, _)| n)
}
