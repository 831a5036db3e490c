//! Standard output: pages with colour where it is a terminal and `NO_COLOR` is not set. A reader that goes away is no
//! failure.

use crate::diagnostics::Failure;
use crate::exit::Exit;
use anstyle::{AnsiColor, Style};
use std::fmt::Write as _;
use std::io::{self, Write as _};
use waylaid_report::{Label, Page};

/// Prints a page.
pub fn page(page: &Page) -> Result<(), Failure> {
    let mut text = String::new();
    for line in page.lines() {
        let plain: usize = line.iter().map(|s| s.text.len()).sum();
        let last = line.iter().map(|s| s.text.as_str()).collect::<String>().trim_end().len();
        let mut left = plain.min(last);
        for span in line {
            let shown = &span.text[..span.text.len().min(left)];
            left -= shown.len();
            let style = style(span.label);
            let _ = write!(text, "{style}{shown}{style:#}");
        }
        text.push('\n');
    }
    raw(&text)
}

/// Prints text as it is, apart from colour where that is not wanted.
pub fn raw(text: &str) -> Result<(), Failure> {
    let mut out = anstream::stdout().lock();
    judge(out.write_all(text.as_bytes()).and_then(|()| out.flush()))
}

/// Prints an answer as JSON.
pub fn json(answer: &impl serde::Serialize) -> Result<(), Failure> {
    let text = waylaid_report::json::answer(answer).map_err(|e| Failure::usage(format!("no JSON: {e}")))?;
    verbatim(text.as_bytes())
}

/// Prints bytes untouched.
pub fn verbatim(bytes: &[u8]) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    judge(out.write_all(bytes).and_then(|()| out.flush()))
}

fn judge(result: io::Result<()>) -> Result<(), Failure> {
    match result {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Err(Failure::silent(Exit::Answered)),
        Err(error) => Err(Failure {
            what: format!("the answer cannot be written to standard output: {error}"),
            place: None,
            hints: vec!["nothing is lost: `waylaid report last` prints a stored case again".into()],
            exit: Exit::Partial,
        }),
    }
}

fn style(label: Label) -> Style {
    match label {
        Label::Plain => Style::new(),
        Label::Heading | Label::Strong => Style::new().bold(),
        Label::Good => AnsiColor::Green.on_default(),
        Label::Bad => AnsiColor::Red.on_default().bold(),
        Label::Warn => AnsiColor::Yellow.on_default(),
        Label::Dim => Style::new().dimmed(),
        Label::Id => AnsiColor::Cyan.on_default(),
    }
}
