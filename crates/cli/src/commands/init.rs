//! `init`: the system's file, from what a folder of checkouts shows.

use crate::diagnostics::Failure;
use crate::discover::{self, Discovered, Service};
use crate::exit::Exit;
use crate::output;
use clap::Args;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use waylaid_code::schema::Constraint;
use waylaid_code::{Job, TopicRole, TopicUse};

const EXAMPLES: &str = "\
Examples:
  waylaid init                     look at the checkouts in this folder, show and write waylaid.toml
  waylaid init ../shop --dry-run   only show what would be written";

/// Write waylaid.toml from the code in a folder: services, topics, tables, entities
///
/// Each line says where it was found and how sure it is; what could not be told is a commented line to fill in. It is
/// shown before it is written, and a file that is there is never overwritten.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct Init {
    /// The folder that holds the checkouts
    #[arg(value_name = "DIR", default_value = ".", hide_default_value = true)]
    dir: PathBuf,
    /// Show what would be written, and write nothing
    #[arg(long)]
    dry_run: bool,
}

impl Init {
    pub fn run(&self) -> Result<Exit, Failure> {
        if !self.dir.is_dir() {
            return Err(Failure::usage(format!("there is no folder {}", self.dir.display())));
        }
        let found = discover::discover(&self.dir);
        let text = toml(&self.dir, &found);
        output::verbatim(text.as_bytes())?;
        if found.services.is_empty() {
            eprintln_line("no checkout of a known language was found in this folder or below it");
        }
        if self.dry_run {
            return Ok(Exit::Answered);
        }
        let file = self.dir.join("waylaid.toml");
        // Made anew or not at all: what somebody wrote stays.
        let made = std::fs::OpenOptions::new().write(true).create_new(true).open(&file);
        match made.and_then(|mut f| std::io::Write::write_all(&mut f, text.as_bytes())) {
            Ok(()) => {
                eprintln_line(&format!("written to {}", file.display()));
                Ok(Exit::Answered)
            }
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
                Err(Failure::usage(format!("{} is there already; nothing was written", file.display()))
                    .hint("compare it with what is shown above: waylaid init --dry-run"))
            }
            Err(error) => Err(Failure::usage(format!("{} cannot be written: {error}", file.display()))),
        }
    }
}

/// A remark beside the answer.
fn eprintln_line(text: &str) {
    let _ = std::io::Write::write_all(&mut anstream::stderr().lock(), format!("{text}\n").as_bytes());
}

/// The file's text.
fn toml(root: &Path, found: &Discovered) -> String {
    let mut out = String::new();
    let whole = root.canonicalize().unwrap_or_else(|_| root.to_path_buf());
    let name = whole.file_name().map_or_else(|| "system".to_owned(), |n| n.to_string_lossy().into_owned());
    let _ = write!(
        out,
        "# Written by `waylaid init` from the code in this folder. Each comment says where it was found.\n\n[system]\nname = {}\n",
        quoted(&name)
    );
    stores(&mut out, root, found);
    for service in &found.services {
        one_service(&mut out, root, service);
    }
    entities(&mut out, root, found);
    out
}

fn stores(out: &mut String, root: &Path, found: &Discovered) {
    let there = |name: &str| root.join(name).is_dir();
    let _ = write!(out, "\n[logs.main]\nkind = \"files\"\npath = \"logs\"");
    let note = if there("logs") {
        "a folder a service"
    } else {
        "not there yet: put logs here, a folder a service, or name another store"
    };
    let _ = writeln!(out, "                # {note}");
    if there("topics") {
        let _ = write!(out, "\n[topics.main]\nkind = \"files\"\npath = \"topics\"\n");
    } else {
        let _ = write!(out, "\n# [topics.main]\n# kind = \"kafka\"\n# bootstrap = \"\"");
        let broker =
            found.started.iter().find(|(_, i, _)| ["kafka", "redpanda"].iter().any(|w| i.contains(w)));
        match broker {
            Some((service, image, at)) => {
                let _ = writeln!(out, "            # {at} starts {} from {}", plain(service), plain(image));
            }
            None => out.push_str("            # host:port of a broker; nothing here says which\n"),
        }
    }
    let databases = sqlite(root);
    for (store, path) in &databases {
        let _ = write!(out, "\n[tables.{store}]\nkind = \"sqlite\"\npath = {}\n", quoted(path));
    }
    for (service, image, at) in &found.started {
        let kind = ["postgres", "mysql", "mariadb"].into_iter().find(|k| image.contains(k));
        if let Some(kind) = kind {
            let kind = if kind == "mariadb" { "mysql" } else { kind };
            let variable = service.to_uppercase().replace(|c: char| !c.is_ascii_alphanumeric(), "_");
            let _ = write!(
                out,
                "\n# [tables.{}]                 # {at} starts it from {}\n# kind = \"{kind}\"\n# url = \"env:{variable}_URL\"\n",
                bare(service),
                plain(image)
            );
        }
    }
}

