//! Schemas by their number, from a registry that speaks Confluent's protocol: its own, Apicurio's, Karapace's. Each is asked
//! for once, with those that it refers to; nothing is ever registered.

use super::{Schema, avro, protobuf};
use reqwest::{Certificate, Client, Url, redirect};
use serde_json::Value;
use std::collections::HashMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::runtime::{Builder, Runtime};

/// How long one request may take.
const REQUEST: Duration = Duration::from_secs(10);
/// Longest answer that is taken.
const LONGEST: usize = 4 << 20;
/// Schemas that one may refer to, in all.
const REFERENCES: usize = 64;
/// Schemas that are remembered.
const REMEMBERED: usize = 10_000;
/// Failures after which nothing is asked any more: a registry that is down must not hold every record up.
const FAILURES: u32 = 5;

/// A registry and how to get in.
#[derive(Clone, Default)]
pub struct RegistryConfig {
    /// Where it is: of Apicurio with `/apis/ccompat/v7` behind it.
    pub url: String,
    /// User.
    pub user: Option<String>,
    /// Password.
    pub password: Option<String>,
    /// Certificates that are trusted, a PEM file; the system's without it.
    pub ca: Option<PathBuf>,
}

impl fmt::Debug for RegistryConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RegistryConfig")
            .field("user", &self.user)
            .field("ca", &self.ca)
            .finish_non_exhaustive()
    }
}

/// A registry with what it told so far.
pub struct Registry {
    base: Url,
    login: Option<(String, Option<String>)>,
    http: Client,
    known: Mutex<Known>,
    runtime: Option<Runtime>,
}

#[derive(Default)]
struct Known {
    schemas: HashMap<u64, Option<Arc<Schema>>>,
    trouble: Option<String>,
    failures: u32,
}

/// What a registry has under a number or a name.
struct Told {
    schema: String,
    kind: String,
    references: Vec<Reference>,
}

/// A schema that another one uses.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Reference {
    /// The name by which it is used.
    name: String,
    subject: String,
    version: i64,
}

impl Registry {
    /// Checks the settings; nothing is asked yet.
    pub fn new(config: &RegistryConfig) -> Result<Self, String> {
        let mut base = Url::parse(&config.url).map_err(|why| format!("schema_registry: {why}"))?;
        if !matches!(base.scheme(), "http" | "https") || base.host_str().is_none() {
            return Err("schema_registry must begin with http:// or https://".to_owned());
        }
        let given = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        let user = config.user.clone().or_else(|| given(base.username()));
        let password = config.password.clone().or_else(|| base.password().map(str::to_owned));
        if base.set_username("").is_err() || base.set_password(None).is_err() {
            return Err("schema_registry has no host".to_owned());
        }
        let mut builder = Client::builder().timeout(REQUEST).redirect(redirect::Policy::none()).no_proxy();
        if let Some(path) = &config.ca {
            let unreadable = || format!("{} holds no certificate that can be read", path.display());
            let pem = std::fs::read(path).map_err(|_| unreadable())?;
            let trusted = Certificate::from_pem_bundle(&pem).map_err(|_| unreadable())?;
            builder = builder.tls_certs_only(trusted);
        }
        let http = builder.build().map_err(|why| format!("schema_registry: {why}"))?;
        let runtime =
            Builder::new_multi_thread().worker_threads(1).thread_name("registry").enable_all().build();
        let runtime = runtime.map_err(|why| format!("schema_registry: {why}"))?;
        Ok(Self {
            base,
            login: user.map(|user| (user, password)),
            http,
            known: Mutex::default(),
            runtime: Some(runtime),
        })
    }

    /// The schema of a number; `None` where it is not to be had.
    pub fn schema(&self, number: u64) -> Option<Arc<Schema>> {
        // Held while it is asked: threads that need the same schema wait for it instead of asking again.
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(schema) = known.schemas.get(&number) {
            return schema.clone();
        }
        if known.failures >= FAILURES || known.schemas.len() >= REMEMBERED {
            return None;
        }
        let schema = match self.fetch(number) {
            Ok(schema) => Some(Arc::new(schema)),
            Err((why, is_down)) => {
                known.failures += u32::from(is_down);
                known.trouble = Some(why);
                None
            }
        };
        known.schemas.insert(number, schema.clone());
        schema
    }

