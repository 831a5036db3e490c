//! What was said so far, and a reply as it comes in, in no dialect.

use serde_json::{Map, Value};

/// A text of a model goes so far; what is longer is cut, and said to be.
const LONGEST: usize = 64 * 1024;
/// An id or a name is no longer.
const NAME: usize = 400;
/// Calls of one reply.
const CALLS: usize = 32;

/// A call of a tool.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// By which its answer is told apart; servers that give none get one.
    pub id: String,
    /// The tool.
    pub name: String,
    /// Its arguments, or the text that is none.
    pub arguments: Result<Map<String, Value>, String>,
}

impl Call {
    /// The arguments as they may be repeated to a server, which may not bear what is no object.
    pub fn repeated(&self) -> Value {
        Value::Object(self.arguments.clone().unwrap_or_default())
    }
}

/// What a call came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The call's.
    pub id: String,
    /// The tool.
    pub name: String,
    /// What it answered.
    pub text: String,
    /// Whether that is a refusal.
    pub is_error: bool,
}

/// A turn of the conversation.
#[derive(Clone, Debug, PartialEq)]
pub enum Turn {
    /// Ours.
    User(String),
    /// The model's.
    Model {
        /// What it said.
        text: String,
        /// What it wants to know.
        calls: Vec<Call>,
    },
    /// What its calls came to.
    Results(Vec<Outcome>),
}

/// Everything that a request says.
pub struct Request<'r> {
    /// The model's name.
    pub model: &'r str,
    /// What holds for all of it.
    pub system: &'r str,
    /// What was said so far.
    pub turns: &'r [Turn],
    /// The tools.
    pub tools: &'r [&'static waylaid_mcp::Tool],
    /// Whether the model may still call any.
    pub may_call: bool,
    /// Tokens of the reply at most.
    pub most: u64,
}

/// A call that is coming in.
#[derive(Clone, Debug, Default)]
struct Part {
    index: u64,
    id: String,
    name: String,
    arguments: String,
    /// Arguments that came whole.
    whole: Option<Value>,
}

/// A reply that is coming in.
#[derive(Clone, Debug, Default)]
pub struct Draft {
    text: String,
    fresh: String,
    parts: Vec<Part>,
    /// Tokens that the server counted: read and written.
    pub counted: (Option<u64>, Option<u64>),
    /// Whether the model had to stop in the middle.
    pub is_cut: bool,
    /// Whether the server said that this is all.
    pub is_whole: bool,
}

/// A reply.
#[derive(Clone, Debug, PartialEq)]
pub struct Reply {
    /// What the model says.
    pub text: String,
    /// What it wants to know.
    pub calls: Vec<Call>,
    /// Whether it had to stop in the middle.
    pub is_cut: bool,
    /// Tokens that the server counted.
    pub counted: Option<u64>,
}

impl Reply {
    /// Nothing at all.
    pub fn empty() -> Self {
        Draft::default().finish(0)
    }
}

impl Draft {
    /// More text.
    pub fn say(&mut self, text: &str) {
        let room = LONGEST.saturating_sub(self.text.len());
        let end = text.char_indices().map(|(at, c)| at + c.len_utf8()).take_while(|end| *end <= room).last();
        let taken = &text[..end.unwrap_or(0)];
        self.is_cut |= taken.len() < text.len();
        self.text.push_str(taken);
        self.fresh.push_str(taken);
    }

    /// What was said since this was asked last.
    pub fn fresh(&mut self) -> String {
        std::mem::take(&mut self.fresh)
    }

    /// More of the call of that index: whatever of it came. Some servers repeat id and name with every piece.
    pub fn call(&mut self, index: u64, id: &str, name: &str, arguments: &str) {
        let Some(part) = self.part(index) else { return };
        for (own, given) in [(&mut part.id, id), (&mut part.name, name)] {
            if own.is_empty() && given.len() <= NAME {
                given.clone_into(own);
            }
        }
        if part.arguments.len() + arguments.len() <= LONGEST {
            part.arguments.push_str(arguments);
        }
    }

