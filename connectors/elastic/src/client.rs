//! The only file that knows the driver: sends what may be asked, gives up when the question does, and says what went
//! wrong without ever showing a secret.

use crate::allowed::{Ask, Index};
use crate::config::ElasticConfig;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue, RETRY_AFTER};
use reqwest::{Certificate, Identity, Response, Url, redirect};
use serde_json::Value;
use std::fmt;
use std::future::Future;
use std::time::Duration;
use tokio::runtime::{Builder, Runtime};
use waylaid_store::{Context, ErrorKind, StoreError};

/// How often it is looked whether the question still stands.
const TICK: Duration = Duration::from_millis(40);
/// How long connecting may take.
const CONNECT: Duration = Duration::from_secs(10);
/// Longest answer that is taken; pages are far smaller.
const LONGEST: usize = 64 << 20;
/// How often a server is asked that is too busy or closes the connection, and the first pause.
const TRIES: u32 = 4;
const PAUSE: Duration = Duration::from_millis(200);
/// Longest pause that a server may ask for.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// How much of a server's own words is told.
const TOLD: usize = 300;

/// A connection.
pub(crate) struct Client {
    store: String,
    http: reqwest::Client,
    base: Url,
    secrets: Vec<String>,
    runtime: Option<Runtime>,
}

/// What came back.
pub(crate) struct Answer {
    /// What the server says it is.
    pub is_elasticsearch: bool,
    /// The body.
    pub body: Vec<u8>,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("store", &self.store).finish_non_exhaustive()
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        // Not waited for: requests under way are nobody's any more.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

impl Client {
    /// Reads certificates and prepares the connection; reaches out to nobody.
    pub fn new(store: &str, config: &ElasticConfig) -> Result<Self, StoreError> {
        let invalid = |why: String| StoreError::new(ErrorKind::Invalid, format!("{store}: {why}"));
        let mut base = Url::parse(&config.url).map_err(|why| invalid(format!("url: {why}")))?;
        if !matches!(base.scheme(), "http" | "https") || base.host_str().is_none() {
            return Err(invalid("url must begin with http:// or https://".to_owned()));
        }
        let login = Login::of(config, &base);
        let (mut headers, secrets) = (HeaderMap::new(), login.secrets(config));
        if let Some(value) = login.header() {
            let value = HeaderValue::try_from(value);
            let mut value = value.map_err(|_| invalid("the credentials hold what no header may".into()))?;
            value.set_sensitive(true);
            headers.insert(AUTHORIZATION, value);
        }
        if base.set_username("").is_err() || base.set_password(None).is_err() {
            return Err(invalid("url has no host".to_owned()));
        }
        let mut builder = reqwest::Client::builder()
            .default_headers(headers)
            .connect_timeout(CONNECT)
            .redirect(redirect::Policy::none())
            .no_proxy();
        if let Some(ca) = &config.ca {
            let pem = std::fs::read(ca)
                .map_err(|e| StoreError::from_io(e, format!("{store}: reading {}", ca.display())))?;
            let trusted = Certificate::from_pem_bundle(&pem);
            let trusted = trusted.ok().filter(|list| !list.is_empty());
            let trusted = trusted.ok_or_else(|| invalid(format!("{} holds no certificate", ca.display())))?;
            builder = builder.tls_certs_only(trusted);
        }
        match (&config.certificate, &config.key) {
            (Some(certificate), Some(key)) => {
                let mut pem = Vec::new();
                for file in [certificate, key] {
                    let bytes = std::fs::read(file).map_err(|e| {
                        StoreError::from_io(e, format!("{store}: reading {}", file.display()))
                    })?;
                    pem.extend(bytes);
                    pem.push(b'\n');
                }
                let identity = Identity::from_pem(&pem);
                let identity =
                    identity.map_err(|_| invalid("certificate and key are not both PEM".to_owned()))?;
                builder = builder.identity(identity);
            }
            (None, None) => {}
            _ => return Err(invalid("certificate and key belong together".to_owned())),
        }
        let http = builder.build().map_err(|why| invalid(chain(&why)))?;
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build();
        let runtime = runtime.map_err(|e| StoreError::from_io(e, format!("{store}: starting")))?;
        Ok(Self { store: store.to_owned(), http, base, secrets, runtime: Some(runtime) })
    }

