//! The part of a text event behind its header: message lines and the stack trace that follows them.

use crate::exceptions::Language;

/// Splits a body into its message and its exception.
pub(crate) fn split(body: &str) -> (String, Option<String>) {
    let (first, rest) = crate::scan::first_line(body);
    if rest.is_empty() {
        return (first.trim_end().to_owned(), None);
    }
    match find_trace(first, rest) {
        None => (dedent(body), None),
        Some(Trace::At(at)) => {
            let message = dedent(&body[..body.len() - rest.len() + at]);
            let exception = rest[at..].trim_start_matches(' ').trim_end().replace('\r', "");
            if message.is_empty() || is_preamble(&message) {
                let head = crate::scan::first_line(&exception).0.trim().to_owned();
                return (head, Some(exception));
            }
            (message, Some(exception))
        }
        Some(Trace::Context(at)) => {
            // JSON in which a trace stands: its backslashes are doubled.
            let exception = body[at..].trim_end().replace('\r', "").replace("\\\\", "\\");
            let message = first[..at].trim_end_matches(|c| "{\":".contains(c));
            let message =
                message.strip_suffix("exception").map_or(message, |m| m.trim_end_matches(['"', '{']));
            (message.trim_end().to_owned(), Some(exception))
        }
        Some(Trace::InFirst(at)) => {
            let exception = body[at..].trim_end().replace('\r', "");
            // NLog writes the exception as one more column behind the message.
            let message = first[..at].strip_suffix('|').filter(|m| !m.is_empty()).unwrap_or(first);
            (message.trim_end().to_owned(), Some(exception))
        }
    }
}

/// The place, the source and the caret that Node prints before an uncaught error: no message of anybody's.
fn is_preamble(message: &str) -> bool {
    let (first, rest) = crate::scan::first_line(message);
    let is_caret = |l: &str| !l.trim().is_empty() && l.trim().bytes().all(|c| c == b'^');
    let is_place = first.rsplit_once(':').is_some_and(|(_, n)| n.parse::<u64>().is_ok());
    is_place && !first.contains(' ') && rest.lines().any(is_caret)
}

/// Where a stack trace begins.
enum Trace {
    /// At a line of the rest: offset into the rest.
    At(usize),
    /// Inside the first line: offset into it.
    InFirst(usize),
    /// In the context that Monolog writes behind the message: offset into the first line.
    Context(usize),
}

fn find_trace(first: &str, rest: &str) -> Option<Trace> {
    if let Some(at) = first.find("[object] (").filter(|_| rest.starts_with("[stacktrace]")) {
        return Some(Trace::Context(at));
    }
    // The lines that were passed and are not blank: the first, the last.
    let mut passed: Option<(usize, usize)> = None;
    let mut at = 0;
    for line in rest.split_inclusive('\n') {
        let begins_inside =
            ["Caused by: ", "Stack trace:", "PHP Stack trace:"].iter().any(|s| line.starts_with(s));
        if is_head(line) && !begins_inside {
            return Some(Trace::At(at));
        }
        let by_frame = crate::exceptions::frame_language(line);
        // Ruby writes what was raised behind the innermost frame.
        let is_raised = by_frame == Some(Language::Ruby) && line.contains("': ");
        if is_raised && !line.starts_with([' ', '\t']) && !first.starts_with("Traceback (most") {
            return Some(Trace::At(at));
        }
        if begins_inside || by_frame.is_some() || is_frame(line) {
            return Some(match passed {
                Some(_) if names_a_type(first) => Trace::InFirst(type_in(first)),
                // What was thrown stands in several lines before the frames.
                Some((first, _)) if says_before(by_frame) => Trace::At(first),
                Some((_, last)) => Trace::At(last),
                None if begins_inside && !names_a_type(first) => Trace::At(at),
                None => Trace::InFirst(type_in(first)),
            });
        }
        if !line.trim().is_empty() {
            passed = Some((passed.map_or(at, |(first, _)| first), at));
        }
        at += line.len();
    }
    if is_head(first) && rest.lines().any(is_cause) { Some(Trace::InFirst(0)) } else { None }
}

