//! Which model is asked, where and with which key. All of it comes from the environment: a file is copied, shared and kept
//! in a history, a command line is seen by everybody on the machine. Variables of other programs are not taken: that a
//! key lies in the environment does not mean that an incident may be sent there.

use crate::Fault;
use reqwest::Url;
use std::fmt;

/// The variables, each with what it says.
pub const VARIABLES: [(&str, &str); 4] = [
    (URL, "the address of its interface: https://api.openai.com/v1, http://127.0.0.1:11434"),
    (NAME, "the model's name there"),
    (KEY, "the key, where the server wants one"),
    (DIALECT, "openai, anthropic or ollama, where the address does not tell"),
];
const URL: &str = "WAYLAID_MODEL_URL";
const NAME: &str = "WAYLAID_MODEL";
const KEY: &str = "WAYLAID_MODEL_KEY";
const DIALECT: &str = "WAYLAID_MODEL_DIALECT";

/// How a server is spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// OpenAI's chat completions, which most servers and gateways speak.
    OpenAi,
    /// Anthropic's messages.
    Anthropic,
    /// Ollama's own chat.
    Ollama,
}

impl Dialect {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::OpenAi, Self::Anthropic, Self::Ollama];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::OpenAi => "openai",
            Self::Anthropic => "anthropic",
            Self::Ollama => "ollama",
        }
    }

    /// What an address tells.
    fn of(url: &Url) -> Self {
        let host = url.host_str().unwrap_or_default();
        if host == "anthropic.com" || host.ends_with(".anthropic.com") {
            return Self::Anthropic;
        }
        let is_ollamas_own = url.port() == Some(11_434) && !url.path().contains("/v1");
        if is_ollamas_own { Self::Ollama } else { Self::OpenAi }
    }

    /// Where requests go, below the address that was given.
    fn path(self) -> &'static str {
        match self {
            Self::OpenAi => "/chat/completions",
            Self::Anthropic => "/v1/messages",
            Self::Ollama => "/api/chat",
        }
    }
}

/// A model that may be asked.
#[derive(Clone, PartialEq, Eq)]
pub struct Model {
    /// How it is spoken to.
    pub dialect: Dialect,
    /// Its name.
    pub name: String,
    pub(crate) url: Url,
    pub(crate) key: Option<String>,
}

impl fmt::Debug for Model {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Never the key.
        f.debug_struct("Model")
            .field("name", &self.name)
            .field("place", &self.place())
            .finish_non_exhaustive()
    }
}

impl Model {
    /// What the environment says; `None` when it says nothing.
    pub fn from_environment(get: impl Fn(&str) -> Option<String>) -> Result<Option<Self>, Fault> {
        let said = |name: &str| get(name).map(|v| v.trim().to_owned()).filter(|v| !v.is_empty());
        let (url, name) = match (said(URL), said(NAME)) {
            (None, None) => return Ok(None),
            (Some(url), Some(name)) => (url, name),
            (None, Some(_)) => {
                return Err(wrong(&format!("{NAME} is set, but {URL} is not"), VARIABLES[0].1));
            }
            (Some(_), None) => {
                return Err(wrong(&format!("{URL} is set, but {NAME} is not"), VARIABLES[1].1));
            }
        };
        let url = address(&url)?;
        let dialect = match said(DIALECT) {
            None => Dialect::of(&url),
            Some(name) => {
                let known = Dialect::ALL.into_iter().find(|d| name.eq_ignore_ascii_case(d.name()));
                known.ok_or_else(|| wrong(&format!("{DIALECT} cannot be `{name}`"), VARIABLES[3].1))?
            }
        };
        let key = said(KEY);
        if key.is_some() && url.scheme() == "http" && !is_here(&url) {
            let what = format!("{KEY} would go to {} readable for everybody on the way", place(&url));
            return Err(wrong(&what, "use an address that begins with https://"));
        }
        Ok(Some(Self { dialect, name, url: below(url, dialect), key }))
    }

    /// The server, without what may be secret.
    pub fn place(&self) -> String {
        place(&self.url)
    }
}

