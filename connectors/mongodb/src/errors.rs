//! What the server or the driver says, as errors of ours: with a kind, with what to do, without secrets.

use mongodb::error::{Error, ErrorKind as Said};
use waylaid_store::{ErrorKind, StoreError};

/// Turns errors of the driver into ours.
#[derive(Debug)]
pub(crate) struct Errors {
    /// `store at host:port/database`.
    pub place: String,
    /// What must not be seen.
    pub secrets: Vec<String>,
}

impl Errors {
    pub fn fail(&self, kind: ErrorKind, doing: &str, why: &str) -> StoreError {
        StoreError::new(kind, format!("{}: {doing}", self.place)).with_source(self.clean(why))
    }

    /// An error of the driver, while something was done.
    pub fn from(&self, error: &Error, doing: &str) -> StoreError {
        let (kind, why) = match error.kind.as_ref() {
            Said::Command(said) => (kind(said.code), format!("{}{}", said.message, hint(said.code))),
            Said::Authentication { message, .. } => {
                (ErrorKind::Denied, format!("{message}; check user and password of this store"))
            }
            Said::InvalidArgument { message, .. } => (ErrorKind::Invalid, message.clone()),
            Said::InvalidTlsConfig { message, .. } => (ErrorKind::Invalid, message.clone()),
            Said::ServerSelection { message, .. } => (ErrorKind::Io, format!("{message}{}", advice(message))),
            other => {
                let why = other.to_string();
                let advice = advice(&why);
                (ErrorKind::Io, format!("{why}{advice}"))
            }
        };
        self.fail(kind, doing, &why)
    }

    /// A text without secrets.
    pub fn clean(&self, text: &str) -> String {
        self.secrets.iter().fold(text.to_owned(), |text, secret| text.replace(secret.as_str(), "…"))
    }
}

fn kind(code: i32) -> ErrorKind {
    match code {
        // Unauthorized, the login failed.
        13 | 18 => ErrorKind::Denied,
        // The limit of time, of memory of a stage, of the size of a document.
        50 | 292 | 10_334 => ErrorKind::Budget,
        // A lock that is held, a node that changes its part.
        24 | 91 | 189 | 10_107 | 11_600 | 11_602 | 13_435 | 13_436 => ErrorKind::Locked,
        6 | 7 | 89 | 9001 => ErrorKind::Io,
        _ => ErrorKind::Invalid,
    }
}

fn hint(code: i32) -> &'static str {
    match code {
        13 => "; let an administrator grant the role read on this database",
        18 => "; check user and password of this store",
        50 => "; ask for less, or by a field that has an index",
        _ => "",
    }
}

fn advice(why: &str) -> &'static str {
    if why.contains("ertificate") {
        "; name the file of the authority that signed it: ca = \"ca.pem\""
    } else if why.contains("refused") {
        "; is it running, and is this its port?"
    } else {
        ""
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_taken_out() {
        let errors = Errors { place: "tables.x at h:1/d".into(), secrets: vec!["hunter2".into()] };
        let error = errors.fail(ErrorKind::Io, "reading", "it said hunter2!");
        assert_eq!(error.to_string(), "tables.x at h:1/d: reading: failed (it said …!)");
        assert_eq!(
            (kind(50), kind(13), kind(59)),
            (ErrorKind::Budget, ErrorKind::Denied, ErrorKind::Invalid)
        );
    }
}
