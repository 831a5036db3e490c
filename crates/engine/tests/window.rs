//! What changed in a window, over small synthetic logs: what vanished, what is new, nothing, nothing to compare with.

#![allow(clippy::unwrap_used)]

use std::fmt::Write;
use std::fs;
use std::path::Path;
use waylaid_engine::{Ask, Stores, diagnose};
use waylaid_files::FilesLogs;
use waylaid_model::{Diagnosis, Outcome, System, Timestamp, Window};
use waylaid_store::Context;

/// Minute of the hour in which the baseline starts, and the one in which the window does.
const BASELINE: u32 = 0;
const WINDOW: u32 = 10;

/// One request a second through a shop and its stock, both with the trace's id.
#[derive(Clone, Copy, PartialEq)]
enum Behaviour {
    Well,
    /// The stock reserves nothing, and nobody says so.
    Forgets,
    /// The stock fails, and so does the shop that waits for it.
    Fails,
    /// The stock is not there.
    Silent,
}

#[derive(Default)]
struct Logs {
    shop: String,
    stock: String,
    requests: u32,
}

impl Logs {
    fn minute(&mut self, minute: u32, count: u32, behaviour: Behaviour) {
        for second in 0..count {
            self.requests += 1;
            let trace = format!("{:016x}", 0x9e37_79b9_7f4a_7c15_u64.wrapping_mul(u64::from(self.requests)));
            let line = |out: &mut String, ms: u32, level: &str, text: &str| {
                writeln!(
                    out,
                    r#"{{"@timestamp":"2026-11-20T10:{minute:02}:{second:02}.{ms:03}Z","level":"{level}","trace.id":"{trace}","message":"{text}"}}"#
                )
                .unwrap();
            };
            line(&mut self.shop, 100, "INFO", &format!("order {} received", 5000 + self.requests));
            if behaviour != Behaviour::Silent {
                line(&mut self.stock, 200, "INFO", "looking for stock");
            }
            match behaviour {
                Behaviour::Well => line(&mut self.stock, 220, "INFO", "reserved"),
                Behaviour::Fails => line(&mut self.stock, 230, "ERROR", "no shelf for this article"),
                Behaviour::Forgets | Behaviour::Silent => {}
            }
            match behaviour {
                Behaviour::Fails | Behaviour::Silent => {
                    line(&mut self.shop, 300, "ERROR", "stock did not answer");
                }
                _ => line(&mut self.shop, 300, "INFO", "order accepted"),
            }
        }
    }

    fn ask(&self, ask: &Ask) -> Diagnosis {
        let folder = tempfile::tempdir().unwrap();
        let put = |service: &str, text: &str| {
            let path = folder.path().join(service);
            fs::create_dir_all(&path).unwrap();
            fs::write(path.join("app.log"), text).unwrap();
        };
        put("shop", &self.shop);
        put("stock", &self.stock);
        let first = run(folder.path(), ask);
        let again = run(folder.path(), ask);
        assert_eq!(first, again, "the same logs give the same answer");
        first
    }
}

fn run(root: &Path, ask: &Ask) -> Diagnosis {
    let store = FilesLogs::open("logs.main".into(), root.to_owned()).unwrap();
    let stores = Stores { logs: vec![Box::new(store)], ..Stores::default() };
    diagnose(&System::default(), &stores, ask, &Context::new()).unwrap()
}

fn at(minute: u32) -> Timestamp {
    Timestamp::from_civil(2026, 11, 20, 10, minute, 0, 0).unwrap()
}

fn ask() -> Ask {
    let window = Window { from: Some(at(WINDOW)), until: Some(at(WINDOW + 2)) };
    Ask { window, without_entity: true, ..Ask::default() }
}

fn logs(behaviour: Behaviour) -> Logs {
    let mut logs = Logs::default();
    logs.minute(BASELINE, 50, Behaviour::Well);
    logs.minute(BASELINE + 1, 50, Behaviour::Well);
    logs.minute(WINDOW, 10, Behaviour::Well);
    logs.minute(WINDOW + 1, 20, behaviour);
    logs
}

fn suspects(diagnosis: &Diagnosis) -> Vec<&str> {
    diagnosis.verdict.suspects.iter().map(|s| s.service.as_str()).collect()
}

#[test]
fn a_vanished_message_is_found() {
    let diagnosis = logs(Behaviour::Forgets).ask(&ask());
    assert_eq!(suspects(&diagnosis), ["stock"]);
    assert_eq!(diagnosis.verdict.outcome, Outcome::Likely, "{:?}", diagnosis.verdict.capped_by);
    let suspect = &diagnosis.verdict.suspects[0];
    assert!(suspect.why.contains("\"reserved\" 100 of 100 times before, 10 of 30 now"), "{}", suspect.why);
    let shown = &diagnosis.evidence[&suspect.evidence[0]];
    assert!(shown.text.contains("looking for stock"), "{}", shown.text);
    assert!(shown.at.unwrap() >= at(WINDOW + 1));
    assert!(diagnosis.problems.is_empty());
}

#[test]
fn a_new_error_is_found_where_it_began() {
    let diagnosis = logs(Behaviour::Fails).ask(&ask());
    assert_eq!(suspects(&diagnosis), ["stock", "shop"], "{:?}", diagnosis.verdict);
    assert_eq!(diagnosis.verdict.outcome, Outcome::Likely, "{:?}", diagnosis.verdict.capped_by);
    assert!(diagnosis.verdict.suspects[1].why.contains("stock went wrong before"));
    let problem = &diagnosis.problems[0];
    assert_eq!((problem.service.as_str(), problem.count), ("stock", 20));
    assert!(!problem.evidence.is_empty());
}

#[test]
fn a_silent_service_comes_before_the_one_that_complains() {
    let mut logs = Logs::default();
    logs.minute(BASELINE, 50, Behaviour::Well);
    logs.minute(WINDOW, 30, Behaviour::Silent);
    let diagnosis = logs.ask(&ask());
    assert_eq!(suspects(&diagnosis)[0], "stock", "{:?}", diagnosis.verdict);
}

#[test]
fn nothing_changed_gives_no_suspects() {
    let diagnosis = logs(Behaviour::Well).ask(&ask());
    assert_eq!(suspects(&diagnosis), Vec::<&str>::new());
    assert_eq!(diagnosis.verdict.outcome, Outcome::Inconclusive);
    assert!(diagnosis.verdict.summary.starts_with("Nothing changed beyond chance"));
    assert_eq!(diagnosis.question.entity, None);
    assert_eq!(diagnosis.question.window, Some((at(WINDOW), at(WINDOW + 2))));
}

#[test]
fn an_empty_baseline_is_said() {
    let mut logs = Logs::default();
    logs.minute(WINDOW, 30, Behaviour::Fails);
    let diagnosis = logs.ask(&ask());
    assert_eq!(diagnosis.verdict.outcome, Outcome::Inconclusive);
    assert!(diagnosis.verdict.summary.contains("the baseline none"), "{}", diagnosis.verdict.summary);
    assert!(suspects(&diagnosis).is_empty());
}

#[test]
fn a_window_without_start_or_baseline_is_refused() {
    let stores = Stores::default();
    let ask = Ask { without_entity: true, ..Ask::default() };
    assert!(diagnose(&System::default(), &stores, &ask, &Context::new()).is_err());
}
