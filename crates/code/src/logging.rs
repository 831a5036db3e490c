//! Log statements: which calls write to a log, what they write, under which name and level.

use crate::outline::{Argument, Call, Constant, Hole, Language, Outline, Part, Template, Value, last_name};
use crate::placeholders::{self, BOTH, BRACES, PERCENT, Style};
use crate::statements::{Kind, Statement};
use waylaid_model::Level;

/// Words of which one makes a name a logger's.
const LOGGER_WORDS: &[&str] = &[
    "log",
    "logger",
    "logging",
    "logs",
    "slog",
    "zlog",
    "glog",
    "klog",
    "zap",
    "sugar",
    "sugared",
    "pino",
    "winston",
    "console",
    "tracing",
    "structlog",
    "loguru",
    "timber",
    "logrus",
    "bunyan",
    "serilog",
    "nlog",
    "zerolog",
    "flogger",
    "syslog",
];

/// Whether a call is one to a logger, told from its names alone.
pub(crate) fn looks_like_log(call: &Call) -> bool {
    let method = call.method().trim_end_matches('!');
    if call.callee.ends_with('!') {
        let path = call.callee.trim_end_matches('!');
        let plain = !path.contains("::")
            || ["tracing::", "log::", "slog::", "defmt::"].iter().any(|p| path.starts_with(p));
        return plain && (level_of(method).is_some() || is_print(call) || method == "event");
    }
    if is_print(call) {
        return true;
    }
    let chained_level = call.callee.split('.').any(|s| s.strip_suffix("()").and_then(level_of).is_some());
    let writes = level_of(method).is_some()
        || matches!(method, "log" | "Log" | "LogAttrs" | "write" | "Write")
        || (matches!(method, "Msg" | "Msgf" | "Send" | "log") && chained_level);
    writes
        && (call.receiver().split('.').any(is_logger_name)
            || (chained_level && matches!(method, "Msg" | "Msgf")))
}

/// Standard output and standard error.
fn is_print(call: &Call) -> bool {
    let callee = call.callee.as_str();
    let last = last_name(callee);
    match last {
        "print" | "println" | "puts" => {
            matches!(callee, "print" | "println" | "puts")
                || is_stream(callee)
                || callee.contains("System.out")
                || callee.contains("System.err")
        }
        "printf" => callee.contains("System."),
        "println!" | "eprintln!" | "print!" | "eprint!" | "dbg!" => true,
        "Println" | "Printf" | "Print" | "Fprintf" | "Fprintln" => callee.starts_with("fmt."),
        "WriteLine" | "WriteLineAsync" => callee.starts_with("Console.") || callee.starts_with("Trace."),
        "write" => callee.starts_with("process.std") || callee.starts_with("sys.std") || is_stream(callee),
        "warn" => is_stream(callee),
        "error_log" | "syslog" | "trigger_error" | "echo" => callee == last,
        "fwrite" | "fputs" | "fprintf" => {
            matches!(call.arguments.first().map(|a| &a.value), Some(Value::Name(n)) if n.starts_with("STD"))
        }
        "writeln" => ["output", "io"].iter().any(|r| last_name(call.receiver()) == *r),
        _ => false,
    }
}

/// `$stderr`, `STDOUT`.
fn is_stream(callee: &str) -> bool {
    ["$std", "STD"].iter().any(|s| callee.starts_with(s))
}

/// Whether a name is a logger's: one of its words says so.
fn is_logger_name(name: &str) -> bool {
    let name = name.strip_suffix("()").unwrap_or(name);
    words(name).iter().any(|w| LOGGER_WORDS.contains(&w.as_str()))
}

/// The words of a name: camel case and underscores.
fn words(name: &str) -> Vec<String> {
    let mut out = vec![String::new()];
    let mut lower = false;
    for c in name.chars() {
        if c.is_uppercase() && lower {
            out.push(String::new());
        }
        if c.is_alphabetic() {
            if let Some(last) = out.last_mut() {
                last.extend(c.to_lowercase());
            }
        } else if !c.is_ascii_digit() {
            out.push(String::new());
        }
        lower = c.is_lowercase();
    }
    out.retain(|w| !w.is_empty());
    out
}

