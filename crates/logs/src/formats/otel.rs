//! OpenTelemetry log records as JSON: `resourceLogs` of the file exporter and records on their own.

use super::fields::Draft;
use serde_json::Value;

/// Unpacks the OTLP shapes inside a draft; other drafts stay as they are.
pub(crate) fn unpack(draft: &mut Draft) {
    let first = draft.fields.first();
    if first.is_some_and(|(p, v)| p == "resourceLogs" && v.is_array()) {
        let (_, value) = draft.fields.swap_remove(0);
        unpack_export(&value, draft);
    }
    let holds = |p: &str| matches!(p, "attributes" | "resource.attributes" | "Attributes");
    if draft.fields.iter().any(|(p, v)| holds(p) && v.is_array()) {
        let fields = std::mem::take(&mut draft.fields);
        for (path, value) in fields {
            match value {
                Value::Array(list) if holds(&path) => put_attributes(&list, draft),
                value => draft.push(path, value),
            }
        }
    }
}

/// The first record of an export with its scope and resource.
fn unpack_export(export: &Value, draft: &mut Draft) {
    let resource = &export[0];
    let scope_logs =
        if resource["scopeLogs"].is_array() { &resource["scopeLogs"] } else { &resource["scope_logs"] };
    let scope = &scope_logs[0];
    let records = if scope["logRecords"].is_array() { &scope["logRecords"] } else { &scope["log_records"] };
    if let Some(record) = records[0].as_object() {
        for (name, value) in record {
            match (name.as_str(), value) {
                ("attributes", Value::Array(list)) => put_attributes(list, draft),
                ("body", value) => draft.push("body".into(), any_value(value)),
                (_, value) => draft.push(name.clone(), value.clone()),
            }
        }
    }
    if let Some(name) = scope["scope"]["name"].as_str() {
        draft.push("scope.name".into(), name.into());
    }
    if let Some(list) = resource["resource"]["attributes"].as_array() {
        put_attributes(list, draft);
    }
}

/// `[{"key":"order.id","value":{"intValue":"12"}}]` as fields.
fn put_attributes(list: &[Value], draft: &mut Draft) {
    for item in list {
        match item["key"].as_str() {
            Some(key) => draft.push(key.to_owned(), any_value(&item["value"])),
            None => draft.push("attributes".into(), item.clone()),
        }
    }
}

/// The value inside OTLP's typed wrapper.
fn any_value(value: &Value) -> Value {
    let Some(object) = value.as_object() else { return value.clone() };
    let Some((kind, inner)) = object.iter().next() else { return Value::Null };
    match kind.as_str() {
        "stringValue" | "boolValue" | "doubleValue" | "string_value" | "bool_value" => inner.clone(),
        "intValue" | "int_value" => {
            inner.as_str().and_then(|s| s.parse::<i64>().ok()).map_or_else(|| inner.clone(), Value::from)
        }
        "arrayValue" | "array_value" => {
            let list = inner["values"].as_array().map(|l| l.iter().map(any_value).collect());
            Value::Array(list.unwrap_or_default())
        }
        _ => value.clone(),
    }
}
