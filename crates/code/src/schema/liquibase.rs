//! Liquibase's change logs: XML read tag by tag, YAML line by line.

use super::{Constraint, Table};

pub(super) fn read(path: &str, text: &str, out: &mut Vec<Table>) {
    if !text.contains("databaseChangeLog") {
        return;
    }
    let mut open: Option<Table> = None;
    let mut column = String::new();
    let (mut rest, mut line) = (text, 1u32);
    while let Some(at) = rest.find('<') {
        line += rest[..at].matches('\n').count() as u32;
        let from = &rest[at + 1..];
        let comment = from.starts_with("!--");
        let end = if comment { from.find("-->") } else { from.find('>') };
        let Some(end) = end else { break };
        let tag = &from[..end];
        if !comment {
            read_tag(path, tag, line, &mut open, &mut column, out);
        }
        line += from[..end].matches('\n').count() as u32;
        rest = &from[end..];
    }
    out.extend(open);
}

/// A change log in YAML, in blocks or in braces.
pub(super) fn read_yaml(path: &str, text: &str, out: &mut Vec<Table>) {
    if !text.contains("databaseChangeLog") {
        return;
    }
    let mut change = Change::default();
    for (number, line) in text.lines().enumerate() {
        let line = line.split(" #").next().unwrap_or(line);
        let braced = line.contains('{');
        for part in line.split(|c| braced && matches!(c, '{' | '}' | ',')) {
            let part = part.trim().trim_start_matches("- ").trim();
            let (key, value) = part.split_once(':').unwrap_or((part, ""));
            let value = value.trim().trim_matches(['"', '\'']);
            change.read(path, key.trim().trim_matches(['"', '\'']), value, number as u32 + 1, out);
        }
    }
    change.end(path, out);
}

/// One change of a change log while it is read.
#[derive(Default)]
struct Change {
    kind: &'static str,
    line: u32,
    table: Option<Table>,
    column: String,
    /// Whether a name is that of a column.
    in_column: bool,
    name: String,
    on: String,
    columns: Vec<String>,
}

impl Change {
    fn read(&mut self, path: &str, key: &str, value: &str, line: u32, out: &mut Vec<Table>) {
        const KINDS: [&str; 4] =
            ["createTable", "addUniqueConstraint", "addPrimaryKey", "addForeignKeyConstraint"];
        if let Some(kind) = KINDS.iter().find(|k| **k == key) {
            self.end(path, out);
            *self = Self { kind, line, ..Self::default() };
        } else if matches!(key, "changeSet" | "rollback")
            || (value.is_empty()
                && ["add", "drop", "create", "rename", "modify"].iter().any(|k| key.starts_with(k)))
        {
            self.end(path, out);
        }
        let list = || {
            value.trim_matches(['[', ']']).split([' ', ',']).map(str::to_lowercase).filter(|c| !c.is_empty())
        };
        match (self.kind, key) {
            ("createTable", "tableName") => {
                self.table = Some(Table::new(value, path, self.line, "Liquibase"));
            }
            ("createTable", "column") => self.in_column = true,
            ("createTable", "constraints") => self.in_column = false,
            ("createTable", "name") if self.in_column => {
                self.column = value.to_lowercase();
                self.columns.push(self.column.clone());
            }
            ("createTable", "primaryKey" | "unique") if value == "true" => {
                let constraint = if key == "unique" { Constraint::Unique } else { Constraint::Primary };
                let column = vec![self.column.clone()];
                if let Some(table) = &mut self.table {
                    table.key(constraint, "", column, line);
                }
            }
            (_, "tableName" | "baseTableName") => value.clone_into(&mut self.on),
            (_, "constraintName") => value.clone_into(&mut self.name),
            (_, "columnNames" | "baseColumnNames") => self.columns.extend(list()),
            _ => {}
        }
    }

    fn end(&mut self, path: &str, out: &mut Vec<Table>) {
        let done = std::mem::take(self);
        let constraint = match done.kind {
            "createTable" => {
                out.extend(done.table.map(|t| Table { columns: done.columns, ..t }));
                return;
            }
            "addUniqueConstraint" => Constraint::Unique,
            "addPrimaryKey" => Constraint::Primary,
            "addForeignKeyConstraint" => Constraint::Foreign,
            _ => return,
        };
        let mut part = Table::new(&done.on, path, done.line, "Liquibase");
        part.key(constraint, &done.name, done.columns, done.line);
        out.push(part);
    }
}

fn read_tag(
    path: &str,
    tag: &str,
    line: u32,
    open: &mut Option<Table>,
    column: &mut String,
    out: &mut Vec<Table>,
) {
    let get = |name: &str| {
        let after = tag.split(&format!("{name}=\"")).nth(1)?;
        after.split('"').next()
    };
    let list = |name: &str| -> Vec<String> {
        get(name).unwrap_or_default().split(',').map(|c| c.trim().to_lowercase()).collect()
    };
    let kind = tag.split(|c: char| c.is_whitespace()).next().unwrap_or_default().trim_end_matches('/');
    let mut part = |constraint, table: &str, name: &str, columns| {
        let mut part = Table::new(table, path, line, "Liquibase");
        part.key(constraint, name, columns, line);
        out.push(part);
    };
    match (kind, &mut *open) {
        ("createTable", _) => {
            let table = Table::new(get("tableName").unwrap_or_default(), path, line, "Liquibase");
            out.extend(open.replace(table));
        }
        ("/createTable", _) => out.extend(open.take()),
        ("column", Some(table)) => {
            *column = get(" name").unwrap_or_default().to_lowercase();
            table.columns.push(column.clone());
        }
        ("constraints", Some(table)) => {
            if get("unique") == Some("true") {
                table.key(
                    Constraint::Unique,
                    get("uniqueConstraintName").unwrap_or_default(),
                    vec![column.clone()],
                    line,
                );
            }
            if get("primaryKey") == Some("true") {
                table.key(
                    Constraint::Primary,
                    get("primaryKeyName").unwrap_or_default(),
                    vec![column.clone()],
                    line,
                );
            }
            if let Some(name) = get("foreignKeyName") {
                table.key(Constraint::Foreign, name, vec![column.clone()], line);
            }
        }
        ("addUniqueConstraint", _) => {
            part(
                Constraint::Unique,
                get("tableName").unwrap_or_default(),
                get("constraintName").unwrap_or_default(),
                list("columnNames"),
            );
        }
        ("addPrimaryKey", _) => {
            part(
                Constraint::Primary,
                get("tableName").unwrap_or_default(),
                get("constraintName").unwrap_or_default(),
                list("columnNames"),
            );
        }
        ("addForeignKeyConstraint", _) => {
            part(
                Constraint::Foreign,
                get("baseTableName").unwrap_or_default(),
                get("constraintName").unwrap_or_default(),
                list("baseColumnNames"),
            );
        }
        _ => {}
    }
}
