//! What is asked before something is done or left: the conditions of all languages, by the shape of the tree.

use super::walk::{Walk, children, lines};
use crate::outline::{Condition, last_name};
use tree_sitter::Node;

/// Conditions kept of a file.
const MOST: usize = 20_000;
/// Characters kept of one.
const LONGEST: usize = 600;

const ASKS: &[&str] = &[
    "if_statement",
    "if_expression",
    "elif_clause",
    "conditional_expression",
    "ternary_expression",
    "switch_statement",
    "switch_expression",
    "expression_switch_statement",
    "when_expression",
    "match_expression",
    "match_statement",
    "if",
    "unless",
    "elsif",
    "if_modifier",
    "unless_modifier",
    "conditional",
    "case",
    "case_match",
    "else_if_clause",
];

/// One branch of a switch, a match, a `when`.
const BRANCHES: &[&str] = &[
    "match_arm",
    "switch_rule",
    "switch_block_statement_group",
    "switch_section",
    "switch_case",
    "expression_case",
    "default_case",
    "switch_default",
    "default_statement",
    "when_entry",
    "case_clause",
    "case_statement",
    "when",
    "in_clause",
];

const FILTERS: &[&str] =
    &["filter", "Where", "filterNot", "reject", "removeIf", "takeWhile", "retain", "skipWhile"];

/// Keeps what a node asks, when it is one that asks.
pub(super) fn keep(walk: &mut Walk<'_>, node: Node<'_>) {
    if walk.outline.conditions.len() > MOST {
        return;
    }
    let kind = node.kind();
    if BRANCHES.contains(&kind) {
        branch(walk, node);
        return;
    }
    let asks = ASKS.contains(&kind);
    let filters = !asks && filters(walk, node);
    if !asks && !filters {
        return;
    }
    let many = ["switch", "match", "when", "expression_switch", "case"].iter().any(|k| kind.starts_with(k));
    let asked = node.child_by_field_name("condition").or_else(|| node.named_child(0)).unwrap_or(node);
    let asked = if many || filters { node } else { asked };
    let consequence = node
        .child_by_field_name("consequence")
        .or_else(|| node.child_by_field_name("body"))
        .or_else(|| node.named_child(1));
    let leaves = filters || consequence.is_some_and(|c| leaves(c, LEAVES));
    let line = lines(if filters { node } else { asked }).0;
    let line = if filters { node.end_position().row as u32 + 1 } else { line }.min(lines(node).1);
    push(walk, asked, line, lines(node).1, filters, leaves);
}

/// A branch that leaves is a condition of its own: its pattern, and where it stands. `break` ends no more than the
/// branch.
fn branch(walk: &mut Walk<'_>, node: Node<'_>) {
    let inner = children(node);
    // An `else` has no pattern of its own.
    let from = usize::from(inner.len() > 1);
    let leaves =
        inner.iter().skip(from).any(|c| leaves(*c, &["return", "continue", "throw", "raise", "next"]));
    if let Some(pattern) = inner.first().filter(|_| leaves) {
        push(walk, *pattern, lines(node).0, lines(node).1, false, true);
    }
}

fn push(walk: &mut Walk<'_>, asked: Node<'_>, line: u32, end_line: u32, filters: bool, leaves: bool) {
    let text: String = walk.source.text(asked).split_whitespace().collect::<Vec<_>>().join(" ");
    let text = text.chars().take(LONGEST).collect();
    let symbol = walk.symbol();
    walk.outline.conditions.push(Condition { text, line, end_line, symbol, filters, leaves });
}

/// Whether a node calls something that leaves some of many out.
fn filters(walk: &Walk<'_>, node: Node<'_>) -> bool {
    if !matches!(node.kind(), "call_expression" | "invocation_expression" | "method_invocation" | "call") {
        return false;
    }
    let function = node.child_by_field_name("function").or_else(|| node.child(0));
    let name = ["name", "method"].iter().find_map(|f| node.child_by_field_name(f));
    let name = name.or(function).map_or("", |n| walk.source.text(n));
    FILTERS.contains(&last_name(name))
}

const LEAVES: &[&str] = &["return", "continue", "break", "throw", "raise", "jump", "yield", "next"];

