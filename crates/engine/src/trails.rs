//! Trails: every observation of an entity in order, and the nodes of the flow that it reached.

use crate::facts::RowFact;
use crate::home::{Home, Role};
use crate::places;
use crate::rowtime;
use crate::sweep::Haul;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use waylaid_model::{Reference, Row, Timestamp, scalar_text};

/// What a fact is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Fact {
    /// The entity's own row.
    Home,
    Row(usize),
    Record(usize),
    Log(usize),
}

/// One observation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Observation {
    pub(crate) time: Option<Timestamp>,
    pub(crate) node: usize,
    pub(crate) fact: Fact,
}

/// A place that an entity passes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Node {
    /// Its home table: it exists.
    Start(String),
    Topic(String),
    /// One kind of event of a topic that carries several.
    Event(String, String),
    Table(String),
    /// A table other than the home table: its row is in a state that completed ones have there.
    Settled(String),
    /// A service that shows by its log only.
    Service(String),
    /// Its home table: it is done.
    Done(String),
}

impl Node {
    /// The name that hops are made of.
    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Start(n)
            | Self::Topic(n)
            | Self::Event(n, _)
            | Self::Table(n)
            | Self::Settled(n)
            | Self::Service(n)
            | Self::Done(n) => n,
        }
    }

    /// The table, for tables.
    pub(crate) fn table(&self) -> Option<&str> {
        match self {
            Self::Table(n) | Self::Settled(n) | Self::Start(n) | Self::Done(n) => Some(n),
            _ => None,
        }
    }

    /// The topic, for topics.
    pub(crate) fn topic(&self) -> Option<&str> {
        match self {
            Self::Topic(n) | Self::Event(n, _) => Some(n),
            _ => None,
        }
    }
}

/// When and how often an entity was seen at a node.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Reach {
    pub(crate) first: Option<Timestamp>,
    pub(crate) last: Option<Timestamp>,
    pub(crate) count: u32,
}

/// All trails.
#[derive(Debug, Default)]
pub(crate) struct Trails {
    pub(crate) nodes: Vec<Node>,
    /// Observations of each entity, oldest first; those without a time come first.
    pub(crate) of: Vec<Vec<Observation>>,
    /// Nodes each entity reached.
    pub(crate) reach: Vec<BTreeMap<usize, Reach>>,
    /// Tables whose times are whole seconds or minutes, by node, with that resolution in nanoseconds.
    pub(crate) coarse: BTreeMap<usize, i64>,
}

impl Trails {
    pub(crate) fn node(&self, node: &Node) -> Option<usize> {
        self.nodes.iter().position(|n| n == node)
    }

    /// The records of an entity at a node, as indices into the haul.
    pub(crate) fn records(&self, entity: u32, node: usize) -> impl Iterator<Item = usize> + '_ {
        self.of[entity as usize].iter().filter(move |o| o.node == node).filter_map(|o| match o.fact {
            Fact::Record(i) => Some(i),
            _ => None,
        })
    }
}

/// The home table's node name.
pub(crate) fn home_name(home: &Home) -> String {
    home.column.as_ref().map(|c| format!("{}.{}", c.store, c.table)).unwrap_or_default()
}

