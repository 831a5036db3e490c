//! The three contracts in one shape, so that a layer is written once for logs, topics and tables, and states only what
//! it changes.

use super::words;
use crate::{
    Context, ErrorKind, KeySet, LogCatalog, LogHit, LogQuery, LogStore, RecordHit, RecordQuery, RowHit,
    RowQuery, Standing, StoreError, TableCatalog, TableStore, TopicCatalog, TopicStore,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::sync::Arc;
use std::thread;
use waylaid_model::{Coverage, Reference, scalar_text};

/// Hands over the next items; `None` when there are no more.
pub type Next<'n, H> = &'n (dyn Fn() -> Option<Vec<H>> + Sync);

/// What becomes of an item on its way: `None` holds it back.
pub type Pass<'p, H> = &'p (dyn Fn(H) -> Option<H> + Sync);

/// A kind of store: what it is asked, what it hands over, and how to call one.
pub trait Kind: Sized + 'static {
    /// The contract: `dyn LogStore`.
    type Store: ?Sized + Send + Sync + 'static;
    /// A question.
    type Query: Clone + Serialize + Send + 'static;
    /// What is delivered for it, one by one.
    type Hit: Clone + Serialize + DeserializeOwned + Send + 'static;
    /// What the store holds.
    type Catalog: Clone + Serialize + DeserializeOwned + Send + 'static;
    /// The coverage of an answer.
    type Answer: Clone + Serialize + DeserializeOwned + Send + 'static;
    /// Where hits go.
    type Sink<'s>;

    /// What one of its targets is called, in the plural.
    const TARGETS: &'static str;
    /// The verb of the contract that delivers hits.
    const VERB: &'static str;

    /// Whoever serves this kind, as a store.
    fn boxed<S: Serve<Self> + 'static>(server: S) -> Box<Self::Store>;

    /// The store's configured name.
    fn name(store: &Self::Store) -> &str;

    /// What it holds.
    fn catalog(store: &Self::Store, context: &Context) -> Result<Self::Catalog, StoreError>;

    /// Asks it; hits go through `pass` on their way to the sink.
    fn ask(
        store: &Self::Store,
        query: &Self::Query,
        context: &Context,
        pass: Pass<'_, Self::Hit>,
        sink: Self::Sink<'_>,
    ) -> Result<Self::Answer, StoreError>;

    /// The fact at a reference; rows have no form beside their cells.
    fn raw(store: &Self::Store, at: &Reference, context: &Context) -> Result<String, StoreError>;

    /// Who we are there.
    fn standing(store: &Self::Store, context: &Context) -> Result<Option<Standing>, StoreError>;

    /// Asks it from a thread that may outlive the question; hits go to a function that several threads may call.
    fn feed(
        store: &Self::Store,
        query: &Self::Query,
        context: &Context,
        each: &(dyn Fn(Self::Hit) + Sync),
    ) -> Result<Self::Answer, StoreError>;

    /// Delivers what `next` hands over, from as many threads as the sink bears.
    fn drain(next: Next<'_, Self::Hit>, sink: Self::Sink<'_>);

    /// The sink for one more try.
    fn again<'s>(sink: &'s mut Self::Sink<'_>) -> Self::Sink<'s>;

    /// The target that a hit belongs to, as coverage names it.
    fn target(hit: &Self::Hit) -> &str;

    /// The lines of an answer's coverage.
    fn lines(answer: &mut Self::Answer) -> &mut [Coverage];

    /// The question in words.
    fn words(query: &Self::Query) -> String;

    /// Puts hits that came in any order into that of their places.
    fn sort(_: &mut [Self::Hit]) {}

    /// The keys that are asked for.
    fn keys(query: &Self::Query) -> Option<&Arc<KeySet>>;

    /// The value of a row's column, as text.
    fn cell(_: &Self::Hit, _: &str) -> Option<String> {
        None
    }

    /// The question with a limit to its items, where its contract knows one.
    fn limited(_: &Self::Query, _: u64) -> Option<Self::Query> {
        None
    }
}

/// Log stores.
#[derive(Clone, Copy, Debug)]
pub struct Logs;

/// Topic stores.
#[derive(Clone, Copy, Debug)]
pub struct Topics;

/// Table stores.
#[derive(Clone, Copy, Debug)]
pub struct Tables;

