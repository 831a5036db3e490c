//! What a thread did just before it failed, for failures that name no key themselves.

use crate::blocks::Block;
use crate::events::{Shape, line_at, line_start};
use crate::look::look_of;
use memchr::memmem::Finder;
use waylaid_logs::formats::{FileProfile, parse_event};
use waylaid_model::LogEvent;

/// How many bytes before a failure are looked at.
pub(super) const LOOK_BACK: usize = 256 << 10;
/// How many lines before a failure are looked at.
const LINES: usize = 2000;

/// How many events are given at most, also of a long run of alike ones.
const MOST: usize = 512;

/// Up to `count` events before the one at `start` in the block's body, newest first: on the failure's thread where it
/// names one, else whatever stands there. A run of alike ones (the members of a batch) is given to its end, with the
/// event before it.
pub(super) fn preceding(
    shape: &FileProfile,
    block: &Block,
    start: usize,
    failure: &LogEvent,
    count: usize,
) -> Vec<LogEvent> {
    let (text, body) = block.with_back();
    // What was kept may begin in the middle of a line, unless it reaches back to the beginning of the file.
    let is_file_start = block.offset <= body as u64;
    let mut end = body + start;
    let floor = end.saturating_sub(LOOK_BACK);
    let thread = failure.thread.as_deref();
    let finder = thread.map(Finder::new);
    let mut events = Vec::new();
    let mut lines = 0;
    let mut look = None;
    let mut goes_on = true;
    while end > floor && lines < LINES && goes_on && events.len() < MOST {
        let mut start = line_start(text, end - 1);
        lines += 1;
        while start > floor && lines < LINES && !shape.starts_event(line_at(text, start)) {
            start = line_start(text, start - 1);
            lines += 1;
        }
        let is_cut = start == 0 && !is_file_start;
        if is_cut || (start > 0 && !Shape::starts_event(shape, line_at(text, start))) {
            break;
        }
        let event = &text[start..end];
        if finder.as_ref().is_none_or(|finder| finder.find(event).is_some()) {
            let parsed = parse_event(event, shape);
            if thread.is_none() || parsed.thread.as_deref() == thread {
                events.push(parsed);
                let own = Some(look_of(event));
                goes_on = events.len() < count || look == own;
                look = own;
            }
        }
        end = start;
    }
    events
}
