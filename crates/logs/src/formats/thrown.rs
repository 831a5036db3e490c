//! An exception in parts: type, message, frames and causes as members of objects. They are put together as the text
//! that `exceptions` reads: a head, a frame a line, and `Caused by:` before each cause.

use crate::exceptions::{Exception, Frame, Link, parse_exception};
use serde_json::{Map, Value};

/// Names of objects that are an exception.
const ROOTS: [&str; 17] = [
    "error",
    "err",
    "exception",
    "exc",
    "exc_info",
    "ex",
    "thrown",
    "throwable",
    "failure",
    "fault",
    "reason",
    "cause",
    "exceptiondetail",
    "exceptiondetails",
    "errordetails",
    "error_details",
    "exception_object",
];
const TYPES: [&str; 14] = [
    "type",
    "name",
    "class",
    "className",
    "ClassName",
    "Type",
    "exceptionType",
    "exc_type",
    "exception_class",
    "error_class",
    "class_name",
    "errorType",
    "exception_type",
    "kind",
];
const MESSAGES: [&str; 10] = [
    "message",
    "msg",
    "Message",
    "exc_value",
    "value",
    "exception_message",
    "localizedMessage",
    "description",
    "detail",
    "text",
];
const STACKS: [&str; 15] = [
    "stack_trace",
    "stackTrace",
    "stack",
    "stacktrace",
    "StackTrace",
    "StackTraceString",
    "extendedStackTrace",
    "backtrace",
    "trace",
    "traceback",
    "frames",
    "lines",
    "stackTraceElements",
    "elements",
    "callstack",
];
const CAUSES: [&str; 12] = [
    "cause",
    "causedBy",
    "caused_by",
    "CausedBy",
    "InnerException",
    "innerException",
    "inner_exception",
    "inner",
    "Inner",
    "InnerExceptions",
    "previous",
    "parent",
];

/// Exceptions of one chain that are put together.
const LONGEST: usize = 32;
/// Frames that are put together.
const MOST: usize = 1000;

/// The exception that the fields of an event hold in parts; `None` where no part needs another: a field that is a whole
/// trace is left to those who read it.
pub(super) fn compose(fields: &[(String, Value)]) -> Option<String> {
    let root = fields.iter().find_map(|(path, value)| root_of(path, value))?;
    let mut links = Vec::new();
    match tree(fields, root) {
        Value::Array(list) => listed(&list, &mut links),
        whole => unfold(&whole, &mut links),
    }
    if root.is_empty()
        && let Some(first) = links.first_mut()
        && first.link.message.is_empty()
    {
        let error = fields.iter().find(|(p, _)| p == "error" || p == "err");
        error.and_then(|(_, v)| v.as_str()).unwrap_or_default().clone_into(&mut first.link.message);
    }
    let tells = links.iter().any(|l| !l.frames.is_empty()) || links.len() > 1;
    tells.then(|| print(&links))
}

/// One exception of the chain.
#[derive(Default)]
struct Thrown {
    link: Link,
    frames: Vec<Frame>,
}

/// The path of the object that is the exception, where a field shows that it comes in parts: frames as objects, or a
/// cause that is an object.
fn root_of<'a>(path: &'a str, value: &Value) -> Option<&'a str> {
    let of_objects = value.as_array().and_then(|l| l.first()).is_some_and(Value::is_object);
    let (parent, last) = path.rsplit_once('.').unwrap_or(("", path));
    if of_objects && is_root(last) {
        return Some(path);
    }
    let is_stack = of_objects && (STACKS.contains(&last) || last == "values")
        || value.is_array() && STACKS.contains(&last) && is_root(parent.rsplit('.').next()?)
        || parent.is_empty() && is_list_of_frames(last, value);
    let has_cause = !parent.is_empty() && path.split('.').any(|p| CAUSES.contains(&p));
    if !(is_stack || has_cause) {
        return None;
    }
    // The outermost object that is named as one.
    let mut end = 0;
    for part in path.split('.') {
        let start = end;
        end += part.len() + 1;
        if is_root(part) {
            return Some(&path[..start + part.len()]);
        }
    }
    (is_stack && parent.is_empty() && !matches!(last, "values" | "lines" | "elements")).then_some("")
}

