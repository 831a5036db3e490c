//! Topics of a live Kafka cluster, read without a trace: partitions are assigned and fetched, no group is joined, nothing is
//! committed, no topic is created.
//!
//! - `config`: where the cluster is and how one gets in
//! - `client`: the only file that knows the driver
//! - `catalog`: topics, their settings, how far consumer groups are
//! - `plan`, `read`: which offsets a query needs, and the scan of them, some partitions a thread
//! - `finder`: which keys a record holds
//! - `hidden`: records of transactions that were aborted
//! - `convert`: bytes of a record into a record
//! - `coverage`: what was searched, and what was not

mod catalog;
mod client;
mod config;
mod convert;
mod coverage;
mod finder;
mod hidden;
mod plan;
mod read;

pub use config::{KafkaConfig, Mechanism, Security};

use client::Client;
use waylaid_model::{Coverage, Reference, Status};
use waylaid_store::{Context, ErrorKind, RecordHit, RecordQuery, StoreError, TopicCatalog, TopicStore};

/// Why a cluster that nobody ever consumed from is not read. The driver looks for a coordinator before it fetches, and a
/// broker that is asked for its first one creates the topic for offsets: a trace.
const FRESH: &str = "no group has ever read from this cluster, or none may be seen with these credentials: \
                     reading could make it create its topic for offsets";

/// Topics of a cluster.
#[derive(Debug)]
pub struct KafkaTopics {
    name: String,
    client: Client,
}

impl KafkaTopics {
    /// A store of the cluster's topics. Reaches out only when it is asked something.
    pub fn open(name: String, config: &KafkaConfig) -> Result<Self, StoreError> {
        let client = Client::new(config)
            .map_err(|why| StoreError::new(ErrorKind::Invalid, format!("{name}: {why}")))?;
        Ok(Self { name, client })
    }
}

impl TopicStore for KafkaTopics {
    fn name(&self) -> &str {
        &self.name
    }

    fn catalog(&self, context: &Context) -> Result<TopicCatalog, StoreError> {
        context.check("listing topics")?;
        catalog::read(&self.name, &self.client, context)
    }

    fn scan(
        &self,
        query: &RecordQuery,
        context: &Context,
        sink: &(dyn Fn(RecordHit) + Sync),
    ) -> Result<Vec<Coverage>, StoreError> {
        context.check("searching topics")?;
        let plan = plan::make(&self.client, query, context)?;
        if !self.client.has_groups()? {
            let refused = |topic: &plan::Planned| {
                Coverage::new(&self.name, topic.name.as_str(), Status::Failed).with_note(FRESH)
            };
            return Ok(plan.topics.iter().map(refused).chain(coverage::missing(&self.name, &plan)).collect());
        }
        let read = read::run(&self.name, &self.client, &plan, query, context, sink)?;
        Ok(coverage::lines(&self.name, &self.client, &plan, &read))
    }

    fn raw(&self, at: &Reference, context: &Context) -> Result<String, StoreError> {
        let Reference::Record { topic, partition, offset, .. } = at else {
            return Err(StoreError::new(ErrorKind::Invalid, format!("{}: {at} is no record", self.name)));
        };
        context.check("looking a record up")?;
        if !self.client.has_groups()? {
            return Err(StoreError::new(ErrorKind::Invalid, format!("{}: {FRESH}", self.name)));
        }
        read::one(&self.client, topic, *partition, *offset, context)?
            .ok_or_else(|| StoreError::new(ErrorKind::NotFound, format!("{}: record {at}", self.name)))
    }
}
