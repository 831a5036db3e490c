//! A text into one statement, of bounded size and depth.

use crate::{Dialect, Refusal, Why};
use sqlparser::ast::Statement;
use sqlparser::keywords::Keyword;
use sqlparser::parser::Parser;
use sqlparser::tokenizer::{Token, Tokenizer};

/// Longest text.
const BYTES: usize = 256 << 10;
/// Most keywords and operators: a chain of them becomes a tree as deep as it is long. Literals, names and commas are not
/// counted, so that long lists of keys pass.
const WORDS: usize = 3_000;
/// Deepest nesting of brackets and the like.
const DEPTH: usize = 60;
/// Room for the deepest tree that these limits allow.
const STACK: usize = 128 << 20;

/// Runs some work on the only statement in a text, in a thread with room for the deepest tree.
pub(crate) fn with_statement<T: Send>(
    dialect: Dialect,
    text: &str,
    work: fn(Dialect, &Statement) -> Result<T, Refusal>,
) -> Result<T, Refusal> {
    if text.len() > BYTES {
        let what = format!("a statement of {} bytes", text.len());
        return Err(Refusal::new(
            Why::Size,
            what,
            format!("at most {BYTES} are read: ask for fewer keys at a time"),
        ));
    }
    let broke_off = || Refusal::new(Why::Size, "a statement that cannot be read", "make it simpler");
    std::thread::scope(|scope| {
        let builder = std::thread::Builder::new().name("sql guard".into()).stack_size(STACK);
        let checked = builder.spawn_scoped(scope, || work(dialect, &only(dialect, text)?));
        checked.map_err(|_| broke_off())?.join().map_err(|_| broke_off())?
    })
}

/// The only statement.
fn only(dialect: Dialect, text: &str) -> Result<Statement, Refusal> {
    let syntax = |error: String| {
        let hint = "write one SELECT that the engine knows";
        Refusal::new(Why::Syntax, format!("this is no {}: {error}", dialect.title()), hint)
    };
    let mut tokens =
        Tokenizer::new(dialect.parser(), text).tokenize().map_err(|error| syntax(error.to_string()))?;
    let words = tokens.iter().filter(|token| counts(token)).count();
    if words > WORDS {
        let what = format!("a statement of {words} keywords and operators");
        return Err(Refusal::new(
            Why::Size,
            what,
            format!("at most {WORDS} are read: use IN (…) for many values"),
        ));
    }
    while matches!(tokens.last(), Some(Token::Whitespace(_) | Token::SemiColon)) {
        tokens.pop();
    }
    if tokens.contains(&Token::SemiColon) {
        return Err(several());
    }
    let parser = Parser::new(dialect.parser()).with_recursion_limit(DEPTH);
    let mut statements =
        parser.with_tokens(tokens).parse_statements().map_err(|error| syntax(error.to_string()))?;
    match (statements.pop(), statements.is_empty()) {
        (Some(statement), true) => Ok(statement),
        (Some(_), false) => Err(several()),
        (None, _) => Err(Refusal::new(Why::NoSelect, "there is no statement", "write one SELECT")),
    }
}

fn several() -> Refusal {
    Refusal::new(
        Why::Several,
        "there is more than one statement",
        "send each SELECT as a question of its own",
    )
}

fn counts(token: &Token) -> bool {
    match token {
        Token::Word(word) => word.keyword != Keyword::NoKeyword,
        Token::Number(..)
        | Token::SingleQuotedString(_)
        | Token::DoubleQuotedString(_)
        | Token::HexStringLiteral(_)
        | Token::Comma
        | Token::Whitespace(_) => false,
        _ => true,
    }
}
