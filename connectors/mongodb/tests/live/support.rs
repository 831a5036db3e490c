//! A server and the means to put something into it.

use mongodb::bson::{Document, doc};
use std::sync::{Mutex, OnceLock};
use tokio::runtime::Runtime;
use waylaid_model::Coverage;
use waylaid_mongodb::{MongoConfig, MongoTables};
use waylaid_servers::{Kind, Options, Server, for_test};
use waylaid_store::{Context, RowHit, RowQuery, StoreError, TableStore as _};

fn runtime() -> &'static Runtime {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    RUNTIME.get_or_init(|| tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap())
}

/// A database of a test's own on a server that all tests share, with these documents in its collections: its address.
pub fn database(test: &str, name: &str, collections: &[(&str, Vec<Document>)]) -> Option<String> {
    static SERVER: OnceLock<Option<Server>> = OnceLock::new();
    static FILLING: Mutex<()> = Mutex::new(());
    let server = SERVER.get_or_init(|| for_test(test, Kind::Mongodb, &Options::default()));
    let url = format!("mongodb://{}/{name}", server.as_ref()?.address());
    let _one_by_one = FILLING.lock().unwrap();
    runtime().block_on(async {
        let database = mongodb::Client::with_uri_str(&url).await.unwrap().database(name);
        for (collection, documents) in collections {
            database.create_collection(*collection).await.unwrap();
            if !documents.is_empty() {
                database.collection::<Document>(collection).insert_many(documents).await.unwrap();
            }
        }
    });
    Some(url)
}

/// Everything that the server holds: all databases, collections, indexes and documents.
pub fn snapshot(url: &str) -> Vec<String> {
    runtime().block_on(async {
        let client = mongodb::Client::with_uri_str(url).await.unwrap();
        let mut all = Vec::new();
        for name in client.list_database_names().await.unwrap() {
            let database = client.database(&name);
            for collection in database.list_collection_names().await.unwrap() {
                let mut cursor = database
                    .collection::<Document>(&collection)
                    .find(doc! {})
                    .sort(doc! {"_id": 1})
                    .await
                    .unwrap();
                all.push(format!("{name}.{collection}"));
                while cursor.advance().await.unwrap() {
                    all.push(format!("{name}.{collection}: {}", cursor.deserialize_current().unwrap()));
                }
            }
        }
        all.sort();
        all
    })
}

pub fn store(url: &str) -> MongoTables {
    MongoTables::open("tables.shop".into(), &MongoConfig::new(url)).unwrap()
}

pub fn rows(store: &MongoTables, query: &RowQuery) -> Result<(Vec<RowHit>, Coverage), StoreError> {
    let mut rows = Vec::new();
    let coverage = store.rows(query, &Context::new(), &mut |row| rows.push(row))?;
    Ok((rows, coverage))
}
