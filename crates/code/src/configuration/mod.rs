//! What configuration says: settings of `application.yml` and `.properties` with profiles, `appsettings.json`, `.env`,
//! TOML and INI files, Helm's values, manifests and compose files, each with the line it stands on.
//!
//! Names are compared the way frameworks bind them: without case, dashes, underscores and the kind of separator, so that
//! `ORDERS_TOPIC`, `orders.topic` and `Orders:Topic` are the same setting.

mod json;
mod lines;
mod yaml;

use crate::checkout::SourceFile;
use std::collections::HashMap;

/// One setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// Its name, with dots between the parts.
    pub key: String,
    /// Its value as written.
    pub value: String,
    /// Path of its file.
    pub path: String,
    /// Line, from 1.
    pub line: u32,
    /// The profile or environment that it is for; empty for all.
    pub profile: String,
}

/// A value with its place inside one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Flat {
    pub(crate) path: Vec<String>,
    pub(crate) value: String,
    pub(crate) line: u32,
    /// Which of several documents of a file.
    pub(crate) document: u32,
}

/// At most so many settings are kept of one checkout, and of one file.
const MOST: usize = 200_000;
pub(crate) const MOST_OF_FILE: usize = 20_000;

/// All settings of a checkout.
#[derive(Debug, Default)]
pub struct Configuration {
    /// The settings, in the order of files and lines.
    pub settings: Vec<Setting>,
    by_name: HashMap<String, Vec<u32>>,
    by_last: HashMap<String, Vec<u32>>,
}

impl Configuration {
    /// Reads the configuration files among the given ones.
    pub fn read(files: &[SourceFile]) -> Self {
        let mut out = Self::default();
        for file in files {
            if out.settings.len() >= MOST {
                break;
            }
            for setting in settings(file) {
                out.add(setting);
            }
        }
        out
    }

    fn add(&mut self, setting: Setting) {
        let number = self.settings.len() as u32;
        let name = without_index(&setting.key);
        self.by_name.entry(squash(name)).or_default().push(number);
        if let Some(last) = parts(name).last() {
            self.by_last.entry(squash(last)).or_default().push(number);
        }
        self.settings.push(setting);
    }

    /// The settings of a name: those for all profiles first, tests last.
    pub fn get(&self, name: &str) -> Vec<&Setting> {
        self.ranked(self.by_name.get(&squash(name)).map_or(&[], Vec::as_slice))
    }

    /// The settings whose names end with these parts, such as `topics` and `pickReady`; only those that agree in the
    /// most parts.
    pub fn ending_with(&self, names: &[&str]) -> Vec<&Setting> {
        let Some(last) = names.last() else { return Vec::new() };
        let alike = |setting: &Setting| {
            let name = without_index(&setting.key);
            let own: Vec<String> = parts(name).map(squash).collect();
            own.iter().rev().zip(names.iter().rev()).take_while(|(a, b)| **a == squash(b)).count()
        };
        let found = self.by_last.get(&squash(last)).map_or(&[][..], Vec::as_slice);
        let best = found.iter().map(|n| alike(&self.settings[*n as usize])).max().unwrap_or(0);
        let best_ones: Vec<u32> =
            found.iter().copied().filter(|n| alike(&self.settings[*n as usize]) == best).collect();
        self.ranked(&best_ones)
    }

    /// Settings below a name, with what follows it.
    pub fn below<'a>(&'a self, name: &'a str) -> impl Iterator<Item = (&'a str, &'a Setting)> + 'a {
        let wanted = name.to_lowercase();
        self.settings.iter().filter_map(move |s| {
            let lower = s.key.to_lowercase();
            let rest = lower.strip_prefix(&wanted)?.strip_prefix('.')?;
            Some((&s.key[s.key.len() - rest.len()..], s))
        })
    }

    /// Settings whose value names this, alone or in a list, as it stands or as a placeholder's default.
    pub fn naming<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Setting> + 'a {
        let is = move |v: &str| v.trim() == name || v.trim().ends_with(&format!(":{name}}}"));
        self.settings.iter().filter(move |s| s.value.contains(name) && s.value.split(',').any(is))
    }

    fn ranked(&self, numbers: &[u32]) -> Vec<&Setting> {
        let mut out: Vec<&Setting> = numbers.iter().map(|n| &self.settings[*n as usize]).collect();
        out.sort_by_key(|s| (is_test(&s.path), !s.profile.is_empty()));
        out
    }
}

