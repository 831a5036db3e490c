//! TypeORM's entities.

use super::{Constraint, Table, field, is_true, snake, texts};
use crate::index::IndexedFile;
use crate::outline::{Annotation, Language, Value, last_name};

pub(super) fn read(file: &IndexedFile, out: &mut Vec<Table>) {
    let outline = &file.outline;
    if outline.language != Language::JavaScript || !outline.imports.iter().any(|i| i == "typeorm") {
        return;
    }
    for entity in outline.annotations.iter().filter(|a| last_name(&a.name) == "Entity") {
        let Some(symbol) = class_below(file, entity) else { continue };
        let class = &outline.symbols[symbol as usize];
        let first = entity.arguments.first().and_then(|a| a.value.plain()).map(str::to_owned);
        let name =
            first.or_else(|| field(&entity.arguments, "name").and_then(Value::plain).map(str::to_owned));
        let mut table =
            Table::new(&name.unwrap_or_else(|| snake(&class.name)), &file.path, entity.line, "TypeORM");
        table.entity.clone_from(&class.name);
        for annotation in &outline.annotations {
            if annotation.line < entity.line || annotation.line > class.end_line {
                continue;
            }
            member(file, &mut table, annotation);
        }
        out.push(table);
    }
}

fn member(file: &IndexedFile, table: &mut Table, annotation: &Annotation) {
    let given = &annotation.arguments;
    let written = || field(given, "name").and_then(Value::plain).map(str::to_owned);
    let column = || written().or_else(|| property_below(file, annotation)).unwrap_or_default();
    let kind = last_name(&annotation.name);
    match kind {
        "Column" | "PrimaryColumn" | "PrimaryGeneratedColumn" | "CreateDateColumn" | "JoinColumn" => {
            let column = column();
            let key = match kind {
                "JoinColumn" => Some(Constraint::Foreign),
                _ if kind.starts_with("Primary") => Some(Constraint::Primary),
                _ => is_true(field(given, "unique")).then_some(Constraint::Unique),
            };
            if let Some(key) = key {
                table.key(key, "", vec![column.clone()], annotation.line);
            }
            table.columns.extend((!column.is_empty()).then_some(column));
        }
        "Unique" => {
            let list = given.iter().find(|a| matches!(a.value, Value::List(_)));
            let columns = list.map(|a| texts(&a.value)).unwrap_or_default();
            let name = given.first().and_then(|a| a.value.plain()).unwrap_or_default();
            table.key(Constraint::Unique, name, columns, annotation.line);
        }
        "Index" if is_true(field(given, "unique")) => {
            let list = given.iter().find(|a| matches!(a.value, Value::List(_)));
            let columns = list.map_or_else(|| vec![column()], |a| texts(&a.value));
            let name = given.first().and_then(|a| a.value.plain()).unwrap_or_default();
            table.key(Constraint::Unique, name, columns, annotation.line);
        }
        _ => {}
    }
}

/// The class that a decorator stands on.
fn class_below(file: &IndexedFile, annotation: &Annotation) -> Option<u32> {
    let symbols = &file.outline.symbols;
    let own = annotation.symbol.filter(|s| symbols[*s as usize].line >= annotation.line);
    own.or_else(|| {
        let below = |s: &crate::outline::Symbol| {
            s.line >= annotation.line && s.kind == crate::outline::SymbolKind::Class
        };
        symbols.iter().position(below).map(|n| n as u32)
    })
    .or(annotation.symbol)
}

/// The property that a decorator stands on.
fn property_below(file: &IndexedFile, annotation: &Annotation) -> Option<String> {
    if !annotation.target.is_empty() {
        return Some(annotation.target.clone());
    }
    let below = file.outline.constants.iter().filter(|c| c.line >= annotation.line);
    below.min_by_key(|c| c.line).filter(|c| c.line <= annotation.target_line + 3).map(|c| c.name.clone())
}
