//! Topics with partitions and offsets, and consumer groups that poll them, commit, retry, stop and lag.

use std::collections::VecDeque;
use std::fs::File;
use std::io::Write;
use std::rc::Rc;

use anyhow::Result;
use serde_json::{Value, json};

use crate::log::{Who, Zip, ZipWriter};
use crate::world::World;

/// A record as a consumer sees it.
#[derive(Debug, Clone)]
pub struct Msg {
    pub topic: &'static str,
    pub partition: usize,
    pub offset: i64,
    pub ts: i64,
    pub key: Option<String>,
    pub headers: Vec<(String, String)>,
    pub payload: Option<String>,
    pub json: Value,
}

impl Msg {
    /// A field of the payload as text, whatever its type.
    pub fn text(&self, field: &str) -> String {
        text(&self.json[field])
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// `orders-2@88`
    pub fn place(&self) -> String {
        format!("{}-{}@{}", self.topic, self.partition, self.offset)
    }
}

/// A JSON value as plain text.
pub fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

/// What a handler says when it is through.
#[derive(Debug, Clone, Copy)]
pub enum Next {
    /// Commit and go on.
    Ack,
    /// Deliver the same again after some milliseconds.
    Retry(i64),
}

type Handler = Rc<dyn Fn(&mut World, &Who, &[Rc<Msg>], u32) -> Next>;

pub struct Topic {
    partitions: Vec<Span>,
    zip: Zip,
    retain_from: i64,
    cleanup: &'static str,
    writer: Option<ZipWriter>,
    subscribers: Vec<usize>,
    round_robin: usize,
    pub records: u64,
}

#[derive(Clone, Copy)]
struct Span {
    start: i64,
    end: i64,
}

pub struct Consumer {
    group: &'static str,
    topic: &'static str,
    service: &'static str,
    max: usize,
    poll: (i64, i64),
    handler: Handler,
    lanes: Vec<Lane>,
}

struct Lane {
    waiting: VecDeque<Rc<Msg>>,
    committed: i64,
    attempt: u32,
    busy: bool,
    halted: bool,
}

impl World {
    /// Adds a topic; offsets start somewhere, as they do in a topic that has lived for a while.
    pub fn topic(&mut self, name: &'static str, partitions: usize, zip: Zip) {
        let partitions = (0..partitions)
            .map(|_| {
                let start = self.between(0, 40_000);
                Span { start, end: start }
            })
            .collect();
        let topic = Topic {
            partitions,
            zip,
            retain_from: 0,
            cleanup: "delete",
            writer: None,
            subscribers: Vec::new(),
            round_robin: 0,
            records: 0,
        };
        self.topics.insert(name, topic);
    }

    /// Records from before this moment are gone.
    pub fn retain_topic(&mut self, name: &str, from: i64) {
        if let Some(topic) = self.topics.get_mut(name) {
            topic.retain_from = from;
        }
    }

    /// Subscribes a group, one record a time.
    pub fn consume(
        &mut self,
        group: &'static str,
        topic: &'static str,
        service: &'static str,
        handler: impl Fn(&mut World, &Who, &Msg, u32) -> Next + 'static,
    ) {
        self.consume_batch(group, topic, service, 1, (4, 90), move |w, who, batch, attempt| {
            batch.first().map_or(Next::Ack, |msg| handler(w, who, msg, attempt))
        });
    }

    /// Subscribes a group that takes up to `max` records at once, some time after the first has come.
    pub fn consume_batch(
        &mut self,
        group: &'static str,
        topic: &'static str,
        service: &'static str,
        max: usize,
        poll: (i64, i64),
        handler: impl Fn(&mut World, &Who, &[Rc<Msg>], u32) -> Next + 'static,
    ) {
        let index = self.consumers.len();
        let Some(found) = self.topics.get_mut(topic) else {
            return self.bug(format!("no topic {topic}"));
        };
        found.subscribers.push(index);
        let lanes = found
            .partitions
            .iter()
            .map(|span| Lane {
                waiting: VecDeque::new(),
                committed: span.start,
                attempt: 0,
                busy: false,
                halted: false,
            })
            .collect();
        self.consumers.push(Consumer { group, topic, service, max, poll, handler: Rc::new(handler), lanes });
    }