/// Builds every trail.
pub(crate) fn build(home: &Home, haul: &Haul) -> Trails {
    let event_fields = event_fields(home, haul);
    let mut nodes: BTreeSet<Node> = BTreeSet::new();
    let mut seen: Vec<Vec<(Option<Timestamp>, Node, Fact)>> = vec![Vec::new(); home.entities.len()];
    let home_name = home_name(home);
    let coarse = resolutions(haul.rows.iter().map(|r| (r.table.as_str(), r.created)));
    let coarse_logs = resolutions(haul.logs.iter().map(|l| (l.service.as_str(), l.time)));
    if home.column.is_some() {
        for (index, entity) in home.entities.iter().enumerate() {
            seen[index].push((entity.created, Node::Start(home_name.clone()), Fact::Home));
            if entity.role == Role::Done {
                seen[index].push((
                    changed_time(&entity.row).map(|t| t.plus(-home.clock_error)),
                    Node::Done(home_name.clone()),
                    Fact::Home,
                ));
            }
        }
    }
    let settled = Settled::learn(home, haul);
    for (index, row) in haul.rows.iter().enumerate() {
        let resolution = coarse.get(row.table.as_str()).copied().unwrap_or(0);
        for entity in row.entities.iter().filter(|_| settled.is_of(row)) {
            let time = changed_time(&row.row).map(|t| t.plus(resolution - resolution / 1000));
            seen[*entity as usize].push((time, Node::Settled(row.table.clone()), Fact::Row(index)));
        }
        for entity in &row.entities {
            seen[*entity as usize].push((
                row.created.map(|t| t.plus(resolution - resolution / 1000)),
                Node::Table(row.table.clone()),
                Fact::Row(index),
            ));
        }
    }
    for (index, fact) in haul.records.iter().enumerate() {
        let node = node_of_record(fact, &event_fields);
        for entity in &fact.entities {
            seen[*entity as usize].push((fact.record.time, node.clone(), Fact::Record(index)));
        }
    }
    for (index, log) in haul.logs.iter().enumerate() {
        // A line that names a whole batch is about the batch; it places nobody.
        let places_them = log.joined_by.is_none();
        for entity in log.entities.iter().filter(|_| places_them || log.is_failure()) {
            let resolution = coarse_logs.get(log.service.as_str()).copied().unwrap_or(0);
            let time = log.time.map(|t| t.plus(resolution - resolution / 1000));
            seen[*entity as usize].push((time, Node::Service(log.service.clone()), Fact::Log(index)));
        }
    }
    for list in &seen {
        nodes.extend(list.iter().map(|(_, n, _)| n.clone()));
    }
    let nodes: Vec<Node> = nodes.into_iter().collect();
    let number: HashMap<&Node, usize> = nodes.iter().enumerate().map(|(i, n)| (n, i)).collect();
    let mut of = Vec::with_capacity(seen.len());
    let mut reach = Vec::with_capacity(seen.len());
    for mut list in seen {
        list.sort_by_key(|a| (a.0, a.2));
        let mut reached: BTreeMap<usize, Reach> = BTreeMap::new();
        let trail: Vec<Observation> = list
            .iter()
            .map(|(time, node, fact)| {
                let node = number[node];
                // Who is only spoken of on the way to answering somebody, or in a failure, has not got past the service.
                let places = |i: &usize| !haul.logs[*i].by_trace && !haul.logs[*i].is_failure();
                if matches!(fact, Fact::Log(i) if !places(i)) {
                    return Observation { time: *time, node, fact: *fact };
                }
                let entry = reached.entry(node).or_default();
                entry.count += 1;
                entry.first = match (entry.first, *time) {
                    (Some(a), Some(b)) => Some(a.min(b)),
                    (a, b) => a.or(b),
                };
                entry.last = entry.last.max(*time);
                Observation { time: *time, node, fact: *fact }
            })
            .collect();
        of.push(trail);
        reach.push(reached);
    }
    drop(number);
    let coarse = nodes
        .iter()
        .enumerate()
        .filter_map(|(i, n)| match n {
            Node::Table(name) => coarse.get(name.as_str()).map(|r| (i, *r)),
            Node::Service(name) => coarse_logs.get(name.as_str()).map(|r| (i, *r)),
            _ => None,
        })
        .collect();
    Trails { nodes, of, reach, coarse }
}

/// Sources that keep whole seconds or minutes only. A row was written at some moment of that second: its end is taken,
/// so that nothing comes before what it follows from.
fn resolutions<'a>(times: impl Iterator<Item = (&'a str, Option<Timestamp>)>) -> HashMap<&'a str, i64> {
    const SECOND: i64 = 1_000_000_000;
    let mut finest: HashMap<&str, i64> = HashMap::new();
    for (source, time) in times {
        if let Some(time) = time {
            let resolution = [60 * SECOND, SECOND].into_iter().find(|r| time.0 % r == 0).unwrap_or(0);
            let entry = finest.entry(source).or_insert(60 * SECOND);
            *entry = (*entry).min(resolution);
        }
    }
    finest.retain(|_, resolution| *resolution > 0);
    finest
}

