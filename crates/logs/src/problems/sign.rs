//! What one event says of the problem that it reports: type, template, top application frames, and what follows from
//! these.

use super::fingerprint;
use super::rank::{Rank, rank_of, status_of_answer};
use crate::exceptions::{Exception, Link, parse_error, parse_exception};
use crate::scan::{first_line, head};
use crate::templates::template_of;
use waylaid_model::{Kind, Level, LogEvent};

/// So many application frames make the identity.
const FRAMES: usize = 3;
/// Messages in a chain are shown so long.
const SAID: usize = 100;
/// A chain shows so many links: the outermost ones and the root.
const LINKS: usize = 5;
/// A message of at least so many bytes is repeated where it occurs in another; a shorter one may do so by chance.
const REPEATED: usize = 6;
/// Templates are kept so long.
const TEMPLATE: usize = 300;

/// Stands for the message of what was thrown without any.
const UNSAID: &str = "without a message";

/// What an event says of its problem. Events of the same problem have the same type, template and frames.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sign {
    /// How bad.
    pub rank: Rank,
    /// Level of the event.
    pub level: Option<Level>,
    /// What kind of failure, where the texts tell.
    pub kind: Option<Kind>,
    /// Type of the root cause; empty where there is none.
    pub type_name: String,
    /// What it says, without variable parts.
    pub template: String,
    /// Top application frames, without what moves when code does.
    pub frames: Vec<String>,
    /// The chain of causes in one line, outermost first; empty where nothing was thrown.
    pub chain: String,
}

impl Sign {
    /// Reads an event; `None` when it reports no problem.
    pub fn of(event: &LogEvent) -> Option<Self> {
        let rank = rank_of(event)?;
        if let Some(status) = status_of_answer(event) {
            return Some(Self::of_answer(event, rank, status));
        }
        let exception = match &event.exception {
            Some(text) => parse_exception(text).or_else(|| parse_error(text)),
            None => parse_exception(&event.message),
        };
        let kind = crate::classify(exception.as_ref(), &event.message, &event.fields);
        let frames = exception.as_ref().map_or_else(Vec::new, top_frames);
        let mut template = said(event, exception.as_ref(), !frames.is_empty());
        if kind.is_some_and(is_violation)
            && let Some(name) = violated(event)
        {
            template = format!("{} · {name}", shorten(&template, TEMPLATE));
        }
        Some(Self {
            rank,
            level: event.level,
            kind,
            type_name: exception.as_ref().map_or_else(String::new, |x| root(x).type_name.clone()),
            template: shorten(&template, TEMPLATE + 100),
            frames,
            chain: exception.as_ref().map_or_else(String::new, chain),
        })
    }

    /// A request that a server could not answer: by method, path and status.
    fn of_answer(event: &LogEvent, rank: Rank, status: u16) -> Self {
        let text = |name: &str| event.field(name).and_then(|v| v.as_str()).unwrap_or_default();
        let path = fingerprint::path(text("url.path"));
        Self {
            rank,
            level: event.level,
            kind: crate::classify(None, &format!("HTTP {status}"), &event.fields),
            type_name: String::new(),
            template: shorten(&format!("{} {path} answered {status}", text("http.request.method")), TEMPLATE),
            frames: Vec::new(),
            chain: String::new(),
        }
    }

    /// The identity but for the template: what groups must share before their templates are compared.
    pub(super) fn class(&self) -> u64 {
        let mut text = self.type_name.clone();
        for frame in &self.frames {
            text.push('\u{1f}');
            text += frame;
        }
        crate::templates::hash_bytes(text.as_bytes())
    }
}

fn is_violation(kind: Kind) -> bool {
    matches!(kind, Kind::DuplicateKey | Kind::ConstraintViolation)
}

/// The link that says most of the root: the innermost with a type, else the innermost.
fn root(exception: &Exception) -> &Link {
    let typed = exception.chain.iter().rev().find(|l| !l.type_name.is_empty());
    typed
        .or(exception.chain.last())
        .unwrap_or(const { &Link { type_name: String::new(), message: String::new() } })
}

/// The text whose template is part of the identity: the root cause's message, and the log's own where that alone could
/// be anywhere.
fn said(event: &LogEvent, exception: Option<&Exception>, has_frames: bool) -> String {
    let own = || {
        let said = match &event.template {
            Some(template) => template_of(template),
            None => template_of(&event.message),
        };
        with_request(event, said)
    };
    let Some(exception) = exception else { return own() };
    let thrown = template_of(telling_line(&root(exception).message));
    if has_frames && !thrown.is_empty() {
        return thrown;
    }
    // A trace that stands alone: its first line is the event's message.
    let stands_alone = event
        .exception
        .as_deref()
        .is_some_and(|trace| !event.message.is_empty() && trace.starts_with(event.message.trim_end()));
    if stands_alone {
        return if thrown.is_empty() { UNSAID.to_owned() } else { thrown };
    }
    let own = own();
    // The type is told beside what is said.
    let type_name = &*root(exception).type_name;
    let behind_type = own.strip_prefix(type_name).and_then(|o| o.strip_prefix(": "));
    if let Some(rest) = behind_type.filter(|_| !type_name.is_empty()) {
        return rest.to_owned();
    }
    if thrown.is_empty() || own.contains(&thrown) {
        return own;
    }
    // A trace without frames of the application: what was being done tells problems apart.
    if root(exception).type_name.is_empty() || own.is_empty() { thrown } else { format!("{own}: {thrown}") }
}

