//! JPA entities.

use super::{Constraint, Table, is_true, named, snake, text_of, texts};
use crate::index::IndexedFile;
use crate::outline::{Language, Value, last_name};

pub(super) fn read(file: &IndexedFile, out: &mut Vec<Table>) {
    let outline = &file.outline;
    if !matches!(outline.language, Language::Java | Language::Kotlin) {
        return;
    }
    let is = |name: &'static str| outline.annotations.iter().filter(move |a| last_name(&a.name) == name);
    for entity in is("Entity").filter(|a| !a.arguments.iter().any(|x| x.name == "value")) {
        let Some(symbol) = outline.annotated(entity) else { continue };
        let class = &outline.symbols[symbol as usize];
        let on_table = is("Table").find(|a| outline.annotated(a) == Some(symbol));
        let given = on_table.map(|a| a.arguments.as_slice()).unwrap_or_default();
        let name = text_of(given, "name").unwrap_or_else(|| snake(&class.name));
        let mut table = Table::new(&name, &file.path, class.line, "JPA");
        table.entity.clone_from(&class.name);
        let line = on_table.map_or(class.line, |a| a.line);
        unique_constraints(&mut table, named(given, "uniqueConstraints"), line);
        for annotation in outline.annotations.iter().filter(|a| !a.target.is_empty()) {
            if outline.class_of(annotation.symbol) != Some(symbol) {
                continue;
            }
            let column = text_of(&annotation.arguments, "name").unwrap_or_else(|| snake(&annotation.target));
            match last_name(&annotation.name) {
                "Column" => {
                    if is_true(named(&annotation.arguments, "unique")) {
                        table.key(Constraint::Unique, "", vec![column.clone()], annotation.line);
                    }
                    table.columns.push(column);
                }
                "JoinColumn" => {
                    table.key(Constraint::Foreign, "", vec![column.clone()], annotation.line);
                    table.columns.push(column);
                }
                "Id" => {
                    let id = snake(&annotation.target);
                    table.key(Constraint::Primary, "", vec![id.clone()], annotation.line);
                    table.columns.push(id);
                }
                "Enumerated" | "Version" | "CreationTimestamp" => {
                    table.columns.push(snake(&annotation.target));
                }
                _ => {}
            }
        }
        let mut seen = std::collections::HashSet::new();
        table.columns.retain(|c| seen.insert(c.clone()));
        out.push(table);
    }
}

fn unique_constraints(table: &mut Table, value: Option<&Value>, line: u32) {
    match value {
        Some(Value::List(values)) => values.iter().for_each(|v| unique_constraints(table, Some(v), line)),
        Some(Value::Call(_, given)) => {
            let columns = named(given, "columnNames").map(texts).unwrap_or_default();
            let columns = columns.iter().map(|c| c.to_lowercase()).collect();
            table.key(Constraint::Unique, &text_of(given, "name").unwrap_or_default(), columns, line);
        }
        _ => {}
    }
}
