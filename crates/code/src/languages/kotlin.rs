//! Kotlin.

use super::chain::{self, Chains, Link};
use super::formatting;
use super::text::unescape;
use super::walk::{
    DEPTH, Entered, Grammar, Source, Walk, child, children, joined, operands, positional, uses_name,
};
use crate::outline::{Argument, SymbolKind, Template, Value};
use tree_sitter::Node;

/// The language.
pub(super) struct Kotlin;

impl Grammar for Kotlin {
    fn grammar(&self) -> tree_sitter::Language {
        tree_sitter_kotlin_ng::LANGUAGE.into()
    }

    fn enter(&self, walk: &mut Walk<'_>, node: Node<'_>) -> Entered {
        let source = walk.source;
        match node.kind() {
            "package_header" => {
                walk.outline.package = children(node).last().map(|n| source.name(*n)).unwrap_or_default();
            }
            "import" | "import_header" => {
                walk.import(&children(node).first().map(|n| source.name(*n)).unwrap_or_default());
            }
            "enum_entry" => {
                let name = child(node, "identifier").map(|n| source.name(n)).unwrap_or_default();
                let given = child(node, "value_arguments").map(|a| self.arguments(source, a, 0));
                walk.constant(&name, "", Value::Call(name.clone(), given.unwrap_or_default()), node);
            }
            "class_declaration" | "object_declaration" => {
                let supers = child(node, "delegation_specifiers").map(|n| children(n)).unwrap_or_default();
                let types = supers.into_iter().map(|n| base(source.text(n))).collect();
                let constructor = child(node, "primary_constructor")
                    .map(|n| child(n, "class_parameters").map_or_else(|| children(n), |c| children(c)));
                let params =
                    constructor.unwrap_or_default().into_iter().filter(|n| n.kind() == "class_parameter");
                let params = params.filter_map(|n| child(n, "identifier").map(|i| source.name(i))).collect();
                let symbol = walk.open(SymbolKind::Class, source.field(node, "name"), node);
                (symbol.types, symbol.params) = (types, params);
                return Entered::Symbol;
            }
            "function_declaration" | "secondary_constructor" => {
                let list = child(node, "function_value_parameters").map(|n| children(n)).unwrap_or_default();
                let name = |n: Node<'_>| child(n, "identifier").map(|i| source.name(i));
                let params = list.into_iter().filter(|n| n.kind() == "parameter").filter_map(name).collect();
                let name = source.field(node, "name");
                let name = if name.is_empty() { "constructor" } else { name };
                walk.open(SymbolKind::Function, name, node).params = params;
                return Entered::Symbol;
            }
            "annotation" => {
                let made = child(node, "constructor_invocation");
                let holder = made.unwrap_or(node);
                let name = child(holder, "user_type").map(|n| source.name(n)).unwrap_or_default();
                let arguments =
                    made.and_then(|m| child(m, "value_arguments")).map(|a| self.arguments(source, a, 0));
                walk.annotation(&name, arguments.unwrap_or_default(), node);
                let modifiers = node.parent();
                // A parameter's annotations stand beside it or inside it.
                let holder =
                    modifiers.and_then(|m| if m.kind() == "class_parameter" { Some(m) } else { m.parent() });
                let beside =
                    modifiers.and_then(|m| m.next_named_sibling()).filter(|n| n.kind() == "parameter");
                let named = |n: Node<'_>| child(n, "identifier").map(|i| source.name(i)).unwrap_or_default();
                match holder.map(|h| (h.kind(), h)) {
                    _ if beside.is_some() => walk.annotated(&beside.map(named).unwrap_or_default()),
                    Some(("class_parameter", holder)) => walk.annotated(&named(holder)),
                    Some(("property_declaration", holder)) => {
                        let declared = child(holder, "variable_declaration").map(named);
                        walk.annotated(&declared.unwrap_or_default());
                    }
                    _ => {}
                }
                return Entered::Skip;
            }
            "property_declaration" => {
                let Some(declared) = child(node, "variable_declaration") else { return Entered::Through };
                let name = child(declared, "identifier").map(|n| source.name(n)).unwrap_or_default();
                let type_name = child(declared, "user_type").map_or("", |n| source.text(n));
                let last = children(node).into_iter().rfind(|n| {
                    !matches!(n.kind(), "modifiers" | "variable_declaration" | "getter" | "setter")
                });
                walk.constant(
                    &name,
                    type_name,
                    last.map_or(Value::Other, |v| self.value(source, v, 0)),
                    node,
                );
            }
            "class_parameter" | "parameter" => {
                let name = child(node, "identifier").map(|n| source.name(n)).unwrap_or_default();
                let type_name = child(node, "user_type").map_or("", |n| source.text(n));
                walk.constant(&name, type_name, Value::Other, node);
            }
            "assignment" => {
                if let [left, .., right] = children(node).as_slice() {
                    let name = source.name(*left);
                    walk.constant(name.trim_start_matches("this."), "", self.value(source, *right, 0), node);
                }
            }
            "call_expression" => {
                if let Some(mut call) = chain::call(self, source, node, 0) {
                    call.symbol = walk.symbol();
                    if call.callee == "error" && call.arguments.len() == 1 {
                        walk.raise("IllegalStateException", call.arguments[0].value.clone(), node);
                    }
                    walk.call(call);
                }
            }
            "throw_expression" => {
                if let Some(thrown) = children(node).first() {
                    let (name, message) = match self.value(source, *thrown, 0) {
                        Value::Call(callee, arguments) => {
                            let said = arguments.into_iter().map(|a| a.value).find(Value::has_text);
                            (callee, said.unwrap_or(Value::Other))
                        }
                        other => (String::new(), other),
                    };
                    walk.raise(&name, message, node);
                }
            }
            "catch_block" => {
                let types = child(node, "user_type").map(|n| source.name(n)).into_iter().collect();
                let name = child(node, "identifier").map(|n| source.name(n)).unwrap_or_default();
                let hands_on = child(node, "block").is_some_and(|b| hands_on(source.text(b), &name));
                return walk.open_catch(types, node, hands_on);
            }
            "return_expression" => {
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
            "string_literal" | "multiline_string_literal" => Value::Text(literal(source.text(node))),
            "binary_expression" => match operands(node, "binary_expression", source, "+") {
                Some(parts) => joined(parts.into_iter().map(down).collect()),
                None => match operands(node, "binary_expression", source, "?:") {
                    Some(parts) => chain::either(parts.into_iter().map(down).collect()),
                    None => Value::Other,
                },
            },
            "identifier" => Value::Name(source.name(node)),
            "navigation_expression" => Value::Name(source.name(node).trim_start_matches("this.").to_owned()),
            "parenthesized_expression" => children(node).first().map_or(Value::Other, |n| down(*n)),
            "if_expression" => {
                let values: Vec<Value> = children(node).into_iter().skip(1).map(down).collect();
                if values.len() == 2 { Value::Either(values) } else { Value::Other }
            }
            "annotated_lambda" | "lambda_literal" | "block" => {
                children(node).last().map_or(Value::Other, |n| down(*n))
            }
            "collection_literal" => Value::List(children(node).into_iter().map(down).collect()),
            "call_expression" => {
                let Some(call) = chain::call(self, source, node, depth) else { return Value::Other };
                let on = children(node).first().and_then(|f| children(*f).first().copied());
                let on = on.filter(|o| o.kind().ends_with("string_literal")).map(down);
                if matches!(call.callee.as_str(), "listOf" | "arrayOf" | "setOf") {
                    return Value::List(call.arguments.into_iter().map(|a| a.value).collect());
                }
                formatting::text_of(&call.callee, &call.arguments, on).unwrap_or_else(|| chain::value(call))
            }
            "indexing_expression" | "index_expression" => match children(node).as_slice() {
                [on, .., index] => {
                    let index = children(*index).first().copied().unwrap_or(*index);
                    Value::Call(format!("{}[]", source.name(*on)), vec![positional(down(index))])
                }
                _ => Value::Other,
            },
            "number_literal" | "boolean_literal" => Value::Name(source.name(node)),
            _ => Value::Other,
        }
    }
}

impl Chains for Kotlin {
    fn link<'t, 's>(&self, source: Source<'s>, node: Node<'t>, depth: u8) -> Option<Link<'t, 's>> {
        Some(match node.kind() {
            "call_expression" => {
                let parts = children(node);
                let (function, rest) = parts.split_first()?;
                let mut arguments = Vec::new();
                for part in rest {
                    match part.kind() {
                        "value_arguments" => arguments.extend(self.arguments(source, *part, depth)),
                        "annotated_lambda" => {
                            arguments.push(positional(self.value(source, *part, depth + 1)));
                        }
                        _ => {}
                    }
                }
                // A trailing lambda belongs to the call before it.
                if function.kind() == "call_expression" {
                    let inner = self.link(source, *function, depth.saturating_add(1))?;
                    let mut all = inner.arguments.unwrap_or_default();
                    all.extend(arguments);
                    return Some(Link { on: inner.on, name: inner.name, arguments: Some(all) });
                }
                match function.kind() {
                    "navigation_expression" => {
                        let parts = children(*function);
                        let (name, on) = (parts.last()?, parts.first()?);
                        Link { on: Some(*on), name: source.text(*name), arguments: Some(arguments) }
                    }
                    _ => Link { on: None, name: source.text(*function), arguments: Some(arguments) },
                }
            }
            "navigation_expression" => {
                let parts = children(node);
                Link { on: Some(*parts.first()?), name: source.text(*parts.last()?), arguments: None }
            }
            "identifier" | "this_expression" => Link { on: None, name: source.text(node), arguments: None },
            _ => return None,
        })
    }
}

impl Kotlin {
    fn arguments(&self, source: Source<'_>, node: Node<'_>, depth: u8) -> Vec<Argument> {
        let one = |n: Node<'_>| {
            let parts = children(n);
            let named = parts.len() == 2 && parts[0].kind() == "identifier";
            let name = if named { source.name(parts[0]) } else { String::new() };
            let value = parts.last().map_or(Value::Other, |v| self.value(source, *v, depth + 1));
            Argument { name, value }
        };
        if depth > DEPTH {
            return Vec::new();
        }
        children(node).into_iter().filter(|n| n.kind() == "value_argument").map(one).collect()
    }
}

