//! The cohort partitioned by its boundary, then by cause. Each draft says which facts it rests on; the verdict's rules
//! (docs/verdict.md) turn these into an outcome.

use crate::discriminate::{self, Trait};
use crate::flow;
use crate::offsets::{self, Consumption};
use crate::problems::Problem;
use crate::structure::{self, Detour};
use crate::suspects::{self, Boundary, Candidate};
use crate::trails::{Fact, Node};
use crate::world::World;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use waylaid_model::{Kind, Level, Timestamp};

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
    /// Nothing was logged; consumed where that is known.
    Silent { consumption: Consumption, traits: Vec<Trait>, seen: usize },
    /// Nobody who could be looked at had to act.
    OutOfSight { why: String },
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
    pub(crate) boundaries: Vec<Boundary>,
}

/// Groups the stuck by the first hop that is missing, the largest group first.
pub(crate) fn boundaries(world: &World<'_>, stuck: &[u32]) -> Vec<Boundary> {
    let mut groups: BTreeMap<usize, Vec<u32>> = BTreeMap::new();
    for entity in stuck {
        if let Some(step) = world.flow.first_missing(*entity as usize, &world.trails) {
            groups.entry(step).or_default().push(*entity);
        }
    }
    let mut list: Vec<Boundary> = groups
        .into_iter()
        .map(|(step, entities)| {
            let s = &world.flow.steps[step];
            let from = s.parent.map_or(s.node, |p| world.flow.steps[p].node);
            Boundary { step, from, to: s.node, service: s.service.clone(), entities }
        })
        .collect();
    list.sort_by(|a, b| b.entities.len().cmp(&a.entities.len()).then(a.step.cmp(&b.step)));
    list
}

/// Finds the causes of a cohort.
pub(crate) fn find(world: &World<'_>, stuck: &[u32], done: &[u32]) -> Findings {
    let mut findings = Findings { boundaries: boundaries(world, stuck), ..Findings::default() };
    for boundary in findings.boundaries.clone() {
        explain(world, &boundary, done, &mut findings);
    }
    merge(&mut findings.drafts);
    findings.drafts.sort_by(|a, b| {
        b.entities
            .len()
            .cmp(&a.entities.len())
            .then(a.boundary.step.cmp(&b.boundary.step))
            .then(a.kind.cmp(&b.kind))
    });
    findings
}

/// Drafts of one kind, service and error group are one cause, also where variants of the flow differ.
fn merge(drafts: &mut Vec<Draft>) {
    let mut index = 0;
    while index < drafts.len() {
        let same = (0..index).find(|i| {
            let (a, b) = (&drafts[*i], &drafts[index]);
            let problem = |d: &Draft| match &d.proof {
                Proof::Problem { candidate, .. } => Some(candidate.problem),
                Proof::Outage { problem, .. } => Some(*problem),
                _ => None,
            };
            a.kind == b.kind
                && a.boundary.service == b.boundary.service
                && problem(a).is_some()
                && problem(a) == problem(b)
        });
        match same {
            Some(i) => {
                let other = drafts.remove(index);
                drafts[i].entities.extend(other.entities);
                drafts[i].entities.sort_unstable();
            }
            None => index += 1,
        }
    }
}

