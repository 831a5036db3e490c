//! What a match must fulfil.

use super::path::Path;
use crate::{EngineError, Search};
use regex::{Regex, RegexBuilder};
use serde_json::Value;
use std::fmt::Write as _;
use std::ops::Range;
use std::sync::Arc;
use waylaid_model::{LogEvent, Record, Row, scalar_text};
use waylaid_store::KeySet;

/// A compiled expression may take this much memory.
const REGEX_LIMIT: usize = 4 << 20;

/// The conditions of a search, compiled. Those of different kinds must all hold.
pub(super) struct Conditions {
    keys: Option<Arc<KeySet>>,
    text: Option<String>,
    regex: Option<Regex>,
    paths: Vec<(Path, String)>,
    headers: Vec<(String, String)>,
    keys_at: Option<Path>,
    partition: Option<i32>,
    offsets: Option<Range<i64>>,
    by_key: bool,
    fields: Vec<Path>,
}

/// Values shown of one field of a record.
const VALUES: usize = 5;

impl Conditions {
    pub(super) fn new(search: &Search) -> Result<Self, EngineError> {
        let keys: Vec<String> = search.keys.iter().filter(|k| !k.is_empty()).cloned().collect();
        let text = search.text.clone().filter(|t| !t.is_empty());
        let regex = search.regex.as_deref().filter(|r| !r.is_empty()).map(compile).transpose()?;
        let paths: Vec<(Path, String)> = search
            .paths
            .iter()
            .map(|(path, value)| Ok((Path::parse(path)?, value.clone())))
            .collect::<Result<_, EngineError>>()?;
        let keys_at = search.keys_at.as_deref().map(Path::parse).transpose()?;
        let fields =
            search.fields.iter().map(|path| Path::parse(path)).collect::<Result<_, EngineError>>()?;
        let nothing = keys.is_empty() && text.is_none() && regex.is_none();
        let anywhere = search.partition.is_none() && search.offsets.is_none();
        if nothing && paths.is_empty() && search.headers.is_empty() && anywhere {
            return Err(EngineError::Question {
                message: "search for what?".into(),
                hint: "give a key, a text, a regular expression, a path such as `$.status=REJECTED`, or a header".into(),
            });
        }
        let keys = (!keys.is_empty()).then(|| Arc::new(KeySet::new(keys)));
        if keys_at.is_some() && keys.is_none() {
            return Err(EngineError::Question {
                message: "which keys should stand at this path?".into(),
                hint: "give at least one key; a single value goes with its path: `$.status=REJECTED`".into(),
            });
        }
        if search.by_key && keys.is_none() {
            return Err(EngineError::Question {
                message: "which key should records have?".into(),
                hint: "give at least one key: records whose own key it is are searched for".into(),
            });
        }
        let (headers, by_key) = (search.headers.clone(), search.by_key);
        let (partition, offsets) = (search.partition, search.offsets.clone());
        Ok(Self { keys, text, regex, paths, headers, keys_at, partition, offsets, by_key, fields })
    }

    /// The keys, where some were given.
    pub(super) fn keys(&self) -> Option<&Arc<KeySet>> {
        self.keys.as_ref()
    }

    /// Whether only records can match: paths, headers and keys of their own are theirs.
    pub(super) fn records_only(&self) -> bool {
        self.by_key
            || !self.paths.is_empty()
            || !self.headers.is_empty()
            || self.keys_at.is_some()
            || self.partition.is_some()
            || self.offsets.is_some()
    }

    /// Whether a record is where it is looked for, and holds one of the keys where they are looked for.
    fn is_there(&self, record: &Record) -> bool {
        let stands = |path: &Path| {
            let keys = self.keys.as_ref();
            let is_key = |text: &str| keys.is_some_and(|keys| keys.get(text).is_some());
            record.payload.as_ref().is_some_and(|payload| path.any(payload, &is_key))
        };
        self.partition.is_none_or(|partition| record.partition == partition)
            && self.offsets.as_ref().is_none_or(|offsets| offsets.contains(&record.offset))
            && self.keys_at.as_ref().is_none_or(stands)
    }

