//! Every way in: TLS, mutual TLS, the four logins, over TLS and without. And what is said to who does not get in.

use crate::support::{Put, commit, create, flush, producer, put};
use std::time::{Duration, Instant};
use waylaid_kafka::{KafkaConfig, KafkaTopics, Mechanism, Security};
use waylaid_servers::{Kind, Options, Server, for_test};
use waylaid_store::{Context, ErrorKind, RecordQuery, Select, Standing, StoreError, TopicStore as _};

/// How many records the topic holds for whoever gets in.
fn count(config: &KafkaConfig) -> Result<u64, StoreError> {
    let store = KafkaTopics::open("topics.main".into(), config)?;
    let query = RecordQuery { select: Select::all(), ..RecordQuery::default() };
    let lines = store.scan(&query, &Context::new(), &|_| ())?;
    Ok(lines.iter().find(|line| line.target == "secret").map_or(0, |line| line.matched))
}

fn config(broker: &Server, listener: &str, security: Security) -> KafkaConfig {
    let endpoint = broker.endpoint();
    KafkaConfig {
        bootstrap: format!("{}:{}", endpoint.host, endpoint.listeners[listener]),
        security,
        user: endpoint.user.clone(),
        password: endpoint.password.clone(),
        ca: Some(broker.folder().join("tls/ca.pem")),
        ..KafkaConfig::default()
    }
}

/// A token that says itself who it is, unsigned: what brokers take that were told nothing else.
fn token() -> String {
    let now = std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap().as_secs();
    let part = |text: &str| base64(text.as_bytes());
    let claims = format!("{{\"sub\":\"waylaid\",\"iat\":{now},\"exp\":{}}}", now + 3_600);
    format!("{}.{}.", part("{\"alg\":\"none\"}"), part(&claims))
}

fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut text = String::new();
    for three in bytes.chunks(3) {
        let number = three.iter().fold(0_u32, |n, b| n << 8 | u32::from(*b)) << (8 * (3 - three.len()));
        for place in 0..=three.len() {
            text.push(char::from(LETTERS[(number >> (18 - 6 * place)) as usize & 63]));
        }
    }
    text
}

#[test]
#[cfg_attr(not(feature = "tls"), ignore = "needs the feature tls")]
fn every_way_in() {
    let secure = Options { secure: true, ..Options::default() };
    let Some(broker) = for_test("every_way_in", Kind::Kafka, &secure) else { return };
    let open = broker.address();
    create(&open, "secret", 1, &[]);
    commit(&open, "in-use", "secret", &[(0, 0)]);
    let producer = producer(&open, &[]);
    (0..5).for_each(|_| put(&producer, &Put { topic: "secret", payload: Some(b"x"), ..Put::default() }));
    flush(&producer);

    assert_eq!(count(&config(&broker, "tls", Security::Tls)).unwrap(), 5, "TLS");
    told(&KafkaConfig::plaintext(&open), "nobody in particular");
    told(&config(&broker, "tls", Security::Tls), "nobody in particular");
    let mutual = KafkaConfig {
        certificate: Some(broker.folder().join("tls/client.crt")),
        key: Some(broker.folder().join("tls/client.key")),
        ..config(&broker, "mtls", Security::Tls)
    };
    assert_eq!(count(&mutual).unwrap(), 5, "mutual TLS");
    told(&mutual, "whom the certificate names");
    for (listener, security) in [("sasl", Security::Sasl), ("sasl_tls", Security::SaslTls)] {
        for mechanism in
            [Mechanism::Plain, Mechanism::ScramSha256, Mechanism::ScramSha512, Mechanism::OauthBearer]
        {
            let login =
                KafkaConfig { mechanism, token: Some(token()), ..config(&broker, listener, security) };
            let count = count(&login).unwrap_or_else(|error| panic!("{listener} {mechanism:?}: {error}"));
            assert_eq!(count, 5, "{listener} {mechanism:?}");
            told(&login, "waylaid");
        }
    }
    refused(&broker);
}

fn standing(config: &KafkaConfig) -> Standing {
    KafkaTopics::open("topics.main".into(), config).unwrap().standing(&Context::new()).unwrap().unwrap()
}

/// Every way in tells the version, and what one may do where nothing is refused.
fn told(config: &KafkaConfig, login: &str) {
    let told = standing(config);
    assert_eq!((told.product.as_str(), told.login.as_str(), &told.untold), ("Kafka 4.2", login, &None));
    assert!(
        told.beyond.iter().any(|what| what.ends_with(" on topic secret") && what.contains("WRITE")),
        "{told:?}"
    );
    assert!(
        told.beyond.iter().any(|what| what.ends_with("on the cluster")) && told.lacks.is_empty(),
        "{told:?}"
    );
}

#[test]
#[cfg_attr(not(feature = "tls"), ignore = "needs the feature tls")]
fn a_user_without_rights_is_told_what_is_missing() {
    let test = "a_user_without_rights_is_told_what_is_missing";
    let authorizer = "org.apache.kafka.metadata.authorizer.StandardAuthorizer";
    let settings = vec![
        ("authorizer.class.name".to_owned(), authorizer.to_owned()),
        ("super.users".to_owned(), "User:ANONYMOUS".to_owned()),
    ];
    let options = Options { secure: true, settings, ..Options::default() };
    let Some(broker) = for_test(test, Kind::Kafka, &options) else { return };
    create(&broker.address(), "secret", 1, &[]);
    let login = KafkaConfig { mechanism: Mechanism::ScramSha512, ..config(&broker, "sasl", Security::Sasl) };
    let told = standing(&login);
    assert_eq!((told.product.as_str(), &told.untold, told.beyond.len()), ("Kafka 4.2", &None, 0), "{told:?}");
    assert!(told.lacks.iter().any(|what| what.contains("DESCRIBE the cluster")), "{told:?}");
    let wrong = KafkaConfig { password: Some("not-the-password-7731".into()), ..login };
    let told = standing_untold(&wrong);
    assert!(told.contains("refuses the login") && !told.contains("7731"), "{told}");
}

/// Only the question of who we are: what the driver says is tested elsewhere.
fn standing_untold(config: &KafkaConfig) -> String {
    let store = KafkaTopics::open("topics.main".into(), config).unwrap();
    match store.standing(&Context::new()) {
        Ok(told) => told.unwrap().untold.unwrap(),
        Err(error) => panic!("{error}"),
    }
}

/// Each wrong way in is told from the others, soon, and without a secret.
fn refused(broker: &Server) {
    let wrong = "not-the-password-7731";
    let wrong_password = |mechanism| KafkaConfig {
        mechanism,
        password: Some(wrong.to_owned()),
        ..config(broker, "sasl", Security::Sasl)
    };
    let no_authority = KafkaConfig { ca: None, ..config(broker, "tls", Security::Tls) };
    for (what, config) in [
        ("PLAIN", wrong_password(Mechanism::Plain)),
        ("SCRAM", wrong_password(Mechanism::ScramSha512)),
        ("unknown authority", no_authority),
        ("no certificate", config(broker, "mtls", Security::Tls)),
    ] {
        let start = Instant::now();
        let error = count(&config).unwrap_err();
        assert!(start.elapsed() < Duration::from_secs(30), "{what}: {:?}", start.elapsed());
        assert_eq!(error.kind, ErrorKind::Denied, "{what}: {error}");
        let text = format!("{error} {error:?} {config:?}");
        let secrets = [wrong, broker.endpoint().password.as_deref().unwrap()];
        assert!(secrets.iter().all(|secret| !text.contains(secret)), "{what}: {text}");
    }
}
