//! From the frames of a stack trace to the checkout: by symbol first, by number where the symbol agrees.

use crate::index::Index;
use crate::languages;
use crate::outline::{Language, Outline, Symbol, SymbolKind};
use waylaid_logs::{Exception, Frame};

/// A frame that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundFrame {
    /// File of the index.
    pub file: usize,
    /// Line in the checkout.
    pub line: u32,
    /// The symbol, as the checkout has it.
    pub symbol: String,
    /// The line that the trace named, where the checkout has another one.
    pub traced: Option<u32>,
    /// The frame of the trace, from 0, in the order in which the exception holds them.
    pub frame: usize,
    /// How likely it is the one at fault, the higher the likelier.
    pub score: i32,
}

/// The texts of files, asked for when a frame needs its file read again.
pub trait Texts {
    /// The text of a file of the index.
    fn text(&self, file: usize) -> Option<&str>;
}

/// The frames of an exception that stand in this code, the one most likely at fault first.
pub fn find_frames(index: &Index, texts: &dyn Texts, exception: &Exception) -> Vec<FoundFrame> {
    let mut out: Vec<FoundFrame> = Vec::new();
    let mut inner: Option<&Frame> = None;
    for (number, frame) in exception.frames.iter().enumerate().take(400) {
        let raised = (number == 0).then_some(exception);
        if let Some(mut found) = find_frame(index, texts, frame, inner, raised) {
            found.frame = number;
            let known = out.iter().any(|f| f.file == found.file && f.line == found.line);
            if !known {
                found.score = 100 - 3 * (out.len().min(30) as i32) - suspicion_less(index, &found);
                out.push(found);
            }
        }
        inner = Some(frame);
    }
    for found in &mut out {
        found.score -= 60 * i32::from(only_recovers(&exception.frames, found.frame));
    }
    out.sort_by_key(|f| (std::cmp::Reverse(f.score), f.frame));
    out
}

/// Whether a frame is what looks after a panic, not what panicked: it stands above the runtime's `panic`, or it is a
/// deferred function of one that stands further out.
fn only_recovers(frames: &[Frame], at: usize) -> bool {
    let Some((own, outer)) = frames.get(at).zip(frames.get(at + 1..)) else { return false };
    let is_panic = |f: &Frame| f.symbol == "panic" || f.symbol.starts_with("panic(");
    let deferred =
        own.symbol.rsplit_once(".func").filter(|(_, n)| n.starts_with(|c: char| c.is_ascii_digit()));
    outer.iter().take(40).any(is_panic)
        || deferred.is_some_and(|(function, _)| outer.iter().skip(1).any(|f| f.symbol == function))
}

/// How much less a frame is to blame than its place says: guards, helpers and wrappers do what they were told.
fn suspicion_less(index: &Index, found: &FoundFrame) -> i32 {
    const GUARDS: &[&str] = &[
        "require", "check", "assert", "validate", "ensure", "verify", "fail", "throw", "must", "guard",
        "raise", "panic",
    ];
    const WRAPPERS: &[&str] = &[
        "intercept",
        "around",
        "invoke",
        "dofilter",
        "wrap",
        "retry",
        "middleware",
        "withtransaction",
        "proceed",
        "recover",
    ];
    const HELPERS: &[&str] =
        &["util", "utils", "helper", "helpers", "preconditions", "assertions", "guard", "guards"];
    let path = &index.files[found.file].path;
    let name = found.symbol.rsplit(['.', ':']).next().unwrap_or_default().to_lowercase();
    let class = found.symbol.to_lowercase();
    let lower = path.to_lowercase();
    let helper = HELPERS.iter().any(|h| {
        lower.split(['/', '.', '_', '-']).any(|p| p == *h) || class.split(['.', ':']).any(|c| c.ends_with(h))
    });
    let guard = GUARDS.iter().any(|g| name.starts_with(g));
    let test =
        ["/test/", "/tests/", "_test.", ".test.", ".spec.", "/__tests__/"].iter().any(|t| lower.contains(t));
    4 * i32::from(guard)
        + 4 * i32::from(helper)
        + 10 * i32::from(WRAPPERS.iter().any(|w| name.starts_with(w)))
        + 40 * i32::from(test)
}

/// One frame. `inner` is the frame that it called, `raised` the exception when it is the innermost.
pub fn find_frame(
    index: &Index,
    texts: &dyn Texts,
    frame: &Frame,
    inner: Option<&Frame>,
    raised: Option<&Exception>,
) -> Option<FoundFrame> {
    let wanted = Wanted::of(frame);
    let (file, symbol) = best_symbol(index, &wanted).or_else(|| by_file_alone(index, &wanted))?;
    let outline = &index.files[file].outline;
    let Some(symbol) = symbol else {
        let line = wanted.line?;
        let name = outline.symbol_name(outline.symbol_at(line));
        return Some(FoundFrame { file, line, symbol: name, traced: None, frame: 0, score: 0 });
    };
    let found = &outline.symbols[symbol as usize];
    let line = place_in(texts.text(file), outline, &index.files[file].path, found, &wanted, inner, raised);
    let traced = wanted.line.filter(|l| *l != line);
    Some(FoundFrame { file, line, symbol: outline.symbol_name(Some(symbol)), traced, frame: 0, score: 0 })
}

