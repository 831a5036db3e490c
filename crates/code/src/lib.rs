//! Checkouts to what their code says: which statement wrote a log line, where the frames of a stack trace stand, what a
//! file mentions.
//!
//! Source files are read by their syntax ([`outline`]), a file a language in `languages/`, into one shape for all;
//! log statements, helpers around loggers and what is raised are read off that shape. Nothing is run, no link is
//! followed, nothing outside the checkout is read, and no git is needed. A file that does not parse is used as far as it
//! does.

mod cache;
mod checkout;
pub mod configuration;
mod deciding;
mod frames;
pub mod git;
mod guards;
mod hint;
mod index;
mod jobs;
mod languages;
mod locate;
mod logging;
mod matching;
pub mod outline;
mod pinpoint;
mod placeholders;
mod places;
mod remembered;
mod reports;
mod resolve;
mod routes;
pub mod schema;
mod sql;
mod statements;
mod tested;
pub mod topics;
mod wanted;

pub use cache::keep_index_in;
pub use checkout::{LeftOut, SourceFile};
pub use configuration::Configuration;
pub use deciding::{deciding, handling_failures, leaving_before};
pub use frames::{FoundFrame, Texts};
pub use git::{Commit, Touched};
pub use guards::{leaving_on_the_way, leaving_within};
pub use hint::named_place;
pub use index::{Index, IndexedFile};
pub use jobs::Job;
pub use languages::READ as LANGUAGES_READ;
pub use locate::{Answer, Outcome, Place, Role, locate};
pub use matching::{Candidate, Line, Sureness};
pub use places::{
    Statement, find_frame, find_raised, find_statement, find_trace, handler_condition, swallowing,
};
pub use reports::end_of_report;
pub use routes::{Route, RouteRole};
pub use schema::{Schema, Table};
pub use sql::{Verb, condition_of, find_sql};
pub use statements::{Kind, Statement as LogStatement};
pub use topics::{Sign, TopicRole, TopicUse, Topics, Untold};

use outline::Language;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// A checkout: its files as text, and their index, made when it is first asked for.
#[derive(Debug, Default)]
pub struct Sources {
    /// Service whose checkout it is.
    pub service: String,
    /// Files by path.
    pub files: Vec<SourceFile>,
    /// Whether there was more than is held.
    pub cut: bool,
    left_out: Vec<LeftOut>,
    index: OnceLock<Index>,
    by_path: OnceLock<std::collections::HashMap<String, usize>>,
    configuration: OnceLock<Configuration>,
    topics: OnceLock<Topics>,
    schema: OnceLock<Schema>,
    jobs: OnceLock<Vec<Job>>,
    routes: OnceLock<Vec<Route>>,
    root: Option<PathBuf>,
    /// Files of languages that are not read, where only a part of the checkout was read.
    part: Option<Vec<(String, u32)>>,
    repository: OnceLock<Result<git::Repository, &'static str>>,
}

/// Files of a language that is known and has no grammar here.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Unread {
    /// The language.
    pub language: &'static str,
    /// How many files of it there are.
    pub files: usize,
    /// One of them.
    pub example: String,
}

/// What a file's mention of a topic looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mention {
    /// Beside words of sending.
    Produces,
    /// Beside words of receiving.
    Consumes,
    /// Named only.
    Names,
}

impl Sources {
    /// Reads a checkout. A folder that is missing or unreadable gives no files.
    pub fn read(service: &str, root: &Path) -> Self {
        let checkout = checkout::read(root);
        let mut sources = Self::of_files(service, checkout.files);
        (sources.cut, sources.left_out) = (checkout.cut, checkout.left_out);
        sources.root = Some(root.to_path_buf());
        sources
    }

