//! What parameters and fields hold: by callers, by who makes the class, by literals of the type.

use super::{At, CALLERS, Resolved, Resolver};
use crate::configuration::is_test;
use crate::outline::{Call, Value, last_name};

impl Resolver<'_> {
    /// A parameter, by what callers give.
    pub(super) fn given(&self, at: At, name: &str, out: &mut Vec<Resolved>) {
        let outline = &self.index.files[at.file].outline;
        let Some(symbol) = at.symbol.and_then(|s| outline.symbols.get(s as usize)) else { return };
        let Some(position) = symbol.params.iter().position(|p| p == name) else { return };
        let skip = usize::from(matches!(symbol.params.first().map(String::as_str), Some("self" | "cls")));
        let own = symbol.name.rsplit('.').next().unwrap_or(&symbol.name);
        let class = outline.class_of(at.symbol).map(|c| outline.symbols[c as usize].name.as_str());
        let constructs =
            matches!(own, "__init__" | "constructor" | "initialize" | "__construct") || class == Some(own);
        let called = if constructs { class.unwrap_or(own) } else { own };
        self.by_callers(at, called, name, position.saturating_sub(skip), class.filter(|_| own == "new"), out);
    }

    /// A parameter of a class: a record, a primary constructor.
    pub(super) fn class_given(&self, at: At, name: &str, out: &mut Vec<Resolved>) {
        let outline = &self.index.files[at.file].outline;
        let Some(class) = outline.class_of(at.symbol).map(|c| &outline.symbols[c as usize]) else { return };
        if let Some(position) = class.params.iter().position(|p| p == name) {
            self.by_callers(at, &class.name, name, position, None, out);
        }
    }

    pub(super) fn by_callers(
        &self,
        at: At,
        called: &str,
        name: &str,
        position: usize,
        on: Option<&str>,
        out: &mut Vec<Resolved>,
    ) {
        let calls = self.calls.get(called).into_iter().flatten();
        let fits = |call: &Call| on.is_none_or(|class| last_name(call.receiver()) == class);
        let mut found: Vec<_> = calls.filter(|(_, c)| fits(c)).collect();
        found.sort_by_key(|(file, _)| is_test(&self.index.files[*file].path));
        let main = found.iter().any(|(f, _)| !is_test(&self.index.files[*f].path));
        found.retain(|(file, _)| !main || !is_test(&self.index.files[*file].path));
        for (file, call) in found.into_iter().take(CALLERS) {
            let by_name = call.arguments.iter().find(|a| a.name == name);
            let by_field = call.arguments.first().and_then(|a| match &a.value {
                Value::Object(fields) => fields.iter().find(|(k, _)| k == name).map(|(_, v)| v),
                _ => None,
            });
            let at_position = call.arguments.get(position).filter(|a| a.name.is_empty());
            let Some(value) = by_name.or(at_position).map(|a| &a.value).or(by_field) else { continue };
            let mut said = Vec::new();
            self.value(at.moved(*file, call.symbol), value, &mut said);
            let how = format!("given by {}:{}", self.index.files[*file].path, call.line);
            out.extend(said.into_iter().map(|mut r| {
                r.how.insert(0, how.clone());
                r
            }));
        }
    }

    /// A field, by the literals that make its type: `&Publisher{topic: cfg.Topic}`, `Self { topic }`.
    pub(super) fn of_literals(&self, at: At, name: &str, out: &mut Vec<Resolved>) {
        let outline = &self.index.files[at.file].outline;
        let function =
            at.symbol.and_then(|s| outline.symbols.get(s as usize)).map_or("", |s| s.name.as_str());
        let class = outline.class_of(at.symbol).map(|c| outline.symbols[c as usize].name.as_str());
        let class = class.or_else(|| function.split_once('.').map(|(c, _)| c)).unwrap_or_default();
        let made = self.fields.get(name).into_iter().flatten();
        let fits = |(file, symbol, type_name, _): &&(usize, Option<u32>, &str, &Value)| {
            let own = if *type_name == "Self" {
                let there = &self.index.files[*file].outline;
                there.class_of(*symbol).map_or("", |c| there.symbols[c as usize].name.as_str())
            } else {
                last_name(type_name)
            };
            !class.is_empty() && own == class
        };
        for (file, symbol, _, value) in made.filter(fits).take(8) {
            self.value(at.moved(*file, *symbol), value, out);
        }
    }
}
