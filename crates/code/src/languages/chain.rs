//! Calls and the chains they stand in: `LOG.atInfo().addKeyValue("k", v).log("m")`.

use super::walk::{Grammar, Source, lines};
use crate::outline::{Argument, Call, Value};
use tree_sitter::Node;

/// One link of a chain, seen from its end.
pub(super) struct Link<'t, 's> {
    /// What stands before it.
    pub(super) on: Option<Node<'t>>,
    /// Its name.
    pub(super) name: &'s str,
    /// Its arguments, when it is a call.
    pub(super) arguments: Option<Vec<Argument>>,
}

/// Longest chain that is read.
const LONGEST: usize = 24;

/// A language whose chains can be read.
pub(super) trait Chains: Grammar {
    /// The link that a node is; `None` where a chain begins with something else than a name.
    fn link<'t, 's>(&self, source: Source<'s>, node: Node<'t>, depth: u8) -> Option<Link<'t, 's>>;
}

/// Reads the call that a node is.
pub(super) fn call(
    grammar: &(impl Chains + ?Sized),
    source: Source<'_>,
    node: Node<'_>,
    depth: u8,
) -> Option<Call> {
    let last = grammar.link(source, node, depth)?;
    let arguments = last.arguments.unwrap_or_default();
    let mut names = vec![last.name.to_owned()];
    let mut chain = Vec::new();
    let mut next = last.on;
    while let Some(node) = next.filter(|_| names.len() < LONGEST) {
        let Some(link) = grammar.link(source, node, depth.saturating_add(2)) else {
            let text = source.name(node);
            names.push(if text.starts_with(['"', '\'', '`']) { "\"\"".to_owned() } else { shorten(text) });
            break;
        };
        next = link.on;
        match link.arguments {
            Some(arguments) => {
                names.push(format!("{}()", link.name));
                if !arguments.is_empty() {
                    chain.push((link.name.to_owned(), arguments));
                }
            }
            None if matches!(link.name, "this" | "self") && next.is_none() => {}
            None => names.push(link.name.to_owned()),
        }
    }
    names.retain(|n| !n.is_empty());
    names.reverse();
    chain.reverse();
    let (line, end_line) = lines(node);
    Some(Call { callee: names.join("."), arguments, chain, line, end_line, symbol: None, types: Vec::new() })
}

/// What a call says: one of two where the second is what to take when the first is not there
/// (`env::var("A").unwrap_or("b")`, `Optional.ofNullable(a).orElse("b")`).
pub(super) fn value(call: Call) -> Value {
    const DEFAULTS: &[&str] = &[
        "unwrap_or",
        "unwrap_or_else",
        "unwrap_or_default",
        "orElse",
        "orElseGet",
        "or_else",
        "getOrElse",
        "getOrDefault",
        "default",
        "GetValueOrDefault",
    ];
    let Call { callee, mut arguments, mut chain, .. } = call;
    if DEFAULTS.contains(&crate::outline::last_name(&callee))
        && arguments.len() == 1
        && let Some((name, first)) = chain.pop()
    {
        let end = callee.rfind(&format!("{name}()")).map_or(0, |at| at + name.len());
        let before = Value::Call(callee[..end].to_owned(), first);
        let default = arguments.pop().map_or(Value::Other, |a| a.value);
        return Value::Either(vec![before, default]);
    }
    Value::Call(callee, arguments)
}

/// `a ?? b`, `a || b`, `a or b`, `a ?: b`: either.
pub(super) fn either(parts: Vec<Value>) -> Value {
    if parts.iter().any(Value::has_text) { Value::Either(parts) } else { Value::Other }
}

fn shorten(mut text: String) -> String {
    let end = text.char_indices().nth(40).map_or(text.len(), |(at, _)| at);
    text.truncate(end);
    text
}
