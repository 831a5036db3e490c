//! From findings to the answer: causes worded and cited, flow counted, the rest ruled out.

use crate::book::Book;
use crate::causes::{self, Draft, Findings, Proof};
use crate::home::Role;
use crate::problems::Problem;
use crate::suspects::Boundary;
use crate::trails::{self, Fact, Node};
use crate::world::World;
use crate::{Ask, codeplaces, flow, keys, ruled_out, rules, wording};
use std::collections::BTreeMap;
use waylaid_model::{
    BindingSummary, Cause, Cohort, Diagnosis, EntityList, EvidenceId, HopCount, Kind, Level, Outcome,
    ProblemSummary, Question, Reference, Sampled, Status, Suspect, Timestamp, Verdict, time::human_duration,
};

/// Settles the verdict over the stuck of a world.
pub(crate) fn settle(world: &World<'_>, ask: &Ask) -> Diagnosis {
    let stuck = world.of_role(Role::Stuck);
    let done = world.of_role(Role::Done);
    let peers = world.of_role(Role::Peer);
    let mut whole: Vec<u32> = stuck.iter().chain(&peers).copied().collect();
    whole.sort_unstable();
    let mut findings = causes::find(world, &whole, &done);
    let judged: Vec<(Outcome, Vec<String>)> =
        findings.drafts.iter().map(|draft| rules::outcome(world, draft, &done)).collect();
    let beside = findings.restrict(&stuck, &judged);
    let mut book = Book::default();
    let numbers = problem_numbers(world, &findings);
    let id = |p: usize| numbers.get(&p).map_or_else(|| format!("p{}", p + 1), |n| format!("p{n}"));
    let aged = world.of_role(Role::AgedOut).len();
    let counted = stuck.len() - findings.queued.len() + aged;
    let mut causes = Vec::new();
    let mut outcomes = Vec::new();
    let mut capped_by = Vec::new();
    for (number, (draft, (outcome, caps, peers))) in findings.drafts.iter().zip(beside).enumerate() {
        outcomes.push((outcome, draft.entities.len()));
        caps.into_iter().for_each(|c| {
            if !capped_by.contains(&c) {
                capped_by.push(c);
            }
        });
        let mut cause = cause(world, draft, number, outcome, counted, &done, &id, &mut book);
        if peers > 0 {
            cause.facts.push(format!("{peers} others in the same state stopped there by the same"));
        }
        causes.push(cause);
    }
    let outcome = rules::overall(&outcomes, counted);
    let explained: u64 = causes.iter().map(|c| c.explains).sum();
    let unexplained = (counted as u64).saturating_sub(explained);
    let ruled_out = ruled_out::list(world, &findings.drafts, &stuck, &done, &id, &mut book);
    let suspects = suspects(world, &findings, &causes, &stuck, &mut book);
    let rules = crate::home::Rules::new(world.spec, ask);
    let summary = summary(
        world,
        &findings,
        &causes,
        outcome,
        counted,
        &ask.keys,
        rules.stuck.as_ref().filter(|_| ask.state.is_some()),
    );
    let problems = summaries(world, &findings, &ruled_out, &stuck, &done, &id, &mut book);
    let next_steps = next_steps(world, &causes, outcome);
    Diagnosis {
        case: String::new(),
        question: question(world, ask),
        cohort: cohort(world, counted, done.len(), &findings),
        flow: hops(world, &stuck),
        verdict: Verdict { outcome, summary, causes, unexplained, suspects, capped_by },
        ruled_out,
        coverage: world.haul.coverage.clone(),
        evidence: book.into_entries(),
        problems,
        bindings: bindings(world),
        notes: notes(world, &findings, &ask.keys),
        next_steps,
    }
}

fn question(world: &World<'_>, ask: &Ask) -> Question {
    let rules = crate::home::Rules::new(world.spec, ask);
    let born = (0..world.home.entities.len()).filter_map(|e| flow::birth(&world.trails, e)).min();
    Question {
        entity: Some(world.spec.name.clone()),
        state: rules.stuck.map(|r| r.wants()),
        keys: ask.keys.clone(),
        window: ask.window.from.or(born).zip(ask.window.until.or(world.now)),
        baseline: None,
        now: world.now,
    }
}

