//! `flow` and `stuck`: the learnt flow, and who stands where in it.

use crate::causes::{self, Findings};
use crate::home::Role;
use crate::world::World;
use crate::{Ask, EngineError, Stores, gather, verdict};
use std::collections::BTreeSet;
use waylaid_model::answers::{FlowAnswer, StateCount, StuckAnswer, StuckGroup};
use waylaid_model::time::human_duration;
use waylaid_model::{EntitySpec, System};
use waylaid_store::Context;

/// Keys shown of a group.
const SAMPLES: usize = 5;

/// The learnt flow.
pub fn flow(
    system: &System,
    stores: &Stores,
    ask: &Ask,
    context: &Context,
) -> Result<FlowAnswer, EngineError> {
    let spec = gather::entity(system, ask)?;
    needs_table(spec)?;
    if spec.done.is_none() {
        return Err(needs_rule(spec, "done", "the flow is learnt from completed entities"));
    }
    let world = gather::gather(system, stores, ask, context)?;
    let mut notes = world.notes.clone();
    if world.flow.control == 0 {
        notes.push(format!("no {} is done by the rule: there is nothing to learn a flow from", spec.name));
    }
    if world.flow.control >= crate::home::MAX_CONTROL as u64 {
        notes.push(format!("learnt from {} completed ones, spread over all there are", world.flow.control));
    }
    Ok(FlowAnswer {
        entity: spec.name.clone(),
        learnt_from: world.flow.control,
        hops: if world.flow.control == 0 { Vec::new() } else { verdict::hop_counts(&world) },
        variants: if world.flow.control == 0 { Vec::new() } else { variants(&world) },
        notes,
        coverage: world.haul.coverage.clone(),
    })
}

fn needs_table(spec: &EntitySpec) -> Result<(), EngineError> {
    if spec.tables.is_empty() {
        let hint = format!(
            "name its home table: [entity.{}] tables = [{{ column = \"STORE.TABLE.COLUMN\", state = \"STATUS\" }}]; `waylaid follow` works without one",
            spec.name
        );
        let message =
            format!("{} has no table in this system, so nobody knows which ones there are", spec.name);
        return Err(EngineError::Question { message, hint });
    }
    Ok(())
}

fn needs_rule(spec: &EntitySpec, rule: &str, why: &str) -> EngineError {
    let column = spec.tables.first().map_or_else(
        || "STORE.TABLE.STATUS".to_owned(),
        |(c, state)| format!("{}.{}.{}", c.store, c.table, state.as_deref().unwrap_or("STATUS")),
    );
    EngineError::Question {
        message: format!("{} has no `{rule}` rule, and {why}", spec.name),
        hint: format!("add to [entity.{}]: {rule} = {{ column = \"{column}\", equals = \"…\" }}", spec.name),
    }
}

/// The ways through the flow, nodes in the flow's order.
fn variants(world: &World<'_>) -> Vec<(String, u64)> {
    let way = |nodes: &BTreeSet<usize>| {
        let steps = world.flow.steps.iter().filter(|s| nodes.contains(&s.node));
        steps.map(|s| world.trails.nodes[s.node].name()).collect::<Vec<_>>().join(" -> ")
    };
    world.flow.variants.iter().map(|(nodes, count)| (way(nodes), *count)).collect()
}

/// Who is stuck.
pub fn stuck(
    system: &System,
    stores: &Stores,
    ask: &Ask,
    context: &Context,
) -> Result<StuckAnswer, EngineError> {
    let spec = gather::entity(system, ask)?;
    needs_table(spec)?;
    if spec.stuck.is_none() && ask.state.is_none() && ask.keys.is_empty() {
        return Err(needs_rule(spec, "stuck", "no state was given with the question"));
    }
    let world = gather::gather(system, stores, ask, context)?;
    let stuck = world.of_role(Role::Stuck);
    let done = world.of_role(Role::Done);
    let findings = causes::find(&world, &stuck, &done);
    let queued: BTreeSet<u32> = findings.queued.iter().copied().collect();
    let counted = stuck.len() - queued.len();
    let groups: Vec<StuckGroup> =
        findings.boundaries.iter().filter_map(|b| group(&world, b, &queued)).collect();
    Ok(StuckAnswer {
        entity: spec.name.clone(),
        cohort: verdict::cohort(&world, counted, done.len(), &findings),
        states: states(&world, ask, &queued),
        notes: notes(&world, ask, &findings, counted, &groups),
        groups,
        coverage: world.haul.coverage.clone(),
    })
}

fn group(
    world: &World<'_>,
    boundary: &crate::suspects::Boundary,
    queued: &BTreeSet<u32>,
) -> Option<StuckGroup> {
    let entities: Vec<u32> = boundary.entities.iter().copied().filter(|e| !queued.contains(e)).collect();
    if entities.is_empty() {
        return None;
    }
    Some(StuckGroup {
        last_good: world.trails.nodes[boundary.from].name().to_owned(),
        missing: world.flow.hop(&world.trails, boundary.step),
        count: entities.len() as u64,
        samples: world.keys(&entities).into_iter().take(SAMPLES).collect(),
    })
}

