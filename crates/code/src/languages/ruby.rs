//! Ruby.

use super::chain::{self, Chains, Link};
use super::formatting::{self, text};
use super::text::{dedent, unescape};
use super::walk::{
    DEPTH, Entered, Grammar, Source, Walk, child, children, joined, lines, operands, positional, uses_name,
};
use crate::outline::{Argument, Call, SymbolKind, Template, Value};
use crate::placeholders::{PERCENT, expand};
use tree_sitter::Node;

/// The language.
pub(super) struct Ruby;

/// Calls whose block says what they are about: its lines are theirs.
const BLOCKS: &[&str] = &[
    "create_table",
    "change_table",
    "topic",
    "consumer_group",
    "subscription_group",
    "every",
    "task",
    "namespace",
    "scope",
    "resources",
];

impl Grammar for Ruby {
    fn grammar(&self) -> tree_sitter::Language {
        tree_sitter_ruby::LANGUAGE.into()
    }

    fn enter(&self, walk: &mut Walk<'_>, node: Node<'_>) -> Entered {
        let source = walk.source;
        match node.kind() {
            "class" | "module" => {
                let types =
                    child(node, "superclass").and_then(|s| children(s).first().map(|n| source.name(*n)));
                let name = source.field(node, "name");
                walk.open(SymbolKind::Class, name, node).types = types.into_iter().collect();
                return Entered::Symbol;
            }
            "method" | "singleton_method" => {
                let list = node.child_by_field_name("parameters").map(|n| children(n)).unwrap_or_default();
                let params = list.into_iter().map(|n| param(source, n)).collect();
                let name = source.field(node, "name").trim_end_matches(['!', '?']);
                walk.open(SymbolKind::Function, name, node).params = params;
                // What stands last is returned.
                if let Some(last) = node.child_by_field_name("body").map(last_of) {
                    let value = self.value(source, last, 0);
                    walk.returns(value, last);
                }
                return Entered::Symbol;
            }
            "assignment" | "operator_assignment" => {
                if let (Some(left), Some(right)) =
                    (node.child_by_field_name("left"), node.child_by_field_name("right"))
                {
                    let name = source.name(left);
                    let value = self.value(source, right, 0);
                    walk.constant(name.trim_start_matches("self.").trim_start_matches('@'), "", value, node);
                }
            }
            "call" => return self.called(walk, node),
            "identifier" if source.text(node) == "raise" && is_alone(node) => walk.rethrow(),
            "rescue" => {
                let types = child(node, "exceptions").map(|n| children(n)).unwrap_or_default();
                let types = types.into_iter().map(|n| source.name(n)).collect();
                let name = child(node, "exception_variable").map_or("", |n| source.text(n));
                let name = name.trim_start_matches("=>").trim();
                let body = node.child_by_field_name("body").map_or("", |b| source.text(b));
                return walk.open_catch(types, node, hands_on(body, name));
            }
            "rescue_modifier" => return walk.open_catch(Vec::new(), node, false),
            "return" => {
                let given = children(node).first().and_then(|n| children(*n).first().copied());
                if let Some(value) = given {
                    walk.returns(self.value(source, value, 0), node);
                }
            }
            _ => {}
        }
        Entered::Through
    }

