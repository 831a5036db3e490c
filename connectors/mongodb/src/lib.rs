//! Collections of a live MongoDB as tables, read and nothing else: what may be sent is one list of commands that read.
//!
//! - `config`: where the database is and how one gets in
//! - `client`: the connection, giving up, all commands that are ever sent
//! - `errors`: what the server says, as errors of ours, without secrets
//! - `catalog`: collections, the fields of a sample of their documents, unique indexes
//! - `cells`: values as JSON, and texts as the values that they may stand for
//! - `read`: the documents of one collection
//! - `pipeline`: an aggregation of somebody's own: which stages may stand in it
//! - `select`: its rows
//! - `standing`: who we are there and what we could do

mod catalog;
mod cells;
mod client;
mod config;
mod errors;
mod pipeline;
mod read;
mod select;
mod standing;

pub use config::MongoConfig;

use client::Client;
use waylaid_model::Coverage;
use waylaid_store::{Context, Filter, RowHit, RowQuery, Standing, StoreError, TableCatalog, TableStore};

/// Collections of one database.
#[derive(Debug)]
pub struct MongoTables {
    name: String,
    client: Client,
}

impl MongoTables {
    /// A store of the collections of a database. Reaches out only when it is asked something.
    pub fn open(name: String, config: &MongoConfig) -> Result<Self, StoreError> {
        let client = Client::new(&name, config)?;
        Ok(Self { name, client })
    }
}

impl TableStore for MongoTables {
    fn name(&self) -> &str {
        &self.name
    }

    fn catalog(&self, context: &Context) -> Result<TableCatalog, StoreError> {
        self.client.ask("listing collections", context, async |asking| catalog::all(&self.name, asking).await)
    }

    fn rows(
        &self,
        query: &RowQuery,
        context: &Context,
        sink: &mut dyn FnMut(RowHit),
    ) -> Result<Coverage, StoreError> {
        if let Filter::Select { sql } = &query.filter {
            return select::rows(&self.name, &self.client, (sql, query.limit), context, sink);
        }
        let doing = format!("reading collection {}", query.table);
        self.client
            .ask(&doing, context, async |asking| read::rows(&self.name, asking, query, context, sink).await)
    }

    fn standing(&self, context: &Context) -> Result<Option<Standing>, StoreError> {
        self.client.ask("asking who we are", context, async |asking| standing::ask(asking).await.map(Some))
    }
}
