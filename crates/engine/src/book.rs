//! The book of evidence: every fact that the answer cites, once, under a short id.

use crate::facts::shorten;
use std::collections::{BTreeMap, HashMap};
use waylaid_model::{Evidence, EvidenceId, Reference, Timestamp};

/// Collects evidence and hands out ids.
#[derive(Default)]
pub(crate) struct Book {
    entries: Vec<Evidence>,
    known: HashMap<(Reference, String), EvidenceId>,
}

impl Book {
    /// Cites a fact; the same fact gets the same id.
    pub(crate) fn cite(&mut self, address: Reference, at: Option<Timestamp>, text: &str) -> EvidenceId {
        let text = shorten(text, 400);
        let identity = (address.clone(), text.clone());
        if let Some(id) = self.known.get(&identity) {
            return id.clone();
        }
        let id = EvidenceId(format!("e{}", self.entries.len() + 1));
        self.entries.push(Evidence { at, reference: address.to_string(), address, text });
        self.known.insert(identity, id.clone());
        id
    }

    /// Closes the book.
    pub(crate) fn into_entries(self) -> BTreeMap<EvidenceId, Evidence> {
        self.entries.into_iter().enumerate().map(|(i, e)| (EvidenceId(format!("e{}", i + 1)), e)).collect()
    }
}
