//! The flow as a drawing: a rail down the page for what completed, a band on it as thick as the share of the stuck, and
//! a stop where it breaks.

use super::svg::{Svg, fit};
use crate::flow::{Edge, Graph};
use crate::words;
use waylaid_model::Diagnosis;

const TOP: f64 = 52.0;
const LANE: f64 = 54.0;
/// On a narrow drawing names need this much room; lanes move together to leave it.
const NAMES: f64 = 190.0;
const LEFT: f64 = 36.0;
const BAND: f64 = 24.0;
const LABEL: f64 = 20.0;
/// From the last lane to the text.
const TEXT: f64 = 36.0;

struct Drawing<'a> {
    diagnosis: &'a Diagnosis,
    graph: Graph,
    svg: Svg,
    width: f64,
    narrow: bool,
    most: f64,
    rows: Vec<f64>,
    /// Where the first lane is; further in when hops lead back along the left side.
    left: f64,
}

/// The drawing, `width` units wide; under 600 the figures go below the names.
pub fn draw(diagnosis: &Diagnosis, width: u32) -> String {
    let graph = Graph::new(&diagnosis.flow);
    if graph.nodes.is_empty() {
        return String::new();
    }
    let narrow = width < 600;
    let rows = rows(&graph, narrow);
    let height = rows.last().copied().unwrap_or(TOP) + if narrow { 46.0 } else { 34.0 };
    let noun = words::noun(&diagnosis.question);
    let class = if narrow { "drawing narrow" } else { "drawing wide" };
    let svg = Svg::new(width, height as u32, class, &format!("Flow of an {noun}"), &description(diagnosis));
    let most = graph.nodes.iter().map(|n| n.stuck).max().unwrap_or(0).max(1) as f64;
    let around = graph.edges.iter().any(|e| e.from != e.to && goes_around(&graph, e));
    let left = LEFT + if around { 20.0 } else { 0.0 };
    let mut drawing = Drawing { diagnosis, graph, svg, width: f64::from(width), narrow, most, rows, left };
    drawing.head();
    drawing.rails();
    drawing.bands();
    drawing.nodes();
    drawing.labels();
    drawing.svg.finish()
}

/// What the drawing shows, in words.
fn description(diagnosis: &Diagnosis) -> String {
    let hops = diagnosis.flow.iter().map(|h| {
        format!("{}: {} of {} stuck pass, {} completed pass", h.hop, h.passed, h.reached, h.control_passed)
    });
    hops.collect::<Vec<_>>().join("; ")
}

/// Where each node's row is: below a gap with room for the labels of all hops that lead to it.
fn rows(graph: &Graph, narrow: bool) -> Vec<f64> {
    let mut y = TOP;
    let mut rows = Vec::new();
    for node in 0..graph.nodes.len() {
        let above: f64 = incoming(graph, node).map(|e| lines(e, narrow)).sum();
        if node > 0 {
            y += (LABEL * above + if narrow { 58.0 } else { 50.0 }).max(70.0);
        }
        rows.push(y);
    }
    rows
}

/// Lines that an edge's label takes: on a narrow drawing, a broken hop's says its service below.
fn lines(edge: &Edge, narrow: bool) -> f64 {
    if narrow && words::lost(&edge.hop) > 0 { 2.0 } else { 1.0 }
}

/// Whether an edge cannot go straight: it leads back up, or past nodes of its own lane.
fn goes_around(graph: &Graph, edge: &Edge) -> bool {
    let lane = graph.nodes[edge.from].lane;
    let passes = (edge.from + 1..edge.to).any(|n| graph.nodes[n].lane == lane);
    edge.to < edge.from || (graph.nodes[edge.to].lane == lane && passes)
}

fn incoming(graph: &Graph, node: usize) -> impl Iterator<Item = &Edge> {
    graph.edges.iter().filter(move |e| e.to == node && e.from != node)
}

