//! Words for causes: one sentence, the facts with counts, the suggested repair.

use crate::causes::{Draft, Proof};
use crate::discriminate::{Told, Trait};
use crate::facts::shorten;
use crate::offsets::Consumption;
use crate::problems::{Problem, short_type};
use crate::trails::Node;
use crate::world::World;
use std::collections::BTreeSet;
use waylaid_model::{Fix, KeyList, Kind, time::human_duration};

/// One sentence on what happened.
pub(crate) fn statement(world: &World<'_>, draft: &Draft, total: usize) -> String {
    let service = draft.boundary.service.as_deref().unwrap_or("an unknown service");
    let from = world.trails.nodes[draft.boundary.from].name();
    let to = world.trails.nodes[draft.boundary.to].name();
    let share = format!("{} of {total}", draft.entities.len());
    match &draft.proof {
        Proof::Problem { candidate, blocked, .. } => {
            let problem = &world.problems[candidate.problem];
            let what = problem_words(world, problem);
            let queue = if blocked.is_empty() {
                String::new()
            } else {
                format!(
                    "; {} of them wait in the partition behind the record it can't get past",
                    blocked.len()
                )
            };
            let does = if problem.quiet { "goes no further after" } else { "fails with" };
            format!("{share} stopped between {from} and {to}: {} {does} {what}{queue}", problem.service)
        }
        Proof::Outage { problem, .. } => {
            let what = problem_words(world, &world.problems[*problem]);
            format!("{share} stopped between {from} and {to} while {service} failed with {what}")
        }
        Proof::NotConsumed(c) => {
            let group = c.group.as_deref().unwrap_or("the consumer group");
            format!(
                "{share} wait in {from}: group {group} stands {}, and nothing it logged explains it",
                standing(c)
            )
        }
        Proof::Detour(d) if d.dead_letter => {
            let reason = crate::structure::dead_letter_reason(world, d).map(|(class, message)| {
                let both = [short_type(&class), message.as_str()].into_iter().filter(|t| !t.is_empty());
                format!(": {}", shorten(&both.collect::<Vec<_>>().join(": "), 160))
            });
            let reason = reason.unwrap_or_default();
            format!(
                "{share} were put into the dead-letter topic {} instead of reaching {to}{reason}",
                d.topic
            )
        }
        Proof::Detour(d) => {
            let readers = if d.groups.is_empty() {
                "which no group consumes".to_owned()
            } else {
                format!("which only {} consumes", d.groups.join(", "))
            };
            format!("{share} were published by {service} to {}, {readers}, instead of {to}", d.topic)
        }
        Proof::Unsent { table, found, .. } => format!(
            "{share} lie unsent in {table} of {service}: {}; they never reached {to}",
            found.sentence()
        ),
        Proof::Overtaken { found, .. } => format!(
            "{share} were dropped by {service} because their event came too early: {}",
            found.sentence()
        ),
        Proof::SetBack { found, .. } => {
            let (stuck, done) = (found.stuck, found.done);
            format!(
                "{share} were set back by {service}, which wrote over what they had reached: {}, for {stuck} of {} stuck and {done} of {} completed",
                found.feature, found.of_stuck, found.of_done
            )
        }
        Proof::Silent { traits, seen, said, .. } => {
            let apart = traits
                .first()
                .map_or_else(|| "nothing sets them apart from the completed".to_owned(), Trait::sentence);
            let did = match draft.kind {
                Kind::SkippedSilently => {
                    format!("{service} consumed them from {from} and left no trace in {to}")
                }
                Kind::ReplyNotApplied => {
                    format!("{service} consumed the reply from {from} and did not change {to}")
                }
                Kind::ReplyNotPublished | Kind::NotPublished => {
                    format!("{service} never published them to {to}")
                }
                _ if said.is_some() => format!("{service} left them between {from} and {to}"),
                _ if from == to => format!("{service} never changed their row in {to}"),
                _ => format!("they never got from {from} to {to}"),
            };
            let logged = match *seen {
                _ if said.is_some() => String::new(),
                _ if !world.haul.has_logs(service) => ", what it logged is not among the stores".into(),
                0 => ", and logged nothing about them".into(),
                _ => ", and logged no failure".to_owned(),
            };
            let logged = match said {
                Some(p) => {
                    let what = problem_words(world, &world.problems[*p]);
                    format!("{logged}; at the same moments, and not before, it says {what}, and names nobody")
                }
                None => logged,
            };
            format!("{share} stopped silently: {did}{logged}; {apart}")
        }
        Proof::OutOfSight { why } => {
            format!("{share} were last seen at {from} and never at {to}; {why}, so the cause is out of sight")
        }
    }
}