    /// Stops a group (one partition, or all) as a paused or dead consumer does; records pile up.
    pub fn halt(&mut self, group: &str, partition: Option<usize>) {
        for consumer in self.consumers.iter_mut().filter(|consumer| consumer.group == group) {
            for (index, lane) in consumer.lanes.iter_mut().enumerate() {
                lane.halted |= partition.is_none_or(|only| only == index);
            }
        }
    }

    /// Starts a stopped group again.
    pub fn resume(&mut self, group: &str) {
        for index in 0..self.consumers.len() {
            if self.consumers[index].group != group {
                continue;
            }
            for lane in 0..self.consumers[index].lanes.len() {
                self.consumers[index].lanes[lane].halted = false;
                self.after(5, move |w| w.wake(index, lane));
            }
        }
    }

    /// Produces a record; the key chooses the partition as the Java client does. Answers partition and offset.
    pub fn produce(
        &mut self,
        topic: &'static str,
        key: Option<&str>,
        headers: &[(&str, String)],
        payload: &Value,
    ) -> (usize, i64) {
        self.produce_raw(topic, key, headers, Some(payload.to_string()))
    }

    /// Produces a record whose payload is any text, or none at all (a tombstone).
    pub fn produce_raw(
        &mut self,
        topic: &'static str,
        key: Option<&str>,
        headers: &[(&str, String)],
        payload: Option<String>,
    ) -> (usize, i64) {
        let (now, folder) = (self.now, self.incident().join("topics"));
        let Some(found) = self.topics.get_mut(topic) else {
            self.bug(format!("no topic {topic}"));
            return (0, 0);
        };
        let partition = if let Some(key) = key {
            murmur2(key.as_bytes()) as usize % found.partitions.len()
        } else {
            found.round_robin += 1;
            found.round_robin % found.partitions.len()
        };
        let span = &mut found.partitions[partition];
        let offset = span.end;
        span.end += 1;
        let headers: Vec<(String, String)> =
            headers.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        let json = payload.as_deref().and_then(|text| serde_json::from_str(text).ok()).unwrap_or(Value::Null);
        let key = key.map(str::to_owned);
        let msg = Msg { topic, partition, offset, ts: now, key, headers, payload, json };
        let kept = now >= found.retain_from;
        let result = if kept { found.append(&folder, &msg) } else { found.forget(partition, offset) };
        self.keep(result);
        let msg = Rc::new(msg);
        let subscribers = self.topics.get(topic).map(|found| found.subscribers.clone()).unwrap_or_default();
        for index in subscribers {
            let poll = self.consumers[index].poll;
            self.consumers[index].lanes[partition].waiting.push_back(Rc::clone(&msg));
            let delay = self.between(poll.0, poll.1);
            self.after(delay, move |w| w.wake(index, partition));
        }
        (partition, offset)
    }

    fn wake(&mut self, index: usize, partition: usize) {
        let consumer = &mut self.consumers[index];
        let (service, handler, max) = (consumer.service, Rc::clone(&consumer.handler), consumer.max);
        let began = self.now;
        let lane = &mut consumer.lanes[partition];
        if lane.busy || lane.halted || lane.waiting.is_empty() {
            return;
        }
        lane.busy = true;
        let attempt = lane.attempt;
        let batch: Vec<Rc<Msg>> = lane.waiting.iter().take(max).cloned().collect();
        let who = self.listener(service, partition);
        let next = handler(self, &who, &batch, attempt);
        let lane = &mut self.consumers[index].lanes[partition];
        let wait = match next {
            Next::Ack => {
                lane.waiting.drain(..batch.len());
                lane.committed = batch.last().map_or(lane.committed, |msg| msg.offset + 1);
                lane.attempt = 0;
                0
            }
            Next::Retry(wait) => {
                lane.attempt += 1;
                wait
            }
        };
        // a bigger company has faster consumers
        let free = began + (self.now - began) / self.scale + wait;
        self.at(free, move |w| {
            w.consumers[index].lanes[partition].busy = false;
            w.wake(index, partition);
        });
    }

