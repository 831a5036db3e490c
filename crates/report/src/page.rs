//! Text with labels: what a face prints, line by line, no wider than [`WIDTH`].

use unicode_width::UnicodeWidthStr;

/// No line of a page is wider, except where one single word is.
pub const WIDTH: usize = 100;

/// What a stretch of text is; whoever prints decides how that looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Label {
    /// Text.
    #[default]
    Plain,
    /// The head of a section.
    Heading,
    /// Something to notice.
    Strong,
    /// In order.
    Good,
    /// Broken.
    Bad,
    /// To be careful about.
    Warn,
    /// Beside the point.
    Dim,
    /// An id or a place to look up.
    Id,
}

/// A stretch of text with its label. Its text is one line of visible characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    /// What it is.
    pub label: Label,
    /// What it says.
    pub text: String,
}

/// A span of cleaned text.
pub fn span(label: Label, text: impl AsRef<str>) -> Span {
    Span { label, text: keep_spaces(text.as_ref()) }
}

/// Plain text.
pub fn plain(text: impl AsRef<str>) -> Span {
    span(Label::Plain, text)
}

/// Cleans, but keeps the trailing spaces that columns are made of.
fn keep_spaces(text: &str) -> String {
    let cleaned = crate::clean::line(text);
    let trailing = text.len() - text.trim_end_matches(' ').len();
    let have = cleaned.len() - cleaned.trim_end_matches(' ').len();
    format!("{cleaned}{}", " ".repeat(trailing.saturating_sub(have)))
}

/// Columns that a text takes on a terminal.
pub fn width(text: &str) -> usize {
    UnicodeWidthStr::width(text)
}

/// The text followed by spaces up to `columns`.
pub fn pad(text: &str, columns: usize) -> String {
    format!("{text}{}", " ".repeat(columns.saturating_sub(width(text))))
}

/// Spaces up to `columns`, then the text.
pub fn pad_left(text: &str, columns: usize) -> String {
    format!("{}{text}", " ".repeat(columns.saturating_sub(width(text))))
}

/// Lines of spans.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    lines: Vec<Vec<Span>>,
}

impl Page {
    /// An empty page.
    pub fn new() -> Self {
        Self::default()
    }

    /// The lines.
    pub fn lines(&self) -> &[Vec<Span>] {
        &self.lines
    }

    /// The whole page without labels.
    pub fn plain(&self) -> String {
        let mut out = String::new();
        for line in &self.lines {
            let start = out.len();
            for span in line {
                out.push_str(&span.text);
            }
            out.truncate(start + out[start..].trim_end().len());
            out.push('\n');
        }
        out
    }

    /// Adds a line as it is.
    pub fn line(&mut self, spans: impl IntoIterator<Item = Span>) {
        self.lines.push(spans.into_iter().collect());
    }

    /// Adds an empty line, unless the page is empty or ends with one.
    pub fn gap(&mut self) {
        if self.lines.last().is_some_and(|l| !l.is_empty()) {
            self.lines.push(Vec::new());
        }
    }

    /// Starts a section.
    pub fn heading(&mut self, title: &str, aside: &str) {
        self.gap();
        let mut spans = vec![span(Label::Heading, title)];
        if !aside.is_empty() {
            spans.push(span(Label::Dim, format!("  {}", crate::clean::line(aside))));
        }
        self.line(spans);
    }

    /// Adds a paragraph: `head` on the first line, then the words of `spans` wrapped and aligned behind it.
    pub fn paragraph(&mut self, head: Span, spans: impl IntoIterator<Item = Span>) {
        let indent = width(&head.text);
        let mut line = vec![head];
        let mut column = indent;
        let mut glue = false;
        for part in spans {
            for (number, word) in part.text.split(' ').enumerate() {
                let space = usize::from(number > 0);
                if word.is_empty() {
                    glue = glue && number == 0;
                    continue;
                }
                let joined = number == 0 && glue;
                if column + space + width(word) > WIDTH && column > indent && !joined {
                    self.lines.push(std::mem::take(&mut line));
                    line.push(Span { label: Label::Plain, text: " ".repeat(indent) });
                    column = indent;
                } else if column > indent && !joined && (space > 0 || !glue) {
                    push(&mut line, part.label, " ");
                    column += 1;
                }
                push(&mut line, part.label, word);
                column += width(word);
            }
            glue = !part.text.ends_with(' ') && !part.text.is_empty();
        }
        self.lines.push(line);
    }

    /// Appends another page.
    pub fn append(&mut self, other: Self) {
        self.gap();
        self.lines.extend(other.lines);
    }
}

/// Appends to the last span where the label is the same.
fn push(line: &mut Vec<Span>, label: Label, text: &str) {
    match line.last_mut() {
        Some(last) if last.label == label => last.text.push_str(text),
        _ => line.push(Span { label, text: text.into() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paragraphs_wrap_behind_their_head() {
        let mut page = Page::new();
        let text = "word ".repeat(40);
        page.paragraph(plain("  head  "), [plain(text.trim())]);
        let plain = page.plain();
        let lines: Vec<_> = plain.lines().collect();
        assert_eq!(lines.len(), 3);
        assert!(lines.iter().all(|l| width(l) <= WIDTH), "{plain}");
        assert!(lines[0].starts_with("  head  word word"));
        assert!(lines[1].starts_with("        word"));
    }

    #[test]
    fn spans_without_a_space_between_them_stay_together() {
        let mut page = Page::new();
        page.paragraph(
            plain("- "),
            [plain("see "), span(Label::Id, "e1"), plain(", "), span(Label::Id, "e2"), plain(".")],
        );
        assert_eq!(page.plain(), "- see e1, e2.\n");
    }

    #[test]
    fn nothing_from_outside_moves_the_cursor() {
        let mut page = Page::new();
        page.line([plain("a\u{1b}[2Jb\nc")]);
        assert_eq!(page.plain(), "ab c\n");
    }
}