/// What a problem says, in a few words.
pub(crate) fn problem_words(world: &World<'_>, problem: &Problem) -> String {
    let sample = problem.facts.first().map(|i| &world.haul.logs[*i]);
    let message = sample
        .and_then(|l| l.failure.as_ref())
        .map(|f| crate::facts::first_line(&f.root_message).to_owned())
        .filter(|m| !m.is_empty())
        .or_else(|| sample.map(|l| crate::facts::first_line(&l.message).to_owned()))
        .unwrap_or_else(|| problem.template.clone());
    if let Some(exception) = &problem.exception {
        return format!("{}: {}", short_type(exception), shorten(&message, 160));
    }
    // What a field of its own gives as the reason stands beside what the message says.
    let said = sample.map(|l| crate::facts::first_line(&l.message).to_owned()).unwrap_or_default();
    let message =
        if said.is_empty() || said.contains(&message) { message } else { format!("{said}: {message}") };
    // It speaks for all of them, not for the one in the sample.
    let keys = sample.into_iter().flat_map(|l| &l.entities).map(|e| world.key(*e));
    let message = match problem.hits.len() {
        0 | 1 => message,
        _ => keys.fold(message, |message, key| message.replace(key, "…")),
    };
    format!("\"{}\"", shorten(&message, 160))
}

/// The one of several instances of its service that logged all of a problem.
fn only_instance(world: &World<'_>, problem: &Problem) -> Option<String> {
    const FEWEST: usize = 3;
    let of_service = world.haul.logs.iter().filter(|l| l.service == problem.service);
    let all: BTreeSet<&str> = of_service.map(|l| l.instance.as_str()).filter(|i| !i.is_empty()).collect();
    let own: BTreeSet<&str> = problem.facts.iter().map(|i| world.haul.logs[*i].instance.as_str()).collect();
    let (1, Some(only)) = (own.len(), own.first()) else { return None };
    (all.len() > 1 && problem.facts.len() >= FEWEST).then(|| {
        format!(
            "instance {only} logged all of it, none of the other {} of {}",
            all.len() - 1,
            problem.service
        )
    })
}

fn standing(c: &Consumption) -> String {
    let places: Vec<String> = c
        .partitions
        .iter()
        .take(3)
        .map(|(p, (committed, end))| format!("at offset {committed} of {end} in partition {p}"))
        .collect();
    let more = c.partitions.len().saturating_sub(3);
    if more > 0 { format!("{} and {more} more partitions", places.join(", ")) } else { places.join(", ") }
}

/// How many of them are in the missing node all the same, with a row older than what should have written it.
pub(crate) fn there_before(world: &World<'_>, draft: &Draft) -> usize {
    let step = draft.boundary.step;
    draft.entities.iter().filter(|e| world.flow.was_there_before(step, **e as usize, &world.trails)).count()
}

