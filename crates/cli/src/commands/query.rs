//! `query`: one SELECT in a table store.

use crate::arguments::{Folder, Unmask};
use crate::diagnostics::{Failure, note};
use crate::exit::Exit;
use crate::select::{self, Select};
use crate::session::Session;
use crate::{output, progress, times};
use clap::{Args, ValueEnum};
use std::io::{IsTerminal as _, Read as _};
use std::time::{Duration, Instant};
use waylaid_model::answers::QueryAnswer;
use waylaid_report::{clean, text};

const EXAMPLES: &str = "\
Examples:
  waylaid query orders                             the tables of [tables.orders] with their columns
  waylaid query orders \"SELECT status, count(*) FROM orders GROUP BY status\"
  waylaid query orders \"SELECT * FROM orders WHERE id = 1001\" --format json
  waylaid query orders - < stuck.sql --format csv --limit 10000 > stuck.csv
  waylaid query orders \"EXPLAIN SELECT * FROM orders WHERE status = 'ACCEPTED'\"";

/// One SELECT in a table store, which cannot do anything but read
///
/// The statement is parsed and held against a list of what only reads; what is sent is written anew from what was
/// understood, as one statement, in a session that the engine itself keeps read-only, limited in time, rows and bytes.
/// Anything else is refused with the reason. Values keep their types; secrets and personal data are hidden by what they
/// look like and by what their column is called, so that an alias or a function can show them: what must never be seen,
/// the role of this store should not be allowed to read. Without a SELECT, the tables are listed with their columns.
/// Exit code 1 when there is no row, 3 when the answer ends before the limit.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct Query {
    /// Table store, such as `orders` for [tables.orders]
    store: String,
    /// The SELECT, or - for standard input
    #[arg(value_name = "SELECT")]
    sql: Option<String>,
    /// How to print the rows
    #[arg(long, value_enum, default_value_t = Rows::Text, value_name = "FORMAT")]
    format: Rows,
    /// At most so many rows; that there are more is told
    #[arg(long, value_name = "N", default_value_t = 200, value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    limit: u64,
    /// At most so long; a live database ends a SELECT after 30s by itself
    #[arg(long, value_name = "LENGTH", default_value = "30s", value_parser = times::parse_length)]
    timeout: i64,
    #[command(flatten)]
    unmask: Unmask,
    #[command(flatten)]
    folder: Folder,
}

/// How rows are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Rows {
    /// For a person
    Text,
    /// For a program: columns, types, values
    Json,
    /// For a spreadsheet: a head, then a line a row; null is an empty cell
    Csv,
}

/// Longest statement that is read from standard input; the guard takes less.
const STATEMENT: u64 = 1 << 20;

impl Query {
    pub fn run(&self) -> Result<Exit, Failure> {
        let sql = match self.sql.as_deref() {
            Some("-") => Some(typed()?),
            sql => sql.map(str::to_owned),
        };
        let context = progress::context();
        let timeout = Duration::from_nanos(u64::try_from(self.timeout).unwrap_or(0));
        if let Some(deadline) = Instant::now().checked_add(timeout) {
            context.finish_by(deadline);
        }
        let session = Session::open_for(&self.folder.dir, self.unmask, context)?;
        let asked = Select { store: Some(&self.store), sql: sql.as_deref(), limit: self.limit };
        let answer = select::ask(&session, &asked)?;
        match self.format {
            Rows::Text => output::page(&text::query(&answer))?,
            Rows::Json => output::json(&answer)?,
            Rows::Csv => csv(&answer)?,
        }
        Ok(self.exit(&answer))
    }

    fn exit(&self, answer: &QueryAnswer) -> Exit {
        let count = answer.values.len() as u64;
        if answer.more && count >= self.limit {
            return Exit::Answered;
        }
        Exit::of_find(count > 0, &answer.coverage)
    }
}

fn typed() -> Result<String, Failure> {
    let mut bytes = Vec::new();
    let unreadable =
        |error: std::io::Error| Failure::usage(format!("standard input cannot be read: {error}"));
    std::io::stdin().lock().take(STATEMENT).read_to_end(&mut bytes).map_err(unreadable)?;
    String::from_utf8(bytes).map_err(|_| Failure::usage("the statement on standard input is not UTF-8"))
}

/// The rows as CSV; what else is to be said goes to standard error.
fn csv(answer: &QueryAnswer) -> Result<(), Failure> {
    let is_terminal = std::io::stdout().is_terminal();
    let shown = |text: String| if is_terminal { clean::line(&text) } else { text };
    let cell = |value: &serde_json::Value| match value {
        serde_json::Value::Null => String::new(),
        serde_json::Value::String(text) => shown(text.clone()),
        value => shown(value.to_string()),
    };
    let rows: Vec<Vec<String>> = answer.values.iter().map(|row| row.iter().map(cell).collect()).collect();
    let head: Vec<String> = answer.columns.iter().cloned().map(shown).collect();
    output::verbatim(waylaid_case::csv::table(&head, rows.iter().map(Vec::as_slice)).as_bytes())?;
    for line in answer.coverage.iter().filter(|line| line.is_incomplete()) {
        note(&line.note);
    }
    Ok(())
}
