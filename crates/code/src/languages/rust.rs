//! Rust.

use super::chain::{self, Chains, Link};
use super::formatting::{self, text};
use super::text::unescape;
use super::walk::{DEPTH, Entered, Grammar, Source, Walk, child, children, lines, positional, uses_name};
use crate::outline::{Argument, Call, SymbolKind, Value, last_name};
use crate::placeholders::{BRACES, expand};
use tree_sitter::Node;

/// The language.
pub(super) struct Rust;

impl Grammar for Rust {
    fn grammar(&self) -> tree_sitter::Language {
        tree_sitter_rust::LANGUAGE.into()
    }

    fn enter(&self, walk: &mut Walk<'_>, node: Node<'_>) -> Entered {
        let source = walk.source;
        match node.kind() {
            "struct_item" | "enum_item" | "trait_item" | "mod_item" | "union_item" => {
                walk.open(SymbolKind::Class, source.field(node, "name"), node);
                return Entered::Symbol;
            }
            "impl_item" => {
                let name = source.field(node, "type").split('<').next().unwrap_or_default();
                let types =
                    node.child_by_field_name("trait").map(|t| vec![source.name(t)]).unwrap_or_default();
                walk.open(SymbolKind::Class, name, node).types = types;
                return Entered::Symbol;
            }
            "function_item" | "function_signature_item" => {
                let list = node.child_by_field_name("parameters").map(|n| children(n)).unwrap_or_default();
                let params = list.into_iter().filter(|n| n.kind() == "parameter");
                let params = params.map(|n| source.field(n, "pattern").to_owned()).collect();
                walk.open(SymbolKind::Function, source.field(node, "name"), node).params = params;
                return Entered::Symbol;
            }
            "use_declaration" => walk.import(source.field(node, "argument")),
            "attribute_item" => {
                attribute(walk, node);
                return Entered::Skip;
            }
            "const_item" | "static_item" => {
                let value =
                    node.child_by_field_name("value").map_or(Value::Other, |v| self.value(source, v, 0));
                walk.constant(source.field(node, "name"), source.field(node, "type"), value, node);
            }
            "let_declaration" => {
                let value =
                    node.child_by_field_name("value").map_or(Value::Other, |v| self.value(source, v, 0));
                let name = source.field(node, "pattern").trim_start_matches("mut ");
                walk.constant(name, source.field(node, "type"), value, node);
            }
            "call_expression" | "struct_expression" => {
                let call = match node.kind() {
                    "struct_expression" => made(self, source, node),
                    _ => chain::call(self, source, node, 0),
                };
                if let Some(mut call) = call {
                    call.symbol = walk.symbol();
                    walk.call(call);
                }
            }
            "macro_invocation" => {
                if let Some(tokens) = child(node, "token_tree") {
                    invoked(walk, source.field(node, "macro"), tokens, node);
                }
            }
            "token_tree" => nested(walk, node),
            "match_arm" => {
                let pattern = source.field(node, "pattern");
                if let Some(name) = pattern.strip_prefix("Err(") {
                    let body = node.child_by_field_name("value").map_or("", |v| source.text(v));
                    let name = name.trim_end_matches(')');
                    let entered = walk.open_catch(Vec::new(), node, hands_on(body, name));
                    if body.contains("Err(") || body.contains("bail!") || body.contains("panic!") {
                        walk.rethrow();
                    }
                    return entered;
                }
            }
            "if_expression" => {
                let condition = source.field(node, "condition");
                if let Some(rest) = condition.strip_prefix("let Err(") {
                    let name = rest.split(')').next().unwrap_or_default();
                    let body = source.field(node, "consequence");
                    let entered = walk.open_catch(Vec::new(), node, hands_on(body, name));
                    if body.contains("Err(") || body.contains("bail!") || body.contains("panic!") {
                        walk.rethrow();
                    }
                    return entered;
                }
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
            "string_literal" | "raw_string_literal" => text(literal(source.text(node))),
            "identifier" | "field_expression" | "scoped_identifier" => {
                Value::Name(source.name(node).trim_start_matches("self.").to_owned())
            }
            "reference_expression" | "try_expression" | "await_expression" | "parenthesized_expression" => {
                children(node).last().map_or(Value::Other, |n| down(*n))
            }
            "closure_expression" => match node.child_by_field_name("body") {
                Some(body) if body.kind() != "block" => down(body),
                _ => Value::Other,
            },
            "if_expression" => {
                let ends = |f: &str| node.child_by_field_name(f).and_then(|n| last_deep(n));
                match (ends("consequence"), ends("alternative")) {
                    (Some(yes), Some(no)) => Value::Either(vec![down(yes), down(no)]),
                    _ => Value::Other,
                }
            }
            "array_expression" => Value::List(children(node).into_iter().map(down).collect()),
            "struct_expression" => {
                made(self, source, node).map_or(Value::Other, |c| Value::Call(c.callee, c.arguments))
            }
            "macro_invocation" => {
                let name = format!("{}!", source.field(node, "macro"));
                let tokens = child(node, "token_tree").map_or("", |n| source.text(n));
                let arguments = arguments_of(tokens);
                if last_name(&name) == "vec!" {
                    return Value::List(arguments.into_iter().map(|a| a.value).collect());
                }
                formatting::text_of(&name, &arguments, None).unwrap_or(Value::Call(name, arguments))
            }
            "call_expression" => {
                let Some(call) = chain::call(self, source, node, depth) else { return Value::Other };
                let on = node.child_by_field_name("function").and_then(|f| f.child_by_field_name("value"));
                let on = on.filter(|o| o.kind().ends_with("string_literal")).map(down);
                formatting::text_of(&call.callee, &call.arguments, on).unwrap_or_else(|| chain::value(call))
            }
            "integer_literal" | "boolean_literal" => Value::Name(source.name(node)),
            _ => Value::Other,
        }
    }
}

impl Chains for Rust {
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
            "field_expression" => Link {
                on: node.child_by_field_name("value"),
                name: source.field(node, "field"),
                arguments: None,
            },
            "scoped_identifier" => Link {
                on: node.child_by_field_name("path"),
                name: source.field(node, "name"),
                arguments: None,
            },
            "generic_function" => return self.link(source, node.child_by_field_name("function")?, depth),
            "await_expression" | "try_expression" | "reference_expression" => {
                return self.link(source, *children(node).last()?, depth.checked_add(1).filter(|d| *d < 32)?);
            }
            "identifier" | "self" | "type_identifier" | "crate" => {
                Link { on: None, name: source.text(node), arguments: None }
            }
            _ => return None,
        })
    }
}

