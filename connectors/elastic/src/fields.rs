//! Which fields say what: from their names and types as `_field_caps` tells them, Elastic's own schema (ECS) and others.

use crate::config::FieldNames;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

const TIME: &[&str] = &[
    "@timestamp",
    "timestamp",
    "time",
    "ts",
    "@t",
    "Timestamp",
    "eventTime",
    "event_time",
    "datetime",
    "date",
    "created",
    "created_at",
];
const SERVICE: &[&str] = &[
    "service.name",
    "service_name",
    "serviceName",
    "service",
    "resource.attributes.service.name",
    "resource.service.name",
    "kubernetes.labels.app_kubernetes_io/name",
    "kubernetes.labels.app",
    "kubernetes.container.name",
    "k8s.deployment.name",
    "app.name",
    "app_name",
    "appname",
    "application_name",
    "application",
    "app",
    "fields.service",
    "Properties.Application",
    "container.name",
    "component",
    "program",
    "syslog.appname",
    "process.name",
];
const INSTANCE: &[&str] = &[
    "service.node.name",
    "service.instance.id",
    "resource.attributes.service.instance.id",
    "kubernetes.pod.name",
    "k8s.pod.name",
    "pod_name",
    "pod",
    "instance_id",
    "instance",
    "host.name",
    "host.hostname",
    "hostname",
    "host",
    "HOSTNAME",
    "container.id",
    "agent.hostname",
];
const LEVEL: &[&str] = &[
    "log.level",
    "level",
    "severity",
    "severity_text",
    "SeverityText",
    "severityText",
    "loglevel",
    "log_level",
    "logLevel",
    "LogLevel",
    "levelname",
    "lvl",
    "Level",
    "@l",
    "level.name",
    "Severity",
    "severityNumber",
    "SeverityNumber",
    "severity_number",
    "log.severity",
    "priority",
];
const THREAD: &[&str] = &[
    "process.thread.name",
    "thread_name",
    "threadName",
    "thread.name",
    "thread",
    "ThreadName",
    "Thread",
    "process.thread.id",
    "thread_id",
    "threadId",
    "ThreadId",
    "goid",
];
const MESSAGE: &[&str] = &[
    "message",
    "msg",
    "@m",
    "@mt",
    "Message",
    "body",
    "Body",
    "RenderedMessage",
    "short_message",
    "log",
    "body.stringValue",
    "body.text",
    "text",
    "event.original",
];
/// What only failures have.
const EXCEPTION: &[&str] = &[
    "error.stack_trace",
    "error.message",
    "error.type",
    "error.stack",
    "stack_trace",
    "stackTrace",
    "stacktrace",
    "exception",
    "exception.stacktrace",
    "exception.type",
    "exception.message",
    "exception.stack_trace",
    "attributes.exception.stacktrace",
    "attributes.exception.type",
    "exc_info",
    "exc_text",
    "err",
    "err.stack",
    "err.message",
    "error",
    "Exception",
    "@x",
    "thrown.name",
    "thrown.message",
    "traceback",
    "stack",
];
/// Shippers' notes about themselves: no part of what a service logged.
pub(crate) const NOISE: &[&str] = &[
    "agent.ephemeral_id",
    "agent.id",
    "agent.version",
    "agent.type",
    "agent.name",
    "ecs.version",
    "input.type",
    "elastic_agent",
    "data_stream",
];
/// So many fields are searched for keys at most: a server takes only so many clauses.
const MOST: usize = 500;

/// How a field's values are indexed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Word by word.
    Text,
    /// As a whole.
    Exact,
    /// As a whole number.
    Number,
    /// As a time.
    Date,
    /// In another way.
    Other,
}

/// A field of the indices.
#[derive(Clone, Debug)]
pub(crate) struct Field {
    /// Path.
    pub path: String,
    /// How it is indexed.
    pub kind: Kind,
    /// The nested object that it is part of.
    pub nested: Option<String>,
    is_grouped: bool,
}

/// What fields there are, and what they say.
#[derive(Clone, Debug, Default)]
pub(crate) struct Fields {
    /// The time.
    pub time: Option<String>,
    /// The service, in a form that can be counted by.
    pub service: Option<String>,
    /// The service's instance, likewise.
    pub instance: Option<String>,
    /// Where severities stand.
    pub levels: Vec<Field>,
    /// The thread, in a form that can be compared.
    pub thread: Option<String>,
    /// Where the words are.
    pub messages: Vec<String>,
    /// What only failures have.
    pub exceptions: Vec<Field>,
    /// Where keys may stand.
    pub keys: Vec<Field>,
    /// How many more there are.
    pub unsearched: usize,
    /// Whether the service is text in some indices, whose events are then nobody's.
    pub splits_service: bool,
    /// How many indices there are.
    pub indices: usize,
    /// Fields whose type differs between indices, so that only some are searched for keys.
    pub mixed: Vec<String>,
}

