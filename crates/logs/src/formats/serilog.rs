//! Serilog's compact JSON: the message is rendered from its template and the properties beside it.

use serde_json::Value;
use waylaid_model::{Level, LogEvent, facts::scalar_text};

/// At most so many holes of a template are filled: each one is looked up among the properties.
const HOLES: usize = 200;

/// Fills what compact JSON leaves out: the rendered message and the level, which is `Information` when absent.
pub(crate) fn complete(event: &mut LogEvent) {
    event.level = event.level.or(Some(Level::Info));
    if let Some(template) = &event.template
        && event.message == *template
    {
        let renderings = event.fields.iter().find(|(p, _)| p == "@r").and_then(|(_, v)| v.as_array());
        event.message = render(template, &event.fields, renderings.map_or(&[], Vec::as_slice));
    }
    event.fields.retain(|(p, _)| !matches!(p.as_str(), "@r" | "@i"));
}

/// Renders a message template: `{Name}`, `{@Name}`, `{$Name}`, `{Name,10:format}`, `{{` and `}}`.
pub(crate) fn render(template: &str, fields: &[(String, Value)], renderings: &[Value]) -> String {
    let mut out = String::with_capacity(template.len() + 16);
    let mut rest = template;
    let mut formatted = renderings.iter();
    let mut holes = 0;
    while let Some(at) = rest.find(['{', '}']).filter(|_| holes < HOLES) {
        out.push_str(&rest[..at]);
        let tail = &rest[at..];
        if tail.starts_with("{{") || tail.starts_with("}}") {
            out.push_str(&tail[..1]);
            rest = &tail[2..];
            continue;
        }
        let Some(close) = tail.find('}').filter(|_| tail.starts_with('{')) else {
            out.push_str(&tail[..1]);
            rest = &tail[1..];
            continue;
        };
        holes += 1;
        let hole = &tail[1..close];
        let name = hole.split([',', ':']).next().unwrap_or_default().trim_start_matches(['@', '$']);
        let given = if hole.contains(':') { formatted.next().and_then(Value::as_str) } else { None };
        match given.map(str::to_owned).or_else(|| value_text(name, fields)) {
            Some(text) => out.push_str(&text),
            None => out.push_str(&tail[..=close]),
        }
        rest = &tail[close + 1..];
    }
    out.push_str(rest);
    out
}

/// A property as it reads inside a message; destructured objects as their members.
fn value_text(name: &str, fields: &[(String, Value)]) -> Option<String> {
    if name.is_empty() {
        return None;
    }
    if let Some((_, value)) = fields.iter().find(|(p, _)| p == name) {
        return Some(scalar_text(value).unwrap_or_else(|| value.to_string()));
    }
    let members: Vec<String> = fields
        .iter()
        .filter_map(|(p, v)| {
            let member = p.strip_prefix(name)?.strip_prefix('.')?;
            Some(format!("{member}: {}", scalar_text(v).unwrap_or_else(|| v.to_string())))
        })
        .collect();
    (!members.is_empty()).then(|| format!("{{ {} }}", members.join(", ")))
}
