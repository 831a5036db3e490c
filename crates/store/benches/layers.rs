//! What the layers that the binary puts around every store cost an item: a store that delivers from all cores, bare and
//! with the layers, to a caller that does nothing and to one that works on each item.
//!
//! `cargo bench -p waylaid-store --bench layers`

use divan::Bencher;
use std::hint::black_box;
use std::time::Duration;
use waylaid_model::{Coverage, LogEvent, Reference, Status};
use waylaid_store::layers::{
    Audit, AuditLog, Budget, Keyring, Kind as _, Layer as _, Logs, Remember, Retry, Timeout, Tries,
};
use waylaid_store::{Context, LogCatalog, LogHit, LogQuery, LogStore, StoreError};

const ITEMS: u64 = 200_000;
const THREADS: u64 = 2;

fn main() {
    divan::main();
}

/// Delivers events from several threads.
struct Plenty;

impl LogStore for Plenty {
    fn name(&self) -> &'static str {
        "logs.plenty"
    }

    fn catalog(&self, _: &Context) -> Result<LogCatalog, StoreError> {
        Ok(LogCatalog::default())
    }

    fn scan(
        &self,
        _: &LogQuery,
        _: &Context,
        sink: &(dyn Fn(LogHit) + Sync),
    ) -> Result<Vec<Coverage>, StoreError> {
        std::thread::scope(|scope| {
            for thread in 0..THREADS {
                scope.spawn(move || (0..ITEMS / THREADS).for_each(|seq| sink(hit(thread as u32, seq))));
            }
        });
        Ok(vec![Coverage::new("logs.plenty", "a", Status::Searched)])
    }

    fn raw(&self, at: &Reference, _: &Context) -> Result<String, StoreError> {
        Ok(at.to_string())
    }
}

fn hit(part: u32, seq: u64) -> LogHit {
    let at = Reference::LogLine { store: "logs.plenty".into(), file: "a/app.log".into(), line: seq };
    let message = format!("could not handle request {seq} of order {part}: connection refused");
    let event = LogEvent { message, thread: Some("main".into()), ..LogEvent::default() };
    let (service, instance) = ("a".to_owned(), "a-1".to_owned());
    LogHit {
        at,
        service,
        instance,
        part,
        seq,
        event,
        keys: vec![1],
        sampled: false,
        look: None,
        preceding: vec![],
    }
}

fn layered() -> Box<dyn LogStore> {
    let store: Box<dyn LogStore> = Box::new(Plenty);
    let store = Retry::<Logs>::new(store, Tries { attempts: 3, pause: Duration::ZERO }).boxed();
    let store = Timeout::<Logs>::new(store, Duration::from_mins(1)).boxed();
    let store = Budget::<Logs>::new(store, u64::MAX).boxed();
    let store = Remember::<Logs>::new(store, Keyring::default(), vec![], |_| false).boxed();
    Audit::<Logs>::new(store, AuditLog::default()).boxed()
}

/// About the work of a template.
fn work(hit: &LogHit) -> usize {
    (0..20).map(|_| black_box(&hit.event.message).bytes().filter(u8::is_ascii_digit).count()).sum()
}

#[divan::bench(args = ["bare", "layered"], sample_count = 10)]
fn handed_over(bencher: Bencher<'_, '_>, how: &str) {
    run(bencher, how, |hit| _ = black_box(hit));
}

#[divan::bench(args = ["bare", "layered"], sample_count = 10)]
fn worked_on(bencher: Bencher<'_, '_>, how: &str) {
    run(bencher, how, |hit| _ = black_box(work(&hit)));
}

fn run(bencher: Bencher<'_, '_>, how: &str, each: impl Fn(LogHit) + Sync) {
    let store: Box<dyn LogStore> = if how == "bare" { Box::new(Plenty) } else { layered() };
    bencher.counter(divan::counter::ItemsCount::new(ITEMS)).bench_local(|| {
        Logs::feed(store.as_ref(), &LogQuery::default(), &Context::new(), &each).map(|answer| answer.len())
    });
}