impl Fields {
    /// From an answer of `_field_caps`.
    pub fn of(answer: &Value, names: &FieldNames) -> Self {
        let none = Map::new();
        let told = answer["fields"].as_object().unwrap_or(&none);
        let nested: Vec<&String> =
            told.iter().filter(|(_, t)| t.get("nested").is_some()).map(|(path, _)| path).collect();
        let mut known = BTreeMap::new();
        let mut mixed = Vec::new();
        for (path, types) in told {
            let Some(types) = types.as_object() else { continue };
            let (field, is_mixed) = field(path, types, &nested);
            if is_mixed {
                mixed.push(path.clone());
            }
            known.extend(field.map(|field| (path.clone(), field)));
        }
        let of = Known(known);
        let (keys, unsearched) = of.keys();
        let service = of.exact(names.service.as_deref(), SERVICE);
        let parent = service.as_deref().and_then(|s| s.rsplit_once('.')).map(|(parent, _)| parent);
        let types = parent.and_then(|parent| told.get(parent)?.as_object());
        Self {
            splits_service: types.is_some_and(|t| t.contains_key("keyword") && t.contains_key("text")),
            time: names.time.clone().or_else(|| of.first(TIME, |f| f.kind == Kind::Date)),
            service,
            instance: of.exact(names.instance.as_deref(), INSTANCE),
            levels: of.all(&names.level.as_deref().map_or(LEVEL.to_vec(), |name| vec![name])),
            thread: of.exact(names.thread.as_deref(), THREAD),
            messages: MESSAGE.iter().filter(|m| of.is(m, Kind::Text)).map(|m| (*m).to_owned()).collect(),
            exceptions: of.all(EXCEPTION),
            keys,
            unsearched,
            indices: answer["indices"].as_array().map_or(0, Vec::len),
            mixed,
        }
    }
}

/// A field by its types in all indices, and whether these differ.
fn field(path: &str, types: &Map<String, Value>, nested: &[&String]) -> (Option<Field>, bool) {
    let mut kinds: Vec<Kind> = Vec::new();
    let mut is_grouped = true;
    for (name, told) in types.iter().filter(|(name, _)| *name != "unmapped") {
        let can = |what: &str| told[what].as_bool().unwrap_or(true);
        let kind = match name.as_str() {
            "text" | "match_only_text" | "annotated_text" => Kind::Text,
            "keyword" | "constant_keyword" | "wildcard" | "flattened" | "flat_object" => Kind::Exact,
            "long" | "integer" | "short" | "byte" | "unsigned_long" => Kind::Number,
            "date" | "date_nanos" => Kind::Date,
            _ => Kind::Other,
        };
        is_grouped &= can("aggregatable");
        kinds.push(if can("searchable") { kind } else { Kind::Other });
    }
    kinds.dedup();
    // Text here and whole values there make no difference: words are found in both.
    let is_mixed = kinds.len() > 1 && !kinds.iter().all(|k| matches!(k, Kind::Text | Kind::Exact));
    // Where one index has numbers and another words, only numbers can be asked for without a failure.
    let kind = match kinds.as_slice() {
        [] => return (None, false),
        [one] => *one,
        many if many.contains(&Kind::Number) => Kind::Number,
        many if many.iter().all(|k| matches!(k, Kind::Text | Kind::Exact)) => Kind::Text,
        _ => Kind::Other,
    };
    let inside =
        |parent: &&&String| path.strip_prefix(parent.as_str()).is_some_and(|rest| rest.starts_with('.'));
    let nested = nested.iter().filter(inside).max_by_key(|p| p.len()).map(|p| (*p).clone());
    let is_meta = path.starts_with('_');
    (Some(Field { path: path.to_owned(), kind, nested, is_grouped }).filter(|_| !is_meta), is_mixed)
}

/// All fields by path.
struct Known(BTreeMap<String, Field>);

impl Known {
    fn is(&self, path: &str, kind: Kind) -> bool {
        self.0.get(path).is_some_and(|f| f.kind == kind)
    }

    fn first(&self, names: &[&str], fits: impl Fn(&Field) -> bool) -> Option<String> {
        names.iter().find(|name| self.0.get(**name).is_some_and(&fits)).map(|name| (*name).to_owned())
    }