    /// Reads of a checkout what these events need, each with its text: by what is remembered of it where that still holds,
    /// else all of it, which is remembered for the next time.
    pub fn read_for(service: &str, root: &Path, events: &[(waylaid_model::LogEvent, String)]) -> Self {
        let part = |open: bool| remembered::read_for(service, root, events, open);
        let first = part(false).and_then(|p| if p.answers(events) { Some(p) } else { part(true) });
        if let Some(found) = first.filter(|p| !p.is_about_tests(events)) {
            return found;
        }
        let seen = remembered::looks(root);
        let sources = Self::read(service, root);
        if let Some(seen) = seen.filter(|_| !sources.is_empty()) {
            remembered::remember(root, seen, &sources);
        }
        sources
    }

    /// Whether every event has a statement here.
    fn answers(&self, events: &[(waylaid_model::LogEvent, String)]) -> bool {
        events.iter().all(|(event, raw)| !locate(&[self], event, raw).statements.is_empty())
    }

    /// Whether an event leads to tests alone: what they call may stand in any file.
    fn is_about_tests(&self, events: &[(waylaid_model::LogEvent, String)]) -> bool {
        events.iter().any(|(event, raw)| {
            let frames = locate(&[self], event, raw).frames;
            !frames.is_empty() && frames.iter().all(|f| configuration::is_test(&f.path))
        })
    }

    /// Whether there is any source file at all.
    pub fn is_empty(&self) -> bool {
        self.part.is_none() && self.index().files.is_empty()
    }

    /// A checkout whose files were read before.
    pub fn of_files(service: &str, files: Vec<SourceFile>) -> Self {
        Self { service: service.to_owned(), files, ..Self::default() }
    }

    /// The index of its source files.
    pub fn index(&self) -> &Index {
        self.index.get_or_init(|| {
            let kept = cache::Kept::open(self.root.as_deref(), self.files.len());
            Index::build(&self.files, &kept)
        })
    }

    /// Files that were left out, and why.
    pub fn left_out(&self) -> &[LeftOut] {
        &self.left_out
    }

    /// Files of languages that are not read by their syntax: what they say of statements and topics is not known.
    pub fn unread(&self) -> Vec<Unread> {
        let mut out: Vec<Unread> = Vec::new();
        if let Some(unread) = &self.part {
            let of = |(example, files): &(String, u32)| {
                let language = languages::plain_name(example.rsplit('.').next().unwrap_or_default())?;
                Some(Unread { language, files: *files as usize, example: example.clone() })
            };
            return unread.iter().filter_map(of).collect();
        }
        for file in &self.files {
            let ending = file.path.rsplit('.').next().unwrap_or_default();
            let Some(language) = languages::plain_name(ending) else { continue };
            match out.iter_mut().find(|u| u.language == language) {
                Some(known) => known.files += 1,
                None => out.push(Unread { language, files: 1, example: file.path.clone() }),
            }
        }
        out.sort_by_key(|u| std::cmp::Reverse(u.files));
        out
    }

    /// The text of a file.
    pub fn text(&self, path: &str) -> Option<&str> {
        let by_path = self
            .by_path
            .get_or_init(|| self.files.iter().enumerate().map(|(n, f)| (f.path.clone(), n)).collect());
        by_path.get(path).map(|n| self.files[*n].text.as_str())
    }

    /// The commit that last touched lines of a file, as the checkout has them now.
    pub fn last_touched(&self, path: &str, lines: (u32, u32)) -> git::Touched {
        let repository = self.repository.get_or_init(|| match &self.root {
            Some(root) => git::Repository::open(root),
            None => Err("no git history here"),
        });
        match (repository, self.text(path)) {
            (Ok(repository), Some(text)) => repository.last_touched(path, text, lines),
            (Ok(_), None) => git::Touched::Unknown("the file is not in the checkout"),
            (Err(why), _) => git::Touched::Unknown(why),
        }
    }

    /// What its configuration files say.
    pub fn configuration(&self) -> &Configuration {
        self.configuration.get_or_init(|| Configuration::read(&self.files))
    }

    /// Who handles, publishes to and names which topic.
    pub fn topics(&self) -> &Topics {
        self.topics.get_or_init(|| Topics::find(self.index(), self.configuration()))
    }

    /// The HTTP routes that its code serves and calls.
    pub fn routes(&self) -> &[Route] {
        self.routes.get_or_init(|| routes::find(self.index(), self.configuration()))
    }

