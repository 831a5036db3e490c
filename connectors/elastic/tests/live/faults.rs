//! What may go wrong, on the real server: each fault is named, ends in time, and shows no secret.

use crate::front::{Do, Front, Rule};
use crate::support::{One, config, scan};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use waylaid_elastic::{ElasticConfig, ElasticLogs};
use waylaid_model::Status;
use waylaid_store::{Context, ErrorKind, LogQuery, LogStore as _, Select, StoreError};

const SECRET: &str = "pl4nted-s3cret";

fn all() -> LogQuery {
    LogQuery { select: Select::all(), ..LogQuery::default() }
}

fn ask(config: &ElasticConfig, context: &Context) -> Result<usize, StoreError> {
    let store = ElasticLogs::open("logs.main".into(), config)?;
    let count = std::sync::atomic::AtomicUsize::new(0);
    store.scan(&all(), context, &|_| {
        count.fetch_add(1, Ordering::Relaxed);
    })?;
    Ok(count.into_inner())
}

/// The failure of a question, which must come soon and hold no secret.
fn fails(config: &ElasticConfig) -> (ErrorKind, String) {
    let start = Instant::now();
    let error = ask(config, &Context::new()).unwrap_err();
    assert!(start.elapsed() < Duration::from_secs(10), "{error}: {:?}", start.elapsed());
    let said = format!("{error} {error:?} {config:?}");
    assert!(!said.contains(SECRET), "{said}");
    (error.kind, error.to_string())
}

fn forward() -> Rule {
    Box::new(|_, _| Do::Forward)
}

/// A configuration that goes through a front.
fn through(one: &One, scheme: &str, front: &Front) -> ElasticConfig {
    ElasticConfig { url: format!("{scheme}://127.0.0.1:{}", front.port), ..config(one, "logs-*") }
}

pub fn faults(one: &One) {
    let all = [
        logins,
        expired,
        root_is_forbidden,
        encryption,
        down,
        busy,
        hanging,
        breaking_off,
        nonsense,
        part_of_the_shards,
        limits,
    ];
    for fault in all {
        fault(one);
    }
}

fn logins(one: &One) {
    let wanted = |head: &str, login: &str| {
        let is_right = head.to_lowercase().contains(&format!("authorization: {login}").to_lowercase());
        if is_right { Do::Forward } else { Do::Answer(401, "{\"error\":{\"reason\":\"no\"}}".into()) }
    };
    // u:pl4nted-s3cret and id:pl4nted-s3cret, in base64.
    for (login, set) in [
        ("Basic dTpwbDRudGVkLXMzY3JldA==", "password"),
        ("ApiKey aWQ6cGw0bnRlZC1zM2NyZXQ=", "api_key"),
        ("ApiKey pl4nted-s3cret", "encoded"),
        ("Bearer pl4nted-s3cret", "token"),
    ] {
        let front = Front::plain(one.server.address(), Box::new(move |head, _| wanted(head, login)));
        let mut right = through(one, "http", &front);
        match set {
            "password" => (right.user, right.password) = (Some("u".into()), Some(SECRET.into())),
            "api_key" => right.api_key = Some(format!("id:{SECRET}")),
            "encoded" => right.api_key = Some(SECRET.into()),
            _ => right.token = Some(SECRET.into()),
        }
        assert_eq!(ask(&right, &Context::new()).unwrap(), 1700, "{set}");
        let wrong = through(one, "http", &front);
        let (kind, said) = fails(&wrong);
        assert_eq!(kind, ErrorKind::Denied, "{said}");
        assert!(said.contains("the credentials were refused, status 401: no"), "{said}");
    }
    // The server repeats what it was given.
    let says = |head: &str, _: usize| Do::Answer(403, format!("{{\"error\":{{\"reason\":{head:?}}}}}"));
    let front = Front::plain(one.server.address(), Box::new(says));
    let planted = ElasticConfig {
        user: Some("u".into()),
        password: Some(SECRET.into()),
        ..through(one, "http", &front)
    };
    let (kind, said) = fails(&planted);
    assert_eq!(kind, ErrorKind::Denied);
    assert!(!said.contains("dTpwbDRudGVkLXMzY3JldA"), "{said}");
}

