//! The suggested repair of a cause: what to change in code, what to do about the data, which test shows it.

use super::{problem_words, violations};
use crate::bindings::Source;
use crate::causes::{Draft, Proof};
use crate::occupants;
use crate::trails::Node;
use crate::world::World;
use waylaid_model::{Fix, KeyList, Kind};

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
    // A list in the record holds others, whoever of them is followed.
    let source = Source::Topic(from.to_owned());
    let is_list = world.haul.bindings.iter().any(|(_, b)| b.source == source && b.place.contains("[]"));
    if is_list || is_most(draft.entities.iter().filter(|e| is_shared(e)).count()) {
        return format!(
            "send these {entity} keys through {from} once the fix runs, in records of their own: those that hold them hold others as well"
        );
    }
    if draft.entities.iter().any(|e| is_captured(world, *e, draft.boundary.from)) {
        return format!(
            "nothing is to be sent to {from} by hand, its records are captured from a table: let what captures it write these {entity} keys again once the fix runs"
        );
    }
    format!("re-send these {entity} keys through {from} once the fix runs")
}

/// Whether an entity's record is a change that was captured from a table: operation, row before and after, source.
fn is_captured(world: &World<'_>, entity: u32, node: usize) -> bool {
    world.trails.records(entity, node).any(|i| {
        let payload = world.haul.records[i].record.payload.as_ref();
        let body = payload.map(|p| p.get("payload").unwrap_or(p));
        body.is_some_and(|b| b.get("op").is_some() && b.get("source").is_some() && b.get("after").is_some())
    })
}

/// What the failure says, in small letters.
fn told(world: &World<'_>, draft: &Draft) -> String {
    let text = match &draft.proof {
        Proof::Detour(d) => {
            crate::structure::dead_letter_reason(world, d).map(|(class, told)| format!("{class} {told}"))
        }
        _ => draft.proof.problem().map(|p| {
            let problem = &world.problems[p];
            format!("{} {}", problem.template, problem_words(world, problem))
        }),
    };
    text.unwrap_or_default().to_lowercase()
}

/// Whether the other side refuses who asks: a login that is wrong or has run out.
fn is_unauthorized(text: &str) -> bool {
    ["401", "403", "unauthor", "forbidden", "access denied", "token"].iter().any(|w| text.contains(w))
}

/// Whether a record is too large to be sent.
fn is_too_large(text: &str) -> bool {
    text.contains("too large")
        || text.contains("larger than the max")
        || text.contains("toolarge")
        || text.contains("too_large")
        || text.contains("max.request.size")
}

/// Whether what was read had been changed by another before it was written.
fn is_outdated(text: &str) -> bool {
    ["stale", "optimistic", "concurrency", "by another transaction", "expected to affect"]
        .iter()
        .any(|w| text.contains(w))
}

fn is_disk_full(text: &str) -> bool {
    ["no space left", "disk full", "disk is full", "enospc", "disk quota"].iter().any(|w| text.contains(w))
}

fn is_out_of_memory(text: &str) -> bool {
    ["outofmemory", "out of memory", "heap limit", "oomkilled", "memory size of", "cannot allocate memory"]
        .iter()
        .any(|w| text.contains(w))
}

/// The only one whose record a partition can't get past, where others wait behind it.
fn head_of_queue(draft: &Draft) -> Option<u32> {
    let Proof::Problem { candidate, blocked, .. } = &draft.proof else { return None };
    match candidate.hits.as_slice() {
        [only] if !blocked.is_empty() => Some(*only),
        _ => None,
    }
}

/// Where one instance of several fails, and nothing in the records sets those apart that it fails with: its name.
fn failing_instance<'w>(world: &'w World<'_>, draft: &Draft) -> Option<&'w str> {
    // Who fails with one record only was handed that record: any other instance would fail with it.
    const FEWEST: usize = 3;
    let problem = &world.problems[draft.proof.problem()?];
    super::only_instance(world, problem).filter(|_| problem.hits.len() >= FEWEST)?;
    let done = world.of_role(crate::home::Role::Done);
    let apart = crate::causes::traits_and_shapes(world, &draft.boundary, &draft.entities, &done);
    let by_record = apart.iter().any(|t| t.field().is_some());
    let instance = problem.facts.first().map(|i| world.haul.logs[*i].instance.as_str());
    instance.filter(|_| !by_record)
}

