//! What names say: variables and constants of the nearest scope, members of classes and modules, properties that
//! configuration binds, fields of literals, constants of other files.

use super::words::{accessors, base_type, is_local, is_same, is_settings, squashed_tail, tells_topic};
use super::{At, DEPTH, MOST, Resolved, Resolver};
use crate::configuration::{Setting, is_test};
use crate::index::stem;
use crate::outline::{Constant, Outline, SymbolKind, Value};

impl Resolver<'_> {
    pub(super) fn name(&self, at: At, name: &str, out: &mut Vec<Resolved>) {
        if at.depth > DEPTH || out.len() >= MOST {
            return;
        }
        let name =
            name.trim_start_matches(['&', '*']).trim_start_matches("this.").trim_start_matches("self.");
        let name = name.replace("?.", ".").replace("::", ".").replace("!.", ".");
        let parts: Vec<&str> = name.split('.').filter(|p| !p.is_empty()).collect();
        let Some((last, before)) = parts.split_last() else { return };
        if before.last().is_some_and(|b| *b == "env") {
            return self.variable(at, last, out);
        }
        match before {
            [] => self.plain(at, last, out),
            _ => self.path(at, before, last, out),
        }
        let accessor =
            matches!(*last, "value" | "Value" | "name" | "Name" | "code" | "topic" | "text" | "label");
        if out.is_empty() && accessor && !before.is_empty() {
            self.name(at.down(), &before.join("."), out);
        }
    }

    /// A name on its own: nearest scope first, then what injects it, then callers, then other files.
    pub(super) fn plain(&self, at: At, name: &str, out: &mut Vec<Resolved>) {
        let outline = &self.index.files[at.file].outline;
        let mut near: Vec<(usize, &Constant)> = self
            .constants
            .get(name)
            .into_iter()
            .flatten()
            .filter(|(file, _)| *file == at.file)
            .filter_map(|(_, c)| Some((distance(outline, at.symbol, c.symbol)?, *c)))
            .collect();
        near.sort_by_key(|(d, c)| (*d, c.line));
        let own = at.symbol.and_then(|s| outline.symbols.get(s as usize));
        let is_param =
            own.is_some_and(|s| s.kind == SymbolKind::Function && s.params.iter().any(|p| p == name));
        if is_param && near.first().is_none_or(|(d, _)| *d > 0) {
            self.injected(at, name, out);
            if out.is_empty() {
                self.given(at, name, out);
            }
            return;
        }
        let before = out.len();
        for (_, constant) in near.iter().take(8) {
            if is_same(&constant.value, name) {
                let there = at.moved(at.file, constant.symbol);
                self.injected(there, name, out);
                self.given(there, name, out);
            } else {
                self.constant(at, at.file, constant, out);
            }
        }
        self.injected(at, name, out);
        if out.len() == before {
            self.class_given(at, name, out);
        }
        if out.len() == before {
            self.of_literals(at, name, out);
        }
        if out.len() == before && tells_topic(name) {
            self.elsewhere(at, name, out);
        }
    }

    pub(super) fn constant(&self, at: At, file: usize, constant: &Constant, out: &mut Vec<Resolved>) {
        let mut said = Vec::new();
        match &constant.value {
            // A member of an enum: what it is made with.
            Value::Call(callee, given) if *callee == constant.name => {
                given
                    .iter()
                    .take(3)
                    .for_each(|a| self.value(at.moved(file, constant.symbol), &a.value, &mut said));
                said.truncate(1);
            }
            value => self.value(at.moved(file, constant.symbol), value, &mut said),
        }
        let how = format!("{} in {}:{}", constant.name, self.index.files[file].path, constant.line);
        out.extend(said.into_iter().map(|mut r| {
            r.how.insert(0, how.clone());
            r
        }));
    }

    /// A path of names: a member of a class, an object or a module; a property that configuration binds.
    pub(super) fn path(&self, at: At, before: &[&str], last: &str, out: &mut Vec<Resolved>) {
        let outline = &self.index.files[at.file].outline;
        let holder = before.last().copied().unwrap_or_default();
        let type_name = base_type(self.type_of(at, holder));
        let known = self.constants.get(last).map_or(&[][..], Vec::as_slice);
        let mut members = Vec::new();
        for (file, constant) in known.iter().filter(|(_, c)| !is_local(c, last)).take(400) {
            let there = &self.index.files[*file].outline;
            let class =
                there.class_of(constant.symbol).map_or("", |c| there.symbols[c as usize].name.as_str());
            let module = constant.symbol.is_none()
                && (there.package == holder
                    || stem(&self.index.files[*file].path) == holder
                    || self.index.files[*file].path.split('/').rev().nth(1) == Some(holder));
            if class == holder || (!type_name.is_empty() && class == type_name) || module {
                self.constant(at, *file, constant, &mut members);
            }
        }
        self.objects(at, before, last, &mut members);
        let mut names: Vec<&str> = before.iter().copied().skip(1).collect();
        names.retain(|n| !matches!(*n, "Value" | "value" | "CurrentValue"));
        names.push(last);
        let receiver = outline.symbols.iter().any(|s| s.name == before[0]);
        if !receiver && (names.len() > 1 || (last.len() > 4 && (tells_topic(last) || is_settings(before[0]))))
        {
            let found = self.configuration.ending_with(&names);
            let agreed = |s: &&&Setting| names.len() < 2 || squashed_tail(s, &names) > 1;
            let found: Vec<&Setting> = found.iter().filter(agreed).copied().collect();
            out.extend(self.settings(at, &found, &names.join(".")));
        }
        out.append(&mut members);
        if out.is_empty() {
            let own = at.symbol.and_then(|s| outline.symbols.get(s as usize));
            if own.is_some_and(|s| s.name.contains('.')) && before.len() == 1 {
                self.plain(at.down(), last, out);
            }
        }
        if out.is_empty() {
            self.through_variable(at, before, last, out);
        }
        if out.is_empty() {
            self.tagged(at, last, out);
        }
        if out.is_empty() && tells_topic(last) {
            self.elsewhere(at, last, out);
        }
    }

    /// `topics.orders` where `topics` is a variable that starts as `properties.topics()`.
    pub(super) fn through_variable(&self, at: At, before: &[&str], last: &str, out: &mut Vec<Resolved>) {
        let outline = &self.index.files[at.file].outline;
        let near = self.constants.get(before[0]).into_iter().flatten().filter(|(file, _)| *file == at.file);
        let near = near.filter_map(|(_, c)| Some((distance(outline, at.symbol, c.symbol)?, c)));
        let Some((_, variable)) = near.min_by_key(|(d, _)| *d) else { return };
        let path = match &variable.value {
            Value::Name(name) => name.clone(),
            Value::Call(callee, given) if given.is_empty() => accessors(callee),
            _ => return,
        };
        if path.contains('.') && !path.split('.').any(|p| p == before[0] && path == before[0]) {
            let whole = format!(
                "{path}.{}",
                before[1..].iter().chain([&last]).copied().collect::<Vec<_>>().join(".")
            );
            self.name(at.down(), &whole, out);
        }
    }

    /// `config.topics.orders` where `config` is a literal: down its fields.
    pub(super) fn objects(&self, at: At, before: &[&str], last: &str, out: &mut Vec<Resolved>) {
        for (number, name) in before.iter().enumerate().rev() {
            for (file, constant) in self.constants.get(*name).into_iter().flatten().take(16) {
                let mut value = &constant.value;
                let mut found = true;
                for key in before[number + 1..].iter().copied().chain([last]) {
                    let fields = match value {
                        Value::Object(fields) => Some(fields),
                        Value::Call(_, given) => given.iter().find_map(|a| match &a.value {
                            Value::Object(fields) => Some(fields),
                            _ => None,
                        }),
                        _ => None,
                    };
                    match fields.and_then(|f| f.iter().find(|(k, _)| k == key)) {
                        Some((_, inner)) => value = inner,
                        None => found = false,
                    }
                    if !found {
                        break;
                    }
                }
                if found {
                    let mut said = Vec::new();
                    self.value(at.moved(*file, constant.symbol), value, &mut said);
                    let how =
                        format!("{}.{last} in {}:{}", name, self.index.files[*file].path, constant.line);
                    out.extend(said.into_iter().map(|mut r| {
                        r.how.insert(0, how.clone());
                        r
                    }));
                }
            }
        }
    }

    /// A constant of another file by its name alone.
    pub(super) fn elsewhere(&self, at: At, name: &str, out: &mut Vec<Resolved>) {
        let known = self.constants.get(name).into_iter().flatten();
        let wide = |(_, c): &&(usize, &Constant)| !is_local(c, name);
        let mut found: Vec<_> = known.filter(wide).filter(|(f, _)| *f != at.file).collect();
        found.sort_by_key(|(file, _)| is_test(&self.index.files[*file].path));
        for (file, constant) in found.into_iter().take(4) {
            if !is_same(&constant.value, name) {
                self.constant(at, *file, constant, out);
            }
        }
    }
}

/// How far away a scope is; `None` where it can't be seen from there.
pub(super) fn distance(outline: &Outline, from: Option<u32>, scope: Option<u32>) -> Option<usize> {
    let Some(scope) = scope else { return Some(100) };
    let mut next = from;
    for steps in 0..64 {
        let Some(number) = next else { break };
        if number == scope {
            return Some(steps);
        }
        next = outline.symbols.get(number as usize)?.parent;
    }
    // What another function of the same class assigns to a field.
    let class = outline.class_of(from)?;
    (outline.class_of(Some(scope)) == Some(class)).then_some(64)
}