/// A struct literal as a call with its fields.
fn made(rust: &Rust, source: Source<'_>, node: Node<'_>) -> Option<Call> {
    let body = node.child_by_field_name("body")?;
    let field = |n: Node<'_>| {
        let value = n.child_by_field_name("value").map_or(Value::Other, |v| rust.value(source, v, 2));
        (source.field(n, "field").to_owned(), value)
    };
    let short = |n: Node<'_>| {
        let name = source.name(n);
        (name.clone(), Value::Name(name))
    };
    let fields = children(body).into_iter().filter_map(|n| match n.kind() {
        "field_initializer" => Some(field(n)),
        "shorthand_field_initializer" => Some(short(n)),
        _ => None,
    });
    let fields = fields.collect();
    let (line, end_line) = lines(node);
    let arguments = vec![positional(Value::Object(fields))];
    let callee = source.field(node, "name").replace("::", ".");
    Some(Call { callee, arguments, chain: Vec::new(), line, end_line, symbol: None, types: Vec::new() })
}

/// What a block ends with.
fn last_deep(node: Node<'_>) -> Option<Node<'_>> {
    let mut node = node;
    for _ in 0..4 {
        match node.kind() {
            "block" | "else_clause" => node = *children(node).last()?,
            _ => return Some(node),
        }
    }
    None
}

/// A macro: its arguments as a call, and what it raises.
fn invoked(walk: &mut Walk<'_>, name: &str, tokens: Node<'_>, node: Node<'_>) {
    let arguments = arguments_of(walk.source.text(tokens));
    let short = last_name(name);
    if matches!(short, "bail" | "anyhow" | "eyre" | "panic" | "ensure" | "unreachable" | "unimplemented") {
        let said = arguments.iter().map(|a| &a.value).find(|v| v.has_text());
        let message = match said {
            Some(Value::Text(template)) => Value::Text(expand(template, BRACES)),
            _ => Value::Other,
        };
        walk.raise("", message, node);
    }
    let (line, end_line) = lines(node);
    let symbol = walk.symbol();
    let callee = format!("{name}!");
    let (chain, types) = (Vec::new(), Vec::new());
    walk.call(Call { callee, arguments, chain, line, end_line, symbol, types });
}

/// Macros inside the tokens of another (`select! { … info!("…") … }`).
fn nested(walk: &mut Walk<'_>, node: Node<'_>) {
    let mut cursor = node.walk();
    let (mut name, mut bang) = (None, false);
    for part in node.children(&mut cursor) {
        match part.kind() {
            "identifier" => (name, bang) = (Some(part), false),
            "!" if name.is_some() => bang = true,
            "token_tree" if bang => {
                if let Some(name) = name.take() {
                    let text = walk.source.text(name);
                    invoked(walk, text, part, name);
                }
                bang = false;
            }
            _ => (name, bang) = (None, false),
        }
    }
}

/// `#[error("not found: {0}")]` is what an error says when it is raised.
fn attribute(walk: &mut Walk<'_>, node: Node<'_>) {
    let source = walk.source;
    let Some(attribute) = child(node, "attribute") else { return };
    let Some(name) = children(attribute).first().map(|n| source.name(*n)) else { return };
    let tokens = attribute.child_by_field_name("arguments").map_or("", |n| source.text(n));
    let arguments = arguments_of(tokens);
    if name == "error"
        && let Some(Value::Text(template)) = arguments.first().map(|a| &a.value)
    {
        let message = Value::Text(expand(template, BRACES));
        walk.raise("", message, node);
    }
    walk.annotation(&name, arguments, node);
}

/// The arguments of a macro, from its text: a list split at its commas.
fn arguments_of(tokens: &str) -> Vec<Argument> {
    let inside = tokens.strip_prefix(['(', '[', '{']).unwrap_or(tokens);
    let inside = inside.strip_suffix([')', ']', '}']).unwrap_or(inside);
    split(inside).into_iter().take(64).map(argument).collect()
}

fn argument(part: &str) -> Argument {
    let part = part.trim();
    if part.starts_with(['"', 'r', 'b', 'c'])
        && let Some(inside) = quoted(part)
    {
        return positional(text(inside));
    }
    let plain = |n: &str| n.chars().all(|c| c.is_alphanumeric() || "_.".contains(c)) && !n.is_empty();
    for sign in ['=', ':'] {
        if let Some((name, value)) =
            part.split_once(sign).filter(|(n, v)| plain(n.trim()) && !v.starts_with([':', '=']))
        {
            let value = value.trim().trim_start_matches(['%', '?']);
            let said = quoted(value).map_or_else(|| Value::Name(short(value)), text);
            return Argument { name: name.trim().to_owned(), value: said };
        }
    }
    // A shorthand field: `%id`, `?error`, `id`.
    let name = part.trim_start_matches(['%', '?']);
    let field = if name.len() < part.len() && plain(name) { name.to_owned() } else { String::new() };
    Argument { name: field, value: Value::Name(short(name)) }
}

fn short(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).take(80).collect()
}

