//! Where cases are kept, how they are stored after an answer and found again.

use crate::arguments::Unmask;
use crate::config::Config;
use crate::diagnostics::{Failure, note};
use crate::exit::Exit;
use crate::outlet::allow;
use crate::output;
use crate::session::Session;
use std::path::{Path, PathBuf};
use waylaid_case::{Case, CaseError, Cases};
use waylaid_model::{Asked, Diagnosis};
use waylaid_report::{Label, page, text};

/// The file of a case that holds what the stores were asked.
const ASKED: &str = "queries.ndjson";
/// The file that marks a case which shows what is secret or personal.
const UNMASKED: &str = "unmasked";

/// The folder of a system's cases.
pub fn folder(system: &Path, case_dir: Option<&Path>) -> PathBuf {
    match case_dir {
        Some(folder) => folder.to_path_buf(),
        None => tidy(&system.join(".waylaid").join("cases")),
    }
}

/// A diagnosis, stored if that was possible.
pub struct Stored {
    /// With the paths of its CSVs as a person here would name them.
    pub diagnosis: Diagnosis,
    /// The case's folder.
    pub folder: Option<PathBuf>,
    /// How a person here prints it again.
    again: String,
    trouble: Option<Failure>,
}

/// Stores a diagnosis, and what the stores were asked for it. What goes wrong does not take the answer away: it is said
/// after it.
pub fn store(session: &Session, case_dir: Option<&Path>, diagnosis: Diagnosis) -> Result<Stored, Failure> {
    let config = &session.config;
    let asked = session.outlet.answer(session.asked())?;
    let is_unmasked = session.outlet.shows(&diagnosis)?;
    let render = |diagnosis: &Diagnosis| files(diagnosis, &asked, is_unmasked);
    let root = folder(&config.folder, case_dir);
    if case_dir.is_none() {
        keep_out_of_git(&config.folder);
    }
    let answer = diagnosis.clone();
    let result = match Cases::at(&root).store(diagnosis, &render) {
        Err(CaseError::Denied { .. }) => {
            let elsewhere = std::env::temp_dir().join("waylaid-cases");
            note(&format!(
                "{} cannot be written to; the case goes to {}",
                root.display(),
                elsewhere.display()
            ));
            Cases::at(elsewhere).store(answer.clone(), &render)
        }
        other => other,
    };
    Ok(match result {
        Ok(case) => {
            let again = again(config, case_dir, &case);
            Stored { diagnosis: case.located(), folder: Some(case.folder), again, trouble: None }
        }
        Err(error) => {
            let failure = Failure {
                what: format!("the case could not be stored: {error}"),
                place: None,
                hints: vec!["the answer above is whole; --case-dir DIR stores it elsewhere".into()],
                exit: Exit::Partial,
            };
            Stored { diagnosis: answer, folder: None, again: String::new(), trouble: Some(failure) }
        }
    })
}

/// What to type to see a case again.
fn again(config: &Config, case_dir: Option<&Path>, case: &Case) -> String {
    let id = &case.diagnosis.case;
    let usual = case_dir.is_none() && case.folder.starts_with(folder(&config.folder, None));
    match (usual, config.folder == Path::new(".")) {
        (true, true) => format!("waylaid report {id}"),
        (true, false) => format!("waylaid report {id} -C {}", config.folder.display()),
        (false, _) => format!("waylaid report {}", case.folder.display()),
    }
}

impl Stored {
    /// Prints the answer, then what could not be done with it.
    pub fn print(self, json: bool) -> Result<(), Failure> {
        if json {
            let text = waylaid_report::json::diagnosis(&self.diagnosis)
                .map_err(|e| Failure::usage(format!("no JSON: {e}")))?;
            output::verbatim(text.as_bytes())?;
        } else {
            let mut page = text::diagnosis(&self.diagnosis);
            if let Some(folder) = &self.folder {
                page.heading("CASE", "");
                let line = |what: &str, value: String| [page::plain(what), page::span(Label::Id, value)];
                page.line(line("  stored  ", format!("{}/", folder.display())));
                page.line(line("  page    ", folder.join("report.html").display().to_string()));
                page.line([page::plain("  again   "), page::plain(&self.again)]);
            }
            output::page(&page)?;
        }
        self.trouble.map_or(Ok(()), Err)
    }
}

