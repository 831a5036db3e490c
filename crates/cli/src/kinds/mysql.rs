//! `kind = "mysql"`: the tables of a live database, of MySQL or MariaDB.

use super::{About, Entry, Key, Takes};
use waylaid_model::StoreKind;
use waylaid_store::TableStore;

const KEYS: &[Key] = &[
    Key::required("url", Takes::Url, "url = \"env:ORDERS_DB_URL\""),
    Key::new("user", Takes::Text),
    Key::new("password", Takes::Secret),
    Key::new("ca", Takes::Path),
];

/// Tables.
pub const TABLES: Entry<dyn TableStore> =
    Entry { about: About { kind: StoreKind::Mysql, keys: KEYS, lacks: driver::LACKS }, open: driver::open };

#[cfg(feature = "mysql")]
mod driver {
    use crate::kinds::Place;
    use waylaid_mysql::{MysqlConfig, MysqlTables};
    use waylaid_store::{StoreError, TableStore};

    pub const LACKS: Option<&str> = None;

    pub fn open(place: &Place) -> Result<Box<dyn TableStore>, StoreError> {
        let config = MysqlConfig {
            user: place.text("user"),
            password: place.text("password"),
            ca: place.path("ca"),
            ..MysqlConfig::new(place.text("url").unwrap_or_default())
        };
        Ok(Box::new(MysqlTables::open(place.name.clone(), &config)?))
    }
}

#[cfg(not(feature = "mysql"))]
mod driver {
    use crate::kinds::Place;
    use waylaid_store::{ErrorKind, StoreError, TableStore};

    pub const LACKS: Option<&str> = Some("mysql");

    /// The configuration refuses the kind before this is called.
    pub fn open(place: &Place) -> Result<Box<dyn TableStore>, StoreError> {
        Err(StoreError::new(ErrorKind::Invalid, format!("{}: this build is without MySQL", place.name)))
    }
}