/// What a frame names.
struct Wanted {
    /// Function, without the compiler's additions.
    method: String,
    /// Class or type around it.
    class: Option<String>,
    /// All names of its path, in lower case.
    path: Vec<String>,
    /// Parts of the file's path, the name last.
    file: Vec<String>,
    line: Option<u32>,
    /// Whether the language's class decides (its files may be named anything).
    by_class: bool,
}

impl Wanted {
    fn of(frame: &Frame) -> Self {
        let names = names_of(&frame.symbol);
        let file: Vec<String> = frame
            .file
            .as_deref()
            .unwrap_or_default()
            .split(['/', '\\'])
            .filter(|p| !p.is_empty())
            .map(str::to_owned)
            .collect();
        let method = names.last().cloned().unwrap_or_default();
        let class = names.len().checked_sub(2).map(|at| names[at].clone());
        let path = names.iter().map(|n| n.to_lowercase()).collect();
        let by_class = file.len() <= 1;
        let line = frame.line.and_then(|l| u32::try_from(l).ok());
        Self { method, class, path, file, line, by_class }
    }

    fn file_name(&self) -> &str {
        self.file.last().map_or("", String::as_str)
    }
}

/// The names of a symbol as runtimes write it, the function last.
fn names_of(symbol: &str) -> Vec<String> {
    // `<shop::Store as shop::Insert>::insert` is a function of the store.
    let of_trait = symbol.strip_prefix('<').and_then(|s| s.split_once(" as "));
    let of_trait = of_trait.and_then(|(on, rest)| Some(format!("{on}{}", rest.split_once('>')?.1)));
    let symbol = of_trait.as_deref().unwrap_or(symbol);
    let symbol = symbol.rsplit('/').next().unwrap_or(symbol);
    let symbol = symbol.split(" [as ").next().unwrap_or(symbol);
    let mut plain = String::new();
    for c in symbol.chars() {
        plain.push(if matches!(c, '(' | ')' | '*' | '<' | '>' | '{' | '}' | '&' | ' ') { '.' } else { c });
    }
    let mut names: Vec<String> = Vec::new();
    for part in plain.replace("::", ".").replace("lambda$", "lambda.").split(['.', '$', '+', '#']) {
        let made = part.is_empty()
            || part.chars().all(|c| c.is_ascii_digit())
            || matches!(
                part,
                "lambda"
                    | "closure"
                    | "impl"
                    | "as"
                    | "anonymous"
                    | "module"
                    | "listcomp"
                    | "genexpr"
                    | "Companion"
                    | "invokeSuspend"
                    | "async"
                    | "new"
                    | "static"
                    | "locals"
                    | "dyn"
            )
            || (part.strip_prefix("func").is_some_and(|n| n.chars().all(|c| c.is_ascii_digit()))
                && part.len() > 4)
            || part.starts_with("{{closure");
        if part == "init" || part == "ctor" {
            // A constructor is named after its class.
            if let Some(class) = names.last().cloned() {
                names.push(class);
            }
        } else if !made {
            names.push(part.to_owned());
        }
    }
    // `PickKt$onOrder$1.invoke` is the function whose lambda it is.
    if names.len() > 2 && names.last().is_some_and(|n| n == "invoke") && symbol.contains('$') {
        names.pop();
    }
    names
}

fn best_symbol(index: &Index, wanted: &Wanted) -> Option<(usize, Option<u32>)> {
    let mut best: Option<(i32, usize, u32)> = None;
    for (file, symbol) in index.named(&wanted.method) {
        let indexed = &index.files[*file as usize];
        let found = &indexed.outline.symbols[*symbol as usize];
        let Some(score) = symbol_score(&indexed.outline, &indexed.path, found, wanted) else { continue };
        if best.is_none_or(|(s, ..)| score > s) {
            best = Some((score, *file as usize, *symbol));
        }
    }
    best.map(|(_, file, symbol)| (file, Some(symbol)))
}

fn symbol_score(outline: &Outline, path: &str, symbol: &Symbol, wanted: &Wanted) -> Option<i32> {
    let shared = shared_end(path, &wanted.file);
    let around = symbol.parent.and_then(|p| outline.symbols.get(p as usize)).map(|p| p.name.as_str());
    let on = symbol.name.rsplit_once('.').map(|(on, _)| on);
    let class = wanted.class.as_deref();
    let same_class = class.is_some() && (around == class || on == class);
    let constructor = around.is_some_and(|a| a == symbol.name) && class == Some(&symbol.name);
    let package = outline.package.to_lowercase();
    let package_last = package.rsplit(['.', '/']).next().unwrap_or_default();
    let same_package = !package.is_empty() && wanted.path.iter().any(|p| p == package_last);
    let has_line = wanted.line.is_some_and(|l| (symbol.line..=symbol.end_line).contains(&l));
    let named_file = !wanted.file.is_empty();
    // A class of another name, or a file of another name, is another function of the same name.
    let jvm = matches!(outline.language, Language::Java | Language::Kotlin | Language::CSharp);
    let file_class = class.is_some_and(|c| c.ends_with("Kt")) && shared > 0;
    let of_class = same_class || constructor || file_class;
    if jvm && !of_class {
        return None;
    }
    if named_file && shared == 0 && !(jvm && same_class && wanted.by_class && same_package) {
        return None;
    }
    if !named_file && !same_class && !same_package {
        return None;
    }
    let function = symbol.kind == SymbolKind::Function;
    Some(
        6 * shared.min(6) as i32
            + 5 * i32::from(same_class)
            + 4 * i32::from(same_package)
            + 3 * i32::from(has_line)
            + 2 * i32::from(function),
    )
}

