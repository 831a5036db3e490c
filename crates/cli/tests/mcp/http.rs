//! Over HTTP: who may come, with what, how often.

use crate::common::{self, command, finish};
use serde_json::{Value, json};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Stdio};

const TOKEN: &str = "a-token-of-some-length";

pub struct Server {
    child: Child,
    pub address: String,
    _folder: tempfile::TempDir,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A status and a body.
struct Reply {
    status: u16,
    head: String,
    body: String,
}

impl Server {
    pub fn new(token: Option<&str>) -> Self {
        let folder = common::small();
        let mut command = command(folder.path(), &["mcp", "--http", "127.0.0.1:0"]);
        command.env_remove("WAYLAID_MCP_TOKEN").stderr(Stdio::piped());
        if let Some(token) = token {
            command.env("WAYLAID_MCP_TOKEN", token);
        }
        let mut child = command.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stderr.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.split("http://").nth(1).unwrap().split('/').next().unwrap().to_owned();
        Self { child, address, _folder: folder }
    }

    fn raw(&self, head: &str, body: &str) -> Reply {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        let length = body.len();
        let _ = write!(stream, "{head}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}");
        let mut reply = Vec::new();
        let _ = stream.read_to_end(&mut reply);
        let reply = String::from_utf8_lossy(&reply).into_owned();
        let (head, body) = reply.split_once("\r\n\r\n").unwrap_or((&reply, ""));
        let status = head.split(' ').nth(1).and_then(|s| s.parse().ok()).unwrap_or(0);
        Reply { status, head: head.to_lowercase(), body: body.to_owned() }
    }

    /// Posts a message with further headers; `{host}` is the server's own.
    fn post(&self, headers: &[&str], message: &Value) -> Reply {
        let host = format!("Host: {}", self.address);
        let mut head = String::from(
            "POST /mcp HTTP/1.1\r\nContent-Type: application/json\r\nAccept: application/json, text/event-stream",
        );
        let host = if headers.iter().any(|h| h.starts_with("Host:")) { None } else { Some(host.as_str()) };
        for header in host.iter().chain(headers) {
            head.push_str("\r\n");
            head.push_str(header);
        }
        self.raw(&head, &message.to_string())
    }
}

fn hello() -> Value {
    json!({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {"protocolVersion": "2025-11-25",
        "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}}})
}

fn list(meta: &Value) -> Value {
    json!({"jsonrpc": "2.0", "id": 2, "method": "tools/list", "params": {"_meta": meta}})
}

#[test]
fn both_versions_are_spoken() {
    let server = Server::new(None);
    let reply = server.post(&[], &hello());
    assert!(reply.status == 200 && reply.body.contains("\"2025-11-25\""), "{}", reply.body);
    let reply = server.post(&["MCP-Protocol-Version: 2025-11-25"], &list(&json!({})));
    assert!(reply.status == 200 && reply.body.contains("\"diagnose\""), "{} {}", reply.status, reply.body);
    let meta = json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientInfo": {"name": "test", "version": "1"},
        "io.modelcontextprotocol/clientCapabilities": {}
    });
    let reply = server.post(&["MCP-Protocol-Version: 2026-07-28", "Mcp-Method: tools/list"], &list(&meta));
    assert!(reply.status == 200 && reply.body.contains("\"diagnose\""), "{} {}", reply.status, reply.body);
    let call = json!({"jsonrpc": "2.0", "id": 3, "method": "tools/call", "params": {"name": "describe", "arguments": {}}});
    let reply = server.post(&["MCP-Protocol-Version: 2025-11-25"], &call);
    assert!(reply.body.contains("system «small»"), "{}", reply.body);
}

#[test]
fn pages_and_names_of_others_are_turned_away() {
    let server = Server::new(None);
    let own = format!("Origin: http://{}", server.address);
    assert_eq!(server.post(&[&own], &hello()).status, 200);
    for headers in [
        &["Origin: https://evil.example"][..],
        &["Origin: null"],
        &["Origin: http://127.0.0.1:1"],
        &["Host: evil.example"],
        &["Host: 127.0.0.1.evil.example"],
    ] {
        let status = server.post(headers, &hello()).status;
        assert!(status == 403 || status == 421, "{headers:?}: {status}");
    }
    assert_eq!(server.raw(&format!("GET / HTTP/1.1\r\nHost: {}", server.address), "").status, 404);
}

#[test]
fn a_token_that_is_set_must_be_shown() {
    let server = Server::new(Some(TOKEN));
    let reply = server.post(&[], &hello());
    assert!(reply.status == 401 && reply.head.contains("www-authenticate: bearer"), "{}", reply.head);
    for wrong in [
        "Bearer wrong",
        "Bearer a-token-of-some-lengti",
        "Bearer a-token-of-some-length2",
        "Basic x",
        "Bearer",
    ] {
        assert_eq!(server.post(&[&format!("Authorization: {wrong}")], &hello()).status, 401, "{wrong}");
    }
    let right = format!("Authorization: Bearer {TOKEN}");
    assert_eq!(server.post(&[&right], &hello()).status, 200);
    // Whoever shows the token still comes from where he may come.
    assert_eq!(server.post(&[&right, "Origin: https://evil.example"], &hello()).status, 403);
}

#[test]
fn beyond_this_machine_nothing_is_served_without_a_token() {
    let folder = common::small();
    for (address, token, expected) in [
        ("0.0.0.0:0", None, "set WAYLAID_MCP_TOKEN"),
        ("[::]:0", None, "set WAYLAID_MCP_TOKEN"),
        ("127.0.0.1:0", Some("short"), "shorter than 16"),
    ] {
        let mut command = command(folder.path(), &["mcp", "--http", address]);
        command.env_remove("WAYLAID_MCP_TOKEN");
        if let Some(token) = token {
            command.env("WAYLAID_MCP_TOKEN", token);
        }
        let ran = finish(command);
        assert!(ran.code == 2 && ran.stderr.contains(expected), "{address}: {} {}", ran.code, ran.stderr);
    }
}

#[test]
fn what_is_too_large_or_too_often_is_turned_away() {
    let server = Server::new(None);
    let mut large = hello();
    large["params"]["clientInfo"]["name"] = json!("x".repeat(2 << 20));
    // Where the answer comes before all was sent, a client may see only that the connection ends.
    let status = server.post(&[], &large).status;
    assert!(status == 413 || status == 0, "{status}");
    let statuses: Vec<u16> =
        (0..160).map(|_| server.post(&["Host: evil.example"], &json!({})).status).collect();
    assert!(statuses.contains(&429) && !statuses.contains(&200), "{statuses:?}");
    assert_eq!(statuses[0], 403, "{statuses:?}");
}
