//! C#.

use super::chain::{self, Chains, Link};
use super::formatting::{self, text};
use super::text::{dedent, unescape};
use super::walk::{
    DEPTH, Entered, Grammar, Source, Walk, child, children, joined, operands, positional, uses_name,
};
use crate::outline::{Argument, Hole, SymbolKind, Template, Value};
use tree_sitter::Node;

/// The language.
pub(super) struct CSharp;

impl Grammar for CSharp {
    fn grammar(&self) -> tree_sitter::Language {
        tree_sitter_c_sharp::LANGUAGE.into()
    }

    fn enter(&self, walk: &mut Walk<'_>, node: Node<'_>) -> Entered {
        let source = walk.source;
        match node.kind() {
            "namespace_declaration" | "file_scoped_namespace_declaration" => {
                walk.outline.package = source.field(node, "name").to_owned();
            }
            "using_directive" => {
                walk.import(&children(node).last().map(|n| source.name(*n)).unwrap_or_default());
            }
            "class_declaration"
            | "interface_declaration"
            | "struct_declaration"
            | "record_declaration"
            | "enum_declaration" => {
                let types = child(node, "base_list").map(|n| children(n)).unwrap_or_default();
                let types = types.into_iter().map(|n| source.name(n)).collect();
                let params = params(source, node);
                let symbol = walk.open(SymbolKind::Class, source.field(node, "name"), node);
                (symbol.types, symbol.params) = (types, params);
                return Entered::Symbol;
            }
            "method_declaration" | "constructor_declaration" | "local_function_statement" => {
                let params = params(source, node);
                let returns =
                    node.child_by_field_name("returns").or_else(|| node.child_by_field_name("type"));
                let types = returns.map(|t| vec![source.name(t)]).unwrap_or_default();
                let symbol = walk.open(SymbolKind::Function, source.field(node, "name"), node);
                (symbol.types, symbol.params) = (types, params);
                return Entered::Symbol;
            }
            "attribute" => {
                let arguments = child(node, "attribute_argument_list").map(|a| self.arguments(source, a, 0));
                walk.annotation(source.field(node, "name"), arguments.unwrap_or_default(), node);
                let holder = node.parent().and_then(|l| l.parent());
                if let Some(holder) =
                    holder.filter(|h| matches!(h.kind(), "parameter" | "property_declaration"))
                {
                    walk.annotated(source.field(holder, "name"));
                }
                return Entered::Skip;
            }
            "variable_declaration" => declare(self, walk, node),
            "property_declaration" => {
                let value =
                    node.child_by_field_name("value").map_or(Value::Other, |v| self.value(source, v, 0));
                walk.constant(source.field(node, "name"), source.field(node, "type"), value, node);
            }
            "parameter" => {
                walk.constant(source.field(node, "name"), source.field(node, "type"), Value::Other, node);
            }
            "assignment_expression" => {
                if let (Some(left), Some(right)) =
                    (node.child_by_field_name("left"), node.child_by_field_name("right"))
                {
                    let name = source.name(left);
                    walk.constant(name.trim_start_matches("this."), "", self.value(source, right, 0), node);
                }
            }
            "invocation_expression" | "object_creation_expression" => {
                if let Some(mut call) = chain::call(self, source, node, 0) {
                    call.symbol = walk.symbol();
                    call.types = type_arguments(source, node);
                    walk.call(call);
                }
            }
            "throw_statement" | "throw_expression" => match children(node).first() {
                Some(thrown) => {
                    let (name, message) = match self.value(source, *thrown, 0) {
                        Value::Call(callee, arguments) => {
                            let said = arguments.into_iter().map(|a| a.value).find(Value::has_text);
                            (callee, said.unwrap_or(Value::Other))
                        }
                        other => (String::new(), other),
                    };
                    walk.raise(&name, message, node);
                }
                None => walk.rethrow(),
            },
            "catch_clause" => {
                let declared = child(node, "catch_declaration");
                let types = declared.map(|d| source.field(d, "type").to_owned()).into_iter().collect();
                let name = declared.map_or("", |d| source.field(d, "name"));
                let body = node.child_by_field_name("body").map_or("", |b| source.text(b));
                return walk.open_catch(types, node, hands_on(body, name));
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
            "string_literal" | "verbatim_string_literal" | "raw_string_literal" => {
                text(literal(source.text(node)))
            }
            "interpolated_string_expression" => Value::Text(interpolated(source, node)),
            "binary_expression" => match operands(node, "binary_expression", source, "+") {
                Some(parts) => joined(parts.into_iter().map(down).collect()),
                None => match operands(node, "binary_expression", source, "??") {
                    Some(parts) => chain::either(parts.into_iter().map(down).collect()),
                    None => Value::Other,
                },
            },
            "arrow_expression_clause" => children(node).first().map_or(Value::Other, |n| down(*n)),
            "element_access_expression" => {
                let on = node.child_by_field_name("expression").map(|n| source.name(n)).unwrap_or_default();
                let list = node.child_by_field_name("subscript");
                let list = list.map(|s| self.arguments(source, s, depth + 1)).unwrap_or_default();
                Value::Call(format!("{on}[]"), list)
            }
            "identifier" | "member_access_expression" => {
                Value::Name(source.name(node).trim_start_matches("this.").to_owned())
            }
            "parenthesized_expression" | "await_expression" => {
                children(node).first().map_or(Value::Other, |n| down(*n))
            }
            "cast_expression" => node.child_by_field_name("value").map_or(Value::Other, down),
            "lambda_expression" => match node.child_by_field_name("body") {
                Some(body) if body.kind() != "block" => down(body),
                _ => Value::Other,
            },
            "conditional_expression" => {
                let parts = ["consequence", "alternative"].iter().filter_map(|f| node.child_by_field_name(f));
                Value::Either(parts.map(down).collect())
            }
            "array_creation_expression" | "implicit_array_creation_expression" | "collection_expression" => {
                let list = child(node, "initializer_expression").unwrap_or(node);
                Value::List(children(list).into_iter().map(down).collect())
            }
            "initializer_expression" => self.initializer(source, node, depth),
            "implicit_object_creation_expression" => child(node, "initializer_expression")
                .map_or(Value::Other, |i| self.initializer(source, i, depth)),
            "invocation_expression" | "object_creation_expression" => {
                let Some(call) = chain::call(self, source, node, depth) else { return Value::Other };
                formatting::text_of(&call.callee, &call.arguments, None).unwrap_or_else(|| chain::value(call))
            }
            "typeof_expression" | "integer_literal" | "boolean_literal" => Value::Name(source.name(node)),
            _ => Value::Other,
        }
    }
}

impl Chains for CSharp {
    fn link<'t, 's>(&self, source: Source<'s>, node: Node<'t>, depth: u8) -> Option<Link<'t, 's>> {
        Some(match node.kind() {
            "invocation_expression" => {
                let arguments =
                    node.child_by_field_name("arguments").map(|a| self.arguments(source, a, depth));
                let function = node.child_by_field_name("function")?;
                let member = self.link(source, function, depth)?;
                Link { on: member.on, name: member.name, arguments: Some(arguments.unwrap_or_default()) }
            }
            "object_creation_expression" => {
                let list = node.child_by_field_name("arguments");
                let mut arguments = list.map(|a| self.arguments(source, a, depth)).unwrap_or_default();
                if let Some(fields) = node.child_by_field_name("initializer") {
                    arguments.push(positional(self.initializer(source, fields, depth + 1)));
                }
                let name = source.field(node, "type").split('<').next().unwrap_or_default();
                Link { on: None, name, arguments: Some(arguments) }
            }
            "member_access_expression" => Link {
                on: node.child_by_field_name("expression"),
                name: generic(source.field(node, "name")),
                arguments: None,
            },
            "conditional_access_expression" => {
                let on = node.child_by_field_name("condition");
                let binding = children(node).into_iter().last()?;
                // `a?.b.c()`: the tail may itself be a chain.
                Link {
                    on,
                    name: generic(source.text(binding).trim_start_matches(['.', '?'])),
                    arguments: None,
                }
            }
            "identifier" | "this" | "this_expression" | "predefined_type" => {
                Link { on: None, name: source.text(node), arguments: None }
            }
            "generic_name" => Link { on: None, name: generic(source.text(node)), arguments: None },
            _ => return None,
        })
    }
}

impl CSharp {
    fn arguments(&self, source: Source<'_>, node: Node<'_>, depth: u8) -> Vec<Argument> {
        let one = |n: Node<'_>| {
            let value = children(n).last().map_or(Value::Other, |v| self.value(source, *v, depth + 1));
            Argument { name: source.field(n, "name").to_owned(), value }
        };
        if depth > DEPTH { Vec::new() } else { children(node).into_iter().map(one).collect() }
    }

