//! Vendor codes and set phrases of servers and drivers: each can mean only one thing.

use aho_corasick::{AhoCorasick, MatchKind};
use regex::Regex;
use std::sync::LazyLock;
use waylaid_model::Kind;

/// Phrases in the order of their weight: the first that occurs decides.
const PHRASES: &[(&str, Kind)] = &[
    ("duplicate key", Kind::DuplicateKey),
    ("Duplicate entry '", Kind::DuplicateKey),
    ("E11000", Kind::DuplicateKey),
    ("ORA-00001", Kind::DuplicateKey),
    ("UNIQUE constraint failed", Kind::DuplicateKey),
    ("PRIMARY KEY constraint failed", Kind::DuplicateKey),
    ("violates unique constraint", Kind::DuplicateKey),
    ("Unique constraint failed", Kind::DuplicateKey),
    ("Unique index or primary key violation", Kind::DuplicateKey),
    ("Violation of PRIMARY KEY", Kind::DuplicateKey),
    ("Violation of UNIQUE KEY", Kind::DuplicateKey),
    ("unique constraint or index violation", Kind::DuplicateKey),
    ("ER_DUP_ENTRY", Kind::DuplicateKey),
    ("SQLCODE=-803", Kind::DuplicateKey),
    ("SQL0803N", Kind::DuplicateKey),
    ("P2002", Kind::DuplicateKey),
    ("violates foreign key constraint", Kind::ConstraintViolation),
    ("violates not-null constraint", Kind::ConstraintViolation),
    ("violates check constraint", Kind::ConstraintViolation),
    ("violates exclusion constraint", Kind::ConstraintViolation),
    ("foreign key constraint fails", Kind::ConstraintViolation),
    ("FOREIGN KEY constraint failed", Kind::ConstraintViolation),
    ("Foreign key constraint failed", Kind::ConstraintViolation),
    ("Foreign key constraint violated", Kind::ConstraintViolation),
    ("NOT NULL constraint failed", Kind::ConstraintViolation),
    ("CHECK constraint failed", Kind::ConstraintViolation),
    ("Null constraint violation", Kind::ConstraintViolation),
    ("conflicted with the FOREIGN KEY", Kind::ConstraintViolation),
    ("conflicted with the REFERENCE", Kind::ConstraintViolation),
    ("conflicted with the CHECK", Kind::ConstraintViolation),
    ("Cannot insert the value NULL", Kind::ConstraintViolation),
    ("cannot insert NULL into", Kind::ConstraintViolation),
    ("' cannot be null", Kind::ConstraintViolation),
    ("doesn't have a default value", Kind::ConstraintViolation),
    ("Referential integrity constraint violation", Kind::ConstraintViolation),
    ("NULL not allowed for column", Kind::ConstraintViolation),
    ("Document failed validation", Kind::ConstraintViolation),
    ("value too long for type", Kind::ConstraintViolation),
    ("Data too long for column", Kind::ConstraintViolation),
    ("String or binary data would be truncated", Kind::ConstraintViolation),
    ("numeric field overflow", Kind::ConstraintViolation),
    ("ORA-01400", Kind::ConstraintViolation),
    ("ORA-01407", Kind::ConstraintViolation),
    ("ORA-02290", Kind::ConstraintViolation),
    ("ORA-02291", Kind::ConstraintViolation),
    ("ORA-02292", Kind::ConstraintViolation),
    ("ORA-12899", Kind::ConstraintViolation),
    ("SQLCODE=-530", Kind::ConstraintViolation),
    ("SQLCODE=-407", Kind::ConstraintViolation),
    ("P2003", Kind::ConstraintViolation),
    ("deadlock detected", Kind::LockContention),
    ("Deadlock found", Kind::LockContention),
    ("deadlocked on lock", Kind::LockContention),
    ("Lock wait timeout exceeded", Kind::LockContention),
    ("Lock request time out", Kind::LockContention),
    ("could not obtain lock", Kind::LockContention),
    ("canceling statement due to lock timeout", Kind::LockContention),
    ("could not serialize access", Kind::LockContention),
    ("database is locked", Kind::LockContention),
    ("database table is locked", Kind::LockContention),
    ("SQLITE_BUSY", Kind::LockContention),
    ("ORA-00060", Kind::LockContention),
    ("ORA-00054", Kind::LockContention),
    ("WriteConflict", Kind::LockContention),
    ("LockTimeout", Kind::LockContention),
    ("SQLCODE=-911", Kind::LockContention),
    ("remaining connection slots are reserved", Kind::ResourceExhausted),
    ("too many clients already", Kind::ResourceExhausted),
    ("Too many connections", Kind::ResourceExhausted),
    ("Connection is not available, request timed out after", Kind::ResourceExhausted),
    ("Timeout waiting for connection from pool", Kind::ResourceExhausted),
    ("timeout exceeded when trying to connect", Kind::ResourceExhausted),
    ("connection pool exhausted", Kind::ResourceExhausted),
    (
        "Timeout expired.  The timeout period elapsed prior to obtaining a connection from the pool",
        Kind::ResourceExhausted,
    ),
    ("The connection pool has been exhausted", Kind::ResourceExhausted),
    ("QueuePool limit of size", Kind::ResourceExhausted),
    ("unable to create new native thread", Kind::ResourceExhausted),
    ("Java heap space", Kind::ResourceExhausted),
    ("GC overhead limit exceeded", Kind::ResourceExhausted),
    ("JavaScript heap out of memory", Kind::ResourceExhausted),
    ("No space left on device", Kind::ResourceExhausted),
    ("ENOSPC", Kind::ResourceExhausted),
    ("EMFILE", Kind::ResourceExhausted),
    ("ENFILE", Kind::ResourceExhausted),
    ("Too many open files", Kind::ResourceExhausted),
    ("Cannot allocate memory", Kind::ResourceExhausted),
    ("RESOURCE_EXHAUSTED", Kind::ResourceExhausted),
    ("Local: Queue full", Kind::ResourceExhausted),
    ("ORA-01653", Kind::ResourceExhausted),
    ("ORA-00020", Kind::ResourceExhausted),
    ("OOMKilled", Kind::ResourceExhausted),
    ("Row was updated or deleted by another transaction", Kind::OutOfOrder),
    ("Batch update returned unexpected row count", Kind::LockContention),
    ("expected to affect 1 row(s), but actually affected 0", Kind::OutOfOrder),
    ("Schema being registered is incompatible", Kind::SchemaMismatch),
    ("Unrecognized field", Kind::SchemaMismatch),
    ("Missing required creator property", Kind::SchemaMismatch),
    ("extra inputs are not permitted", Kind::SchemaMismatch),
    ("unknown field", Kind::SchemaMismatch),
    ("was missing required properties", Kind::SchemaMismatch),
    ("JSON deserialization for type", Kind::DeserializationError),
    ("Could not resolve placeholder", Kind::ConfigError),
    ("password authentication failed", Kind::ConfigError),
    ("Access denied for user", Kind::ConfigError),
    ("Login failed for user", Kind::ConfigError),
    ("ORA-01017", Kind::ConfigError),
    ("getaddrinfo ENOTFOUND", Kind::ConfigError),
    ("Name or service not known", Kind::ConfigError),
    ("no such host", Kind::ConfigError),
    ("Temporary failure in name resolution", Kind::ConfigError),
    ("UNKNOWN_TOPIC_OR_PARTITION", Kind::ConfigError),
    ("Unknown topic or partition", Kind::ConfigError),
    ("This server does not host this topic-partition", Kind::ConfigError),
    ("TOPIC_AUTHORIZATION_FAILED", Kind::ConfigError),
    ("certificate verify failed", Kind::ConfigError),
    ("PKIX path building failed", Kind::ConfigError),
    ("no pg_hba.conf entry", Kind::ConfigError),
    ("permission denied for", Kind::ConfigError),
    ("x509: certificate", Kind::ConfigError),
    ("Error deserializing key/value for partition", Kind::DeserializationError),
    ("Error deserializing VALUE", Kind::DeserializationError),
    ("Error deserializing KEY", Kind::DeserializationError),
    ("Unknown magic byte", Kind::DeserializationError),
    ("is not valid JSON", Kind::DeserializationError),
    ("Unexpected token", Kind::DeserializationError),
    ("Unexpected end of JSON", Kind::DeserializationError),
    ("cannot unmarshal", Kind::DeserializationError),
    ("invalid character '", Kind::DeserializationError),
    ("is an invalid start of a value", Kind::DeserializationError),
    ("invalid wire type", Kind::DeserializationError),
    ("Cannot deserialize value of type", Kind::DeserializationError),
    ("Cannot deserialize instance of", Kind::DeserializationError),
    ("Unexpected character ('", Kind::DeserializationError),
    ("validation error for ", Kind::DeserializationError),
    ("validation errors for ", Kind::DeserializationError),
    ("missing field `", Kind::SchemaMismatch),
    // A consumer that is put out of its group takes the same records up again and commits none of them.
    ("REBALANCE_IN_PROGRESS", Kind::NotConsumed),
    ("UNKNOWN_MEMBER_ID", Kind::NotConsumed),
    ("ILLEGAL_GENERATION", Kind::NotConsumed),
    ("FENCED_INSTANCE_ID", Kind::NotConsumed),
    ("group is rebalancing, so a rejoin is needed", Kind::NotConsumed),
    ("coordinator is not aware of this member", Kind::NotConsumed),
    ("generation id is not valid", Kind::NotConsumed),
    ("consumer poll timeout has expired", Kind::NotConsumed),
    ("the group has already rebalanced", Kind::NotConsumed),
    ("exceeded max.poll.interval.ms", Kind::NotConsumed),
    ("Application maximum poll interval", Kind::NotConsumed),
    ("Broker: Unknown member", Kind::NotConsumed),
    ("Broker: Specified group generation id is not valid", Kind::NotConsumed),
    ("Broker: Group rebalance in progress", Kind::NotConsumed),
    ("ECONNREFUSED", Kind::DependencyError),
    ("ECONNRESET", Kind::DependencyError),
    ("ETIMEDOUT", Kind::DependencyError),
    ("EHOSTUNREACH", Kind::DependencyError),
    ("socket hang up", Kind::DependencyError),
    ("Connection refused", Kind::DependencyError),
    ("connection refused", Kind::DependencyError),
    ("Connection reset", Kind::DependencyError),
    ("connection reset by peer", Kind::DependencyError),
    ("Read timed out", Kind::DependencyError),
    ("connect timed out", Kind::DependencyError),
    ("Connect timed out", Kind::DependencyError),
    ("code = Unavailable", Kind::DependencyError),
    ("code = DeadlineExceeded", Kind::DependencyError),
    ("StatusCode=\"Unavailable\"", Kind::DependencyError),
    ("StatusCode.UNAVAILABLE", Kind::DependencyError),
    ("UNAVAILABLE: ", Kind::DependencyError),
    ("DEADLINE_EXCEEDED", Kind::DependencyError),
    ("no healthy upstream", Kind::DependencyError),
    ("upstream connect error", Kind::DependencyError),
    ("upstream timed out", Kind::DependencyError),
    ("does not permit further calls", Kind::DependencyError),
    ("circuit breaker is open", Kind::DependencyError),
    ("Breaker is open", Kind::DependencyError),
    ("no rows in result set", Kind::DataMissing),
    ("Sequence contains no elements", Kind::DataMissing),
    ("no element found", Kind::DataMissing),
    ("No value present", Kind::DataMissing),
    ("matching query does not exist", Kind::DataMissing),
    ("No row was found", Kind::DataMissing),
    ("record not found", Kind::DataMissing),
    ("no documents in result", Kind::DataMissing),
    ("was not present in the dictionary", Kind::DataMissing),
];

