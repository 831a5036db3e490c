//! The connector on real servers: the contract, what indices may look like, and what may go wrong.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod bench;
mod conforms;
mod edges;
mod faults;
mod front;
mod support;

use support::server;
use waylaid_servers::Kind;

#[test]
fn elasticsearch_9() {
    let Some(one) = server("elasticsearch_9", Kind::Elasticsearch9) else { return };
    conforms::conforms(&one);
    edges::edges(&one);
    faults::faults(&one);
}

#[test]
fn elasticsearch_8() {
    let Some(one) = server("elasticsearch_8", Kind::Elasticsearch8) else { return };
    conforms::conforms(&one);
}

#[test]
fn elasticsearch_7() {
    let Some(one) = server("elasticsearch_7", Kind::Elasticsearch7) else { return };
    conforms::conforms(&one);
    edges::edges(&one);
}

#[test]
fn opensearch_3() {
    let Some(one) = server("opensearch_3", Kind::Opensearch3) else { return };
    conforms::conforms(&one);
    edges::edges(&one);
}
