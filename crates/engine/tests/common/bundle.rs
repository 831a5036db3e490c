//! Tiny incidents: a shop whose orders go from their own table through a topic into a second service's table, and back
//! through another topic. A test says what happened to whom; the bundle is written to a folder and opened with the real
//! connectors.
//!
//! The way of an order that completes: `orders.orders -> orders.accepted -> pick.picks -> picks.ready -> orders.orders`.

use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use waylaid_engine::{Ask, Stores, diagnose};
use waylaid_files::{FilesLogs, FilesTopics};
use waylaid_model::{
    Cause, Coverage, Diagnosis, EntitySpec, Rule, ServiceSpec, Status, System, TableColumn, Timestamp,
};
use waylaid_sqlite::SqliteTables;
use waylaid_store::Context;

/// Milliseconds of a second, a minute, an hour.
pub const SECOND: i64 = 1_000;
pub const MINUTE: i64 = 60 * SECOND;
pub const HOUR: i64 = 60 * MINUTE;
/// 2026-03-12T08:00:00Z.
const START: i64 = 1_773_302_400_000;

pub const ACCEPTED: &str = "orders.accepted";
pub const READY: &str = "picks.ready";
pub const SHIPPED: &str = "picks.shipped";
/// Read by a group that belongs to no service that is known.
pub const RIDES: &str = "orders.rides";
pub const ORDERS: &str = "order-service";
pub const PICKS: &str = "pick-service";

/// An order: its key and when it was placed, in milliseconds since the start.
#[derive(Clone, Debug)]
pub struct Order {
    pub key: String,
    pub at: i64,
}