    /// Closes the topics' files and writes what brokers know beside the records: ranges, configuration, groups.
    pub fn write_topics(&mut self) -> Result<u64> {
        let folder = self.incident().join("topics");
        std::fs::create_dir_all(&folder)?;
        let (mut topics, mut records) = (Vec::new(), 0);
        for (name, topic) in &mut self.topics {
            if topic.writer.is_none() {
                topic.writer = Some(topic.open(&folder, name)?);
            }
            if let Some(writer) = topic.writer.take() {
                writer.finish()?;
            }
            records += topic.records;
            let partitions: Vec<Value> = topic
                .partitions
                .iter()
                .enumerate()
                .map(
                    |(partition, span)| json!({"partition": partition, "start": span.start, "end": span.end}),
                )
                .collect();
            let config = json!({"cleanup.policy": topic.cleanup, "retention.ms": "604800000"});
            topics.push(json!({"topic": name, "partitions": partitions, "config": config}));
        }
        let mut groups = Vec::new();
        for consumer in &self.consumers {
            for (partition, lane) in consumer.lanes.iter().enumerate() {
                let end = self.topics[consumer.topic].partitions[partition].end;
                groups.push(json!({"group": consumer.group, "topic": consumer.topic, "partition": partition,
                    "committed": lane.committed, "end": end}));
            }
        }
        write_list(&folder.join("_topics.json"), &topics)?;
        write_list(&folder.join("_groups.json"), &groups)?;
        Ok(records)
    }
}

/// A JSON array with one element a line: small in bytes, readable in a diff.
fn write_list(path: &std::path::Path, items: &[Value]) -> Result<()> {
    let lines: Vec<String> = items.iter().map(Value::to_string).collect();
    writeln!(File::create(path)?, "[\n{}\n]", lines.join(",\n"))?;
    Ok(())
}

impl Topic {
    /// Compresses nothing.
    pub fn plain(&mut self) {
        self.zip = Zip::No;
    }

    fn open(&self, folder: &std::path::Path, name: &str) -> Result<ZipWriter> {
        std::fs::create_dir_all(folder)?;
        ZipWriter::create(&folder.join(format!("{name}.ndjson")), self.zip)
    }

    /// Writes the record in the envelope that `kcat -J` prints.
    fn append(&mut self, folder: &std::path::Path, msg: &Msg) -> Result<()> {
        if self.writer.is_none() {
            self.writer = Some(self.open(folder, msg.topic)?);
        }
        let mut envelope = json!({"topic": msg.topic, "partition": msg.partition, "offset": msg.offset,
            "tstype": "create", "ts": msg.ts, "broker": msg.partition % 3 + 1});
        if !msg.headers.is_empty() {
            let flat: Vec<&String> = msg.headers.iter().flat_map(|(name, value)| [name, value]).collect();
            envelope["headers"] = json!(flat);
        }
        envelope["key"] = json!(msg.key);
        envelope["payload"] = json!(msg.payload);
        if let Some(writer) = &mut self.writer {
            writeln!(writer, "{envelope}")?;
        }
        self.records += 1;
        Ok(())
    }

    #[expect(clippy::unnecessary_wraps, reason = "same shape as append")]
    fn forget(&mut self, partition: usize, offset: i64) -> Result<()> {
        self.partitions[partition].start = offset + 1;
        Ok(())
    }
}

/// The Java client's partitioner hash, made positive.
fn murmur2(data: &[u8]) -> u32 {
    const M: u32 = 0x5bd1_e995;
    let mut hash = 0x9747_b28c_u32 ^ data.len() as u32;
    let mut chunks = data.chunks_exact(4);
    for chunk in &mut chunks {
        let mut word = u32::from_le_bytes([chunk[0], chunk[1], chunk[2], chunk[3]]).wrapping_mul(M);
        word ^= word >> 24;
        hash = hash.wrapping_mul(M) ^ word.wrapping_mul(M);
    }
    let rest = chunks.remainder();
    if !rest.is_empty() {
        for (index, byte) in rest.iter().enumerate().rev() {
            hash ^= u32::from(*byte) << (8 * index);
        }
        hash = hash.wrapping_mul(M);
    }
    hash ^= hash >> 13;
    hash = hash.wrapping_mul(M);
    (hash ^ (hash >> 15)) & 0x7fff_ffff
}

#[cfg(test)]
mod tests {
    use super::murmur2;

    #[test]
    fn hashes_as_the_java_client_does() {
        // Values of org.apache.kafka.common.utils.UtilsTest, made positive.
        let positive = |hash: i32| hash as u32 % 0x8000_0000;
        assert_eq!(murmur2(b"21"), positive(-973_932_308));
        assert_eq!(murmur2(b"foobar"), positive(-790_332_482));
        assert_eq!(murmur2(b"a-little-bit-long-string"), positive(-985_981_536));
    }
}
