//! SQL inside source files: which line writes or reads a table.

use crate::Sources;
use crate::outline::{Call, Outline, SymbolKind, Value, last_name};
use crate::places::Statement;

/// What SQL does with a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verb {
    /// `INSERT INTO`, `MERGE INTO`, `REPLACE INTO`.
    Insert,
    /// `UPDATE`.
    Update,
    /// `DELETE FROM`.
    Delete,
    /// `FROM` and `JOIN` of anything else.
    Select,
}

/// Lines of source files that name a table in SQL, in the order of files and lines. Names are compared without case,
/// quotes and schema.
pub fn find_sql(sources: &Sources, table: &str) -> Vec<(Verb, Statement)> {
    let bare = |c: char| matches!(c, '"' | '`' | '[' | ']');
    let name = table.rsplit('.').next().unwrap_or(table).trim_matches(bare).to_ascii_lowercase();
    if name.is_empty() {
        return Vec::new();
    }
    let mut out = Vec::new();
    for (number, file) in sources.index().files.iter().enumerate() {
        let Some(text) = sources.text(&file.path) else { continue };
        let lower = text.to_ascii_lowercase();
        for (at, _) in lower.match_indices(&name) {
            let Some((verb, from)) = verb_before(&lower, at, name.len()) else { continue };
            let line = lower[..from].matches('\n').count() as u32 + 1;
            if is_comment(text, from) {
                continue;
            }
            let outline = &sources.index().files[number].outline;
            let symbol = outline.symbol_name(outline.symbol_at(line));
            let place = Statement { path: file.path.clone(), line: u64::from(line), symbol };
            // Where it is a constant, what runs it comes first.
            let lines = (line, text[..at].matches('\n').count() as u32 + 1);
            for place in uses_of(outline, &file.path, lines).into_iter().chain([place]) {
                if !out.contains(&(verb, place.clone())) {
                    out.push((verb, place));
                }
            }
            if out.len() >= 200 {
                return out;
            }
        }
    }
    out
}

/// The line on which the condition of an `UPDATE` stands that begins at a place: the place itself where both share a line,
/// or where no condition follows within the statement.
pub fn condition_of(sources: &Sources, place: &Statement) -> Statement {
    const LINES: usize = 16;
    let first = usize::try_from(place.line).unwrap_or(1).saturating_sub(1);
    let text = sources.text(&place.path).unwrap_or_default();
    let mut found = place.clone();
    for (number, line) in text.lines().enumerate().skip(first).take(LINES) {
        let lower = line.to_ascii_lowercase();
        let mut words = lower.split(|c: char| !c.is_alphanumeric() && c != '_');
        if words.any(|w| w == "where") {
            found.line = number as u64 + 1;
            return found;
        }
        // The end of a block of text, or of the statement.
        if number > first && (lower.contains(';') || lower.contains("\"\"\"") || lower.trim() == "`") {
            break;
        }
    }
    found
}

/// Calls that are given the constant in which a line stands.
fn uses_of(outline: &Outline, path: &str, lines: (u32, u32)) -> Vec<Statement> {
    let function = |s: Option<u32>| {
        s.and_then(|s| outline.symbols.get(s as usize)).is_some_and(|s| s.kind == SymbolKind::Function)
    };
    // The nearest that begins at or above the line and says something.
    let above =
        outline.constants.iter().filter(|c| c.line <= lines.1 && c.value.has_text() && !function(c.symbol));
    let Some(constant) = above.max_by_key(|c| c.line).filter(|c| c.line + 1 >= lines.0) else {
        return Vec::new();
    };
    let names = |v: &Value| matches!(v, Value::Name(n) if last_name(n) == constant.name);
    let given = outline.calls.iter().filter(|c| c.arguments.iter().any(|a| names(&a.value)));
    let place = |c: &Call| Statement {
        path: path.to_owned(),
        line: u64::from(c.line),
        symbol: outline.symbol_name(c.symbol),
    };
    given.take(4).map(place).collect()
}

/// The verb that stands before a table's name, and where it begins.
fn verb_before(text: &str, at: usize, length: usize) -> Option<(Verb, usize)> {
    let joins = |c: char| c.is_alphanumeric() || c == '_';
    let after = text[at + length..].chars().next();
    if after.is_some_and(joins) || text[..at].chars().next_back().is_some_and(joins) {
        return None;
    }
    let head = text[..at].trim_end_matches(['"', '`', '[', '\\']);
    // A schema before the name.
    let head = match head.strip_suffix('.') {
        Some(schema) => {
            schema.trim_end_matches(|c: char| joins(c) || matches!(c, '"' | '`' | '[' | ']' | '\\'))
        }
        None => head,
    };
    let blank = |c: char| c.is_whitespace();
    let before = head.trim_end_matches(blank);
    if before.len() == head.len() {
        return None;
    }
    let word =
        |text: &str| -> usize { text.len() - text.trim_end_matches(|c: char| c.is_ascii_alphabetic()).len() };
    let length = word(before);
    let from = before.len() - length;
    let earlier = before[..from].trim_end_matches(blank);
    let earlier_from = earlier.len() - word(earlier);
    Some(match &before[from..] {
        "into" => (Verb::Insert, earlier_from),
        "update" => (Verb::Update, from),
        "from" if &earlier[earlier_from..] == "delete" => (Verb::Delete, earlier_from),
        "from" | "join" => (Verb::Select, from),
        _ => return None,
    })
}

/// Whether the line of a place is a comment up to there.
fn is_comment(text: &str, at: usize) -> bool {
    let start = text[..at].rfind('\n').map_or(0, |n| n + 1);
    let head = text[start..at].trim_start();
    ["//", "#", "*", "/*", "--"].iter().any(|c| head.starts_with(c))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SourceFile;

    #[test]
    fn tables_are_found_in_sql() {
        let text = "class A {\n  // INSERT INTO picks is done below\n  void a() {\n    db.run(\n      \"INSERT INTO wms.picks (a) VALUES (?)\", 1);\n    db.run(\"update `picks` set a = 1\");\n    db.run(\"SELECT * FROM picks p JOIN x\");\n    db.run(\"DELETE\\n FROM picks\");\n    db.run(\"INSERT INTO picks_old VALUES (1)\");\n    picks.add(1);\n  }\n}\n";
        let sources = Sources::of_files("s", vec![SourceFile { path: "A.java".into(), text: text.into() }]);
        let found: Vec<(Verb, u64)> =
            find_sql(&sources, "Picks").into_iter().map(|(v, s)| (v, s.line)).collect();
        assert_eq!(found, [(Verb::Insert, 5), (Verb::Update, 6), (Verb::Select, 7), (Verb::Select, 8)]);
        assert_eq!(find_sql(&sources, "picks")[0].1.symbol, "A.a");
        assert!(find_sql(&sources, "orders").is_empty());
    }

    #[test]
    fn the_condition_of_an_update_is_found_within_its_statement() {
        let text = "interface A {\n  @Query(\"\"\"\n    UPDATE picks\n    SET state = 1\n    WHERE id = :id AND version = 1\"\"\")\n  int done(long id);\n  @Query(\"\"\"\n    UPDATE bins\n    SET state = 1\"\"\")\n  // where else\n  int all();\n}\n";
        let sources = Sources::of_files("s", vec![SourceFile { path: "A.java".into(), text: text.into() }]);
        let line = |table: &str| condition_of(&sources, &find_sql(&sources, table)[0].1).line;
        assert_eq!((line("picks"), line("bins")), (5, 8));
    }
}
