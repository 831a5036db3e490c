//! JavaScript and TypeScript.

use super::chain::{self, Chains, Link};
use super::formatting::{self, text};
use super::text::unescape;
use super::walk::{
    DEPTH, Entered, Grammar, Source, Walk, child, children, joined, operands, positional, uses_name,
};
use crate::outline::{Argument, SymbolKind, Template, Value};
use tree_sitter::Node;

/// The language, in the dialect of a file.
pub(super) struct JavaScript(Dialect);

enum Dialect {
    JavaScript,
    TypeScript,
    Tsx,
}

impl JavaScript {
    /// The dialect that a path's ending names.
    pub(super) fn of(path: &str) -> Self {
        Self(match path.rsplit('.').next() {
            Some("ts" | "mts" | "cts") => Dialect::TypeScript,
            Some("tsx") => Dialect::Tsx,
            _ => Dialect::JavaScript,
        })
    }
}

const FUNCTIONS: [&str; 4] = ["arrow_function", "function_expression", "generator_function", "function"];

impl Grammar for JavaScript {
    fn grammar(&self) -> tree_sitter::Language {
        match self.0 {
            Dialect::JavaScript => tree_sitter_javascript::LANGUAGE.into(),
            Dialect::TypeScript => tree_sitter_typescript::LANGUAGE_TYPESCRIPT.into(),
            Dialect::Tsx => tree_sitter_typescript::LANGUAGE_TSX.into(),
        }
    }

