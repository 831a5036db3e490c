//! What the driver does not tell: which version a broker is of, and what our credentials may do there. Asked over a connection
//! of our own, with questions that only read: which requests it knows, its topics with what is allowed on them, from when to when
//! their records are, and who is in a group.

mod layout;
mod members;
mod rights;
#[cfg(feature = "tls")]
mod scram;
mod times;
#[cfg(feature = "tls")]
mod tls;
mod wire;

pub use members::{ask as members, given};

use crate::config::{KafkaConfig, Mechanism, Security};
use layout::Layout;
use std::collections::BTreeMap;
use std::net::{TcpStream, ToSocketAddrs as _};
use std::time::Duration;
use waylaid_store::{Context, Standing, StoreError};
use wire::{Reader, Wire, Writer};

/// How long connecting, and each answer, may take.
const PATIENCE: Duration = Duration::from_secs(8);

/// Numbers of requests.
const LIST_OFFSETS: i16 = 2;
const METADATA: i16 = 3;
const HANDSHAKE: i16 = 17;
const VERSIONS: i16 = 18;
const AUTHENTICATE: i16 = 36;
const DESCRIBE_GROUPS: i16 = 69;

/// Who we are at a cluster. What cannot be found out is said, and is no failure: the driver may get in where this does not.
pub fn ask(config: &KafkaConfig, context: &Context) -> Result<Standing, StoreError> {
    let mut told = Standing { login: login(config), product: "Kafka".to_owned(), ..Standing::default() };
    let result = connect(config, context).and_then(|mut wire| {
        let knows = Knows::ask(&mut wire)?;
        if let Some(version) = knows.version {
            told.product = format!("Kafka {version}");
        }
        log_in(&mut wire, config)?;
        let layout = Layout::ask(&mut wire)?;
        rights::tell(&layout, &mut told);
        Ok((layout, knows))
    });
    if let Ok((layout, knows)) = &result {
        times::tell(config, layout, knows, context, &mut told);
    }
    context.check("asking who we are")?;
    told.untold = result.err().map(|why| format!("what its user may do is not told: {why}"));
    Ok(told)
}

fn login(config: &KafkaConfig) -> String {
    match (config.security, &config.user) {
        (Security::Sasl | Security::SaslTls, Some(user)) => user.clone(),
        (Security::Sasl | Security::SaslTls, None) => "whom the token names".to_owned(),
        (Security::Tls, _) if config.certificate.is_some() => "whom the certificate names".to_owned(),
        _ => "nobody in particular".to_owned(),
    }
}

/// A connection to one broker, logged in.
fn enter(config: &KafkaConfig, broker: &str) -> Result<Wire, String> {
    let mut wire = secured(config, broker, open(broker)?)?;
    log_in(&mut wire, config)?;
    Ok(wire)
}

/// The first broker that can be reached.
fn connect(config: &KafkaConfig, context: &Context) -> Result<Wire, String> {
    let mut why = "there is no address".to_owned();
    for broker in config.bootstrap.split(',').map(str::trim) {
        if context.check("asking who we are").is_err() {
            break;
        }
        match open(broker).and_then(|stream| secured(config, broker, stream)) {
            Ok(wire) => return Ok(wire),
            Err(error) => why = format!("{broker}: {error}"),
        }
    }
    Err(why)
}

fn open(broker: &str) -> Result<TcpStream, String> {
    let text = |error: std::io::Error| error.to_string();
    let address = broker.to_socket_addrs().map_err(text)?.next().ok_or("no such host")?;
    let stream = TcpStream::connect_timeout(&address, PATIENCE).map_err(text)?;
    stream.set_read_timeout(Some(PATIENCE)).map_err(text)?;
    stream.set_write_timeout(Some(PATIENCE)).map_err(text)?;
    Ok(stream)
}

#[cfg(feature = "tls")]
fn secured(config: &KafkaConfig, broker: &str, stream: TcpStream) -> Result<Wire, String> {
    match config.security {
        Security::Tls | Security::SaslTls => {
            let host = broker.rsplit_once(':').map_or(broker, |(host, _)| host);
            Ok(Wire::new(tls::wrap(config, host.trim_matches(['[', ']']), stream)?))
        }
        Security::Plaintext | Security::Sasl => Ok(Wire::new(stream)),
    }
}

#[cfg(not(feature = "tls"))]
fn secured(config: &KafkaConfig, _: &str, stream: TcpStream) -> Result<Wire, String> {
    match config.security {
        Security::Plaintext | Security::Sasl => Ok(Wire::new(stream)),
        Security::Tls | Security::SaslTls => Err("this build is without TLS".to_owned()),
    }
}

