//! Tables as the code has them: columns, unique keys and foreign keys of migrations and entities, each with its line, and
//! the calls that write a table through an entity.

mod ddl;
mod django;
mod entity_framework;
mod jpa;
mod laravel;
mod liquibase;
mod prisma;
mod rails;
mod sqlalchemy;
mod typeorm;
mod writers;

use crate::checkout::SourceFile;
use crate::configuration::is_test;
use crate::index::{Index, IndexedFile};
use crate::outline::{Argument, Value};
use crate::places::Statement;

/// What a definition constrains.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Constraint {
    /// A primary key.
    Primary,
    /// A unique key or index.
    Unique,
    /// A foreign key.
    Foreign,
    /// A condition that rows must meet.
    Check,
}

/// A key or condition of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// What it is.
    pub constraint: Constraint,
    /// Its name, where one is written or follows from the database's rule.
    pub name: String,
    /// Its columns.
    pub columns: Vec<String>,
    /// The table that it refers to, of a foreign key.
    pub refers_to: String,
    /// Line, from 1.
    pub line: u32,
}

/// A table, or a part of one that a migration adds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    /// Its name without a schema.
    pub name: String,
    /// Names of columns.
    pub columns: Vec<String>,
    /// Its keys.
    pub keys: Vec<Key>,
    /// Path of the file.
    pub path: String,
    /// Line, from 1.
    pub line: u32,
    /// What defines it: `SQL`, `JPA`, `EF`, …
    pub by: &'static str,
    /// The class that is its entity; empty for migrations.
    pub entity: String,
}

impl Table {
    fn new(name: &str, path: &str, line: u32, by: &'static str) -> Self {
        Self { name: bare(name), path: path.to_owned(), line, by, ..Self::default() }
    }

    fn key(&mut self, constraint: Constraint, name: &str, columns: Vec<String>, line: u32) -> &mut Key {
        let key = Key { constraint, name: bare(name), columns, refers_to: String::new(), line };
        let number = self.keys.len();
        self.keys.push(key);
        &mut self.keys[number]
    }
}

/// All tables of a checkout.
#[derive(Debug, Default)]
pub struct Schema {
    /// The tables, migrations before entities, tests last.
    pub tables: Vec<Table>,
    writers: Vec<(String, Statement)>,
}

impl Schema {
    /// Reads migrations and entities.
    pub fn read(files: &[SourceFile], index: &Index) -> Self {
        let mut tables = Vec::new();
        for file in files.iter().filter(|f| !is_undone(&f.path)) {
            match file.path.rsplit('.').next().unwrap_or_default() {
                "sql" => ddl::read(&file.path, &file.text, 1, &mut tables),
                "prisma" => prisma::read(&file.path, &file.text, &mut tables),
                "xml" => liquibase::read(&file.path, &file.text, &mut tables),
                "yaml" | "yml" => liquibase::read_yaml(&file.path, &file.text, &mut tables),
                _ => {}
            }
        }
        for file in &index.files {
            embedded(file, &mut tables);
            jpa::read(file, &mut tables);
            entity_framework::read(file, &mut tables);
            sqlalchemy::read(file, &mut tables);
            django::read(file, &mut tables);
            typeorm::read(file, &mut tables);
            rails::read(file, &mut tables);
            laravel::read(file, &mut tables);
        }
        tables.sort_by_key(|t| (is_test(&t.path), !t.entity.is_empty()));
        let writers = writers::find(index, &tables);
        Self { tables, writers }
    }

    /// Where a constraint is defined: by its name, else by its table and columns.
    pub fn constraint(
        &self,
        name: Option<&str>,
        table: Option<&str>,
        columns: &[String],
    ) -> Option<Statement> {
        let table = table.map(bare);
        let of_table = |t: &&Table| table.as_ref().is_none_or(|n| *n == t.name);
        let place = |(t, k): (&Table, &Key)| Statement {
            path: t.path.clone(),
            line: u64::from(k.line),
            symbol: if t.entity.is_empty() { t.name.clone() } else { t.entity.clone() },
        };
        let keys = || self.tables.iter().filter(of_table).flat_map(|t| t.keys.iter().map(move |k| (t, k)));
        let by_name = name.map(bare).filter(|n| !n.is_empty());
        let named = by_name.and_then(|name| keys().find(|(_, k)| k.name == name));
        let same = |k: &Key| {
            let wanted: Vec<String> = columns.iter().map(|c| bare(c)).collect();
            !wanted.is_empty() && table.is_some() && k.columns == wanted
        };
        named.or_else(|| keys().find(|(_, k)| same(k))).map(place)
    }

