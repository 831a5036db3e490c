//! The driver, and the only file that knows it. What is called here neither joins nor commits nor creates: topics and groups
//! are listed, offsets are looked up, partitions are assigned and fetched.

use crate::config::{KafkaConfig, Security};
use crate::probe;
use rdkafka::admin::{AdminClient, AdminOptions, ResourceSpecifier};
use rdkafka::client::{ClientContext, OAuthToken};
use rdkafka::config::{ClientConfig, RDKafkaLogLevel};
use rdkafka::consumer::{BaseConsumer, Consumer as _, ConsumerContext};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::groups::GroupMemberInfo;
use rdkafka::message::{BorrowedMessage, Headers as _, Message as _};
use rdkafka::metadata::MetadataPartition;
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};
use std::collections::BTreeMap;
use std::error::Error;
use std::fmt;
use std::future::Future;
use std::pin::pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Poll, Wake, Waker};
use std::time::{Duration, Instant, SystemTime};
use waylaid_store::{ErrorKind, GroupMember, GroupMembers, StoreError};

/// How long one request may take.
const REQUEST: Duration = Duration::from_secs(15);
/// Topics whose settings are asked for at once.
const SETTINGS_AT_ONCE: usize = 100;

/// The topic that brokers create for the first group.
const OFFSETS: &str = "__consumer_offsets";

/// A partition of a topic.
pub type Place = (String, i32);

/// A topic as the cluster lists it.
#[derive(Clone, Debug)]
pub struct Listed {
    /// Name.
    pub name: String,
    /// Partitions, sorted.
    pub partitions: Vec<i32>,
    /// Why it cannot be read, where it cannot.
    pub trouble: Option<String>,
}

/// Which offset of a partition is wanted.
#[derive(Clone, Copy, Debug)]
pub enum At {
    /// That of the first record held.
    Start,
    /// That of the next record.
    End,
    /// That of the first record stamped so many milliseconds or later.
    Millis(i64),
}

/// How a reader reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    /// Everything but records of transactions that were aborted or are still open.
    Committed,
    /// The same, a few records at a place: little is fetched at once.
    Few,
    /// Everything.
    Uncommitted,
}

/// A record as it was fetched.
pub struct Fetched<'a> {
    message: BorrowedMessage<'a>,
}

/// What a reader has next.
pub enum Next<'a> {
    /// A record.
    Record(Fetched<'a>),
    /// Nothing more in this partition.
    End(i32),
    /// Nothing yet.
    Nothing,
    /// The broker refuses, and will go on refusing.
    Refused(StoreError),
}

/// A connection to a cluster.
pub struct Client {
    config: ClientConfig,
    watcher: Watcher,
    asker: Mutex<Option<Arc<BaseConsumer<Watcher>>>>,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Never the settings: they hold passwords.
        f.debug_struct("Client")
            .field("bootstrap", &self.config.get("bootstrap.servers"))
            .finish_non_exhaustive()
    }
}

impl Client {
    /// Checks the settings; nothing is asked yet.
    pub fn new(config: &KafkaConfig) -> Result<Self, String> {
        let settings = settings(config)?;
        let token = config.token.clone().filter(|_| settings.get("sasl.mechanism") == Some("OAUTHBEARER"));
        let watcher = Watcher { said: Arc::default(), token, shown: Arc::default() };
        let client = Self { config: settings, watcher, asker: Mutex::default() };
        client.asker().map_err(|error| error.to_string())?;
        Ok(client)
    }

    /// The consumer that asks questions. It has no group and fetches nothing.
    fn asker(&self) -> Result<Arc<BaseConsumer<Watcher>>, StoreError> {
        let mut asker = self.asker.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(asker) = &*asker {
            return Ok(Arc::clone(asker));
        }
        let mut config = self.config.clone();
        // Ends are those of the log, whatever transaction is still open.
        config.set("isolation.level", "read_uncommitted");
        let new: BaseConsumer<Watcher> = config
            .create_with_context(self.watcher.clone())
            .map_err(|error| self.failure(&error, "connecting"))?;
        self.watcher.present_token(&new);
        Ok(Arc::clone(asker.insert(Arc::new(new))))
    }

