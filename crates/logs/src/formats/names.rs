//! What words and brackets of a header look like: levels ahead, class and module names, places in source files.

use super::level;
use crate::scan::digit_run;
use serde_json::Value;

/// How far a bracket may reach.
pub(super) const BRACKET: usize = 400;

pub(super) fn is_level_next(rest: &str) -> bool {
    let word = rest.split([' ', ':']).next().unwrap_or_default();
    level::of_header_word(word).is_some()
}

/// `[main] INFO …`: a bracket at the start of a line is a header when a level follows.
pub(super) fn level_behind(after: &str) -> bool {
    let after = after.trim_start_matches([' ', '-']);
    let len = after.bytes().take_while(u8::is_ascii_uppercase).count();
    after.starts_with('[') || level::of_header_word(&after[..len]).is_some()
}

pub(super) fn without_event_id(name: &str) -> &str {
    name.strip_suffix(']').and_then(|n| n.split_once('[')).map_or(name, |(logger, _)| logger)
}

/// `Microsoft.Hosting.Lifetime[14]`: the number is the event's id.
pub(super) fn strip_event_id<'a>(name: &'a str, fields: &mut Vec<(String, Value)>) -> &'a str {
    let Some((logger, id)) = name.strip_suffix(']').and_then(|n| n.split_once('[')) else { return name };
    match id.parse::<i64>() {
        Ok(id) => {
            fields.push(("EventId".into(), id.into()));
            logger
        }
        Err(_) => name,
    }
}

/// The position of the bracket that closes the one at the start.
pub(super) fn close_of(text: &str) -> Option<usize> {
    let mut depth = 0;
    for (at, c) in text.bytes().enumerate().take(BRACKET) {
        match c {
            b'[' => depth += 1,
            b']' => {
                depth -= 1;
                if depth == 0 {
                    return Some(at);
                }
            }
            _ => {}
        }
    }
    None
}

/// Whether a level word comes within the next few words.
pub(super) fn has_level_soon(text: &str) -> bool {
    crate::scan::head(text, 64).split([' ', '\t']).filter(|w| !w.is_empty()).take(4).any(|w| {
        let name = w.trim_matches(['[', ']', ':']);
        level::of_header_word(name).is_some()
            || matches!(name, "LOG" | "D" | "I" | "W" | "E" | "V" | "F")
            || (w.starts_with('[') && level::of_word(name).is_some())
    })
}

pub(super) fn is_lower_level(name: &str) -> bool {
    matches!(
        name,
        "trace" | "debug" | "info" | "warn" | "warning" | "error" | "fatal" | "critical" | "notice"
    )
}

/// `com.acme.Orders`, `c.a.o.OrderService#52`, `shop::orders`: a name that is a logger even without a separator.
pub(super) fn is_class(name: &str) -> bool {
    if name.contains("::") {
        return !name.ends_with(':');
    }
    // Tomcat's containers: `o.a.c.c.C.[.[localhost].[/].[dispatcherServlet]#175`.
    if name.contains(".[") && name.contains(']') {
        return true;
    }
    let Some((package, last)) = name.rsplit_once('.') else { return false };
    let plain =
        name.bytes().all(|c| c.is_ascii_alphanumeric() || matches!(c, b'_' | b'.' | b'$' | b'#' | b'-'));
    plain
        && !package.is_empty()
        && last.as_bytes().first().is_some_and(u8::is_ascii_uppercase)
        && !package.ends_with('.')
}

/// `nova.compute.manager`: a module's name with two dots or an underscore.
pub(super) fn is_module(name: &str) -> bool {
    crate::scan::is_dotted_ident(name) && (name.matches('.').count() >= 2 || name.contains('_'))
}

/// `org.apache.catalina.core.StandardService.start`: a class with its method.
pub(super) fn is_jul_class(name: &str) -> bool {
    let parts: Vec<&str> = name.split('.').collect();
    parts.len() >= 4
        && crate::scan::is_dotted_ident(name)
        && parts[..parts.len() - 1].iter().any(|p| p.as_bytes().first().is_some_and(u8::is_ascii_uppercase))
}

/// `main.go:12`, `orders.py:7`.
pub(super) fn is_source_place(name: &str) -> bool {
    let Some((file, line)) = name.rsplit_once(':') else { return false };
    file.contains('.') && !line.is_empty() && digit_run(line.as_bytes()) == line.len()
}

/// Whether a word before a colon reads as a logger's name rather than as the start of a sentence.
pub(super) fn is_name_before_colon(name: &str) -> bool {
    if is_source_place(name) || name.contains("::") {
        return true;
    }
    let b = name.as_bytes();
    if name.contains(['.', '$', '_', '/']) && !name.contains(':') {
        return !super::body::is_type_name(name);
    }
    let humps = b.windows(2).filter(|w| w[0].is_ascii_lowercase() && w[1].is_ascii_uppercase()).count();
    let lower = b.iter().all(|c| c.is_ascii_lowercase() || *c == b'-');
    (humps > 0 || lower || b.contains(&b'[')) && !super::body::is_type_name(name)
}
