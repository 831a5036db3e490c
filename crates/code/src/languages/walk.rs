//! The walk over a syntax tree that all languages share: scopes, catches, bounds.

use super::conditions;
use crate::outline::{
    Annotation, Argument, Call, Catch, Constant, Language, Outline, Raise, Symbol, SymbolKind, Template,
    Value,
};
use std::ops::ControlFlow;
use tree_sitter::{Node, ParseOptions, Parser, TreeCursor};

/// How deep expressions are read.
pub(super) const DEPTH: u8 = 8;
/// How many arguments, fields or elements are read of one call or literal.
pub(super) const WIDTH: usize = 64;
/// How long the name of a hole or a callee may be.
const NAME: usize = 160;

/// What a language knows of its tree.
pub(super) trait Grammar {
    /// The parser's tables.
    fn grammar(&self) -> tree_sitter::Language;
    /// Takes what a node says. Called for each node, parents first.
    fn enter(&self, walk: &mut Walk<'_>, node: Node<'_>) -> Entered;
    /// What an expression says.
    fn value(&self, source: Source<'_>, node: Node<'_>, depth: u8) -> Value;
}

/// What entering a node opened.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Entered {
    /// Nothing; its children are visited.
    Through,
    /// Its children are not visited.
    Skip,
    /// A symbol, until the node ends.
    Symbol,
    /// A catch, until the node ends.
    Catch,
}

/// The text that is read.
#[derive(Clone, Copy)]
pub(super) struct Source<'s>(pub(super) &'s str);

impl<'s> Source<'s> {
    /// The text of a node.
    pub(super) fn text(self, node: Node<'_>) -> &'s str {
        self.0.get(node.byte_range()).unwrap_or_default()
    }

    /// The text of a node's field; empty where there is none.
    pub(super) fn field(self, node: Node<'_>, field: &str) -> &'s str {
        node.child_by_field_name(field).map_or("", |n| self.text(n))
    }

    /// The text of a node on one line, without blanks around dots, shortened.
    pub(super) fn name(self, node: Node<'_>) -> String {
        compact(self.text(node))
    }
}

/// Text without line breaks and blanks, shortened.
fn compact(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars().filter(|c| !c.is_whitespace()) {
        if out.len() >= NAME {
            break;
        }
        out.push(c);
    }
    out
}

/// The state of one walk.
pub(super) struct Walk<'s> {
    /// The text.
    pub(super) source: Source<'s>,
    /// What was found so far.
    pub(super) outline: Outline,
    scopes: Vec<u32>,
    catches: Vec<usize>,
    /// Every call is kept, whatever it says.
    all_calls: bool,
}

/// First and last line of a node, from 1.
pub(super) fn lines(node: Node<'_>) -> (u32, u32) {
    (node.start_position().row as u32 + 1, node.end_position().row as u32 + 1)
}

/// The named children of a node, at most [`WIDTH`] of them.
pub(super) fn children(node: Node<'_>) -> Vec<Node<'_>> {
    let mut cursor = node.walk();
    node.named_children(&mut cursor).filter(|n| !n.is_extra()).take(WIDTH).collect()
}

/// The first named child of a kind.
pub(super) fn child<'t>(node: Node<'t>, kind: &str) -> Option<Node<'t>> {
    let mut cursor = node.walk();
    node.named_children(&mut cursor).take(WIDTH).find(|n| n.kind() == kind)
}

