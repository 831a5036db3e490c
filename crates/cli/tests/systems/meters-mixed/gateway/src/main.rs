use rdkafka::consumer::{Consumer, StreamConsumer};
use rdkafka::producer::{FutureProducer, FutureRecord};
use std::time::Duration;

const READINGS: &str = "meters.readings";

pub async fn forward(producer: &FutureProducer, payload: &str, meter: &str) {
    let record = FutureRecord::to(READINGS).key(meter).payload(payload);
    let _ = producer.send(record, Duration::from_secs(5)).await;
}

pub fn listen(consumer: &StreamConsumer) {
    consumer.subscribe(&["meters.commands"]).expect("cannot subscribe");
}

fn main() {}
