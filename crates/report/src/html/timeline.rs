//! Evidence in time: a bar an error group from its first to its last event, a dot a dated piece of evidence, a line
//! where it began.

use super::svg::{Svg, fit};
use crate::{clean, words};
use std::collections::BTreeSet;
use waylaid_model::{Diagnosis, EvidenceId, Reference, Timestamp};

const LEFT: f64 = 14.0;
const TRACK: f64 = 46.0;
const TOP: f64 = 44.0;

/// A row of the drawing.
struct Track {
    label: String,
    bar: Option<(Timestamp, Timestamp, bool)>,
    dots: Vec<(Timestamp, EvidenceId, String)>,
}

/// Scale from times to the drawing.
struct Scale {
    from: i64,
    until: i64,
    width: f64,
}

impl Scale {
    fn x(&self, at: Timestamp) -> f64 {
        let share = (at.0.saturating_sub(self.from)) as f64 / (self.until - self.from).max(1) as f64;
        LEFT + share.clamp(0.0, 1.0) * (self.width - 2.0 * LEFT)
    }
}

/// The drawing, `width` units wide; empty when nothing is dated.
pub fn draw(diagnosis: &Diagnosis, width: u32) -> String {
    let tracks = tracks(diagnosis);
    let times: Vec<Timestamp> = tracks
        .iter()
        .flat_map(|t| t.bar.iter().flat_map(|b| [b.0, b.1]).chain(t.dots.iter().map(|d| d.0)))
        .collect();
    let (Some(first), Some(last)) = (times.iter().min(), times.iter().max()) else { return String::new() };
    let pad = (last.since(*first) / 30).max(1_000_000_000);
    let scale = Scale {
        from: first.0.saturating_sub(pad),
        until: last.0.saturating_add(pad),
        width: f64::from(width),
    };
    let height = TOP + TRACK * tracks.len() as f64 + 30.0;
    let class = if width < 600 { "drawing narrow" } else { "drawing wide" };
    let description = format!("{} to {} (UTC)", words::moment(*first), words::moment(*last));
    let mut svg = Svg::new(width, height as u32, class, "Timeline of the evidence", &description);
    axis(&mut svg, &scale, height);
    onset(&mut svg, &scale, diagnosis, height);
    let cited = cited(diagnosis);
    let refuting: BTreeSet<&EvidenceId> = diagnosis.ruled_out.iter().flat_map(|r| &r.evidence).collect();
    for (number, track) in tracks.iter().enumerate() {
        let y = TOP + TRACK * number as f64;
        let room = ((scale.width - 2.0 * LEFT) / 7.0) as usize;
        svg.text("small dim halo", LEFT, y + 14.0, "start", &fit(&track.label, room));
        let line = y + 30.0;
        svg.path("track", &format!("M{LEFT:.1} {line:.1} L{:.1} {line:.1}", scale.width - LEFT), 1.0);
        if let Some((from, until, guilty)) = track.bar {
            let (x1, x2) = (scale.x(from), scale.x(until));
            let class = if guilty { "bar guilty" } else { "bar" };
            let title = format!("{} to {}", words::moment(from), words::moment(until));
            svg.rect(class, [x1 - 2.0, line - 5.0, (x2 - x1).max(2.0) + 4.0, 10.0], &title);
        }
        dots(&mut svg, &scale, track, line, &cited, &refuting);
    }
    svg.finish()
}

fn cited(diagnosis: &Diagnosis) -> BTreeSet<&EvidenceId> {
    diagnosis.verdict.causes.iter().flat_map(|c| &c.evidence).collect()
}

/// Error groups first, then the places that evidence comes from, in the order of the first piece.
fn tracks(diagnosis: &Diagnosis) -> Vec<Track> {
    let guilty: BTreeSet<&str> =
        diagnosis.verdict.causes.iter().filter_map(|c| c.problem.as_deref()).collect();
    let mut tracks: Vec<Track> = Vec::new();
    for problem in &diagnosis.problems {
        let (Some(first), Some(last)) = (problem.first, problem.last) else { continue };
        tracks.push(Track {
            label: format!(
                "{} {} · {} · {} events · hits {} stuck, {} completed",
                problem.id,
                problem.service,
                problem.kind,
                words::number(problem.count),
                words::number(problem.hits_stuck),
                words::number(problem.hits_completed)
            ),
            bar: Some((first, last, guilty.contains(problem.id.as_str()))),
            dots: Vec::new(),
        });
    }
    let bars = tracks.len();
    let mut dated: Vec<_> = diagnosis.evidence.iter().filter_map(|(id, e)| Some((e.at?, id, e))).collect();
    dated.sort_by_key(|(at, id, _)| (*at, *id));
    for (at, id, evidence) in dated {
        let label = place(&evidence.address);
        let dot = (at, id.clone(), clean::short(&evidence.text, 160));
        match tracks[bars..].iter_mut().find(|t| t.label == label) {
            Some(track) => track.dots.push(dot),
            None => tracks.push(Track { label, bar: None, dots: vec![dot] }),
        }
    }
    tracks
}

