//! `kind = "mongodb"`: the collections of a live database. Its driver is large, so a build has it only when asked.

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
    Entry { about: About { kind: StoreKind::Mongodb, keys: KEYS, lacks: driver::LACKS }, open: driver::open };

#[cfg(feature = "mongodb")]
mod driver {
    use crate::kinds::Place;
    use waylaid_mongodb::{MongoConfig, MongoTables};
    use waylaid_store::{StoreError, TableStore};

    pub const LACKS: Option<&str> = None;

    pub fn open(place: &Place) -> Result<Box<dyn TableStore>, StoreError> {
        let config = MongoConfig {
            user: place.text("user"),
            password: place.text("password"),
            ca: place.path("ca"),
            ..MongoConfig::new(place.text("url").unwrap_or_default())
        };
        Ok(Box::new(MongoTables::open(place.name.clone(), &config)?))
    }
}

#[cfg(not(feature = "mongodb"))]
mod driver {
    use crate::kinds::Place;
    use waylaid_store::{ErrorKind, StoreError, TableStore};

    pub const LACKS: Option<&str> = Some("mongodb");

    /// The configuration refuses the kind before this is called.
    pub fn open(place: &Place) -> Result<Box<dyn TableStore>, StoreError> {
        Err(StoreError::new(ErrorKind::Invalid, format!("{}: this build is without MongoDB", place.name)))
    }
}
