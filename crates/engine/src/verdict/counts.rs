//! How far who came, hop by hop, and how keys are known.

use crate::flow;
use crate::home::Role;
use crate::world::World;
use waylaid_model::{BindingSummary, HopCount};

pub(super) fn hops(world: &World<'_>, stuck: &[u32]) -> Vec<HopCount> {
    let ms = |n: Option<i64>| n.map(|n| (n / 1_000_000).max(0) as u64);
    (0..world.flow.steps.len())
        .filter(|i| world.flow.steps[*i].parent.is_some())
        .map(|i| {
            let step = &world.flow.steps[i];
            let at = |node: usize| {
                let own = world.flow.step_of(node);
                let reached = |e: &&u32| {
                    let there_before =
                        own.is_some_and(|s| world.flow.was_there_before(s, **e as usize, &world.trails));
                    world.trails.reach[**e as usize].contains_key(&node) && !there_before
                };
                stuck.iter().filter(reached).count() as u64
            };
            let from = step.parent.map_or(step.node, |p| world.flow.steps[p].node);
            let both = stuck.iter().filter(|e| {
                let reach = &world.trails.reach[**e as usize];
                let there_before = world.flow.was_there_before(i, **e as usize, &world.trails);
                reach.contains_key(&from) && reach.contains_key(&step.node) && !there_before
            });
            HopCount {
                hop: world.flow.hop(&world.trails, i),
                service: step.service.clone(),
                reached: at(from),
                passed: both.count() as u64,
                control_passed: step.control,
                typical_ms: ms(flow::median(step.times.clone())),
                slow_ms: ms(flow::quantile(&step.times, 0.95)),
            }
        })
        .collect()
}

/// The flow's hops with the counts of the cohort.
pub(crate) fn hop_counts(world: &World<'_>) -> Vec<HopCount> {
    hops(world, &world.of_role(Role::Stuck))
}

/// Bindings as `check` and the answer list them.
pub(crate) fn bindings(world: &World<'_>) -> Vec<BindingSummary> {
    let own = world.haul.bindings.iter().map(|(key, b)| summary_of(key, b, world));
    let bridged = world.haul.aliases.iter().map(|alias| {
        let mut samples: Vec<String> = alias.values.keys().cloned().collect();
        samples.sort();
        samples.truncate(3);
        BindingSummary {
            store: "bridge".into(),
            target: alias.name.clone(),
            place: alias.name.rsplit(' ').next().unwrap_or_default().to_owned(),
            key: alias.name.clone(),
            why: format!(
                "{} values beside a known key, each of one {}; they lead on to further facts",
                alias.values.len(),
                world.spec.name
            ),
            samples,
        }
    });
    own.chain(bridged).collect()
}

/// One binding for people.
pub(crate) fn summary_of(key: &str, b: &crate::bindings::Binding, world: &World<'_>) -> BindingSummary {
    let store = match &b.source {
        crate::bindings::Source::Topic(_) => "topics",
        crate::bindings::Source::Table(_) => "tables",
        crate::bindings::Source::Log(_) => "logs",
    };
    let key = if key.is_empty() { world.spec.name.clone() } else { key.to_owned() };
    BindingSummary {
        store: store.into(),
        target: b.source.name().to_owned(),
        place: b.place.clone(),
        key,
        why: b.why.clone(),
        samples: b.samples.clone(),
    }
}
