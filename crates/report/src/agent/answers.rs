//! The smaller answers: who is stuck, a trail, matches, the flow, the system.

use super::diagnosis::hop;
use super::{Answer, Line, Text, tail};
use waylaid_model::answers::{
    CheckAnswer, FlowAnswer, Problem, ProblemsAnswer, SearchAnswer, SearchHit, StuckAnswer, TrailAnswer,
    TrailStep,
};
use waylaid_model::{Coverage, Rule, System};

/// Who is stuck.
pub fn stuck(answer: &StuckAnswer) -> String {
    let (mut text, cohort) = (Text::default(), &answer.cohort);
    text.must(
        &Line::default()
            .number(cohort.count)
            .say(" stuck of entity ")
            .data(&answer.entity, 60)
            .say(", ")
            .number(cohort.control)
            .say(" completed, ")
            .number(cohort.in_flight)
            .say(" in flight, ")
            .number(cohort.other)
            .say(" otherwise ended, ")
            .number(cohort.aged_out)
            .say(" too old to follow"),
    );
    for group in &answer.groups {
        let line = Line::default().number(group.count).say(" last seen at ").data(&group.last_good, 80);
        let line = line.say(", missing ").data(&group.missing, 160).say(" such as ");
        text.item("groups", &line.data(&group.samples.join(", "), 120));
    }
    for s in &answer.states {
        let mut line = Line::new("state ").data(&s.state, 60).say(" ").number(s.count);
        if s.stuck > 0 {
            line = line.say(", ").number(s.stuck).say(" for long enough");
        }
        if let (Some(oldest), Some(newest)) = (s.oldest, s.newest) {
            line = line.say(", entered ").time(oldest).say(" to ").time(newest);
        }
        text.item("states", &line);
    }
    notes(&mut text, &answer.notes);
    text.finish(&tail::coverage(&answer.coverage))
}

fn notes(text: &mut Text, notes: &[String]) {
    for note in notes {
        text.item("notes", &Line::new("note ").data(note, 200));
    }
}

/// A trail, its steps from a cursor on.
pub fn trail(answer: &TrailAnswer, from: usize) -> Answer {
    let mut text = Text::default();
    let mut head = Line::default().data(&format!("{} {}", answer.entity, answer.key), 120);
    head = match answer.ends.as_deref() {
        _ if answer.steps.is_empty() => head.say(" is found in no store"),
        Some("complete") => head.say(" is complete"),
        Some(hop) => head.say(" ENDS before ").data(hop, 160),
        None => head.say(" was followed; no flow is known to compare it with"),
    };
    if let Some(state) = &answer.state {
        head = head.say(", state ").data(state, 60);
    }
    if !answer.aliases.is_empty() {
        head = head.say(", also ").data(&answer.aliases.join(", "), 160);
    }
    text.must(&head);
    let mut shown = from;
    for step in answer.steps.iter().skip(from) {
        let line = self::step(step);
        if shown > from && !text.fits(&line) {
            break;
        }
        text.must(&line);
        shown += 1;
    }
    notes(&mut text, &answer.notes);
    let next = (shown < answer.steps.len()).then_some(shown);
    let tail = if answer.steps.is_empty() {
        tail::searched(&answer.coverage)
    } else {
        paged(from, shown, answer.steps.len() as u64, "steps")
    };
    Answer { text: text.finish(&tail.then(&tail::coverage(&answer.coverage))), next }
}

/// `steps 0 to 12 of 40`.
fn paged(from: usize, shown: usize, all: u64, what: &'static str) -> Line {
    Line::new(what).say(" ").number(from as u64).say(" to ").number(shown as u64).say(" of ").number(all)
}

