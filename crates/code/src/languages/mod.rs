//! Source text to an outline, a file a language. Any bytes are taken; what does not parse is said, never refused.

mod chain;
mod csharp;
mod formatting;
mod go;
mod java;
mod javascript;
mod kotlin;
mod python;
mod rust;
mod text;
mod walk;

use crate::outline::{Language, Outline};

/// The language of a path, by its ending.
pub fn of_path(path: &str) -> Option<Language> {
    let name = path.rsplit('/').next().unwrap_or(path);
    Some(match name.rsplit_once('.')?.1 {
        "java" => Language::Java,
        "kt" | "kts" => Language::Kotlin,
        "cs" => Language::CSharp,
        "ts" | "mts" | "cts" | "tsx" | "js" | "mjs" | "cjs" | "jsx" => Language::JavaScript,
        "py" => Language::Python,
        "go" => Language::Go,
        "rs" => Language::Rust,
        "rb" | "php" | "scala" | "groovy" | "ex" | "exs" | "clj" | "fs" | "vb" => Language::Plain,
        _ => return None,
    })
}

/// Reads a source file. `path` decides between the dialects of a language.
pub fn outline(language: Language, path: &str, source: &str) -> Outline {
    read(language, path, source, false)
}

/// Reads a source file and keeps every call, whatever its arguments say.
pub(crate) fn outline_with_all_calls(language: Language, path: &str, source: &str) -> Outline {
    read(language, path, source, true)
}

fn read(language: Language, path: &str, source: &str, all: bool) -> Outline {
    match language {
        Language::Java => walk::read(&java::Java, language, source, all),
        Language::Kotlin => walk::read(&kotlin::Kotlin, language, source, all),
        Language::CSharp => walk::read(&csharp::CSharp, language, source, all),
        Language::JavaScript => walk::read(&javascript::JavaScript::of(path), language, source, all),
        Language::Python => walk::read(&python::Python, language, source, all),
        Language::Go => walk::read(&go::Go, language, source, all),
        Language::Rust => walk::read(&rust::Rust, language, source, all),
        Language::Plain => Outline::new(language),
    }
}

#[cfg(test)]
mod tests;
