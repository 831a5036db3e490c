//! Strict access to a TOML table: whatever is not understood is a failure with its place.

use crate::diagnostics::{Failure, Place, did_you_mean};
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

/// The file being read.
pub struct File<'a> {
    /// Name for messages.
    pub name: &'a str,
    /// Its text.
    pub source: &'a str,
    /// What `env:` values are resolved with.
    pub environment: &'a dyn Fn(&str) -> Option<String>,
}

/// A table of the file with its title.
pub struct Table<'a> {
    /// The file.
    pub file: &'a File<'a>,
    /// `[entity.order] stuck`; empty for the root.
    pub title: String,
    inner: &'a DeTable<'a>,
    span: Range<usize>,
}

/// A value with its place.
pub struct Value<'a> {
    /// The file.
    pub file: &'a File<'a>,
    /// `name in [service.x]`.
    pub title: String,
    inner: &'a Spanned<DeValue<'a>>,
}

impl<'a> Table<'a> {
    /// Wraps a table.
    pub fn new(file: &'a File<'a>, title: String, table: &'a DeTable<'a>, span: Range<usize>) -> Self {
        Self { file, title, inner: table, span }
    }

    /// Fails at the first key that is not one of these.
    pub fn only(&self, known: &[&str]) -> Result<(), Failure> {
        for key in self.keys() {
            if !known.contains(&key.get_ref().as_ref()) {
                let name = key.get_ref();
                let what = if self.title.is_empty() {
                    format!("unknown section [{name}]")
                } else {
                    format!("unknown key `{name}` in {}", self.title)
                };
                return Err(Failure::usage(what)
                    .at(self.place(key.span()))
                    .hint(did_you_mean(name, known.iter().copied())));
            }
        }
        Ok(())
    }

    /// The keys in the file's order.
    fn keys(&self) -> Vec<&'a Spanned<DeString<'a>>> {
        let mut keys: Vec<_> = self.inner.keys().collect();
        keys.sort_by_key(|k| k.span().start);
        keys
    }

    /// The value of a key.
    pub fn get(&self, key: &str) -> Option<Value<'a>> {
        let value = self.inner.get(key)?;
        let title =
            if self.title.is_empty() { format!("`{key}`") } else { format!("`{key}` in {}", self.title) };
        Some(Value { file: self.file, title, inner: value })
    }

    /// The text of a key.
    pub fn text(&self, key: &str) -> Result<Option<String>, Failure> {
        self.get(key).map(|v| v.text()).transpose()
    }

    /// The text of a key that must be there.
    pub fn required(&self, key: &str, example: &str) -> Result<String, Failure> {
        self.text(key)?.ok_or_else(|| self.lacks(key, example))
    }

    /// The failure of a key that must be there.
    pub fn lacks(&self, key: &str, example: &str) -> Failure {
        Failure::usage(format!("{} lacks `{key}`", self.title))
            .at(self.place(self.span.clone()))
            .hint(format!("such as: {example}"))
    }

    /// A table below this one.
    pub fn table(&self, key: &str) -> Result<Option<Table<'a>>, Failure> {
        let title = match self.title.strip_suffix(']') {
            Some(open) => format!("{open}.{key}]"),
            None => format!("[{key}]"),
        };
        self.get(key).map(|v| v.table(title)).transpose()
    }

    /// The tables below this one by name, in the file's order.
    pub fn tables(&self) -> Result<Vec<(String, Table<'a>)>, Failure> {
        let names: Vec<String> = self.keys().iter().map(|k| k.get_ref().to_string()).collect();
        names.into_iter().map(|n| Ok((n.clone(), self.table(&n)?))).filter_map(swap).collect()
    }

    /// A failure at this table's head.
    pub fn fail(&self, what: impl Into<String>) -> Failure {
        Failure::usage(what).at(self.place(self.span.clone()))
    }

    fn place(&self, span: Range<usize>) -> Place {
        let line = self.file.source[span.start.min(self.file.source.len())..].find('\n');
        let end = line.map_or(span.end, |n| span.end.min(span.start + n));
        Place::new(self.file.name, self.file.source, span.start..end)
    }
}

fn swap<T>(pair: Result<(String, Option<T>), Failure>) -> Option<Result<(String, T), Failure>> {
    match pair {
        Ok((name, value)) => value.map(|v| Ok((name, v))),
        Err(failure) => Some(Err(failure)),
    }
}