    fn value(&self, source: Source<'_>, node: Node<'_>, depth: u8) -> Value {
        if depth > DEPTH {
            return Value::Other;
        }
        let down = |n: Node<'_>| self.value(source, n, depth + 1);
        match node.kind() {
            "string" | "bare_string" | "delimited_symbol" => Value::Text(string(source, node)),
            "heredoc_beginning" => heredoc(source, node).map_or(Value::Other, Value::Text),
            "chained_string" => joined(children(node).into_iter().map(down).collect()),
            "simple_symbol" => text(source.text(node).trim_start_matches(':')),
            "binary" => {
                if let Some(parts) = operands(node, "binary", source, "+") {
                    return joined(parts.into_iter().map(down).collect());
                }
                if let Some(parts) = ["||", "or"].iter().find_map(|s| operands(node, "binary", source, s)) {
                    return chain::either(parts.into_iter().map(down).collect());
                }
                let left = node.child_by_field_name("left").map(down);
                match (source.field(node, "operator"), left) {
                    ("%", Some(Value::Text(template))) => Value::Text(expand(&template, PERCENT)),
                    _ => Value::Other,
                }
            }
            "identifier" | "constant" | "scope_resolution" | "instance_variable" | "class_variable"
            | "global_variable" => Value::Name(source.name(node).trim_start_matches('@').to_owned()),
            "integer" | "true" | "false" | "nil" => Value::Name(source.name(node)),
            "parenthesized_statements" | "then" | "begin" => {
                children(node).last().map_or(Value::Other, |n| down(*n))
            }
            "conditional" => {
                let sides = ["consequence", "alternative"].iter().filter_map(|f| node.child_by_field_name(f));
                Value::Either(sides.map(down).collect())
            }
            "array" => Value::List(children(node).into_iter().map(down).collect()),
            "string_array" => Value::List(children(node).into_iter().map(down).collect()),
            "symbol_array" => Value::List(children(node).into_iter().map(|n| text(source.text(n))).collect()),
            "hash" => Value::Object(
                children(node).into_iter().filter_map(|n| self.pair(source, n, depth)).collect(),
            ),
            "element_reference" => {
                let on = node.child_by_field_name("object");
                let index = children(node).into_iter().find(|n| Some(n.id()) != on.map(|o| o.id()));
                let on = on.map(|n| source.name(n)).unwrap_or_default();
                let index = index.map_or(Value::Other, down);
                Value::Call(format!("{}[]", on.trim_start_matches('@')), vec![positional(index)])
            }
            "assignment" => node.child_by_field_name("right").map_or(Value::Other, down),
            "call" => self.call_value(source, node, depth),
            _ => Value::Other,
        }
    }
}

impl Chains for Ruby {
    fn link<'t, 's>(&self, source: Source<'s>, node: Node<'t>, depth: u8) -> Option<Link<'t, 's>> {
        Some(match node.kind() {
            "call" => {
                let on = node.child_by_field_name("receiver");
                let method = node.child_by_field_name("method");
                let name = method.map_or("", |n| source.text(n)).trim_end_matches(['!', '?']);
                let arguments = self.arguments(source, node, depth);
                // `Order.new(…)` makes an `Order`, as `new Order(…)` does elsewhere.
                if name == "new"
                    && let Some(class) = on.filter(|o| matches!(o.kind(), "constant" | "scope_resolution"))
                {
                    let arguments = Some(arguments.unwrap_or_default());
                    return Some(Link { on: None, name: source.text(class), arguments });
                }
                Link { on, name, arguments }
            }
            "scope_resolution" => Link {
                on: node.child_by_field_name("scope"),
                name: source.field(node, "name"),
                arguments: None,
            },
            "identifier" | "constant" | "self" => Link { on: None, name: source.text(node), arguments: None },
            "instance_variable" | "class_variable" => {
                Link { on: None, name: source.text(node).trim_start_matches('@'), arguments: None }
            }
            "global_variable" => Link { on: None, name: source.text(node), arguments: None },
            "parenthesized_statements" => {
                let inner = *children(node).first()?;
                return self.link(source, inner, depth.checked_add(1).filter(|d| *d < 32)?);
            }
            _ => return None,
        })
    }
}

impl Ruby {
    /// A call: something raised, something required, or a call like any other.
    fn called(&self, walk: &mut Walk<'_>, node: Node<'_>) -> Entered {
        let source = walk.source;
        let Some(mut call) = chain::call(self, source, node, 0) else { return Entered::Through };
        call.symbol = walk.symbol();
        match call.callee.as_str() {
            "raise" | "fail" => {
                let (name, message) = raised(call.arguments);
                walk.raise(&name, message, node);
                return Entered::Through;
            }
            "require" | "require_relative" => {
                if let Some(name) = call.arguments.first().and_then(|a| a.value.plain()) {
                    walk.import(name);
                }
            }
            // Written to standard error; a function of that name elsewhere is one of the code's own.
            "warn" => "$stderr.warn".clone_into(&mut call.callee),
            _ => {}
        }
        if let Some(block) = node.child_by_field_name("block")
            && !BLOCKS.contains(&call.method())
        {
            let (from, to) = lines(block);
            call.end_line = if from == to { to } else { from };
        }
        if !is_part(node) || call.arguments.iter().any(|a| a.value.has_text()) {
            walk.call(call);
        }
        Entered::Through
    }