/// The facts that the rule used.
pub(crate) fn facts(world: &World<'_>, draft: &Draft, done: &[u32]) -> Vec<String> {
    let mut out = Vec::new();
    let n = draft.entities.len();
    let from = world.trails.nodes[draft.boundary.from].name();
    let to = world.trails.nodes[draft.boundary.to].name();
    let at_to =
        done.iter().filter(|e| world.trails.reach[**e as usize].contains_key(&draft.boundary.to)).count();
    let of = done.len();
    out.push(match world.trails.nodes[draft.boundary.to] {
        Node::Done(_) | Node::Settled(_) => {
            format!("{n} of {n} were seen at {from}, 0 came to an end in {to}; {at_to} of {of} completed did")
        }
        _ => format!("{n} of {n} were seen at {from}, 0 at {to}; {at_to} of {of} completed reached {to}"),
    });
    let older = there_before(world, draft);
    if older > 0 {
        out.push(format!(
            "{older} of {n} have a row in {to} that is older than their record: it was there before"
        ));
    }
    match &draft.proof {
        Proof::Problem { candidate, consumption, .. } => {
            let problem = &world.problems[candidate.problem];
            if candidate.tier == crate::suspects::BY_VALUE {
                out.push("its lines hold what sets these apart, and name none of them".into());
            } else if candidate.hits.is_empty() && candidate.done_hits == 0 {
                out.push(
                    "the error names the record at which the group stands, and the others wait behind it"
                        .into(),
                );
            } else {
                out.push(format!(
                    "the error hits {} of these {n} and {} of {} completed",
                    candidate.hits.len().min(n),
                    candidate.done_hits,
                    done.len()
                ));
            }
            if let Some(reason) = crate::suspects::reason(world, problem, &candidate.hits) {
                let what = problem_words(world, &world.problems[reason]);
                out.push(format!("right before, {} logged {what} of them", problem.service));
            }
            out.extend(only_instance(world, problem));
            // Beside the failure itself: what those have in common whom it hit.
            let apart = crate::causes::traits_and_shapes(world, &draft.boundary, &draft.entities, done);
            let is_empty = |t: &Trait| t.told == Told::Null && !t.feature.starts_with("record ");
            out.extend(
                apart.iter().filter(|t| t.field().is_some() && !is_empty(t)).take(2).map(Trait::sentence),
            );
            if candidate.repaired > 0 {
                out.push(format!(
                    "{} of the completed it hit got on only much later than usual",
                    candidate.repaired
                ));
            }
            if let (Some(first), Some(last)) = (problem.first, problem.last) {
                out.push(format!("{} events from {first} to {last}", problem.count));
            }
            out.extend(consumption.as_ref().map(|c| format!("the group stands {}", standing(c))));
        }
        Proof::Outage { problem, consumption } => {
            let problem = &world.problems[*problem];
            out.push(format!(
                "{} events since {}",
                problem.count,
                problem.first.map(|t| t.to_string()).unwrap_or_default()
            ));
            out.extend(
                consumption
                    .as_ref()
                    .filter(|c| !c.waiting.is_empty())
                    .map(|c| format!("the group stands {}", standing(c))),
            );
        }
        Proof::NotConsumed(c) => out.push(format!("the group stands {}", standing(c))),
        Proof::Silent { consumption, traits, seen, said } => {
            if let Some(problem) = said.map(|p| &world.problems[p]) {
                let first = problem.first.map(|t| t.to_string()).unwrap_or_default();
                let what = problem_words(world, problem);
                out.push(format!("{} says {what} {} times since {first}", problem.service, problem.count));
            }
            if let Some(group) = &consumption.group {
                out.push(format!(
                    "group {group} has committed past the records of {} of {n}",
                    consumption.consumed.len()
                ));
            }
            if let Some(service) = &draft.boundary.service {
                out.push(format!("the log of {service} mentions {seen} of {n} after they arrived"));
            }
            out.extend(traits.iter().take(4).map(Trait::sentence));
        }
        Proof::Unsent { found, .. } => {
            out.push(found.sentence());
            let stopper = crate::causes::stopper(world, &draft.boundary, &draft.entities, done);
            out.extend(stopper.map(|p| meanwhile(world, &world.problems[p])));
        }
        Proof::Overtaken { found, .. } => out.push(found.sentence()),
        Proof::SetBack { found, is_shown, .. } => {
            out.push(format!(
                "{}: {} of {} stuck, {} of {} completed",
                found.feature, found.stuck, found.of_stuck, found.done, found.of_done
            ));
            if *is_shown {
                out.push("their own rows were last changed just then".into());
            }
        }
        Proof::Detour(d) => {
            out.push(format!("{} of {n} have a record in {}", d.entities.len().min(n), d.topic));
        }
        Proof::OutOfSight { .. } => {
            let consumption = crate::offsets::look(world, &draft.boundary, &draft.entities);
            if let Some(group) = consumption.group.as_ref().filter(|_| !consumption.consumed.is_empty()) {
                let consumed = consumption.consumed.len();
                out.push(format!("group {group} has committed past the records of {consumed} of {n}"));
            }
            let apart = crate::causes::traits_and_shapes(world, &draft.boundary, &draft.entities, done);
            out.extend(apart.iter().take(2).map(Trait::sentence));
        }
    }
    if let Some(typical) = crate::flow::median(world.flow.steps[draft.boundary.step].times.clone()) {
        out.push(format!("completed ones usually take {} for this hop", human_duration(typical)));
    }
    out
}

