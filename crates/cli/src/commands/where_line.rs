//! `where`: from a log line or a stack trace to the place in code.

use crate::arguments::Format;
use crate::config;
use crate::diagnostics::Failure;
use crate::exit::Exit;
use crate::output;
use clap::Args;
use serde::Serialize;
use std::collections::HashMap;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use waylaid_code::{Answer, Outcome, Place, Role, Sources, Sureness, Unread, locate};
use waylaid_logs::FileProfile;
use waylaid_model::{LogEvent, Timestamp};
use waylaid_redact::Pseudonyms;
use waylaid_report::clean;
use waylaid_report::page::{Label, Page, Span, plain, span};

const EXAMPLES: &str = "\
Examples:
  waylaid where 'Failed to store pick for order 1001'
                                   the statement that wrote it, in the code of waylaid.toml
  waylaid where --code ../my-service --code ../common < app.log
                                   without a system: each line of a file, JSON or text
  waylaid where --code . --format json < app.log
                                   one JSON object for each line
  pbpaste | waylaid where --code . a stack trace: the frames in this code, by symbol";

/// A log line or a stack trace to the statement, the function, the file
///
/// A line is taken as it stands in the log, JSON or text. What several statements could have written alike is told as
/// a tie, what none of this code writes as not in the code. Exit code 1 when nothing was found.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct Where {
    /// The line, or a stack trace; without it, lines are read from standard input
    line: Option<String>,
    /// Look in this checkout instead of those that waylaid.toml names; may be repeated
    #[arg(long, value_name = "DIR")]
    code: Vec<PathBuf>,
    /// Look only in the code of this service; may be repeated
    #[arg(long, value_name = "NAME")]
    service: Vec<String>,
    /// The system's folder, where waylaid.toml is
    #[arg(short = 'C', value_name = "DIR", default_value = ".", hide_default_value = true)]
    dir: PathBuf,
    /// How to print the answer
    #[arg(long, value_enum, default_value_t = Format::Text, value_name = "FORMAT")]
    format: Format,
}

/// At most so much is read from standard input in one go, and of one line.
const INPUT: u64 = 256 * 1024 * 1024;
const LONGEST: usize = 1024 * 1024;
/// A stack trace is followed for so many lines.
const TRACE: usize = 2_000;

/// One line's answer as JSON.
#[derive(Serialize)]
struct Row<'a> {
    line: usize,
    input: String,
    #[serde(flatten)]
    answer: &'a Answer,
}

impl Where {
    pub fn run(&self) -> Result<Exit, Failure> {
        let folders = self.folders()?;
        let text = match &self.line {
            Some(line) => line.clone(),
            None => read_input()?,
        };
        let lines: Vec<&str> = text.lines().map(cut).collect();
        let profile = FileProfile::of(&text.as_bytes()[..text.len().min(64 * 1024)]);
        let code = read(&folders, &few_events(&lines, &profile))?;
        let code: Vec<&Sources> = code.iter().collect();
        // Lines and code may hold what is secret or personal: neither is shown.
        let pseudonyms = Pseudonyms::new("where");
        let mut found = false;
        let mut dated = Dated::new();
        let mut inside = 0;
        for (number, line) in lines.iter().enumerate() {
            let continues = number < inside;
            if line.trim().is_empty() || (continues && self.format == Format::Text) {
                if self.format == Format::Json && !continues {
                    self.print(number, line, &nothing(), code.len() > 1)?;
                }
                continue;
            }
            // A frame was answered with the line that it belongs to; asked for itself, it is one frame.
            let indented = line.starts_with([' ', '\t']);
            let alone = continues && belongs(line.trim_start(), indented);
            let end = if alone { number + 1 } else { end_of_event(&lines, number) };
            inside = inside.max(end);
            let whole = lines[number..end].join("\n");
            let event = waylaid_logs::parse_event(whole.as_bytes(), &profile);
            let mut answer = locate(&code, &event, &whole);
            date(&mut answer, &code, event.time, &mut dated);
            let answer = masked(answer, &pseudonyms);
            found |= answer.outcome != Outcome::NotInCode;
            let shown = pseudonyms.text(line, &|_, _| false);
            self.print(number, &shown, &answer, code.len() > 1)?;
        }
        Ok(if found { Exit::Answered } else { Exit::Inconclusive })
    }