/// The level that a method's name says.
pub(crate) fn level_of(method: &str) -> Option<Level> {
    let lower = method.to_lowercase();
    let base = lower.strip_prefix("log_").or_else(|| lower.strip_prefix("log")).filter(|b| !b.is_empty());
    let base = base.or_else(|| lower.strip_prefix("at")).unwrap_or(&lower);
    const ENDS: [&str; 9] = ["", "f", "w", "ln", "context", "ctx", "format", "async", "v"];
    ENDS.iter().find_map(|end| plain_level(base.strip_suffix(end)?))
}

fn plain_level(word: &str) -> Option<Level> {
    Some(match word {
        "trace" | "verbose" | "finest" | "finer" | "silly" => Level::Trace,
        "debug" | "fine" => Level::Debug,
        "info" | "information" | "notice" | "success" | "print" => Level::Info,
        "warn" | "warning" => Level::Warn,
        "error" | "err" | "exception" | "severe" => Level::Error,
        "fatal" | "critical" | "crit" | "panic" | "dpanic" | "alert" | "emergency" => Level::Fatal,
        _ => return None,
    })
}

/// The log statements of a file, helpers around loggers not yet followed.
pub(crate) fn statements(outline: &Outline) -> Vec<Statement> {
    let mut out: Vec<Statement> =
        outline.calls.iter().enumerate().filter_map(|(n, call)| statement(outline, n as u32, call)).collect();
    out.extend(declared(outline));
    out
}

/// A call as a log statement, when it is one.
fn statement(outline: &Outline, number: u32, call: &Call) -> Option<Statement> {
    if call.method() == "printStackTrace" {
        return None;
    }
    if !looks_like_log(call) && !on_declared_logger(outline, call) {
        return None;
    }
    let method = call.method().trim_end_matches('!');
    let mut level = level_of(method);
    if level.is_none() || matches!(method, "Msg" | "Msgf" | "log") {
        let chained = call.callee.split('.').find_map(|s| s.strip_suffix("()").and_then(level_of));
        level = chained
            .or_else(|| call.arguments.iter().take(3).find_map(|a| level_argument(&a.value)))
            .or(level);
    }
    let (at, templates) = message(outline, call)?;
    let mut statement = Statement::new(Kind::Log, call.line, call.end_line, call.symbol);
    statement.call = Some(number);
    statement.level = level;
    statement.keys = keys(outline, call, at);
    statement.logger = category(outline, call);
    let style = style_of(outline.language, call);
    let printed = is_print(call) || call.receiver().split('.').any(|s| s == "console");
    for template in templates {
        statement.raw.extend(raw(&template));
        let mut expanded = placeholders::expand(&template, style);
        let joins = printed || (outline.language == Language::Go && method.ends_with("ln"));
        if joins && expanded.parts.iter().all(|p| matches!(p, Part::Text(_))) {
            for argument in call.arguments.iter().skip(at + 1).filter(|a| a.name.is_empty()) {
                expanded.push_text(" ");
                expanded.append(as_template(outline, call.symbol, &argument.value));
            }
        }
        statement.templates.push(expanded);
    }
    Some(statement)
}

/// `LoggerMessage` attributes and `LoggerMessage.Define` of .NET, which name the message away from any call.
fn declared(outline: &Outline) -> Vec<Statement> {
    let mut out = Vec::new();
    for annotation in outline.annotations.iter().filter(|a| last_name(&a.name) == "LoggerMessage") {
        let Some(template) = annotation.arguments.iter().find_map(|a| text(&a.value)) else { continue };
        let symbol = outline.symbol_at(annotation.line);
        let mut statement = Statement::new(Kind::Log, annotation.line, annotation.target_line, symbol);
        statement.level = annotation.arguments.iter().find_map(|a| level_argument(&a.value));
        statement.raw.extend(raw(template));
        statement.keys = placeholder_keys(template);
        statement.templates.push(placeholders::expand(template, BRACES));
        out.push(statement);
    }
    for call in outline.calls.iter().filter(|c| c.callee.starts_with("LoggerMessage.Define")) {
        let Some(template) = call.arguments.iter().rev().find_map(|a| text(&a.value)) else { continue };
        let mut statement = Statement::new(Kind::Log, call.line, call.end_line, call.symbol);
        statement.level = call.arguments.iter().find_map(|a| level_argument(&a.value));
        statement.raw.extend(raw(template));
        statement.templates.push(placeholders::expand(template, BRACES));
        out.push(statement);
    }
    out
}

