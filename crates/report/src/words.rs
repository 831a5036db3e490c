//! Numbers, times and names as a person reads them; shared by all faces of the report.

use waylaid_model::{
    CodePlace, Diagnosis, HopCount, Outcome, Question, Status, Timestamp, time::human_duration,
};

/// `1,420`.
pub fn number(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out
}

/// `1 order`, `214 orders`.
pub fn count(n: u64, noun: &str) -> String {
    if n == 1 { format!("1 {noun}") } else { format!("{} {}", number(n), plural(noun)) }
}

/// The plural of an entity's name, as far as English goes without a dictionary.
pub fn plural(noun: &str) -> String {
    let consonant_y = noun.strip_suffix('y').filter(|stem| !stem.ends_with(['a', 'e', 'i', 'o', 'u']));
    if let Some(stem) = consonant_y {
        return format!("{stem}ies");
    }
    if noun.ends_with(['s', 'x', 'z']) || noun.ends_with("ch") || noun.ends_with("sh") {
        return format!("{noun}es");
    }
    format!("{noun}s")
}

/// What the question is about: the entity's name, or `entity`.
pub fn noun(question: &Question) -> String {
    crate::clean::line(question.entity.as_deref().unwrap_or("entity"))
}

/// Milliseconds as a person reads them.
pub fn millis(ms: Option<u64>) -> String {
    ms.map_or_else(String::new, |ms| {
        human_duration(i64::try_from(ms).unwrap_or(i64::MAX).saturating_mul(1_000_000))
    })
}

/// `2026-11-22 10:11:12.345` in UTC.
pub fn moment(at: Timestamp) -> String {
    at.to_string().replacen('T', " ", 1).trim_end_matches('Z').to_owned()
}

/// The end of a range: without the day when it is the day of its begin.
pub fn end(from: Timestamp, until: Timestamp) -> String {
    let (begin, end) = (moment(from), moment(until));
    if begin[..10] == end[..10] { end[11..].to_owned() } else { end }
}

/// The two ends of `FROM -> TO`; a name without an arrow is only an end.
pub fn ends(hop: &str) -> (String, String) {
    match hop.split_once(" -> ") {
        Some((from, to)) => (crate::clean::line(from), crate::clean::line(to)),
        None => (String::new(), crate::clean::line(hop)),
    }
}

/// `path:line`, the path cut from the left to fit.
pub fn place(code: &CodePlace, columns: usize) -> String {
    let line = code.line.to_string();
    format!("{}:{line}", crate::clean::short_path(&code.path, columns.saturating_sub(line.len() + 1)))
}

/// The word for an outcome that stands in the first line.
pub fn outcome(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Confirmed => "CONFIRMED",
        Outcome::Likely => "LIKELY",
        Outcome::Inconclusive => "INCONCLUSIVE",
        Outcome::NoFault => "NO FAULT",
    }
}

/// The word for a coverage status.
pub fn status(status: Status) -> &'static str {
    match status {
        Status::Searched => "searched",
        Status::Empty => "empty",
        Status::Partial => "partial",
        Status::Failed => "failed",
        Status::NotConfigured => "not configured",
    }
}

/// The first sentence of a text, without its full stop.
pub fn first_sentence(text: &str) -> &str {
    let text = text.trim();
    let end = text.find(". ").or_else(|| text.find(".\n")).unwrap_or(text.len());
    text[..end].trim_end_matches('.')
}

/// How many of the cohort stop at this hop.
pub fn lost(hop: &HopCount) -> u64 {
    hop.reached.saturating_sub(hop.passed)
}

/// How many of them the answer says stop at this hop. Where causes name hops of the flow, the others are those behind
/// them, or not on the way of these entities at all.
pub fn stops(diagnosis: &Diagnosis, hop: &HopCount) -> u64 {
    let named = |hop: &HopCount| causes_at(diagnosis, &hop.hop).next().is_some();
    if named(hop) || !diagnosis.flow.iter().any(named) { lost(hop) } else { 0 }
}

/// Causes that name this hop: their ids and what they explain.
pub fn causes_at<'a>(
    diagnosis: &'a Diagnosis,
    hop: &str,
) -> impl Iterator<Item = &'a waylaid_model::Cause> + use<'a> {
    let hop = hop.to_owned();
    diagnosis.verdict.causes.iter().filter(move |c| c.hop == hop)
}

/// The summary of the verdict; made from its parts where the engine left none.
pub fn summary(diagnosis: &Diagnosis) -> String {
    let verdict = &diagnosis.verdict;
    if !verdict.summary.trim().is_empty() {
        return crate::clean::line(&verdict.summary);
    }
    if let Some(cause) = verdict.causes.first() {
        return crate::clean::line(&cause.statement);
    }
    match verdict.outcome {
        Outcome::NoFault => "nothing is wrong with what was asked about".into(),
        _ => "no cause could be named".into(),
    }
}

/// The summary where it is short enough for a head, else the causes in a few words.
pub fn headline(diagnosis: &Diagnosis, columns: usize) -> String {
    let summary = summary(diagnosis);
    let causes = &diagnosis.verdict.causes;
    if summary.chars().count() <= columns || causes.is_empty() {
        return summary;
    }
    let noun = plural(&noun(&diagnosis.question));
    let mut head = String::new();
    for (number, cause) in causes.iter().enumerate() {
        let service = cause.service.as_deref().map(crate::clean::line).unwrap_or_default();
        let service = if service.is_empty() { service } else { format!(" in {service}") };
        let part = match number {
            0 => {
                let (explains, of) = (self::number(cause.explains), self::number(cause.of));
                format!("{}{service}: {explains} of {of} stuck {noun}", cause.kind)
            }
            _ => format!(", {}{service}: {}", cause.kind, self::number(cause.explains)),
        };
        let rest = causes.len() - number;
        let more = format!(", and {}", count(rest as u64, "more cause"));
        let tail = if rest > 1 { more.chars().count() } else { 0 };
        if number > 0 && head.chars().count() + part.chars().count() + tail > columns {
            head.push_str(&more);
            break;
        }
        head.push_str(&part);
    }
    head
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_nouns() {
        assert_eq!(number(0), "0");
        assert_eq!(number(999), "999");
        assert_eq!(number(1_234_567), "1,234,567");
        assert_eq!(count(1, "order"), "1 order");
        assert_eq!(count(2, "delivery"), "2 deliveries");
        assert_eq!(plural("batch"), "batches");
        assert_eq!(plural("day"), "days");
    }

    #[test]
    fn hops_have_two_ends() {
        assert_eq!(ends("a.b -> c"), ("a.b".into(), "c".into()));
        assert_eq!(ends("c"), (String::new(), "c".into()));
    }

    #[test]
    fn first_sentences() {
        assert_eq!(first_sentence("Do this. Then that."), "Do this");
        assert_eq!(first_sentence("Bump to v1.2"), "Bump to v1.2");
    }
}
