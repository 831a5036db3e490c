//! Java.

use super::chain::{self, Chains, Link};
use super::formatting::{self, text};
use super::text::{dedent, unescape};
use super::walk::{
    DEPTH, Entered, Grammar, Source, Walk, child, children, joined, operands, positional, uses_name,
};
use crate::outline::{Argument, SymbolKind, Value};
use tree_sitter::Node;

/// The language.
pub(super) struct Java;

impl Grammar for Java {
    fn grammar(&self) -> tree_sitter::Language {
        tree_sitter_java::LANGUAGE.into()
    }

    fn enter(&self, walk: &mut Walk<'_>, node: Node<'_>) -> Entered {
        let source = walk.source;
        match node.kind() {
            "package_declaration" => {
                walk.outline.package = children(node).last().map(|n| source.name(*n)).unwrap_or_default();
            }
            "class_declaration"
            | "interface_declaration"
            | "enum_declaration"
            | "record_declaration"
            | "annotation_type_declaration" => {
                let types = ["superclass", "interfaces"].iter().filter_map(|f| node.child_by_field_name(f));
                let types = types.chain(child(node, "extends_interfaces"));
                let types = types.flat_map(|n| types_in(source, n)).collect();
                let params = params(source, node);
                let symbol = walk.open(SymbolKind::Class, source.field(node, "name"), node);
                (symbol.types, symbol.params) = (types, params);
                return Entered::Symbol;
            }
            "method_declaration" | "constructor_declaration" | "compact_constructor_declaration" => {
                let params = params(source, node);
                let types =
                    node.child_by_field_name("type").map(|t| vec![source.name(t)]).unwrap_or_default();
                let symbol = walk.open(SymbolKind::Function, source.field(node, "name"), node);
                (symbol.types, symbol.params) = (types, params);
                return Entered::Symbol;
            }
            "import_declaration" => {
                walk.import(&children(node).first().map(|n| source.name(*n)).unwrap_or_default());
            }
            "annotation" | "marker_annotation" => {
                let arguments = node.child_by_field_name("arguments").map(|a| self.arguments(source, a, 0));
                walk.annotation(source.field(node, "name"), arguments.unwrap_or_default(), node);
                let holder = node.parent().and_then(|m| m.parent());
                match holder.map(|h| (h.kind(), h)) {
                    Some(("formal_parameter", holder)) => walk.annotated(source.field(holder, "name")),
                    Some(("field_declaration", holder)) => {
                        let declared = child(holder, "variable_declarator");
                        walk.annotated(declared.map_or("", |d| source.field(d, "name")));
                    }
                    _ => {}
                }
                return Entered::Skip;
            }
            "field_declaration" | "local_variable_declaration" | "constant_declaration" => {
                declare(self, walk, node);
            }
            "formal_parameter" => {
                walk.constant(source.field(node, "name"), source.field(node, "type"), Value::Other, node);
            }
            "enum_constant" => {
                let arguments = node.child_by_field_name("arguments").map(|a| self.arguments(source, a, 0));
                let value = Value::Call(source.field(node, "name").to_owned(), arguments.unwrap_or_default());
                walk.constant(source.field(node, "name"), "", value, node);
            }
            "assignment_expression" => {
                if let (Some(left), Some(right)) =
                    (node.child_by_field_name("left"), node.child_by_field_name("right"))
                {
                    let name = source.name(left);
                    walk.constant(name.trim_start_matches("this."), "", self.value(source, right, 0), node);
                }
            }
            "method_invocation" | "object_creation_expression" | "explicit_constructor_invocation" => {
                if let Some(mut call) = chain::call(self, source, node, 0) {
                    call.symbol = walk.symbol();
                    walk.call(call);
                }
            }
            "throw_statement" => {
                if let Some(thrown) = children(node).first() {
                    let (name, message) = thrown_of(self, source, *thrown);
                    walk.raise(&name, message, node);
                }
            }
            "catch_clause" => {
                let parameter = child(node, "catch_formal_parameter");
                let types = parameter.and_then(|p| child(p, "catch_type")).map(|t| types_in(source, t));
                let name = parameter.map_or("", |p| source.field(p, "name"));
                let hands_on = node.child_by_field_name("body").is_some_and(|b| hands_on(source, b, name));
                return walk.open_catch(types.unwrap_or_default(), node, hands_on);
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
            "string_literal" => text(literal(source.text(node))),
            "character_literal" => text(unescape(source.text(node).trim_matches('\''))),
            "binary_expression" => match operands(node, "binary_expression", source, "+") {
                Some(parts) => joined(parts.into_iter().map(down).collect()),
                None => Value::Other,
            },
            "identifier" | "field_access" => {
                Value::Name(source.name(node).trim_start_matches("this.").to_owned())
            }
            "class_literal" => Value::Name(source.name(node)),
            "parenthesized_expression" => children(node).first().map_or(Value::Other, |n| down(*n)),
            "cast_expression" => node.child_by_field_name("value").map_or(Value::Other, down),
            "lambda_expression" => match node.child_by_field_name("body") {
                Some(body) if body.kind() != "block" => down(body),
                _ => Value::Other,
            },
            "ternary_expression" => {
                let parts = ["consequence", "alternative"].iter().filter_map(|f| node.child_by_field_name(f));
                Value::Either(parts.map(down).collect())
            }
            "array_initializer" | "element_value_array_initializer" => {
                Value::List(children(node).into_iter().map(down).collect())
            }
            "array_creation_expression" => node.child_by_field_name("value").map_or(Value::Other, down),
            "method_invocation" | "object_creation_expression" => {
                let Some(call) = chain::call(self, source, node, depth) else { return Value::Other };
                let on =
                    node.child_by_field_name("object").filter(|o| o.kind() == "string_literal").map(down);
                formatting::text_of(&call.callee, &call.arguments, on).unwrap_or_else(|| chain::value(call))
            }
            "annotation" => {
                let arguments = node.child_by_field_name("arguments");
                let arguments = arguments.map(|a| self.arguments(source, a, depth + 1)).unwrap_or_default();
                Value::Call(source.field(node, "name").to_owned(), arguments)
            }
            "decimal_integer_literal" | "true" | "false" => Value::Name(source.name(node)),
            _ => Value::Other,
        }
    }
}

impl Chains for Java {
    fn link<'t, 's>(&self, source: Source<'s>, node: Node<'t>, depth: u8) -> Option<Link<'t, 's>> {
        let arguments = || node.child_by_field_name("arguments").map(|a| self.arguments(source, a, depth));
        Some(match node.kind() {
            "method_invocation" => Link {
                on: node.child_by_field_name("object"),
                name: source.field(node, "name"),
                arguments: Some(arguments().unwrap_or_default()),
            },
            "object_creation_expression" => Link {
                on: None,
                name: source.field(node, "type").split('<').next().unwrap_or_default(),
                arguments: Some(arguments().unwrap_or_default()),
            },
            "explicit_constructor_invocation" => Link {
                on: None,
                name: source.field(node, "constructor"),
                arguments: Some(arguments().unwrap_or_default()),
            },
            "field_access" => Link {
                on: node.child_by_field_name("object"),
                name: source.field(node, "field"),
                arguments: None,
            },
            "identifier" | "this" | "super" => Link { on: None, name: source.text(node), arguments: None },
            _ => return None,
        })
    }
}

impl Java {
    fn arguments(&self, source: Source<'_>, node: Node<'_>, depth: u8) -> Vec<Argument> {
        let one = |n: Node<'_>| match n.kind() {
            "element_value_pair" => Argument {
                name: source.field(n, "key").to_owned(),
                value: n
                    .child_by_field_name("value")
                    .map_or(Value::Other, |v| self.value(source, v, depth + 1)),
            },
            _ => positional(self.value(source, n, depth + 1)),
        };
        if depth > DEPTH { Vec::new() } else { children(node).into_iter().map(one).collect() }
    }
}

