//! `keys`: the key values inside error messages.

use crate::arguments::{CaseFolder, Folder, Format, Unmask};
use crate::diagnostics::{Failure, did_you_mean, note};
use crate::exit::Exit;
use crate::inputs::{self, Blocks};
use crate::session::Session;
use crate::{cases, output};
use clap::Args;
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use waylaid_case::csv;
use waylaid_logs::{FileProfile, Violation, find_details, find_violations, text_of};
use waylaid_model::answers::KeyRow;
use waylaid_model::time::human_duration;
use waylaid_model::{Diagnosis, KeyList, LogEvent};
use waylaid_report::clean;

const EXAMPLES: &str = "\
Examples:
  waylaid keys p1 > keys.csv                       the keys in the messages of error group p1 of the last case
  pbpaste | waylaid keys -                         every violation in a text
  waylaid keys app.log --format json               every violation in a file
  waylaid keys - --format json < error.txt | jq -r '.violations[].values[]'";

/// The key values inside error messages: as a CSV for an error group, or of any text
///
/// Constraint, table, columns and values of every violated constraint, whichever database, driver, framework or language
/// said so. An error group's keys are written as a CSV that a spreadsheet takes without computing anything; where the
/// system's tables are at hand, each with its row: whether it exists, its state, its age, and how many messages name it.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct Keys {
    /// An error group of a case (p1), a file, or - for standard input
    what: String,
    /// The case: its id, the path of its folder, or `last`
    #[arg(long, default_value = "last")]
    case: String,
    /// How to print it
    #[arg(long, value_enum, default_value_t = Format::Text, value_name = "FORMAT")]
    format: Format,
    #[command(flatten)]
    folder: Folder,
    #[command(flatten)]
    cases: CaseFolder,
    #[command(flatten)]
    unmask: Unmask,
}

impl Keys {
    pub fn run(&self) -> Result<Exit, Failure> {
        let path = PathBuf::from(&self.what);
        if self.what == "-" || path.is_file() {
            return self.of_text(&path);
        }
        let case = cases::open(&self.folder.dir, self.cases.case_dir.as_deref(), &self.case, self.unmask)?;
        self.of_problem(&case.located())
    }

    fn of_text(&self, path: &Path) -> Result<Exit, Failure> {
        let mut found = Found::default();
        let read = read(path, &mut found);
        match self.format {
            Format::Json => output::json(&found.json())?,
            Format::Text => output::raw(&found.text())?,
        }
        if let Err(error) = read {
            note(&format!("{} cannot be read to its end: {error}", path.display()));
            return Ok(Exit::Partial);
        }
        let nothing = found.violations.is_empty() && found.others.is_empty();
        Ok(if nothing { Exit::Inconclusive } else { Exit::Answered })
    }

    /// The keys' rows, where the case's system is here and holds the table.
    fn rows(&self, keys: &KeyList) -> Option<Vec<KeyRow>> {
        if !self.folder.dir.join("waylaid.toml").is_file() {
            return None;
        }
        let joined = Session::open(&self.folder.dir, self.unmask).and_then(|session| {
            session.outlet.typed(keys.values.iter().flatten());
            session.run(|c| Ok(waylaid_engine::key_rows(session.system(), &session.stores, keys, c)?))
        });
        joined.unwrap_or_else(|failure| {
            note(&format!("the keys' rows could not be looked up: {}", failure.what));
            None
        })
    }

