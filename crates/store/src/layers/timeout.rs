//! A store that hangs is abandoned: its work goes on in a thread that nobody waits for any more.

use super::kind::{Kind, Layer, Next};
use crate::{Context, ErrorKind, Standing, StoreError};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};
use waylaid_model::Reference;

/// Items on their way from the store's thread at most.
const WAITING: usize = 1024;
/// With so many waiting, whoever delivers is woken before its tick: to wake it for each would cost more than the items.
const WORTH_WAKING: usize = 64;
const TICK: Duration = Duration::from_millis(20);
/// How long after a question's deadline its store may take to notice.
const GRACE: Duration = Duration::from_secs(2);

/// A store that is given up when it shows no sign of life, neither an item nor a byte read, for so long. Once given up
/// it is not asked again: every further question would wait as long.
pub struct Timeout<K: Kind> {
    below: Arc<K::Store>,
    silence: Duration,
    is_given_up: AtomicBool,
}

impl<K: Kind> Timeout<K> {
    /// Puts the limit around a store.
    pub fn new(below: Box<K::Store>, silence: Duration) -> Self {
        Self { below: Arc::from(below), silence, is_given_up: AtomicBool::new(false) }
    }

    /// Runs a call in a thread of its own, while `drain` delivers what it hands over.
    fn run<H: Send + 'static, T: Send + 'static>(
        &self,
        doing: &str,
        context: &Context,
        call: impl FnOnce(&K::Store, &Context, &(dyn Fn(H) + Sync)) -> Result<T, StoreError> + Send + 'static,
        drain: impl FnOnce(Next<'_, H>),
    ) -> Result<T, StoreError> {
        if self.is_given_up.load(Ordering::Relaxed) {
            let what = format!("{doing}: not tried, as it had shown no sign of life before");
            return Err(StoreError::new(ErrorKind::Timeout, what));
        }
        let below = Arc::clone(&self.below);
        let limit = Limit { silence: self.silence, is_given_up: &self.is_given_up };
        run(doing, &limit, context, move |inside, each| call(&below, inside, each), drain)
    }

    fn doing(&self, what: &str) -> String {
        format!("{}: {what} {}", K::name(&self.below), K::TARGETS)
    }
}

impl<K: Kind> Layer<K> for Timeout<K> {
    fn below(&self) -> &K::Store {
        &self.below
    }

    fn catalog(&self, context: &Context) -> Result<K::Catalog, StoreError> {
        self.run(&self.doing("listing"), context, |below, inside, _| K::catalog(below, inside), nothing)
    }

    fn ask(&self, query: &K::Query, context: &Context, sink: K::Sink<'_>) -> Result<K::Answer, StoreError> {
        let query = query.clone();
        self.run(
            &self.doing("searching"),
            context,
            move |below, inside, each| K::feed(below, &query, inside, each),
            |next| K::drain(next, sink),
        )
    }

    fn raw(&self, at: &Reference, context: &Context) -> Result<String, StoreError> {
        let at = at.clone();
        self.run(&self.doing("reading"), context, move |below, inside, _| K::raw(below, &at, inside), nothing)
    }

    fn standing(&self, context: &Context) -> Result<Option<Standing>, StoreError> {
        let doing = format!("{}: asking who we are", K::name(&self.below));
        self.run(&doing, context, |below, inside, _| K::standing(below, inside), nothing)
    }
}

/// Runs work that may hang, such as opening a store, and gives it up after so long.
pub fn within<T: Send + 'static>(
    doing: &str,
    silence: Duration,
    context: &Context,
    work: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    let limit = Limit { silence, is_given_up: &AtomicBool::new(false) };
    run(doing, &limit, context, |_, _| work(), nothing)
}

/// Waits for a call that delivers nothing.
fn nothing(next: Next<'_, ()>) {
    while next().is_some() {}
}

/// How long to wait, and whether it was too long.
struct Limit<'l> {
    silence: Duration,
    is_given_up: &'l AtomicBool,
}

