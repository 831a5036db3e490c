//! Consumer groups: where the code or its configuration names one, and which of them is nearest to a place.

use crate::configuration::{is_test, squash};
use crate::index::Index;
use crate::outline::{Argument, Value, last_name};
use crate::resolve::{At, HOLE, Resolver};

/// The groups that a checkout names.
#[derive(Debug, Default)]
pub(super) struct Groups {
    /// File, function, group.
    found: Vec<(usize, Option<u32>, String)>,
    /// The one that settings name, where it is one.
    configured: Option<String>,
}

/// Most groups that are held of a checkout.
const MOST: usize = 2_000;

impl Groups {
    /// Finds them.
    pub(super) fn read(resolver: &Resolver<'_>) -> Self {
        let mut out = Self::default();
        for (file, indexed) in resolver.index.files.iter().enumerate() {
            if is_test(&indexed.path) {
                continue;
            }
            for call in &indexed.outline.calls {
                let mut values = Vec::new();
                of_arguments(last_name(&call.callee), &call.arguments, &mut values);
                call.chain.iter().for_each(|(method, given)| of_arguments(method, given, &mut values));
                out.keep(resolver, file, call.symbol, &values);
            }
            for constant in &indexed.outline.constants {
                let mut values = Vec::new();
                if is_group(&constant.name) {
                    values.push(&constant.value);
                }
                inside(&constant.value, 0, &mut values);
                out.keep(resolver, file, constant.symbol, &values);
            }
        }
        let settings = resolver.configuration.ending_with(&["groupId"]);
        let mut named: Vec<&str> =
            settings.iter().filter(|s| !is_test(&s.path)).map(|s| s.value.as_str()).collect();
        named.dedup();
        if let [only] = named.as_slice() {
            let value = Value::Text(crate::outline::Template::literal(*only));
            let said = resolver.texts(At::new(0, None), &value).into_iter().next();
            out.configured = said.map(|r| r.text).filter(|_| !resolver.index.files.is_empty());
        }
        out
    }

    fn keep(&mut self, resolver: &Resolver<'_>, file: usize, symbol: Option<u32>, values: &[&Value]) {
        for value in values.iter().filter(|_| self.found.len() < MOST).take(4).collect::<Vec<_>>() {
            if let Some(said) = resolver.texts(At::new(file, symbol), value).into_iter().next() {
                let text = said.text.replace(HOLE, "*");
                if text.chars().any(char::is_alphanumeric) && text.len() < 250 {
                    self.found.push((file, symbol, text));
                }
            }
        }
    }

    /// The group nearest to a place: of its function, its class, its file, or the only one of the checkout.
    pub(super) fn near(&self, index: &Index, file: usize, symbol: Option<u32>) -> String {
        let outline = &index.files[file].outline;
        let class = outline.class_of(symbol);
        let here = |at: usize| self.found.iter().filter(move |(f, ..)| *f == at);
        let own = here(file).find(|(_, s, _)| *s == symbol);
        let of_class = || here(file).find(|(_, s, _)| class.is_some() && outline.class_of(*s) == class);
        let only = |mut all: Vec<&str>| {
            all.sort_unstable();
            all.dedup();
            (all.len() == 1).then(|| all[0].to_owned())
        };
        own.or_else(of_class)
            .map(|(.., g)| g.clone())
            .or_else(|| only(here(file).map(|(.., g)| g.as_str()).collect()))
            .or_else(|| self.configured.clone().filter(|_| self.found.is_empty()))
            .or_else(|| only(self.found.iter().map(|(.., g)| g.as_str()).collect()))
            .unwrap_or_default()
    }
}

/// Whether a group's name with open parts may be this one.
pub(super) fn may_be_same(found: &str, group: &str) -> bool {
    match found.split_once('*') {
        Some((head, tail)) => {
            group.starts_with(head) && group.ends_with(tail.rsplit('*').next().unwrap_or(tail))
        }
        None => found == group,
    }
}

fn is_group(name: &str) -> bool {
    matches!(squash(last_name(name)).as_str(), "groupid" | "groupidconfig" | "consumergroupid")
        || matches!(name, "group.id" | "group-id")
}

/// `groupId = x`, `{ 'group.id': x }`, `put("group.id", x)`, `ConsumerGroup(x)`, `NewConsumerGroup(_, x, _)`.
fn of_arguments<'a>(method: &str, given: &'a [Argument], out: &mut Vec<&'a Value>) {
    match (method, given) {
        ("ConsumerGroup", [one, ..]) => out.push(&one.value),
        ("NewConsumerGroup" | "NewConsumerGroupFromClient", [_, two, ..]) => out.push(&two.value),
        (_, [key, value]) => {
            let named = match &key.value {
                Value::Name(name) => is_group(name),
                other => other.plain().is_some_and(is_group),
            };
            if named && key.name.is_empty() {
                out.push(&value.value);
            }
        }
        _ => {}
    }
    for argument in given {
        if is_group(&argument.name) {
            out.push(&argument.value);
        }
        inside(&argument.value, 0, out);
    }
}

fn inside<'a>(value: &'a Value, depth: u8, out: &mut Vec<&'a Value>) {
    if depth > 3 {
        return;
    }
    match value {
        Value::Object(fields) => {
            for (key, value) in fields {
                if is_group(key) {
                    out.push(value);
                }
                inside(value, depth + 1, out);
            }
        }
        Value::Call(_, given) => given.iter().for_each(|a| {
            if is_group(&a.name) {
                out.push(&a.value);
            }
            inside(&a.value, depth + 1, out);
        }),
        _ => {}
    }
}
