//! `record`: the bundle says what the stores say, holds nothing that must not be seen, and is whole or none.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a case that cannot be read fails")]

mod common;
#[path = "common/live.rs"]
mod live;

use common::{Ran, SMALL, cases, command, copy, finish, system, waylaid};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A case's incident in a folder of its own.
fn incident(name: &str) -> tempfile::TempDir {
    let case = cases("cases").into_iter().find(|case| case.ends_with(name)).unwrap();
    let folder = tempfile::tempdir().unwrap();
    copy(&case.join("incident"), folder.path());
    folder
}

fn record(folder: &Path, arguments: &[&str]) -> Ran {
    waylaid(folder, &[&["record", "bundle"], arguments].concat())
}

/// Every file below a folder: name and text, also of what is packed.
fn files(folder: &Path) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(files(&path));
            continue;
        }
        let bytes = std::fs::read(&path).unwrap();
        let is_packed = path.extension().is_some_and(|e| e == "zst");
        let bytes = if is_packed { zstd::decode_all(&*bytes).unwrap_or(bytes) } else { bytes };
        found.push((path, String::from_utf8_lossy(&bytes).into_owned()));
    }
    found
}

#[test]
fn a_bundle_of_files_says_what_they_say_whole_or_about_the_cohort_only() {
    for name in ["seed", "bridge", "mixture", "outbox", "retention"] {
        let folder = incident(name);
        for whole in ["1000000", "0"] {
            let ran = record(folder.path(), &["--whole", whole, "--format", "json"]);
            assert!(matches!(ran.code, 0 | 3), "{name} {whole}: {}{}", ran.stdout, ran.stderr);
            let said: Value = serde_json::from_str(&ran.stdout).unwrap();
            assert_eq!(said["same"], true, "{name} {whole}: {}", said["replayed"]);
            assert!(said["verdict"].as_array().unwrap().len() > 1, "{name}: {said}");
            let bundle = folder.path().join("bundle");
            let readme = std::fs::read_to_string(bundle.join("README.md")).unwrap();
            assert!(readme.contains("What was left out") && readme.contains("says the same"), "{readme}");
            std::fs::remove_dir_all(bundle).unwrap();
        }
    }
}

/// A shop whose stores hold what must not be seen; one of its stores is not there.
const SECRETS: [&str; 8] = [
    "hunter2",
    "0170 1234567",
    "5500005555555559",
    "bob@home.example",
    "DE8937",
    "pl4nted-s3cret",
    "eyJhbGciOiJIUzI1NiJ9",
    "AKIAIOSFODNN7EXAMPLE",
];

