//! Whether an event reports a problem, and how bad it is: by level, by an exception, by the status of an answer, and by
//! words only where the format has no level.

use regex::bytes::{RegexSet, RegexSetBuilder};
use std::sync::LazyLock;
use waylaid_model::{Level, LogEvent, scalar_text};

/// How bad.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rank {
    /// Something odd that was coped with.
    Warning,
    /// Something failed.
    Error,
}

impl Rank {
    /// The name used in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// Whether an event warns or reports a failure.
pub fn reports_failure(event: &LogEvent) -> bool {
    match event.level {
        _ if event.exception.is_some() => true,
        Some(level) => level >= Level::Warn,
        None => says_failure(&event.message),
    }
}

/// The rank of the problem that an event reports; `None` where it reports none.
pub fn rank_of(event: &LogEvent) -> Option<Rank> {
    if let Some(status) = status_of_answer(event) {
        return match status {
            500.. => Some(Rank::Error),
            429 => Some(Rank::Warning),
            _ => None,
        };
    }
    match event.level {
        Some(level) if level >= Level::Error => Some(Rank::Error),
        _ if event.exception.is_some() => Some(Rank::Error),
        Some(Level::Warn) => Some(Rank::Warning),
        Some(_) => None,
        None => says_failure(&event.message).then_some(Rank::Error),
    }
}

/// The status in a line of an access log: there what the server answered decides, no level does.
pub(super) fn status_of_answer(event: &LogEvent) -> Option<u16> {
    event.field("client.address").and(event.field("url.path"))?;
    scalar_text(event.field("http.response.status_code")?)?.parse().ok()
}

static FAILURE: LazyLock<Option<RegexSet>> = LazyLock::new(|| {
    RegexSetBuilder::new([
        r"(?:^|[^\w.-])(fail|failed|failure|error|errors|exception|panic|panicked|fatal|crash|crashed|aborted|rejected|refused|unable|cannot|could not|couldn't|can't|unexpected|unhandled|uncaught|giving up|segfault|core dumped|killed process|out of memory|oom-kill(?:er)?|no space left|no such file or directory|command not found|read-only file system|call trace|hung task|blocked for more than|timed out|timeout expired|permission denied|corrupt(?:ed|ion)?|dead[- ]letter|traceback)(?:$|[^\w-])",
        // As a word; a file of that name is none.
        r"[a-z](Exception|Error)(?:$|[^\w.]|\.(?:$|\W))",
    ])
    .case_insensitive(false)
    .unicode(false)
    .build()
    .ok()
});

static SUCCESS: LazyLock<Option<RegexSet>> = LazyLock::new(|| {
    RegexSetBuilder::new([
        r"^(pass|passed|ok|success|succeeded)\b ?[:\-\d]|\b(no|0|zero|without) (failures?|errors?|exceptions?)\b|\b(errors?|failures?|failed)[=: ]+(0|none|false)\b|\bfail(ed)?[- ]?(over|safe|count)\b|\bon[- ]error\b|\berror[-_](log|level|page|rate|code|handler|reporting)\b",
    ])
    .case_insensitive(true)
    .unicode(false)
    .build()
    .ok()
});

/// Whether a text without a level speaks of a failure.
fn says_failure(text: &str) -> bool {
    let text = crate::scan::head(text, 4096);
    let lower = text.to_ascii_lowercase();
    let told = FAILURE.as_ref().is_some_and(|f| f.is_match(lower.as_bytes()) || f.is_match(text.as_bytes()));
    told && !SUCCESS.as_ref().is_some_and(|s| s.is_match(text.as_bytes()))
}
