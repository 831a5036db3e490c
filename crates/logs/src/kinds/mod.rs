//! Which kind of failure an error text denotes.
//!
//! Tables, in this order: vendor codes and set phrases of servers (they can mean only one thing), exception types by
//! their last name, words of messages. The innermost cause is asked before the outer ones, and a word never outweighs a
//! code or a type.

mod codes;
mod types;
mod words;

use crate::exceptions::{Exception, Link};
use serde_json::Value;
use waylaid_model::Kind;

/// Texts longer than this are cut.
const LIMIT: usize = 16 * 1024;

/// The kind that an exception, a message and the fields beside it denote: vendor codes and exception types first, the
/// innermost cause before the outer ones, words last. `None` when nothing in them reports a failure.
pub fn classify(exception: Option<&Exception>, message: &str, fields: &[(String, Value)]) -> Option<Kind> {
    let message = crate::scan::head(message, LIMIT);
    if exception.is_none() && words::reassures(message) {
        return of_fields(fields).or_else(|| of_status(fields));
    }
    if let Some(kind) = exception.and_then(|x| of_chain(&x.chain)) {
        return Some(kind);
    }
    if let Some(kind) =
        codes::of_text(message).or_else(|| violated(message)).or_else(|| types::of_names_in(message))
    {
        return Some(kind);
    }
    if let Some(kind) = of_fields(fields) {
        return Some(kind);
    }
    let by_words = exception
        .and_then(|x| x.chain.iter().rev().find_map(|l| words::of_text(crate::scan::head(&l.message, LIMIT))))
        .or_else(|| words::of_text(message));
    by_words.or_else(|| of_status(fields)).or_else(|| fallback(exception, message))
}

/// An HTTP status with which another service refused: it asks for a pause, does not let in, or failed itself.
fn of_status(fields: &[(String, Value)]) -> Option<Kind> {
    let is_refusal = |(path, value): &(String, Value)| {
        let last = path.rsplit('.').next().unwrap_or(path).to_ascii_lowercase().replace(['_', '-'], "");
        let named = matches!(
            last.as_str(),
            "status" | "statuscode" | "httpstatus" | "responsestatus" | "httpcode" | "http"
        );
        let status = value.as_i64().or_else(|| value.as_str()?.parse().ok());
        named && status.is_some_and(|s| matches!(s, 401 | 403 | 408 | 425 | 429 | 500..=599))
    };
    fields.iter().any(is_refusal).then_some(Kind::DependencyError)
}

/// By codes and types of a chain, the root cause first. Types that only wrap others, and those that any code may throw,
/// leave the word to the messages.
fn of_chain(chain: &[Link]) -> Option<Kind> {
    let links = || chain.iter().rev();
    let code = links().find_map(|l| codes::of_text(crate::scan::head(&l.message, LIMIT)));
    // A cause further out that a code settles is still the server's own word for it; inner types that say less
    // (`SocketException` below a `CommunicationsException`) do not outweigh it.
    let code = code.or_else(|| links().find_map(|l| violated(crate::scan::head(&l.message, LIMIT))));
    code.or_else(|| links().find_map(|l| types::of_name(&l.type_name, &l.message)))
}

/// A violation in words that no table of phrases has: servers speak other languages.
fn violated(text: &str) -> Option<Kind> {
    crate::violations::find_violations(text).first().map(|v| v.kind)
}

/// Codes in the fields of an event: `error.code`, `sqlState`, `http.response.status_code`.
fn of_fields(fields: &[(String, Value)]) -> Option<Kind> {
    for (path, value) in fields {
        let last = path.rsplit('.').next().unwrap_or(path).to_ascii_lowercase();
        let text = value.as_str().map(str::to_owned).or_else(|| value.as_i64().map(|n| n.to_string()));
        let Some(text) = text else { continue };
        let of_error = path.contains("err") || path.contains("exception") || path.contains("cause");
        let kind = match last.as_str() {
            "sqlstate" | "sql_state" => codes::of_sqlstate(&text),
            "code" | "errno" if of_error || text.len() == 5 => codes::of_code(&text),
            "type" | "name" | "class" if of_error => types::of_name(&text, ""),
            _ => None,
        };
        if kind.is_some() {
            return kind;
        }
    }
    None
}

/// Some exception that no table knows is the handler's own; a message alone must speak of a failure.
fn fallback(exception: Option<&Exception>, message: &str) -> Option<Kind> {
    if exception.is_some() || types::names_an_exception(message) {
        return Some(Kind::HandlerException);
    }
    words::reports_failure(message).then_some(Kind::HandlerException)
}

#[cfg(test)]
mod tests;
