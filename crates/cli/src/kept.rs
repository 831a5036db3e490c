//! Live stores that stay open between the questions of one server: connecting, logging in and learning what is there are
//! paid once. Files are opened anew each time, as they cost nothing and grow.
//!
//! A store is handed out again only when it is the same one in `waylaid.toml`, nobody is at it, nothing failed at it, and
//! it was not opened too long ago: what connectors learn of fields and tables must not grow old.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use waylaid_model::{Reference, Settings, StoreKind, StoreSpec};
use waylaid_store::layers::{Kind, Layer, Logs, Tables, Topics};
use waylaid_store::{Context, ErrorKind, Standing, StoreError};

/// After so long a store is opened anew.
const OLDEST: Duration = Duration::from_mins(5);

/// The stores of a server that are open.
#[derive(Default)]
pub struct Kept {
    /// Of logs.
    pub logs: Shelf<Logs>,
    /// Of topics.
    pub topics: Shelf<Topics>,
    /// Of tables.
    pub tables: Shelf<Tables>,
}

/// Open stores of one kind, by their names.
pub struct Shelf<K: Kind>(Mutex<HashMap<String, Arc<Slot<K>>>>);

impl<K: Kind> Default for Shelf<K> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

/// An open store.
struct Slot<K: Kind> {
    store: Box<K::Store>,
    told: (StoreKind, Settings, PathBuf),
    opened: Instant,
    /// Calls that did not come back yet.
    busy: AtomicUsize,
    has_failed: AtomicBool,
}

impl<K: Kind> Shelf<K> {
    /// The open store of that name, or the one that `open` opens.
    pub fn get(
        &self,
        name: &str,
        spec: &StoreSpec,
        folder: &Path,
        open: impl FnOnce() -> Result<Box<K::Store>, StoreError>,
    ) -> Result<Box<K::Store>, StoreError> {
        if !spec.kind.is_live() {
            return open();
        }
        let told = (spec.kind, spec.settings.clone(), folder.to_owned());
        let lock = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = lock().get(name).cloned().filter(|slot| slot.is_good(&told));
        if let Some(slot) = known {
            return Ok(Lent(slot).boxed());
        }
        let (busy, has_failed) = (AtomicUsize::new(0), AtomicBool::new(false));
        let slot = Arc::new(Slot { store: open()?, told, opened: Instant::now(), busy, has_failed });
        lock().insert(name.to_owned(), Arc::clone(&slot));
        Ok(Lent(slot).boxed())
    }
}

impl<K: Kind> Slot<K> {
    fn is_good(&self, told: &(StoreKind, Settings, PathBuf)) -> bool {
        self.told == *told
            && self.busy.load(Ordering::Relaxed) == 0
            && !self.has_failed.load(Ordering::Relaxed)
            && self.opened.elapsed() < OLDEST
    }
}

/// An open store in the hands of a question.
struct Lent<K: Kind>(Arc<Slot<K>>);

/// A call that is at the store.
struct Call<'c>(&'c AtomicUsize);

impl Drop for Call<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl<K: Kind> Lent<K> {
    /// Notes who is at the store, and whether it fails.
    fn at<T>(&self, call: impl FnOnce(&K::Store) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let slot = &self.0;
        slot.busy.fetch_add(1, Ordering::Relaxed);
        let at = Call(&slot.busy);
        let result = call(&slot.store);
        drop(at);
        // Who asks wrongly, or no longer, says nothing about the store.
        let harmless =
            |e: &StoreError| matches!(e.kind, ErrorKind::Invalid | ErrorKind::Cancelled | ErrorKind::Budget);
        if result.as_ref().is_err_and(|e| !harmless(e)) {
            slot.has_failed.store(true, Ordering::Relaxed);
        }
        result
    }
}

impl<K: Kind> Layer<K> for Lent<K> {
    fn below(&self) -> &K::Store {
        &self.0.store
    }

    fn catalog(&self, context: &Context) -> Result<K::Catalog, StoreError> {
        self.at(|store| K::catalog(store, context))
    }

