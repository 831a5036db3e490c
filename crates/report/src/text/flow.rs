//! The flow drawn with characters: a node a line, a hop between two, a mark where it breaks.

use crate::flow::{Edge, Graph};
use crate::page::{Label, Page, Span, WIDTH, pad, pad_left, span, width};
use crate::{clean, words};
use waylaid_model::{Diagnosis, HopCount};

/// Columns of the four figures at the right.
const FIGURES: [usize; 4] = [8, 11, 10, 10];

/// The section of a diagnosis.
pub(super) fn section(page: &mut Page, diagnosis: &Diagnosis) {
    if diagnosis.flow.is_empty() {
        return;
    }
    let noun = words::noun(&diagnosis.question);
    head(page, &noun, "stuck");
    drawing(page, &diagnosis.flow, diagnosis.cohort.count > 0, |hop| {
        let ids: Vec<_> = words::causes_at(diagnosis, hop).map(|c| clean::line(&c.id)).collect();
        ids.join(", ")
    });
}

/// The head of the columns.
pub(super) fn head(page: &mut Page, noun: &str, first: &str) {
    page.gap();
    let title = format!("FLOW  {noun}");
    let figures: String = [first, "completed", "typical", "slow"]
        .iter()
        .zip(FIGURES)
        .map(|(text, columns)| pad_left(text, columns))
        .collect();
    let room = WIDTH - figures.len();
    page.line([
        span(Label::Heading, "FLOW"),
        span(Label::Dim, pad(&clean::short(&title[4..], room - 5), room - 4)),
        span(Label::Dim, figures),
    ]);
}

/// The drawing. With `breaks`, hops that lose entities are marked; `causes` names the causes at a hop.
pub(super) fn drawing(page: &mut Page, hops: &[HopCount], breaks: bool, causes: impl Fn(&str) -> String) {
    let graph = Graph::new(hops);
    let mut edges: Vec<&Edge> = graph.edges.iter().collect();
    edges.sort_by_key(|e| (e.to.max(e.from), e.from));
    // Where causes name hops, the others are behind these, or on nobody's way.
    let is_named = hops.iter().any(|h| !causes(&h.hop).is_empty());
    let mut at = None;
    let mut drawn = vec![false; graph.nodes.len()];
    for edge in edges {
        if edge.from == edge.to && drawn[edge.to] {
            continue;
        }
        if at != Some(edge.from) && edge.from != edge.to {
            let again = std::mem::replace(&mut drawn[edge.from], true);
            node(page, &graph, edge.from, if again { "┬" } else { "●" }, again);
        }
        let told = causes(&edge.hop.hop);
        hop(page, &edge.hop, breaks && (!is_named || !told.is_empty()), &told);
        let again = std::mem::replace(&mut drawn[edge.to], true);
        let mark = match (again, breaks && graph.nodes[edge.to].stuck == 0) {
            (true, _) => "↑",
            (false, true) => "○",
            (false, false) => "●",
        };
        node(page, &graph, edge.to, mark, again);
        at = Some(edge.to);
    }
}

fn node(page: &mut Page, graph: &Graph, index: usize, mark: &str, again: bool) {
    let node = &graph.nodes[index];
    let completed = node.completed.map(words::number).unwrap_or_default();
    let figures = if again { [String::new(), String::new()] } else { [words::number(node.stuck), completed] };
    let room = WIDTH - FIGURES.iter().sum::<usize>() - 5;
    let name = if again { format!("{} (as above)", node.name) } else { node.name.clone() };
    page.line([
        span(if mark == "○" { Label::Dim } else { Label::Plain }, format!("  {mark} ")),
        span(if again { Label::Dim } else { Label::Strong }, pad(&clean::short(&name, room), room + 1)),
        span(Label::Plain, pad_left(&figures[0], FIGURES[0])),
        span(Label::Dim, pad_left(&figures[1], FIGURES[1])),
    ]);
}

fn hop(page: &mut Page, hop: &HopCount, breaks: bool, causes: &str) {
    let lost = if breaks { words::lost(hop) } else { 0 };
    let service = clean::short(hop.service.as_deref().unwrap_or(""), 32);
    let mut spans: Vec<Span> = Vec::new();
    if lost == 0 {
        spans.push(span(Label::Dim, format!("  │   {service}")));
    } else {
        spans.push(span(Label::Bad, "  ✗   "));
        spans.push(span(Label::Strong, format!("{service}  ")));
        let of = format!("◄ {} of {} stop here", words::number(lost), words::number(hop.reached));
        spans.push(span(Label::Bad, of));
        if !causes.is_empty() {
            spans.push(span(Label::Id, format!(" ({})", clean::short(causes, 20))));
        }
    }
    let times = [words::millis(hop.typical_ms), words::millis(hop.slow_ms)];
    if times.iter().any(|t| !t.is_empty()) {
        let used: usize = spans.iter().map(|s| width(&s.text)).sum();
        let start = WIDTH - FIGURES[2] - FIGURES[3];
        let figures = format!("{}{}", pad_left(&times[0], FIGURES[2]), pad_left(&times[1], FIGURES[3]));
        let fill = " ".repeat(start.saturating_sub(used));
        spans.push(span(Label::Dim, format!("{fill}{figures}")));
    }
    page.line(spans);
}
