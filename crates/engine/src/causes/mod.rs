//! The cohort partitioned by its boundary, then by cause. Each draft says which facts it rests on; the verdict's rules
//! (docs/verdict.md) turn these into an outcome.

mod behind;
mod by_shared;
mod by_value;
mod errors;
mod held;
mod outages;
mod paired;
mod returns;
mod setback;
mod silence;
mod stores;
pub(crate) mod told_in_row;
mod uncompared;
mod waiting;

use crate::discriminate::{self, Trait};
use crate::home::Role;
use crate::offsets::Consumption;
use crate::problems::Problem;
use crate::structure::Detour;
use crate::suspects::{self, Boundary, Candidate};
use crate::trails::Node;
use crate::world::World;
pub(crate) use behind::Behind;
pub(crate) use errors::changed_meanwhile;
use errors::{blocked_behind, is_outdone, take_problem, take_tries};
pub(crate) use outages::stopper;
use silence::{silent, silent_kind};
use std::collections::{BTreeMap, BTreeSet};
use stores::{behind, elsewhere, structural, within_usual_time};
use waylaid_model::{Kind, Outcome, Timestamp};

/// What a draft rests on.
#[derive(Debug)]
pub(crate) enum Proof {
    /// An error group that hits them.
    Problem { candidate: Candidate, blocked: Vec<u32>, consumption: Option<Consumption> },
    /// An error group of the service that names nobody, but began when they stopped.
    Outage { problem: usize, consumption: Option<Consumption> },
    /// The group has not got there.
    NotConsumed(Consumption),
    /// The record sits in another topic.
    Detour(Detour),
    /// The row to send is unsent.
    Unsent { table: String, found: Trait, row: usize },
    /// The event came too early.
    Overtaken { node: usize, found: Trait },
    /// A late event wrote over what had been reached: the order that shows it, the event, and whether the row was changed
    /// just then.
    SetBack { found: Trait, log: usize, is_shown: bool },
    /// Nothing was logged of them; consumed where that is known. What is said in passing at the same moments.
    Silent { consumption: Consumption, traits: Vec<Trait>, seen: usize, said: Option<usize> },
    /// Who had to act came by the clock, and comes no more: one of those that fell silent.
    Stopped { silent: usize },
    /// The partition moves, and more slowly than it fills.
    Behind(Behind),
    /// Nobody who could be looked at had to act.
    OutOfSight { why: String },
}

impl Proof {
    /// The error group that it rests on.
    pub(crate) fn problem(&self) -> Option<usize> {
        match self {
            Self::Problem { candidate, .. } => Some(candidate.problem),
            Self::Outage { problem, .. } => Some(*problem),
            Self::Silent { said, .. } => *said,
            Self::Behind(behind) => behind.problem,
            _ => None,
        }
    }

    /// Whether no error and no store tells why.
    pub(crate) fn is_silent(&self) -> bool {
        matches!(self, Self::Silent { .. } | Self::OutOfSight { .. })
    }
}

/// A cause before it is worded.
#[derive(Debug)]
pub(crate) struct Draft {
    pub(crate) kind: Kind,
    pub(crate) boundary: Boundary,
    pub(crate) entities: Vec<u32>,
    pub(crate) proof: Proof,
}

/// Everything that was found about the cohort.
#[derive(Default)]
pub(crate) struct Findings {
    pub(crate) drafts: Vec<Draft>,
    /// Waiting in a queue that moves: no fault.
    pub(crate) queued: Vec<u32>,
    /// Those of them that are held until a time yet to come, by their own data.
    pub(crate) held: Vec<u32>,
    pub(crate) boundaries: Vec<Boundary>,
}

impl Findings {
    /// Leaves those that were asked about: what explains none of them goes. With each cause's outcome and caps, and how many
    /// others it explains.
    pub(crate) fn restrict(
        &mut self,
        asked: &[u32],
        judged: &[(Outcome, Vec<String>)],
    ) -> Vec<(Outcome, Vec<String>, usize)> {
        let is_asked = |e: &u32| asked.binary_search(e).is_ok();
        let drafts = std::mem::take(&mut self.drafts);
        let mut kept = Vec::new();
        for (mut draft, (outcome, caps)) in drafts.into_iter().zip(judged) {
            let all = draft.entities.len();
            draft.entities.retain(is_asked);
            if !draft.entities.is_empty() {
                kept.push((*outcome, caps.clone(), all - draft.entities.len()));
                self.drafts.push(draft);
            }
        }
        self.queued.retain(is_asked);
        self.held.retain(is_asked);
        self.boundaries.iter_mut().for_each(|b| b.entities.retain(is_asked));
        self.boundaries.retain(|b| !b.entities.is_empty());
        kept
    }
}

