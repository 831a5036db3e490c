//! What errors tell that violate no constraint: where a request went and how it ended, how long somebody waited, which
//! part of a document could not be read.

use regex::Regex;
use std::sync::LazyLock;

/// What a message tells besides its kind; what it does not tell is `None`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Details {
    /// Status of an HTTP answer.
    pub status: Option<u16>,
    /// Host, with its port where one is told.
    pub host: Option<String>,
    /// Path of a request.
    pub path: Option<String>,
    /// How long was waited, in milliseconds.
    pub waited_ms: Option<u64>,
    /// The part of a document that could not be read, as a JSON path.
    pub field: Option<String>,
}

/// Texts longer than this are cut.
const LIMIT: usize = 16 * 1024;

/// Reads the details of an error's text.
pub fn find_details(text: &str) -> Details {
    let text = crate::scan::head(text, LIMIT);
    let mut details =
        Details { status: status(text), waited_ms: waited(text), field: field(text), ..Details::default() };
    request(text, &mut details);
    details
}

static URL: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r#"(?i)\bhttps?://([^\s/"'<>?#\])]+)(/[^\s"'<>?#\])]*)?"#).ok());

static HOST: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(concat!(
        r"(?i)\b(?:connect(?:ion|ing)? to|ECONNREFUSED|ECONNRESET|ETIMEDOUT|EHOSTUNREACH|dial tcp|lookup|ENOTFOUND|",
        r"UnknownHostException:|no such host:?|resolve host:?|name resolution)\b[ :]{0,2}",
        r"([A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?)(?:/[\d.]+)?(:\d{2,5})?",
    ))
    .ok()
});

static REQUEST: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"\b(?:GET|POST|PUT|PATCH|DELETE|HEAD) (/[^\s?#\x22']*)").ok());

fn request(text: &str, details: &mut Details) {
    if let Some(found) = URL.as_ref().and_then(|u| u.captures(text)) {
        details.host = Some(found[1].to_owned());
        details.path = found.get(2).map(|p| p.as_str().trim_end_matches([',', '.', ':', ';']).to_owned());
        return;
    }
    if let Some(found) = HOST.as_ref().and_then(|h| h.captures(text)) {
        let port = found.get(2).map_or("", |p| p.as_str());
        details.host = Some(format!("{}{port}", &found[1]));
    }
    details.path = REQUEST.as_ref().and_then(|r| r.captures(text)).map(|c| c[1].to_owned());
}

static STATUS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(concat!(
        r"(?i)(?:status(?: ?code)?(?: does not indicate success)?[ :=('\x22]{1,4}|\bHTTP[/ ](?:1\.[01] |2 |error )?|\bresponded with |\breturned |\banswered (?:with )?|\bgot )([45]\d\d)\b",
        r"|\b([45]\d\d) (?:Not Found|Bad Request|Unauthorized|Forbidden|Conflict|Gone|Unprocessable|Too Many Requests|Internal Server Error|Bad Gateway|Service Unavailable|Gateway Time-?out|Client Error|Server Error)",
        r"|\b(?:Client|Server) Error: ([45]\d\d)\b",
    ))
    .ok()
});

fn status(text: &str) -> Option<u16> {
    let found = STATUS.as_ref()?.captures(text)?;
    found.iter().skip(1).flatten().next()?.as_str().parse().ok()
}

static WAITED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)(?:timed? ?out (?:after|of)|timeout (?:of|after|:)|request timed out after|waited(?: for)?|within|exceeded|after) ?(\d{1,9}(?:\.\d{1,6})?) ?(ms|msec|millis|milliseconds|s|sec|secs|seconds|m|min|minutes)\b").ok()
});

fn waited(text: &str) -> Option<u64> {
    let found = WAITED.as_ref()?.captures(text)?;
    let number: f64 = found[1].parse().ok()?;
    let unit = found[2].to_ascii_lowercase();
    let factor = match unit.as_str() {
        "s" | "sec" | "secs" | "seconds" => 1000.0,
        "m" | "min" | "minutes" => 60_000.0,
        _ => 1.0,
    };
    Some((number * factor) as u64)
}