/// Logs and topics differ in names only: both are scanned, from several threads.
macro_rules! scanned {
    ($kind:ident, $contract:ident, $query:ty, $hit:ident, $catalog:ident, $targets:literal, $words:path, $target:expr) => {
        impl Kind for $kind {
            type Store = dyn $contract;
            type Query = $query;
            type Hit = $hit;
            type Catalog = $catalog;
            type Answer = Vec<Coverage>;
            type Sink<'s> = &'s (dyn Fn($hit) + Sync);
            const TARGETS: &'static str = $targets;
            const VERB: &'static str = "scan";

            fn boxed<S: Serve<Self> + 'static>(server: S) -> Box<Self::Store> {
                Box::new(server)
            }

            fn name(store: &Self::Store) -> &str {
                store.name()
            }

            fn catalog(store: &Self::Store, context: &Context) -> Result<$catalog, StoreError> {
                store.catalog(context)
            }

            fn ask(
                store: &Self::Store,
                query: &$query,
                context: &Context,
                pass: Pass<'_, $hit>,
                sink: Self::Sink<'_>,
            ) -> Result<Vec<Coverage>, StoreError> {
                store.scan(query, context, &|hit| pass(hit).into_iter().for_each(sink))
            }

            fn feed(
                store: &Self::Store,
                query: &$query,
                context: &Context,
                each: &(dyn Fn($hit) + Sync),
            ) -> Result<Vec<Coverage>, StoreError> {
                store.scan(query, context, each)
            }

            fn drain(next: Next<'_, $hit>, sink: Self::Sink<'_>) {
                let work = || {
                    while let Some(hits) = next() {
                        hits.into_iter().for_each(sink);
                    }
                };
                let cores = thread::available_parallelism().map_or(1, std::num::NonZero::get);
                thread::scope(|scope| {
                    (1..cores).for_each(|_| drop(scope.spawn(work)));
                    work();
                });
            }

            fn raw(store: &Self::Store, at: &Reference, context: &Context) -> Result<String, StoreError> {
                store.raw(at, context)
            }

            fn standing(store: &Self::Store, context: &Context) -> Result<Option<Standing>, StoreError> {
                store.standing(context)
            }

            fn again<'s>(sink: &'s mut Self::Sink<'_>) -> Self::Sink<'s> {
                *sink
            }

            fn sort(hits: &mut [$hit]) {
                hits.sort_by(|a, b| a.at.cmp(&b.at));
            }

            fn keys(query: &$query) -> Option<&Arc<KeySet>> {
                query.select.keys.as_ref()
            }

            fn target(hit: &$hit) -> &str {
                let target: fn(&$hit) -> &str = $target;
                target(hit)
            }

            fn lines(answer: &mut Vec<Coverage>) -> &mut [Coverage] {
                answer
            }

            fn words(query: &$query) -> String {
                $words(query)
            }
        }

        impl<S: Serve<$kind>> $contract for S {
            fn name(&self) -> &str {
                Serve::name(self)
            }

            fn catalog(&self, context: &Context) -> Result<$catalog, StoreError> {
                Serve::catalog(self, context)
            }

            fn scan(
                &self,
                query: &$query,
                context: &Context,
                sink: &(dyn Fn($hit) + Sync),
            ) -> Result<Vec<Coverage>, StoreError> {
                self.ask(query, context, sink)
            }

            fn raw(&self, at: &Reference, context: &Context) -> Result<String, StoreError> {
                Serve::raw(self, at, context)
            }

            fn standing(&self, context: &Context) -> Result<Option<Standing>, StoreError> {
                Serve::standing(self, context)
            }
        }
    };
}

scanned!(Logs, LogStore, LogQuery, LogHit, LogCatalog, "services", words::logs, |hit| &hit.service);
scanned!(Topics, TopicStore, RecordQuery, RecordHit, TopicCatalog, "topics", words::records, |hit| &hit
    .record
    .topic);

impl Kind for Tables {
    type Store = dyn TableStore;
    type Query = RowQuery;
    type Hit = RowHit;
    type Catalog = TableCatalog;
    type Answer = Coverage;
    type Sink<'s> = &'s mut dyn FnMut(RowHit);
    const TARGETS: &'static str = "tables";
    const VERB: &'static str = "rows";

