//! The servers, a file each: what it needs, its settings, how it starts.

mod apicurio;
mod jvm;
pub mod kafka;
mod mariadb;
mod mongodb;
mod postgres;
mod search;

use crate::error::Error;
use crate::{Kind, Options, Server};

/// Installs what is missing.
pub fn install(kind: Kind) -> Result<(), Error> {
    match kind {
        Kind::Kafka => kafka::install().map(drop),
        Kind::Postgres => postgres::install().map(drop),
        Kind::Mariadb => mariadb::install().map(drop),
        Kind::Apicurio3 => apicurio::install().map(drop),
        Kind::Mongodb => mongodb::install().map(drop),
        Kind::Elasticsearch9 | Kind::Elasticsearch8 | Kind::Elasticsearch7 | Kind::Opensearch3 => {
            search::install(kind).map(drop)
        }
    }
}

/// Installs what is missing, starts it, waits until it answers.
pub fn start(kind: Kind, options: &Options) -> Result<Server, Error> {
    match kind {
        Kind::Kafka => kafka::start(options),
        Kind::Postgres => postgres::start(options),
        Kind::Mariadb => mariadb::start(options),
        Kind::Apicurio3 => apicurio::start(options),
        Kind::Mongodb => mongodb::start(options),
        Kind::Elasticsearch9 | Kind::Elasticsearch8 | Kind::Elasticsearch7 | Kind::Opensearch3 => {
            search::start(kind, options)
        }
    }
}
