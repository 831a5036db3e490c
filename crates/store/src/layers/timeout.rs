//! A store that hangs is abandoned: its work goes on in a thread that nobody waits for any more.

use crate::{
    Context, ErrorKind, LogCatalog, LogHit, LogQuery, LogStore, RecordHit, RecordQuery, RowHit, RowQuery,
    StoreError, TableCatalog, TableStore, TopicCatalog, TopicStore,
};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};
use waylaid_model::{Coverage, Reference};

/// Items on their way from the store's thread at most.
const WAITING: usize = 1024;
const TICK: Duration = Duration::from_millis(20);

/// A store that is given up when it shows no sign of life, neither an item nor a byte read, for so long.
pub struct Timeout<S: ?Sized> {
    inner: Arc<S>,
    silence: Duration,
}

impl<S: ?Sized> Timeout<S> {
    /// Puts the limit around a store.
    pub fn new(inner: Box<S>, silence: Duration) -> Self {
        Self { inner: Arc::from(inner), silence }
    }
}

enum Message<H, T> {
    Item(H),
    Done(Result<T, StoreError>),
}

impl<S: ?Sized + Send + Sync + 'static> Timeout<S> {
    /// Runs a call in a thread of its own and hands its items on.
    fn run<H: Send + 'static, T: Send + 'static>(
        &self,
        doing: &str,
        context: &Context,
        call: impl FnOnce(&S, &Context, &(dyn Fn(H) + Sync)) -> Result<T, StoreError> + Send + 'static,
        sink: &mut dyn FnMut(H),
    ) -> Result<T, StoreError> {
        let (sender, receiver) = sync_channel(WAITING);
        let (inner, inside) = (Arc::clone(&self.inner), Arc::new(context.detached()));
        let theirs = Arc::clone(&inside);
        let spawned = thread::Builder::new().name(doing.to_owned()).spawn(move || {
            let items: Mutex<SyncSender<Message<H, T>>> = Mutex::new(sender.clone());
            let deliver = |item: H| {
                let sent = items.lock().unwrap_or_else(PoisonError::into_inner).send(Message::Item(item));
                if sent.is_err() {
                    theirs.cancel();
                }
            };
            let result = call(&inner, &theirs, &deliver);
            let _ = sender.send(Message::Done(result));
        });
        if let Err(error) = spawned {
            return Err(StoreError::from_io(error, format!("{doing}: starting a thread")));
        }
        let result = self.wait(doing, context, &inside, &receiver, sink);
        if result.is_err() {
            inside.cancel();
        }
        result
    }

    fn wait<H, T>(
        &self,
        doing: &str,
        context: &Context,
        inside: &Context,
        receiver: &Receiver<Message<H, T>>,
        sink: &mut dyn FnMut(H),
    ) -> Result<T, StoreError> {
        let (mut read, mut expected) = (0, 0);
        let mut alive = Instant::now();
        loop {
            let message = receiver.recv_timeout(TICK);
            let (now_read, now_expected) = (inside.bytes_read(), inside.bytes_expected());
            context.add_bytes(now_read - read);
            context.expect_bytes(now_expected - expected);
            if now_read > read || message.is_ok() {
                alive = Instant::now();
            }
            (read, expected) = (now_read, now_expected);
            match message {
                Ok(Message::Item(item)) => sink(item),
                Ok(Message::Done(result)) => return result,
                Err(RecvTimeoutError::Disconnected) => {
                    return Err(StoreError::new(ErrorKind::Io, format!("{doing}: the store's thread died")));
                }
                Err(RecvTimeoutError::Timeout) if alive.elapsed() >= self.silence => {
                    let what = format!("{doing}: no sign of life for {} s", self.silence.as_secs_f32());
                    return Err(StoreError::new(ErrorKind::Timeout, what));
                }
                Err(RecvTimeoutError::Timeout) => {}
            }
            if context.is_cancelled() {
                return Err(StoreError::new(ErrorKind::Cancelled, doing));
            }
        }
    }
}

impl LogStore for Timeout<dyn LogStore> {
    fn name(&self) -> &str {
        self.inner.name()
    }

    fn catalog(&self, context: &Context) -> Result<LogCatalog, StoreError> {
        self.run::<(), _>("listing logs", context, |store, context, _| store.catalog(context), &mut drop)
    }

    fn scan(
        &self,
        query: &LogQuery,
        context: &Context,
        sink: &(dyn Fn(LogHit) + Sync),
    ) -> Result<Vec<Coverage>, StoreError> {
        let query = query.clone();
        let call =
            move |store: &(dyn LogStore + 'static), context: &Context, items: &(dyn Fn(LogHit) + Sync)| {
                store.scan(&query, context, items)
            };
        self.run("searching logs", context, call, &mut |hit| sink(hit))
    }

    fn raw(&self, at: &Reference, context: &Context) -> Result<String, StoreError> {
        let at = at.clone();
        self.run::<(), _>("reading", context, move |store, context, _| store.raw(&at, context), &mut drop)
    }
}

impl TopicStore for Timeout<dyn TopicStore> {
    fn name(&self) -> &str {
        self.inner.name()
    }

    fn catalog(&self, context: &Context) -> Result<TopicCatalog, StoreError> {
        self.run::<(), _>("listing topics", context, |store, context, _| store.catalog(context), &mut drop)
    }

    fn scan(
        &self,
        query: &RecordQuery,
        context: &Context,
        sink: &(dyn Fn(RecordHit) + Sync),
    ) -> Result<Vec<Coverage>, StoreError> {
        let query = query.clone();
        let call =
            move |store: &(dyn TopicStore + 'static),
                  context: &Context,
                  items: &(dyn Fn(RecordHit) + Sync)| { store.scan(&query, context, items) };
        self.run("searching topics", context, call, &mut |hit| sink(hit))
    }

    fn raw(&self, at: &Reference, context: &Context) -> Result<String, StoreError> {
        let at = at.clone();
        self.run::<(), _>("reading", context, move |store, context, _| store.raw(&at, context), &mut drop)
    }
}

impl TableStore for Timeout<dyn TableStore> {
    fn name(&self) -> &str {
        self.inner.name()
    }

    fn catalog(&self, context: &Context) -> Result<TableCatalog, StoreError> {
        self.run::<(), _>("listing tables", context, |store, context, _| store.catalog(context), &mut drop)
    }

    fn rows(
        &self,
        query: &RowQuery,
        context: &Context,
        sink: &mut dyn FnMut(RowHit),
    ) -> Result<Coverage, StoreError> {
        let query = query.clone();
        let call =
            move |store: &(dyn TableStore + 'static), context: &Context, items: &(dyn Fn(RowHit) + Sync)| {
                store.rows(&query, context, &mut |row| items(row))
            };
        self.run("reading a table", context, call, sink)
    }
}