/// When a row came to its last state, by the time of a column that says so.
fn changed_time(row: &Row) -> Option<Timestamp> {
    let times = rowtime::times(row);
    let touched = times.iter().find(|(c, _)| {
        let words = crate::ids::words(c);
        words.iter().any(|w| {
            matches!(
                w.as_str(),
                "completed" | "done" | "finished" | "closed" | "settled" | "shipped" | "delivered"
            )
        })
    });
    touched.or_else(|| times.iter().find(|(c, _)| rowtime::is_touch_name(c))).map(|(_, t)| *t)
}

/// Tables that are no home, and whose rows nevertheless tell how far their entity came: a column of states in which the
/// completed end in a few that others do not have.
struct Settled {
    /// By table: the column and the states of the completed.
    states: HashMap<String, (String, HashSet<String>)>,
}

impl Settled {
    /// Fewer completed rows tell nothing.
    const FEWEST: usize = 5;
    /// More states than these are no end.
    const MOST_ENDS: usize = 4;

    fn learn(home: &Home, haul: &Haul) -> Self {
        let mut rows: BTreeMap<&str, Vec<&RowFact>> = BTreeMap::new();
        for row in haul.rows.iter().filter(|r| r.entities.len() == 1) {
            rows.entry(&row.table).or_default().push(row);
        }
        let of_table = |(table, rows): (&str, Vec<&RowFact>)| {
            let entities: HashSet<u32> = rows.iter().map(|r| r.entities[0]).collect();
            // A history has many rows of each: what the last one says is no state of the row.
            let is_history = rows.len() * 10 > entities.len() * 11;
            let columns = rows.first()?.row.cells.iter().map(|(c, _)| c).filter(|c| names_state(c));
            let ends = |column: &String| Some((column.clone(), Self::ends(home, &rows, column)?));
            columns.filter(|_| !is_history).find_map(ends).map(|found| (table.to_owned(), found))
        };
        Self { states: rows.into_iter().filter_map(of_table).collect() }
    }

    /// The states of the completed, where some of the others are in another one.
    fn ends(home: &Home, rows: &[&RowFact], column: &str) -> Option<HashSet<String>> {
        let is_done = |r: &RowFact| home.entities[r.entities[0] as usize].role == Role::Done;
        let state = |r: &RowFact| r.row.get(column).and_then(scalar_text);
        let mut counts: HashMap<String, usize> = HashMap::new();
        let mut all = 0;
        for state in rows.iter().filter(|r| is_done(r)).filter_map(|r| state(r)) {
            *counts.entry(state).or_default() += 1;
            all += 1;
        }
        counts.retain(|_, count| *count * 33 > all);
        let ends: HashSet<String> = counts.into_keys().collect();
        let stays = |r: &&&RowFact| !is_done(r) && state(r).is_some_and(|s| !ends.contains(&s));
        let told = all >= Self::FEWEST && (1..=Self::MOST_ENDS).contains(&ends.len());
        (told && rows.iter().any(|r| stays(&r))).then_some(ends)
    }

    /// Whether the row is in such a state.
    fn is_of(&self, row: &RowFact) -> bool {
        self.states.get(&row.table).is_some_and(|(column, ends)| {
            row.row.get(column).and_then(scalar_text).is_some_and(|state| ends.contains(&state))
        })
    }
}

/// Whether a column's name says that it holds a state.
pub(crate) fn names_state(column: &str) -> bool {
    const WORDS: &[&str] =
        &["status", "state", "phase", "stage", "step", "progress", "estado", "statut", "zustand"];
    crate::ids::words(column).iter().any(|w| WORDS.contains(&w.as_str()))
}

