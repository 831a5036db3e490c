//! The answer in a sentence, what is to be known beside it, and what to do next.

use crate::causes::{Findings, Proof};
use crate::home::Role;
use crate::trails;
use crate::world::World;
use waylaid_model::{Cause, Kind, Outcome, Status, time::human_duration};

/// Those who are not counted as stuck although their state and age say so.
pub(crate) fn waiting_notes(findings: &Findings) -> Vec<String> {
    let held = findings.held.len();
    let moving = findings.queued.len() - held;
    let mut out = Vec::new();
    if held > 0 {
        out.push(format!(
            "{held} are held until a time yet to come: their own row or record gives it, and the last that was logged of them says so; a plan, not stuck"
        ));
    }
    if moving > 0 {
        out.push(format!("{moving} wait in a partition that still moves: slow, not stuck"));
    }
    out
}

pub(super) fn summary(
    world: &World<'_>,
    findings: &Findings,
    causes: &[Cause],
    outcome: Outcome,
    counted: usize,
    asked: &[String],
    state: Option<&waylaid_model::Rule>,
) -> String {
    let entity = &world.spec.name;
    if counted == 0 {
        let young = world.of_role(Role::Young).len();
        let waiting = findings.queued.len();
        if !asked.is_empty() {
            return of_asked(world, findings, asked);
        }
        let wanted = state.filter(|r| !world.home.states.keys().any(|s| r.holds(s)));
        return match (young, waiting) {
            (0, 0) if wanted.is_some() => {
                let there: Vec<&str> = world.home.states.keys().take(8).map(String::as_str).collect();
                let wanted = wanted.map(waylaid_model::Rule::wants).unwrap_or_default();
                format!(
                    "no {entity} is stuck: none is in the state `{wanted}`; there are {}",
                    there.join(", ")
                )
            }
            (0, 0) => format!("no {entity} is stuck"),
            (y, 0) => format!("no {entity} is stuck: {y} in flight are younger than the rule asks for"),
            (y, w) => {
                let held = match findings.held.len() {
                    0 => format!("{w} wait in a queue that moves"),
                    h if h == w => format!("{h} are held until a time yet to come"),
                    h => {
                        format!("{h} are held until a time yet to come, {} wait in a queue that moves", w - h)
                    }
                };
                format!("no {entity} is stuck: {held}, {y} are in flight")
            }
        };
    }
    let Some(first) = causes.first() else {
        return format!(
            "cause not found: nothing is known to be missing from the trails of {counted} {entity} keys"
        );
    };
    let more =
        if causes.len() > 1 { format!(" (and {} more causes)", causes.len() - 1) } else { String::new() };
    let unknown = outcome == Outcome::Inconclusive && first.outcome == Outcome::Inconclusive;
    let prefix = if unknown { "cause not found: " } else { "" };
    format!("{prefix}{}{more}", first.statement)
}

pub(super) fn notes(world: &World<'_>, findings: &Findings, asked: &[String]) -> Vec<String> {
    let mut out = world.notes.clone();
    let entity = &world.spec.name;
    if let Some(all) = world.home.cut {
        out.push(format!(
            "{all} are in the stuck state; {} of them, evenly taken, were followed: counts and lists of keys are of these (--all follows every one)",
            crate::home::FOLLOWED_OF_MANY
        ));
    }
    if let Some(first) = world.home.unknown.first() {
        let (count, table) = (world.home.unknown.len(), trails::home_name(&world.home));
        out.push(format!(
            "{count} of the keys asked about stand in no row of {table}, `{first}` for one: left out"
        ));
    }
    out.extend(asked_but_not_stuck(world, asked));
    if let (Some(rule), true) = (&world.spec.done, world.of_role(Role::Done).is_empty()) {
        let table = trails::home_name(&world.home);
        out.push(format!("no row of {table} satisfies the rule for `done` ({}): nothing to compare with; are completed ones moved elsewhere?", rule.wants()));
    }
    out.extend(without_logs(world));
    // What is a cause is told there.
    let told = |n: usize| {
        findings.drafts.iter().any(|d| matches!(d.proof, Proof::Stopped { silent } if silent == n))
    };
    let silent = world.fell_silent.iter().enumerate().filter(|(n, s)| s.message.is_none() && !told(*n));
    out.extend(silent.map(|(_, s)| {
        format!(
            "{} has logged nothing since {}; before, it never paused for longer than {}: does it still run?",
            s.service,
            s.last,
            human_duration(s.pause)
        )
    }));
    let aged = world.of_role(Role::AgedOut).len();
    if aged > 0 {
        out.push(format!("{aged} {entity} keys are older than what logs and topics still hold: nothing can be said of their way; they count as unexplained, never as not produced"));
    }
    let young = world.of_role(Role::Young).len();
    if young > 0 {
        out.push(format!("{young} are in the same state but not for long enough: in flight"));
    }
    out.extend(waiting_notes(findings));
    let resent: Vec<u32> = world
        .of_role(Role::Stuck)
        .into_iter()
        .filter(|e| {
            world.trails.reach[*e as usize]
                .iter()
                .any(|(n, r)| r.count > 1 && matches!(world.trails.nodes[*n], crate::trails::Node::Topic(_)))
        })
        .collect();
    if !resent.is_empty() {
        let most = resent
            .iter()
            .flat_map(|e| world.trails.reach[*e as usize].iter())
            .filter(|(n, _)| world.trails.nodes[**n].topic().is_some())
            .map(|(_, r)| r.count)
            .max()
            .unwrap_or(0);
        out.push(format!("{} of the stuck were sent again, up to {most} times: the records are in the topic, sending once more changes nothing", resent.len()));
    }
    if let (Some(now), Some(oldest)) = (
        world.now,
        world.of_role(Role::Stuck).iter().filter_map(|e| world.home.entities[*e as usize].entered).min(),
    ) {
        out.push(format!("the longest has been in this state for {}", human_duration(now.since(oldest))));
    }
    out
}