static PATH: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(concat!(
        r"Path: (\$[^\s|]*)|Path '([^']*)', line|Go struct field \w+\.([\w.]+) of type",
        r"|missing field `([^`]+)`|unknown field `([^`]+)`|Unrecognized field \x22([^\x22]+)\x22",
    ))
    .ok()
});

fn field(text: &str) -> Option<String> {
    if let Some(at) = text.find("reference chain: ") {
        return Some(chain(&text[at + 17..]));
    }
    let found = PATH.as_ref()?.captures(text)?;
    let path = found.iter().skip(1).flatten().next()?.as_str();
    Some(if path.starts_with('$') { path.to_owned() } else { format!("$.{path}") })
}

/// `com.acme.Order["lines"]->java.util.ArrayList[0]->com.acme.Line["qty"]` as `$.lines[0].qty`.
fn chain(text: &str) -> String {
    let text = text.lines().next().unwrap_or_default();
    let mut path = String::from("$");
    for part in text.split("->").take(64) {
        let Some((inner, _)) = crate::scan::between(part, "[", "]") else { break };
        if let Some(name) = inner.strip_prefix('"') {
            path.push('.');
            path += name.trim_end_matches('"');
        } else {
            path.push('[');
            path += inner;
            path.push(']');
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    fn show(text: &str) -> String {
        let d = find_details(text);
        let mut parts = Vec::new();
        parts.extend(d.status.map(|s| s.to_string()));
        parts.extend(d.host);
        parts.extend(d.path);
        parts.extend(d.waited_ms.map(|m| format!("{m}ms")));
        parts.extend(d.field);
        parts.join(" ")
    }

    #[test]
    fn requests() {
        for (text, expected) in [
            (
                "500 Internal Server Error: \"GET http://stock:8080/items/17?x=1 failed\"",
                "500 stock:8080 /items/17",
            ),
            (
                "HTTPError: 503 Server Error: Service Unavailable for url: https://stock.shop.local/items/17",
                "503 stock.shop.local /items/17",
            ),
            ("Request failed with status code 404", "404"),
            ("Response status code does not indicate success: 502 (Bad Gateway).", "502"),
            (
                "I/O error on POST request for \"http://pick:8080/picks\": Connection refused",
                "pick:8080 /picks",
            ),
            ("dial tcp 10.0.0.1:5432: connect: connection refused", "10.0.0.1:5432"),
            ("getaddrinfo ENOTFOUND stock.local", "stock.local"),
            ("Failed to connect to stock/10.0.0.1:8080", "stock:8080"),
            ("GET /items/17 answered 503 Service Unavailable", "503 /items/17"),
            ("order 500 picked", ""),
        ] {
            assert_eq!(show(text), expected, "{text}");
        }
    }

    #[test]
    fn waits_and_fields() {
        for (text, expected) in [
            ("HikariPool-1 - Connection is not available, request timed out after 30001ms.", "30001ms"),
            ("timeout of 2.5 s exceeded", "2500ms"),
            (
                "Cannot deserialize value of type `int` from String \"x\": not a valid `int` value (through reference chain: com.acme.Order[\"lines\"]->java.util.ArrayList[0]->com.acme.Line[\"qty\"])",
                "$.lines[0].qty",
            ),
            (
                "The JSON value could not be converted to System.Int32. Path: $.lines[0].qty | LineNumber: 0 | BytePositionInLine: 20.",
                "$.lines[0].qty",
            ),
            (
                "Could not convert string to integer: x. Path 'lines[0].qty', line 1, position 20.",
                "$.lines[0].qty",
            ),
            ("json: cannot unmarshal string into Go struct field Order.lines.qty of type int", "$.lines.qty"),
            ("missing field `qty` at line 1 column 30", "$.qty"),
        ] {
            assert_eq!(show(text), expected, "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read(text in r#"(http://|status |[45]\d\d|reference chain: |\["a"\]->|\[|\]|"|Path: \$|after |\d{1,20} ?(ms|s)|[a-z:/. ]{0,4}|é){0,20}"#) {
            find_details(&text);
        }
    }
}