    fn initializer(&self, source: Source<'_>, node: Node<'_>, depth: u8) -> Value {
        let fields = children(node).into_iter().filter(|n| n.kind() == "assignment_expression");
        let field = |n: Node<'_>| {
            let value =
                n.child_by_field_name("right").map_or(Value::Other, |v| self.value(source, v, depth + 1));
            (source.field(n, "left").to_owned(), value)
        };
        let fields: Vec<_> = if depth > DEPTH { Vec::new() } else { fields.map(field).collect() };
        if fields.is_empty() && depth <= DEPTH {
            return Value::List(
                children(node).into_iter().map(|n| self.value(source, n, depth + 1)).collect(),
            );
        }
        Value::Object(fields)
    }
}

/// `A` and `B` of `x.M<A, B>(…)` and `new T<A, B>(…)`.
fn type_arguments(source: Source<'_>, node: Node<'_>) -> Vec<String> {
    let called = node.child_by_field_name("function").or_else(|| node.child_by_field_name("type"));
    let name =
        called.map(|f| f.child_by_field_name("name").filter(|n| n.kind() == "generic_name").unwrap_or(f));
    let list = name.filter(|n| n.kind() == "generic_name").and_then(|n| child(n, "type_argument_list"));
    list.map(|l| children(l).into_iter().map(|t| source.name(t)).collect()).unwrap_or_default()
}

