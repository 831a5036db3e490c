//! Search: lines, records and rows by key, text, regular expression, JSON path or header, in all stores.
//!
//! Everything is counted, the oldest matches are kept, or the newest: memory grows with what is shown, not with what is found.
//! Conditions of different kinds must all hold; of several keys one is enough.

mod conditions;
mod kept;
mod path;
mod rows;

use crate::{EngineError, Search, Stores};
use conditions::Conditions;
use kept::Kept;
use std::sync::Arc;
use waylaid_model::answers::SearchAnswer;
use waylaid_model::{Coverage, Status};
use waylaid_store::{
    Context, ErrorKind, KeySet, LogQuery, LogStore, RecordQuery, Select, StoreError, TopicStore,
};

/// Matches in all stores, counts first.
pub fn search(stores: &Stores, search: &Search, context: &Context) -> Result<SearchAnswer, EngineError> {
    let conditions = Conditions::new(search)?;
    let mut run = Run {
        wanted: search.targets.iter().map(|t| t.to_lowercase()).collect(),
        kept: Kept::new(search.limit.saturating_add(search.skip), search.newest),
        coverage: Vec::new(),
        names: Vec::new(),
        search,
        conditions,
        context,
    };
    if !run.conditions.records_only() {
        for store in &stores.logs {
            let result = run.logs(store.as_ref());
            run.settle(store.name(), result)?;
        }
    }
    for store in &stores.topics {
        let result = run.topics(store.as_ref());
        run.settle(store.name(), result)?;
    }
    if !run.conditions.records_only() {
        for store in &stores.tables {
            let result = rows::search(&mut run, store.as_ref());
            run.settle(store.name(), result)?;
        }
    }
    let failed = stores.failed.iter().filter(|c| !c.store.starts_with("code."));
    let failed: Vec<Coverage> = failed.filter(|c| run.wants(&c.store, &c.target)).cloned().collect();
    run.coverage.extend(failed);
    run.answer()
}

/// One search while it runs.
pub(crate) struct Run<'a> {
    search: &'a Search,
    conditions: Conditions,
    context: &'a Context,
    wanted: Vec<String>,
    kept: Kept,
    coverage: Vec<Coverage>,
    /// Targets that could have been meant.
    names: Vec<String>,
}

impl Run<'_> {
    /// Whether a target is asked for: its name or its store's contains one of the given words.
    fn wants(&self, store: &str, target: &str) -> bool {
        let has = |name: &str| {
            let name = name.to_lowercase();
            self.wanted.iter().any(|w| name.contains(w))
        };
        self.wanted.is_empty()
            || has(store)
            || has(target)
            || has(&format!("{}.{target}", store.split_once('.').map_or(store, |(_, short)| short)))
    }

    /// The targets of a store that are asked for: `None` for all of them, an empty list for none.
    fn choose(&mut self, store: &str, targets: impl Iterator<Item = String>) -> Option<Vec<String>> {
        if self.wanted.is_empty() {
            return None;
        }
        let all: Vec<String> = targets.collect();
        let chosen = all.iter().filter(|t| self.wants(store, t)).cloned().collect();
        self.names.extend(all);
        Some(chosen)
    }

    /// Keys are looked for by the store, everything else here.
    fn select(&self) -> Select {
        self.conditions.keys().map_or_else(Select::all, |keys: &Arc<KeySet>| Select::keys(Arc::clone(keys)))
    }

    fn logs(&mut self, store: &dyn LogStore) -> Result<(), StoreError> {
        let mut services = None;
        if !self.wanted.is_empty() {
            let catalog = store.catalog(self.context)?;
            services = self.choose(store.name(), catalog.targets.into_iter().map(|t| t.service));
        }
        if services.as_ref().is_some_and(Vec::is_empty) {
            return Ok(());
        }
        let query =
            LogQuery { services, window: self.search.window, select: self.select(), ..LogQuery::default() };
        let (conditions, kept) = (&self.conditions, &self.kept);
        let coverage = store.scan(&query, self.context, &|hit| {
            if conditions.event(&hit.event) {
                let text = || conditions::event_text(&hit.event);
                kept.add(store.name(), &hit.service, hit.event.time, &hit.at, text);
            }
        })?;
        self.covered(coverage);
        Ok(())
    }

    fn topics(&mut self, store: &dyn TopicStore) -> Result<(), StoreError> {
        let mut topics = None;
        if !self.wanted.is_empty() {
            let catalog = store.catalog(self.context)?;
            topics = self.choose(store.name(), catalog.topics.into_iter().map(|t| t.name));
        }
        if topics.as_ref().is_some_and(Vec::is_empty) {
            return Ok(());
        }
        let query = RecordQuery {
            topics,
            window: self.search.window,
            select: self.select(),
            by_key: self.search.by_key,
            partition: self.search.partition,
            offsets: self.search.offsets.clone(),
            ..RecordQuery::default()
        };
        let (conditions, kept) = (&self.conditions, &self.kept);
        let coverage = store.scan(&query, self.context, &|hit| {
            if conditions.record(&hit.record) {
                let text = || conditions.shown(&hit.record);
                kept.add(store.name(), &hit.record.topic, hit.record.time, &hit.at, text);
            }
        })?;
        self.covered(coverage);
        Ok(())
    }

    /// A store's own count of matches gives way to the exact one.
    fn covered(&mut self, coverage: Vec<Coverage>) {
        for mut line in coverage {
            line.matched = self.kept.count(&line.store, &line.target);
            self.coverage.push(line);
        }
    }

    /// A store that fails makes the answer partial; only a cancelled question ends it.
    fn settle(&mut self, store: &str, result: Result<(), StoreError>) -> Result<(), EngineError> {
        match result {
            Err(error) if error.kind == ErrorKind::Cancelled => Err(error.into()),
            Err(error) => {
                let line = Coverage::new(store, store, Status::Failed).with_note(error.to_string());
                self.coverage.push(line);
                Ok(())
            }
            Ok(()) => Ok(()),
        }
    }

    fn answer(mut self) -> Result<SearchAnswer, EngineError> {
        if self.coverage.is_empty() && !self.wanted.is_empty() {
            self.names.sort();
            self.names.dedup();
            return Err(EngineError::Question {
                message: format!("no store or target has `{}` in its name", self.search.targets.join("`, `")),
                hint: format!("there are: {}", self.names.join(", ")),
            });
        }
        let (counts, mut hits) = self.kept.into_parts();
        let matched: u64 = counts.iter().map(|(_, _, n)| *n).sum();
        let skipped = self.search.skip.min(hits.len());
        hits.drain(..skipped);
        let more = matched.saturating_sub((skipped + hits.len()) as u64);
        let next = (more > 0 && !hits.is_empty()).then_some((skipped + hits.len()) as u64);
        Ok(SearchAnswer {
            counts,
            matched,
            hits,
            next,
            newest_first: self.search.newest,
            more,
            coverage: self.coverage,
        })
    }
}