    /// The server's address, without user and password.
    pub fn address(&self) -> String {
        let port = self.base.port().map(|port| format!(":{port}")).unwrap_or_default();
        format!("{}{port}", self.base.host_str().unwrap_or_default())
    }

    /// Asks and reads the answer as JSON.
    pub fn json(
        &self,
        ask: Ask,
        index: &Index,
        body: Option<&Value>,
        context: &Context,
    ) -> Result<Value, StoreError> {
        let answer = self.send(ask, index, body.map(Value::to_string).as_deref(), context)?;
        serde_json::from_slice(&answer.body).map_err(|why| self.not_understood(ask, &why))
    }

    /// The failure of an answer that makes no sense.
    pub fn not_understood(&self, ask: Ask, why: &serde_json::Error) -> StoreError {
        let why = format!("{why}; is this address that of a search server?");
        StoreError::new(ErrorKind::Corrupt, self.doing(ask)).with_source(why)
    }

    /// Asks. A server that is too busy is asked again a few times.
    pub fn send(
        &self,
        ask: Ask,
        index: &Index,
        body: Option<&str>,
        context: &Context,
    ) -> Result<Answer, StoreError> {
        let Some(runtime) = &self.runtime else {
            return Err(StoreError::new(ErrorKind::Io, self.doing(ask)));
        };
        runtime.block_on(async {
            for tries in 1.. {
                let mut is_answered = false;
                let once = self.once(ask, index, body, &mut is_answered, context).await;
                // A connection that was kept may have been closed meanwhile; every question may be asked again.
                if !is_answered && tries < TRIES && once.as_ref().is_err_and(|e| e.kind == ErrorKind::Io) {
                    self.while_asked(ask, context, tokio::time::sleep(PAUSE)).await?;
                    continue;
                }
                let (status, pause, answer) = once?;
                if status == 200 {
                    return Ok(answer);
                }
                if !matches!(status, 429 | 502 | 503) || tries >= TRIES {
                    return Err(self.refused(ask, status, &answer.body));
                }
                let pause = pause.unwrap_or(PAUSE * 2u32.pow(tries - 1));
                self.while_asked(ask, context, tokio::time::sleep(pause)).await?;
            }
            Err(StoreError::new(ErrorKind::Io, self.doing(ask)))
        })
    }

    async fn once(
        &self,
        ask: Ask,
        index: &Index,
        body: Option<&str>,
        is_answered: &mut bool,
        context: &Context,
    ) -> Result<(u16, Option<Duration>, Answer), StoreError> {
        let mut url = self.base.clone();
        let (path, query) = split(&ask.path(index));
        url.set_path(&format!("{}{path}", self.base.path().trim_end_matches('/')));
        url.set_query(query.as_deref());
        let mut request = self.http.request(ask.method(), url);
        if let Some(body) = body {
            let kind = if ask == Ask::Searches { "application/x-ndjson" } else { "application/json" };
            request = request.header(CONTENT_TYPE, kind).body(body.to_owned());
        }
        let response = self.while_asked(ask, context, request.send()).await?;
        let mut response = response.map_err(|why| self.failed(ask, why))?;
        *is_answered = true;
        let status = response.status().as_u16();
        let is_elasticsearch = response.headers().contains_key("x-elastic-product");
        let pause = pause_of(&response);
        let mut body = Vec::new();
        loop {
            let chunk = self.while_asked(ask, context, response.chunk()).await?;
            let Some(chunk) = chunk.map_err(|why| self.failed(ask, why))? else { break };
            context.add_bytes(chunk.len() as u64);
            if body.len() + chunk.len() > LONGEST {
                let why = format!("the answer is longer than {} MiB", LONGEST >> 20);
                return Err(StoreError::new(ErrorKind::Corrupt, self.doing(ask)).with_source(why));
            }
            body.extend_from_slice(&chunk);
        }
        Ok((status, pause, Answer { is_elasticsearch, body }))
    }

