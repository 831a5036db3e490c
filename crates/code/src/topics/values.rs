//! Values inside arguments: by name, by position, inside objects and chains.

use crate::configuration::Setting;
use crate::outline::{Argument, Call, Value, last_name};
use crate::resolve::Resolved;

/// Literal texts in a value that could be names.
pub(super) fn plain_texts(value: &Value) -> Vec<&str> {
    let mut out = Vec::new();
    let mut open = vec![value];
    while let Some(next) = open.pop().filter(|_| out.len() < 32) {
        match next {
            Value::Text(_) => out.extend(next.plain()),
            Value::List(values) | Value::Either(values) => open.extend(values.iter().rev()),
            Value::Object(fields) => open.extend(fields.iter().rev().map(|(_, v)| v)),
            Value::Call(_, given) => open.extend(given.iter().rev().map(|a| &a.value)),
            Value::Name(_) | Value::Other => {}
        }
    }
    out
}

/// A setting's value as a name that was found there.
pub(super) fn told(setting: &Setting) -> Resolved {
    let how = vec![format!("{} in {}:{}", setting.key, setting.path, setting.line)];
    Resolved::of(setting.value.clone(), how)
}

/// The argument of one of these names.
pub(super) fn named<'a>(arguments: &'a [Argument], names: &[&str]) -> Option<&'a Value> {
    arguments.iter().find(|a| names.contains(&a.name.as_str())).map(|a| &a.value)
}

/// The argument of one of these names, or the one at a position.
pub(super) fn argument<'a>(arguments: &'a [Argument], position: usize, names: &[&str]) -> Option<&'a Value> {
    named(arguments, names)
        .or_else(|| arguments.get(position).filter(|a| a.name.is_empty()).map(|a| &a.value))
}

/// A field of an object literal, of a struct literal or of an object inside an argument.
pub(super) fn field<'a>(value: &'a Value, names: &[&str]) -> Option<&'a Value> {
    match value {
        Value::Object(fields) => fields.iter().find(|(k, _)| names.contains(&k.as_str())).map(|(_, v)| v),
        Value::Call(_, given) => given.iter().find_map(|a| match &a.value {
            object @ Value::Object(_) => field(object, names),
            _ => None,
        }),
        _ => None,
    }
}

/// The field of an object that a call is given.
pub(super) fn given_field<'a>(call: &'a Call, names: &[&str]) -> Option<&'a Value> {
    call.arguments.iter().find_map(|a| match &a.value {
        object @ Value::Object(_) => field(object, names),
        _ => None,
    })
}

/// The first argument of the first call of this name inside a value.
pub(super) fn made<'a>(value: &'a Value, names: &[&str]) -> Option<&'a Value> {
    match value {
        Value::Call(callee, given) if names.contains(&last_name(callee)) => given.first().map(|a| &a.value),
        Value::Call(_, given) => given.iter().find_map(|a| made(&a.value, names)),
        Value::List(values) | Value::Either(values) => values.iter().find_map(|v| made(v, names)),
        _ => None,
    }
}

/// Arguments inside a chain of calls, by the method they are given to.
pub(super) fn chained<'a>(call: &'a Call, method: &str) -> impl Iterator<Item = &'a [Argument]> {
    let method = method.to_owned();
    call.chain.iter().filter(move |(name, _)| *name == method).map(|(_, given)| given.as_slice())
}
