//! Functions that have the form of a handler although nothing says of which topic: they take a broker's record, or are
//! named as what handles messages.

use super::groups::Groups;
use super::{Sign, TopicRole, Untold};
use crate::configuration::is_test;
use crate::outline::{Outline, Symbol, SymbolKind, last_name};
use crate::resolve::Resolver;
use std::collections::HashSet;

/// Types of a broker's record.
const RECORDS: &[&str] = &[
    "kafka.Message",
    "kgo.Record",
    "ConsumerMessage",
    "ConsumerRecord",
    "ConsumerRecords",
    "ConsumeResult",
    "ConsumeContext",
    "EachMessagePayload",
    "EachBatchPayload",
    "KafkaMessage",
    "BorrowedMessage",
    "OwnedMessage",
];
/// Ends of classes that handle messages.
const CLASSES: &[&str] = &["Consumer", "Listener", "Subscriber", "MessageHandler", "EventHandler"];
/// What their functions are called.
const METHODS: &[&str] =
    &["handle", "consume", "process", "receive", "perform", "onmessage", "handleasync", "consumeasync"];
const VERBS: &[&str] = &["on", "handle", "process", "consume", "receive"];
const NOUNS: &[&str] = &["message", "record", "event", "command", "batch", "msg", "messages", "records"];
const SENDS: &[&str] = &["send", "publish", "produce", "write", "emit", "forward"];
const MOST: usize = 200;

/// The functions of a checkout that have this form.
pub(super) fn handlers(resolver: &Resolver<'_>, groups: &Groups) -> Vec<Untold> {
    let mut out = Vec::new();
    for (file, indexed) in resolver.index.files.iter().enumerate() {
        if is_test(&indexed.path) {
            continue;
        }
        let typed = indexed.outline.constants.iter().filter(|c| is_record(&c.type_name));
        let takes: HashSet<(u32, &str)> = typed.filter_map(|c| Some((c.symbol?, c.name.as_str()))).collect();
        for (number, symbol) in indexed.outline.symbols.iter().enumerate() {
            let number = number as u32;
            let Some(sign) = sign(&indexed.outline, &takes, number, symbol) else { continue };
            if out.len() >= MOST {
                return out;
            }
            out.push(Untold {
                role: TopicRole::Handles,
                framework: "",
                sign,
                path: indexed.path.clone(),
                line: symbol.line,
                end_line: symbol.line,
                symbol: indexed.outline.symbol_name(Some(number)),
                symbol_line: symbol.line,
                group: groups.near(resolver.index, file, Some(number)),
            });
        }
    }
    out
}

/// What tells that a function handles records; `takes` are the parameters that are records.
fn sign(outline: &Outline, takes: &HashSet<(u32, &str)>, number: u32, symbol: &Symbol) -> Option<Sign> {
    if symbol.kind != SymbolKind::Function {
        return None;
    }
    let own = symbol.name.rsplit('.').next().unwrap_or(&symbol.name);
    let plain = crate::configuration::squash(own);
    if SENDS.iter().any(|s| plain.contains(s)) {
        return None;
    }
    if symbol.params.iter().any(|p| takes.contains(&(number, p.as_str()))) {
        return Some(Sign::Record);
    }
    let class = outline.class_of(symbol.parent).map_or("", |c| outline.symbols[c as usize].name.as_str());
    let class = if class.is_empty() { symbol.name.split_once('.').map_or("", |(c, _)| c) } else { class };
    let of_class = CLASSES.iter().any(|e| class.ends_with(e)) && METHODS.contains(&plain.as_str());
    let by_words = VERBS.iter().any(|v| plain.strip_prefix(v).is_some_and(|rest| NOUNS.contains(&rest)));
    if of_class || by_words {
        return Some(Sign::Name);
    }
    let after_event = own.strip_prefix("on_").is_some_and(|rest| rest.len() > 2)
        || ["on", "On"]
            .iter()
            .any(|p| own.strip_prefix(p).is_some_and(|r| r.len() > 2 && r.starts_with(char::is_uppercase)));
    after_event.then_some(Sign::Event)
}

/// Whether a type as written is a record, or a list of them.
fn is_record(type_name: &str) -> bool {
    let plain = type_name.trim_start_matches([':', '*', '&', '[', ']', ' ']);
    let outer = plain.split(['<', '[']).next().unwrap_or(plain);
    let inner = plain.split_once('<').map_or("", |(_, i)| i.split([',', '>', '<']).next().unwrap_or(i));
    let is = |name: &str| RECORDS.iter().any(|r| name == *r || (!r.contains('.') && last_name(name) == *r));
    is(outer) || (matches!(outer, "List" | "Collection" | "Iterable" | "IEnumerable" | "Vec") && is(inner))
}
