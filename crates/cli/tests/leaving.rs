//! What leaves holds neither secrets nor personal data, but every entity's key, whatever it looks like.
#![allow(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

mod common;

use common::{SMALL, command, finish, system, waylaid};
use std::path::Path;
use std::process::Command;

/// Customers that are known by their address.
const CUSTOMER: &str = r#"
[entity.customer]
tables = [{ column = "orders.customers.email", state = "status" }]
stuck = { column = "orders.customers.status", equals = "NEW" }
"#;
/// A stuck order; its number passes the check of cards.
const ORDER: &str = "4111111111111111";
/// What must not be seen. `ann` is a customer, by that address.
const HIDDEN: [&str; 5] = ["hunter2", "0170 1234567", "5500005555555559", "bob@home.example", "DE8937"];

fn shop() -> tempfile::TempDir {
    let folder = system(&format!("{SMALL}{CUSTOMER}"));
    let path = |name: &str| folder.path().join(name);
    std::fs::create_dir_all(path("logs/shop")).unwrap();
    std::fs::create_dir_all(path("topics")).unwrap();
    let database = rusqlite::Connection::open(path("orders.sqlite")).unwrap();
    let create = "CREATE TABLE orders (id TEXT PRIMARY KEY, status TEXT, phone TEXT, updated_at TEXT);
        CREATE TABLE customers (email TEXT PRIMARY KEY, status TEXT, iban TEXT);
        INSERT INTO customers VALUES ('ann@home.example', 'NEW', 'DE89 3704 0044 0532 0130 00');";
    database.execute_batch(create).unwrap();
    let mut log = String::new();
    for number in 0..30 {
        // Every tenth of them is a card's number.
        let id = if number == 0 { ORDER.to_owned() } else { format!("41111111111{:05}", 11_112 + number) };
        let status = if number < 10 { "ACCEPTED" } else { "DONE" };
        let row = "INSERT INTO orders VALUES (?1, ?2, '0170 1234567', '2026-05-06T10:00:00Z')";
        database.execute(row, [&id, status]).unwrap();
        log += &format!(
            "2026-05-06 10:{number:02}:00.000 INFO 1 --- [main] c.s.Order : order {id} of bob@home.example came\n"
        );
        if number < 10 {
            log += &format!(
                "2026-05-06 10:{number:02}:01.000 ERROR 1 --- [main] c.s.Pay : order {id} failed: card 5500005555555559, password=hunter2\n"
            );
        }
    }
    log += "2026-05-06 12:00:00.000 INFO 1 --- [main] c.s.Mail : nothing for ann@home.example\n";
    std::fs::write(path("logs/shop/app.log"), log).unwrap();
    folder
}

fn hides(what: &str, text: &str) {
    for hidden in HIDDEN {
        assert!(!text.contains(hidden), "{what} shows {hidden}: {text}");
    }
}

/// Every file below a folder as text, binary ones too.
fn files(folder: &Path) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        if entry.path().is_dir() {
            found.extend(files(&entry.path()));
        } else {
            let bytes = std::fs::read(entry.path()).unwrap();
            found.push((entry.path().display().to_string(), String::from_utf8_lossy(&bytes).into_owned()));
        }
    }
    found
}

#[test]
fn no_command_shows_them_and_no_case_keeps_them() {
    let folder = shop();
    for arguments in [
        &["check"][..],
        &["stuck", "order"],
        &["flow", "order"],
        &["follow", "order", ORDER],
        &["search", ORDER],
        &["search", "--text", "order"],
        &["diagnose", "order"],
        &["diagnose", "order", ORDER],
        &["diagnose", "--since", "3h"],
    ] {
        for format in ["text", "json"] {
            let ran = waylaid(folder.path(), &[arguments, &["--format", format]].concat());
            assert!(ran.code == 2 || !ran.stdout.is_empty(), "{arguments:?}: {}", ran.stderr);
            hides(&format!("{arguments:?}"), &(ran.stdout + &ran.stderr));
        }
    }
    let stored = files(&folder.path().join(".waylaid/cases"));
    assert!(stored.len() > 10, "cases are stored");
    stored.iter().for_each(|(name, text)| hides(name, text));
}

