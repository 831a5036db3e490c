//! Source text to an outline, a file a language. Any bytes are taken; what does not parse is said, never refused.

mod chain;
mod conditions;
mod csharp;
mod formatting;
mod go;
mod java;
mod javascript;
mod kotlin;
mod php;
mod python;
mod ruby;
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
        "rb" | "rake" | "ru" => Language::Ruby,
        "php" => Language::Php,
        ending => return plain_name(ending).map(|_| Language::Plain),
    })
}

/// The language of an ending that is known but has no grammar here.
pub(crate) fn plain_name(ending: &str) -> Option<&'static str> {
    Some(match ending {
        "scala" | "sc" => "Scala",
        "groovy" => "Groovy",
        "ex" | "exs" => "Elixir",
        "erl" => "Erlang",
        "clj" | "cljs" | "cljc" => "Clojure",
        "fs" => "F#",
        "vb" => "Visual Basic",
        "pl" | "pm" => "Perl",
        "dart" => "Dart",
        "swift" => "Swift",
        "c" | "h" => "C",
        "cc" | "cpp" | "cxx" | "hpp" | "hh" => "C++",
        "hs" => "Haskell",
        "lua" => "Lua",
        "jl" => "Julia",
        "cob" | "cbl" => "COBOL",
        "abap" => "ABAP",
        "nim" => "Nim",
        "zig" => "Zig",
        "cr" => "Crystal",
        "ml" => "OCaml",
        _ => return None,
    })
}

/// The languages that are read by their syntax, as a sentence names them.
pub const READ: &str = "Java, Kotlin, C#, TypeScript, JavaScript, Python, Go, Rust, Ruby, PHP";

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
        Language::Ruby => walk::read(&ruby::Ruby, language, source, all),
        Language::Php => walk::read(&php::Php, language, source, all),
        Language::Plain => Outline::new(language),
    }
}

#[cfg(test)]
mod tests;