    /// A record as it is shown: all of it, or its key and the fields that are wanted.
    pub(super) fn shown(&self, record: &Record) -> String {
        if self.fields.is_empty() {
            return record_text(record);
        }
        let mut shown: Vec<String> = record.key.iter().map(|key| format!("key={key}")).collect();
        for field in &self.fields {
            let values =
                record.payload.as_ref().map(|payload| field.texts(payload, VALUES)).unwrap_or_default();
            // What is not there is shown as such: absence may be the finding.
            let value = if values.is_empty() { "-".to_owned() } else { values.join(",") };
            shown.push(format!("{}={value}", field.name()));
        }
        shown.join(" ")
    }

    /// An event that the store delivered for the keys.
    pub(super) fn event(&self, event: &LogEvent) -> bool {
        !self.reads_text() || self.holds(&event_text(event))
    }

    /// A record that the store delivered for the keys.
    pub(super) fn record(&self, record: &Record) -> bool {
        let header = |(name, value): &(String, String)| {
            record.headers.iter().any(|(n, v)| n.eq_ignore_ascii_case(name) && v == value)
        };
        let path = |(path, value): &(Path, String)| {
            record.payload.as_ref().is_some_and(|payload| path.holds(payload, value))
        };
        self.is_there(record)
            && self.headers.iter().all(header)
            && self.paths.iter().all(path)
            && (!self.reads_text() || self.holds(&record_text(record)))
    }

    /// A row, of whose cells one holds a key, one the text, one the expression.
    pub(super) fn row(&self, row: &Row) -> bool {
        let any = |test: &dyn Fn(&str) -> bool| {
            row.cells.iter().any(|(_, cell)| cell_text(cell).is_some_and(|text| test(&text)))
        };
        self.keys.as_ref().is_none_or(|keys| any(&|t| keys.occurs_in(t.as_bytes())))
            && self.text.as_ref().is_none_or(|text| any(&|t| t.contains(text.as_str())))
            && self.regex.as_ref().is_none_or(|regex| any(&|t| regex.is_match(t)))
    }

    fn reads_text(&self) -> bool {
        self.text.is_some() || self.regex.is_some()
    }

    fn holds(&self, text: &str) -> bool {
        self.text.as_ref().is_none_or(|t| text.contains(t.as_str()))
            && self.regex.as_ref().is_none_or(|r| r.is_match(text))
    }
}

fn compile(pattern: &str) -> Result<Regex, EngineError> {
    let built = RegexBuilder::new(pattern).size_limit(REGEX_LIMIT).dfa_size_limit(REGEX_LIMIT).build();
    built.map_err(|error| {
        let reason = error.to_string();
        let last = reason.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned();
        EngineError::Question {
            message: format!("`{pattern}` is no regular expression that can be searched for: {last}"),
            hint: "a plain text is found as it stands with the text condition".into(),
        }
    })
}

/// An event as text: level, logger, message, its fields as `name=value`, its exception.
pub(super) fn event_text(event: &LogEvent) -> String {
    let mut text = String::new();
    if let Some(level) = event.level {
        let _ = write!(text, "{level} ");
    }
    if let Some(logger) = &event.logger {
        let _ = write!(text, "{logger} ");
    }
    text.push_str(&event.message);
    for (name, value) in &event.fields {
        let _ = write!(text, " {name}={}", cell_text(value).unwrap_or_default());
    }
    if let Some(exception) = &event.exception {
        let _ = write!(text, "\n{exception}");
    }
    text
}

/// A record as text: key, headers as `name=value`, payload.
pub(super) fn record_text(record: &Record) -> String {
    let mut text = String::new();
    if let Some(key) = &record.key {
        let _ = write!(text, "key={key} ");
    }
    for (name, value) in &record.headers {
        let _ = write!(text, "{name}={value} ");
    }
    match &record.payload {
        Some(payload) => text.push_str(&cell_text(payload).unwrap_or_default()),
        None => text.push_str("(tombstone)"),
    }
    text
}

/// A row as text: `column=value`.
pub(super) fn row_text(row: &Row) -> String {
    let cells = row.cells.iter().filter_map(|(c, v)| cell_text(v).map(|v| format!("{c}={v}")));
    cells.collect::<Vec<_>>().join(" ")
}

