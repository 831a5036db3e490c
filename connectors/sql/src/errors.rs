//! Errors with a place and without secrets, and the end of waiting.

use std::future::Future;
use std::time::Duration;
use waylaid_store::{ErrorKind, StoreError};

/// Makes errors of one database.
#[derive(Debug)]
pub struct Errors {
    /// `store at host:port/database`.
    pub place: String,
    /// What must not be seen.
    pub secrets: Vec<String>,
}

impl Errors {
    /// Something failed while something was done.
    pub fn fail(&self, kind: ErrorKind, doing: &str, why: &str) -> StoreError {
        StoreError::new(kind, format!("{}: {doing}", self.place)).with_source(self.clean(why))
    }

    /// A text without secrets.
    pub fn clean(&self, text: &str) -> String {
        self.secrets.iter().fold(text.to_owned(), |text, secret| text.replace(secret.as_str(), "…"))
    }

    /// What a call says, unless it takes too long.
    pub async fn within<T>(
        &self,
        doing: &str,
        patience: Duration,
        call: impl Future<Output = T>,
    ) -> Result<T, StoreError> {
        tokio::time::timeout(patience, call).await.map_err(|_| {
            let why = format!("no answer within {} s", patience.as_secs());
            self.fail(ErrorKind::Timeout, doing, &why)
        })
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
    }
}