    fn call_value(&self, source: Source<'_>, node: Node<'_>, depth: u8) -> Value {
        let Some(call) = chain::call(self, source, node, depth) else { return Value::Other };
        let receiver = node.child_by_field_name("receiver");
        let texts = ["string", "heredoc_beginning", "chained_string", "parenthesized_statements"];
        let on = receiver.filter(|r| texts.contains(&r.kind())).map(|r| self.value(source, r, depth + 1));
        let plain =
            node.child_by_field_name("arguments").is_none() && node.child_by_field_name("block").is_none();
        if let Some(said) = formatting::text_of(&call.callee, &call.arguments, on) {
            return said;
        }
        if matches!(call.callee.as_str(), "format" | "sprintf")
            && let Some(Value::Text(template)) = call.arguments.first().map(|a| &a.value)
        {
            return Value::Text(expand(template, PERCENT));
        }
        let made = source.text(node).ends_with(')') || source.field(node, "method") == "new";
        if plain && !made {
            return Value::Name(call.callee);
        }
        fetched(call)
    }

    /// Arguments, and what a block without parameters says; `None` for what may as well be a field.
    fn arguments(&self, source: Source<'_>, node: Node<'_>, depth: u8) -> Option<Vec<Argument>> {
        let list = node.child_by_field_name("arguments");
        let block = node.child_by_field_name("block");
        if (list.is_none() && block.is_none()) || depth > DEPTH {
            return None;
        }
        let one = |n: Node<'_>| match n.kind() {
            "pair" => self.pair(source, n, depth).map(|(name, value)| Argument { name, value }),
            "block_argument" => None,
            _ => Some(positional(self.value(source, n, depth + 1))),
        };
        let mut out: Vec<Argument> =
            list.map(|l| children(l)).unwrap_or_default().into_iter().filter_map(one).collect();
        let said = block
            .filter(|b| b.child_by_field_name("parameters").is_none())
            .and_then(|b| b.child_by_field_name("body"))
            .map(|b| children(b));
        if let Some([only]) = said.as_deref() {
            let value = self.value(source, *only, depth + 1);
            if matches!(value, Value::Text(_)) {
                out.push(positional(value));
            }
        }
        Some(out)
    }

    fn pair(&self, source: Source<'_>, node: Node<'_>, depth: u8) -> Option<(String, Value)> {
        let key = node.child_by_field_name("key")?;
        let name = source.text(key).trim_start_matches(':').trim_end_matches(':').trim_matches(['"', '\'']);
        // `topic:` alone is `topic: topic`.
        let value = node.child_by_field_name("value");
        let value = value.map_or_else(|| Value::Name(name.to_owned()), |v| self.value(source, v, depth + 1));
        Some((name.to_owned(), value))
    }
}

/// `ENV.fetch("A", "b")`, `ENV.fetch("A") { "b" }`: what a call says.
fn fetched(call: Call) -> Value {
    match chain::value(call) {
        Value::Call(callee, arguments) if callee.ends_with("[]") => Value::Call(callee, arguments),
        other => other,
    }
}

/// Type and message of `raise X, "m"`, `raise X.new("m")`, `raise "m"`.
fn raised(arguments: Vec<Argument>) -> (String, Value) {
    let mut given = arguments.into_iter().map(|a| a.value);
    match given.next() {
        Some(Value::Call(callee, inner)) => {
            let said = inner.into_iter().map(|a| a.value).find(Value::has_text);
            (callee, said.or_else(|| given.next()).unwrap_or(Value::Other))
        }
        Some(Value::Name(name)) => {
            let type_name = name.trim_end_matches(".new").to_owned();
            (type_name, given.find(Value::has_text).unwrap_or(Value::Other))
        }
        Some(other) => ("RuntimeError".to_owned(), other),
        None => (String::new(), Value::Other),
    }
}