    /// All topics, sorted.
    pub fn topics(&self) -> Result<Vec<Listed>, StoreError> {
        let asker = self.asker()?;
        let metadata = self.asking(&asker, "listing topics", || asker.fetch_metadata(None, REQUEST))?;
        let mut topics: Vec<Listed> = metadata
            .topics()
            .iter()
            .map(|topic| {
                let mut partitions: Vec<i32> = topic.partitions().iter().map(MetadataPartition::id).collect();
                partitions.sort_unstable();
                let trouble = topic.error().map(|error| RDKafkaErrorCode::from(error).to_string());
                Listed { name: topic.name().to_owned(), partitions, trouble }
            })
            .collect();
        topics.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(topics)
    }

    /// Offsets of partitions. Of a time that no record has: the end. Partitions that do not answer are missing.
    pub fn offsets(&self, of: &[Place], at: At) -> Result<BTreeMap<Place, i64>, StoreError> {
        if of.is_empty() {
            return Ok(BTreeMap::new());
        }
        let asker = self.asker()?;
        let wanted = match at {
            At::Start => Offset::Beginning,
            At::End => Offset::End,
            At::Millis(ms) => Offset::Offset(ms.max(0)),
        };
        let mut list = TopicPartitionList::with_capacity(of.len());
        for (topic, partition) in of {
            // Fails only for offsets that do not exist.
            let _ = list.add_partition_offset(topic, *partition, wanted);
        }
        let found =
            self.asking(&asker, "looking offsets up", || asker.offsets_for_times(list.clone(), REQUEST))?;
        let mut offsets = BTreeMap::new();
        let mut past_all = Vec::new();
        for element in found.elements() {
            let place = (element.topic().to_owned(), element.partition());
            match (element.error(), element.offset()) {
                (Ok(()), Offset::Offset(offset)) => drop(offsets.insert(place, offset)),
                (Ok(()), Offset::End) if !matches!(at, At::End) => past_all.push(place),
                _ => {}
            }
        }
        offsets.extend(if past_all.is_empty() { BTreeMap::new() } else { self.offsets(&past_all, At::End)? });
        Ok(offsets)
    }

    /// Whether anybody ever consumed as a group: only then there is a topic for offsets.
    pub fn has_groups(&self) -> Result<bool, StoreError> {
        let is_there = |topic: &Listed| topic.name == OFFSETS && !topic.partitions.is_empty();
        Ok(self.topics()?.iter().any(is_there) || !self.groups()?.is_empty())
    }

    /// Consumer groups with their members, sorted by name.
    pub fn groups(&self) -> Result<Vec<GroupMembers>, StoreError> {
        let asker = self.asker()?;
        let list = self.asking(&asker, "listing groups", || asker.fetch_group_list(None, REQUEST))?;
        let consumers = list.groups().iter().filter(|group| matches!(group.protocol_type(), "consumer" | ""));
        let mut groups: Vec<GroupMembers> = consumers
            .map(|group| {
                let mut members: Vec<GroupMember> = group.members().iter().map(member).collect();
                members.sort_by(|a, b| (&a.client, &a.host, &a.reads).cmp(&(&b.client, &b.host, &b.reads)));
                GroupMembers { group: group.name().to_owned(), state: group.state().to_owned(), members }
            })
            .collect();
        groups.sort_by(|a, b| a.group.cmp(&b.group));
        groups.dedup_by(|a, b| a.group == b.group);
        Ok(groups)
    }

    /// What a group has committed, of these partitions. Asks its coordinator; does not join it.
    pub fn committed(&self, group: &str, of: &[Place]) -> Result<BTreeMap<Place, i64>, StoreError> {
        let doing = format!("reading the offsets of group {group}");
        let mut config = self.config.clone();
        config.set("group.id", group);
        let asker: BaseConsumer<Watcher> =
            config.create_with_context(self.watcher.clone()).map_err(|error| self.failure(&error, &doing))?;
        self.watcher.present_token(&asker);
        let mut list = TopicPartitionList::with_capacity(of.len());
        for (topic, partition) in of {
            list.add_partition(topic, *partition);
        }
        let found = self.asking(&asker, &doing, || asker.committed_offsets(list.clone(), REQUEST))?;
        let offset = |offset| if let Offset::Offset(offset) = offset { Some(offset) } else { None };
        let elements = found.elements();
        let committed = elements
            .iter()
            .filter_map(|e| Some(((e.topic().to_owned(), e.partition()), offset(e.offset())?)));
        Ok(committed.collect())
    }

