//! `code`: from a log line or a stack trace to its places in code.

use super::{Asked, Tool, whole};
use crate::arguments::Arguments;
use crate::{Located, Refusal};
use serde_json::{Value, json};
use waylaid_code::{Outcome, Place, Role, Sureness};
use waylaid_report::agent::{Answer, Line, Text};

pub(super) const TOOL: Tool = Tool {
    name: "code",
    description: "Where in the code a log line or stack trace comes from: statement, frames, what raises it, with \
        source. Paste the line as it stands. Not a text search in code. \
        Example: {\"text\":\"Failed to store pick for order 1001\"}",
    properties,
    required: &["text"],
    next: "show {\"id\":\"e1\"} shows a line to ask about; describe {} lists services with code",
    call,
};

fn properties() -> Value {
    json!({
        "text": {"type": "string"},
        "service": {"type": "array", "items": {"type": "string"}},
    })
}

fn call(arguments: &mut Arguments, asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let line = arguments.needed("text")?;
    let services = arguments.texts("service")?;
    arguments.finish()?;
    let located = asked.backend.locate(&line, &services)?;
    let mut text = Text::default();
    for one in &located {
        event(&mut text, one);
    }
    Ok(whole(text.finish(&Line::new("coverage: ").count(located.len() as u64, "event", "events"))))
}

fn event(text: &mut Text, one: &Located) {
    let line = Line::default().data(&one.line, 160);
    let answer = &one.answer;
    let line = match answer.outcome {
        Outcome::Found => line,
        Outcome::Tie => line.say(" ").number(answer.alike as u64).say(" statements write this alike"),
        Outcome::Unsure => line.say(" little speaks for what was found"),
        Outcome::NotInCode => line.say(" is not in the code: no statement here writes it"),
    };
    let unread: usize = answer.unread.iter().map(|u| u.files).sum();
    let line = match unread {
        0 => line,
        n => line
            .say("; ")
            .count(n as u64, "file", "files")
            .say(" of languages that are not read may write it"),
    };
    text.item("events", &line);
    let statements = if answer.alike > 1 { answer.alike.min(8) } else { 2 };
    let frames = answer.frames.iter().take(5);
    for place in frames.chain(answer.statements.iter().take(statements)).chain(answer.raised.iter().take(2)) {
        text.item("places", &self::place(place));
    }
}

fn place(place: &Place) -> Line {
    let role = match place.role {
        Role::Logged => " logged by ",
        Role::Raised => " raised by ",
        Role::Frame => " frame ",
        Role::Text => " text in ",
        Role::Tested => " called by the test: ",
    };
    let what = format!("{} {}:{} {}", place.service, place.path, place.line, place.symbol);
    let mut line = Line::new(role).data(&what, 240);
    if let Some(traced) = place.traced {
        line = line
            .say(", line ")
            .number(u64::from(traced))
            .say(" in the trace: the checkout differs from what ran");
    } else if place.sureness == Sureness::Likely && place.role == Role::Logged {
        line = line.say(", likely");
    }
    for source in place.snippet.lines().take(5) {
        let short: String = source.chars().take(160).collect();
        line = line.then(&Line::default().raw(&short));
    }
    line
}
