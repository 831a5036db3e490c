//! YAML as configuration uses it: maps, lists, scalars, block scalars, several documents. What goes beyond (anchors,
//! tags, templates' control lines) is left out, never an error.

use super::lines::plain;
use super::{Flat, MOST_OF_FILE};

const DEPTH: usize = 32;

struct Level {
    indent: usize,
    key: String,
    /// How many items a list has had, when this level is one.
    item: Option<usize>,
}

/// The values of a text with their lines.
pub(super) fn read(text: &str) -> Vec<Flat> {
    let mut reader = Reader::default();
    let lines: Vec<&str> = text.lines().collect();
    let mut number = 0;
    while number < lines.len() && reader.out.len() < MOST_OF_FILE {
        number = reader.line(&lines, number);
    }
    reader.out
}

#[derive(Default)]
struct Reader {
    out: Vec<Flat>,
    levels: Vec<Level>,
    document: u32,
}

impl Reader {
    /// Reads one line; the number of the next.
    fn line(&mut self, lines: &[&str], number: usize) -> usize {
        let line = lines[number];
        let mut text = line.trim_start_matches(' ');
        let mut indent = line.len() - text.len();
        if line.starts_with("---") {
            self.levels.clear();
            self.document += 1;
            return number + 1;
        }
        if text.trim().is_empty() || text.starts_with('#') || text.starts_with("{{") || text.starts_with('%')
        {
            return number + 1;
        }
        while text == "-" || text.starts_with("- ") {
            self.item(indent);
            let rest = text[1..].trim_start_matches(' ');
            indent += text.len() - rest.len();
            text = rest;
        }
        if text.is_empty() || self.levels.len() > DEPTH {
            return number + 1;
        }
        let Some((key, value)) = key_and_value(text) else {
            self.scalar(None, text, number);
            return number + 1;
        };
        while self.levels.last().is_some_and(|l| l.indent >= indent) {
            self.levels.pop();
        }
        let value = value.trim();
        let value = value.strip_prefix('&').map_or(value, |v| v.split_once(' ').map_or("", |(_, v)| v));
        if value.starts_with(['|', '>']) {
            return self.block(key, value.starts_with('>'), indent, lines, number);
        }
        if value.is_empty() || value.starts_with('#') {
            self.levels.push(Level { indent, key: key.to_owned(), item: None });
        } else {
            self.scalar(Some(key), value, number);
        }
        number + 1
    }

    /// Begins an item of the list at this indentation.
    fn item(&mut self, indent: usize) {
        while self
            .levels
            .last()
            .is_some_and(|l| l.indent > indent || (l.indent == indent && l.item.is_some()))
        {
            let Some(level) = self.levels.pop() else { break };
            if level.indent == indent
                && let Some(last) = level.item
            {
                let item = last + 1;
                self.levels.push(Level { indent, key: format!("[{item}]"), item: Some(item) });
                return;
            }
        }
        self.levels.push(Level { indent, key: "[0]".to_owned(), item: Some(0) });
    }

    fn path(&self, key: Option<&str>) -> Vec<String> {
        self.levels.iter().map(|l| l.key.clone()).chain(key.map(str::to_owned)).collect()
    }

    fn scalar(&mut self, key: Option<&str>, value: &str, number: usize) {
        let path = self.path(key);
        let (line, document) = (number as u32 + 1, self.document);
        let mut push = |path: Vec<String>, value: &str| {
            self.out.push(Flat { path, value: plain(value).to_owned(), line, document });
        };
        let template = value.starts_with("{{");
        if let Some(list) = value.strip_prefix('[').and_then(|v| v.split(']').next()) {
            for (item, value) in list.split(',').filter(|v| !v.trim().is_empty()).enumerate() {
                let mut path = path.clone();
                path.push(format!("[{item}]"));
                push(path, value);
            }
        } else if let Some(map) = value.strip_prefix('{').filter(|_| !template) {
            for pair in map.split('}').next().unwrap_or_default().split(',') {
                if let Some((key, value)) = key_and_value(pair.trim()) {
                    let mut path = path.clone();
                    path.push(key.to_owned());
                    push(path, value);
                }
            }
        } else if !path.is_empty() {
            push(path, value);
        }
    }

    /// `key: |` and the lines that stand below it.
    fn block(&mut self, key: &str, folded: bool, indent: usize, lines: &[&str], number: usize) -> usize {
        let inside = |l: &&&str| l.trim().is_empty() || l.len() - l.trim_start_matches(' ').len() > indent;
        let held: Vec<&str> = lines[number + 1..].iter().take_while(inside).copied().collect();
        let shared = held
            .iter()
            .filter(|l| !l.trim().is_empty())
            .map(|l| l.len() - l.trim_start_matches(' ').len())
            .min()
            .unwrap_or(0);
        let cut: Vec<&str> = held.iter().map(|l| l.get(shared..).unwrap_or_default()).collect();
        let value = cut.join(if folded { " " } else { "\n" });
        let path = self.path(Some(key));
        self.out.push(Flat { path, value, line: number as u32 + 1, document: self.document });
        number + 1 + held.len()
    }
}

/// `key: value`; the key may be quoted.
fn key_and_value(text: &str) -> Option<(&str, &str)> {
    for quote in ['"', '\''] {
        if let Some(rest) = text.strip_prefix(quote) {
            let (key, rest) = rest.split_once(quote)?;
            let value = rest.trim_start().strip_prefix(':')?;
            return (value.is_empty() || value.starts_with(' ')).then_some((key, value));
        }
    }
    let at = text.find(": ").or_else(|| text.ends_with(':').then(|| text.len() - 1))?;
    let key = text[..at].trim();
    (!key.is_empty() && !key.contains(" #") && !key.starts_with(['{', '['])).then(|| (key, &text[at + 1..]))
}
