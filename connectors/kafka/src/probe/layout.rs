//! Brokers, topics with the brokers that lead their partitions, and what our credentials may do on them. None is created.

use super::METADATA;
use super::wire::{Reader, Wire, Writer};
use std::collections::BTreeMap;

/// How a cluster is laid out.
#[derive(Debug, Default)]
pub struct Layout {
    /// Where each broker answers.
    pub brokers: BTreeMap<i32, String>,
    /// What is allowed on the cluster, a bit an operation.
    pub on_cluster: i32,
    /// Topics that people made.
    pub topics: BTreeMap<String, Laid>,
}

/// A topic.
#[derive(Debug, Default)]
pub struct Laid {
    /// What is allowed on it, a bit an operation.
    pub allowed: i32,
    /// Its partitions, each with the broker that leads it.
    pub partitions: Vec<(i32, i32)>,
}

impl Layout {
    /// Asks for all topics that may be seen, with what is allowed on them.
    pub fn ask(wire: &mut Wire) -> Result<Self, String> {
        let mut body = Writer::default();
        body.i32(-1).flag(false).flag(true).flag(true);
        let answer = wire.ask(METADATA, 8, false, &body)?;
        Self::read(&mut Reader::new(&answer))
    }

    fn read(answer: &mut Reader<'_>) -> Result<Self, String> {
        let mut layout = Self::default();
        answer.take(4)?;
        for _ in 0..answer.count()? {
            let (id, host, port) = (answer.i32()?, answer.text()?, answer.i32()?);
            answer.text()?;
            layout.brokers.insert(id, format!("{host}:{port}"));
        }
        answer.text()?;
        answer.take(4)?;
        for _ in 0..answer.count()? {
            answer.take(2)?;
            let name = answer.text()?;
            let is_internal = answer.take(1)? != [0];
            let mut laid = Laid::default();
            for _ in 0..answer.count()? {
                laid.partitions.push(Self::partition(answer)?);
            }
            laid.allowed = answer.i32()?;
            if !is_internal {
                layout.topics.insert(name, laid);
            }
        }
        layout.on_cluster = answer.i32()?;
        Ok(layout)
    }

    fn partition(answer: &mut Reader<'_>) -> Result<(i32, i32), String> {
        answer.take(2)?;
        let (partition, leader) = (answer.i32()?, answer.i32()?);
        answer.take(4)?;
        for _ in 0..3 {
            let nodes = answer.count()?;
            answer.take(nodes.saturating_mul(4))?;
        }
        Ok((partition, leader))
    }
}
