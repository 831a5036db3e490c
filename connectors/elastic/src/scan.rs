//! A question under way: what it asks the server, what it makes of the hits, what it hands over.

use crate::allowed::{Ask, Index};
use crate::client::Client;
use crate::config::Product;
use crate::convert;
use crate::fields::NOISE;
use crate::layout::{self, Layout, hash};
use crate::looks::Looks;
use crate::pages::{Hit, Page, Pager};
use crate::preceding::{self, Wanting};
use crate::query;
use crate::sampled::{self, Stratum};
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashSet};
use waylaid_logs::problems::reports_failure;
use waylaid_model::{Reference, Timestamp};
use waylaid_store::{Context, KeySet, LogHit, LogQuery, StoreError};

/// Questions that are sent at once.
const AT_ONCE: usize = 10;

/// Whom to ask, and what is known of it.
#[derive(Clone, Copy)]
pub(crate) struct Source<'a> {
    /// Configured name of the store.
    pub store: &'a str,
    /// The connection.
    pub client: &'a Client,
    /// The indices.
    pub index: &'a Index,
    /// The product.
    pub product: Product,
    /// What there is.
    pub layout: &'a Layout,
}

/// How a question went.
#[derive(Debug, Default)]
pub(crate) struct Report {
    /// Events handed over, a service each.
    pub delivered: BTreeMap<String, u64>,
    /// What was not searched, once each.
    pub troubles: Vec<String>,
    /// Why it was stopped before its end: the deadline or the budget.
    pub stopped: Option<StoreError>,
    /// Of what only a sample was read, and how large that is.
    pub sampled: Vec<Sampled>,
}

/// Failures of which a sample was read.
#[derive(Clone, Debug)]
pub(crate) struct Sampled {
    /// What they have in common.
    pub name: String,
    /// How many there are, counted by the server.
    pub count: u64,
    /// One in so many was read.
    pub one_in: u32,
}

/// A hit that is an event.
pub(crate) struct Read {
    pub hit: LogHit,
    /// What its look is made from.
    pub text: String,
}

impl Source<'_> {
    /// What every question asks for beside its hits.
    pub fn base(&self, query: &Value) -> Value {
        let fields = &self.layout.fields;
        let mut values: Vec<Value> =
            [&fields.service, &fields.instance].into_iter().flatten().map(|f| json!({"field": f})).collect();
        values.extend(fields.time.iter().map(|f| json!({"field": f, "format": "epoch_millis"})));
        let excludes: Vec<String> = NOISE.iter().flat_map(|n| [(*n).to_owned(), format!("{n}.*")]).collect();
        json!({"query": query, "_source": {"excludes": excludes}, "docvalue_fields": values, "seq_no_primary_term": true})
    }

    /// A hit as an event, without its keys.
    pub fn read(&self, hit: &Hit<'_>) -> Read {
        let source = hit.source.map_or("{}", |s| s.get());
        let time = self.layout.fields.time.as_deref().and_then(|f| hit.field(f));
        let millis = time.and_then(|t| t.parse::<f64>().ok()).map(|ms| ms.floor() as i64);
        let (service, instance) = self.layout.names(&hit.index, |name| hit.field(name));
        let event = convert::event(source, millis.map(Timestamp::from_millis));
        let text = format!(
            "{} {} {}",
            event.level.map(|l| l.to_string()).unwrap_or_default(),
            event.message,
            event.exception.as_deref().unwrap_or_default()
        );
        let hit = LogHit {
            at: Reference::LogLine {
                store: self.store.to_owned(),
                file: format!("{}/{}", hit.index, hit.id),
                line: 0,
            },
            part: self.layout.ordinal(&service, &instance),
            service,
            instance,
            seq: seq(millis, hit.number, &hit.id),
            event,
            keys: Vec::new(),
            sampled: false,
            look: None,
            preceding: Vec::new(),
        };
        Read { hit, text }
    }
}

/// The place of an event among those of its part: by its time, within a millisecond by the order in which they arrived.
fn seq(millis: Option<i64>, number: Option<u64>, id: &str) -> u64 {
    let hash = hash(id.as_bytes());
    let number = number.unwrap_or(hash >> 8);
    match millis {
        Some(millis) => {
            let millis = millis.clamp(0, (1 << 42) - 1) as u64;
            1 << 63 | millis << 21 | (number & 0x7fff) << 6 | (hash & 0x3f)
        }
        None => (number & 0x1ff_ffff_ffff_ffff) << 6 | (hash & 0x3f),
    }
}

