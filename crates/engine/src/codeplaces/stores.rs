//! Places of tables and topics: the SQL that writes, the handler, the call that publishes, what decides where to.

use crate::causes::{Draft, Proof};
use crate::problems::Problem;
use crate::trails::Node;
use crate::world::World;
use waylaid_code::configuration::is_test;
use waylaid_code::topics::{Sign, Untold};
use waylaid_code::{Sources, Statement, TopicRole, TopicUse, Verb, condition_of, find_sql};
use waylaid_model::Kind;

/// The SQL that writes the table whose constraint was violated.
pub(super) fn violating(world: &World<'_>, draft: &Draft, sources: &Sources) -> Vec<Statement> {
    use Verb::{Delete, Insert, Update};
    let Proof::Problem { candidate, .. } = &draft.proof else { return Vec::new() };
    let mut named = violated(world, &world.problems[candidate.problem]);
    if matches!(draft.kind, Kind::DuplicateKey | Kind::ConstraintViolation) {
        named.extend(world.trails.nodes[draft.boundary.to].table().map(str::to_owned));
    }
    named
        .iter()
        .map(|t| sql(sources, t, &[Insert, Update, Delete]))
        .find(|found| !found.is_empty())
        .unwrap_or_default()
}

/// The SQL on the table that was not written, or that was to be sent from.
pub(super) fn table_line(world: &World<'_>, draft: &Draft, sources: &Sources) -> Option<Statement> {
    use Verb::{Insert, Select, Update};
    match &draft.proof {
        Proof::Unsent { table, .. } => return first_sql(sources, table, &[Select, Update, Insert]),
        Proof::Problem { .. } | Proof::Silent { .. } | Proof::Overtaken { .. } | Proof::SetBack { .. } => {}
        _ => return None,
    }
    let found = match &world.trails.nodes[draft.boundary.to] {
        Node::Table(name) => first_sql(sources, name, &[Insert, Update]),
        Node::Start(name) | Node::Done(name) | Node::Settled(name) => first_sql(sources, name, &[Update]),
        _ => None,
    };
    // What a reply was to change is left as it is where no row fits.
    found.map(|place| match draft.kind {
        Kind::ReplyNotApplied => condition_of(sources, &place),
        _ => place,
    })
}

/// The services whose code selects from a table.
pub(crate) fn readers<'w>(world: &'w World<'_>, table: &str) -> Vec<&'w str> {
    let reads =
        |s: &&Sources| find_sql(s, table).iter().any(|(v, p)| *v == Verb::Select && !is_test(&p.path));
    world.code.iter().filter(reads).map(|s| s.service.as_str()).collect()
}

/// Whether any service's SQL sets a column in rows that are there already.
pub(crate) fn sets(world: &World<'_>, table: &str, column: &str) -> bool {
    const LINES: usize = 8;
    let names = |text: &str| {
        let lower = text.to_lowercase();
        let assigned = lower.split(" where ").next().unwrap_or_default();
        assigned.split(|c: char| !c.is_alphanumeric() && c != '_').any(|w| w == column.to_lowercase())
    };
    let at = |sources: &Sources, place: &Statement| {
        let first = usize::try_from(place.line).unwrap_or(1).saturating_sub(1);
        let text = sources.text(&place.path).unwrap_or_default();
        text.lines().skip(first).take(LINES).collect::<Vec<_>>().join(" ")
    };
    let updates = |s: &Sources| {
        let found = find_sql(s, table);
        found.iter().any(|(v, p)| *v == Verb::Update && !is_test(&p.path) && names(&at(s, p)))
    };
    world.code.iter().any(updates)
}

/// Tables that the errors of a problem name.
fn violated(world: &World<'_>, problem: &Problem) -> Vec<String> {
    let texts = problem.facts.iter().take(3).map(|i| world.haul.logs[*i].full_text());
    let mut tables: Vec<String> =
        texts.flat_map(|t| waylaid_logs::find_violations(&t)).filter_map(|v| v.table).collect();
    tables.dedup();
    tables
}

fn first_sql(sources: &Sources, table: &str, verbs: &[Verb]) -> Option<Statement> {
    sql(sources, table, verbs).into_iter().next()
}

/// The SQL of the first of these verbs that there is any of; where there is none, what writes the table through its
/// entity.
fn sql(sources: &Sources, table: &str, verbs: &[Verb]) -> Vec<Statement> {
    let found = find_sql(sources, table);
    let of = |verb: &Verb| -> Vec<Statement> {
        found.iter().filter(|(v, p)| v == verb && !is_test(&p.path)).map(|(_, p)| p.clone()).collect()
    };
    let by_sql = verbs.iter().map(of).find(|places| !places.is_empty());
    by_sql.unwrap_or_else(|| sources.schema().writers(table).cloned().collect())
}