impl Walk<'_> {
    /// The innermost symbol.
    pub(super) fn symbol(&self) -> Option<u32> {
        self.scopes.last().copied()
    }

    /// Opens a symbol.
    pub(super) fn open(&mut self, kind: SymbolKind, name: &str, node: Node<'_>) -> &mut Symbol {
        let (line, end_line) = lines(node);
        let parent = self.symbol();
        let name = compact(name);
        let number = self.outline.symbols.len();
        self.outline.symbols.push(Symbol {
            name,
            kind,
            parent,
            line,
            end_line,
            params: Vec::new(),
            types: Vec::new(),
        });
        self.scopes.push(number as u32);
        &mut self.outline.symbols[number]
    }

    /// Keeps a call when its arguments say something or a rule may ask for it.
    pub(super) fn call(&mut self, call: Call) {
        self.made_error(&call);
        let told =
            call.arguments.iter().chain(call.chain.iter().flat_map(|(_, a)| a)).any(|a| a.value.has_text());
        if told || self.all_calls || crate::wanted::is_wanted(&call) {
            self.outline.calls.push(call);
        }
    }

    /// Adds a constant when it starts as something that can be told.
    pub(super) fn constant(&mut self, name: &str, type_name: &str, value: Value, node: Node<'_>) {
        let telling = match &value {
            Value::Text(_) | Value::Name(_) | Value::Object(_) | Value::List(_) | Value::Either(_) => true,
            Value::Call(..) => true,
            Value::Other => crate::wanted::is_telling_type(type_name),
        };
        if telling && !name.is_empty() && name.len() <= NAME {
            let symbol = self.symbol();
            let constant = Constant {
                name: name.to_owned(),
                type_name: compact(type_name),
                value,
                line: lines(node).0,
                symbol,
            };
            self.outline.constants.push(constant);
        }
    }

    /// Adds what a function returns, when that may be a name of something.
    pub(super) fn returns(&mut self, value: Value, node: Node<'_>) {
        if crate::wanted::is_telling_value(&value) {
            self.constant("return", "", value, node);
        }
    }

    /// Adds an annotation of what ends a line later.
    pub(super) fn annotation(&mut self, name: &str, arguments: Vec<Argument>, node: Node<'_>) {
        let (line, end_line) = lines(node);
        let annotation = Annotation {
            name: compact(name),
            arguments,
            line,
            target_line: end_line,
            symbol: self.symbol(),
            target: String::new(),
        };
        self.outline.annotations.push(annotation);
    }

    /// Says what the last annotation stands on: a field or a parameter.
    pub(super) fn annotated(&mut self, target: &str) {
        if let Some(last) = self.outline.annotations.last_mut() {
            last.target = compact(target);
        }
    }

    /// Adds what the file imports.
    pub(super) fn import(&mut self, name: &str) {
        if self.outline.imports.len() < 400 {
            self.outline.imports.push(compact(name));
        }
    }

    /// Adds what is thrown.
    pub(super) fn raise(&mut self, type_name: &str, message: Value, node: Node<'_>) {
        let (line, end_line) = lines(node);
        let symbol = self.symbol();
        for catch in &self.catches {
            self.outline.catches[*catch].rethrows = true;
        }
        self.outline.raises.push(Raise { type_name: compact(type_name), message, line, end_line, symbol });
    }

    /// An error that is made is one that is thrown, sooner or later.
    fn made_error(&mut self, call: &Call) {
        let name = call.method();
        let is_error = ["Exception", "Error", "Fault"].iter().any(|e| name.ends_with(e));
        if !is_error || !name.starts_with(char::is_uppercase) || call.callee.starts_with("super.") {
            return;
        }
        let Some(said) = call.arguments.iter().find(|a| a.value.has_text()) else { return };
        if self.outline.raises.iter().rev().take(4).any(|r| r.line <= call.line && r.end_line >= call.line) {
            return;
        }
        let (line, end_line, symbol) = (call.line, call.end_line, self.symbol());
        let message = said.value.clone();
        self.outline.raises.push(Raise { type_name: call.callee.clone(), message, line, end_line, symbol });
    }

    /// Opens a catch. `hands_on` tells whether what was caught is used below.
    pub(super) fn open_catch(&mut self, types: Vec<String>, node: Node<'_>, hands_on: bool) -> Entered {
        let (line, end_line) = lines(node);
        let symbol = self.symbol();
        self.catches.push(self.outline.catches.len());
        let catch = Catch { types, line, end_line, symbol, rethrows: false, hands_on, logs: false };
        self.outline.catches.push(catch);
        Entered::Catch
    }

    /// Marks the innermost catch as one that throws again.
    pub(super) fn rethrow(&mut self) {
        if let Some(catch) = self.catches.last() {
            self.outline.catches[*catch].rethrows = true;
        }
    }

    fn leave(&mut self, entered: Entered) {
        match entered {
            Entered::Symbol => drop(self.scopes.pop()),
            Entered::Catch => drop(self.catches.pop()),
            Entered::Through | Entered::Skip => {}
        }
    }
}