/// A question under way.
pub(crate) struct Scan<'a> {
    source: Source<'a>,
    query: &'a LogQuery,
    context: &'a Context,
    sink: &'a (dyn Fn(LogHit) + Sync),
    /// What was handed over, where the same event may come twice.
    seen: Option<HashSet<(u32, u64)>>,
    looks: Option<Looks<'a>>,
    /// For how many events each stands that is read now.
    stands_for: u32,
    report: Report,
}

impl<'a> Scan<'a> {
    /// Prepares it.
    pub fn new(
        source: Source<'a>,
        query: &'a LogQuery,
        context: &'a Context,
        sink: &'a (dyn Fn(LogHit) + Sync),
    ) -> Self {
        let judge = query.alike.as_deref().filter(|_| query.window == waylaid_model::Window::default());
        let (looks, report) = (judge.map(Looks::new), Report::default());
        Self { source, query, context, sink, seen: None, looks, stands_for: 1, report }
    }

    /// Asks everything there is to ask. Fails only when the question was cancelled or nothing could be asked at all.
    pub fn run(mut self) -> Result<Report, StoreError> {
        use waylaid_store::ErrorKind::{Budget, Timeout};
        match self.all() {
            Ok(()) => {}
            Err(error) if matches!(error.kind, Timeout | Budget) => self.report.stopped = Some(error),
            Err(error) => return Err(error),
        }
        if let Some(looks) = self.looks {
            looks.close();
        }
        Ok(self.report)
    }

    fn all(&mut self) -> Result<(), StoreError> {
        let select = &self.query.select;
        if select.all {
            return self.page(Vec::new());
        }
        let keys = select.keys.clone().filter(|keys| !keys.is_empty());
        let fields = &self.source.layout.fields;
        let portions = keys.as_ref().map_or_else(Vec::new, |keys| query::portions(keys, fields));
        if select.sample.is_some() || portions.len() > 1 {
            self.seen = Some(HashSet::new());
        }
        if let Some(count) = select.sample.filter(|count| *count > 0) {
            self.sample(count)?;
        }
        let mut failures = if select.failures { query::failures(fields) } else { Vec::new() };
        if let Some(strata) = self.too_many(&failures)? {
            if let Some(keys) = &keys {
                self.holders(keys)?;
            }
            return self.strata(&failures, strata);
        }
        if let Some(keys) = &keys {
            for portion in portions {
                let mut clauses = query::keys(keys, portion, fields);
                // The first pass takes the failures along.
                clauses.append(&mut failures);
                if !clauses.is_empty() {
                    self.page(vec![query::any(clauses)])?;
                }
            }
        }
        if failures.is_empty() { Ok(()) } else { self.page(vec![query::any(failures)]) }
    }

    /// The question narrowed to services and window.
    fn narrowed(&self, mut clauses: Vec<Value>) -> Value {
        clauses.extend(query::window(&self.source.layout.fields, self.query.window));
        clauses.extend(self.source.layout.services(self.query.services.as_deref()));
        query::all(clauses)
    }

    /// What holds a key, whole; it may be in a sample as well, and then comes once.
    fn holders(&mut self, keys: &KeySet) -> Result<(), StoreError> {
        self.seen.get_or_insert_with(HashSet::new);
        let fields = &self.source.layout.fields;
        for portion in query::portions(keys, fields) {
            let clauses = query::keys(keys, portion, fields);
            if !clauses.is_empty() {
                self.page(vec![query::any(clauses)])?;
            }
        }
        Ok(())
    }

    /// Kinds of failures with their counts, where all of them together are more than enough.
    fn too_many(&self, failures: &[Value]) -> Result<Option<Vec<Stratum>>, StoreError> {
        let enough = self.query.enough.as_ref().filter(|_| !failures.is_empty());
        let Some(enough) = enough.map(|enough| enough.most()) else { return Ok(None) };
        let Source { client, index, layout, .. } = self.source;
        let by = sampled::by(layout);
        let query = self.narrowed(vec![query::any(failures.to_vec())]);
        let Some(counted) = layout::counted(client, index, &query, &by, self.context)? else {
            return Ok(None);
        };
        let mut strata: Vec<Stratum> =
            counted.iter().map(|(values, count)| sampled::stratum(&by, values, *count)).collect();
        let all: u64 = strata.iter().map(|stratum| stratum.count).sum();
        if all <= enough {
            return Ok(None);
        }
        sampled::share(&mut strata, enough);
        Ok(Some(strata))
    }