/// The further files of a case.
fn files(diagnosis: &Diagnosis, asked: &[Asked], is_unmasked: bool) -> Vec<(String, Vec<u8>)> {
    let lines = asked.iter().filter_map(|a| serde_json::to_string(a).ok());
    let mut files = vec![
        ("report.md".to_owned(), waylaid_report::markdown::diagnosis(diagnosis).into_bytes()),
        (ASKED.to_owned(), lines.map(|line| line + "\n").collect::<String>().into_bytes()),
    ];
    if let Ok(page) = waylaid_report::html::page(diagnosis) {
        files.push(("report.html".to_owned(), page.into_bytes()));
    }
    if is_unmasked {
        files
            .push((UNMASKED.to_owned(), b"This case holds secrets or personal data as they are.\n".to_vec()));
    }
    files
}

/// What the stores were asked for a case, in order.
pub fn asked(case: &Case) -> Result<Vec<Asked>, Failure> {
    let path = case.folder.join(ASKED);
    let broken = |what: String| {
        Failure::usage(format!("{} cannot be read: {what}", path.display()))
            .hint("`waylaid diagnose` stores a case with what it asked")
    };
    let text = std::fs::read_to_string(&path).map_err(|e| broken(e.to_string()))?;
    text.lines().map(|line| serde_json::from_str(line).map_err(|e| broken(e.to_string()))).collect()
}

/// Opens a case of a system. One that was stored unmasked is not shown without asking.
pub fn open(system: &Path, case_dir: Option<&Path>, name: &str, unmask: Unmask) -> Result<Case, Failure> {
    allow(unmask)?;
    let case = find(system, case_dir, name)?;
    if case.folder.join(UNMASKED).exists() && !unmask.unmask {
        return Err(Failure::usage(format!("case {} was stored unmasked", case.diagnosis.case))
            .hint("--unmask shows it to a person at a terminal; `waylaid diagnose` stores a redacted one"));
    }
    Ok(case)
}

fn find(system: &Path, case_dir: Option<&Path>, name: &str) -> Result<Case, Failure> {
    let root = folder(system, case_dir);
    Cases::at(&root).open(name).map_err(|error| {
        let failure = Failure::usage(error.to_string());
        match error {
            CaseError::Unknown { known, .. } if known.is_empty() => {
                failure.hint("none is stored there yet: `waylaid diagnose` stores one; -C DIR or --case-dir DIR looks elsewhere")
            }
            CaseError::Unknown { known, .. } => {
                let shown: Vec<_> = known.iter().take(8).cloned().collect();
                failure.hint(format!("there is {}; `last` is the one stored last", shown.join(", ")))
            }
            _ => failure,
        }
    })
}

/// Cases hold what the stores hold; they do not belong into a repository by accident.
fn keep_out_of_git(system: &Path) {
    let folder = system.join(".waylaid");
    let ignore = folder.join(".gitignore");
    if !ignore.exists() && std::fs::create_dir_all(&folder).is_ok() {
        let _ = std::fs::write(ignore, "*\n");
    }
}

/// The path relative to the current folder where it lies below it, else absolute.
pub fn tidy(path: &Path) -> PathBuf {
    let current = std::env::current_dir().unwrap_or_default();
    let mut whole = if path.is_absolute() { PathBuf::new() } else { current.clone() };
    for part in path.components() {
        match part {
            std::path::Component::CurDir => {}
            std::path::Component::ParentDir if !whole.is_symlink() => {
                whole.pop();
            }
            part => whole.push(part),
        }
    }
    whole.strip_prefix(&current).map(Path::to_path_buf).ok().filter(|p| p != Path::new("")).unwrap_or(whole)
}
