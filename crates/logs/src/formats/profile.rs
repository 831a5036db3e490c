//! What the beginning of a file tells about the rest: header shapes, order of day and month.

use super::columns::Columns;
use super::lines::{self, Shape};
use super::wrappers;
use super::writers::{self, Writers, Written};
use crate::timestamps::{self, DateOrder, Hints};
use waylaid_model::Timestamp;

/// How much of a file is looked at.
const SAMPLE: usize = 64 * 1024;

/// What the beginning of a file tells about the rest of it.
#[derive(Clone, Debug)]
pub struct FileProfile {
    /// The year to assume where a format writes none (syslog), for example that of the file's last change.
    pub year_hint: Option<i64>,
    /// No time of the file lies much behind this one: that of its last change.
    pub latest: Option<Timestamp>,
    order: Option<DateOrder>,
    /// No line of the sample has a header: every line that isn't indented is an event.
    headerless: bool,
    /// Objects that stand among text lines are data, not events, unless they look like log objects.
    json_is_data: bool,
    /// Most lines have no header, so that none is looked for.
    bare: bool,
    /// Columns before the message, where no known header explains the lines.
    columns: Option<Columns>,
    /// All lines say who wrote them.
    writers: Option<Writers>,
    allowed: [bool; Shape::COUNT],
}

impl Default for FileProfile {
    fn default() -> Self {
        Self {
            year_hint: None,
            latest: None,
            order: None,
            headerless: false,
            json_is_data: false,
            bare: false,
            columns: None,
            writers: None,
            allowed: [true; Shape::COUNT],
        }
    }
}

impl FileProfile {
    /// The profile of a file with this beginning; only the first 64 KB are looked at.
    pub fn of(sample: &[u8]) -> Self {
        let sample = &sample[..sample.len().min(SAMPLE)];
        let mut counts = [0usize; Shape::COUNT];
        let (mut starts, mut json_logs, mut pairs, mut order) = (0, 0, 0, None);
        let mut others = 0;
        let mut previous = None;
        for line in sample.split(|c| *c == b'\n').filter(|l| !l.is_empty()) {
            let mut buffer = [0u8; wrappers::PEEK];
            let inner = wrappers::peek(line, &mut buffer);
            order = order.or_else(|| evidence(inner));
            let shape = lines::shape_of(inner);
            if let Some(shape) = shape {
                counts[shape as usize] += 1;
                starts += 1;
                json_logs += usize::from(shape == Shape::Json && looks_like_log(inner));
                pairs += usize::from(shape == Shape::Level && previous == Some(Shape::Dated));
            } else {
                others += usize::from(!lines::is_continuation(inner));
            }
            previous = shape;
        }
        let mut profile = Self::from_counts(counts, starts, json_logs, pairs, order);
        if others > starts {
            let text = String::from_utf8_lossy(sample);
            profile.columns = Columns::learn(&text.lines());
            profile.bare = profile.columns.is_none();
            profile.headerless &= profile.bare;
        }
        profile.writers = Writers::learn(sample);
        profile
    }

    fn from_counts(
        counts: [usize; Shape::COUNT],
        starts: usize,
        json_logs: usize,
        pairs: usize,
        order: Option<DateOrder>,
    ) -> Self {
        let dated = counts[Shape::Dated as usize];
        // `java.util.logging` writes two lines: one with the time, one with the level.
        let two_lines = pairs > 0 && pairs * 2 >= dated;
        let mut allowed = [true; Shape::COUNT];
        for shape in [Shape::Clock, Shape::Epoch, Shape::Level] {
            let n = counts[shape as usize];
            allowed[shape as usize] = starts == 0 || n * 10 >= starts;
        }
        allowed[Shape::Level as usize] &= !two_lines;
        let json = counts[Shape::Json as usize];
        Self {
            year_hint: None,
            latest: None,
            order,
            headerless: starts == 0,
            json_is_data: starts > json && json_logs == 0,
            bare: false,
            columns: None,
            writers: None,
            allowed,
        }
    }

    /// The same with a year to assume where a format writes none.
    #[must_use]
    pub fn with_year(mut self, year: Option<i64>) -> Self {
        self.year_hint = year;
        self
    }

