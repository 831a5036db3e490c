//! Payloads that only a schema makes readable, with a real registry.

use crate::support::{Put, create, flush, producer, put, scan, shared};
use serde_json::{Value, json};
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Arc;
use waylaid_kafka::{KafkaConfig, KafkaTopics, RegistryConfig};
use waylaid_model::Status;
use waylaid_servers::{Kind, Options, for_test};
use waylaid_store::{Context, KeySet, RecordQuery, Select, TopicStore as _};

const PROTOCOL: &str = "/apis/ccompat/v7";

/// Registers a schema, which the connector cannot: its number.
fn register(address: &str, subject: &str, body: &Value) -> u32 {
    let body = body.to_string();
    let mut stream = TcpStream::connect(address).unwrap();
    let path = format!("{PROTOCOL}/subjects/{subject}/versions");
    let kind = "application/vnd.schemaregistry.v1+json";
    let head = format!(
        "POST {path} HTTP/1.0\r\nHost: {address}\r\nContent-Type: {kind}\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(body.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (_, answer) = answer.split_once("\r\n\r\n").unwrap();
    let answer: Value = serde_json::from_str(answer.trim()).unwrap_or_else(|_| panic!("{answer}"));
    u32::try_from(answer["id"].as_u64().unwrap_or_else(|| panic!("{answer}"))).unwrap()
}

fn framed(number: u32, body: &[u8]) -> Vec<u8> {
    [&[0], number.to_be_bytes().as_slice(), body].concat()
}

#[test]
fn fields_of_avro_and_protobuf_are_read_and_searched() {
    let test = "fields_of_avro_and_protobuf_are_read_and_searched";
    let Some(bootstrap) = shared(test) else { return };
    let Some(registry) = for_test(test, Kind::Apicurio3, &Options::default()) else { return };
    let address = registry.address();
    let line = json!({"type": "record", "name": "Line", "namespace": "shop", "fields": [{"name": "sku", "type": "string"}]});
    register(&address, "shop.Line", &json!({"schema": line.to_string()}));
    let order = json!({"type": "record", "name": "Order", "namespace": "shop", "fields": [
        {"name": "id", "type": "long"}, {"name": "line", "type": "shop.Line"},
        {"name": "at", "type": {"type": "long", "logicalType": "timestamp-millis"}}]});
    let references = json!([{"name": "shop.Line", "subject": "shop.Line", "version": 1}]);
    let number =
        register(&address, "orders-value", &json!({"schema": order.to_string(), "references": references}));
    let text = json!({"type": "object", "properties": {"id": {"type": "integer"}}});
    let json_number =
        register(&address, "json-value", &json!({"schema": text.to_string(), "schemaType": "JSON"}));

    let proto = "syntax = \"proto3\"; message Order { int64 order_id = 1; shop.Line line = 2; }";
    let proto = proto.replace("message", "import \"shop/line.proto\"; message");
    let part = "syntax = \"proto3\"; package shop; message Line { string sku = 1; }";
    register(&address, "line-proto", &json!({"schema": part, "schemaType": "PROTOBUF"}));
    let references = json!([{"name": "shop/line.proto", "subject": "line-proto", "version": 1}]);
    let body = json!({"schema": proto, "schemaType": "PROTOBUF", "references": references});
    let proto_number = register(&address, "proto-value", &body);

    let topic = "schemas.avro";
    create(&bootstrap, topic, 1, &[]);
    let producer = producer(&bootstrap, &[]);
    // 1001, a line, the first millisecond: no digit of the id stands in it.
    let body = b"\xd2\x0f\x06A-1\x02";
    let long = [&[0, 0, 0, 0, 0], number.to_be_bytes().as_slice(), body].concat();
    let payloads = [
        framed(number, body),
        long,
        framed(json_number, br#"{"id": 1001}"#),
        framed(proto_number, b"\0\x08\xe9\x07\x12\x05\x0a\x03A-1"),
        framed(number, b"\xd2\x0f"),
        framed(4_000_000, b"\x06A-2"),
    ];
    for payload in &payloads {
        put(&producer, &Put { topic, payload: Some(payload), ..Put::default() });
    }
    flush(&producer);

    let url = format!("http://{address}{PROTOCOL}");
    let with = |url: &str| {
        let registry = Some(RegistryConfig { url: url.to_owned(), ..RegistryConfig::default() });
        let config = KafkaConfig { registry, ..KafkaConfig::plaintext(&bootstrap) };
        KafkaTopics::open("topics.main".into(), &config).unwrap()
    };
    let of = |select| RecordQuery { topics: Some(vec![topic.to_owned()]), select, ..RecordQuery::default() };
    let store = with(&url);
    let (hits, coverage) = scan(&store, &of(Select::all()));
    let document = json!({"id": 1001, "line": {"sku": "A-1"}, "at": "1970-01-01T00:00:00.001Z"});
    let payloads: Vec<Value> = hits.iter().map(|hit| hit.record.payload.clone().unwrap()).collect();
    let from_proto = json!({"orderId": 1001, "line": {"sku": "A-1"}});
    assert_eq!(payloads[..4], [document.clone(), document, json!({"id": 1001}), from_proto]);
    let note = "2 records are of schemas that are not to be had";
    assert!(coverage[0].note.contains(note) && coverage[0].note.contains("4000000"), "{coverage:?}");
    let (hits, _) = scan(&store, &of(Select::keys(Arc::new(KeySet::new(["1001"])))));
    assert_eq!(hits.iter().map(|hit| hit.record.offset).collect::<Vec<_>>(), [0, 1, 2, 3]);
    let raw = store.raw(&hits[0].at, &Context::new()).unwrap();
    assert!(raw.contains("1001"), "{raw}");

    // A registry that is not there takes nothing from what is found without it.
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let (hits, coverage) = scan(&with(&format!("http://127.0.0.1:{port}")), &of(Select::all()));
    assert_eq!((hits.len(), coverage[0].status), (6, Status::Searched));
    assert!(coverage[0].note.contains("are of schemas that are not to be had"), "{coverage:?}");
}