static FINDER: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    AhoCorasick::builder()
        .match_kind(MatchKind::LeftmostLongest)
        .ascii_case_insensitive(true)
        .build(PHRASES.iter().map(|(p, _)| *p))
        .ok()
});

/// Codes with the word that makes a number a code.
static NUMBERED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(concat!(
        r#"(?i)(?:SQLSTATE[ =:\[(]*|SQL state \[?|code: ?'|^|\s)(\d\d[0-9A-Z]{3})\b(?:[:\]')]|$)"#,
        r#"|(?:SQLSTATE[ =:\[(]*|SQL state \[?)(\d\d[0-9A-Z]{3})"#,
        r#"|\b(?:error|errno|error code|sql error|code)[ =:\[(#']{1,4}(\d{3,4})\b"#,
    ))
    .ok()
});

/// The kind that codes and set phrases in a text denote.
pub(super) fn of_text(text: &str) -> Option<Kind> {
    if text.is_empty() {
        return None;
    }
    let finder = FINDER.as_ref()?;
    if let Some(best) = finder.find_iter(text).map(|m| m.pattern().as_usize()).min() {
        return Some(PHRASES[best].1);
    }
    by_number(text).or_else(|| http_status(text))
}

fn by_number(text: &str) -> Option<Kind> {
    let b = text.as_bytes();
    if !b.iter().any(u8::is_ascii_digit) {
        return None;
    }
    let pattern = NUMBERED.as_ref()?;
    for found in pattern.captures_iter(text).take(16) {
        let kind = match (found.get(1).or_else(|| found.get(2)), found.get(3)) {
            (Some(state), _) => of_sqlstate(state.as_str()),
            (None, Some(number)) => of_number(number.as_str()),
            _ => None,
        };
        if kind.is_some() {
            return kind;
        }
    }
    None
}

