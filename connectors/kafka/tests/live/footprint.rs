//! Nobody can tell that it was there: what the broker holds is the same before and after, down to the offsets.

use crate::support::{Put, admin, answer, client, commit, create, flush, producer, put, scan, store};
use rdkafka::admin::{AdminOptions, ResourceSpecifier};
use rdkafka::consumer::{BaseConsumer, Consumer as _};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use waylaid_kafka::{KafkaConfig, KafkaTopics, Mechanism, Security};
use waylaid_model::{Reference, Status};
use waylaid_servers::{Kind, Options, Server, for_test};
use waylaid_store::{Context, KeySet, RecordQuery, Select, TopicStore as _};

const WAIT: Duration = Duration::from_secs(10);

/// Groups with their states and members, topics with offsets and settings, the offsets topic's own too.
fn snapshot(bootstrap: &str) -> BTreeMap<String, String> {
    let asker: BaseConsumer = client(bootstrap).create().unwrap();
    let mut all = BTreeMap::new();
    let metadata = asker.fetch_metadata(None, WAIT).unwrap();
    for topic in metadata.topics() {
        for partition in topic.partitions() {
            let ends = asker.fetch_watermarks(topic.name(), partition.id(), WAIT).unwrap();
            all.insert(format!("{}/{}", topic.name(), partition.id()), format!("{ends:?}"));
        }
        let asked = [ResourceSpecifier::Topic(topic.name())];
        let settings = answer(admin(bootstrap).describe_configs(&asked, &AdminOptions::new())).unwrap();
        let mut entries: Vec<String> =
            settings.into_iter().flat_map(|s| s.unwrap().entries).map(|e| format!("{e:?}")).collect();
        entries.sort();
        all.insert(format!("settings of {}", topic.name()), entries.join("\n"));
    }
    let groups = asker.fetch_group_list(None, WAIT).unwrap();
    for group in groups.groups() {
        let members: Vec<_> =
            group.members().iter().map(|m| (m.id().to_owned(), m.client_id().to_owned())).collect();
        all.insert(format!("group {}", group.name()), format!("{} {members:?}", group.state()));
    }
    all
}

/// Everything that the connector can be asked, of topics that are there and of some that are not.
fn session(store: &KafkaTopics, topic: &str) {
    let context = Context::new();
    store.catalog(&context).unwrap();
    assert_eq!(store.standing(&context).unwrap().unwrap().untold, None);
    let keys = Some(Arc::new(KeySet::new(["7", "no-such-key"])));
    for topics in [None, Some(vec![topic.to_owned()]), Some(vec!["not-there".to_owned()])] {
        for select in [Select::all(), Select { keys: keys.clone(), ..Select::default() }, Select::sample(2)] {
            let query = RecordQuery { topics: topics.clone(), select, ..RecordQuery::default() };
            store.scan(&query, &context, &|_| ()).unwrap();
            store.scan(&RecordQuery { by_key: true, ..query }, &context, &|_| ()).unwrap();
        }
    }
    let at = |topic: &str, offset| Reference::Record {
        store: "topics.main".into(),
        topic: topic.into(),
        partition: 0,
        offset,
    };
    let _ = store.raw(&at(topic, 0), &context);
    store.raw(&at("not-there-either", 0), &context).unwrap_err();
    store.raw(&at(topic, 1 << 40), &context).unwrap_err();
}

fn broker(test: &str) -> Option<Server> {
    // As most brokers are: a topic that is asked for by a producer or a careless consumer comes into being.
    for_test(test, Kind::Kafka, &Options::default().with("auto.create.topics.enable", "true"))
}

#[test]
fn it_leaves_no_trace() {
    let Some(broker) = broker("it_leaves_no_trace") else { return };
    let bootstrap = broker.address();
    // Not even on a broker that nobody ever consumed from.
    create(&bootstrap, "orders.v1", 2, &[]);
    let producer = producer(&bootstrap, &[]);
    for n in 0..40_i64 {
        let text = n.to_string();
        put(
            &producer,
            &Put {
                topic: "orders.v1",
                partition: (n % 2) as i32,
                key: Some(text.as_bytes()),
                payload: Some(text.as_bytes()),
                ..Put::default()
            },
        );
    }
    flush(&producer);
    let fresh = snapshot(&bootstrap);
    session(&store(&bootstrap), "orders.v1");
    assert_same(&snapshot(&bootstrap), &fresh, "a broker without groups");
    let query = RecordQuery { select: Select::all(), ..RecordQuery::default() };
    let (hits, coverage) = scan(&store(&bootstrap), &query);
    assert!(
        hits.is_empty() && coverage[0].status == Status::Failed,
        "it says what it did not read: {coverage:?}"
    );

    // A group with a living member that has committed.
    let consumer: BaseConsumer = client(&bootstrap)
        .set("group.id", "pick-service")
        .set("auto.offset.reset", "earliest")
        .set("enable.auto.commit", "false")
        .create()
        .unwrap();
    consumer.subscribe(&["orders.v1"]).unwrap();
    let mut read = 0;
    while read < 40 {
        if let Some(message) = consumer.poll(WAIT) {
            message.unwrap();
            read += 1;
        }
    }
    consumer.commit_consumer_state(rdkafka::consumer::CommitMode::Sync).unwrap();
    let with_group = snapshot(&bootstrap);
    assert!(with_group.contains_key("group pick-service"), "{with_group:?}");
    session(&store(&bootstrap), "orders.v1");
    assert_same(&snapshot(&bootstrap), &with_group, "a broker with a group at work");
}