/// What a broker knows.
struct Knows {
    /// The newest version whose ways it knows; none of brokers that are older than 3.3 or of another make.
    version: Option<&'static str>,
    /// The newest form of each request.
    requests: BTreeMap<i16, i16>,
}

impl Knows {
    fn ask(wire: &mut Wire) -> Result<Self, String> {
        let mut body = Writer::default();
        body.compact("waylaid").compact(env!("CARGO_PKG_VERSION")).tags();
        let answer = wire.ask(VERSIONS, 3, true, &body)?;
        Self::read(&mut Reader::new(&answer))
    }

    fn read(answer: &mut Reader<'_>) -> Result<Self, String> {
        let mut knows = Self { version: None, requests: BTreeMap::new() };
        // An older broker answers in an older form, with the error that it does not know this one.
        if answer.i16()? != 0 {
            return Ok(knows);
        }
        for _ in 0..answer.compact_count()? {
            let (request, _, newest) = (answer.i16()?, answer.i16()?, answer.i16()?);
            knows.requests.insert(request, newest);
            answer.skip_tags()?;
        }
        answer.take(4)?;
        for _ in 0..answer.varint()? {
            let (tag, size) = (answer.varint()?, answer.varint()?);
            let mut inside = Reader::new(answer.take(size as usize)?);
            if tag == 0 {
                knows.version = supported(&mut inside)?;
            }
        }
        Ok(knows)
    }

    /// Whether it knows a request in this form.
    fn takes(&self, request: i16, form: i16) -> bool {
        self.requests.get(&request).is_some_and(|newest| *newest >= form)
    }
}

fn supported(features: &mut Reader<'_>) -> Result<Option<&'static str>, String> {
    for _ in 0..features.compact_count()? {
        let name = features.compact_text()?;
        let (_, highest) = (features.i16()?, features.i16()?);
        features.skip_tags()?;
        if name == "metadata.version" {
            return Ok(release(highest));
        }
    }
    Ok(None)
}

/// The release that brought a level of `metadata.version`.
fn release(level: i16) -> Option<&'static str> {
    Some(match level {
        i16::MIN..=6 => return None,
        7 => "3.3",
        8 => "3.4",
        9..=11 => "3.5",
        12..=14 => "3.6",
        15..=19 => "3.7",
        20 => "3.8",
        21 => "3.9",
        22..=25 => "4.0",
        26..=27 => "4.1",
        28..=29 => "4.2",
        _ => "4.3 or newer",
    })
}

fn log_in(wire: &mut Wire, config: &KafkaConfig) -> Result<(), String> {
    if !matches!(config.security, Security::Sasl | Security::SaslTls) {
        return Ok(());
    }
    let mut body = Writer::default();
    body.text(config.mechanism.name());
    let answer = wire.ask(HANDSHAKE, 1, false, &body)?;
    if Reader::new(&answer).i16()? != 0 {
        return Err(format!("the broker does not take {}", config.mechanism.name()));
    }
    let missing = "user or password is missing";
    let (user, password) = (config.user.as_deref(), config.password.as_deref());
    match config.mechanism {
        Mechanism::Plain => {
            let (user, password) = user.zip(password).ok_or(missing)?;
            authenticate(wire, format!("\0{user}\0{password}").as_bytes()).map(drop)
        }
        Mechanism::OauthBearer => {
            let token = config.token.as_deref().ok_or("there is no token")?;
            authenticate(wire, format!("n,,\u{1}auth=Bearer {token}\u{1}\u{1}").as_bytes()).map(drop)
        }
        #[cfg(feature = "tls")]
        Mechanism::ScramSha256 | Mechanism::ScramSha512 => {
            let (user, password) = user.zip(password).ok_or(missing)?;
            let is_long = config.mechanism == Mechanism::ScramSha512;
            scram::log_in(is_long, user, password, |message| authenticate(wire, message))
        }
        #[cfg(not(feature = "tls"))]
        Mechanism::ScramSha256 | Mechanism::ScramSha512 => Err("this build is without SCRAM".to_owned()),
    }
}

/// One message of a login, and the broker's.
fn authenticate(wire: &mut Wire, message: &[u8]) -> Result<Vec<u8>, String> {
    let mut body = Writer::default();
    body.bytes(message);
    let answer = wire.ask(AUTHENTICATE, 0, false, &body)?;
    let mut answer = Reader::new(&answer);
    let error = answer.i16()?;
    let _ = answer.text()?;
    if error == 0 { Ok(answer.bytes()?.to_vec()) } else { Err("the broker refuses the login".to_owned()) }
}