/// The text of a string literal that is all there is.
fn quoted(part: &str) -> Option<String> {
    let part = part.trim();
    let start = part.trim_start_matches(['r', 'b', 'c']).trim_start_matches('#');
    (start.starts_with('"') && part.trim_end_matches('#').ends_with('"') && start.len() > 1)
        .then(|| literal(part))
}

/// Splits at commas that are in no string and no bracket.
fn split(text: &str) -> Vec<&str> {
    let bytes = text.as_bytes();
    let (mut out, mut from, mut at, mut depth) = (Vec::new(), 0, 0, 0i32);
    while at < bytes.len() {
        match bytes[at] {
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => depth -= 1,
            b'"' => {
                let raw = text[..at].trim_end_matches('#').ends_with('r');
                let hashes = if raw { text[..at].len() - text[..at].trim_end_matches('#').len() } else { 0 };
                at += 1;
                while at < bytes.len() {
                    if bytes[at] == b'\\' && !raw {
                        at += 1;
                    } else if bytes[at] == b'"' && bytes[at + 1..].iter().take(hashes).all(|c| *c == b'#') {
                        break;
                    }
                    at += 1;
                }
            }
            b'/' if bytes.get(at + 1) == Some(&b'/') => {
                // A comment ends what stands before it.
                let end = text[at..].find('\n').map_or(bytes.len(), |n| at + n);
                out.extend(text.get(from..at).filter(|t| !t.trim().is_empty()));
                (from, at) = (end, end);
                continue;
            }
            b',' | b';' if depth == 0 => {
                out.extend(text.get(from..at).filter(|t| !t.trim().is_empty()));
                from = at + 1;
            }
            _ => {}
        }
        at += 1;
    }
    out.extend(text.get(from..).filter(|t| !t.trim().is_empty()));
    out
}

fn hands_on(text: &str, name: &str) -> bool {
    text.lines().any(|line| {
        let logs = ["error!", "warn!", "info!", "debug!", "log"].iter().any(|w| line.contains(w));
        !logs && (line.contains('(') || line.contains("return")) && uses_name(line, name)
    })
}

fn literal(raw: &str) -> String {
    let start = raw.trim_start_matches(['b', 'c']);
    if let Some(rest) = start.strip_prefix('r') {
        return rest.trim_matches('#').trim_matches('"').to_owned();
    }
    // A backslash at the end of a line swallows the blanks that follow.
    let inside = start.strip_prefix('"').map_or(start, |r| r.strip_suffix('"').unwrap_or(r));
    let mut joined = String::new();
    for (number, part) in inside.split("\\\n").enumerate() {
        joined.push_str(if number == 0 { part } else { part.trim_start() });
    }
    unescape(&joined)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn macro_arguments_are_split() {
        let shown: Vec<(String, Value)> =
            arguments_of(r##"(target: "t", order_id = %id, ?error, "msg {}, {x:?}", f(a, b), r#"q"#)"##)
                .into_iter()
                .map(|a| (a.name, a.value))
                .collect();
        assert_eq!(shown[0], ("target".into(), text("t")));
        assert_eq!(shown[1], ("order_id".into(), Value::Name("id".into())));
        assert_eq!(shown[2], ("error".into(), Value::Name("error".into())));
        assert_eq!(shown[3], (String::new(), text("msg {}, {x:?}")));
        assert_eq!(shown[4], (String::new(), Value::Name("f(a,b)".into())));
        assert_eq!(shown[5], (String::new(), text("q")));
    }
}
