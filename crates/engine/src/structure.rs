//! What the stores themselves show at a boundary where no error explains it: a record in another topic, a dead-letter
//! topic, a row that was never sent, an event that came before the row it needs.

use crate::discriminate::{Told, Trait};
use crate::places;
use crate::suspects::Boundary;
use crate::trails::{Fact, Node};
use crate::world::World;
use std::collections::{BTreeMap, BTreeSet};

/// A topic that stuck entities reach and completed ones don't.
#[derive(Debug)]
pub(crate) struct Detour {
    pub(crate) topic: String,
    pub(crate) node: usize,
    pub(crate) entities: Vec<u32>,
    pub(crate) dead_letter: bool,
    /// Whether its name is nearly that of the topic that they should have reached, and nobody reads it.
    pub(crate) misspelt: bool,
    /// Groups that consume it.
    pub(crate) groups: Vec<String>,
}

/// Topics that only the stuck reach, after the last good node, the widest first.
pub(crate) fn detours(world: &World<'_>, boundary: &Boundary, entities: &[u32], done: &[u32]) -> Vec<Detour> {
    let mut found = Vec::new();
    for (number, node) in world.trails.nodes.iter().enumerate() {
        let Some(topic) = node.topic() else { continue };
        let wanted = world.trails.nodes[boundary.to].topic();
        if wanted == Some(topic) {
            continue;
        }
        let misspelt = wanted.is_some_and(|wanted| is_misspelt(topic, wanted))
            && world.services.groups_of(topic).is_empty();
        let passed = done.iter().filter(|e| world.trails.reach[**e as usize].contains_key(&number)).count();
        let here: Vec<u32> = entities
            .iter()
            .copied()
            .filter(|e| match (world.at(*e, number), world.at(*e, boundary.from)) {
                (Some(_), Some(_)) if misspelt => true,
                (Some(a), Some(b)) => a.since(b) >= -2_000_000_000,
                (Some(_), None) => true,
                (None, _) => world.trails.reach[*e as usize].contains_key(&number),
            })
            .collect();
        let stays = passed * 20 <= done.len()
            || (passed as f64 / done.len().max(1) as f64) * 4.0 < here.len() as f64 / entities.len() as f64;
        if here.is_empty() || !stays || number == boundary.from {
            continue;
        }
        // What somebody else writes about an entity is no detour of it.
        let by_other = boundary
            .service
            .as_deref()
            .is_some_and(|own| world.services.producer(node).is_some_and(|producer| producer != own));
        let dead_letter = is_dead_letter(topic)
            || carries_origin(world, topic, boundary)
            || is_set_aside(world, topic, boundary);
        if by_other && !dead_letter && !misspelt {
            continue;
        }
        let groups = world.services.groups_of(topic).to_vec();
        let topic = topic.to_owned();
        found.push(Detour { topic, node: number, entities: here, dead_letter, misspelt, groups });
    }
    found.sort_by(|a, b| b.entities.len().cmp(&a.entities.len()).then_with(|| a.topic.cmp(&b.topic)));
    found
}

/// Whether a name differs from another by a letter or by how its words are joined.
fn is_misspelt(name: &str, wanted: &str) -> bool {
    const SHORTEST: usize = 6;
    let plain = |name: &str| -> Vec<char> {
        name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
    };
    let (a, b) = (plain(name), plain(wanted));
    // Versions and numbers differ on purpose.
    let digits = |name: &[char]| name.iter().copied().filter(char::is_ascii_digit).collect::<String>();
    if a.len().min(b.len()) < SHORTEST || digits(&a) != digits(&b) {
        return false;
    }
    let same = a.iter().zip(&b).take_while(|(x, y)| x == y).count();
    let end = a.iter().rev().zip(b.iter().rev()).take_while(|(x, y)| x == y).count();
    let differs = a.len().max(b.len()).saturating_sub(same + end);
    differs <= 1 || (differs == 2 && a.len() == b.len())
}

/// Whether a topic is named after the one that they were read from, and nobody reads it: a place to set records aside,
/// whatever the language.
fn is_set_aside(world: &World<'_>, topic: &str, boundary: &Boundary) -> bool {
    let Some(from) = world.trails.nodes[boundary.from].topic() else { return false };
    let named =
        topic.strip_prefix(from).is_some_and(|rest| rest.starts_with(['.', '-', '_']) && rest.len() > 2);
    named && world.services.groups_of(topic).is_empty()
}

