//! The entity's home table: who there is, in which state, who is asked about and who they are compared with.

use crate::rowtime;
use crate::{Ask, EngineError, Stores};
use std::collections::{BTreeMap, HashMap};
use waylaid_model::{Coverage, EntitySpec, Reference, Row, Rule, TableColumn, Timestamp, scalar_text};
use waylaid_store::{Context, ErrorKind, Filter, RowQuery, TableStore};

/// At most so many completed entities are followed; those nearest in time to the stuck ones are taken.
pub(crate) const MAX_CONTROL: usize = 1_000;
/// Up to so many stuck entities are all followed at once.
pub const MAX_COHORT: usize = 5_000;
/// Of more, so many are followed, taken evenly over all of them; the answer says so.
pub(crate) const FOLLOWED_OF_MANY: usize = 2_000;

/// States that are counted apart.
const MAX_STATES: usize = 1_000;

/// At most so many others in the same state are followed beside keys that are asked about.
const PEERS: usize = 200;
/// Of so many that are asked about by key, the pattern is looked for among their peers.
const FEW: usize = 20;

/// What an entity is to the question.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Role {
    /// In the stuck state; whether for long enough is settled when its trail is known.
    Stuck,
    /// Completed: the control.
    Done,
    /// In the stuck state, but not for long enough.
    Young,
    /// Stuck, but older than what logs and topics still hold.
    AgedOut,
    /// In the stuck state for long enough, beside few that are asked about by key: what befell them tells of these.
    Peer,
    /// Asked about by key, in neither state.
    Other,
}

/// One entity that is followed.
#[derive(Clone, Debug)]
pub(crate) struct Entity {
    pub(crate) key: String,
    pub(crate) role: Role,
    pub(crate) state: String,
    pub(crate) row: Row,
    pub(crate) at: Option<Reference>,
    /// When it came to be, by its row.
    pub(crate) created: Option<Timestamp>,
    /// Since when it is in its state.
    pub(crate) entered: Option<Timestamp>,
}

/// The home table, read.
#[derive(Debug, Default)]
pub(crate) struct Home {
    pub(crate) column: Option<TableColumn>,
    pub(crate) state_column: Option<String>,
    /// Followed entities: the asked-about and the control, by key.
    pub(crate) entities: Vec<Entity>,
    /// Every key of the table with its time of creation.
    pub(crate) universe: HashMap<String, i64>,
    /// How many rows are in each state.
    pub(crate) states: BTreeMap<String, u64>,
    pub(crate) coverage: Vec<Coverage>,
    /// The newest time in the table.
    pub(crate) newest: Option<Timestamp>,
    /// By how much the table's clock is off, nanoseconds; its rows' other times are corrected by it when read.
    pub(crate) clock_error: i64,
    /// In how many rounds all of them can be followed.
    pub(crate) rounds: usize,
    /// Keys that were asked about and that no row has.
    pub(crate) unknown: Vec<String>,
    /// Whether more are stuck than are followed.
    pub(crate) cut: Option<u64>,
}

/// The rules of a question: those of the entity, unless the question says otherwise.
pub(crate) struct Rules {
    pub(crate) stuck: Option<Rule>,
    pub(crate) done: Option<Rule>,
}

impl Rules {
    pub(crate) fn new(spec: &EntitySpec, ask: &Ask) -> Self {
        let mut stuck = spec.stuck.clone();
        if let Some(state) = &ask.state {
            let column = stuck.as_ref().map(|r| r.column.clone()).or_else(|| state_column_of(spec));
            stuck =
                column.map(|column| Rule { column, equals: vec![state.clone()], null: None, for_nanos: 0 });
        }
        if let (Some(rule), Some(age)) = (stuck.as_mut(), ask.older_than) {
            rule.for_nanos = age;
        }
        Self { stuck, done: spec.done.clone() }
    }
}

fn state_column_of(spec: &EntitySpec) -> Option<TableColumn> {
    let (key, state) = spec.tables.first()?;
    state.as_ref().map(|s| TableColumn { column: s.clone(), ..key.clone() })
}

/// The table store of a short name.
pub(crate) fn table_store<'a>(stores: &'a Stores, name: &str) -> Option<&'a dyn TableStore> {
    stores
        .tables
        .iter()
        .find(|s| s.name().strip_prefix("tables.").unwrap_or(s.name()) == name)
        .map(AsRef::as_ref)
}

