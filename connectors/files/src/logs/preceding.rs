//! What a thread did just before it failed, for failures that name no key themselves.

use crate::blocks::Block;
use crate::events::{Shape, line_at, line_start};
use memchr::memmem::Finder;
use waylaid_logs::formats::{FileProfile, parse_event};
use waylaid_logs::template_of;
use waylaid_model::LogEvent;

/// How many bytes before a failure are looked at.
pub(super) const LOOK_BACK: usize = 256 << 10;
/// How many lines before a failure are looked at.
const LINES: usize = 2000;

/// How many events are given at most, also of a long run of alike ones.
const MOST: usize = 512;

/// A failure in a block, and what its context is for.
pub(super) struct Before<'a> {
    pub(super) shape: &'a FileProfile,
    pub(super) block: &'a Block,
    /// Where the failure begins in the block's body.
    pub(super) start: usize,
    pub(super) failure: &'a LogEvent,
    /// Whether a text holds one of the keys that are looked for.
    pub(super) names_key: &'a dyn Fn(&[u8]) -> bool,
}

impl Before<'_> {
    /// Up to `count` events before the failure, newest first: on its thread where it names one, else whatever stands
    /// there. A run of alike ones (the members of a batch) is given to its end, with the event before it. Nothing where
    /// none of the nearest holds a key: then they tell nobody's story.
    pub(super) fn events(&self, count: usize) -> Vec<LogEvent> {
        let thread = self.failure.thread.as_deref();
        let finder = thread.map(Finder::new);
        let mut texts = self.texts().filter(|text| finder.as_ref().is_none_or(|f| f.find(text).is_some()));
        // Reading an event costs a hundred times as much as looking for keys in it.
        let nearest: Vec<&[u8]> = texts.by_ref().take(count).collect();
        if !nearest.iter().any(|text| (self.names_key)(text)) {
            return Vec::new();
        }
        let mut events: Vec<LogEvent> = Vec::new();
        for text in nearest.into_iter().chain(texts) {
            let parsed = parse_event(text, self.shape);
            if thread.is_some() && parsed.thread.as_deref() != thread {
                continue;
            }
            let goes_on = events.len() + 1 < count
                || events.last().is_some_and(|e| template_of(&e.message) == template_of(&parsed.message));
            events.push(parsed);
            if !goes_on || events.len() >= MOST {
                break;
            }
        }
        events
    }

    /// The raw events before the failure, newest first, as far back as is looked.
    fn texts(&self) -> impl Iterator<Item = &[u8]> {
        let (text, body) = self.block.with_back();
        // What was kept may begin in the middle of a line, unless it reaches back to the beginning of the file.
        let is_file_start = self.block.offset <= body as u64;
        let mut end = body + self.start;
        let floor = end.saturating_sub(LOOK_BACK);
        let mut lines = 0;
        std::iter::from_fn(move || {
            if end <= floor || lines >= LINES {
                return None;
            }
            let mut start = line_start(text, end - 1);
            lines += 1;
            while start > floor && lines < LINES && !self.shape.starts_event(line_at(text, start)) {
                start = line_start(text, start - 1);
                lines += 1;
            }
            let is_cut = start == 0 && !is_file_start;
            if is_cut || (start > 0 && !Shape::starts_event(self.shape, line_at(text, start))) {
                end = 0;
                return None;
            }
            let event = &text[start..end];
            end = start;
            Some(event)
        })
    }
}