    /// The checkouts to look in, with their names.
    fn folders(&self) -> Result<Vec<(String, PathBuf)>, Failure> {
        let wanted = |name: &str| self.service.is_empty() || self.service.iter().any(|s| s == name);
        let folders: Vec<(String, PathBuf)> = if self.code.is_empty() {
            let config = config::load(&self.dir)?;
            let of =
                |s: &waylaid_model::ServiceSpec| Some((s.name.clone(), config.folder.join(s.code.as_ref()?)));
            config.system.services.iter().filter_map(of).collect()
        } else {
            self.code.iter().map(|f| (name_of(f), f.clone())).collect()
        };
        if folders.is_empty() {
            return Err(Failure::usage("waylaid.toml names no code to look in")
                .hint("name a checkout: --code DIR, or in waylaid.toml:\n\n[service.my-service]\ncode = \"code/my-service\""));
        }
        let folders: Vec<_> = folders.into_iter().filter(|(name, _)| wanted(name)).collect();
        if folders.is_empty() {
            return Err(Failure::usage(format!("no code of {}", self.service.join(", "))));
        }
        if let Some((_, missing)) = folders.iter().find(|(_, f)| !f.is_dir()) {
            return Err(Failure::usage(format!("there is no folder {}", missing.display())));
        }
        Ok(folders)
    }

    fn print(&self, number: usize, line: &str, answer: &Answer, several: bool) -> Result<(), Failure> {
        match self.format {
            Format::Json => {
                let input: String = line.chars().take(300).collect();
                let row = Row { line: number + 1, input, answer };
                let json =
                    serde_json::to_string(&row).map_err(|e| Failure::usage(format!("no JSON: {e}")))?;
                output::verbatim(format!("{json}\n").as_bytes())
            }
            Format::Text => output::page(&page(line, answer, several)),
        }
    }
}

/// Reads the checkouts: of each what a few events need, all of it for more.
fn read(folders: &[(String, PathBuf)], events: &[(LogEvent, String)]) -> Result<Vec<Sources>, Failure> {
    let one = |(name, folder): &(String, PathBuf)| {
        if events.is_empty() { Sources::read(name, folder) } else { Sources::read_for(name, folder, events) }
    };
    let code: Vec<Sources> = folders.iter().map(one).collect();
    if code.iter().all(Sources::is_empty) {
        return Err(Failure::usage("there is no source file of a known language in these folders")
            .hint(format!("known: {}", waylaid_code::LANGUAGES_READ)));
    }
    Ok(code)
}

/// The events of a text where they are few: for these a part of the code is enough. Empty where they are many.
fn few_events(lines: &[&str], profile: &FileProfile) -> Vec<(LogEvent, String)> {
    const FEW: usize = 12;
    const LINES: usize = 400;
    let (mut out, mut number) = (Vec::new(), 0);
    while number < lines.len() {
        if out.len() >= FEW || lines.len() > LINES {
            return Vec::new();
        }
        let end = end_of_event(lines, number);
        let whole = lines[number..end].join("\n");
        if !whole.trim().is_empty() {
            out.push((waylaid_logs::parse_event(whole.as_bytes(), profile), whole));
        }
        number = end;
    }
    out
}

/// The events of a text with their places in the code of a system, at most so many, for who prints them otherwise.
pub fn events(
    dir: &Path,
    text: &str,
    services: &[String],
    most: usize,
) -> Result<Vec<(String, Answer)>, Failure> {
    let (line, service) = (Some(text.to_owned()), services.to_vec());
    let this = Where { line, code: Vec::new(), service, dir: dir.to_path_buf(), format: Format::Json };
    let lines: Vec<&str> = text.lines().map(cut).collect();
    let profile = FileProfile::of(&text.as_bytes()[..text.len().min(64 * 1024)]);
    let code = read(&this.folders()?, &few_events(&lines, &profile))?;
    let code: Vec<&Sources> = code.iter().collect();
    let pseudonyms = Pseudonyms::new("where");
    let (mut found, mut number) = (Vec::new(), 0);
    while number < lines.len() && found.len() < most {
        let end = end_of_event(&lines, number);
        if !lines[number].trim().is_empty() {
            let whole = lines[number..end].join("\n");
            let event = waylaid_logs::parse_event(whole.as_bytes(), &profile);
            let answer = masked(locate(&code, &event, &whole), &pseudonyms);
            found.push((pseudonyms.text(lines[number], &|_, _| false).into_owned(), answer));
        }
        number = end;
    }
    Ok(found)
}

/// What is known of the commits of places: by checkout, path and lines.
type Dated = HashMap<(String, String, u32, u32), Place>;

/// Adds to the first places which commit last touched them.
fn date(answer: &mut Answer, code: &[&Sources], onset: Option<Timestamp>, known: &mut Dated) {
    for places in [&mut answer.statements, &mut answer.frames, &mut answer.raised] {
        for place in places.iter_mut().take(5) {
            let key = (place.service.clone(), place.path.clone(), place.line, place.end_line);
            if let Some(known) = known.get(&key) {
                place.history = known.history;
                place.commit.clone_from(&known.commit);
                place.near_onset = place.commit.as_ref().zip(onset).is_some_and(|(c, o)| c.is_near(o));
            } else if let Some(sources) = code.iter().find(|s| s.service == place.service) {
                place.date(sources, onset);
                known.insert(key, place.clone());
            }
        }
    }
}