/// Groups the stuck by the first hop that is missing, the largest group first.
pub(crate) fn boundaries(world: &World<'_>, stuck: &[u32]) -> Vec<Boundary> {
    let mut groups: BTreeMap<usize, Vec<u32>> = BTreeMap::new();
    for entity in stuck {
        if let Some(step) = missing_step(world, *entity as usize) {
            groups.entry(step).or_default().push(*entity);
        }
    }
    let mut list: Vec<Boundary> = groups
        .into_iter()
        .map(|(step, entities)| {
            let s = &world.flow.steps[step];
            let from = s.parent.map_or(s.node, |p| world.flow.steps[p].node);
            let service =
                reader(world, from, s.service.as_deref()).or_else(|| match &world.trails.nodes[from] {
                    // Nobody is known to write there; who had the entity last had to go on.
                    Node::Service(last) => Some(last.clone()),
                    _ => None,
                });
            Boundary { step, from, to: s.node, service, entities }
        })
        .collect();
    list.iter_mut().for_each(|boundary| take_own_branch(world, boundary));
    list.iter_mut().for_each(|boundary| returns::take_first_reply(world, boundary));
    list.sort_by(|a, b| b.entities.len().cmp(&a.entities.len()).then(a.step.cmp(&b.step)));
    list
}

/// Where completed ones go on from a node into one of several topics, a tenant's each, the missing one is that into which
/// those went that resemble the stuck.
fn take_own_branch(world: &World<'_>, boundary: &mut Boundary) {
    let steps = &world.flow.steps;
    let own = &steps[boundary.step];
    let is_branch = |i: &usize| {
        let s = &steps[*i];
        s.parent == own.parent && s.service == own.service && world.trails.nodes[s.node].topic().is_some()
    };
    let branches: Vec<usize> = (0..steps.len()).filter(is_branch).collect();
    let done = world.of_role(Role::Done);
    let passed: Vec<Vec<u32>> = branches
        .iter()
        .map(|i| done.iter().copied().filter(|e| world.at(*e, steps[*i].node).is_some()).collect())
        .collect();
    let several = done.iter().filter(|e| passed.iter().filter(|p| p.contains(e)).count() > 1).count();
    if branches.len() < 2 || several * 20 > done.len() {
        return;
    }
    let found = discriminate::resembling(world, boundary.from, &boundary.entities, &passed);
    if let Some(branch) = found.map(|n| branches[n]) {
        boundary.step = branch;
        boundary.to = steps[branch].node;
    }
}

/// Who had to act at a boundary: the service that takes the hop, unless it is known not to read the topic that the hop
/// begins with; then the only one that does.
fn reader(world: &World<'_>, from: usize, doer: Option<&str>) -> Option<String> {
    let services = &world.services;
    let doer_reads = |topic: &str| doer.is_some_and(|d| services.may_consume(d, topic));
    let Some(topic) = world.trails.nodes[from].topic().filter(|t| !doer_reads(t)) else {
        return doer.map(str::to_owned);
    };
    // A group whose name is not its service's may have been guessed.
    let named =
        |g: &&String| services.group_service(g).is_some_and(|s| crate::ids::name_likeness(s, g) >= 0.8);
    let readers: BTreeSet<&str> =
        services.groups_of(topic).iter().filter(named).filter_map(|g| services.group_service(g)).collect();
    // Nobody is known to take the hop: who alone reads the topic and logs of some is named, who reads it and shows nothing else
    // of itself, and who takes the records up by its own log.
    let takes_it_up = |reader: &str| {
        let steps = &world.flow.steps;
        steps.iter().any(|s| {
            matches!(&world.trails.nodes[s.node], Node::Service(name) if name == reader)
                && s.parent.is_some_and(|p| steps[p].node == from)
        })
    };
    let is_alone = |reader: &str| {
        let names_any = || world.haul.logs.iter().any(|l| l.service == reader && !l.entities.is_empty());
        services.groups_of(topic).len() == 1 && names_any()
    };
    let may_be = |reader: &str| {
        doer.is_some() || !world.haul.has_logs(reader) || is_alone(reader) || takes_it_up(reader)
    };
    match (readers.len(), readers.first()) {
        (1, Some(only)) if may_be(only) => Some((*only).to_owned()),
        _ => doer.map(str::to_owned),
    }
}

