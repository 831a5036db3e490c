//! The general header of a text line: time, level, thread, logger in any order and with any separators.

use super::names::{
    BRACKET, close_of, has_level_soon, is_class, is_jul_class, is_level_next, is_lower_level, is_module,
    is_name_before_colon, is_source_place, level_behind, strip_event_id, without_event_id,
};
use super::{level, logfmt, variants};
use crate::scan::{blank_run, digit_run};
use crate::timestamps::{self, Hints, Stamp};
use serde_json::Value;
use waylaid_model::Level;

/// How many parts a header may have.
const PARTS: usize = 16;

/// What a header tells.
#[derive(Debug, Default)]
pub(crate) struct Header<'a> {
    pub(crate) stamp: Option<Stamp>,
    pub(crate) level: Option<Level>,
    pub(crate) thread: Option<&'a str>,
    pub(crate) logger: Option<&'a str>,
    pub(crate) fields: Vec<(String, Value)>,
    /// Where the message starts in the line.
    pub(crate) at: usize,
    /// Where it ends.
    pub(crate) end: usize,
    /// Spring Boot's `---` was seen: a second bracket is the thread.
    dashes: bool,
}

/// Reads the header of a line.
pub(crate) fn parse<'a>(line: &'a str, hints: Hints, header: &mut Header<'a>) {
    header.end = line.len();
    let mut scan = Scan { line, header };
    scan.lead(hints);
    if scan.trailing_logger() {
        return;
    }
    let ends = scan.variant();
    if !ends {
        scan.source();
        for _ in 0..PARTS {
            if !scan.part(hints) {
                break;
            }
        }
    }
    scan.skip_blanks();
    scan.place_behind_thread();
    // Monolog writes channel and level as one word.
    if header.level.is_none()
        && let Some((channel, last)) = header.logger.and_then(|l| l.rsplit_once('.'))
        && let Some(found) = level::of_header_word(last)
    {
        header.level = Some(found);
        header.logger = Some(channel);
    }
}

struct Scan<'a, 'h> {
    line: &'a str,
    header: &'h mut Header<'a>,
}