    /// The first of these that can be counted by, as itself or in its sub-field; a name that was given comes first.
    fn exact(&self, given: Option<&str>, names: &[&str]) -> Option<String> {
        let of = |name: &str| {
            let itself = std::iter::once(name.to_owned());
            let below = ["keyword", "raw", "exact"].into_iter().map(|sub| format!("{name}.{sub}"));
            let fits = |path: &String| {
                self.0.get(path).is_some_and(|f| {
                    f.is_grouped && f.nested.is_none() && matches!(f.kind, Kind::Exact | Kind::Number)
                })
            };
            itself.chain(below).find(fits)
        };
        given.and_then(of).or_else(|| names.iter().find_map(|name| of(name)))
    }

    /// All of these that there are.
    fn all(&self, names: &[&str]) -> Vec<Field> {
        names.iter().filter_map(|name| self.0.get(*name)).cloned().collect()
    }

    /// Where keys may stand, words first; a sub-field says again what its text says.
    fn keys(&self) -> (Vec<Field>, usize) {
        let repeats =
            |f: &Field| f.path.rsplit_once('.').is_some_and(|(parent, _)| self.is(parent, Kind::Text));
        let mut keys: Vec<Field> = self
            .0
            .values()
            .filter(|f| matches!(f.kind, Kind::Text | Kind::Exact | Kind::Number) && !repeats(f))
            .filter(|f| !NOISE.iter().any(|n| f.path == *n || f.path.starts_with(&format!("{n}."))))
            .cloned()
            .collect();
        keys.sort_by_key(|f| (f.kind != Kind::Text, f.path.clone()));
        let unsearched = keys.len().saturating_sub(MOST);
        keys.truncate(MOST);
        (keys, unsearched)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn caps(fields: &[(&str, &[&str])]) -> Value {
        let told: Map<String, Value> = fields
            .iter()
            .map(|(path, types)| {
                let types: Map<String, Value> = types
                    .iter()
                    .map(|t| ((*t).to_owned(), json!({"searchable": true, "aggregatable": *t != "text"})))
                    .collect();
                ((*path).to_owned(), types.into())
            })
            .collect();
        json!({"indices": ["a"], "fields": told})
    }

    #[test]
    fn roles_of_ecs_and_of_others() {
        let ecs = caps(&[
            ("@timestamp", &["date"]),
            ("message", &["match_only_text"]),
            ("log.level", &["keyword"]),
            ("service.name", &["keyword"]),
            ("host.name", &["keyword"]),
            ("kubernetes.pod.name", &["keyword"]),
            ("process.thread.name", &["keyword"]),
            ("error.stack_trace", &["wildcard"]),
            ("agent.id", &["keyword"]),
            ("order.id", &["long", "keyword"]),
            ("items", &["nested"]),
            ("items.sku", &["keyword"]),
            ("_index", &["_index"]),
        ]);
        let fields = Fields::of(&ecs, &FieldNames::default());
        assert_eq!(fields.time.as_deref(), Some("@timestamp"));
        assert_eq!(fields.service.as_deref(), Some("service.name"));
        assert_eq!(fields.instance.as_deref(), Some("kubernetes.pod.name"));
        assert_eq!(fields.thread.as_deref(), Some("process.thread.name"));
        assert_eq!(fields.messages, ["message"]);
        assert_eq!(fields.exceptions[0].path, "error.stack_trace");
        assert_eq!(fields.mixed, ["order.id"]);
        let keys: Vec<(&str, Kind)> = fields.keys.iter().map(|f| (f.path.as_str(), f.kind)).collect();
        assert!(keys.contains(&("order.id", Kind::Number)) && !keys.iter().any(|k| k.0 == "agent.id"));
        let sku = fields.keys.iter().find(|f| f.path == "items.sku").unwrap();
        assert_eq!(sku.nested.as_deref(), Some("items"));

        let plain = caps(&[
            ("ts", &["date"]),
            ("msg", &["text"]),
            ("msg.keyword", &["keyword"]),
            ("app", &["text"]),
            ("app.keyword", &["keyword"]),
            ("level", &["long"]),
        ]);
        let fields = Fields::of(&plain, &FieldNames::default());
        assert_eq!((fields.time.as_deref(), fields.service.as_deref()), (Some("ts"), Some("app.keyword")));
        assert_eq!(fields.levels[0].kind, Kind::Number);
        let keys: Vec<&str> = fields.keys.iter().map(|f| f.path.as_str()).collect();
        assert_eq!(keys, ["app", "msg", "level"]);
        let names = FieldNames { service: Some("msg".into()), ..FieldNames::default() };
        assert_eq!(Fields::of(&plain, &names).service.as_deref(), Some("msg.keyword"));
    }

    #[test]
    fn nothing_is_found_in_nothing() {
        for answer in [json!({}), json!({"fields": []}), json!({"fields": {"a": 1, "b": {}}})] {
            let fields = Fields::of(&answer, &FieldNames::default());
            assert!(fields.time.is_none() && fields.keys.is_empty());
        }
    }
}