fn shop() -> tempfile::TempDir {
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let live = format!(
        "[logs.live]\nkind = \"elasticsearch\"\nurl = \"http://{nobody}\"\nindex = \"x\"\nuser = \"u\"\npassword = \"env:PASSWORD\"\n\
         [service.shop]\ncode = \"code\"\n"
    );
    let folder = system(&format!("{SMALL}{live}"));
    let path = |name: &str| folder.path().join(name);
    for name in ["logs/shop", "topics", "code/src"] {
        std::fs::create_dir_all(path(name)).unwrap();
    }
    let database = rusqlite::Connection::open(path("orders.sqlite")).unwrap();
    database
        .execute_batch(
            "CREATE TABLE orders (id TEXT PRIMARY KEY, status TEXT, phone TEXT, mail TEXT, pass TEXT, updated_at TEXT);
             CREATE TABLE customers (mail TEXT PRIMARY KEY, iban TEXT, doc TEXT, photo BLOB);
             INSERT INTO customers VALUES ('bob@home.example', 'DE89 3704 0044 0532 0130 00',
                 '{\"password\":\"hunter2\",\"card\":5500005555555559}', CAST('secret=hunter2 pl4nted-s3cret' AS BLOB))",
        )
        .unwrap();
    let (mut log, mut records) = (String::new(), String::new());
    for number in 0..30 {
        let id = format!("ORD-{number:04}");
        let status = if number < 10 { "ACCEPTED" } else { "DONE" };
        let row = "INSERT INTO orders VALUES (?1, ?2, '0170 1234567', 'bob@home.example', 'hunter2', '2026-05-06T10:00:00Z')";
        database.execute(row, [&id, status]).unwrap();
        log += &format!(
            "2026-05-06 10:{number:02}:00.000 INFO 1 --- [main] c.s.Order : order {id} of bob@home.example came, via pl4nted-s3cret\n"
        );
        if number < 10 {
            log += &format!(
                "2026-05-06 10:{number:02}:01.000 ERROR 1 --- [main] c.s.Pay : order {id} failed: card 5500005555555559, password=hunter2\n\
                 java.lang.IllegalStateException: Authorization: Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.sig-x\n\tat c.s.Pay.pay(Pay.java:7)\n"
            );
        }
        records += &format!(
            "{{\"topic\":\"orders\",\"partition\":0,\"offset\":{number},\"ts\":1778061600000,\"headers\":[\"api-key\",\"hunter2\"],\"key\":\"{id}\",\
             \"payload\":\"{{\\\"orderId\\\":\\\"{id}\\\",\\\"mail\\\":\\\"bob@home.example\\\",\\\"login\\\":{{\\\"password\\\":\\\"hunter2\\\"}},\\\"phone\\\":\\\"0170 1234567\\\"}}\"}}\n"
        );
    }
    log += "2026-05-06 12:00:00.000 INFO 1 --- [main] c.s.Order : the end\n";
    std::fs::write(path("logs/shop/app.log"), log).unwrap();
    std::fs::write(path("topics/orders.ndjson"), records).unwrap();
    std::fs::write(
        path("code/src/application.yml"),
        "db:\n  password: hunter2\n  url: postgres://app:hunter2@db/x\n",
    )
    .unwrap();
    std::fs::write(path("code/src/Pay.java"), "class Pay { void pay() { login(\"password=hunter2\", \"AKIAIOSFODNN7EXAMPLE\"); } } // bob@home.example\n").unwrap();
    std::fs::write(path("code/.env"), "X=hunter2\n").unwrap();
    folder
}

fn with_password(folder: &Path, arguments: &[&str]) -> Ran {
    let mut record = command(folder, &[&["record", "bundle"], arguments].concat());
    record.env("PASSWORD", "pl4nted-s3cret");
    finish(record)
}

#[test]
fn a_bundle_holds_no_secret_and_every_key_and_is_no_system_before_it_is_whole() {
    let folder = shop();
    let bundle = folder.path().join("bundle");
    // A store that is down is not left out in silence.
    let ran = with_password(folder.path(), &[]);
    assert_eq!(ran.code, 3, "{}{}", ran.stdout, ran.stderr);
    assert!(ran.stderr.contains("is not whole") && ran.stderr.contains("logs.live"), "{}", ran.stderr);
    assert!(!bundle.join("waylaid.toml").exists());
    let asked = waylaid(folder.path(), &["diagnose", "-C", "bundle"]);
    assert_eq!(asked.code, 2, "{}", asked.stdout);
    assert!(asked.stderr.contains("beginning of a recording"), "{}", asked.stderr);
    let other = with_password(folder.path(), &["--whole", "3"]);
    assert!(other.code == 2 && other.stderr.contains("another recording"), "{}", other.stderr);

    let ran = with_password(folder.path(), &["--as-it-is"]);
    assert_eq!(ran.code, 3, "{}{}", ran.stdout, ran.stderr);
    let found = files(&bundle);
    assert!(found.len() >= 7, "{found:?}");
    for (path, text) in &found {
        for secret in SECRETS {
            assert!(!text.contains(secret), "{} holds {secret}: {text}", path.display());
        }
    }
    let texts = |name: &str| {
        let named = |(path, _): &&(PathBuf, String)| path.to_string_lossy().contains(name);
        found.iter().filter(named).map(|(_, text)| text.as_str()).collect::<String>()
    };
    for place in ["/logs/", "/topics/orders", "/tables/"] {
        assert!((0..30).all(|n| texts(place).contains(&format!("ORD-{n:04}"))), "{place} lacks keys");
    }
    // The same value has the same name everywhere, so that joins hold.
    let name = |text: &str| {
        let at = text.find("email#").expect("a pseudonym");
        text[at..at + 22].to_owned()
    };
    let names = ["/logs/", "/topics/orders", "/tables/"].map(|place| name(&texts(place)));
    assert!(names.iter().all(|n| *n == names[0]), "{names:?}");
    assert!(texts("Pay.java").contains("login(\"password=secret#"), "{}", texts("Pay.java"));
    assert!(!bundle.join("code/shop/.env").exists() && !bundle.join(".recording").exists());
    // What could not be recorded has failed there, too: it is not empty.
    let check = waylaid(folder.path(), &["check", "-C", "bundle"]);
    assert!(check.code == 3 && check.stdout.contains("logs.live"), "{}", check.stdout);
    let again = with_password(folder.path(), &[]);
    assert!(again.code == 2 && again.stderr.contains("holds a whole bundle"), "{}", again.stderr);
}

