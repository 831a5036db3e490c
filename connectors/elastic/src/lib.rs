//! Logs in Elasticsearch or OpenSearch: searched where they are, read without a trace.
//!
//! - `config`: where the cluster is and how one gets in
//! - `allowed`: all that is ever asked of it
//! - `client`: the only file that knows the driver
//! - `server`, `standing`: what it is, how its clock goes, what our credentials may do
//! - `fields`: which fields say what
//! - `layout`: services, their instances, closed indices
//! - `query`: keys, windows and failures in the server's words
//! - `pages`: all hits in order of time, over a view that does not change
//! - `scan`, `looks`, `preceding`: what is made of the hits
//! - `sampled`: counts of very many failures, and a sample of them
//! - `convert`: a document into an event
//! - `coverage`: what was searched, and what was not

mod allowed;
mod client;
mod config;
mod convert;
mod coverage;
mod fields;
mod layout;
mod looks;
mod pages;
mod preceding;
mod query;
mod sampled;
mod scan;
mod server;
mod standing;

pub use config::{ElasticConfig, FieldNames, Product};

use allowed::{Ask, Index};
use client::Client;
use layout::Layout;
use scan::{Scan, Source};
use serde_json::json;
use server::Server;
use std::sync::{Arc, Mutex, PoisonError};
use waylaid_model::{Coverage, Reference, Status};
use waylaid_store::{Context, ErrorKind, LogCatalog, LogHit, LogQuery, LogStore, Standing, StoreError};

/// Logs in a cluster.
#[derive(Debug)]
pub struct ElasticLogs {
    name: String,
    client: Client,
    index: Index,
    expected: Product,
    fields: FieldNames,
    /// Names and patterns of indices as they were configured.
    patterns: String,
    /// What was asked once: ordinals must not change while a question is answered.
    known: Mutex<Option<Arc<Known>>>,
}

/// A server and what it holds.
#[derive(Debug)]
struct Known {
    server: Server,
    layout: Layout,
}

impl ElasticLogs {
    /// A store of the cluster's logs. Reaches out only when it is asked something.
    pub fn open(name: String, config: &ElasticConfig) -> Result<Self, StoreError> {
        let client = Client::new(&name, config)?;
        let index = Index::parse(&config.index)
            .map_err(|why| StoreError::new(ErrorKind::Invalid, format!("{name}: {why}")))?;
        let (expected, fields, patterns) = (config.product, config.fields.clone(), config.index.clone());
        Ok(Self { name, client, index, expected, fields, patterns, known: Mutex::new(None) })
    }

    fn known(&self, context: &Context) -> Result<Arc<Known>, StoreError> {
        let lock = || self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = lock().as_ref() {
            return Ok(Arc::clone(known));
        }
        let server = Server::ask(&self.client, &self.index, context)?;
        let layout = Layout::read(&self.client, &self.index, &self.fields, context)?;
        let known = Arc::new(Known { server, layout });
        Ok(Arc::clone(lock().get_or_insert(known)))
    }

    fn source<'a>(&'a self, known: &'a Known) -> Source<'a> {
        let product = known.server.product.unwrap_or(self.expected);
        Source { store: &self.name, client: &self.client, index: &self.index, product, layout: &known.layout }
    }

    /// What the server is, how many events it holds from when to when, how its clock goes.
    fn about(&self, known: &Known, context: &Context) -> Result<String, StoreError> {
        let counts =
            known.layout.counts(&self.client, &self.index, waylaid_model::Window::default(), context)?;
        let events: u64 = counts.values().map(|c| c.events).sum();
        let first = counts.values().filter_map(|c| c.first).min();
        let last = counts.values().filter_map(|c| c.last).max();
        let mut about = vec![format!("{events} events")];
        about.extend(first.zip(last).map(|(first, last)| format!("{first} .. {last}")));
        about.push(known.server.shown(self.expected));
        let time = known.layout.fields.time.as_deref();
        about.extend(time.and_then(|time| server::skew(&self.client, &self.index, time, context)));
        about.extend(known.layout.notes.iter().cloned());
        Ok(about.join(", "))
    }
}

impl LogStore for ElasticLogs {
    fn name(&self) -> &str {
        &self.name
    }

    fn catalog(&self, context: &Context) -> Result<LogCatalog, StoreError> {
        context.check("listing logs")?;
        let known = self.known(context)?;
        let mut catalog = known.layout.catalog(&self.name, self.about(&known, context)?);
        if known.layout.fields.indices == 0 && catalog.problems.is_empty() {
            let note = "no index of this name, or none that these credentials may read";
            catalog.problems.push(Coverage::new(&self.name, &self.name, Status::Failed).with_note(note));
        }
        Ok(catalog)
    }

    fn scan(
        &self,
        query: &LogQuery,
        context: &Context,
        sink: &(dyn Fn(LogHit) + Sync),
    ) -> Result<Vec<Coverage>, StoreError> {
        context.check("searching logs")?;
        let known = self.known(context)?;
        let counts = known.layout.counts(&self.client, &self.index, query.window, context)?;
        let report = Scan::new(self.source(&known), query, context, sink).run()?;
        Ok(coverage::lines(&self.name, &known.layout, query.services.as_deref(), &counts, &report))
    }

    fn raw(&self, at: &Reference, context: &Context) -> Result<String, StoreError> {
        let no_event = || StoreError::new(ErrorKind::Invalid, format!("{}: {at} is no event", self.name));
        let Reference::LogLine { file, .. } = at else { return Err(no_event()) };
        let (index, id) = file.split_once('/').ok_or_else(no_event)?;
        // Never beyond the indices that are configured, whatever the reference says.
        let filter = json!([{"term": {"_index": index}}, {"ids": {"values": [id]}}]);
        let body = json!({"size": 1, "query": {"bool": {"filter": filter}}});
        let answer = self.client.json(Ask::Search, &self.index, Some(&body), context)?;
        match answer["hits"]["hits"].get(0) {
            Some(hit) => Ok(hit["_source"].to_string()),
            None => Err(StoreError::new(ErrorKind::NotFound, format!("{}: event {at}", self.name))),
        }
    }

    fn standing(&self, context: &Context) -> Result<Option<Standing>, StoreError> {
        context.check("asking who we are")?;
        let known = self.known(context)?;
        let product = known.server.product.unwrap_or(self.expected);
        standing::ask(&self.client, &self.index, (&self.patterns, product), context).map(Some)
    }
}