/// A key that runs out while events are read: what was read until then does not stand for all.
fn expired(one: &One) {
    let reason = "security_exception: authentication failed, api key has expired";
    let pages = std::sync::atomic::AtomicUsize::new(0);
    let rule = move |head: &str, _: usize| {
        let is_page = head.starts_with("POST /_search ") && pages.fetch_add(1, Ordering::SeqCst) > 0;
        if is_page {
            Do::Answer(401, format!("{{\"error\":{{\"reason\":\"{reason}\"}}}}"))
        } else {
            Do::Forward
        }
    };
    let front = Front::plain(one.server.address(), Box::new(rule));
    let config = ElasticConfig { api_key: Some(format!("id:{SECRET}")), ..through(one, "http", &front) };
    let (kind, said) = fails(&config);
    assert_eq!(kind, ErrorKind::Denied);
    assert!(
        said.contains("the credentials were refused, status 401") && said.contains("has expired"),
        "{said}"
    );
}

/// Who may search indices need not be allowed to ask what the server is.
fn root_is_forbidden(one: &One) {
    let rule = |head: &str, _: usize| {
        if head.starts_with("GET / ") {
            Do::Answer(403, "{\"error\":{\"reason\":\"no\"}}".into())
        } else {
            Do::Forward
        }
    };
    let front = Front::plain(one.server.address(), Box::new(rule));
    let config = through(one, "http", &front);
    assert_eq!(ask(&config, &Context::new()).unwrap(), 1700);
    let catalog = ElasticLogs::open("logs.main".into(), &config).unwrap().catalog(&Context::new()).unwrap();
    assert!(catalog.about.contains("version not told"), "{}", catalog.about);
}

fn encryption(one: &One) {
    let folder = tempfile::tempdir().unwrap();
    waylaid_servers::certificates(folder.path()).unwrap();
    let file = |name: &str| Some(folder.path().join(name));
    let front = Front::tls(one.server.address(), folder.path(), false, forward());
    let trusting = ElasticConfig { ca: file("ca.pem"), ..through(one, "https", &front) };
    assert_eq!(ask(&trusting, &Context::new()).unwrap(), 1700);
    let (_, said) = fails(&through(one, "https", &front));
    assert!(said.to_lowercase().contains("certificate"), "a certificate of nobody we know: {said}");
    let (_, said) = fails(&through(one, "http", &front));
    assert!(said.contains("logs.main: listing fields") || said.contains("asking what"), "{said}");
    let mutual = Front::tls(one.server.address(), folder.path(), true, forward());
    let known = ElasticConfig {
        ca: file("ca.pem"),
        certificate: file("client.crt"),
        key: file("client.key"),
        ..through(one, "https", &mutual)
    };
    assert_eq!(ask(&known, &Context::new()).unwrap(), 1700);
    let unknown = ElasticConfig { ca: file("ca.pem"), ..through(one, "https", &mutual) };
    fails(&unknown);
    let plain = Front::plain(one.server.address(), forward());
    let (_, said) = fails(&ElasticConfig { ca: file("ca.pem"), ..through(one, "https", &plain) });
    assert!(said.contains("logs.main"), "TLS where there is none: {said}");
}

fn down(one: &One) {
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let gone =
        ElasticConfig { url: format!("http://u:{SECRET}@127.0.0.1:{nobody}"), ..config(one, "logs-*") };
    let (kind, said) = fails(&gone);
    assert_eq!(kind, ErrorKind::Io);
    assert!(said.contains("refused"), "{said}");
}

