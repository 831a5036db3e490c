//! What settings say: placeholders with defaults, templates' values, variables of the environment, what injects them.

use super::{At, DEPTH, MOST, Resolved, Resolver};
use crate::configuration::{Setting, is_test};
use crate::outline::{Annotation, Value, last_name};

impl Resolver<'_> {
    /// A text with its placeholders filled in: `${a.b:default}`, `#{'${a}'.split(',')}`, `{{ .Values.a.b }}`.
    pub(super) fn expand(&self, at: At, text: &str, how: &[String], out: &mut Vec<Resolved>) {
        if at.depth > DEPTH || out.len() >= MOST {
            return;
        }
        if let Some(inner) = text.strip_prefix("#{").and_then(|t| t.strip_suffix('}')) {
            let bare = inner.split(".split(").next().unwrap_or(inner).trim().trim_matches(['\'', '"', ' ']);
            if bare.contains("${") {
                return self.expand(at.down(), bare, how, out);
            }
            let path = bare.trim_start_matches(['@', '_']).trim_start_matches("__listener.");
            return self.name(at.down(), path.trim_end_matches("()"), out);
        }
        let (open, close) = if text.contains("${") { ("${", '}') } else { ("{{", '}') };
        let Some(from) = text.find(open) else {
            out.push(Resolved::of(text, how.to_vec()));
            return;
        };
        let inside = &text[from + 2..];
        let Some(end) = closing(inside, close) else {
            out.push(Resolved::of(text, how.to_vec()));
            return;
        };
        let after = &inside[end..];
        let after = after.strip_prefix("}}").filter(|_| open == "{{").or_else(|| after.strip_prefix('}'));
        let filled =
            if open == "{{" { self.helm(at, &inside[..end]) } else { self.placeholder(at, &inside[..end]) };
        for said in filled {
            let whole = format!("{}{}{}", &text[..from], said.text, after.unwrap_or_default());
            let how: Vec<String> = how.iter().chain(&said.how).cloned().collect();
            self.expand(at.down(), &whole, &how, out);
        }
    }

    /// `a.b:default`.
    pub(super) fn placeholder(&self, at: At, inside: &str) -> Vec<Resolved> {
        let (key, default) = match inside.split_once(':') {
            Some((key, default)) => (key, Some(default.strip_prefix('-').unwrap_or(default))),
            None => (inside, None),
        };
        let mut out = self.settings(at, &self.configuration.get(key), &format!("${{{key}}}"));
        if let Some(default) = default.filter(|d| !d.is_empty()) {
            let how = vec![format!("the default of ${{{key}}}")];
            out.push(Resolved::of(default, how));
        }
        out
    }

    /// `.Values.a.b | default "c"`.
    pub(super) fn helm(&self, at: At, inside: &str) -> Vec<Resolved> {
        let path = inside.split_whitespace().find_map(|w| w.strip_prefix(".Values."));
        let mut out = path
            .map(|p| self.settings(at, &self.configuration.get(p), &format!(".Values.{p}")))
            .unwrap_or_default();
        if let Some(default) = inside.split("default").nth(1).and_then(|d| d.split('"').nth(1)) {
            out.push(Resolved::of(default, vec!["a template's default".to_owned()]));
        }
        out
    }

    pub(super) fn settings(&self, at: At, settings: &[&Setting], name: &str) -> Vec<Resolved> {
        let mut out = Vec::new();
        let main = settings.iter().any(|s| !is_test(&s.path));
        for setting in settings.iter().filter(|s| !main || !is_test(&s.path)).take(8) {
            let profile =
                if setting.profile.is_empty() { String::new() } else { format!(", for {}", setting.profile) };
            let how = vec![format!("{name} in {}:{}{profile}", setting.path, setting.line)];
            if setting.value.contains("${") && setting.value.contains(name) {
                continue;
            }
            self.expand(at.down(), &setting.value, &how, &mut out);
        }
        out
    }

    /// A variable of the environment, with what else is known of it.
    pub(super) fn variable(&self, at: At, key: &str, out: &mut Vec<Resolved>) {
        out.extend(self.settings(at, &self.configuration.get(key), key));
    }

    /// `@Value("${a.b}") String name`, `@ConfigProperty(name = "a.b")`, Go's tags, clap's `#[arg(env = "A")]`.
    pub(super) fn injected(&self, at: At, name: &str, out: &mut Vec<Resolved>) {
        let outline = &self.index.files[at.file].outline;
        let class = outline.class_of(at.symbol);
        for annotation in outline.annotations.iter().filter(|a| a.target == name) {
            if outline.class_of(annotation.symbol) == class {
                self.injection(at, annotation, out);
            }
        }
    }

    pub(super) fn injection(&self, at: At, annotation: &Annotation, out: &mut Vec<Resolved>) {
        let named = |name: &str| annotation.arguments.iter().find(|a| a.name == name).map(|a| &a.value);
        match last_name(&annotation.name) {
            "Value" | "Property" => {
                if let Some(given) = annotation.arguments.first() {
                    self.value(at.down(), &given.value, out);
                }
            }
            "ConfigProperty" => {
                if let Some(key) = named("name").and_then(Value::plain) {
                    out.extend(self.settings(at, &self.configuration.get(key), key));
                }
                if let Some(default) = named("defaultValue") {
                    self.value(at.down(), default, out);
                }
            }
            "tag" => {
                let Some(tag) = annotation.arguments.first().and_then(|a| a.value.plain()) else { return };
                for (key, value) in tags(tag) {
                    let key = key.to_lowercase();
                    let value = value.split(',').next().unwrap_or(value);
                    if key.contains("default") {
                        let how = vec![format!("the default of {}", annotation.target)];
                        out.push(Resolved::of(value, how));
                    } else if matches!(key.as_str(), "env" | "envconfig" | "mapstructure" | "yaml" | "koanf")
                    {
                        self.variable(at, value, out);
                    }
                }
            }
            _ => {}
        }
    }

    /// A field of another file's struct, by its tag.
    pub(super) fn tagged(&self, at: At, name: &str, out: &mut Vec<Resolved>) {
        for (number, file) in self.index.files.iter().enumerate() {
            for annotation in file.outline.annotations.iter().filter(|a| a.target == name) {
                self.injection(at.moved(number, annotation.symbol), annotation, out);
            }
        }
    }
}

/// Where the brace that is open closes.
fn closing(text: &str, close: char) -> Option<usize> {
    let mut depth = 0usize;
    for (at, c) in text.char_indices() {
        match c {
            '{' => depth += 1,
            c if c == close && depth == 0 => return Some(at),
            c if c == close => depth -= 1,
            _ => {}
        }
    }
    None
}

/// `key:"value"` pairs of a tag.
fn tags(tag: &str) -> Vec<(&str, &str)> {
    let mut out = Vec::new();
    let mut rest = tag;
    while let Some((key, after)) = rest.split_once(":\"") {
        let Some((value, next)) = after.split_once('"') else { break };
        out.push((key.trim(), value));
        rest = next;
    }
    out
}
