//! What is said to the server, and what is not: logins, transactions, SELECTs of somebody's own.

use crate::conforms::{open, shop};
use crate::database::Database;
use crate::tds::{Cell, Kind, Login, Reply, StandIn};
use waylaid_model::Status;
use waylaid_sqlserver::{SqlServerConfig, SqlServerTables};
use waylaid_store::{Context, ErrorKind, Filter, RowHit, RowQuery, StoreError, TableStore as _};

fn select(sql: &str, limit: Option<u64>) -> RowQuery {
    RowQuery { table: String::new(), columns: Vec::new(), filter: Filter::Select { sql: sql.into() }, limit }
}

fn asked(store: &SqlServerTables, sql: &str) -> Result<Vec<RowHit>, StoreError> {
    let mut hits = Vec::new();
    store.rows(&select(sql, None), &Context::new(), &mut |hit| hits.push(hit)).map(|_| hits)
}

fn serve(database: Database) -> StandIn {
    StandIn::start(move |sql, parameters| database.answer(sql, parameters))
}

#[test]
fn we_come_in_as_one_who_only_reads_and_everything_is_rolled_back() {
    let server = serve(shop());
    let store = open(&server);
    let all = RowQuery { table: "b".into(), columns: Vec::new(), filter: Filter::All, limit: None };
    store.rows(&all, &Context::new(), &mut |_| ()).unwrap();
    store.catalog(&Context::new()).unwrap();
    let login = Login {
        user: "reader".into(),
        password: "Planted-S3cret!".into(),
        database: "shop".into(),
        application: "waylaid".into(),
        is_read_only: true,
    };
    assert_eq!(server.seen.lock().unwrap().logins, [login], "one connection serves both questions");
    let asked = server.asked();
    let (settings, _) = &asked[0];
    for setting in
        ["SET LOCK_TIMEOUT 2000", "SET XACT_ABORT ON", "SET DEADLOCK_PRIORITY LOW", "SET TEXTSIZE "]
    {
        assert!(settings.contains(setting), "{settings}");
    }
    assert!(asked.iter().any(|(sql, _)| sql == "SET TRANSACTION ISOLATION LEVEL SNAPSHOT"));
    for (sql, is_inside) in &asked {
        let upper = sql.to_uppercase();
        assert!(!upper.contains("READ UNCOMMITTED") && !upper.contains("NOLOCK"), "{sql}");
        let is_before = upper.starts_with("SET ") || upper == "BEGIN TRANSACTION" || sql == "SELECT 1";
        assert!(*is_inside || is_before || upper.contains("SNAPSHOT_ISOLATION_STATE"), "{sql}");
    }
    let begun = asked.iter().filter(|(sql, _)| sql == "BEGIN TRANSACTION").count();
    let ended = asked.iter().filter(|(sql, _)| sql.ends_with("ROLLBACK TRANSACTION")).count();
    assert_eq!((begun, ended), (2, 2));
}

#[test]
fn where_no_versions_are_kept_nothing_unfinished_is_read() {
    let database = shop();
    let server = StandIn::start(move |sql, parameters| match database.answer(sql, parameters) {
        Reply::Rows(columns, _) if sql.contains("snapshot_isolation_state") => {
            Reply::Rows(columns, vec![vec![Cell::Int(0)]])
        }
        reply => reply,
    });
    open(&server).catalog(&Context::new()).unwrap();
    assert!(server.asked().iter().any(|(sql, _)| sql == "SET TRANSACTION ISOLATION LEVEL READ COMMITTED"));
}

#[test]
fn a_select_comes_back_in_its_types_with_an_exact_rest() {
    let columns = vec![("id".to_owned(), Kind::Int), ("state".to_owned(), Kind::Text)];
    let rows = (1..=5).map(|i| vec![Cell::Int(i), Cell::Text(format!("s{i}"))]).collect();
    let sent = "SELECT TOP (5) [id], [name] AS [state] FROM [a]";
    let server = serve(Database { selects: vec![(sent, Reply::Rows(columns, rows))], ..shop() });
    let store = open(&server);
    let mut hits = Vec::new();
    let query = select("select top 5 id, name as state from a -- some", Some(3));
    let coverage = store.rows(&query, &Context::new(), &mut |hit| hits.push(hit)).unwrap();
    assert_eq!(coverage.status, Status::Partial);
    assert_eq!((coverage.note.as_str(), hits.len()), ("limit of 3 rows: there are more", 4));
    assert!(hits[0].is_head() && hits[0].row.get("state").unwrap() == "text");
    assert_eq!(hits[1].row.get("id").unwrap(), 1);
    assert!(server.asked().iter().any(|(sql, is_inside)| sql == "SET ROWCOUNT 4" && *is_inside));
    assert_eq!(server.stops(), 1, "the rows that nobody wants are given up");
    assert_eq!(asked(&store, "select top 5 id, name as state from a").unwrap().len(), 6);
    let asked = server.asked();
    assert!(asked.iter().any(|(sql, _)| sql == "SET ROWCOUNT 0"), "{asked:?}");
}

