//! Vendor codes and set phrases of servers and drivers: each can mean only one thing.

use aho_corasick::{AhoCorasick, Match, MatchKind};
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
    ("integer out of range", Kind::ConstraintViolation),
    ("is out of range for type", Kind::ConstraintViolation),
    ("Out of range value for column", Kind::ConstraintViolation),
    ("Incorrect string value:", Kind::ConstraintViolation),
    ("Data truncated for column", Kind::ConstraintViolation),
    ("Arithmetic overflow error", Kind::ConstraintViolation),
    ("ORA-01438", Kind::ConstraintViolation),
    ("too long for the column's type", Kind::ConstraintViolation),
    ("Value too long for column", Kind::ConstraintViolation),
    ("invalid byte sequence for encoding", Kind::ConstraintViolation),
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
    ("update a stale object", Kind::LockContention),
    ("by another transaction", Kind::LockContention),
    ("database operation was expected to affect", Kind::LockContention),
    ("changed since it was last read", Kind::LockContention),
    ("database is locked", Kind::LockContention),
    ("database table is locked", Kind::LockContention),
    ("SQLITE_BUSY", Kind::LockContention),
    ("ORA-00060", Kind::LockContention),
    ("ORA-00054", Kind::LockContention),
    ("ORA-30006", Kind::LockContention),
    ("restart transaction: ", Kind::LockContention),
    ("TransactionRetryWithProtoRefreshError", Kind::LockContention),
    ("Timeout trying to lock table", Kind::LockContention),
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
    ("since the pool is exhausted", Kind::ResourceExhausted),
    (
        "Timeout expired.  The timeout period elapsed prior to obtaining a connection from the pool",
        Kind::ResourceExhausted,
    ),
    ("The connection pool has been exhausted", Kind::ResourceExhausted),
    ("QueuePool limit of size", Kind::ResourceExhausted),
    ("query_wait_timeout", Kind::ResourceExhausted),
    ("no more connections allowed", Kind::ResourceExhausted),
    ("pooled connections are in use", Kind::ResourceExhausted),
    ("checkout a Connection has timed out", Kind::ResourceExhausted),
    ("waiting for a pooled item", Kind::ResourceExhausted),
    ("max_user_connections", Kind::ResourceExhausted),
    ("Allowed memory size of", Kind::ResourceExhausted),
    ("OOM command not allowed", Kind::ResourceExhausted),
    ("std::bad_alloc", Kind::ResourceExhausted),
    ("exited with code 137", Kind::ResourceExhausted),
    ("exit code 137", Kind::ResourceExhausted),
    ("exit status 137", Kind::ResourceExhausted),
    ("code = ResourceExhausted", Kind::ResourceExhausted),
    ("not enough space on the disk", Kind::ResourceExhausted),
    ("filegroup is full", Kind::ResourceExhausted),
    ("flood stage disk watermark", Kind::ResourceExhausted),
    ("read-only-allow-delete", Kind::ResourceExhausted),
    ("MSG_SIZE_TOO_LARGE", Kind::ResourceExhausted),
    ("Message size too large", Kind::ResourceExhausted),
    ("Message was too large", Kind::ResourceExhausted),
    ("max message size the server will accept", Kind::ResourceExhausted),
    ("received message larger than max", Kind::ResourceExhausted),
    ("Packet for query is too large", Kind::ResourceExhausted),
    ("max_allowed_packet", Kind::ResourceExhausted),
    ("request entity too large", Kind::ResourceExhausted),
    ("Payload Too Large", Kind::ResourceExhausted),
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
    ("ORA-12516", Kind::ResourceExhausted),
    ("ORA-12518", Kind::ResourceExhausted),
    ("ORA-12519", Kind::ResourceExhausted),
    ("ORA-12520", Kind::ResourceExhausted),
    ("OOMKilled", Kind::ResourceExhausted),
    ("Row was updated or deleted by another transaction", Kind::LockContention),
    ("Batch update returned unexpected row count", Kind::LockContention),
    ("expected to affect 1 row(s), but actually affected 0", Kind::LockContention),
    ("optimistic lock failed", Kind::LockContention),
    ("modifiedPaths \"", Kind::LockContention),
    ("Schema being registered is incompatible", Kind::SchemaMismatch),
    ("Unrecognized field", Kind::SchemaMismatch),
    ("Missing required creator property", Kind::SchemaMismatch),
    ("extra inputs are not permitted", Kind::SchemaMismatch),
    ("unknown field", Kind::SchemaMismatch),
    ("unknown variant `", Kind::SchemaMismatch),
    ("Encountered an unknown key", Kind::SchemaMismatch),
    ("not found in JSON", Kind::SchemaMismatch),
    ("Required value '", Kind::SchemaMismatch),
    ("type=value_error.missing", Kind::SchemaMismatch),
    ("[type=missing", Kind::SchemaMismatch),
    ("type=value_error.extra", Kind::SchemaMismatch),
    ("[type=extra_forbidden", Kind::SchemaMismatch),
    ("local class incompatible", Kind::SchemaMismatch),
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
    ("NOAUTH Authentication required", Kind::ConfigError),
    ("WRONGPASS", Kind::ConfigError),
    ("jwt expired", Kind::ConfigError),
    ("code = Unauthenticated", Kind::ConfigError),
    ("code = PermissionDenied", Kind::ConfigError),
    ("unable to verify the first certificate", Kind::ConfigError),
    ("UNABLE_TO_VERIFY_LEAF_SIGNATURE", Kind::ConfigError),
    ("ERR_TLS_CERT_ALTNAME_INVALID", Kind::ConfigError),
    ("invalid peer certificate", Kind::ConfigError),
    ("failed to verify certificate", Kind::ConfigError),
    ("unable to find valid certification path", Kind::ConfigError),
    ("remote certificate is invalid", Kind::ConfigError),
    ("remote certificate was rejected", Kind::ConfigError),
    ("Unknown column '", Kind::ConfigError),
    ("Unknown database '", Kind::ConfigError),
    ("Invalid object name '", Kind::ConfigError),
    ("Invalid column name '", Kind::ConfigError),
    ("Base table or view not found", Kind::ConfigError),
    ("no such table:", Kind::ConfigError),
    ("no such column:", Kind::ConfigError),
    ("ORA-00942", Kind::ConfigError),
    ("ORA-00904", Kind::ConfigError),
    ("Unable to resolve service for type", Kind::ConfigError),
    ("Cannot find module '", Kind::ConfigError),
    ("No such host is known", Kind::ConfigError),
    ("nodename nor servname", Kind::ConfigError),
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
    ("Content is not allowed in prolog", Kind::DeserializationError),
    ("XML syntax error on line", Kind::DeserializationError),
    ("Data at the root level is invalid", Kind::DeserializationError),
    ("in JSON at position", Kind::DeserializationError),
    ("Expecting value: line", Kind::DeserializationError),
    ("expected value at line", Kind::DeserializationError),
    ("EOF while parsing", Kind::DeserializationError),
    ("unpack(b) received extra data", Kind::DeserializationError),
    ("has failed the validation: - property", Kind::DeserializationError),
    ("Malformed data. Length is negative", Kind::DeserializationError),
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
    ("Execution Timeout Expired", Kind::DependencyError),
    ("server closed the connection unexpectedly", Kind::DependencyError),
    ("Lost connection to MySQL server", Kind::DependencyError),
    ("MySQL server has gone away", Kind::DependencyError),
    ("terminating connection due to administrator command", Kind::DependencyError),
    ("connection is already closed", Kind::DependencyError),
    ("connection already closed", Kind::DependencyError),
    ("unexpected end of stream on", Kind::DependencyError),
    ("i/o timeout", Kind::DependencyError),
    ("TLS handshake timeout", Kind::DependencyError),
    ("server closed idle connection", Kind::DependencyError),
    ("operation timed out", Kind::DependencyError),
    ("error sending request for url", Kind::DependencyError),
    ("Max retries exceeded with url", Kind::DependencyError),
    ("Net::OpenTimeout", Kind::DependencyError),
    ("Net::ReadTimeout", Kind::DependencyError),
    ("TypeError: fetch failed", Kind::DependencyError),
    ("other side closed", Kind::DependencyError),
    ("has passed since batch creation", Kind::DependencyError),
    ("cURL error 7:", Kind::DependencyError),
    ("cURL error 28", Kind::DependencyError),
    ("cURL error 52", Kind::DependencyError),
    ("cURL error 56", Kind::DependencyError),
    ("HttpClient.Timeout", Kind::DependencyError),
    ("no rows in result set", Kind::DataMissing),
    ("Sequence contains no elements", Kind::DataMissing),
    ("no element found", Kind::DataMissing),
    ("No value present", Kind::DataMissing),
    ("matching query does not exist", Kind::DataMissing),
    ("No row was found", Kind::DataMissing),
    ("record not found", Kind::DataMissing),
    ("no documents in result", Kind::DataMissing),
    ("was not present in the dictionary", Kind::DataMissing),
    ("code = NotFound", Kind::DataMissing),
    ("rpc error: code = ", Kind::DependencyError),
];