/// A broker that asks for rights, on which we may see and read everything and nothing else.
#[test]
#[cfg_attr(not(feature = "tls"), ignore = "needs the feature tls")]
fn it_leaves_no_trace_where_rights_are_asked_for() {
    let settings = [
        ("authorizer.class.name", "org.apache.kafka.metadata.authorizer.StandardAuthorizer"),
        ("super.users", "User:ANONYMOUS"),
        ("auto.create.topics.enable", "true"),
    ];
    let options = settings.iter().fold(Options::default(), |all, (name, value)| all.with(name, value));
    let test = "it_leaves_no_trace_where_rights_are_asked_for";
    let Some(broker) = for_test(test, Kind::Kafka, &Options { secure: true, ..options }) else { return };
    let bootstrap = broker.address();
    create(&bootstrap, "orders.v1", 2, &[("retention.ms", "7200000")]);
    let producer = producer(&bootstrap, &[]);
    for n in 0..40 {
        put(&producer, &Put { topic: "orders.v1", partition: n % 2, payload: Some(b"7"), ..Put::default() });
    }
    flush(&producer);
    commit(&bootstrap, "pick-service", "orders.v1", &[(0, 7), (1, 20)]);
    broker.kafka_reader("waylaid").unwrap();
    let endpoint = broker.endpoint();
    let login = KafkaConfig {
        security: Security::Sasl,
        mechanism: Mechanism::ScramSha512,
        user: endpoint.user.clone(),
        password: endpoint.password.clone(),
        ..KafkaConfig::plaintext(format!("127.0.0.1:{}", endpoint.listeners["sasl"]))
    };
    let store = KafkaTopics::open("topics.main".into(), &login).unwrap();
    let before = broker.kafka_snapshot().unwrap();
    for what in [
        "acl ",
        "topic orders.v1 ",
        "committed pick-service orders.v1-0 ",
        "login waylaid ",
        "end orders.v1-1 20",
    ] {
        assert!(before.iter().any(|line| line.starts_with(what)), "{what} is not in {before:#?}");
    }
    session(&store, "orders.v1");
    let standing = store.standing(&Context::new()).unwrap().unwrap();
    assert_eq!(
        (&standing.untold, &standing.beyond, &standing.lacks),
        (&None, &vec![], &vec![]),
        "what the README asks for is enough"
    );
    let catalog = store.catalog(&Context::new()).unwrap();
    assert!(catalog.problems.is_empty() && catalog.groups.len() == 2, "{catalog:?}");
    let query = RecordQuery { select: Select::all(), ..RecordQuery::default() };
    let (hits, coverage) = scan(&store, &query);
    assert_eq!((hits.len(), coverage[0].status), (40, Status::Searched), "{coverage:?}");
    let after = broker.kafka_snapshot().unwrap();
    assert_eq!(after, before);
}

fn assert_same(after: &BTreeMap<String, String>, before: &BTreeMap<String, String>, what: &str) {
    let keys: std::collections::BTreeSet<&String> = after.keys().chain(before.keys()).collect();
    for key in keys {
        assert_eq!(after.get(key), before.get(key), "{what}: {key}");
    }
}

/// What the driver could do beyond reading, and nobody may call.
#[test]
fn nothing_that_writes_is_called() {
    let forbidden = [
        "producer",
        "Producer",
        "subscribe",
        "commit(",
        "commit_",
        "store_offset",
        "create_topics",
        "create_partitions",
        "delete_",
        "alter_",
        "incremental_alter",
        "send_offsets",
        "seek(",
        "MessageProduction",
    ];
    let sources = concat!(env!("CARGO_MANIFEST_DIR"), "/src");
    for path in files(Path::new(sources)) {
        let text = std::fs::read_to_string(&path).unwrap();
        for line in text.lines().filter(|line| !line.trim_start().starts_with("//")) {
            let code = line.split('"').step_by(2).collect::<Vec<_>>().join(" ");
            let word = forbidden.iter().find(|word| code.contains(**word));
            assert!(word.is_none(), "{}: {line}", path.display());
        }
    }
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}
