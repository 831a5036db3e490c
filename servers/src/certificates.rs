//! Certificates for tests of TLS.

use crate::Kind;
use crate::error::{Doing as _, Error};
use crate::install::{self, debian};
use std::path::Path;
use std::process::Command;

/// How long certificates are good.
const DAYS: &str = "30";
/// Whose tests need them first.
const KIND: Kind = Kind::Kafka;

/// An authority, a certificate of a server's and one for a client, as PEM files: `ca.pem`, `server.crt`, `server.key`,
/// `server.pem` (both), `client.crt`, `client.key`.
pub fn make(tls: &Path) -> Result<(), Error> {
    let doing = "making certificates";
    std::fs::create_dir_all(tls).doing(doing)?;
    let openssl = debian::program(KIND, "openssl", &["openssl"])?;
    let run = |arguments: &str| {
        let mut command = Command::new(&openssl);
        command.current_dir(tls).args(arguments.split(' '));
        install::run(&mut command).map_err(|why| Error::install(KIND, "certificates", why))
    };
    run(&format!(
        "req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -days {DAYS} -subj /CN=waylaid-tests"
    ))?;
    std::fs::write(tls.join("names"), "subjectAltName=IP:127.0.0.1,DNS:localhost\n").doing(doing)?;
    for name in ["server", "client"] {
        run(&format!("req -newkey rsa:2048 -nodes -keyout {name}.key -out {name}.csr -subj /CN={name}"))?;
        run(&format!(
            "x509 -req -in {name}.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days {DAYS} -extfile names -out {name}.crt"
        ))?;
    }
    let both = [tls.join("server.key"), tls.join("server.crt")].map(std::fs::read);
    let mut pem = Vec::new();
    for part in both {
        pem.extend(part.doing(doing)?);
    }
    std::fs::write(tls.join("server.pem"), pem).doing(doing)?;
    std::fs::write(tls.join("done"), "").doing(doing)
}
