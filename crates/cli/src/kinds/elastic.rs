//! `kind = "elasticsearch"` and `kind = "opensearch"`: logs in a cluster.

use super::{About, Entry, Key, Takes};
use waylaid_model::StoreKind;
use waylaid_store::LogStore;

const KEYS: &[Key] = &[
    Key::required("url", Takes::Url, "url = \"https://logs.example:9200\""),
    Key::required("index", Takes::Text, "index = \"logs-*\""),
    Key::new("api_key", Takes::Secret),
    Key::new("user", Takes::Text),
    Key::new("password", Takes::Secret),
    Key::new("token", Takes::Secret),
    Key::new("ca", Takes::Path),
    Key::new("certificate", Takes::Path),
    Key::new("key", Takes::Path),
    Key::new("time_field", Takes::Text),
    Key::new("service_field", Takes::Text),
    Key::new("instance_field", Takes::Text),
    Key::new("level_field", Takes::Text),
    Key::new("thread_field", Takes::Text),
];

/// Logs in Elasticsearch.
pub const ELASTICSEARCH: Entry<dyn LogStore> = Entry {
    about: About { kind: StoreKind::Elasticsearch, keys: KEYS, lacks: driver::LACKS },
    open: driver::elasticsearch,
};

/// Logs in OpenSearch.
pub const OPENSEARCH: Entry<dyn LogStore> = Entry {
    about: About { kind: StoreKind::Opensearch, keys: KEYS, lacks: driver::LACKS },
    open: driver::opensearch,
};

#[cfg(feature = "elastic")]
mod driver {
    use crate::kinds::Place;
    use waylaid_elastic::{ElasticConfig, ElasticLogs, FieldNames, Product};
    use waylaid_store::{LogStore, StoreError};

    pub const LACKS: Option<&str> = None;

    pub fn elasticsearch(place: &Place) -> Result<Box<dyn LogStore>, StoreError> {
        open(place, Product::Elasticsearch)
    }

    pub fn opensearch(place: &Place) -> Result<Box<dyn LogStore>, StoreError> {
        open(place, Product::Opensearch)
    }

    fn open(place: &Place, product: Product) -> Result<Box<dyn LogStore>, StoreError> {
        let config = ElasticConfig {
            url: place.text("url").unwrap_or_default(),
            product,
            index: place.text("index").unwrap_or_default(),
            api_key: place.text("api_key"),
            user: place.text("user"),
            password: place.text("password"),
            token: place.text("token"),
            ca: place.path("ca"),
            certificate: place.path("certificate"),
            key: place.path("key"),
            fields: FieldNames {
                time: place.text("time_field"),
                service: place.text("service_field"),
                instance: place.text("instance_field"),
                level: place.text("level_field"),
                thread: place.text("thread_field"),
            },
        };
        Ok(Box::new(ElasticLogs::open(place.name.clone(), &config)?))
    }
}

#[cfg(not(feature = "elastic"))]
mod driver {
    use crate::kinds::Place;
    use waylaid_store::{ErrorKind, LogStore, StoreError};

    pub const LACKS: Option<&str> = Some("elastic");

    /// The configuration refuses the kind before these are called.
    pub fn elasticsearch(place: &Place) -> Result<Box<dyn LogStore>, StoreError> {
        Err(StoreError::new(
            ErrorKind::Invalid,
            format!("{}: this build is without Elasticsearch", place.name),
        ))
    }

    pub use elasticsearch as opensearch;
}
