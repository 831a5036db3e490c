//! A client over standard input and output, by hand.

use serde_json::{Value, json};
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

/// Longer takes no answer of these tests.
const PATIENCE: Duration = Duration::from_mins(3);

/// A server and the way to it.
pub struct Client {
    pub child: Child,
    input: Option<ChildStdin>,
    lines: Receiver<Value>,
    next: u64,
    /// Notifications so far.
    pub notes: Vec<Value>,
    /// What the server said of itself.
    pub hello: Value,
}

impl Client {
    /// Starts a server without a word.
    pub fn silent(folder: &Path) -> Self {
        Self::started(folder, &[])
    }

    fn started(folder: &Path, variables: &[(&str, &str)]) -> Self {
        let mut command = crate::common::command(folder, &["mcp"]);
        command.envs(variables.iter().copied());
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        let (sender, lines) = channel();
        let output = BufReader::new(child.stdout.take().unwrap());
        std::thread::spawn(move || {
            for line in output.lines().map_while(Result::ok) {
                let value = serde_json::from_str(&line).unwrap_or(Value::String(line));
                if sender.send(value).is_err() {
                    return;
                }
            }
        });
        let input = child.stdin.take();
        Self { child, input, lines, next: 0, notes: Vec::new(), hello: Value::Null }
    }

    /// Starts a server and shakes hands with it.
    pub fn new(folder: &Path) -> Self {
        Self::with(folder, &[])
    }

    /// The same with more in its environment.
    pub fn with(folder: &Path, variables: &[(&str, &str)]) -> Self {
        let mut client = Self::started(folder, variables);
        let hello = json!({"protocolVersion": "2025-11-25", "capabilities": {},
            "clientInfo": {"name": "test", "version": "1"}});
        client.hello = client.request("initialize", &hello)["result"].clone();
        client.send(&json!({"jsonrpc": "2.0", "method": "notifications/initialized"}));
        client
    }

    pub fn send(&mut self, message: &Value) {
        let input = self.input.as_mut().unwrap();
        input.write_all(format!("{message}\n").as_bytes()).unwrap();
        input.flush().unwrap();
    }

    /// Sends a request and does not wait.
    pub fn ask(&mut self, method: &str, params: &Value) -> u64 {
        self.next += 1;
        self.send(&json!({"jsonrpc": "2.0", "id": self.next, "method": method, "params": params}));
        self.next
    }

    /// The response to a request.
    pub fn answer(&mut self, id: u64) -> Value {
        loop {
            let message = self.lines.recv_timeout(PATIENCE).unwrap();
            assert!(message.is_object(), "standard output belongs to the protocol: {message}");
            if message["id"] == id {
                return message;
            }
            self.notes.push(message);
        }
    }

    pub fn request(&mut self, method: &str, params: &Value) -> Value {
        let id = self.ask(method, params);
        self.answer(id)
    }

    /// What a tool says; `Err` where it is an error.
    pub fn tool(&mut self, name: &str, arguments: &Value) -> Result<String, String> {
        let answer = self.request("tools/call", &json!({"name": name, "arguments": arguments}));
        let content = answer["result"]["content"].as_array().unwrap_or_else(|| panic!("{answer}"));
        assert_eq!(content.len(), 1, "one block of text: {answer}");
        let text = content[0]["text"].as_str().unwrap().to_owned();
        if answer["result"]["isError"] == true { Err(text) } else { Ok(text) }
    }

    /// Says goodbye; the exit code.
    pub fn close(mut self) -> Option<i32> {
        self.input = None;
        self.child.wait().unwrap().code()
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