impl Drawing<'_> {
    fn x(&self, node: usize) -> f64 {
        self.left + self.graph.nodes[node].lane as f64 * self.lane()
    }

    /// From lane to lane.
    fn lane(&self) -> f64 {
        let between = self.graph.width().max(1) - 1;
        if !self.narrow || between == 0 {
            return LANE;
        }
        ((self.width - NAMES - self.left - TEXT) / between as f64).clamp(BAND, LANE)
    }

    fn text_x(&self) -> f64 {
        self.left + (self.graph.width().max(1) - 1) as f64 * self.lane() + TEXT
    }

    fn thickness(&self, count: u64) -> f64 {
        if count == 0 { 0.0 } else { (count as f64 / self.most * BAND).max(2.5) }
    }

    fn head(&mut self) {
        if !self.narrow {
            self.svg.text("dim small", self.width - 150.0, 18.0, "end", "stuck");
            self.svg.text("dim small", self.width - 20.0, 18.0, "end", "completed");
        }
    }

    /// The way of an edge: straight inside a lane, else a bend near the end that lies on the other lane.
    fn way(&self, edge: &Edge, until: f64) -> String {
        let (x1, y1) = (self.x(edge.from), self.rows[edge.from]);
        let (x2, y2) = (self.x(edge.to), self.rows[edge.to]);
        let (lane, target) = (self.graph.nodes[edge.from].lane, self.graph.nodes[edge.to].lane);
        if goes_around(&self.graph, edge) {
            let x = self.left - 54.0;
            let bend = if y2 > y1 { 24.0 } else { -24.0 };
            return format!(
                "M{x1:.1} {y1:.1} C{x:.1} {:.1} {x:.1} {:.1} {x2:.1} {y2:.1}",
                y1 + bend,
                y2 - bend
            );
        }
        let end = y1 + (y2 - y1) * until;
        if lane == target {
            return format!("M{x1:.1} {y1:.1} L{x2:.1} {end:.1}");
        }
        let bend = 56.0_f64.min(y2 - y1);
        if target > lane {
            let down = y1 + bend;
            let middle = y1 + bend / 2.0;
            format!(
                "M{x1:.1} {y1:.1} C{x1:.1} {middle:.1} {x2:.1} {middle:.1} {x2:.1} {down:.1} L{x2:.1} {:.1}",
                end.max(down)
            )
        } else {
            let from = y2 - bend;
            let middle = y2 - bend / 2.0;
            if until < 1.0 {
                return format!("M{x1:.1} {y1:.1} L{x1:.1} {:.1}", from.max(y1 + 8.0));
            }
            format!(
                "M{x1:.1} {y1:.1} L{x1:.1} {from:.1} C{x1:.1} {middle:.1} {x2:.1} {middle:.1} {x2:.1} {y2:.1}"
            )
        }
    }

    /// What completed passes everywhere.
    fn rails(&mut self) {
        for edge in &self.graph.edges {
            if edge.from != edge.to {
                let class = if edge.to < edge.from { "rail back" } else { "rail" };
                let way = self.way(edge, 1.0);
                self.svg.path(class, &way, 3.0);
            }
        }
    }

    /// The stuck: as thick as their share; those that stop end on the way, in a stop.
    fn bands(&mut self) {
        if self.diagnosis.cohort.count == 0 {
            return;
        }
        let edges: Vec<Edge> = self.graph.edges.iter().filter(|e| e.from != e.to).cloned().collect();
        for edge in edges.iter().filter(|e| e.hop.passed > 0) {
            let (way, thick) = (self.way(edge, 1.0), self.thickness(edge.hop.passed));
            self.svg.path("band", &way, thick);
        }
        for edge in &edges {
            let lost = words::stops(self.diagnosis, &edge.hop);
            if lost > 0 {
                let (way, thick) = (self.way(edge, 0.5), self.thickness(lost));
                self.svg.path("band lost", &way, thick);
                let (x, y) = end_of(&way);
                self.svg.path("stop", &format!("M{:.1} {y:.1} L{:.1} {y:.1}", x - 19.0, x + 19.0), 6.0);
            }
        }
    }

    fn nodes(&mut self) {
        let (text_x, width, narrow) = (self.text_x(), self.width, self.narrow);
        for (index, node) in self.graph.nodes.clone().iter().enumerate() {
            let (x, y) = (self.x(index), self.rows[index]);
            let none = node.stuck == 0 && self.diagnosis.cohort.count > 0;
            self.svg.circle(if none { "node none" } else { "node" }, x, y, 9.0, &node.name);
            let room = if narrow { width - text_x - 8.0 } else { width - text_x - 250.0 };
            let name = fit(&node.name, (room / if narrow { 7.3 } else { 8.5 }) as usize);
            self.svg.text(if none { "name dim" } else { "name" }, text_x, y + 5.0, "start", &name);
            let completed = node.completed.map(words::number);
            if narrow {
                let completed = completed.map(|c| format!(" · {c} completed")).unwrap_or_default();
                let figures = format!("{} stuck{completed}", words::number(node.stuck));
                self.svg.text("dim small", text_x, y + 23.0, "start", &figures);
            } else {
                let class = if none { "figure dim" } else { "figure" };
                self.svg.text(class, width - 150.0, y + 5.0, "end", &words::number(node.stuck));
                self.svg.text("figure dim", width - 20.0, y + 5.0, "end", &completed.unwrap_or_default());
            }
        }
    }

    /// Service and time of each hop, above the node it leads to; where it breaks, how many and why.
    fn labels(&mut self) {
        let text_x = self.text_x();
        for node in 0..self.graph.nodes.len() {
            // The first label stands beside the heads of the figures.
            let margin = if node == 0 && !self.narrow { 210.0 } else { 8.0 };
            let room = ((self.width - text_x - margin) / 7.0) as usize;
            let edges: Vec<Edge> = incoming(&self.graph, node).cloned().collect();
            let count = edges.len();
            let all: f64 = edges.iter().map(|e| lines(e, self.narrow)).sum();
            let mut y = self.rows[node] - 30.0 - LABEL * all;
            for edge in &edges {
                y += LABEL;
                let lost =
                    if self.diagnosis.cohort.count > 0 { words::stops(self.diagnosis, &edge.hop) } else { 0 };
                let from =
                    (count > 1 || edge.from + 1 != node).then(|| self.graph.nodes[edge.from].name.clone());
                let label = label(edge, lost, from.as_deref(), self.narrow);
                if lost == 0 {
                    self.svg.text("dim small", text_x, y, "start", &fit(&label, room));
                    continue;
                }
                let cause = words::causes_at(self.diagnosis, &edge.hop.hop).next().map(|c| c.id.clone());
                if let Some(id) = &cause {
                    self.svg.open_link(id);
                }
                let ids: Vec<_> =
                    words::causes_at(self.diagnosis, &edge.hop.hop).map(|c| c.id.clone()).collect();
                let ids = if ids.is_empty() { String::new() } else { format!(" · {}", ids.join(", ")) };
                self.svg.text("bad small", text_x, y, "start", &fit(&format!("✗ {label}{ids}"), room));
                if cause.is_some() {
                    self.svg.close_link();
                }
                if self.narrow {
                    y += LABEL;
                    let service = edge.hop.service.clone().unwrap_or_default();
                    self.svg.text("bad small", text_x, y, "start", &fit(&format!("in {service}"), room));
                }
            }
        }
    }
}