fn step(s: &TrailStep) -> Line {
    let mut line = Line::default();
    if let Some(at) = s.at {
        line = line.time(at).say(" ");
    }
    let node = match s.service.as_deref().filter(|service| *service != s.node) {
        Some(service) => format!("{} ({service})", s.node),
        None => s.node.clone(),
    };
    let level = s.level.as_deref().filter(|l| matches!(*l, "ERROR" | "FATAL" | "WARN")).unwrap_or_default();
    line = line.data(&format!("{node} {level} {}: {}", s.reference, s.text), 320);
    if let Some(key) = &s.key {
        line = line.say(" as ").data(key, 60);
    }
    if s.repeats > 0 {
        line = line.say(" and ").number(s.repeats).say(" more like it");
    }
    line
}

/// Counts, then matches from a cursor on. `answer` holds all matches up to its limit. Where only some fields of records are
/// shown, each record has a short line of its own.
pub fn search(answer: &SearchAnswer, from: usize, are_fields: bool) -> Answer {
    let mut text = Text::default();
    text.must(&Line::default().count(answer.matched, "match", "matches"));
    for (store, target, count) in answer.counts.iter().filter(|(_, _, n)| *n > 0 && from == 0) {
        text.item(
            "places",
            &Line::default().number(*count).say(" in ").data(&format!("{store}:{target}"), 100),
        );
    }
    let hits = answer.hits.get(from..).unwrap_or_default();
    let mut shown = from;
    let lines: Vec<(Line, usize)> = if are_fields {
        messages(hits)
    } else {
        folded(hits).into_iter().map(|(hit, alike)| (self::hit(hit, alike), alike)).collect()
    };
    for (line, alike) in lines {
        if shown > from && !text.fits(&line) {
            break;
        }
        text.must(&line);
        shown += 1 + alike;
    }
    let next = (u64::try_from(shown).unwrap_or(u64::MAX) < answer.matched).then_some(shown);
    let tail = match answer.matched {
        0 => tail::searched(&answer.coverage),
        all => paged(from, shown, all, "matches"),
    };
    Answer { text: text.finish(&tail.then(&tail::coverage(&answer.coverage))), next }
}

/// Records as short lines: what many of them share, the topic and the day, is said once, before the first of these.
fn messages(hits: &[SearchHit]) -> Vec<(Line, usize)> {
    let mut head: Option<(&str, String)> = None;
    let line = |hit| {
        let (topic, place) = hit_place(hit);
        let (day, moment) = hit.at.map(|at| at.to_string()).map_or_else(Default::default, |at| {
            let (day, moment) = at.split_once('T').unwrap_or((&at, ""));
            (day.to_owned(), moment.trim_end_matches('Z').to_owned())
        });
        let said = format!("{place} {moment} {}", hit.text);
        let line = Line::default().data(&said, 360);
        if head.as_ref().is_some_and(|(t, d)| (*t, d) == (topic, &day)) {
            return (line, 0);
        }
        let first =
            Line::new("partition@offset of ").data(&format!("{topic}/ {day}"), 120).say(":").then(&line);
        head = Some((topic, day));
        (first, 0)
    };
    hits.iter().map(line).collect()
}

/// A record's topic, and its place there.
fn hit_place(hit: &SearchHit) -> (&str, &str) {
    hit.reference.rsplit_once('/').unwrap_or(("", &hit.reference))
}

fn hit(hit: &SearchHit, alike: usize) -> Line {
    let mut line = Line::default();
    if let Some(at) = hit.at {
        line = line.time(at).say(" ");
    }
    line = line.data(&format!("{}: {}", hit.reference, hit.text), 360);
    match alike {
        0 => line,
        n => line.say(" and ").number(n as u64).say(" more that differ in numbers only"),
    }
}

/// Hits that follow each other and look alike, as the first of them and how many more.
fn folded(hits: &[SearchHit]) -> Vec<(&SearchHit, usize)> {
    let mut folded: Vec<(&SearchHit, usize, String)> = Vec::new();
    for hit in hits {
        let look = look(hit);
        match folded.last_mut() {
            Some((_, alike, same)) if *same == look => *alike += 1,
            _ => folded.push((hit, 0, look)),
        }
    }
    folded.into_iter().map(|(hit, alike, _)| (hit, alike)).collect()
}

