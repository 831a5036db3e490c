//! The case as Markdown, for a ticket or a pull request. Text from stores cannot become a link, a mention, an image or
//! a heading: words that hold anything Markdown could read are set as code.

use crate::{clean, words};
use std::fmt::Write as _;
use waylaid_model::{Cause, CodePlace, Diagnosis, EvidenceId, Outcome};

/// Keys listed in place; the CSV has all.
const KEYS_SHOWN: usize = 10;

/// The text.
pub fn diagnosis(d: &Diagnosis) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "## {}: {}\n", words::outcome(d.verdict.outcome), prose(&words::summary(d)));
    head(&mut out, d);
    flow(&mut out, d);
    if !d.verdict.causes.is_empty() {
        out.push_str("### Causes\n\n");
        for c in &d.verdict.causes {
            cause(&mut out, d, c);
        }
    }
    for cap in &d.verdict.capped_by {
        let _ = writeln!(out, "> Not higher, because {}.\n", prose(cap));
    }
    suspects(&mut out, d);
    ruled_out(&mut out, d);
    coverage(&mut out, d);
    bullets(&mut out, "Notes", &d.notes);
    bullets(&mut out, "Next steps", &d.next_steps);
    evidence(&mut out, d);
    out.truncate(out.trim_end().len());
    out.push('\n');
    out
}

/// Running text: words that hold what Markdown reads are set as code, the others stay.
fn prose(text: &str) -> String {
    let text = clean::line(text);
    let mut out = String::with_capacity(text.len());
    for (number, word) in text.split(' ').enumerate() {
        if number > 0 {
            out.push(' ');
        }
        let special = |c: char| "`*_[]<>|\\~@$&^#".contains(c);
        if !word.contains(special) && !word.contains("://") && !word.to_lowercase().contains("www.") {
            // At the begin of a line these would start a list, a quote or a heading.
            if number == 0 && word.starts_with(['-', '+', '=']) {
                out.push('\\');
            }
            out.push_str(word);
            continue;
        }
        let start = word.len() - word.trim_start_matches(['(', '"', '\'']).len();
        let end = word.trim_end_matches([')', '"', '\'', ',', '.', ';', ':', '!', '?']).len().max(start);
        let _ = write!(out, "{}{}{}", &word[..start], code(&word[start..end]), &word[end..]);
    }
    out
}

/// Inline code, with a fence longer than any inside.
fn code(text: &str) -> String {
    let text = clean::line(text).replace('|', "\u{2223}");
    if text.is_empty() {
        return String::new();
    }
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    let space = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    format!("{fence}{space}{text}{space}{fence}")
}

fn ids(evidence: &[EvidenceId]) -> String {
    evidence.iter().map(|e| clean::line(&e.0)).collect::<Vec<_>>().join(", ")
}

fn head(out: &mut String, d: &Diagnosis) {
    let noun = words::noun(&d.question);
    let mut facts = Vec::new();
    if d.question.entity.is_some() {
        facts.push(format!("**{}** {} stuck", words::number(d.cohort.count), prose(&words::plural(&noun))));
        facts.push(format!("{} completed beside them", words::number(d.cohort.control)));
    }
    if let Some((from, until)) = d.question.window {
        facts.push(format!("{} to {} UTC", words::moment(from), words::end(from, until)));
    }
    if !d.case.is_empty() {
        facts.push(format!("case {}", code(&d.case)));
    }
    if !facts.is_empty() {
        let _ = writeln!(out, "{}\n", facts.join(" · "));
    }
}

fn flow(out: &mut String, d: &Diagnosis) {
    if d.flow.is_empty() {
        return;
    }
    out.push_str("### Flow\n\n| | hop | service | stuck pass | completed pass | typical |\n|---|---|---|---:|---:|---:|\n");
    for hop in &d.flow {
        let lost = words::stops(d, hop);
        let mark = if lost > 0 { "✗" } else { "" };
        let causes: Vec<_> = words::causes_at(d, &hop.hop).map(|c| clean::line(&c.id)).collect();
        let stops = match (lost, causes.is_empty()) {
            (0, _) => String::new(),
            (n, true) => format!(" (**{}** stop)", words::number(n)),
            (n, false) => format!(" (**{}** stop: {})", words::number(n), causes.join(", ")),
        };
        let _ = writeln!(
            out,
            "| {mark} | {} | {} | {} of {}{stops} | {} | {} |",
            code(&hop.hop),
            prose(hop.service.as_deref().unwrap_or("")),
            words::number(hop.passed),
            words::number(hop.reached),
            words::number(hop.control_passed),
            words::millis(hop.typical_ms)
        );
    }
    out.push('\n');
}

