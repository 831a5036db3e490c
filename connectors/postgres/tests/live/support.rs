//! A server and the means to put something into it.

use std::sync::OnceLock;
use tokio_postgres::{NoTls, SimpleQueryMessage};
use waylaid_model::Coverage;
use waylaid_postgres::{PostgresConfig, PostgresTables};
use waylaid_servers::{Kind, Options, Server, for_test};
use waylaid_store::{Context, Filter, RowHit, RowQuery, StoreError, TableStore as _};

/// A server that all tests share; each has a database of its own. It ends with the process.
pub fn shared(test: &str) -> Option<&'static Server> {
    static SERVER: OnceLock<Option<Server>> = OnceLock::new();
    // Nothing takes transaction numbers but what the tests do.
    let options = Options::default().with("autovacuum", "off");
    SERVER.get_or_init(|| for_test(test, Kind::Postgres, &options)).as_ref()
}

/// The address of a new database with this in it.
pub fn database(test: &str, sql: &str) -> Option<String> {
    let server = shared(test)?;
    execute(&server.url(), &format!("CREATE DATABASE {test}"));
    let url = of(server, test);
    execute(&url, sql);
    Some(url)
}

/// The address of a database of the server.
pub fn of(server: &Server, database: &str) -> String {
    format!("{}/{database}", server.url().rsplit_once('/').unwrap().0)
}

/// Runs statements as the administrator; the texts of the last one's first column.
pub fn execute(url: &str, sql: &str) -> Vec<String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
        tokio::spawn(connection);
        let messages = client.simple_query(sql).await.unwrap_or_else(|e| panic!("{sql}: {e:?}"));
        let text = |message: &SimpleQueryMessage| match message {
            SimpleQueryMessage::Row(row) => Some(row.get(0).unwrap_or("null").to_owned()),
            _ => None,
        };
        messages.iter().filter_map(text).collect()
    })
}

pub fn store(url: &str) -> PostgresTables {
    open(&PostgresConfig::new(url))
}

pub fn open(config: &PostgresConfig) -> PostgresTables {
    PostgresTables::open("tables.shop".into(), config).unwrap()
}

pub fn read(store: &PostgresTables, query: &RowQuery) -> Result<(Vec<RowHit>, Coverage), StoreError> {
    let mut hits = Vec::new();
    let coverage = store.rows(query, &Context::new(), &mut |hit| hits.push(hit))?;
    hits.retain(|hit: &RowHit| !hit.is_head());
    Ok((hits, coverage))
}

pub fn all(table: &str) -> RowQuery {
    RowQuery { table: table.into(), columns: Vec::new(), filter: Filter::All, limit: None }
}

pub fn with(table: &str, column: &str, values: &[&str]) -> RowQuery {
    let values = values.iter().map(|v| (*v).to_owned()).collect();
    RowQuery { filter: Filter::In { column: column.into(), values }, ..all(table) }
}

/// An attempt of the corpus that is meant for this engine: what is asked, and whether it may be answered.
pub fn attempts(engine: &str) -> Vec<(String, bool)> {
    let corpus: toml::Table = include_str!("../../../../crates/sqlguard/corpus/bypass.toml").parse().unwrap();
    let attempts = corpus["attempt"].as_array().unwrap().iter().map(|attempt| attempt.as_table().unwrap());
    let meant = attempts.filter(|attempt| [engine, "both"].contains(&attempt["on"].as_str().unwrap()));
    let each = |attempt: &toml::Table| {
        let passes = attempt.get("passes").is_some_and(|p| p.as_bool().unwrap());
        (attempt["sql"].as_str().unwrap().to_owned(), passes)
    };
    meant.map(each).collect()
}