    /// What was last not to be had.
    pub fn trouble(&self) -> Option<String> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).trouble.clone()
    }

    fn fetch(&self, number: u64) -> Result<Schema, (String, bool)> {
        let number = number.to_string();
        let told = self.told(&["schemas", "ids", &number])?;
        let unreadable = |why: &str| (format!("schema {number} of the registry: {why}"), false);
        match told.kind.as_str() {
            "AVRO" => {
                let references: Vec<String> =
                    self.references(&told)?.into_iter().map(|(_, text)| text).collect();
                let schema = avro::Schema::parse(&told.schema, &references);
                schema.map(Schema::Avro).ok_or_else(|| unreadable("it is not understood"))
            }
            "PROTOBUF" => {
                let schema = protobuf::Schema::parse(&told.schema, &self.references(&told)?);
                schema.map(Schema::Protobuf).ok_or_else(|| unreadable("it is not understood"))
            }
            "JSON" => Ok(Schema::Json),
            other => Err(unreadable(&format!("payloads of {other} are not read"))),
        }
    }

    /// The schemas that one refers to, by the names that it has for them, each after those that it refers to itself.
    fn references(&self, of: &Told) -> Result<Vec<(String, String)>, (String, bool)> {
        let mut found: Vec<(Reference, String)> = Vec::new();
        let mut open: Vec<(Reference, bool)> =
            of.references.iter().rev().map(|r| (r.clone(), false)).collect();
        let mut texts: HashMap<Reference, String> = HashMap::new();
        while let Some((one, is_read)) = open.pop() {
            if found.iter().any(|(known, _)| *known == one) {
                continue;
            }
            if is_read {
                let text = texts.remove(&one).unwrap_or_default();
                found.push((one, text));
                continue;
            }
            if texts.contains_key(&one) {
                continue;
            }
            if texts.len() + found.len() >= REFERENCES {
                return Err((
                    format!("a schema of the registry refers to more than {REFERENCES} others"),
                    false,
                ));
            }
            let told = self.told(&["subjects", &one.subject, "versions", &one.version.to_string()])?;
            texts.insert(one.clone(), told.schema);
            open.push((one, true));
            open.extend(told.references.into_iter().rev().map(|reference| (reference, false)));
        }
        Ok(found.into_iter().map(|(one, text)| (one.name, text)).collect())
    }

    fn told(&self, path: &[&str]) -> Result<Told, (String, bool)> {
        let shown = path.join("/");
        let body = self
            .get(path)
            .map_err(|(why, is_down)| (format!("the schema registry: {shown}: {why}"), is_down))?;
        let answer: Value = serde_json::from_slice(&body).unwrap_or_default();
        let Some(schema) = answer["schema"].as_str() else {
            return Err((format!("the schema registry: {shown}: the answer holds no schema"), false));
        };
        let reference = |of: &Value| {
            let text = |name: &str| of[name].as_str().map(str::to_owned);
            Some(Reference {
                name: text("name")?,
                subject: text("subject")?,
                version: of["version"].as_i64()?,
            })
        };
        let references =
            answer["references"].as_array().into_iter().flatten().filter_map(reference).collect();
        let kind = answer["schemaType"].as_str().unwrap_or("AVRO").to_owned();
        Ok(Told { schema: schema.to_owned(), kind, references })
    }

    /// The body of an answer, or why there is none and whether others are not to be had either.
    fn get(&self, path: &[&str]) -> Result<Vec<u8>, (String, bool)> {
        let mut url = self.base.clone();
        url.path_segments_mut().map_err(|()| ("no address".to_owned(), true))?.pop_if_empty().extend(path);
        let Some(runtime) = &self.runtime else { return Err(("the store is closed".to_owned(), true)) };
        let mut request = self.http.get(url);
        if let Some((user, password)) = &self.login {
            request = request.basic_auth(user, password.as_ref());
        }
        runtime.block_on(async {
            let down = |why: reqwest::Error| (chain(&why.without_url()), true);
            let mut response = request.send().await.map_err(down)?;
            let status = response.status().as_u16();
            let mut body = Vec::new();
            while let Some(chunk) = response.chunk().await.map_err(down)? {
                body.extend_from_slice(&chunk);
                if body.len() > LONGEST {
                    return Err(("the answer is too long".to_owned(), false));
                }
            }
            match status {
                200 => Ok(body),
                404 => Err(("there is none".to_owned(), false)),
                401 | 403 => Err(("the registry refuses; check its user and password".to_owned(), true)),
                other => Err((format!("the registry answers {other}"), true)),
            }
        })
    }
}

/// An error with everything below it.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut below = error.source();
    while let Some(error) = below {
        text = format!("{text}: {error}");
        below = error.source();
    }
    text
}

impl Drop for Registry {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

impl fmt::Debug for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Never the login.
        f.debug_struct("Registry").field("host", &self.base.host_str()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_checked_and_no_secret_is_shown() {
        let config = |url: &str| RegistryConfig { url: url.to_owned(), ..RegistryConfig::default() };
        let registry = Registry::new(&config("http://u:hunter2@127.0.0.1:1/apis/ccompat/v7/")).unwrap();
        assert_eq!(registry.login, Some(("u".into(), Some("hunter2".into()))));
        assert!(registry.schema(7).is_none());
        let trouble = registry.trouble().unwrap();
        assert!(trouble.contains("schemas/ids/7") && !trouble.contains("hunter2"), "{trouble}");
        assert!(!format!("{registry:?} {:?}", config("http://u:hunter2@h")).contains("hunter2"));
        for url in ["", "ftp://h", "h:8081"] {
            assert!(Registry::new(&config(url)).is_err(), "{url}");
        }
    }
}