/// A variable or field that is declared as a logger, whatever it is called.
fn on_declared_logger(outline: &Outline, call: &Call) -> bool {
    let method = call.method();
    let Some(first) = call.receiver().split('.').next_back().filter(|f| !f.is_empty()) else { return false };
    level_of(method).is_some() && logger_constant(outline, first).is_some()
}

fn logger_constant<'o>(outline: &'o Outline, name: &str) -> Option<&'o Constant> {
    let is = |c: &&Constant| {
        let made = match &c.value {
            Value::Call(callee, _) => {
                callee.split('.').any(|s| is_logger_name(s) || words(s).iter().any(|w| w == "logger"))
            }
            _ => false,
        };
        c.name == name && (made || words(&c.type_name).iter().any(|w| w.ends_with("logger") || w == "log"))
    };
    outline.constants.iter().find(is)
}

/// The name that the logger was made with: a text, or a class.
fn category(outline: &Outline, call: &Call) -> String {
    let root = call.receiver().split('.').find(|s| is_logger_name(s)).unwrap_or_default();
    let root = root.strip_suffix("()").unwrap_or(root);
    let Some(constant) = logger_constant(outline, root) else { return String::new() };
    if let Some((_, inside)) = constant.type_name.split_once('<') {
        return inside.trim_end_matches(['>', '?']).to_owned();
    }
    let Value::Call(_, arguments) = &constant.value else { return String::new() };
    arguments.iter().find_map(|a| name_of(&a.value)).unwrap_or_default()
}

fn name_of(value: &Value) -> Option<String> {
    match value {
        Value::Text(_) => value.plain().map(str::to_owned),
        Value::Name(name) => {
            let name = name.trim_end_matches(".java").trim_end_matches("::class").trim_end_matches(".class");
            let name = name.trim_end_matches(".name");
            let usable = name.starts_with(|c: char| c.is_uppercase()) && !name.contains("__");
            usable.then(|| last_name(name).to_owned())
        }
        Value::Object(fields) => fields
            .iter()
            .find(|(k, _)| matches!(k.as_str(), "name" | "service"))
            .and_then(|(_, v)| name_of(v)),
        _ => None,
    }
}

fn level_argument(value: &Value) -> Option<Level> {
    match value {
        Value::Name(name) => {
            let level = name.contains("evel") || name.starts_with("logging.");
            level.then(|| level_of(last_name(name))).flatten()
        }
        Value::Text(_) => value.plain().filter(|t| t.len() < 10).and_then(level_of),
        _ => None,
    }
}

/// Which placeholders a logger's messages may hold.
fn style_of(language: Language, call: &Call) -> Style {
    let method = call.method();
    match language {
        Language::Java | Language::Kotlin => {
            if method.ends_with('f') || call.receiver().ends_with("String") {
                PERCENT
            } else {
                BRACES
            }
        }
        Language::CSharp | Language::Rust => BRACES,
        Language::Ruby | Language::Plain => Style::default(),
        Language::Php if matches!(method, "printf" | "fprintf") => PERCENT,
        Language::Php => BRACES,
        Language::Go => {
            if method.ends_with('f') {
                PERCENT
            } else {
                Style::default()
            }
        }
        Language::JavaScript => PERCENT,
        Language::Python => BOTH,
    }
}