/// Databases as files below `tables`.
fn sqlite(root: &Path) -> Vec<(String, String)> {
    let entries = std::fs::read_dir(root.join("tables")).into_iter().flatten().flatten();
    let mut out: Vec<(String, String)> = entries
        .filter_map(|e| {
            let name = e.file_name().to_string_lossy().into_owned();
            let stem = name.strip_suffix(".sqlite")?;
            Some((bare(stem), format!("tables/{name}")))
        })
        .collect();
    out.sort();
    out
}

fn one_service(out: &mut String, root: &Path, service: &Service) {
    // A name of a file, or words that describe it.
    let between = if service.why.contains(' ') { ": " } else { "/" };
    let mark = format!("{}{between}{}", service.folder, service.why);
    let _ = write!(
        out,
        "\n[service.{}]                 # {}, {} source files\ncode = {}\n",
        bare(&service.name),
        plain(&mark),
        service.files,
        quoted(&service.folder)
    );
    let names: Vec<String> = service.tables.iter().map(|t| t.name.clone()).collect();
    match store_of(root, service) {
        Some(store) => {
            let _ =
                writeln!(out, "tables = [\"{store}\"]                 # likely: by the names of its tables");
        }
        None if !names.is_empty() => {
            out.push_str("# tables = []                 # name the store that holds the tables below\n");
        }
        None => out.push_str("# tables = []                 # no table was found in its code\n"),
    }
    for table in &service.tables {
        let _ =
            writeln!(out, "#   table {}: {}:{} ({})", table.name, plain(&table.path), table.line, table.by);
    }
    for (verb, uses) in [("reads", &service.handles), ("publishes", &service.publishes)] {
        for found in uses {
            let _ = writeln!(out, "#   {verb} {}: {}", plain(&found.topic), place(found));
        }
    }
    for untold in service.untold.iter().take(8) {
        let (path, line) = (plain(&untold.path), untold.line);
        let by = if untold.framework.is_empty() { "by its form" } else { untold.framework };
        let group =
            if untold.group.is_empty() { String::new() } else { format!(", group {}", plain(&untold.group)) };
        let verb = if untold.role == TopicRole::Publishes { "publishes to" } else { "reads" };
        let _ = writeln!(out, "#   {verb} a topic that could not be told: {path}:{line} ({by}{group})");
    }
    for job in service.jobs.iter().take(20) {
        let _ = writeln!(out, "#   {}", plain(&of_job(job)));
    }
    for unread in &service.unread {
        let _ = writeln!(out, "#   {}", plain(&crate::commands::where_line::not_read(unread)));
    }
}

/// A job as a line: what runs when, where, and whether it is switched off.
pub fn of_job(job: &Job) -> String {
    let what = if job.name.is_empty() { &job.symbol } else { &job.name };
    let when = if job.schedule.is_empty() { "by the clock" } else { &job.schedule };
    let off = if job.suspended { ", switched off" } else { "" };
    format!("job {what}: {when}{off}, {}:{} ({})", job.path, job.line, job.by)
}

/// The database that most likely is a service's, by the names of its tables and its own.
fn store_of(root: &Path, service: &Service) -> Option<String> {
    let fits = |store: &String| {
        let plural = |t: &str| t == *store || format!("{t}s") == *store;
        service.tables.iter().any(|t| plural(&t.name))
            || service.name.to_lowercase().contains(store.trim_end_matches('s'))
    };
    sqlite(root).into_iter().map(|(store, _)| store).find(fits)
}

/// Where a topic was found and how sure that is.
fn place(found: &TopicUse) -> String {
    let sure = if found.topic.contains('*') || found.pattern {
        "in part"
    } else if found.how.is_empty() {
        "sure"
    } else {
        "resolved"
    };
    let how = if found.how.is_empty() { String::new() } else { format!("; {}", plain(&found.how)) };
    format!(
        "{}:{} in {} ({}, {sure}{how})",
        plain(&found.path),
        found.line,
        plain(&found.symbol),
        found.framework
    )
}

