//! Names of topics: what has the form of one, what names one without a framework that says what for.

use super::values::plain_texts;
use super::{TopicRole, TopicUse, Topics};
use crate::outline::{Call, Value};
use crate::resolve::{At, HOLE, Resolved, Resolver};

impl Topics {
    /// What names a topic without a framework that says what for: constants, calls of this code's own.
    pub(super) fn named(&mut self, resolver: &Resolver<'_>, file: usize) {
        let indexed = &resolver.index.files[file];
        for constant in &indexed.outline.constants {
            for text in plain_texts(&constant.value) {
                self.name(
                    resolver,
                    file,
                    text,
                    (constant.line, constant.line),
                    constant.symbol,
                    TopicRole::Names,
                );
            }
        }
        for call in &indexed.outline.calls {
            let role = role_by_words(call);
            let given = call.arguments.iter().chain(call.chain.iter().flat_map(|(_, a)| a));
            for argument in given {
                let lines = (call.line, call.end_line);
                for text in plain_texts(&argument.value) {
                    self.name(resolver, file, text, lines, call.symbol, role);
                }
                if role != TopicRole::Names && matches!(argument.value, Value::Name(_) | Value::Call(..)) {
                    for said in resolver.texts(At::new(file, call.symbol), &argument.value) {
                        let before = self.uses.len();
                        self.name(resolver, file, &said.text, lines, call.symbol, role);
                        if let Some(made) = self.uses.get_mut(before) {
                            (made.how, made.decided) = (said.how.join("; "), decided(resolver, &said));
                        }
                    }
                }
            }
        }
        for annotation in &indexed.outline.annotations {
            for text in annotation.arguments.iter().flat_map(|a| plain_texts(&a.value)) {
                let lines = (annotation.line, annotation.target_line);
                let symbol = indexed.outline.annotated(annotation);
                self.name(resolver, file, text, lines, symbol, TopicRole::Names);
            }
        }
    }

    fn name(
        &mut self,
        resolver: &Resolver<'_>,
        file: usize,
        topic: &str,
        lines: (u32, u32),
        symbol: Option<u32>,
        role: TopicRole,
    ) {
        if !may_be_topic(topic, false) || topic.contains(HOLE) || self.uses.len() > 400_000 {
            return;
        }
        let indexed = &resolver.index.files[file];
        let known = |u: &TopicUse| u.topic == topic && u.line <= lines.1 && u.end_line >= lines.0;
        if self.uses.iter().rev().take(64).take_while(|u| u.path == indexed.path).any(known) {
            return;
        }
        self.uses.push(TopicUse {
            role,
            topic: topic.to_owned(),
            pattern: false,
            framework: "",
            path: indexed.path.clone(),
            line: lines.0,
            end_line: lines.1,
            symbol: indexed.outline.symbol_name(symbol),
            symbol_line: symbol.and_then(|s| indexed.outline.symbols.get(s as usize)).map_or(0, |s| s.line),
            how: String::new(),
            group: String::new(),
            decided: None,
        });
    }
}

pub(super) fn decided(resolver: &Resolver<'_>, name: &Resolved) -> Option<(String, u32, String)> {
    name.decided.map(|(file, line, symbol)| {
        let there = &resolver.index.files[file];
        (there.path.clone(), line, there.outline.symbol_name(symbol))
    })
}

/// Whether a name with open parts, or a regular expression, is one that this topic has.
pub(super) fn matches(found: &TopicUse, topic: &str) -> bool {
    let open =
        if found.pattern { found.topic.replace(".*", "*").replace("\\.", ".") } else { found.topic.clone() };
    let open = open.trim_start_matches('^').trim_end_matches('$');
    let pieces: Vec<&str> = open.split('*').collect();
    if pieces.iter().map(|p| p.len()).sum::<usize>() < 4
        || pieces.iter().any(|p| p.contains(['[', '(', '|', '\\']))
    {
        return false;
    }
    let mut rest = topic;
    for (number, piece) in pieces.iter().enumerate() {
        let at = match number {
            0 => rest.starts_with(piece).then_some(0),
            n if n + 1 == pieces.len() => rest.ends_with(piece).then(|| rest.len() - piece.len()),
            _ => rest.find(piece),
        };
        let Some(at) = at else { return false };
        rest = &rest[at + piece.len()..];
    }
    pieces.len() > 1 || rest.is_empty()
}

/// Whether a text has the form of a topic's name.
pub(super) fn may_be_topic(text: &str, pattern: bool) -> bool {
    let literal = text.chars().filter(|c| c.is_alphanumeric()).count();
    let allowed =
        |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | ':' | '/') || c == HOLE;
    literal >= 2 && text.len() <= 249 && (pattern || text.chars().all(allowed))
}

/// What a call of this code's own does with a topic, by the words of its name.
fn role_by_words(call: &Call) -> TopicRole {
    const SEND: &[&str] =
        &["send", "produce", "publish", "emit", "dispatch", "outbox", "enqueue", "writer", "announce"];
    const RECEIVE: &[&str] = &["subscribe", "consume", "listen", "poll", "reader", "receive", "handle"];
    let method = call.method().to_lowercase();
    let receiver = call.receiver().to_lowercase();
    for words in [&method, &receiver] {
        if SEND.iter().any(|w| words.contains(w)) {
            return TopicRole::Publishes;
        }
        if RECEIVE.iter().any(|w| words.contains(w)) {
            return TopicRole::Handles;
        }
    }
    TopicRole::Names
}