fn busy(one: &One) {
    // Too busy twice, then there again; and for ever.
    let twice = |_: &str, number: usize| if number < 2 { Do::Answer(429, "{}".into()) } else { Do::Forward };
    let front = Front::plain(one.server.address(), Box::new(twice));
    assert_eq!(ask(&through(one, "http", &front), &Context::new()).unwrap(), 1700);
    // Every other page at first.
    let pages = std::sync::atomic::AtomicUsize::new(0);
    let every_other = move |head: &str, _: usize| {
        let is_refused =
            head.starts_with("POST /_search ") && pages.fetch_add(1, Ordering::SeqCst).is_multiple_of(2);
        if is_refused { Do::Answer(429, "{}".into()) } else { Do::Forward }
    };
    let front = Front::plain(one.server.address(), Box::new(every_other));
    assert_eq!(ask(&through(one, "http", &front), &Context::new()).unwrap(), 1700);
    let front = Front::plain(one.server.address(), Box::new(|_, _| Do::Answer(429, "{}".into())));
    let (kind, said) = fails(&through(one, "http", &front));
    assert_eq!(kind, ErrorKind::Io);
    assert!(said.contains("too busy"), "{said}");
}

/// Hangs in the middle of the first page.
fn hangs(one: &One) -> Front {
    let rule = |head: &str, _: usize| {
        if head.starts_with("POST /_search ") { Do::HangAfter(5000) } else { Do::Forward }
    };
    Front::plain(one.server.address(), Box::new(rule))
}

fn hanging(one: &One) {
    let front = hangs(one);
    let store = ElasticLogs::open("logs.main".into(), &through(one, "http", &front)).unwrap();
    store.catalog(&Context::new()).unwrap();
    let start = Instant::now();
    let context = Context::new().with_deadline(start + Duration::from_secs(3));
    let coverage = store.scan(&all(), &context, &|_| {}).unwrap();
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
    assert!(coverage.iter().all(|line| line.status == Status::Partial), "{coverage:?}");
    assert!(coverage[0].note.contains("not searched to the end"), "{coverage:?}");
    // Who is asked to stop stops at once.
    let context = Arc::new(Context::new());
    let (other, is_asked) = (Arc::clone(&context), Arc::new(AtomicBool::new(false)));
    let asked = Arc::clone(&is_asked);
    std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(700));
        asked.store(true, Ordering::SeqCst);
        other.cancel();
    });
    let start = Instant::now();
    let error = ask(&through(one, "http", &hangs(one)), &context).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Cancelled);
    assert!(
        is_asked.load(Ordering::SeqCst) && start.elapsed() < Duration::from_secs(2),
        "{:?}",
        start.elapsed()
    );
}

fn breaking_off(one: &One) {
    let rule = |head: &str, _: usize| {
        if head.starts_with("POST /_search ") { Do::BreakOffAfter(5000) } else { Do::Forward }
    };
    let front = Front::plain(one.server.address(), Box::new(rule));
    let (kind, said) = fails(&through(one, "http", &front));
    assert_eq!(kind, ErrorKind::Io, "{said}");
}

fn nonsense(one: &One) {
    for answer in ["", "<html>", "[]", "{\"fields\":7}", "{\"hits\":[]}", "null"] {
        let front = Front::plain(one.server.address(), Box::new(move |_, _| Do::Answer(200, answer.into())));
        // Whatever it is: no panic, and nothing is found.
        assert_eq!(ask(&through(one, "http", &front), &Context::new()).unwrap_or(0), 0, "{answer}");
    }
}

fn part_of_the_shards(one: &One) {
    let failed = r#"{"_shards":{"total":4,"failed":1,"failures":[{"reason":{"reason":"disk is gone"}}]},"hits":{"hits":[]},"pit_id":"x"}"#;
    let rule = move |head: &str, _: usize| {
        if head.starts_with("POST /_search ") { Do::Answer(200, failed.into()) } else { Do::Forward }
    };
    let front = Front::plain(one.server.address(), Box::new(rule));
    let store = ElasticLogs::open("logs.main".into(), &through(one, "http", &front)).unwrap();
    let (_, coverage) = scan(&store, &all());
    assert!(coverage.iter().all(|line| line.status == Status::Partial));
    assert_eq!(coverage[0].note, "1 of 4 shards failed (disk is gone)");
}

fn limits(one: &One) {
    let context = Context::new().with_max_bytes(200_000);
    let store = ElasticLogs::open("logs.main".into(), &config(one, "logs-*")).unwrap();
    let coverage = store.scan(&all(), &context, &|_| {}).unwrap();
    assert!(coverage[0].note.contains("budget used up"), "{coverage:?}");
    assert!(context.bytes_read() < 2 << 20);
}