    fn enter(&self, walk: &mut Walk<'_>, node: Node<'_>) -> Entered {
        let source = walk.source;
        match node.kind() {
            "class_declaration" | "class" | "abstract_class_declaration" | "interface_declaration" => {
                let types = child(node, "class_heritage").map(|n| vec![source.name(n)]).unwrap_or_default();
                walk.open(SymbolKind::Class, source.field(node, "name"), node).types = types;
                return Entered::Symbol;
            }
            "import_statement" => walk.import(source.field(node, "source").trim_matches(['"', '\''])),
            "enum_declaration" => {
                walk.open(SymbolKind::Class, source.field(node, "name"), node);
                return Entered::Symbol;
            }
            "enum_assignment" => {
                let value =
                    node.child_by_field_name("value").map_or(Value::Other, |v| self.value(source, v, 0));
                walk.constant(source.field(node, "name"), "", value, node);
            }
            "function_declaration" | "generator_function_declaration" | "method_definition" => {
                let params = params(source, node);
                walk.open(SymbolKind::Function, source.field(node, "name"), node).params = params;
                return Entered::Symbol;
            }
            "decorator" => {
                match children(node).first().map(|n| (self.value(source, *n, 0), *n)) {
                    Some((Value::Call(name, arguments), _)) => walk.annotation(&name, arguments, node),
                    Some((_, inner)) => walk.annotation(source.text(inner), Vec::new(), node),
                    None => {}
                }
                return Entered::Skip;
            }
            "variable_declarator" | "public_field_definition" | "field_definition" => {
                let name = ["name", "property"].iter().map(|f| source.field(node, f)).find(|n| !n.is_empty());
                return self.named(walk, name.unwrap_or_default(), source.field(node, "type"), node, "value");
            }
            "assignment_expression" => {
                let left = node.child_by_field_name("left").map(|n| source.name(n)).unwrap_or_default();
                let left = left.trim_start_matches("this.");
                let left = left.rsplit("exports.").next().unwrap_or(left);
                return self.named(walk, left, "", node, "right");
            }
            "pair" => {
                let key = source.field(node, "key").trim_matches(['"', '\'']);
                if node.child_by_field_name("value").is_some_and(|v| FUNCTIONS.contains(&v.kind())) {
                    return self.named(walk, key, "", node, "value");
                }
            }
            "required_parameter" => {
                walk.constant(source.field(node, "pattern"), source.field(node, "type"), Value::Other, node);
            }
            "call_expression" | "new_expression" => {
                if let Some(mut call) = chain::call(self, source, node, 0) {
                    call.symbol = walk.symbol();
                    if call.callee == "require"
                        && let Some(name) = call.arguments.first().and_then(|a| a.value.plain())
                    {
                        walk.import(name);
                    }
                    walk.call(call);
                }
            }
            "throw_statement" => {
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
            "catch_clause" => {
                let name = source.field(node, "parameter");
                let body = node.child_by_field_name("body").map_or("", |b| source.text(b));
                return walk.open_catch(Vec::new(), node, hands_on(body, name));
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
            "string" => text(quoted(source.text(node))),
            "template_string" => Value::Text(template(source, node)),
            "binary_expression" => {
                if let Some(parts) = operands(node, "binary_expression", source, "+") {
                    return joined(parts.into_iter().map(down).collect());
                }
                let sign =
                    ["||", "??"].into_iter().find_map(|s| operands(node, "binary_expression", source, s));
                sign.map_or(Value::Other, |parts| chain::either(parts.into_iter().map(down).collect()))
            }
            "subscript_expression" => {
                let on = node.child_by_field_name("object").map(|n| source.name(n)).unwrap_or_default();
                let index = node.child_by_field_name("index").map_or(Value::Other, down);
                Value::Call(format!("{}[]", on.trim_start_matches("this.")), vec![positional(index)])
            }
            "identifier" | "member_expression" | "property_identifier" => {
                Value::Name(source.name(node).trim_start_matches("this.").to_owned())
            }
            "parenthesized_expression"
            | "await_expression"
            | "as_expression"
            | "non_null_expression"
            | "satisfies_expression" => children(node).first().map_or(Value::Other, |n| down(*n)),
            "arrow_function" => match node.child_by_field_name("body") {
                Some(body) if body.kind() != "statement_block" => down(body),
                _ => Value::Other,
            },
            "ternary_expression" => {
                let parts = ["consequence", "alternative"].iter().filter_map(|f| node.child_by_field_name(f));
                Value::Either(parts.map(down).collect())
            }
            "array" => Value::List(children(node).into_iter().map(down).collect()),
            "object" => self.object(source, node, depth),
            "call_expression" | "new_expression" => {
                let Some(call) = chain::call(self, source, node, depth) else { return Value::Other };
                let on = node.child_by_field_name("function").and_then(|f| f.child_by_field_name("object"));
                let on = on.filter(|o| matches!(o.kind(), "string" | "template_string")).map(down);
                formatting::text_of(&call.callee, &call.arguments, on).unwrap_or_else(|| chain::value(call))
            }
            "number" | "true" | "false" => Value::Name(source.name(node)),
            _ => Value::Other,
        }
    }
}

impl Chains for JavaScript {
    fn link<'t, 's>(&self, source: Source<'s>, node: Node<'t>, depth: u8) -> Option<Link<'t, 's>> {
        Some(match node.kind() {
            "call_expression" => {
                let list = node.child_by_field_name("arguments");
                let arguments = list.map(|a| self.arguments(source, a, depth)).unwrap_or_default();
                let function = node.child_by_field_name("function")?;
                let member = self.link(source, function, depth)?;
                Link { on: member.on, name: member.name, arguments: Some(arguments) }
            }
            "new_expression" => {
                let list = node.child_by_field_name("arguments");
                let arguments = list.map(|a| self.arguments(source, a, depth)).unwrap_or_default();
                Link { on: None, name: source.field(node, "constructor"), arguments: Some(arguments) }
            }
            "member_expression" => Link {
                on: node.child_by_field_name("object"),
                name: source.field(node, "property"),
                arguments: None,
            },
            "identifier" | "this" | "super" | "import" => {
                Link { on: None, name: source.text(node), arguments: None }
            }
            "await_expression" | "parenthesized_expression" | "non_null_expression" => {
                return self.link(
                    source,
                    *children(node).first()?,
                    depth.checked_add(1).filter(|d| *d < 32)?,
                );
            }
            _ => return None,
        })
    }
}

impl JavaScript {
    /// A name with what it starts as; a function gets a symbol of its own.
    fn named(
        &self,
        walk: &mut Walk<'_>,
        name: &str,
        type_name: &str,
        node: Node<'_>,
        field: &str,
    ) -> Entered {
        let source = walk.source;
        let Some(value) = node.child_by_field_name(field) else {
            walk.constant(name, type_name, Value::Other, node);
            return Entered::Through;
        };
        if FUNCTIONS.contains(&value.kind()) {
            let params = params(source, value);
            walk.open(SymbolKind::Function, name, node).params = params;
            return Entered::Symbol;
        }
        walk.constant(name, type_name, self.value(source, value, 0), node);
        Entered::Through
    }

    fn arguments(&self, source: Source<'_>, node: Node<'_>, depth: u8) -> Vec<Argument> {
        if depth > DEPTH {
            return Vec::new();
        }
        if node.kind() == "template_string" {
            return vec![positional(Value::Text(template(source, node)))];
        }
        children(node).into_iter().map(|n| positional(self.value(source, n, depth + 1))).collect()
    }

    fn object(&self, source: Source<'_>, node: Node<'_>, depth: u8) -> Value {
        let field = |n: Node<'_>| match n.kind() {
            "pair" => {
                let value =
                    n.child_by_field_name("value").map_or(Value::Other, |v| self.value(source, v, depth + 1));
                Some((source.field(n, "key").trim_matches(['"', '\'']).to_owned(), value))
            }
            "shorthand_property_identifier" => {
                Some((source.text(n).to_owned(), Value::Name(source.text(n).to_owned())))
            }
            _ => None,
        };
        Value::Object(children(node).into_iter().filter_map(field).collect())
    }
}

fn params(source: Source<'_>, node: Node<'_>) -> Vec<String> {
    if let Some(single) = node.child_by_field_name("parameter") {
        return vec![source.name(single)];
    }
    let list = node.child_by_field_name("parameters").map(|n| children(n)).unwrap_or_default();
    let name = |n: Node<'_>| match n.child_by_field_name("pattern").or_else(|| n.child_by_field_name("left"))
    {
        Some(pattern) => source.name(pattern),
        None => source.name(n),
    };
    list.into_iter().map(name).collect()
}

fn hands_on(text: &str, name: &str) -> bool {
    text.lines().any(|line| {
        let logs = line.to_lowercase().contains("log") || line.contains("console.");
        !logs && (line.contains('(') || line.contains("return")) && uses_name(line, name)
    })
}

fn quoted(raw: &str) -> String {
    let mut chars = raw.chars();
    let quote = chars.next();
    let inside = chars.as_str();
    unescape(quote.and_then(|q| inside.strip_suffix(q)).unwrap_or(inside))
}

fn template(source: Source<'_>, node: Node<'_>) -> Template {
    let mut out = Template::default();
    let mut at = node.start_byte() + 1;
    for part in children(node).into_iter().filter(|n| n.kind() == "template_substitution") {
        out.push_text(&unescape(source.0.get(at..part.start_byte()).unwrap_or_default()));
        let inner = children(part).first().map(|n| source.name(*n)).unwrap_or_default();
        out.append(Template::hole(inner));
        at = part.end_byte();
    }
    let end = node.end_byte().saturating_sub(1);
    out.push_text(&unescape(source.0.get(at..end).unwrap_or_default()));
    out
}