    /// The calls that write a table through its entity.
    pub fn writers(&self, table: &str) -> impl Iterator<Item = &Statement> {
        let name = bare(table);
        self.writers.iter().filter(move |(t, _)| *t == name).map(|(_, place)| place)
    }

    /// Tables by name, each once, with what all its definitions say.
    pub fn merged(&self) -> Vec<Table> {
        let mut out: Vec<Table> = Vec::new();
        for table in self.tables.iter().filter(|t| !is_test(&t.path)) {
            match out.iter_mut().find(|t| t.name == table.name) {
                Some(known) => {
                    let new: Vec<String> =
                        table.columns.iter().filter(|c| !known.columns.contains(c)).cloned().collect();
                    known.columns.extend(new);
                    known.keys.extend(table.keys.iter().cloned());
                    if known.entity.is_empty() {
                        known.entity.clone_from(&table.entity);
                    }
                }
                None => out.push(table.clone()),
            }
        }
        out
    }
}

/// Migrations that take back.
fn is_undone(path: &str) -> bool {
    let lower = path.to_lowercase();
    let name = lower.rsplit('/').next().unwrap_or(&lower);
    name.contains(".down.") || name.ends_with("_down.sql") || (name.starts_with('u') && name.contains("__"))
}

/// SQL that defines tables in strings.
fn embedded(file: &IndexedFile, out: &mut Vec<Table>) {
    let calls = file.outline.calls.iter().flat_map(|c| c.arguments.iter().map(move |a| (&a.value, c.line)));
    let constants = file.outline.constants.iter().map(|c| (&c.value, c.line));
    for (value, line) in calls.chain(constants) {
        let Value::Text(template) = value else { continue };
        let text: String = template.pieces().collect::<Vec<_>>().join("?");
        let head = text.get(..4_000.min(text.len())).unwrap_or(&text).to_ascii_uppercase();
        if head.contains("CREATE TABLE") || head.contains("ALTER TABLE") || head.contains("CREATE UNIQUE") {
            ddl::read(&file.path, &text, line, out);
        }
    }
}

/// A name without schema, quotes and case.
pub(crate) fn bare(name: &str) -> String {
    let plain = |c: char| matches!(c, '"' | '`' | '[' | ']' | '\'');
    let last = name.rsplit('.').next().unwrap_or(name);
    last.trim().trim_matches(plain).to_lowercase()
}

/// `OrderLine` as `order_line`.
fn snake(name: &str) -> String {
    let mut out = String::new();
    for (number, c) in name.chars().enumerate() {
        if c.is_uppercase() && number > 0 && !out.ends_with('_') {
            out.push('_');
        }
        out.extend(c.to_lowercase());
    }
    out
}

/// Texts in an argument: one, or a list of them; `nameof(X)` and `x => x.Y` too.
fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::Text(_) => value.plain().map(str::to_owned).into_iter().collect(),
        Value::List(values) => values.iter().flat_map(texts).collect(),
        Value::Name(name) => vec![crate::outline::last_name(name).to_owned()],
        Value::Call(callee, given) if callee == "nameof" => {
            given.iter().flat_map(|a| texts(&a.value)).collect()
        }
        _ => Vec::new(),
    }
}

fn named<'a>(given: &'a [Argument], name: &str) -> Option<&'a Value> {
    given.iter().find(|a| a.name == name).map(|a| &a.value)
}

fn text_of(given: &[Argument], name: &str) -> Option<String> {
    named(given, name).and_then(|v| texts(v).into_iter().next())
}

fn is_true(value: Option<&Value>) -> bool {
    matches!(value, Some(Value::Name(n)) if n.eq_ignore_ascii_case("true"))
}

fn field<'a>(given: &'a [Argument], name: &str) -> Option<&'a Value> {
    given.iter().find_map(|a| match &a.value {
        Value::Object(fields) => fields.iter().find(|(k, _)| k == name).map(|(_, v)| v),
        _ => None,
    })
}

#[cfg(test)]
mod tests;
