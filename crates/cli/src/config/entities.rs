//! `[entity.x]`: where an entity's key shows, who is stuck, who is done.

use super::read::{Table, Value};
use super::stores::known_store;
use crate::diagnostics::Failure;
use waylaid_model::time::parse_duration;
use waylaid_model::{EntitySpec, LogBindingSpec, Rule, System, TableColumn, TopicBindingSpec};

/// Reads all entities.
pub fn read(root: &Table<'_>, system: &mut System) -> Result<(), Failure> {
    let Some(section) = root.table("entity")? else { return Ok(()) };
    for (name, entity) in section.tables()? {
        entity.only(&["tables", "topics", "logs", "stuck", "done"])?;
        let members =
            |key: &str| entity.get(key).map(|v| v.list()).transpose().map(Option::unwrap_or_default);
        let spec = EntitySpec {
            tables: each(&members("tables")?, &entity, "tables", |t| table(t, system))?,
            topics: each(&members("topics")?, &entity, "topics", topic)?,
            logs: each(&members("logs")?, &entity, "logs", log)?,
            stuck: entity.table("stuck")?.map(|t| rule(&t, system)).transpose()?,
            done: entity.table("done")?.map(|t| rule(&t, system)).transpose()?,
            name,
        };
        let done = spec.done.clone().or_else(|| complement(spec.stuck.as_ref()?));
        let spec = EntitySpec { done, ..spec };
        system.entities.push(spec);
    }
    Ok(())
}

/// Who is stuck as long as a column is empty is done once it is filled.
fn complement(stuck: &Rule) -> Option<Rule> {
    let null = stuck.null?;
    Some(Rule { null: Some(!null), for_nanos: 0, ..stuck.clone() })
}

fn each<T>(
    members: &[Value<'_>],
    entity: &Table<'_>,
    key: &str,
    read: impl Fn(&Table<'_>) -> Result<T, Failure>,
) -> Result<Vec<T>, Failure> {
    members.iter().map(|m| read(&m.table(format!("`{key}` of {}", entity.title))?)).collect()
}

fn table(table: &Table<'_>, system: &System) -> Result<(TableColumn, Option<String>), Failure> {
    table.only(&["column", "state"])?;
    Ok((column(table, system)?, table.text("state")?))
}

fn column(table: &Table<'_>, system: &System) -> Result<TableColumn, Failure> {
    let example = "column = \"orders.orders.id\"";
    let Some(value) = table.get("column") else { return Err(table.lacks("column", example)) };
    let text = value.text()?;
    let column = TableColumn::parse(&text).ok_or_else(|| {
        value.fail(format!("`{text}` is not store.table.column")).hint(format!("such as: {example}"))
    })?;
    known_store(&value, &column.store, system)?;
    Ok(column)
}

fn topic(table: &Table<'_>) -> Result<TopicBindingSpec, Failure> {
    table.only(&["topic", "path", "key", "header"])?;
    let topic = table.required("topic", "topic = \"orders\", path = \"$.orderId\"")?;
    let mut places = Vec::new();
    if let Some(value) = table.get("path") {
        let path = value.text()?;
        if !path.starts_with('$') {
            return Err(value
                .fail(format!("`{path}` is not a path"))
                .hint(format!("such as: path = \"$.{path}\"")));
        }
        places.push(path);
    }
    if let Some(value) = table.get("key")
        && value.flag()?
    {
        places.push("key".to_owned());
    }
    if let Some(header) = table.text("header")? {
        places.push(format!("header:{header}"));
    }
    match <[String; 1]>::try_from(places) {
        Ok([place]) => Ok(TopicBindingSpec { topic, place }),
        Err(_) => Err(table
            .fail(format!("{} needs exactly one of `path`, `key`, `header`", table.title))
            .hint("such as: path = \"$.orderId\", or key = true, or header = \"orderId\"")),
    }
}

fn log(table: &Table<'_>) -> Result<LogBindingSpec, Failure> {
    table.only(&["field", "pattern"])?;
    match (table.text("field")?, table.get("pattern")) {
        (Some(field), None) => Ok(LogBindingSpec::Field(field)),
        (None, Some(value)) => pattern(&value),
        _ => Err(table
            .fail(format!("{} needs exactly one of `field`, `pattern`", table.title))
            .hint("such as: field = \"orderId\", or pattern = 'order[ =#:]+(?<id>[0-9]+)'")),
    }
}

fn pattern(value: &Value<'_>) -> Result<LogBindingSpec, Failure> {
    let pattern = value.text()?;
    let regex = regex::Regex::new(&pattern).map_err(|error| {
        let reason = error.to_string();
        let last = reason.lines().last().unwrap_or("").trim_start_matches("error: ").to_owned();
        value.fail(format!("this is not a regular expression: {last}"))
    })?;
    if !regex.capture_names().flatten().any(|name| name == "id") {
        return Err(value
            .fail("the pattern has no group named `id`")
            .hint("name the group that catches the key: (?<id>[0-9]+)"));
    }
    Ok(LogBindingSpec::Pattern(pattern))
}

fn rule(table: &Table<'_>, system: &System) -> Result<Rule, Failure> {
    table.only(&["column", "equals", "null", "for"])?;
    let column = column(table, system)?;
    let (equals, null) = match (table.get("equals"), table.get("null")) {
        (Some(equals), None) => (equals.cells()?, None),
        (None, Some(null)) => (Vec::new(), Some(null.flag()?)),
        (Some(_), Some(null)) => {
            return Err(null.fail("`equals` and `null` exclude each other").hint("leave one of them out"));
        }
        (None, None) => return Err(table.lacks("equals", "equals = \"ACCEPTED\", or null = true")),
    };
    let for_nanos = match table.get("for") {
        None => 0,
        Some(value) => {
            let text = value.text()?;
            parse_duration(&text).ok_or_else(|| {
                value
                    .fail(format!("`{text}` is not a length of time"))
                    .hint("such as: for = \"30m\", \"1h30m\", \"2d\"")
            })?
        }
    };
    Ok(Rule { column, equals, null, for_nanos })
}