    /// Failures by their kinds: the rare ones whole and at once, of each of the others a sample.
    fn strata(&mut self, failures: &[Value], strata: Vec<Stratum>) -> Result<(), StoreError> {
        let fails = query::any(failures.to_vec());
        let (rare, many): (Vec<Stratum>, Vec<Stratum>) = strata.into_iter().partition(|s| s.one_in == 1);
        if !rare.is_empty() {
            let others: Vec<Value> = many.iter().map(|s| query::all(s.clauses.clone())).collect();
            self.page(vec![fails.clone(), json!({"bool": {"must_not": others}})])?;
        }
        for stratum in many {
            let clauses = std::iter::once(fails.clone()).chain(stratum.clauses).collect();
            let (query, least) = sampled::chosen(&self.narrowed(clauses), stratum.one_in);
            let mut body = self.source.base(&query);
            body["min_score"] = least.into();
            self.stands_for = stratum.one_in;
            let Stratum { name, count, one_in, .. } = stratum;
            self.report.sampled.push(Sampled { name, count, one_in });
            self.pages(body)?;
            self.stands_for = 1;
        }
        Ok(())
    }

    /// Everything that fits, in order of time.
    fn page(&mut self, clauses: Vec<Value>) -> Result<(), StoreError> {
        let body = self.source.base(&self.narrowed(clauses));
        self.pages(body)
    }

    fn pages(&mut self, body: Value) -> Result<(), StoreError> {
        let Source { client, index, product, layout, .. } = self.source;
        let time = layout.fields.time.as_deref();
        let context = self.context;
        let mut pager = Pager::open(client, index, product, time, body, context)?;
        while pager.next(context, |page| self.take(page, false))? {}
        Ok(())
    }

    /// A few events of each part, chosen by chance, the same ones every time.
    fn sample(&mut self, count: usize) -> Result<(), StoreError> {
        let layout = self.source.layout;
        let wanted = |service: &String| self.query.services.as_ref().is_none_or(|s| s.contains(service));
        let parts: Vec<_> = layout.parts.iter().filter(|p| wanted(&p.service)).collect();
        let chance = json!({"seed": 20, "field": "_seq_no"});
        for some in parts.chunks(AT_ONCE) {
            let of = |part: &&crate::layout::Part| {
                let query = self.narrowed(layout.part(part));
                let score = json!({"query": query, "random_score": chance, "boost_mode": "replace"});
                let mut body = self.source.base(&json!({"function_score": score}));
                body["size"] = count.min(10_000).into();
                body
            };
            let bodies: Vec<Value> = some.iter().map(of).collect();
            for answer in many(&self.source, &bodies, self.context)? {
                let page = Page::parse(answer.get().as_bytes());
                let page = page.map_err(|why| self.source.client.not_understood(Ask::Searches, &why))?;
                self.take(page, true)?;
            }
        }
        Ok(())
    }

    /// Hands over what is wanted of a page.
    fn take(&mut self, page: Page<'_>, sampled: bool) -> Result<(), StoreError> {
        self.report.see(page.trouble());
        let mut wanting = Vec::new();
        for (number, hit) in page.into_hits().iter().enumerate() {
            if number % 256 == 0 {
                self.context.check("searching logs")?;
            }
            let Some(hit) = self.wanted(hit, sampled) else { continue };
            if self.looks_back(&hit) { wanting.push(hit) } else { self.hand_over(hit) }
        }
        let names_key = |source: &str| self.names_key(source);
        let wanting = Wanting { hits: wanting, count: self.query.preceding, names_key: &names_key };
        for hit in preceding::find(&self.source, wanting, self.context)? {
            self.hand_over(hit);
        }
        Ok(())
    }

    /// Whether only what precedes a failure can tell whose it is: it names nobody, and no record.
    fn looks_back(&self, hit: &LogHit) -> bool {
        let is_nobodys = !hit.keys.iter().any(|key| self.tells(*key));
        let names_record = || waylaid_logs::find_coordinates(&hit.event).iter().any(|at| at.topic.is_some());
        self.query.preceding > 0 && is_nobodys && reports_failure(&hit.event) && !names_record()
    }