/// What a service logs again and again since it lets nobody pass.
fn meanwhile(world: &World<'_>, problem: &Problem) -> String {
    let since = problem.first.map(|t| t.to_string()).unwrap_or_default();
    format!(
        "{} logged {} {} times since {since}",
        problem.service,
        problem_words(world, problem),
        problem.count
    )
}

/// How those that stopped are to be taken up again: not by sending once more what waits, was kept, or has already been done
/// in part.
fn again(world: &World<'_>, draft: &Draft) -> String {
    let entity = &world.spec.name;
    let node = &world.trails.nodes[draft.boundary.from];
    let from = node.name();
    let service = draft.boundary.service.as_deref().unwrap_or("the service");
    let is_most = |n: usize| n * 2 > draft.entities.len();
    let kept = crate::structure::detours(world, &draft.boundary, &draft.entities, &[]);
    let kept = kept.iter().find(|d| d.dead_letter && is_most(d.entities.len()));
    let begun =
        || draft.entities.iter().filter(|e| crate::structure::has_own_row(world, service, **e)).count();
    let is_blocked = match &draft.proof {
        Proof::Problem { blocked, .. } => is_most(blocked.len()),
        Proof::Outage { consumption: Some(c), .. } => is_most(c.waiting.len()),
        _ => false,
    };
    if is_blocked {
        return format!(
            "re-send nothing: these {entity} keys are read from {from} by themselves once {service} gets on there"
        );
    }
    if let Some(kept) = kept {
        return format!("replay the records of these {entity} keys from {} once the fix runs", kept.topic);
    }
    if node.topic().is_none() {
        return format!("let {service} take these {entity} keys up again from {from} once the fix runs");
    }
    if is_most(begun()) && world.trails.nodes[draft.boundary.to].topic().is_some() {
        return format!(
            "let {service} do only what is missing for these {entity} keys: its rows are there, and re-sending through {from} would do the first part twice"
        );
    }
    let is_shared = |e: &u32| {
        world.trails.records(*e, draft.boundary.from).any(|i| world.haul.records[i].entities.len() > 1)
    };
    if is_most(draft.entities.iter().filter(|e| is_shared(e)).count()) {
        return format!(
            "send these {entity} keys through {from} once the fix runs, in records of their own: those that hold them hold others as well"
        );
    }
    format!("re-send these {entity} keys through {from} once the fix runs")
}

/// What to do about another party's refusal, by what it says, and by whether it let others pass meanwhile.
fn refused(world: &World<'_>, draft: &Draft, service: &str) -> String {
    const FEWEST: usize = 5;
    let problem = draft.proof.problem().map(|p| &world.problems[p]);
    let text = match &draft.proof {
        Proof::Detour(d) => {
            crate::structure::dead_letter_reason(world, d).map(|(class, told)| format!("{class} {told}"))
        }
        _ => problem.map(|p| format!("{} {}", p.template, problem_words(world, p))),
    };
    let text = text.unwrap_or_default().to_lowercase();
    let says = |words: &[&str]| words.iter().any(|w| text.contains(w));
    if says(&["certificate", "x509", "pkix", "tls: "]) {
        return format!(
            "renew or trust the certificate that {service} meets, and alert well before one expires"
        );
    }
    if says(&["429", "too many requests", "rate limit", "rate-limit", "throttl"]) {
        return format!(
            "keep {service} below the rate that the other side allows, and let it wait as long as it is told to"
        );
    }
    if says(&["401", "403", "unauthor", "forbidden", "access denied", "token"]) {
        return format!(
            "renew what {service} logs in with, or ask the other side for the right; alert on the first refusal"
        );
    }
    let since = problem.and_then(|p| p.first.zip(p.last));
    let passed = world.of_role(crate::home::Role::Done).into_iter().filter(|e| {
        let on = world.at(*e, draft.boundary.to);
        on.zip(since).is_some_and(|(on, (first, last))| (first..=last).contains(&on))
    });
    if problem.is_some_and(|p| p.count as usize >= draft.entities.len() * 2) && passed.count() >= FEWEST {
        return format!(
            "others get through meanwhile, so trying again changes nothing: find out what the party that {service} calls refuses in these"
        );
    }
    format!(
        "make {service} retry with backoff beyond the outage and keep what it could not do for a later run"
    )
}

