//! OpenAI's chat completions, as many other servers and gateways speak them, too.

use super::{Said, text, trouble};
use crate::conversation::{Call, Draft, Request, Turn};
use serde_json::{Value, json};

pub fn body(request: &Request<'_>) -> Value {
    let mut messages = vec![json!({"role": "system", "content": request.system})];
    request.turns.iter().for_each(|turn| messages.extend(said(turn)));
    let tool = |t: &&'static waylaid_mcp::Tool| {
        let function = json!({"name": t.name, "description": t.description, "parameters": t.schema()});
        json!({"type": "function", "function": function})
    };
    json!({
        "model": request.model,
        "messages": messages,
        "tools": request.tools.iter().map(tool).collect::<Vec<_>>(),
        "tool_choice": if request.may_call { "auto" } else { "none" },
        "max_completion_tokens": request.most,
        "stream": true,
        "stream_options": {"include_usage": true},
    })
}

fn said(turn: &Turn) -> Vec<Value> {
    match turn {
        Turn::User(text) => vec![json!({"role": "user", "content": text})],
        Turn::Model { text, calls } if calls.is_empty() => {
            vec![json!({"role": "assistant", "content": text})]
        }
        Turn::Model { text, calls } => {
            let call = |c: &Call| {
                let function = json!({"name": c.name, "arguments": c.repeated().to_string()});
                json!({"id": c.id, "type": "function", "function": function})
            };
            let calls: Vec<Value> = calls.iter().map(call).collect();
            vec![json!({"role": "assistant", "content": text, "tool_calls": calls})]
        }
        Turn::Results(results) => {
            results.iter().map(|r| json!({"role": "tool", "tool_call_id": r.id, "content": r.text})).collect()
        }
    }
}

pub fn read(draft: &mut Draft, event: &Value) -> Result<(), Said> {
    if event.get("error").is_some_and(|e| !e.is_null()) {
        return Err(trouble(event).unwrap_or_else(|| "an error without words".into()));
    }
    let count = |name: &str| event["usage"][name].as_u64();
    if event["usage"].is_object() {
        draft.counted = (count("prompt_tokens"), count("completion_tokens"));
    }
    let choice = &event["choices"][0];
    // A reply that was not streamed has its message whole.
    let message = if choice["message"].is_object() { &choice["message"] } else { &choice["delta"] };
    draft.say(text(&message["content"]));
    for (at, call) in message["tool_calls"].as_array().into_iter().flatten().enumerate() {
        let index = call["index"].as_u64().unwrap_or(at as u64);
        let function = &call["function"];
        let (id, name) = (text(&call["id"]), text(&function["name"]));
        match &function["arguments"] {
            // Some servers hand over an object where a text is due.
            whole @ Value::Object(_) => draft.whole_call(index, id, name, whole.clone()),
            piece => draft.call(index, id, name, text(piece)),
        }
    }
    if let Some(reason) = choice["finish_reason"].as_str() {
        draft.is_whole = true;
        draft.is_cut |= reason == "length";
    }
    Ok(())
}