fn cause(out: &mut String, d: &Diagnosis, c: &Cause) {
    let service = c.service.as_deref().map(|s| format!(" in {}", code(s))).unwrap_or_default();
    let outcome = words::outcome(c.outcome).to_lowercase();
    let _ = writeln!(
        out,
        "#### {} {}{service}: {} of {}, {outcome}\n\n{}\n",
        clean::line(&c.id),
        code(c.kind.as_str()),
        words::number(c.explains),
        words::number(c.of),
        prose(&c.statement)
    );
    let _ = writeln!(out, "- hop: {}", code(&c.hop));
    if let Some(origin) = &c.origin {
        let _ = writeln!(out, "- origin: {}", prose(origin));
    }
    for p in &c.code {
        let _ = writeln!(out, "- code: {}", place(p));
    }
    for fact in &c.facts {
        let _ = writeln!(out, "- because {}", prose(fact));
    }
    for id in &c.evidence {
        if let Some(e) = d.evidence.get(id) {
            let text = clean::short(&e.text, 200);
            let _ =
                writeln!(out, "- evidence {}: {} {}", clean::line(&id.0), code(&e.reference), code(&text));
        }
    }
    if c.entities.count > 0 {
        let shown: Vec<_> =
            c.entities.keys.iter().take(KEYS_SHOWN).map(|k| code(&clean::short(k, 60))).collect();
        let more = if c.entities.count > shown.len() as u64 { ", …" } else { "" };
        let file = if c.entities.csv.is_empty() {
            String::new()
        } else {
            format!(" (all in {})", code(&c.entities.csv))
        };
        let _ = writeln!(out, "- entities: {}{more}{file}", shown.join(", "));
    }
    if let Some(keys) = c.keys.as_ref().filter(|k| !k.csv.is_empty()) {
        let _ = writeln!(out, "- keys: {} in {}", words::count(keys.count, "value"), code(&keys.csv));
    }
    for (name, text) in [("fix", &c.fix.code), ("data", &c.fix.data), ("test", &c.fix.test)] {
        if !text.trim().is_empty() {
            let _ = writeln!(out, "- **{name}**: {}", prose(text));
        }
    }
    out.push('\n');
}

fn place(p: &CodePlace) -> String {
    let mut text = format!("{} in {}", code(&format!("{}:{}", p.path, p.line)), code(&p.service));
    if !p.symbol.is_empty() {
        let _ = write!(text, ", {}", code(&p.symbol));
    }
    if !p.role.is_empty() {
        let _ = write!(text, " ({})", prose(&p.role));
    }
    text
}

fn suspects(out: &mut String, d: &Diagnosis) {
    if d.verdict.suspects.is_empty() {
        return;
    }
    out.push_str("### Suspects\n\n");
    for (number, s) in d.verdict.suspects.iter().enumerate() {
        let place = s.code.first().map(|p| format!(", {}", place(p))).unwrap_or_default();
        let ids = if s.evidence.is_empty() { String::new() } else { format!(" ({})", ids(&s.evidence)) };
        let _ = writeln!(out, "{}. **{}** {}{place}{ids}", number + 1, prose(&s.service), prose(&s.why));
    }
    out.push('\n');
}

fn ruled_out(out: &mut String, d: &Diagnosis) {
    if d.ruled_out.is_empty() {
        return;
    }
    out.push_str("### Ruled out\n\n| what one might think | what refutes it | evidence |\n|---|---|---|\n");
    for r in &d.ruled_out {
        let service = r.service.as_deref().map(|s| format!(" in {}", code(s))).unwrap_or_default();
        let kind = code(r.kind.as_str());
        let _ = writeln!(
            out,
            "| {kind}{service}: {} | {} | {} |",
            prose(&r.hypothesis),
            prose(&r.why),
            ids(&r.evidence)
        );
    }
    out.push('\n');
}

fn coverage(out: &mut String, d: &Diagnosis) {
    if d.coverage.is_empty() {
        return;
    }
    out.push_str(
        "### Coverage\n\n| store | target | status | matched of scanned | range |\n|---|---|---|---:|---|\n",
    );
    for c in &d.coverage {
        let note = if c.note.is_empty() { String::new() } else { format!(" {}", prose(&c.note)) };
        let _ = writeln!(
            out,
            "| {} | {} | {} | {} of {} | {}{note} |",
            code(&c.store),
            code(&c.target),
            words::status(c.status),
            words::number(c.matched),
            words::number(c.scanned),
            prose(&c.range)
        );
    }
    out.push('\n');
}

fn bullets(out: &mut String, title: &str, items: &[String]) {
    if items.is_empty() {
        return;
    }
    let _ = writeln!(out, "### {title}\n");
    for item in items {
        let _ = writeln!(out, "- {}", prose(item));
    }
    out.push('\n');
}

fn evidence(out: &mut String, d: &Diagnosis) {
    if d.evidence.is_empty() || d.verdict.outcome == Outcome::NoFault {
        return;
    }
    out.push_str("<details><summary>Evidence</summary>\n\n| id | at | where | what |\n|---|---|---|---|\n");
    for (id, e) in &d.evidence {
        let at = e.at.map(words::moment).unwrap_or_default();
        let text = code(&clean::short(&e.text, 200));
        let _ = writeln!(out, "| {} | {at} | {} | {text} |", clean::line(&id.0), code(&e.reference));
    }
    out.push_str("\n</details>\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_markdown_could_read_is_code() {
        assert_eq!(prose("see http://evil.example/x, now"), "see `http://evil.example/x`, now");
        assert_eq!(prose("ping @team and #12"), "ping `@team` and `#12`");
        assert_eq!(prose("<img src=x>"), "`<img` `src=x>`");
        assert_eq!(prose("(order_id) is 5 of 214"), "(`order_id`) is 5 of 214");
        assert_eq!(prose("- not a list"), "\\- not a list");
        assert_eq!(code("a`b"), "``a`b``");
        assert_eq!(code("a|b"), "`a∣b`");
    }
}