    /// What runs by the clock: in code, in manifests, in crontabs.
    pub fn jobs(&self) -> &[Job] {
        self.jobs.get_or_init(|| jobs::find(&self.files, self.index(), self.configuration()))
    }

    /// The tables that migrations and entities define.
    pub fn schema(&self) -> &Schema {
        self.schema.get_or_init(|| Schema::read(&self.files, self.index()))
    }

    /// How this checkout mentions a topic; `None` when it doesn't. What the code does counts first, then what settings
    /// are called that name it; files of languages that are not read by their syntax count by their text.
    pub fn mention(&self, topic: &str) -> Option<Mention> {
        let of = self.topics().of(topic);
        let main = of.iter().any(|u| !configuration::is_test(&u.path));
        let of_code = of.iter().filter(|u| !main || !configuration::is_test(&u.path));
        let by_role = |role: TopicRole| of_code.clone().any(|u| u.role == role);
        if by_role(TopicRole::Publishes) {
            return Some(Mention::Produces);
        }
        if by_role(TopicRole::Handles) {
            return Some(Mention::Consumes);
        }
        let named = by_role(TopicRole::Names).then_some(Mention::Names);
        let settings = self.configuration().naming(topic).map(|s| mention_by_words(&s.key));
        let texts = self
            .files
            .iter()
            .filter(|f| languages::of_path(&f.path) == Some(Language::Plain))
            .flat_map(|f| f.text.lines());
        let texts = texts.filter(|l| names(l, topic)).map(mention_by_words);
        settings.chain(texts).chain(named).min()
    }

    /// Whether any file holds the text as a whole value: a word that may stand in any sentence.
    pub fn holds_value(&self, value: &str) -> bool {
        self.files.iter().any(|f| f.text.contains(value) && f.text.lines().any(|l| gives(l, value)))
    }

    /// Whether any file holds the text as a whole name.
    pub fn holds(&self, name: &str) -> bool {
        self.files.iter().any(|f| f.text.contains(name) && f.text.lines().any(|l| names(l, name)))
    }
}

/// Whether a line holds a text as a whole value: in quotes, or behind a colon or an equals sign.
fn gives(line: &str, value: &str) -> bool {
    line.match_indices(value).any(|(at, _)| {
        let before = line[..at].trim_end().chars().next_back();
        let after = line[at + value.len()..].chars().next();
        before.is_some_and(|c| matches!(c, '"' | '\'' | '`' | ':' | '='))
            && after.is_none_or(|c| matches!(c, '"' | '\'' | '`' | ',' | ';' | ' ' | '\r' | ')'))
    })
}

/// What a setting's name, or a line of text, says of the topic beside it.
fn mention_by_words(text: &str) -> Mention {
    const SEND: &[&str] =
        &["send", "produce", "publish", "emit", "outgoing", "output", "-out-", "sink", "writer"];
    const RECEIVE: &[&str] =
        &["listener", "subscribe", "consume", "incoming", "input", "-in-", "poll", "reader", "fetch"];
    let text = text.to_lowercase();
    let says = |words: &[&str]| words.iter().any(|w| text.contains(w));
    match (says(SEND), says(RECEIVE)) {
        (true, false) => Mention::Produces,
        (false, true) => Mention::Consumes,
        _ => Mention::Names,
    }
}

impl Texts for Sources {
    fn text(&self, file: usize) -> Option<&str> {
        Self::text(self, &self.index().files.get(file)?.path)
    }
}

/// Whether a line holds a name that goes on neither before nor behind.
fn names(line: &str, name: &str) -> bool {
    let joins = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == '-');
    line.match_indices(name).any(|(at, _)| {
        let after = line[at + name.len()..].chars().next();
        let after_dot = line[at + name.len()..]
            .strip_prefix('.')
            .is_some_and(|r| r.starts_with(|c: char| c.is_alphanumeric()));
        !joins(line[..at].chars().next_back()) && !joins(after) && !after_dot
    })
}
