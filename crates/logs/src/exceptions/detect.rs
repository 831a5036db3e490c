//! Which language wrote a trace, and where in a line a type name and its message stand.

use super::{Language, Link};
use crate::formats::is_type_name;

/// The language of a trace by its frames and set phrases; `None` for a text without any.
pub(super) fn language(text: &str) -> Option<Language> {
    let mut weak = None;
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        let trimmed = line.trim_start();
        let indented = trimmed.len() < line.len();
        if trimmed.starts_with("Traceback (most recent call last)") {
            let is_ruby = lines.peek().is_some_and(|next| super::ruby::is_numbered(next));
            return Some(if is_ruby { Language::Ruby } else { Language::Python });
        }
        if let Some(found) = by_frame(trimmed, indented).or_else(|| by_phrase(trimmed, line)) {
            return Some(found);
        }
        weak = weak.or_else(|| by_cause(trimmed));
    }
    weak
}

/// The language of a line that is a frame; what it was indented by taken off.
pub(super) fn by_frame(line: &str, indented: bool) -> Option<Language> {
    let line = line.strip_prefix("| ").map_or(line, str::trim_start);
    if let Some(frame) = line.strip_prefix("at ") {
        return at_frame(frame.trim_end(), indented);
    }
    if line.starts_with("File \"") && line.contains(", line ") {
        return Some(Language::Python);
    }
    if line.starts_with('#') && is_php_frame(line) {
        return Some(Language::Php);
    }
    if line.starts_with("PHP ") && super::php::numbered(line).is_some() {
        return Some(Language::Php);
    }
    if line.contains(':') && super::ruby::is_frame(line) {
        return Some(Language::Ruby);
    }
    if line.contains('@') && super::javascript::is_at_url(line) {
        return Some(Language::JavaScript);
    }
    if indented && super::csharp::is_translated_frame(line) {
        return Some(Language::CSharp);
    }
    let place = line.split(" +0x").next().unwrap_or_default().trim_end();
    let is_go = indented
        && place
            .rsplit_once(".go:")
            .is_some_and(|(path, n)| !path.contains(' ') && super::line_number(n).is_some());
    is_go.then_some(Language::Go)
}

/// `#0 /app/Store.php(41): …`, `#2 {main}`.
fn is_php_frame(line: &str) -> bool {
    let digits = line[1..].bytes().take_while(u8::is_ascii_digit).count();
    let rest = line.get(1 + digits..).unwrap_or_default();
    digits > 0
        && (rest.contains(".php(") || rest.trim() == "{main}" || rest.starts_with(" [internal function]"))
}

/// Java, C# and JavaScript all write `at`: the place behind the function tells them apart.
fn at_frame(frame: &str, indented: bool) -> Option<Language> {
    const JAVA: [&str; 9] = [
        ".java:",
        ".kt:",
        ".scala:",
        ".groovy:",
        "(Native Method)",
        "(Unknown Source)",
        ".java)",
        ".kt)",
        "(<generated>)",
    ];
    if JAVA.iter().any(|j| frame.contains(j)) || frame.contains("(SourceFile") {
        return Some(Language::Java);
    }
    if is_place_in_parens(frame) {
        return Some(Language::Java);
    }
    if has_column(frame)
        || frame.contains("node:internal")
        || frame.contains("<anonymous>")
        || frame.ends_with("(native)")
    {
        return Some(Language::JavaScript);
    }
    if frame.contains(":line ")
        || (indented && frame.contains('.') && frame.contains('(') && frame.ends_with(')'))
    {
        return Some(Language::CSharp);
    }
    None
}

/// `insert(/srv/store.py:5)`: a function and its place, as traces that were put together from parts have it.
fn is_place_in_parens(frame: &str) -> bool {
    let inner = frame.strip_suffix(')').and_then(|f| f.rsplit_once('('));
    inner.is_some_and(|(symbol, place)| {
        let (file, line) = place.rsplit_once(':').unwrap_or((place, ""));
        let is_file = file == "Unknown Source" || !file.contains([' ', ':', '<']) && file.contains('.');
        !symbol.is_empty() && !symbol.contains(' ') && is_file && super::line_number(line).is_some()
    })
}

/// Whether a frame ends in `:line:column`, in parentheses or not.
fn has_column(frame: &str) -> bool {
    let place = frame.trim_end_matches(['{', ' ', ')', ',']);
    let mut parts = place.rsplitn(3, ':');
    let (column, line) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    super::line_number(column).is_some() && super::line_number(line).is_some() && parts.next().is_some()
}

