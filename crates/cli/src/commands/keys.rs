//! `keys`: the key values inside error messages.

use crate::arguments::{CaseFolder, Folder, Format, Unmask};
use crate::diagnostics::{Failure, did_you_mean, note};
use crate::exit::Exit;
use crate::session::Session;
use crate::violations::{self, Found};
use crate::{cases, key_rows, output};
use clap::Args;
use serde_json::json;
use std::path::{Path, PathBuf};
use waylaid_case::csv;
use waylaid_model::answers::KeyRow;
use waylaid_model::{Diagnosis, KeyList};

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
        let read = violations::of_file(path, &mut found);
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
        let joined =
            Session::open(&self.folder.dir, self.unmask).and_then(|session| key_rows::of(&session, keys));
        joined.unwrap_or_else(|failure| {
            note(&format!("the keys' rows could not be looked up: {}", failure.what));
            None
        })
    }

    fn of_problem(&self, diagnosis: &Diagnosis) -> Result<Exit, Failure> {
        let Some(cause) = key_rows::cause(diagnosis, &self.what) else {
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

/// A CSV of keys with their rows: the key's columns, and what is known of the row.
fn joined(diagnosis: &Diagnosis, keys: &KeyList, rows: &[KeyRow]) -> String {
    let lines: Vec<Vec<String>> = rows.iter().map(|row| key_rows::cells(diagnosis, keys, row)).collect();
    csv::table(&key_rows::columns(keys), lines.iter().map(Vec::as_slice))
}