/// The hop that an entity did not take. Where only its own state is missing, the fault may lie with who had to change
/// another row before.
fn missing_step(world: &World<'_>, entity: usize) -> Option<usize> {
    let step = world.flow.first_missing(entity, &world.trails)?;
    let is_done = matches!(world.trails.nodes[world.flow.steps[step].node], Node::Done(_));
    let before = is_done.then(|| world.flow.first_unsettled(entity, &world.trails)).flatten();
    Some(before.unwrap_or(step))
}

/// Finds the causes of a cohort.
pub(crate) fn find(world: &World<'_>, stuck: &[u32], done: &[u32]) -> Findings {
    let boundaries = if done.is_empty() { Vec::new() } else { boundaries(world, stuck) };
    let mut findings = Findings { boundaries, ..Findings::default() };
    if done.is_empty() {
        uncompared::find(world, stuck, &mut findings);
    }
    for boundary in findings.boundaries.clone().iter().filter(|_| !done.is_empty()) {
        explain(world, boundary, done, &mut findings);
    }
    merge(world, &mut findings.drafts);
    take_standing(world, &mut findings.drafts);
    findings.drafts.sort_by(|a, b| {
        b.entities
            .len()
            .cmp(&a.entities.len())
            .then(a.boundary.step.cmp(&b.boundary.step))
            .then(a.kind.cmp(&b.kind))
    });
    findings
}

/// Drafts of one kind, service and error group are one cause, also where variants of the flow differ; so are those of one
/// hop whose failures come down to the same text.
fn merge(world: &World<'_>, drafts: &mut Vec<Draft>) {
    let mut index = 0;
    while index < drafts.len() {
        let same = (0..index).find(|i| {
            let (a, b) = (&drafts[*i], &drafts[index]);
            let problem = |d: &Draft| d.proof.problem();
            a.kind == b.kind
                && a.boundary.service == b.boundary.service
                && problem(a).is_some()
                && (problem(a) == problem(b) || is_same_failure(world, a, b))
        });
        match same {
            Some(i) => {
                let mut other = drafts.remove(index);
                // The one with an exception tells more.
                let thrown =
                    |d: &Draft| d.proof.problem().is_some_and(|p| world.problems[p].exception.is_some());
                if thrown(&other) && !thrown(&drafts[i]) {
                    std::mem::swap(&mut drafts[i], &mut other);
                }
                drafts[i].entities.extend(other.entities);
                drafts[i].entities.sort_unstable();
            }
            None => index += 1,
        }
    }
}

/// A partition that stands since a service ran out of something, or waits for somebody, stands by that: its consumer is at
/// work on its head in the same way.
fn take_standing(world: &World<'_>, drafts: &mut Vec<Draft>) {
    const EARLY: i64 = 60 * 1_000_000_000;
    let holds_up = |a: &Draft, b: &Draft| {
        let Proof::NotConsumed(_) = &b.proof else { return false };
        let kind = matches!(a.kind, Kind::ResourceExhausted | Kind::LockContention | Kind::DependencyError);
        let same = a.boundary.step == b.boundary.step && a.boundary.service == b.boundary.service;
        let first = a.proof.problem().and_then(|p| world.problems[p].first);
        let head = b.entities.iter().filter_map(|e| world.at(*e, b.boundary.from)).min();
        kind && same && first.zip(head).is_some_and(|(first, head)| head.since(first) >= -EARLY)
    };
    let mut index = 0;
    while index < drafts.len() {
        match (0..drafts.len()).find(|i| *i != index && holds_up(&drafts[*i], &drafts[index])) {
            Some(by) => {
                let standing = drafts.remove(index);
                let by = &mut drafts[by - usize::from(by > index)];
                if let Proof::Problem { blocked, .. } = &mut by.proof {
                    blocked.extend(&standing.entities);
                }
                by.entities.extend(standing.entities);
                by.entities.sort_unstable();
            }
            None => index += 1,
        }
    }
}

