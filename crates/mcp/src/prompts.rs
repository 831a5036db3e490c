//! The three usual questions, as a person picks them from a menu.

use crate::Refusal;
use crate::arguments::Arguments;
use rmcp::model::{GetPromptResult, Prompt, PromptArgument, PromptMessage, Role};
use serde_json::{Map, Value};
use waylaid_report::agent::quoted;

/// How every one of them ends.
const METHOD: &str = "Cite evidence ids. Do not go beyond the coverage line; say what was not searched. Then name the line \
    of code, write the test that fails, and only then the fix.";

struct Question {
    name: &'static str,
    title: &'static str,
    description: &'static str,
    /// Name, what it is, whether it must be given.
    arguments: &'static [(&'static str, &'static str, bool)],
}

const QUESTIONS: [Question; 3] = [
    Question {
        name: "why_stuck",
        title: "Why are they stuck?",
        description: "The verdict over the stuck entities, questioned with its evidence",
        arguments: &[("entity", "such as order; may be left out when there is one", false)],
    },
    Question {
        name: "where_is",
        title: "Where is this one?",
        description: "One entity's trail, and the hop where it ends",
        arguments: &[("entity", "such as order", true), ("key", "such as 1001", true)],
    },
    Question {
        name: "what_changed",
        title: "What changed?",
        description: "What went wrong in a window, against the time before it",
        arguments: &[("since", "a time, or so long before now: 2h", true)],
    },
];

/// All of them.
pub fn all() -> Vec<Prompt> {
    let argument = |(name, what, needed): &(&'static str, &'static str, bool)| {
        PromptArgument::new(*name).with_description(*what).with_required(*needed)
    };
    let prompt = |q: &Question| {
        let arguments = q.arguments.iter().map(argument).collect();
        Prompt::new(q.name, Some(q.description), Some(arguments)).with_title(q.title)
    };
    QUESTIONS.iter().map(prompt).collect()
}

/// One of them, with its arguments in place.
pub fn one(name: &str, arguments: Map<String, Value>) -> Result<GetPromptResult, Refusal> {
    let unknown = || {
        Refusal::new(format!("there is no prompt `{name}`")).nearest(name, QUESTIONS.iter().map(|q| q.name))
    };
    let question = QUESTIONS.iter().find(|q| q.name == name).ok_or_else(unknown)?;
    let mut arguments = Arguments::new(arguments);
    let text = match name {
        "where_is" => {
            let (entity, key) = (arguments.needed("entity")?, arguments.needed("key")?);
            format!(
                "Where is {} {}, and what happened to it? Call follow; if it ends early, call diagnose with this key.",
                quoted(&entity, 60),
                quoted(&key, 120)
            )
        }
        "what_changed" => {
            let since = arguments.needed("since")?;
            format!(
                "What went wrong since {}? Call diagnose with since and without entity.",
                quoted(&since, 60)
            )
        }
        _ => match arguments.text("entity")? {
            Some(entity) => format!("Why is entity {} stuck? Call diagnose with it.", quoted(&entity, 60)),
            None => "Why are entities stuck? Call diagnose.".to_owned(),
        },
    };
    arguments.finish()?;
    let message = PromptMessage::new_text(Role::User, format!("{text} {METHOD}"));
    Ok(GetPromptResult::new(vec![message]).with_description(question.description))
}