/// Structured loggers say `request failed` and leave method, path and status to fields: these tell problems apart.
fn with_request(event: &LogEvent, said: String) -> String {
    const PATHS: [&str; 8] =
        ["path", "url", "uri", "route", "endpoint", "http_path", "request_uri", "target"];
    const STATUSES: [&str; 6] =
        ["status", "status_code", "statusCode", "http_status", "code", "response_status"];
    let last = |path: &str| path.rsplit('.').next().unwrap_or(path).to_owned();
    let text = |names: &[&str]| {
        event
            .fields
            .iter()
            .find_map(|(path, v)| waylaid_model::scalar_text(v).filter(|_| names.contains(&&*last(path))))
    };
    let status =
        text(&STATUSES).filter(|s| s.len() == 3 && s.starts_with(['4', '5']) && s.parse::<u16>().is_ok());
    let Some(status) = status.filter(|s| !event.message.contains(&**s)) else { return said };
    match text(&PATHS).filter(|p| p.contains('/') && p.len() < 500) {
        Some(path) => {
            let path = path.split_once("://").map_or(&*path, |(_, rest)| rest);
            let method = text(&["method", "verb"]).map_or_else(String::new, |m| format!("{m} "));
            format!("{said} · {method}{} answered {status}", fingerprint::path(path))
        }
        None => format!("{said} · {status}"),
    }
}

/// The first line of a message that holds a word.
fn telling_line(message: &str) -> &str {
    message.lines().find(|l| l.bytes().any(|c| c.is_ascii_alphanumeric() || c >= 0x80)).unwrap_or_default()
}

/// Constraint, or table and columns, of a violation.
fn violated(event: &LogEvent) -> Option<String> {
    let found = crate::find_violations(&crate::text_of(event)).into_iter().next()?;
    let of_table = || {
        let table = found.table.as_deref()?;
        let columns = found.columns.join(", ");
        Some(if columns.is_empty() { table.to_owned() } else { format!("{table} ({columns})") })
    };
    found.constraint.clone().or_else(of_table)
}

fn top_frames(exception: &Exception) -> Vec<String> {
    let mut frames: Vec<String> = Vec::new();
    for frame in exception.application_frames().take(64) {
        let symbol = fingerprint::symbol(frame);
        // Recursion and the compiler's helpers repeat a frame.
        if !symbol.is_empty() && !frames.contains(&symbol) {
            frames.push(symbol);
        }
        if frames.len() == FRAMES {
            break;
        }
    }
    frames
}

/// `ListenerFailed: order 12 ← DuplicateKey ← PSQLException: duplicate key …`.
fn chain(exception: &Exception) -> String {
    let links = &exception.chain;
    let mut parts = Vec::new();
    for (n, link) in links.iter().enumerate() {
        if links.len() > LINKS && n >= LINKS - 1 && n + 1 < links.len() {
            if n == LINKS - 1 {
                parts.push("…".to_owned());
            }
            continue;
        }
        let mut message = first_line(telling_line(&link.message)).0.trim();
        // Wrappers repeat what they wrap.
        if let Some(inner) = links.get(n + 1) {
            let repeat = message.find(&*inner.type_name).filter(|_| !inner.type_name.is_empty());
            let repeat = repeat.or_else(|| {
                message.find(first_line(&inner.message).0).filter(|_| inner.message.len() >= REPEATED)
            });
            message = repeat.map_or(message, |at| message[..at].trim_end_matches([':', ' ', ';', '(', '-']));
            message =
                message.strip_suffix("nested exception is").unwrap_or(message).trim_end_matches([';', ' ']);
        }
        let message = shorten(message, SAID);
        parts.push(match (link.type_name.is_empty(), message.is_empty()) {
            (true, _) => message,
            (false, true) => short_type(&link.type_name).to_owned(),
            (false, false) => format!("{}: {message}", short_type(&link.type_name)),
        });
    }
    parts.retain(|p| !p.is_empty());
    parts.dedup();
    parts.join(" ← ")
}

/// The last part of a qualified type name.
fn short_type(name: &str) -> &str {
    name.rsplit(['.', ':', '\\', '/', '$']).find(|p| !p.is_empty()).unwrap_or(name)
}

fn shorten(text: &str, max: usize) -> String {
    let cut = head(text, max);
    if cut.len() < text.len() { format!("{}…", cut.trim_end()) } else { text.to_owned() }
}
