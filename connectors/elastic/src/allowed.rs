//! All that is ever asked of a server. A request is made of one of these and in no other way, so that this list is what
//! the connector can do: look at indices and search them.

use reqwest::Method;

/// How long a server keeps a view open for us after each page. Nothing is closed: that would take a verb that deletes.
pub(crate) const KEEP: &str = "1m";

/// Something that may be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ask {
    /// What the server is.
    Server,
    /// Which indices, aliases and data streams a pattern names, closed ones too.
    Indices,
    /// Which fields they have, of which types.
    Fields,
    /// A search or an aggregation.
    Search,
    /// Several at once.
    Searches,
    /// A view that does not change while it is paged through, in Elasticsearch.
    View,
    /// The same in OpenSearch.
    OpensearchView,
    /// A page of a view.
    Page,
    /// The first page of a scroll, where there are no views.
    Scroll,
    /// A further one.
    Scrolled,
    /// What our credentials may do, in Elasticsearch.
    Privileges,
    /// Who we are, in OpenSearch.
    Who,
}

/// What is asked of indices: those that are not there or closed are left out, and told elsewhere.
const LENIENT: &str = "ignore_unavailable=true&allow_no_indices=true";

impl Ask {
    #[cfg(test)]
    const ALL: [Self; 12] = [
        Self::Server,
        Self::Indices,
        Self::Fields,
        Self::Search,
        Self::Searches,
        Self::View,
        Self::OpensearchView,
        Self::Page,
        Self::Scroll,
        Self::Scrolled,
        Self::Privileges,
        Self::Who,
    ];

    /// The method: one that reads, or one that a search needs for its body.
    pub fn method(self) -> Method {
        match self {
            Self::Server | Self::Indices | Self::Fields | Self::Who => Method::GET,
            _ => Method::POST,
        }
    }

    /// Path and query for a checked list of indices.
    pub fn path(self, index: &Index) -> String {
        let index = &index.0;
        match self {
            Self::Server => "/".to_owned(),
            Self::Indices => format!("/_resolve/index/{index}?expand_wildcards=open,closed"),
            Self::Fields => format!("/{index}/_field_caps?fields=*&{LENIENT}"),
            Self::Search => format!("/{index}/_search?{LENIENT}"),
            Self::Searches => format!("/{index}/_msearch?{LENIENT}&max_concurrent_searches=4"),
            Self::View => format!("/{index}/_pit?keep_alive={KEEP}&ignore_unavailable=true"),
            Self::OpensearchView => format!("/{index}/_search/point_in_time?keep_alive={KEEP}"),
            Self::Page => "/_search".to_owned(),
            Self::Scroll => format!("/{index}/_search?scroll={KEEP}&{LENIENT}"),
            Self::Scrolled => "/_search/scroll".to_owned(),
            Self::Privileges => "/_security/user/_has_privileges".to_owned(),
            Self::Who => "/_plugins/_security/authinfo".to_owned(),
        }
    }
}

/// Names and patterns of indices, as a path holds them: nothing in it can become another path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Index(String);

impl Index {
    /// Checks a list. Names of the server's own endpoints begin with an underscore, which no index may.
    pub fn parse(list: &str) -> Result<Self, String> {
        let mut path = String::new();
        for name in list.split(',').map(str::trim) {
            let bare = name.strip_prefix('-').unwrap_or(name);
            let odd = |c: char| {
                !(c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | '*' | ':' | '+' | '@' | '~' | '='))
            };
            if bare.is_empty() || bare.starts_with('_') || matches!(bare, "." | "..") || bare.contains(odd) {
                return Err(format!("`{name}` is no name or pattern of indices"));
            }
            if !path.is_empty() {
                path.push(',');
            }
            for byte in name.bytes() {
                match byte {
                    b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'*' | b'~' => {
                        path.push(char::from(byte));
                    }
                    _ => path.push_str(&format!("%{byte:02X}")),
                }
            }
        }
        Ok(Self(path))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_reading_and_searching_is_asked_for() {
        let index = Index::parse("logs-*").unwrap();
        let asked: Vec<String> =
            Ask::ALL.iter().map(|a| format!("{} {}", a.method(), a.path(&index))).collect();
        let paths: Vec<&str> = asked.iter().map(|a| a.split('?').next().unwrap_or_default()).collect();
        assert_eq!(
            paths,
            [
                "GET /",
                "GET /_resolve/index/logs-*",
                "GET /logs-*/_field_caps",
                "POST /logs-*/_search",
                "POST /logs-*/_msearch",
                "POST /logs-*/_pit",
                "POST /logs-*/_search/point_in_time",
                "POST /_search",
                "POST /logs-*/_search",
                "POST /_search/scroll",
                "POST /_security/user/_has_privileges",
                "GET /_plugins/_security/authinfo",
            ]
        );
    }

    #[test]
    fn no_index_becomes_another_path() {
        for (list, path) in [
            ("logs-*", "logs-*"),
            ("a, b", "a,b"),
            ("*,-old", "*,-old"),
            ("eu:logs", "eu%3Alogs"),
            (".ds-logs-000001", ".ds-logs-000001"),
        ] {
            assert_eq!(Index::parse(list).unwrap().0, path);
        }
        for list in [
            "", "a,,b", "_bulk", "a/_doc", "a?x", "a#", "a%2F_doc", "..", "-_x", "a b", "a\nb", "<x>", "a\\b",
        ] {
            assert!(Index::parse(list).is_err(), "{list}");
        }
    }
}