/// The kind of a SQLSTATE.
pub(super) fn of_sqlstate(state: &str) -> Option<Kind> {
    Some(match state {
        "23505" => Kind::DuplicateKey,
        "23502" | "23503" | "23514" | "23001" | "23P01" | "23513" | "23506" | "22001" | "22003" => {
            Kind::ConstraintViolation
        }
        "40P01" | "55P03" | "40001" | "57033" => Kind::LockContention,
        "53100" | "53200" | "53300" | "53400" => Kind::ResourceExhausted,
        "28000" | "28P01" | "42501" | "3D000" | "42P01" | "42703" => Kind::ConfigError,
        "08000" | "08001" | "08003" | "08006" | "08S01" | "57P01" | "57P03" => Kind::DependencyError,
        _ => return None,
    })
}

fn of_number(number: &str) -> Option<Kind> {
    Some(match number {
        "1062" | "1586" | "2627" | "2601" | "2067" | "1555" => Kind::DuplicateKey,
        "1048" | "1364" | "1451" | "1452" | "1406" | "3819" | "4025" | "547" | "515" | "8152" | "2628" => {
            Kind::ConstraintViolation
        }
        "1205" | "1213" | "1222" => Kind::LockContention,
        "1040" | "1203" => Kind::ResourceExhausted,
        "1045" | "1044" | "1146" | "1054" | "18456" => Kind::ConfigError,
        "2002" | "2003" | "2006" | "2013" => Kind::DependencyError,
        _ => return None,
    })
}

