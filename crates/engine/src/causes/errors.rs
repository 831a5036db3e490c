//! Causes that an error group tells: which of the stuck it explains, and of what kind it is there.

use super::silence::is_form;
use super::silence::silent_kind;
use super::{Draft, Findings, Proof, publish_kind, traits};
use crate::discriminate::Trait;
use crate::offsets;
use crate::problems::Problem;
use crate::structure;
use crate::suspects::{self, Boundary, Candidate};
use crate::trails::Node;
use crate::world::World;
use std::collections::{BTreeMap, BTreeSet};
use waylaid_model::{Kind, Level, Timestamp};

/// Records that a consumer takes up at once and commits together, by the default of Kafka's clients: the one it can't get
/// past may be any of them.
const BATCH: i64 = 500;
/// How much earlier than its record a failure may seem to be, by clocks that are a little apart.
const SLACK: i64 = 500_000_000;

/// Whether an error of a service that is no part of the flow, which completed ones met as well, has to stand back: a
/// field that holds for all of the stuck sets them apart, and does so better.
pub(super) fn is_outdone(
    world: &World<'_>,
    boundary: &Boundary,
    candidate: &Candidate,
    done: &[u32],
) -> bool {
    let better = |t: &Trait| t.field().is_some() && t.stuck == t.of_stuck && t.done == 0;
    // Beside the flow completed ones get past much that somebody logs of them.
    if candidate.tier > 0 && !candidate.is_clean(done.len()) {
        return true;
    }
    candidate.done_hits > 0 && traits(world, boundary, &candidate.hits, done).iter().any(better)
}

/// Gives a candidate those of its hits that nobody explains yet.
pub(super) fn take_problem(
    world: &World<'_>,
    boundary: &Boundary,
    candidate: &Candidate,
    done: &[u32],
    left: &mut BTreeSet<u32>,
    findings: &mut Findings,
) {
    let mut hits: Vec<u32> = candidate.hits.iter().copied().filter(|e| left.contains(e)).collect();
    if hits.is_empty() {
        return;
    }
    hits.iter().for_each(|e| {
        left.remove(e);
    });
    let problem = &world.problems[candidate.problem];
    let mut kind = kind_of(world, boundary, problem, &hits, done);
    // What is remarked of records of another form comes of their form; that holds for the others of this form as well.
    if problem.quiet && kind == Kind::SkippedSilently {
        let apart = traits(world, boundary, &hits, done);
        if let Some(first) = apart.first().filter(|t| is_form(&apart, t)) {
            kind = Kind::SchemaMismatch;
            let shares = |e: &u32| crate::discriminate::shares(world, boundary.from, *e, first);
            let alike: Vec<u32> = left.iter().copied().filter(shares).collect();
            alike.iter().for_each(|e| {
                left.remove(e);
            });
            hits.extend(alike);
            hits.sort_unstable();
        }
    }
    let mut boundary = starting_from_record(world, boundary, problem, &hits);
    if candidate.is_caller || candidate.tier > 0 {
        boundary.service = Some(problem.service.clone());
    }
    let proof = Proof::Problem { candidate: candidate.clone(), blocked: Vec::new(), consumption: None };
    findings.drafts.push(Draft { kind, boundary, entities: hits, proof });
}

/// Where nearness alone tells whom a failure hit, and another message of its service names all of these and more (the tries
/// before it gave up), the failure ended those as well: who was near is an accident. Unless something else hits them.
pub(super) fn take_tries(
    world: &World<'_>,
    candidate: &Candidate,
    all: &[Candidate],
    left: &mut BTreeSet<u32>,
    findings: &mut Findings,
) {
    let problem = &world.problems[candidate.problem];
    let is_loose = |p: &Problem, hits: &[u32]| hits.iter().all(|e| p.loose.contains(e));
    let Some(draft) = findings.drafts.last_mut().filter(|d| d.proof.problem() == Some(candidate.problem))
    else {
        return;
    };
    if problem.exception.is_none() || !is_loose(problem, &candidate.hits) {
        return;
    }
    let of_service = |c: &&Candidate| {
        let other = &world.problems[c.problem];
        c.problem != candidate.problem && other.service == problem.service && !other.quiet
    };
    let covers = |c: &&Candidate| {
        let other = &world.problems[c.problem];
        let both = candidate.hits.iter().filter(|e| c.hits.binary_search(e).is_ok()).count();
        other.exception.is_none() && !is_loose(other, &c.hits) && both * 20 >= candidate.hits.len() * 19
    };
    let Some(tries) = all.iter().filter(of_service).find(covers) else { return };
    let others: BTreeSet<u32> = all
        .iter()
        .filter(|c| c.problem != tries.problem && c.problem != candidate.problem && c.tier == 0)
        .filter(|c| world.problems[c.problem].exception.is_some())
        .flat_map(|c| c.hits.iter().copied())
        .collect();
    let more: Vec<u32> =
        tries.hits.iter().copied().filter(|e| left.contains(e) && !others.contains(e)).collect();
    more.iter().for_each(|e| {
        left.remove(e);
    });
    draft.entities.extend(more);
    draft.entities.sort_unstable();
}