    /// Settings of topics, all of them with their values. Topics that may not be asked are missing.
    pub fn settings(&self, topics: &[&str]) -> Result<BTreeMap<String, Vec<(String, String)>>, StoreError> {
        let doing = "reading the settings of topics";
        if self.watcher.token.is_some() {
            // The driver's client for this does not ask for tokens.
            return Err(StoreError::new(
                ErrorKind::Invalid,
                "settings of topics cannot be read with a token",
            ));
        }
        let mut config = self.config.clone();
        // For consumers only; the driver warns of them elsewhere.
        for name in CONSUMER_ONLY {
            config.remove(name);
        }
        let admin: AdminClient<Watcher> =
            config.create_with_context(self.watcher.clone()).map_err(|error| self.failure(&error, doing))?;
        let options = AdminOptions::new().request_timeout(Some(REQUEST));
        let mut settings = BTreeMap::new();
        for some in topics.chunks(SETTINGS_AT_ONCE) {
            let asked: Vec<ResourceSpecifier<'_>> =
                some.iter().map(|t| ResourceSpecifier::Topic(t)).collect();
            let answer = wait(admin.describe_configs(&asked, &options))
                .map_err(|error| self.failure(&error, doing))?;
            for resource in answer.into_iter().flatten() {
                let rdkafka::admin::OwnedResourceSpecifier::Topic(name) = resource.specifier else {
                    continue;
                };
                let entries = resource.entries.into_iter().filter(|e| !e.is_sensitive);
                settings.insert(name, entries.filter_map(|e| Some((e.name, e.value?))).collect());
            }
        }
        Ok(settings)
    }

    /// A reader of partitions.
    pub fn reader(&self, read: Reading) -> Result<Reader, StoreError> {
        let mut config = self.config.clone();
        let committed = read != Reading::Uncommitted;
        if read == Reading::Few {
            config.set("fetch.message.max.bytes", "65536");
        }
        // The driver wants a name to assign partitions; nothing is ever joined or committed under it.
        config.set("group.id", format!("waylaid-{}", std::process::id()));
        config.set("isolation.level", if committed { "read_committed" } else { "read_uncommitted" });
        let consumer = config
            .create_with_context(self.watcher.clone())
            .map_err(|error| self.failure(&error, "opening a reader"))?;
        Ok(Reader { consumer, watcher: self.watcher.clone() })
    }

    /// Asks once; on failure, says what the connection itself had to say.
    fn asking<T>(
        &self,
        asker: &BaseConsumer<Watcher>,
        doing: &str,
        ask: impl FnOnce() -> Result<T, KafkaError>,
    ) -> Result<T, StoreError> {
        ask().map_err(|error| {
            // Troubles of the connection come as events, which somebody has to fetch.
            while asker.poll(Duration::from_millis(10)).is_some() {}
            self.failure(&error, doing)
        })
    }

    fn failure(&self, error: &KafkaError, doing: &str) -> StoreError {
        self.watcher.failure(error, doing)
    }
}

fn member(member: &GroupMemberInfo) -> GroupMember {
    GroupMember {
        client: member.client_id().to_owned(),
        host: member.client_host().trim_start_matches('/').to_owned(),
        reads: member.assignment().map(probe::given).unwrap_or_default(),
    }
}

/// Reads partitions of one topic at a time.
pub struct Reader {
    consumer: BaseConsumer<Watcher>,
    watcher: Watcher,
}

impl Reader {
    /// Reads these partitions of a topic from these offsets on, and nothing else any more.
    pub fn assign(&self, topic: &str, from: &[(i32, i64)]) -> Result<(), StoreError> {
        let mut list = TopicPartitionList::with_capacity(from.len());
        for (partition, offset) in from {
            let _ = list.add_partition_offset(topic, *partition, Offset::Offset(*offset));
        }
        self.consumer.assign(&list).map_err(|error| self.watcher.failure(&error, "assigning partitions"))
    }

    /// Fetches no more of this partition.
    pub fn pause(&self, topic: &str, partition: i32) {
        let mut list = TopicPartitionList::with_capacity(1);
        list.add_partition(topic, partition);
        // Without it more is fetched than is needed, and thrown away.
        let _ = self.consumer.pause(&list);
    }

    /// Reads nothing any more.
    pub fn rest(&self) {
        let _ = self.consumer.unassign();
    }

