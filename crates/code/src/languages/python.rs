//! Python.

use super::chain::{self, Chains, Link};
use super::formatting::{self, text};
use super::text::unescape;
use super::walk::{
    DEPTH, Entered, Grammar, Source, Walk, child, children, joined, operands, positional, uses_name,
};
use crate::outline::{Argument, Part, SymbolKind, Template, Value};
use crate::placeholders::{PERCENT, expand};
use tree_sitter::Node;

/// The language.
pub(super) struct Python;

impl Grammar for Python {
    fn grammar(&self) -> tree_sitter::Language {
        tree_sitter_python::LANGUAGE.into()
    }

    fn enter(&self, walk: &mut Walk<'_>, node: Node<'_>) -> Entered {
        let source = walk.source;
        match node.kind() {
            "class_definition" => {
                let supers =
                    node.child_by_field_name("superclasses").map(|n| children(n)).unwrap_or_default();
                let types = supers.into_iter().map(|n| source.name(n)).collect();
                walk.open(SymbolKind::Class, source.field(node, "name"), node).types = types;
                return Entered::Symbol;
            }
            "function_definition" => {
                let list = node.child_by_field_name("parameters").map(|n| children(n)).unwrap_or_default();
                let params = list.into_iter().map(|n| param(source, n)).collect();
                walk.open(SymbolKind::Function, source.field(node, "name"), node).params = params;
                return Entered::Symbol;
            }
            "import_statement" | "import_from_statement" => {
                let from = source.field(node, "module_name");
                let names = children(node).into_iter().map(|n| source.text(n));
                names.filter(|n| from.is_empty() || *n == from).for_each(|n| walk.import(n));
            }
            "decorator" => {
                match children(node).first().map(|n| (self.value(source, *n, 0), *n)) {
                    Some((Value::Call(name, arguments), _)) => walk.annotation(&name, arguments, node),
                    Some((_, inner)) => walk.annotation(source.text(inner), Vec::new(), node),
                    None => {}
                }
                return Entered::Skip;
            }
            "assignment" | "augmented_assignment" => {
                if let (Some(left), Some(right)) =
                    (node.child_by_field_name("left"), node.child_by_field_name("right"))
                {
                    let name = source.name(left);
                    let value = self.value(source, right, 0);
                    walk.constant(name.trim_start_matches("self."), source.field(node, "type"), value, node);
                }
            }
            "call" => {
                if let Some(mut call) = chain::call(self, source, node, 0) {
                    call.symbol = walk.symbol();
                    walk.call(call);
                }
            }
            "raise_statement" => match children(node).first() {
                Some(thrown) => {
                    let (name, message) = match self.value(source, *thrown, 0) {
                        Value::Call(callee, arguments) => {
                            let said = arguments.into_iter().map(|a| a.value).find(Value::has_text);
                            (callee, said.unwrap_or(Value::Other))
                        }
                        Value::Name(name) => (name, Value::Other),
                        other => (String::new(), other),
                    };
                    walk.raise(&name, message, node);
                }
                None => walk.rethrow(),
            },
            "except_clause" => {
                let caught = children(node).into_iter().find(|n| n.kind() != "block");
                let (types, name) = caught.map(|c| caught_of(source, c)).unwrap_or_default();
                let body = child(node, "block").map_or("", |b| source.text(b));
                return walk.open_catch(types, node, hands_on(body, &name));
            }
            "return_statement" => {
                if let Some(value) = children(node).first() {
                    walk.returns(self.value(source, *value, 0), node);
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
            "string" => Value::Text(string(source, node)),
            "concatenated_string" => joined(children(node).into_iter().map(down).collect()),
            "binary_operator" => {
                if let Some(parts) = operands(node, "binary_operator", source, "+") {
                    return joined(parts.into_iter().map(down).collect());
                }
                match (
                    operands(node, "binary_operator", source, "%"),
                    node.child_by_field_name("left").map(down),
                ) {
                    (Some(_), Some(Value::Text(template))) => Value::Text(expand(&template, PERCENT)),
                    _ => Value::Other,
                }
            }
            "identifier" | "attribute" => {
                Value::Name(source.name(node).trim_start_matches("self.").to_owned())
            }
            "parenthesized_expression" | "await" => children(node).first().map_or(Value::Other, |n| down(*n)),
            "boolean_operator" => {
                let sides = ["left", "right"].iter().filter_map(|f| node.child_by_field_name(f));
                chain::either(sides.map(down).collect())
            }
            "subscript" => {
                let on = node.child_by_field_name("value").map(|n| source.name(n)).unwrap_or_default();
                let index = node.child_by_field_name("subscript").map_or(Value::Other, down);
                Value::Call(format!("{}[]", on.trim_start_matches("self.")), vec![positional(index)])
            }
            "conditional_expression" => match children(node).as_slice() {
                [yes, _, no] => Value::Either(vec![down(*yes), down(*no)]),
                _ => Value::Other,
            },
            "list" | "tuple" | "expression_list" => {
                Value::List(children(node).into_iter().map(down).collect())
            }
            "dictionary" => {
                let pair = |n: Node<'_>| {
                    let key = self.value(source, n.child_by_field_name("key")?, depth + 1);
                    let value = n.child_by_field_name("value").map_or(Value::Other, down);
                    Some((key.plain().map_or(String::new(), str::to_owned), value))
                };
                Value::Object(
                    children(node).into_iter().filter(|n| n.kind() == "pair").filter_map(pair).collect(),
                )
            }
            "call" => {
                let Some(call) = chain::call(self, source, node, depth) else { return Value::Other };
                let on = node.child_by_field_name("function").and_then(|f| f.child_by_field_name("object"));
                let on = on.filter(|o| {
                    matches!(o.kind(), "string" | "concatenated_string" | "parenthesized_expression")
                });
                formatting::text_of(&call.callee, &call.arguments, on.map(down))
                    .unwrap_or_else(|| chain::value(call))
            }
            "integer" | "true" | "false" => Value::Name(source.name(node)),
            _ => Value::Other,
        }
    }
}

impl Chains for Python {
    fn link<'t, 's>(&self, source: Source<'s>, node: Node<'t>, depth: u8) -> Option<Link<'t, 's>> {
        Some(match node.kind() {
            "call" => {
                let list = node.child_by_field_name("arguments");
                let arguments = list.map(|a| self.arguments(source, a, depth)).unwrap_or_default();
                let member = self.link(source, node.child_by_field_name("function")?, depth)?;
                Link { on: member.on, name: member.name, arguments: Some(arguments) }
            }
            "attribute" => Link {
                on: node.child_by_field_name("object"),
                name: source.field(node, "attribute"),
                arguments: None,
            },
            "identifier" => Link { on: None, name: source.text(node), arguments: None },
            _ => return None,
        })
    }
}

impl Python {
    fn arguments(&self, source: Source<'_>, node: Node<'_>, depth: u8) -> Vec<Argument> {
        let one = |n: Node<'_>| match n.kind() {
            "keyword_argument" => Argument {
                name: source.field(n, "name").to_owned(),
                value: n
                    .child_by_field_name("value")
                    .map_or(Value::Other, |v| self.value(source, v, depth + 1)),
            },
            _ => positional(self.value(source, n, depth + 1)),
        };
        if depth > DEPTH { Vec::new() } else { children(node).into_iter().map(one).collect() }
    }
}

