//! What stays of frames and names when code moves, is built anew or runs elsewhere.

use crate::exceptions::Frame;

/// A frame without what changes from build to build: no line, no number of a lambda, no generated class.
pub(super) fn symbol(frame: &Frame) -> String {
    let mut name = plain(&frame.symbol);
    let is_bare = !name.contains(['.', ':', '/']);
    // Python's and JavaScript's functions have no module in their name.
    if is_bare && let Some(module) = frame.module.as_deref().or_else(|| stem(frame.file.as_deref()?)) {
        name =
            if name.is_empty() { without_hash(module) } else { format!("{}.{name}", without_hash(module)) };
    }
    name
}

/// The name of a source file without folders and ending.
fn stem(file: &str) -> Option<&str> {
    let name = file.rsplit(['/', '\\']).next()?;
    Some(name.split('.').next().unwrap_or(name)).filter(|s| !s.is_empty())
}

/// A bundle's name without the hash that a build put into it: `main-3f9a1c2b` is `main`.
fn without_hash(name: &str) -> String {
    match name.rsplit_once(['-', '.']) {
        Some((rest, hash))
            if hash.len() >= 6
                && !rest.is_empty()
                && hash.bytes().any(|c| c.is_ascii_digit())
                && hash.bytes().all(|c| c.is_ascii_alphanumeric()) =>
        {
            rest.to_owned()
        }
        _ => name.to_owned(),
    }
}

/// `Handler.lambda$run$3` is `Handler.run`, `Service$$EnhancerBySpringCGLIB$$1a2b.save` is `Service.save`,
/// `main.handle.func1` is `main.handle`.
fn plain(symbol: &str) -> String {
    let mut out = String::with_capacity(symbol.len());
    for part in symbol.split('.') {
        let part = part.split("$$").next().unwrap_or(part);
        let part = match part.strip_prefix("lambda$") {
            Some(rest) => rest.split('$').next().unwrap_or(rest),
            None => part,
        };
        let part = part.trim_end_matches(|c: char| c.is_ascii_digit() || c == '$');
        let is_closure = matches!(part, "func" | "<anonymous>" | "" | "gowrap") && !out.is_empty();
        if is_closure {
            continue;
        }
        if !out.is_empty() {
            out.push('.');
        }
        out.push_str(part);
    }
    out.replace("::{{closure}}", "")
}

/// A path of a request without ids and without its query: `/orders/12/lines?x=1` is `/orders/<*>/lines`.
pub(super) fn path(path: &str) -> String {
    let path = path.split(['?', '#', ';']).next().unwrap_or_default();
    let is_id = |part: &str| {
        let digits = part.bytes().filter(u8::is_ascii_digit).count();
        let version = part.len() <= 3 && part.starts_with('v');
        !version && (digits > 0 && (digits * 3 >= part.len() || part.len() >= 16) || part.len() > 60)
    };
    path.split('/')
        .map(|part| if is_id(part) { crate::templates::HOLE } else { part })
        .collect::<Vec<_>>()
        .join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_builds_change_is_left_out() {
        for (symbol_text, expected) in [
            ("com.acme.Handler.lambda$run$3", "com.acme.Handler.run"),
            ("com.acme.Service$$EnhancerBySpringCGLIB$$1a2b3c.save", "com.acme.Service.save"),
            ("com.acme.Service$$SpringCGLIB$$0.save", "com.acme.Service.save"),
            ("com.acme.Outer$1.run", "com.acme.Outer.run"),
            ("main.handle.func1", "main.handle"),
            ("main.(*Server).Handle.func1.2", "main.(*Server).Handle"),
            ("shop::pick::insert::{{closure}}", "shop::pick::insert"),
        ] {
            let frame = Frame { symbol: symbol_text.into(), ..Frame::default() };
            assert_eq!(symbol(&frame), expected);
        }
        let python = Frame {
            symbol: "insert".into(),
            module: Some("store".into()),
            line: Some(3),
            ..Frame::default()
        };
        assert_eq!(symbol(&python), "store.insert");
        let bundle =
            Frame { symbol: "run".into(), file: Some("/app/main-3f9a1c2b.js".into()), ..Frame::default() };
        assert_eq!(symbol(&bundle), "main.run");
    }

    #[test]
    fn paths_lose_their_ids() {
        assert_eq!(path("/v1/orders/10042/lines?x=1"), "/v1/orders/<*>/lines");
        assert_eq!(path("/orders/3f2504e0-4f89-11d3-9a0c-0305e82c3301"), "/orders/<*>");
        assert_eq!(path("/health"), "/health");
    }
}
