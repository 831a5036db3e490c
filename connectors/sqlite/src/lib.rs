//! Tables in an SQLite file: the embedded table store, and the third half of an incident bundle.
//!
//! Read-only in three ways: the file is opened read-only, `query_only` is on, and a database that could only be read
//! by writing beside it (a write-ahead log or a hot journal to recover) is read from a private copy. Each call
//! opens a connection of its own, so calls may run at the same time.

mod catalog;
mod cells;
mod client;
mod quote;
mod read;
mod select;

use client::Database;
use std::path::PathBuf;
use waylaid_model::Coverage;
use waylaid_store::{Context, RowHit, RowQuery, StoreError, TableCatalog, TableStore};

/// Tables of one SQLite file.
#[derive(Debug)]
pub struct SqliteTables {
    name: String,
    database: Database,
}

impl SqliteTables {
    /// A store of the tables in the file at `path`. Fails when it is missing (it is not created), no database, or
    /// held by somebody else.
    pub fn open(name: String, path: PathBuf) -> Result<Self, StoreError> {
        let database = Database::open(path)?;
        Ok(Self { name, database })
    }
}

impl TableStore for SqliteTables {
    fn name(&self) -> &str {
        &self.name
    }

    fn catalog(&self, context: &Context) -> Result<TableCatalog, StoreError> {
        self.database.with(context, "listing tables", |connection| {
            catalog::read(&self.name, &self.database, connection)
        })
    }

    fn rows(
        &self,
        query: &RowQuery,
        context: &Context,
        sink: &mut dyn FnMut(RowHit),
    ) -> Result<Coverage, StoreError> {
        let doing = format!("reading table {}", query.table);
        self.database.with(context, &doing, |connection| {
            read::rows(&self.name, &self.database, connection, query, context, sink)
        })
    }
}