pub(crate) fn cohort(world: &World<'_>, counted: usize, done: usize, findings: &Findings) -> Cohort {
    let named = |state: &String| world.spec.stuck.iter().chain(&world.spec.done).any(|r| r.holds(state));
    let other = world.home.states.iter().filter(|(s, _)| !named(s)).map(|(_, n)| *n).sum();
    Cohort {
        count: counted as u64,
        control: done as u64,
        in_flight: (world.of_role(Role::Young).len() + findings.queued.len()) as u64,
        aged_out: world.of_role(Role::AgedOut).len() as u64,
        other,
        sampled: world.home.cut.map(|of| Sampled { followed: crate::home::FOLLOWED_OF_MANY as u64, of }),
    }
}

/// Problems are numbered as the answer mentions them: those of the causes first.
fn problem_numbers(world: &World<'_>, findings: &Findings) -> BTreeMap<usize, usize> {
    let mut order: Vec<usize> = Vec::new();
    for draft in &findings.drafts {
        order.extend(draft.proof.problem().filter(|p| !order.contains(p)));
    }
    let mut rest: Vec<usize> = (0..world.problems.len()).filter(|p| !order.contains(p)).collect();
    rest.sort_by_key(|p| world.problems[*p].quiet);
    order.extend(rest);
    order.into_iter().enumerate().map(|(n, p)| (p, n + 1)).collect()
}

#[expect(clippy::too_many_arguments, reason = "one call, and each is a different thing")]
fn cause(
    world: &World<'_>,
    draft: &Draft,
    number: usize,
    outcome: Outcome,
    total: usize,
    done: &[u32],
    id: &dyn Fn(usize) -> String,
    book: &mut Book,
) -> Cause {
    let problem = draft.proof.problem();
    let keys = problem.and_then(|p| keys::of_problem(world, &world.problems[p], &draft.entities));
    let list = world.keys(&draft.entities);
    Cause {
        id: format!("c{}", number + 1),
        kind: draft.kind,
        outcome,
        service: draft
            .boundary
            .service
            .clone()
            .or_else(|| problem.map(|p| world.problems[p].service.clone())),
        origin: origin(world, draft),
        hop: hop(world, &draft.boundary),
        explains: list.len() as u64,
        of: total as u64,
        problem: problem.map(id),
        statement: wording::statement(world, draft, total),
        evidence: evidence(world, draft, done, book),
        code: codeplaces::places(world, draft),
        fix: wording::fix(world, draft, keys.as_ref()),
        facts: wording::facts(world, draft, done),
        entities: EntityList { count: list.len() as u64, csv: String::new(), keys: list },
        keys,
    }
}

/// The hop of a boundary: `FROM -> TO`.
pub(crate) fn hop(world: &World<'_>, boundary: &Boundary) -> String {
    let step = &world.flow.steps[boundary.step];
    match step.parent {
        _ if step.parent.is_some() || step.node != boundary.to => {
            let name = |node: usize| world.trails.nodes[node].name();
            format!("{} -> {}", name(boundary.from), name(boundary.to))
        }
        _ => world.flow.hop(&world.trails, boundary.step),
    }
}

/// The producer of records whose form is what failed.
fn origin(world: &World<'_>, draft: &Draft) -> Option<String> {
    let by_form = matches!(draft.kind, Kind::SchemaMismatch | Kind::DeserializationError);
    let producer = world.services.producer(&world.trails.nodes[draft.boundary.from])?;
    (by_form && draft.boundary.service.as_deref() != Some(producer)).then(|| producer.to_owned())
}

