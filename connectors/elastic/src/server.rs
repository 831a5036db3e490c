//! What the server is, and how its clock goes.

use crate::allowed::{Ask, Index};
use crate::client::Client;
use crate::config::Product;
use serde_json::{Value, json};
use waylaid_model::time::human_duration;
use waylaid_store::{Context, ErrorKind, StoreError};

/// A clock so far off is worth a word, nanoseconds.
const ODD: i64 = 2_000_000_000;

/// What is known of a server.
#[derive(Clone, Debug, Default)]
pub(crate) struct Server {
    /// Which product it says it is, where it says so.
    pub product: Option<Product>,
    /// Its version, where it may be asked.
    pub version: Option<String>,
}

impl Server {
    /// Asks it. Not to be allowed to, or that it does not know the question, is no failure.
    pub fn ask(client: &Client, index: &Index, context: &Context) -> Result<Self, StoreError> {
        let answer = match client.send(Ask::Server, index, None, context) {
            Ok(answer) => answer,
            Err(error)
                if matches!(error.kind, ErrorKind::Denied | ErrorKind::NotFound | ErrorKind::Invalid) =>
            {
                return Ok(Self::default());
            }
            Err(error) => return Err(error),
        };
        let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        let is_opensearch = body["version"]["distribution"] == "opensearch";
        let version = body["version"]["number"].as_str().map(str::to_owned);
        let product = match (&version, is_opensearch) {
            (_, true) => Some(Product::Opensearch),
            (Some(_), false) => Some(Product::Elasticsearch),
            (None, false) => answer.is_elasticsearch.then_some(Product::Elasticsearch),
        };
        Ok(Self { product, version })
    }

    /// Its name and version, as far as they are known.
    pub fn shown(&self, expected: Product) -> String {
        let product = self.product.unwrap_or(expected);
        match &self.version {
            Some(version) => format!("{product} {version}"),
            None => format!("{product}, version not told"),
        }
    }
}

/// How far the server's clock is ahead of ours, where that is worth a word. It tells its time as the border of a range
/// that begins now.
pub(crate) fn skew(client: &Client, index: &Index, time: &str, context: &Context) -> Option<String> {
    let ranges = json!([{"from": "now", "to": "now+1s"}]);
    let body = json!({"size": 0, "aggs": {"now": {"date_range": {"field": time, "ranges": ranges}}}});
    let before = now();
    let answer = client.json(Ask::Search, index, Some(&body), context).ok()?;
    let (after, there) = (now(), answer["aggregations"]["now"]["buckets"][0]["from"].as_f64()?);
    let skew = (there * 1e6) as i64 - (before + (after - before) / 2);
    if skew.abs() < ODD + (after - before) {
        return None;
    }
    let (length, way) = (human_duration(skew.abs()), if skew > 0 { "ahead of" } else { "behind" });
    Some(format!("its clock is {length} {way} ours"))
}

/// Nanoseconds since 1970 by our clock.
#[allow(clippy::disallowed_methods, reason = "two clocks are compared")]
fn now() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_nanos()).unwrap_or(i64::MAX)
}
