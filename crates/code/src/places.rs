//! The single questions of the verdict: a frame, a message, a condition, each to one line of source.

use crate::configuration::{is_test, squash};
use crate::frames;
use crate::matching::{Line, find};
use crate::statements::Kind;
use crate::{Sources, Texts};
use waylaid_logs::{Exception, Frame};

/// A line of source that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// Path inside the checkout.
    pub path: String,
    /// Line, from 1.
    pub line: u64,
    /// Enclosing function or method; empty where there is none.
    pub symbol: String,
}

/// The line of a stack frame. `symbol` is the function as the trace writes it; it counts more than the number.
pub fn find_frame(sources: &Sources, file: &str, line: u64, symbol: Option<&str>) -> Option<Statement> {
    let frame = Frame {
        symbol: symbol.unwrap_or_default().to_owned(),
        module: None,
        file: Some(file.to_owned()),
        line: Some(line),
    };
    let index = sources.index();
    let found = frames::find_frame(index, sources as &dyn Texts, &frame, None, None)?;
    let path = index.files[found.file].path.clone();
    Some(Statement { path, line: u64::from(found.line), symbol: found.symbol })
}

/// The frames of an exception that stand in a checkout, the one most likely at fault first.
pub fn find_trace(sources: &Sources, exception: &Exception) -> Vec<Statement> {
    let index = sources.index();
    let found = frames::find_frames(index, sources as &dyn Texts, exception, "");
    let statement = |f: frames::FoundFrame| Statement {
        path: index.files[f.file].path.clone(),
        line: u64::from(f.line),
        symbol: f.symbol,
    };
    found.into_iter().map(statement).collect()
}

/// The statement that could have written a line, the best one. `None` when none of the checkout could.
pub fn find_statement(sources: &Sources, line: &Line<'_>) -> Option<Statement> {
    best(sources, line, |_| true)
}

/// The statement that could have raised a message.
pub fn find_raised(sources: &Sources, message: &str) -> Option<Statement> {
    best(sources, &Line { message, ..Line::default() }, |kind| kind == Kind::Raise)
}

fn best(sources: &Sources, line: &Line<'_>, wanted: impl Fn(Kind) -> bool) -> Option<Statement> {
    let index = sources.index();
    let found =
        find(index, line).into_iter().find(|c| wanted(index.files[c.file].statements[c.statement].kind))?;
    let file = &index.files[found.file];
    let statement = &file.statements[found.statement];
    Some(Statement {
        path: file.path.clone(),
        line: u64::from(statement.line),
        symbol: file.outline.symbol_name(statement.symbol),
    })
}

/// The condition that reads a field in code that handles a message: best with the value itself beside it, and where it
/// leaves. Told by syntax; tests are left out.
pub fn handler_condition(sources: &Sources, field: &str, value: Option<&str>) -> Option<Statement> {
    let name = squash(field.rsplit(['.', ':', ']']).find(|p| !p.is_empty())?);
    if name.len() < 3 {
        return None;
    }
    let mut best: Option<(u32, Statement)> = None;
    for file in sources.index().files.iter().filter(|f| !is_test(&f.path)) {
        for condition in &file.outline.conditions {
            if !squash(&condition.text).contains(&name) {
                continue;
            }
            let with_value = value.is_some_and(|v| v.len() > 1 && condition.text.contains(v));
            let score = 2 + 4 * u32::from(with_value) + 2 * u32::from(condition.leaves);
            if score > 2 && best.as_ref().is_none_or(|(s, _)| score > *s) {
                let symbol = file.outline.symbol_name(condition.symbol);
                let path = file.path.clone();
                best = Some((score, Statement { path, line: u64::from(condition.line), symbol }));
            }
        }
    }
    best.map(|(_, s)| s)
}

/// What swallows an exception around a line: in its function, or in one that calls it. Told by syntax: caught, neither
/// thrown again nor handed on nor logged above debug.
pub fn swallowing(sources: &Sources, path: &str, line: u64) -> Vec<Statement> {
    let index = sources.index();
    let Some(file) = index.files.iter().find(|f| f.path == path) else { return Vec::new() };
    let Some(function) = u32::try_from(line).ok().and_then(|l| file.outline.symbol_at(l)) else {
        return Vec::new();
    };
    let mut out = swallows_of(file, Some(function));
    let name = file.outline.symbols[function as usize].name.rsplit('.').next().unwrap_or_default().to_owned();
    for other in index.files.iter().filter(|f| !is_test(&f.path)) {
        let calls = other.outline.calls.iter().filter(|c| c.method() == name);
        for call in calls {
            let inside = |s: u32| other.outline.symbols.get(s as usize).is_some_and(|s| s.name.len() > 2);
            let caller = call.symbol.filter(|s| inside(*s));
            if caller.is_some() && (other.path != path || caller != Some(function)) {
                out.extend(swallows_of(other, caller));
            }
        }
    }
    out.dedup();
    out
}

/// The swallowing catches of a function.
pub(crate) fn swallows_of(file: &crate::IndexedFile, function: Option<u32>) -> Vec<Statement> {
    let own = file.outline.catches.iter().filter(|c| c.symbol == function && c.is_swallowed());
    own.map(|c| Statement {
        path: file.path.clone(),
        line: u64::from(c.line),
        symbol: file.outline.symbol_name(function),
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SourceFile;

    fn sources(text: &str) -> Sources {
        let file = SourceFile { path: "src/Handler.java".into(), text: text.into() };
        Sources::of_files("s", vec![file])
    }

    #[test]
    fn statements_are_found_by_their_literals() {
        let code = sources(
            "class A {\n  void onOrder(Order o) {\n    log.info(\"Picking order {} for {}\", a, b);\n    log.error(\"Failed to store pick for order {}\", a);\n  }\n}\n",
        );
        let line = |message| Line { message, ..Line::default() };
        let found = find_statement(&code, &line("Failed to store pick for order 1001")).unwrap();
        assert_eq!((found.line, found.symbol.as_str()), (4, "A.onOrder"));
        assert_eq!(find_statement(&code, &line("Connection reset by peer")), None);
    }

    #[test]
    fn conditions_on_a_field_are_found() {
        let code = sources(
            "class A {\n  void on(Order o) {\n    if (\"KIOSK\".equals(o.getChannel())) {\n      return;\n    }\n  }\n}\n",
        );
        assert_eq!(handler_condition(&code, "$.channel", Some("KIOSK")).unwrap().line, 3);
        assert_eq!(handler_condition(&code, "$.weight", None), None);
    }

    #[test]
    fn frames_are_found_by_file_and_line() {
        let code = sources("class A {\n  void on(Order o) {\n    boom();\n  }\n}\n");
        assert_eq!(find_frame(&code, "Handler.java", 3, None).unwrap().symbol, "A.on");
        assert_eq!(find_frame(&code, "Other.java", 3, None), None);
    }
}