/// A list of frames beside the fields of the exception: Ruby's `backtrace`.
fn is_list_of_frames(name: &str, value: &Value) -> bool {
    const NAMES: [&str; 4] = ["backtrace", "stacktrace", "stack_trace", "stack"];
    let first = value.as_array().and_then(|l| l.first()).and_then(Value::as_str);
    NAMES.contains(&name)
        && first.is_some_and(|f| {
            super::super::exceptions::parse_exception(f).is_some_and(|e| !e.frames.is_empty())
        })
}

fn is_root(name: &str) -> bool {
    name.len() < 20 && ROOTS.contains(&&*name.to_ascii_lowercase())
}

/// The object at a path, from the fields it was taken apart to.
fn tree(fields: &[(String, Value)], root: &str) -> Value {
    let mut whole = Map::new();
    for (path, value) in fields {
        if path == root {
            return value.clone();
        }
        let rest = if root.is_empty() {
            Some(path.as_str()).filter(|p| STACKS.contains(p))
        } else {
            path.strip_prefix(root).and_then(|r| r.strip_prefix('.'))
        };
        if let Some(rest) = rest {
            put(&mut whole, rest, value);
        }
    }
    Value::Object(whole)
}

fn put(object: &mut Map<String, Value>, path: &str, value: &Value) {
    match path.split_once('.') {
        None => {
            object.insert(path.to_owned(), value.clone());
        }
        Some((first, rest)) => {
            let inner = object.entry(first).or_insert_with(|| Value::Object(Map::new()));
            if let Value::Object(inner) = inner {
                put(inner, rest, value);
            }
        }
    }
}

/// Exceptions in a list: structlog writes the outermost first, Sentry last.
fn listed(list: &[Value], links: &mut Vec<Thrown>) {
    for one in list.iter().take(LONGEST) {
        unfold(one, links);
    }
}

fn unfold(value: &Value, links: &mut Vec<Thrown>) {
    let mut value = value;
    while links.len() < LONGEST {
        if let Some(inner) = first(value, &["exception", "values"]).filter(|v| v.is_object() || v.is_array())
        {
            match inner {
                Value::Array(list) => {
                    let mut inner: Vec<Value> = list.clone();
                    inner.reverse();
                    return listed(&inner, links);
                }
                _ => value = inner,
            }
        }
        if let Some(text) = value.as_str() {
            links.extend(of_text(text));
            return;
        }
        if !value.is_object() {
            return;
        }
        let (own, whole) = one(value);
        links.extend(own);
        match first(value, &CAUSES) {
            _ if whole => return,
            Some(Value::Array(list)) => match list.first() {
                Some(cause) => value = cause,
                None => return,
            },
            Some(cause) => value = cause,
            None => return,
        }
    }
}

/// One object as an exception; and whether its trace tells of its causes, too.
fn one(object: &Value) -> (Vec<Thrown>, bool) {
    let text = |names: &[&str]| {
        first(object, names).and_then(Value::as_str).map(str::trim).unwrap_or_default().to_owned()
    };
    let link = Link { type_name: text(&TYPES), message: text(&MESSAGES) };
    let mut own = Thrown { link, frames: Vec::new() };
    match first(object, &STACKS) {
        Some(Value::Array(list)) if list.first().is_some_and(Value::is_object) => {
            own.frames = frames_of(list);
        }
        Some(Value::Array(list)) => {
            let lines: Vec<&str> = list.iter().filter_map(Value::as_str).take(MOST).collect();
            own.frames = frames_in_lines(&lines, &own.link);
        }
        Some(Value::String(trace)) => {
            let told = parse_exception(trace);
            if let Some(told) = told.filter(|t| !t.frames.is_empty()) {
                if told.chain.len() > 1 {
                    return (of_chain(told), true);
                }
                own.frames = told.frames;
            }
        }
        _ => {}
    }
    // Monolog keeps the place where it was thrown apart from the trace.
    let file = text(&["file"]);
    if let Some((file, Some(line))) = file.rsplit_once(':').map(|(f, n)| (f, n.parse().ok())) {
        own.frames.insert(0, Frame { file: Some(file.to_owned()), line: Some(line), ..Frame::default() });
    }
    let empty = own.link.type_name.is_empty() && own.link.message.is_empty() && own.frames.is_empty();
    (if empty { Vec::new() } else { vec![own] }, false)
}

fn of_text(text: &str) -> Vec<Thrown> {
    match parse_exception(text) {
        Some(told) => of_chain(told),
        None if text.trim().is_empty() => Vec::new(),
        None => {
            vec![Thrown {
                link: Link { type_name: String::new(), message: text.to_owned() },
                frames: Vec::new(),
            }]
        }
    }
}