    /// Waits for something as long as the question stands. What is dropped closes its connection, on which the server
    /// ends its work.
    async fn while_asked<F: Future>(
        &self,
        ask: Ask,
        context: &Context,
        work: F,
    ) -> Result<F::Output, StoreError> {
        let mut work = std::pin::pin!(work);
        loop {
            context.check(&self.doing(ask))?;
            if let Ok(done) = tokio::time::timeout(TICK, &mut work).await {
                return Ok(done);
            }
        }
    }

    fn doing(&self, ask: Ask) -> String {
        let what = match ask {
            Ask::Server => "asking what the server is",
            Ask::Indices => "listing indices",
            Ask::Fields => "listing fields",
            _ => "searching",
        };
        format!("{}: {what} at {}", self.store, self.address())
    }

    /// The failure of a connection.
    fn failed(&self, ask: Ask, why: reqwest::Error) -> StoreError {
        let kind = if why.is_timeout() { ErrorKind::Timeout } else { ErrorKind::Io };
        StoreError::new(kind, self.doing(ask)).with_source(self.without_secrets(&chain(&why.without_url())))
    }

    /// The failure that a server answered with.
    fn refused(&self, ask: Ask, status: u16, body: &[u8]) -> StoreError {
        let reason = reason(body);
        let (kind, what) = match status {
            401 => (ErrorKind::Denied, "the credentials were refused"),
            403 => (ErrorKind::Denied, "the credentials may not do this"),
            404 | 405 => (ErrorKind::NotFound, "there is no such thing"),
            400 => (ErrorKind::Invalid, "the server does not take the question"),
            413 => (ErrorKind::Invalid, "the question is too long for the server"),
            429 => (ErrorKind::Io, "the server is too busy; try again later or ask for less"),
            300..400 => (ErrorKind::Io, "the server points elsewhere; use the address it names"),
            _ => (ErrorKind::Io, "the server failed"),
        };
        let reason = reason.map(|r| format!(": {r}")).unwrap_or_default();
        let why = self.without_secrets(&format!("{what}, status {status}{reason}"));
        StoreError::new(kind, self.doing(ask)).with_source(why)
    }

    /// A text in which no secret stands.
    pub fn without_secrets(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for secret in self.secrets.iter().filter(|s| s.len() > 3) {
            text = text.replace(secret.as_str(), "***");
        }
        text
    }
}

/// How one logs in: the first of what is given.
enum Login {
    None,
    Basic(String, String),
    ApiKey(String),
    Bearer(String),
}

impl Login {
    fn of(config: &ElasticConfig, url: &Url) -> Self {
        let plain = |text: &str| percent_decoded(text);
        if let Some(key) = &config.api_key {
            let is_pair = key.contains(':');
            return Self::ApiKey(if is_pair { base64(key.as_bytes()) } else { key.clone() });
        }
        if let Some(token) = &config.token {
            return Self::Bearer(token.clone());
        }
        let user = config.user.clone().or_else(|| Some(plain(url.username())).filter(|u| !u.is_empty()));
        let password = config.password.clone().or_else(|| url.password().map(plain));
        match user {
            Some(user) => Self::Basic(user, password.unwrap_or_default()),
            None => Self::None,
        }
    }

    fn header(&self) -> Option<String> {
        match self {
            Self::None => None,
            Self::Basic(user, password) => {
                Some(format!("Basic {}", base64(format!("{user}:{password}").as_bytes())))
            }
            Self::ApiKey(key) => Some(format!("ApiKey {key}")),
            Self::Bearer(token) => Some(format!("Bearer {token}")),
        }
    }