/// So much of a text tells what it looks like.
const LOOK: usize = 160;

/// A hit without what numbers it: of a run of letters and digits that holds a digit, nothing is left.
fn look(hit: &SearchHit) -> String {
    let target = hit.reference.split(['/', '[', '@']).next().unwrap_or("");
    let mut look = format!("{target} ");
    for word in hit.text.split_inclusive(|c: char| !c.is_alphanumeric()) {
        let end = word.trim_end_matches(char::is_alphanumeric);
        if word.contains(|c: char| c.is_ascii_digit()) {
            look.extend(std::iter::once('#').chain(end.chars().last()));
        } else {
            look.push_str(word);
        }
        // Where a text was cut off depends on its numbers: its begin must do.
        if look.len() > LOOK {
            break;
        }
    }
    look
}

/// Error groups from a cursor on, those that matter most first.
pub fn problems(answer: &ProblemsAnswer, from: usize) -> Answer {
    let mut text = Text::default();
    let mut head = Line::default().count(answer.count, "problem", "problems").say(" in ");
    head = head.count(answer.events, "event", "events").say(", ").number(answer.before).say(" before");
    for (words, window) in [("; window ", Some(answer.window)), ("; against ", answer.baseline)] {
        if let Some((from, until)) = window.and_then(|w| w.from.zip(w.until)) {
            head = head.say(words).time(from).say(" to ").time(until);
        }
    }
    text.must(&head);
    let mut shown = from;
    for p in answer.problems.iter().skip(from) {
        let line = problem(answer, p);
        if shown > from && !text.fits(&line) {
            break;
        }
        text.must(&line);
        shown += 1;
    }
    notes(&mut text, &answer.notes);
    let next = (shown > from && u64::try_from(shown).unwrap_or(u64::MAX) < answer.count).then_some(shown);
    let tail = match answer.count {
        0 => tail::searched(&answer.coverage),
        all => paged(from, shown, all, "problems"),
    };
    Answer { text: text.finish(&tail.then(&tail::coverage(&answer.coverage))), next }
}

fn problem(answer: &ProblemsAnswer, p: &Problem) -> Line {
    let mut line = Line::default().number(p.count).say(" times, ");
    line = match p.onset.as_str() {
        "new" => line.say("NEW"),
        "more" => line.say("MORE than the ").number(p.before).say(" before"),
        "as_ever" => line.say("as ever"),
        _ => line.say("nothing to compare with"),
    };
    if let Some(since) = p.since {
        line = line.say(" since ").time(since);
    }
    let services: Vec<&str> = p.services.iter().take(4).map(|(s, _)| s.as_str()).collect();
    line = line.say(" in ").data(&services.join(", "), 100);
    if let Some(hits) = &p.entities {
        line = line
            .say(", names ")
            .number(hits.stuck)
            .say(" stuck and ")
            .number(hits.completed)
            .say(" completed");
    }
    line = line.then(&Line::new(" ").data(p.chain.as_ref().unwrap_or(&p.template), 260));
    if !p.frames.is_empty() {
        line = line.then(&Line::new(" frames ").data(&p.frames.join(" < "), 200));
    }
    match p.evidence.first().and_then(|id| answer.evidence.get(id)) {
        Some(e) => line.then(&Line::new(" such as ").data(&e.reference, 160)),
        None => line,
    }
}

