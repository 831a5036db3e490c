//! Broken databases, and names in them that are no names.

use crate::incident::{HOME, Incident, JOBS, STUCK, incident};
use rusqlite::Connection;
use std::fs;

const WITHOUT_HOME: &str = "error: the table store `checkout`, home of `basket`, cannot be read: ";

/// Without the home table there is no answer, only a reason.
fn has_no_home(incident: &Incident, why: &str) {
    for command in [&["diagnose"][..], &["stuck"], &["flow"]] {
        let error = incident.refuses(command);
        assert!(error.starts_with(WITHOUT_HOME) && error.contains(why), "{command:?}: {error}");
    }
    assert_eq!(incident.run(&["check"]).code, 3);
}

#[test]
fn another_table_is_missing() {
    let incident = incident();
    fs::remove_file(incident.path(JOBS)).unwrap();
    incident.diagnose().is_partial().says("tables.fulfil", "failed", "not found");
    assert!(!incident.path(JOBS).exists(), "it is not created");
    incident.bears_every_command();
}

#[test]
fn another_table_is_locked() {
    let incident = incident();
    let holder = Connection::open(incident.path(JOBS)).unwrap();
    holder.execute_batch("BEGIN EXCLUSIVE").unwrap();
    incident.diagnose().is_partial().says("tables.fulfil", "failed", "locked by another process");
    drop(holder);
    incident.diagnose().is_whole();
}

#[test]
fn another_table_is_corrupt() {
    let incident = incident();
    damage(&incident, JOBS);
    incident.diagnose().is_partial().says("tables.fulfil", "failed", "malformed");
    incident.write(JOBS, "garbage");
    incident.diagnose().is_partial().says("tables.fulfil", "failed", "no SQLite database");
    incident.bears_every_command();
}

/// Overwrites pages in the middle.
fn damage(incident: &Incident, database: &str) {
    let mut bytes = fs::read(incident.path(database)).unwrap();
    bytes[3 * 4096..6 * 4096].fill(0xff);
    incident.write(database, bytes);
}

#[test]
fn the_home_table_is_missing() {
    let incident = incident();
    fs::remove_file(incident.path(HOME)).unwrap();
    has_no_home(&incident, "not found");
}

#[test]
fn the_home_table_is_locked() {
    let incident = incident();
    let holder = Connection::open(incident.path(HOME)).unwrap();
    holder.execute_batch("BEGIN EXCLUSIVE").unwrap();
    let error = incident.refuses(&["diagnose"]);
    assert!(error.starts_with(WITHOUT_HOME) && error.contains("locked by another process"), "{error}");
}

#[test]
fn the_home_table_is_corrupt() {
    let incident = incident();
    damage(&incident, HOME);
    has_no_home(&incident, "malformed");
    incident.write(HOME, "garbage");
    has_no_home(&incident, "no SQLite database");
}

#[test]
fn the_home_table_is_empty() {
    let incident = incident();
    incident.sql(HOME, "DELETE FROM baskets");
    let answer = incident.diagnose();
    assert_eq!((answer.code, answer.outcome()), (0, "no_fault"));
    answer.says("baskets", "empty", "");
    assert!(incident.refuses(&["diagnose", "basket", STUCK]).contains("its home table is empty"));
}

#[test]
fn columns_and_tables_that_do_not_exist() {
    for (from, to, missing) in [
        (
            "column = \"checkout.baskets.state\", equals = \"SUB",
            "column = \"checkout.baskets.staet\", equals = \"SUB",
            "no column `staet`",
        ),
        (
            "column = \"checkout.baskets.state\", equals = [",
            "column = \"checkout.baskets.status\", equals = [",
            "no column `status`",
        ),
        ("baskets.basket_ref", "baskets.ref", "no column `ref`"),
    ] {
        let incident = incident();
        incident.replace("waylaid.toml", from, to);
        for command in ["diagnose", "stuck", "flow"] {
            let error = incident.refuses(&[command]);
            assert!(error.contains(missing) && error.contains("hint: it has: basket_ref, state"), "{error}");
        }
    }
    let incident = incident();
    incident.replace("waylaid.toml", "checkout.baskets.", "checkout.baskest.");
    let error = incident.refuses(&["diagnose"]);
    assert!(error.contains("there is no table baskest; there are: baskets"), "{error}");
}

#[test]
fn a_rule_on_another_table() {
    let incident = incident();
    incident.replace(
        "waylaid.toml",
        "stuck = { column = \"checkout.baskets.state\"",
        "stuck = { column = \"fulfil.jobs.picker\"",
    );
    let error = incident.refuses(&["diagnose"]);
    assert!(error.contains("asks fulfil.jobs, but its home table is checkout.baskets"), "{error}");
}

#[test]
fn who_is_done_may_be_told_by_a_column_of_its_own() {
    let incident = incident();
    incident.sql(
        HOME,
        "ALTER TABLE baskets ADD COLUMN planned; UPDATE baskets SET planned = 1 WHERE state <> 'SUBMITTED'",
    );
    incident.replace(
        "waylaid.toml",
        "done = { column = \"checkout.baskets.state\", equals = [\"PLANNED\", \"COLLECTED\"]",
        "done = { column = \"checkout.baskets.planned\", equals = true",
    );
    incident.diagnose().is_whole();
}

#[test]
fn tables_and_columns_named_like_statements() {
    let incident = incident();
    let hostile = "jobs\"\"; DROP TABLE jobs; --";
    incident.sql(
        JOBS,
        &format!(
            "ALTER TABLE jobs RENAME TO \"{hostile}\";
             ALTER TABLE \"{hostile}\" RENAME COLUMN slot TO \"slot'); DELETE FROM x; --\";
             ALTER TABLE \"{hostile}\" RENAME COLUMN basket_ref TO \"basket \"\"ref\"\" [x.y]\";
             CREATE TABLE \"select\" (\"from\", \"\", \"where 1=1\"); INSERT INTO \"select\" VALUES (1, 2, 3);"
        ),
    );
    incident.sql(
        HOME,
        "ALTER TABLE baskets RENAME TO \"bas\"\"kets; --\";
         ALTER TABLE \"bas\"\"kets; --\" RENAME COLUMN state TO \"st'ate\"",
    );
    incident.replace("waylaid.toml", "state = \"state\"", "state = \"st'ate\"");
    incident.replace("waylaid.toml", "checkout.baskets.state", "checkout.bas\\\"kets; --.st'ate");
    incident.replace("waylaid.toml", "checkout.baskets.", "checkout.bas\\\"kets; --.");
    incident.diagnose().is_whole();
    incident.bears_every_command();
    let database = Connection::open(incident.path(JOBS)).unwrap();
    let sql = format!("SELECT count(*) FROM \"{hostile}\"");
    assert_eq!(database.query_row(&sql, [], |row| row.get::<_, i64>(0)).unwrap(), 326);
}
