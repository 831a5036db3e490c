//! A broker and the means to put something into it.

use rdkafka::ClientConfig;
use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, TopicReplication};
use rdkafka::client::DefaultClientContext;
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer as _};
use rdkafka::message::{Header, OwnedHeaders};
use rdkafka::producer::{BaseProducer, BaseRecord, Producer as _};
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};
use std::sync::{Mutex, OnceLock};
use std::task::{Context as TaskContext, Poll, Waker};
use std::time::Duration;
use waylaid_kafka::{KafkaConfig, KafkaTopics};
use waylaid_model::Coverage;
use waylaid_servers::{Kind, Options, Server, for_test};
use waylaid_store::{Context, RecordHit, RecordQuery, TopicStore as _};

/// A broker that all tests share; each has topics of its own. It ends with the process.
pub fn shared(test: &str) -> Option<String> {
    static BROKER: OnceLock<Option<Server>> = OnceLock::new();
    let start = || {
        let broker = for_test(test, Kind::Kafka, &Options::default())?;
        create(&broker.address(), "in-use", 1, &[]);
        commit(&broker.address(), "in-use", "in-use", &[(0, 0)]);
        Some(broker)
    };
    BROKER.get_or_init(start).as_ref().map(Server::address)
}

pub fn store(bootstrap: &str) -> KafkaTopics {
    KafkaTopics::open("topics.main".into(), &KafkaConfig::plaintext(bootstrap)).unwrap()
}

pub fn client(bootstrap: &str) -> ClientConfig {
    let mut config = ClientConfig::new();
    config.set("bootstrap.servers", bootstrap);
    config
}

pub fn admin(bootstrap: &str) -> AdminClient<DefaultClientContext> {
    client(bootstrap).create().unwrap()
}

/// The answer of a future that a thread of the driver's completes.
pub fn answer<T>(future: impl Future<Output = T>) -> T {
    let mut future = Box::pin(future);
    loop {
        match future.as_mut().poll(&mut TaskContext::from_waker(Waker::noop())) {
            Poll::Ready(answer) => return answer,
            Poll::Pending => std::thread::sleep(Duration::from_millis(5)),
        }
    }
}

pub fn create(bootstrap: &str, topic: &str, partitions: i32, settings: &[(&str, &str)]) {
    let mut new = NewTopic::new(topic, partitions, TopicReplication::Fixed(1));
    for (name, value) in settings {
        new = new.set(name, value);
    }
    let created = answer(admin(bootstrap).create_topics(&[new], &AdminOptions::new())).unwrap();
    created.into_iter().for_each(|topic| drop(topic.unwrap()));
}

/// Commits offsets as a group. The first of a broker makes it what any broker in use is.
pub fn commit(bootstrap: &str, group: &str, topic: &str, offsets: &[(i32, i64)]) {
    let consumer: BaseConsumer =
        client(bootstrap).set("group.id", group).set("enable.auto.commit", "false").create().unwrap();
    let mut list = TopicPartitionList::new();
    for (partition, offset) in offsets {
        list.add_partition_offset(topic, *partition, Offset::Offset(*offset)).unwrap();
    }
    consumer.commit(&list, CommitMode::Sync).unwrap();
}

/// A record to be written.
#[derive(Default)]
pub struct Put<'a> {
    pub topic: &'a str,
    pub partition: i32,
    pub millis: Option<i64>,
    pub key: Option<&'a [u8]>,
    pub payload: Option<&'a [u8]>,
    pub headers: &'a [(&'a str, &'a str)],
}

pub fn put(producer: &BaseProducer, put: &Put<'_>) {
    let mut headers = OwnedHeaders::new();
    for (key, value) in put.headers {
        headers = headers.insert(Header { key, value: Some(*value) });
    }
    let mut record: BaseRecord<'_, [u8], [u8]> = BaseRecord::to(put.topic).partition(put.partition);
    record = if put.partition < 0 { BaseRecord::to(put.topic) } else { record };
    record = if put.headers.is_empty() { record } else { record.headers(headers) };
    record.key = put.key;
    record.payload = put.payload;
    record.timestamp = put.millis;
    while let Err((error, back)) = producer.send(record) {
        assert!(error.to_string().contains("Queue full"), "{error}");
        producer.poll(Duration::from_millis(20));
        record = back;
    }
}

pub fn producer(bootstrap: &str, settings: &[(&str, &str)]) -> BaseProducer {
    let mut config = client(bootstrap);
    config.set("linger.ms", "5");
    for (name, value) in settings {
        config.set(*name, *value);
    }
    config.create().unwrap()
}

pub fn flush(producer: &BaseProducer) {
    producer.flush(Duration::from_mins(1)).unwrap();
}

/// What a query delivers, in order.
pub fn scan(store: &KafkaTopics, query: &RecordQuery) -> (Vec<RecordHit>, Vec<Coverage>) {
    let hits = Mutex::new(Vec::new());
    let coverage = store.scan(query, &Context::new(), &|hit| hits.lock().unwrap().push(hit)).unwrap();
    let mut hits = hits.into_inner().unwrap();
    hits.sort_by_key(|hit: &RecordHit| (hit.record.topic.clone(), hit.record.partition, hit.record.offset));
    (hits, coverage)
}
