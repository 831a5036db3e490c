//! JSON as the contract has it.

use serde_json::{Error, to_string_pretty};
use waylaid_model::Diagnosis;

/// Keys of a cause that JSON shows; the CSV has all.
pub const KEYS_SHOWN: usize = 20;

/// The contract of `diagnose --format json`: all fields, of long key lists the first [`KEYS_SHOWN`].
pub fn diagnosis(diagnosis: &Diagnosis) -> Result<String, Error> {
    let mut shown = diagnosis.clone();
    for cause in &mut shown.verdict.causes {
        cause.entities.keys.truncate(KEYS_SHOWN);
        if let Some(keys) = &mut cause.keys {
            keys.values.truncate(KEYS_SHOWN);
        }
    }
    answer(&shown)
}

/// Any other answer, indented, with a final newline.
pub fn answer(answer: &impl serde::Serialize) -> Result<String, Error> {
    to_string_pretty(answer).map(|text| text + "\n")
}
