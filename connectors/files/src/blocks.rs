//! A file as blocks of whole events, in bounded memory whatever the length of a line.
//!
//! A block ends where an event begins; what follows is carried over to the next one. An event that fills a whole
//! block by itself is handed over as its beginning, together with the keys that were found in all of it.

use crate::events::{Shape, last_event, line_at, line_start, newlines, next_event};
use crate::stream::{Stream, fill};
use memchr::{memchr, memrchr};
use std::io;
use std::ops::Range;
use std::sync::Arc;

/// Size of a block. It holds the longest event that is delivered whole, several times over what logs write.
pub(crate) const BLOCK: usize = 2 << 20;
/// What is delivered of an event at most.
pub(crate) const EVENT_LIMIT: usize = 1 << 20;
/// What is looked at to tell a file's format.
const SAMPLE: usize = 64 << 10;
/// No key is longer than this; pieces of one event overlap by so much when they are searched.
const OVERLAP: usize = 4 << 10;
/// So much of a line tells whether it begins an event.
const TELLING: usize = 4 << 10;
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Some whole events, one after the other. Its buffer is used again for the next ones.
pub(crate) struct Block {
    buffer: Vec<u8>,
    body: Range<usize>,
    /// Position of the body in the decompressed file.
    pub offset: u64,
    /// Number of the body's first line.
    pub line: u64,
    /// Newlines in the body, all of them where the event is oversize.
    pub newlines: u64,
    /// The bytes of the file as stored that the body came from, roughly.
    pub stored: Range<u64>,
    /// Whether this block is the whole file.
    pub is_whole: bool,
    /// Whether the file ends with this block.
    pub is_last: bool,
    /// Set when the body is the beginning of one event too long for a block.
    pub oversize: Option<Oversize>,
}

/// What is known of an event of which only the beginning is at hand.
#[derive(Debug, Default)]
pub(crate) struct Oversize {
    /// Length of the whole event.
    pub length: u64,
    /// Keys found in the whole event, sorted.
    pub keys: Vec<u32>,
}

impl Block {
    /// An empty block, to be filled.
    pub fn new() -> Self {
        Self {
            buffer: Vec::new(),
            body: 0..0,
            offset: 0,
            line: 1,
            newlines: 0,
            stored: 0..0,
            is_whole: false,
            is_last: false,
            oversize: None,
        }
    }

    /// The events.
    pub fn body(&self) -> &[u8] {
        &self.buffer[self.body.clone()]
    }

    /// What stands before the body in the file, as far as it was kept, and the body; and where the body begins.
    pub fn with_back(&self) -> (&[u8], usize) {
        (&self.buffer[..self.body.end], self.body.start)
    }
}

/// Reads a file block by block.
pub(crate) struct Blocks<S> {
    stream: Stream,
    shape: Arc<S>,
    /// The last bytes before the current position, for looking back.
    back: Vec<u8>,
    back_limit: usize,
    carry: Vec<u8>,
    offset: u64,
    line: u64,
    stored: u64,
    at_end: bool,
    error: Option<io::Error>,
}

impl<S: Shape> Blocks<S> {
    /// Starts reading; each block will keep up to `back_limit` bytes that stand before it.
    pub fn new(mut stream: Stream, back_limit: usize, shape: impl FnOnce(&[u8]) -> S) -> Self {
        let mut carry = vec![0; SAMPLE];
        let (count, error) = fill(&mut stream, &mut carry);
        carry.truncate(count);
        let at_end = count < SAMPLE;
        let mut offset = 0;
        if carry.starts_with(BYTE_ORDER_MARK) {
            carry.drain(..BYTE_ORDER_MARK.len());
            offset = BYTE_ORDER_MARK.len() as u64;
        }
        let shape = Arc::new(shape(&carry));
        Self { stream, shape, back: Vec::new(), back_limit, carry, offset, line: 1, stored: 0, at_end, error }
    }

    /// How this file's events begin.
    pub fn shape(&self) -> Arc<S> {
        Arc::clone(&self.shape)
    }

    /// Whether nothing was handed over so far.
    pub fn is_at_start(&self) -> bool {
        self.offset == 0
    }

    /// What broke the reading off, once the last block was handed over.
    pub fn take_error(&mut self) -> Option<io::Error> {
        self.error.take()
    }