/// Words of states in which an entity has got to its end.
const DONE: &[&str] = &[
    "done",
    "complete",
    "completed",
    "finished",
    "shipped",
    "delivered",
    "closed",
    "paid",
    "settled",
    "booked",
    "fulfilled",
    "succeeded",
    "success",
    "approved",
    "archived",
];
/// Words of states that are an end of another kind.
const ENDED: &[&str] = &["cancel", "reject", "fail", "error", "declin", "expired", "refund", "void", "abort"];

fn entities(out: &mut String, root: &Path, found: &Discovered) {
    let mut any = false;
    for service in &found.services {
        let store = store_of(root, service).unwrap_or_else(|| "STORE".to_owned());
        for table in &service.tables {
            let word = |c: &&String| {
                ["status", "state", "phase", "stage"]
                    .iter()
                    .any(|w| **c == *w || c.ends_with(&format!("_{w}")))
            };
            let Some(state) = table.columns.iter().find(word) else { continue };
            let key = table.keys.iter().find(|k| k.constraint == Constraint::Primary && k.columns.len() == 1);
            let (key, sure) = key.map_or(("id", "a guess"), |k| (k.columns[0].as_str(), "its primary key"));
            let entity = table.name.strip_suffix('s').unwrap_or(&table.name);
            any = true;
            let _ = write!(
                out,
                "\n# [entity.{}]                 # a candidate: {} of {} has a column `{state}` ({}:{})\n",
                bare(entity),
                table.name,
                plain(&service.name),
                plain(&table.path),
                table.line
            );
            let _ = writeln!(
                out,
                "# tables = [{{ column = \"{store}.{}.{key}\", state = \"{state}\" }}]                 # key: {sure}",
                table.name
            );
            states(out, service, &format!("{store}.{}.{state}", table.name), entity);
        }
    }
    if !any {
        out.push_str("\n# [entity.NAME]                 # no table with a column of states was found in the code\n# tables = [{ column = \"STORE.TABLE.COLUMN\", state = \"STATE_COLUMN\" }]\n# stuck = { column = \"STORE.TABLE.STATE_COLUMN\", equals = \"\", for = \"30m\" }\n# done = { column = \"STORE.TABLE.STATE_COLUMN\", equals = [] }\n");
    }
}

fn states(out: &mut String, service: &Service, column: &str, entity: &str) {
    let fits = |name: &str| name.to_lowercase().starts_with(&entity.replace('_', ""));
    let named = service.states.iter().find(|s| fits(&s.name));
    let only = service.states.first().filter(|_| service.states.len() == 1);
    let Some(states) = named.or(only) else {
        let _ = write!(
            out,
            "# stuck = {{ column = \"{column}\", equals = \"\", for = \"30m\" }}                 # no list of its states was found\n# done = {{ column = \"{column}\", equals = [] }}\n"
        );
        return;
    };
    let is = |words: &[&str], s: &String| words.iter().any(|w| s.to_lowercase().contains(w));
    let done: Vec<String> = states.members.iter().filter(|s| is(DONE, s)).map(|s| quoted(s)).collect();
    let open: Vec<String> =
        states.members.iter().filter(|s| !is(DONE, s) && !is(ENDED, s)).map(|s| quoted(s)).collect();
    let at = format!("{} at {}:{}", plain(&states.name), plain(&states.path), states.line);
    let _ = write!(
        out,
        "# stuck = {{ column = \"{column}\", equals = [{}], for = \"30m\" }}                 # a guess: those that are no end, of {at}\n# done = {{ column = \"{column}\", equals = [{}] }}                 # a guess by their words\n",
        open.join(", "),
        done.join(", ")
    );
}

/// Text that is safe inside a comment.
fn plain(text: &str) -> String {
    waylaid_report::clean::line(text).chars().filter(|c| !c.is_control()).take(200).collect()
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", plain(text).replace('\\', "\\\\").replace('"', "\\\""))
}

/// A name as a key without quotes.
fn bare(name: &str) -> String {
    let mut out: String = name
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() || c == '-' || c == '_' { c } else { '-' })
        .collect();
    if out.is_empty() {
        out.push('x');
    }
    out
}