struct Light {
    key: String,
    state: String,
    /// What the rule for completed ones looks at, where that is another column.
    done: Option<String>,
    created: i64,
}

/// Reads the home table: keys, states, and the rows of those who are followed.
pub(crate) fn load(
    spec: &EntitySpec,
    rules: &Rules,
    stores: &Stores,
    ask: &Ask,
    context: &Context,
) -> Result<Home, EngineError> {
    let Some((column, state)) = spec.tables.first().cloned() else { return Ok(Home::default()) };
    let Some(store) = table_store(stores, &column.store) else {
        let failed = stores.failed.iter().find(|c| c.store == format!("tables.{}", column.store));
        let why = failed.map_or("it is not configured", |c| c.note.as_str());
        return Err(unreadable(&column, spec, why));
    };
    let state_column = rules
        .stuck
        .as_ref()
        .map(|r| r.column.column.clone())
        .or(state)
        .or_else(|| rules.done.as_ref().map(|r| r.column.column.clone()));
    let mut home =
        Home { column: Some(column.clone()), state_column: state_column.clone(), ..Home::default() };
    let read = Columns::named(&column, state_column.as_deref(), rules, spec)?;
    let light = match scan_states(store, &read, &mut home, context) {
        Err(EngineError::Store(error))
            if !matches!(error.kind, ErrorKind::Cancelled | ErrorKind::Invalid) =>
        {
            return Err(unreadable(&column, spec, &error.to_string()));
        }
        light => light?,
    };
    let chosen = choose(&light, rules, ask, spec, &mut home)?;
    fetch(store, &column, state_column.as_deref(), chosen, &mut home, context)?;
    Ok(home)
}

fn unreadable(column: &TableColumn, spec: &EntitySpec, why: &str) -> EngineError {
    EngineError::Question {
        message: format!("the table store `{}`, home of `{}`, cannot be read: {why}", column.store, spec.name),
        hint: "without the entity's own table nobody knows who is stuck; give keys with `follow`, or mend the store".into(),
    }
}

/// The columns of the home table that a question reads by name.
struct Columns<'a> {
    home: &'a TableColumn,
    state: Option<&'a str>,
    done: Option<&'a str>,
}

impl<'a> Columns<'a> {
    /// Those of the rules, which can only be asked of the home table itself.
    fn named(
        home: &'a TableColumn,
        state: Option<&'a str>,
        rules: &'a Rules,
        spec: &EntitySpec,
    ) -> Result<Self, EngineError> {
        for (what, rule) in [("stuck", &rules.stuck), ("done", &rules.done)] {
            let Some(rule) = rule else { continue };
            if (&rule.column.store, &rule.column.table) != (&home.store, &home.table) {
                let of = |c: &TableColumn| format!("{}.{}", c.store, c.table);
                return Err(EngineError::Question {
                    message: format!(
                        "`{what}` of `{}` asks {}, but its home table is {}",
                        spec.name,
                        of(&rule.column),
                        of(home)
                    ),
                    hint: "the home table is the first of `tables`; name a column of it".into(),
                });
            }
        }
        let done = rules.done.as_ref().map(|r| r.column.column.as_str());
        Ok(Self { home, state, done })
    }

    /// Those that a row lacks make every answer wrong.
    fn check(&self, row: &Row) -> Result<(), EngineError> {
        let named = [Some(self.home.column.as_str()), self.state, self.done];
        let Some(missing) = named.into_iter().flatten().find(|c| row.get(c).is_none()) else { return Ok(()) };
        let has: Vec<&str> = row.cells.iter().map(|(name, _)| name.as_str()).collect();
        Err(EngineError::Question {
            message: format!("{}.{} has no column `{missing}`", self.home.store, self.home.table),
            hint: format!("it has: {}", has.join(", ")),
        })
    }
}