    /// What comes next, within this time.
    pub fn next(&self, patience: Duration) -> Next<'_> {
        match self.consumer.poll(patience) {
            None => Next::Nothing,
            Some(Ok(message)) => Next::Record(Fetched { message }),
            Some(Err(KafkaError::PartitionEOF(partition))) => Next::End(partition),
            Some(Err(error)) if is_final(&error) => Next::Refused(self.watcher.failure(&error, "reading")),
            Some(Err(error)) => {
                // The driver goes on trying; whoever reads decides when that was long enough.
                self.watcher.hear(&error.to_string());
                Next::Nothing
            }
        }
    }

    /// What the connection last complained about.
    pub fn complaint(&self) -> Option<String> {
        self.watcher.last()
    }
}

impl Fetched<'_> {
    /// Partition.
    pub fn partition(&self) -> i32 {
        self.message.partition()
    }

    /// Offset.
    pub fn offset(&self) -> i64 {
        self.message.offset()
    }

    /// Milliseconds since 1970, where it is stamped at all.
    pub fn millis(&self) -> Option<i64> {
        self.message.timestamp().to_millis().filter(|ms| *ms >= 0)
    }

    /// Whether the broker stamped it, not the producer.
    pub fn is_stamped_by_broker(&self) -> bool {
        matches!(self.message.timestamp(), rdkafka::Timestamp::LogAppendTime(_))
    }

    /// Key.
    pub fn key(&self) -> Option<&[u8]> {
        self.message.key()
    }

    /// Payload; a record without one is a tombstone.
    pub fn payload(&self) -> Option<&[u8]> {
        self.message.payload()
    }

    /// Names and values in order.
    pub fn headers(&self) -> impl Iterator<Item = (&str, Option<&[u8]>)> {
        self.message.headers().into_iter().flat_map(|headers| headers.iter()).map(|h| (h.key, h.value))
    }
}

const CONSUMER_ONLY: [&str; 9] = [
    "allow.auto.create.topics",
    "auto.offset.reset",
    "enable.auto.commit",
    "enable.auto.offset.store",
    "enable.partition.eof",
    "fetch.error.backoff.ms",
    "fetch.wait.max.ms",
    "queued.max.messages.kbytes",
    "queued.min.messages",
];

/// What never changes, and what the configuration says.
fn settings(config: &KafkaConfig) -> Result<ClientConfig, String> {
    let mut settings = ClientConfig::new();
    settings
        .set("bootstrap.servers", &config.bootstrap)
        .set("client.id", "waylaid")
        .set("socket.keepalive.enable", "true")
        .set("allow.auto.create.topics", "false")
        .set("auto.offset.reset", "earliest")
        .set("enable.auto.commit", "false")
        .set("enable.auto.offset.store", "false")
        .set("enable.partition.eof", "true")
        .set("fetch.error.backoff.ms", "100")
        .set("fetch.wait.max.ms", "20")
        .set("queued.max.messages.kbytes", "32768")
        .set("queued.min.messages", "100000")
        .set_log_level(RDKafkaLogLevel::Critical);
    let tls = matches!(config.security, Security::Tls | Security::SaslTls);
    let sasl = matches!(config.security, Security::Sasl | Security::SaslTls);
    settings.set(
        "security.protocol",
        match config.security {
            Security::Plaintext => "plaintext",
            Security::Tls => "ssl",
            Security::Sasl => "sasl_plaintext",
            Security::SaslTls => "sasl_ssl",
        },
    );
    let optional = |settings: &mut ClientConfig, name: &str, value: Option<&str>| {
        if let Some(value) = value {
            settings.set(name, value);
        }
    };
    if tls {
        for (name, path) in [
            ("ssl.ca.location", &config.ca),
            ("ssl.certificate.location", &config.certificate),
            ("ssl.key.location", &config.key),
        ] {
            let text =
                path.as_ref().map(|p| p.to_str().ok_or(format!("{} is no text", p.display()))).transpose()?;
            optional(&mut settings, name, text);
        }
        optional(&mut settings, "ssl.key.password", config.key_password.as_deref());
    }
    if sasl {
        settings.set("sasl.mechanism", config.mechanism.name());
        optional(&mut settings, "sasl.username", config.user.as_deref());
        optional(&mut settings, "sasl.password", config.password.as_deref());
    }
    Ok(settings)
}

/// Hears what the connection has to say.
#[derive(Clone)]
struct Watcher {
    said: Arc<Mutex<Option<String>>>,
    token: Option<String>,
    /// How often the token was handed over.
    shown: Arc<AtomicU64>,
}

impl Watcher {
    fn hear(&self, what: &str) {
        let mut said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        // That all brokers are down says less than what came before it.
        if said.is_none() || !what.ends_with("brokers are down") {
            *said = Some(what.to_owned());
        }
    }

