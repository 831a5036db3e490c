//! What a thread did just before it failed, for failures that name no key themselves.

use crate::blocks::Block;
use crate::events::{Shape, line_at, line_start, newlines, next_event};
use memchr::memmem::Finder;
use waylaid_logs::formats::{FileProfile, parse_event};
use waylaid_logs::template_of;
use waylaid_model::{LogEvent, Timestamp};

/// How many bytes before a failure are looked at.
pub(super) const LOOK_BACK: usize = 256 << 10;
/// How many lines before a failure are looked at.
const LINES: u64 = 2000;

/// How many events are given at most, also of a long run of alike ones.
const MOST: usize = 512;
/// Events without a time that are passed over on the way back to one with a time.
const UNDATED: usize = 32;

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
        let mut texts = self.texts(finder.as_ref());
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

    /// The time of the dated event that stands next before it: what a runtime writes as it dies carries none.
    pub(super) fn time(&self) -> Option<Timestamp> {
        self.texts(None).take(UNDATED).find_map(|text| parse_event(text, self.shape).time)
    }

    /// The raw events before the failure that name the thread, newest first, as far back as is looked.
    fn texts(&self, thread: Option<&Finder<'_>>) -> impl Iterator<Item = &[u8]> {
        let (text, body) = self.block.with_back();
        // What was kept may begin in the middle of a line, unless it reaches back to the beginning of the file.
        let is_file_start = self.block.offset <= body as u64;
        let mut end = body + self.start;
        let floor = end.saturating_sub(LOOK_BACK);
        let mut lines = 0;
        std::iter::from_fn(move || {
            let before = text.get(floor..end).filter(|before| !before.is_empty() && lines < LINES)?;
            // Most lines are of other threads: where this one was named last is found without a look at them.
            let at = floor + thread.map_or(Some(before.len() - 1), |name| last_of(name, before))?;
            let start = self.start_of(text, at, floor);
            lines += newlines(&text[start..end]);
            let is_cut = start == 0 && !is_file_start;
            if is_cut || (start > 0 && !Shape::starts_event(self.shape, line_at(text, start))) {
                end = floor;
                return None;
            }
            let event = &text[start..next_event(self.shape, &text[..end], at)];
            end = start;
            Some(event)
        })
    }

    /// The start of the event that holds the byte at `at`, as far back as is looked.
    fn start_of(&self, text: &[u8], at: usize, floor: usize) -> usize {
        let mut start = line_start(text, at);
        let mut lines = 0;
        while start > floor && lines < LINES && !self.shape.starts_event(line_at(text, start)) {
            start = line_start(text, start - 1);
            lines += 1;
        }
        start
    }
}

/// The last place of a name in a text. From its end in pieces, as only the search forwards looks at many bytes at a time.
fn last_of(name: &Finder<'_>, text: &[u8]) -> Option<usize> {
    const PIECE: usize = 8 << 10;
    let overlap = name.needle().len().saturating_sub(1);
    let mut end = text.len();
    loop {
        let start = end.saturating_sub(PIECE);
        let piece = &text[start..text.len().min(end + overlap)];
        if let Some(at) = name.find_iter(piece).last() {
            return Some(start + at);
        }
        end = (start > 0).then_some(start)?;
    }
}
