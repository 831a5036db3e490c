//! What a source file says, in one shape for every language: symbols, calls with what their arguments say, constants,
//! annotations, what is thrown and what is caught. Everything else (log statements, topics, tables) is read off this.

use serde::{Deserialize, Serialize};

/// Language of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// Java.
    Java,
    /// Kotlin.
    Kotlin,
    /// C#.
    CSharp,
    /// JavaScript and TypeScript.
    JavaScript,
    /// Python.
    Python,
    /// Go.
    Go,
    /// Rust.
    Rust,
    /// Ruby.
    Ruby,
    /// PHP.
    Php,
    /// One without a grammar here (Scala, Elixir): its files are found by their paths, their lines by number.
    Plain,
}

/// A source file's outline.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Outline {
    /// Language.
    pub language: Language,
    /// Package, namespace or module as the file names it; empty where it doesn't.
    pub package: String,
    /// What it imports, as written.
    pub imports: Vec<String>,
    /// Classes and functions, in the order of the file; parents before children.
    pub symbols: Vec<Symbol>,
    /// Calls whose arguments hold text, and calls that the rules ask for.
    pub calls: Vec<Call>,
    /// Constants, fields and local variables with what they start as.
    pub constants: Vec<Constant>,
    /// Annotations, attributes and decorators.
    pub annotations: Vec<Annotation>,
    /// What is thrown, raised or panicked with.
    pub raises: Vec<Raise>,
    /// What is caught.
    pub catches: Vec<Catch>,
    /// What is asked before something is done or left.
    pub conditions: Vec<Condition>,
    /// Lines that did not parse, as ranges; empty for a file that parses as a whole.
    pub unparsed: Vec<(u32, u32)>,
}

impl Outline {
    /// An outline that says nothing yet.
    pub fn new(language: Language) -> Self {
        Self {
            language,
            package: String::new(),
            imports: Vec::new(),
            symbols: Vec::new(),
            calls: Vec::new(),
            constants: Vec::new(),
            annotations: Vec::new(),
            raises: Vec::new(),
            catches: Vec::new(),
            conditions: Vec::new(),
            unparsed: Vec::new(),
        }
    }

    /// A symbol as a reader names it: `PickConsumer.onOrder`, `Rater.fee`, `pick::Store::insert`.
    pub fn symbol_name(&self, symbol: Option<u32>) -> String {
        let join = if self.language == Language::Rust { "::" } else { "." };
        let mut parts = Vec::new();
        let mut next = symbol;
        while let Some(found) = next.and_then(|n| self.symbols.get(n as usize)).filter(|_| parts.len() < 8) {
            parts.push(found.name.as_str());
            next = found.parent;
        }
        parts.reverse();
        parts.join(join)
    }

    /// The class that encloses a symbol, or is it.
    pub fn class_of(&self, symbol: Option<u32>) -> Option<u32> {
        let mut next = symbol;
        for _ in 0..64 {
            let number = next?;
            let found = self.symbols.get(number as usize)?;
            if found.kind == SymbolKind::Class {
                return Some(number);
            }
            next = found.parent;
        }
        None
    }

    /// The symbol that an annotation stands on.
    pub fn annotated(&self, annotation: &Annotation) -> Option<u32> {
        let own = annotation.symbol.filter(|s| {
            let inside =
                matches!(self.language, Language::Java | Language::Kotlin | Language::CSharp | Language::Php);
            inside || self.symbols.get(*s as usize).is_some_and(|s| s.line == annotation.line)
        });
        own.or_else(|| {
            let below = |s: &&(usize, &Symbol)| {
                s.1.line >= annotation.line && s.1.line <= annotation.target_line.saturating_add(20)
            };
            let all: Vec<_> = self.symbols.iter().enumerate().collect();
            all.iter().filter(below).min_by_key(|(n, s)| (s.line, *n)).map(|(n, _)| *n as u32)
        })
    }

    /// The innermost symbol around a line.
    pub fn symbol_at(&self, line: u32) -> Option<u32> {
        let around = |s: &&(usize, &Symbol)| (s.1.line..=s.1.end_line).contains(&line);
        let all: Vec<_> = self.symbols.iter().enumerate().collect();
        all.iter()
            .filter(around)
            .min_by_key(|(n, s)| (s.end_line - s.line, usize::MAX - n))
            .map(|(n, _)| *n as u32)
    }
}