impl<'a> Value<'a> {
    /// A failure at this value.
    pub fn fail(&self, what: impl Into<String>) -> Failure {
        let span = self.inner.span();
        Failure::usage(what).at(Place::new(self.file.name, self.file.source, span))
    }

    fn expected(&self, what: &str) -> Failure {
        self.fail(format!("{} must be {what}", self.title))
    }

    /// As text; what stands behind `env:` comes from the environment.
    pub fn text(&self) -> Result<String, Failure> {
        let text = self.inner.get_ref().as_str().ok_or_else(|| self.expected("text in quotes"))?;
        let Some(name) = text.strip_prefix("env:") else {
            if text.trim().is_empty() {
                return Err(self.expected("more than nothing"));
            }
            return Ok(text.to_owned());
        };
        (self.file.environment)(name).filter(|v| !v.is_empty()).ok_or_else(|| {
            self.fail(format!("the environment variable {name} is not set"))
                .hint(format!("set it: export {name}=…"))
        })
    }

    /// As text that only the environment may say.
    pub fn secret(&self) -> Result<String, Failure> {
        if self.is_from_environment() {
            return self.text();
        }
        Err(self
            .fail(format!("{} is a secret and does not belong into a file", self.title))
            .hint("name an environment variable that holds it, such as \"env:STORE_PASSWORD\""))
    }

    /// As the address of a server, in which only the environment may put a password.
    pub fn url(&self) -> Result<String, Failure> {
        let url = self.text()?;
        let rest = url.split_once("://").map_or(url.as_str(), |(_, rest)| rest);
        let login = rest.split(['/', '?']).next().and_then(|host| host.rsplit_once('@'));
        if login.is_some_and(|(login, _)| login.contains(':')) && !self.is_from_environment() {
            return Err(self
                .fail(format!("{} holds a password, which does not belong into a file", self.title))
                .hint("name an environment variable that holds the address, such as \"env:STORE_URL\""));
        }
        Ok(url)
    }

    fn is_from_environment(&self) -> bool {
        self.inner.get_ref().as_str().is_some_and(|text| text.starts_with("env:"))
    }

    /// Text, a number or a boolean, as text.
    pub fn scalar(&self) -> Result<String, Failure> {
        match self.inner.get_ref() {
            DeValue::String(_) => self.text(),
            DeValue::Integer(n) => {
                let value = i64::from_str_radix(&n.as_str().replace('_', ""), n.radix());
                value.map(|v| v.to_string()).map_err(|_| self.expected("a number of at most 64 bits"))
            }
            DeValue::Float(n) => Ok(n.as_str().to_owned()),
            DeValue::Boolean(b) => Ok(b.to_string()),
            DeValue::Datetime(d) => Ok(d.to_string()),
            _ => Err(self.expected("text, a number or a boolean")),
        }
    }

    /// One scalar or a list of them, as cells spell them: databases without booleans keep 1 and 0.
    pub fn cells(&self) -> Result<Vec<String>, Failure> {
        let spellings = |value: &Value<'_>| {
            let number = value.inner.get_ref().as_bool().map(|flag| u8::from(flag).to_string());
            Ok([value.scalar()?].into_iter().chain(number).collect::<Vec<_>>())
        };
        if !matches!(self.inner.get_ref(), DeValue::Array(_)) {
            return spellings(self);
        }
        let all: Vec<Vec<String>> = self.list()?.iter().map(spellings).collect::<Result<_, Failure>>()?;
        if all.is_empty() { Err(self.expected("at least one value")) } else { Ok(all.concat()) }
    }

    /// The members of a list.
    pub fn list(&self) -> Result<Vec<Value<'a>>, Failure> {
        let DeValue::Array(array) = self.inner.get_ref() else {
            return Err(self.expected("a list"));
        };
        let member = |inner| Value { file: self.file, title: format!("a member of {}", self.title), inner };
        Ok(array.iter().map(member).collect())
    }

    /// As a table.
    pub fn table(&self, title: String) -> Result<Table<'a>, Failure> {
        match self.inner.get_ref() {
            DeValue::Table(table) => Ok(Table::new(self.file, title, table, self.inner.span())),
            _ => Err(self.expected("a table")),
        }
    }

    /// Whether it is `true`.
    pub fn flag(&self) -> Result<bool, Failure> {
        self.inner.get_ref().as_bool().ok_or_else(|| self.expected("true or false"))
    }
}
