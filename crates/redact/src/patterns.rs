//! What secrets and personal data look like in text.

use crate::checks::{iban, is_card};
use regex::Regex;
use std::ops::Range;

/// What kind of text must not be seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Personal {
    /// A JSON web token, whole or cut.
    Jwt,
    /// What follows `Authorization` or `Bearer`.
    Token,
    /// A key of a cloud or a service.
    CloudKey,
    /// The value of a field whose name says that it is secret.
    Secret,
    /// The password inside an URL.
    Password,
    /// An e-mail address.
    Email,
    /// A bank account.
    Iban,
    /// A payment card.
    Card,
    /// A telephone number.
    Phone,
}

impl Personal {
    /// The name that pseudonyms begin with.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Jwt => "jwt",
            Self::Token => "token",
            Self::CloudKey => "cloudkey",
            Self::Secret => "secret",
            Self::Password => "password",
            Self::Email => "email",
            Self::Iban => "iban",
            Self::Card => "card",
            Self::Phone => "phone",
        }
    }

    /// Whether it opens something: no key of an entity, whatever it is used for.
    pub fn is_secret(self) -> bool {
        matches!(self, Self::Jwt | Self::Token | Self::CloudKey | Self::Secret | Self::Password)
    }
}

const KINDS: [Personal; 9] = [
    Personal::Jwt,
    Personal::Token,
    Personal::CloudKey,
    Personal::Secret,
    Personal::Password,
    Personal::Email,
    Personal::Iban,
    Personal::Card,
    Personal::Phone,
];

/// Between a name and its value: `=`, `:`, with the quotes of JSON, also of JSON inside a string.
macro_rules! then {
    () => {
        r#"\\*["']?\s*[=:]\s*\\*["']?"#
    };
}

/// Each group is the text that must go; its name begins with its kind.
const PATTERNS: &str = concat!(
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----(?P<secret_pem>(?s:.*?))(?:-----END|\z)",
    r"|(?P<jwt>\beyJ[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]+){0,2})",
    r"|(?i:\bauthorization",
    then!(),
    r#"(?:(?:basic|bearer|digest|token)\s+)?)(?P<token_named>[^\s"'\\,;]{6,})"#,
    r"|(?i:\bbearer\s+)(?P<token>[A-Za-z0-9._~+/=-]{8,})",
    r"|(?P<cloudkey>\b(?:(?:AKIA|ASIA)[0-9A-Z]{16}|AIza[0-9A-Za-z_-]{35}|gh[pousr]_[0-9A-Za-z]{20,}",
    r"|xox[abeprs]-[0-9A-Za-z-]{10,}|[rs]k_(?:live|test)_[0-9A-Za-z]{16,}|glpat-[0-9A-Za-z_-]{20,})\b)",
    r"|(?i:(?:\b(?:pass|pwd|pin|cvv|cvc)|(?:password|passwd|passphrase|passwort|secret|api[_.-]?key|access[_.-]?key|account[_.-]?key",
    r"|secret[_.-]?key|private[_.-]?key|(?:access|api|auth|bearer|csrf|deploy|id|jwt|oauth|personal|private|refresh|reset|security|session|xsrf)[_.-]?token|credentials?)(?:[_.-]?(?:hash|digest|salt))?)",
    then!(),
    r#")(?P<secret>[^\s"'\\,;&}\])]{3,})"#,
    r"|://[^/\s:@]*:(?P<password>[^/\s@]+)@",
    r"|(?P<email>[A-Za-z0-9._%+-]+@(?:[A-Za-z0-9-]+\.)+[A-Za-z]{2,}\b)",
    r"|(?i:iban",
    then!(),
    r")(?P<iban_named>[A-Za-z]{2}[0-9]{2}[A-Za-z0-9]{8,30})",
    r"|(?P<iban>\b[A-Z]{2}[0-9]{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b)",
    r"|(?i:(?:card|pan|kreditkarte)(?:[_.-]?(?:number|num|no|nr))?",
    then!(),
    r")(?P<card_named>[0-9](?:[ -]?[0-9]){11,18})\b",
    r"|\b(?P<card>[2-6][0-9]{12,18}|[2-6][0-9]{3}(?:[ -][0-9]{4}){3}|3[0-9]{3}[ -][0-9]{6}[ -][0-9]{4,5})\b",
    r"|(?i:(?:\btel|phone|mobile|handy|telefon|msisdn|fax|\bcell)(?:[_.-]?(?:number|num|no|nr|nummer))?",
    then!(),
    r")(?P<phone_named>\+?[0-9(](?:[ ()./-]{0,2}[0-9]){5,14})",
    r"|(?P<phone>\+[1-9](?:[ ()./-]{0,2}[0-9]){7,14})\b",
);

