//! `search`: matches in all stores, counts first.

use crate::arguments::{Common, Format};
use crate::diagnostics::Failure;
use crate::exit::Exit;
use crate::keys;
use crate::output;
use crate::session::Session;
use clap::Args;
use std::ops::Range;
use std::path::PathBuf;
use waylaid_engine::Search as Query;
use waylaid_report::text;

const EXAMPLES: &str = "\
Examples:
  waylaid search 1001                              a key as a whole word, everywhere
  waylaid search --text \"connection refused\"       text
  waylaid search --regex 'status=5\\d\\d' --in gateway
                                                   where a name has `gateway` in it
  waylaid search 1001 --path '$.status=REJECTED'   records whose JSON says so
  waylaid search --header source=retry --limit 5   records with this header
  waylaid search 1001 --by-key --newest            records whose own key it is, the newest first
  waylaid search --keys ids.csv --at '$.orderId' --in orders --field '$.status'
                                                   records with one of many ids at a place, and one field of each
  waylaid search --in orders.v1 --partition 3 --offsets 1040..1060
                                                   what stands around an offset";

/// Lines, records and rows by key, text, regular expression, path or header; counts first
///
/// Exit code 1 when nothing matches.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct Search {
    /// Keys to find as whole words
    keys: Vec<String>,
    /// A file with more keys, one a line or in the first column of a CSV; - is standard input
    #[arg(long = "keys", value_name = "FILE")]
    file: Option<PathBuf>,
    /// Only records in which one of the keys stands at this path
    #[arg(long = "at", value_name = "PATH")]
    keys_at: Option<String>,
    /// Text to find
    #[arg(long, value_name = "TEXT")]
    text: Option<String>,
    /// Regular expression to find
    #[arg(long, value_name = "REGEX")]
    regex: Option<String>,
    /// Only records where this holds: $.path=value; may be repeated
    #[arg(long = "path", value_name = "PATH=VALUE", value_parser = pair)]
    paths: Vec<(String, String)>,
    /// Only records with this header: name=value; may be repeated
    #[arg(long = "header", value_name = "NAME=VALUE", value_parser = pair)]
    headers: Vec<(String, String)>,
    /// Only in stores, services, topics or tables whose name contains this; may be repeated
    #[arg(long = "in", value_name = "NAME")]
    targets: Vec<String>,
    /// Only records whose own key is one of the keys. Of a live broker only their partitions are read, where it can be
    /// told which these are
    #[arg(long)]
    by_key: bool,
    /// Only records of this partition
    #[arg(long, value_name = "N")]
    partition: Option<i32>,
    /// Only records with these offsets, the last one included
    #[arg(long, value_name = "FROM..TO", value_parser = offsets)]
    offsets: Option<Range<i64>>,
    /// The newest matches first instead of the oldest
    #[arg(long)]
    newest: bool,
    /// Show at most so many matches; all are counted
    #[arg(long, value_name = "N", default_value_t = 20)]
    limit: usize,
    /// Pass over so many matches first: the next ones after those that were shown
    #[arg(long, value_name = "N", default_value_t = 0)]
    skip: usize,
    /// Show of records their key and what stands at this path; may be repeated
    #[arg(long = "field", value_name = "PATH")]
    fields: Vec<String>,
    #[command(flatten)]
    common: Common,
}

fn pair(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("expected NAME=VALUE")?;
    Ok((name.to_owned(), value.to_owned()))
}

/// `1040..1060`, `1040..`, `..1060` or one offset.
fn offsets(text: &str) -> Result<Range<i64>, String> {
    let number = |text: &str, without: i64| {
        if text.is_empty() { Ok(without) } else { text.parse::<i64>().map_err(|e| format!("{text}: {e}")) }
    };
    let (from, to) = text.split_once("..").unwrap_or((text, text));
    if from.is_empty() && to.is_empty() {
        return Err("expected FROM..TO".to_owned());
    }
    let (from, to) = (number(from, 0)?, number(to, i64::MAX)?);
    if from > to { Err(format!("{from} is behind {to}")) } else { Ok(from..to.saturating_add(1)) }
}

impl Search {
    /// Keys that were typed, and those of the file.
    fn keys(&self) -> Result<Vec<String>, Failure> {
        let mut keys = self.keys.clone();
        if let Some(file) = &self.file {
            keys.extend(keys::read(file, "record", None)?);
        }
        Ok(keys)
    }

    pub fn run(&self) -> Result<Exit, Failure> {
        let nothing =
            self.keys.is_empty() && self.file.is_none() && self.text.is_none() && self.regex.is_none();
        let anywhere = self.partition.is_none() && self.offsets.is_none();
        if nothing && self.paths.is_empty() && self.headers.is_empty() && anywhere {
            return Err(Failure::usage("search for what?").hint(EXAMPLES));
        }
        if let Some(Err(error)) = self.regex.as_deref().map(regex::Regex::new) {
            return Err(Failure::usage(format!("--regex: {error}")).hint("--text finds text as it stands"));
        }
        let keys = self.keys()?;
        let session = Session::open(&self.common.folder.dir, self.common.unmask)?;
        session.outlet.typed(keys.iter().chain(&self.text));
        let (window, _) = session.times(&self.common.times)?;
        let query = Query {
            keys,
            keys_at: self.keys_at.clone(),
            text: self.text.clone(),
            regex: self.regex.clone(),
            targets: self.targets.clone(),
            paths: self.paths.clone(),
            headers: self.headers.clone(),
            window,
            by_key: self.by_key,
            partition: self.partition,
            offsets: self.offsets.clone(),
            newest: self.newest,
            skip: self.skip,
            limit: self.limit,
            fields: self.fields.clone(),
        };
        let answer = session.run(|c| waylaid_engine::search(&session.stores, &query, c))?;
        match self.common.format {
            Format::Text => output::page(&text::search(&answer))?,
            Format::Json => output::json(&answer)?,
        }
        Ok(Exit::of_find(answer.matched > 0, &answer.coverage))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_are_typed_as_ranges_or_alone() {
        assert_eq!(offsets("1040..1060"), Ok(1040..1061));
        assert_eq!(offsets("7"), Ok(7..8));
        assert_eq!(offsets("..7"), Ok(0..8));
        assert_eq!(offsets("7.."), Ok(7..i64::MAX));
        for wrong in ["..", "", "x..7", "9..7", "1..2..3"] {
            assert!(offsets(wrong).is_err(), "{wrong}");
        }
    }
}