    /// The driver asks for the token with an event, which has to be fetched before anything else works.
    fn present_token(&self, consumer: &BaseConsumer<Self>) {
        let before = self.shown.load(Ordering::Relaxed);
        let deadline = Instant::now() + Duration::from_secs(5);
        let waits = || self.shown.load(Ordering::Relaxed) == before && Instant::now() < deadline;
        while self.token.is_some() && waits() {
            let _ = consumer.poll(Duration::from_millis(20));
        }
    }

    fn last(&self) -> Option<String> {
        self.said.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn failure(&self, error: &KafkaError, doing: &str) -> StoreError {
        let said = self.last();
        let kind = kind(error, said.as_deref());
        let heard = said.map(|said| format!(" ({said})")).unwrap_or_default();
        StoreError::new(kind, format!("{doing}{heard}")).with_source(error.clone())
    }
}

impl ClientContext for Watcher {
    const ENABLE_REFRESH_OAUTH_TOKEN: bool = true;

    fn log(&self, _level: RDKafkaLogLevel, _facility: &str, _message: &str) {}

    fn error(&self, _error: KafkaError, reason: &str) {
        self.hear(reason);
    }

    #[allow(clippy::disallowed_methods, reason = "a token's end is by the clock of the broker")]
    fn generate_oauth_token(&self, _config: Option<&str>) -> Result<OAuthToken, Box<dyn Error>> {
        let token = self.token.clone().ok_or("there is no token")?;
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?;
        // A given token is not ours to renew: it is presented as long as a question can take.
        let lifetime_ms = i64::try_from(now.as_millis())? + 3_600_000;
        self.shown.fetch_add(1, Ordering::Relaxed);
        Ok(OAuthToken { token, principal_name: "waylaid".to_owned(), lifetime_ms })
    }
}

impl ConsumerContext for Watcher {}

/// Whether trying on is of no use.
fn is_final(error: &KafkaError) -> bool {
    use RDKafkaErrorCode as Code;
    let code = error.rdkafka_error_code();
    matches!(error, KafkaError::MessageConsumptionFatal(_))
        || matches!(
            code,
            Some(
                Code::TopicAuthorizationFailed
                    | Code::ClusterAuthorizationFailed
                    | Code::SaslAuthenticationFailed
                    | Code::Authentication
                    | Code::UnknownTopicOrPartition
                    | Code::UnknownTopic
                    | Code::UnknownPartition
            )
        )
}

fn kind(error: &KafkaError, said: Option<&str>) -> ErrorKind {
    use RDKafkaErrorCode as Code;
    let refused = said.is_some_and(|said| {
        let said = said.to_ascii_lowercase();
        ["authentication fail", "sasl", "ssl handshake", "certificate"].iter().any(|word| said.contains(word))
    });
    match error.rdkafka_error_code() {
        Some(
            Code::TopicAuthorizationFailed
            | Code::GroupAuthorizationFailed
            | Code::ClusterAuthorizationFailed
            | Code::SaslAuthenticationFailed
            | Code::Authentication,
        ) => ErrorKind::Denied,
        Some(Code::UnknownTopicOrPartition | Code::UnknownTopic | Code::UnknownPartition) => {
            ErrorKind::NotFound
        }
        _ if refused => ErrorKind::Denied,
        Some(Code::OperationTimedOut | Code::RequestTimedOut) => ErrorKind::Timeout,
        _ => ErrorKind::Io,
    }
}

/// Waits for the answer to a request. The driver's own thread wakes us; at the end of its patience it answers in any case.
fn wait<T>(future: impl Future<Output = Result<T, KafkaError>>) -> Result<T, KafkaError> {
    struct Bell(Sender<()>);
    impl Wake for Bell {
        fn wake(self: Arc<Self>) {
            let _ = self.0.send(());
        }
    }
    let (bell, rings): (_, Receiver<()>) = channel();
    let waker = Waker::from(Arc::new(Bell(bell)));
    let mut future = pin!(future);
    let deadline = Instant::now() + REQUEST + Duration::from_secs(5);
    loop {
        if let Poll::Ready(answer) = future.as_mut().poll(&mut std::task::Context::from_waker(&waker)) {
            return answer;
        }
        let left = deadline.saturating_duration_since(Instant::now());
        if rings.recv_timeout(left).is_err() {
            return Err(KafkaError::AdminOp(RDKafkaErrorCode::OperationTimedOut));
        }
    }
}