/// The boundary as the failure itself tells it: where it names records of another topic that the service reads than the
/// last one reached, the hop that failed began there. Others may have gone on from the same record meanwhile.
fn starting_from_record(world: &World<'_>, boundary: &Boundary, problem: &Problem, hits: &[u32]) -> Boundary {
    let mut told: BTreeMap<&str, usize> = BTreeMap::new();
    let of_hits = |i: &&usize| world.haul.logs[**i].entities.iter().any(|e| hits.contains(e));
    for index in problem.facts.iter().filter(of_hits) {
        let topics: BTreeSet<&str> =
            world.haul.logs[*index].coordinates.iter().filter_map(|c| c.topic.as_deref()).collect();
        topics.into_iter().for_each(|t| *told.entry(t).or_default() += 1);
    }
    let from = told.into_iter().max_by_key(|(_, n)| *n).filter(|(topic, n)| {
        let reads = |s: &str| world.services.consuming.get(*topic).is_some_and(|c| c.contains(s));
        *n * 2 > problem.facts.iter().filter(of_hits).count()
            && boundary.service.as_deref().is_some_and(reads)
    });
    let reached = |node: &usize| hits.iter().all(|e| world.trails.reach[*e as usize].contains_key(node));
    let mut boundary = boundary.clone();
    let node = from.and_then(|(topic, _)| {
        world.trails.nodes.iter().position(|n| n.topic() == Some(topic)).filter(reached)
    });
    boundary.from = node.unwrap_or(boundary.from);
    boundary
}

/// The kind that an error group stands for at a boundary.
fn kind_of(world: &World<'_>, boundary: &Boundary, problem: &Problem, hits: &[u32], done: &[u32]) -> Kind {
    match kind_by_problem(world, boundary, problem, hits, done) {
        Kind::ReplyNotApplied | Kind::Unknown if super::returns::came_too_early(world, boundary, hits) => {
            Kind::OutOfOrder
        }
        kind => kind,
    }
}

fn kind_by_problem(
    world: &World<'_>,
    boundary: &Boundary,
    problem: &Problem,
    hits: &[u32],
    done: &[u32],
) -> Kind {
    let publishes = world.trails.nodes[boundary.to].topic().is_some();
    if publishes && fails_to_send(problem) {
        return publish_kind(world, boundary);
    }
    match problem.kind {
        Some(Kind::DataMissing) if is_there(world, boundary, problem, hits) => Kind::ReplyNotApplied,
        Some(kind) if !problem.is_generic() => kind,
        kind => {
            if let Some(reason) = suspects::reason(world, problem, hits) {
                return world.problems[reason].kind.unwrap_or(Kind::HandlerException);
            }
            let dead = structure::detours(world, boundary, hits, &[]).into_iter().find(|d| d.dead_letter);
            let all_dead = dead.is_some_and(|d| d.entities.len() * 10 >= hits.len() * 8);
            if !all_dead && hits.len() >= 2 && structure::overtaken(world, boundary, hits, done).is_some() {
                return Kind::OutOfOrder;
            }
            match (all_dead, kind, problem.quiet || problem.exception.is_none()) {
                (true, _, _) => Kind::DeadLettered,
                (false, Some(kind), _) => kind,
                (false, None, true) if problem.level.is_none_or(|l| l < Level::Error) => {
                    match silent_kind(world, boundary, hits) {
                        _ if passes_over(world, boundary, problem) => passed_over(world, boundary),
                        // Somebody else changed the row at the very moment at which the reply changed nothing.
                        Kind::Unknown if changed_meanwhile(world, boundary, problem, hits) => {
                            Kind::OutOfOrder
                        }
                        kind => kind,
                    }
                }
                (false, None, _) => Kind::HandlerException,
            }
        }
    }
}

/// Whether the entity's own service said without alarm that a reply changes nothing, just when the row was changed.
pub(crate) fn changed_meanwhile(
    world: &World<'_>,
    boundary: &Boundary,
    problem: &Problem,
    hits: &[u32],
) -> bool {
    problem.quiet
        && problem.is_generic()
        && world.home_service() == Some(problem.service.as_str())
        && matches!(world.trails.nodes[boundary.to], Node::Done(_))
        && world.trails.nodes[boundary.from].topic().is_some()
        && super::silence::is_changed(world, boundary, hits)
}

