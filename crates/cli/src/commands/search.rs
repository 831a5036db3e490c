//! `search`: matches in all stores, counts first.

use crate::arguments::{Common, Format};
use crate::diagnostics::Failure;
use crate::exit::Exit;
use crate::output;
use crate::session::Session;
use clap::Args;
use waylaid_engine::Search as Query;
use waylaid_report::text;

const EXAMPLES: &str = "\
Examples:
  waylaid search 1001                              a key as a whole word, everywhere
  waylaid search --text \"connection refused\"       text
  waylaid search --regex 'status=5\\d\\d' --in gateway
                                                   where a name has `gateway` in it
  waylaid search 1001 --path '$.status=REJECTED'   records whose JSON says so
  waylaid search --header source=retry --limit 5   records with this header";

/// Lines, records and rows by key, text, regular expression, path or header; counts first
///
/// Exit code 1 when nothing matches.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct Search {
    /// Keys to find as whole words
    keys: Vec<String>,
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
    /// Show at most so many matches; all are counted
    #[arg(long, value_name = "N", default_value_t = 20)]
    limit: usize,
    #[command(flatten)]
    common: Common,
}

fn pair(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("expected NAME=VALUE")?;
    Ok((name.to_owned(), value.to_owned()))
}

impl Search {
    pub fn run(&self) -> Result<Exit, Failure> {
        let nothing = self.keys.is_empty() && self.text.is_none() && self.regex.is_none();
        if nothing && self.paths.is_empty() && self.headers.is_empty() {
            return Err(Failure::usage("search for what?").hint(EXAMPLES));
        }
        if let Some(Err(error)) = self.regex.as_deref().map(regex::Regex::new) {
            return Err(Failure::usage(format!("--regex: {error}")).hint("--text finds text as it stands"));
        }
        let session = Session::open(&self.common.folder.dir, self.common.unmask)?;
        session.outlet.typed(self.keys.iter().chain(&self.text));
        let (window, _) = session.times(&self.common.times)?;
        let query = Query {
            keys: self.keys.clone(),
            text: self.text.clone(),
            regex: self.regex.clone(),
            targets: self.targets.clone(),
            paths: self.paths.clone(),
            headers: self.headers.clone(),
            window,
            limit: self.limit,
        };
        let answer = session.run(|c| waylaid_engine::search(&session.stores, &query, c))?;
        match self.common.format {
            Format::Text => output::page(&text::search(&answer))?,
            Format::Json => output::json(&answer)?,
        }
        Ok(Exit::of_find(answer.matched > 0, &answer.coverage))
    }
}
