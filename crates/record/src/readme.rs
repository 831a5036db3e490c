//! What a bundle says of itself: what it was made of, what is in it, what was left out.

use crate::state::{Begun, Part};
use std::fmt::Write as _;
use waylaid_model::{Coverage, System};

/// Its file.
pub(crate) const FILE: &str = "README.md";

/// The text. `failed` are stores of which nothing could be read.
pub(crate) fn text(system: &System, begun: &Begun, parts: &[Part], failed: &[Coverage]) -> String {
    let mut out = format!("# An incident of {}\n\n", line(&system.name));
    out.push_str("Written by `waylaid record`. `waylaid diagnose -C` this folder asks it as the stores were asked.\n\n");
    let _ = writeln!(out, "- asked for: {}", line(&begun.question));
    let end =
        |end: Option<waylaid_model::Timestamp>| end.map_or_else(|| "open".to_owned(), |t| t.to_string());
    let _ = writeln!(out, "- window: {} .. {}", end(begun.window.from), end(begun.window.until));
    if let Some(now) = begun.now {
        let _ = writeln!(out, "- now, to all questions here: {now}");
    }
    let _ = writeln!(out, "- keys followed: {}", begun.keys.len());
    for said in &begun.verdict {
        let _ = writeln!(out, "- the stores themselves said: {}", line(said));
    }
    out.push_str("\n## What is in it\n\n| store | target | items | looked at | taken | to know |\n|---|---|---|---|---|---|\n");
    for part in parts {
        let whole = if part.is_whole { "" } else { "NOT ALL: " };
        let _ = writeln!(
            out,
            "| {} | {} | {} | {} | {} | {whole}{} |",
            line(&part.store),
            line(&part.target),
            part.items,
            part.looked_at,
            line(&part.taken),
            line(&part.note)
        );
    }
    out.push_str(LEFT_OUT);
    let _ = writeln!(
        out,
        "- of services, topics and tables with more than {} items (a log by its bytes, 500 an item, where it is not counted): \
         all but what the table above says",
        begun.whole
    );
    for store in failed {
        let _ =
            writeln!(out, "- all of {}, which could not be read: {}", line(&store.store), line(&store.note));
    }
    out.push_str(REDACTED);
    out
}

const LEFT_OUT: &str = "\n## What was left out\n\n\
    - what lies outside the window, unless it names one of the keys\n\
    - how log lines were written: each is a JSON line that says the same\n\
    - the history of the code (`.git`), files of environments, binary values that are no keys, whatever views, \
    triggers and indexes databases have beside their keys\n\
    - when each part was read: parts were read one after the other, while the stores went on\n";

const REDACTED: &str = "\n## What was replaced\n\n\
    What looks like a secret or like personal data (addresses, telephone numbers, accounts, cards), or is called so by its \
    field or column, became a pseudonym such as `email#0123456789abcdef`: the same value has the same one everywhere in this \
    bundle. Keys of entities are as they are. Names of people, postal addresses and free text that looks like nothing of \
    this are as they are, too: look before you share.\n\n## Replayed\n\n";

/// A text on one line of a table.
fn line(text: &str) -> String {
    text.replace('|', "\\|").split_whitespace().collect::<Vec<_>>().join(" ")
}
