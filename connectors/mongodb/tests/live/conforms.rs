//! The conformance suite, and that nothing is changed by all of it.

use crate::support::{database, snapshot, store};
use mongodb::bson::oid::ObjectId;
use mongodb::bson::spec::BinarySubtype;
use mongodb::bson::{Binary, Bson, DateTime, Document, doc};
use waylaid_store::testkit::{TableExpectations, table_store_conforms};
use waylaid_store::{Context, TableStore as _};

fn order(n: i32) -> Document {
    let mut order = doc! {
        "_id": n * 3 % 101,
        "no": format!("ORD-{n}"),
        "state": (["NEW", "DONE"][usize::from(n % 2 == 0)]),
        "price": f64::from(n) / 4.0,
        "count": i64::from(n) * 4_000_000_000,
        "whole": f64::from(n),
        "at": DateTime::from_millis(1_700_000_000_000 + i64::from(n) * 1_001),
        "flag": n % 3 == 0,
        "lines": [{"sku": "A-1", "n": n}, {"sku": "B-2"}],
        "nested": {"customer": {"id": n}},
        "ref": ObjectId::from_bytes([n as u8; 12]),
        "raw": Binary { subtype: BinarySubtype::Generic, bytes: vec![n as u8, 255] },
        "odd": if n % 2 == 0 { Bson::Int32(n) } else { Bson::String(n.to_string()) },
    };
    if n % 5 == 0 {
        order.insert("note", Bson::Null);
    }
    if n % 7 == 0 {
        order.insert("note", "late");
    }
    order
}

#[test]
fn it_does_what_every_table_store_must_do() {
    let collections = [
        ("orders", (1..=50).map(order).collect()),
        ("empty", Vec::new()),
        ("picks", vec![doc! {"_id": "b", "n": 1}, doc! {"_id": "a", "n": 2}]),
    ];
    let test = "it_does_what_every_table_store_must_do";
    let Some(url) = database(test, "conforms", &collections) else { return };
    let expected = TableExpectations {
        tables: vec![("empty".into(), 0), ("orders".into(), 50), ("picks".into(), 2)],
        untouched: None,
    };
    let mine =
        |all: Vec<String>| all.into_iter().filter(|line| line.starts_with("conforms.")).collect::<Vec<_>>();
    let before = mine(snapshot(&url));
    assert!(before.len() > 52, "{before:?}");
    table_store_conforms(|| Box::new(store(&url)), &expected);
    let store = store(&url);
    let orders = store.catalog(&Context::new()).unwrap().tables.remove(1);
    assert_eq!((orders.rows, orders.primary_key()), (50, vec!["_id"]));
    let odd = orders.columns.iter().find(|column| column.name == "odd").unwrap();
    assert!(odd.data_type.contains("int") && odd.data_type.contains("string"), "{odd:?}");
    let standing = store.standing(&Context::new()).unwrap().unwrap();
    assert!(standing.product.starts_with("MongoDB ") && standing.untold.is_some(), "{standing:?}");
    assert!(standing.ahead_ms.abs() < 5_000, "{standing:?}");
    assert_eq!(mine(snapshot(&url)), before, "nothing was changed");
}