/// What a symbol is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SymbolKind {
    /// Class, struct, interface, trait, object, enum.
    Class,
    /// Function, method, constructor.
    Function,
}

/// A class or a function.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Symbol {
    /// Its own name.
    pub name: String,
    /// Class or function.
    pub kind: SymbolKind,
    /// The symbol around it.
    pub parent: Option<u32>,
    /// First line, from 1.
    pub line: u32,
    /// Last line.
    pub end_line: u32,
    /// Names of its parameters, in order.
    pub params: Vec<String>,
    /// Types it extends or implements, of a class; the return type, of a function, where it is written.
    pub types: Vec<String>,
}

/// What an expression says, as far as it can be told without running it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Value {
    /// Text, perhaps with holes: a literal, a concatenation, an interpolation.
    Text(Template),
    /// A name or a path of names: `id`, `Topics.ORDERS`, `order.id`.
    Name(String),
    /// A call and its arguments.
    Call(String, Vec<Argument>),
    /// An object, dictionary or struct literal.
    Object(Vec<(String, Value)>),
    /// A list literal.
    List(Vec<Value>),
    /// One of several: a conditional expression.
    Either(Vec<Value>),
    /// Anything else.
    Other,
}

impl Value {
    /// Whether any text with a letter is inside.
    pub fn has_text(&self) -> bool {
        match self {
            Self::Text(t) => t.has_letters(),
            Self::Call(_, arguments) => arguments.iter().any(|a| a.value.has_text()),
            Self::Object(fields) => fields.iter().any(|(_, v)| v.has_text()),
            Self::List(values) | Self::Either(values) => values.iter().any(Self::has_text),
            Self::Name(_) | Self::Other => false,
        }
    }

    /// The text when it is one without holes.
    pub fn plain(&self) -> Option<&str> {
        match self {
            Self::Text(Template { parts }) => match parts.as_slice() {
                [Part::Text(text)] => Some(text),
                _ => None,
            },
            _ => None,
        }
    }
}

/// Text with holes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Template {
    /// Text and holes, in order.
    pub parts: Vec<Part>,
}

/// A part of a template.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Part {
    /// Literal text.
    Text(String),
    /// What is filled in when the program runs.
    Hole(Hole),
}

/// What is filled in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Hole {
    /// The expression as written, shortened; the placeholder's name in a message template.
    pub name: String,
    /// Whether it can only be a whole number.
    pub number: bool,
}

impl Template {
    /// Literal text alone.
    pub fn literal(text: impl Into<String>) -> Self {
        Self { parts: vec![Part::Text(text.into())] }
    }

    /// A hole alone.
    pub fn hole(name: impl Into<String>) -> Self {
        Self { parts: vec![Part::Hole(Hole { name: name.into(), number: false })] }
    }

    /// Adds literal text.
    pub fn push_text(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        if let Some(Part::Text(last)) = self.parts.last_mut() {
            last.push_str(text);
        } else {
            self.parts.push(Part::Text(text.to_owned()));
        }
    }

    /// Adds a hole.
    pub fn push_hole(&mut self, hole: Hole) {
        self.parts.push(Part::Hole(hole));
    }

    /// Adds what another holds.
    pub fn append(&mut self, other: Self) {
        for part in other.parts {
            match part {
                Part::Text(text) => self.push_text(&text),
                hole @ Part::Hole(_) => self.parts.push(hole),
            }
        }
    }

    /// Its literal pieces.
    pub fn pieces(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().filter_map(|p| match p {
            Part::Text(text) => Some(text.as_str()),
            Part::Hole(_) => None,
        })
    }

    /// How many letters and digits are literal.
    pub fn weight(&self) -> usize {
        self.pieces().map(|p| p.chars().filter(|c| c.is_alphanumeric()).count()).sum()
    }

    /// Whether a letter is literal.
    pub fn has_letters(&self) -> bool {
        self.pieces().any(|p| p.chars().any(char::is_alphabetic))
    }
}