/// Names by which dead-letter topics go.
pub(crate) fn is_dead_letter(topic: &str) -> bool {
    let words = crate::ids::words(topic);
    words.iter().any(|w| {
        matches!(
            w.as_str(),
            "dlq"
                | "dlt"
                | "dead"
                | "deadletter"
                | "deadletters"
                | "poison"
                | "parking"
                | "parked"
                | "failed"
                | "rejected"
                | "error"
                | "errors"
                | "quarantine"
        )
    })
}

/// Records that say in their headers that they come from the last good topic: a dead-letter topic by another name.
fn carries_origin(world: &World<'_>, topic: &str, boundary: &Boundary) -> bool {
    let Some(origin) = world.trails.nodes[boundary.from].topic() else { return false };
    let mut records = world.haul.records.iter().filter(|r| r.record.topic == topic).peekable();
    records.peek().is_some()
        && records.all(|r| {
            r.record
                .headers
                .iter()
                .any(|(name, value)| value == origin && name.to_lowercase().contains("topic"))
        })
}

/// The row of each entity, as an index into the haul.
type RowOf = BTreeMap<u32, usize>;

/// A row of the service that had to send: what it holds for the stuck and not for the completed.
pub(crate) fn unsent_rows(
    world: &World<'_>,
    boundary: &Boundary,
    entities: &[u32],
    done: &[u32],
) -> Option<(String, Trait, usize)> {
    // Where nobody is known to publish there, a row that waits for the answer looks like one that was never sent.
    let owner = boundary.service.as_deref();
    let mut by_table: BTreeMap<&str, (RowOf, RowOf)> = BTreeMap::new();
    let stuck: BTreeSet<u32> = entities.iter().copied().collect();
    let completed: BTreeSet<u32> = done.iter().copied().collect();
    for (index, row) in world.haul.rows.iter().enumerate() {
        let entry = by_table.entry(&row.table).or_default();
        for e in &row.entities {
            if stuck.contains(e) {
                entry.0.insert(*e, index);
            } else if completed.contains(e) {
                entry.1.insert(*e, index);
            }
        }
    }
    for (table, (ours, theirs)) in by_table {
        if ours.len() * 10 < stuck.len() * 9 || theirs.len() < 3 {
            continue;
        }
        let columns: BTreeSet<&String> =
            ours.values().flat_map(|i| world.haul.rows[*i].row.cells.iter().map(|(c, _)| c)).collect();
        let is_own = owner.is_some() && world.services.owner(table).is_none_or(|o| Some(o) == owner);
        // Another service's rows tell only where they hold the very time of sending.
        let tells = |t: &Trait| is_own || (t.told == Told::Null && is_time_of_sending(&t.feature));
        for column in columns {
            if let Some(found) = unsent_column(world, table, column, &ours, &theirs).filter(tells) {
                let sample = ours.values().next().copied()?;
                return Some((table.to_owned(), found, sample));
            }
        }
    }
    None
}

/// Whether a column is named for the moment at which its row was sent on.
fn is_time_of_sending(column: &str) -> bool {
    const WORDS: &[&str] =
        &["sent", "published", "relayed", "emitted", "forwarded", "transmitted", "enqueued"];
    crate::ids::words(column).iter().any(|w| WORDS.contains(&w.as_str()))
}

/// Whether a state says that its row was sent on.
fn says_sent(value: &str) -> bool {
    const WORDS: &[&str] = &[
        "sent",
        "published",
        "dispatched",
        "delivered",
        "submitted",
        "relayed",
        "emitted",
        "exported",
        "forwarded",
        "transmitted",
        "posted",
        "requested",
        "gesendet",
        "versendet",
        "versandt",
        "enviado",
        "enviada",
    ];
    let words = crate::ids::words(value);
    let denied = words.iter().any(|w| matches!(w.as_str(), "not" | "un" | "to" | "nicht" | "no" | "be"));
    !denied && words.iter().any(|w| WORDS.contains(&w.as_str()))
}

