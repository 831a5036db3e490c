//! `templates`: what the lines of any files say, without their variable parts, counted.

use crate::arguments::Format;
use crate::diagnostics::{Failure, note};
use crate::exit::Exit;
use crate::inputs::{self, Block, Blocks};
use crate::{output, progress};
use clap::Args;
use serde_json::json;
use std::collections::VecDeque;
use std::fmt::Write as _;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use waylaid_logs::{Counted, FileProfile, GroupId, Looks, Masked, Tally};
use waylaid_report::{clean, words};
use waylaid_store::Context;

const EXAMPLES: &str = "\
Examples:
  waylaid templates app.log                    what it says, the most frequent first
  waylaid templates logs/ --limit 20           every file of a folder, the first twenty
  kubectl logs pick-0 | waylaid templates -    standard input
  waylaid templates app.log --assign           each line with its template's id before it
  waylaid templates app.log.gz --format json | jq '.templates[] | select(.count == 1)'";

/// So many bytes of lines wait for templates that are still growing together before they are printed.
const WAITING: usize = 128 << 20;
/// A template is shown so long.
const SHOWN: usize = 400;

/// What the lines of any files say, without their variable parts, counted
///
/// Needs no configuration: formats are told by the lines, plain, .gz or .zst. Headers (time, level, thread, logger) are
/// taken off; lines that go on with an event (stack traces) count with it. Where most lines have no header, each line is
/// a message. Memory is bounded whatever the size.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct Templates {
    /// Files or folders; - is standard input
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    /// Print every input line with its template's id and a tab before it, instead of the templates
    #[arg(long)]
    assign: bool,
    /// Show at most so many templates; all are counted
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
    /// How to print the answer
    #[arg(long, value_enum, default_value_t = Format::Text, value_name = "FORMAT")]
    format: Format,
}

impl Templates {
    pub fn run(&self) -> Result<Exit, Failure> {
        if self.assign && (self.format == Format::Json || self.limit.is_some()) {
            return Err(Failure::usage("--assign prints lines: it takes neither --format json nor --limit")
                .hint("leave either out"));
        }
        let files = inputs::expand(&self.files)?;
        let context = progress::context();
        let sizes = files.iter().filter_map(|f| std::fs::metadata(f).ok().map(|m| m.len()));
        context.expect_bytes(sizes.sum());
        let bar = progress::start(&context);
        let mut run = Run::new(&context, self.assign);
        let mut exit = Exit::Answered;
        for file in &files {
            match run.file(file) {
                Ok(()) => {}
                Err(Ended::Closed) => return Ok(Exit::Answered),
                Err(Ended::Failed(error)) => {
                    note(&format!("{} cannot be read: {error}", file.display()));
                    exit = Exit::Partial;
                }
            }
            if context.is_cancelled() {
                exit = Exit::Interrupted;
                break;
            }
        }
        let rest = run.flush(0);
        drop(bar);
        if let Err(Ended::Failed(error)) = rest {
            return Err(Failure::usage(format!("the lines cannot be written: {error}")));
        }
        if exit == Exit::Interrupted {
            note("interrupted: this is what was read until then");
        }
        if !self.assign {
            self.print(&run.tally)?;
        }
        Ok(exit)
    }

    fn print(&self, tally: &Tally) -> Result<(), Failure> {
        let templates = tally.templates();
        let shown = &templates[..templates.len().min(self.limit.unwrap_or(usize::MAX))];
        if self.format == Format::Json {
            let list: Vec<_> = shown
                .iter()
                .map(|t| json!({ "id": name(t.id), "count": t.count, "template": t.template }))
                .collect();
            return output::json(&json!({
                "lines": tally.lines(),
                "messages": tally.messages(),
                "count": templates.len(),
                "templates": list,
            }));
        }
        output::raw(&table(tally, &templates, shown))
    }
}

/// The id of a template as it is printed.
fn name(id: GroupId) -> String {
    format!("t{}", id.0 + 1)
}

fn table(tally: &Tally, templates: &[Counted], shown: &[Counted]) -> String {
    let mut text = format!("{} in ", words::count(templates.len() as u64, "template"));
    text += &words::count(tally.lines(), "line");
    if tally.messages() < tally.lines() {
        let _ = write!(text, " ({})", words::count(tally.messages(), "event"));
    }
    text += "\n\n";
    let width = shown.first().map_or(0, |t| words::number(t.count).len()).max(5);
    let ids = shown.iter().map(|t| name(t.id).len()).max().unwrap_or(0);
    for one in shown {
        let said = clean::short(&one.template, SHOWN);
        let _ = writeln!(text, "{:>width$}  {:ids$}  {said}", words::number(one.count), name(one.id));
    }
    if shown.len() < templates.len() {
        let _ = writeln!(text, "\n{} more not shown", templates.len() - shown.len());
    }
    text
}

