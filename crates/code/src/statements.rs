//! Statements that write text: log statements, what is raised, and other calls with text in their arguments.

use crate::logging;
use crate::outline::{Hole, Outline, Part, SymbolKind, Template, Value};
use std::collections::HashMap;
use std::hash::{Hash as _, Hasher as _};
use waylaid_model::Level;

/// What a statement does with its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Writes it to a log.
    Log,
    /// Throws it.
    Raise,
    /// Gives it to something else.
    Text,
}

/// A statement with text.
#[derive(Clone, Debug, PartialEq)]
pub struct Statement {
    /// What it does with its text.
    pub kind: Kind,
    /// What it may write.
    pub templates: Vec<Template>,
    /// Message templates as written, of those that are literal as a whole.
    pub raw: Vec<String>,
    /// Its level.
    pub level: Option<Level>,
    /// The name its logger was made with; empty where it is the class's or unknown.
    pub logger: String,
    /// Fields that it writes beside its message, with what they say where it can be told.
    pub keys: Vec<(String, Vec<Template>)>,
    /// First line, from 1.
    pub line: u32,
    /// Last line.
    pub end_line: u32,
    /// The function or class around it.
    pub symbol: Option<u32>,
    /// The call of the outline that it is.
    pub(crate) call: Option<u32>,
    /// The type that is raised.
    pub type_name: String,
}

impl Statement {
    /// A statement that says nothing yet.
    pub(crate) fn new(kind: Kind, line: u32, end_line: u32, symbol: Option<u32>) -> Self {
        Self {
            kind,
            templates: Vec::new(),
            raw: Vec::new(),
            level: None,
            logger: String::new(),
            keys: Vec::new(),
            line,
            end_line,
            symbol,
            call: None,
            type_name: String::new(),
        }
    }
}

/// A function that logs what it is given.
#[derive(Clone, Debug)]
pub(crate) struct Helper {
    params: Vec<String>,
    statement: Statement,
}

/// Helpers by their name.
pub(crate) type Helpers = HashMap<String, Vec<Helper>>;

/// The functions of a file that log a parameter of theirs: their names, and a number that changes with what they say.
pub(crate) fn helpers(outline: &Outline, statements: &[Statement], out: &mut Helpers) -> (Vec<String>, u64) {
    let (mut names, mut hasher) = (Vec::new(), std::hash::DefaultHasher::new());
    for statement in statements.iter().filter(|s| s.kind == Kind::Log) {
        let Some(symbol) = statement.symbol.and_then(|s| outline.symbols.get(s as usize)) else { continue };
        if symbol.kind != SymbolKind::Function || symbol.name.len() < 3 {
            continue;
        }
        let skip = usize::from(matches!(symbol.params.first().map(String::as_str), Some("self" | "cls")));
        let params = symbol.params.get(skip..).unwrap_or_default();
        let logs_param =
            |t: &Template| t.parts.iter().any(|p| matches!(p, Part::Hole(h) if params.contains(&h.name)));
        // A placeholder takes its value from the arguments behind the message: those are not followed.
        if statement.templates.iter().any(logs_param) {
            let name = symbol.name.rsplit('.').next().unwrap_or(&symbol.name).to_owned();
            (&name, params, &statement.templates, &statement.logger).hash(&mut hasher);
            let list = out.entry(name.clone()).or_default();
            if list.len() < 8 {
                list.push(Helper { params: params.to_vec(), statement: statement.clone() });
                names.push(name);
            }
        }
    }
    (names, hasher.finish())
}

/// All statements of a file, with helpers of the whole checkout followed.
pub(crate) fn all(outline: &Outline, logs: Vec<Statement>, helpers: &Helpers) -> Vec<Statement> {
    let taken: std::collections::HashSet<u32> = logs.iter().filter_map(|s| s.call).collect();
    let mut out = logs;
    for raise in &outline.raises {
        let templates = logging::templates(outline, raise.symbol, &raise.message);
        let templates: Vec<Template> = templates.into_iter().filter(Template::has_letters).collect();
        if templates.is_empty() {
            continue;
        }
        let mut statement = Statement::new(Kind::Raise, raise.line, raise.end_line, raise.symbol);
        statement.templates = templates;
        statement.type_name.clone_from(&raise.type_name);
        out.push(statement);
    }
    for (number, call) in outline.calls.iter().enumerate().filter(|(n, _)| !taken.contains(&(*n as u32))) {
        let followed: Vec<Statement> = helpers
            .get(call.method())
            .into_iter()
            .flatten()
            .filter_map(|helper| through(outline, number as u32, helper))
            .collect();
        if !followed.is_empty() {
            out.extend(followed);
            continue;
        }
        let said = call.arguments.iter().flat_map(|a| texts(outline, call.symbol, &a.value));
        let said: Vec<Template> = said.filter(|t| t.weight() >= 10 && words(t) >= 2).take(4).collect();
        if !said.is_empty() {
            let mut statement = Statement::new(Kind::Text, call.line, call.end_line, call.symbol);
            statement.templates = said;
            out.push(statement);
        }
    }
    out
}

fn texts(outline: &Outline, symbol: Option<u32>, value: &Value) -> Vec<Template> {
    logging::templates(outline, symbol, value)
}

fn words(template: &Template) -> usize {
    template.pieces().flat_map(|p| p.split(|c: char| !c.is_alphanumeric())).filter(|w| w.len() > 1).count()
}

/// A call to a helper as the log statement that it is, with what it hands in.
fn through(outline: &Outline, number: u32, helper: &Helper) -> Option<Statement> {
    let call = &outline.calls[number as usize];
    let inside = helper.statement.symbol == call.symbol && helper.statement.line == call.line;
    if inside || call.arguments.is_empty() || call.arguments.len() > helper.params.len() + 8 {
        return None;
    }
    let given = |name: &str| {
        let at = helper.params.iter().position(|p| p == name)?;
        let by_name = call.arguments.iter().find(|a| a.name == name);
        by_name.or_else(|| call.arguments.get(at).filter(|a| a.name.is_empty())).map(|a| &a.value)
    };
    let mut statement = helper.statement.clone();
    (statement.line, statement.end_line, statement.symbol) = (call.line, call.end_line, call.symbol);
    statement.call = Some(number);
    statement.raw.clear();
    let mut gained = false;
    for template in &mut statement.templates {
        let mut filled = Template::default();
        for part in &template.parts {
            match part {
                Part::Hole(hole) => match given(&hole.name).map(|v| texts(outline, call.symbol, v)) {
                    Some(said) if !said.is_empty() => {
                        gained |= said[0].has_letters();
                        filled.append(crate::placeholders::expand(&said[0], crate::placeholders::BOTH));
                    }
                    _ => filled.push_hole(Hole { name: String::new(), number: hole.number }),
                },
                Part::Text(text) => filled.push_text(text),
            }
        }
        *template = filled;
    }
    gained.then_some(statement)
}
