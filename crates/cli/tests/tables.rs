//! The same incident from SQLite and from live databases gets the same verdict; what `check` says of them; no password
//! anywhere.
#![cfg(all(feature = "postgres", feature = "mysql"))]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a case that cannot be read fails")]

mod common;
#[path = "common/live.rs"]
mod live;

use common::{Ran, cases, command, copy, finish};
use live::{MARIADB, POSTGRES, fill_mariadb, fill_postgres, statements, texts};
use rusqlite::Connection;
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::path::Path;
use waylaid_servers::{Kind, Options, Server, for_test};

/// What the verdict says, without what names how the rows were read.
fn verdict(ran: &Ran) -> Value {
    let answer: Value =
        serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {}", ran.stderr));
    let causes = answer["verdict"]["causes"].as_array().unwrap().iter();
    let fields = ["kind", "service", "hop", "explains", "of"];
    let causes: Vec<Value> =
        causes.map(|c| fields.iter().map(|f| ((*f).to_owned(), c[*f].clone())).collect()).collect();
    assert!(!causes.is_empty(), "{}", ran.stdout);
    let tables = answer["coverage"].as_array().unwrap().iter();
    let tables = tables.filter(|line| line["store"].as_str().unwrap().starts_with("tables."));
    let tables: Vec<Value> =
        tables.map(|l| json!([l["store"], l["target"], l["status"], l["matched"]])).collect();
    let (outcome, cohort) = (&answer["verdict"]["outcome"], &answer["cohort"]["count"]);
    json!({"outcome": outcome, "causes": causes, "cohort": cohort, "tables": tables})
}

/// Runs the binary with the address of each table store in the environment.
fn run(folder: &Path, urls: &[(String, String)], arguments: &[&str]) -> Ran {
    let mut command = command(folder, arguments);
    command.envs(urls.iter().map(|(name, url)| (name.as_str(), url.as_str())));
    finish(command)
}

/// The system with its tables in a live server, and what `waylaid` then needs in its environment.
fn live(folder: &Path, server: &Server, kind: &str) -> Vec<(String, String)> {
    let file = folder.join("waylaid.toml");
    let mut config = std::fs::read_to_string(&file).unwrap();
    let mut urls = Vec::new();
    for store in ["orders", "pick"] {
        let path = folder.join(format!("tables/{store}.sqlite"));
        let variable = format!("{}_URL", store.to_uppercase());
        let create = [format!("CREATE DATABASE {store}")];
        let url = if kind == "postgres" {
            let url = format!("{}/{store}", server.url().rsplit_once('/').unwrap().0);
            fill_postgres(&server.url(), &create);
            fill_postgres(&url, &statements(&path, &POSTGRES));
            url
        } else {
            let url = format!("{}/{store}", server.url());
            fill_mariadb(&server.url(), &create);
            fill_mariadb(&url, &statements(&path, &MARIADB));
            url
        };
        let from = format!("kind = \"sqlite\"\npath = \"tables/{store}.sqlite\"");
        let mut to = String::new();
        write!(to, "kind = \"{kind}\"\nurl = \"env:{variable}\"").unwrap();
        assert!(config.contains(&from), "{config}");
        config = config.replace(&from, &to);
        urls.push((variable, url));
    }
    std::fs::write(&file, config).unwrap();
    std::fs::remove_dir_all(folder.join("tables")).unwrap();
    urls
}

/// A little after the last change of a row: the clock is no help with an incident of another day.
fn now(folder: &Path) -> String {
    let database = Connection::open(folder.join("tables/orders.sqlite")).unwrap();
    let newest = texts(&database, "SELECT max(updated_at) FROM orders").remove(0);
    format!("{}Z", newest.replace(' ', "T"))
}

