//! What is there: services and their instances, counted by the server; indices, open and closed.

use crate::allowed::{Ask, Index};
use crate::client::Client;
use crate::fields::Fields;
use crate::query::{self, all, lacks};
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap};
use waylaid_model::{Coverage, Status, Timestamp, Window};
use waylaid_store::{Context, ErrorKind, LogCatalog, LogTarget, StoreError};

/// Services and instances that are told apart; with more, services only.
const MOST_PARTS: usize = 500;
/// Buckets that are asked for at a time.
const BUCKETS: usize = 1000;
/// What events without a service are listed under.
const NAMELESS: &str = "(no service)";

/// The log of one service's instance.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Part {
    /// Service.
    pub service: String,
    /// Instance, empty where none is told.
    pub instance: String,
    /// Indices, where the index is what tells the service.
    indices: Vec<String>,
    /// Whether its events name no service.
    is_nameless: bool,
}

/// What was counted of a service in a window.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Counts {
    /// Events.
    pub events: u64,
    /// First and last time.
    pub first: Option<Timestamp>,
    /// Last time.
    pub last: Option<Timestamp>,
}

/// Everything that does not change while a question is answered.
#[derive(Clone, Debug)]
pub(crate) struct Layout {
    /// The fields.
    pub fields: Fields,
    /// The parts, sorted; their ordinals are their places.
    pub parts: Vec<Part>,
    /// Closed indices.
    pub closed: Vec<String>,
    /// What is not as it should be.
    pub notes: Vec<String>,
    by_name: HashMap<(String, String), u32>,
    has_instances: bool,
}

impl Layout {
    /// Asks the server.
    pub fn read(
        client: &Client,
        index: &Index,
        names: &crate::FieldNames,
        context: &Context,
    ) -> Result<Self, StoreError> {
        let fields = Fields::of(&client.json(Ask::Fields, index, None, context)?, names);
        let (closed, mut notes) = closed(client, index, context)?;
        if fields.indices > 0 && fields.time.is_none() {
            notes.push("no field holds a time: everything is searched, whatever the window".to_owned());
        }
        if fields.splits_service {
            notes.push(format!(
                "the field of the service is text in some indices and whole in others, whose events are listed as {NAMELESS}"
            ));
        }
        if fields.unsearched > 0 {
            notes.push(format!("{} fields were not searched for keys", fields.unsearched));
        }
        if !fields.mixed.is_empty() {
            let some = fields.mixed.iter().take(3).map(String::as_str).collect::<Vec<_>>().join(", ");
            let count = fields.mixed.len();
            notes.push(format!(
                "{count} fields are of different types in different indices and may hide keys ({some})"
            ));
        }
        let mut parts = parts(client, index, &fields, true, context)?;
        let has_instances = parts.len() <= MOST_PARTS;
        if !has_instances {
            parts = self::parts(client, index, &fields, false, context)?;
        }
        let names = parts.iter().map(|p| (p.service.clone(), p.instance.clone()));
        let by_name = names.zip(0..).collect();
        Ok(Self { fields, parts, closed, notes, by_name, has_instances })
    }

    /// The ordinal of a hit's part; parts that turned up since the layout was read come behind all others.
    pub fn ordinal(&self, service: &str, instance: &str) -> u32 {
        let known = self.by_name.get(&(service.to_owned(), instance.to_owned()));
        known.copied().unwrap_or_else(|| {
            let text = [service.as_bytes(), &[0], instance.as_bytes()].concat();
            self.parts.len() as u32 + (hash(&text) % 1_000_000) as u32
        })
    }

    /// Service and instance of a hit: by the fields that tell them, else by its index.
    pub fn names(&self, index: &str, field: impl Fn(&str) -> Option<String>) -> (String, String) {
        let told = |name: &Option<String>| name.as_deref().and_then(&field);
        let service = match &self.fields.service {
            Some(_) => told(&self.fields.service).unwrap_or_else(|| NAMELESS.to_owned()),
            None => service_of(index),
        };
        let instance = if self.has_instances { told(&self.fields.instance) } else { None };
        (service, instance.unwrap_or_default())
    }

