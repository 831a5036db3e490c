//! Events that are JSON objects: flattened to dotted paths while they are read, without a tree in between.

use super::fields::Draft;
use super::{logfmt, otel, serilog};
use crate::timestamps::Hints;
use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::Value;
use std::borrow::Cow;
use std::fmt;
use waylaid_model::LogEvent;

/// Objects nested deeper than this stay values.
const DEPTH: u8 = 8;

/// Reads a text that starts with an object. Cut or broken objects give what was readable before the break; `None` when
/// that was nothing an event could be made of.
pub(crate) fn parse(text: &str, hints: Hints) -> Option<LogEvent> {
    let mut draft = Draft { fields: Vec::with_capacity(16) };
    let (broken, end) = flatten(text, &mut draft.fields);
    if draft.fields.is_empty() || (broken && !is_usable(&draft)) {
        return None;
    }
    otel::unpack(&mut draft);
    let serilog = draft.fields.iter().any(|(p, _)| p == "@mt" || p == "@t");
    let mut event = draft.into_event(hints, text[..end].trim_end());
    if serilog {
        serilog::complete(&mut event);
    }
    // What stands behind a break was not read: it stays with the event as it is.
    if broken && event.message != text.trim_end() {
        event.fields.push(("unread".to_owned(), Value::from(text.trim_end())));
    }
    let rest = text[end..].trim_start_matches(['\n', '\r', ' ']);
    if !rest.is_empty() {
        logfmt::append(&mut event, rest);
    }
    Some(event)
}

/// Reads the object at the start of `text` into fields: whether it was broken, and where it ended.
pub(crate) fn flatten(text: &str, fields: &mut Vec<(String, Value)>) -> (bool, usize) {
    let mut path = String::with_capacity(48);
    let mut input = serde_json::Deserializer::from_str(text);
    let broken = Object { fields, path: &mut path, depth: 0 }.deserialize(&mut input).is_err();
    if broken {
        return (true, text.len());
    }
    // What follows the object is found by letting the same input read on.
    let mut rest = input.into_iter::<serde::de::IgnoredAny>();
    let end = rest.byte_offset();
    let end = if rest.next().is_none() { text.len() } else { end };
    (false, if text.is_char_boundary(end) { end } else { text.len() })
}

/// The message of an object, or its template where it has one; `None` where an event has to be made to tell.
pub(crate) fn message(text: &str) -> Option<Cow<'_, str>> {
    let mut input = serde_json::Deserializer::from_str(text);
    let mut best = None;
    // What was read before a break counts.
    let _ = (Telling { best: &mut best }).deserialize(&mut input);
    match best {
        Some((_, message)) => Some(message),
        None => parse(text, Hints::default()).map(|e| Cow::Owned(e.template.unwrap_or(e.message))),
    }
}

/// Looks for the member that is the message, reading past all others.
struct Telling<'a, 'de> {
    best: &'a mut Option<(u8, Cow<'de, str>)>,
}

impl<'de> DeserializeSeed<'de> for Telling<'_, 'de> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, d: D) -> Result<(), D::Error> {
        d.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Telling<'_, 'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(name) = map.next_key::<Borrowed<'de>>()? {
            let rank = super::fields::message_rank(&name.0);
            match rank.filter(|rank| self.best.as_ref().is_none_or(|(known, _)| rank < known)) {
                Some(rank) => {
                    if let MaybeText::Text(Borrowed(text)) = map.next_value()? {
                        *self.best = Some((rank, text));
                    }
                }
                None => {
                    map.next_value::<serde::de::IgnoredAny>()?;
                }
            }
        }
        Ok(())
    }
}

/// A text, borrowed where nothing in it is escaped.
#[derive(Deserialize)]
struct Borrowed<'a>(#[serde(borrow)] Cow<'a, str>);

#[derive(Deserialize)]
#[serde(untagged)]
enum MaybeText<'a> {
    Text(#[serde(borrow)] Borrowed<'a>),
    Other(serde::de::IgnoredAny),
}

/// Whether fields that were read before a break make an event.
fn is_usable(draft: &Draft) -> bool {
    const TELLING: [&str; 12] = [
        "message",
        "msg",
        "@timestamp",
        "timestamp",
        "time",
        "ts",
        "@t",
        "@m",
        "@mt",
        "level",
        "log.level",
        "severity",
    ];
    draft.fields.iter().any(|(p, _)| TELLING.contains(&p.as_str()))
}

/// Reads an object's members into fields under a path.
struct Object<'a> {
    fields: &'a mut Vec<(String, Value)>,
    path: &'a mut String,
    depth: u8,
}

impl<'de> DeserializeSeed<'de> for Object<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, d: D) -> Result<(), D::Error> {
        d.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Object<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let base = self.path.len();
        while map.next_key_seed(Key { path: self.path })?.is_some() {
            let member = Member { fields: self.fields, path: self.path, depth: self.depth };
            map.next_value_seed(member)?;
            self.path.truncate(base);
        }
        Ok(())
    }
}

/// Appends a member's name to the path.
struct Key<'a> {
    path: &'a mut String,
}

impl<'de> DeserializeSeed<'de> for Key<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, d: D) -> Result<(), D::Error> {
        d.deserialize_str(self)
    }
}

impl Visitor<'_> for Key<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<(), E> {
        if !self.path.is_empty() {
            self.path.push('.');
        }
        self.path.push_str(name);
        Ok(())
    }
}

/// Reads a member's value into a field, or an object's members into fields.
struct Member<'a> {
    fields: &'a mut Vec<(String, Value)>,
    path: &'a mut String,
    depth: u8,
}

impl Member<'_> {
    fn put(self, value: Value) {
        self.fields.push((self.path.clone(), value));
    }
}

impl<'de> DeserializeSeed<'de> for Member<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, d: D) -> Result<(), D::Error> {
        d.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Member<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_bool<E: Error>(self, v: bool) -> Result<(), E> {
        self.put(Value::Bool(v));
        Ok(())
    }

    fn visit_i64<E: Error>(self, v: i64) -> Result<(), E> {
        self.put(v.into());
        Ok(())
    }

    fn visit_u64<E: Error>(self, v: u64) -> Result<(), E> {
        self.put(v.into());
        Ok(())
    }

    fn visit_f64<E: Error>(self, v: f64) -> Result<(), E> {
        self.put(v.into());
        Ok(())
    }

    fn visit_str<E: Error>(self, v: &str) -> Result<(), E> {
        self.put(Value::String(v.to_owned()));
        Ok(())
    }

    fn visit_string<E: Error>(self, v: String) -> Result<(), E> {
        self.put(Value::String(v));
        Ok(())
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        self.put(Value::Null);
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        let mut values = Vec::new();
        while let Some(value) = seq.next_element::<Value>()? {
            values.push(value);
        }
        self.put(Value::Array(values));
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<(), A::Error> {
        if self.depth + 1 >= DEPTH {
            let value = Value::deserialize(MapAccessDeserializer::new(map))?;
            self.put(value);
            return Ok(());
        }
        Object { fields: self.fields, path: self.path, depth: self.depth + 1 }.visit_map(map)
    }
}
