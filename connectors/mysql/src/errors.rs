//! What the server or the driver says, as errors of ours: with a kind, with what to do, without secrets.

use mysql_async::Error;
use waylaid_sql::Errors;
use waylaid_store::{ErrorKind, StoreError};

/// An error of the driver, while something was done.
pub(crate) fn from(errors: &Errors, error: &Error, doing: &str) -> StoreError {
    let Error::Server(said) = error else {
        let why = error.to_string();
        let kind = if why.contains("timed out") { ErrorKind::Timeout } else { ErrorKind::Io };
        return errors.fail(kind, doing, &format!("{why}{}", advice(&why)));
    };
    let kind = kind(said.code, &said.state);
    let hint = match (kind, said.code) {
        (ErrorKind::Budget, _) => "; ask for less, or by a column that has an index",
        (_, 1045) => "; check user and password of this store",
        (ErrorKind::Denied, _) => "; let an administrator grant SELECT on it",
        _ => "",
    };
    errors.fail(kind, doing, &format!("{}{hint}", said.message))
}

fn kind(code: u16, state: &str) -> ErrorKind {
    match code {
        // The limit of MariaDB, that of MySQL.
        1969 | 3024 => ErrorKind::Budget,
        // Connections, locks.
        1040 | 1203 | 1226 | 1205 | 1213 => ErrorKind::Locked,
        1044 | 1045 | 1142 | 1143 | 1227 | 1370 | 1698 => ErrorKind::Denied,
        1049 => ErrorKind::NotFound,
        1053 | 1317 | 1927 => ErrorKind::Io,
        _ if ["42", "22", "21", "23", "25", "44"].iter().any(|class| state.starts_with(class)) => {
            ErrorKind::Invalid
        }
        1000..=1999 | 3000..=4999 => ErrorKind::Invalid,
        _ => ErrorKind::Io,
    }
}

fn advice(why: &str) -> &'static str {
    if why.contains("does not have this capability") || why.contains("NoClientSslFlag") {
        "; the server speaks no TLS: add ?ssl-mode=disabled to the address if the way to it is safe"
    } else if why.contains("certificate") {
        "; name the file of the authority that signed it: ca = \"ca.pem\""
    } else if why.contains("refused") {
        "; is it running, and is this its port?"
    } else {
        ""
    }
}