    fn ask(&self, query: &K::Query, context: &Context, sink: K::Sink<'_>) -> Result<K::Answer, StoreError> {
        self.at(|store| K::ask(store, query, context, &Some, sink))
    }

    fn raw(&self, at: &Reference, context: &Context) -> Result<String, StoreError> {
        self.at(|store| K::raw(store, at, context))
    }

    fn standing(&self, context: &Context) -> Result<Option<Standing>, StoreError> {
        self.at(|store| K::standing(store, context))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::AtomicU32;
    use waylaid_model::{Coverage, Status};
    use waylaid_store::{LogCatalog, LogHit, LogQuery, LogStore};

    /// A store that says which of those opened it is, and fails on demand.
    struct Numbered(u32, Arc<AtomicBool>);

    impl LogStore for Numbered {
        fn name(&self) -> &'static str {
            "logs.main"
        }

        fn catalog(&self, _: &Context) -> Result<LogCatalog, StoreError> {
            let fails = self.1.load(Ordering::Relaxed);
            let about = self.0.to_string();
            let down = || StoreError::new(ErrorKind::Io, "down");
            if fails { Err(down()) } else { Ok(LogCatalog { about, ..LogCatalog::default() }) }
        }

        fn scan(
            &self,
            _: &LogQuery,
            _: &Context,
            _: &(dyn Fn(LogHit) + Sync),
        ) -> Result<Vec<Coverage>, StoreError> {
            Ok(vec![Coverage::new("logs.main", "x", Status::Searched)])
        }

        fn raw(&self, _: &Reference, _: &Context) -> Result<String, StoreError> {
            Err(StoreError::new(ErrorKind::Invalid, "no such line"))
        }
    }

    #[derive(Default)]
    struct Server {
        shelf: Shelf<Logs>,
        opened: AtomicU32,
        is_down: Arc<AtomicBool>,
    }

    impl Server {
        fn get(&self, kind: StoreKind, url: &str) -> Box<dyn LogStore> {
            let mut settings = Settings::default();
            settings.set("url", url.to_owned());
            let spec = StoreSpec { name: "main".into(), kind, settings };
            let open = || {
                let number = self.opened.fetch_add(1, Ordering::Relaxed);
                Ok(Box::new(Numbered(number, Arc::clone(&self.is_down))) as Box<dyn LogStore>)
            };
            self.shelf.get("logs.main", &spec, Path::new("."), open).unwrap()
        }

        /// Which of those opened answers now.
        fn which(&self) -> Result<String, StoreError> {
            let store = self.get(StoreKind::Elasticsearch, "a");
            store.catalog(&Context::new()).map(|c| c.about)
        }
    }

    #[test]
    fn a_live_store_is_opened_once() {
        let server = Server::default();
        assert_eq!((server.which().unwrap(), server.which().unwrap()), ("0".into(), "0".into()));
        // Whoever asks wrongly does no harm.
        let at = Reference::Target { store: "logs.main".into(), target: "x".into() };
        assert!(server.get(StoreKind::Elasticsearch, "a").raw(&at, &Context::new()).is_err());
        assert_eq!(server.which().unwrap(), "0");
        server.get(StoreKind::Elasticsearch, "b");
        assert_eq!(server.which().unwrap(), "2", "what is told otherwise is another store");
        server.get(StoreKind::Files, "a");
        server.get(StoreKind::Files, "a");
        assert_eq!(server.opened.load(Ordering::Relaxed), 5, "files are opened each time");
    }

    #[test]
    fn one_that_failed_or_hangs_is_opened_anew() {
        let server = Server::default();
        assert_eq!(server.which().unwrap(), "0");
        server.is_down.store(true, Ordering::Relaxed);
        assert!(server.which().is_err());
        server.is_down.store(false, Ordering::Relaxed);
        assert_eq!(server.which().unwrap(), "1");
        let slot = server.shelf.0.lock().unwrap().get("logs.main").cloned().unwrap();
        slot.busy.fetch_add(1, Ordering::Relaxed);
        assert_eq!(server.which().unwrap(), "2", "nobody waits behind a call that hangs");
    }
}
