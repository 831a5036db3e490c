//! Alembic's migrations and SQLAlchemy's models.

use super::{Constraint, Table, is_true, named, text_of, texts};
use crate::index::IndexedFile;
use crate::outline::{Argument, Language, Value, last_name};

pub(super) fn read(file: &IndexedFile, out: &mut Vec<Table>) {
    let outline = &file.outline;
    if outline.language != Language::Python {
        return;
    }
    for call in &outline.calls {
        let at = |n: usize| call.arguments.get(n).map(|a| texts(&a.value)).unwrap_or_default();
        let first = |n: usize| at(n).into_iter().next().unwrap_or_default();
        match call.method() {
            "create_table" | "Table" => {
                let name = first(0);
                let alembic = call.method() == "create_table";
                if name.is_empty() || (!alembic && call.arguments.len() < 3) {
                    continue;
                }
                let by = if alembic { "Alembic" } else { "SQLAlchemy" };
                let mut table = Table::new(&name, &file.path, call.line, by);
                call.arguments.iter().skip(1).for_each(|a| element(&mut table, "", &a.value, call.line));
                lines_of(file, &mut table, call.line, call.end_line);
                out.push(table);
            }
            "create_unique_constraint" => {
                let mut table = Table::new(&first(1), &file.path, call.line, "Alembic");
                table.key(Constraint::Unique, &first(0), at(2), call.line);
                out.push(table);
            }
            "create_index" if is_true(named(&call.arguments, "unique")) => {
                let mut table = Table::new(&first(1), &file.path, call.line, "Alembic");
                table.key(Constraint::Unique, &first(0), at(2), call.line);
                out.push(table);
            }
            "create_foreign_key" => {
                let mut table = Table::new(&first(1), &file.path, call.line, "Alembic");
                table.key(Constraint::Foreign, &first(0), at(3), call.line).refers_to = first(2);
                out.push(table);
            }
            _ => {}
        }
    }
    for name in outline.constants.iter().filter(|c| c.name == "__tablename__") {
        let (Some(symbol), Some(table_name)) = (name.symbol, name.value.plain()) else { continue };
        let mut table = Table::new(table_name, &file.path, name.line, "SQLAlchemy");
        table.entity.clone_from(&outline.symbols[symbol as usize].name);
        for constant in outline.constants.iter().filter(|c| c.symbol == Some(symbol)) {
            match &constant.value {
                Value::List(values) if constant.name == "__table_args__" => {
                    values.iter().for_each(|v| element(&mut table, "", v, constant.line));
                }
                value => element(&mut table, &constant.name, value, constant.line),
            }
        }
        out.push(table);
    }
}

/// A column or a constraint; `own` is the attribute's name.
fn element(table: &mut Table, own: &str, value: &Value, line: u32) {
    let Value::Call(callee, given) = value else { return };
    let plain =
        || given.iter().filter(|a| a.name.is_empty()).flat_map(|a| texts(&a.value)).collect::<Vec<_>>();
    let name = || text_of(given, "name").unwrap_or_default();
    match last_name(callee) {
        "Column" | "mapped_column" => {
            let written = given.first().and_then(|a| a.value.plain()).map(str::to_owned);
            let column = written.unwrap_or_else(|| own.to_owned());
            if is_true(named(given, "unique")) {
                let key = format!("{}_{column}_key", table.name);
                table.key(Constraint::Unique, &key, vec![column.clone()], line);
            }
            if is_true(named(given, "primary_key")) {
                let key = format!("{}_pkey", table.name);
                table.key(Constraint::Primary, &key, vec![column.clone()], line);
            }
            if let Some(refers) = foreign(given) {
                let key = format!("{}_{column}_fkey", table.name);
                table.key(Constraint::Foreign, &key, vec![column.clone()], line).refers_to = refers;
            }
            table.columns.push(column);
        }
        "UniqueConstraint" => drop(table.key(Constraint::Unique, &name(), plain(), line)),
        "PrimaryKeyConstraint" => drop(table.key(Constraint::Primary, &name(), plain(), line)),
        "CheckConstraint" => drop(table.key(Constraint::Check, &name(), Vec::new(), line)),
        "Index" if is_true(named(given, "unique")) => {
            let mut all = plain();
            let own = if all.is_empty() { String::new() } else { all.remove(0) };
            table.key(Constraint::Unique, &own, all, line);
        }
        "ForeignKeyConstraint" => {
            let columns = given.first().map(|a| texts(&a.value)).unwrap_or_default();
            table.key(Constraint::Foreign, &name(), columns, line);
        }
        _ => {}
    }
}

fn foreign(given: &[Argument]) -> Option<String> {
    given.iter().find_map(|a| match &a.value {
        Value::Call(callee, inner) if last_name(callee) == "ForeignKey" => {
            let to = inner.first().and_then(|a| a.value.plain())?;
            Some(to.split('.').next().unwrap_or(to).to_lowercase())
        }
        _ => None,
    })
}

/// Elements of a call over several lines are calls of their own: their lines are taken where they are known.
fn lines_of(file: &IndexedFile, table: &mut Table, from: u32, to: u32) {
    let inside = file.outline.calls.iter().filter(|c| from <= c.line && c.line <= to);
    for call in inside {
        let said: Vec<String> = call.arguments.iter().flat_map(|a| texts(&a.value)).collect();
        for key in &mut table.keys {
            let named = !key.name.is_empty() && said.contains(&key.name);
            let own =
                call.method() == "Column" && key.columns.first().is_some_and(|c| said.first() == Some(c));
            if call.method() != "create_table" && (named || own) {
                key.line = call.line;
            }
        }
    }
}
