//! `kind = "sqlite"`: the tables of a database file.

use super::{About, Entry, Key, Place, Takes};
use waylaid_model::StoreKind;
use waylaid_sqlite::SqliteTables;
use waylaid_store::TableStore;

/// Tables.
pub const TABLES: Entry<dyn TableStore> = Entry {
    about: About {
        kind: StoreKind::Sqlite,
        keys: &[Key::required("path", Takes::Path, "path = \"tables/orders.sqlite\"")],
        lacks: None,
    },
    open: |place: &Place| {
        Ok(Box::new(SqliteTables::open(place.name.clone(), place.path("path").unwrap_or_default())?))
    },
};
