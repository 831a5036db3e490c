//! Calls that only make text: `String.format`, `fmt.Sprintf`, `format!`, `"…".formatted(…)`, `.trimIndent()`.

use crate::outline::{Argument, Template, Value, last_name};
use crate::placeholders::{BOTH, BRACES, PERCENT, Style, expand};

/// What a call says when all it does is make text; `on` is the text that it is called on, if it is one.
pub(super) fn text_of(callee: &str, arguments: &[Argument], on: Option<Value>) -> Option<Value> {
    let method = last_name(callee);
    if let Some(on) = on {
        return of_text(method, on);
    }
    let style = style_of(callee, method)?;
    let first = arguments.iter().map(|a| &a.value).find(|v| matches!(v, Value::Text(_)))?;
    let Value::Text(template) = first else { return None };
    Some(Value::Text(expand(template, style)))
}

fn of_text(method: &str, on: Value) -> Option<Value> {
    let Value::Text(template) = on else { return None };
    let style = match method {
        "formatted" => PERCENT,
        "format" => BOTH,
        "trimIndent" | "trimMargin" | "strip" | "trim" | "stripIndent" | "to_string" | "into"
        | "to_owned" | "toString" | "intern" | "lower" | "upper" | "encode" | "freeze" | "squish"
        | "strip_heredoc" | "chomp" | "dup" | "to_s" | "to_sym" => Style::default(),
        _ => return None,
    };
    let text = if style == Style::default() { template } else { expand(&template, style) };
    Some(Value::Text(text))
}

fn style_of(callee: &str, method: &str) -> Option<Style> {
    Some(match method {
        "Sprintf" | "Errorf" => PERCENT,
        "Sprint" | "Sprintln" => Style::default(),
        "format!" | "format_args!" | "anyhow!" | "eyre!" | "concat!" => BRACES,
        "format" | "Format" => match callee.rsplit_once('.').map_or("", |(r, _)| last_name(r)) {
            "String" | "str" => PERCENT,
            "string" => BRACES,
            "MessageFormat" | "MessageFormatter" | "StringUtils" | "StrUtil" => BRACES,
            "util" => PERCENT,
            _ => return None,
        },
        "sprintf" => PERCENT,
        "_" | "gettext" => Style::default(),
        _ if matches!(callee, "String.from" | "String.valueOf" | "Cow.from" | "String::from") => {
            Style::default()
        }
        _ => return None,
    })
}

/// Text of a template alone.
pub(super) fn text(text: impl Into<String>) -> Value {
    Value::Text(Template::literal(text))
}