/// Parses and walks. A text that the parser gives up on has an empty outline, all of it unparsed.
pub(super) fn read(grammar: &dyn Grammar, language: Language, source: &str, all_calls: bool) -> Outline {
    let outline = Outline::new(language);
    let mut walk =
        Walk { source: Source(source), outline, scopes: Vec::new(), catches: Vec::new(), all_calls };
    let Some(tree) = parse(&grammar.grammar(), source) else {
        walk.outline.unparsed.push((1, source.lines().count().max(1) as u32));
        return walk.outline;
    };
    let mut cursor = tree.walk();
    visit(grammar, &mut walk, &mut cursor);
    walk.outline.unparsed.dedup();
    walk.outline
}

fn visit(grammar: &dyn Grammar, walk: &mut Walk<'_>, cursor: &mut TreeCursor<'_>) {
    let mut open: Vec<Entered> = Vec::new();
    loop {
        let node = cursor.node();
        if (node.is_error() || node.is_missing()) && walk.outline.unparsed.len() < 100 {
            walk.outline.unparsed.push(lines(node));
        }
        let entered = if node.is_named() { grammar.enter(walk, node) } else { Entered::Through };
        if node.is_named() {
            conditions::keep(walk, node);
        }
        open.push(entered);
        if entered != Entered::Skip && cursor.goto_first_child() {
            continue;
        }
        loop {
            if let Some(entered) = open.pop() {
                walk.leave(entered);
            }
            if cursor.goto_next_sibling() {
                break;
            }
            if !cursor.goto_parent() {
                return;
            }
        }
    }
}

/// Parses within a bound of work that grows with the text, so that no text can hold the parser.
fn parse(grammar: &tree_sitter::Language, source: &str) -> Option<tree_sitter::Tree> {
    let mut parser = Parser::new();
    parser.set_language(grammar).ok()?;
    // Asked once in a hundred steps; code takes far fewer than these, only what is no code at all takes more.
    let mut left = 2_000 + source.len() / 20;
    let mut progress = |_: &tree_sitter::ParseState| {
        left = left.saturating_sub(1);
        if left == 0 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    let bytes = source.as_bytes();
    let options = ParseOptions::new().progress_callback(&mut progress);
    parser.parse_with_options(&mut |at, _| bytes.get(at..).unwrap_or_default(), None, Some(options))
}

/// Text from the parts of a concatenation.
pub(super) fn joined(parts: Vec<Value>) -> Value {
    let mut template = Template::default();
    for part in parts {
        match part {
            Value::Text(text) => template.append(text),
            Value::Name(name) => template.append(Template::hole(name)),
            Value::Call(callee, _) => template.append(Template::hole(format!("{callee}()"))),
            _ => template.append(Template::hole("")),
        }
    }
    Value::Text(template)
}

/// The operands of a chain of the same binary operator, leftmost first; walks down the left side without recursion.
pub(super) fn operands<'t>(
    node: Node<'t>,
    kind: &str,
    source: Source<'_>,
    operator: &str,
) -> Option<Vec<Node<'t>>> {
    let mut out = Vec::new();
    let mut next = node;
    while next.kind() == kind {
        let (left, right) = (next.child_by_field_name("left")?, next.child_by_field_name("right")?);
        let sign = next.child_by_field_name("operator").map_or_else(
            || source.0.get(left.end_byte()..right.start_byte()).unwrap_or_default().trim(),
            |o| source.text(o),
        );
        if sign != operator || out.len() > 256 {
            out.push(next);
            out.reverse();
            return (out.len() > 1).then_some(out);
        }
        out.push(right);
        next = left;
    }
    out.push(next);
    out.reverse();
    Some(out)
}

/// Whether a word stands in a text as a name of its own.
pub(super) fn uses_name(text: &str, name: &str) -> bool {
    let joins = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    !name.is_empty()
        && text.match_indices(name).any(|(at, _)| {
            !joins(text[..at].chars().next_back()) && !joins(text[at + name.len()..].chars().next())
        })
}

/// An argument without a name.
pub(super) fn positional(value: Value) -> Argument {
    Argument { name: String::new(), value }
}