/// Languages that write a function, or several lines of a message, between what was thrown and the first frame.
fn says_before(language: Option<Language>) -> bool {
    matches!(language, Some(Language::Go | Language::Ruby | Language::Php))
}

/// Whether a line begins with what was thrown.
fn names_a_type(line: &str) -> bool {
    let by_frame = crate::exceptions::frame_language(line);
    is_head(line) || crate::exceptions::is_typed(line) || by_frame == Some(Language::Ruby)
}

/// Where in a message the exception begins: at its last type name that is followed by a colon or the end.
fn type_in(first: &str) -> usize {
    let mut found = 0;
    let mut at = 0;
    for word in first.split([' ', '|']) {
        let name = word.trim_end_matches([':', ';', ',']);
        if is_type_name(name) && (word.ends_with(':') || at + word.len() == first.trim_end().len()) {
            found = at;
            break;
        }
        at += word.len() + 1;
    }
    found
}

/// Whether a word is the name of an exception type.
pub(crate) fn is_type_name(name: &str) -> bool {
    const ENDS: [&str; 12] = [
        "Exception",
        "Error",
        "Throwable",
        "Failure",
        "Fault",
        "Warning",
        "Interrupt",
        "Abort",
        "Exit",
        "Timeout",
        "Rejection",
        "Violation",
    ];
    if name.len() < 4 || name.len() > 200 {
        return false;
    }
    let plain =
        name.bytes().all(|c| c.is_ascii_alphanumeric() || matches!(c, b'.' | b'_' | b'$' | b'`' | b'\\'));
    let last = name.rsplit(['.', '$', '\\', '+']).next().unwrap_or_default();
    plain
        && last.as_bytes().first().is_some_and(u8::is_ascii_uppercase)
        && ENDS.iter().any(|e| last.ends_with(e))
}

/// Whether a line is the head of a trace: a type with its message, or a runtime's introduction.
pub(crate) fn is_head(line: &str) -> bool {
    const STARTS: [&str; 13] = [
        "PHP Warning: ",
        "PHP Stack trace:",
        "Fatal error: Uncaught ",
        "Stack trace:",
        "Traceback (most recent call last)",
        "Exception in thread \"",
        "panic: ",
        "fatal error: ",
        "Unhandled exception",
        "Caused by: ",
        "  + Exception Group Traceback",
        "PHP Fatal error:",
        "Uncaught ",
    ];
    let text = line.trim_end();
    if STARTS.iter().any(|s| text.starts_with(s))
        || (text.starts_with("thread '") && text.contains("panicked at"))
    {
        return true;
    }
    if text.starts_with(' ') && !text.starts_with("  Exception") {
        return false;
    }
    let text = text.trim_start();
    if let Some(inner) = text.strip_prefix('[') {
        // Node shows an error without a stack in brackets.
        return is_type_name(inner.split([':', ']']).next().unwrap_or_default());
    }
    let word = text.split([':', ' ', '(']).next().unwrap_or_default();
    is_type_name(word) && (word.contains('.') || text[word.len()..].starts_with([':', ' ']) || text == word)
}

fn is_cause(line: &str) -> bool {
    line.starts_with("Caused by: ") || line.trim_start().starts_with("---> ")
}

/// Whether a line is a frame of some language's trace.
pub(crate) fn is_frame(line: &str) -> bool {
    let text = line.trim_start();
    let indented = text.len() < line.len();
    (indented && text.starts_with("at "))
        || (indented && text.starts_with("File \"") && text.contains(", line "))
        || (indented && text.starts_with("... ") && text.contains(" more"))
        || text.starts_with("---> ")
        || (text.starts_with("goroutine ") && text.contains(" ["))
        || text.starts_with("stack backtrace:")
        || (indented && text.starts_with("from ") && text.contains(".rb:"))
        || (text.starts_with('#')
            && text.as_bytes().get(1).is_some_and(u8::is_ascii_digit)
            && text.contains(".php("))
}

/// The lines of a message without the indentation that only continued it.
fn dedent(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for (n, line) in text.trim_end().lines().enumerate() {
        if n > 0 && !out.is_empty() {
            out.push('\n');
        }
        out.push_str(if out.is_empty() { line.trim() } else { line.trim_end() });
    }
    out
}