fn scan_states(
    store: &dyn TableStore,
    read: &Columns<'_>,
    home: &mut Home,
    context: &Context,
) -> Result<Vec<Light>, EngineError> {
    let mut light = Vec::new();
    let mut checked = None;
    let (mut keyless, mut repeated) = (0u64, 0u64);
    let text = |row: &Row, column: &str| row.get(column).and_then(scalar_text);
    let query =
        RowQuery { table: read.home.table.clone(), columns: Vec::new(), filter: Filter::All, limit: None };
    let mut universe: HashMap<String, i64> = HashMap::new();
    let mut coverage = store.rows(&query, context, &mut |hit| {
        if checked.get_or_insert_with(|| read.check(&hit.row)).is_err() {
            return;
        }
        // A key of nothing but spaces can be looked for nowhere.
        let Some(key) = text(&hit.row, &read.home.column).filter(|k| !k.trim().is_empty()) else {
            keyless += 1;
            return;
        };
        let state = read.state.and_then(|s| text(&hit.row, s)).unwrap_or_default();
        let done = match read.done {
            Some(column) if read.state != Some(column) => Some(text(&hit.row, column).unwrap_or_default()),
            _ => None,
        };
        for (_, time) in rowtime::times(&hit.row) {
            home.newest = home.newest.max(Some(time));
        }
        let created = rowtime::created(&hit.row).map_or(i64::MIN, |t| t.0);
        repeated += u64::from(universe.insert(key.clone(), created).is_some());
        // A column of times has no states to count.
        if home.states.len() < MAX_STATES || home.states.contains_key(&state) {
            *home.states.entry(state.clone()).or_default() += 1;
        }
        light.push(Light { key, state, done, created });
    })?;
    checked.unwrap_or(Ok(()))?;
    home.universe = universe;
    let counted = [(keyless, "without a key, left out"), (repeated, "repeat the key of another")];
    for (count, what) in counted.into_iter().filter(|(count, _)| *count > 0) {
        let and = if coverage.note.is_empty() { "" } else { "; " };
        coverage.note.push_str(&format!("{and}{count} rows {what}"));
    }
    home.coverage.push(coverage);
    Ok(light)
}

/// Splits into asked-about and control.
fn choose(
    light: &[Light],
    rules: &Rules,
    ask: &Ask,
    spec: &EntitySpec,
    home: &mut Home,
) -> Result<Vec<(String, Role)>, EngineError> {
    let is = |rule: &Option<Rule>, state: &str| rule.as_ref().is_some_and(|r| r.holds(state));
    let is_done = |l: &Light| is(&rules.done, l.done.as_ref().unwrap_or(&l.state));
    let in_window =
        |l: &Light| l.created == i64::MIN || ask.window.contains(waylaid_model::Timestamp(l.created));
    let mut chosen: Vec<(String, Role)> = Vec::new();
    if ask.keys.is_empty() {
        let stuck = light.iter().filter(|l| is(&rules.stuck, &l.state) && in_window(l));
        chosen.extend(stuck.map(|l| (l.key.clone(), Role::Stuck)));
        if let Some(part) = ask.part {
            (chosen, home.rounds) = part.take(chosen);
        } else if chosen.len() > MAX_COHORT {
            home.cut = Some(chosen.len() as u64);
            chosen = evenly(chosen, FOLLOWED_OF_MANY);
        }
    } else {
        let by_key: HashMap<&str, &Light> = light.iter().rev().map(|l| (l.key.as_str(), l)).collect();
        for key in &ask.keys {
            let Some(found) = by_key.get(key.as_str()) else {
                home.unknown.push(key.clone());
                continue;
            };
            let role = if is_done(found) {
                Role::Done
            } else if is(&rules.stuck, &found.state) || rules.stuck.is_none() {
                Role::Stuck
            } else {
                Role::Other
            };
            chosen.push((found.key.clone(), role));
        }
    }
    if let (true, Some(key)) = (chosen.is_empty(), home.unknown.first()) {
        return Err(unknown_key(key, light, spec));
    }
    let asked: std::collections::HashSet<&str> = chosen.iter().map(|(k, _)| k.as_str()).collect();
    let control =
        nearest_done(light.iter().filter(|l| is_done(l) && !asked.contains(l.key.as_str())), light, &asked);
    let control: Vec<_> = control.into_iter().map(|l| (l.key.clone(), Role::Done)).collect();
    let mut beside: Vec<(String, Role)> = Vec::new();
    if !ask.keys.is_empty() {
        // Others in the same state: what several of them share is nobody's own key, and one alone shows no pattern.
        let peers = light.iter().filter(|l| is(&rules.stuck, &l.state) && !asked.contains(l.key.as_str()));
        let role = if ask.keys.len() <= FEW { Role::Peer } else { Role::Other };
        beside.extend(evenly(peers.collect(), PEERS).into_iter().map(|l| (l.key.clone(), role)));
    }
    chosen.extend(control);
    chosen.extend(beside);
    chosen.sort();
    chosen.dedup_by(|a, b| a.0 == b.0);
    Ok(chosen)
}