    /// Fills the block with the next events; false at the end. `search` tells the keys in a stretch of text, and is
    /// called only for events too long for a block; `check` may end these early.
    pub fn next<E>(
        &mut self,
        block: &mut Block,
        search: impl Fn(&[u8]) -> Vec<u32>,
        check: impl Fn() -> Result<(), E>,
    ) -> Result<bool, E> {
        let start = self.back.len();
        block.buffer.resize((self.back_limit + BLOCK).max(start + BLOCK), 0);
        block.buffer[..start].copy_from_slice(&self.back);
        let end = self.fill_after(&mut block.buffer[..start + BLOCK], start);
        if end == start {
            return Ok(false);
        }
        let stored = self.stored;
        block.offset = self.offset;
        block.line = self.line;
        block.oversize = None;
        block.is_whole = self.offset <= BYTE_ORDER_MARK.len() as u64 && self.at_end;
        let text = &block.buffer[start..end];
        let cut = if self.at_end { Some(text.len()) } else { self.cut(text) };
        if let Some(cut) = cut {
            self.carry.extend_from_slice(&text[cut..]);
            block.body = start..start + cut;
            block.newlines = newlines(block.body());
            self.offset += cut as u64;
        } else {
            let (oversize, newlines) = self.oversize(text, search, check)?;
            block.body = start..start + EVENT_LIMIT;
            block.newlines = newlines;
            self.offset += oversize.length;
            block.oversize = Some(oversize);
        }
        self.line += block.newlines;
        // What is carried over counts for the next block, as far as it can be told.
        let ahead = if self.stream.is_packed() { 0 } else { self.carry.len() as u64 };
        self.stored = self.stream.position().saturating_sub(ahead).max(stored);
        block.stored = stored..self.stored;
        block.is_last = self.at_end && self.carry.is_empty();
        let kept = block.body.end.saturating_sub(self.back_limit);
        self.back.clear();
        if block.oversize.is_none() {
            self.back.extend_from_slice(&block.buffer[kept..block.body.end]);
        }
        Ok(true)
    }

    /// Where the last event begins that may go on after this text.
    fn cut(&self, text: &[u8]) -> Option<usize> {
        last_event(&*self.shape, text).or_else(|| {
            let start = line_start(text, text.len());
            (start > 0 && self.begins_event(&text[start..])).then_some(start)
        })
    }

    /// Puts what was carried over, then new bytes, behind `start`; returns where they end.
    fn fill_after(&mut self, buffer: &mut [u8], start: usize) -> usize {
        let carried = start + self.carry.len();
        buffer[start..carried].copy_from_slice(&self.carry);
        self.carry.clear();
        if self.at_end {
            return carried;
        }
        let (count, error) = fill(&mut self.stream, &mut buffer[carried..]);
        self.at_end = carried + count < buffer.len();
        self.error = self.error.take().or(error);
        carried + count
    }

    /// Reads on to the end of an event whose beginning fills a block, keeping only the keys and the counts.
    fn oversize<E>(
        &mut self,
        head: &[u8],
        search: impl Fn(&[u8]) -> Vec<u32>,
        check: impl Fn() -> Result<(), E>,
    ) -> Result<(Oversize, u64), E> {
        let mut whole = Oversize::default();
        let mut lines = 0;
        let mut buffer = vec![0; OVERLAP + BLOCK];
        buffer[OVERLAP..].copy_from_slice(head);
        let mut range = OVERLAP..OVERLAP + head.len();
        let mut searched_from = range.start;
        let mut at_line_start = false;
        let mut is_head = true;
        loop {
            check()?;
            let text = &buffer[range.clone()];
            let end = if is_head { None } else { self.end_of_event(text, at_line_start) };
            let taken = match end {
                Some(end) => end,
                None if self.at_end => text.len(),
                // A last line that is not complete waits for its rest, unless it is endless itself.
                None => memrchr(b'\n', text).map(|n| n + 1).filter(|n| *n >= BLOCK / 2).unwrap_or(text.len()),
            };
            let cut = range.start + taken;
            let is_end = end.is_some() || self.at_end;
            whole.keys.extend(search(whole_tokens(&buffer[searched_from..cut], searched_from == 0, !is_end)));
            whole.length += taken as u64;
            lines += newlines(&text[..taken]);
            at_line_start = taken > 0 && text[taken - 1] == b'\n' || taken == 0 && at_line_start;
            is_head = false;
            self.carry.extend_from_slice(&text[taken..]);
            if is_end {
                break;
            }
            buffer.copy_within(cut - OVERLAP..cut, 0);
            searched_from = 0;
            range = OVERLAP..self.fill_after(&mut buffer, OVERLAP);
        }
        whole.keys.sort_unstable();
        whole.keys.dedup();
        Ok((whole, lines))
    }

    /// Where an event that began before this text ends in it.
    fn end_of_event(&self, text: &[u8], at_line_start: bool) -> Option<usize> {
        if at_line_start && self.begins_event(text) {
            return Some(0);
        }
        let mut at = 0;
        loop {
            let end = next_event(&*self.shape, text, at);
            if end == text.len() {
                return None;
            }
            if self.begins_event(&text[end..]) {
                return Some(end);
            }
            at = end;
        }
    }

    /// Whether a text begins with a line that begins an event, and so much of it is there that this can be told.
    fn begins_event(&self, text: &[u8]) -> bool {
        let is_telling =
            text.len() >= TELLING || memchr(b'\n', text).is_some() || (self.at_end && !text.is_empty());
        is_telling && self.shape.starts_event(line_at(text, 0))
    }
}

/// A stretch of a longer text without the tokens that its ends may have cut, as far as tokens have a sensible length.
fn whole_tokens(text: &[u8], cut_before: bool, cut_after: bool) -> &[u8] {
    let is_gap = |b: &u8| !b.is_ascii_alphanumeric();
    let window = text.len().min(OVERLAP / 2);
    let start = if cut_before { text[..window].iter().position(is_gap).unwrap_or(0) } else { 0 };
    let tail = text.len() - window;
    let end = if cut_after { text[tail..].iter().rposition(is_gap).map(|at| tail + at + 1) } else { None };
    &text[start..end.unwrap_or(text.len()).max(start)]
}