/// A value as text: scalars bare, the rest as JSON; `None` for null.
fn cell_text(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::Array(_) | Value::Object(_) => Some(value.to_string()),
        scalar => scalar_text(scalar),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn conditions(search: &Search) -> Conditions {
        Conditions::new(search).unwrap()
    }

    #[test]
    fn nothing_asked_and_nonsense_are_refused_with_a_hint() {
        for search in [
            Search::default(),
            Search { keys: vec![String::new()], ..Search::default() },
            Search { regex: Some("(".into()), ..Search::default() },
            Search { by_key: true, text: Some("x".into()), ..Search::default() },
            Search { keys_at: Some("$.id".into()), text: Some("x".into()), ..Search::default() },
            Search { keys: vec!["7".into()], fields: vec!["id".into()], ..Search::default() },
            Search { regex: Some(r"(\w{500}){500}".into()), ..Search::default() },
            Search { paths: vec![("status".into(), "x".into())], ..Search::default() },
        ] {
            let Err(EngineError::Question { hint, .. }) = Conditions::new(&search) else {
                panic!("{search:?}")
            };
            assert!(!hint.is_empty());
        }
    }

    #[test]
    fn conditions_of_different_kinds_must_all_hold() {
        let record = Record {
            headers: vec![("source".into(), "retry".into())],
            payload: Some(json!({"status": "REJECTED", "n": 7})),
            ..Record::default()
        };
        let with = |path: &str, header: &str, text: &str| {
            conditions(&Search {
                paths: vec![("$.status".into(), path.into())],
                headers: vec![("Source".into(), header.into())],
                text: Some(text.into()),
                ..Search::default()
            })
            .record(&record)
        };
        assert!(with("REJECTED", "retry", r#""n":7"#));
        assert!(!with("OPEN", "retry", "7"));
        assert!(!with("REJECTED", "first", "7"));
        assert!(!with("REJECTED", "retry", "8"));
    }

    #[test]
    fn records_are_found_by_keys_at_a_place_and_shown_by_fields() {
        let record = Record {
            partition: 2,
            offset: 40,
            key: Some("k".into()),
            payload: Some(json!({"id": 7, "other": 8, "lines": [{"sku": "x"}, {"sku": "y"}]})),
            ..Record::default()
        };
        let base = || Search { keys: vec!["8".into(), "7".into()], ..Search::default() };
        let holds = |search: Search| conditions(&search).record(&record);
        assert!(holds(Search { keys_at: Some("$.id".into()), ..base() }));
        assert!(!holds(Search { keys_at: Some("$.lines".into()), ..base() }));
        let here = |partition, offsets| {
            let search = Search { partition: Some(partition), offsets: Some(offsets), ..Search::default() };
            assert!(conditions(&search).records_only());
            holds(search)
        };
        assert!(here(2, 40..41) && !here(2, 41..50) && !here(2, 30..40) && !here(1, 40..41));
        let fields = vec!["$.id".into(), "$.lines[].sku".into(), "$.channel".into()];
        let shown = conditions(&Search { fields, ..base() }).shown(&record);
        assert_eq!(shown, "key=k id=7 sku=x,y channel=-");
    }

    #[test]
    fn cells_are_matched_one_by_one_and_keys_as_whole_tokens() {
        let row =
            Row { cells: vec![("id".into(), json!(1001)), ("note".into(), json!("for order 77, late"))] };
        let key = |key: &str| conditions(&Search { keys: vec![key.into()], ..Search::default() }).row(&row);
        assert!(key("1001") && key("77"));
        assert!(!key("100") && !key("id"));
        let regex = |r: &str| conditions(&Search { regex: Some(r.into()), ..Search::default() }).row(&row);
        assert!(regex("^for .* late$"));
        assert!(!regex("1001.*order"));
    }

    #[test]
    fn fields_and_exceptions_of_events_are_searched() {
        let event = LogEvent {
            message: "failed".into(),
            fields: vec![("order.id".into(), json!(7))],
            exception: Some("java.lang.IllegalStateException: no tariff".into()),
            ..LogEvent::default()
        };
        let text = |t: &str| conditions(&Search { text: Some(t.into()), ..Search::default() }).event(&event);
        assert!(text("order.id=7") && text("no tariff") && text("failed"));
        assert!(!text("No tariff"));
    }
}
