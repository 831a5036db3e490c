//! A wrong call, answered so that the next one is right: what was wrong, the nearest valid name, the next call.

use waylaid_report::agent::Line;

/// Why a call could not be answered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Refusal {
    /// What was wrong.
    pub what: String,
    /// What is valid, and near.
    pub hints: Vec<String>,
}

impl Refusal {
    /// A call that does not fit.
    pub fn new(what: impl Into<String>) -> Self {
        Self { what: what.into(), hints: Vec::new() }
    }

    /// The same with what is valid.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// The same with the name that was most likely meant, or all that there are.
    #[must_use]
    pub fn nearest<'n>(self, word: &str, names: impl IntoIterator<Item = &'n str>) -> Self {
        let names: Vec<&str> = names.into_iter().collect();
        let hint = match nearest(word, &names) {
            Some(name) => format!("did you mean `{name}`?"),
            None if names.is_empty() => return self,
            None => format!("there is {}", names.join(", ")),
        };
        self.hint(hint)
    }

    /// As an agent reads it; `next` is the call to go on with.
    pub fn text(&self, next: &'static str) -> String {
        let mut line = Line::new("error: ").data(&self.what, 400);
        for hint in &self.hints {
            line = line.then(&Line::new("hint: ").data(hint, 400));
        }
        line.then(&Line::new("next: ").say(next)).as_str().to_owned()
    }
}

/// The name that differs by a few letters, or that is the longer form of the word.
fn nearest<'n>(word: &str, names: &[&'n str]) -> Option<&'n str> {
    let wanted: String = word.to_lowercase().chars().take(100).collect();
    let distance = |name: &str| strsim::damerau_levenshtein(&wanted, &name.to_lowercase());
    let longest = |name: &str| wanted.chars().count().max(name.chars().count());
    let near = names.iter().filter(|n| distance(n) * 5 <= longest(n) * 2).min_by_key(|n| distance(n));
    near.or_else(|| names.iter().find(|n| wanted.len() > 2 && n.to_lowercase().contains(&wanted))).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_offered() {
        let names = ["diagnose", "follow", "search"];
        let hint = |word: &str| Refusal::new("x").nearest(word, names).hints[0].clone();
        assert_eq!(hint("diagnos"), "did you mean `diagnose`?");
        assert_eq!(hint("fol"), "did you mean `follow`?");
        assert_eq!(hint("zzzzzz"), "there is diagnose, follow, search");
    }

    #[test]
    fn what_was_typed_stays_quoted() {
        let text = Refusal::new("no `x»` \u{1b}[2J").hint("a\nb").text("stuck {}");
        assert_eq!(text, "error: «no `x›`»\nhint: «a b»\nnext: stuck {}");
    }
}
