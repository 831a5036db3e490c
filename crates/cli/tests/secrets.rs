//! Secrets are planted in everything that is configured and in everything that live stores hold, and then looked for in
//! everything that leaves: answers and errors of every command, cases, bundles, reports, what an agent is told.
#![cfg(all(feature = "kafka", feature = "elastic", feature = "postgres", feature = "mysql"))]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot be set up fails")]

#[path = "mcp/client.rs"]
#[allow(dead_code, reason = "a part of it is used")]
mod client;
mod common;
#[path = "common/live.rs"]
mod live;

use client::Client;
use common::{Ran, command, finish, system};
use live::{fill, fill_mariadb, fill_postgres};
use serde_json::json;
use std::path::Path;
use waylaid_servers::{Kind, Options, Server, for_test};

/// What stands in logs, records and rows and must not be seen anywhere else.
const IN_DATA: [(&str, &str); 7] = [
    ("a password in a text", "Tr0ub4dor-in-text"),
    ("a password in JSON", "Tr0ub4dor-in-json"),
    ("a password in a column", "Tr0ub4dor-in-column"),
    ("a password in an address", "Tr0ub4dor-in-url"),
    ("a password in a connection string", "Tr0ub4dor-in-dsn"),
    ("a token", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJwbDRudGVkIn0.c2lnbmF0dXJlLXBsNG50ZWQ"),
    ("an access key", "AKIAIOSFODNN7EXAMPLE"),
];
/// What stands in the environment beside the servers' own passwords.
const API_KEY: &str = "cGw0bnRlZC1hcGkta2V5LW9mLWxvZ3M";
/// What is tried where it is wrong.
const WRONG: &str = "wr0ng-pl4nted-password";

const CONFIG: &str = r#"
[system]
name = "planted"

[logs.main]
kind = "elasticsearch"
url = "env:LOGS_URL"
index = "logs-*"
api_key = "env:LOGS_KEY"

[topics.main]
kind = "kafka"
bootstrap = "BOOTSTRAP"
security = "sasl"
user = "waylaid"
password = "env:KAFKA_PASSWORD"

[tables.orders]
kind = "postgres"
url = "env:ORDERS_URL"

[tables.pick]
kind = "mysql"
url = "env:PICK_URL"

[entity.order]
tables = [{ column = "orders.orders.id", state = "status" }, { column = "pick.picks.order_id" }]
topics = [{ topic = "orders", path = "$.orderId" }]
logs = [{ pattern = 'order (?<id>ORD-[0-9]+)' }]
stuck = { column = "orders.orders.status", equals = "ACCEPTED", for = "30m" }
done = { column = "orders.orders.status", equals = "DONE" }
"#;

/// All that was said so far, and what must not be in it.
struct Watch {
    secrets: Vec<(String, String)>,
}

impl Watch {
    fn look(&self, place: &str, text: &str) {
        for (what, secret) in &self.secrets {
            if let Some(at) = text.find(secret.as_str()) {
                let around = text[..at].chars().rev().take(300).collect::<Vec<_>>();
                panic!("{place} tells {what}, behind: {}", around.into_iter().rev().collect::<String>());
            }
        }
    }

    fn ran(&self, place: &str, ran: &Ran) {
        self.look(&format!("{place} on standard output"), &ran.stdout);
        self.look(&format!("{place} on standard error"), &ran.stderr);
    }

    /// Every file below a folder, packed ones unpacked; how many there are.
    fn files(&self, folder: &Path) -> usize {
        let mut count = 0;
        for entry in std::fs::read_dir(folder).unwrap().flatten() {
            let path = entry.path();
            if path.is_dir() {
                count += self.files(&path);
                continue;
            }
            let bytes = std::fs::read(&path).unwrap();
            let bytes = match path.extension().and_then(|e| e.to_str()) {
                Some("zst") => zstd::decode_all(&bytes[..]).unwrap(),
                _ => bytes,
            };
            self.look(&path.display().to_string(), &String::from_utf8_lossy(&bytes));
            count += 1;
        }
        count
    }
}

/// The servers with what is planted in them.
struct Planted {
    kafka: Server,
    postgres: Server,
    mariadb: Server,
    search: Server,
}

impl Planted {
    fn start(test: &str) -> Option<Self> {
        let secure = Options { secure: true, ..Options::default() };
        let kafka = for_test(test, Kind::Kafka, &secure)?;
        let postgres = for_test(test, Kind::Postgres, &Options::default())?;
        let mariadb = for_test(test, Kind::Mariadb, &Options::default())?;
        let search = for_test(test, Kind::Elasticsearch8, &Options::default())?;
        let planted = Self { kafka, postgres, mariadb, search };
        planted.fill();
        Some(planted)
    }

    fn fill(&self) {
        let [text, json, column, url, dsn, token, access] = IN_DATA.map(|(_, secret)| secret);
        let (mut records, mut events, mut orders, mut picks) =
            (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        records.push(json!({"create": "orders", "partitions": 2}).to_string());
        for n in 0..40_i64 {
            let id = format!("ORD-{n:04}");
            let is_stuck = n < 12;
            let status = if is_stuck { "ACCEPTED" } else { "DONE" };
            let at = 1_778_061_600_000 + n * 1_000;
            let payload = json!({"orderId": id, "login": {"user": "app", "password": json}, "callback": format!("https://app:{url}@shop.example/x"),
                "auth": format!("Bearer {token}")});
            records.push(
                json!({"topic": "orders", "partition": n % 2, "ts": at, "key": id, "payload": payload.to_string(),
                    "headers": ["authorization", format!("Bearer {token}"), "api-key", json]})
                .to_string(),
            );
            let mut event = |level: &str, message: String| {
                events.push(json!({"@timestamp": at, "level": level, "service_name": "shop", "hostname": "shop-1", "message": message}));
            };
            event("INFO", format!("order {id} came, password={text}"));
            if is_stuck {
                event(
                    "ERROR",
                    format!(
                        "order {id} failed: cannot connect to postgres://app:{url}@db:5432/shop with {access}"
                    ),
                );
                event(
                    "ERROR",
                    format!(
                        "order {id}: Server=db;User Id=app;Password={dsn}; refused, Authorization: Bearer {token}"
                    ),
                );
            }
            orders.push(format!(
                "('{id}', '{status}', '{column}', 'mysql://app:{url}@db/x', '2026-05-06 10:00:00')"
            ));
            picks.push(format!("('{id}', '{column}', 'Password={dsn};Server=db')"));
        }
        records.push(json!({"group": "pick", "topic": "orders", "partition": 0, "committed": 3}).to_string());
        self.kafka.load_topics(records).unwrap();
        fill(&self.search, &events);
        let table = "CREATE TABLE orders (id text PRIMARY KEY, status text, password text, note text, updated_at timestamp)";
        fill_postgres(
            &self.postgres.url(),
            &[table.to_owned(), format!("INSERT INTO orders VALUES {}", orders.join(", "))],
        );
        let table = "CREATE TABLE pick.picks (order_id varchar(60) PRIMARY KEY, api_token varchar(190), note varchar(190))";
        fill_mariadb(
            &self.mariadb.url(),
            &[
                "CREATE DATABASE pick".to_owned(),
                table.to_owned(),
                format!("INSERT INTO pick.picks VALUES {}", picks.join(", ")),
            ],
        );
    }

    fn environment(&self) -> Vec<(&'static str, String)> {
        vec![
            ("LOGS_URL", self.search.url()),
            ("LOGS_KEY", API_KEY.to_owned()),
            ("KAFKA_PASSWORD", self.kafka.endpoint().password.clone().unwrap()),
            ("ORDERS_URL", self.postgres.url()),
            ("PICK_URL", format!("{}/pick", self.mariadb.url())),
        ]
    }

    fn watch(&self) -> Watch {
        let mut secrets: Vec<(String, String)> =
            IN_DATA.iter().map(|(what, secret)| ((*what).to_owned(), (*secret).to_owned())).collect();
        secrets.push(("the key of the logs".into(), API_KEY.into()));
        secrets.push(("a password that is wrong".into(), WRONG.into()));
        for server in [&self.kafka, &self.postgres, &self.mariadb] {
            let password = server.endpoint().password.clone().filter(|password| password.len() > 5);
            secrets.extend(password.map(|password| (format!("the password of {}", server.kind()), password)));
        }
        Watch { secrets }
    }
}

const NOW: &str = "2026-05-06T12:00:00Z";

#[test]
fn what_is_planted_is_nowhere() {
    let Some(planted) = Planted::start("what_is_planted_is_nowhere") else { return };
    let watch = planted.watch();
    let port = planted.kafka.endpoint().listeners["sasl"];
    let folder = system(&CONFIG.replace("BOOTSTRAP", &format!("127.0.0.1:{port}")));
    let environment = planted.environment();
    commands(&watch, folder.path(), &environment);
    agent(&watch, folder.path(), &environment);
    wrong_ways_in(&watch, &planted, folder.path(), &environment);
}

fn run(folder: &Path, environment: &[(&'static str, String)], arguments: &[&str]) -> Ran {
    let mut command = command(folder, arguments);
    command.envs(environment.iter().map(|(name, value)| (*name, value.as_str())));
    finish(command)
}

fn commands(watch: &Watch, folder: &Path, environment: &[(&'static str, String)]) {
    let asked: [(&[&str], &[i32]); 16] = [
        (&["check"], &[0]),
        (&["stuck"], &[0]),
        (&["flow"], &[0]),
        (&["follow", "order", "ORD-0003"], &[0]),
        (&["search", "ORD-0003"], &[0]),
        (&["search", "--text", "order"], &[0]),
        (&["search", "--text", "Tr0ub4dor"], &[0]),
        (
            &[
                "search",
                "--in",
                "orders",
                "ORD-0003",
                "--field",
                "$.login",
                "--field",
                "$.login.password",
                "--field",
                "$.callback",
            ],
            &[0],
        ),
        (&["problems"], &[0]),
        (&["templates"], &[0, 2]),
        (&["query", "orders", "SELECT * FROM orders"], &[0, 2]),
        (&["query", "orders", "SELECT password, note, status FROM orders ORDER BY id"], &[0, 2]),
        (&["query", "pick", "SELECT * FROM picks"], &[0, 2]),
        (&["diagnose", "order", "--case-dir", "elsewhere"], &[0, 1]),
        (&["diagnose", "--since", "3h"], &[0, 1]),
        (&["diagnose", "order"], &[0, 1]),
    ];
    let timed = |arguments: &[&str]| !matches!(arguments[0], "query" | "templates");
    for (arguments, codes) in asked {
        for format in ["text", "json"] {
            let now: &[&str] = if timed(arguments) { &["--now", NOW] } else { &[] };
            let ran = run(folder, environment, &[arguments, now, &["--format", format]].concat());
            watch.ran(&format!("{arguments:?}"), &ran);
            assert!(
                codes.contains(&ran.code),
                "{arguments:?} ended with {}: {}{}",
                ran.code,
                ran.stdout,
                ran.stderr
            );
        }
    }
    for arguments in [
        &["report", "--format", "markdown"][..],
        &["report", "--format", "html"],
        &["report", "--format", "agent"],
        &["report", "--format", "json"],
        &["show", "e1"],
        &["show", "e2"],
        &["show", "queries"],
        &["keys", "p1"],
        &["keys", "c1"],
        &["record", "bundle", "--now", NOW],
    ] {
        watch.ran(&format!("{arguments:?}"), &run(folder, environment, arguments));
    }
    assert!(watch.files(folder) > 25, "cases in two places, a bundle");
    assert!(folder.join("bundle/waylaid.toml").exists(), "it was recorded");
    let replayed = run(&folder.join("bundle"), &[], &["diagnose", "order", "--format", "json"]);
    assert!(replayed.code < 2, "{}", replayed.stderr);
    watch.ran("the bundle's own verdict", &replayed);
}

fn agent(watch: &Watch, folder: &Path, environment: &[(&'static str, String)]) {
    let variables: Vec<(&str, &str)> =
        environment.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let mut client = Client::with(folder, &variables);
    let mut said = 0;
    for (name, arguments) in [
        ("diagnose", json!({"entity": "order", "now": NOW})),
        ("diagnose", json!({})),
        ("search", json!({"text": "order"})),
        ("search", json!({"keys": ["ORD-0003"], "fields": ["$.login", "$.login.password", "$.auth"]})),
        ("search", json!({"text": "Tr0ub4dor"})),
        ("problems", json!({})),
        ("follow", json!({"key": "ORD-0003"})),
        ("stuck", json!({})),
        ("describe", json!({"about": "stores"})),
        ("query", json!({"store": "orders", "sql": "SELECT * FROM orders"})),
        ("query", json!({"store": "pick", "sql": "SELECT * FROM picks"})),
        ("query", json!({"store": "pick", "sql": "SELECT * FROM nowhere"})),
        ("show", json!({"id": "e1"})),
        ("show", json!({"id": "p1"})),
        ("keys", json!({"id": "p1"})),
    ] {
        let (Ok(text) | Err(text)) = client.tool(name, &arguments);
        said += text.len();
        watch.look(&format!("the tool {name} {arguments}"), &text);
    }
    assert!(said > 3_000, "it was told something: {said}");
    for note in &client.notes {
        watch.look("a notification", &note.to_string());
    }
    assert_eq!(client.close(), Some(0));
}

/// Each way in is wrong once: no error tells what was tried.
fn wrong_ways_in(watch: &Watch, planted: &Planted, folder: &Path, environment: &[(&'static str, String)]) {
    let wrong_url = |server: &Server, database: &str| {
        let scheme = server.endpoint().scheme.unwrap();
        format!("{scheme}://waylaid:{WRONG}@{}/{database}", server.address())
    };
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    for (name, value) in [
        ("KAFKA_PASSWORD", WRONG.to_owned()),
        ("ORDERS_URL", wrong_url(&planted.postgres, "postgres")),
        ("PICK_URL", wrong_url(&planted.mariadb, "pick")),
        ("ORDERS_URL", format!("postgres://waylaid:{WRONG}@{nobody}/postgres")),
        ("ORDERS_URL", format!("postgres//waylaid:{WRONG}@nowhere")),
        ("PICK_URL", format!("mysql://waylaid:{WRONG}@{nobody}/pick")),
        ("PICK_URL", format!("mysql://waylaid:{WRONG}@127.0.0.1:notaport/pick")),
        ("LOGS_URL", format!("http://waylaid:{WRONG}@{nobody}")),
        ("LOGS_URL", format!("ftp://waylaid:{WRONG}@{nobody}")),
        ("LOGS_KEY", format!("{WRONG}\n")),
    ] {
        let mut environment = environment.to_vec();
        environment.iter_mut().filter(|(n, _)| *n == name).for_each(|(_, v)| v.clone_from(&value));
        for arguments in [&["check", "--now", NOW][..], &["diagnose", "order", "--now", NOW]] {
            let ran = run(folder, &environment, arguments);
            watch.ran(&format!("{arguments:?} with another {name}"), &ran);
            assert!(!(ran.stdout + &ran.stderr).is_empty());
        }
    }
    watch.files(folder);
}