/// Why a file was not read to its end.
enum Ended {
    /// Nobody reads what is printed any more.
    Closed,
    Failed(io::Error),
}

/// A block that waits to be printed.
struct Waiting {
    block: Block,
    groups: Vec<GroupId>,
}

/// One run over all files.
struct Run<'a> {
    context: &'a Arc<Context>,
    tally: Tally,
    assign: bool,
    waiting: VecDeque<Waiting>,
    bytes: usize,
    last: GroupId,
}

impl<'a> Run<'a> {
    fn new(context: &'a Arc<Context>, assign: bool) -> Self {
        let last = GroupId(0);
        Self { context, tally: Tally::default(), assign, waiting: VecDeque::new(), bytes: 0, last }
    }

    fn file(&mut self, path: &Path) -> Result<(), Ended> {
        let reader = inputs::open(path).map_err(Ended::Failed)?;
        let mut blocks = Blocks::new(reader);
        let mut profile = None;
        let mut looks = Vec::new();
        loop {
            let (round, error) = round(&mut blocks);
            let Some(first) = round.first() else { return error.map_or(Ok(()), |e| Err(Ended::Failed(e))) };
            let profile = profile.get_or_insert_with(|| FileProfile::of(&first.bytes));
            self.add(round, profile, &mut looks)?;
            if self.context.is_cancelled() {
                return Ok(());
            }
            if let Some(error) = error {
                return Err(Ended::Failed(error));
            }
        }
    }

    /// Masks the blocks of a round side by side, each with what is known at its place of the rounds before, and counts
    /// them in their order.
    fn add(&mut self, round: Vec<Block>, profile: &FileProfile, looks: &mut Vec<Looks>) -> Result<(), Ended> {
        looks.resize_with(round.len().max(looks.len()), Looks::default);
        let masked: Vec<Masked> = std::thread::scope(|scope| {
            let mut pairs = round.iter().zip(looks.iter_mut());
            let first = pairs.next();
            let mask = |(block, looks): (&Block, &mut Looks)| Masked::with(block.lines(), profile, looks);
            let others: Vec<_> = pairs.map(|pair| scope.spawn(move || mask(pair))).collect();
            let first = first.map(mask).unwrap_or_default();
            let others = others.into_iter().filter_map(|o| o.join().ok());
            std::iter::once(first).chain(others).collect()
        });
        for (block, masked) in round.into_iter().zip(&masked) {
            self.context.add_bytes(block.bytes.len() as u64);
            if !self.assign {
                self.tally.add(masked, None);
                continue;
            }
            let mut groups = Vec::with_capacity(masked.lines());
            self.tally.add(masked, Some(&mut groups));
            self.bytes += block.bytes.len() + 4 * groups.len();
            self.waiting.push_back(Waiting { block, groups });
        }
        self.flush(WAITING)
    }

    /// Prints the oldest blocks until no more than so many bytes wait.
    fn flush(&mut self, most: usize) -> Result<(), Ended> {
        while self.bytes > most {
            let Some(oldest) = self.waiting.pop_front() else { break };
            self.bytes -= oldest.block.bytes.len() + 4 * oldest.groups.len();
            let text = self.lines_of(&oldest);
            let mut out = io::stdout().lock();
            out.write_all(&text).and_then(|()| out.flush()).map_err(|error| match error.kind() {
                io::ErrorKind::BrokenPipe => Ended::Closed,
                _ => Ended::Failed(error),
            })?;
        }
        Ok(())
    }

    /// Each line of a block with its group's id before it.
    fn lines_of(&mut self, waiting: &Waiting) -> Vec<u8> {
        let block = &waiting.block;
        let mut out = Vec::with_capacity(block.bytes.len() + 8 * waiting.groups.len() + 1);
        out.extend_from_slice(&block.bytes[..block.head]);
        let mut prefix = String::new();
        let mut known = None;
        for (line, group) in block.lines().split_inclusive(|c| *c == b'\n').zip(&waiting.groups) {
            self.last = self.tally.resolve(*group);
            if known != Some(self.last) {
                known = Some(self.last);
                prefix.clear();
                let _ = write!(prefix, "{}\t", name(self.last));
            }
            out.extend_from_slice(prefix.as_bytes());
            out.extend_from_slice(line);
        }
        if !block.is_open && !out.ends_with(b"\n") {
            out.push(b'\n');
        }
        out
    }
}

/// A block for each core; and what broke the reading off.
fn round(blocks: &mut Blocks<impl Read>) -> (Vec<Block>, Option<io::Error>) {
    let cores = std::thread::available_parallelism().map_or(1, usize::from).min(16);
    let mut round = Vec::with_capacity(cores);
    while round.len() < cores {
        match blocks.next() {
            Ok(Some(block)) => round.push(block),
            Ok(None) => break,
            Err(error) => return (round, Some(error)),
        }
    }
    (round, None)
}