    /// A call whose arguments came whole.
    pub fn whole_call(&mut self, index: u64, id: &str, name: &str, arguments: Value) {
        self.call(index, id, name, "");
        if let Some(part) = self.part(index) {
            part.whole = Some(arguments);
        }
    }

    /// How many calls came so far.
    pub fn calls(&self) -> u64 {
        self.parts.len() as u64
    }

    fn part(&mut self, index: u64) -> Option<&mut Part> {
        let at = match self.parts.iter().position(|p| p.index == index) {
            Some(at) => at,
            None if self.parts.len() >= CALLS => return None,
            None => {
                self.parts.push(Part { index, ..Part::default() });
                self.parts.len() - 1
            }
        };
        self.parts.get_mut(at)
    }

    /// The reply, when all of it came. `round` keeps ids that we give apart.
    pub fn finish(self, round: usize) -> Reply {
        let calls = self.parts.into_iter().enumerate().filter(|(_, p)| !p.name.is_empty());
        let call = |(at, part): (usize, Part)| Call {
            id: if part.id.is_empty() { format!("call_{round}_{at}") } else { part.id },
            name: part.name,
            arguments: arguments(part.whole, &part.arguments),
        };
        let counted = match self.counted {
            (None, None) => None,
            (read, written) => Some(read.unwrap_or(0).saturating_add(written.unwrap_or(0))),
        };
        Reply { text: self.text, calls: calls.map(call).collect(), is_cut: self.is_cut, counted }
    }
}

/// An object, also one that was put into a text once more; nothing at all is an empty one.
fn arguments(whole: Option<Value>, text: &str) -> Result<Map<String, Value>, String> {
    let value = match whole {
        Some(value) => value,
        None if text.trim().is_empty() => return Ok(Map::new()),
        None => serde_json::from_str(text).map_err(|_| text.to_owned())?,
    };
    match value {
        Value::Object(map) => Ok(map),
        Value::Null => Ok(Map::new()),
        Value::String(inner) if inner.trim().is_empty() => Ok(Map::new()),
        Value::String(inner) => match serde_json::from_str(&inner) {
            Ok(Value::Object(map)) => Ok(map),
            _ => Err(inner),
        },
        other => Err(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn calls_come_in_pieces_and_arguments_in_any_shape() {
        let mut draft = Draft::default();
        draft.call(0, "a", "show", "{\"id\":");
        draft.call(1, "", "stuck", "");
        draft.call(0, "", "", "\"e1\"}");
        draft.whole_call(2, "c", "follow", json!("{\"key\":1}"));
        draft.call(3, "d", "search", "{\"text\": oh}");
        draft.whole_call(4, "e", "query", json!([1]));
        draft.whole_call(5, "f", "describe", json!(" "));
        let reply = draft.finish(2);
        let shown: Vec<_> = reply.calls.iter().map(|c| (c.id.as_str(), c.name.as_str())).collect();
        assert_eq!(
            shown,
            [
                ("a", "show"),
                ("call_2_1", "stuck"),
                ("c", "follow"),
                ("d", "search"),
                ("e", "query"),
                ("f", "describe")
            ]
        );
        let object = |value: Value| value.as_object().cloned().unwrap();
        assert_eq!(reply.calls[0].arguments, Ok(object(json!({"id": "e1"}))));
        assert_eq!(reply.calls[1].arguments, Ok(Map::new()));
        assert_eq!(reply.calls[2].arguments, Ok(object(json!({"key": 1}))));
        assert_eq!(reply.calls[3].arguments, Err("{\"text\": oh}".into()));
        assert_eq!(reply.calls[5].arguments, Ok(Map::new()));
        assert_eq!((&reply.calls[4].arguments, reply.calls[4].repeated()), (&Err("[1]".into()), json!({})));
    }

    #[test]
    fn what_never_ends_is_cut() {
        let mut draft = Draft::default();
        (0..200_000).for_each(|n| draft.call(n, "", "x", "y"));
        draft.say(&"ä".repeat(LONGEST));
        draft.say("more");
        let reply = draft.finish(1);
        assert!(reply.is_cut && reply.text.len() <= LONGEST && reply.calls.len() == CALLS);
    }
}
