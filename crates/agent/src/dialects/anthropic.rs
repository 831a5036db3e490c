//! Anthropic's messages.

use super::{Said, text, trouble};
use crate::conversation::{Call, Draft, Outcome, Request, Turn};
use serde_json::{Value, json};

/// The version of the interface that is meant.
pub const VERSION: &str = "2023-06-01";

pub fn body(request: &Request<'_>) -> Value {
    let tool = |t: &&'static waylaid_mcp::Tool| json!({"name": t.name, "description": t.description, "input_schema": t.schema()});
    json!({
        "model": request.model,
        "system": request.system,
        "messages": request.turns.iter().map(said).collect::<Vec<_>>(),
        "tools": request.tools.iter().map(tool).collect::<Vec<_>>(),
        "tool_choice": {"type": if request.may_call { "auto" } else { "none" }},
        "max_tokens": request.most,
        "stream": true,
    })
}

fn said(turn: &Turn) -> Value {
    match turn {
        Turn::User(text) => json!({"role": "user", "content": [{"type": "text", "text": text}]}),
        Turn::Model { text, calls } => {
            // A text block must not be empty.
            let words =
                (!text.trim().is_empty() || calls.is_empty()).then(|| json!({"type": "text", "text": text}));
            let call =
                |c: &Call| json!({"type": "tool_use", "id": c.id, "name": c.name, "input": c.repeated()});
            let content: Vec<Value> = words.into_iter().chain(calls.iter().map(call)).collect();
            json!({"role": "assistant", "content": content})
        }
        Turn::Results(results) => {
            let result = |r: &Outcome| json!({"type": "tool_result", "tool_use_id": r.id, "content": r.text, "is_error": r.is_error});
            json!({"role": "user", "content": results.iter().map(result).collect::<Vec<_>>()})
        }
    }
}

pub fn read(draft: &mut Draft, event: &Value) -> Result<(), Said> {
    let index = event["index"].as_u64().unwrap_or(0);
    match text(&event["type"]) {
        "error" => return Err(trouble(event).unwrap_or_else(|| "an error without words".into())),
        "message_start" => draft.counted.0 = read_tokens(&event["message"]["usage"]),
        "content_block_start" => block(draft, index, &event["content_block"]),
        "content_block_delta" => match text(&event["delta"]["type"]) {
            "text_delta" => draft.say(text(&event["delta"]["text"])),
            "input_json_delta" => draft.call(index, "", "", text(&event["delta"]["partial_json"])),
            _ => {}
        },
        "message_delta" => {
            draft.counted.1 = event["usage"]["output_tokens"].as_u64().or(draft.counted.1);
            draft.is_cut |= event["delta"]["stop_reason"] == "max_tokens";
        }
        "message_stop" => draft.is_whole = true,
        // A reply that was not streamed.
        "message" => {
            for (at, one) in event["content"].as_array().into_iter().flatten().enumerate() {
                block(draft, at as u64, one);
            }
            draft.counted = (read_tokens(&event["usage"]), event["usage"]["output_tokens"].as_u64());
            draft.is_cut |= event["stop_reason"] == "max_tokens";
            draft.is_whole = true;
        }
        _ => {}
    }
    Ok(())
}

fn block(draft: &mut Draft, index: u64, block: &Value) {
    match text(&block["type"]) {
        "text" => draft.say(text(&block["text"])),
        "tool_use" => {
            let (id, name) = (text(&block["id"]), text(&block["name"]));
            // Streamed arguments begin as an empty object and come in pieces.
            match block["input"].as_object().filter(|o| !o.is_empty()) {
                Some(_) => draft.whole_call(index, id, name, block["input"].clone()),
                None => draft.call(index, id, name, ""),
            }
        }
        _ => {}
    }
}

/// What is read out of a cache is read, too.
fn read_tokens(usage: &Value) -> Option<u64> {
    let names = ["input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens"];
    let counts: Vec<u64> = names.iter().filter_map(|name| usage[*name].as_u64()).collect();
    (!counts.is_empty()).then(|| counts.into_iter().fold(0, u64::saturating_add))
}
