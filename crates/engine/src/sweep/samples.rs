//! What places usually hold: a few records and events of every part, whatever is in them.

use crate::bindings::{Source, Subject, Unit};
use crate::ids::is_common;
use crate::places::{Placed, of_row};
use crate::sweep::{Alias, Haul};
use std::collections::HashSet;
use waylaid_model::Timestamp;

/// Records and events per part that are read whatever they hold.
pub(super) const SAMPLE: usize = 200;
/// Values of a candidate that are compared with what the samples show.
const COMPARED: usize = 200;

/// One record or event of a sample.
pub(super) type Sampled = (Source, Option<Timestamp>, Vec<Placed>);

/// The samples of all stores.
#[derive(Default)]
pub(super) struct Samples {
    pub(super) records: Vec<Sampled>,
    pub(super) events: Vec<Sampled>,
}

impl Samples {
    /// A sample as the bindings ask for it.
    pub(super) fn units(list: &[Sampled]) -> Vec<Unit<'_>> {
        list.iter()
            .map(|(source, time, placed)| Unit { source: source.clone(), time: *time, placed })
            .collect()
    }

    /// The forms of the values in all that was sampled and shows no entity's own key: only there can another key lead
    /// to something new.
    pub(super) fn forms(&self, subject: &Subject<'_>, haul: &Haul) -> HashSet<String> {
        let rows = haul.rows.iter().filter(|r| r.entities.is_empty()).map(|r| of_row(&r.row));
        let sampled = self.records.iter().chain(&self.events).map(|(_, _, placed)| placed.clone());
        let names_one = |placed: &[Placed]| {
            placed.iter().any(|p| subject.universe.contains_key(&p.value) && !is_common(&p.value))
        };
        let unlinked = rows.chain(sampled).filter(|placed| !names_one(placed));
        unlinked.flatten().map(|p| form(&p.value)).collect()
    }
}

/// Whether values of a candidate are of a form that turns up where no entity's own key does.
pub(super) fn may_lead_on(alias: &Alias, forms: &HashSet<String>) -> bool {
    let mut values: Vec<&String> = alias.values.keys().collect();
    values.sort();
    let step = (values.len() / COMPARED).max(1);
    values.iter().step_by(step).any(|v| forms.contains(&form(v)))
}

/// The form of a value: its separators, with digits, hexadecimal digits of some count, or anything else between them.
fn form(value: &str) -> String {
    let mut form = String::new();
    let mut run = String::new();
    let close = |run: &mut String, form: &mut String| {
        match run.len() {
            0 => {}
            _ if run.bytes().all(|b| b.is_ascii_digit()) && run.len() < 16 => form.push('9'),
            n if run.bytes().all(|b| b.is_ascii_hexdigit()) => form.push_str(&format!("x{n}")),
            _ => form.push('a'),
        }
        run.clear();
    };
    for c in value.chars() {
        if c.is_alphanumeric() {
            run.push(c);
        } else {
            close(&mut run, &mut form);
            form.push(c);
        }
    }
    close(&mut run, &mut form);
    form
}

#[cfg(test)]
mod tests {
    use super::form;

    #[test]
    fn ids_of_one_kind_have_one_form() {
        assert_eq!(form("SHP-2026-000012"), form("SHP-2025-7"));
        assert_eq!(form("9b2e6c1a77aa4d0e9c110a1b2c3d4e5f"), form("00000000000000000000000000000001"));
        assert_ne!(form("SHP-2026-000012"), form("10442"));
        assert_eq!(form("10442"), form("7"));
    }
}
