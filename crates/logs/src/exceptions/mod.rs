//! Stack traces to a cause chain and frames, a file a language.

/// Language whose runtime wrote a trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Language {
    /// Java, Kotlin, Scala, Groovy.
    Java,
    /// C# and other .NET languages.
    CSharp,
    /// Python.
    Python,
    /// JavaScript and TypeScript.
    JavaScript,
    /// Go.
    Go,
    /// Rust.
    Rust,
}

/// One exception of a chain.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Link {
    /// Type as written (`org.postgresql.util.PSQLException`); empty where the language has none.
    pub type_name: String,
    /// Message, without the type.
    pub message: String,
}

/// One frame of a stack trace.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Frame {
    /// The function as written: `com.acme.PickConsumer.onOrder`, `main.(*Server).handle`.
    pub symbol: String,
    /// Class, module or package that holds the function, where it can be told.
    pub module: Option<String>,
    /// Source file as written.
    pub file: Option<String>,
    /// Line, from 1.
    pub line: Option<u64>,
}

/// An exception with its causes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exception {
    /// Language, as far as the text tells.
    pub language: Option<Language>,
    /// Outermost first; the innermost (the root cause) last. Never empty.
    pub chain: Vec<Link>,
    /// Frames of the root cause first, the innermost call first, then those of the outer ones.
    pub frames: Vec<Frame>,
    /// Exceptions that were suppressed or aggregated beside the chain.
    pub suppressed: Vec<Link>,
}

impl Exception {
    /// Type of the root cause; empty where the language has none.
    pub fn root_type(&self) -> &str {
        self.chain.last().map_or("", |l| l.type_name.as_str())
    }

    /// Message of the root cause.
    pub fn root_message(&self) -> &str {
        self.chain.last().map_or("", |l| l.message.as_str())
    }

    /// The frames of the application: those that [`is_library_frame`] does not know.
    pub fn application_frames(&self) -> impl Iterator<Item = &Frame> {
        self.frames.iter().filter(|f| !is_library_frame(f))
    }
}

/// Reads a stack trace, or a line such as `com.acme.OrderException: text`. `None` when the text is neither.
pub fn parse_exception(_text: &str) -> Option<Exception> {
    None
}

/// Reads a text that is known to be an error (a field such as `error`), also one without type or frames: wrapped
/// errors `a: b: c` become a chain. `None` for blank text only.
pub fn parse_error(_text: &str) -> Option<Exception> {
    None
}

/// Whether a frame belongs to a runtime, a framework or a driver rather than to the application.
pub fn is_library_frame(_frame: &Frame) -> bool {
    false
}