    /// The catalogue as the contract has it.
    pub fn catalog(&self, store: &str, about: String) -> LogCatalog {
        let mut targets: Vec<LogTarget> = Vec::new();
        for part in &self.parts {
            if targets.last().is_none_or(|t| t.service != part.service) {
                targets.push(LogTarget { service: part.service.clone(), parts: Vec::new() });
            }
            let name = [part.service.as_str(), part.instance.as_str()];
            let name = name.into_iter().filter(|n| !n.is_empty()).collect::<Vec<_>>().join("/");
            let part = waylaid_store::contract::Part { name, bytes: 0, instance: part.instance.clone() };
            targets.iter_mut().last().into_iter().for_each(|t| t.parts.push(part.clone()));
        }
        let closed = |name: &String| {
            Coverage::new(store, name, Status::Failed).with_note(format!("the index {name} is closed"))
        };
        LogCatalog { targets, about, problems: self.closed.iter().map(closed).collect() }
    }

    /// The question for these services, all when `None`.
    pub fn services(&self, services: Option<&[String]>) -> Option<Value> {
        let wanted = services?;
        let Some(field) = &self.fields.service else {
            let of = |p: &&Part| wanted.contains(&p.service);
            let indices: Vec<&String> = self.parts.iter().filter(of).flat_map(|p| &p.indices).collect();
            return Some(json!({"terms": {"_index": indices}}));
        };
        let mut any = vec![json!({"terms": {field: wanted}})];
        if wanted.iter().any(|name| name == NAMELESS) {
            any.push(lacks(field));
        }
        Some(query::any(any))
    }

    /// The question for one part.
    pub fn part(&self, part: &Part) -> Vec<Value> {
        let mut clauses: Vec<Value> =
            self.services(Some(std::slice::from_ref(&part.service))).into_iter().collect();
        if let Some(field) = self.fields.instance.as_ref().filter(|_| self.has_instances) {
            clauses.push(if part.instance.is_empty() {
                lacks(field)
            } else {
                json!({"term": {field: part.instance}})
            });
        }
        clauses
    }

    /// How many events each service has in a window, and from when to when.
    pub fn counts(
        &self,
        client: &Client,
        index: &Index,
        window: Window,
        context: &Context,
    ) -> Result<BTreeMap<String, Counts>, StoreError> {
        let mut aggs = json!({});
        if let Some(time) = &self.fields.time {
            aggs = json!({"first": {"min": {"field": time}}, "last": {"max": {"field": time}}});
        }
        let window: Vec<Value> = query::window(&self.fields, window).into_iter().collect();
        let mut counts: BTreeMap<String, Counts> = BTreeMap::new();
        let mut see = |service: String, bucket: &Value| {
            let time = |name: &str| {
                let millis = bucket[name]["value"].as_f64().filter(|ms| ms.is_finite())?;
                Some(Timestamp::from_millis(millis as i64))
            };
            let sum = counts.entry(service).or_default();
            sum.events += bucket["doc_count"].as_u64().unwrap_or(0);
            sum.first = sum.first.into_iter().chain(time("first")).min();
            sum.last = sum.last.max(time("last"));
        };
        let asked = Buckets { client, index, query: all(window), aggs: &aggs };
        match &self.fields.service {
            Some(field) => asked.composite(&[field], context, |key, bucket| {
                see(key[0].clone().unwrap_or_else(|| NAMELESS.to_owned()), bucket);
            })?,
            None => asked.indices(context, |name, bucket| see(service_of(name), bucket))?,
        }
        Ok(counts)
    }
}

/// Values of some fields together, and how many hits have them.
pub(crate) type Counted = Vec<(Vec<Option<String>>, u64)>;