#[test]
fn a_folder_that_holds_something_else_is_left_alone() {
    let folder = incident("burst");
    std::fs::create_dir(folder.path().join("bundle")).unwrap();
    std::fs::write(folder.path().join("bundle/mine.txt"), "mine").unwrap();
    let ran = record(folder.path(), &[]);
    assert_eq!(ran.code, 2, "{}", ran.stdout);
    assert!(ran.stderr.contains("bundle is not empty"), "{}", ran.stderr);
    assert_eq!(std::fs::read_dir(folder.path().join("bundle")).unwrap().count(), 1);
}

#[test]
#[cfg(unix)]
fn an_interrupted_recording_goes_on_where_it_stopped() {
    let folder = incident("batch-lost");
    let logs = folder.path().join("logs/noise");
    std::fs::create_dir_all(&logs).unwrap();
    let line =
        |n| format!("2026-05-06 12:00:00.000 INFO 1 --- [main] c.e.Noise : nothing of note, {n} times\n");
    std::fs::write(logs.join("app.log"), (0..150_000).map(line).collect::<String>()).unwrap();
    let bundle = folder.path().join("bundle");
    let mut command = common::command(folder.path(), &["record", "bundle", "--whole", "1000000"]);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let parts = bundle.join(".recording/parts.ndjson");
    let has_begun = || std::fs::read_to_string(&parts).is_ok_and(|text| text.contains("topics.main"));
    for _ in 0..1200 {
        if has_begun() {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    Command::new("kill").arg("-INT").arg(child.id().to_string()).status().unwrap();
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(130), "{said}");
    assert!(said.contains("interrupted") && said.contains("goes on where this one stopped"), "{said}");
    assert!(!bundle.join("waylaid.toml").exists(), "a torn bundle is none");
    let before = std::fs::read_to_string(&parts).unwrap();
    let table = std::fs::read_dir(bundle.join("tables")).unwrap().flatten().next().unwrap().path();
    let written = std::fs::metadata(&table).unwrap().modified().unwrap();

    let ran = record(folder.path(), &["--whole", "1000000", "--format", "json"]);
    assert!(ran.stderr.contains("going on with a recording"), "{}", ran.stderr);
    let said: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(said["same"], true, "{said}");
    assert!(said["parts"].as_array().unwrap().len() > before.lines().filter(|l| !l.is_empty()).count());
    assert_eq!(
        std::fs::metadata(&table).unwrap().modified().unwrap(),
        written,
        "what was there is not read again"
    );
    let noise = files(&bundle.join("logs/noise"));
    assert_eq!(noise.iter().map(|(_, text)| text.lines().count()).sum::<usize>(), 150_000);
}

#[cfg(all(feature = "kafka", feature = "postgres", feature = "mysql", feature = "elastic"))]
mod from_servers {
    use super::live::{MARIADB, POSTGRES, documents, fill, fill_mariadb, fill_postgres, lines, statements};
    use super::*;
    use waylaid_servers::{Kind, Options, Server, for_test};

    /// The incident with all its stores in servers, and what the environment then has to say.
    struct Live {
        folder: tempfile::TempDir,
        now: String,
        urls: Vec<(String, String)>,
        _servers: Vec<Server>,
    }

    /// Puts a case into servers: topics into Kafka, `orders` into PostgreSQL, `pick` into MariaDB, logs into Elasticsearch.
    fn live(test: &str) -> Option<Live> {
        let folder = incident("seed");
        let path = |name: &str| folder.path().join(name);
        let (records, newest) = lines(&path("topics"));
        let (events, latest) = documents(&path("logs"));
        let kafka = for_test(test, Kind::Kafka, &Options::default())?;
        let postgres = for_test(test, Kind::Postgres, &Options::default())?;
        let mariadb = for_test(test, Kind::Mariadb, &Options::default())?;
        let search = for_test(test, Kind::Elasticsearch8, &Options::default())?;
        kafka.load_topics(records).unwrap();
        fill(&search, &events);
        let orders = format!("{}/orders", postgres.url().rsplit_once('/').unwrap().0);
        fill_postgres(&postgres.url(), &["CREATE DATABASE orders".to_owned()]);
        fill_postgres(&orders, &statements(&path("tables/orders.sqlite"), &POSTGRES));
        let pick = format!("{}/pick", mariadb.url());
        fill_mariadb(&mariadb.url(), &["CREATE DATABASE pick".to_owned()]);
        fill_mariadb(&pick, &statements(&path("tables/pick.sqlite"), &MARIADB));
        let file = path("waylaid.toml");
        let mut config = std::fs::read_to_string(&file).unwrap();
        for (from, to) in [
            (
                "kind = \"files\"\npath = \"logs\"",
                format!("kind = \"elasticsearch\"\nurl = \"{}\"\nindex = \"logs-*\"", search.url()),
            ),
            (
                "kind = \"files\"\npath = \"topics\"",
                format!("kind = \"kafka\"\nbootstrap = \"{}\"", kafka.address()),
            ),
            (
                "kind = \"sqlite\"\npath = \"tables/orders.sqlite\"",
                "kind = \"postgres\"\nurl = \"env:ORDERS_URL\"".to_owned(),
            ),
            (
                "kind = \"sqlite\"\npath = \"tables/pick.sqlite\"",
                "kind = \"mysql\"\nurl = \"env:PICK_URL\"".to_owned(),
            ),
        ] {
            assert!(config.contains(from), "{config}");
            config = config.replace(from, &to);
        }
        std::fs::write(&file, config).unwrap();
        for name in ["logs", "topics", "tables"] {
            std::fs::remove_dir_all(path(name)).unwrap();
        }
        let now = waylaid_model::Timestamp::from_millis(newest.max(latest) + 60_000).to_string();
        let urls = vec![("ORDERS_URL".to_owned(), orders), ("PICK_URL".to_owned(), pick)];
        Some(Live { folder, now, urls, _servers: vec![kafka, postgres, mariadb, search] })
    }

    #[test]
    fn a_bundle_of_live_stores_says_what_they_say() {
        let Some(live) = live("a_bundle_of_live_stores_says_what_they_say") else { return };
        let run = |arguments: &[&str]| {
            let mut command = command(live.folder.path(), arguments);
            command.envs(live.urls.iter().map(|(name, url)| (name.as_str(), url.as_str())));
            finish(command)
        };
        let answer = |ran: Ran| -> Value {
            serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {}", ran.stderr))
        };
        let told = |answer: &Value| {
            let causes = answer["verdict"]["causes"].as_array().unwrap().iter();
            let fields = ["kind", "service", "hop", "explains", "of"];
            let causes: Vec<Vec<Value>> =
                causes.map(|c| fields.iter().map(|f| c[*f].clone()).collect()).collect();
            serde_json::json!([answer["verdict"]["outcome"], answer["cohort"]["count"], causes])
        };
        let from_servers = told(&answer(run(&["diagnose", "--now", &live.now, "--format", "json"])));
        for whole in ["1000000", "0"] {
            let said =
                answer(run(&["record", "bundle", "--now", &live.now, "--whole", whole, "--format", "json"]));
            assert_eq!(said["same"], true, "{whole}: {}", said["replayed"]);
            // Nothing but the folder is needed: no server, no address, no clock.
            let bundle = live.folder.path().join("bundle");
            let replayed = answer(waylaid(&bundle, &["diagnose", "--format", "json"]));
            assert_eq!(told(&replayed), from_servers, "{whole}");
            let passwords = live
                .urls
                .iter()
                .filter_map(|(_, url)| url.split_once("://")?.1.split_once('@')?.0.split_once(':'));
            for (_, password) in passwords.filter(|(_, password)| password.len() > 5) {
                assert!(
                    files(&bundle).iter().all(|(_, text)| !text.contains(password)),
                    "a password is in the bundle"
                );
            }
            std::fs::remove_dir_all(bundle).unwrap();
        }
    }
}
