//! What a cause is cited with: the last good places, the failures, where a group stands, what was looked for and not found.

use crate::book::Book;
use crate::causes::{Draft, Proof};
use crate::problems::Problem;
use crate::trails::{self, Fact, Node};
use crate::wording;
use crate::world::World;
use waylaid_model::{EvidenceId, Reference, Timestamp};

/// The last good hop, the failure or its absence, and one completed entity to compare with.
pub(super) fn evidence(world: &World<'_>, draft: &Draft, done: &[u32], book: &mut Book) -> Vec<EvidenceId> {
    let mut ids = Vec::new();
    let last_good = |entity: u32, node: usize| {
        world.trails.of[entity as usize].iter().find(|o| o.node == node).map(|o| (o.fact, o.time))
    };
    for entity in draft.entities.iter().take(2) {
        if let Some((fact, time)) = last_good(*entity, draft.boundary.from) {
            cite(world, *entity, fact, time, "last good hop: ", book, &mut ids);
        }
    }
    match &draft.proof {
        Proof::Problem { candidate, .. } => {
            cite_problem(world, &world.problems[candidate.problem], &draft.entities, book, &mut ids);
            let stands = world.occupants.get(&candidate.problem).and_then(|o| o.sample.as_ref());
            ids.extend(stands.map(|(at, time, text)| book.cite(at.clone(), *time, text)));
        }
        Proof::Outage { problem, consumption } => {
            cite_problem(world, &world.problems[*problem], &[], book, &mut ids);
            consumption.iter().for_each(|c| cite_offsets(world, draft, c, book, &mut ids));
        }
        Proof::NotConsumed(c) | Proof::Silent { consumption: c, .. } => {
            cite_offsets(world, draft, c, book, &mut ids);
        }
        Proof::Detour(d) => {
            for entity in d.entities.iter().take(2) {
                if let Some((fact, time)) = last_good(*entity, d.node) {
                    cite(world, *entity, fact, time, "in the wrong place: ", book, &mut ids);
                }
            }
        }
        Proof::Unsent { row, .. } => {
            let row = &world.haul.rows[*row];
            let text = row
                .row
                .cells
                .iter()
                .filter_map(|(c, v)| waylaid_model::scalar_text(v).map(|v| format!("{c}={v}")))
                .collect::<Vec<_>>()
                .join(" ");
            ids.push(book.cite(row.at.clone(), row.created, &format!("unsent: {text}")));
        }
        Proof::SetBack { log, .. } => {
            let fact = Fact::Log(*log);
            let entity = world.haul.logs[*log].entities.first().or(draft.entities.first());
            if let Some(entity) = entity {
                cite(world, *entity, fact, world.haul.logs[*log].time, "came last: ", book, &mut ids);
            }
        }
        Proof::Overtaken { node, .. } => {
            for entity in draft.entities.iter().take(2) {
                if let Some((fact, time)) = last_good(*entity, *node) {
                    cite(world, *entity, fact, time, "came only after it: ", book, &mut ids);
                }
            }
        }
        Proof::Stopped { silent } => {
            let silent = &world.fell_silent[*silent];
            let (store, target) = world.store_of(&Node::Service(silent.service.clone()));
            ids.push(book.cite(Reference::Target { store, target }, Some(silent.last), &silent.sentence()));
        }
        Proof::Behind(behind) => {
            if let Some(problem) = behind.problem {
                cite_problem(world, &world.problems[problem], &[], book, &mut ids);
            }
            let consumption = crate::offsets::look(world, &draft.boundary, &draft.entities);
            cite_offsets(world, draft, &consumption, book, &mut ids);
        }
        Proof::OutOfSight { .. } => {}
    }
    let to = &world.trails.nodes[draft.boundary.to];
    let (store, target) = world.store_of(to);
    let searched = world.haul.coverage.iter().find(|c| c.store == store && c.target == target);
    let looked = searched
        .map_or_else(|| "not among the stores".to_owned(), |c| format!("{} scanned, {}", c.scanned, c.range));
    let older = wording::there_before(world, draft);
    let absent = match older {
        _ if matches!(to, Node::Done(_) | Node::Settled(_)) => {
            format!(
                "the rows of 0 of {} have come to an end in {} ({looked})",
                draft.entities.len(),
                to.name()
            )
        }
        0 => format!("0 of {} found in {} ({looked})", draft.entities.len(), to.name()),
        n => format!(
            "0 of {} written since they arrived; {n} stand in {} from before ({looked})",
            draft.entities.len(),
            to.name()
        ),
    };
    ids.push(book.cite(Reference::Target { store, target }, None, &absent));
    if let Some(entity) =
        done.iter().find(|e| world.trails.reach[**e as usize].contains_key(&draft.boundary.to))
        && let Some((fact, time)) = last_good(*entity, draft.boundary.to)
    {
        cite(world, *entity, fact, time, "a completed one, for comparison: ", book, &mut ids);
    }
    ids.dedup();
    ids
}

pub(super) fn cite(
    world: &World<'_>,
    entity: u32,
    fact: Fact,
    time: Option<Timestamp>,
    prefix: &str,
    book: &mut Book,
    ids: &mut Vec<EvidenceId>,
) {
    if let Some(reference) = trails::reference(&world.home, &world.haul, entity, fact) {
        let text = trails::text(&world.home, &world.haul, entity, fact);
        let text = format!("{prefix}{} {}: {text}", world.spec.name, world.key(entity));
        ids.push(book.cite(reference, time, &text));
    }
}

pub(super) fn cite_problem(
    world: &World<'_>,
    problem: &Problem,
    entities: &[u32],
    book: &mut Book,
    ids: &mut Vec<EvidenceId>,
) {
    let hits = |i: &&usize| {
        entities.is_empty() || world.haul.logs[**i].entities.iter().any(|e| entities.binary_search(e).is_ok())
    };
    let mut cited: Vec<&usize> = problem.facts.iter().filter(hits).take(3).collect();
    if cited.is_empty() {
        cited = problem.facts.iter().take(2).collect();
    }
    for index in cited {
        let log = &world.haul.logs[*index];
        let how = log.joined_by.map(|j| format!(" [joined by {j}]")).unwrap_or_default();
        ids.push(book.cite(log.at.clone(), log.time, &format!("{}{how}", log.summary())));
    }
}

pub(super) fn cite_offsets(
    world: &World<'_>,
    draft: &Draft,
    c: &crate::offsets::Consumption,
    book: &mut Book,
    ids: &mut Vec<EvidenceId>,
) {
    let (Some(group), Some(topic)) = (&c.group, world.trails.nodes[draft.boundary.from].topic()) else {
        return;
    };
    let store = world.store_of(&world.trails.nodes[draft.boundary.from]).0;
    let of_group = world.haul.topics.groups.iter().filter(|g| g.group == *group && g.topic == topic);
    let wanted =
        of_group.filter(|g| c.partitions.is_empty() || c.partitions.contains_key(&g.partition)).take(2);
    for offset in wanted {
        let reference = Reference::Group {
            store: store.clone(),
            group: group.clone(),
            topic: topic.to_owned(),
            partition: offset.partition,
        };
        let committed = offset.committed.map_or("nothing".to_owned(), |o| o.to_string());
        let end = offset.end.map_or("unknown".to_owned(), |o| o.to_string());
        ids.push(book.cite(
            reference,
            None,
            &format!("group {group} has committed {committed}, the partition ends at {end}"),
        ));
    }
}