static FINDER: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    AhoCorasick::builder()
        .match_kind(MatchKind::LeftmostLongest)
        .ascii_case_insensitive(true)
        .build(PHRASES.iter().map(|(p, _)| *p))
        .ok()
});

/// Codes with the word that makes a number a code. Five digits alone are a number like any other.
static NUMBERED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(concat!(
        r#"(?i)(?:SQLSTATE['"]?[ =:\[('"]*|SQL state \[?|code: ?['"]?)(\d\d[0-9A-Z]{3})\b"#,
        r#"|(?:^|\): )(\d\d[0-9A-Z]{3}): "#,
        r#"|\b(40P01|55P03|23P01|28P01|42P01|57P01|57P03|08S01)\b"#,
        r#"|\b(?:error|errno|error code|sql error|code)[ =:\[(#']{1,4}(\d{3,4})\b|\((\d{4}), ['"]"#,
    ))
    .ok()
});

/// The kind that codes and set phrases in a text denote.
pub(super) fn of_text(text: &str) -> Option<Kind> {
    if text.is_empty() {
        return None;
    }
    let finder = FINDER.as_ref()?;
    let stands = |m: &Match| is_meant(text, m.start(), m.end());
    if let Some(best) = finder.find_iter(text).filter(stands).map(|m| m.pattern().as_usize()).min() {
        return Some(PHRASES[best].1);
    }
    by_number(text).or_else(|| of_names(text)).or_else(|| http_status(text))
}

