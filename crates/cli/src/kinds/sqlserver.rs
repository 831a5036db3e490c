//! `kind = "sqlserver"`: the tables of a schema of a live database. Never run on a live server by us, so a build has it only
//! when asked.

use super::{About, Entry, Key, Takes};
use waylaid_model::StoreKind;
use waylaid_store::TableStore;

const KEYS: &[Key] = &[
    Key::required("url", Takes::Url, "url = \"env:ORDERS_DB_URL\""),
    Key::new("user", Takes::Text),
    Key::new("password", Takes::Secret),
    Key::new("schema", Takes::Text),
    Key::new("ca", Takes::Path),
];

/// Tables.
pub const TABLES: Entry<dyn TableStore> = Entry {
    about: About { kind: StoreKind::Sqlserver, keys: KEYS, lacks: driver::LACKS },
    open: driver::open,
};

#[cfg(feature = "sqlserver")]
mod driver {
    use crate::kinds::Place;
    use waylaid_sqlserver::{SqlServerConfig, SqlServerTables};
    use waylaid_store::{StoreError, TableStore};

    pub const LACKS: Option<&str> = None;

    pub fn open(place: &Place) -> Result<Box<dyn TableStore>, StoreError> {
        let config = SqlServerConfig {
            user: place.text("user"),
            password: place.text("password"),
            schema: place.text("schema"),
            ca: place.path("ca"),
            ..SqlServerConfig::new(place.text("url").unwrap_or_default())
        };
        Ok(Box::new(SqlServerTables::open(place.name.clone(), &config)?))
    }
}

#[cfg(not(feature = "sqlserver"))]
mod driver {
    use crate::kinds::Place;
    use waylaid_store::{ErrorKind, StoreError, TableStore};

    pub const LACKS: Option<&str> = Some("sqlserver");

    /// The configuration refuses the kind before this is called.
    pub fn open(place: &Place) -> Result<Box<dyn TableStore>, StoreError> {
        Err(StoreError::new(ErrorKind::Invalid, format!("{}: this build is without SQL Server", place.name)))
    }
}
