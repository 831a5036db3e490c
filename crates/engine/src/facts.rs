//! What the sweep brought home, in the compact form in which everything after it works.

use crate::places::{self, Placed};
use std::sync::Arc;
use waylaid_logs::{Coordinates, Frame};
use waylaid_model::{Kind, Level, LogEvent, Record, Reference, Row, Timestamp};
use waylaid_store::{LogHit, RecordHit, RowHit};

/// A log event. Texts are shortened; the whole stands at `at`.
#[derive(Clone, Debug)]
pub(crate) struct LogFact {
    pub(crate) at: Reference,
    pub(crate) service: String,
    pub(crate) instance: String,
    pub(crate) part: u32,
    pub(crate) seq: u64,
    /// By the service's own clock; corrected when skew is known.
    pub(crate) time: Option<Timestamp>,
    /// The same as it was written, to compare with events of the same file.
    pub(crate) clock: Option<Timestamp>,
    pub(crate) level: Option<Level>,
    pub(crate) thread: Option<String>,
    pub(crate) message: String,
    pub(crate) template: String,
    pub(crate) failure: Option<Failure>,
    /// Whether it holds the own key of a followed entity, wherever.
    pub(crate) holds_own_key: bool,
    /// Its values with their places, for bindings and joins.
    pub(crate) placed: Vec<Placed>,
    /// Words that a failure holds in fields of its own: no keys, and yet what it is about.
    pub(crate) words: Box<[Placed]>,
    pub(crate) coordinates: Vec<Coordinates>,
    /// Entities it is about, filled when bindings are known.
    pub(crate) entities: Vec<u32>,
    /// How its entities are known, when not by their own key: `record`, `batch`, `thread`, …
    pub(crate) joined_by: Option<&'static str>,
    /// Whether its entities are known only by the trace or request it belongs to: it was written on the way to
    /// answering somebody, which is no hop of theirs.
    pub(crate) by_trace: bool,
    pub(crate) preceding: Vec<LogEvent>,
    /// What it tells of the statement that wrote it.
    pub(crate) written: Arc<Written>,
}

/// What an event tells of the statement that wrote it; events of one statement share it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Written {
    pub(crate) logger: Option<String>,
    /// The message template that the event carries itself.
    pub(crate) template: Option<String>,
    /// File and line that it names.
    pub(crate) place: Option<(String, u32)>,
}

impl Written {
    fn of(event: &LogEvent) -> Self {
        let (logger, template) = (event.logger.clone(), event.template.clone());
        Self { logger, template, place: waylaid_code::named_place(event) }
    }
}

/// What a failing event says.
#[derive(Clone, Debug)]
pub(crate) struct Failure {
    pub(crate) exception: Option<String>,
    pub(crate) root_type: Option<String>,
    pub(crate) root_message: String,
    /// Its application frames; events of one statement share them.
    pub(crate) frames: Arc<[Frame]>,
    pub(crate) kind: Option<Kind>,
}

/// A record of a topic.
#[derive(Clone, Debug)]
pub(crate) struct RecordFact {
    pub(crate) at: Reference,
    pub(crate) record: Record,
    pub(crate) entities: Vec<u32>,
}

/// A row of a table.
#[derive(Clone, Debug)]
pub(crate) struct RowFact {
    pub(crate) at: Reference,
    /// `store.table`.
    pub(crate) table: String,
    pub(crate) row: Row,
    /// About when it was written; corrected when skew is known.
    pub(crate) created: Option<Timestamp>,
    pub(crate) entities: Vec<u32>,
}

const MAX_MESSAGE: usize = 600;
const MAX_EXCEPTION: usize = 3_000;
const MAX_PLACED: usize = 48;

impl LogFact {
    /// Shortens a delivered event and reads what its failure says.
    pub(crate) fn new(hit: LogHit) -> Self {
        let event = &hit.event;
        let failure = failure_of(event);
        let template = template_of(event);
        let mut placed = places::of_event(event);
        if let Some(text) = failure.as_ref().and_then(|f| f.exception.as_deref()) {
            let head: String = text
                .lines()
                .filter(|l| !l.trim_start().starts_with("at "))
                .take(12)
                .collect::<Vec<_>>()
                .join("\n");
            placed.extend(places::of_text(&head));
        }
        placed.retain(|p| p.value.len() <= 100);
        placed.truncate(MAX_PLACED);
        let coordinates = waylaid_logs::find_coordinates(event);
        let written = Arc::new(Written::of(event));
        Self {
            at: hit.at,
            service: hit.service,
            instance: instance_of(event).unwrap_or(hit.instance),
            part: hit.part,
            seq: hit.seq,
            time: event.time,
            clock: event.time,
            level: event.level,
            thread: event.thread.clone(),
            message: shorten(&event.message, MAX_MESSAGE),
            template,
            failure,
            holds_own_key: false,
            placed,
            words: Box::default(),
            coordinates,
            entities: Vec::new(),
            joined_by: None,
            by_trace: false,
            preceding: hit.preceding,
            written,
        }
    }