/// Whether the failure is a message alone, without an exception.
fn is_told_only(world: &World<'_>, draft: &Draft) -> bool {
    let problem = draft.proof.problem().map(|p| &world.problems[p]);
    problem.is_some_and(|p| {
        let thrown = |i: &usize| world.haul.logs[*i].failure.as_ref().is_some_and(|f| f.exception.is_some());
        p.exception.is_none() && !p.facts.iter().take(20).any(thrown)
    })
}

/// Whether they lie in a table that a sender empties: unsent by their rows, or while it fails.
fn lies_in_queue(world: &World<'_>, draft: &Draft) -> bool {
    let from_row = matches!(world.trails.nodes[draft.boundary.from], crate::trails::Node::Table(_));
    match &draft.proof {
        Proof::Unsent { .. } => true,
        Proof::Outage { .. } => from_row,
        _ => false,
    }
}

/// The suggested repair.
pub(crate) fn fix(world: &World<'_>, draft: &Draft, keys: Option<&KeyList>) -> Fix {
    let service = draft.boundary.service.as_deref().unwrap_or("the service");
    let from = world.trails.nodes[draft.boundary.from].name();
    let to = world.trails.nodes[draft.boundary.to].name();
    let entity = &world.spec.name;
    let table = keys.and_then(|k| k.table.as_deref()).unwrap_or(to);
    let by_trait = match &draft.proof {
        Proof::Silent { traits, .. } => {
            traits.first().map(|t| format!(" (look at what it does with {})", t.feature)).unwrap_or_default()
        }
        _ => String::new(),
    };
    let again = again(world, draft);
    let test = |arrange: &str| {
        format!(
            "an integration test on {service}: {arrange}; red while {to} stays without it, green after the fix"
        )
    };
    let is_blocked = matches!(&draft.proof, Proof::Problem { blocked, .. } if !blocked.is_empty());
    let (code, data, test) = match draft.kind {
        Kind::DuplicateKey => (
            format!(
                "make the write of {table} in {service} idempotent: insert or ignore on the violated key, treat a row that is there already as done, and go on to the next step"
            ),
            format!(
                "look the listed key values up in {table}: rows that exist need only the next step; {again}"
            ),
            test("deliver the same record twice, or put the row there first, then deliver it"),
        ),
        Kind::ConstraintViolation => (
            format!(
                "validate before the write of {table} in {service}, or create what the constraint refers to first"
            ),
            format!("mend the rows that the constraint names; {again}"),
            test("deliver a record with the violating value"),
        ),
        Kind::DeserializationError => (
            format!(
                "let the consumer of {from} in {service} read this form, and hand what it can't read to a dead-letter topic{}",
                if is_blocked { " instead of standing still" } else { "" }
            ),
            again.clone(),
            test("deliver the failing payload byte for byte"),
        ),
        Kind::SchemaMismatch => (
            format!(
                "agree on the schema of {from}: make {service} accept both forms, or mend the producer; add a compatibility check"
            ),
            again.clone(),
            test("deliver a record of the new form"),
        ),
        // Nothing was thrown: the service says itself that it gives them up.
        Kind::HandlerException if is_told_only(world, draft) => (
            format!(
                "mend what {service} gives as its reason, or let it keep these for a later try; what is given up wants an alert"
            ),
            again.clone(),
            test("deliver one of these records as it stands"),
        ),
        Kind::HandlerException => (
            format!("handle the case that throws in {service}, and let one bad item fail alone"),
            again.clone(),
            test("deliver one of these records as it stands"),
        ),
        Kind::DependencyError => (
            refused(world, draft, service),
            again.clone(),
            test("let the dependency fail, then recover"),
        ),
        Kind::DataMissing => (
            format!(
                "decide in {service} what happens when the looked-up data is missing: wait and retry, or report it as an error state"
            ),
            format!("add the missing data, then {again}"),
            test("deliver a record whose reference does not exist yet, then add it"),
        ),
        Kind::NotPublished | Kind::ReplyNotPublished if lies_in_queue(world, draft) => (
            format!(
                "let {service} get past the first unsent row, or start what sends them again; let one row that cannot be sent step aside, and alert on the age of the oldest unsent one"
            ),
            "nothing is to be sent by hand: the rows go out in their order once the first one does, and would be there twice"
                .to_owned(),
            test("put a row there that cannot be sent, and one behind it"),
        ),
        Kind::NotPublished | Kind::ReplyNotPublished => (
            format!(
                "publish to {to} in {service} for these too{by_trait}: write row and outbox in one transaction, let the relay retry, and log when a publish fails"
            ),
            format!(
                "where it is known that they were answered, publish the missing records to {to}; a row alone does not say so"
            ),
            test("process one of these and expect its record"),
        ),
        Kind::WrongDestination => (
            format!("let {service} publish to {to}: check the configured topic name and what routes by it"),
            format!("copy the listed records from the wrong topic to {to}"),
            test("process one of these and expect its record in the right topic"),
        ),
        Kind::NotConsumed => (
            format!(
                "bring the consumer of {from} in {service} back and alert on a group whose offset stands while the end grows"
            ),
            "nothing is lost: the records are processed once the group moves on".into(),
            test("stop one consumer of the group and expect another to take its partitions over"),
        ),
        Kind::SkippedSilently => (
            format!("handle this case in {service}{by_trait}, and log at WARN whatever is left out"),
            again.clone(),
            test("deliver one of these records"),
        ),
        Kind::DeadLettered => (
            format!("mend what {service} can't process; the dead-letter records hold the reason"),
            "re-drive the listed records from the dead-letter topic after the fix".into(),
            test("deliver one of the dead-lettered records"),
        ),
        Kind::ReplyNotApplied => (
            format!(
                "apply the reply in {service} for this case too{by_trait}, and log a reply that matches nothing"
            ),
            format!("apply the replies in {from} to the listed rows"),
            test("deliver one of these replies and expect the state to change"),
        ),
        Kind::OutOfOrder if matches!(draft.proof, Proof::SetBack { .. }) => (
            format!(
                "let {service} change the row only from the state it expects: a guard on the former state, or a version"
            ),
            format!("give the listed {entity} rows the state that they had reached before"),
            test("deliver the early event once more after the later ones and expect the state to stay"),
        ),
        Kind::OutOfOrder => (
            format!("let {service} keep or retry an event whose predecessor is not there yet"),
            again.clone(),
            test("deliver the event before what it needs"),
        ),
        Kind::LockContention => (
            format!(
                "shorten the transaction in {service}, take locks in one order, and retry a deadlock or lock timeout with backoff"
            ),
            again.clone(),
            test("hold the lock while the record is processed, then release it"),
        ),
        Kind::ResourceExhausted => (
            format!(
                "find what uses the resource up in {service} (connections not given back, a limit too small) and let work wait instead of failing"
            ),
            again.clone(),
            test("run with the resource used up, then free it"),
        ),
        Kind::ConfigError => (
            format!("correct the configuration of {service} and fail at start-up when it is wrong"),
            again.clone(),
            test("start with the wrong value and expect a refusal"),
        ),
        Kind::Unknown => (String::new(), String::new(), String::new()),
    };
    Fix { code, data, test }
}
