//! Aggregations of somebody's own: what reads is answered, what writes never reaches the server.

use crate::support::{database, rows, snapshot, store};
use mongodb::bson::doc;
use serde_json::json;
use waylaid_model::Status;
use waylaid_store::{ErrorKind, RowQuery};

#[test]
fn what_reads_is_answered_with_an_exact_end() {
    let orders =
        (0..30).map(|n| doc! {"_id": n, "state": (["NEW", "DONE", "GONE"][n as usize % 3])}).collect();
    let collections = [("orders", orders)];
    let test = "what_reads_is_answered_with_an_exact_end";
    let Some(url) = database(test, "aggregations", &collections) else { return };
    let store = store(&url);
    let counted = r#"{"aggregate": "orders", "pipeline": [{"$group": {"_id": "$state", "n": {"$sum": 1}}}, {"$sort": {"_id": 1}}]}"#;
    let (found, coverage) = rows(&store, &RowQuery::select(counted, 10)).unwrap();
    assert!(found[0].is_head());
    let told: Vec<_> =
        found[1..].iter().map(|hit| (hit.row.get("_id").cloned(), hit.row.get("n").cloned())).collect();
    let each = |state: &str| (Some(json!(state)), Some(json!(10)));
    assert_eq!(told, [each("DONE"), each("GONE"), each("NEW")]);
    assert_eq!((coverage.status, coverage.matched), (Status::Searched, 3));
    let (found, coverage) =
        rows(&store, &RowQuery::select(r#"{"find": "orders", "sort": {"_id": -1}}"#, 4)).unwrap();
    assert_eq!((found.len(), coverage.status), (5, Status::Partial), "a head and four");
    assert_eq!(found[1].row.get("_id"), Some(&json!(29)));
    let (_, coverage) = rows(&store, &RowQuery::select(r#"{"find": "orders"}"#, 30)).unwrap();
    assert_eq!((coverage.status, coverage.matched), (Status::Searched, 30), "all of them is all of them");
}

#[test]
fn what_writes_never_reaches_the_server() {
    let collections = [("orders", vec![doc! {"_id": 1}])];
    let test = "what_writes_never_reaches_the_server";
    let Some(url) = database(test, "writes", &collections) else { return };
    let store = store(&url);
    let mine = || snapshot(&url).into_iter().filter(|line| line.starts_with("writes.")).collect::<Vec<_>>();
    let before = mine();
    for text in [
        r#"{"aggregate": "orders", "pipeline": [{"$out": "stolen"}]}"#,
        r#"{"aggregate": "orders", "pipeline": [{"$merge": {"into": "orders"}}]}"#,
        r#"{"aggregate": "orders", "pipeline": [{"$facet": {"a": [{"$out": "stolen"}]}}]}"#,
        r#"{"aggregate": "orders", "pipeline": [{"$unionWith": {"coll": "orders", "pipeline": [{"$out": "stolen"}]}}]}"#,
        r#"{"drop": "orders"}"#,
        r#"{"find": "orders", "filter": {"$where": "db.orders.drop()"}}"#,
        "db.orders.deleteMany({})",
    ] {
        let error = rows(&store, &RowQuery::select(text, 10)).unwrap_err();
        assert_eq!(error.kind, ErrorKind::Invalid, "{text}: {error}");
    }
    assert_eq!(mine(), before);
}
