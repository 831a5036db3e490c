//! Whether a server answers: a few bytes of each protocol, no client needed.

use crate::error::Error;
use crate::guard::Guard;
use crate::place::Place;
use crate::ports::HOST;
use crate::{Endpoint, Kind};
use std::io::{self, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// How long a server may take to answer. Two cores may have seven things to do.
const PATIENCE: Duration = Duration::from_mins(3);

/// Waits until a server answers. One that ends before is an error at once.
pub fn wait(kind: Kind, endpoint: &Endpoint, guard: &mut Guard, place: &Place) -> Result<(), Error> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let seen = match answers(kind, endpoint) {
            Ok(true) => return Ok(()),
            Ok(false) => "it answers, and is not ready".to_owned(),
            Err(error) => error.to_string(),
        };
        if let Some(status) = guard.exited() {
            return Err(Error::start(kind, format!("it ended with {status}"), &place.log()));
        }
        if Instant::now() > deadline {
            let why = format!("no answer within {} s: {seen}", PATIENCE.as_secs());
            return Err(Error::start(kind, why, &place.log()));
        }
        sleep(Duration::from_millis(50));
    }
}

/// Whether a server answers in its own protocol, and as one that is ready.
pub fn answers(kind: Kind, endpoint: &Endpoint) -> io::Result<bool> {
    match kind {
        Kind::Kafka => kafka(endpoint.port),
        Kind::Postgres => postgres(endpoint.port, endpoint.user.as_deref().unwrap_or_default()),
        Kind::Mariadb => mariadb(endpoint.port),
        Kind::Mongodb => mongodb(endpoint.port),
        Kind::Apicurio3 => http(endpoint.port, "/apis/ccompat/v7/subjects").map(|_| true),
        Kind::Elasticsearch9 | Kind::Elasticsearch8 | Kind::Elasticsearch7 | Kind::Opensearch3 => {
            let health = http(endpoint.port, "/_cluster/health")?;
            Ok(["green", "yellow"].iter().any(|s| health.contains(&format!("\"status\":\"{s}\""))))
        }
    }
}

fn connect(port: u16) -> io::Result<TcpStream> {
    let address: SocketAddr = format!("{HOST}:{port}").parse().map_err(io::Error::other)?;
    let stream = TcpStream::connect_timeout(&address, Duration::from_secs(2))?;
    stream.set_read_timeout(Some(Duration::from_secs(5)))?;
    stream.set_write_timeout(Some(Duration::from_secs(5)))?;
    Ok(stream)
}

/// Kafka: the metadata of no topic (version 1) names a broker, which it does once it has joined the cluster.
fn kafka(port: u16) -> io::Result<bool> {
    let mut stream = connect(port)?;
    // Length; metadata, version 1, correlation 7, no client id; no topics.
    stream.write_all(&[0, 0, 0, 14, 0, 3, 0, 1, 0, 0, 0, 7, 0xff, 0xff, 0, 0, 0, 0])?;
    let mut head = [0; 12];
    stream.read_exact(&mut head)?;
    let brokers = i32::from_be_bytes([head[8], head[9], head[10], head[11]]);
    Ok(head[4..8] == [0, 0, 0, 7] && brokers > 0)
}

/// PostgreSQL: asked for a session, it asks for the password back. While it recovers it refuses.
fn postgres(port: u16, user: &str) -> io::Result<bool> {
    let mut stream = connect(port)?;
    let mut body = 196_608_i32.to_be_bytes().to_vec();
    for word in ["user", user, "database", "postgres", ""] {
        body.extend(word.as_bytes());
        body.push(0);
    }
    let length = i32::try_from(body.len() + 4).map_err(io::Error::other)?;
    stream.write_all(&[&length.to_be_bytes(), body.as_slice()].concat())?;
    let mut answer = [0; 1];
    stream.read_exact(&mut answer)?;
    Ok(answer == *b"R")
}

/// MariaDB: it greets with version 10 of its protocol.
fn mariadb(port: u16) -> io::Result<bool> {
    let mut head = [0; 5];
    connect(port)?.read_exact(&mut head)?;
    Ok(head[4] == 10)
}

/// MongoDB: asked what it is, it answers with a message.
fn mongodb(port: u16) -> io::Result<bool> {
    let mut stream = connect(port)?;
    let mut document = vec![34, 0, 0, 0, 0x10];
    document.extend(b"isMaster\0\x01\0\0\0\x02$db\0\x06\0\0\0admin\0\0");
    // Length, number, answer to none, message; no flags, one document.
    let mut message = vec![55, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0, 0xdd, 7, 0, 0, 0, 0, 0, 0, 0];
    message.extend(document);
    stream.write_all(&message)?;
    let mut head = [0; 16];
    stream.read_exact(&mut head)?;
    Ok(head[8..16] == [7, 0, 0, 0, 0xdd, 7, 0, 0])
}

/// The body of an answer over HTTP, if it is 200.
fn http(port: u16, path: &str) -> io::Result<String> {
    let mut stream = connect(port)?;
    write!(stream, "GET {path} HTTP/1.0\r\nHost: {HOST}\r\nAccept: */*\r\nConnection: close\r\n\r\n")?;
    let mut answer = String::new();
    stream.take(64 * 1024).read_to_string(&mut answer)?;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    match head.lines().next() {
        Some(line) if line.contains(" 200") => Ok(body.to_owned()),
        line => Err(io::Error::other(format!("it answers {}", line.unwrap_or("nothing")))),
    }
}