/// Whether a block leaves with one of its own statements.
fn leaves(block: Node<'_>, by: &[&str]) -> bool {
    let is = |n: &Node<'_>| by.iter().any(|l| n.kind().starts_with(l));
    // Some grammars put the statements of a block into a list, or the block of a branch into another node.
    let lists = |n: &Node<'_>| {
        matches!(n.kind(), "statement_list" | "statements" | "block" | "then" | "control_structure_body")
    };
    let own =
        |n: Node<'_>| is(&n) || (n.kind() == "expression_statement" && children(n).first().is_some_and(is));
    is(&block)
        || children(block).into_iter().any(|n| {
            own(n)
                || (lists(&n)
                    && children(n)
                        .into_iter()
                        .any(|m| own(m) || (lists(&m) && children(m).into_iter().any(own))))
        })
}

#[cfg(test)]
mod tests {
    use crate::languages::{of_path, outline};

    /// The lines of the conditions that leave.
    fn leaving(path: &str, text: &str) -> Vec<u32> {
        let found = outline(of_path(path).expect("a language"), path, text);
        assert_eq!(found.unparsed, [], "{path}");
        found.conditions.iter().filter(|c| c.leaves).map(|c| c.line).collect()
    }

    #[test]
    fn a_guard_leaves_in_every_language() {
        let told = "log(\"not ours\")";
        let of = |path: &str, text: String| assert_eq!(leaving(path, &text), [3], "{path}");
        of(
            "A.java",
            format!(
                "class A {{\n void f(Gate g) {{\n  if (g.zone() == null) {{\n   {told};\n   return;\n  }}\n  keep(g);\n }}\n}}\n"
            ),
        );
        of(
            "A.cs",
            format!(
                "class A {{\n void F(Gate g) {{\n  if (g.Zone == null) {{\n   {told};\n   return;\n  }}\n  Keep(g);\n }}\n}}\n"
            ),
        );
        of(
            "a.ts",
            format!(
                "class A {{\n f(g: Gate) {{\n  if (!g.zone) {{\n   {told};\n   return;\n  }}\n  keep(g);\n }}\n}}\n"
            ),
        );
        of(
            "a.kt",
            format!(
                "class A {{\n fun f(g: Gate) {{\n  if (g.zone == null) {{\n   {told}\n   return\n  }}\n  keep(g)\n }}\n}}\n"
            ),
        );
        of(
            "a.go",
            format!(
                "package a\nfunc f(g Gate) {{\n if g.Zone == nil {{\n  {told}\n  return\n }}\n keep(g)\n}}\n"
            ),
        );
        of("a.rs", "fn f(g: Gate) {\n    let z = 1;\n    if g.zone.is_none() {\n        log(\"not ours\");\n        return;\n    }\n    keep(g);\n}\n".into());
        of(
            "a.py",
            format!(
                "def f(g):\n    z = 1\n    if g.zone is None:\n        {told}\n        return\n    keep(g)\n"
            ),
        );
        of(
            "a.rb",
            format!("def f(g)\n  z = 1\n  if g.zone.nil?\n    {told}\n    return\n  end\n  keep(g)\nend\n"),
        );
        of(
            "a.php",
            format!(
                "<?php\nfunction f($g) {{\n  if ($g->zone === null) {{\n    {told};\n    return;\n  }}\n  keep($g);\n}}\n"
            ),
        );
    }

    #[test]
    fn a_branch_that_leaves_stands_for_itself() {
        let rust = "fn f(b: &[u8]) -> Result<()> {\n    let e = match read(b) {\n        Ok(e) => e,\n        Err(e) => {\n            warn!(\"left out\");\n            return Ok(());\n        }\n    };\n    keep(e)\n}\n";
        assert_eq!(leaving("a.rs", rust), [4]);
        let java = "class A {\n void f(Event e) {\n  switch (e.type()) {\n   case \"NEW\":\n    keep(e);\n    break;\n   case \"OLD\":\n    return;\n  }\n }\n}\n";
        assert_eq!(leaving("A.java", java), [7]);
        let kotlin = "fun f(e: Event) {\n when (e.type) {\n  \"NEW\" -> keep(e)\n  else -> return\n }\n}\n";
        assert_eq!(leaving("a.kt", kotlin), [4]);
        let go = "package a\nfunc f(e Event) {\n switch e.Type {\n case \"NEW\":\n  keep(e)\n case \"OLD\":\n  return\n }\n}\n";
        assert_eq!(leaving("a.go", go), [6]);
    }
}