fn of_chain(told: Exception) -> Vec<Thrown> {
    let mut links: Vec<Thrown> =
        told.chain.into_iter().map(|link| Thrown { link, frames: Vec::new() }).collect();
    if let Some(root) = links.last_mut() {
        root.frames = told.frames;
    }
    links
}

/// Frames that are lines of text, with or without what introduces a frame.
fn frames_in_lines(lines: &[&str], head: &Link) -> Vec<Frame> {
    let is_place =
        |l: &&&str| l.rsplit_once(':').is_some_and(|(_, n)| n.parse::<u64>().is_ok()) && !l.contains(' ');
    if lines.iter().filter(is_place).count() == lines.len() {
        let place = |l: &&str| {
            let (file, line) = l.rsplit_once(':')?;
            Some(Frame { file: Some(file.to_owned()), line: line.parse().ok(), ..Frame::default() })
        };
        return lines.iter().filter_map(place).collect();
    }
    let bare = |l: &&str| l.ends_with(')') && l.contains('(') && !l.trim_start().starts_with("at ");
    let mut text = format!("{}: {}\n", head.type_name, crate::scan::first_line(&head.message).0);
    for line in lines {
        text += if bare(line) { "\tat " } else { "" };
        text += line;
        text.push('\n');
    }
    parse_exception(&text).map(|t| t.frames).unwrap_or_default()
}

/// Frames that are objects, the innermost call first.
fn frames_of(list: &[Value]) -> Vec<Frame> {
    let mut frames: Vec<Frame> = list.iter().take(MOST).map(frame_of).collect();
    // Python's tools keep the order of a traceback.
    let of_python = list.iter().any(|f| f.get("lineno").is_some());
    if of_python {
        frames.reverse();
    }
    frames
}

fn frame_of(object: &Value) -> Frame {
    let text = |names: &[&str]| {
        first(object, names).and_then(Value::as_str).map(str::trim).filter(|t| !t.is_empty() && *t != "null")
    };
    let class = text(&["class", "className", "declaringClass", "declaring_class", "Class"]);
    let method =
        text(&["func", "function", "method", "methodName", "method_name", "fn", "Method", "name", "symbol"]);
    let symbol = match (class, method) {
        (Some(class), Some(method)) => format!("{class}.{method}"),
        (one, other) => one.or(other).unwrap_or_default().to_owned(),
    };
    let line = first(object, &["line", "lineNumber", "lineno", "line_number", "Line", "lineNo"]);
    let line = line.and_then(|l| l.as_u64().or_else(|| l.as_str()?.trim().parse().ok()));
    let file = text(&["file", "fileName", "filename", "file_name", "source", "abs_path", "path", "File"]);
    Frame { module: class.map(str::to_owned), symbol, file: file.map(str::to_owned), line }
}

/// The first of these members that says something.
fn first<'a>(object: &'a Value, names: &[&str]) -> Option<&'a Value> {
    let says = |v: &&Value| match v {
        Value::Null => false,
        Value::String(s) => !s.trim().is_empty(),
        Value::Array(l) => !l.is_empty(),
        Value::Object(o) => !o.is_empty(),
        _ => true,
    };
    names.iter().find_map(|n| object.get(n).filter(says))
}

/// A function in one word; Go's receivers without their parentheses.
fn symbol_of(frame: &Frame) -> String {
    if frame.symbol.is_empty() {
        return crate::exceptions::UNNAMED.to_owned();
    }
    frame.symbol.replace("(*", "").replace(['(', ')'], "").replace(' ', "_")
}

fn print(links: &[Thrown]) -> String {
    let mut text = String::new();
    for (n, thrown) in links.iter().enumerate() {
        text += if n == 0 { "" } else { "Caused by: " };
        text += &thrown.link.type_name;
        text += if thrown.link.type_name.is_empty() || thrown.link.message.is_empty() { "" } else { ": " };
        text += &thrown.link.message;
        text.push('\n');
        for frame in &thrown.frames {
            text += "\tat ";
            text += &symbol_of(frame);
            text.push('(');
            text += frame.file.as_deref().unwrap_or("Unknown Source");
            if let Some(line) = frame.line {
                text += &format!(":{line}");
            }
            text += ")\n";
        }
    }
    text.truncate(text.trim_end().len());
    text
}
