//! A model's server that answers as it is told, reply by reply, in each dialect, in small pieces.

use serde_json::{Value, json};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// A request as it came.
#[derive(Clone)]
pub struct Heard {
    pub path: String,
    /// Headers, in small letters.
    pub head: String,
    pub body: Value,
}

/// A reply.
#[derive(Clone)]
pub struct Reply {
    pub status: u16,
    pub headers: Vec<(&'static str, &'static str)>,
    pub body: String,
    /// The connection ends in the middle.
    pub is_torn: bool,
    /// Nothing comes at all.
    pub is_silent: bool,
}

/// Bytes that are sent at once: fewer than a character or an event has.
const PIECE: usize = 37;

/// The server, until the test ends.
pub struct Script {
    pub address: String,
    heard: Arc<Mutex<Vec<Heard>>>,
}

impl Script {
    /// Answers one request after the other; the last reply again and again.
    pub fn new(replies: Vec<Reply>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let heard = Arc::new(Mutex::new(Vec::new()));
        let (ours, replies) = (Arc::clone(&heard), Arc::new(replies));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (heard, replies) = (Arc::clone(&ours), Arc::clone(&replies));
                std::thread::spawn(move || serve(&stream, &heard, &replies));
            }
        });
        Self { address, heard }
    }

    pub fn heard(&self) -> Vec<Heard> {
        self.heard.lock().unwrap().clone()
    }
}

fn serve(stream: &TcpStream, heard: &Mutex<Vec<Heard>>, replies: &[Reply]) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    loop {
        let (mut first, mut head, mut length) = (String::new(), String::new(), 0);
        if reader.read_line(&mut first).unwrap_or(0) == 0 {
            return;
        }
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line).unwrap_or(0) == 0 || line.trim().is_empty() {
                break;
            }
            let lower = line.to_lowercase();
            length = lower.strip_prefix("content-length:").map_or(length, |l| l.trim().parse().unwrap_or(0));
            head.push_str(&line);
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).unwrap();
        let path = first.split(' ').nth(1).unwrap_or_default().to_owned();
        let body = serde_json::from_slice(&body).unwrap_or_default();
        let number = {
            let mut heard = heard.lock().unwrap();
            heard.push(Heard { path, head, body });
            heard.len() - 1
        };
        let reply = &replies[number.min(replies.len() - 1)];
        if !send(stream, reply) {
            return;
        }
    }
}

/// Whether the connection goes on.
fn send(mut stream: &TcpStream, reply: &Reply) -> bool {
    if reply.is_silent {
        std::thread::sleep(Duration::from_mins(2));
        return false;
    }
    let mut head = format!("HTTP/1.1 {} X\r\nTransfer-Encoding: chunked\r\n", reply.status);
    for (name, value) in &reply.headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    let _ = write!(stream, "{head}\r\n");
    for piece in reply.body.as_bytes().chunks(PIECE) {
        let _ = write!(stream, "{:x}\r\n", piece.len());
        let _ = stream.write_all(piece).and_then(|()| stream.write_all(b"\r\n"));
        let _ = stream.flush();
    }
    if reply.is_torn {
        let _ = stream.shutdown(std::net::Shutdown::Both);
        return false;
    }
    stream.write_all(b"0\r\n\r\n").is_ok()
}

/// A reply with a status that is none of success.
pub fn refusal(status: u16, headers: &[(&'static str, &'static str)], body: &str) -> Reply {
    let mut headers = headers.to_vec();
    headers.push(("Content-Type", "application/json"));
    Reply { status, headers, body: body.to_owned(), is_torn: false, is_silent: false }
}

fn success(kind: &'static str, body: String) -> Reply {
    Reply { status: 200, headers: vec![("Content-Type", kind)], body, is_torn: false, is_silent: false }
}

/// A call: its id, the tool, its arguments as the model writes them.
pub type Call<'c> = (&'c str, &'c str, &'c str);

