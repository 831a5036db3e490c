//! What a case holds, put into real servers.
#![allow(dead_code, reason = "each test file uses its part")]
#![allow(clippy::unwrap_used, reason = "a case that cannot be read fails")]

use mysql_async::prelude::Queryable as _;
use rusqlite::Connection;
use rusqlite::types::ValueRef;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Mutex;
use waylaid_files::{FilesLogs, FilesTopics};
use waylaid_servers::Server;
use waylaid_store::{Context, LogQuery, LogStore as _, RecordQuery, Select, TopicStore as _};

/// How an engine spells types and names.
pub struct Spelling {
    text: &'static str,
    time: &'static str,
    quote: char,
}

pub const POSTGRES: Spelling = Spelling { text: "text", time: "timestamp", quote: '"' };
pub const MARIADB: Spelling = Spelling { text: "varchar(190)", time: "datetime(3)", quote: '`' };

/// The tables of a file as statements for another engine, with their keys; times as times.
pub fn statements(file: &Path, spelling: &Spelling) -> Vec<String> {
    let database = Connection::open(file).unwrap();
    let mut all = Vec::new();
    let tables = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'";
    let name = |name: &str| format!("{0}{name}{0}", spelling.quote);
    for table in texts(&database, tables) {
        let columns = texts(
            &database,
            &format!("SELECT name || ' ' || type || ' ' || pk FROM pragma_table_info('{table}')"),
        );
        let mut lines = Vec::new();
        for column in &columns {
            let words: Vec<&str> = column.split(' ').collect();
            let data_type = match words[1] {
                "INTEGER" => "bigint",
                "REAL" => "double precision",
                _ if words[0].ends_with("_at") => spelling.time,
                _ => spelling.text,
            };
            let key = if words[2] == "1" { " PRIMARY KEY" } else { "" };
            lines.push(format!("{} {data_type}{key}", name(words[0])));
        }
        let uniques =
            "SELECT group_concat(i.name) FROM pragma_index_list('{}') l, pragma_index_info(l.name) i
                       WHERE l.\"unique\" = 1 AND l.origin = 'u' GROUP BY l.name";
        for columns in texts(&database, &uniques.replace("{}", &table)) {
            lines.push(format!("CONSTRAINT {table}_{}_key UNIQUE ({columns})", columns.replace(',', "_")));
        }
        all.push(format!("CREATE TABLE {} ({})", name(&table), lines.join(", ")));
        let mut rows = database.prepare(&format!("SELECT * FROM \"{table}\"")).unwrap();
        let count = rows.column_count();
        let mut rows = rows.query([]).unwrap();
        let mut values = Vec::new();
        while let Some(row) = rows.next().unwrap() {
            let cells: Vec<String> = (0..count).map(|at| literal(row.get_ref(at).unwrap())).collect();
            values.push(format!("({})", cells.join(", ")));
        }
        for some in values.chunks(500) {
            all.push(format!("INSERT INTO {} VALUES {}", name(&table), some.join(", ")));
        }
    }
    all
}

pub fn texts(database: &Connection, sql: &str) -> Vec<String> {
    let mut statement = database.prepare(sql).unwrap();
    let texts = statement.query_map([], |row| row.get(0)).unwrap();
    texts.map(Result::unwrap).collect()
}

pub fn literal(value: ValueRef<'_>) -> String {
    match value {
        ValueRef::Null => "NULL".to_owned(),
        ValueRef::Integer(number) => number.to_string(),
        ValueRef::Real(number) => number.to_string(),
        ValueRef::Text(text) => format!("'{}'", String::from_utf8_lossy(text).replace('\'', "''")),
        ValueRef::Blob(_) => "NULL".to_owned(),
    }
}

pub fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

pub fn fill_postgres(url: &str, statements: &[String]) {
    runtime().block_on(async {
        let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await.unwrap();
        tokio::spawn(connection);
        client.batch_execute(&statements.join(";\n")).await.unwrap();
    });
}

pub fn fill_mariadb(url: &str, statements: &[String]) {
    runtime().block_on(async {
        let opts = mysql_async::Opts::from_url(&format!("{url}?prefer_socket=false")).unwrap();
        let mut connection = mysql_async::Conn::new(opts).await.unwrap();
        for sql in statements {
            connection.query_drop(sql).await.unwrap();
        }
        connection.disconnect().await.unwrap();
    });
}