/// Where the message stands among the arguments, and what it says.
fn message(outline: &Outline, call: &Call) -> Option<(usize, Vec<Template>)> {
    let named =
        |a: &Argument| matches!(a.name.as_str(), "message" | "msg" | "event" | "format" | "messageTemplate");
    let positional = |a: &Argument| a.name.is_empty() || named(a);
    let by_level = matches!(call.method(), "log" | "Log" | "LogAttrs" | "event!");
    let candidates = || call.arguments.iter().enumerate().filter(|(_, a)| positional(a));
    let mut skipped_level = !by_level;
    for (at, argument) in candidates() {
        let is_level = level_argument(&argument.value).is_some();
        if by_level && !skipped_level && is_level {
            skipped_level = true;
            continue;
        }
        let found = templates(outline, call.symbol, &argument.value);
        let found: Vec<Template> = found.into_iter().filter(Template::has_letters).collect();
        if !found.is_empty() {
            return Some((at, found));
        }
    }
    // `setMessage("…")` of a fluent logger stands in the chain.
    let chained = call.chain.iter().filter(|(m, _)| matches!(m.as_str(), "setMessage" | "withMessage"));
    for (_, arguments) in chained {
        if let Some(template) = arguments.iter().find_map(|a| text(&a.value)) {
            return Some((usize::MAX - 1, vec![template.clone()]));
        }
    }
    let is_error = |v: &Value| matches!(v, Value::Name(n) if matches!(n.as_str(), "e" | "ex" | "err" | "error" | "t" | "ctx" | "context" | "exc"));
    let (at, first) =
        candidates().find(|(_, a)| level_argument(&a.value).is_none() && !is_error(&a.value))?;
    Some((at, vec![as_template(outline, call.symbol, &first.value)]))
}

fn text(value: &Value) -> Option<&Template> {
    match value {
        Value::Text(template) if template.has_letters() => Some(template),
        _ => None,
    }
}

/// What a value may say, names of the same file looked up.
pub(crate) fn templates(outline: &Outline, symbol: Option<u32>, value: &Value) -> Vec<Template> {
    match value {
        Value::Text(template) => vec![resolved(outline, symbol, template)],
        Value::Either(values) => {
            values.iter().take(4).flat_map(|v| templates(outline, symbol, v)).take(6).collect()
        }
        Value::Name(name) => named(outline, symbol, name),
        _ => Vec::new(),
    }
}

fn as_template(outline: &Outline, symbol: Option<u32>, value: &Value) -> Template {
    if let Some(first) = templates(outline, symbol, value).into_iter().next() {
        return first;
    }
    match value {
        Value::Name(name) => Template::hole(name.clone()),
        Value::Call(callee, _) => Template::hole(format!("{callee}()")),
        _ => Template::hole(""),
    }
}

/// Holes that are constants of the same file, filled in.
pub(crate) fn resolved(outline: &Outline, symbol: Option<u32>, template: &Template) -> Template {
    if template.parts.iter().all(|p| matches!(p, Part::Text(_))) {
        return template.clone();
    }
    let mut out = Template::default();
    for part in &template.parts {
        match part {
            Part::Text(text) => out.push_text(text),
            Part::Hole(hole) => match named(outline, symbol, &hole.name).as_slice() {
                [only] if only.pieces().count() == only.parts.len() => out.append(only.clone()),
                _ => out.push_hole(hole.clone()),
            },
        }
    }
    out
}

/// What a name may say: constants and variables of its function first, then of its class, then of the file.
fn named(outline: &Outline, symbol: Option<u32>, name: &str) -> Vec<Template> {
    let short = last_name(name);
    let all: Vec<&Constant> =
        outline.constants.iter().filter(|c| c.name == name || c.name == short).collect();
    let mut scope = symbol;
    for _ in 0..16 {
        let here: Vec<Template> = all
            .iter()
            .filter(|c| c.symbol == scope)
            .filter_map(|c| match &c.value {
                Value::Text(template) if template.has_letters() => Some(template.clone()),
                _ => None,
            })
            .take(6)
            .collect();
        if !here.is_empty() || scope.is_none() {
            return here;
        }
        scope = scope.and_then(|s| outline.symbols.get(s as usize)).and_then(|s| s.parent);
    }
    Vec::new()
}

/// The message template as written, where it is literal as a whole.
fn raw(template: &Template) -> Option<String> {
    match template.parts.as_slice() {
        [Part::Text(text)] => Some(text.clone()),
        _ => None,
    }
}

fn placeholder_keys(template: &Template) -> Vec<(String, Vec<Template>)> {
    let expanded = placeholders::expand(template, BRACES);
    let name = |p: &Part| match p {
        Part::Hole(Hole { name, .. }) if name.starts_with(|c: char| c.is_alphabetic()) => Some(name.clone()),
        _ => None,
    };
    expanded.parts.iter().filter_map(name).map(|n| (n, Vec::new())).collect()
}