/// How many hits of a question there are by the values of some fields together, exactly; `None` where these values are too many
/// to be counted apart.
pub(crate) fn counted(
    client: &Client,
    index: &Index,
    query: &Value,
    by: &[String],
    context: &Context,
) -> Result<Option<Counted>, StoreError> {
    let none = json!({});
    let asked = Buckets { client, index, query: query.clone(), aggs: &none };
    let mut counted = Counted::new();
    let mut see = |key: Vec<Option<String>>, bucket: &Value| {
        counted.push((key, bucket["doc_count"].as_u64().unwrap_or(0)));
    };
    match by {
        [only] if only == "_index" => {
            asked.indices(context, |name, bucket| see(vec![Some(name.to_owned())], bucket))?;
        }
        _ => {
            let fields: Vec<&String> = by.iter().collect();
            asked.composite(&fields, context, |key, bucket| see(key.to_vec(), bucket))?;
        }
    }
    Ok((counted.len() <= MOST_PARTS).then_some(counted))
}

/// Services and, if wanted, their instances.
fn parts(
    client: &Client,
    index: &Index,
    fields: &Fields,
    instances: bool,
    context: &Context,
) -> Result<Vec<Part>, StoreError> {
    let none = json!({});
    let asked = Buckets { client, index, query: json!({"match_all": {}}), aggs: &none };
    let instance = fields.instance.as_ref().filter(|_| instances);
    let mut found: BTreeMap<(String, String), Part> = BTreeMap::new();
    let mut see = |service: String, instance: String, index: Option<&str>, is_nameless: bool| {
        let key = (service.clone(), instance.clone());
        let part = found.entry(key).or_insert(Part { service, instance, indices: Vec::new(), is_nameless });
        part.indices.extend(index.map(str::to_owned));
    };
    match (&fields.service, instance) {
        (Some(service), instance) => {
            let by: Vec<&String> = std::iter::once(service).chain(instance).collect();
            asked.composite(&by, context, |key, _| {
                let instance = key.get(1).cloned().flatten().unwrap_or_default();
                let is_nameless = key[0].is_none();
                see(key[0].clone().unwrap_or_else(|| NAMELESS.to_owned()), instance, None, is_nameless);
            })?;
        }
        (None, None) => {
            asked.indices(context, |name, _| see(service_of(name), String::new(), Some(name), false))?;
        }
        (None, Some(instance)) => asked.indices_by(instance, context, |name, instance| {
            see(service_of(name), instance, Some(name), false);
        })?,
    }
    Ok(found.into_values().collect())
}

/// What is counted, over what.
struct Buckets<'a> {
    client: &'a Client,
    index: &'a Index,
    query: Value,
    aggs: &'a Value,
}

