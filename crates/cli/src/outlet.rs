//! What leaves: answers without secrets and personal data. Keys of entities stay readable, whatever they look like.

use crate::arguments::Unmask;
use crate::diagnostics::Failure;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::io::IsTerminal as _;
use waylaid_redact::{Personal, Pseudonyms};
use waylaid_store::layers::Keyring;

/// The door through which everything goes that came from a store.
pub struct Outlet {
    pseudonyms: Pseudonyms,
    keyring: Keyring,
    is_open: bool,
}

impl Outlet {
    /// Closed, unless the person at a terminal wants it open.
    pub fn new(salt: &str, keyring: Keyring, unmask: Unmask) -> Result<Self, Failure> {
        allow(unmask)?;
        Ok(Self { pseudonyms: Pseudonyms::new(salt), keyring, is_open: unmask.unmask })
    }

    /// Leaves keys alone that a person typed.
    pub fn typed<'k>(&self, keys: impl IntoIterator<Item = &'k String>) {
        keys.into_iter().for_each(|key| self.keyring.add(key));
    }

    /// An answer as it may be shown.
    pub fn answer<T: Serialize + DeserializeOwned>(&self, answer: T) -> Result<T, Failure> {
        if self.is_open { Ok(answer) } else { self.masked(&answer) }
    }

    /// Whether an answer shows what is secret or personal.
    pub fn shows<T: Serialize + DeserializeOwned + PartialEq>(&self, answer: &T) -> Result<bool, Failure> {
        Ok(self.is_open && self.masked(answer)? != *answer)
    }

    /// A text as it may be shown. What a redacted case shows may be shown again: `seen` is its text.
    pub fn text(&self, text: &str, seen: &str) -> String {
        if self.is_open {
            return text.to_owned();
        }
        let keep = |kind, value: &str| self.is_key(kind, value) || seen.contains(value);
        self.pseudonyms.text(text, &keep).into_owned()
    }

    /// Whether a text holds a pseudonym.
    pub fn is_masked(text: &str) -> bool {
        waylaid_redact::holds_pseudonym(text)
    }

    fn masked<T: Serialize + DeserializeOwned>(&self, answer: &T) -> Result<T, Failure> {
        let keep = |kind, value: &str| self.is_key(kind, value);
        let masked = self.pseudonyms.answer(answer, &keep);
        masked.map_err(|e| Failure::usage(format!("the answer cannot be redacted: {e}")))
    }

    /// Whether a value is a key. An entity's own key is one, whatever it looks like; another value that stores were asked
    /// for (an id that the trail goes on under) only where its digits might as well be something else.
    fn is_key(&self, kind: Personal, value: &str) -> bool {
        let is_plain = matches!(kind, Personal::Card | Personal::Phone) && !value.starts_with('+');
        self.keyring.is_own(value) || (is_plain && self.keyring.is_asked(value))
    }
}

/// Refuses to unmask for a program.
pub fn allow(unmask: Unmask) -> Result<(), Failure> {
    if unmask.unmask && !std::io::stdout().is_terminal() {
        return Err(Failure::usage("--unmask is for a person: standard output is no terminal").hint(
            "without it, pseudonyms stand for secrets and personal data: the same value has the same one",
        ));
    }
    Ok(())
}