/// Whether rows of the completed that came behind most of the stuck ones got through.
fn is_overtaken(world: &World<'_>, ours: &RowOf, theirs: &RowOf) -> bool {
    const FEWEST: usize = 5;
    let times = |rows: &RowOf| -> Vec<waylaid_model::Timestamp> {
        let mut times: Vec<_> = rows.values().filter_map(|i| world.haul.rows[*i].created).collect();
        times.sort_unstable();
        times
    };
    let (ours, theirs) = (times(ours), times(theirs));
    ours.get(ours.len() / 4).is_some_and(|first| theirs.iter().filter(|t| *t > first).count() >= FEWEST)
}

/// A column that says sent: a time, a flag or a state that completed ones have and stuck ones lack.
fn unsent_column(
    world: &World<'_>,
    table: &str,
    column: &str,
    ours: &BTreeMap<u32, usize>,
    theirs: &BTreeMap<u32, usize>,
) -> Option<Trait> {
    const WORDS: &[&str] = &[
        "sent",
        "published",
        "dispatched",
        "processed",
        "status",
        "state",
        "delivered",
        "relayed",
        "emitted",
        "exported",
        "flag",
        "done",
        "handled",
        "forwarded",
        "transmitted",
        "posted",
    ];
    let named = crate::ids::words(column).iter().any(|w| WORDS.contains(&w.as_str()));
    let value = |i: &usize| {
        let cell = world.haul.rows[*i].row.get(column);
        match cell.and_then(waylaid_model::scalar_text) {
            None => "(null)".to_owned(),
            Some(_)
                if crate::rowtime::time_of(column, cell.unwrap_or(&serde_json::Value::Null)).is_some() =>
            {
                "(a time)".to_owned()
            }
            Some(v) => v,
        }
    };
    let mine: BTreeSet<String> = ours.values().map(value).collect();
    let other: BTreeSet<String> = theirs.values().map(value).collect();
    let common = mine.iter().filter(|v| !says_sent(v)).find(|v| {
        let have = ours.values().filter(|i| value(i) == **v).count();
        let spared = theirs.values().filter(|i| value(i) == **v).count();
        have * 10 >= ours.len() * 9 && spared * 20 <= theirs.len()
    })?;
    let plausible = named && (mine.len() <= 3 && other.len() <= 8);
    // A row that is only done may be anybody's work. In a queue those behind the first unsent one wait.
    let is_state = crate::trails::names_state(column);
    let is_queue = is_state || is_time_of_sending(column) || !is_overtaken(world, ours, theirs);
    (plausible && is_queue).then(|| Trait {
        feature: format!("row {table}.{column}"),
        told: if common == "(null)" { Told::Null } else { Told::Is(common.clone()) },
        stuck: ours.values().filter(|i| value(i) == *common).count(),
        of_stuck: ours.len(),
        done: theirs.values().filter(|i| value(i) == *common).count(),
        of_done: theirs.len(),
        since: None,
    })
}

/// An event that came before something that it always follows for the completed: the node it overtook.
pub(crate) fn overtaken(
    world: &World<'_>,
    boundary: &Boundary,
    entities: &[u32],
    done: &[u32],
) -> Option<(usize, Trait)> {
    let inverted = |e: &u32, other: usize| -> Option<bool> {
        let record = world.at(*e, boundary.from)?;
        let row = world.at(*e, other)?;
        Some(row.since(record) > 0)
    };
    let mut best: Option<(usize, Trait)> = None;
    for (other, node) in world.trails.nodes.iter().enumerate() {
        let eligible = other != boundary.from
            && other != boundary.to
            && !matches!(node, Node::Service(_) | Node::Settled(_) | Node::Done(_));
        if !eligible {
            continue;
        }
        let owner_fits = match node {
            Node::Table(name) | Node::Start(name) => {
                boundary.service.is_none() || world.services.owner(name) == boundary.service.as_deref()
            }
            _ => true,
        };
        let ours: Vec<bool> = entities.iter().filter_map(|e| inverted(e, other)).collect();
        let theirs: Vec<bool> = done.iter().filter_map(|e| inverted(e, other)).collect();
        let (stuck, spared) = (ours.iter().filter(|x| **x).count(), theirs.iter().filter(|x| **x).count());
        let fits = owner_fits
            && ours.len() * 10 >= entities.len() * 9
            && stuck * 20 >= ours.len() * 19
            && theirs.len() >= 5
            && spared * 33 <= theirs.len();
        if fits && stuck >= 2 {
            let found = Trait {
                feature: format!("`{}` before `{}`", world.trails.nodes[boundary.from].name(), node.name()),
                told: Told::Is("true".into()),
                stuck,
                of_stuck: entities.len(),
                done: spared,
                of_done: theirs.len(),
                since: None,
            };
            let table = matches!(node, Node::Table(_) | Node::Start(_));
            if best.is_none() || table {
                best = Some((other, found));
            }
        }
    }
    best
}