impl Buckets<'_> {
    fn ask(&self, aggs: &Value, context: &Context) -> Result<Value, StoreError> {
        let body = json!({"size": 0, "track_total_hits": false, "query": self.query, "aggs": {"by": aggs}});
        let answer = self.client.json(Ask::Search, self.index, Some(&body), context)?;
        Ok(answer["aggregations"]["by"].clone())
    }

    /// Counts by the values of some fields together, those that lack one included.
    fn composite(
        &self,
        fields: &[&String],
        context: &Context,
        mut see: impl FnMut(&[Option<String>], &Value),
    ) -> Result<(), StoreError> {
        let source = |(at, field): (usize, &&String)| json!({format!("f{at}"): {"terms": {"field": field, "missing_bucket": true}}});
        let sources: Vec<Value> = fields.iter().enumerate().map(source).collect();
        let mut composite = json!({"size": BUCKETS, "sources": sources});
        let mut seen = 0;
        loop {
            let mut aggs = json!({"composite": composite});
            if self.aggs.as_object().is_some_and(|a| !a.is_empty()) {
                aggs["aggs"] = self.aggs.clone();
            }
            let answer = self.ask(&aggs, context)?;
            let buckets = answer["buckets"].as_array().map_or(&[][..], Vec::as_slice);
            for bucket in buckets {
                let value = |at| waylaid_model::scalar_text(&bucket["key"][format!("f{at}")]);
                let key: Vec<Option<String>> = (0..fields.len()).map(value).collect();
                see(&key, bucket);
            }
            seen += buckets.len();
            match answer.get("after_key").filter(|_| buckets.len() == BUCKETS && seen <= 4 * MOST_PARTS) {
                Some(after) => composite["after"] = after.clone(),
                None => return Ok(()),
            }
        }
    }

    /// Counts by index.
    fn indices(&self, context: &Context, mut see: impl FnMut(&str, &Value)) -> Result<(), StoreError> {
        let mut aggs = json!({"terms": {"field": "_index", "size": 10_000}});
        if self.aggs.as_object().is_some_and(|a| !a.is_empty()) {
            aggs["aggs"] = self.aggs.clone();
        }
        let answer = self.ask(&aggs, context)?;
        for bucket in answer["buckets"].as_array().into_iter().flatten() {
            see(bucket["key"].as_str().unwrap_or_default(), bucket);
        }
        Ok(())
    }

    /// Counts by index and a field's value.
    fn indices_by(
        &self,
        field: &str,
        context: &Context,
        mut see: impl FnMut(&str, String),
    ) -> Result<(), StoreError> {
        let by = json!({"by": {"terms": {"field": field, "size": BUCKETS}}, "none": {"missing": {"field": field}}});
        let aggs = json!({"terms": {"field": "_index", "size": 10_000}, "aggs": by});
        let answer = self.ask(&aggs, context)?;
        for bucket in answer["buckets"].as_array().into_iter().flatten() {
            let index = bucket["key"].as_str().unwrap_or_default();
            for inner in bucket["by"]["buckets"].as_array().into_iter().flatten() {
                see(index, waylaid_model::scalar_text(&inner["key"]).unwrap_or_default());
            }
            if bucket["none"]["doc_count"].as_u64().is_some_and(|n| n > 0) {
                see(index, String::new());
            }
        }
        Ok(())
    }
}

/// Indices that the pattern names and nobody can search, and what could not be asked.
fn closed(
    client: &Client,
    index: &Index,
    context: &Context,
) -> Result<(Vec<String>, Vec<String>), StoreError> {
    let answer = match client.json(Ask::Indices, index, None, context) {
        Ok(answer) => answer,
        Err(error) if matches!(error.kind, ErrorKind::Denied | ErrorKind::Invalid | ErrorKind::NotFound) => {
            let note = "whether indices are closed could not be asked".to_owned();
            let is_there = error.kind == ErrorKind::NotFound;
            return Ok((Vec::new(), if is_there { Vec::new() } else { vec![note] }));
        }
        Err(error) => return Err(error),
    };
    let is_closed = |i: &&Value| i["attributes"].as_array().is_some_and(|a| a.iter().any(|a| a == "closed"));
    let indices = answer["indices"].as_array().into_iter().flatten();
    let names = indices.filter(is_closed).filter_map(|i| i["name"].as_str()).map(str::to_owned);
    Ok((names.collect(), Vec::new()))
}

/// The service that an index is named after: without the date and the number of its generation.
fn service_of(index: &str) -> String {
    let name = index.strip_prefix(".ds-").unwrap_or(index);
    let is_number = |piece: &str| {
        !piece.is_empty() && piece.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'w'))
    };
    let mut pieces: Vec<&str> = name.split(['-', '_']).collect();
    while pieces.len() > 1 && pieces.last().is_some_and(|p| is_number(p)) {
        pieces.pop();
    }
    let length = pieces.iter().map(|p| p.len() + 1).sum::<usize>().saturating_sub(1);
    name[..length].to_owned()
}

/// The same for the same bytes, everywhere and always.
pub(crate) fn hash(bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_index_is_named_after_its_service() {
        for (index, service) in [
            ("pick-service-2026.11.22", "pick-service"),
            ("pick-service", "pick-service"),
            (".ds-logs-shop-default-2026.11.22-000003", "logs-shop-default"),
            ("orders_2026-11-22", "orders"),
            ("2026", "2026"),
            ("", ""),
        ] {
            assert_eq!(service_of(index), service);
        }
    }
}
