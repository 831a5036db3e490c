//! ActiveRecord: `schema.rb`, migrations, models.

use super::{Constraint, Table, is_true, named, snake, text_of, texts};
use crate::index::IndexedFile;
use crate::outline::{Call, Language, SymbolKind, last_name};

pub(super) fn read(file: &IndexedFile, out: &mut Vec<Table>) {
    let outline = &file.outline;
    if outline.language != Language::Ruby {
        return;
    }
    // What `down` takes back defines nothing.
    let undone = |c: &&Call| outline.symbol_name(c.symbol).rsplit('.').next() == Some("down");
    for call in outline.calls.iter().filter(|c| !undone(c)) {
        let first = call.arguments.first().map(|a| texts(&a.value)).unwrap_or_default();
        let Some(name) = first.into_iter().next() else { continue };
        match call.method() {
            "create_table" | "change_table" if call.receiver().is_empty() => {
                let mut table = Table::new(&name, &file.path, call.line, "Rails");
                let inside = |c: &&Call| {
                    c.line >= call.line && c.end_line <= call.end_line && !c.receiver().is_empty()
                };
                outline.calls.iter().filter(inside).for_each(|c| member(&mut table, c));
                out.push(table);
            }
            "add_index" | "add_foreign_key" | "add_column" | "add_reference"
                if call.receiver().is_empty() =>
            {
                let mut table = Table::new(&name, &file.path, call.line, "Rails");
                added(&mut table, call);
                out.push(table);
            }
            _ => {}
        }
    }
    models(file, out);
}

/// `t.string "ref"`, `t.index ["ref"], unique: true`, `t.references :order, foreign_key: true`.
fn member(table: &mut Table, call: &Call) {
    let given = &call.arguments;
    let positional: Vec<String> =
        given.iter().filter(|a| a.name.is_empty()).flat_map(|a| texts(&a.value)).collect();
    let unique = is_true(named(given, "unique"));
    match call.method() {
        "index" => {
            if unique {
                table.key(
                    Constraint::Unique,
                    &text_of(given, "name").unwrap_or_default(),
                    positional,
                    call.line,
                );
            }
        }
        "references" | "belongs_to" => {
            for name in positional {
                let column = format!("{name}_id");
                if named(given, "foreign_key").is_some() {
                    let key = table.key(Constraint::Foreign, "", vec![column.clone()], call.line);
                    key.refers_to = plural(&name);
                }
                table.columns.push(column);
            }
        }
        "check_constraint" => {
            table.key(Constraint::Check, &text_of(given, "name").unwrap_or_default(), Vec::new(), call.line);
        }
        _ => {
            for column in positional {
                if unique || is_true(super::field(given, "unique")) {
                    table.key(Constraint::Unique, "", vec![column.clone()], call.line);
                }
                table.columns.push(column);
            }
        }
    }
}

fn added(table: &mut Table, call: &Call) {
    let given = &call.arguments;
    let second = given.get(1).filter(|a| a.name.is_empty()).map(|a| texts(&a.value)).unwrap_or_default();
    match call.method() {
        "add_index" => {
            if is_true(named(given, "unique")) {
                let own = format!("index_{}_on_{}", table.name, second.join("_and_"));
                let name = text_of(given, "name").unwrap_or(own);
                table.key(Constraint::Unique, &name, second, call.line);
            }
        }
        "add_foreign_key" => {
            let refers = second.into_iter().next().unwrap_or_default();
            let single = refers.strip_suffix('s').unwrap_or(&refers);
            let column = text_of(given, "column").unwrap_or_else(|| format!("{single}_id"));
            let name = text_of(given, "name").unwrap_or_default();
            table.key(Constraint::Foreign, &name, vec![column], call.line).refers_to = refers;
        }
        "add_reference" => table.columns.extend(second.iter().map(|c| format!("{c}_id"))),
        _ => table.columns.extend(second),
    }
}

/// `class OrderLine < ApplicationRecord` is `order_lines`, or what `self.table_name` says.
fn models(file: &IndexedFile, out: &mut Vec<Table>) {
    let outline = &file.outline;
    for (number, class) in outline.symbols.iter().enumerate().filter(|(_, s)| s.kind == SymbolKind::Class) {
        let is_model = class
            .types
            .iter()
            .any(|t| matches!(last_name(t), "ApplicationRecord" | "Base") && !t.contains("Controller"));
        let is_model = is_model
            && class.types.iter().all(|t| last_name(t) == "ApplicationRecord" || t.contains("ActiveRecord"));
        if !is_model {
            continue;
        }
        let own =
            outline.constants.iter().find(|c| c.symbol == Some(number as u32) && c.name == "table_name");
        let written = own.and_then(|c| c.value.plain()).map(str::to_owned);
        let name = written.unwrap_or_else(|| plural(&snake(last_name(&class.name))));
        let mut table = Table::new(&name, &file.path, class.line, "ActiveRecord");
        table.entity.clone_from(&class.name);
        out.push(table);
    }
}

/// The plural that table names take: `category` is `categories`, `box` is `boxes`.
pub(super) fn plural(name: &str) -> String {
    let vowel = |c: Option<char>| c.is_some_and(|c| "aeiou".contains(c));
    if let Some(stem) = name.strip_suffix('y').filter(|s| !vowel(s.chars().next_back())) {
        return format!("{stem}ies");
    }
    if ["s", "x", "z", "ch", "sh"].iter().any(|e| name.ends_with(e)) {
        return format!("{name}es");
    }
    if name.ends_with("person") {
        return format!("{}people", name.trim_end_matches("person"));
    }
    format!("{name}s")
}