fn label(edge: &Edge, lost: u64, from: Option<&str>, narrow: bool) -> String {
    let mut parts = Vec::new();
    if lost > 0 {
        parts.push(format!("{} of {} stop here", words::number(lost), words::number(edge.hop.reached)));
        if narrow {
            return parts.join("");
        }
    }
    parts.extend(edge.hop.service.clone());
    let typical = words::millis(edge.hop.typical_ms);
    let slow = words::millis(edge.hop.slow_ms);
    match (typical.is_empty(), narrow) {
        (true, _) => {}
        (false, true) => parts.push(typical),
        (false, false) => {
            parts.push(format!("typically {typical}"));
            parts.extend((!slow.is_empty()).then(|| format!("slow {slow}")));
        }
    }
    let back = if edge.to < edge.from { "back " } else { "" };
    parts.extend(from.filter(|_| !narrow || !back.is_empty()).map(|f| format!("{back}from {}", fit(f, 40))));
    parts.join(" · ")
}

/// The last point of a path.
fn end_of(way: &str) -> (f64, f64) {
    let mut numbers = way.rsplit([' ', 'L', 'M', 'C']).filter_map(|n| n.parse::<f64>().ok());
    let y = numbers.next().unwrap_or(0.0);
    (numbers.next().unwrap_or(0.0), y)
}