    /// Message and, where there is one, the root of its exception, in one line.
    pub(crate) fn summary(&self) -> String {
        let mut text = String::new();
        if let Some(level) = self.level {
            text.push_str(&format!("{level} "));
        }
        text.push_str(first_line(&self.message));
        if let Some(failure) = &self.failure {
            if failure.root_type.is_none()
                && !failure.root_message.is_empty()
                && !text.contains(first_line(&failure.root_message))
            {
                text.push_str(&format!(": {}", first_line(&failure.root_message)));
            }
            if let Some(root) = &failure.root_type {
                let message = first_line(&failure.root_message);
                if !message.is_empty() && !text.contains(message) {
                    text.push_str(&format!(" | {root}: {message}"));
                } else if !text.contains(root.as_str()) {
                    text.push_str(&format!(" | {root}"));
                }
            }
        }
        shorten(&text, 400)
    }

    /// Everything in it that may hold key values: message and exception.
    pub(crate) fn full_text(&self) -> String {
        match &self.failure {
            Some(Failure { exception: Some(exception), .. }) => format!("{}\n{exception}", self.message),
            Some(failure)
                if !failure.root_message.is_empty() && !self.message.contains(&failure.root_message) =>
            {
                format!("{}\n{}", self.message, failure.root_message)
            }
            _ => self.message.clone(),
        }
    }

    /// Whether it warns or fails.
    pub(crate) fn is_failure(&self) -> bool {
        self.failure.is_some()
    }
}

/// The message of an event without its variable parts.
pub(crate) fn template_of(event: &LogEvent) -> String {
    let template = match &event.template {
        Some(template) => waylaid_logs::template_of(template),
        None => waylaid_logs::template_of(first_line(&event.message)),
    };
    shorten(&template, 300)
}

/// Whether an event warns or fails by its level or by an exception.
pub(crate) fn is_loud(event: &LogEvent) -> bool {
    event.level.is_some_and(|l| l >= Level::Warn) || event.exception.is_some()
}

/// An exception without its frames: what it says, and what its causes say.
fn without_frames(exception: &str) -> String {
    let is_frame = |l: &&str| {
        let l = l.trim_start();
        l.starts_with("at ") || l.starts_with("... ") || l.starts_with("File \"")
    };
    let said: Vec<&str> = exception.lines().filter(|l| !is_frame(l)).collect();
    shorten(&said.join("\n"), MAX_EXCEPTION)
}

/// Reads a failure: level WARN and above, an exception, or a text that denotes one although logged lower.
fn failure_of(event: &LogEvent) -> Option<Failure> {
    let loud = is_loud(event);
    let told = error_field(event);
    let parsed = match (&event.exception, &told) {
        (Some(text), _) => {
            waylaid_logs::parse_exception(text).or_else(|| waylaid_logs::exceptions::parse_error(text))
        }
        (None, Some(text)) => waylaid_logs::exceptions::parse_error(text),
        (None, None) if loud => waylaid_logs::exceptions::parse_error(&event.message),
        (None, None) => None,
    };
    let told = told.or_else(|| {
        event.exception.as_deref().filter(|_| parsed.is_none()).map(|t| shorten(first_line(t), 2_000))
    });
    let says = match &told {
        Some(text) => format!("{}: {text}", event.message),
        None => event.message.clone(),
    };
    let kind = waylaid_logs::classify(parsed.as_ref(), &says, &event.fields);
    if !loud && (kind.is_none() || !speaks_of_failure(&says)) {
        return None;
    }
    let root_type = parsed.as_ref().map(|e| e.root_type().to_owned()).filter(|t| !t.is_empty());
    Some(Failure {
        exception: event.exception.as_deref().map(without_frames),
        // Of wrapped errors without a type (`pool: acquire: deadline exceeded`) what wraps them tells as much.
        root_message: parsed
            .as_ref()
            .filter(|e| !e.root_type().is_empty() || told.is_none())
            .map(|e| e.root_message().to_owned())
            .filter(|m| !m.is_empty())
            .or(told)
            .unwrap_or_default(),
        frames: parsed
            .as_ref()
            .map_or_else(|| Arc::from([]), |e| e.application_frames().take(8).cloned().collect()),
        root_type,
        kind,
    })
}

/// What a structured event says of its error in a field of its own (`err`, `error`, `reason`), where it does.
fn error_field(event: &LogEvent) -> Option<String> {
    const NAMES: &[&str] = &[
        "err",
        "error",
        "exception",
        "cause",
        "reason",
        "errormessage",
        "errmsg",
        "errordetail",
        "errordescription",
        "errorreason",
        "failure",
        "failurereason",
        "why",
        "fehler",
        "fehlermeldung",
        "grund",
        "ursache",
        "motivo",
        "causa",
        "errore",
        "erreur",
        "raison",
        "motif",
        "erro",
    ];
    const PARTS: &[&str] = &["message", "msg", "detail", "reason"];
    event.fields.iter().find_map(|(path, value)| {
        let path = path.to_lowercase().replace(['_', '-'], "");
        let mut parts = path.rsplit('.');
        let last = parts.next().unwrap_or_default();
        let named = NAMES.contains(&last)
            || (PARTS.contains(&last) && parts.next().is_some_and(|p| NAMES.contains(&p)));
        let text = value.as_str().filter(|_| named)?;
        (text.len() > 3 && text.contains(|c: char| c.is_alphabetic())).then(|| shorten(text, 2_000))
    })
}

