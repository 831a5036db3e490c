//! What the messages of errors hold: violated constraints with their keys, and errors of other kinds.

use crate::inputs::{self, Blocks};
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::path::Path;
use waylaid_logs::{FileProfile, Violation, find_details, find_violations, text_of};
use waylaid_model::LogEvent;
use waylaid_report::clean;

/// What texts hold.
#[derive(Default)]
pub struct Found {
    /// Each violation with how often it was told.
    pub violations: Vec<(Violation, u64)>,
    /// Errors that violate no constraint.
    pub others: Vec<Value>,
}

/// At most so many errors of other kinds are listed, and so many violations told apart.
const OTHERS: usize = 1000;
const VIOLATIONS: usize = 100_000;

impl Found {
    /// Reads one event, or a text that is none; whether it told anything.
    fn read(&mut self, event: &LogEvent) -> bool {
        let text = text_of(event);
        let violations = find_violations(&text);
        if violations.is_empty() {
            return self.other(event, &text);
        }
        for violation in violations {
            let full = self.violations.len() >= VIOLATIONS;
            // Repeats mostly follow each other.
            match self.violations.iter_mut().rev().take(1000).find(|(known, _)| *known == violation) {
                Some((_, count)) => *count += 1,
                None if !full => self.violations.push((violation, 1)),
                None => {}
            }
        }
        true
    }

    fn other(&mut self, event: &LogEvent, text: &str) -> bool {
        let exception = event.exception.as_deref().and_then(waylaid_logs::parse_exception);
        let exception = exception.or_else(|| waylaid_logs::parse_exception(&event.message));
        let Some(kind) = waylaid_logs::classify(exception.as_ref(), &event.message, &event.fields) else {
            return false;
        };
        if self.others.len() >= OTHERS {
            return true;
        }
        let details = find_details(text);
        let at = waylaid_logs::find_coordinates(event).into_iter().next();
        let mut value = json!({ "kind": kind.as_str(), "message": clean::short(&event.message, 300) });
        let mut put = |name: &str, v: Option<Value>| {
            if let Some(v) = v {
                value[name] = v;
            }
        };
        put("status", details.status.map(Value::from));
        put("host", details.host.map(Value::from));
        put("path", details.path.map(Value::from));
        put("waited_ms", details.waited_ms.map(Value::from));
        put("field", details.field.map(Value::from));
        if let Some(at) = at {
            put("topic", at.topic.map(Value::from));
            put("partition", Some(at.partition.into()));
            put("offset", Some(at.offset.into()));
        }
        self.others.push(value);
        true
    }

    /// As the command prints it for programs.
    pub fn json(&self) -> Value {
        let violations: Vec<Value> = self.violations.iter().map(|(v, count)| one(v, *count)).collect();
        json!({ "count": violations.len(), "violations": violations, "others": self.others })
    }

    /// As the command prints it for people.
    pub fn text(&self) -> String {
        let mut text = String::new();
        for (violation, count) in &self.violations {
            text += &line(violation, *count);
            text.push('\n');
        }
        for other in &self.others {
            let shown = |name: &str| match &other[name] {
                Value::String(s) => clean::line(s),
                Value::Null => String::new(),
                value => value.to_string(),
            };
            let _ = write!(text, "{}", shown("kind"));
            for name in ["status", "host", "path", "waited_ms", "field", "topic", "partition", "offset"] {
                if !other[name].is_null() {
                    let _ = write!(text, "  {name} {}", shown(name));
                }
            }
            let _ = writeln!(text, "  {}", shown("message"));
        }
        if text.is_empty() {
            text.push_str("no violation and no error found\n");
        }
        text
    }
}

fn one(v: &Violation, count: u64) -> Value {
    json!({
        "kind": v.kind.as_str(),
        "sub_kind": v.sub.as_str(),
        "vendor_code": v.vendor_code,
        "constraint": v.constraint,
        "database": v.database,
        "schema": v.schema,
        "table": v.table,
        "columns": v.columns,
        "values": v.values,
        "joined": v.joined,
        "referenced_table": v.referenced_table,
        "truncated": v.truncated,
        "count": count,
    })
}

/// `column = value`, or both one after the other where they do not belong together.
pub fn pairs(v: &Violation) -> String {
    let pairs: Vec<String> = if v.columns.len() == v.values.len() {
        v.columns.iter().zip(&v.values).map(|(c, v)| format!("{c} = {v}")).collect()
    } else {
        v.columns.iter().chain(&v.values).cloned().collect()
    };
    pairs.join(", ")
}

/// `schema.table`, as far as both are told.
pub fn table_of(v: &Violation) -> String {
    match (&v.schema, &v.table) {
        (Some(schema), Some(table)) => format!("{schema}.{table}"),
        (_, table) => table.clone().unwrap_or_default(),
    }
}

fn line(v: &Violation, count: u64) -> String {
    let mut text = format!("{} ({})", v.kind.as_str(), v.sub.as_str());
    let mut put = |name: &str, value: &str| {
        if !value.is_empty() {
            let _ = write!(text, "  {name} {}", clean::line(value));
        }
    };
    put("code", v.vendor_code.as_deref().unwrap_or_default());
    put("table", &table_of(v));
    put("constraint", v.constraint.as_deref().unwrap_or_default());
    put("references", v.referenced_table.as_deref().unwrap_or_default());
    put("key", &pairs(v));
    put("", if v.truncated { "(cut)" } else { "" });
    if count > 1 {
        let _ = write!(text, "  {count} times");
    }
    text
}

/// Texts without headers are read in pieces of this size.
const PIECE: usize = 128 << 10;

/// Reads a file, or standard input for `-`, to its end or as far as it can be read.
pub fn of_file(path: &Path, found: &mut Found) -> std::io::Result<()> {
    of_blocks(Blocks::new(inputs::open(path)?), found)
}

/// Reads a text.
pub fn of_text(text: &str) -> std::io::Result<Found> {
    let mut found = Found::default();
    of_blocks(Blocks::new(text.as_bytes()), &mut found)?;
    Ok(found)
}

fn of_blocks<R: std::io::Read>(mut blocks: Blocks<R>, found: &mut Found) -> std::io::Result<()> {
    let mut profile = None;
    let mut pending: Vec<u8> = Vec::new();
    while let Some(block) = blocks.next()? {
        let profile: &FileProfile = profile.get_or_insert_with(|| FileProfile::of(&block.bytes));
        for line in block.bytes.split_inclusive(|c| *c == b'\n') {
            let is_piece = profile.is_bare() && pending.len() > PIECE;
            let starts = !profile.is_bare() && profile.starts_event(line);
            if (starts || is_piece || pending.len() > 4 * PIECE) && !pending.is_empty() {
                unit(&pending, profile, found);
                pending.clear();
            }
            pending.extend_from_slice(line);
        }
    }
    if let Some(profile) = &profile {
        unit(&pending, profile, found);
    }
    Ok(())
}

fn unit(text: &[u8], profile: &FileProfile, found: &mut Found) {
    if text.trim_ascii().is_empty() {
        return;
    }
    let bare = || LogEvent { message: String::from_utf8_lossy(text).into_owned(), ..LogEvent::default() };
    if profile.is_bare() && !text.trim_ascii_start().starts_with(b"{") {
        found.read(&bare());
        return;
    }
    // A header that was none may have hidden what the text says.
    if !found.read(&waylaid_logs::parse_event(text, profile)) {
        let event = bare();
        if !find_violations(&event.message).is_empty() {
            found.read(&event);
        }
    }
}