/// A type's name without arguments.
fn base(text: &str) -> String {
    text.split(['(', '<']).next().unwrap_or_default().trim().to_owned()
}

fn hands_on(text: &str, name: &str) -> bool {
    text.lines().any(|line| {
        let logs = line.to_lowercase().contains("log") || line.contains("print");
        !logs && (line.contains('(') || line.contains("return")) && uses_name(line, name)
    })
}

/// A string's text: `$name` and `${…}` are holes. Read from the text, which tells more than the tree.
fn literal(raw: &str) -> Template {
    let block = raw.strip_prefix("\"\"\"").and_then(|r| r.strip_suffix("\"\"\""));
    let plain = raw.strip_prefix('"').map_or(raw, |r| r.strip_suffix('"').unwrap_or(r));
    let inside = block.unwrap_or(plain);
    let mut out = Template::default();
    let mut rest = inside;
    while let Some(at) = rest.find('$') {
        let escaped = block.is_none() && rest[..at].ends_with('\\');
        let after = &rest[at + 1..];
        let (name, used) = if let Some(braced) = after.strip_prefix('{') {
            let end = closing(braced);
            (&braced[..end], (end + 2).min(after.len()))
        } else {
            let end = after.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(after.len());
            (&after[..end], end)
        };
        if escaped || name.is_empty() {
            push(&mut out, &rest[..=at], block.is_some());
            rest = after;
            continue;
        }
        push(&mut out, &rest[..at], block.is_some());
        out.append(Template::hole(name.chars().filter(|c| !c.is_whitespace()).take(80).collect::<String>()));
        rest = after.get(used..).unwrap_or_default();
    }
    push(&mut out, rest, block.is_some());
    out
}

fn push(out: &mut Template, text: &str, raw: bool) {
    if raw { out.push_text(text) } else { out.push_text(&unescape(text)) }
}

/// Where the brace that is open closes.
fn closing(text: &str) -> usize {
    let mut depth = 1;
    for (at, c) in text.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return at;
        }
    }
    text.len()
}
