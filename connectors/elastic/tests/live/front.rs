//! A front before a server, as a load balancer is one: with TLS and logins where these are wanted, and with every fault that
//! a network has.

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig, ServerConnection, StreamOwned};
use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// What becomes of a request.
pub enum Do {
    /// The server answers.
    Forward,
    /// This is the answer: status and body.
    Answer(u16, String),
    /// The server's answer breaks off after so many bytes; then nothing more comes.
    HangAfter(usize),
    /// It breaks off, and the connection is closed.
    BreakOffAfter(usize),
}

/// Decides by the head of a request and how many came before it.
pub type Rule = Box<dyn Fn(&str, usize) -> Do + Send + Sync>;

/// A front that runs until the process ends.
pub struct Front {
    pub port: u16,
}

impl Front {
    pub fn plain(server: String, rule: Rule) -> Self {
        Self::start(server, None, rule)
    }

    /// With TLS; with `mutual`, only for who has a certificate.
    pub fn tls(server: String, certificates: &Path, mutual: bool, rule: Rule) -> Self {
        let read = |name: &str| CertificateDer::from_pem_file(certificates.join(name)).unwrap();
        let key = PrivateKeyDer::from_pem_file(certificates.join("server.key")).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ServerConfig::builder_with_provider(provider.clone())
            .with_safe_default_protocol_versions()
            .unwrap();
        let config = if mutual {
            let mut roots = RootCertStore::empty();
            roots.add(read("ca.pem")).unwrap();
            let verifier =
                WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build().unwrap();
            config.with_client_cert_verifier(verifier)
        } else {
            config.with_no_client_auth()
        };
        let config = config.with_single_cert(vec![read("server.crt")], key).unwrap();
        Self::start(server, Some(Arc::new(config)), rule)
    }

    fn start(server: String, tls: Option<Arc<ServerConfig>>, rule: Rule) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let rule = Arc::new(rule);
        let count = Arc::new(std::sync::atomic::AtomicUsize::new(0));
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let (server, tls, rule, count) = (server.clone(), tls.clone(), rule.clone(), count.clone());
                std::thread::spawn(move || match tls {
                    Some(config) => {
                        let connection = ServerConnection::new(config).unwrap();
                        serve(StreamOwned::new(connection, client), &server, &rule, &count)
                    }
                    None => serve(client, &server, &rule, &count),
                });
            }
        });
        Self { port }
    }
}

/// Answers one request; whatever fails ends it.
fn serve(
    mut client: impl Read + Write,
    server: &str,
    rule: &Rule,
    count: &std::sync::atomic::AtomicUsize,
) -> Option<()> {
    let request = request(&mut client)?;
    let split = request.windows(4).position(|w| w == b"\r\n\r\n")?;
    let head = String::from_utf8_lossy(&request[..split]).into_owned();
    let number = count.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
    let action = rule(&head, number);
    if let Do::Answer(status, body) = &action {
        let answer = format!(
            "HTTP/1.1 {status} x\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        );
        client.write_all(answer.as_bytes()).ok()?;
        return client.flush().ok();
    }
    let mut upstream = TcpStream::connect(server).ok()?;
    let lines = head.lines().filter(|l| !l.to_lowercase().starts_with("connection:"));
    let lines: Vec<&str> = lines.collect();
    upstream.write_all(format!("{}\r\nConnection: close\r\n\r\n", lines.join("\r\n")).as_bytes()).ok()?;
    upstream.write_all(&request[split + 4..]).ok()?;
    let mut answer = Vec::new();
    upstream.read_to_end(&mut answer).ok()?;
    let _ = upstream.shutdown(Shutdown::Both);
    // The connection is for one request only, and the client must know.
    let line = answer.windows(2).position(|w| w == b"\r\n")? + 2;
    answer.splice(line..line, *b"Connection: close\r\n");
    match action {
        Do::HangAfter(bytes) => {
            client.write_all(&answer[..bytes.min(answer.len())]).ok()?;
            client.flush().ok()?;
            std::thread::sleep(Duration::from_mins(10));
        }
        Do::BreakOffAfter(bytes) => client.write_all(&answer[..bytes.min(answer.len())]).ok()?,
        _ => client.write_all(&answer).ok()?,
    }
    client.flush().ok()
}

/// A whole request, head and body.
fn request(client: &mut (impl Read + Write)) -> Option<Vec<u8>> {
    let (mut bytes, mut chunk) = (Vec::new(), [0; 16 << 10]);
    loop {
        if let Some(split) = bytes.windows(4).position(|w| w == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&bytes[..split]).to_lowercase();
            let length = head.lines().find_map(|l| l.strip_prefix("content-length:")?.trim().parse().ok());
            if bytes.len() >= split + 4 + length.unwrap_or(0) {
                return Some(bytes);
            }
        }
        match client.read(&mut chunk).ok()? {
            0 => return None,
            // No HTTP: somebody speaks TLS.
            _ if bytes.is_empty() && !chunk[0].is_ascii_uppercase() => {
                client.write_all(b"HTTP/1.1 400 x\r\nConnection: close\r\n\r\n").ok()?;
                return None;
            }
            read => bytes.extend_from_slice(&chunk[..read]),
        }
    }
}