    /// Whether a document holds a key that tells something; any does where none is looked for.
    fn names_key(&self, source: &str) -> bool {
        let keys = self.query.select.keys.as_ref();
        keys.is_none_or(|keys| convert::keys_in(source, keys).into_iter().any(|key| self.tells(key)))
    }

    fn tells(&self, key: u32) -> bool {
        self.query.alike.as_ref().is_none_or(|alike| alike.tells(key))
    }

    /// The event of a hit, if it is wanted indeed.
    fn wanted(&mut self, hit: &Hit<'_>, sampled: bool) -> Option<LogHit> {
        let read = self.source.read(hit);
        let (mut event, select) = (read.hit, &self.query.select);
        if !event.event.time.is_none_or(|time| self.query.window.contains(time)) {
            return None;
        }
        if self.seen.as_ref().is_some_and(|seen| seen.contains(&(event.part, event.seq))) {
            return None;
        }
        if let (Some(keys), Some(source)) = (&select.keys, hit.source) {
            event.keys = convert::keys_in(source.get(), keys);
        }
        event.sampled = sampled;
        let by_key = !event.keys.is_empty();
        let fails = select.failures && reports_failure(&event.event);
        if !(select.all || sampled || by_key || fails) {
            return None;
        }
        if let Some(looks) = self.looks.as_mut() {
            let is_read = looks.reads(&mut event, read.text.as_bytes());
            if !is_read && !sampled {
                return None;
            }
            if by_key || fails {
                looks.note(&event);
            }
        }
        if let Some(seen) = self.seen.as_mut() {
            seen.insert((event.part, event.seq));
        }
        if let Some(enough) = &self.query.enough {
            enough.stands_for(event.part, event.seq, self.stands_for);
        }
        Some(event)
    }

    fn hand_over(&mut self, hit: LogHit) {
        *self.report.delivered.entry(hit.service.clone()).or_default() += 1;
        (self.sink)(hit);
    }
}

impl Report {
    fn see(&mut self, trouble: Option<String>) {
        if let Some(trouble) = trouble.filter(|t| !self.troubles.contains(t)) {
            self.troubles.push(trouble);
        }
    }
}

/// Several questions at once: an answer each, as it came.
pub(crate) fn many(
    source: &Source<'_>,
    bodies: &[Value],
    context: &Context,
) -> Result<Vec<Box<serde_json::value::RawValue>>, StoreError> {
    #[derive(serde::Deserialize)]
    struct Answers {
        #[serde(default)]
        responses: Vec<Box<serde_json::value::RawValue>>,
    }
    if bodies.is_empty() {
        return Ok(Vec::new());
    }
    let head = json!({"ignore_unavailable": true});
    let lines: Vec<String> = bodies.iter().map(|body| format!("{head}\n{body}\n")).collect();
    let answer = source.client.send(Ask::Searches, source.index, Some(&lines.concat()), context)?;
    let answers: Result<Answers, _> = serde_json::from_slice(&answer.body);
    let answers = answers.map_err(|why| source.client.not_understood(Ask::Searches, &why))?;
    if let Some(refused) = answers.responses.iter().find(|a| a.get().starts_with("{\"error\"")) {
        let text = source.client.without_secrets(&refused.get().chars().take(300).collect::<String>());
        let kind = waylaid_store::ErrorKind::Invalid;
        return Err(StoreError::new(kind, format!("{}: searching", source.store)).with_source(text));
    }
    Ok(answers.responses)
}

#[cfg(test)]
mod tests {
    use super::seq;

    #[test]
    fn places_follow_time_and_then_arrival() {
        let at = |millis, number| seq(Some(millis), Some(number), "x");
        assert!(at(1_763_000_000_000, 9) < at(1_763_000_000_001, 1));
        assert!(at(1_763_000_000_000, 1) < at(1_763_000_000_000, 2));
        assert!(seq(None, Some(5), "x") < at(0, 0));
        assert_ne!(seq(Some(1), None, "a"), seq(Some(1), None, "b"));
        assert_eq!(seq(Some(-5), Some(0), "x"), seq(Some(0), Some(0), "x"));
    }
}
