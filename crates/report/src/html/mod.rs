//! The case as one HTML page: no script, no other file, light and dark, wide and narrow, on screen and on paper.

mod flow;
mod svg;
mod timeline;
mod view;

use askama::Template as _;
use waylaid_model::Diagnosis;

const WIDE: u32 = 960;
const NARROW: u32 = 380;

/// The page. CSVs that lie beside it are linked.
pub fn page(diagnosis: &Diagnosis) -> Result<String, std::fmt::Error> {
    let mut view = view::View::new(diagnosis);
    view.flow = [WIDE, NARROW].map(|w| flow::draw(diagnosis, w)).concat();
    view.timeline = [WIDE, NARROW].map(|w| timeline::draw(diagnosis, w)).concat();
    let html = view.render().map_err(|_| std::fmt::Error)?;
    // Blank lines are what the template's control lines leave behind.
    let mut out = String::with_capacity(html.len());
    for line in html.lines().filter(|l| !l.trim().is_empty()) {
        out.push_str(line.trim_end());
        out.push('\n');
    }
    Ok(out)
}