fn explain(world: &World<'_>, boundary: &Boundary, done: &[u32], findings: &mut Findings) {
    let mut left: BTreeSet<u32> = boundary.entities.iter().copied().collect();
    let candidates = suspects::rank(world, &world.problems, boundary, done);
    let is_loud = |c: &Candidate| c.tier == 0;
    let is_quiet = |c: &Candidate| world.problems[c.problem].quiet;
    for candidate in candidates.iter().filter(|c| is_loud(c) && !is_quiet(c)) {
        take_problem(world, boundary, candidate, done, &mut left, findings);
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
    within_usual_time(world, boundary, &mut left, findings);
    structural(world, boundary, &mut left, done, findings);
    for candidate in candidates.iter().filter(|c| !is_loud(c) && !is_outdone(world, boundary, c, done)) {
        take_problem(world, boundary, candidate, done, &mut left, findings);
    }
    if !left.is_empty() {
        let rest: Vec<u32> = left.into_iter().collect();
        silent(world, boundary, rest, done, findings);
    }
}

/// Records of a boundary at a topic that went into another topic than they should.
fn elsewhere(
    world: &World<'_>,
    boundary: &Boundary,
    left: &mut BTreeSet<u32>,
    done: &[u32],
    findings: &mut Findings,
) {
    if world.trails.nodes[boundary.to].topic().is_none() {
        return;
    }
    let rest: Vec<u32> = left.iter().copied().collect();
    for detour in structure::detours(world, boundary, &rest, done).into_iter().filter(|d| !d.dead_letter) {
        let entities: Vec<u32> = detour.entities.iter().copied().filter(|e| left.contains(e)).collect();
        if entities.is_empty() || (entities.len() * 2 < rest.len() && entities.len() < 5) {
            continue;
        }
        left.retain(|e| !entities.contains(e));
        let (kind, proof) = (Kind::WrongDestination, Proof::Detour(detour));
        findings.drafts.push(Draft { kind, boundary: boundary.clone(), entities, proof });
    }
}

/// Whether an error of a service that is no part of the flow, which completed ones met as well, has to stand back: a
/// field that holds for all of the stuck and none of the completed sets them apart.
fn is_outdone(world: &World<'_>, boundary: &Boundary, candidate: &Candidate, done: &[u32]) -> bool {
    candidate.done_hits > 0
        && discriminate::traits(
            &world.home,
            &world.haul,
            &world.trails,
            boundary.from,
            &candidate.hits,
            done,
            boundary.service.as_deref(),
        )
        .iter()
        .any(|t| t.field().is_some() && t.done == 0 && t.stuck == t.of_stuck)
}

/// Gives a candidate those of its hits that nobody explains yet.
fn take_problem(
    world: &World<'_>,
    boundary: &Boundary,
    candidate: &Candidate,
    done: &[u32],
    left: &mut BTreeSet<u32>,
    findings: &mut Findings,
) {
    let hits: Vec<u32> = candidate.hits.iter().copied().filter(|e| left.contains(e)).collect();
    if hits.is_empty() {
        return;
    }
    hits.iter().for_each(|e| {
        left.remove(e);
    });
    let problem = &world.problems[candidate.problem];
    let kind = kind_of(world, boundary, problem, &hits, done);
    let proof = Proof::Problem { candidate: candidate.clone(), blocked: Vec::new(), consumption: None };
    findings.drafts.push(Draft { kind, boundary: boundary.clone(), entities: hits, proof });
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

fn publish_kind(world: &World<'_>, node: usize) -> Kind {
    if is_reply(world, node) { Kind::ReplyNotPublished } else { Kind::NotPublished }
}

/// The kind that an error group stands for at a boundary.
fn kind_of(world: &World<'_>, boundary: &Boundary, problem: &Problem, hits: &[u32], done: &[u32]) -> Kind {
    let publishes = world.trails.nodes[boundary.to].topic().is_some();
    if publishes && fails_to_send(problem) {
        return publish_kind(world, boundary.to);
    }
    match problem.kind {
        Some(kind) if !problem.is_generic() => kind,
        kind => {
            let dead = structure::detours(world, boundary, hits, &[]).into_iter().find(|d| d.dead_letter);
            let all_dead = dead.is_some_and(|d| d.entities.len() * 10 >= hits.len() * 8);
            if !all_dead && hits.len() >= 2 && structure::overtaken(world, boundary, hits, done).is_some() {
                return Kind::OutOfOrder;
            }
            match (all_dead, kind, problem.quiet || problem.exception.is_none()) {
                (true, _, _) => Kind::DeadLettered,
                (false, Some(kind), _) => kind,
                (false, None, true) if problem.level.is_none_or(|l| l < Level::Error) => {
                    silent_kind(world, boundary, hits)
                }
                (false, None, _) => Kind::HandlerException,
            }
        }
    }
}

/// Exceptions of a producer that could not hand its record over.
fn fails_to_send(problem: &Problem) -> bool {
    let text =
        format!("{} {}", problem.exception.as_deref().unwrap_or_default(), problem.template).to_lowercase();
    const SIGNS: &[&str] = &[
        "recordtoolarge",
        "record_too_large",
        "message_too_large",
        "msg_size_too_large",
        "messagesizetoolarge",
        "message size too large",
        "max.request.size",
        "message was too large",
        "notleaderor",
        "notenoughreplicas",
        "kafkaproducerexception",
        "produceexception",
        "failed to send",
        "failed to publish",
        "publish failed",
        "could not publish",
        "error publishing",
        "unable to publish",
        "delivery failed",
        "record(s) for ",
        "batch creation",
        "send failed",
        "topicauthorization",
        "serializationexception: error serializing",
        "larger than the maximum request size",
    ];
    let of_producer = problem.exception.as_deref().is_some_and(|e| {
        let name = e.to_lowercase();
        name.contains("kafka") || name.contains("producer")
    });
    of_producer || SIGNS.iter().any(|s| text.contains(s))
}

/// Records that wait behind one that its consumer can't get past belong to the same cause.
fn blocked_behind(world: &World<'_>, boundary: &Boundary, left: &mut BTreeSet<u32>, findings: &mut Findings) {
    let rest: Vec<u32> = left.iter().copied().collect();
    let consumption = offsets::look(world, boundary, &rest);
    if consumption.waiting.is_empty() {
        return;
    }
    let Some(topic) = world.trails.nodes[boundary.from].topic().map(str::to_owned) else { return };
    for (partition, (committed, _)) in consumption.partitions.clone() {
        let waiting: Vec<u32> = consumption
            .waiting
            .iter()
            .filter(|(e, p)| *p == partition && left.contains(e))
            .map(|(e, _)| *e)
            .collect();
        if waiting.is_empty() {
            continue;
        }
        let Some(problem) = poison_at(world, boundary, &topic, partition, committed) else { continue };
        waiting.iter().for_each(|e| {
            left.remove(e);
        });
        let existing = findings.drafts.iter_mut().find(|d| {
            d.boundary.step == boundary.step
                && matches!(&d.proof, Proof::Problem { candidate, .. } if candidate.problem == problem)
        });
        if let Some(draft) = existing {
            draft.entities.extend(&waiting);
            draft.entities.sort_unstable();
            if let Proof::Problem { blocked, .. } = &mut draft.proof {
                blocked.extend(&waiting);
            }
        } else {
            let candidate = Candidate { problem, hits: Vec::new(), done_hits: 0, repaired: 0, tier: 0 };
            let kind = kind_of(world, boundary, &world.problems[problem], &[], &[]);
            let consumption = offsets::look(world, boundary, &waiting);
            let proof =
                Proof::Problem { candidate, blocked: waiting.clone(), consumption: Some(consumption) };
            findings.drafts.push(Draft { kind, boundary: boundary.clone(), entities: waiting, proof });
        }
    }
}

/// The error group of the record at the committed offset: the one the consumer can't get past.
fn poison_at(
    world: &World<'_>,
    boundary: &Boundary,
    topic: &str,
    partition: i32,
    committed: i64,
) -> Option<usize> {
    let at_head = |index: &usize| {
        let log = &world.haul.logs[*index];
        log.coordinates.iter().any(|c| {
            c.partition == partition
                && (c.offset - committed).abs() <= 1
                && c.topic.as_deref().is_none_or(|t| t == topic)
        })
    };
    let entity_at_head: HashSet<u32> = world
        .haul
        .records
        .iter()
        .filter(|r| {
            r.record.topic == topic && r.record.partition == partition && r.record.offset == committed
        })
        .flat_map(|r| r.entities.iter().copied())
        .collect();
    let of_service = |p: &Problem| boundary.service.as_deref().is_none_or(|s| s == p.service);
    let mut found: Vec<(usize, usize)> = world
        .problems
        .iter()
        .enumerate()
        .filter(|(_, p)| of_service(p) && !p.quiet)
        .filter_map(|(i, p)| {
            let lines = p.facts.iter().filter(|f| at_head(f)).count();
            let named = p.hits.keys().any(|e| entity_at_head.contains(e));
            (lines > 0 || named).then_some((i, lines + usize::from(named)))
        })
        .collect();
    found.sort_by_key(|(i, lines)| (world.problems[*i].is_generic(), std::cmp::Reverse(*lines), *i));
    found.first().map(|(i, _)| *i)
}

/// Splits off those that have not waited longer than completed ones usually do: slow by nature, in flight. Only where
/// the hop takes that long as a rule, not where a few were repaired late.
fn within_usual_time(
    world: &World<'_>,
    boundary: &Boundary,
    left: &mut BTreeSet<u32>,
    findings: &mut Findings,
) {
    let times = &world.flow.steps[boundary.step].times;
    let (Some(typical), Some(slow)) = (flow::quantile(times, 0.5), flow::quantile(times, 0.95)) else {
        return;
    };
    let Some(now) = world.now.filter(|_| times.len() >= 10) else { return };
    let usual = |e: &u32| {
        let waited = world.at(*e, boundary.from).map(|t| now.since(t));
        waited.is_some_and(|w| w <= slow + slow / 20 && w <= typical.saturating_mul(3))
    };
    let (young, rest): (BTreeSet<u32>, BTreeSet<u32>) = left.iter().copied().partition(usual);
    findings.queued.extend(young);
    *left = rest;
}

/// Causes that show in the stores without an error that names the entity.
fn structural(
    world: &World<'_>,
    boundary: &Boundary,
    left: &mut BTreeSet<u32>,
    done: &[u32],
    findings: &mut Findings,
) {
    let mut rest: Vec<u32> = left.iter().copied().collect();
    let to_topic = world.trails.nodes[boundary.to].topic().is_some();
    for detour in structure::detours(world, boundary, &rest, done) {
        let entities: Vec<u32> = detour.entities.iter().copied().filter(|e| left.contains(e)).collect();
        let wide = entities.len() * 2 >= rest.len() || detour.dead_letter || entities.len() >= 5;
        if entities.is_empty() || !wide {
            continue;
        }
        let kind = match (detour.dead_letter, to_topic) {
            (true, _) => dead_letter_kind(world, &detour),
            (false, true) => Kind::WrongDestination,
            (false, false) => continue,
        };
        entities.iter().for_each(|e| {
            left.remove(e);
        });
        findings.drafts.push(Draft {
            kind,
            boundary: boundary.clone(),
            entities,
            proof: Proof::Detour(detour),
        });
    }
    rest = left.iter().copied().collect();
    if rest.is_empty() {
        return;
    }
    if to_topic && let Some((table, found, row)) = structure::unsent_rows(world, boundary, &rest, done) {
        left.clear();
        let kind = publish_kind(world, boundary.to);
        findings.drafts.push(Draft {
            kind,
            boundary: boundary.clone(),
            entities: rest,
            proof: Proof::Unsent { table, found, row },
        });
        return;
    }
    not_consumed(world, boundary, left, findings);
    let rest: Vec<u32> = left.iter().copied().collect();
    if let Some((node, found)) =
        structure::overtaken(world, boundary, &rest, done).filter(|_| !rest.is_empty())
    {
        left.clear();
        findings.drafts.push(Draft {
            kind: Kind::OutOfOrder,
            boundary: boundary.clone(),
            entities: rest,
            proof: Proof::Overtaken { node, found },
        });
    }
}

fn dead_letter_kind(world: &World<'_>, detour: &Detour) -> Kind {
    let Some((class, message)) = structure::dead_letter_reason(world, detour) else {
        return Kind::DeadLettered;
    };
    let text = format!("{class}: {message}");
    let parsed = waylaid_logs::parse_exception(&text);
    match waylaid_logs::classify(parsed.as_ref(), &text, &[]) {
        Some(kind) if !matches!(kind, Kind::HandlerException | Kind::Unknown) => kind,
        _ => Kind::DeadLettered,
    }
}

/// Splits off those whose records the group has not got to: queued where the partition moves, else not consumed.
fn not_consumed(world: &World<'_>, boundary: &Boundary, left: &mut BTreeSet<u32>, findings: &mut Findings) {
    let rest: Vec<u32> = left.iter().copied().collect();
    let consumption = offsets::look(world, boundary, &rest);
    let (queued, standing): (Vec<_>, Vec<_>) =
        consumption.waiting.iter().partition(|(_, p)| consumption.moving.contains(p));
    for (entity, _) in queued.iter().chain(&standing) {
        left.remove(entity);
    }
    findings.queued.extend(queued.iter().map(|(e, _)| *e));
    let entities: Vec<u32> = standing.iter().map(|(e, _)| *e).collect();
    if entities.is_empty() {
        return;
    }
    let consumption = offsets::look(world, boundary, &entities);
    let proof = match outage(world, boundary, &entities) {
        Some(problem) => Proof::Outage { problem, consumption: Some(consumption) },
        None => Proof::NotConsumed(consumption),
    };
    let kind = match &proof {
        Proof::Outage { problem, .. } => world.problems[*problem].kind.unwrap_or(Kind::NotConsumed),
        _ => Kind::NotConsumed,
    };
    findings.drafts.push(Draft { kind, boundary: boundary.clone(), entities, proof });
}

/// A failure of the service as a whole (memory, pool, disk, configuration) that began about when they stopped and was
/// not there before.
fn outage(world: &World<'_>, boundary: &Boundary, entities: &[u32]) -> Option<usize> {
    const HOUR: i64 = 3600 * 1_000_000_000;
    let service = boundary.service.as_deref()?;
    let onset = entities.iter().filter_map(|e| world.at(*e, boundary.from)).min()?;
    let began = |p: &Problem| p.first.map(|f| f.since(onset));
    let mut found: Vec<(i64, usize)> = world
        .problems
        .iter()
        .enumerate()
        .filter(|(_, p)| p.service == service && !p.quiet && p.level.is_some_and(|l| l >= Level::Error))
        .filter(|(_, p)| matches!(p.kind, Some(Kind::ResourceExhausted | Kind::ConfigError)))
        .filter(|(_, p)| p.hits.keys().all(|e| entities.contains(e)) || p.hits.is_empty())
        .filter_map(|(i, p)| {
            began(p).filter(|lag| (-HOUR / 2..=HOUR / 2).contains(lag)).map(|lag| (lag.abs(), i))
        })
        .collect();
    found.sort_unstable();
    found.first().map(|(_, i)| *i)
}

/// The kind of a boundary where nothing was logged.
fn silent_kind(world: &World<'_>, boundary: &Boundary, entities: &[u32]) -> Kind {
    let at_work = boundary.service.as_deref().is_some_and(|s| {
        let with_row = entities.iter().filter(|e| structure::has_own_row(world, s, **e)).count();
        with_row * 2 > entities.len()
    });
    let from_topic = world.trails.nodes[boundary.from].topic().is_some();
    match &world.trails.nodes[boundary.to] {
        Node::Done(_) if from_topic => Kind::ReplyNotApplied,
        Node::Topic(_) | Node::Event(..) if !from_topic || at_work => publish_kind(world, boundary.to),
        _ if from_topic => Kind::SkippedSilently,
        _ => Kind::Unknown,
    }
}

/// What is left: consumed and nothing to show for it, or out of sight.
fn silent(world: &World<'_>, boundary: &Boundary, entities: Vec<u32>, done: &[u32], findings: &mut Findings) {
    let consumption = offsets::look(world, boundary, &entities);
    let done_here: Vec<u32> =
        done.iter().copied().filter(|e| world.trails.reach[*e as usize].contains_key(&boundary.to)).collect();
    let traits = discriminate::traits(
        &world.home,
        &world.haul,
        &world.trails,
        boundary.from,
        &entities,
        &done_here,
        boundary.service.as_deref(),
    );
    if let Some(problem) = outage(world, boundary, &entities) {
        let kind = world.problems[problem].kind.unwrap_or(Kind::Unknown);
        findings.drafts.push(Draft {
            kind,
            boundary: boundary.clone(),
            entities,
            proof: Proof::Outage { problem, consumption: Some(consumption) },
        });
        return;
    }
    let acted = world.trails.nodes[boundary.to].topic().is_some()
        && structure::row_says_done(world, boundary, &entities, done);
    if let Some(why) = out_of_sight(world, boundary, &traits).filter(|_| !acted) {
        findings.drafts.push(Draft {
            kind: Kind::Unknown,
            boundary: boundary.clone(),
            entities,
            proof: Proof::OutOfSight { why },
        });
        return;
    }
    if let Some(why) = waits_outside(world, boundary, &entities, done, &traits).filter(|_| !acted) {
        findings.drafts.push(Draft {
            kind: Kind::Unknown,
            boundary: boundary.clone(),
            entities,
            proof: Proof::OutOfSight { why },
        });
        return;
    }
    let seen = structure::seen_in_log(world, boundary, &entities, done);
    let kind = match silent_kind(world, boundary, &entities) {
        Kind::SkippedSilently if traits.first().is_some_and(|t| is_form(&traits, t)) => Kind::SchemaMismatch,
        kind => kind,
    };
    findings.drafts.push(Draft {
        kind,
        boundary: boundary.clone(),
        entities,
        proof: Proof::Silent { consumption, traits, seen },
    });
}

/// Whether a trait is about the form of the record: a field of another type, or one under another name.
fn is_form(traits: &[Trait], first: &Trait) -> bool {
    let of_record = |t: &&Trait| t.feature.starts_with("record $");
    let retyped = first.feature.starts_with("record $") && first.value.starts_with("(type ");
    let lost = traits.iter().filter(of_record).any(|t| t.value == "(absent)");
    let gained = traits.iter().filter(of_record).any(|t| t.value.starts_with("(type ") && t.done == 0);
    retyped || (lost && gained)
}

/// A hop on which the service itself always waits: the last thing it did for the stuck is what the completed wait after,
/// too, for as good as the whole of the hop. What they wait for is covered by no store.
fn waits_outside(
    world: &World<'_>,
    boundary: &Boundary,
    entities: &[u32],
    done: &[u32],
    traits: &[Trait],
) -> Option<String> {
    const LONG: i64 = 2 * 1_000_000_000;
    let typical = flow::median(world.flow.steps[boundary.step].times.clone())?;
    let publishes = world.trails.nodes[boundary.to].topic().is_some();
    if typical < LONG || !traits.is_empty() || !publishes {
        return None;
    }
    let gaps: Vec<i64> = match last_said(world, boundary, entities) {
        Some(said) => done.iter().filter_map(|e| wait_after(world, boundary, *e, &said)).collect(),
        None if world.trails.nodes[boundary.from].topic().is_none() => vec![typical],
        None => Vec::new(),
    };
    let wait = flow::median(gaps)?;
    (wait >= LONG && wait.saturating_mul(10) >= typical.saturating_mul(7)).then(|| {
        format!(
            "completed ones wait {} here, on a party that no store covers",
            waylaid_model::time::human_duration(wait)
        )
    })
}

/// The message with which the service's log on the stuck ends, where it is the same for nearly all.
fn last_said(world: &World<'_>, boundary: &Boundary, entities: &[u32]) -> Option<String> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for entity in entities {
        if let Some((_, template)) = said(world, boundary, *entity).last() {
            *counts.entry(template).or_default() += 1;
        }
    }
    let (template, count) = counts.into_iter().max_by_key(|(_, n)| *n)?;
    (count * 10 >= entities.len() * 8).then(|| template.to_owned())
}

/// What the service that had to act logged of an entity, in order.
fn said<'a>(
    world: &'a World<'_>,
    boundary: &'a Boundary,
    entity: u32,
) -> impl Iterator<Item = (Timestamp, &'a str)> + 'a {
    world.trails.of[entity as usize].iter().filter_map(move |o| match o.fact {
        Fact::Log(i) if Some(&world.haul.logs[i].service) == boundary.service.as_ref() => {
            Some((o.time?, world.haul.logs[i].template.as_str()))
        }
        _ => None,
    })
}

/// How long a completed entity stood after that message, until the service's next sign of life or the next node.
fn wait_after(world: &World<'_>, boundary: &Boundary, entity: u32, template: &str) -> Option<i64> {
    let end = world.at(entity, boundary.to)?;
    let (from, _) = said(world, boundary, entity).filter(|(t, s)| *s == template && *t <= end).last()?;
    let next = said(world, boundary, entity).map(|(t, _)| t).find(|t| *t > from).unwrap_or(end);
    Some(next.min(end).since(from))
}

/// What is missing may lie in the part of its store that could not be read.
fn half_read(world: &World<'_>, node: usize) -> Option<String> {
    let (store, target) = world.store_of(&world.trails.nodes[node]);
    let line = world
        .haul
        .coverage
        .iter()
        .find(|c| c.store == store && (c.target == target || c.target == store) && c.is_incomplete())?;
    Some(format!(
        "{} {} was not searched whole ({}), so what is missing may be there",
        line.store, line.target, line.note
    ))
}

/// Why the party that had to act can't be looked at, where that is so.
fn out_of_sight(world: &World<'_>, boundary: &Boundary, traits: &[Trait]) -> Option<String> {
    let from = world.trails.nodes[boundary.from].name();
    if let Some(why) = half_read(world, boundary.to) {
        return Some(why);
    }
    match &boundary.service {
        None => Some(format!("no service that could be looked at takes the hop from `{from}`")),
        Some(service) if !world.services.all.contains(service) => {
            Some(format!("`{service}` has no log, table or code here"))
        }
        Some(service) if !world.haul.has_logs(service) && traits.is_empty() => {
            Some(format!("the log of `{service}` is not among the stores"))
        }
        Some(_) => None,
    }
}