/// Whether two failures of one hop, of a kind that says something, come down to the same text: what an exception says at
/// its root stands in the message of the other.
fn is_same_failure(world: &World<'_>, a: &Draft, b: &Draft) -> bool {
    const SHORTEST: usize = 16;
    let (Some(x), Some(y)) = (a.proof.problem(), b.proof.problem()) else { return false };
    let (x, y) = (&world.problems[x], &world.problems[y]);
    if a.boundary.step != b.boundary.step || x.is_generic() || y.is_generic() || x.service != y.service {
        return false;
    }
    let root = |p: &Problem| {
        let failure = p.facts.first().and_then(|i| world.haul.logs[*i].failure.as_ref());
        let text =
            failure.filter(|_| p.exception.is_some()).map(|f| crate::facts::first_line(&f.root_message));
        text.map(waylaid_logs::template_of).filter(|t| t.len() >= SHORTEST)
    };
    let says = |p: &Problem, root: &str| {
        let message = p.facts.first().map(|i| crate::facts::first_line(&world.haul.logs[*i].message));
        p.template.contains(root) || message.is_some_and(|m| waylaid_logs::template_of(m).contains(root))
    };
    root(x).is_some_and(|r| says(y, &r))
        || root(y).is_some_and(|r| says(x, &r))
        || violated(world, x).is_some_and(|v| violated(world, y) == Some(v))
}

/// The constraint or the columns that a failure violates, whatever values its message holds.
fn violated(world: &World<'_>, problem: &Problem) -> Option<(Kind, Option<String>, Vec<String>)> {
    let text = world.haul.logs[*problem.facts.first()?].full_text();
    let found = waylaid_logs::find_violations(&text).into_iter().next()?;
    (found.constraint.is_some() || !found.columns.is_empty()).then_some((
        found.kind,
        found.constraint,
        found.columns,
    ))
}

fn explain(world: &World<'_>, boundary: &Boundary, done: &[u32], findings: &mut Findings) {
    let mut left: BTreeSet<u32> = boundary.entities.iter().copied().collect();
    held::held(world, &mut left, findings);
    if left.is_empty() {
        return;
    }
    let boundary = &Boundary { entities: left.iter().copied().collect(), ..boundary.clone() };
    let mut candidates = suspects::rank(world, &world.problems, boundary, done);
    candidates.retain(|c| !returns::is_of_later_record(world, boundary, &world.problems[c.problem]));
    let is_loud = |c: &Candidate| c.tier == 0;
    let is_quiet = |c: &Candidate| world.problems[c.problem].quiet;
    let remark = whole_remark(world, boundary, &candidates);
    // What only a part of them met, and completed ones as well, is a story of its own where one remark holds for all.
    let is_aside = |c: &Candidate| {
        remark.is_some() && c.done_hits > 0 && c.hits.len() * 2 < boundary.entities.len() && !is_quiet(c)
    };
    for candidate in candidates.iter().filter(|c| is_loud(c) && !is_quiet(c) && !is_aside(c)) {
        take_problem(world, boundary, candidate, done, &mut left, findings);
        take_tries(world, candidate, &candidates, &mut left, findings);
    }
    // A record that went elsewhere says more than what was remarked about it without alarm.
    elsewhere(world, boundary, &mut left, done, findings);
    for candidate in candidates.iter().filter(|c| is_loud(c) && is_quiet(c)) {
        take_problem(world, boundary, candidate, done, &mut left, findings);
    }
    blocked_behind(world, boundary, &mut left, findings);
    if left.is_empty() {
        return;
    }
    let rest: Vec<u32> = left.iter().copied().collect();
    let part = Boundary { entities: rest.clone(), ..boundary.clone() };
    if let Some(candidate) = suspects::used_up(world, &world.problems, &part, done) {
        take_problem(world, boundary, &candidate, done, &mut left, findings);
    }
    setback::set_back(world, boundary, &mut left, done, findings);
    behind(world, boundary, &mut left, findings);
    within_usual_time(world, boundary, &mut left, findings);
    structural(world, boundary, &mut left, done, findings);
    for candidate in candidates.iter().filter(|c| !is_loud(c) && !is_outdone(world, boundary, c, done)) {
        take_problem(world, boundary, candidate, done, &mut left, findings);
    }
    let part = Boundary { entities: left.iter().copied().collect(), ..boundary.clone() };
    let is_unknown = || silent_kind(world, &part, &part.entities) == Kind::Unknown;
    if !left.is_empty()
        && is_unknown()
        && let Some(candidate) = suspects::plain(world, &world.problems, &part, done)
    {
        take_problem(world, boundary, &candidate, done, &mut left, findings);
    }
    if !left.is_empty()
        && let Some((candidate, from)) = suspects::earlier(world, &world.problems, &part, done)
    {
        take_problem(world, &Boundary { from, ..boundary.clone() }, &candidate, done, &mut left, findings);
    }
    if !left.is_empty() {
        let rest: Vec<u32> = left.into_iter().collect();
        silent(world, boundary, rest, done, findings);
    }
}

