//! From the frames of a stack trace to the checkout: by symbol first, by number where the symbol agrees.

use crate::index::{Index, stem};
use crate::outline::{Language, Outline, Symbol, SymbolKind};
use crate::pinpoint::{self, Told};
use std::collections::HashSet;
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

/// The frames of an exception that stand in this code, the one most likely at fault first. `raw` is the trace as it was
/// written, for the source that it quotes; empty where it is not at hand.
pub fn find_frames(index: &Index, texts: &dyn Texts, exception: &Exception, raw: &str) -> Vec<FoundFrame> {
    let mut out: Vec<FoundFrame> = Vec::new();
    let quotes = Told::quotes(raw);
    let mut inner: Option<&Frame> = None;
    let mut guarded = false;
    for (number, frame) in exception.frames.iter().enumerate().take(400) {
        let around = Around { inner, raised: out.is_empty().then_some(exception), quotes: &quotes };
        if let Some((mut found, passes)) = find_one(index, texts, frame, &around) {
            found.frame = number;
            let known = out.iter().any(|f| f.file == found.file && f.line == found.line);
            if !known {
                let place = 3 * (out.len().min(30) as i32);
                // What hands a guard nothing but what it was given itself did as it was told, like the guard.
                let guard = is_guard(index, &found) && out.iter().all(|o| o.score < 90);
                let told = 24 * i32::from(guard && out.is_empty() || guarded && passes);
                guarded = guard && (out.is_empty() || guarded) || guarded && passes;
                found.score = 100 - place - told - suspicion_less(index, &found);
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

/// What stands around a frame.
struct Around<'a> {
    inner: Option<&'a Frame>,
    raised: Option<&'a Exception>,
    quotes: &'a [(&'a str, u32, &'a str)],
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

const HELPERS: &[&str] = &[
    "util",
    "utils",
    "helper",
    "helpers",
    "preconditions",
    "assertions",
    "guard",
    "guards",
    "checks",
    "support",
    "ensure",
    "assert",
    "validate",
    "precondition",
];
const GUARDS: &[&str] = &[
    "require",
    "check",
    "assert",
    "validate",
    "ensure",
    "verify",
    "fail",
    "throw",
    "must",
    "guard",
    "raise",
    "panic",
    "notnull",
    "nonnull",
    "not_null",
    "present",
    "not_empty",
    "notempty",
    "notblank",
];

/// Whether a frame is a small function that checks what it is given, by its name and by where it stands.
fn is_guard(index: &Index, found: &FoundFrame) -> bool {
    let name = last_name(&found.symbol);
    GUARDS.iter().any(|g| name.starts_with(g)) && is_helper(index, found)
}

fn last_name(symbol: &str) -> String {
    symbol.rsplit(['.', ':']).next().unwrap_or_default().to_lowercase()
}

fn is_helper(index: &Index, found: &FoundFrame) -> bool {
    let class = found.symbol.to_lowercase();
    let lower = index.files[found.file].path.to_lowercase();
    HELPERS.iter().any(|h| {
        lower.split(['/', '.', '_', '-']).any(|p| p == *h) || class.split(['.', ':']).any(|c| c.ends_with(h))
    })
}

/// How much less a frame is to blame than its place says: guards, helpers and wrappers do what they were told.
fn suspicion_less(index: &Index, found: &FoundFrame) -> i32 {
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
    let name = last_name(&found.symbol);
    let guard = GUARDS.iter().any(|g| name.starts_with(g));
    let helper = is_helper(index, found);
    let test = crate::configuration::is_test(&index.files[found.file].path);
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
    find_one(index, texts, frame, &Around { inner, raised, quotes: &[] }).map(|(found, _)| found)
}

/// One frame, and whether it only hands on what it was given where it calls the next inner one.
fn find_one(
    index: &Index,
    texts: &dyn Texts,
    frame: &Frame,
    around: &Around<'_>,
) -> Option<(FoundFrame, bool)> {
    let wanted = Wanted::of(frame);
    if wanted.is_of_others() {
        return None;
    }
    let found = best_symbol(index, &wanted).map(|(file, symbol)| (file, symbol, true));
    let found = found.or_else(|| by_file_alone(index, texts, &wanted).map(|(f, s)| (f, s, true)));
    let (file, symbol, same_file) =
        found.or_else(|| built(index, &wanted).map(|(f, s)| (f, Some(s), false)))?;
    let outline = &index.files[file].outline;
    let place = |line, symbol, traced| FoundFrame { file, line, symbol, traced, frame: 0, score: 0 };
    let name = wanted.file_name();
    let fits = |f: &str| f == name || f.is_empty();
    let quote =
        around.quotes.iter().find(|(f, l, _)| fits(f) && Some(*l) == wanted.line).map(|(_, _, text)| *text);
    let Some(symbol) = symbol else {
        let traced = wanted.line?;
        let of_file = quote.and_then(|q| pinpoint::quoted_in(texts.text(file)?, q, traced));
        let line = of_file.unwrap_or(traced);
        let name = outline.symbol_name(outline.symbol_at(line));
        return Some((place(line, name, Some(traced).filter(|t| *t != line)), false));
    };
    let of_symbol = &outline.symbols[symbol as usize];
    // What was built says nothing of lines here.
    let same_kind = same_file && index.files[file].path.rsplit('.').next() == name.rsplit('.').next();
    let told = Told {
        line: wanted.line.filter(|_| same_kind || name.is_empty()),
        quoted: quote,
        called: pinpoint::called(around.inner, names_of),
        raised: around.raised,
    };
    let line = pinpoint::line_in(texts.text(file), outline, &index.files[file].path, of_symbol, &told);
    let traced = wanted.line.filter(|l| *l != line);
    let passes = passes_on(texts.text(file), of_symbol, line);
    Some((place(line, outline.symbol_name(Some(symbol)), traced), passes))
}

/// Whether a line hands on a parameter of its function as it is: `this.to = present(to, "address")`.
fn passes_on(text: Option<&str>, symbol: &Symbol, line: u32) -> bool {
    let text = text.and_then(|t| t.lines().nth(line.saturating_sub(1) as usize)).unwrap_or_default();
    let inside = text.split_once('(').map_or("", |(_, inside)| inside);
    let first = inside.split([',', ')']).next().unwrap_or_default().trim();
    !first.is_empty() && symbol.params.iter().any(|p| p == first)
}

/// A function of a bundle, or of a file that was compiled to another place: told by its names where only one function
/// here has them. JavaScript only, whose traces name what was built.
fn built(index: &Index, wanted: &Wanted) -> Option<(usize, u32)> {
    let name = wanted.file_name();
    let is_script = [".js", ".mjs", ".cjs"].iter().any(|e| name.ends_with(e));
    let known = index.files.iter().any(|f| f.path.rsplit('/').next() == Some(name));
    if !is_script || known || wanted.method.len() < 2 {
        return None;
    }
    let of_class = |file: usize, symbol: u32| {
        let outline = &index.files[file].outline;
        let around = outline.symbols[symbol as usize].parent.and_then(|p| outline.symbols.get(p as usize));
        around.map(|p| p.name.as_str()) == wanted.class.as_deref()
    };
    let found: Vec<(usize, u32)> = index
        .named(&wanted.method)
        .iter()
        .map(|(file, symbol)| (*file as usize, *symbol))
        .filter(|(file, symbol)| {
            let outline = &index.files[*file].outline;
            let function = outline.symbols[*symbol as usize].kind == SymbolKind::Function;
            function
                && outline.language == Language::JavaScript
                && !crate::configuration::is_test(&index.files[*file].path)
        })
        .collect();
    let stem_of = stem(name);
    let same_stem = |(file, _): &&(usize, u32)| stem(&index.files[*file].path) == stem_of;
    let of_file = found.iter().find(same_stem);
    let of_class = found.iter().find(|(file, symbol)| of_class(*file, *symbol));
    let only = found.first().filter(|_| found.len() == 1);
    of_file.or(of_class).or(only).copied()
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

    /// Whether the file stands where packages and runtimes are kept.
    fn is_of_others(&self) -> bool {
        const PLACES: &[&str] = &[
            "site-packages",
            "dist-packages",
            "node_modules",
            "rustc",
            "registry",
            "gems",
            "vendor",
            "node:internal",
            "bower_components",
        ];
        let kept = self.file.iter().any(|p| PLACES.contains(&p.as_str()) || p.starts_with("<frozen"));
        kept || self.file.windows(2).any(|w| w[0] == "pkg" && w[1] == "mod")
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

/// What of a frame tells in which files it may stand, without reading them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Sought {
    method: String,
    class: String,
    file: String,
    path: Vec<String>,
}

impl Sought {
    pub(crate) fn of(frame: &Frame) -> Self {
        let wanted = Wanted::of(frame);
        let file = if wanted.is_of_others() { "" } else { wanted.file_name() }.to_owned();
        let method = if wanted.is_of_others() { String::new() } else { wanted.method };
        Self { method, class: wanted.class.unwrap_or_default(), file, path: wanted.path }
    }

    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        [self.method.as_str(), self.class.as_str()].into_iter().filter(|n| !n.is_empty())
    }

    /// Whether a file has the name that the frame names, up to what a compiler makes of its ending.
    pub(crate) fn is_of_file(&self, path: &str) -> bool {
        let name = path.rsplit('/').next().unwrap_or(path);
        !self.file.is_empty() && (name == self.file || self.is_script() && stem(name) == stem(&self.file))
    }

    fn is_script(&self) -> bool {
        [".js", ".mjs", ".cjs"].iter().any(|e| self.file.ends_with(e))
    }

    /// Whether a file with these symbols may hold the frame's function.
    pub(crate) fn may_be_of(&self, path: &str, symbols: &HashSet<&str>) -> bool {
        let folder = || self.path.iter().any(|p| path.to_lowercase().split('/').any(|f| f == p));
        symbols.contains(self.method.as_str())
            && (symbols.contains(self.class.as_str()) || self.is_script() || self.file.is_empty() && folder())
    }
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
fn by_file_alone(index: &Index, texts: &dyn Texts, wanted: &Wanted) -> Option<(usize, Option<u32>)> {
    let line = wanted.line?;
    let ends = |path: &str| shared_end(path, &wanted.file);
    let most = index.files.iter().map(|f| ends(&f.path)).max().filter(|m| *m > 0)?;
    let mut same = index.files.iter().enumerate().filter(|(_, f)| ends(&f.path) == most);
    let (file, found) = same.next()?;
    if same.next().is_some() {
        return None;
    }
    // A file of the same name that is shorter is another file.
    if texts.text(file).is_some_and(|t| t.lines().count() < line as usize) {
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