/// How many parts at the end of two paths are the same.
fn shared_end(path: &str, parts: &[String]) -> usize {
    path.rsplit('/').zip(parts.iter().rev()).take_while(|(a, b)| *a == b.as_str()).count()
}

/// A frame whose function is not named or not found: the only file whose path ends like the frame's.
fn by_file_alone(index: &Index, wanted: &Wanted) -> Option<(usize, Option<u32>)> {
    wanted.line?;
    let ends = |path: &str| shared_end(path, &wanted.file);
    let most = index.files.iter().map(|f| ends(&f.path)).max().filter(|m| *m > 0)?;
    let mut same = index.files.iter().enumerate().filter(|(_, f)| ends(&f.path) == most);
    let (file, found) = same.next()?;
    if same.next().is_some() {
        return None;
    }
    // The class must be there too where files are told by name alone.
    let jvm = matches!(found.outline.language, Language::Java | Language::Kotlin);
    if jvm && !wanted.path.is_empty() {
        let package = found.outline.package.to_lowercase();
        let known = package.is_empty() || package.split('.').all(|p| wanted.path.iter().any(|w| w == p));
        let class = wanted.class.as_deref().is_none_or(|c| {
            found.outline.symbols.iter().any(|s| s.name == c) || wanted.file_name().starts_with(c)
        });
        if !known || !class {
            return None;
        }
    }
    Some((file, None))
}

/// The line inside a symbol: the traced one when what stands there agrees, else the one place that does.
fn place_in(
    text: Option<&str>,
    outline: &Outline,
    path: &str,
    symbol: &Symbol,
    wanted: &Wanted,
    inner: Option<&Frame>,
    raised: Option<&Exception>,
) -> u32 {
    let within = |line: u32| (symbol.line..=symbol.end_line).contains(&line);
    let mut places: Vec<(u32, u32)> = Vec::new();
    if let Some(exception) = raised {
        let name = exception.root_type().rsplit(['.', '$', ':', '+']).next().unwrap_or_default();
        let raises = outline.raises.iter().filter(|r| within(r.line));
        let named: Vec<_> =
            raises.filter(|r| !name.is_empty() && r.type_name.rsplit('.').next() == Some(name)).collect();
        places.extend(named.iter().map(|r| (r.line, r.end_line)));
    }
    if let (Some(inner), Some(text)) = (inner, text) {
        let called = names_of(&inner.symbol).pop().unwrap_or_default();
        let full = languages::outline_with_all_calls(outline.language, path, text);
        let calls =
            full.calls.iter().filter(|c| within(c.line) && c.method().trim_end_matches('!') == called);
        places.extend(calls.map(|c| (c.line, c.end_line)));
    }
    let Some(traced) = wanted.line else {
        return places.first().map_or(symbol.line, |p| p.0);
    };
    let agrees = places.iter().any(|(from, to)| (*from..=*to).contains(&traced));
    if within(traced) && (agrees || places.is_empty()) {
        return traced;
    }
    let nearest = places.iter().min_by_key(|(from, _)| from.abs_diff(traced));
    nearest.map_or(if within(traced) { traced } else { symbol.line }, |p| p.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runtimes_names_are_read() {
        let last = |s: &str| {
            let names = names_of(s);
            names[names.len().saturating_sub(2)..].join(".")
        };
        assert_eq!(last("com.acme.PickConsumer.onOrder"), "PickConsumer.onOrder");
        assert_eq!(last("com.acme.PickConsumer.lambda$onOrder$3"), "PickConsumer.onOrder");
        assert_eq!(last("com.acme.Pick$Inner.<init>"), "Inner.Inner");
        assert_eq!(last("com.acme.PickKt$onOrder$1.invokeSuspend"), "PickKt.onOrder");
        assert_eq!(last("github.com/acme/rate/internal/rate.(*Rater).Handle.func1"), "Rater.Handle");
        assert_eq!(last("shop::pick::Store::insert::{{closure}}"), "Store.insert");
        assert_eq!(last("<shop::pick::Store as shop::Insert>::insert"), "Store.insert");
        assert_eq!(last("Picker.run [as handle]"), "Picker.run");
        assert_eq!(last("Acme.Shop.Store.Run"), "Store.Run");
    }
}