/// A name without type arguments.
fn generic(name: &str) -> &str {
    name.split('<').next().unwrap_or_default()
}

fn declare(csharp: &CSharp, walk: &mut Walk<'_>, node: Node<'_>) {
    let source = walk.source;
    let type_name = source.field(node, "type");
    for declarator in children(node).into_iter().filter(|n| n.kind() == "variable_declarator") {
        let name = source.field(declarator, "name");
        let value =
            children(declarator).into_iter().nth(1).map_or(Value::Other, |v| csharp.value(source, v, 0));
        walk.constant(name, type_name, value, declarator);
    }
}

fn params(source: Source<'_>, node: Node<'_>) -> Vec<String> {
    let list = node.child_by_field_name("parameters").or_else(|| child(node, "parameter_list"));
    let list = list.map(|n| children(n)).unwrap_or_default();
    list.into_iter().filter(|n| n.kind() == "parameter").map(|n| source.field(n, "name").to_owned()).collect()
}

fn hands_on(text: &str, name: &str) -> bool {
    text.lines().any(|line| {
        let logs = line.to_lowercase().contains("log") || line.contains("Console.");
        !logs && (line.contains('(') || line.contains("return")) && uses_name(line, name)
    })
}

fn literal(raw: &str) -> String {
    if let Some(verbatim) = raw.strip_prefix("@\"") {
        return verbatim.strip_suffix('"').unwrap_or(verbatim).replace("\"\"", "\"");
    }
    if raw.starts_with("\"\"\"") {
        return dedent(raw.trim_matches('"')).trim_end_matches(['\n', ' ']).to_owned();
    }
    unescape(raw.strip_prefix('"').map_or(raw, |r| r.strip_suffix('"').unwrap_or(r)))
}

fn interpolated(source: Source<'_>, node: Node<'_>) -> Template {
    let mut out = Template::default();
    let verbatim = source.text(node).starts_with("$@") || source.text(node).starts_with("@$");
    for part in children(node) {
        match part.kind() {
            "string_content" => {
                let text = source.text(part).replace("{{", "{").replace("}}", "}");
                out.push_text(&if verbatim { text.replace("\"\"", "\"") } else { unescape(&text) });
            }
            "escape_sequence" => out.push_text(&unescape(source.text(part))),
            "interpolation" => {
                let inner = children(part).into_iter().find(|n| !n.kind().starts_with("interpolation_"));
                out.push_hole(Hole {
                    name: inner.map(|n| source.name(n)).unwrap_or_default(),
                    number: false,
                });
            }
            _ => {}
        }
    }
    out
}
