//! What the server or the driver says, as errors of ours: with a kind, with what to do, without secrets.

use tiberius::error::Error;
use waylaid_sql::Errors;
use waylaid_store::{ErrorKind, StoreError};

/// An error of the driver, while something was done.
pub(crate) fn from(errors: &Errors, error: &Error, doing: &str) -> StoreError {
    let Error::Server(said) = error else {
        let why = error.to_string();
        let kind = if why.contains("timed out") { ErrorKind::Timeout } else { ErrorKind::Io };
        return errors.fail(kind, doing, &format!("{why}{}", advice(&why)));
    };
    let kind = kind(said.code(), said.class());
    let hint = match said.code() {
        18452 | 18456 => "; check user and password of this store",
        229 | 230 | 916 => "; let an administrator grant SELECT on it",
        _ => "",
    };
    errors.fail(kind, doing, &format!("{}{hint}", said.message()))
}

fn kind(code: u32, class: u8) -> ErrorKind {
    match code {
        // Locks and deadlocks, versions of rows that are gone, too many connections or requests, a server that starts.
        1204 | 1205 | 1222 | 3960 | 3961 | 6005 | 10928 | 10929 | 17809 | 40501 | 40613 | 49918..=49920 => {
            ErrorKind::Locked
        }
        229 | 230 | 297 | 300 | 371 | 916 | 18452 | 18456 | 18470 | 18486 | 18487 | 18488 => {
            ErrorKind::Denied
        }
        911 | 4060 => ErrorKind::NotFound,
        // Memory, room for sorting.
        701 | 1101 | 1105 | 8645 | 8651 => ErrorKind::Budget,
        _ if (11..=16).contains(&class) => ErrorKind::Invalid,
        _ => ErrorKind::Io,
    }
}

fn advice(why: &str) -> &'static str {
    let lower = why.to_ascii_lowercase();
    if lower.contains("requested encryption level") {
        "; the server speaks no TLS: add ?encrypt=no to the address if the way to it is safe"
    } else if lower.contains("certificate") {
        "; name the file of the authority that signed it: ca = \"ca.pem\""
    } else if lower.contains("refused") {
        "; is it running, and is this its port?"
    } else {
        ""
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_have_kinds() {
        for (code, class, told) in [
            (208, 16, ErrorKind::Invalid),
            (1222, 16, ErrorKind::Locked),
            (18456, 14, ErrorKind::Denied),
            (4060, 11, ErrorKind::NotFound),
            (823, 24, ErrorKind::Io),
        ] {
            assert_eq!(kind(code, class), told, "{code}");
        }
    }
}