/// Why none of the keys that were asked about is stuck.
fn of_asked(world: &World<'_>, findings: &Findings, asked: &[String]) -> String {
    let of =
        |role: Role| world.home.entities.iter().filter(|e| e.role == role && asked.contains(&e.key)).count();
    let rule = world.spec.done.as_ref().map(waylaid_model::Rule::wants).unwrap_or_default();
    let told: Vec<String> = [
        (of(Role::Done), format!("completed by the rule for `done` ({rule})")),
        (of(Role::Young), "in flight, younger than the rule for `stuck` asks for".to_owned()),
        (findings.held.len(), "held until a time yet to come".to_owned()),
        (
            findings.queued.len() - findings.held.len(),
            "in flight: completed ones took as long, or their queue moves".to_owned(),
        ),
        (of(Role::Other), "in another state".to_owned()),
    ]
    .into_iter()
    .filter(|(n, _)| *n > 0)
    .map(|(n, what)| format!("{n} {what}"))
    .collect();
    let entity = &world.spec.name;
    match (asked.len(), told.as_slice()) {
        (n, []) => format!("none of the {n} {entity} keys asked about is stuck"),
        (1, told) => format!("the {entity} asked about is not stuck: {}", told.join(", ")),
        (n, told) => format!("none of the {n} {entity} keys asked about is stuck: {}", told.join(", ")),
    }
}

/// What became of the keys that were asked about and that no verdict speaks of.
pub(super) fn asked_but_not_stuck(world: &World<'_>, asked: &[String]) -> Option<String> {
    const TOLD: usize = 5;
    let is_other = |e: &&crate::home::Entity| {
        asked.contains(&e.key) && matches!(e.role, Role::Done | Role::Other | Role::Young)
    };
    let others: Vec<&crate::home::Entity> = world.home.entities.iter().filter(is_other).collect();
    let told: Vec<String> = others.iter().take(TOLD).map(|e| format!("{} is {}", e.key, e.state)).collect();
    let more = if others.len() > TOLD { ", …" } else { "" };
    (!others.is_empty()).then(|| {
        format!(
            "{} of the keys asked about are not stuck by the rules: {}{more}",
            others.len(),
            told.join(", ")
        )
    })
}

/// Configured services of which no log is among the stores, where there are logs at all: what they said is not known.
pub(super) fn without_logs(world: &World<'_>) -> Option<String> {
    let logs = || world.haul.coverage.iter().filter(|c| c.store.starts_with("logs."));
    let lacks = |name: &&str| !logs().any(|c| c.target == *name);
    let names: Vec<&str> = world.system.services.iter().map(|s| s.name.as_str()).filter(lacks).collect();
    let whole = logs().all(|c| c.target != c.store);
    (!names.is_empty() && logs().next().is_some() && whole)
        .then(|| format!("no log of {} is among the stores: what it said is not known", names.join(", ")))
}

pub(super) fn next_steps(world: &World<'_>, causes: &[Cause], outcome: Outcome) -> Vec<String> {
    let mut out = Vec::new();
    for cause in causes.iter().take(3) {
        if let Some(place) = cause.code.first() {
            out.push(format!(
                "open {} line {} of {} ({})",
                place.path, place.line, place.service, place.role
            ));
        }
        if !cause.fix.code.is_empty() {
            out.push(cause.fix.code.clone());
        }
    }
    if outcome == Outcome::Inconclusive {
        for cause in causes.iter().filter(|c| c.kind == Kind::Unknown).take(2) {
            let who = cause.service.as_deref().unwrap_or("whoever acts there");
            let is_read = world.haul.coverage.iter().any(|c| {
                c.store.starts_with("logs.")
                    && c.target == who
                    && c.status == Status::Searched
                    && !c.is_incomplete()
            });
            out.push(if is_read {
                format!(
                    "ask the owners of {who} about the listed keys at {}: its log was read whole and gives no reason",
                    cause.hop
                )
            } else {
                format!(
                    "bring in what {who} logged at {}, or ask its owners about the listed keys",
                    cause.hop
                )
            });
        }
    }
    if let Some(entity) = causes.first().and_then(|c| c.entities.keys.first()) {
        out.push(format!("waylaid follow {} {entity}", world.spec.name));
    }
    out
}
