//! Liquibase's change logs in XML, read tag by tag.

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