fn param(source: Source<'_>, node: Node<'_>) -> String {
    match node.kind() {
        "identifier" => source.name(node),
        _ => match node.child_by_field_name("name").or_else(|| children(node).first().copied()) {
            Some(name) => source.name(name),
            None => source.name(node),
        },
    }
}

/// Types and name of an `except` clause.
fn caught_of(source: Source<'_>, node: Node<'_>) -> (Vec<String>, String) {
    let types = |n: Node<'_>| match n.kind() {
        "tuple" => children(n).into_iter().map(|t| source.name(t)).collect(),
        _ => vec![source.name(n)],
    };
    if node.kind() != "as_pattern" {
        return (types(node), String::new());
    }
    let name = node.child_by_field_name("alias").map(|n| source.name(n)).unwrap_or_default();
    (children(node).first().map(|n| types(*n)).unwrap_or_default(), name)
}

fn hands_on(text: &str, name: &str) -> bool {
    text.lines().any(|line| {
        let logs = line.to_lowercase().contains("log") || line.contains("print(");
        !logs && (line.contains('(') || line.contains("return")) && uses_name(line, name)
    })
}

fn string(source: Source<'_>, node: Node<'_>) -> Template {
    let raw = source.text(node);
    let prefix = raw.bytes().take_while(u8::is_ascii_alphabetic).count();
    let flags = raw[..prefix].to_ascii_lowercase();
    let is_raw = flags.contains('r');
    let mut out = Template::default();
    for part in children(node) {
        match part.kind() {
            "string_content" => {
                let piece = source.text(part);
                let piece = if flags.contains('f') {
                    piece.replace("{{", "{").replace("}}", "}")
                } else {
                    piece.to_owned()
                };
                out.push_text(&if is_raw { piece } else { unescape(&piece) });
            }
            "interpolation" => {
                let inner = part.child_by_field_name("expression");
                // `{name=}` writes the name as well.
                let shown = source.text(part);
                if let Some(inner) = inner.filter(|_| shown.trim_end_matches('}').trim_end().ends_with('=')) {
                    out.push_text(&format!("{}=", source.text(inner)));
                }
                out.append(Template::hole(inner.map(|n| source.name(n)).unwrap_or_default()));
            }
            _ => {}
        }
    }
    out.parts.retain(|p| !matches!(p, Part::Text(t) if t.is_empty()));
    if out.parts.is_empty() {
        return match text("") {
            Value::Text(template) => template,
            _ => Template::default(),
        };
    }
    out
}
