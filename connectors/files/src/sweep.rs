//! All parts over all cores. Each thread takes a part of its own; when none is left, it helps with those that are
//! still being read: reading and cutting a part is one thread's work at a time, searching its blocks is everyone's.

use crate::blocks::{Block, Blocks};
use crate::events::Shape;
use crate::stream::Stream;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use waylaid_store::{Context, ErrorKind, StoreError};

/// What a sweep does with the blocks.
pub(crate) trait Sweep: Sync {
    /// How events begin in one part.
    type Shape: Shape;

    /// How many bytes before a block are kept for looking back.
    fn back(&self) -> usize {
        0
    }

    /// Looks at the beginning of a part.
    fn shape(&self, part: usize, sample: &[u8]) -> Self::Shape;

    /// Keys in a stretch of text, for events too long for a block.
    fn search(&self, text: &[u8]) -> Vec<u32>;

    /// Works on a block; blocks of a part may come in any order and on several threads.
    fn block(&self, part: usize, shape: &Self::Shape, block: &Block) -> Result<(), StoreError>;
}

/// How the reading of a part ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Ending {
    /// It was not read, or not to its end, because the sweep was stopped.
    #[default]
    Stopped,
    /// All of it was read.
    Complete,
    /// Nothing could be read.
    Unreadable(String),
    /// Something was read before it broke off.
    BrokenOff(String),
}

/// A part's path and size.
pub(crate) struct Source<'a> {
    /// Where it lies.
    pub path: &'a Path,
    /// Size as stored.
    pub bytes: u64,
}

/// How a sweep went.
pub(crate) struct Report {
    /// A part each.
    pub endings: Vec<Ending>,
    /// Why it was stopped before its end: the deadline or the budget.
    pub stopped: Option<StoreError>,
}

/// Sweeps all parts. Fails only when the question was cancelled or the task itself failed.
pub(crate) fn sweep<T: Sweep>(
    task: &T,
    sources: &[Source<'_>],
    context: &Context,
) -> Result<Report, StoreError> {
    context.expect_bytes(sources.iter().map(|s| s.bytes).sum());
    let slots = sources.iter().map(|_| Mutex::new(Slot::Waiting)).collect();
    let mut order: Vec<usize> = (0..sources.len()).collect();
    order.sort_by_key(|i| std::cmp::Reverse(sources[*i].bytes));
    let run =
        Run { task, sources, context, slots, order, next: AtomicUsize::new(0), stopped: Mutex::new(None) };
    let blocks = sources.iter().map(|s| s.bytes / crate::blocks::BLOCK as u64 + 1).sum::<u64>();
    let cores = thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let helpers = cores.min(usize::try_from(blocks).unwrap_or(cores)).saturating_sub(1);
    thread::scope(|scope| {
        for _ in 0..helpers {
            scope.spawn(|| run.work());
        }
        run.work();
    });
    let stopped = run.stopped.into_inner().unwrap_or_else(PoisonError::into_inner);
    if let Some(error) = stopped {
        if !matches!(error.kind, ErrorKind::Timeout | ErrorKind::Budget) {
            return Err(error);
        }
        return Ok(Report { endings: endings(run.slots), stopped: Some(error) });
    }
    Ok(Report { endings: endings(run.slots), stopped: None })
}

fn endings<S>(slots: Vec<Mutex<Slot<S>>>) -> Vec<Ending> {
    let ending = |slot: Mutex<Slot<S>>| match slot.into_inner().unwrap_or_else(PoisonError::into_inner) {
        Slot::Done(ending) => ending,
        Slot::Waiting | Slot::Open(_) => Ending::Stopped,
    };
    slots.into_iter().map(ending).collect()
}

enum Slot<S> {
    Waiting,
    Open(Box<Blocks<S>>),
    Done(Ending),
}

struct Run<'a, T: Sweep> {
    task: &'a T,
    sources: &'a [Source<'a>],
    context: &'a Context,
    slots: Vec<Mutex<Slot<T::Shape>>>,
    order: Vec<usize>,
    next: AtomicUsize,
    stopped: Mutex<Option<StoreError>>,
}

impl<T: Sweep> Run<'_, T> {
    fn work(&self) {
        let mut block = Block::new();
        while let Some(part) = self.order.get(self.next.fetch_add(1, Ordering::Relaxed)) {
            self.read(*part, &mut block);
        }
        for part in &self.order {
            self.read(*part, &mut block);
        }
    }

    fn read(&self, part: usize, block: &mut Block) {
        loop {
            if lock(&self.stopped).is_some() {
                return;
            }
            let worked =
                self.context.check("searching files").and_then(|()| match self.take(part, block)? {
                    Some(shape) => self.task.block(part, &shape, block).map(|()| true),
                    None => Ok(false),
                });
            match worked {
                Ok(true) => {}
                Ok(false) => return,
                Err(error) => {
                    lock(&self.stopped).get_or_insert(error);
                    return;
                }
            }
        }
    }

    /// Reads the next block of a part; `None` when there is none.
    fn take(&self, part: usize, block: &mut Block) -> Result<Option<Arc<T::Shape>>, StoreError> {
        let mut slot = lock(&self.slots[part]);
        if matches!(*slot, Slot::Waiting) {
            *slot = match Stream::open(self.sources[part].path) {
                Ok(stream) => {
                    let shape = |sample: &[u8]| self.task.shape(part, sample);
                    Slot::Open(Box::new(Blocks::new(stream, self.task.back(), shape)))
                }
                Err(error) => Slot::Done(Ending::Unreadable(error.to_string())),
            };
        }
        let Slot::Open(blocks) = &mut *slot else { return Ok(None) };
        let search = |text: &[u8]| self.task.search(text);
        let check = || self.context.check("searching files");
        if blocks.next(block, search, check)? {
            self.context.add_bytes(block.stored.end - block.stored.start);
            return Ok(Some(blocks.shape()));
        }
        let ending = match blocks.take_error() {
            None => Ending::Complete,
            Some(error) if blocks.is_at_start() => Ending::Unreadable(error.to_string()),
            Some(error) => Ending::BrokenOff(error.to_string()),
        };
        *slot = Slot::Done(ending);
        Ok(None)
    }
}

/// A poisoned lock only means that another thread panicked; the scope hands that panic on.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
