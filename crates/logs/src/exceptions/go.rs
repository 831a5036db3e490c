//! Go: panics with goroutines, stacks of pkg/errors and zap, wrapped errors `a: b: c`.

use super::{Exception, Frame, Language, Link, Section, assemble, detect, line_number};

/// Exceptions of one trace that are told apart.
const MOST: usize = 64;

/// Reads a panic or a message with a stack.
pub(super) fn parse(text: &str) -> Option<Exception> {
    let mut reader = Reader::default();
    for line in text.lines() {
        // cockroachdb/errors draws a rail beside its stacks.
        if !reader.line(line.strip_prefix("  | ").unwrap_or(line)) {
            break;
        }
    }
    reader.finish()
}

#[derive(Default)]
struct Reader<'a> {
    links: Vec<Link>,
    frames: Vec<Frame>,
    /// A line that is a function, if the next one is its place; else it says something.
    pending: Option<&'a str>,
    panicked: bool,
    goroutines: usize,
}

impl<'a> Reader<'a> {
    /// Reads a line; whether there is more to be read.
    fn line(&mut self, line: &'a str) -> bool {
        let text = line.trim();
        if text.is_empty() || is_note(text) {
            return true;
        }
        if line.starts_with("goroutine ") {
            self.flush();
            self.goroutines += 1;
            // The first goroutine is the one that panicked.
            return self.goroutines < 2;
        }
        if let Some(links) = panic_of(text) {
            // What was recovered and became another panic is the cause of that.
            let inner = if self.panicked { std::mem::take(&mut self.links) } else { Vec::new() };
            self.pending = None;
            self.links = links;
            let repeats =
                inner.first().is_some_and(|i| self.links.last().is_some_and(|l| l.message == i.message));
            if repeats && self.links.len() > 1 {
                self.links.pop();
            }
            self.links.extend(inner);
            self.links.truncate(MOST);
            self.panicked = true;
        } else if let Some((file, number)) = place(line) {
            let name = self.pending.take().unwrap_or_default();
            self.frames.push(frame(name, file, number));
        } else {
            self.flush();
            self.pending = Some(line);
        }
        true
    }

    /// A line that turned out to be no function says something.
    fn flush(&mut self) {
        let Some(line) = self.pending.take() else { return };
        let text = line.trim();
        if self.goroutines > 0 || is_function(text) || text.ends_with("stack:") {
            return;
        }
        let goes_on = self.panicked || line.starts_with([' ', '\t']) || is_detail(text);
        if self.links.is_empty() {
            self.links = wrapped(text);
        } else if goes_on {
            if let Some(root) = self.links.last_mut().filter(|_| self.frames.is_empty()) {
                root.message.push('\n');
                root.message.push_str(text);
            }
        } else if self.links.len() < MOST && self.links[0].message != text {
            // pkg/errors writes what was wrapped first, and what wrapped it after that.
            self.links.insert(0, Link { type_name: String::new(), message: text.to_owned() });
        }
    }

    fn finish(mut self) -> Option<Exception> {
        self.flush();
        if self.links.is_empty() && self.frames.is_empty() {
            return None;
        }
        if self.links.is_empty() {
            self.links.push(Link::default());
        }
        // Above the call of `panic` stands what recovered it; what panicked stands below.
        let is_panic = |f: &Frame| matches!(f.symbol.as_str(), "panic" | "runtime.gopanic");
        if let Some(at) = self.frames.iter().rposition(is_panic) {
            self.frames.rotate_left(at + 1);
        }
        let mut sections: Vec<Section> = self.links.into_iter().map(Section::new).collect();
        if let Some(root) = sections.last_mut() {
            root.frames = self.frames;
        }
        assemble(Some(Language::Go), sections, Vec::new())
    }
}

/// Lines that say nothing of what went wrong.
fn is_note(text: &str) -> bool {
    const STARTS: [&str; 6] =
        ["[signal ", "exit status", "-- stack trace:", "Wraps: (", "Error types: (", "runtime: "];
    let numbered = text.starts_with('(')
        && text[1..].split_once(')').is_some_and(|(n, _)| line_number(n).is_some() && n.len() < 4);
    numbered || STARTS.iter().any(|s| text.starts_with(s))
}