/// A remark without alarm of the service that had to act, about (nearly) all of a boundary and none of the completed.
fn whole_remark<'c>(
    world: &World<'_>,
    boundary: &Boundary,
    candidates: &'c [Candidate],
) -> Option<&'c Candidate> {
    candidates.iter().find(|c| {
        let is_quiet = world.problems[c.problem].quiet;
        is_quiet && c.tier == 0 && c.done_hits == 0 && c.hits.len() * 10 >= boundary.entities.len() * 9
    })
}

/// What sets some of a boundary apart from the completed. A change that made it so shows only against those that came
/// since: where no field tells all of the completed from the stuck, the ones before the first of the stuck are left out.
fn traits(world: &World<'_>, boundary: &Boundary, entities: &[u32], done: &[u32]) -> Vec<Trait> {
    let against = |control: &[u32]| {
        let mut found = discriminate::traits(
            &world.home,
            &world.haul,
            &world.trails,
            boundary.from,
            entities,
            control,
            boundary.service.as_deref(),
        );
        found.retain(|t| !discriminate::is_outcome(world, boundary.from, control, t));
        found
    };
    let of_field = |traits: &[Trait]| traits.iter().any(|t| t.field().is_some());
    let control: Vec<u32> =
        done.iter().copied().filter(|e| world.trails.reach[*e as usize].contains_key(&boundary.to)).collect();
    let found = against(&control);
    let mut arrivals: Vec<Timestamp> = entities.iter().filter_map(|e| world.at(*e, boundary.from)).collect();
    arrivals.sort_unstable();
    // The first of the stuck may have come a little before the change; completed ones in between tell nothing.
    let onsets = [0, arrivals.len() / 10].map(|n| arrivals.get(n).copied());
    for onset in onsets.into_iter().flatten().take_while(|_| !of_field(&found)) {
        let since = |e: &u32| world.at(*e, boundary.from).is_some_and(|at| at >= onset);
        let fresh: Vec<u32> = control.iter().copied().filter(since).collect();
        if fresh.len() < control.len() {
            let mut told = against(&fresh);
            told.iter_mut().for_each(|t| t.since = Some(onset));
            if of_field(&told) {
                return told;
            }
        }
    }
    found
}

/// The same with contrasts of size and form where no field tells.
pub(crate) fn traits_and_shapes(
    world: &World<'_>,
    boundary: &Boundary,
    entities: &[u32],
    done: &[u32],
) -> Vec<Trait> {
    let mut found = traits(world, boundary, entities, done);
    if found.iter().all(|t| t.field().is_none()) {
        let control: Vec<u32> =
            done.iter().copied().filter(|e| world.at(*e, boundary.to).is_some()).collect();
        found.extend(discriminate::shapes(world, boundary.from, entities, &control));
    }
    found
}

/// Whether the missing node is the topic by which the entity's own service is answered.
pub(crate) fn is_reply(world: &World<'_>, node: usize) -> bool {
    let Some(topic) = world.trails.nodes[node].topic() else { return false };
    let home = world.home_service();
    let consumed = world.services.consuming.get(topic).is_some_and(|s| home.is_some_and(|h| s.contains(h)));
    let leads_home = world.flow.steps.iter().any(|s| {
        matches!(world.trails.nodes[s.node], Node::Done(_))
            && s.parent.is_some_and(|p| world.flow.steps[p].node == node)
    });
    consumed || leads_home
}

/// What is missing where a record was not sent: the answer to the entity's own service, unless it is that service's own
/// table that it had to be sent from.
fn publish_kind(world: &World<'_>, boundary: &Boundary) -> Kind {
    let sent_from = world.trails.nodes[boundary.from].table().and_then(|t| world.services.owner(t));
    let is_own = sent_from.is_some() && sent_from == world.home_service();
    if !is_own && is_reply(world, boundary.to) { Kind::ReplyNotPublished } else { Kind::NotPublished }
}
