//! A model that follows a script, behind the interface that OpenAI made usual: it calls what it was told to, one call a turn,
//! and then answers with what it saw.

use serde_json::{Value, json};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// What a request to the model held.
#[derive(Clone)]
pub struct Turn {
    /// Names of the tools that were offered.
    pub tools: Vec<String>,
    /// What the calls so far answered.
    pub results: Vec<String>,
}

/// The model, listening until the test ends.
pub struct Model {
    pub url: String,
    turns: Arc<Mutex<Vec<Turn>>>,
}

impl Model {
    /// Calls these tools one after the other.
    pub fn new(script: Vec<(&'static str, Value)>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/v1", listener.local_addr().unwrap());
        let (turns, script) = (Arc::new(Mutex::new(Vec::new())), Arc::new(script));
        let heard = Arc::clone(&turns);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (heard, script) = (Arc::clone(&heard), Arc::clone(&script));
                std::thread::spawn(move || serve(&stream, &heard, &script));
            }
        });
        Self { url, turns }
    }

    /// Every turn in which tools of ours were offered, in order.
    pub fn turns(&self) -> Vec<Turn> {
        self.turns.lock().unwrap().clone()
    }
}

fn serve(stream: &TcpStream, heard: &Mutex<Vec<Turn>>, script: &[(&'static str, Value)]) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    loop {
        let (mut first, mut length) = (String::new(), 0);
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
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).unwrap();
        let request: Value = serde_json::from_slice(&body).unwrap_or_default();
        let (kind, answer) = if first.starts_with("GET") {
            (
                "application/json",
                json!({"object": "list", "data": [{"id": "scripted", "object": "model"}]}).to_string(),
            )
        } else {
            turn(&request, heard, script)
        };
        let mut out = stream;
        let length = answer.len();
        let sent = write!(
            out,
            "HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\n\r\n{answer}"
        );
        if sent.is_err() {
            return;
        }
    }
}

fn turn(
    request: &Value,
    heard: &Mutex<Vec<Turn>>,
    script: &[(&'static str, Value)],
) -> (&'static str, String) {
    let list = |name: &str| request[name].as_array().cloned().unwrap_or_default();
    let tools: Vec<String> =
        list("tools").iter().filter_map(|t| t["function"]["name"].as_str().map(str::to_owned)).collect();
    let text = |content: &Value| content.as_str().map_or_else(|| content.to_string(), str::to_owned);
    let results: Vec<String> =
        list("messages").iter().filter(|m| m["role"] == "tool").map(|m| text(&m["content"])).collect();
    let next = script.get(results.len());
    let offered =
        next.and_then(|(name, _)| tools.iter().find(|t| t.contains("waylaid") && t.ends_with(name)));
    if tools.iter().any(|t| t.contains("waylaid")) {
        heard.lock().unwrap().push(Turn { tools: tools.clone(), results: results.clone() });
    }
    let (message, finish) = match (next, offered) {
        (Some((_, arguments)), Some(tool)) => {
            let function = json!({"name": tool, "arguments": arguments.to_string()});
            let id = format!("call_{}", results.len());
            let call = json!({"index": 0, "id": id, "type": "function", "function": function});
            (json!({"role": "assistant", "content": null, "tool_calls": [call]}), "tool_calls")
        }
        _ => (json!({"role": "assistant", "content": conclusion(&results)}), "stop"),
    };
    if request["stream"] != true {
        let choice = json!({"index": 0, "message": message, "finish_reason": finish});
        let usage = json!({"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2});
        let answer = json!({"id": "x", "object": "chat.completion", "created": 1, "model": "scripted", "choices": [choice], "usage": usage});
        return ("application/json", answer.to_string());
    }
    let event = |delta: Value, finish: Value| {
        let choice = json!({"index": 0, "delta": delta, "finish_reason": finish});
        let chunk = json!({"id": "x", "object": "chat.completion.chunk", "created": 1, "model": "scripted", "choices": [choice]});
        format!("data: {chunk}\n\n")
    };
    let events = event(message, Value::Null) + &event(json!({}), json!(finish)) + "data: [DONE]\n\n";
    ("text/event-stream", events)
}

/// The first line of the verdict, and the evidence ids that were seen.
fn conclusion(results: &[String]) -> String {
    let verdict =
        results.first().and_then(|r| r.lines().find(|l| l.contains('«'))).unwrap_or("nothing was called");
    let ids: Vec<&str> = results
        .iter()
        .flat_map(|r| r.split_whitespace())
        .filter(|w| {
            w.strip_prefix('e').is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()))
        })
        .take(4)
        .collect();
    format!("{verdict} (evidence: {})", ids.join(", "))
}