/// A streamed reply: text, then calls.
pub fn reply(dialect: &str, text: &str, calls: &[Call<'_>]) -> Reply {
    match dialect {
        "anthropic" => anthropic(text, calls),
        "ollama" => ollama(text, calls),
        _ => openai(text, calls),
    }
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split_inclusive(' ')
}

/// Halves, as a stream has them.
fn halves(text: &str) -> [&str; 2] {
    let middle = (0..=text.len() / 2).rev().find(|at| text.is_char_boundary(*at)).unwrap();
    let (a, b) = text.split_at(middle);
    [a, b]
}

fn openai(text: &str, calls: &[Call<'_>]) -> Reply {
    let mut body = String::from(": hello\n\n");
    let mut event = |delta: Value, finish: Value| {
        let chunk = json!({"object": "chat.completion.chunk", "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]});
        body.push_str(&format!("data: {chunk}\n\n"));
    };
    words(text).for_each(|word| event(json!({"role": "assistant", "content": word}), Value::Null));
    for (index, (id, name, arguments)) in calls.iter().enumerate() {
        let [a, b] = halves(arguments);
        let first =
            json!({"index": index, "id": id, "type": "function", "function": {"name": name, "arguments": a}});
        event(json!({"tool_calls": [first]}), Value::Null);
        event(json!({"tool_calls": [{"index": index, "function": {"arguments": b}}]}), Value::Null);
    }
    event(json!({}), json!(if calls.is_empty() { "stop" } else { "tool_calls" }));
    let usage = json!({"choices": [], "usage": {"prompt_tokens": 900, "completion_tokens": 100}});
    body.push_str(&format!("data: {usage}\n\ndata: [DONE]\n\n"));
    success("text/event-stream", body)
}

fn anthropic(text: &str, calls: &[Call<'_>]) -> Reply {
    let mut body = String::new();
    let mut event = |value: Value| {
        body.push_str(&format!("event: {}\ndata: {value}\n\n", value["type"].as_str().unwrap()));
    };
    event(
        json!({"type": "message_start", "message": {"usage": {"input_tokens": 800, "cache_read_input_tokens": 100}}}),
    );
    event(json!({"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}));
    event(json!({"type": "ping"}));
    words(text).for_each(|word| {
        event(
            json!({"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": word}}),
        );
    });
    event(json!({"type": "content_block_stop", "index": 0}));
    for (at, (id, name, arguments)) in calls.iter().enumerate() {
        let block = json!({"type": "tool_use", "id": id, "name": name, "input": {}});
        event(json!({"type": "content_block_start", "index": at + 1, "content_block": block}));
        for half in halves(arguments) {
            let delta = json!({"type": "input_json_delta", "partial_json": half});
            event(json!({"type": "content_block_delta", "index": at + 1, "delta": delta}));
        }
        event(json!({"type": "content_block_stop", "index": at + 1}));
    }
    let stop = if calls.is_empty() { "end_turn" } else { "tool_use" };
    event(json!({"type": "message_delta", "delta": {"stop_reason": stop}, "usage": {"output_tokens": 100}}));
    event(json!({"type": "message_stop"}));
    success("text/event-stream", body)
}

fn ollama(text: &str, calls: &[Call<'_>]) -> Reply {
    let mut body = String::new();
    let mut line = |value: Value| body.push_str(&format!("{value}\n"));
    for word in words(text) {
        line(json!({"message": {"role": "assistant", "content": word}, "done": false}));
    }
    for (_, name, arguments) in calls {
        // Its arguments are parsed by the server; what is none stays a text.
        let arguments = serde_json::from_str(arguments).unwrap_or_else(|_| json!(arguments));
        let call = json!({"function": {"name": name, "arguments": arguments}});
        line(json!({"message": {"role": "assistant", "content": "", "tool_calls": [call]}, "done": false}));
    }
    line(json!({"message": {"role": "assistant", "content": ""}, "done": true, "done_reason": "stop",
        "prompt_eval_count": 900, "eval_count": 100}));
    success("application/x-ndjson", body)
}

/// What the calls so far were answered, as a request repeats it to the model.
pub fn results(body: &Value) -> Vec<String> {
    let messages = body["messages"].as_array().cloned().unwrap_or_default();
    let mut results = Vec::new();
    for message in &messages {
        if message["role"] == "tool" {
            results.push(message["content"].as_str().unwrap().to_owned());
        }
        for block in message["content"].as_array().into_iter().flatten() {
            if block["type"] == "tool_result" {
                results.push(block["content"].as_str().unwrap().to_owned());
            }
        }
    }
    results
}

/// The names of the tools that a request offers.
pub fn offered(body: &Value) -> Vec<String> {
    let tools = body["tools"].as_array().cloned().unwrap_or_default();
    let name = |t: &Value| t["function"]["name"].as_str().or_else(|| t["name"].as_str()).unwrap().to_owned();
    tools.iter().map(name).collect()
}

/// What the person asked, as the first request says it.
pub fn question(body: &Value) -> String {
    let messages = body["messages"].as_array().unwrap();
    let first = messages.iter().find(|m| m["role"] == "user").unwrap();
    let text = first["content"].as_str().or_else(|| first["content"][0]["text"].as_str());
    text.unwrap().to_owned()
}
