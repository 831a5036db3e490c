//! Go.

use super::chain::{self, Chains, Link};
use super::formatting::{self, text};
use super::text::unescape;
use super::walk::{
    DEPTH, Entered, Grammar, Source, Walk, child, children, joined, lines, operands, positional, uses_name,
};
use crate::outline::{Argument, Call, SymbolKind, Value, last_name};
use tree_sitter::Node;

/// The language.
pub(super) struct Go;

impl Grammar for Go {
    fn grammar(&self) -> tree_sitter::Language {
        tree_sitter_go::LANGUAGE.into()
    }

    fn enter(&self, walk: &mut Walk<'_>, node: Node<'_>) -> Entered {
        let source = walk.source;
        match node.kind() {
            "package_clause" => {
                walk.outline.package = children(node).last().map(|n| source.name(*n)).unwrap_or_default();
            }
            "import_spec" => walk.import(source.field(node, "path").trim_matches('"')),
            "type_spec" => {
                walk.open(SymbolKind::Class, source.field(node, "name"), node);
                return Entered::Symbol;
            }
            "function_declaration" | "method_declaration" => {
                let params = params(source, node);
                let on = node.child_by_field_name("receiver").and_then(|r| child(r, "parameter_declaration"));
                let on = on.map(|p| {
                    source.field(p, "type").trim_start_matches('*').split('[').next().unwrap_or_default()
                });
                let name = source.field(node, "name");
                let name = on.map_or(name.to_owned(), |on| format!("{on}.{name}"));
                walk.open(SymbolKind::Function, &name, node).params = params;
                return Entered::Symbol;
            }
            "const_spec" | "var_spec" => {
                let names = children(node).into_iter().filter(|n| n.kind() == "identifier");
                let values = node.child_by_field_name("value").map(|n| children(n)).unwrap_or_default();
                let type_name = source.field(node, "type");
                for (number, name) in names.enumerate() {
                    let value = values.get(number).map_or(Value::Other, |v| self.value(source, *v, 0));
                    walk.constant(source.text(name), type_name, value, node);
                }
            }
            "short_var_declaration" | "assignment_statement" => {
                let sides = ["left", "right"]
                    .map(|f| node.child_by_field_name(f).map(|n| children(n)).unwrap_or_default());
                for (name, value) in sides[0].iter().zip(&sides[1]) {
                    walk.constant(&source.name(*name), "", self.value(source, *value, 0), node);
                }
            }
            "parameter_declaration" | "field_declaration" => {
                let type_name = source.field(node, "type");
                walk.constant(source.field(node, "name"), type_name, Value::Other, node);
                let tag = source.field(node, "tag");
                if !tag.is_empty() {
                    walk.annotation("tag", vec![positional(text(tag.trim_matches('`')))], node);
                    walk.annotated(source.field(node, "name"));
                }
            }
            "call_expression" => {
                if let Some(mut call) = chain::call(self, source, node, 0) {
                    call.symbol = walk.symbol();
                    raised(walk, &call, node);
                    walk.call(call);
                }
            }
            "composite_literal" => {
                if let Value::Call(callee, arguments) = self.value(source, node, 0) {
                    let (line, end_line) = lines(node);
                    let symbol = walk.symbol();
                    walk.call(Call {
                        callee,
                        arguments,
                        chain: Vec::new(),
                        line,
                        end_line,
                        symbol,
                        types: Vec::new(),
                    });
                }
            }
            "if_statement" => {
                let condition = source.field(node, "condition");
                let name = condition.split("!= nil").next().unwrap_or_default().trim();
                let tests = condition.contains("!= nil") && last_name(name).to_lowercase().contains("err");
                if let Some(body) = node.child_by_field_name("consequence").filter(|_| tests) {
                    let body = source.text(body);
                    let entered = walk.open_catch(vec!["error".to_owned()], node, hands_on(body, name));
                    if body.contains("panic(") || body.contains("fmt.Errorf(") || body.contains("errors.") {
                        walk.rethrow();
                    }
                    return entered;
                }
            }
            "return_statement" => {
                let list = children(node).first().map(|l| children(*l)).unwrap_or_default();
                if let Some(value) = list.first() {
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
            "interpreted_string_literal" => text(unescape(source.text(node).trim_matches('"'))),
            "raw_string_literal" => text(source.text(node).trim_matches('`')),
            "binary_expression" => match operands(node, "binary_expression", source, "+") {
                Some(parts) => joined(parts.into_iter().map(down).collect()),
                None => Value::Other,
            },
            "identifier" | "selector_expression" => Value::Name(source.name(node)),
            "parenthesized_expression" | "literal_element" => {
                children(node).first().map_or(Value::Other, |n| down(*n))
            }
            "unary_expression" => node.child_by_field_name("operand").map_or(Value::Other, down),
            "composite_literal" => {
                let name = source.field(node, "type");
                let body = node.child_by_field_name("body").map(|b| self.literal(source, b, depth));
                match body {
                    Some(list @ Value::List(_)) => list,
                    Some(fields) => Value::Call(
                        name.split('[').next().unwrap_or_default().to_owned(),
                        vec![positional(fields)],
                    ),
                    None => Value::Other,
                }
            }
            "literal_value" => self.literal(source, node, depth),
            "call_expression" => {
                let Some(call) = chain::call(self, source, node, depth) else { return Value::Other };
                if matches!(call.callee.as_str(), "string" | "[]byte") && call.arguments.len() == 1 {
                    return call.arguments.into_iter().next().map_or(Value::Other, |a| a.value);
                }
                formatting::text_of(&call.callee, &call.arguments, None).unwrap_or_else(|| chain::value(call))
            }
            "index_expression" => {
                let on = node.child_by_field_name("operand").map(|n| source.name(n)).unwrap_or_default();
                let index = node.child_by_field_name("index").map_or(Value::Other, down);
                Value::Call(format!("{on}[]"), vec![positional(index)])
            }
            "int_literal" | "true" | "false" => Value::Name(source.name(node)),
            _ => Value::Other,
        }
    }
}

impl Chains for Go {
    fn link<'t, 's>(&self, source: Source<'s>, node: Node<'t>, depth: u8) -> Option<Link<'t, 's>> {
        Some(match node.kind() {
            "call_expression" => {
                let list = node.child_by_field_name("arguments");
                let one = |n: Node<'_>| positional(self.value(source, n, depth + 1));
                let arguments: Vec<Argument> = match list {
                    Some(list) if depth <= DEPTH => children(list).into_iter().map(one).collect(),
                    _ => Vec::new(),
                };
                let member = self.link(source, node.child_by_field_name("function")?, depth)?;
                Link { on: member.on, name: member.name, arguments: Some(arguments) }
            }
            "selector_expression" => Link {
                on: node.child_by_field_name("operand"),
                name: source.field(node, "field"),
                arguments: None,
            },
            "identifier" | "slice_type" => Link { on: None, name: source.text(node), arguments: None },
            _ => return None,
        })
    }
}

impl Go {
    fn literal(&self, source: Source<'_>, node: Node<'_>, depth: u8) -> Value {
        if depth > DEPTH {
            return Value::Other;
        }
        let parts = children(node);
        let down = |n: Node<'_>| self.value(source, n, depth + 1);
        if parts.first().is_none_or(|p| p.kind() != "keyed_element") {
            return Value::List(parts.into_iter().map(down).collect());
        }
        let field = |n: Node<'_>| {
            let key = source.field(n, "key").trim_matches('"').to_owned();
            (key, n.child_by_field_name("value").map_or(Value::Other, down))
        };
        Value::Object(parts.into_iter().filter(|n| n.kind() == "keyed_element").map(field).collect())
    }
}

/// Errors that are made and panics count as raised.
fn raised(walk: &mut Walk<'_>, call: &Call, node: Node<'_>) {
    let makes = matches!(
        call.callee.as_str(),
        "errors.New"
            | "fmt.Errorf"
            | "errors.Errorf"
            | "errors.Wrap"
            | "errors.Wrapf"
            | "status.Errorf"
            | "status.Error"
            | "panic"
            | "errors.WithMessage"
    );
    if makes && let Some(said) = call.arguments.iter().find(|a| a.value.has_text()) {
        let message = match &said.value {
            Value::Text(template) => {
                Value::Text(crate::placeholders::expand(template, crate::placeholders::PERCENT))
            }
            other => other.clone(),
        };
        walk.raise("", message, node);
    }
}

fn params(source: Source<'_>, node: Node<'_>) -> Vec<String> {
    let list = node.child_by_field_name("parameters").map(|n| children(n)).unwrap_or_default();
    let mut out = Vec::new();
    for group in list {
        let names = children(group).into_iter().filter(|n| n.kind() == "identifier").map(|n| source.name(n));
        out.extend(names);
    }
    out
}

fn hands_on(text: &str, name: &str) -> bool {
    text.lines().any(|line| {
        let logs = line.to_lowercase().contains("log") || line.contains("fmt.Print");
        !logs && (line.contains('(') || line.contains("return")) && uses_name(line, name)
    })
}