/// The last good hop, the failure or its absence, and one completed entity to compare with.
fn evidence(world: &World<'_>, draft: &Draft, done: &[u32], book: &mut Book) -> Vec<EvidenceId> {
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

fn cite(
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

fn cite_problem(
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

fn cite_offsets(
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

fn hops(world: &World<'_>, stuck: &[u32]) -> Vec<HopCount> {
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

fn summary(
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
            let done = world.home.entities.iter().filter(|e| e.role == Role::Done && asked.contains(&e.key));
            let rule = world.spec.done.as_ref().map(waylaid_model::Rule::wants).unwrap_or_default();
            return format!(
                "none of the {} {entity} keys asked about is stuck: {} of them are completed by the rule for `done` ({rule})",
                asked.len(),
                done.count()
            );
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
            (y, w) => format!("no {entity} is stuck: {w} wait in a queue that moves, {y} are in flight"),
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

/// Failures that are tied to nobody and are no older than the first of those that stopped: of the services that had to act,
/// and of others where they come again and again.
fn unattributed<'w>(world: &'w World<'_>, findings: &'w Findings) -> impl Iterator<Item = &'w Problem> {
    const HOUR: i64 = 3600 * 1_000_000_000;
    const OFTEN: u64 = 3;
    let is_new = |p: &Problem| {
        findings.boundaries.iter().any(|b| {
            let arrived = b.entities.iter().filter_map(|e| world.at(*e, b.from)).min();
            p.first.zip(arrived).is_some_and(|(first, arrived)| arrived.since(first) <= HOUR / 6)
        })
    };
    let acts = |p: &Problem| findings.boundaries.iter().any(|b| b.service.as_deref() == Some(&p.service));
    let is_loud = |p: &Problem| {
        let again = p.level >= Some(Level::Warn) && p.count >= OFTEN;
        !p.quiet && (p.exception.is_some() || p.kind.is_some() || again)
    };
    let is_error = |p: &Problem| p.level >= Some(Level::Error) && p.count >= OFTEN;
    let is_tied = |p: &Problem| p.hits.keys().any(|e| !p.loose.contains(e));
    let told = move |p: &&Problem| is_loud(p) && !is_tied(p) && is_new(p) && (acts(p) || is_error(p));
    let mut found: Vec<&Problem> = world.problems.iter().filter(told).collect();
    found.sort_by_key(|p| (!acts(p), std::cmp::Reverse(p.count)));
    found.into_iter().take(3)
}

/// Ranked places worth a look: services of the causes, then what they were consumed by, then the loudest others.
fn suspects(
    world: &World<'_>,
    findings: &Findings,
    causes: &[Cause],
    stuck: &[u32],
    book: &mut Book,
) -> Vec<Suspect> {
    let mut out: Vec<Suspect> = Vec::new();
    for cause in causes {
        if let Some(service) = &cause.service
            && out.iter().all(|s| s.service != *service)
        {
            out.push(Suspect {
                service: service.clone(),
                why: cause.statement.clone(),
                code: cause.code.clone(),
                evidence: cause.evidence.clone(),
            });
        }
    }
    for boundary in &findings.boundaries {
        // What another service is known to have stopped, this one need not answer for.
        let is_explained = |e: &&u32| {
            let explains = |d: &causes::Draft| d.kind != Kind::Unknown && d.entities.contains(e);
            findings.drafts.iter().any(explains)
        };
        let open = boundary.entities.iter().filter(|e| !is_explained(e)).count();
        if let Some(service) = &boundary.service
            && out.iter().all(|s| s.service != *service)
            && open * 10 > boundary.entities.len()
        {
            let why = format!(
                "{} of {} stopped at its hop {}",
                boundary.entities.len(),
                stuck.len(),
                world.flow.hop(&world.trails, boundary.step)
            );
            out.push(Suspect { service: service.clone(), why, code: Vec::new(), evidence: Vec::new() });
        }
    }
    for problem in unattributed(world, findings) {
        // An error that tells the cause leaves nothing to guess.
        let is_told = |c: &Cause| c.service.as_deref() == Some(&problem.service) && c.problem.is_some();
        if out.len() < 5 && !causes.iter().any(is_told) {
            let mut ids = Vec::new();
            cite_problem(world, problem, &[], book, &mut ids);
            let since = problem.first.map(|t| format!(" since {t}")).unwrap_or_default();
            let why = format!("{}: {} times{since}, and it names nobody", problem.title(), problem.count);
            out.push(Suspect { service: problem.service.clone(), why, code: Vec::new(), evidence: ids });
        }
    }
    let mut loud: Vec<&Problem> = world
        .problems
        .iter()
        .filter(|p| !p.quiet && p.hits.keys().any(|e| stuck.binary_search(e).is_ok()))
        .collect();
    loud.sort_by_key(|p| std::cmp::Reverse(p.hits.keys().filter(|e| stuck.binary_search(e).is_ok()).count()));
    for problem in loud {
        if out.len() < 5 && out.iter().all(|s| s.service != problem.service) {
            let hits = problem.hits.keys().filter(|e| stuck.binary_search(e).is_ok()).count();
            let mut ids = Vec::new();
            cite_problem(world, problem, stuck, book, &mut ids);
            let why = format!("{} hits {hits} of {} stuck", problem.title(), stuck.len());
            out.push(Suspect { service: problem.service.clone(), why, code: Vec::new(), evidence: ids });
        }
    }
    out
}

fn summaries(
    world: &World<'_>,
    findings: &Findings,
    ruled_out: &[waylaid_model::RuledOut],
    stuck: &[u32],
    done: &[u32],
    id: &dyn Fn(usize) -> String,
    book: &mut Book,
) -> Vec<ProblemSummary> {
    let mentioned: Vec<String> = ruled_out.iter().filter_map(|r| r.problem.clone()).collect();
    let of_causes: Vec<usize> = findings.drafts.iter().filter_map(|d| d.proof.problem()).collect();
    let mut list: Vec<usize> =
        (0..world.problems.len()).filter(|p| of_causes.contains(p) || mentioned.contains(&id(*p))).collect();
    list.sort_by_key(|p| id(*p).trim_start_matches('p').parse::<usize>().unwrap_or(usize::MAX));
    list.into_iter()
        .map(|p| {
            let problem = &world.problems[p];
            let mut ids = Vec::new();
            cite_problem(world, problem, stuck, book, &mut ids);
            let hits = |set: &[u32]| set.iter().filter(|e| problem.hits.contains_key(e)).count() as u64;
            ProblemSummary {
                id: id(p),
                service: problem.service.clone(),
                exception: problem.exception.clone(),
                template: problem.template.clone(),
                kind: problem.kind.unwrap_or(Kind::Unknown),
                count: problem.count,
                first: problem.first,
                last: problem.last,
                hits_stuck: hits(stuck),
                hits_completed: hits(done),
                evidence: ids,
            }
        })
        .collect()
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

/// What became of the keys that were asked about and that no verdict speaks of.
fn asked_but_not_stuck(world: &World<'_>, asked: &[String]) -> Option<String> {
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

fn notes(world: &World<'_>, findings: &Findings, asked: &[String]) -> Vec<String> {
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
    out.extend(world.fell_silent.iter().map(|s| {
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
    if !findings.queued.is_empty() {
        out.push(format!("{} wait in a partition that still moves: slow, not stuck", findings.queued.len()));
    }
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

/// Configured services of which no log is among the stores, where there are logs at all: what they said is not known.
fn without_logs(world: &World<'_>) -> Option<String> {
    let logs = || world.haul.coverage.iter().filter(|c| c.store.starts_with("logs."));
    let lacks = |name: &&str| !logs().any(|c| c.target == *name);
    let names: Vec<&str> = world.system.services.iter().map(|s| s.name.as_str()).filter(lacks).collect();
    let whole = logs().all(|c| c.target != c.store);
    (!names.is_empty() && logs().next().is_some() && whole)
        .then(|| format!("no log of {} is among the stores: what it said is not known", names.join(", ")))
}

fn next_steps(world: &World<'_>, causes: &[Cause], outcome: Outcome) -> Vec<String> {
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
