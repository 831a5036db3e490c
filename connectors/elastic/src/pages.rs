//! All hits of a question in order of time, a page at a time, over a view that does not change meanwhile.

use crate::allowed::{Ask, Index, KEEP};
use crate::client::Client;
use crate::config::Product;
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};
use waylaid_store::{Context, ErrorKind, StoreError};

/// Hits of a page, before it is known how long they are.
const FIRST: usize = 500;
/// Fewest and most.
const FEWEST: usize = 20;
const MOST: usize = 4000;
/// How long a page should be.
const BYTES: usize = 4 << 20;

/// An answer's hits and what the server says of its shards.
#[derive(Deserialize)]
pub(crate) struct Page<'a> {
    #[serde(borrow, default)]
    hits: Hits<'a>,
    #[serde(default, rename = "_shards")]
    shards: Shards,
    #[serde(default)]
    timed_out: bool,
    #[serde(default)]
    pit_id: Option<String>,
    #[serde(default, rename = "_scroll_id")]
    scroll_id: Option<String>,
}

#[derive(Default, Deserialize)]
struct Hits<'a> {
    #[serde(borrow, default)]
    hits: Vec<Hit<'a>>,
}

/// One hit.
#[derive(Deserialize)]
pub(crate) struct Hit<'a> {
    /// Its index.
    #[serde(rename = "_index", default)]
    pub index: String,
    /// Its id.
    #[serde(rename = "_id", default)]
    pub id: String,
    /// Its number in its shard.
    #[serde(rename = "_seq_no", default)]
    pub number: Option<u64>,
    /// The document as it was stored.
    #[serde(rename = "_source", borrow, default)]
    pub source: Option<&'a RawValue>,
    /// Values of the fields that were asked for.
    #[serde(default)]
    pub fields: Map<String, Value>,
    #[serde(default)]
    sort: Vec<Value>,
}

impl Hit<'_> {
    /// The first value of a field that was asked for.
    pub fn field(&self, name: &str) -> Option<String> {
        waylaid_model::scalar_text(self.fields.get(name)?.get(0)?)
    }
}

#[derive(Default, Deserialize)]
struct Shards {
    #[serde(default)]
    total: u64,
    #[serde(default)]
    failed: u64,
    #[serde(default)]
    failures: Vec<Value>,
}

impl<'a> Page<'a> {
    /// Reads an answer.
    pub fn parse(body: &'a [u8]) -> Result<Self, serde_json::Error> {
        serde_json::from_slice(body)
    }

    /// Its hits.
    pub fn into_hits(self) -> Vec<Hit<'a>> {
        self.hits.hits
    }

    /// What was not searched for it, if anything.
    pub fn trouble(&self) -> Option<String> {
        if self.shards.failed > 0 {
            let failure = self.shards.failures.first().map(|f| &f["reason"]);
            let why = failure.and_then(|r| r["reason"].as_str().or_else(|| r["type"].as_str()));
            let why =
                why.map(|w| format!(" ({})", w.chars().take(200).collect::<String>())).unwrap_or_default();
            return Some(format!("{} of {} shards failed{why}", self.shards.failed, self.shards.total));
        }
        self.timed_out.then(|| "the server gave up before it had searched all".to_owned())
    }
}

/// How a view is kept open.
enum View {
    /// An id that every page may change, and where the last page ended.
    Point { id: String, after: Option<Vec<Value>> },
    /// An id that every page may change; `None` before the first.
    Scroll(Option<String>),
}

/// A question being paged through.
pub(crate) struct Pager<'a> {
    client: &'a Client,
    index: &'a Index,
    body: Value,
    time: Option<&'a str>,
    view: View,
    size: usize,
    is_first: bool,
}

impl<'a> Pager<'a> {
    /// Opens a view; where the server has none, or does not let us, a scroll does the same.
    pub fn open(
        client: &'a Client,
        index: &'a Index,
        product: Product,
        time: Option<&'a str>,
        body: Value,
        context: &Context,
    ) -> Result<Self, StoreError> {
        let ask = match product {
            Product::Elasticsearch => Ask::View,
            Product::Opensearch => Ask::OpensearchView,
        };
        let view = match client.json(ask, index, None, context) {
            Ok(answer) => {
                let id = answer["id"].as_str().or_else(|| answer["pit_id"].as_str());
                id.map_or(View::Scroll(None), |id| View::Point { id: id.to_owned(), after: None })
            }
            Err(error)
                if matches!(error.kind, ErrorKind::NotFound | ErrorKind::Invalid | ErrorKind::Denied) =>
            {
                View::Scroll(None)
            }
            Err(error) => return Err(error),
        };
        Ok(Self { client, index, body, time, view, size: FIRST, is_first: true })
    }

    /// Hands the next page over; false when there is none.
    pub fn next(
        &mut self,
        context: &Context,
        see: impl FnOnce(Page<'_>) -> Result<(), StoreError>,
    ) -> Result<bool, StoreError> {
        let (mut ask, mut request) = self.request();
        let mut answer = self.client.send(ask, self.index, Some(&request.to_string()), context);
        let is_refused = |e: &StoreError| matches!(e.kind, ErrorKind::Invalid | ErrorKind::NotFound);
        if self.is_first && matches!(self.view, View::Point { .. }) && answer.as_ref().is_err_and(is_refused)
        {
            // A server that has views but does not sort by a document's place in them.
            self.view = View::Scroll(None);
            (ask, request) = self.request();
            answer = self.client.send(ask, self.index, Some(&request.to_string()), context);
        }
        self.is_first = false;
        let body = answer?.body;
        let page = Page::parse(&body).map_err(|why| self.client.not_understood(ask, &why))?;
        let (count, asked) = (page.hits.hits.len(), self.size);
        let last = page.hits.hits.last().map(|hit| hit.sort.clone());
        match &mut self.view {
            View::Point { id, after } => {
                if let Some(new) = &page.pit_id {
                    id.clone_from(new);
                }
                *after = last;
                // A page may be adapted to how long its hits are; a scroll's are all alike.
                if let Some(each) = body.len().checked_div(count) {
                    self.size = (BYTES / each.max(1)).clamp(FEWEST, MOST);
                }
            }
            View::Scroll(id) => *id = page.scroll_id.clone().or_else(|| id.take()),
        }
        let has_more = count >= asked;
        see(page)?;
        Ok(has_more)
    }

    fn request(&self) -> (Ask, Value) {
        let mut body = self.body.clone();
        let by_time = self.time.map(|time| {
            // Milliseconds everywhere, also where an index keeps nanoseconds.
            json!({time: {"order": "asc", "unmapped_type": "date", "numeric_type": "date"}})
        });
        body["size"] = self.size.into();
        body["track_total_hits"] = false.into();
        match &self.view {
            View::Point { id, after } => {
                body["pit"] = json!({"id": id, "keep_alive": KEEP});
                body["sort"] = by_time.into_iter().chain([json!({"_shard_doc": "asc"})]).collect();
                if let Some(after) = after {
                    body["search_after"] = json!(after);
                }
                (Ask::Page, body)
            }
            View::Scroll(None) => {
                body["sort"] = by_time.into_iter().chain([json!("_doc")]).collect();
                if let Some(body) = body.as_object_mut() {
                    body.remove("track_total_hits");
                }
                (Ask::Scroll, body)
            }
            View::Scroll(Some(id)) => (Ask::Scrolled, json!({"scroll_id": id, "scroll": KEEP})),
        }
    }
}