/// An event below WARN counts as a failure only when its own words say so.
fn speaks_of_failure(message: &str) -> bool {
    const WORDS: &[&str] = &[
        "error",
        "exception",
        "fail",
        "could not",
        "couldn't",
        "cannot",
        "can't",
        "unable",
        "violat",
        "reject",
        "refused",
        "timed out",
        "timeout",
        "invalid",
        "duplicate",
        "missing",
        "not found",
        "unknown",
        "drop",
        "discard",
        "ignor",
        "skip",
        "giving up",
        "gave up",
        "dead letter",
        "dead-letter",
        "dlq",
        "dlt",
        "unexpected",
        "abort",
        "panic",
        // The same in other languages.
        "fehler",
        "fehlgeschlagen",
        "abgebrochen",
        "abgelehnt",
        "nicht gefunden",
        "ungültig",
        "ungueltig",
        "verworfen",
        "übersprungen",
        "uebersprungen",
        "ignoriert",
        "konnte nicht",
        "erreur",
        "échec",
        "echec",
        "introuvable",
        "impossible",
        "rejet",
        "no se pudo",
        "no encontrad",
        "fallo",
        "falló",
        "rechaz",
        "descart",
        "omitid",
        "falha",
        "não encontrad",
        "rejeitad",
        "errore",
        "fallit",
        "non trovat",
        "scartat",
        "rifiutat",
    ];
    let lower = message.to_lowercase();
    WORDS.iter().any(|w| lower.contains(w))
}

/// The instance that a structured event names itself.
fn instance_of(event: &LogEvent) -> Option<String> {
    const FIELDS: &[&str] = &[
        "host.name",
        "hostname",
        "HOSTNAME",
        "instance",
        "instance_id",
        "instanceId",
        "service.instance.id",
        "service.node.name",
        "pod",
        "pod_name",
        "kubernetes.pod.name",
        "k8s.pod.name",
        "MachineName",
        "host",
    ];
    FIELDS.iter().find_map(|f| event.field(f)).and_then(waylaid_model::scalar_text).filter(|v| !v.is_empty())
}

impl From<RecordHit> for RecordFact {
    fn from(hit: RecordHit) -> Self {
        Self { at: hit.at, record: hit.record, entities: Vec::new() }
    }
}

impl RowFact {
    pub(crate) fn new(table: String, hit: RowHit) -> Self {
        Self {
            created: crate::rowtime::created(&hit.row),
            at: hit.at,
            table,
            row: hit.row,
            entities: Vec::new(),
        }
    }
}

/// The beginning of a template that tells what it says: up to the second word after the first thing it speaks of. What
/// comes later may be a value in letters: `Donation <*> tested, group A+`, `… group B+`.
pub(crate) fn stem(template: &str) -> &str {
    const WORDS: usize = 2;
    let (mut end, mut words, mut speaks) = (0, 0, false);
    for token in template.split_inclusive(' ') {
        if words == WORDS {
            return template[..end].trim_end();
        }
        let is_value = token.contains("<*>");
        let word = token.trim_matches(|c: char| !c.is_alphanumeric());
        let is_word = word.chars().count() >= 3 && word.chars().all(char::is_alphabetic);
        words += usize::from(speaks && is_word && !is_value);
        speaks |= is_value;
        end += token.len();
    }
    template
}

/// The first line of a text.
pub(crate) fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}

/// At most `max` bytes of a text, cut at a character, with `…` where something was cut.
pub(crate) fn shorten(text: &str, max: usize) -> String {
    if text.len() <= max {
        return text.to_owned();
    }
    let mut end = max;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}…", &text[..end])
}

#[cfg(test)]
mod tests {
    use super::stem;

    #[test]
    fn a_stem_ends_after_the_second_word_about_what_it_speaks_of() {
        assert_eq!(stem("Donation <*> tested, group A+ of <*>"), "Donation <*> tested, group");
        assert_eq!(stem("order <*> was rejected by <*>"), "order <*> was rejected");
        assert_eq!(
            stem("<*> a.placement placement <*> opened for <*>"),
            "<*> a.placement placement <*> opened"
        );
        assert_eq!(stem("Accepted order <*>"), "Accepted order <*>");
        assert_eq!(stem("saga started saga=<*> job=<*>"), "saga started saga=<*> job=<*>");
        assert_eq!(stem("nothing to do here at all"), "nothing to do here at all");
        assert_eq!(stem(""), "");
    }
}