/// Whether a call is the receiver of another, which has its arguments in its chain.
fn is_part(node: Node<'_>) -> bool {
    node.parent().is_some_and(|p| {
        p.kind() == "call" && p.child_by_field_name("receiver").is_some_and(|r| r.id() == node.id())
    })
}

/// Whether a name stands as a statement of its own.
fn is_alone(node: Node<'_>) -> bool {
    const AROUND: &[&str] = &[
        "then",
        "body_statement",
        "block_body",
        "begin",
        "if_modifier",
        "unless_modifier",
        "else",
        "ensure",
    ];
    node.parent().is_some_and(|p| AROUND.contains(&p.kind()))
}

/// The last statement of a body.
fn last_of(body: Node<'_>) -> Node<'_> {
    if body.kind() != "body_statement" {
        return body;
    }
    let parts = |n: &Node<'_>| !matches!(n.kind(), "rescue" | "ensure" | "else");
    children(body).into_iter().rfind(parts).unwrap_or(body)
}

fn param(source: Source<'_>, node: Node<'_>) -> String {
    let name = node.child_by_field_name("name").map_or_else(|| source.name(node), |n| source.name(n));
    name.trim_start_matches(['*', '&']).to_owned()
}

/// Whether a caught exception is returned or given to a call that is not about logging, or the block is run again.
fn hands_on(text: &str, name: &str) -> bool {
    text.lines().any(|line| {
        let logs = line.to_lowercase().contains("log") || line.contains("puts ") || line.contains("warn ");
        let given =
            !logs && (line.contains(['(', ',', '<']) || line.contains("return") || line.contains(' '));
        (given && uses_name(line, name)) || uses_name(line, "retry")
    })
}

/// What a literal's inside says.
fn string(source: Source<'_>, node: Node<'_>) -> Template {
    let raw = source.text(node).starts_with('\'');
    let mut out = Template::default();
    for part in children(node) {
        match part.kind() {
            "string_content" => out.push_text(source.text(part)),
            "escape_sequence" if raw => out.push_text(source.text(part).trim_start_matches('\\')),
            "escape_sequence" => out.push_text(&unescape(source.text(part))),
            "interpolation" => {
                let inner = children(part).first().map(|n| source.name(*n)).unwrap_or_default();
                out.append(Template::hole(inner.trim_start_matches('@')));
            }
            _ => {}
        }
    }
    if out.parts.is_empty() { Template::literal("") } else { out }
}

/// Longest text between a heredoc's ends that is read.
const HEREDOC: usize = 64 * 1024;

/// The text below `<<~SQL`, read as text: its node stands wherever the line ends.
fn heredoc(source: Source<'_>, node: Node<'_>) -> Option<Template> {
    let opening = source.text(node);
    let tag = opening.trim_start_matches('<').trim_start_matches(['~', '-']);
    let raw = tag.starts_with('\'');
    let tag = tag.trim_matches(['\'', '"', '`']);
    let rest = source.0.get(node.end_byte()..)?;
    let below = &rest[rest.find('\n')? + 1..];
    let mut held = String::new();
    for line in below.lines() {
        if line.trim() == tag {
            let inside = if opening.contains('~') { dedent(&held) } else { held };
            return Some(if raw { Template::literal(inside) } else { interpolated(&inside) });
        }
        if held.len() > HEREDOC {
            break;
        }
        held.push_str(line);
        held.push('\n');
    }
    None
}

/// `a #{b} c` as a template.
fn interpolated(inside: &str) -> Template {
    let mut out = Template::default();
    let mut rest = inside;
    while let Some((before, after)) = rest.split_once("#{") {
        let Some((name, behind)) = after.split_once('}') else { break };
        out.push_text(&unescape(before));
        out.append(Template::hole(name.trim().trim_start_matches('@')));
        rest = behind;
    }
    out.push_text(&unescape(rest));
    out
}