/// The kind of a code that stands alone in a field: a SQLSTATE, a number, a name.
pub(super) fn of_code(code: &str) -> Option<Kind> {
    of_sqlstate(code).or_else(|| of_number(code)).or_else(|| {
        let finder = FINDER.as_ref()?;
        let whole = finder.find(code).filter(|m| m.len() == code.len())?;
        Some(PHRASES[whole.pattern().as_usize()].1)
    })
}

/// An HTTP answer of another service: `status code 503`, `404 Not Found`, `HTTP 500`.
static HTTP: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(concat!(
        r#"(?i)(?:status(?: code)?(?: does not indicate success)?[ :=(]{1,4}|\bHTTP[/ ](?:1\.[01] |2 |error )?|\b(?:responded|answered|replied) (?:with )?|\breturned |\bgot )([45]\d\d)\b"#,
        r#"|\b([45]\d\d) (?:Not Found|Bad Request|Unauthorized|Forbidden|Conflict|Gone|Unprocessable|Too Many Requests|Internal Server Error|Bad Gateway|Service Unavailable|Gateway Time-?out)"#,
        r#"|\b(?:Client|Server) Error: ([45]\d\d)\b|\b([45]\d\d) (?:Client|Server) Error"#,
    ))
    .ok()
});

fn http_status(text: &str) -> Option<Kind> {
    let found = HTTP.as_ref()?.captures(text)?;
    let status = found.iter().skip(1).flatten().next()?.as_str();
    Some(of_http(status, text))
}

/// Credentials that the other side refuses are a matter of configuration, what it does not have is missing data; all
/// else is the other side's own trouble.
fn of_http(status: &str, text: &str) -> Kind {
    match status {
        "401" | "403" | "407" => Kind::ConfigError,
        "404" | "410" if !lacks_the_route(text) => Kind::DataMissing,
        _ => Kind::DependencyError,
    }
}

/// Whether a 404 says that the server knows no such path, rather than no such thing: what web frameworks answer where
/// no handler is registered.
fn lacks_the_route(text: &str) -> bool {
    const SIGNS: &[&str] = &[
        "404 page not found",
        "cannot get /",
        "cannot post /",
        "cannot put /",
        "<html",
        "<!doctype",
        "no static resource",
        "no handler found",
        "no route",
        "no endpoint",
        "no mapping for",
        r#""detail":"not found""#,
        r#""detail": "not found""#,
        "requested url was not found",
    ];
    let text = text.to_lowercase();
    SIGNS.iter().any(|s| text.contains(s))
}
