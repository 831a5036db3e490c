//! The corpus of attempts to get past the guard, as a user who may do everything, on a database that is ready to be fooled:
//! nothing changes, nothing outside is read, nothing hangs.

use crate::support::{attempts, execute, of, open, read, start};
use std::time::{Duration, Instant};
use waylaid_mysql::MysqlConfig;
use waylaid_servers::Options;
use waylaid_store::{ErrorKind, RowQuery, StoreError};

const SECRET: &str = "the-secret-outside";

/// Tables, and functions and views of somebody's own that write, lock or look elsewhere.
const WORLD: &[&str] = &[
    "CREATE TABLE orders (id INT PRIMARY KEY, state VARCHAR(20))",
    "INSERT INTO orders SELECT seq, 'ACCEPTED' FROM seq_1_to_60",
    "CREATE TABLE picks (id INT PRIMARY KEY)",
    "INSERT INTO picks VALUES (1)",
    "CREATE SEQUENCE ids",
    "SELECT NEXTVAL(ids)",
    "CREATE TABLE old (id INT) ENGINE = MyISAM",
    "INSERT INTO old VALUES (1)",
    "CREATE FUNCTION writes() RETURNS INT MODIFIES SQL DATA BEGIN DELETE FROM orders; RETURN 1; END",
    "CREATE PROCEDURE procedure_that_writes() DELETE FROM orders",
    "CREATE VIEW view_that_locks AS SELECT id, GET_LOCK('waylaid', 0) AS x FROM orders",
    "CREATE VIEW view_of_outside AS SELECT * FROM outside.secrets",
];

/// Everything that a statement could change: rows, sequences, what there is, users, settings.
const CHECKSUM: &[&str] = &[
    "CHECKSUM TABLE orders, picks, ids, old, outside.secrets, mysql.global_priv, mysql.plugin, mysql.func, mysql.proc EXTENDED",
    "SELECT GROUP_CONCAT(CONCAT_WS(' ', TABLE_SCHEMA, TABLE_NAME, TABLE_TYPE, ENGINE, CREATE_TIME) ORDER BY TABLE_SCHEMA, TABLE_NAME SEPARATOR '\n')
        FROM information_schema.TABLES WHERE TABLE_SCHEMA IN ('shop', 'outside', 'mysql')",
    "SELECT next_not_cached_value FROM ids",
    "SELECT @@GLOBAL.general_log, @@GLOBAL.read_only, @@GLOBAL.sql_mode",
];

/// Locks and statements that somebody left behind.
const LEFT: &str =
    "SELECT CONCAT(COALESCE(INFO, ''), ' ', IS_USED_LOCK('waylaid')) FROM information_schema.PROCESSLIST
    WHERE ID <> CONNECTION_ID() AND (COMMAND IN ('Query', 'Execute') OR IS_USED_LOCK('waylaid') IS NOT NULL)";

#[test]
fn nothing_gets_past() {
    // A server of its own: what is compared is all of it.
    let Some(server) = start("nothing_gets_past", &Options::default()) else { return };
    let (file, out) = (server.folder().join("secret.txt"), server.folder().join("data/out.txt"));
    std::fs::write(&file, SECRET).unwrap();
    let outside = format!("INSERT INTO outside.secrets VALUES ('{SECRET}')");
    let before = [
        "CREATE DATABASE outside",
        "CREATE TABLE outside.secrets (word VARCHAR(50))",
        &outside,
        "CREATE DATABASE shop",
    ];
    execute(&server.url(), &before);
    let url = of(&server, "shop");
    execute(&url, WORLD);
    let loaded = format!("SELECT LOAD_FILE('{}')", file.display());
    assert!(format!("{:?}", execute(&url, &[&loaded])).contains(SECRET), "the world is ready to be fooled");
    let mut config = MysqlConfig::new(&url);
    (config.statement, config.lock) = (Duration::from_millis(700), Duration::from_secs(1));
    let store = open(&config);
    let checksum = || CHECKSUM.iter().map(|sql| execute(&url, &[sql])).collect::<Vec<_>>();
    let before = checksum();
    let attempts = attempts("mysql");
    assert!(attempts.len() >= 90, "{} attempts", attempts.len());
    let mut wrong = Vec::new();
    for (sql, may_pass) in &attempts {
        let filled =
            sql.replace("{file}", &file.display().to_string()).replace("{out}", &out.display().to_string());
        let start = Instant::now();
        let result = read(&store, &RowQuery::select(filled, 50));
        assert!(start.elapsed() < Duration::from_secs(8), "{sql} hangs: {:?}", start.elapsed());
        match result {
            Ok((hits, _)) => {
                if !may_pass {
                    wrong.push(format!("{sql} was answered: {hits:?}"));
                }
                assert!(!format!("{hits:?}").contains(SECRET), "{sql} read what is outside");
            }
            Err(error) => wrong.extend(reached(sql, *may_pass, &error)),
        }
        // A connection that is being ended takes a moment to be gone.
        let deadline = Instant::now() + Duration::from_secs(8);
        while !execute(&url, &[LEFT]).is_empty() {
            assert!(Instant::now() < deadline, "{sql} left something behind: {:?}", execute(&url, &[LEFT]));
            std::thread::sleep(Duration::from_millis(50));
        }
        assert!(!out.exists(), "{sql} wrote a file");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(checksum(), before, "something changed");
}

/// What is wrong with a refusal: it has to come from the guard or the catalogue's word, not from a server that stumbled
/// over it or a limit that stopped it.
fn reached(sql: &str, may_pass: bool, error: &StoreError) -> Option<String> {
    let said = error.to_string();
    assert!(!said.contains(SECRET), "{sql} read what is outside: {said}");
    let is_refused = error.kind == ErrorKind::Invalid && !said.contains("running a SELECT:");
    (!may_pass && !is_refused).then(|| format!("{sql} reached the server: {said}"))
}