    fn of_problem(&self, diagnosis: &Diagnosis) -> Result<Exit, Failure> {
        let cause = diagnosis
            .verdict
            .causes
            .iter()
            .find(|c| c.problem.as_deref() == Some(&self.what) || c.id == self.what);
        let Some(cause) = cause else {
            let known: Vec<&str> =
                diagnosis.verdict.causes.iter().filter_map(|c| c.problem.as_deref()).collect();
            let failure = Failure::usage(format!(
                "`{}` is neither a file nor an error group behind a cause of case {}",
                self.what, diagnosis.case
            ));
            return Err(failure.hint(did_you_mean(&self.what, known.iter().copied())));
        };
        let Some(keys) = cause.keys.as_ref().filter(|k| !k.values.is_empty()) else {
            note(&format!("the messages of {} hold no key values", self.what));
            return Ok(Exit::Inconclusive);
        };
        let rows = self.rows(keys);
        match (self.format, &rows) {
            (Format::Json, None) => output::json(keys)?,
            (Format::Json, Some(rows)) => {
                let mut answer = serde_json::to_value(keys).unwrap_or_default();
                answer["rows"] = json!(rows);
                output::json(&answer)?;
            }
            (Format::Text, None) => {
                output::verbatim(
                    csv::table(&keys.columns, keys.values.iter().map(Vec::as_slice)).as_bytes(),
                )?;
            }
            (Format::Text, Some(rows)) => output::verbatim(joined(diagnosis, keys, rows).as_bytes())?,
        }
        if let Some(rows) = &rows {
            let exist = rows.iter().filter(|r| r.exists).count();
            note(&format!(
                "{exist} of {} have a row in {}",
                rows.len(),
                keys.table.as_deref().unwrap_or_default()
            ));
        }
        let table = keys.table.as_deref().map_or(String::new(), |t| format!(" of {t}"));
        note(&format!(
            "{} distinct keys{table}; {} explains {} of {} stuck",
            keys.count, self.what, cause.explains, cause.of
        ));
        Ok(Exit::Answered)
    }
}

/// A CSV of keys with their rows: the key's columns, how many messages name it, whether there is a row, its state, its
/// age by the newest time that the case cites.
fn joined(diagnosis: &Diagnosis, keys: &KeyList, rows: &[KeyRow]) -> String {
    let now = diagnosis.evidence.values().filter_map(|e| e.at).max();
    let mut head = keys.columns.clone();
    head.extend(["messages", "row", "row_state", "row_created", "row_age"].map(str::to_owned));
    let line = |row: &KeyRow| {
        let mut cells = row.values.clone();
        cells.resize(keys.columns.len(), String::new());
        let age = row.created.zip(now).filter(|(created, now)| created <= now);
        cells.extend([
            row.messages.to_string(),
            if row.exists { "exists" } else { "missing" }.to_owned(),
            row.state.clone().unwrap_or_default(),
            row.created.map_or_else(String::new, |t| t.to_string()),
            age.map_or_else(String::new, |(created, now)| human_duration(now.since(created))),
        ]);
        cells
    };
    let lines: Vec<Vec<String>> = rows.iter().map(line).collect();
    csv::table(&head, lines.iter().map(Vec::as_slice))
}

/// What texts hold.
#[derive(Default)]
struct Found {
    /// Each violation with how often it was told.
    violations: Vec<(Violation, u64)>,
    /// Errors that violate no constraint.
    others: Vec<Value>,
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

    fn json(&self) -> Value {
        let violations: Vec<Value> = self.violations.iter().map(|(v, count)| one(v, *count)).collect();
        json!({ "count": violations.len(), "violations": violations, "others": self.others })
    }

    fn text(&self) -> String {
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

fn line(v: &Violation, count: u64) -> String {
    let mut text = format!("{} ({})", v.kind.as_str(), v.sub.as_str());
    let mut put = |name: &str, value: &str| {
        if !value.is_empty() {
            let _ = write!(text, "  {name} {}", clean::line(value));
        }
    };
    put("code", v.vendor_code.as_deref().unwrap_or_default());
    let table = match (&v.schema, &v.table) {
        (Some(schema), Some(table)) => format!("{schema}.{table}"),
        (_, table) => table.clone().unwrap_or_default(),
    };
    put("table", &table);
    put("constraint", v.constraint.as_deref().unwrap_or_default());
    put("references", v.referenced_table.as_deref().unwrap_or_default());
    let pairs: Vec<String> = if v.columns.len() == v.values.len() {
        v.columns.iter().zip(&v.values).map(|(c, v)| format!("{c} = {v}")).collect()
    } else {
        v.columns.iter().chain(&v.values).cloned().collect()
    };
    put("key", &pairs.join(", "));
    put("", if v.truncated { "(cut)" } else { "" });
    if count > 1 {
        let _ = write!(text, "  {count} times");
    }
    text
}

/// Texts without headers are read in pieces of this size.
const PIECE: usize = 128 << 10;

fn read(path: &Path, found: &mut Found) -> std::io::Result<()> {
    let mut blocks = Blocks::new(inputs::open(path)?);
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