fn same_as_from_files(test: &str, kind: Kind, name: &str) {
    let case = cases("cases").into_iter().find(|case| case.ends_with("seed")).unwrap();
    let Some(server) = for_test(test, kind, &Options::default()) else { return };
    let folder = tempfile::tempdir().unwrap();
    copy(&case.join("incident"), folder.path());
    let now = now(folder.path());
    let ask = ["diagnose", "--format", "json", "--now", &now];
    let from_files = verdict(&run(folder.path(), &[], &ask));
    let counted = ["query", "orders", COUNTED, "--format", "json"];
    let counted_in_files = rows(&run(folder.path(), &[], &counted));
    let urls = live(folder.path(), &server, name);
    let ran = run(folder.path(), &urls, &ask);
    assert_eq!(verdict(&ran), from_files, "{}", ran.stderr);
    assert_eq!(rows(&run(folder.path(), &urls, &counted)), counted_in_files);
    teaches(folder.path(), &urls);
    let checked = run(folder.path(), &urls, &["check", "--now", &now]);
    assert!(checked.stdout.contains("could do more than read"), "{}", checked.stdout);
    let password = server.endpoint().password.clone().unwrap();
    for said in [&ran.stdout, &ran.stderr, &checked.stdout, &checked.stderr] {
        assert!(!said.contains(&password), "{said}");
    }
    assert!(!holds(folder.path(), &password), "a file of the case holds the password");
    drop(server);
    let down = run(folder.path(), &urls, &ask);
    assert!(!down.stdout.contains(&password) && !down.stderr.contains(&password));
    assert_ne!(down.code, 0, "a store that is down is not an empty one: {}", down.stdout);
}

const COUNTED: &str =
    "SELECT status, count(*) AS n, max(total_cents) AS t FROM orders GROUP BY status ORDER BY status";

/// The rows of `query`, with their columns' names.
fn rows(ran: &Ran) -> Value {
    let answer: Value =
        serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {}", ran.stderr));
    assert!(answer["types"].as_array().unwrap().len() == 3 && answer["more"] == false, "{answer}");
    json!([answer["columns"], answer["values"]])
}

/// Wrong names, writes and values that an engine quotes, put to a live database by `query`.
fn teaches(folder: &Path, urls: &[(String, String)]) {
    for (sql, says) in [
        ("SELECT * FROM ordrs", "hint: did you mean the table `orders`?"),
        ("SELECT o.statu FROM orders o", "hint: did you mean the column `status` of `orders`?"),
        ("DELETE FROM orders", "DELETE is no SELECT\nhint: nothing is ever written here"),
        ("SELECT sleep(1), pg_sleep(1)", "sleep is not allowed"),
    ] {
        let ran = run(folder, urls, &["query", "orders", sql]);
        assert_eq!(ran.code, 2, "{sql}: {}", ran.stderr);
        assert!(ran.stderr.contains(says), "{sql}: {}", ran.stderr);
    }
    let quoted =
        run(folder, urls, &["query", "orders", "SELECT CAST('ann@home.example' AS decimal) FROM orders"]);
    assert!(!(quoted.stdout + &quoted.stderr).contains("ann@home"), "what an engine quotes is hidden");
    let some =
        run(folder, urls, &["query", "orders", "SELECT id FROM orders", "--limit", "3", "--format", "csv"]);
    assert_eq!((some.code, some.stdout.lines().count()), (0, 4), "{}", some.stderr);
    assert_eq!(some.stderr, "note: limit of 3 rows: there are more\n");
}

/// Whether any file below a folder holds a text.
fn holds(folder: &Path, text: &str) -> bool {
    std::fs::read_dir(folder).unwrap().flatten().any(|entry| {
        let path = entry.path();
        let bytes = if path.is_dir() { Vec::new() } else { std::fs::read(&path).unwrap_or_default() };
        (path.is_dir() && holds(&path, text)) || memchr::memmem::find(&bytes, text.as_bytes()).is_some()
    })
}

#[test]
fn a_live_postgres_tells_what_the_bundle_tells() {
    same_as_from_files("a_live_postgres_tells_what_the_bundle_tells", Kind::Postgres, "postgres");
}

#[test]
fn a_live_mariadb_tells_what_the_bundle_tells() {
    same_as_from_files("a_live_mariadb_tells_what_the_bundle_tells", Kind::Mariadb, "mysql");
}

#[test]
fn a_password_in_the_file_is_refused() {
    let toml = "[system]\nname = \"x\"\n\n[tables.orders]\nkind = \"postgres\"\nurl = \"postgres://u:hunter2@h/d\"\n";
    let folder = common::system(toml);
    let ran = run(folder.path(), &[], &["check"]);
    assert_eq!(ran.code, 2, "{}", ran.stdout);
    assert!(ran.stderr.contains("holds a password"), "{}", ran.stderr);
}