/// What is written down of an incident before it becomes a folder.
pub struct Shop {
    pub now: i64,
    /// What an order's record on `orders.accepted` holds beside its id.
    pub payload: Value,
    /// The partition that records go to.
    pub partition: i32,
    /// Services that write logs; others' lines are lost.
    pub logging: Vec<&'static str>,
    /// Committed offset by group, topic, partition, where it is not the end. No group commits at all when `None`.
    pub committed: Option<BTreeMap<(String, i32), i64>>,
    /// Files of a service's code.
    pub code: Vec<(&'static str, &'static str, &'static str)>,
    /// Stores that could not be opened.
    pub failed: Vec<Coverage>,
    /// Topics whose file ends in the middle of a record.
    pub cut_off: Vec<&'static str>,
    /// Files beside those that the incident itself makes.
    pub files: Vec<(String, Vec<u8>)>,
    /// Key of the order of a number.
    pub key: fn(usize) -> String,
    /// What is asked.
    pub ask: Ask,
    count: usize,
    logs: BTreeMap<String, Vec<(i64, String)>>,
    topics: BTreeMap<String, Vec<Value>>,
    ends: BTreeMap<(String, i32), i64>,
    tables: BTreeMap<String, Vec<Vec<(&'static str, Value)>>>,
}

impl Shop {
    pub fn new() -> Self {
        Self {
            now: 6 * HOUR,
            payload: json!({"channel": "WEB"}),
            partition: 0,
            logging: vec![ORDERS, PICKS],
            committed: Some(BTreeMap::new()),
            code: Vec::new(),
            failed: Vec::new(),
            cut_off: Vec::new(),
            files: Vec::new(),
            key: |n| format!("ORD-{}", 10_000 + n * 7),
            ask: Ask::default(),
            count: 0,
            logs: BTreeMap::new(),
            topics: BTreeMap::new(),
            ends: BTreeMap::new(),
            tables: BTreeMap::new(),
        }
    }

    /// The next order, a minute after the one before; nothing is known of it yet.
    pub fn order(&mut self) -> Order {
        self.count += 1;
        Order { key: (self.key)(self.count), at: self.count as i64 * MINUTE }
    }

    /// The order's own row.
    pub fn born(&mut self, order: &Order, status: &str, changed: i64) {
        let row = vec![
            ("id", json!(order.key)),
            ("status", json!(status)),
            ("created_at", json!(time(order.at))),
            ("updated_at", json!(time(order.at + changed))),
        ];
        self.row("orders.orders", row);
        self.log(ORDERS, order.at, "INFO", &format!("Accepted order {}", order.key));
    }

    /// Its record on the way to the second service, a second later.
    pub fn sent(&mut self, order: &Order) -> i64 {
        let mut payload = self.payload.clone();
        payload["orderId"] = json!(order.key);
        self.record(ACCEPTED, order.at + SECOND, ORDERS, &payload)
    }

    /// The second service's line and row, another second later.
    pub fn picked(&mut self, order: &Order) {
        self.taken(order);
        self.row("pick.picks", pick(order, order.at + 2_100));
    }

    /// Only the line.
    pub fn taken(&mut self, order: &Order) {
        self.log(PICKS, order.at + 2 * SECOND, "INFO", &format!("Picking order {}", order.key));
    }

    /// The reply.
    pub fn replied(&mut self, order: &Order) -> i64 {
        self.record(READY, order.at + 2_400, PICKS, &json!({"orderId": order.key}))
    }

    /// Orders that went all the way.
    pub fn done(&mut self, count: usize) -> Vec<Order> {
        let steps = |shop: &mut Self, order: &Order| {
            shop.born(order, "DONE", 3 * SECOND);
            shop.sent(order);
            shop.picked(order);
            shop.replied(order);
        };
        self.orders(count, steps)
    }

    /// Orders that got as far as the topic, and whose record the second service took.
    pub fn stuck(&mut self, count: usize) -> Vec<Order> {
        self.orders(count, |shop, order| {
            shop.born(order, "ACCEPTED", 0);
            shop.sent(order);
            shop.taken(order);
        })
    }

    /// Orders to whom the same happens.
    pub fn orders(&mut self, count: usize, steps: impl Fn(&mut Self, &Order)) -> Vec<Order> {
        (0..count)
            .map(|_| {
                let order = self.order();
                steps(self, &order);
                order
            })
            .collect()
    }

    /// A record on the present partition; gives its offset.
    pub fn record(&mut self, topic: &str, at: i64, source: &str, payload: &Value) -> i64 {
        self.record_with(topic, at, &["source", source], payload)
    }

    pub fn record_with(&mut self, topic: &str, at: i64, headers: &[&str], payload: &Value) -> i64 {
        let end = self.ends.entry((topic.to_owned(), self.partition)).or_default();
        let offset = *end;
        *end += 1;
        let line = json!({"topic": topic, "partition": self.partition, "offset": offset, "tstype": "create",
            "ts": START + at, "headers": headers, "key": null, "payload": payload.to_string()});
        self.topics.entry(topic.to_owned()).or_default().push(line);
        offset
    }

    /// A row of `store.table`; the first one settles the columns.
    pub fn row(&mut self, table: &str, cells: Vec<(&'static str, Value)>) {
        self.tables.entry(table.to_owned()).or_default().push(cells);
    }

    /// A line of a service's log.
    pub fn log(&mut self, service: &str, at: i64, level: &str, message: &str) {
        self.log_with(service, at, level, message, json!({}));
    }

    /// The same with further fields.
    pub fn log_with(&mut self, service: &str, at: i64, level: &str, message: &str, mut fields: Value) {
        fields["@timestamp"] = json!(time(at));
        fields["level"] = json!(level);
        fields["message"] = json!(message);
        self.logs.entry(service.to_owned()).or_default().push((at, fields.to_string()));
    }

    /// A failure with an exception, two seconds after the order.
    pub fn fails(&mut self, service: &str, order: &Order, message: &str, exception: &str) {
        let fields = json!({"stack_trace": exception});
        self.log_with(service, order.at + 2_050, "ERROR", message, fields);
    }

    /// The unique violation that the second service's insert runs into.
    pub fn duplicate(&mut self, order: &Order) {
        let exception = format!(
            "org.springframework.dao.DataIntegrityViolationException: could not execute statement\n\tat \
             com.shop.pick.PickStore.insert(PickStore.java:41)\nCaused by: org.postgresql.util.PSQLException: ERROR: \
             duplicate key value violates unique constraint \"picks_pkey\"\n  Detail: Key (order_id)=({}) already exists.\n",
            order.key
        );
        self.fails(PICKS, order, &format!("Failed to store pick of order {}", order.key), &exception);
    }

    /// Writes the folder and asks.
    pub fn diagnose(&self) -> Diagnosis {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        self.write(root);
        let mut stores = Stores { failed: self.failed.clone(), ..Stores::default() };
        let logs = FilesLogs::open("logs.main".into(), root.join("logs")).unwrap();
        stores.logs.push(Box::new(logs));
        let topics = FilesTopics::open("topics.main".into(), root.join("topics")).unwrap();
        stores.topics.push(Box::new(topics));
        for name in self.databases() {
            let path = root.join(format!("{name}.sqlite"));
            let name = format!("tables.{name}");
            match SqliteTables::open(name.clone(), path) {
                Ok(store) => stores.tables.push(Box::new(store)),
                Err(error) => {
                    let line = Coverage::new(name.clone(), name, Status::Failed);
                    stores.failed.push(line.with_note(error.to_string()));
                }
            }
        }
        for service in [ORDERS, PICKS] {
            if self.code.iter().any(|(s, ..)| *s == service) {
                stores.code.push((service.to_owned(), root.join("code").join(service)));
            }
        }
        let ask = Ask { now: Some(Timestamp::from_millis(START + self.now)), ..self.ask.clone() };
        diagnose(&system(), &stores, &ask, &Context::new()).unwrap()
    }

    fn databases(&self) -> Vec<String> {
        let mut names: Vec<String> =
            self.tables.keys().filter_map(|t| t.split_once('.').map(|(s, _)| s.to_owned())).collect();
        names.dedup();
        names
    }

    fn write(&self, root: &Path) {
        fs::create_dir_all(root.join("logs")).unwrap();
        fs::create_dir_all(root.join("topics")).unwrap();
        for (service, lines) in &self.logs {
            if !self.logging.contains(&service.as_str()) {
                continue;
            }
            let mut lines = lines.clone();
            lines.sort_by_key(|(at, _)| *at);
            let text: Vec<String> = lines.into_iter().map(|(_, line)| line + "\n").collect();
            put(&root.join("logs").join(service).join("app.log"), text.concat().as_bytes());
        }
        for (topic, records) in &self.topics {
            let mut text: Vec<String> = records.iter().map(|r| format!("{r}\n")).collect();
            text.extend(self.cut_off.contains(&topic.as_str()).then(|| "{\"topic\":\"".to_owned()));
            put(&root.join(format!("topics/{topic}.ndjson")), text.concat().as_bytes());
        }
        put(&root.join("topics/_groups.json"), Value::from(self.groups()).to_string().as_bytes());
        for (table, rows) in &self.tables {
            self::table(root, table, rows);
        }
        for (service, file, text) in &self.code {
            put(&root.join("code").join(service).join(file), text.as_bytes());
        }
        for (file, bytes) in &self.files {
            put(&root.join(file), bytes);
        }
    }

    fn groups(&self) -> Vec<Value> {
        let Some(committed) = &self.committed else { return Vec::new() };
        let readers = [
            (ACCEPTED, PICKS),
            (READY, ORDERS),
            ("orders.paid", PICKS),
            (SHIPPED, ORDERS),
            (RIDES, "carriage"),
        ];
        let of = |((topic, partition), end): (&(String, i32), &i64)| {
            let (_, group) = readers.iter().find(|(t, _)| t == topic)?;
            let committed = committed.get(&(topic.clone(), *partition)).unwrap_or(end);
            Some(
                json!({"group": group, "topic": topic, "partition": partition, "committed": committed, "end": end}),
            )
        };
        self.ends.iter().filter_map(of).collect()
    }
}

/// The row that the second service writes.
pub fn pick(order: &Order, at: i64) -> Vec<(&'static str, Value)> {
    vec![("order_id", json!(order.key)), ("created_at", json!(time(at)))]
}

/// A moment as RFC 3339.
pub fn time(at: i64) -> String {
    Timestamp::from_millis(START + at).to_string()
}

fn put(path: &Path, bytes: &[u8]) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, bytes).unwrap();
}

fn table(root: &Path, name: &str, rows: &[Vec<(&'static str, Value)>]) {
    let (store, table) = name.split_once('.').unwrap();
    let database = rusqlite::Connection::open(root.join(format!("{store}.sqlite"))).unwrap();
    let columns: Vec<&str> = rows[0].iter().map(|(column, _)| *column).collect();
    database.execute_batch(&format!("CREATE TABLE {table} ({})", columns.join(", "))).unwrap();
    for row in rows {
        let cells: Vec<rusqlite::types::Value> = row.iter().map(|(_, v)| cell(v)).collect();
        let marks = vec!["?"; row.len()].join(", ");
        let insert = format!("INSERT INTO {table} VALUES ({marks})");
        database.execute(&insert, rusqlite::params_from_iter(cells)).unwrap();
    }
}

fn cell(value: &Value) -> rusqlite::types::Value {
    match value {
        Value::Number(n) => n.as_i64().unwrap().into(),
        Value::String(text) => text.clone().into(),
        _ => rusqlite::types::Value::Null,
    }
}

fn system() -> System {
    let column = |c: &str| TableColumn::parse(c).unwrap();
    let rule = |state: &str, minutes: i64| Rule {
        column: column("orders.orders.status"),
        equals: vec![state.to_owned()],
        null: None,
        for_nanos: minutes * MINUTE * 1_000_000,
    };
    let service = |name: &str, store: &str| ServiceSpec {
        name: name.to_owned(),
        tables: vec![store.to_owned()],
        code: None,
    };
    System {
        name: "shop".into(),
        services: vec![service(ORDERS, "orders"), service(PICKS, "pick")],
        entities: vec![EntitySpec {
            name: "order".into(),
            tables: vec![(column("orders.orders.id"), Some("status".into()))],
            topics: Vec::new(),
            logs: Vec::new(),
            stuck: Some(rule("ACCEPTED", 30)),
            done: Some(rule("DONE", 0)),
        }],
        ..System::default()
    }
}

/// The cause of a diagnosis that has just one.
#[track_caller]
pub fn only(diagnosis: &Diagnosis) -> &Cause {
    match diagnosis.verdict.causes.as_slice() {
        [cause] => cause,
        causes => panic!("{} causes: {causes:#?}\n{:#?}", causes.len(), diagnosis.flow),
    }
}