/// The place a piece of evidence comes from.
fn place(at: &Reference) -> String {
    match at {
        Reference::LogLine { file, .. } => format!("log {}", file.split('/').next().unwrap_or(file)),
        Reference::Record { topic, .. } => format!("topic {topic}"),
        Reference::Row { store, table, .. } => {
            format!("table {}.{table}", store.strip_prefix("tables.").unwrap_or(store))
        }
        Reference::Code { repo, .. } => format!("code {repo}"),
        Reference::Group { group, .. } => format!("group {group}"),
        Reference::Target { store, target } => format!("{store}:{target}"),
    }
}

fn dots(
    svg: &mut Svg,
    scale: &Scale,
    track: &Track,
    line: f64,
    cited: &BTreeSet<&EvidenceId>,
    refuting: &BTreeSet<&EvidenceId>,
) {
    for (number, (at, id, text)) in track.dots.iter().enumerate() {
        let x = scale.x(*at);
        let class = if cited.contains(id) {
            "dot guilty"
        } else if refuting.contains(id) {
            "dot refuting"
        } else {
            "dot"
        };
        svg.open_link(&id.0);
        svg.circle(class, x, line, 5.5, &format!("{id} {} {text}", words::moment(*at)));
        // Of dots that lie close together, the last one has room for its id.
        if track.dots.get(number + 1).is_none_or(|next| scale.x(next.0) - x > 30.0) {
            let (anchor, tx) = if x > scale.width - 40.0 { ("end", x - 9.0) } else { ("start", x + 9.0) };
            svg.text("tiny halo", tx, line + 4.0, anchor, &id.0);
        }
        svg.close_link();
    }
}

/// Round times along the top.
fn axis(svg: &mut Svg, scale: &Scale, height: f64) {
    const STEPS: [i64; 17] =
        [1, 5, 10, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400, 604_800];
    let wanted = if scale.width < 600.0 { 4 } else { 8 };
    let span = (scale.until - scale.from) / 1_000_000_000;
    let step = STEPS.into_iter().find(|s| span / s <= wanted).unwrap_or(2_592_000) * 1_000_000_000;
    let mut at = scale.from.div_euclid(step).saturating_add(1).saturating_mul(step);
    let days = scale.until.div_euclid(86_400_000_000_000) != scale.from.div_euclid(86_400_000_000_000);
    while at < scale.until {
        let time = Timestamp(at);
        let x = scale.x(time);
        svg.path("grid", &format!("M{x:.1} 26 L{x:.1} {:.1}", height - 20.0), 1.0);
        let text = words::moment(time);
        let label = match (days, step >= 86_400_000_000_000) {
            (_, true) => &text[5..10],
            (true, _) => &text[5..16],
            _ if step < 60_000_000_000 => &text[11..19],
            _ => &text[11..16],
        };
        let inside = x > 24.0 && x < scale.width - 24.0;
        if inside {
            svg.text("tiny dim", x, 18.0, "middle", label);
        }
        at = at.saturating_add(step);
    }
}

/// When the error groups of the causes began.
fn onset(svg: &mut Svg, scale: &Scale, diagnosis: &Diagnosis, height: f64) {
    let guilty: BTreeSet<&str> =
        diagnosis.verdict.causes.iter().filter_map(|c| c.problem.as_deref()).collect();
    let first =
        diagnosis.problems.iter().filter(|p| guilty.contains(p.id.as_str())).filter_map(|p| p.first).min();
    let Some(first) = first else { return };
    let x = scale.x(first);
    svg.path("onset", &format!("M{x:.1} 26 L{x:.1} {:.1}", height - 18.0), 1.5);
    let anchor = if x > scale.width * 0.7 { "end" } else { "start" };
    svg.text("tiny bad", x, height - 5.0, anchor, &format!("onset {}", words::moment(first)));
}
