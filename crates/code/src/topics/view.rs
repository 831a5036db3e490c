//! A file as the frameworks' modules see it, and what they find there.

use super::TopicRole;
use super::values::named;
use crate::configuration::{Configuration, Setting};
use crate::outline::{Annotation, Call, Language, Outline, Value, last_name};
use crate::resolve::{At, Resolved, Resolver};

/// A use before its name is resolved.
pub(crate) struct Found<'a> {
    pub(super) role: TopicRole,
    pub(super) framework: &'static str,
    pub(super) line: u32,
    pub(super) end_line: u32,
    pub(super) symbol: Option<u32>,
    pub(super) names: Vec<&'a Value>,
    /// Names that the framework's configuration tells.
    pub(super) told: Vec<Resolved>,
    pub(super) pattern: bool,
    pub(super) group: Option<&'a Value>,
    /// The function that is called, when it stands elsewhere: file, symbol.
    pub(super) place: Option<(usize, u32)>,
    /// What is made here and used elsewhere: the call that makes it, the methods that read or send by it.
    pub(super) made: Option<(&'a Call, &'static [&'static str])>,
}

impl<'a> Found<'a> {
    pub(super) fn call(
        role: TopicRole,
        framework: &'static str,
        call: &'a Call,
        names: Vec<&'a Value>,
    ) -> Self {
        let (line, end_line, symbol) = (call.line, call.end_line, call.symbol);
        Self {
            role,
            framework,
            line,
            end_line,
            symbol,
            names,
            told: Vec::new(),
            pattern: false,
            group: None,
            place: None,
            made: None,
        }
    }

    pub(super) fn annotation(
        role: TopicRole,
        framework: &'static str,
        view: &View<'a>,
        annotation: &'a Annotation,
        names: Vec<&'a Value>,
    ) -> Self {
        Self {
            role,
            framework,
            line: annotation.line,
            end_line: annotation.target_line,
            symbol: view.outline.annotated(annotation),
            names,
            told: Vec::new(),
            pattern: false,
            group: named(&annotation.arguments, &["groupId", "group", "group_id"]),
            place: None,
            made: None,
        }
    }
}

/// A file as the frameworks' modules see it.
pub(crate) struct View<'a> {
    pub(super) resolver: &'a Resolver<'a>,
    pub(super) file: usize,
    pub(super) outline: &'a Outline,
}

impl<'a> View<'a> {
    pub(super) fn language(&self) -> Language {
        self.outline.language
    }

    /// Whether an import holds this.
    pub(super) fn imports(&self, part: &str) -> bool {
        self.outline.imports.iter().any(|i| i.contains(part))
    }

    pub(super) fn at(&self, symbol: Option<u32>) -> At {
        At::new(self.file, symbol)
    }

    /// The type of what a call is made on, and its name, in lower case.
    pub(super) fn receiver(&self, call: &Call) -> (String, String) {
        let receiver = call.receiver();
        let name = last_name(receiver.trim_end_matches("()"));
        let type_name = if name.is_empty() { "" } else { self.resolver.type_of(self.at(call.symbol), name) };
        (type_name.to_lowercase(), receiver.to_lowercase())
    }

    /// Whether the type, or the name where no type is known, of what a call is made on holds one of these words.
    pub(super) fn is_on(&self, call: &Call, words: &[&str]) -> bool {
        let (type_name, name) = self.receiver(call);
        words.iter().any(|w| type_name.contains(w) || name.contains(w))
    }

    pub(super) fn configuration(&self) -> &'a Configuration {
        self.resolver.configuration
    }

    /// What a value says, when that can be told.
    pub(super) fn text(&self, symbol: Option<u32>, value: &Value) -> Option<String> {
        self.resolver.texts(self.at(symbol), value).into_iter().next().map(|r| r.text)
    }

    /// What a setting says, with its placeholders filled in.
    pub(super) fn setting(&self, setting: &Setting) -> Vec<Resolved> {
        let value = Value::Text(crate::outline::Template::literal(&setting.value));
        let how = format!("{} in {}:{}", setting.key, setting.path, setting.line);
        let mut said = self.resolver.texts(self.at(None), &value);
        said.iter_mut().for_each(|r| r.how.insert(0, how.clone()));
        said
    }

    /// A function of a class, by the class's name.
    pub(super) fn class(&self, class: &str, function: &str) -> Option<(usize, u32)> {
        let named = self.resolver.index.named(last_name(class));
        named.iter().find_map(|(file, symbol)| {
            let outline = &self.resolver.index.files[*file as usize].outline;
            let own = |s: &crate::outline::Symbol| s.parent == Some(*symbol) && s.name == function;
            outline.symbols.iter().position(own).map(|n| (*file as usize, n as u32))
        })
    }
}