fn by_phrase(trimmed: &str, line: &str) -> Option<Language> {
    if trimmed.starts_with("PHP Fatal error:") || trimmed.starts_with("Uncaught PHP Exception ") {
        return Some(Language::Php);
    }
    if trimmed.contains("+ Exception Group Traceback (most") {
        return Some(Language::Python);
    }
    if line.starts_with("Node.js v") || trimmed.starts_with("[errors]: [") {
        return Some(Language::JavaScript);
    }
    if line.starts_with("panic: ") || line.starts_with("fatal error: ") || is_goroutine(line) {
        return Some(Language::Go);
    }
    if trimmed.starts_with("thread '") && trimmed.contains("panicked at")
        || line.starts_with("stack backtrace:")
    {
        return Some(Language::Rust);
    }
    let is_report = matches!(line.trim_end(), "Caused by:" | "Location:") || line.contains("━ BACKTRACE ━");
    is_report.then_some(Language::Rust)
}

fn is_goroutine(line: &str) -> bool {
    line.strip_prefix("goroutine ")
        .is_some_and(|r| r.starts_with(|c: char| c.is_ascii_digit()) && r.contains(" ["))
}

/// Words that introduce a cause, for traces whose frames were left out.
fn by_cause(line: &str) -> Option<Language> {
    if line.starts_with("---> ") || line.contains(" ---> ") || line.starts_with("--- End of inner") {
        return Some(Language::CSharp);
    }
    if line.starts_with("Caused by: ") {
        return Some(Language::Java);
    }
    line.starts_with("[cause]: ").then_some(Language::JavaScript)
}

/// The language that names its types so.
pub(super) fn language_of_type(name: &str) -> Option<Language> {
    const JAVA: [&str; 8] = ["java.", "javax.", "jakarta.", "org.", "com.", "io.", "kotlin.", "net."];
    const DOTNET: [&str; 6] = ["System.", "Microsoft.", "Npgsql.", "MySql.", "Confluent.", "MongoDB."];
    if DOTNET.iter().any(|p| name.starts_with(p)) {
        return Some(Language::CSharp);
    }
    JAVA.iter().any(|p| name.starts_with(p)).then_some(Language::Java)
}

/// Introductions before a type name.
const INTRODUCTIONS: [&str; 10] = [
    "Unhandled exception. ",
    "Unhandled exception: ",
    "Unhandled Exception: ",
    "Unhandled exception.---> ",
    "Uncaught PHP Exception ",
    "Uncaught ",
    "PHP Fatal error:  Uncaught ",
    "(node) ",
    "Cause: ",
    "error: ",
];

/// A line as a type with its message, where it starts with a type or an introduction of one.
pub(super) fn head_of(line: &str) -> Option<Link> {
    let mut line = line.trim();
    if let Some(rest) = line.strip_prefix("Exception in thread \"") {
        line = rest.split_once("\" ").map_or(rest, |(_, r)| r);
    }
    for introduction in INTRODUCTIONS {
        line = line.strip_prefix(introduction).unwrap_or(line);
    }
    split_type(line)
}

/// `Type: message`, `Type (0x80004005): message`, `Type [CODE]: message` or a type alone.
pub(super) fn split_type(line: &str) -> Option<Link> {
    let end = line.find([':', ' ', '(', '[', ',']).unwrap_or(line.len());
    let (name, rest) = line.split_at(end);
    let dotted = name.contains('.') && crate::scan::is_dotted_ident(name) && rest.starts_with(": ");
    if !(is_type_name(name) || dotted && last_is_capital(name)) {
        return None;
    }
    let mut message = rest.trim_start();
    for (open, close) in [('(', ')'), ('[', ']')] {
        if message.starts_with(open)
            && let Some(at) = message.find(close)
            && message[at + 1..].trim_start().starts_with(':')
        {
            message = message[at + 1..].trim_start();
        }
    }
    if !(message.is_empty()
        || message.starts_with(':')
        || rest.starts_with([':', ','])
        || rest.starts_with(" --->"))
    {
        return None;
    }
    let message = message.strip_prefix(':').unwrap_or(message).trim();
    Some(Link { type_name: name.to_owned(), message: message.to_owned() })
}

fn last_is_capital(name: &str) -> bool {
    name.rsplit('.').next().and_then(|l| l.bytes().next()).is_some_and(|c| c.is_ascii_uppercase())
}

/// The head inside a text: its first line that starts with a type, else the first type inside its first line.
pub(super) fn find_head(text: &str) -> Option<Link> {
    for (n, line) in text.lines().take(64).enumerate() {
        if let Some(mut link) = head_of(line) {
            let rest: Vec<&str> =
                text.lines().skip(n + 1).map(str::trim_end).filter(|l| !l.is_empty()).collect();
            if !rest.is_empty() && rest.len() < 200 {
                link.message = format!("{}\n{}", link.message, rest.join("\n"));
            }
            return Some(link);
        }
    }
    inside(text.lines().next()?)
}

/// A type with a colon inside a line: `order failed: TypeError: x`.
pub(super) fn inside(line: &str) -> Option<Link> {
    let line = crate::scan::head(line, 2000);
    for (at, _) in line.match_indices(' ').take(60) {
        let word = &line[at + 1..];
        let end = word.find([':', ' ']).unwrap_or(word.len());
        if is_type_name(&word[..end]) && word[end..].starts_with(": ") {
            return split_type(word);
        }
    }
    None
}