/// Further lines of a database's message.
fn is_detail(text: &str) -> bool {
    let word = text.split(':').next().unwrap_or_default();
    word.len() < text.len() && word.len() > 2 && word.bytes().all(|c| c.is_ascii_uppercase())
}

/// What a panic says, from the runtime or from a server that recovered it.
fn panic_of(text: &str) -> Option<Vec<Link>> {
    if let Some(rest) = text.strip_prefix("panic: ") {
        return Some(panicked(rest));
    }
    if let Some(rest) = text.strip_prefix("fatal error: ") {
        return Some(vec![Link { type_name: "fatal error".to_owned(), message: rest.to_owned() }]);
    }
    let (_, served) = text.split_once("http: panic serving ")?;
    Some(panicked(served.split_once(": ")?.1))
}

/// The value of a panic: `runtime error: …`, an error, `main.Bad{…}`; notes of recovery left out.
fn panicked(text: &str) -> Vec<Link> {
    let text = text.split(" [recovered").next().unwrap_or_default();
    if let Some(message) = text.strip_prefix("runtime error: ") {
        return vec![Link { type_name: "runtime error".into(), message: message.to_owned() }];
    }
    let mut links = wrapped(text);
    if let Some(outer) = links.first_mut()
        && outer.type_name.is_empty()
    {
        "panic".clone_into(&mut outer.type_name);
    }
    links
}

/// Wrapped errors as a chain, outermost first: `pick: insert: pq: duplicate key` is three links.
///
/// A part is a wrapper when it reads like one: short, without digits and punctuation of its own.
pub(super) fn wrapped(text: &str) -> Vec<Link> {
    let mut links = Vec::new();
    let mut rest = text;
    while let Some((part, tail)) = rest.split_once(": ") {
        if !is_wrapper(part) || tail.is_empty() || links.len() == 16 {
            break;
        }
        // Names that drivers put before their own message stay with it.
        if matches!(part, "pq" | "ERROR" | "Error" | "rpc error" | "sql" | "mssql" | "redis" | "error") {
            break;
        }
        links.push(Link { type_name: String::new(), message: part.to_owned() });
        rest = tail;
    }
    let last = detect::split_type(rest);
    links.push(last.unwrap_or_else(|| Link { type_name: String::new(), message: rest.to_owned() }));
    links
}

fn is_wrapper(part: &str) -> bool {
    let words = part.split(' ').count();
    let plain = part
        .bytes()
        .all(|c| c.is_ascii_alphabetic() || matches!(c, b' ' | b'_' | b'-' | b'.' | b'/' | b'\''));
    (1..=8).contains(&words) && plain && part.starts_with(|c: char| c.is_ascii_lowercase())
}

/// A line that can only be a function of a stack: `main.(*Server).handle(0xc0, …)`, `created by main.main`.
fn is_function(line: &str) -> bool {
    line.starts_with("created by ") || (!line.contains(' ') && line.contains('.')) || line.contains("(0x")
}

/// `\t/app/pick.go:12 +0x1d`.
fn place(line: &str) -> Option<(&str, u64)> {
    if !line.starts_with(['\t', ' ']) {
        return None;
    }
    let (file, rest) = line.trim().rsplit_once(".go:")?;
    let end = rest.find(' ').unwrap_or(rest.len());
    let number = line_number(&rest[..end])?;
    let whole = line.trim();
    Some((&whole[..file.len() + 3], number))
}

fn frame(name: &str, file: &str, line: u64) -> Frame {
    let name = name.trim();
    let name = name.strip_prefix("created by ").unwrap_or(name);
    let name = name.split(" in goroutine").next().unwrap_or_default();
    let name = if name.ends_with(')') { name.rfind('(').map_or(name, |at| &name[..at]) } else { name };
    // The package ends at the first dot behind the last slash.
    let base = name.rfind('/').map_or(0, |at| at + 1);
    let dot = name[base..].find('.').map(|at| base + at);
    Frame {
        symbol: name.to_owned(),
        module: dot.map(|at| name[..at].to_owned()),
        file: Some(file.to_owned()),
        line: Some(line),
    }
}
