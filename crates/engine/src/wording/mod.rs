//! Words for causes: one sentence, the facts with counts, the suggested repair.

mod fixes;
mod violations;

pub(crate) use fixes::fix;

use crate::causes::{Draft, Proof, told_in_row};
use crate::discriminate::{Told, Trait};
use crate::facts::shorten;
use crate::occupants::{self, Whose};
use crate::offsets::Consumption;
use crate::problems::{Problem, short_type};
use crate::trails::Node;
use crate::world::World;
use std::collections::BTreeSet;
use waylaid_model::{KeyList, Kind, time::human_duration};

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
            match told_in_row::whole_text(world, draft) {
                Some(text) => {
                    let column = traits.first().map_or("", |t| t.feature.as_str());
                    let column = column.split_once(' ').map_or(column, |(_, c)| c);
                    let text = shorten(crate::facts::first_line(&text), 160);
                    format!(
                        "{share} stopped between {from} and {to}, and their rows say why in {column}: {text}"
                    )
                }
                None => format!("{share} stopped silently: {did}{logged}; {apart}"),
            }
        }
        Proof::Behind(behind) => {
            let logged =
                behind.problem.map(|p| format!(", and logs {}", problem_words(world, &world.problems[p])));
            format!(
                "{share} wait in {from}, which moves more slowly than it fills: {service} takes {} for each since {}, {} before{}",
                human_duration(behind.pace),
                behind.since,
                human_duration(behind.before),
                logged.unwrap_or_default()
            )
        }
        Proof::Stopped { silent } => {
            let silent = &world.fell_silent[*silent];
            format!("{share} wait at {from} for {}", silent.sentence())
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

/// Where the errors name no values: that none of them has a row where its violated key is, as completed ones have.
fn no_row_of_theirs(world: &World<'_>, draft: &Draft, keys: Option<&KeyList>) -> Option<String> {
    let others = draft.kind == Kind::DuplicateKey && occupants::whose(world, draft, keys) == Whose::Others;
    let table = keys.filter(|_| others)?.table.as_deref()?;
    Some(format!(
        "none of them has a row in {table}: what holds the violated key is another {}'s",
        world.spec.name
    ))
}

/// The facts that the rule used.
pub(crate) fn facts(world: &World<'_>, draft: &Draft, done: &[u32], keys: Option<&KeyList>) -> Vec<String> {
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
                out.push("its lines hold what is theirs and no completed one's, and not their keys".into());
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
            let occupants = world.occupants.get(&candidate.problem);
            out.extend(occupants.map(|o| o.sentence(&world.spec.name)));
            out.extend(no_row_of_theirs(world, draft, keys).filter(|_| occupants.is_none()));
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
        Proof::Behind(behind) => out.push(format!(
            "{} records waited there half of the time since, {} wait now",
            behind.waited, behind.waiting
        )),
        Proof::Stopped { silent } => {
            let silent = &world.fell_silent[*silent];
            let run_over = silent.last.plus(silent.beat.unwrap_or_default() / 2);
            let met = |e: &&u32| world.at(**e, draft.boundary.from).is_some_and(|at| at > silent.last);
            let came = draft.entities.iter().filter(met).count();
            let on = done.iter().filter(|e| world.at(**e, draft.boundary.to).is_some_and(|at| at > run_over));
            out.push(format!(
                "{came} of {n} came there after it was heard last; {} of {of} completed have gone on since",
                on.count()
            ));
            out.push(format!("its longest pause before was {}", human_duration(silent.pause)));
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