/// The learnt flow.
pub fn flow(answer: &FlowAnswer) -> String {
    let mut text = Text::default();
    let head = Line::new("flow of ").data(&answer.entity, 60).say(", learnt from ");
    text.must(&head.number(answer.learnt_from).say(" completed"));
    for h in &answer.hops {
        let mut line = hop(h).say(", ").number(h.control_passed).say(" completed");
        if let Some(ms) = h.typical_ms {
            line = line.say(", typically ").number(ms).say(" ms");
        }
        if let Some(ms) = h.slow_ms {
            line = line.say(", slow ").number(ms).say(" ms");
        }
        text.item("hops", &line);
    }
    for (way, count) in answer.variants.iter().take(6) {
        text.item("ways", &Line::new("way of ").number(*count).say(" ").data(way, 300));
    }
    text.leave_out("ways", answer.variants.len().saturating_sub(6));
    notes(&mut text, &answer.notes);
    text.finish(&tail::coverage(&answer.coverage))
}

/// What the stores hold, where keys show, what is missing.
pub fn check(answer: &CheckAnswer) -> String {
    let mut text = Text::default();
    let failed = answer.stores.iter().filter(|s| !s.ok).count() as u64;
    let head = Line::new("system ").data(&answer.system, 60).say(": ").count(
        answer.stores.len() as u64,
        "store",
        "stores",
    );
    text.must(&head.say(", ").number(failed).say(" of them cannot be read"));
    for s in &answer.stores {
        let words = if s.ok { " holds " } else { " CANNOT BE READ " };
        text.item("stores", &Line::default().data(&s.store, 60).say(words).data(&s.holds, 300));
    }
    for missing in &answer.missing {
        text.item("missing", &Line::new("missing for a full verdict ").data(missing, 240));
    }
    for (service, found) in &answer.services {
        text.item("services", &Line::new("service ").data(&format!("{service}: {found}"), 160));
    }
    for b in &answer.bindings {
        let what = format!("{} {} {} = {}: {}", b.store, b.target, b.place, b.key, b.why);
        text.item("bindings", &Line::new("binding ").data(&what, 200));
    }
    for skew in &answer.skew {
        text.item("clocks", &Line::new("clock ").data(skew, 160));
    }
    text.finish(&tail::coverage(&answer.coverage))
}

/// What is configured, without a look into any store; the newest cases.
pub fn system(system: &System, cases: &[String], failed: &[Coverage]) -> String {
    let mut text = Text::default();
    text.must(&Line::new("system ").data(&system.name, 60).say(", as configured"));
    for e in &system.entities {
        let home = e
            .tables
            .first()
            .map(|(c, _)| format!("{}.{}.{}", c.store, c.table, c.column))
            .unwrap_or_default();
        let mut line = Line::new("entity ").data(&e.name, 60).say(", key ").data(&home, 120);
        for (words, rule) in [(", stuck when ", &e.stuck), (", done when ", &e.done)] {
            if let Some(rule) = rule {
                line = line.say(words).data(&rule_text(rule), 160);
            }
        }
        text.item("entities", &line);
    }
    for (name, stores) in [("logs", &system.logs), ("topics", &system.topics), ("tables", &system.tables)] {
        for s in stores {
            text.item("stores", &Line::new("store ").data(&format!("{name}.{}", s.name), 80));
        }
    }
    for s in &system.services {
        let code = if s.code.is_some() { ", with code" } else { ", without code" };
        text.item("services", &Line::new("service ").data(&s.name, 80).say(code));
    }
    for f in failed {
        text.item("stores that cannot be opened", &tail::one(f));
    }
    let mut line = Line::default().count(cases.len() as u64, "case", "cases").say(" stored");
    for case in cases.iter().take(8) {
        line = line.say(" ").id(case);
    }
    text.finish(
        &line.then(&Line::new("coverage: the configuration only; about \"stores\" looks into the stores")),
    )
}

fn rule_text(rule: &Rule) -> String {
    let minutes = rule.for_nanos / 60_000_000_000;
    let values = if rule.null.is_some() { rule.wants() } else { rule.equals.join(" or ") };
    let stays = if minutes > 0 { format!(" for {minutes}m") } else { String::new() };
    format!("{}.{}.{} = {values}{stays}", rule.column.store, rule.column.table, rule.column.column)
}