/// What to do about another party's refusal, by what it says, and by whether it let others pass meanwhile.
fn refused(world: &World<'_>, draft: &Draft, service: &str) -> String {
    const FEWEST: usize = 5;
    let problem = draft.proof.problem().map(|p| &world.problems[p]);
    let text = told(world, draft);
    let says = |words: &[&str]| words.iter().any(|w| text.contains(w));
    // An alert is what the other side sends: it refuses the certificate that it was shown.
    if says(&[
        "alert certificate",
        "alert bad certificate",
        "alert unknown ca",
        "remote error: tls",
        "received fatal alert: cert",
    ]) {
        return format!(
            "renew the certificate that {service} shows: the other side refuses it (it is the one that sent the alert); alert well before one expires"
        );
    }
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
    if is_unauthorized(&text) {
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
    let from_row = matches!(world.trails.nodes[draft.boundary.from], Node::Table(_));
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
        _ if matches!(draft.proof, Proof::Behind(_)) => (
            format!(
                "find out what makes {service} slow (what it calls, a lock, a query without its index), bound how long it waits for that, and let it work on several at once; alert on a lag that grows"
            ),
            format!("nothing is lost: the records wait in order; re-send nothing, {service} gets to these {entity} keys by itself"),
            test("let what it calls take as long as now, and expect it to keep up or to say so"),
        ),
        Kind::DuplicateKey => {
            let whose = occupants::whose(world, draft, keys);
            let (code, data, arrange) = violations::duplicate(whose, service, table, entity, keys, &again);
            (code, data, test(arrange))
        }
        Kind::ConstraintViolation if let Some((code, data, arrange)) = violations::other(world, draft, service, &again) => {
            (code, data, test(arrange))
        }
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
        Kind::HandlerException | Kind::ConfigError | Kind::DataMissing
            if failing_instance(world, draft).is_some() =>
        {
            let instance = failing_instance(world, draft).unwrap_or_default();
            (
                format!(
                    "{instance} alone fails, and nothing in the records sets those apart that it fails with: compare its version and settings with those of the other instances of {service}, and roll it back or set it right"
                ),
                again.clone(),
                test("start with the settings of that instance and deliver one of these records"),
            )
        }
        // Nothing was thrown: the service says itself that it gives them up.
        Kind::HandlerException if is_told_only(world, draft) => (
            format!(
                "mend what {service} gives as its reason, or let it keep these for a later try; what is given up wants an alert"
            ),
            again.clone(),
            test("deliver one of these records as it stands"),
        ),
        Kind::HandlerException if let Some(head) = head_of_queue(draft) => (
            format!(
                "set the record of {entity} {} aside that {service} can't get past, handle the case that throws, and let one bad item fail alone",
                world.key(head)
            ),
            again.clone(),
            test("deliver that record as it stands, and one behind it"),
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
        Kind::NotPublished | Kind::ReplyNotPublished if is_too_large(&told(world, draft)) => (
            format!(
                "make what {service} publishes to {to} smaller (what makes it large stored elsewhere and referred to), or raise the limits of topic, producer and broker together; to try again meets the same limit, and holds up what comes after"
            ),
            format!("publish the missing records to {to} once they fit"),
            test("process one whose record is larger than the topic takes"),
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
        Kind::NotConsumed if matches!(draft.proof, Proof::Stopped { .. }) => (
            format!(
                "find out why {service} runs no more (its process, its schedule, a run that hangs) and start it; alert when a run is missed"
            ),
            format!("look whether its next run takes up what has waited in {from} since; {again}"),
            test("miss one run and expect the next one to take up what was left"),
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
        // Nobody waits for a lock: what was read had been changed by another before it was written.
        Kind::LockContention if is_outdated(&told(world, draft)) => (
            format!(
                "let {service} read the row again and try once more when another has changed it meanwhile, and not report as done what it could not write"
            ),
            again.clone(),
            test("change the row between reading and writing it"),
        ),
        Kind::LockContention => (
            format!(
                "shorten the transaction in {service}, take locks in one order, and retry a deadlock or lock timeout with backoff"
            ),
            again.clone(),
            test("hold the lock while the record is processed, then release it"),
        ),
        Kind::ResourceExhausted if is_disk_full(&told(world, draft)) => (
            format!(
                "free or enlarge the disk that {service} writes to, see that its process runs again, and alert before a disk is full"
            ),
            again.clone(),
            test("let it write to a full disk, then free it"),
        ),
        Kind::ResourceExhausted if is_out_of_memory(&told(world, draft)) => (
            format!(
                "find what {service} holds in memory when it dies (the record it works on then, a list without a bound), bound it or give it more, and alert on restarts"
            ),
            again.clone(),
            test("deliver the record that it dies of with the memory that it has"),
        ),
        Kind::ResourceExhausted => (
            format!(
                "find what uses the resource up in {service} (connections not given back, a limit too small) and let work wait instead of failing"
            ),
            again.clone(),
            test("run with the resource used up, then free it"),
        ),
        Kind::ConfigError if is_unauthorized(&told(world, draft)) => (
            refused(world, draft, service),
            again.clone(),
            test("let the login run out while it works, and expect a new one or an alert"),
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
