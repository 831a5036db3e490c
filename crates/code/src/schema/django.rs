//! Django's models and migrations.

use super::{Constraint, Table, is_true, named, text_of, texts};
use crate::index::IndexedFile;
use crate::outline::{Language, Value, last_name};

pub(super) fn read(file: &IndexedFile, out: &mut Vec<Table>) {
    let outline = &file.outline;
    if outline.language != Language::Python || !outline.imports.iter().any(|i| i.starts_with("django")) {
        return;
    }
    let app = app_of(&file.path);
    for (number, class) in outline.symbols.iter().enumerate() {
        if !class.types.iter().any(|t| t == "models.Model" || t.ends_with("Model")) || class.types.is_empty()
        {
            continue;
        }
        let number = number as u32;
        let meta = outline.symbols.iter().position(|s| s.parent == Some(number) && s.name == "Meta");
        let of_meta = |name: &str| {
            let own =
                outline.constants.iter().filter(|c| c.symbol == meta.map(|m| m as u32) && meta.is_some());
            own.into_iter().find(|c| c.name == name)
        };
        let written = of_meta("db_table").and_then(|c| c.value.plain());
        let name = written.map_or_else(|| format!("{app}_{}", class.name.to_lowercase()), str::to_owned);
        let mut table = Table::new(&name, &file.path, class.line, "Django");
        table.entity.clone_from(&class.name);
        for constant in outline.constants.iter().filter(|c| c.symbol == Some(number)) {
            column(&mut table, &constant.name, &constant.value, constant.line);
        }
        for name in ["constraints", "unique_together"] {
            let Some(constant) = of_meta(name) else { continue };
            constraints(&mut table, &constant.value, constant.line);
        }
        out.push(table);
    }
    for call in &outline.calls {
        let given = &call.arguments;
        match call.method() {
            "CreateModel" => {
                let Some(name) = text_of(given, "name") else { continue };
                let written = match named(given, "options") {
                    Some(Value::Object(options)) => options.iter().find(|(k, _)| k == "db_table"),
                    _ => None,
                };
                let written = written.and_then(|(_, v)| v.plain()).map(str::to_owned);
                let name = written.unwrap_or_else(|| format!("{app}_{}", name.to_lowercase()));
                let mut table = Table::new(&name, &file.path, call.line, "Django");
                if let Some(Value::List(fields)) = named(given, "fields") {
                    for field in fields {
                        if let Value::List(pair) = field
                            && let [name, value] = pair.as_slice()
                        {
                            column(&mut table, name.plain().unwrap_or_default(), value, call.line);
                        }
                    }
                }
                out.push(table);
            }
            "AddConstraint" => {
                let Some(name) = text_of(given, "model_name") else { continue };
                let mut table =
                    Table::new(&format!("{app}_{}", name.to_lowercase()), &file.path, call.line, "Django");
                if let Some(value) = named(given, "constraint") {
                    constraints(&mut table, value, call.line);
                }
                out.push(table);
            }
            _ => {}
        }
    }
}

fn column(table: &mut Table, name: &str, value: &Value, line: u32) {
    let Value::Call(callee, given) = value else { return };
    let kind = last_name(callee);
    let related = matches!(kind, "ForeignKey" | "OneToOneField");
    if name.is_empty() || !(kind.ends_with("Field") || related) || kind == "ManyToManyField" {
        return;
    }
    let column = text_of(given, "db_column")
        .unwrap_or_else(|| if related { format!("{name}_id") } else { name.to_owned() });
    if is_true(named(given, "unique")) || kind == "OneToOneField" {
        table.key(Constraint::Unique, "", vec![column.clone()], line);
    }
    if is_true(named(given, "primary_key")) {
        table.key(Constraint::Primary, "", vec![column.clone()], line);
    }
    if related {
        table.key(Constraint::Foreign, "", vec![column.clone()], line);
    }
    table.columns.push(column);
}

fn constraints(table: &mut Table, value: &Value, line: u32) {
    match value {
        Value::List(values) if values.iter().all(|v| v.plain().is_some()) => {
            table.key(Constraint::Unique, "", texts(value), line);
        }
        Value::List(values) => values.iter().for_each(|v| constraints(table, v, line)),
        Value::Call(callee, given) => {
            let constraint = match last_name(callee) {
                "UniqueConstraint" => Constraint::Unique,
                "CheckConstraint" => Constraint::Check,
                _ => return,
            };
            let columns = named(given, "fields").map(texts).unwrap_or_default();
            table.key(constraint, &text_of(given, "name").unwrap_or_default(), columns, line);
        }
        _ => {}
    }
}

/// The app of a model or a migration: the folder it stands in.
fn app_of(path: &str) -> String {
    let mut folders: Vec<&str> = path.split('/').collect();
    folders.pop();
    folders.retain(|f| !matches!(*f, "migrations" | "models"));
    folders.last().map_or(String::new(), |f| (*f).to_lowercase())
}
