//! Entity Framework: migrations, attributes, the fluent model.

use super::{Constraint, Table, is_true, named, text_of, texts};
use crate::index::IndexedFile;
use crate::outline::{Language, last_name};

pub(super) fn read(file: &IndexedFile, out: &mut Vec<Table>) {
    let outline = &file.outline;
    if outline.language != Language::CSharp {
        return;
    }
    for call in &outline.calls {
        let given = &call.arguments;
        match call.method() {
            "CreateTable" => {
                let Some(name) = text_of(given, "name") else { continue };
                let mut table = Table::new(&name, &file.path, call.line, "EF");
                let inside = |c: &&crate::outline::Call| c.line >= call.line && c.end_line <= call.end_line;
                for inner in outline.calls.iter().filter(inside) {
                    let own = inner.arguments.first().and_then(|a| texts(&a.value).into_iter().next());
                    let constraint = match inner.method() {
                        "PrimaryKey" => Constraint::Primary,
                        "UniqueConstraint" => Constraint::Unique,
                        "ForeignKey" => Constraint::Foreign,
                        _ => continue,
                    };
                    let own = text_of(&inner.arguments, "name").or(own).unwrap_or_default();
                    let columns = text_of(&inner.arguments, "column").into_iter().collect();
                    let refers = text_of(&inner.arguments, "principalTable").unwrap_or_default();
                    table.key(constraint, &own, columns, inner.line).refers_to = refers;
                }
                out.push(table);
            }
            "CreateIndex" | "AddUniqueConstraint" | "AddForeignKey" | "AddPrimaryKey" => {
                let unique = call.method() != "CreateIndex" || is_true(named(given, "unique"));
                let (Some(table), true) = (text_of(given, "table"), unique) else { continue };
                let columns =
                    named(given, "column").or_else(|| named(given, "columns")).map(texts).unwrap_or_default();
                let constraint = match call.method() {
                    "AddForeignKey" => Constraint::Foreign,
                    "AddPrimaryKey" => Constraint::Primary,
                    _ => Constraint::Unique,
                };
                let mut part = Table::new(&table, &file.path, call.line, "EF");
                let columns = columns.iter().map(|c| c.to_lowercase()).collect();
                let name = text_of(given, "name").unwrap_or_default();
                part.key(constraint, &name, columns, call.line);
                out.push(part);
            }
            "ToTable" => {
                let Some(name) = given.first().and_then(|a| texts(&a.value).into_iter().next()) else {
                    continue;
                };
                let mut table = Table::new(&name, &file.path, call.line, "EF");
                table.entity = entity_near(file, call.line);
                out.push(table);
            }
            _ => {}
        }
    }
    for annotation in outline.annotations.iter().filter(|a| last_name(&a.name) == "Table") {
        let Some(symbol) = outline.annotated(annotation) else { continue };
        let Some(name) = annotation.arguments.first().and_then(|a| texts(&a.value).into_iter().next()) else {
            continue;
        };
        let mut table = Table::new(&name, &file.path, annotation.line, "EF");
        table.entity.clone_from(&outline.symbols[symbol as usize].name);
        for index in outline
            .annotations
            .iter()
            .filter(|a| last_name(&a.name) == "Index" && outline.annotated(a) == Some(symbol))
        {
            if is_true(named(&index.arguments, "IsUnique")) {
                let columns =
                    index.arguments.iter().filter(|a| a.name.is_empty()).flat_map(|a| texts(&a.value));
                let columns = columns.map(|c| c.to_lowercase()).collect();
                let name = text_of(&index.arguments, "Name").unwrap_or_default();
                table.key(Constraint::Unique, &name, columns, index.line);
            }
        }
        out.push(table);
    }
}

/// `modelBuilder.Entity<Order>(…)` around a line, or `IEntityTypeConfiguration<Order>`.
fn entity_near(file: &IndexedFile, line: u32) -> String {
    let calls = file.outline.calls.iter().filter(|c| c.method() == "Entity" && !c.types.is_empty());
    let around = calls.filter(|c| c.line <= line && line <= c.end_line).max_by_key(|c| c.line);
    let by_class = || {
        let class = file.outline.class_of(file.outline.symbol_at(line))?;
        let types = &file.outline.symbols[class as usize].types;
        types
            .iter()
            .find_map(|t| t.strip_prefix("IEntityTypeConfiguration<")?.strip_suffix('>'))
            .map(str::to_owned)
    };
    around.and_then(|c| c.types.first().cloned()).or_else(by_class).unwrap_or_default()
}
