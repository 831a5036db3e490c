//! The corpus of attempts to get past the guard, as a superuser, on a database that is ready to be fooled: nothing changes,
//! nothing outside is read, nothing hangs.

use crate::support::{attempts, database, execute, of, open, read};
use std::time::{Duration, Instant};
use waylaid_postgres::PostgresConfig;
use waylaid_servers::{Kind, Options, for_test};
use waylaid_store::{ErrorKind, RowQuery, StoreError};

const SECRET: &str = "the-secret-in-the-file";

/// Functions, views, types and operators of somebody's own that write, lock or read files, and a table that is a file.
const WORLD: &str = "
    CREATE TABLE orders (id int PRIMARY KEY, state text); INSERT INTO orders SELECT i, 'ACCEPTED' FROM generate_series(1, 60) i;
    CREATE TABLE picks (id int PRIMARY KEY); INSERT INTO picks VALUES (1); CREATE SEQUENCE ids; SELECT nextval('ids');
    SELECT lo_from_bytea(4711, 'large');
    CREATE FUNCTION writes() RETURNS int LANGUAGE plpgsql AS 'BEGIN DELETE FROM orders; RETURN 1; END';
    CREATE FUNCTION lies() RETURNS int LANGUAGE plpgsql IMMUTABLE AS 'BEGIN PERFORM pg_advisory_lock(7); RETURN 1; END';
    CREATE FUNCTION locks(int) RETURNS bool LANGUAGE sql STABLE AS 'SELECT pg_try_advisory_lock($1)';
    CREATE FUNCTION reads_file() RETURNS text LANGUAGE plpgsql STABLE AS $$BEGIN RETURN pg_read_file('{file}'); END$$;
    CREATE FUNCTION of_row(orders) RETURNS bool LANGUAGE plpgsql IMMUTABLE AS 'BEGIN PERFORM pg_advisory_lock(8); RETURN true; END';
    CREATE FUNCTION step(int, int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS 'BEGIN PERFORM pg_advisory_lock(9); RETURN 1; END';
    CREATE AGGREGATE sums(int) (sfunc = step, stype = int, initcond = '0');
    CREATE FUNCTION same(int, int) RETURNS bool LANGUAGE plpgsql IMMUTABLE AS 'BEGIN PERFORM pg_advisory_lock(10); RETURN true; END';
    CREATE OPERATOR === (leftarg = int, rightarg = int, function = same);
    CREATE FUNCTION tests(text) RETURNS bool LANGUAGE plpgsql IMMUTABLE AS 'BEGIN PERFORM pg_advisory_lock(11); RETURN true; END';
    CREATE DOMAIN checked AS text CHECK (tests(value));
    CREATE PROCEDURE procedure_that_writes() LANGUAGE sql AS 'DELETE FROM orders';
    CREATE VIEW view_that_locks AS SELECT id, pg_advisory_lock(12) IS NULL AS x FROM orders;
    CREATE VIEW view_of_view_that_locks AS SELECT * FROM view_that_locks;
    CREATE EXTENSION dblink; CREATE EXTENSION file_fdw; CREATE SERVER files FOREIGN DATA WRAPPER file_fdw;
    CREATE FOREIGN TABLE outside (line text) SERVER files OPTIONS (filename '{file}');
    CREATE VIEW view_of_outside AS SELECT * FROM outside;";

/// Everything that a statement could change: rows, sequences, large objects, what the catalogue holds, settings of roles and
/// databases, and the number that the next writing transaction gets.
const CHECKSUM: &str = "
    SELECT md5(string_agg(query_to_xml('SELECT * FROM ' || c.oid::regclass || ' ORDER BY 1', true, true, '')::text, '' ORDER BY c.oid))
        FROM pg_class c WHERE relkind IN ('r', 'S') AND relnamespace = 'public'::regnamespace
    UNION ALL SELECT md5(string_agg(x::text, '' ORDER BY x::text)) FROM (
        SELECT oid, relname, relkind, relfilenode, relacl::text FROM pg_class) x
    UNION ALL SELECT md5(string_agg(x::text, '' ORDER BY x::text)) FROM (SELECT oid, proname, prosrc FROM pg_proc) x
    UNION ALL SELECT md5(string_agg(x::text, '' ORDER BY x::text)) FROM (SELECT oid, typname FROM pg_type) x
    UNION ALL SELECT md5(string_agg(x::text, '' ORDER BY x::text)) FROM (SELECT oid, collname FROM pg_collation) x
    UNION ALL SELECT md5(string_agg(x::text, '' ORDER BY x::text)) FROM (SELECT loid, pageno, data FROM pg_largeobject) x
    UNION ALL SELECT md5(string_agg(x::text, '' ORDER BY x::text)) FROM (SELECT * FROM pg_db_role_setting) x
    UNION ALL SELECT md5(string_agg(x::text, '' ORDER BY x::text)) FROM (SELECT * FROM pg_replication_slots) x
    UNION ALL SELECT md5(string_agg(x::text, '' ORDER BY x::text)) FROM (SELECT rolname, rolsuper, rolpassword FROM pg_authid) x
    UNION ALL SELECT md5(string_agg(x::text, '' ORDER BY x::text)) FROM (SELECT oid, spcname FROM pg_tablespace) x";

/// Locks and transactions that somebody left behind.
const LEFT: &str = "
    SELECT locktype || ' ' || mode FROM pg_locks WHERE pid <> pg_backend_pid() AND (locktype = 'advisory' OR mode NOT IN ('AccessShareLock', 'ExclusiveLock'))
    UNION ALL SELECT 'open: ' || query FROM pg_stat_activity WHERE datname = 'bypass' AND pid <> pg_backend_pid() AND state <> 'idle'";

#[test]
fn nothing_gets_past() {
    // A server of its own: what is compared is all of it.
    let options = Options::default().with("autovacuum", "off");
    let Some(server) = for_test("nothing_gets_past", Kind::Postgres, &options) else { return };
    let (file, out) = (server.folder().join("secret.txt"), server.folder().join("data/out.txt"));
    std::fs::write(&file, SECRET).unwrap();
    let filled = |text: &str| {
        let text = text.replace("{file}", &file.display().to_string());
        text.replace("{out}", &out.display().to_string())
    };
    execute(&server.url(), "CREATE DATABASE bypass");
    let url = of(&server, "bypass");
    execute(&url, &filled(WORLD));
    assert!(execute(&url, "SELECT reads_file()")[0].contains(SECRET), "the world is ready to be fooled");
    let mut config = PostgresConfig::new(&url);
    (config.statement, config.lock) = (Duration::from_millis(700), Duration::from_millis(500));
    let store = open(&config);
    let before = execute(&url, CHECKSUM);
    let others = execute(&of(&server, "postgres"), "SELECT count(*) FROM pg_class");
    let attempts = attempts("postgres");
    assert!(attempts.len() >= 100, "{} attempts", attempts.len());
    let mut wrong = Vec::new();
    for (sql, may_pass) in &attempts {
        let start = Instant::now();
        let result = read(&store, &RowQuery::select(filled(sql), 50));
        assert!(start.elapsed() < Duration::from_secs(8), "{sql} hangs: {:?}", start.elapsed());
        match result {
            Ok((hits, _)) => {
                if !may_pass {
                    wrong.push(format!("{sql} was answered: {hits:?}"));
                }
                assert!(!format!("{hits:?}").contains(SECRET), "{sql} read the file");
            }
            Err(error) => wrong.extend(reached(sql, *may_pass, &error)),
        }
        assert_eq!(execute(&url, LEFT), Vec::<String>::new(), "{sql} left something behind");
        assert!(!out.exists(), "{sql} wrote a file");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(execute(&url, CHECKSUM), before, "something changed");
    assert_eq!(execute(&of(&server, "postgres"), "SELECT count(*) FROM pg_class"), others);
}

/// What is wrong with a refusal: it has to come from the guard or the catalogue's word, not from a server that stumbled
/// over it or a limit that stopped it.
fn reached(sql: &str, may_pass: bool, error: &StoreError) -> Option<String> {
    let said = error.to_string();
    assert!(!said.contains(SECRET), "{sql} read the file: {said}");
    let is_refused = error.kind == ErrorKind::Invalid && !said.contains("running a SELECT:");
    (!may_pass && !is_refused).then(|| format!("{sql} reached the server: {said}"))
}

#[test]
fn what_only_looks_does_not_take_a_transaction_number() {
    let sql = "CREATE TABLE t (a int); INSERT INTO t VALUES (1)";
    let Some(url) = database("numbers", sql) else { return };
    let store = open(&PostgresConfig::new(&url));
    let is_writing =
        "SELECT count(*) FROM pg_stat_activity WHERE datname = 'numbers' AND backend_xid IS NOT NULL";
    read(&store, &RowQuery::select("SELECT * FROM t", 5)).unwrap();
    assert_eq!(execute(&url, is_writing), ["0"]);
}