/// Where the constraint is defined that a problem's errors name.
pub(super) fn defined(world: &World<'_>, draft: &Draft, sources: &Sources) -> Option<Statement> {
    let Proof::Problem { candidate, .. } = &draft.proof else { return None };
    let facts = &world.problems[candidate.problem].facts;
    let texts = facts.iter().take(3).map(|i| world.haul.logs[*i].full_text());
    let violations: Vec<_> = texts.flat_map(|t| waylaid_logs::find_violations(&t)).collect();
    let node = world.trails.nodes[draft.boundary.to].table();
    violations.iter().find_map(|v| {
        let table = v.table.as_deref().or(node);
        sources.schema().constraint(v.constraint.as_deref(), table, &v.columns)
    })
}

/// What sends or writes what was to come next.
pub(super) fn writing(world: &World<'_>, draft: &Draft, sources: &Sources) -> Vec<Statement> {
    match &world.trails.nodes[draft.boundary.to] {
        Node::Topic(topic) | Node::Event(topic, _) => publishing(sources, topic),
        Node::Table(table) => sql(sources, table, &[Verb::Insert]),
        Node::Start(table) | Node::Done(table) | Node::Settled(table) => sql(sources, table, &[Verb::Update]),
        Node::Service(_) => Vec::new(),
    }
}

/// What handles the topic before the boundary.
pub(super) fn handler(world: &World<'_>, draft: &Draft, sources: &Sources) -> Option<Statement> {
    let topic = world.trails.nodes[draft.boundary.from].topic()?;
    handler_of(sources, topic).or_else(|| {
        let found = only_handler(sources)?;
        let line = if found.sign == Sign::Call { found.end_line.max(found.line) } else { found.line };
        Some(Statement { path: found.path.clone(), line: u64::from(line), symbol: found.symbol.clone() })
    })
}

/// The function that handles the topic before the boundary: its file and the line on which it begins.
pub(super) fn handler_function(world: &World<'_>, draft: &Draft, sources: &Sources) -> Option<(String, u64)> {
    let topic = world.trails.nodes[draft.boundary.from].topic()?;
    let found = sources.topics().of(topic);
    let handles = found.iter().find(|u| u.role == TopicRole::Handles).map(|u| (&u.path, u.symbol_line));
    let (path, line) = handles.or_else(|| only_handler(sources).map(|u| (&u.path, u.symbol_line)))?;
    (line > 0).then(|| (path.clone(), u64::from(line)))
}

/// What reads a topic that the code doesn't name, where there is one place of which nothing tells more surely that it
/// reads.
fn only_handler(sources: &Sources) -> Option<&Untold> {
    let found = sources.topics().may_handle(None);
    let surest = found.iter().map(|u| u.sign).min()?;
    let mut of_it = found.into_iter().filter(|u| u.sign == surest);
    of_it.next().filter(|_| of_it.next().is_none())
}

/// What handles a topic.
pub(crate) fn handler_of(sources: &Sources, topic: &str) -> Option<Statement> {
    let found = sources.topics().of(topic);
    let handles = found.iter().find(|u| u.role == TopicRole::Handles).or_else(|| {
        // A name alone, in code of its own that is no test.
        found.iter().find(|u| u.role == TopicRole::Names)
    });
    // The last line of an annotation stands right above what it is on.
    handles.map(|u| Statement {
        path: u.path.clone(),
        line: u64::from(u.end_line.max(u.line)),
        symbol: u.symbol.clone(),
    })
}

/// The calls that publish to a topic, those of frameworks first.
pub(super) fn publishing(sources: &Sources, topic: &str) -> Vec<Statement> {
    let found = sources.topics().of(topic);
    let publishes = found.iter().filter(|u| u.role == TopicRole::Publishes);
    let mut out: Vec<Statement> = publishes.take(2).map(|u| statement(u)).collect();
    if out.is_empty()
        && let [only] = sources.topics().may_publish().as_slice()
    {
        // The only place that sends at all, to a topic that the code doesn't name.
        let (path, symbol) = (only.path.clone(), only.symbol.clone());
        out.push(Statement { path, line: u64::from(only.line), symbol });
    }
    out
}

/// What decides that a record goes to this topic: the function that returns its name, else the call that is given it.
pub(super) fn deciding(sources: &Sources, topic: &str) -> Vec<(Statement, &'static str)> {
    let found = sources.topics().of(topic);
    let publishes = || found.iter().filter(|u| u.role == TopicRole::Publishes);
    let mut out = Vec::new();
    let settings = sources.configuration().naming(topic).filter(|s| !is_test(&s.path));
    for setting in settings.take(2) {
        let place = Statement {
            path: setting.path.clone(),
            line: u64::from(setting.line),
            symbol: setting.key.clone(),
        };
        out.push((place, "sets the name of the other topic"));
    }
    for (path, line, symbol) in publishes().filter_map(|u| u.decided.clone()) {
        out.push((Statement { path, line: u64::from(line), symbol }, "decides which topic it is"));
    }
    out.extend(publishes().take(2).map(|u| (statement(u), "sends to the other topic")));
    if out.is_empty() {
        let named = found.iter().filter(|u| u.role == TopicRole::Names).take(2);
        out.extend(named.map(|u| (statement(u), "names the other topic")));
    }
    out
}

fn statement(found: &TopicUse) -> Statement {
    Statement { path: found.path.clone(), line: u64::from(found.line), symbol: found.symbol.clone() }
}