fn node_of_record(fact: &crate::facts::RecordFact, fields: &HashMap<String, String>) -> Node {
    let topic = &fact.record.topic;
    let value = fields.get(topic).and_then(|field| {
        places::of_record(&fact.record).into_iter().find(|p| p.place == *field).map(|p| p.value)
    });
    match value {
        Some(value) => Node::Event(topic.clone(), value),
        None => Node::Topic(topic.clone()),
    }
}

/// Topics that carry several kinds of event of one entity, with the field that tells them apart: a field with few
/// values over all records, of which one entity shows several.
fn event_fields(home: &Home, haul: &Haul) -> HashMap<String, String> {
    const NAMES: &[&str] = &[
        "type",
        "event",
        "kind",
        "action",
        "status",
        "state",
        "eventtype",
        "name",
        "typ",
        "ce_type",
        "operation",
        "phase",
        "step",
    ];
    let mut values: BTreeMap<(String, String), HashMap<u32, Vec<String>>> = BTreeMap::new();
    for fact in &haul.records {
        let done: Vec<u32> =
            fact.entities.iter().copied().filter(|e| home.entities[*e as usize].role == Role::Done).collect();
        if done.is_empty() {
            continue;
        }
        for p in places::of_record(&fact.record) {
            let words = crate::ids::words(crate::bindings::label(&p.place));
            let named = words.last().is_some_and(|w| NAMES.contains(&w.as_str()));
            if named && !p.place.contains("[]") && p.value.len() <= 60 {
                let by_entity = values.entry((fact.record.topic.clone(), p.place)).or_default();
                done.iter().for_each(|e| by_entity.entry(*e).or_default().push(p.value.clone()));
            }
        }
    }
    let mut best: HashMap<String, (usize, String)> = HashMap::new();
    for ((topic, field), by_entity) in values {
        let distinct: HashSet<&String> = by_entity.values().flatten().collect();
        let several = by_entity.values().filter(|v| v.iter().collect::<HashSet<_>>().len() > 1).count();
        let repeated: usize =
            by_entity.values().map(|v| v.len() - v.iter().collect::<HashSet<_>>().len()).sum();
        let records: usize = by_entity.values().map(Vec::len).sum();
        let splits = (2..=12).contains(&distinct.len())
            && several * 10 >= by_entity.len() * 7
            && repeated * 10 <= records * 3;
        if splits && best.get(&topic).is_none_or(|(n, _)| several > *n) {
            best.insert(topic, (several, field));
        }
    }
    best.into_iter().map(|(topic, (_, field))| (topic, field)).collect()
}

/// Where a fact can be looked up.
pub(crate) fn reference(home: &Home, haul: &Haul, entity: u32, fact: Fact) -> Option<Reference> {
    match fact {
        Fact::Home => home.entities[entity as usize].at.clone(),
        Fact::Row(i) => Some(haul.rows[i].at.clone()),
        Fact::Record(i) => Some(haul.records[i].at.clone()),
        Fact::Log(i) => Some(haul.logs[i].at.clone()),
    }
}

/// What a fact says, shortened.
pub(crate) fn text(home: &Home, haul: &Haul, entity: u32, fact: Fact) -> String {
    let row = |row: &waylaid_model::Row| {
        let cells: Vec<String> =
            row.cells.iter().filter_map(|(c, v)| scalar_text(v).map(|v| format!("{c}={v}"))).collect();
        crate::facts::shorten(&cells.join(" "), 300)
    };
    match fact {
        Fact::Home => row(&home.entities[entity as usize].row),
        Fact::Row(i) => row(&haul.rows[i].row),
        Fact::Record(i) => {
            let record = &haul.records[i].record;
            let payload = record.payload.as_ref().map_or("(tombstone)".to_owned(), ToString::to_string);
            let key = record.key.as_deref().map(|k| format!("key={k} ")).unwrap_or_default();
            crate::facts::shorten(&format!("{key}{payload}"), 300)
        }
        Fact::Log(i) => haul.logs[i].summary(),
    }
}
