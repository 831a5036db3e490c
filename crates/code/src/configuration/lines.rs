//! Configuration a line a setting: `.properties`, `.env`, TOML and INI as far as single lines go.

use super::{Flat, MOST_OF_FILE};

/// Java's `.properties`: `key = value`, `key: value`, lines that go on behind a backslash.
pub(super) fn properties(text: &str) -> Vec<Flat> {
    let mut out = Vec::new();
    let mut document = 0;
    let mut held: Option<(String, u32)> = None;
    for (number, line) in text.lines().enumerate() {
        let line = line.trim();
        if held.is_none() && (line.starts_with(['#', '!']) || line.is_empty()) {
            document += u32::from(line.starts_with("#---") || line.starts_with("!---"));
            continue;
        }
        let (mut whole, from) = held.take().unwrap_or((String::new(), number as u32 + 1));
        if let Some(open) = line.strip_suffix('\\').filter(|_| whole.len() < 64 * 1024) {
            whole.push_str(open);
            held = Some((whole, from));
            continue;
        }
        whole.push_str(line);
        let Some(at) = whole.find(['=', ':']) else { continue };
        let (key, value) = (whole[..at].trim(), whole[at + 1..].trim());
        push(&mut out, key.split('.'), value, from, document);
    }
    out
}

/// `.env`: `KEY=value`, `export KEY="value"`.
pub(super) fn environment(text: &str) -> Vec<Flat> {
    let mut out = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let line = line.trim();
        let line = line.strip_prefix("export ").unwrap_or(line);
        if line.starts_with('#') {
            continue;
        }
        if let Some((key, value)) = line.split_once('=') {
            push(&mut out, [key.trim()].into_iter(), plain(value), number as u32 + 1, 0);
        }
    }
    out
}

/// `[section]` and `key = value`.
pub(super) fn sections(text: &str) -> Vec<Flat> {
    let mut out = Vec::new();
    let mut section = String::new();
    for (number, line) in text.lines().enumerate() {
        let line = line.trim();
        if let Some(name) = line.strip_prefix('[').and_then(|l| l.split(']').next()) {
            name.trim_matches(['[', ']', '"', ' ']).clone_into(&mut section);
            continue;
        }
        if line.starts_with(['#', ';']) {
            continue;
        }
        let Some((key, value)) = line.split_once('=') else { continue };
        let path = section.split('.').filter(|p| !p.is_empty());
        let path: Vec<&str> = path.chain(key.trim().split('.')).map(|p| p.trim().trim_matches('"')).collect();
        let value = value.trim();
        if let Some(list) = value.strip_prefix('[') {
            let inside = list.split(']').next().unwrap_or_default();
            for (item, value) in inside.split(',').filter(|v| !v.trim().is_empty()).enumerate() {
                let index = format!("[{item}]");
                let path = path.iter().copied().chain([index.as_str()]);
                push(&mut out, path, plain(value), number as u32 + 1, 0);
            }
            continue;
        }
        push(&mut out, path.into_iter(), plain(value), number as u32 + 1, 0);
    }
    out
}

fn push<'a>(out: &mut Vec<Flat>, path: impl Iterator<Item = &'a str>, value: &str, line: u32, document: u32) {
    let path: Vec<String> = path.filter(|p| !p.is_empty()).take(32).map(str::to_owned).collect();
    if !path.is_empty() && out.len() < MOST_OF_FILE {
        out.push(Flat { path, value: value.to_owned(), line, document });
    }
}

/// A value without quotes, and without a comment where it has none.
pub(super) fn plain(value: &str) -> &str {
    let value = value.trim();
    for quote in ['"', '\''] {
        if let Some(rest) = value.strip_prefix(quote) {
            return rest.split(quote).next().unwrap_or(rest);
        }
    }
    value.split(" #").next().unwrap_or(value).trim()
}