/// So many of a list, evenly spread over it.
fn evenly<T>(list: Vec<T>, count: usize) -> Vec<T> {
    let all = list.len();
    if all <= count {
        return list;
    }
    let wanted = |i: usize| i * count / all != (i + 1) * count / all;
    list.into_iter().enumerate().filter(|(i, _)| wanted(*i)).map(|(_, item)| item).collect()
}

fn unknown_key(key: &str, light: &[Light], spec: &EntitySpec) -> EngineError {
    let hint = match nearest_key(key, light.iter().map(|l| l.key.as_str())) {
        Some(example) => format!("its home table has {} keys such as `{example}`", light.len()),
        None => "its home table is empty".into(),
    };
    EngineError::Question { message: format!("there is no {} `{key}`", spec.name), hint }
}

/// The key most like another: it begins alike and is about as long.
pub(crate) fn nearest_key<'a>(key: &str, keys: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    keys.min_by_key(|k| {
        let common = k.bytes().zip(key.bytes()).take_while(|(a, b)| a == b).count();
        (std::cmp::Reverse(common), k.len().abs_diff(key.len()))
    })
}

/// The completed entities nearest in time to the asked-about ones, at most [`MAX_CONTROL`].
fn nearest_done<'a>(
    done: impl Iterator<Item = &'a Light>,
    light: &[Light],
    asked: &std::collections::HashSet<&str>,
) -> Vec<&'a Light> {
    let mut done: Vec<&Light> = done.collect();
    if done.len() > MAX_CONTROL {
        let times = || {
            light
                .iter()
                .filter(|l| asked.contains(l.key.as_str()) && l.created != i64::MIN)
                .map(|l| l.created)
        };
        let (from, until) = (times().min().unwrap_or(i64::MAX), times().max().unwrap_or(i64::MAX));
        let distance = |l: &Light| {
            if l.created < from {
                from.saturating_sub(l.created)
            } else {
                l.created.saturating_sub(until).max(0)
            }
        };
        let inside = done.iter().filter(|l| distance(l) == 0).count();
        if inside > MAX_CONTROL {
            done.retain(|l| distance(l) == 0);
            let step = done.len() as f64 / MAX_CONTROL as f64;
            done = (0..MAX_CONTROL).map(|i| done[(i as f64 * step) as usize]).collect();
        } else {
            done.sort_by(|a, b| {
                distance(a)
                    .cmp(&distance(b))
                    .then_with(|| b.created.cmp(&a.created))
                    .then_with(|| a.key.cmp(&b.key))
            });
            done.truncate(MAX_CONTROL);
        }
    }
    done
}

fn fetch(
    store: &dyn TableStore,
    column: &TableColumn,
    state: Option<&str>,
    chosen: Vec<(String, Role)>,
    home: &mut Home,
    context: &Context,
) -> Result<(), EngineError> {
    let values = chosen.iter().map(|(k, _)| k.clone()).collect();
    let filter = Filter::In { column: column.column.clone(), values };
    let query = RowQuery { table: column.table.clone(), columns: Vec::new(), filter, limit: None };
    let mut rows: HashMap<String, (Reference, Row)> = HashMap::new();
    store.rows(&query, context, &mut |hit| {
        if let Some(key) = hit.row.get(&column.column).and_then(scalar_text) {
            rows.entry(key).or_insert((hit.at, hit.row));
        }
    })?;
    home.entities = chosen
        .into_iter()
        .map(|(key, role)| {
            let (at, row) = rows.remove(&key).map_or((None, Row::default()), |(at, row)| (Some(at), row));
            let state = state.and_then(|s| row.get(s)).and_then(scalar_text).unwrap_or_default();
            Entity { created: rowtime::created(&row), entered: None, key, role, state, row, at }
        })
        .collect();
    Ok(())
}
