//! What a failed assertion is about: a trace that names nothing but a test says that what the test called gave something
//! else than it should.

use crate::configuration::is_test;
use crate::frames::{FoundFrame, Texts};
use crate::index::Index;
use crate::languages;
use crate::outline::{Call, Outline, SymbolKind};

/// So many functions of a test are named.
const MOST: usize = 3;
/// A name that so many functions share says nothing.
const SHARED: usize = 4;

/// The functions of this code that the test around the first frame calls before the line that failed, the last first.
/// Empty where any frame is no test's.
pub(crate) fn called_by(index: &Index, texts: &dyn Texts, frames: &[FoundFrame]) -> Vec<(usize, u32)> {
    let only_tests = frames.iter().all(|f| is_test(&index.files[f.file].path));
    let Some(first) = frames.first().filter(|_| only_tests) else { return Vec::new() };
    let file = &index.files[first.file];
    let Some(text) = texts.text(first.file) else { return Vec::new() };
    let full = languages::outline_with_all_calls(file.outline.language, &file.path, text);
    let around = around(&full, first.line);
    let up_to = |last: u32| -> Vec<(usize, &Call)> {
        full.calls.iter().enumerate().filter(|(_, c)| around.0 <= c.line && c.line <= last).collect()
    };
    // A test that has moved since tells its function alone.
    let moved = first.traced.is_some() || up_to(first.line).is_empty();
    let mut calls = up_to(if moved { around.1 } else { first.line });
    // The nearest line first; of one line the call that takes what the others give.
    calls.sort_by_key(|(n, c)| (std::cmp::Reverse(c.line), *n));
    let mut out = Vec::new();
    for (_, call) in calls {
        let Some(found) = function(index, &full, text, call.method().trim_end_matches('!')) else { continue };
        if !out.contains(&found) && out.len() < MOST {
            out.push(found);
        }
    }
    out
}

/// The lines of the outermost function or block around a line; where none is (a script of tests), some lines before it.
fn around(outline: &Outline, line: u32) -> (u32, u32) {
    let functions = outline.symbols.iter().filter(|s| s.kind == SymbolKind::Function);
    let holding = functions.filter(|s| (s.line..=s.end_line).contains(&line));
    holding
        .map(|s| (s.line, s.end_line))
        .min_by_key(|(from, to)| to - from)
        .unwrap_or((line.saturating_sub(12), line))
}

/// The function of a name outside of tests; where several have it, the one whose class or module the test names.
fn function(index: &Index, test: &Outline, text: &str, name: &str) -> Option<(usize, u32)> {
    let found: Vec<(usize, u32)> = index
        .named(name)
        .iter()
        .map(|(file, symbol)| (*file as usize, *symbol))
        .filter(|(file, _)| {
            let file = &index.files[*file];
            !is_test(&file.path) && file.outline.language == test.language
        })
        .filter(|(file, symbol)| {
            index.files[*file].outline.symbols[*symbol as usize].kind == SymbolKind::Function
        })
        .collect();
    if let [one] = found.as_slice() {
        return Some(*one);
    }
    let named = |(file, symbol): &&(usize, u32)| {
        let file = &index.files[*file];
        let class =
            file.outline.class_of(Some(*symbol)).map(|c| file.outline.symbols[c as usize].name.as_str());
        class.is_some_and(|c| text.contains(c))
            || class.is_none() && text.contains(crate::index::stem(&file.path))
    };
    found.iter().filter(|_| found.len() <= SHARED * 4).find(named).copied()
}