/// An argument of a call.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Argument {
    /// Its name where it is given by name; empty otherwise.
    pub name: String,
    /// What it says.
    pub value: Value,
}

/// A call.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Call {
    /// What is called, without arguments: `log.info`, `LOG.atInfo().log`, `new KafkaConsumer`, `tracing::info!`.
    pub callee: String,
    /// Its arguments.
    pub arguments: Vec<Argument>,
    /// Arguments of calls before it in a chain (`logger.Info().Str("k", v).Msg("m")`), each with its method's name.
    pub chain: Vec<(String, Vec<Argument>)>,
    /// First line, from 1.
    pub line: u32,
    /// Last line.
    pub end_line: u32,
    /// The function or class around it.
    pub symbol: Option<u32>,
    /// Type arguments of what is called, where they are written; C# only.
    pub types: Vec<String>,
}

impl Call {
    /// The last name of what is called.
    pub fn method(&self) -> &str {
        last_name(&self.callee)
    }

    /// What it is called on; empty for a plain function.
    pub fn receiver(&self) -> &str {
        let method = self.method();
        let head = &self.callee[..self.callee.len() - method.len()];
        let head = head.trim_end_matches(['.', '?', '!']);
        head.strip_suffix("::").or_else(|| head.strip_suffix("->")).unwrap_or(head)
    }
}

/// The last name of a dotted or `::` path, with a macro's `!`.
pub(crate) fn last_name(path: &str) -> &str {
    let trimmed = path.strip_suffix('!').unwrap_or(path);
    let at = trimmed.rfind(|c: char| !(c.is_alphanumeric() || c == '_' || c == '$'));
    at.map_or(path, |at| &path[at + path[at..].chars().next().map_or(1, char::len_utf8)..])
}

/// A constant, a field or a variable with what it starts as.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Constant {
    /// Its name.
    pub name: String,
    /// Its type as written; empty where it is not.
    pub type_name: String,
    /// What it starts as.
    pub value: Value,
    /// Line, from 1.
    pub line: u32,
    /// The symbol it stands in.
    pub symbol: Option<u32>,
}

/// An annotation, attribute or decorator.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Annotation {
    /// Its name without `@` and brackets.
    pub name: String,
    /// Its arguments.
    pub arguments: Vec<Argument>,
    /// Line, from 1.
    pub line: u32,
    /// Line on which what it stands on begins, at the latest.
    pub target_line: u32,
    /// The symbol around it; the one that it stands on where annotations are part of what they stand on.
    pub symbol: Option<u32>,
    /// The field or parameter that it stands on; empty for anything else.
    pub target: String,
}

/// Something thrown.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Raise {
    /// Type as written; empty where it can't be told.
    pub type_name: String,
    /// What it says.
    pub message: Value,
    /// First line, from 1.
    pub line: u32,
    /// Last line.
    pub end_line: u32,
    /// The function around it.
    pub symbol: Option<u32>,
}

/// A condition: of an `if`, a `switch`, a `match`, a `?:`, a filter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Condition {
    /// What is asked, as written, shortened.
    pub text: String,
    /// Line, from 1.
    pub line: u32,
    /// Last line of what depends on it, the other branches with it.
    pub end_line: u32,
    /// The function around it.
    pub symbol: Option<u32>,
    /// Whether it leaves some of many out rather than asking about one.
    pub filters: bool,
    /// Whether what follows leaves the function, the loop or the step: return, continue, break, throw, a filter.
    pub leaves: bool,
}

/// Something caught.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Catch {
    /// Types as written; empty for any.
    pub types: Vec<String>,
    /// First line, from 1.
    pub line: u32,
    /// Last line.
    pub end_line: u32,
    /// The function around it.
    pub symbol: Option<u32>,
    /// Whether something is thrown inside.
    pub rethrows: bool,
    /// Whether what was caught is handed on: returned or given to a call.
    pub hands_on: bool,
    /// Whether something is logged above debug inside. Filled once log statements are known.
    pub logs: bool,
}

impl Catch {
    /// Caught, neither rethrown nor logged above debug nor handed on.
    pub fn is_swallowed(&self) -> bool {
        !self.rethrows && !self.hands_on && !self.logs
    }
}