/// What the topics of a case hold, as lines that fill a broker; offsets there begin at 0.
pub fn lines(topics: &Path) -> (Vec<String>, i64) {
    let store = FilesTopics::open("topics.main".into(), topics.to_owned()).unwrap();
    let context = Context::new();
    let catalog = store.catalog(&context).unwrap();
    let hits = Mutex::new(Vec::new());
    let query = RecordQuery { select: Select::all(), ..RecordQuery::default() };
    store.scan(&query, &context, &|hit| hits.lock().unwrap().push(hit)).unwrap();
    let mut hits = hits.into_inner().unwrap();
    hits.sort_by_key(|hit| (hit.record.topic.clone(), hit.record.partition, hit.record.offset));
    let mut lines = Vec::new();
    for topic in &catalog.topics {
        let partitions = topic.partitions.iter().map(|p| p.partition + 1).max().unwrap_or(1);
        lines.push(json!({"create": topic.name, "partitions": partitions}).to_string());
    }
    let mut before: BTreeMap<(String, i32), Vec<i64>> = BTreeMap::new();
    let mut newest = 0;
    for hit in &hits {
        let record = &hit.record;
        before.entry((record.topic.clone(), record.partition)).or_default().push(record.offset);
        let headers: Vec<&String> = record.headers.iter().flat_map(|(name, value)| [name, value]).collect();
        let millis = record.time.map_or(-1, waylaid_model::Timestamp::millis);
        newest = newest.max(millis);
        let line = json!({"topic": record.topic, "partition": record.partition, "ts": millis, "headers": headers,
                          "key": record.key, "payload": record.payload});
        lines.push(line.to_string());
    }
    for group in &catalog.groups {
        let offsets = before.get(&(group.topic.clone(), group.partition)).map_or(&[][..], Vec::as_slice);
        let Some(committed) = group.committed else { continue };
        let committed = offsets.partition_point(|offset| *offset < committed);
        lines.push(json!({"group": group.group, "topic": group.topic, "partition": group.partition, "committed": committed}).to_string());
    }
    (lines, newest)
}

/// Every event as a shipper would send it: JSON as it is, text as the message; with the service, and the time where the event
/// itself does not call it that. Also the newest time.
pub fn documents(logs: &Path) -> (Vec<Value>, i64) {
    let store = FilesLogs::open("logs.main".into(), logs.to_owned()).unwrap();
    let (context, hits) = (Context::new(), Mutex::new(Vec::new()));
    let query = LogQuery { select: Select::all(), ..LogQuery::default() };
    store.scan(&query, &context, &|hit| hits.lock().unwrap().push(hit)).unwrap();
    let mut hits = hits.into_inner().unwrap();
    hits.sort_by_key(|hit| (hit.part, hit.seq));
    let raw = |hit: &waylaid_store::LogHit| store.raw(&hit.at, &context).unwrap();
    let document = |hit: &waylaid_store::LogHit| {
        let text = raw(hit);
        let mut document = match serde_json::from_str(&text) {
            Ok(Value::Object(document)) => document,
            _ => json!({"message": text}).as_object().unwrap().clone(),
        };
        // Not `service.name`: some of these services have a field `service` of their own.
        document.insert("service_name".into(), hit.service.clone().into());
        document.insert("hostname".into(), hit.instance.clone().into());
        if let Some(time) = hit.event.time {
            document.entry("@timestamp").or_insert_with(|| time.to_string().into());
        }
        Value::Object(document)
    };
    let newest = hits.iter().filter_map(|hit| hit.event.time).max().unwrap();
    (hits.iter().map(document).collect(), newest.millis())
}

/// Stores them, one index a service.
pub fn fill(server: &Server, documents: &[Value]) {
    let text = json!({"type": "text"});
    let word = json!({"type": "keyword"});
    // What a template of logs does: what says the same is of the same type everywhere.
    let fields =
        json!({"@timestamp": {"type": "date"}, "message": text, "service_name": word, "hostname": word});
    let mappings = json!({"date_detection": false, "properties": fields});
    let mut indices: Vec<&str> = documents.iter().filter_map(|d| d["service_name"].as_str()).collect();
    indices.sort_unstable();
    indices.dedup();
    for index in indices {
        let body = json!({"settings": {"number_of_replicas": 0}, "mappings": mappings}).to_string();
        server.send("PUT", &format!("/logs-{index}"), &body).unwrap();
        let own: Vec<&Value> = documents.iter().filter(|d| d["service_name"] == index).collect();
        for some in own.chunks(2000) {
            let lines: Vec<String> = some.iter().map(|d| format!("{{\"create\":{{}}}}\n{d}\n")).collect();
            let answer =
                server.send("POST", &format!("/logs-{index}/_bulk?refresh=true"), &lines.concat()).unwrap();
            let answer: Value = serde_json::from_str(&answer).unwrap();
            assert_eq!(answer["errors"], false, "{answer}");
        }
    }
}
