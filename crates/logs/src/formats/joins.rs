//! Lines that go on with the line before them in a file without headers: what a runtime prints when it ends is one event,
//! although most of its lines look like any other.

use super::body::is_type_name;
use crate::exceptions::{Language, frame_language};

/// Whether a line belongs to the same trace as the line before it that is not blank.
pub(super) fn goes_on(previous: &[u8], line: &[u8]) -> bool {
    let (Ok(previous), Ok(line)) = (std::str::from_utf8(previous), std::str::from_utf8(line)) else {
        return false;
    };
    let (previous, line) = (previous.trim_end(), line.trim_end());
    if is_opened(previous) {
        return true;
    }
    match frame_language(line) {
        // Ruby's innermost frame has what was raised behind it, and begins a trace.
        Some(Language::Ruby) if line.contains("': ") => {}
        Some(_) => return true,
        None => {}
    }
    match frame_language(previous) {
        Some(Language::Python) => is_raised(line, true),
        Some(Language::Go) => {
            is_call(line) || line.starts_with("exit status ") || line.starts_with("goroutine ")
        }
        Some(Language::Php) => line.starts_with("Next "),
        Some(Language::Ruby) => frame_language(line) == Some(Language::Ruby),
        Some(Language::JavaScript) => line.starts_with("Emitted '") || line.starts_with("Node.js v"),
        Some(_) => false,
        // Source lines stand between Python's frames, and Go's functions between their places.
        None if previous.starts_with("    ") => is_raised(line, ends_source(previous)),
        None if previous.starts_with("  [Previous line repeated") => is_raised(line, true),
        None if previous.starts_with("runtime: ") => {
            line.starts_with("runtime: ") || line.starts_with("fatal error: ")
        }
        None if previous.starts_with("fatal error: ") => line == "runtime stack:",
        None if is_call(previous) || previous.ends_with("stack:") => is_call(line),
        None => line.starts_with("Node.js v") && previous.trim_start().starts_with('}'),
    }
}

/// The head of a group of exceptions in Python: the only one that is indented.
pub(super) fn begins_group(line: &[u8]) -> bool {
    line.starts_with(b"  + Exception Group Traceback")
}

/// Lines after which a trace always goes on.
fn is_opened(previous: &str) -> bool {
    let is_caret = !previous.is_empty() && previous.trim_start().bytes().all(|c| c == b'^');
    let is_panic =
        previous.starts_with("thread '") && previous.contains("panicked at") && previous.ends_with(':');
    // Where an uncaught error was thrown stands alone on its line, before the source there.
    let is_place = previous.rsplit_once(':').is_some_and(|(file, n)| {
        let is_file = ["/", "<", "node:", "file:"].iter().any(|s| file.starts_with(s)) && !file.contains(' ');
        is_file && !n.is_empty() && n.bytes().all(|c| c.is_ascii_digit())
    });
    is_caret
        || is_panic
        || is_place
        || previous.starts_with("goroutine ") && previous.ends_with("]:")
        || previous.trim_start().split_once(": from ").is_some_and(|(n, _)| n.parse::<u32>().is_ok())
        || previous == "Task exception was never retrieved"
        || previous.starts_with("future: <")
        || previous.starts_with("Exception in thread ") && previous.ends_with(':')
        || previous.starts_with("During handling of the above")
        || previous.starts_with("The above exception was")
}

/// Whether a line of source surely stands in a traceback: it raises, or it is what marks a part of it.
fn ends_source(line: &str) -> bool {
    let text = line.trim_start();
    text.starts_with("raise ") || text.bytes().all(|c| matches!(c, b'^' | b'~' | b' '))
}

/// `KeyError: 'sku'`, `shop.errors.PickFailed: …`: what ends a traceback; with any name where one surely ends.
fn is_raised(line: &str, surely: bool) -> bool {
    let name = line.split(':').next().unwrap_or_default();
    let any = || crate::scan::is_dotted_ident(name) && !name.contains('-');
    is_type_name(name) || surely && any()
}

/// `main.(*Server).Handle(0xc0, …)`, `runtime.goexit()`, `created by main.main in goroutine 1`.
fn is_call(line: &str) -> bool {
    let is_named = line.split('(').next().is_some_and(|n| !n.is_empty() && !n.contains(' '));
    line.starts_with("created by ")
        || line.ends_with(')') && is_named && (line.contains('.') || line.starts_with("panic("))
}
