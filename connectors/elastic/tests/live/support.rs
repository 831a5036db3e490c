//! Servers and the means to put something into them.

use serde_json::{Value, json};
use std::sync::{Mutex, MutexGuard, PoisonError};
use waylaid_elastic::{ElasticConfig, ElasticLogs, Product};
use waylaid_model::Coverage;
use waylaid_servers::{Kind, Options, Server, for_test};
use waylaid_store::{Context, LogHit, LogQuery, LogStore as _};

/// A server, and that no other runs at the same time: they are heavy.
pub struct One {
    pub server: Server,
    _alone: MutexGuard<'static, ()>,
}

/// A server for a test, empty.
pub fn server(test: &str, kind: Kind) -> Option<One> {
    static ALONE: Mutex<()> = Mutex::new(());
    let alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    Some(One { server: for_test(test, kind, &Options::default())?, _alone: alone })
}

pub fn product(kind: Kind) -> Product {
    if kind == Kind::Opensearch3 { Product::Opensearch } else { Product::Elasticsearch }
}

pub fn config(one: &One, index: &str) -> ElasticConfig {
    ElasticConfig {
        url: one.server.url(),
        product: product(one.server.kind()),
        index: index.into(),
        ..ElasticConfig::default()
    }
}

pub fn open(one: &One, index: &str) -> ElasticLogs {
    ElasticLogs::open("logs.main".into(), &config(one, index)).unwrap()
}

pub fn scan(store: &ElasticLogs, query: &LogQuery) -> (Vec<LogHit>, Vec<Coverage>) {
    let hits = Mutex::new(Vec::new());
    let coverage = store.scan(query, &Context::new(), &|hit| hits.lock().unwrap().push(hit)).unwrap();
    let mut hits = hits.into_inner().unwrap();
    hits.sort_by_key(|hit: &LogHit| (hit.part, hit.seq));
    (hits, coverage)
}

/// Sends a request to a server, as its administrator would.
pub fn send(one: &One, method: &str, path: &str, body: &str) -> Value {
    serde_json::from_str(&one.server.send(method, path, body).unwrap()).unwrap()
}

/// An index with fields of these types, of two shards.
pub fn create(one: &One, index: &str, fields: &[(&str, &str)]) {
    let mut properties = json!({});
    for (path, kind) in fields {
        let mut at = &mut properties;
        let mut names = path.split('.').peekable();
        while let Some(name) = names.next() {
            at = &mut at[name];
            if names.peek().is_some() {
                at = &mut at["properties"];
            }
        }
        at["type"] = (*kind).into();
    }
    let settings = json!({"number_of_shards": 2, "number_of_replicas": 0});
    let body = json!({"settings": settings, "mappings": {"properties": properties}});
    send(one, "PUT", &format!("/{index}"), &body.to_string());
}

/// Stores documents, searchable at once.
pub fn store(one: &One, index: &str, documents: &[Value]) {
    for (number, some) in documents.chunks(2000).enumerate() {
        let line = |(at, d): (usize, &Value)| {
            let id = number * 2000 + at;
            format!("{{\"create\":{{\"_id\":\"{index}-{id}\"}}}}\n{d}\n")
        };
        let lines: String = some.iter().enumerate().map(line).collect();
        let answer = send(one, "POST", &format!("/{index}/_bulk?refresh=true"), &lines);
        assert_eq!(answer["errors"], false, "{answer}");
    }
}