fn declare(java: &Java, walk: &mut Walk<'_>, node: Node<'_>) {
    let source = walk.source;
    for declarator in children(node).into_iter().filter(|n| n.kind() == "variable_declarator") {
        let value =
            declarator.child_by_field_name("value").map_or(Value::Other, |v| java.value(source, v, 0));
        walk.constant(source.field(declarator, "name"), source.field(node, "type"), value, declarator);
    }
}

fn params(source: Source<'_>, node: Node<'_>) -> Vec<String> {
    let Some(list) = node.child_by_field_name("parameters") else { return Vec::new() };
    let name = |n: Node<'_>| match child(n, "variable_declarator") {
        Some(declarator) => source.name(declarator),
        None => source.field(n, "name").to_owned(),
    };
    children(list).into_iter().filter(|n| n.kind().ends_with("parameter")).map(name).collect()
}

fn types_in(source: Source<'_>, node: Node<'_>) -> Vec<String> {
    let mut out = Vec::new();
    for found in children(node) {
        if found.kind() == "type_list" {
            out.extend(children(found).into_iter().map(|n| source.name(n)));
        } else {
            out.push(source.name(found));
        }
    }
    out
}

fn thrown_of(java: &Java, source: Source<'_>, node: Node<'_>) -> (String, Value) {
    match java.value(source, node, 0) {
        Value::Call(callee, arguments) => {
            let message =
                arguments.into_iter().map(|a| a.value).find(Value::has_text).unwrap_or(Value::Other);
            (callee, message)
        }
        Value::Name(name) => (String::new(), Value::Name(name)),
        _ => (String::new(), Value::Other),
    }
}

/// Whether a caught exception is returned or given to a call that is not about logging.
fn hands_on(source: Source<'_>, body: Node<'_>, name: &str) -> bool {
    let text = source.text(body);
    text.lines().any(|line| {
        let logs = line.to_lowercase().contains("log")
            || line.contains("printStackTrace")
            || line.contains("System.");
        !logs && (line.contains('(') || line.contains("return")) && uses_name(line, name)
    })
}

fn literal(raw: &str) -> String {
    match raw.strip_prefix("\"\"\"") {
        Some(block) => unescape(&dedent(block.strip_suffix("\"\"\"").unwrap_or(block))),
        None => unescape(raw.strip_prefix('"').map_or(raw, |r| r.strip_suffix('"').unwrap_or(r))),
    }
}