/// An answer whose snippets show nothing secret or personal.
fn masked(mut answer: Answer, pseudonyms: &Pseudonyms) -> Answer {
    for places in [&mut answer.statements, &mut answer.frames, &mut answer.raised] {
        for place in places.iter_mut() {
            place.snippet = pseudonyms.text(&place.snippet, &|_, _| false).into_owned();
        }
    }
    answer
}

fn nothing() -> Answer {
    Answer {
        outcome: Outcome::NotInCode,
        alike: 0,
        statements: Vec::new(),
        frames: Vec::new(),
        raised: Vec::new(),
        unread: Vec::new(),
    }
}

fn name_of(folder: &Path) -> String {
    let whole = folder.canonicalize().unwrap_or_else(|_| folder.to_path_buf());
    whole.file_name().map_or_else(|| folder.display().to_string(), |n| n.to_string_lossy().into_owned())
}

fn read_input() -> Result<String, Failure> {
    let mut bytes = Vec::new();
    let read = std::io::stdin().lock().take(INPUT).read_to_end(&mut bytes);
    read.map_err(|e| Failure::usage(format!("standard input cannot be read: {e}")))?;
    if bytes.is_empty() {
        return Err(Failure::usage("which line?").hint(EXAMPLES));
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// A line of a length that can be worked on.
fn cut(line: &str) -> &str {
    let end = line.char_indices().map(|(at, _)| at).take_while(|at| *at <= LONGEST).last().unwrap_or(0);
    if line.len() > LONGEST { &line[..end] } else { line }
}

/// Behind the last line that belongs to the event of a line: itself, or the stack trace that follows it.
fn end_of_event(lines: &[&str], from: usize) -> usize {
    if let Some(end) = waylaid_code::end_of_report(lines, from) {
        return end;
    }
    let mut end = from + 1;
    let mut python = lines[from].starts_with("Traceback ");
    while let Some(line) = lines.get(end).filter(|_| end - from < TRACE) {
        let text = line.trim_start();
        let indented = text.len() < line.len();
        let ends_python = python && !indented && !text.is_empty() && lines[end - 1].starts_with([' ', '\t']);
        let part = belongs(text, indented)
            || (python && indented)
            || ends_python
            || before_frame(lines, end)
            || heads_frames(lines, end);
        if !part {
            break;
        }
        python |= text.starts_with("Traceback ") || text.starts_with("File \"");
        end += 1;
        if ends_python && !lines.get(end).is_some_and(|l| l.trim().is_empty()) {
            break;
        }
    }
    end
}

/// Whether a line looks like part of a stack trace.
fn belongs(text: &str, indented: bool) -> bool {
    const STARTS: &[&str] = &[
        "at ",
        "Caused by:",
        "Suppressed:",
        "Wrapped by:",
        "Traceback (most",
        "During handling of",
        "The above exception",
        "goroutine ",
        "[cause]:",
        "--- End of",
        "stack backtrace:",
        "note: run with",
        "created by ",
        "Stack trace:",
        "PHP Stack trace:",
        "thrown in ",
    ];
    let elided = text.strip_prefix("... ").is_some_and(|r| r.starts_with(|c: char| c.is_ascii_digit()));
    let place = indented && (text.contains(".go:") || text.starts_with("File \"") || text.starts_with("at "));
    let numbered = indented
        && text.split_once(": ").is_some_and(|(n, _)| !n.is_empty() && n.bytes().all(|c| c.is_ascii_digit()));
    // PHP numbers its frames; Python draws a rail beside a group of exceptions.
    let php = text.strip_prefix('#').is_some_and(|r| {
        r.starts_with(|c: char| c.is_ascii_digit())
            && (r.contains(".php(") || r.contains(" [internal") || r.ends_with("{main}"))
    });
    let rail = indented
        && (text.starts_with("| ") || text == "|" || text.starts_with("+-") || text.starts_with("+ Exc"));
    STARTS.iter().any(|s| text.starts_with(s)) || elided || place || numbered || php || rail
}

/// An exception's own line, which begins no event and has frames below it.
fn heads_frames(lines: &[&str], at: usize) -> bool {
    let frame = |l: &&&str| l.trim_start().starts_with("at ") && l.starts_with([' ', '\t']);
    let near = lines.iter().skip(at + 1).take(3);
    let starts = |l: &str| waylaid_logs::formats::starts_event(l.as_bytes());
    !starts(lines[at]) && near.take_while(|l| !starts(l)).any(|l| frame(&l))
}

/// Go writes a function without indentation and its place on the next line.
fn before_frame(lines: &[&str], at: usize) -> bool {
    let next = lines.get(at + 1).copied().unwrap_or_default();
    let traced = lines[..at]
        .iter()
        .rev()
        .take(3)
        .any(|l| l.starts_with("goroutine ") || l.contains(".go:") || l.trim().is_empty());
    // pkg/errors writes functions and their places below each other, with what each error says in between.
    let function = |l: &str| !l.starts_with([' ', '\t']) && !l.contains(' ') && l.contains('.');
    let placed = |at: usize| lines.get(at).is_some_and(|l| l.starts_with('\t') && l.contains(".go:"));
    let starts = waylaid_logs::formats::starts_event(lines[at].as_bytes());
    let stacked = placed(at + 1) && function(lines[at])
        || !starts && placed(at + 2) && lines.get(at + 1).is_some_and(|l| function(l));
    stacked
        || (next.starts_with(['\t', ' ']) && next.contains(".go:") && traced)
        || (lines[at].trim().is_empty()
            && lines.get(at + 1).is_some_and(|l| {
                l.starts_with("goroutine ")
                    || l.starts_with("During handling")
                    || l.starts_with("The above exc")
            }))
}

fn page(line: &str, answer: &Answer, several: bool) -> Page {
    let mut page = Page::new();
    page.line([span(Label::Dim, clean::short(line.trim(), 110))]);
    match answer.outcome {
        Outcome::NotInCode => {
            let told = if answer.unread.is_empty() {
                "  not in the code: no statement here writes this"
            } else {
                "  not in the code that was read"
            };
            page.line([span(Label::Warn, told)]);
            for unread in &answer.unread {
                page.line([span(Label::Warn, format!("  {}", not_read(unread)))]);
            }
        }
        Outcome::Tie => {
            let text = format!("  {} statements write this alike:", answer.alike);
            page.line([span(Label::Warn, text)]);
        }
        Outcome::Unsure => page.line([span(Label::Warn, "  little speaks for it:")]),
        Outcome::Found => {}
    }
    for place in answer.frames.iter().take(5) {
        one(&mut page, place, several);
    }
    for place in answer.statements.iter().take(if answer.alike > 1 { answer.alike.min(10) } else { 3 }) {
        one(&mut page, place, several);
    }
    for place in answer.raised.iter().take(3) {
        one(&mut page, place, several);
    }
    page.gap();
    page
}

/// `3 files of Elixir were not read (lib/picks.ex)`.
pub fn not_read(unread: &Unread) -> String {
    let (files, were) = if unread.files == 1 { ("file", "was") } else { ("files", "were") };
    format!(
        "{} {files} of {} {were} not read ({}): waylaid knows the name of this language, not its syntax",
        unread.files,
        unread.language,
        clean::line(&unread.example)
    )
}

fn one(page: &mut Page, place: &Place, several: bool) {
    let role = match place.role {
        Role::Logged => "logged by",
        Role::Raised => "raised by",
        Role::Frame => "frame",
        Role::Tested => "tested",
        Role::Text => "text in",
    };
    let service = if several { format!("{}: ", clean::line(&place.service)) } else { String::new() };
    let mut spans: Vec<Span> = vec![
        plain(format!("  {role:<10}")),
        span(Label::Id, format!("{service}{}:{}", clean::line(&place.path), place.line)),
        span(Label::Strong, format!("  {}", clean::line(&place.symbol))),
    ];
    if let Some(traced) = place.traced {
        spans.push(span(
            Label::Dim,
            format!("  (line {traced} in the trace: the checkout differs from what ran)"),
        ));
    } else if place.sureness == Sureness::Likely && place.role == Role::Logged {
        spans.push(span(Label::Dim, "  (likely)"));
    }
    page.line(spans);
    if let Some(commit) = &place.commit {
        let day: String = commit.at.to_string().chars().take(10).collect();
        let least = if commit.at_least { " at the earliest known" } else { "" };
        let text = format!(
            "            changed {day} in {}{least}: {}",
            commit.id,
            clean::short(&commit.summary, 60)
        );
        let near = if place.near_onset { "  (in the week before this line)" } else { "" };
        page.line([span(Label::Dim, text), span(Label::Warn, near)]);
    } else if place.history == Some("not committed") {
        page.line([plain("            "), span(Label::Dim, "these lines are not committed")]);
    }
    for text in place.snippet.lines().take(4) {
        page.line([plain("            "), span(Label::Dim, clean::short(text, 110))]);
    }
}