#[test]
fn keys_stay_readable_and_the_same_value_has_the_same_name() {
    let folder = shop();
    let followed = waylaid(folder.path(), &["follow", "order", ORDER]).stdout;
    assert!(followed.contains(&format!("order {ORDER}")) && followed.contains("email#"), "{followed}");
    let found = waylaid(folder.path(), &["search", "--text", "came", "--limit", "30"]).stdout;
    let names: Vec<&str> = found.split_whitespace().filter(|w| w.starts_with("email#")).collect();
    assert!(names.len() == 30 && names.iter().all(|n| *n == names[0]), "{found}");
    assert!(followed.contains(names[0]), "the same in another answer");
    // Whoever is known by an address is an entity of that name.
    let followed = waylaid(folder.path(), &["follow", "customer", "ann@home.example"]).stdout;
    assert!(followed.contains("email=ann@home.example status=NEW iban=iban#"), "{followed}");
    hides("follow", &followed);
    let found = waylaid(folder.path(), &["search", "--text", "nothing"]).stdout;
    assert!(found.contains("nothing for ann@home.example"), "{found}");
    let diagnosed = waylaid(folder.path(), &["diagnose", "order", "--format", "json"]).stdout;
    let json: serde_json::Value = serde_json::from_str(&diagnosed).unwrap();
    let keys: Vec<String> = json["verdict"]["causes"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|c| c["entities"]["keys"].as_array().unwrap())
        .map(|k| k.as_str().unwrap().to_owned())
        .collect();
    assert!(keys.len() == 10 && keys.iter().all(|k| k.starts_with("41111111111")), "{keys:?}");
}

#[test]
fn evidence_is_shown_redacted_and_found_again() {
    let folder = shop();
    let diagnosed = waylaid(folder.path(), &["diagnose", "order", "--format", "json"]).stdout;
    let json: serde_json::Value = serde_json::from_str(&diagnosed).unwrap();
    let evidence = json["evidence"].as_object().unwrap();
    assert!(!evidence.is_empty());
    for id in evidence.keys() {
        let shown = waylaid(folder.path(), &["show", id]);
        assert_eq!(shown.code, 0, "{id}: {}", shown.stderr);
        hides(id, &shown.stdout);
    }
}

#[test]
fn unmasking_is_for_a_person_at_a_terminal() {
    let folder = shop();
    for arguments in
        [&["search", ORDER, "--unmask"][..], &["diagnose", "order", "--unmask"], &["report", "--unmask"]]
    {
        let ran = waylaid(folder.path(), arguments);
        assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{arguments:?}");
        assert!(ran.stderr.contains("--unmask is for a person"), "{}", ran.stderr);
    }
    let at_terminal = |arguments: &str| {
        let line = format!("{} {arguments}", env!("CARGO_BIN_EXE_waylaid"));
        let mut script = Command::new("script");
        script.args(["-qec", &line, "/dev/null"]).current_dir(folder.path());
        script.stdin(std::process::Stdio::null()).output().ok().filter(|o| !o.stdout.is_empty())
    };
    let Some(output) = at_terminal(&format!("search {ORDER} --unmask")) else {
        println!("left out: there is no `script` to make a terminal");
        return;
    };
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(text.contains("bob@home.example") && text.contains("hunter2"), "{text}");
    // A case that holds them is not shown to anybody else.
    assert!(at_terminal("diagnose order --unmask").is_some());
    let mut report = command(folder.path(), &["report"]);
    report.env_remove("WAYLAID_CASES");
    let report = finish(report);
    assert_eq!((report.code, report.stdout.as_str()), (2, ""), "{}", report.stderr);
    assert!(report.stderr.contains("was stored unmasked"), "{}", report.stderr);
    let again = waylaid(folder.path(), &["diagnose", "order"]);
    assert!(waylaid(folder.path(), &["report"]).stdout.lines().next() == again.stdout.lines().next());
}
