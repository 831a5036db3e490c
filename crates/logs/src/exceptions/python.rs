//! Python: tracebacks, `During handling of …`, `The above exception was the direct cause …`, exception groups.

use super::{Exception, Frame, Language, Link, Section, assemble, detect, line_number};
use std::iter::Peekable;

/// Groups inside groups are read so deep.
const DEEPEST: usize = 24;
/// Exceptions beside the chain that are told apart.
const MOST: usize = 64;

/// Reads tracebacks; Python writes the root cause first and the innermost call last.
pub(super) fn parse(text: &str) -> Option<Exception> {
    let grouped = text.contains("Exception Group Traceback");
    let mut lines = text.lines().map(|l| Line::of(l, grouped)).peekable();
    let block = Block::read(&mut lines, 1);
    let (mut sections, mut beside) = (Vec::new(), Vec::new());
    block.unfold(&mut sections, &mut beside);
    assemble(Some(Language::Python), sections, beside)
}

/// A line without the rail at which groups stand.
struct Line<'a> {
    kind: Mark,
    /// How deep the rail is; 1 for lines without any.
    depth: usize,
    text: &'a str,
}

#[derive(Clone, Copy, PartialEq)]
enum Mark {
    /// `+-+---------------- 1 ----------------`: the members of a group begin.
    Open,
    /// `+---------------- 2 ----------------`.
    Next,
    /// `+------------------------------------`.
    Close,
    Text,
}

impl<'a> Line<'a> {
    fn of(line: &'a str, grouped: bool) -> Self {
        let trimmed = line.trim_start();
        let depth = (line.len() - trimmed.len()) / 2;
        let plain = Self { kind: Mark::Text, depth: 1, text: line };
        if !grouped || depth == 0 {
            return plain;
        }
        if trimmed.starts_with("+-+---") {
            Self { kind: Mark::Open, depth: depth + 1, text: "" }
        } else if trimmed.starts_with("+-----") {
            let kind = if trimmed.contains(' ') { Mark::Next } else { Mark::Close };
            Self { kind, depth, text: "" }
        } else if let Some(text) = trimmed.strip_prefix("+ ").or_else(|| trimmed.strip_prefix("| ")) {
            Self { kind: Mark::Text, depth, text }
        } else if trimmed == "|" {
            Self { kind: Mark::Text, depth, text: "" }
        } else {
            plain
        }
    }
}

/// An exception of a chain, and the members of the group that it is.
#[derive(Default)]
struct Member {
    section: Section,
    members: Vec<Block>,
}

/// A chain as it is written: the root cause first.
#[derive(Default)]
struct Block {
    chain: Vec<Member>,
}

impl Block {
    fn read<'a>(lines: &mut Peekable<impl Iterator<Item = Line<'a>>>, depth: usize) -> Self {
        let mut block = Self { chain: vec![Member::default()] };
        while let Some(next) = lines.peek() {
            let is_end = next.kind != Mark::Text && next.depth <= depth || next.depth < depth;
            if is_end && depth > 1 {
                break;
            }
            let Some(line) = lines.next() else { break };
            match line.kind {
                Mark::Open if line.depth == depth + 1 && depth < DEEPEST => block.members(lines, depth + 1),
                Mark::Text if line.depth == depth => block.line(line.text),
                _ => {}
            }
        }
        block
    }

    /// The members of the group that was read last, to the line that ends them.
    fn members<'a>(&mut self, lines: &mut Peekable<impl Iterator<Item = Line<'a>>>, depth: usize) {
        loop {
            let member = Self::read(lines, depth);
            if let Some(group) = self.chain.last_mut() {
                group.members.push(member);
            }
            match lines.peek() {
                Some(next) if next.depth == depth && next.kind == Mark::Next => lines.next(),
                Some(next) if next.depth == depth && next.kind == Mark::Close => {
                    lines.next();
                    return;
                }
                _ => return,
            };
        }
    }

    fn line(&mut self, line: &str) {
        let trimmed = line.trim();
        if trimmed.starts_with("During handling of the above")
            || trimmed.starts_with("The above exception was")
        {
            self.chain.push(Member::default());
        } else if let Some(last) = self.chain.last_mut() {
            read_line(&mut last.section, line);
        }
    }

    /// The outermost exception.
    fn head(self) -> Option<Link> {
        self.chain.into_iter().rev().map(|m| m.section).find(is_told).map(|s| s.link)
    }

    /// Appends the chain, outermost first. The first member of a group that has no cause is taken for it; the other
    /// members stand beside.
    fn unfold(self, sections: &mut Vec<Section>, beside: &mut Vec<Link>) {
        let mut first = None;
        for (n, mut member) in self.chain.into_iter().enumerate().rev() {
            member.section.frames.reverse();
            let mut members = member.members.into_iter();
            if is_told(&member.section) {
                sections.push(member.section);
            }
            if n == 0 {
                first = members.next();
            }
            let room = MOST.saturating_sub(beside.len());
            beside.extend(members.filter_map(Self::head).take(room));
        }
        if let Some(first) = first {
            first.unfold(sections, beside);
        }
    }
}

fn is_told(section: &Section) -> bool {
    !section.frames.is_empty() || !section.link.type_name.is_empty() || !section.link.message.is_empty()
}

fn read_line(section: &mut Section, line: &str) {
    let trimmed = line.trim();
    if trimmed.starts_with("Traceback (most recent call last)")
        || trimmed.starts_with("Exception Group Traceback")
    {
        // Text before the traceback is no part of it.
        if section.frames.is_empty() {
            section.link = Link::default();
        }
    } else if let Some(found) = frame(trimmed) {
        section.frames.push(found);
    } else if line.starts_with([' ', '\t']) && section.link.type_name.is_empty() {
        // A line of source code, or carets below it.
    } else if section.link.type_name.is_empty() && !trimmed.is_empty() {
        match head(trimmed, !section.frames.is_empty()) {
            Some(link) => section.link = link,
            None if section.frames.is_empty() => trimmed.clone_into(&mut section.link.message),
            None => section.link = Link { type_name: trimmed.to_owned(), message: String::new() },
        }
    } else if !section.link.type_name.is_empty() {
        section.extend_message(line);
    }
}

/// The line that ends a traceback: `shop.errors.Bad: message`, a type alone, with any name where frames stand before it.
fn head(text: &str, ends_frames: bool) -> Option<Link> {
    if let Some(link) = detect::split_type(text) {
        return Some(link);
    }
    let (name, message) = text.split_once(": ").unwrap_or((text.trim_end_matches(':'), ""));
    let named = crate::scan::is_dotted_ident(name) && !name.contains('-');
    let capital =
        name.rsplit('.').next().and_then(|l| l.bytes().next()).is_some_and(|c| c.is_ascii_uppercase());
    (named && (capital || ends_frames))
        .then(|| Link { type_name: name.to_owned(), message: message.to_owned() })
}

/// `File "/app/shop/pick.py", line 12, in insert`.
fn frame(text: &str) -> Option<Frame> {
    let rest = text.strip_prefix("File \"")?;
    let (file, rest) = rest.split_once("\", line ")?;
    let (line, symbol) = rest.split_once(", in ").unwrap_or((rest, "<module>"));
    Some(Frame {
        symbol: symbol.trim().to_owned(),
        module: module_of(file),
        file: Some(file.to_owned()),
        line: line_number(line.trim()),
    })
}

/// The last part of a path without its ending.
fn module_of(file: &str) -> Option<String> {
    let name = file.rsplit(['/', '\\']).next()?;
    Some(name.strip_suffix(".py").unwrap_or(name).to_owned())
}
