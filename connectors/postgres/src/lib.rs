//! Tables of a live PostgreSQL, read and nothing else: every question is a transaction that the server itself keeps
//! read-only, with limits to how long it may run and wait, rolled back in the end.
//!
//! - `config`: where the database is and how one gets in
//! - `client`: the driver, the read-only transaction, cancelling on the server
//! - `tls`: whom we believe that they are the server
//! - `errors`: what the server says, as errors of ours, without secrets
//! - `catalog`: tables, columns, keys
//! - `cells`: values as texts of the server, and as JSON
//! - `plan`, `read`: the rows of one table
//! - `audit`, `select`: a SELECT of somebody's own
//! - `standing`: who we are there and what we could do

mod audit;
mod catalog;
mod cells;
mod client;
mod config;
mod errors;
mod plan;
mod read;
mod select;
mod standing;
mod tls;

pub use config::PostgresConfig;

use client::{Asking, Client};
use waylaid_model::Coverage;
use waylaid_store::{Context, Filter, RowHit, RowQuery, Standing, StoreError, TableCatalog, TableStore};

/// Tables of one schema of a database.
#[derive(Debug)]
pub struct PostgresTables {
    name: String,
    client: Client,
}

impl PostgresTables {
    /// A store of the tables of a schema. Reaches out only when it is asked something.
    pub fn open(name: String, config: &PostgresConfig) -> Result<Self, StoreError> {
        let client = client::open(&name, config)?;
        Ok(Self { name, client })
    }
}

impl TableStore for PostgresTables {
    fn name(&self) -> &str {
        &self.name
    }

    fn catalog(&self, context: &Context) -> Result<TableCatalog, StoreError> {
        let work = async |asking: &Asking<'_>| catalog::all(&self.name, asking).await;
        client::ask(&self.client, "listing tables", context, work)
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
        let doing = format!("reading table {}", query.table);
        let work = async |asking: &Asking<'_>| read::rows(&self.name, asking, query, context, sink).await;
        client::ask(&self.client, &doing, context, work)
    }

    fn standing(&self, context: &Context) -> Result<Option<Standing>, StoreError> {
        let work = async |asking: &Asking<'_>| standing::ask(asking).await.map(Some);
        client::ask(&self.client, "asking who we are", context, work)
    }
}
