//! What a thread did just before it failed, for failures that name no key themselves.

use crate::allowed::Ask;
use crate::pages::Page;
use crate::query;
use crate::scan::{Source, many};
use serde_json::{Value, json};
use waylaid_logs::template_of;
use waylaid_model::LogEvent;
use waylaid_store::{Context, LogHit, StoreError};

/// Failures that are asked for at once.
const AT_ONCE: usize = 40;
/// Further events that are fetched: some of the same moment come after the failure, some are another thread's.
const MORE: usize = 60;
/// The same where the server cannot tell threads apart.
const MANY_MORE: usize = 150;

/// Failures, and how many events before each are wanted.
pub(crate) struct Wanting<'a> {
    /// The failures.
    pub hits: Vec<LogHit>,
    /// How many events.
    pub count: usize,
    /// Whether a document holds one of the keys that are looked for.
    pub names_key: &'a dyn Fn(&str) -> bool,
}

/// The failures with what precedes them, newest first: on the same thread where they name one, else in the same part.
/// Nothing where none of the nearest holds a key: then they tell nobody's story.
pub(crate) fn find(
    source: &Source<'_>,
    wanting: Wanting<'_>,
    context: &Context,
) -> Result<Vec<LogHit>, StoreError> {
    let Wanting { mut hits, count, names_key } = wanting;
    let Some(time) = source.layout.fields.time.as_deref() else { return Ok(hits) };
    for some in hits.chunks_mut(AT_ONCE) {
        let bodies: Vec<Value> = some.iter().map(|hit| question(source, time, hit, count)).collect();
        let answers = many(source, &bodies, context)?;
        for (hit, answer) in some.iter_mut().zip(answers) {
            let page = Page::parse(answer.get().as_bytes());
            let page = page.map_err(|why| source.client.not_understood(Ask::Searches, &why))?;
            let thread = hit.event.thread.as_ref();
            let fits = |other: &LogHit| {
                let same = thread.is_none() || other.event.thread.as_ref() == thread;
                same && other.part == hit.part && other.seq < hit.seq
            };
            let hits = page.into_hits();
            let read = hits.iter().map(|h| (source.read(h).hit, h.source));
            let mut before: Vec<_> = read.filter(|(other, _)| fits(other)).collect();
            before.sort_by_key(|(other, _)| std::cmp::Reverse(other.seq));
            let mut nearest = before.iter().take(count).filter_map(|(_, source)| *source);
            if nearest.any(|source| names_key(source.get())) {
                hit.preceding = run(before.into_iter().map(|(other, _)| other.event), count);
            }
        }
    }
    Ok(hits)
}

/// The first events; further ones as long as they look alike, and the one before these.
fn run(before: impl Iterator<Item = LogEvent>, count: usize) -> Vec<LogEvent> {
    let mut events: Vec<LogEvent> = Vec::new();
    for event in before {
        let goes_on = events.len() + 1 < count
            || events.last().is_some_and(|e| template_of(&e.message) == template_of(&event.message));
        events.push(event);
        if !goes_on {
            break;
        }
    }
    events
}

fn question(source: &Source<'_>, time: &str, hit: &LogHit, count: usize) -> Value {
    let layout = source.layout;
    let mut clauses = match layout.parts.get(hit.part as usize) {
        Some(part) => layout.part(part),
        None => layout.services(Some(std::slice::from_ref(&hit.service))).into_iter().collect(),
    };
    let mut more = MORE;
    match (&hit.event.thread, &layout.fields.thread) {
        (Some(thread), Some(field)) => clauses.push(json!({"term": {field: thread}})),
        (Some(_), None) => more = MANY_MORE,
        (None, _) => {}
    }
    // The place of an event tells its time as the server has it, which may differ from what the event itself says.
    let millis = (hit.seq & !(1 << 63)) >> 21;
    clauses.push(json!({"range": {time: {"lte": millis, "format": "epoch_millis"}}}));
    let mut body = source.base(&query::all(clauses));
    body["size"] = (count + more).into();
    body["sort"] = json!([{time: {"order": "desc", "unmapped_type": "date", "numeric_type": "date"}}]);
    body["track_total_hits"] = false.into();
    body
}
