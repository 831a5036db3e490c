//! Listeners with TLS and logins beside the open one, with certificates and passwords made for this folder.

use crate::error::Error;
use crate::place::Place;
use crate::{certificates, ports, secret};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Names of the listeners, and the protocol of each.
const LISTENERS: [(&str, &str); 4] =
    [("tls", "SSL"), ("mtls", "SSL"), ("sasl", "SASL_PLAINTEXT"), ("sasl_tls", "SASL_SSL")];
/// Who may log in.
pub const USER: &str = "waylaid";

/// What the broker needs for its protected listeners.
pub struct Security {
    /// Ports by the listener's name.
    pub listeners: BTreeMap<&'static str, u16>,
    /// The password of [`USER`].
    pub password: String,
    tls: PathBuf,
}

impl Security {
    /// Makes certificates and a password, or takes those that are there.
    pub fn new(place: &Place) -> Result<Self, Error> {
        let tls = place.path("tls");
        if !tls.join("done").exists() {
            certificates::make(&tls)?;
        }
        let password = secret::kept(&place.path("password"), 24)?;
        let free: [u16; LISTENERS.len()] = ports::free()?;
        let listeners = LISTENERS.iter().map(|(name, _)| *name).zip(free).collect();
        Ok(Self { listeners, password, tls })
    }

    /// Logins that are kept in the data folder, as the tool that formats it takes them.
    pub fn scram(&self) -> [String; 4] {
        let login =
            |mechanism: &str| format!("SCRAM-SHA-{mechanism}=[name={USER},password={}]", self.password);
        ["--add-scram".into(), login("256"), "--add-scram".into(), login("512")]
    }

    /// Settings of the listeners, and the lists of all of them with the open ones in front.
    pub fn settings(&self, open: &str, open_protocols: &str) -> String {
        let protocols =
            listed(LISTENERS.iter().map(|(name, protocol)| format!("{}:{protocol}", shouted(name))));
        let listeners = self.listeners();
        let tls = self.tls.display();
        let mut text = format!(
            "advertised.listeners={open}{listeners}
listener.security.protocol.map={open_protocols}{protocols}
inter.broker.listener.name=PLAINTEXT
sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-256,SCRAM-SHA-512,OAUTHBEARER
ssl.keystore.type=PEM
ssl.keystore.location={tls}/server.pem
ssl.truststore.type=PEM
ssl.truststore.location={tls}/ca.pem
listener.name.mtls.ssl.client.auth=required
"
        );
        for listener in ["sasl", "sasltls"] {
            for (mechanism, login) in self.logins() {
                text.push_str(&format!("listener.name.{listener}.{mechanism}.sasl.jaas.config={login};\n"));
            }
        }
        text
    }

    /// The listeners as `listeners` takes them, to be put behind the open ones.
    pub fn listeners(&self) -> String {
        let host = ports::HOST;
        listed(self.listeners.iter().map(|(name, port)| format!("{}://{host}:{port}", shouted(name))))
    }

    fn logins(&self) -> [(&'static str, String); 4] {
        let modules = "org.apache.kafka.common.security";
        let scram = format!("{modules}.scram.ScramLoginModule required");
        [
            ("plain", format!("{modules}.plain.PlainLoginModule required user_{USER}=\"{}\"", self.password)),
            ("scram-sha-256", scram.clone()),
            ("scram-sha-512", scram),
            (
                "oauthbearer",
                format!(
                    "{modules}.oauthbearer.OAuthBearerLoginModule required unsecuredLoginStringClaim_sub=\"broker\""
                ),
            ),
        ]
    }
}

/// To be put behind something that is there already.
fn listed(items: impl Iterator<Item = String>) -> String {
    items.fold(String::new(), |list, item| list + "," + &item)
}

/// A listener's name as the broker writes it.
fn shouted(name: &str) -> String {
    name.replace('_', "").to_uppercase()
}