/// Values of secret fields that tell nothing.
const NOTHING: [&str; 6] = ["null", "none", "nil", "true", "false", "undefined"];

/// Finds them.
pub struct Finder(Option<Regex>);

impl Finder {
    /// With everything that is known.
    pub fn new() -> Self {
        Self(Regex::new(PATTERNS).ok())
    }

    /// Each find with its place in order; `None` when nothing can be searched for, so nothing may pass.
    pub fn find(&self, text: &str) -> Option<Vec<(Personal, Range<usize>)>> {
        let captures = self.0.as_ref()?.captures_iter(text);
        let found = captures.filter_map(|found| {
            let mut names = self.0.as_ref()?.capture_names().flatten();
            let (name, hit) = names.find_map(|n| found.name(n).map(|m| (n, m)))?;
            judge(name, text, hit.range())
        });
        Some(found.collect())
    }
}

/// What a match is indeed, and how much of it.
fn judge(name: &str, text: &str, at: Range<usize>) -> Option<(Personal, Range<usize>)> {
    let value = &text[at.clone()];
    let (kind, is_named) = name.split_once('_').map_or((name, false), |(kind, _)| (kind, true));
    let kind = KINDS.into_iter().find(|k| k.as_str() == kind)?;
    let before = text[..at.start].chars().next_back();
    let after = text[at.end..].chars().next();
    let inside = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || "-_.+".contains(c));
    let is_it = match kind {
        _ if is_pseudonym(value) || is_inside_pseudonym(&text[..at.start], value) => false,
        Personal::Secret | Personal::Token | Personal::Password => {
            !NOTHING.iter().any(|n| value.eq_ignore_ascii_case(n)) && !value.bytes().all(|b| b == b'*')
        }
        Personal::Iban if !is_named => {
            let part = iban(value)?;
            return Some((kind, at.start..at.start + part.len()));
        }
        // A number inside another: a fraction, a part of an UUID.
        Personal::Card if !is_named => is_card(value) && !inside(before) && !matches!(after, Some('-' | '_')),
        // A consumer group at a topic and partition.
        Personal::Email => !is_group_at_topic(&text[at.end..]),
        // The offset of a time, an exponent, a piece of Base64.
        Personal::Phone if !is_named => !inside(before) && before != Some('/'),
        _ => true,
    };
    is_it.then_some((kind, at))
}

/// Whether what follows an address shows that it is a place of a consumer group: `group@topic.v1/3`.
fn is_group_at_topic(after: &str) -> bool {
    let topic =
        after.find(|c: char| !(c.is_ascii_alphanumeric() || "-_.".contains(c))).unwrap_or(after.len());
    let partition = after[topic..].strip_prefix('/');
    partition.is_some_and(|p| p.starts_with(|c: char| c.is_ascii_digit()))
}

/// Whether a text was replaced already.
fn is_pseudonym(text: &str) -> bool {
    text.split_once('#').is_some_and(|(kind, hash)| KINDS.iter().any(|k| k.as_str() == kind) && is_hash(hash))
}

/// Whether a find begins with the digits of a pseudonym.
fn is_inside_pseudonym(before: &str, value: &str) -> bool {
    let kind = before.strip_suffix('#');
    kind.is_some_and(|before| is_hash(value) && KINDS.iter().any(|k| before.ends_with(k.as_str())))
}

fn is_hash(text: &str) -> bool {
    text.len() >= 6 && text.as_bytes()[..6].iter().all(u8::is_ascii_hexdigit)
}

/// Whether a pseudonym stands anywhere in a text.
pub fn holds_pseudonym(text: &str) -> bool {
    let kinds = || KINDS.iter().map(|kind| kind.as_str());
    text.match_indices('#')
        .any(|(at, _)| kinds().any(|k| text[..at].ends_with(k)) && is_hash(&text[at + 1..]))
}

/// Whether a whole value is unmistakably personal: an address, a telephone number with its country, an account. Digits
/// alone may be anything.
pub fn looks_personal(value: &str) -> bool {
    let has_sign = value.contains('@') || value.starts_with('+');
    let is_account = || value.as_bytes().get(..2).is_some_and(|b| b.iter().all(u8::is_ascii_uppercase));
    has_sign || (is_account() && iban(value).is_some_and(|found| found.len() == value.len()))
}