#[test]
fn what_the_catalogue_refuses() {
    let others = vec![
        ("a_synonym", "SN", 0, None),
        ("an_external_table", "U", 1, None),
        ("a_view", "V", 0, Some("CREATE VIEW dbo.a_view AS SELECT id FROM a")),
        ("hidden", "V", 0, None),
        (
            "a_view_over_another_server",
            "V",
            0,
            Some("CREATE VIEW v AS SELECT * FROM OPENQUERY(linked, 'SELECT 1')"),
        ),
        ("over", "V", 0, Some("CREATE VIEW over AS SELECT * FROM a_synonym")),
        ("round", "V", 0, Some("CREATE VIEW round AS SELECT * FROM round")),
    ];
    let columns = vec![("id".to_owned(), Kind::Int)];
    let selects = vec![
        ("SELECT [id] FROM [a_view]", Reply::Rows(columns.clone(), vec![vec![Cell::Int(1)]])),
        ("SELECT [id] FROM [round]", Reply::Rows(columns, Vec::new())),
    ];
    let server = serve(Database { others, selects, ..shop() });
    let store = open(&server);
    for (sql, told) in [
        ("SELECT * FROM a_synonym", "synonym"),
        ("SELECT * FROM an_external_table", "another system"),
        ("SELECT * FROM hidden", "VIEW DEFINITION"),
        ("SELECT * FROM a_view_over_another_server", "OPENQUERY"),
        ("SELECT * FROM dbo.[over]", "inside the view dbo.over"),
        ("SELECT * FROM nothing_there", "no table or view"),
        ("SELECT x FROM a", "Invalid column name"),
        ("SELECT * FROM a WITH (UPDLOCK)", "not allowed"),
    ] {
        let error = asked(&store, sql).unwrap_err();
        assert!(error.kind == ErrorKind::Invalid && error.to_string().contains(told), "{sql}: {error}");
    }
    assert_eq!(asked(&store, "SELECT id FROM a_view").unwrap().len(), 2);
    assert_eq!(
        asked(&store, "SELECT id FROM round").unwrap().len(),
        1,
        "a view that is seen is not looked at again"
    );
}

#[test]
fn no_attempt_of_the_corpus_reaches_the_server() {
    let corpus: toml::Table = include_str!("../../../../crates/sqlguard/corpus/bypass.toml").parse().unwrap();
    let others = vec![
        ("a_synonym", "SN", 0, None),
        ("an_external_table", "U", 1, None),
        (
            "a_view_over_another_server",
            "V",
            0,
            Some("CREATE VIEW v AS SELECT * FROM OPENQUERY(linked, 'SELECT 1')"),
        ),
    ];
    // Everything else that is asked for is a table.
    let database = Database { others, ..shop() };
    let server = StandIn::start(move |sql, parameters| database.answer(sql, parameters));
    let store = open(&server);
    let mut count = 0;
    for attempt in corpus["attempt"].as_array().unwrap() {
        let text = |name: &str| attempt.get(name).and_then(toml::Value::as_str).unwrap_or_default();
        if text("on") != "sqlserver" {
            continue;
        }
        count += 1;
        let answered = asked(&store, text("sql"));
        let passes = attempt.get("passes").and_then(toml::Value::as_bool).unwrap_or(false);
        // Those that pass are no statements that the stand-in knows.
        assert!(answered.is_err(), "{}", text("sql"));
        for (sql, _) in server.asked() {
            let is_ours = ["SET ", "SELECT ", "BEGIN TRANSACTION", "IF @@TRANCOUNT"];
            assert!(is_ours.iter().any(|start| sql.starts_with(start)), "{sql}");
            assert!(passes || sql != text("sql"), "{sql}");
        }
    }
    assert!(count > 110, "{count}");
}

#[test]
fn who_we_are_and_what_we_could_do() {
    let server = serve(shop());
    let standing = open(&server).standing(&Context::new()).unwrap().unwrap();
    assert_eq!((standing.product.as_str(), standing.login.as_str()), ("SQL Server 16.0.4100.1", "reader"));
    assert!(standing.is_replica && standing.ahead_ms < 0);
    let beyond = [
        "it may write all tables: it is a db_datawriter",
        "it is the database's db_owner: nothing in it is refused to it",
        "it may CONTROL SERVER on the server",
        "it may EXECUTE, INSERT on the database",
        "it may write tables: 2, such as dbo.a",
    ];
    assert_eq!(standing.beyond, beyond);
}

#[test]
fn a_schema_that_is_not_there_is_told() {
    let server = serve(shop());
    let mut config = SqlServerConfig::new(server.url());
    config.schema = Some("nothing".into());
    let store = SqlServerTables::open("tables.shop".into(), &config).unwrap();
    let error = store.catalog(&Context::new()).unwrap_err();
    assert!(error.to_string().contains("no such schema"), "{error}");
    config.schema = Some("dbo".into());
    let store = SqlServerTables::open("tables.shop".into(), &config).unwrap();
    assert_eq!(store.catalog(&Context::new()).unwrap().tables.len(), 4);
}
