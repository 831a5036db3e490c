//! Names of cases and of their files.

use std::collections::BTreeSet;
use waylaid_model::Diagnosis;

/// `c-20261122-1`, from the day that was "now" for the question.
pub fn id(diagnosis: &Diagnosis, number: u32) -> String {
    let question = &diagnosis.question;
    let day = question.now.or(question.window.map(|w| w.1)).unwrap_or_default();
    let (y, m, d, ..) = day.civil();
    format!("c-{y:04}{m:02}{d:02}-{number}")
}

/// Whether a text has the shape of an id.
pub fn is_id(text: &str) -> bool {
    order(text).is_some()
}

/// Day and number of an id.
pub fn order(id: &str) -> Option<(u64, u64)> {
    let (day, number) = id.strip_prefix("c-")?.split_once('-')?;
    let digits = |t: &str| !t.is_empty() && t.bytes().all(|b| b.is_ascii_digit());
    (digits(day) && digits(number)).then_some(())?;
    Some((day.parse().ok()?, number.parse().ok()?))
}

/// Names the CSVs of every cause that has something to write.
pub fn fill(diagnosis: &mut Diagnosis) {
    let mut taken = BTreeSet::new();
    for (index, cause) in diagnosis.verdict.causes.iter_mut().enumerate() {
        let cause_id = file_part(&cause.id).unwrap_or_else(|| format!("c{}", index + 1));
        cause.entities.csv.clear();
        if !cause.entities.keys.is_empty() {
            cause.entities.csv = unique(&mut taken, &cause_id, "entities");
        }
        if let Some(keys) = &mut cause.keys {
            keys.csv.clear();
            if !keys.values.is_empty() {
                let problem = cause.problem.as_deref().and_then(file_part);
                keys.csv = unique(&mut taken, problem.as_deref().unwrap_or(&cause_id), "keys");
            }
        }
    }
}

fn file_part(id: &str) -> Option<String> {
    let part: String = id.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').take(40).collect();
    (!part.is_empty()).then_some(part)
}

fn unique(taken: &mut BTreeSet<String>, id: &str, what: &str) -> String {
    let mut name = format!("{id}-{what}.csv");
    let mut number = 2;
    while !taken.insert(name.clone()) {
        name = format!("{id}-{what}-{number}.csv");
        number += 1;
    }
    name
}
