//! What both drawings need: escaping, lengths, text that fits.

use std::fmt::Write as _;

/// An SVG in the making.
pub struct Svg {
    out: String,
}

impl Svg {
    /// Starts a drawing with an accessible name and description.
    pub fn new(width: u32, height: u32, class: &str, title: &str, description: &str) -> Self {
        let mut out = String::new();
        let _ = write!(
            out,
            "<svg class=\"{class}\" viewBox=\"0 0 {width} {height}\" role=\"img\" xmlns=\"http://www.w3.org/2000/svg\">\
             <title>{}</title><desc>{}</desc>",
            escape(title),
            escape(description)
        );
        Self { out }
    }

    /// A line or curve.
    pub fn path(&mut self, class: &str, d: &str, width: f64) {
        let _ = write!(self.out, "<path class=\"{class}\" d=\"{d}\" stroke-width=\"{width:.1}\"/>");
    }

    /// A circle; a title shows when pointed at.
    pub fn circle(&mut self, class: &str, x: f64, y: f64, r: f64, title: &str) {
        let _ = write!(
            self.out,
            "<circle class=\"{class}\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"{r:.1}\"><title>{}</title></circle>",
            escape(title)
        );
    }

    /// A rectangle.
    pub fn rect(&mut self, class: &str, [x, y, w, h]: [f64; 4], title: &str) {
        let _ = write!(
            self.out,
            "<rect class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\" width=\"{w:.1}\" height=\"{h:.1}\" rx=\"3\">\
             <title>{}</title></rect>",
            escape(title)
        );
    }

    /// Text that starts, ends or is centred at x (`start`, `end`, `middle`).
    pub fn text(&mut self, class: &str, x: f64, y: f64, anchor: &str, text: &str) {
        let _ = write!(
            self.out,
            "<text class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\">{}</text>",
            escape(text)
        );
    }

    /// Opens a link inside the page.
    pub fn open_link(&mut self, id: &str) {
        let _ = write!(self.out, "<a href=\"#{}\">", escape(id));
    }

    /// Closes it.
    pub fn close_link(&mut self) {
        self.out.push_str("</a>");
    }

    /// The whole drawing.
    pub fn finish(mut self) -> String {
        self.out.push_str("</svg>");
        self.out
    }
}

/// Text as it may stand in markup and in an attribute.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in crate::clean::line(text).chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

/// Cut in the middle to so many characters: begin and end of a name tell it apart.
pub fn fit(text: &str, columns: usize) -> String {
    let text = crate::clean::line(text);
    let count = text.chars().count();
    if count <= columns || columns < 5 {
        return text;
    }
    let tail = (columns - 1) / 2;
    let head = columns - 1 - tail;
    let begin: String = text.chars().take(head).collect();
    let end: String = text.chars().skip(count - tail).collect();
    format!("{begin}…{end}")
}
