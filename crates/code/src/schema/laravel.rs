//! PHP: Laravel's migrations, Eloquent's and Doctrine's entities.

use super::rails::plural;
use super::{Constraint, Table, is_true, named, snake, text_of, texts};
use crate::index::IndexedFile;
use crate::outline::{Call, Language, SymbolKind, last_name};

pub(super) fn read(file: &IndexedFile, out: &mut Vec<Table>) {
    let outline = &file.outline;
    if outline.language != Language::Php {
        return;
    }
    let undone = |c: &&Call| outline.symbol_name(c.symbol).rsplit('.').next() == Some("down");
    for call in outline.calls.iter().filter(|c| !undone(c)) {
        let on_schema = call.receiver().split('.').next() == Some("Schema");
        if !on_schema || !matches!(call.method(), "create" | "table") {
            continue;
        }
        let Some(name) = call.arguments.first().and_then(|a| a.value.plain()) else { continue };
        let mut table = Table::new(name, &file.path, call.line, "Laravel");
        let inside = |c: &&Call| c.line >= call.line && c.end_line <= call.end_line;
        let blueprint = |c: &&Call| c.receiver().split('.').next() == Some("table");
        outline.calls.iter().filter(inside).filter(blueprint).for_each(|c| member(&mut table, c));
        table.columns.dedup();
        out.push(table);
    }
    models(file, out);
    doctrine(file, out);
}

/// `$table->string('ref')->unique()`, `$table->unique(['a', 'b'])`, `$table->foreignId('x')->constrained('y')`.
fn member(table: &mut Table, call: &Call) {
    let whole: Vec<String> = call.arguments.iter().take(1).flat_map(|a| texts(&a.value)).collect();
    let head = call.chain.first().map(|(method, given)| (method.as_str(), given));
    let chained = head.and_then(|(_, given)| given.first()).and_then(|a| a.value.plain()).map(str::to_owned);
    let on_table = call.receiver() == "table";
    let named_key = || call.arguments.get(1).and_then(|a| a.value.plain()).map(str::to_owned);
    let key_name = |columns: &[String], end: &str| format!("{}_{}_{end}", table.name, columns.join("_"));
    match (call.method(), on_table) {
        ("unique" | "primary", true) => {
            let unique = call.method() == "unique";
            let kind = if unique { Constraint::Unique } else { Constraint::Primary };
            let name = named_key().unwrap_or_else(|| key_name(&whole, call.method()));
            table.key(kind, &name, whole, call.line);
        }
        ("unique", false) => {
            let columns: Vec<String> = chained.into_iter().collect();
            let name = whole.first().cloned().unwrap_or_else(|| key_name(&columns, "unique"));
            table.key(Constraint::Unique, &name, columns, call.line);
        }
        ("constrained" | "on", false) => {
            let columns: Vec<String> = chained.into_iter().collect();
            let name = key_name(&columns, "foreign");
            let single = columns.first().and_then(|c| c.strip_suffix("_id")).map(plural);
            let refers = whole.first().cloned().or(single).unwrap_or_default();
            table.key(Constraint::Foreign, &name, columns, call.line).refers_to = refers;
        }
        ("index" | "dropColumn" | "renameColumn" | "dropUnique" | "dropIndex" | "foreign", true) => {}
        (_, true) => table.columns.extend(whole.into_iter().take(1)),
        _ => {}
    }
}

/// `class OrderLine extends Model` is `order_lines`, or what `$table` says.
fn models(file: &IndexedFile, out: &mut Vec<Table>) {
    let outline = &file.outline;
    for (number, class) in outline.symbols.iter().enumerate().filter(|(_, s)| s.kind == SymbolKind::Class) {
        if !class.types.iter().any(|t| matches!(last_name(t), "Model" | "Authenticatable")) {
            continue;
        }
        let own = outline.constants.iter().find(|c| c.symbol == Some(number as u32) && c.name == "table");
        let written = own.and_then(|c| c.value.plain()).map(str::to_owned);
        let name = written.unwrap_or_else(|| plural(&snake(&class.name)));
        let mut table = Table::new(&name, &file.path, class.line, "Eloquent");
        table.entity.clone_from(&class.name);
        out.push(table);
    }
}

/// `#[ORM\Entity]`, `#[ORM\Table(name: "orders")]`, `#[ORM\Column(unique: true)]`, `#[ORM\UniqueConstraint(columns: ["a"])]`.
fn doctrine(file: &IndexedFile, out: &mut Vec<Table>) {
    let outline = &file.outline;
    for entity in outline.annotations.iter().filter(|a| last_name(&a.name) == "Entity") {
        let Some(symbol) = outline.class_of(outline.annotated(entity)) else { continue };
        let class = &outline.symbols[symbol as usize];
        let own =
            || outline.annotations.iter().filter(|a| outline.class_of(outline.annotated(a)) == Some(symbol));
        let written =
            own().find(|a| last_name(&a.name) == "Table").and_then(|a| text_of(&a.arguments, "name"));
        let mut table =
            Table::new(&written.unwrap_or_else(|| snake(&class.name)), &file.path, class.line, "Doctrine");
        table.entity.clone_from(&class.name);
        for annotation in own() {
            let given = &annotation.arguments;
            let column = || text_of(given, "name").unwrap_or_else(|| snake(&annotation.target));
            match last_name(&annotation.name) {
                "Column" => {
                    let column = column();
                    if is_true(named(given, "unique")) {
                        table.key(Constraint::Unique, "", vec![column.clone()], annotation.line);
                    }
                    table.columns.push(column);
                }
                "UniqueConstraint" => {
                    let columns = ["columns", "fields"].iter().find_map(|n| named(given, n)).map(texts);
                    let name = text_of(given, "name").unwrap_or_default();
                    table.key(Constraint::Unique, &name, columns.unwrap_or_default(), annotation.line);
                }
                _ => {}
            }
        }
        out.push(table);
    }
}
