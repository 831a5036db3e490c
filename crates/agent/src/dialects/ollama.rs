//! Ollama's own chat.

use super::{Said, text, trouble};
use crate::conversation::{Call, Draft, Request, Turn};
use serde_json::{Value, json};

pub fn body(request: &Request<'_>) -> Value {
    let mut messages = vec![json!({"role": "system", "content": request.system})];
    request.turns.iter().for_each(|turn| messages.extend(said(turn)));
    let mut body = json!({
        "model": request.model,
        "messages": messages,
        "stream": true,
        "options": {"num_predict": request.most},
    });
    if request.may_call {
        let tool = |t: &&'static waylaid_mcp::Tool| {
            let function = json!({"name": t.name, "description": t.description, "parameters": t.schema()});
            json!({"type": "function", "function": function})
        };
        body["tools"] = request.tools.iter().map(tool).collect();
    }
    body
}

fn said(turn: &Turn) -> Vec<Value> {
    match turn {
        Turn::User(text) => vec![json!({"role": "user", "content": text})],
        Turn::Model { text, calls } => {
            let call = |c: &Call| json!({"function": {"name": c.name, "arguments": c.repeated()}});
            let mut message = json!({"role": "assistant", "content": text});
            if !calls.is_empty() {
                message["tool_calls"] = calls.iter().map(call).collect();
            }
            vec![message]
        }
        Turn::Results(results) => {
            results.iter().map(|r| json!({"role": "tool", "tool_name": r.name, "content": r.text})).collect()
        }
    }
}

pub fn read(draft: &mut Draft, event: &Value) -> Result<(), Said> {
    if event.get("error").is_some_and(|e| !e.is_null()) {
        return Err(trouble(event).unwrap_or_else(|| "an error without words".into()));
    }
    let message = &event["message"];
    draft.say(text(&message["content"]));
    for call in message["tool_calls"].as_array().into_iter().flatten() {
        let function = &call["function"];
        // Every one comes whole, and is another one than those before.
        let index = draft.calls();
        draft.whole_call(index, text(&call["id"]), text(&function["name"]), function["arguments"].clone());
    }
    if event["done"] == true {
        draft.is_whole = true;
        draft.is_cut |= event["done_reason"] == "length";
        draft.counted = (event["prompt_eval_count"].as_u64(), event["eval_count"].as_u64());
    }
    Ok(())
}
