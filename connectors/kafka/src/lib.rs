//! Topics of a live Kafka cluster, read without a trace: partitions are assigned and fetched, no group is joined, nothing is
//! committed, no topic is created.
//!
//! - `config`: where the cluster is and how one gets in
//! - `client`: the only file that knows the driver
//! - `catalog`: topics, their settings, how far consumer groups are
//! - `plan`, `read`: which offsets a query needs, and the scan of them, some partitions a thread
//! - `partitioner`, `narrow`: partitions that cannot hold a key, and how that is known
//! - `probe`: which version the brokers are of, and what our credentials may do
//! - `finder`: which keys a record holds
//! - `hidden`: records of transactions that were aborted
//! - `convert`: bytes of a record into a record
//! - `documents`: payloads in MessagePack and CBOR
//! - `schema`: payloads that a schema from a registry makes readable
//! - `coverage`: what was searched, and what was not

mod catalog;
mod client;
mod config;
mod convert;
mod coverage;
mod documents;
mod finder;
mod hidden;
mod narrow;
mod partitioner;
mod plan;
mod probe;
mod read;
mod schema;

pub use config::{KafkaConfig, Mechanism, Security};
pub use schema::RegistryConfig;

use client::Client;
use narrow::Found;
use plan::Plan;
use read::{Read, Source};
use schema::Decoder;
use waylaid_model::{Coverage, Reference, Status};
use waylaid_store::{
    Context, ErrorKind, KeySet, RecordHit, RecordQuery, Standing, StoreError, TopicCatalog, TopicStore,
};

/// Why a cluster that nobody ever consumed from is not read. The driver looks for a coordinator before it fetches, and a
/// broker that is asked for its first one creates the topic for offsets: a trace.
const FRESH: &str = "no group has ever read from this cluster, or none may be seen with these credentials: \
                     reading could make it create its topic for offsets";

/// Topics of a cluster.
#[derive(Debug)]
pub struct KafkaTopics {
    name: String,
    config: KafkaConfig,
    client: Client,
    decoder: Decoder,
}

impl KafkaTopics {
    /// A store of the cluster's topics. Reaches out only when it is asked something.
    pub fn open(name: String, config: &KafkaConfig) -> Result<Self, StoreError> {
        let invalid = |why: String| StoreError::new(ErrorKind::Invalid, format!("{name}: {why}"));
        let client = Client::new(config).map_err(invalid)?;
        let decoder = Decoder::new(config.registry.as_ref()).map_err(invalid)?;
        Ok(Self { name, config: config.clone(), client, decoder })
    }
}

impl KafkaTopics {
    fn source(&self) -> Source<'_> {
        Source { store: &self.name, client: &self.client, decoder: &self.decoder }
    }

    /// Reads the partitions to which the keys fall; if one of these is found in none of them, the others, too: that a key is
    /// nowhere is never concluded from a rule.
    fn by_key(
        &self,
        plan: &mut Plan,
        query: &RecordQuery,
        keys: &KeySet,
        context: &Context,
        sink: &(dyn Fn(RecordHit) + Sync),
    ) -> Result<Read, StoreError> {
        narrow::narrow(&self.client, plan, keys, context)?;
        let found = Found::none_of(keys);
        let noting = |hit: RecordHit| {
            found.note(&hit);
            sink(hit);
        };
        let mut read = read::run(self.source(), plan, query, context, &noting)?;
        if plan.is_narrowed() && !found.all() {
            let rest = plan.take_left_out();
            read.join(read::run(self.source(), &rest, query, context, sink)?);
            plan.join(rest);
        }
        Ok(read)
    }
}

impl TopicStore for KafkaTopics {
    fn name(&self) -> &str {
        &self.name
    }

    fn catalog(&self, context: &Context) -> Result<TopicCatalog, StoreError> {
        context.check("listing topics")?;
        catalog::read(&self.name, &self.client, &self.config, context)
    }

    fn scan(
        &self,
        query: &RecordQuery,
        context: &Context,
        sink: &(dyn Fn(RecordHit) + Sync),
    ) -> Result<Vec<Coverage>, StoreError> {
        context.check("searching topics")?;
        let mut plan = plan::make(&self.client, query, context)?;
        if !self.client.has_groups()? {
            let refused = |topic: &plan::Planned| {
                Coverage::new(&self.name, topic.name.as_str(), Status::Failed).with_note(FRESH)
            };
            return Ok(plan.topics.iter().map(refused).chain(coverage::missing(&self.name, &plan)).collect());
        }
        let read = match query.own_keys() {
            Some(keys) => self.by_key(&mut plan, query, keys, context, sink)?,
            None => read::run(self.source(), &plan, query, context, sink)?,
        };
        Ok(coverage::lines(self.source(), &plan, &read))
    }

    fn raw(&self, at: &Reference, context: &Context) -> Result<String, StoreError> {
        let Reference::Record { topic, partition, offset, .. } = at else {
            return Err(StoreError::new(ErrorKind::Invalid, format!("{}: {at} is no record", self.name)));
        };
        context.check("looking a record up")?;
        if !self.client.has_groups()? {
            return Err(StoreError::new(ErrorKind::Invalid, format!("{}: {FRESH}", self.name)));
        }
        read::one((&self.client, &self.decoder), topic, *partition, *offset, context)?
            .ok_or_else(|| StoreError::new(ErrorKind::NotFound, format!("{}: record {at}", self.name)))
    }

    fn standing(&self, context: &Context) -> Result<Option<Standing>, StoreError> {
        context.check("asking who we are")?;
        let mut standing = probe::ask(&self.config, context)?;
        let is_fresh = standing.untold.is_none() && self.client.has_groups().is_ok_and(|has| !has);
        standing.lacks.extend(is_fresh.then(|| FRESH.to_owned()));
        Ok(Some(standing))
    }
}