/// Whether the service's own row of the stuck says the same state as that of the completed: it holds its work for done.
pub(crate) fn row_says_done(world: &World<'_>, boundary: &Boundary, entities: &[u32], done: &[u32]) -> bool {
    const STATES: &[&str] = &["status", "state", "phase", "stage", "done"];
    let state_of = |e: &u32| -> Option<String> {
        let row =
            world.trails.of[*e as usize].iter().filter(|o| o.node == boundary.from).find_map(
                |o| match o.fact {
                    Fact::Row(i) => Some(&world.haul.rows[i].row),
                    _ => None,
                },
            )?;
        let (_, value) = row.cells.iter().find(|(c, v)| {
            let named = crate::ids::words(c).iter().any(|w| STATES.contains(&w.as_str()));
            named && v.is_string()
        })?;
        value.as_str().map(str::to_owned)
    };
    let ours: Vec<String> = entities.iter().filter_map(state_of).collect();
    let Some(first) = ours.first() else { return false };
    let same = |list: &[String]| list.iter().filter(|s| *s == first).count() * 10 >= list.len() * 9;
    let theirs: Vec<String> = done.iter().filter_map(state_of).collect();
    ours.len() * 10 >= entities.len() * 9 && !theirs.is_empty() && same(&ours) && same(&theirs)
}

/// How many of these entities the service that had to act mentions in its log after they arrived.
pub(crate) fn seen_in_log(world: &World<'_>, boundary: &Boundary, entities: &[u32], done: &[u32]) -> usize {
    let Some(service) = &boundary.service else { return 0 };
    let is_theirs = |fact: &Fact| matches!(fact, Fact::Log(i) if world.haul.logs[*i].service == *service);
    let slack = crate::suspects::slack(world, boundary, done);
    let after = |e: u32, time: Option<waylaid_model::Timestamp>| match (time, world.at(e, boundary.from)) {
        (Some(t), Some(a)) => t.since(a) >= -slack,
        _ => true,
    };
    entities
        .iter()
        .filter(|e| world.trails.of[**e as usize].iter().any(|o| is_theirs(&o.fact) && after(**e, o.time)))
        .count()
}

/// Whether a value stands for the entity in any row of a table of the service: its work left a trace there.
pub(crate) fn has_own_row(world: &World<'_>, service: &str, entity: u32) -> bool {
    world.trails.reach[entity as usize].keys().any(|n| match &world.trails.nodes[*n] {
        Node::Table(name) => world.services.owner(name) == Some(service),
        _ => false,
    })
}

/// A sample of what dead-letter headers say went wrong.
pub(crate) fn dead_letter_reason(world: &World<'_>, detour: &Detour) -> Option<(String, String)> {
    let index = detour.entities.iter().find_map(|e| world.trails.records(*e, detour.node).next())?;
    let headers = &world.haul.records[index].record.headers;
    let find = |wants: &[&str]| {
        headers.iter().find(|(name, _)| {
            let name = name.to_lowercase();
            wants.iter().any(|w| name.contains(w))
        })
    };
    let class = find(&["exception-cause-fqcn"]).or_else(|| {
        find(&[
            "exception-fqcn",
            "exception.class",
            "error-class",
            "error_class",
            "exception-class",
            "exception-type",
            "exceptiontype",
        ])
    });
    let message = find(&[
        "exception-message",
        "exception.message",
        "error-message",
        "error_message",
        "errormessage",
        "reason",
        "error",
        "exception",
    ]);
    let in_payload = places::of_record(&world.haul.records[index].record).into_iter().find(|p| {
        let words = crate::ids::words(crate::bindings::label(&p.place));
        words.iter().any(|w| matches!(w.as_str(), "error" | "exception" | "reason" | "cause"))
    });
    let message = message.map(|(_, v)| v.clone()).or_else(|| in_payload.map(|p| p.value)).unwrap_or_default();
    let class = class.map(|(_, v)| v.clone()).unwrap_or_default();
    (!class.is_empty() || !message.is_empty()).then_some((class, message))
}
