//! The conformance suite, on a broker that holds nothing else.

use crate::support::{Put, commit, create, flush, producer, put, store};
use waylaid_servers::{Kind, Options, for_test};
use waylaid_store::testkit::{TopicExpectations, topic_store_conforms};

#[test]
fn it_does_what_every_topic_store_must_do() {
    let Some(broker) = for_test("it_does_what_every_topic_store_must_do", Kind::Kafka, &Options::default())
    else {
        return;
    };
    let bootstrap = broker.address();
    create(&bootstrap, "orders.v1", 3, &[]);
    create(&bootstrap, "picks.v1", 1, &[]);
    create(&bootstrap, "quiet.v1", 2, &[]);
    commit(&bootstrap, "in-use", "orders.v1", &[(0, 0)]);
    let producer = producer(&bootstrap, &[]);
    let (mut records, mut keyed) = (0, 0);
    for n in 0..600_i64 {
        let id = 1_000 + n;
        let payload = format!("{{\"orderId\":{id},\"note\":\"number {n}\"}}");
        let key = id.to_string();
        let millis = Some(1_700_000_000_000 + n * 1_000);
        let (topic, partition) = if n % 4 == 0 { ("picks.v1", 0) } else { ("orders.v1", (n % 3) as i32) };
        put(
            &producer,
            &Put {
                topic,
                partition,
                millis,
                key: Some(key.as_bytes()),
                payload: (n % 50 != 7).then_some(payload.as_bytes()),
                headers: &[("source", "test")],
            },
        );
        records += 1;
        keyed += usize::from(id % 100 == 7 || id == 1_100);
    }
    flush(&producer);
    let keys = ["1007", "1107", "1207", "1307", "1407", "1507", "1100", "9999"];
    let expected = TopicExpectations {
        topics: vec!["orders.v1".into(), "picks.v1".into(), "quiet.v1".into()],
        records,
        keys: keys.map(String::from).to_vec(),
        keyed,
        parts: 6,
        untouched: None,
    };
    topic_store_conforms(|| Box::new(store(&bootstrap)), &expected);
}
