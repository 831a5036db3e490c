//! The conformance suite, and what the catalogue tells.

use crate::database::{Column, Database, Table, column, key};
use crate::tds::{Cell, Kind, StandIn};
use waylaid_sqlserver::{SqlServerConfig, SqlServerTables};
use waylaid_store::testkit::{TableExpectations, table_store_conforms};
use waylaid_store::{Context, Filter, RowQuery, TableStore as _};

pub fn open(server: &StandIn) -> SqlServerTables {
    SqlServerTables::open("tables.shop".into(), &SqlServerConfig::new(server.url())).unwrap()
}

/// Tables with every type that the stand-in knows; with a key, with one of two columns, without rows, without a key.
pub fn shop() -> Database {
    let text = |text: String| Cell::Text(text);
    let row = |i: i64| {
        vec![
            Cell::Int(i * 3 % 101),
            text(format!("{}{}", if i % 2 == 0 { 'n' } else { 'N' }, i % 7)),
            Cell::Decimal(i128::from(i * 125)),
            Cell::Moment(format!("2026-11-{:02} 00:00:00.500", i % 28 + 1)),
            if i % 3 == 0 { Cell::Int(i) } else { Cell::Null },
            Cell::Guid(format!("{i:08x}-0000-4000-8000-00000000beef")),
            Cell::Bit(i % 2 == 0),
            Cell::Bytes(vec![i as u8, 255]),
            text(format!("o'{i} ]")),
        ]
    };
    let a: Vec<Column> = vec![
        key("id", "int", Kind::Int),
        column("name", "nvarchar(20)", Kind::Text),
        column("cost", "decimal(9, 2)", Kind::Decimal(2)),
        column("at", "datetime2(3)", Kind::Moment),
        column("note", "bigint", Kind::Int),
        column("who", "uniqueidentifier", Kind::Guid),
        column("flag", "bit", Kind::Bit),
        column("raw", "varbinary(20)", Kind::Bytes),
        column("odd [name]", "varchar(max)", Kind::Text),
    ];
    let pair = |x: &str, y: &str| vec![Cell::Text(x.into()), Cell::Text(y.into())];
    let b = vec![key("x", "varchar(9)", Kind::Text), key("y", "varchar(9)", Kind::Text)];
    let words = ["x", "y", "x", "X", "x "].map(|word| vec![Cell::Text(word.into())]);
    let words = words.into_iter().chain([vec![Cell::Null]]).collect();
    let tables = vec![
        Table { name: "a", columns: a, rows: (1..=50).map(row).collect() },
        Table { name: "b", columns: b, rows: vec![pair("1", "2"), pair("2", "1")] },
        Table { name: "c", columns: vec![column("nothing", "text", Kind::Text)], rows: Vec::new() },
        Table { name: "d", columns: vec![column("word", "varchar(9)", Kind::Text)], rows: words },
    ];
    Database { tables, ..Database::default() }
}

#[test]
fn it_does_what_every_table_store_must_do() {
    let database = shop();
    let server = StandIn::start(move |sql, parameters| database.answer(sql, parameters));
    let tables = [("a", 50), ("b", 2), ("c", 0), ("d", 6)];
    let expected = TableExpectations {
        tables: tables.into_iter().map(|(name, count)| (name.to_owned(), count)).collect(),
        untouched: None,
    };
    table_store_conforms(|| Box::new(open(&server)), &expected);
}

#[test]
fn the_catalogue_has_columns_keys_and_counts() {
    let mut database = shop();
    for name in ["elsewhere", "secret"] {
        database.tables.push(Table { name, columns: vec![column("x", "int", Kind::Int)], rows: Vec::new() });
    }
    let server = StandIn::start(move |sql, parameters| database.answer(sql, parameters));
    let catalog = open(&server).catalog(&Context::new()).unwrap();
    let a = &catalog.tables[0];
    let types: Vec<&str> = a.columns.iter().map(|column| column.data_type.as_str()).collect();
    assert_eq!(types[..5], ["int", "nvarchar(20)", "decimal(9, 2)", "datetime2(3)", "bigint"]);
    assert_eq!((a.rows, a.primary_key()), (50, vec!["id"]));
    assert_eq!(a.foreign_keys[0].table, "b");
    assert_eq!(catalog.tables[1].primary_key(), ["x", "y"]);
    let problems: Vec<String> =
        catalog.problems.iter().map(|p| format!("{}: {}", p.target, p.note)).collect();
    assert!(problems[0].contains("elsewhere: its rows lie in another system"), "{problems:?}");
    assert!(problems[1].contains("secret: no right to read it"), "{problems:?}");
}

#[test]
fn a_hundred_thousand_keys_are_asked_for_in_chunks() {
    let database = shop();
    let server = StandIn::start(move |sql, parameters| {
        assert!(parameters.len() <= 2_000, "{}", parameters.len());
        database.answer(sql, parameters)
    });
    let values = (0..100_000).map(|number| number.to_string()).collect();
    let filter = Filter::In { column: "id".into(), values };
    let query = RowQuery { table: "a".into(), columns: vec!["id".into()], filter, limit: None };
    let mut found = 0;
    let coverage = open(&server).rows(&query, &Context::new(), &mut |_| found += 1).unwrap();
    assert_eq!((found, coverage.range.as_str()), (50, "50 rows, by an index on id"));
    let asked = server.asked().into_iter().filter(|(sql, _)| sql.contains(" WHERE [id] IN ")).count();
    assert_eq!(asked, 50);
}