/// Whether a phrase stands for itself: a code is no part of a longer word, and what a statement does about duplicates
/// reports none.
fn is_meant(text: &str, start: usize, end: usize) -> bool {
    let phrase = &text[start..end];
    let is_code = phrase.bytes().any(|c| c.is_ascii_digit())
        && phrase.bytes().all(|c| c.is_ascii_alphanumeric() || matches!(c, b'-' | b'_'));
    let (before, after) = (&text[..start], &text[end..]);
    let joined = |c: Option<&u8>| c.is_some_and(u8::is_ascii_alphanumeric);
    if is_code && (joined(before.as_bytes().last()) || joined(after.as_bytes().first())) {
        return false;
    }
    let is_statement = phrase.eq_ignore_ascii_case("duplicate key")
        && (before.ends_with("ON ") || before.ends_with("on ") || after.trim_start().starts_with("UPDATE"));
    !is_statement
}

fn by_number(text: &str) -> Option<Kind> {
    let b = text.as_bytes();
    if !b.iter().any(u8::is_ascii_digit) {
        return None;
    }
    let pattern = NUMBERED.as_ref()?;
    for found in pattern.captures_iter(text).take(16) {
        let state = found.get(1).or_else(|| found.get(2)).or_else(|| found.get(3));
        let kind = match (state, found.get(4).or_else(|| found.get(5))) {
            (Some(state), _) => of_sqlstate(state.as_str()),
            (None, Some(number)) if !counts(&text[number.end()..]) => of_number(number.as_str()),
            _ => None,
        };
        if kind.is_some() {
            return kind;
        }
    }
    None
}

/// Whether what follows a number is what it counts: `404 rows`, `503 of 600`.
fn counts(after: &str) -> bool {
    let Some(rest) = after.strip_prefix(' ') else { return false };
    let word = rest.split(|c: char| !c.is_ascii_alphabetic()).next().unwrap_or_default();
    word == "of" || word == "ms" || word.len() > 3 && word.ends_with('s') && !word.ends_with("ss")
}

/// Names in a database that nobody gave: `relation "picks" does not exist`, `Table 'shop.picks' doesn't exist`; and
/// requests of Go's that failed, whatever stands behind their address.
static NAMED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(concat!(
        r#"(?:relation|column|schema|function|database|role|type) ["'][^"']{1,120}["'](?: of relation ["'][^"']{1,120}["'])? does not exist"#,
        r#"|Table '[^']{1,120}' doesn't exist"#,
        r#"|\b((?:Get|Post|Put|Delete|Patch|Head) "https?://[^"]{1,2000}": \S)"#,
    ))
    .ok()
});

fn of_names(text: &str) -> Option<Kind> {
    let found = NAMED.as_ref()?.captures(text)?;
    Some(if found.get(1).is_some() { Kind::DependencyError } else { Kind::ConfigError })
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
        "28000" | "28P01" | "42501" | "3D000" | "42P01" | "42703" | "42S02" | "42S22" => Kind::ConfigError,
        "08000" | "08001" | "08003" | "08006" | "08S01" | "57P01" | "57P03" => Kind::DependencyError,
        _ => return None,
    })
}

fn of_number(number: &str) -> Option<Kind> {
    Some(match number {
        "1062" | "1586" | "2627" | "2601" | "2067" | "1555" => Kind::DuplicateKey,
        "1048" | "1364" | "1451" | "1452" | "1406" | "3819" | "4025" | "547" | "515" | "8152" | "2628"
        | "1264" | "1265" | "1366" => Kind::ConstraintViolation,
        "1205" | "1213" | "1222" => Kind::LockContention,
        "1040" | "1203" | "1114" | "1153" => Kind::ResourceExhausted,
        "1045" | "1044" | "1146" | "1054" | "1049" | "18456" => Kind::ConfigError,
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
    let found = HTTP.as_ref()?.captures_iter(text).take(8);
    let status =
        found.filter_map(|f| f.iter().skip(1).flatten().next()).find(|s| !counts(&text[s.end()..]))?;
    Some(of_http(status.as_str(), text))
}

/// Credentials that the other side refuses are a matter of configuration, what it does not have is missing data; all
/// else is the other side's own trouble.
fn of_http(status: &str, text: &str) -> Kind {
    match status {
        "401" | "403" | "407" => Kind::ConfigError,
        "413" | "507" => Kind::ResourceExhausted,
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