    /// Everything that must not be shown, in all its forms.
    fn secrets(&self, config: &ElasticConfig) -> Vec<String> {
        let mut secrets: Vec<String> =
            [&config.api_key, &config.password, &config.token].into_iter().flatten().cloned().collect();
        if let Self::Basic(user, password) = self {
            secrets.push(password.clone());
            secrets.push(base64(format!("{user}:{password}").as_bytes()));
        }
        if let Self::ApiKey(key) = self {
            secrets.push(key.clone());
        }
        secrets.sort_by_key(|s| std::cmp::Reverse(s.len()));
        secrets
    }
}

fn split(path: &str) -> (String, Option<String>) {
    match path.split_once('?') {
        Some((path, query)) => (path.to_owned(), Some(query.to_owned())),
        None => (path.to_owned(), None),
    }
}

/// How long the server wants to be left alone.
fn pause_of(response: &Response) -> Option<Duration> {
    let seconds = response.headers().get(RETRY_AFTER)?.to_str().ok()?.parse().ok()?;
    Some(Duration::from_secs(seconds).min(LONGEST_PAUSE))
}

/// An error with all that lies below it, each said once.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut below = error.source();
    while let Some(error) = below {
        let said = error.to_string();
        if !text.contains(&said) {
            text = format!("{text}: {said}");
        }
        below = error.source();
    }
    text
}

/// What a server gives as its reason, its beginning.
fn reason(body: &[u8]) -> Option<String> {
    let body: Value = serde_json::from_slice(body).ok()?;
    let error = &body["error"];
    let text = error["root_cause"][0]["reason"]
        .as_str()
        .or_else(|| error["reason"].as_str())
        .or_else(|| error.as_str())
        .or_else(|| body["message"].as_str())?;
    Some(text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(TOLD).collect())
}

fn percent_decoded(text: &str) -> String {
    let (mut bytes, mut rest) = (Vec::new(), text.as_bytes());
    while let Some((first, others)) = rest.split_first() {
        let hex = (*first == b'%').then(|| others.get(..2)).flatten();
        let byte = hex.and_then(|hex| u8::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok());
        bytes.push(byte.unwrap_or(*first));
        rest = if byte.is_some() { &others[2..] } else { others };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let bits = chunk.iter().fold(0u32, |bits, b| bits << 8 | u32::from(*b)) << (8 * (3 - chunk.len()));
        for at in 0..4 {
            if at > chunk.len() {
                text.push('=');
            } else {
                text.push(char::from(LETTERS[(bits >> (18 - 6 * at)) as usize & 63]));
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_of_bytes() {
        for (text, letters) in
            [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("id:key", "aWQ6a2V5")]
        {
            assert_eq!(base64(text.as_bytes()), letters);
        }
        assert_eq!(percent_decoded("a%40b%zz%4"), "a@b%zz%4");
    }

    #[test]
    fn what_a_server_says_shows_no_secret() {
        let config = ElasticConfig {
            url: "http://u:p%40ssw0rd@127.0.0.1:9".into(),
            index: "a".into(),
            ..ElasticConfig::default()
        };
        let client = Client::new("logs.main", &config).unwrap();
        let body = br#"{"error":{"reason":"wrong password p@ssw0rd (dTpwQHNzdzByZA==)"}}"#;
        let error = client.refused(Ask::Search, 401, body).to_string();
        assert_eq!(
            error,
            "logs.main: searching at 127.0.0.1:9: permission denied \
             (the credentials were refused, status 401: wrong password *** (***))"
        );
        assert!(!format!("{client:?}").contains("ssw0rd"));
    }

    #[test]
    fn a_configuration_that_cannot_be_used_is_refused_at_once() {
        let config = |url: &str| ElasticConfig { url: url.into(), ..ElasticConfig::default() };
        for url in ["", "es:9200", "ftp://es", "http://"] {
            assert_eq!(Client::new("logs.main", &config(url)).unwrap_err().kind, ErrorKind::Invalid, "{url}");
        }
        let half = ElasticConfig { key: Some("x".into()), ..config("https://es") };
        assert!(Client::new("logs.main", &half).unwrap_err().to_string().contains("belong together"));
    }
}