    /// The same with the time of the file's last change: where a format writes no year, its year is assumed, or the one
    /// before for what would lie behind it.
    #[must_use]
    pub fn with_latest(mut self, latest: Option<Timestamp>) -> Self {
        self.latest = latest;
        self.year_hint = latest.map(|t| t.civil().0).or(self.year_hint);
        self
    }

    /// Whether a physical line begins a new event in this file.
    pub fn starts_event(&self, line: &[u8]) -> bool {
        if let Some((writers, written)) = self.written(line) {
            return writers.starts_event(&written);
        }
        let mut buffer = [0u8; wrappers::PEEK];
        let inner = wrappers::peek(line, &mut buffer);
        let Some(shape) = lines::shape_of(inner) else {
            let begins = || !lines::is_continuation(inner) || super::joins::begins_group(inner);
            return self.headerless && begins() || self.has_columns(inner);
        };
        self.allows(shape, inner) && (shape != Shape::Dated || !lines::is_server_detail(inner))
    }

    /// Whether a physical line belongs to the event of the line before it that is not blank, although it looks as if it
    /// began one: a container's runtime cut it, or a trace goes on in a file without headers.
    pub fn goes_on(&self, previous: &[u8], line: &[u8]) -> bool {
        let (mut previous, mut line) = (previous, line);
        let mut may = self.headerless;
        if let (Some((_, before)), Some((_, written))) = (self.written(previous), self.written(line)) {
            if before.writer != written.writer {
                return false;
            }
            (previous, line, may) = (before.inner, written.inner, true);
        }
        may &= lines::shape_of(line).is_none();
        wrappers::goes_on(previous) || may && super::joins::goes_on(previous, line)
    }

    /// Who wrote a line, in a file whose lines all say so: lines of several writers stand between each other there.
    pub fn writer<'a>(&self, line: &'a [u8]) -> Option<&'a [u8]> {
        self.written(line).map(|(_, written)| written.writer)
    }

    /// Whether lines of several writers may stand between each other.
    pub fn has_writers(&self) -> bool {
        self.writers.is_some()
    }

    fn written<'a>(&self, line: &'a [u8]) -> Option<(&Writers, Written<'a>)> {
        let writers = self.writers.as_ref()?;
        writers::split(line).map(|written| (writers, written))
    }

    /// Whether a line of this shape begins an event in this file.
    pub(super) fn allows(&self, shape: Shape, inner: &[u8]) -> bool {
        match shape {
            Shape::Json => !self.json_is_data || looks_like_log(inner),
            Shape::Dated => true,
            _ => self.allowed[shape as usize],
        }
    }

    fn has_columns(&self, line: &[u8]) -> bool {
        self.columns.as_ref().is_some_and(|c| std::str::from_utf8(line).is_ok_and(|l| c.read(l).is_some()))
    }

    /// The columns before the message, where the file has such.
    pub(super) fn columns(&self) -> Option<&Columns> {
        self.columns.as_ref()
    }

    /// Whether most lines of the sample had no header: they are messages as they stand.
    pub fn is_bare(&self) -> bool {
        self.bare
    }

    pub(crate) fn hints(&self) -> Hints {
        Hints { order: self.order, year: self.year_hint, latest: self.latest }
    }

    /// Whether the sample's lines showed no header at all.
    pub fn is_headerless(&self) -> bool {
        self.headerless
    }
}

/// What the date at the start of a line proves about the order of day and month.
fn evidence(line: &[u8]) -> Option<DateOrder> {
    let line = crate::scan::skip_ansi(line);
    let date = line.strip_prefix(b"[").unwrap_or(line);
    timestamps::order_evidence(date)
}

/// Whether an object's first bytes hold a key that log objects have.
fn looks_like_log(line: &[u8]) -> bool {
    const KEYS: [&[u8]; 12] = [
        b"\"time",
        b"\"ts\"",
        b"\"@t",
        b"\"level",
        b"\"lvl\"",
        b"\"msg\"",
        b"\"message\"",
        b"\"severity",
        b"\"log\"",
        b"\"log.",
        b"\"Timestamp",
        b"\"resourceLogs",
    ];
    let head = &line[..line.len().min(400)];
    let lone_brace = line.trim_ascii().len() == 1;
    !lone_brace && KEYS.iter().any(|k| memchr::memmem::find(head, k).is_some())
}
