//! `kind = "kafka"`: the topics of a live cluster. Its driver is in C and wants make, so a build has it only when asked.

use super::{About, Entry, Key, Takes};
use waylaid_model::StoreKind;
use waylaid_store::TopicStore;

const KEYS: &[Key] = &[
    Key::required("bootstrap", Takes::Text, "bootstrap = \"broker-1:9092,broker-2:9092\""),
    Key::new("security", Takes::OneOf(&["plaintext", "tls", "sasl", "sasl_tls"])),
    Key::new("mechanism", Takes::OneOf(&["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512", "OAUTHBEARER"])),
    Key::new("user", Takes::Text),
    Key::new("password", Takes::Secret),
    Key::new("token", Takes::Secret),
    Key::new("ca", Takes::Path),
    Key::new("certificate", Takes::Path),
    Key::new("key", Takes::Path),
    Key::new("key_password", Takes::Secret),
    Key::new("schema_registry", Takes::Url),
    Key::new("registry_user", Takes::Text),
    Key::new("registry_password", Takes::Secret),
    Key::new("registry_ca", Takes::Path),
];

/// Topics.
pub const TOPICS: Entry<dyn TopicStore> =
    Entry { about: About { kind: StoreKind::Kafka, keys: KEYS, lacks: driver::LACKS }, open: driver::open };

#[cfg(feature = "kafka")]
mod driver {
    use crate::kinds::Place;
    use waylaid_kafka::{KafkaConfig, KafkaTopics, Mechanism, RegistryConfig, Security};
    use waylaid_store::{StoreError, TopicStore};

    pub const LACKS: Option<&str> = None;

    pub fn open(place: &Place) -> Result<Box<dyn TopicStore>, StoreError> {
        let config = KafkaConfig {
            bootstrap: place.text("bootstrap").unwrap_or_default(),
            security: place.text("security").and_then(|name| Security::from_name(&name)).unwrap_or_default(),
            mechanism: place
                .text("mechanism")
                .and_then(|name| Mechanism::from_name(&name))
                .unwrap_or_default(),
            user: place.text("user"),
            password: place.text("password"),
            token: place.text("token"),
            ca: place.path("ca"),
            certificate: place.path("certificate"),
            key: place.path("key"),
            key_password: place.text("key_password"),
            registry: place.text("schema_registry").map(|url| RegistryConfig {
                url,
                user: place.text("registry_user"),
                password: place.text("registry_password"),
                ca: place.path("registry_ca"),
            }),
        };
        Ok(Box::new(KafkaTopics::open(place.name.clone(), &config)?))
    }

    #[test]
    fn the_connector_knows_every_word() {
        for (key, names) in [("security", Security::NAMES), ("mechanism", Mechanism::NAMES)] {
            let takes = super::KEYS.iter().find(|k| k.name == key).map(|k| k.takes);
            assert!(matches!(takes, Some(super::Takes::OneOf(words)) if words == names), "{key}");
        }
    }
}

#[cfg(not(feature = "kafka"))]
mod driver {
    use crate::kinds::Place;
    use waylaid_store::{ErrorKind, StoreError, TopicStore};

    pub const LACKS: Option<&str> = Some("kafka (or kafka-tls, for TLS and all logins but PLAIN)");

    /// The configuration refuses the kind before this is called.
    pub fn open(place: &Place) -> Result<Box<dyn TopicStore>, StoreError> {
        Err(StoreError::new(ErrorKind::Invalid, format!("{}: this build is without Kafka", place.name)))
    }
}