fn wrong(what: &str, hint: &str) -> Fault {
    Fault::Configuration { what: what.to_owned(), hint: hint.to_owned() }
}

fn address(text: &str) -> Result<Url, Fault> {
    let url =
        Url::parse(text).ok().filter(|u| matches!(u.scheme(), "http" | "https") && u.host_str().is_some());
    // The text itself may hold a password: it is not repeated.
    let url = url.ok_or_else(|| wrong(&format!("{URL} is no address of a server"), VARIABLES[0].1))?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(wrong(&format!("{URL} holds a login"), "the key belongs into WAYLAID_MODEL_KEY"));
    }
    Ok(url)
}

/// The address of the requests: what was given may be the server's, that of its interface, or the very one.
fn below(mut url: Url, dialect: Dialect) -> Url {
    let given = url.path().trim_end_matches('/').to_owned();
    let wanted = dialect.path();
    let path = if given.ends_with(wanted) {
        given
    } else if let Some(rest) = wanted.strip_prefix("/v1").filter(|_| given.ends_with("/v1")) {
        given + rest
    } else {
        given + wanted
    };
    url.set_path(&path);
    url
}

fn is_here(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

fn place(url: &Url) -> String {
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    format!("{}{port}", url.host_str().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn model(variables: &[(&str, &str)]) -> Result<Option<Model>, Fault> {
        Model::from_environment(|name| {
            variables.iter().find(|(n, _)| *n == name).map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn the_address_tells_the_dialect() {
        for (url, dialect, asked) in [
            ("https://api.openai.com/v1", Dialect::OpenAi, "https://api.openai.com/v1/chat/completions"),
            ("http://localhost:8080/v1/", Dialect::OpenAi, "http://localhost:8080/v1/chat/completions"),
            (
                "https://gw.example/x/chat/completions",
                Dialect::OpenAi,
                "https://gw.example/x/chat/completions",
            ),
            ("https://api.anthropic.com", Dialect::Anthropic, "https://api.anthropic.com/v1/messages"),
            ("https://api.anthropic.com/v1", Dialect::Anthropic, "https://api.anthropic.com/v1/messages"),
            ("http://127.0.0.1:11434", Dialect::Ollama, "http://127.0.0.1:11434/api/chat"),
            ("http://127.0.0.1:11434/v1", Dialect::OpenAi, "http://127.0.0.1:11434/v1/chat/completions"),
        ] {
            let model = model(&[(URL, url), (NAME, "m")]).unwrap().unwrap();
            assert_eq!((model.dialect, model.url.as_str()), (dialect, asked));
        }
        let told =
            model(&[(URL, "https://gw.example/a"), (NAME, "m"), (DIALECT, "Anthropic")]).unwrap().unwrap();
        assert_eq!(told.url.as_str(), "https://gw.example/a/v1/messages");
        assert_eq!(model(&[(KEY, "k")]), Ok(None));
    }

    #[test]
    fn what_makes_no_sense_is_said_without_what_is_secret() {
        for (variables, expected) in [
            (&[(URL, "https://a.example")][..], "WAYLAID_MODEL is not"),
            (&[(NAME, "m")], "WAYLAID_MODEL_URL is not"),
            (&[(NAME, "m"), (URL, "sk-secret")], "no address"),
            (&[(NAME, "m"), (URL, "https://u:sk-secret@a.example")], "holds a login"),
            (&[(NAME, "m"), (URL, "http://a.example"), (KEY, "sk-secret")], "readable for everybody"),
            (&[(NAME, "m"), (URL, "https://a.example"), (DIALECT, "latin")], "cannot be `latin`"),
        ] {
            let fault = model(variables).unwrap_err();
            let said = format!("{fault} {fault:?} {}", fault.hint());
            assert!(said.contains(expected) && !said.contains("sk-secret"), "{said}");
        }
        let kept = model(&[(NAME, "m"), (URL, "http://[::1]:1/v1"), (KEY, "sk-secret")]).unwrap().unwrap();
        assert!(!format!("{kept:?}").contains("sk-secret"));
    }
}
