//! PHP.

use super::chain::{self, Chains, Link};
use super::formatting;
use super::text::{dedent, unescape};
use super::walk::{
    DEPTH, Entered, Grammar, Source, Walk, child, children, joined, lines, operands, positional, uses_name,
};
use crate::outline::{Argument, Call, SymbolKind, Template, Value};
use tree_sitter::Node;

/// The language.
pub(super) struct Php;

const CALLS: &[&str] = &[
    "function_call_expression",
    "member_call_expression",
    "nullsafe_member_call_expression",
    "scoped_call_expression",
    "object_creation_expression",
];

impl Grammar for Php {
    fn grammar(&self) -> tree_sitter::Language {
        tree_sitter_php::LANGUAGE_PHP.into()
    }

    fn enter(&self, walk: &mut Walk<'_>, node: Node<'_>) -> Entered {
        let source = walk.source;
        match node.kind() {
            "namespace_definition" => {
                walk.outline.package = source.field(node, "name").replace('\\', ".");
            }
            "namespace_use_clause" => walk.import(source.text(node)),
            "class_declaration" | "interface_declaration" | "trait_declaration" | "enum_declaration" => {
                let lists = ["base_clause", "class_interface_clause"];
                let types = lists.iter().filter_map(|k| child(node, k)).flat_map(children);
                let types = types.map(|n| source.name(n)).collect();
                walk.open(SymbolKind::Class, source.field(node, "name"), node).types = types;
                return Entered::Symbol;
            }
            "method_declaration" | "function_definition" => {
                let list = node.child_by_field_name("parameters").map(|n| children(n)).unwrap_or_default();
                let params = list.iter().map(|n| variable(source.field(*n, "name"))).collect();
                let types = node.child_by_field_name("return_type").map(|n| source.name(n));
                let symbol = walk.open(SymbolKind::Function, source.field(node, "name"), node);
                (symbol.params, symbol.types) = (params, types.into_iter().collect());
                promote(walk, node);
                return Entered::Symbol;
            }
            "simple_parameter" | "property_promotion_parameter" => {
                let name = variable(source.field(node, "name"));
                walk.constant(&name, source.field(node, "type"), Value::Other, node);
            }
            "property_declaration" | "const_declaration" => self.members(walk, node),
            "enum_case" => {
                let value =
                    node.child_by_field_name("value").map_or(Value::Other, |v| self.value(source, v, 0));
                walk.constant(source.field(node, "name"), "", value, node);
            }
            "assignment_expression" => {
                if let (Some(left), Some(right)) =
                    (node.child_by_field_name("left"), node.child_by_field_name("right"))
                {
                    let value = self.value(source, right, 0);
                    walk.constant(&path(source, left), "", value, node);
                }
            }
            "attribute" => self.attribute(walk, node),
            "echo_statement" => {
                let (line, end_line) = lines(node);
                let arguments =
                    children(node).into_iter().map(|n| positional(self.value(source, n, 0))).collect();
                let (callee, symbol) = ("echo".to_owned(), walk.symbol());
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
            "throw_expression" => {
                if let Some(thrown) = children(node).first() {
                    let (name, message) = match self.value(source, *thrown, 0) {
                        Value::Call(callee, given) => {
                            let said = given.into_iter().map(|a| a.value).find(Value::has_text);
                            (callee, said.unwrap_or(Value::Other))
                        }
                        other => (String::new(), other),
                    };
                    walk.raise(&name, message, node);
                }
            }
            "catch_clause" => {
                let types = node.child_by_field_name("type").map(|n| children(n)).unwrap_or_default();
                let types = types.into_iter().map(|n| source.name(n)).collect();
                let body = node.child_by_field_name("body").map_or("", |b| source.text(b));
                let name = source.field(node, "name");
                return walk.open_catch(types, node, hands_on(body, name.trim_start_matches('$')));
            }
            "return_statement" => {
                if let Some(value) = children(node).first() {
                    walk.returns(self.value(source, *value, 0), node);
                }
            }
            kind if CALLS.contains(&kind) => {
                if let Some(mut call) = chain::call(self, source, node, 0) {
                    call.symbol = walk.symbol();
                    walk.call(call);
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
            "string" | "encapsed_string" | "heredoc" | "nowdoc" => Value::Text(string(source, node)),
            "binary_expression" => {
                if let Some(parts) = operands(node, "binary_expression", source, ".") {
                    return joined(parts.into_iter().map(down).collect());
                }
                let signs = ["??", "?:", "||"];
                let either = signs.into_iter().find_map(|s| operands(node, "binary_expression", source, s));
                either.map_or(Value::Other, |parts| chain::either(parts.into_iter().map(down).collect()))
            }
            "conditional_expression" => {
                let sides = ["body", "alternative"].iter().filter_map(|f| node.child_by_field_name(f));
                Value::Either(sides.map(down).collect())
            }
            "match_expression" => {
                let arms = node.child_by_field_name("body").map(|n| children(n)).unwrap_or_default();
                let arms = arms.into_iter().filter_map(|a| a.child_by_field_name("return_expression"));
                Value::Either(arms.map(down).collect())
            }
            "array_creation_expression" => self.array(source, node, depth),
            "variable_name"
            | "member_access_expression"
            | "nullsafe_member_access_expression"
            | "class_constant_access_expression"
            | "scoped_property_access_expression"
            | "name"
            | "qualified_name" => Value::Name(path(source, node)),
            "subscript_expression" => {
                let parts = children(node);
                let on = parts.first().map(|n| path(source, *n)).unwrap_or_default();
                let index = parts.get(1).map_or(Value::Other, |n| down(*n));
                Value::Call(format!("{on}[]"), vec![positional(index)])
            }
            "parenthesized_expression" | "error_suppression_expression" | "print_intrinsic" => {
                children(node).first().map_or(Value::Other, |n| down(*n))
            }
            "cast_expression" => node.child_by_field_name("value").map_or(Value::Other, down),
            "assignment_expression" => node.child_by_field_name("right").map_or(Value::Other, down),
            "arrow_function" => node.child_by_field_name("body").map_or(Value::Other, down),
            "integer" | "boolean" | "null" => Value::Name(source.name(node)),
            kind if CALLS.contains(&kind) => {
                let Some(call) = chain::call(self, source, node, depth) else { return Value::Other };
                formatting::text_of(&call.callee, &call.arguments, None).unwrap_or_else(|| chain::value(call))
            }
            _ => Value::Other,
        }
    }
}

impl Chains for Php {
    fn link<'t, 's>(&self, source: Source<'s>, node: Node<'t>, depth: u8) -> Option<Link<'t, 's>> {
        let given = || {
            let list = node.child_by_field_name("arguments").or_else(|| child(node, "arguments"));
            Some(list.map(|a| self.arguments(source, a, depth)).unwrap_or_default())
        };
        let name = || source.field(node, "name").trim_start_matches('$');
        Some(match node.kind() {
            "member_call_expression" | "nullsafe_member_call_expression" => {
                Link { on: node.child_by_field_name("object"), name: name(), arguments: given() }
            }
            "scoped_call_expression" => {
                Link { on: node.child_by_field_name("scope"), name: name(), arguments: given() }
            }
            "function_call_expression" => {
                let function = node.child_by_field_name("function")?;
                let named = matches!(function.kind(), "name" | "qualified_name");
                let name = source.text(function).trim_start_matches('\\');
                Link { on: None, name: if named { name } else { "" }, arguments: given() }
            }
            "object_creation_expression" => {
                let class =
                    children(node).into_iter().find(|n| matches!(n.kind(), "name" | "qualified_name"))?;
                Link { on: None, name: source.text(class), arguments: given() }
            }
            "member_access_expression" | "nullsafe_member_access_expression" => {
                Link { on: node.child_by_field_name("object"), name: name(), arguments: None }
            }
            "scoped_property_access_expression" => {
                Link { on: node.child_by_field_name("scope"), name: name(), arguments: None }
            }
            "class_constant_access_expression" => {
                let parts = children(node);
                let name = parts.get(1).map_or("", |n| source.text(*n));
                Link { on: parts.first().copied(), name, arguments: None }
            }
            "variable_name" => {
                Link { on: None, name: source.text(node).trim_start_matches('$'), arguments: None }
            }
            "name" | "qualified_name" => {
                let text = source.text(node);
                let last = text.rsplit('\\').next().unwrap_or(text);
                Link { on: None, name: last, arguments: None }
            }
            "relative_scope" => Link { on: None, name: "self", arguments: None },
            "parenthesized_expression" => {
                let inner = *children(node).first()?;
                return self.link(source, inner, depth.checked_add(1).filter(|d| *d < 32)?);
            }
            _ => return None,
        })
    }
}

impl Php {
    fn arguments(&self, source: Source<'_>, node: Node<'_>, depth: u8) -> Vec<Argument> {
        let one = |n: Node<'_>| {
            let name = n.child_by_field_name("name");
            let value = children(n).into_iter().find(|v| Some(v.id()) != name.map(|m| m.id()));
            Argument {
                name: name.map_or_else(String::new, |m| source.text(m).to_owned()),
                value: value.map_or(Value::Other, |v| self.value(source, v, depth + 1)),
            }
        };
        let is = |n: &Node<'_>| n.kind() == "argument";
        if depth > DEPTH { Vec::new() } else { children(node).into_iter().filter(is).map(one).collect() }
    }

    /// A list, or pairs where there are keys.
    fn array(&self, source: Source<'_>, node: Node<'_>, depth: u8) -> Value {
        let (mut list, mut pairs) = (Vec::new(), Vec::new());
        for element in children(node) {
            match children(element).as_slice() {
                [key, value] => {
                    let name = self.value(source, *key, depth + 1);
                    let name = name.plain().map_or_else(|| path(source, *key), str::to_owned);
                    pairs.push((name, self.value(source, *value, depth + 1)));
                }
                [only] => list.push(self.value(source, *only, depth + 1)),
                _ => {}
            }
        }
        if pairs.is_empty() { Value::List(list) } else { Value::Object(pairs) }
    }

    /// The members of one declaration: `private string $topic = "a"`, `const A = "b"`.
    fn members(&self, walk: &mut Walk<'_>, node: Node<'_>) {
        let source = walk.source;
        for member in children(node) {
            match member.kind() {
                "property_element" => {
                    let value = member.child_by_field_name("default_value");
                    let value = value.map_or(Value::Other, |v| self.value(source, v, 0));
                    let name = variable(source.field(member, "name"));
                    walk.constant(&name, source.field(node, "type"), value, member);
                }
                "const_element" => {
                    if let [name, value] = children(member).as_slice() {
                        let value = self.value(source, *value, 0);
                        walk.constant(source.text(*name), "", value, member);
                    }
                }
                _ => {}
            }
        }
    }

    /// An attribute, with the property or parameter that it stands on.
    fn attribute(&self, walk: &mut Walk<'_>, node: Node<'_>) {
        let source = walk.source;
        let Some(name) = children(node).first().map(|n| source.text(*n).replace('\\', ".")) else { return };
        let given = node.child_by_field_name("parameters").map(|p| self.arguments(source, p, 0));
        walk.annotation(&name, given.unwrap_or_default(), node);
        let on = node.parent().and_then(|n| n.parent()).and_then(|n| n.parent());
        let Some(on) = on else { return };
        match on.kind() {
            "property_declaration" => {
                let member = child(on, "property_element").map_or("", |m| source.field(m, "name"));
                walk.annotated(&variable(member));
            }
            "simple_parameter" | "property_promotion_parameter" => {
                walk.annotated(&variable(source.field(on, "name")));
            }
            _ => {}
        }
    }
}

/// A constructor's parameters are its class's.
fn promote(walk: &mut Walk<'_>, node: Node<'_>) {
    if walk.source.field(node, "name") != "__construct" {
        return;
    }
    let symbols = &mut walk.outline.symbols;
    let Some(last) = symbols.last() else { return };
    let (params, parent) = (last.params.clone(), last.parent);
    if let Some(class) = parent.and_then(|p| symbols.get_mut(p as usize)) {
        class.params = params;
    }
}

fn variable(text: &str) -> String {
    text.trim_start_matches(['&', '$', '.']).to_owned()
}

/// `$this->config->topic`, `self::TOPIC`, `Topics::ORDERS` as a path of names.
fn path(source: Source<'_>, node: Node<'_>) -> String {
    let name = source.name(node);
    let name = name.replace('$', "").replace("?->", ".").replace("->", ".");
    let name =
        ["this.", "self::", "static::"].iter().fold(name.as_str(), |n, p| n.strip_prefix(p).unwrap_or(n));
    name.replace('\\', ".").trim_start_matches('.').to_owned()
}

/// Whether a caught exception is returned or given to a call that is not about logging.
fn hands_on(text: &str, name: &str) -> bool {
    text.lines().any(|line| {
        let logs = line.to_lowercase().contains("log") || line.contains("echo ");
        !logs && (line.contains('(') || line.contains("return")) && uses_name(line, name)
    })
}

fn string(source: Source<'_>, node: Node<'_>) -> Template {
    let mut out = Template::default();
    let (kind, held) = (node.kind(), node.child_by_field_name("value"));
    if matches!(kind, "nowdoc" | "heredoc") {
        pieces(source, held.unwrap_or(node), &mut out);
        let mut parts = out.parts;
        if let [crate::outline::Part::Text(only)] = parts.as_mut_slice() {
            *only = dedent(only);
        }
        return Template { parts };
    }
    pieces(source, node, &mut out);
    if out.parts.is_empty() { Template::literal("") } else { out }
}

/// Text and what is filled in; what stands between two parts is text as well.
fn pieces(source: Source<'_>, node: Node<'_>, out: &mut Template) {
    let single = node.kind() == "string";
    for part in children(node) {
        match part.kind() {
            "string_content" | "nowdoc_string" => out.push_text(source.text(part)),
            "escape_sequence" if single => out.push_text(source.text(part).trim_start_matches('\\')),
            "escape_sequence" => out.push_text(&unescape(source.text(part))),
            "heredoc_start" | "heredoc_end" => {}
            _ => out.append(Template::hole(path(source, part))),
        }
    }
}