impl<'a> Scan<'a, '_> {
    fn rest(&self) -> &'a str {
        &self.line[self.header.at..]
    }

    fn skip_blanks(&mut self) {
        self.header.at += blank_run(self.rest().as_bytes());
    }

    /// Whether anything was read that makes this a header.
    fn begun(&self) -> bool {
        self.header.stamp.is_some() || self.header.level.is_some()
    }

    /// The time at the start, bare, in a bracket, or behind one other word.
    fn lead(&mut self, hints: Hints) {
        self.skip_blanks();
        if super::lines::is_ruby(self.rest().as_bytes()) {
            self.header.at += 3;
        }
        if self.time(hints) || self.bracketed_time(hints) || self.redis(hints) || self.nest(hints) {
            return;
        }
        let rest = self.rest();
        let word =
            rest.find(' ').filter(|n| (4..=72).contains(n) && rest.as_bytes()[0].is_ascii_alphabetic());
        if let Some(len) = word
            && level::of_header_word(rest[..len].trim_end_matches(':')).is_none()
            && rest[len + 1..].starts_with(|c: char| c.is_ascii_digit())
            && timestamps::parse_prefix(&rest.as_bytes()[len + 1..], hints).is_some_and(|s| s.len >= 19)
        {
            self.header.fields.push(("source".to_owned(), Value::from(&rest[..len])));
            self.header.at += len + 1;
            self.time(hints);
        }
    }

    /// `1234:M 22 Nov 2026 10:11:12.345 # message`: the process, its role, a time, a sign for the level.
    fn redis(&mut self, hints: Hints) -> bool {
        let line = self.rest();
        let Some(len) = super::lines::redis_head(line.as_bytes()) else { return false };
        self.header.thread = Some(&line[..len - 3]);
        self.header.at += len;
        self.time(hints);
        self.skip_blanks();
        self.header.level = match self.rest().as_bytes() {
            [b'.', b' ', ..] => Some(Level::Debug),
            [b'-' | b'*', b' ', ..] => Some(Level::Info),
            [b'#', b' ', ..] => Some(Level::Warn),
            _ => return true,
        };
        self.header.at += 2;
        true
    }

    /// `[Nest] 77  - 11/22/2026, 10:11:12 AM     LOG [Picks] message`.
    fn nest(&mut self, hints: Hints) -> bool {
        let line = self.rest();
        let Some((at, digits)) = variants::nest_head(line.as_bytes()) else { return false };
        let start = self.header.at;
        self.header.at += at;
        if !self.time(hints) {
            self.header.at = start;
            return false;
        }
        self.header.thread = Some(&line[7..7 + digits]);
        self.skip_blanks();
        let rest = self.rest();
        let word = rest.split(' ').next().unwrap_or_default();
        self.header.level = level::of_word(word).or_else(|| (word == "LOG").then_some(Level::Info));
        if self.header.level.is_some() {
            self.header.at += word.len() + 1;
        }
        let context = self.rest().strip_prefix('[').and_then(|r| r.split_once("] "));
        if let Some((name, _)) = context {
            self.header.logger = Some(name);
            self.header.at += name.len() + 3;
        }
        true
    }

    /// What a product writes behind the time; true where the message follows.
    fn variant(&mut self) -> bool {
        if self.header.stamp.is_none() || self.header.level.is_some() {
            return false;
        }
        let Some(found) = variants::behind_time(self.rest()) else { return false };
        self.take(found)
    }

    fn take(&mut self, found: variants::Variant<'a>) -> bool {
        self.header.at += found.len;
        self.header.thread = self.header.thread.or(found.thread);
        self.header.logger = self.header.logger.or(found.logger);
        self.header.level = self.header.level.or(found.level);
        self.header.fields.extend(found.fields);
        found.ends
    }

    /// `MainThread - INFO - pick.py:12 - message`: what was taken for a logger is a thread, and a place follows.
    fn place_behind_thread(&mut self) {
        if self.header.thread.is_none() && self.header.logger.is_some_and(variants::is_thread_name) {
            self.header.thread = self.header.logger.take();
        }
        if self.header.logger.is_some() || self.header.thread.is_none() {
            return;
        }
        let rest = self.rest();
        let place = rest.split_once(" - ").map(|(place, _)| place);
        if let Some(place) = place.filter(|p| !p.contains(' ') && is_source_place(p)) {
            self.header.logger = Some(place);
            self.header.at += place.len() + 3;
        }
    }

    fn time(&mut self, hints: Hints) -> bool {
        if self.header.stamp.is_some() {
            return false;
        }
        let Some(stamp) = timestamps::parse_prefix(self.rest().as_bytes(), hints) else { return false };
        self.header.stamp = Some(stamp);
        self.header.at += stamp.len;
        true
    }

    /// `[2026-11-22 10:11:12,345]`, `[10:11:12 INF]`, `[2026-11-22T10:11:12Z INFO  shop::orders]`.
    fn bracketed_time(&mut self, hints: Hints) -> bool {
        let rest = self.rest();
        if !rest.starts_with('[') || self.header.stamp.is_some() {
            return false;
        }
        let Some(stamp) = timestamps::parse_prefix(&rest.as_bytes()[1..], hints) else { return false };
        let Some(close) = close_of(rest) else { return false };
        self.header.stamp = Some(stamp);
        let inner = rest[1 + stamp.len..close].trim_matches([' ', ':', ',']);
        if let Some(pid) = inner.strip_prefix('#') {
            self.header.thread = Some(pid);
        }
        let mut words = inner.split([' ', '/']).filter(|w| !w.is_empty());
        if let Some(found) = words.next().and_then(level::of_word) {
            self.header.level = Some(found);
            let second = words.next();
            if inner.contains('/') && second.is_some_and(|s| inner.contains(&format!("/{s}"))) {
                self.header.thread = second;
            } else {
                self.header.logger = second;
            }
        }
        self.header.at += close + 1;
        true
    }

    /// `time program *64 - message`: a source of a word or two before a dash, where no level follows.
    fn source(&mut self) {
        let rest = self.rest();
        let head = &rest.as_bytes()[..rest.len().min(48)];
        let found =
            memchr::memchr_iter(b'-', head).find(|at| *at > 0 && rest.get(at - 1..at + 2) == Some(" - "));
        let Some(dash) = found.map(|at| at - 1) else { return };
        let name = rest[..dash].trim();
        let plain =
            name.bytes().all(|c| c.is_ascii_alphanumeric() || matches!(c, b'.' | b'_' | b'-' | b'*' | b' '));
        let two = name.split(' ').count() == 2 && name.starts_with(|c: char| c.is_ascii_alphabetic());
        let file = name
            .rsplit_once('.')
            .is_some_and(|(_, e)| e.len() <= 4 && e.bytes().all(|c| c.is_ascii_alphabetic()));
        if self.header.stamp.is_some()
            && (two || file && !name.contains(' '))
            && plain
            && !has_level_soon(rest)
        {
            self.header.logger = Some(name);
            self.header.at += dash + 3;
        }
    }

    /// Kafka's own pattern: `[time] LEVEL message (logger)`.
    fn trailing_logger(&mut self) -> bool {
        let rest = self.rest();
        if !rest.ends_with(')') || !self.line.starts_with('[') {
            return false;
        }
        let Some(open) = rest.rfind(" (") else { return false };
        let logger = &rest[open + 2..rest.len() - 1];
        // Kafka Connect writes the line, too.
        let logger =
            logger.rsplit_once(':').filter(|(_, n)| n.parse::<u32>().is_ok()).map_or(logger, |(l, _)| l);
        let word = rest.trim_start();
        let len = word.find(' ').unwrap_or(0);
        let Some(found) = level::of_header_word(&word[..len]) else { return false };
        if !logger.contains('.') || !crate::scan::is_dotted_ident(logger) {
            return false;
        }
        self.header.level = Some(found);
        self.header.logger = Some(logger);
        self.header.end = self.header.at + open;
        self.header.at += rest.len() - word.len() + len;
        self.skip_blanks();
        true
    }

    /// Reads one part; false when the message starts here.
    fn part(&mut self, hints: Hints) -> bool {
        self.skip_blanks();
        let rest = self.rest();
        let Some(first) = rest.as_bytes().first() else { return false };
        match first {
            b'|' if self.begun() => self.skip(1),
            b',' if self.header.stamp.is_some() && self.header.level.is_none() => self.skip(1),
            b'-' => self.dash(rest),
            b':' if rest.starts_with(": ") && self.begun() => {
                let ends = self.header.level.is_some();
                self.skip(2);
                !ends
            }
            b'[' => self.header.stamp.is_none() && self.bracketed_time(hints) || self.bracket(rest),
            b'(' => self.paren(rest),
            b'{' => self.brace(rest),
            c if c.is_ascii_digit() && self.header.stamp.is_none() && self.header.level.is_some() => {
                self.time(hints)
            }
            _ => self.word(rest),
        }
    }

    fn skip(&mut self, n: usize) -> bool {
        self.header.at += n;
        true
    }

    /// `---` of Spring Boot, `- ` and `-- ` before the message or between parts.
    fn dash(&mut self, rest: &str) -> bool {
        if rest.starts_with("--- ") {
            self.header.dashes = true;
            return self.skip(4);
        }
        // Ruby's logger without a program's name.
        if rest.starts_with("-- : ") && self.begun() {
            self.skip(5);
            return false;
        }
        let len = if rest.starts_with("-- ") { 3 } else { 2 };
        if !(rest.starts_with("-- ") || rest.starts_with("- ")) || !self.begun() {
            return false;
        }
        let ends =
            self.header.level.is_some() && (self.header.thread.is_some() || self.header.logger.is_some());
        let level_next = self.header.level.is_none() || is_level_next(&rest[len..]);
        self.skip(len);
        !ends && level_next
    }

    fn bracket(&mut self, rest: &'a str) -> bool {
        let Some(close) = close_of(rest) else { return false };
        let inner = rest[1..close].trim();
        let known = self.begun();
        if let Some(found) = level::of_word(inner)
            && self.header.level.is_none()
        {
            self.header.level = Some(found);
        } else if !(known || level_behind(&rest[close + 1..]))
            || !self.bracket_content(inner, self.is_before_thread(&rest[close + 1..]))
        {
            return false;
        }
        self.header.at += close + 1;
        if self.rest().starts_with(": ") && self.header.level.is_some() {
            self.header.at += 2;
            return false;
        }
        true
    }

    /// JBoss and Quarkus write `LEVEL [logger] (thread) message`.
    fn is_before_thread(&self, after: &str) -> bool {
        let inner = after.strip_prefix(" (").and_then(|a| a.split_once(") "));
        self.header.level.is_some()
            && self.header.thread.is_none()
            && inner.is_some_and(|(name, _)| name.len() < 80)
    }

    /// What a bracket inside a header holds; false when it belongs to the message.
    fn bracket_content(&mut self, inner: &'a str, is_before_thread: bool) -> bool {
        if inner.is_empty() || inner == "-" || inner == "(null)" {
            return true;
        }
        // The line's number within a session of PostgreSQL: `[2-1]`.
        if inner
            .split_once('-')
            .is_some_and(|(a, b)| [a, b].iter().all(|n| !n.is_empty() && digit_run(n.as_bytes()) == n.len()))
        {
            return true;
        }
        if inner.contains('=')
            && let Some(pairs) = logfmt::strict_pairs(inner)
        {
            self.header.fields.extend(pairs);
            return true;
        }
        if let Some(client) = inner.strip_prefix("client ") {
            self.header.fields.push(("client.address".into(), client.into()));
            return true;
        }
        if let Some((name, word)) = inner.rsplit_once(['/', ':'])
            && self.header.level.is_none()
            && let Some(found) = level::of_word(word)
        {
            self.header.level = Some(found);
            let slot = if inner.contains('/') { &mut self.header.thread } else { &mut self.header.logger };
            *slot = slot.or(Some(name));
            return true;
        }
        if self.trace_ids(inner) || self.request_ids(inner) {
            return true;
        }
        if self.header.logger.is_none() && (is_class(inner) || is_before_thread) {
            self.header.logger = Some(inner);
        } else if self.header.thread.is_none() {
            self.header.thread = Some(inner);
        } else if self.header.dashes {
            let app = self.header.thread.replace(inner).unwrap_or_default();
            self.header.fields.push(("service.name".into(), app.into()));
        } else if self.header.logger.is_none() && !inner.contains(' ') {
            self.header.logger = Some(inner);
        } else {
            return false;
        }
        true
    }

    /// `[app,trace,span]` of Sleuth, `[trace-span]` of Micrometer, `[trace]`.
    fn trace_ids(&mut self, inner: &str) -> bool {
        let parts: Vec<&str> = inner.split([',', '-']).collect();
        let is_hex =
            |s: &str, lens: &[usize]| lens.contains(&s.len()) && s.bytes().all(|c| c.is_ascii_hexdigit());
        let Some(at) = parts.iter().position(|p| is_hex(p, &[32, 16])) else { return false };
        // A trace id all by itself, as a pattern with `%X{traceId}` writes it.
        if parts.len() == 1 && inner.bytes().any(|c| c.is_ascii_digit()) {
            self.header.fields.push(("trace.id".into(), inner.into()));
            return true;
        }
        if at + 1 >= parts.len() || !is_hex(parts[at + 1], &[16]) || at > 2 {
            return false;
        }
        self.header.fields.push(("trace.id".into(), parts[at].into()));
        self.header.fields.push(("span.id".into(), parts[at + 1].into()));
        if at == 1 && inner.contains(',') {
            self.header.fields.push(("service.name".into(), parts[0].into()));
        }
        true
    }

    /// `[req-38101a0b-… 113d3a99… - - -]`: ids of a request and its user.
    fn request_ids(&mut self, inner: &'a str) -> bool {
        let id =
            |w: &str| w.len() >= 8 && w.bytes().any(|c| c.is_ascii_digit()) && !w.contains(['/', ':', '=']);
        let mut words = inner.split(' ');
        let first = words.next().unwrap_or_default();
        let fits = inner.contains(' ') && id(first) && words.all(|w| w == "-" || id(w));
        if fits {
            self.header.fields.push(("request.id".into(), first.into()));
        }
        fits
    }

    /// `(executor-thread-1)` of Quarkus, `(MainThread)` of Python.
    fn paren(&mut self, rest: &'a str) -> bool {
        let Some(close) = rest.find(')').filter(|c| *c < 80) else { return false };
        let inner = &rest[1..close];
        let fits = self.header.stamp.is_some() && self.header.thread.is_none() && !inner.is_empty();
        let plain =
            inner.bytes().all(|c| c.is_ascii_alphanumeric() || matches!(c, b'-' | b'_' | b'.' | b'#'));
        let plain =
            plain || self.header.level.is_some() && self.header.logger.is_some() && is_pool_thread(inner);
        if !fits || !plain {
            return false;
        }
        self.header.thread = Some(inner);
        self.skip(close + 1)
    }

    /// `{taskinstance.py:12}` of Airflow, `{traceId=ab}` of a diagnostic context.
    fn brace(&mut self, rest: &'a str) -> bool {
        let Some(close) = rest.find('}').filter(|c| *c < BRACKET && self.begun()) else { return false };
        let inner = rest[1..close].trim();
        if inner.is_empty() {
            return self.skip(close + 1);
        }
        if inner.contains('=')
            && let Some(pairs) = logfmt::strict_pairs(inner)
        {
            self.header.fields.extend(pairs);
            return self.skip(close + 1);
        }
        if is_source_place(inner) {
            self.header.logger = self.header.logger.or(Some(inner));
            return self.skip(close + 1);
        }
        false
    }

    fn word(&mut self, rest: &'a str) -> bool {
        let len = memchr::memchr3(b' ', b'\t', b'|', rest.as_bytes()).unwrap_or(rest.len());
        let word = &rest[..len];
        let after = &rest[len..];
        if word.starts_with("ThreadId(")
            && word.ends_with(')')
            && self.begun()
            && self.header.thread.is_none()
        {
            self.header.thread = Some(word);
            return self.skip(len);
        }
        if after.starts_with('\t') && self.begun() && variants::is_request_id(word) {
            self.header.fields.push(("request.id".into(), word.into()));
            self.skip(len);
            return self.header.level.is_none();
        }
        if word.contains('=') && self.header.stamp.is_some() && self.header.level.is_none() {
            return variants::pairs_before_level(rest).is_some_and(|found| !self.take(found));
        }
        self.level_word(word, after)
            || self.number_word(word, after)
            || (self.begun()
                && (self.user_word(word, after) || self.span(rest) || self.logger_word(word, after)))
    }

    fn level_word(&mut self, word: &'a str, after: &str) -> bool {
        if self.header.level.is_some() {
            return false;
        }
        let len = word.find([':', '[', '/', ',']).unwrap_or(word.len());
        let (name, tail) = (&word[..len], &word[len..]);
        let dated = self.header.stamp.is_some();
        let alone = self.header.logger.is_none() && self.header.thread.is_none();
        let found = level::of_header_word(name)
            .or_else(|| {
                (tail == ":" && dated && alone && is_lower_level(name))
                    .then(|| level::of_word(name))
                    .flatten()
            })
            .or_else(|| is_counted(name, tail).then(|| level::of_word(name)).flatten())
            .or_else(|| (tail == ":").then(|| level::of_dotnet_prefix(name)).flatten())
            .or_else(|| (dated && after.starts_with('|')).then(|| level::of_word(name)).flatten())
            .or_else(|| (tail == ":" && dated && name == "LOG").then_some(Level::Info))
            .or_else(|| {
                (dated && is_lower_level(name) && tail.is_empty()).then(|| level::of_word(name)).flatten()
            });
        // Columns of the Windows servicing log and its like: `Info                  CBS    text`.
        let padded = dated && after.starts_with("  ") && tail.is_empty();
        let found = found.or_else(|| padded.then(|| level::of_word(name)).flatten());
        let Some(found) = found else { return false };
        self.header.level = Some(found);
        self.header.at += len;
        if let Some(behind) = tail.strip_prefix(':') {
            self.header.at += 1;
            // Python's basic configuration: `ERROR:shop.orders:message`.
            let logger = behind.split_once(':').map(|(l, _)| l).filter(|l| crate::scan::is_dotted_ident(l));
            if let Some(logger) = logger {
                self.header.logger = Some(logger);
                self.header.at += logger.len() + 1;
                return false;
            }
        } else if tail.starts_with('[') && tail.as_bytes().get(1).is_some_and(u8::is_ascii_digit) {
            // logrus on a terminal: `INFO[0012] message`.
            self.header.at += tail.find(']').map_or(0, |c| c + 1);
        }
        true
    }

    /// Process and thread numbers, and the level letter behind two of them (Android).
    fn number_word(&mut self, word: &'a str, after: &str) -> bool {
        let run = digit_run(word.as_bytes());
        let whole = run == word.len() && (1..=10).contains(&run);
        let pair = word.trim_end_matches(':').split_once('#').is_some_and(|(a, b)| {
            digit_run(a.as_bytes()) == a.len() && digit_run(b.as_bytes()) == b.len() && !a.is_empty()
        });
        let next = after.trim_start();
        let by_level = self.header.level.is_none() && self.header.stamp.is_some();
        let by_dashes = next.starts_with("--- ");
        if whole && after.starts_with('|') && self.begun() && self.header.thread.is_none() {
            self.header.thread = Some(word);
            return self.skip(word.len());
        }
        if (whole && (by_level || by_dashes)) || (pair && self.begun()) {
            // Without a level behind it a number belongs to the message.
            if whole && by_level && !by_dashes && !has_level_soon(next) {
                return false;
            }
            if by_dashes {
                self.header.fields.push(("process.pid".into(), logfmt::scalar(word.to_owned())));
            } else {
                self.header.thread = Some(word.trim_end_matches(':'));
            }
            return self.skip(word.len());
        }
        let letter = word.len() == 1 && self.header.thread.is_some() && by_level;
        if letter && let Some(found) = level::of_letter(word.as_bytes()[0]) {
            self.header.level = Some(found);
            return self.skip(1);
        }
        false
    }

    /// `user@database` of PostgreSQL before its severity.
    fn user_word(&mut self, word: &str, after: &str) -> bool {
        let Some((user, database)) = word.split_once('@') else { return false };
        if self.header.level.is_some() || !has_level_soon(after.trim_start()) {
            return false;
        }
        self.header.fields.push(("user".into(), user.into()));
        self.header.fields.push(("database".into(), database.into()));
        self.skip(word.len())
    }

    /// `request{order_id=12}: ` of Rust's tracing.
    fn span(&mut self, rest: &str) -> bool {
        let Some(open) = rest.find('{').filter(|o| *o > 0 && *o < 60) else { return false };
        let named =
            rest[..open].bytes().all(|c| c.is_ascii_alphanumeric() || matches!(c, b'_' | b'-' | b':' | b'.'));
        let Some(close) =
            rest.find('}').filter(|c| *c < BRACKET * 4 && rest.as_bytes().get(c + 1) == Some(&b':'))
        else {
            return false;
        };
        if !named || !rest[open..close].contains('=') {
            return false;
        }
        let pairs = logfmt::Pairs::new(&rest[open + 1..close]);
        self.header.fields.extend(pairs.map(|(k, v)| (k.to_owned(), logfmt::scalar(v))));
        self.skip(close + 2)
    }

    fn logger_word(&mut self, word: &'a str, after: &str) -> bool {
        if self.header.logger.is_some() || !word.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') {
            return false;
        }
        let name = word.trim_end_matches(':');
        let plain = name.bytes().all(|c| c.is_ascii_alphanumeric() || b"._$:/@-#[]<>`+*".contains(&c));
        if !plain || name.is_empty() {
            return false;
        }
        let next = after.trim_start_matches([' ', '\t']);
        let separated = next.starts_with("- ")
            || next.starts_with("-- ")
            || next.starts_with(": ")
            || next.starts_with("[(null)] - ")
            || next.starts_with('|');
        let after_tab = after.starts_with('\t') && self.header.level.is_some() && !name.contains(' ');
        let colon = word.ends_with(':') && is_name_before_colon(name);
        if separated
            || after_tab
            || (self.header.level.is_some()
                && after.starts_with("  ")
                && name.bytes().all(|c| c.is_ascii_uppercase()))
            || (self.header.level.is_some() && is_module(name) && next.starts_with('['))
            || colon
            || (self.header.level.is_some() && is_class(without_event_id(name)))
            || is_jul_class(name)
        {
            self.header.logger = Some(strip_event_id(name, &mut self.header.fields));
            self.header.at += word.len();
            // A colon ends the header where the level is known.
            return !(colon && self.header.level.is_some());
        }
        false
    }
}

/// `(ServerService Thread Pool -- 58)`, `(default task-1)`, `(MSC service thread 1-2)`.
fn is_pool_thread(name: &str) -> bool {
    let plain = |c: u8| {
        c.is_ascii_alphanumeric() || matches!(c, b'-' | b'_' | b'.' | b'#' | b' ' | b',' | b'/' | b':')
    };
    name.ends_with(|c: char| c.is_ascii_digit()) && name.bytes().all(plain)
}

/// logrus on a terminal cuts levels at four letters: `ERRO[0012] message`.
fn is_counted(name: &str, tail: &str) -> bool {
    name.len() == 4
        && name.bytes().all(|c| c.is_ascii_uppercase())
        && tail.starts_with('[')
        && tail.as_bytes().get(1).is_some_and(u8::is_ascii_digit)
}