/// A name without case and separators.
pub(crate) fn squash(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

fn parts(name: &str) -> impl Iterator<Item = &str> {
    name.split(['.', ':']).flat_map(|p| p.split("__")).filter(|p| !p.is_empty())
}

/// `topics[0]` is a value of `topics`.
fn without_index(key: &str) -> &str {
    let trimmed = key.trim_end_matches(|c: char| c.is_ascii_digit() || matches!(c, '[' | ']' | '.'));
    if key.ends_with(']') { trimmed } else { key }
}

/// Whether a path is one of tests.
pub fn is_test(path: &str) -> bool {
    let lower = path.to_lowercase();
    let folder = ["test", "tests", "__tests__", "testing", "it", "e2e", "spec"];
    let parts: Vec<&str> = lower.split('/').collect();
    let (name, folders) = parts.split_last().map_or(("", &[][..]), |(n, f)| (*n, f));
    folders.iter().any(|p| folder.contains(p) || ["-tests", ".tests"].iter().any(|e| p.ends_with(e)))
        || ["_test.", ".test.", ".spec.", "tests.cs", "test.java", "test.kt", "-test."]
            .iter()
            .any(|e| name.contains(e))
        || name.starts_with("test_")
        || name == "conftest.py"
}

/// The settings of one file.
fn settings(file: &SourceFile) -> Vec<Setting> {
    let name = file.path.rsplit('/').next().unwrap_or(&file.path);
    let lower = name.to_lowercase();
    let ending = lower.rsplit('.').next().unwrap_or_default();
    let flat = if lower.starts_with(".env") || ending == "env" {
        lines::environment(&file.text)
    } else {
        match ending {
            "yml" | "yaml" => yaml::read(&file.text),
            "properties" => lines::properties(&file.text),
            "json" if !matches!(lower.as_str(), "package.json" | "package-lock.json" | "tsconfig.json") => {
                json::read(&file.text)
            }
            "toml" | "ini" | "cfg" | "conf" => lines::sections(&file.text),
            _ => return Vec::new(),
        }
    };
    of_flat(&file.path, &lower, &flat)
}

/// The values of a YAML text with their paths.
pub(crate) fn flat_yaml(text: &str) -> Vec<Flat> {
    yaml::read(text)
}

fn of_flat(path: &str, name: &str, flat: &[Flat]) -> Vec<Setting> {
    let by_name = profile_of(name);
    let mut profiles: HashMap<u32, String> = HashMap::new();
    for value in flat {
        let key = value.path.join(".");
        if matches!(key.as_str(), "spring.config.activate.on-profile" | "spring.profiles") {
            profiles.insert(value.document, value.value.clone());
        }
    }
    let mut out = Vec::new();
    for (number, value) in flat.iter().enumerate() {
        let profile = profiles.get(&value.document).cloned().unwrap_or_else(|| by_name.clone());
        let setting = |key: String, text: &str| Setting {
            key,
            value: text.to_owned(),
            path: path.to_owned(),
            line: value.line,
            profile: profile.clone(),
        };
        if let Some((key, text)) = environment_of(value, flat.get(number + 1)) {
            out.push(setting(key, &text));
        }
        // A manifest may hold a whole file of configuration.
        let inner = value.path.last().map(String::as_str).filter(|_| value.value.contains('\n'));
        if let Some(inner) = inner.filter(|n| n.contains('.')) {
            let text = SourceFile { path: inner.to_owned(), text: value.value.clone() };
            let held = settings(&text).into_iter();
            out.extend(held.map(|s| Setting { path: path.to_owned(), line: value.line + s.line, ..s }));
            continue;
        }
        out.push(setting(value.path.join("."), &value.value));
    }
    out
}

/// A variable of the environment in a compose file or a manifest: `environment: [K=V]`, `env: [{name, value}]`,
/// `KEY: value`.
fn environment_of(value: &Flat, next: Option<&Flat>) -> Option<(String, String)> {
    let last = value.path.last()?;
    let list = value.path.iter().any(|p| p == "environment" || p == "env");
    if list && last.starts_with('[') {
        let (key, text) = value.value.split_once('=')?;
        return is_variable(key).then(|| (key.to_owned(), text.to_owned()));
    }
    if last == "name"
        && let Some(next) = next.filter(|n| n.path.last().is_some_and(|l| l == "value"))
        && next.path.len() == value.path.len()
        && is_variable(&value.value)
    {
        return Some((value.value.clone(), next.value.clone()));
    }
    (value.path.len() > 1 && is_variable(last)).then(|| (last.clone(), value.value.clone()))
}

/// Whether a name looks like a variable of the environment.
fn is_variable(name: &str) -> bool {
    name.len() > 1
        && name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
        && name.starts_with(|c: char| c.is_ascii_uppercase())
}

/// `application-prod.yml`, `appsettings.Development.json`, `values-eu.yaml`, `.env.local`.
fn profile_of(name: &str) -> String {
    if let Some(rest) = name.strip_prefix(".env.") {
        return rest.to_owned();
    }
    let stem = name.rsplit_once('.').map_or(name, |(s, _)| s);
    for base in ["application", "bootstrap", "appsettings", "values", "config"] {
        if let Some(rest) = stem.strip_prefix(base).and_then(|r| r.strip_prefix(['-', '.', '_'])) {
            return rest.to_owned();
        }
    }
    String::new()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn of(files: &[(&str, &str)]) -> Configuration {
        let files: Vec<SourceFile> =
            files.iter().map(|(p, t)| SourceFile { path: (*p).into(), text: (*t).into() }).collect();
        Configuration::read(&files)
    }

    fn values(found: &[&Setting]) -> Vec<(String, u32, String)> {
        found.iter().map(|s| (s.value.clone(), s.line, s.profile.clone())).collect()
    }

    #[test]
    fn names_are_bound_as_frameworks_bind_them() {
        let configuration = of(&[
            ("src/main/resources/application.yml", "shop:\n  topics:\n    orders-accepted: orders.v1\n"),
            (
                "src/main/resources/application-eu.properties",
                "# other\nshop.topics.orders-accepted = orders.eu.v1\n",
            ),
            ("src/test/resources/application.yml", "shop:\n  topics:\n    orders-accepted: test\n"),
            (
                "compose.yaml",
                "services:\n  a:\n    environment:\n      - SHOP_TOPICS_ORDERSACCEPTED=orders.v2\n",
            ),
        ]);
        assert_eq!(
            values(&configuration.get("shop.topics.ordersAccepted")),
            [
                ("orders.v1".into(), 3, String::new()),
                ("orders.v2".into(), 4, String::new()),
                ("orders.eu.v1".into(), 2, "eu".into()),
                ("test".into(), 3, String::new()),
            ]
        );
        assert_eq!(configuration.ending_with(&["topics", "ordersAccepted"]).len(), 3);
        assert!(configuration.get("shop.topics").is_empty());
    }

    #[test]
    fn documents_lists_and_manifests_are_read() {
        let configuration = of(&[
            (
                "application.yaml",
                "a: 1\n---\nspring:\n  config:\n    activate:\n      on-profile: prod\na: 2\nlist:\n- x\n- \"y\" # no\ninline: [p, 'q']\n",
            ),
            (
                "k8s/deployment.yaml",
                "spec:\n  containers:\n    - name: app\n      env:\n        - name: ORDERS_TOPIC\n          value: orders.v3\n",
            ),
            (
                "k8s/map.yaml",
                "data:\n  PICKS_TOPIC: picks.v1\n  application.yml: |\n    deep:\n      topic: deep.v1\n",
            ),
            (
                "appsettings.Development.json",
                "{ // comment\n \"Kafka\": {\n  \"Topic\": \"orders.v4\", \"Many\": [\"a\",]\n }}",
            ),
            (".env", "export PARCELS_TOPIC='parcels.v1'\n"),
            ("config.toml", "[kafka]\ntopic = \"toml.v1\"\n"),
        ]);
        let one = |name: &str| values(&configuration.get(name)).first().cloned().unwrap();
        assert_eq!(
            values(&configuration.get("a")),
            [("1".into(), 1, String::new()), ("2".into(), 7, "prod".into())]
        );
        assert_eq!(
            values(&configuration.get("list")).iter().map(|v| v.0.as_str()).collect::<Vec<_>>(),
            ["x", "y"]
        );
        assert_eq!(
            values(&configuration.get("inline")).iter().map(|v| v.0.as_str()).collect::<Vec<_>>(),
            ["p", "q"]
        );
        assert_eq!(one("ORDERS_TOPIC"), ("orders.v3".into(), 5, String::new()));
        assert_eq!(one("PICKS_TOPIC"), ("picks.v1".into(), 2, String::new()));
        assert_eq!(one("deep.topic"), ("deep.v1".into(), 5, String::new()));
        assert_eq!(
            values(&configuration.get("Kafka:Topic")),
            [("toml.v1".into(), 2, String::new()), ("orders.v4".into(), 3, "development".into())]
        );
        assert_eq!(one("Kafka:Many").0, "a");
        assert_eq!(one("parcelsTopic"), ("parcels.v1".into(), 1, String::new()));
    }

    proptest! {
        #[test]
        fn any_text_is_read(text in "(?s).{0,300}", name in prop::sample::select(vec!["a.yml", "a.json", "a.properties", ".env", "a.toml"])) {
            of(&[(name, &text)]);
        }

        #[test]
        fn any_structure_is_read(text in "([-:#'\"|>\\[\\]{},. \n\tab]){0,200}") {
            of(&[("a.yml", &text), ("a.json", &text), ("a.toml", &text)]);
        }
    }
}
