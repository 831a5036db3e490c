//! A server and the means to put something into it.

use mysql_async::prelude::Queryable as _;
use mysql_async::{Conn, Opts, Row};
use std::sync::{Mutex, OnceLock, PoisonError};
use waylaid_model::Coverage;
use waylaid_mysql::{MysqlConfig, MysqlTables};
use waylaid_servers::{Kind, Options, Server, for_test};
use waylaid_store::{Context, Filter, RowHit, RowQuery, StoreError, TableStore as _};

/// A server that all tests share; each has a database of its own. It ends with the process.
pub fn shared(test: &str) -> Option<&'static Server> {
    static SERVER: OnceLock<Option<Server>> = OnceLock::new();
    SERVER.get_or_init(|| start(test, &Options::default())).as_ref()
}

/// A server of one's own. One after another: the tool that makes their folders does not bear company.
pub fn start(test: &str, options: &Options) -> Option<Server> {
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _turn = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    for_test(test, Kind::Mariadb, options)
}

/// The address of a new database with this in it.
pub fn database(test: &str, statements: &[&str]) -> Option<String> {
    let server = shared(test)?;
    execute(&server.url(), &[&format!("CREATE DATABASE {test}")]);
    let url = of(server, test);
    execute(&url, statements);
    Some(url)
}

/// The address of a database of the server.
pub fn of(server: &Server, database: &str) -> String {
    format!("{}/{database}", server.url())
}

/// Runs statements as the administrator; the rows of the last one, as texts.
pub fn execute(url: &str, statements: &[&str]) -> Vec<String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mut connection =
            Conn::new(Opts::from_url(&format!("{url}?prefer_socket=false")).unwrap()).await.unwrap();
        let mut last = Vec::new();
        for sql in statements {
            let rows: Vec<Row> =
                connection.query(*sql).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
            let text =
                |row: Row| row.unwrap().iter().map(|cell| cell.as_sql(true)).collect::<Vec<_>>().join(" ");
            last = rows.into_iter().map(text).collect();
        }
        connection.disconnect().await.unwrap();
        last
    })
}

pub fn store(url: &str) -> MysqlTables {
    open(&MysqlConfig::new(url))
}

pub fn open(config: &MysqlConfig) -> MysqlTables {
    MysqlTables::open("tables.shop".into(), config).unwrap()
}

pub fn read(store: &MysqlTables, query: &RowQuery) -> Result<(Vec<RowHit>, Coverage), StoreError> {
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