/// Whether a reply was passed over, without alarm, as nobody's, although the row that it is about is there.
fn is_there(world: &World<'_>, boundary: &Boundary, problem: &Problem, hits: &[u32]) -> bool {
    let to = &world.trails.nodes[boundary.to];
    let Some(table) = to.table().filter(|_| matches!(to, Node::Done(_) | Node::Settled(_))) else {
        return false;
    };
    let is_mild = problem.exception.is_none() && problem.level.is_none_or(|l| l < Level::Error);
    let has_row = |e: &u32| {
        world.trails.reach[*e as usize].keys().any(|n| {
            let node = &world.trails.nodes[*n];
            matches!(node, Node::Table(_) | Node::Start(_)) && node.name() == table
        })
    };
    is_mild && world.trails.nodes[boundary.from].topic().is_some() && hits.iter().all(has_row)
}

/// Whether a service says of a record that it left it alone.
fn passes_over(world: &World<'_>, boundary: &Boundary, problem: &Problem) -> bool {
    const SIGNS: &[&str] =
        &["ignor", "skip", "discard", "drop", "unknown", "unmatched", "no match", "not relevant"];
    let text = problem.template.to_lowercase();
    world.trails.nodes[boundary.from].topic().is_some()
        && boundary.service.as_deref() == Some(problem.service.as_str())
        && SIGNS.iter().any(|s| text.contains(s))
}

/// A record that was left alone is a reply where the service had sent the entity out before.
fn passed_over(world: &World<'_>, boundary: &Boundary) -> Kind {
    let had_it = suspects::passed_services(world, boundary);
    let is_reply = boundary.service.as_deref().is_some_and(|s| had_it.contains(s));
    if is_reply { Kind::ReplyNotApplied } else { Kind::SkippedSilently }
}

/// Exceptions of a producer that could not hand its record over.
pub(super) fn fails_to_send(problem: &Problem) -> bool {
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
        "buffer full",
        "not sent",
        "not published",
        "unable to send",
        "cannot send",
        "topicauthorization",
        "serializationexception: error serializing",
        "larger than the maximum request size",
        "larger than configured producer",
    ];
    let of_producer = problem.exception.as_deref().is_some_and(|e| {
        let name = e.to_lowercase();
        name.contains("kafka") || name.contains("producer")
    });
    of_producer || SIGNS.iter().any(|s| text.contains(s))
}

/// Records that wait behind one that its consumer can't get past belong to the same cause.
pub(super) fn blocked_behind(
    world: &World<'_>,
    boundary: &Boundary,
    left: &mut BTreeSet<u32>,
    findings: &mut Findings,
) {
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
            let candidate =
                Candidate { problem, hits: Vec::new(), done_hits: 0, repaired: 0, tier: 0, is_caller: false };
            let kind = kind_of(world, boundary, &world.problems[problem], &[], &[]);
            let consumption = offsets::look(world, boundary, &waiting);
            let proof =
                Proof::Problem { candidate, blocked: waiting.clone(), consumption: Some(consumption) };
            findings.drafts.push(Draft { kind, boundary: boundary.clone(), entities: waiting, proof });
        }
    }
}

/// The error group of the record at the committed offset or in the batch that begins there: the one the consumer can't
/// get past.
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
                && (committed..committed.saturating_add(BATCH)).contains(&c.offset)
                && c.topic.as_deref().is_none_or(|t| t == topic)
        })
    };
    let head = world.haul.records.iter().filter(|r| {
        r.record.topic == topic && r.record.partition == partition && r.record.offset == committed
    });
    let waits = |e: &u32| !world.trails.reach[*e as usize].contains_key(&boundary.to);
    let entities_at_head: BTreeMap<u32, Option<Timestamp>> =
        head.flat_map(|r| r.entities.iter().filter(|e| waits(e)).map(|e| (*e, r.record.time))).collect();
    // What an entity met before its record came there is another story, and who got on blocks nobody.
    let met_there = |(entity, (_, last)): (&u32, &(Option<Timestamp>, Option<Timestamp>))| {
        let arrival = entities_at_head.get(entity);
        arrival.is_some_and(|a| a.zip(*last).is_none_or(|(arrival, last)| last.since(arrival) >= -SLACK))
    };
    let of_service = |p: &Problem| boundary.service.as_deref().is_none_or(|s| s == p.service);
    let mut found: Vec<(usize, usize)> = world
        .problems
        .iter()
        .enumerate()
        .filter(|(_, p)| of_service(p) && !p.quiet)
        .filter_map(|(i, p)| {
            let lines = p.facts.iter().filter(|f| at_head(f)).count();
            let named = p.hits.iter().any(met_there);
            (lines > 0 || named).then_some((i, lines + usize::from(named)))
        })
        .collect();
    found.sort_by_key(|(i, lines)| (world.problems[*i].is_generic(), std::cmp::Reverse(*lines), *i));
    found.first().map(|(i, _)| *i)
}