fn run<H: Send + 'static, T: Send + 'static>(
    doing: &str,
    limit: &Limit<'_>,
    context: &Context,
    call: impl FnOnce(&Context, &(dyn Fn(H) + Sync)) -> Result<T, StoreError> + Send + 'static,
    drain: impl FnOnce(Next<'_, H>),
) -> Result<T, StoreError> {
    let belt = Arc::new(Belt::new(context.detached()));
    let theirs = Arc::clone(&belt);
    let spawned = thread::Builder::new().name(doing.to_owned()).spawn(move || {
        // Dropped last, whatever happens in between.
        let end = End(&theirs);
        let result = call(&theirs.inside, &|item| theirs.put(item));
        theirs.lock().result.get_or_insert(result);
        drop(end);
    });
    if let Err(error) = spawned {
        return Err(StoreError::from_io(error, format!("{doing}: starting a thread")));
    }
    drain(&|| belt.take(doing, limit, context));
    let mut state = belt.lock();
    state.result.take().unwrap_or_else(|| {
        Err(StoreError::new(ErrorKind::Io, format!("{doing}: the work broke off without an answer")))
    })
}

/// What runs between the store's thread and those that deliver.
struct Belt<H, T> {
    state: Mutex<State<H, T>>,
    filled: Condvar,
    emptied: Condvar,
    /// What the store's thread sees of the question.
    inside: Context,
}

struct State<H, T> {
    items: Vec<H>,
    result: Option<Result<T, StoreError>>,
    /// Whether nothing more will be put on it, or taken off it.
    is_over: bool,
    /// When the store last showed that it lives.
    alive: Instant,
    read: u64,
    expected: u64,
}

impl<H, T> Belt<H, T> {
    fn new(inside: Context) -> Self {
        let (alive, items) = (Instant::now(), Vec::new());
        let state = State { items, result: None, is_over: false, alive, read: 0, expected: 0 };
        Self { state: Mutex::new(state), filled: Condvar::new(), emptied: Condvar::new(), inside }
    }

    fn lock(&self) -> MutexGuard<'_, State<H, T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The store delivers; it waits while too much is on its way.
    fn put(&self, item: H) {
        let mut state = self.lock();
        while state.items.len() >= WAITING && !state.is_over {
            state = self.emptied.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        if !state.is_over {
            state.items.push(item);
            if state.items.len() == WORTH_WAKING {
                self.filled.notify_one();
            }
        }
    }

    /// The next items; `None` when the call ended, was cancelled or is given up.
    fn take(&self, doing: &str, limit: &Limit<'_>, context: &Context) -> Option<Vec<H>> {
        let mut state = self.lock();
        // Whoever comes was busy with earlier items: that silence is not the store's.
        state.alive = Instant::now();
        loop {
            self.pass_on(&mut state, context);
            if context.is_cancelled() {
                self.give_up(&mut state, StoreError::new(ErrorKind::Cancelled, doing));
            } else if !state.items.is_empty() {
                self.emptied.notify_all();
                return Some(std::mem::take(&mut state.items));
            }
            if state.is_over {
                self.filled.notify_all();
                return None;
            }
            if context.deadline().is_some_and(|deadline| deadline.elapsed() >= GRACE) {
                self.give_up(&mut state, StoreError::new(ErrorKind::Timeout, doing));
                continue;
            }
            if state.alive.elapsed() >= limit.silence {
                limit.is_given_up.store(true, Ordering::Relaxed);
                let what = format!("{doing}: no sign of life for {} s", limit.silence.as_secs_f32());
                self.give_up(&mut state, StoreError::new(ErrorKind::Timeout, what));
                continue;
            }
            let waited = self.filled.wait_timeout(state, TICK);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Hands the progress of the store's thread on to the question.
    fn pass_on(&self, state: &mut State<H, T>, context: &Context) {
        let (read, expected) = (self.inside.bytes_read(), self.inside.bytes_expected());
        if read > state.read {
            state.alive = Instant::now();
        }
        context.add_bytes(read - state.read);
        context.expect_bytes(expected - state.expected);
        (state.read, state.expected) = (read, expected);
    }

    /// Stops waiting; the store's thread is asked to stop and, should it ever deliver again, not heard.
    fn give_up(&self, state: &mut State<H, T>, error: StoreError) {
        state.items.clear();
        state.result = Some(Err(error));
        state.is_over = true;
        self.inside.cancel();
        self.filled.notify_all();
        self.emptied.notify_all();
    }
}

/// Says that the store's thread ended, also when it panicked.
struct End<'b, H, T>(&'b Belt<H, T>);

impl<H, T> Drop for End<'_, H, T> {
    fn drop(&mut self) {
        self.0.lock().is_over = true;
        self.0.filled.notify_all();
    }
}