/// Every state of the home table; times where all of a state are known.
fn states(world: &World<'_>, ask: &Ask, queued: &BTreeSet<u32>) -> Vec<StateCount> {
    let rules = crate::home::Rules::new(world.spec, ask);
    let is =
        |rule: &Option<waylaid_model::Rule>, state: &String| rule.as_ref().is_some_and(|r| r.holds(state));
    let one = |(state, count): (&String, &u64)| {
        let role = match () {
            () if is(&rules.stuck, state) => "stuck",
            () if is(&rules.done, state) => "done",
            () => "other",
        };
        let of_state = || (0u32..).zip(&world.home.entities).filter(|(_, e)| e.state == *state);
        let entered: Vec<_> = of_state().filter_map(|(_, e)| e.entered).collect();
        let all = entered.len() as u64 == *count;
        let stuck = of_state().filter(|(i, e)| e.role == Role::Stuck && !queued.contains(i)).count();
        StateCount {
            state: state.clone(),
            role: role.into(),
            count: *count,
            stuck: stuck as u64,
            oldest: entered.iter().min().copied().filter(|_| all),
            newest: entered.iter().max().copied().filter(|_| all),
        }
    };
    let mut states: Vec<StateCount> = world.home.states.iter().map(one).collect();
    if states.len() > MANY && [&rules.stuck, &rules.done].into_iter().flatten().any(|r| r.null.is_some()) {
        states = by_emptiness(states);
    }
    let rank = |role: &str| ["stuck", "done", "other"].iter().position(|r| *r == role);
    states.sort_by(|a, b| rank(&a.role).cmp(&rank(&b.role)).then(b.count.cmp(&a.count)));
    states
}

/// More states than this are no states, where a rule asks only whether the column is empty.
const MANY: usize = 12;

/// Filled ones as one, and empty ones: which time or number stands there is no state.
fn by_emptiness(all: Vec<StateCount>) -> Vec<StateCount> {
    let mut out: Vec<StateCount> = Vec::new();
    for mut one in all {
        one.state = String::from(if one.state.is_empty() { "(empty)" } else { "(filled)" });
        match out.iter_mut().find(|o| o.state == one.state && o.role == one.role) {
            Some(known) => {
                known.count += one.count;
                known.stuck += one.stuck;
                known.oldest = known.oldest.zip(one.oldest).map(|(a, b)| a.min(b));
                known.newest = known.newest.zip(one.newest).map(|(a, b)| a.max(b));
            }
            None => out.push(one),
        }
    }
    out
}

/// A state that was asked for and that nobody is in: a slip of the pen must not read like all is well.
fn unknown_state(world: &World<'_>, ask: &Ask) -> Option<String> {
    const TOLD: usize = 8;
    let wanted = ask.state.as_deref()?;
    let states = &world.home.states;
    let is_there = states.contains_key(wanted);
    let there: Vec<&str> = states.keys().take(TOLD).map(String::as_str).collect();
    (!is_there).then(|| format!("nobody is in the state `{wanted}`; there are {}", there.join(", ")))
}

fn notes(
    world: &World<'_>,
    ask: &Ask,
    findings: &Findings,
    counted: usize,
    groups: &[StuckGroup],
) -> Vec<String> {
    let mut out = world.notes.clone();
    out.extend(unknown_state(world, ask));
    if let Some(all) = world.home.cut {
        out.push(format!(
            "{all} are in the stuck state; {} of them were followed",
            crate::home::FOLLOWED_OF_MANY
        ));
    }
    let aged = world.of_role(Role::AgedOut).len();
    if aged > 0 {
        out.push(format!(
            "{aged} are older than what logs and topics still hold; they are not counted as stuck"
        ));
    }
    let young = world.of_role(Role::Young).len();
    if young > 0 {
        out.push(format!("{young} are in the same state but not for long enough: in flight"));
    }
    out.extend(crate::verdict::waiting_notes(findings));
    let placed: u64 = groups.iter().map(|g| g.count).sum();
    let unplaced = (counted as u64).saturating_sub(placed);
    if unplaced > 0 && world.flow.control == 0 {
        out.push("no completed one is known to compare with: where they stopped cannot be told".into());
    } else if unplaced > 0 {
        out.push(format!("{unplaced} have everything that completed ones have but the state"));
    }
    if let (Some(now), Some(oldest)) = (world.now, oldest(world)) {
        out.push(format!("the longest has been in this state for {}", human_duration(now.since(oldest))));
    }
    out
}

fn oldest(world: &World<'_>) -> Option<waylaid_model::Timestamp> {
    let stuck = world.home.entities.iter().filter(|e| e.role == Role::Stuck);
    stuck.filter_map(|e| e.entered).min()
}
