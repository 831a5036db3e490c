//! Requests and replies as servers have them, a file a dialect.

mod anthropic;
mod ollama;
mod openai;

use crate::Dialect;
use crate::conversation::{Draft, Request};
use serde_json::Value;

/// Words of a server on why it cannot go on.
pub type Said = String;

impl Dialect {
    /// The body of a request.
    pub(crate) fn body(self, request: &Request<'_>) -> Value {
        match self {
            Self::OpenAi => openai::body(request),
            Self::Anthropic => anthropic::body(request),
            Self::Ollama => ollama::body(request),
        }
    }

    /// Takes an event of a reply in, or a whole reply that came as one.
    pub(crate) fn read(self, draft: &mut Draft, event: &Value) -> Result<(), Said> {
        match self {
            Self::OpenAi => openai::read(draft, event),
            Self::Anthropic => anthropic::read(draft, event),
            Self::Ollama => ollama::read(draft, event),
        }
    }

    /// Headers with the key.
    pub(crate) fn headers(self, key: Option<&str>) -> Vec<(&'static str, String)> {
        match (self, key) {
            (Self::Anthropic, Some(key)) => {
                vec![("anthropic-version", anthropic::VERSION.into()), ("x-api-key", key.to_owned())]
            }
            (Self::Anthropic, None) => vec![("anthropic-version", anthropic::VERSION.into())],
            (_, Some(key)) => vec![("authorization", format!("Bearer {key}"))],
            (_, None) => Vec::new(),
        }
    }
}

/// What a server says went wrong, wherever it says it.
pub fn trouble(body: &Value) -> Option<Said> {
    let error = &body["error"];
    let said = [&error["message"], error, &body["message"], &body["detail"]];
    said.into_iter().find_map(Value::as_str).map(str::to_owned)
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conversation::{Call, Outcome, Turn};
    use proptest::prelude::*;
    use serde_json::json;

    fn turns() -> Vec<Turn> {
        let call = |id: &str, arguments| Call { id: id.into(), name: "show".into(), arguments };
        let result =
            |id: &str, is_error| Outcome { id: id.into(), name: "show".into(), text: "| x".into(), is_error };
        let good = json!({"id": "e1"}).as_object().cloned().unwrap();
        vec![
            Turn::User("why?".into()),
            Turn::Model {
                text: "I look.".into(),
                calls: vec![call("a", Ok(good)), call("b", Err("{".into()))],
            },
            Turn::Results(vec![result("a", false), result("b", true)]),
        ]
    }

    fn body(dialect: Dialect, may_call: bool) -> Value {
        let (tools, turns) = (waylaid_mcp::tools(), turns());
        let tools = &tools[..1];
        dialect.body(&Request { model: "m", system: "s", turns: &turns, tools, may_call, most: 9 })
    }

    #[test]
    fn a_conversation_in_every_dialect() {
        let open = body(Dialect::OpenAi, true);
        let roles: Vec<_> = open["messages"].as_array().unwrap().iter().map(|m| text(&m["role"])).collect();
        assert_eq!(roles, ["system", "user", "assistant", "tool", "tool"]);
        assert_eq!(open["messages"][2]["tool_calls"][0]["function"]["arguments"], "{\"id\":\"e1\"}");
        assert_eq!(open["messages"][2]["tool_calls"][1]["function"]["arguments"], "{}");
        assert_eq!(open["messages"][3]["tool_call_id"], "a");
        assert_eq!(open["tools"][0]["function"]["name"], "diagnose");
        assert_eq!(
            (&open["tool_choice"], &body(Dialect::OpenAi, false)["tool_choice"]),
            (&json!("auto"), &json!("none"))
        );

        let anthropic = body(Dialect::Anthropic, true);
        assert_eq!((text(&anthropic["system"]), &anthropic["max_tokens"]), ("s", &json!(9)));
        assert_eq!(anthropic["messages"][1]["content"][1]["input"], json!({"id": "e1"}));
        assert_eq!(anthropic["messages"][2]["content"][1]["is_error"], true);
        assert_eq!(anthropic["tools"][0]["input_schema"]["type"], "object");
        assert_eq!(body(Dialect::Anthropic, false)["tool_choice"], json!({"type": "none"}));

        let ollama = body(Dialect::Ollama, true);
        assert_eq!(ollama["messages"][2]["tool_calls"][0]["function"]["arguments"], json!({"id": "e1"}));
        assert_eq!(ollama["messages"][3]["tool_name"], "show");
        assert!(body(Dialect::Ollama, false).get("tools").is_none());
    }

    #[test]
    fn servers_say_what_went_wrong_in_several_ways() {
        for body in [json!({"error": {"message": "no"}}), json!({"error": "no"}), json!({"detail": "no"})] {
            assert_eq!(trouble(&body).as_deref(), Some("no"));
        }
        for dialect in Dialect::ALL {
            let event = json!({"type": "error", "error": {"type": "overloaded_error", "message": "busy"}});
            assert_eq!(dialect.read(&mut Draft::default(), &event), Err("busy".into()));
        }
    }

    fn json_like() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            "[a-z{}\"]{0,9}".prop_map(Value::from),
        ];
        let names = prop::sample::select(vec![
            "choices",
            "delta",
            "message",
            "content",
            "tool_calls",
            "function",
            "arguments",
            "index",
            "type",
            "content_block",
            "usage",
            "error",
            "done",
            "name",
            "id",
            "input",
            "finish_reason",
        ]);
        leaf.prop_recursive(5, 40, 4, move |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::vec((names.clone(), inner), 0..5)
                    .prop_map(|all| Value::Object(all.into_iter().map(|(n, v)| (n.to_owned(), v)).collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn no_event_breaks_a_reader(events in prop::collection::vec(json_like(), 0..6)) {
            for dialect in Dialect::ALL {
                let mut draft = Draft::default();
                for event in &events {
                    let _ = dialect.read(&mut draft, event);
                }
                let _ = draft.finish(1);
            }
        }
    }
}
