//! What a person sees of a model at work: its words as they come, marked as its own; its calls on standard error.

use crate::diagnostics::note;
use crate::output;
use std::collections::BTreeSet;
use std::io::Write as _;
use waylaid_agent::{Event, Explained, Model, VARIABLES};
use waylaid_model::Diagnosis;
use waylaid_report::clean;

/// What stands before each line of a model's.
const MARK: &str = "  │ ";
/// Characters of a call's arguments that are shown.
const SHOWN: usize = 120;

/// Prints what happens as it happens.
pub struct Watcher {
    calls: usize,
    words: Words,
    has_head: bool,
    head: String,
    is_text: bool,
}

impl Watcher {
    /// Of a model that may call tools so often. Its words go to standard output where that is text.
    pub fn new(model: &Model, calls: usize, is_text: bool) -> Self {
        let (name, place) = (clean::short(&model.name, 60), model.place());
        note(&format!(
            "{name} is asked at {place}; it is shown the verdict without secrets and personal data"
        ));
        let head = format!("EXPLANATION  {name}'s own words: not computed, the verdict above is\n");
        Self { calls, words: Words::default(), has_head: false, head, is_text }
    }

    /// Something happens.
    pub fn see(&mut self, event: Event<'_>) {
        match event {
            Event::Says(text) => {
                let shown = self.words.more(text);
                self.print(&shown);
            }
            Event::Ends => self.end(),
            Event::Calls { number, tool, arguments } => {
                let shown = clean::short(&format!("{tool} {arguments}"), SHOWN);
                step(&format!("  {number} of {} calls: {shown}", self.calls));
            }
            Event::Answered { tokens, refused: None } => step(&format!("    {tokens} tokens")),
            Event::Answered { tokens, refused: Some(why) } => {
                step(&format!("    refused, {tokens} tokens: {}", clean::short(why, SHOWN)));
            }
            Event::Waits { pause, why } => {
                note(&format!(
                    "{}; asked again in {:.0} s",
                    clean::short(why, 200),
                    pause.as_secs_f64().ceil()
                ));
            }
        }
    }

    /// What is left of a line.
    pub fn end(&mut self) {
        let rest = self.words.end();
        self.print(&rest);
    }

    fn print(&mut self, shown: &str) {
        if !self.is_text || shown.is_empty() {
            return;
        }
        let head = if std::mem::replace(&mut self.has_head, true) { "" } else { &format!("\n{}", self.head) };
        // A reader that went away is no failure; what is left is told on standard error.
        let _ = output::raw(&format!("{head}{shown}"));
    }
}

/// Words as they come, cleaned one by one, each line with its mark.
#[derive(Default)]
struct Words {
    pending: String,
    is_inside: bool,
}

/// A word that does not end is cut into pieces of this size.
const WORD: usize = 4_096;

impl Words {
    /// What of more text may be shown.
    fn more(&mut self, text: &str) -> String {
        let mut out = String::new();
        for c in text.chars() {
            match c {
                ' ' | '\t' => {
                    self.word(&mut out);
                    if self.is_inside {
                        out.push(' ');
                    }
                }
                '\n' => {
                    self.word(&mut out);
                    out.push_str(if self.is_inside { "\n" } else { MARK.trim_end() });
                    out.push_str(if self.is_inside { "" } else { "\n" });
                    self.is_inside = false;
                }
                c => {
                    self.pending.push(c);
                    if self.pending.len() > WORD {
                        self.word(&mut out);
                    }
                }
            }
        }
        out
    }

    fn word(&mut self, out: &mut String) {
        let word = clean::line(&std::mem::take(&mut self.pending));
        if word.is_empty() {
            return;
        }
        if !std::mem::replace(&mut self.is_inside, true) {
            out.push_str(MARK);
        }
        out.push_str(&word);
    }

    /// The end of a text is that of a line.
    fn end(&mut self) -> String {
        let mut out = String::new();
        self.word(&mut out);
        if std::mem::take(&mut self.is_inside) {
            out.push('\n');
        }
        out
    }
}

fn step(text: &str) {
    let _ = writeln!(anstream::stderr(), "{text}");
}

/// What to say in the end.
pub fn end(diagnosis: &Diagnosis, explained: &Explained) {
    if explained.text.trim().is_empty() {
        note("the model explained nothing; the verdict stands as it is");
    }
    if explained.is_cut {
        note("the model's text is cut: it reached the end of what a reply may take");
    }
    if explained.is_spent {
        note("the budget is spent: --tokens and --calls set another one");
    }
    let unknown = unknown(diagnosis, &explained.text);
    if !unknown.is_empty() {
        note(&format!("the model cites {}, which this case does not have", unknown.join(", ")));
    }
    note(&format!(
        "{} calls, {} tokens; computed is only the verdict of case {}",
        explained.calls, explained.tokens, diagnosis.case
    ));
}

/// Evidence that a text cites and the case does not have.
pub fn unknown(diagnosis: &Diagnosis, text: &str) -> Vec<String> {
    let known: BTreeSet<&str> = diagnosis.evidence.keys().map(|id| id.0.as_str()).collect();
    let is_id = |word: &&str| {
        word.strip_prefix('e')
            .is_some_and(|n| (1..=5).contains(&n.len()) && n.bytes().all(|b| b.is_ascii_digit()))
    };
    let words = text.split(|c: char| !c.is_alphanumeric()).filter(is_id);
    let unknown: BTreeSet<&str> = words.filter(|id| !known.contains(id)).collect();
    unknown.into_iter().map(str::to_owned).collect()
}

/// How somebody gets an explanation.
pub fn without_model() {
    note("no model is configured, so nobody explains the verdict; it does not need one. To have one, set");
    for (name, what) in VARIABLES {
        step(&format!("  {name:<22} {what}"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(pieces: &[&str]) -> String {
        let mut words = Words::default();
        let mut out: String = pieces.iter().map(|piece| words.more(piece)).collect();
        out.push_str(&words.end());
        out
    }

    #[test]
    fn every_line_is_marked_however_it_comes() {
        let whole = "  │ one two\n  │\n  │ three\n";
        assert_eq!(shown(&["one two\n\nthree"]), whole);
        assert_eq!(shown(&["on", "e t", "wo", "\n", "\nth", "ree\n"]), whole);
    }

    #[test]
    fn nothing_moves_the_cursor_or_passes_for_the_verdict() {
        let text = shown(&["a\u{1b}[2", "J\u{1b}]0;x\u{7}b\r", "\nCONFIRMED\u{202e} all\n"]);
        assert!(!text.contains(['\u{1b}', '\r', '\u{7}', '\u{202e}']), "{text:?}");
        assert!(text.lines().all(|l| l.starts_with("  │")), "{text}");
    }
}