    fn boxed<S: Serve<Self> + 'static>(server: S) -> Box<Self::Store> {
        Box::new(server)
    }

    fn name(store: &Self::Store) -> &str {
        store.name()
    }

    fn catalog(store: &Self::Store, context: &Context) -> Result<TableCatalog, StoreError> {
        store.catalog(context)
    }

    fn ask(
        store: &Self::Store,
        query: &RowQuery,
        context: &Context,
        pass: Pass<'_, RowHit>,
        sink: Self::Sink<'_>,
    ) -> Result<Coverage, StoreError> {
        store.rows(query, context, &mut |row| pass(row).into_iter().for_each(&mut *sink))
    }

    fn raw(store: &Self::Store, at: &Reference, _: &Context) -> Result<String, StoreError> {
        Err(StoreError::new(ErrorKind::Invalid, format!("{}: {at} has cells, no raw text", store.name())))
    }

    fn standing(store: &Self::Store, context: &Context) -> Result<Option<Standing>, StoreError> {
        store.standing(context)
    }

    fn feed(
        store: &Self::Store,
        query: &RowQuery,
        context: &Context,
        each: &(dyn Fn(RowHit) + Sync),
    ) -> Result<Coverage, StoreError> {
        store.rows(query, context, &mut |row| each(row))
    }

    fn drain(next: Next<'_, RowHit>, sink: Self::Sink<'_>) {
        while let Some(rows) = next() {
            rows.into_iter().for_each(&mut *sink);
        }
    }

    fn again<'s>(sink: &'s mut Self::Sink<'_>) -> Self::Sink<'s> {
        &mut **sink
    }

    fn keys(_: &RowQuery) -> Option<&Arc<KeySet>> {
        None
    }

    fn cell(hit: &RowHit, column: &str) -> Option<String> {
        hit.row.get(column).and_then(scalar_text)
    }

    fn target(hit: &RowHit) -> &str {
        match &hit.at {
            Reference::Row { table, .. } => table,
            _ => "",
        }
    }

    fn lines(answer: &mut Coverage) -> &mut [Coverage] {
        std::slice::from_mut(answer)
    }

    fn words(query: &RowQuery) -> String {
        words::rows(query)
    }

    fn limited(query: &RowQuery, items: u64) -> Option<RowQuery> {
        let limit = Some(query.limit.unwrap_or(u64::MAX).min(items));
        Some(RowQuery { limit, ..query.clone() })
    }
}

impl<S: Serve<Tables>> TableStore for S {
    fn name(&self) -> &str {
        Serve::name(self)
    }

    fn catalog(&self, context: &Context) -> Result<TableCatalog, StoreError> {
        Serve::catalog(self, context)
    }

    fn rows(
        &self,
        query: &RowQuery,
        context: &Context,
        sink: &mut dyn FnMut(RowHit),
    ) -> Result<Coverage, StoreError> {
        self.ask(query, context, sink)
    }

    fn standing(&self, context: &Context) -> Result<Option<Standing>, StoreError> {
        Serve::standing(self, context)
    }
}

/// A store of any kind, whatever lies behind it. Whoever serves a kind keeps its contract.
pub trait Serve<K: Kind>: Send + Sync {
    /// The configured name.
    fn name(&self) -> &str;
    /// What it holds.
    fn catalog(&self, context: &Context) -> Result<K::Catalog, StoreError>;
    /// Answers a question.
    fn ask(&self, query: &K::Query, context: &Context, sink: K::Sink<'_>) -> Result<K::Answer, StoreError>;
    /// The fact at a reference.
    fn raw(&self, at: &Reference, context: &Context) -> Result<String, StoreError>;
    /// Who we are there.
    fn standing(&self, _: &Context) -> Result<Option<Standing>, StoreError> {
        Ok(None)
    }
}

/// One thing put around a store. What a layer does not state goes to the store below.
pub trait Layer<K: Kind>: Send + Sync {
    /// The store below.
    fn below(&self) -> &K::Store;

    /// The store with this layer around it.
    fn boxed(self) -> Box<K::Store>
    where
        Self: Sized + 'static,
    {
        K::boxed(Layered(self))
    }

    /// What it holds.
    fn catalog(&self, context: &Context) -> Result<K::Catalog, StoreError> {
        K::catalog(self.below(), context)
    }

    /// Answers a question.
    fn ask(&self, query: &K::Query, context: &Context, sink: K::Sink<'_>) -> Result<K::Answer, StoreError> {
        K::ask(self.below(), query, context, &Some, sink)
    }

    /// The fact at a reference.
    fn raw(&self, at: &Reference, context: &Context) -> Result<String, StoreError> {
        K::raw(self.below(), at, context)
    }

    /// Who we are there.
    fn standing(&self, context: &Context) -> Result<Option<Standing>, StoreError> {
        K::standing(self.below(), context)
    }
}

/// A store with a layer around it.
struct Layered<L>(L);

impl<K: Kind, L: Layer<K>> Serve<K> for Layered<L> {
    fn name(&self) -> &str {
        K::name(self.0.below())
    }

    fn catalog(&self, context: &Context) -> Result<K::Catalog, StoreError> {
        self.0.catalog(context)
    }

    fn ask(&self, query: &K::Query, context: &Context, sink: K::Sink<'_>) -> Result<K::Answer, StoreError> {
        self.0.ask(query, context, sink)
    }

    fn raw(&self, at: &Reference, context: &Context) -> Result<String, StoreError> {
        self.0.raw(at, context)
    }

    fn standing(&self, context: &Context) -> Result<Option<Standing>, StoreError> {
        self.0.standing(context)
    }
}