/// The fields that a statement writes beside its message, with what they say where it can be told.
fn keys(outline: &Outline, call: &Call, message: usize) -> Vec<(String, Vec<Template>)> {
    let mut out = Vec::new();
    for (_, arguments) in &call.chain {
        pairs(outline, call, arguments, &mut out);
    }
    for argument in call.arguments.iter().take(message.min(call.arguments.len())) {
        key_of(outline, call, argument, &mut out);
    }
    if let Some(argument) = call.arguments.get(message) {
        if let (Value::Text(template), Language::CSharp) = (&argument.value, outline.language) {
            out.extend(placeholder_keys(template));
        }
        pairs(outline, call, &call.arguments[message + 1..], &mut out);
    }
    out.truncate(24);
    out
}

/// Arguments as fields: by name, as objects, or as a key before its value.
fn pairs(outline: &Outline, call: &Call, arguments: &[Argument], out: &mut Vec<(String, Vec<Template>)>) {
    let mut at = 0;
    while let Some(argument) = arguments.get(at) {
        let key = argument.value.plain().filter(|k| argument.name.is_empty() && is_key(k));
        if let (Some(key), Some(value)) = (key, arguments.get(at + 1)) {
            out.push((key.to_owned(), said(outline, call, &value.value)));
            at += 2;
            continue;
        }
        key_of(outline, call, argument, out);
        at += 1;
    }
}

fn is_key(text: &str) -> bool {
    !text.is_empty() && text.len() < 50 && text.chars().all(|c| c.is_alphanumeric() || "_.-@".contains(c))
}

fn key_of(outline: &Outline, call: &Call, argument: &Argument, out: &mut Vec<(String, Vec<Template>)>) {
    if !argument.name.is_empty()
        && !matches!(argument.name.as_str(), "exc_info" | "extra" | "target" | "stack_info")
    {
        out.push((argument.name.clone(), said(outline, call, &argument.value)));
        return;
    }
    match &argument.value {
        Value::Object(fields) => {
            for (key, value) in fields.iter().filter(|(k, _)| is_key(k)) {
                out.push((key.clone(), said(outline, call, value)));
            }
        }
        Value::Call(_, inner) if inner.len() >= 2 => {
            if let Some(key) = inner[0].value.plain().filter(|k| is_key(k)) {
                out.push((key.to_owned(), said(outline, call, &inner[1].value)));
            }
        }
        _ => {}
    }
}

/// What a field's value says, as far as it can be told.
fn said(outline: &Outline, call: &Call, value: &Value) -> Vec<Template> {
    if let Value::Call(_, arguments) = value {
        let inner = arguments.iter().find_map(|a| text(&a.value)).cloned();
        return inner.into_iter().collect();
    }
    templates(outline, call.symbol, value)
}

/// Marks the catches inside which something is logged above debug.
pub(crate) fn mark_catches(outline: &mut Outline, statements: &[Statement]) {
    let printed: Vec<u32> =
        outline.calls.iter().filter(|c| c.method() == "printStackTrace").map(|c| c.line).collect();
    for catch in &mut outline.catches {
        let within = |line: u32| (catch.line..=catch.end_line).contains(&line);
        let loud =
            |s: &Statement| s.level.is_none_or(|l| l > Level::Debug) && s.kind == Kind::Log && within(s.line);
        catch.logs = statements.iter().any(loud) || printed.iter().any(|l| within(*l));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loggers_are_told_by_their_words() {
        for name in ["log", "LOGGER", "_logger", "auditLog", "r.log", "zlog", "Log"] {
            assert!(name.split('.').any(is_logger_name), "{name}");
        }
        for name in ["catalog", "dialog", "login", "logic", "blog", "backlog", "catalogService"] {
            assert!(!is_logger_name(name), "{name}");
        }
    }

    #[test]
    fn levels_are_told_by_their_names() {
        assert_eq!(level_of("LogInformation"), Some(Level::Info));
        assert_eq!(level_of("Errorw"), Some(Level::Error));
        assert_eq!(level_of("atWarn"), Some(Level::Warn));
        assert_eq!(level_of("InfoContext"), Some(Level::Info));
        assert_eq!(level_of("catch"), None);
        assert_eq!(level_of("attach"), None);
    }
}
