//! What the server or the driver says, as errors of ours: with a kind, with what to do, without secrets.

use std::error::Error as _;
use tokio_postgres::Error;
use waylaid_sql::Errors;
use waylaid_store::{ErrorKind, StoreError};

/// An error of the driver, while something was done.
pub(crate) fn from(errors: &Errors, error: &Error, doing: &str) -> StoreError {
    let Some(said) = error.as_db_error() else {
        let why = chain(error);
        let kind = if why.contains("timed out") { ErrorKind::Timeout } else { ErrorKind::Io };
        return errors.fail(kind, doing, &format!("{why}{}", advice(&why)));
    };
    let code = said.code().code();
    let hint = match code {
        "57014" => "; ask for less, or by a column that has an index",
        "28P01" | "28000" => "; check user and password of this store",
        "42501" => "; let an administrator grant SELECT on it",
        _ => "",
    };
    errors.fail(kind(code), doing, &format!("{}{hint}", said.message()))
}

fn kind(code: &str) -> ErrorKind {
    match code {
        "57014" => ErrorKind::Budget,
        // A lock, a replica that has to go on, too many connections, a server that starts.
        "55P03" | "40001" | "40P01" | "53300" | "57P03" => ErrorKind::Locked,
        "42501" | "28P01" | "28000" => ErrorKind::Denied,
        "3D000" => ErrorKind::NotFound,
        _ if ["42", "22", "0A", "25", "54", "21", "2F", "38", "39"].iter().any(|c| code.starts_with(c)) => {
            ErrorKind::Invalid
        }
        _ => ErrorKind::Io,
    }
}

/// An error with everything below it.
fn chain(error: &Error) -> String {
    let mut text = error.to_string();
    let mut below = error.source();
    while let Some(error) = below {
        let more = error.to_string();
        if !text.contains(&more) {
            text = format!("{text}: {more}");
        }
        below = error.source();
    }
    text
}

fn advice(why: &str) -> &'static str {
    if why.contains("does not support TLS") {
        "; the server speaks no TLS: add ?sslmode=disable to the address if the way to it is safe"
    } else if why.contains("certificate") {
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
    fn codes_have_kinds() {
        assert_eq!((kind("42P01"), kind("57P01")), (ErrorKind::Invalid, ErrorKind::Io));
    }
}
