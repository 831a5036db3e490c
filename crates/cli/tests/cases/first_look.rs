//! What somebody gets who looks at the errors only: the floor that the verdict is measured against.

use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Mutex;
use waylaid_files::FilesLogs;
use waylaid_model::{Level, Timestamp};
use waylaid_store::{Context, LogHit, LogQuery, LogStore as _, Select};

/// Whether each of three first looks names the service that failed.
pub struct FirstLook {
    /// The service with the most errors.
    pub most_errors: bool,
    /// The service of the first error in time.
    pub first_error: bool,
    /// The service of the error that comes most often of those that the first third of the time did not have.
    pub loudest_new: bool,
}

struct Error {
    time: Timestamp,
    service: String,
    template: String,
}

/// How far a first look gets; `None` where nothing or no service failed.
pub fn of(incident: &Path, want: &Value) -> Option<FirstLook> {
    let guilty = want["causes"][0]["service"].as_str()?;
    let errors = errors(&incident.join("logs"));
    let is_guilty = |service: Option<&str>| service == Some(guilty);
    Some(FirstLook {
        most_errors: is_guilty(most(errors.iter().map(|e| e.service.as_str()))),
        first_error: is_guilty(errors.first().map(|e| e.service.as_str())),
        loudest_new: is_guilty(loudest_new(&errors)),
    })
}

/// All errors, oldest first.
fn errors(logs: &Path) -> Vec<Error> {
    let store = FilesLogs::open("logs.main".into(), logs.to_owned()).unwrap();
    let select = Select { failures: true, ..Select::default() };
    let found = Mutex::new(Vec::new());
    let take = |hit: LogHit| {
        let is_error = hit.event.level.is_none_or(|l| l >= Level::Error);
        if let Some(time) = hit.event.time.filter(|_| is_error) {
            let template = waylaid_logs::template_of(&hit.event.message);
            found.lock().unwrap().push(Error { time, service: hit.service, template });
        }
    };
    store.scan(&LogQuery { select, ..LogQuery::default() }, &Context::new(), &take).unwrap();
    let mut errors = found.into_inner().unwrap();
    errors.sort_by(|a, b| (a.time, &a.service, &a.template).cmp(&(b.time, &b.service, &b.template)));
    errors
}

fn loudest_new(errors: &[Error]) -> Option<&str> {
    let (first, last) = (errors.first()?.time, errors.last()?.time);
    let third = first.plus(last.since(first) / 3);
    let is_new = |e: &&Error| {
        !errors.iter().any(|o| o.time < third && o.service == e.service && o.template == e.template)
    };
    let new = errors.iter().filter(is_new).map(|e| (e.service.as_str(), e.template.as_str()));
    most(new).map(|(service, _)| service)
}

/// The most frequent one; of equally frequent ones the first by name.
fn most<T: Ord + Copy>(items: impl Iterator<Item = T>) -> Option<T> {
    let mut counts: BTreeMap<T, usize> = BTreeMap::new();
    items.for_each(|item| *counts.entry(item).or_default() += 1);
    counts.into_iter().max_by_key(|(item, n)| (*n, std::cmp::Reverse(*item))).map(|(item, _)| item)
}
