//! The event loop: a clock, a queue of actions ordered by time, seeded chance, and the parts of the simulated companies.
//!
//! An action runs at its moment and may `spend` time; `now` moves on within the action, while other actions keep their
//! own moments. That is how handlers of several services overlap without threads.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BinaryHeap};
use std::path::{Path, PathBuf};

use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};

use crate::kafka::{Consumer, Topic};
use crate::log::{Line, Service, Who};
use crate::tables::Table;
use crate::truth::Truth;

type Action = Box<dyn FnOnce(&mut World)>;

struct Event {
    at: i64,
    seq: u64,
    action: Action,
}

impl PartialEq for Event {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}
impl Eq for Event {}
impl PartialOrd for Event {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Event {
    fn cmp(&self, other: &Self) -> Ordering {
        (other.at, other.seq).cmp(&(self.at, self.seq))
    }
}

/// One simulated company and everything it has written so far.
pub struct World {
    /// The folder of the case; the bundle is `incident` below it.
    pub dir: PathBuf,
    pub start: i64,
    pub end: i64,
    /// The moment within the running action.
    pub now: i64,
    /// How many times bigger than usual (arrivals come that much faster).
    pub scale: i64,
    /// How many times as much everyday noise, beyond the scale.
    pub chatter: i64,
    pub services: BTreeMap<&'static str, Service>,
    pub topics: BTreeMap<&'static str, Topic>,
    pub consumers: Vec<Consumer>,
    pub tables: BTreeMap<&'static str, Table>,
    pub truth: Truth,
    /// Log lines written, as an editor counts them.
    pub log_lines: u64,
    /// First thing that went wrong: a failed write or a mistake in a case.
    pub broken: Option<anyhow::Error>,
    rng: SmallRng,
    queue: BinaryHeap<Event>,
    seq: u64,
    counters: BTreeMap<String, i64>,
}

impl World {
    pub fn new(dir: &Path, seed: &str) -> Self {
        let seed = seed.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        Self {
            dir: dir.to_owned(),
            start: 0,
            end: 0,
            now: 0,
            scale: 1,
            chatter: 1,
            services: BTreeMap::new(),
            topics: BTreeMap::new(),
            consumers: Vec::new(),
            tables: BTreeMap::new(),
            truth: Truth::default(),
            log_lines: 0,
            broken: None,
            rng: SmallRng::seed_from_u64(seed),
            queue: BinaryHeap::new(),
            seq: 0,
            counters: BTreeMap::new(),
        }
    }

    pub fn incident(&self) -> PathBuf {
        self.dir.join("incident")
    }

    /// The span the simulation plays.
    pub fn span(&mut self, start: &str, end: &str) {
        self.start = crate::time::at(start);
        self.end = crate::time::at(end);
        self.now = self.start;
    }

    /// Notes a mistake in a case; the run goes on and fails at its end.
    pub fn bug(&mut self, what: impl Into<String>) {
        let what = what.into();
        self.broken.get_or_insert_with(|| anyhow::anyhow!(what));
    }

    pub fn keep<T>(&mut self, result: anyhow::Result<T>) -> Option<T> {
        match result {
            Ok(value) => Some(value),
            Err(error) => {
                self.broken.get_or_insert(error);
                None
            }
        }
    }

    /// Runs an action at a moment.
    pub fn at(&mut self, at: i64, action: impl FnOnce(&mut World) + 'static) {
        self.seq += 1;
        self.queue.push(Event { at, seq: self.seq, action: Box::new(action) });
    }

    /// Runs an action some milliseconds from now.
    pub fn after(&mut self, ms: i64, action: impl FnOnce(&mut World) + 'static) {
        self.at(self.now + ms, action);
    }

    /// Runs an action every so often until the end, give or take `jitter`.
    pub fn every(
        &mut self,
        first: i64,
        period: i64,
        jitter: i64,
        action: impl Fn(&mut World) + Clone + 'static,
    ) {
        self.at(first, move |w| {
            action(w);
            let next = first + period;
            let wobble = if jitter > 0 { w.between(0, jitter) } else { 0 };
            if next <= w.end {
                w.every(next + wobble, period, jitter, action);
            }
        });
    }

    /// Random arrivals between two moments, on average every `gap` ms; the action gets the running number.
    /// None arrives so close to the edge of "old enough" that a second decides whether it is stuck.
    pub fn arrivals(
        &mut self,
        from: i64,
        to: i64,
        gap: i64,
        action: impl Fn(&mut World, i64) + Clone + 'static,
    ) {
        let mut at = from;
        let mut number = 0;
        let gap = (gap / self.scale).max(1);
        loop {
            at += 1 + (-(gap as f64) * (1.0 - self.rng.random::<f64>()).ln()) as i64;
            if at > to {
                return;
            }
            if self.truth.near_edge(self.end, at) {
                continue;
            }
            let action = action.clone();
            self.at(at, move |w| action(w, number));
            number += 1;
        }
    }

    /// Lets time pass within the running action.
    pub fn spend(&mut self, low: i64, high: i64) {
        self.now += self.between(low, high);
    }

    pub fn between(&mut self, low: i64, high: i64) -> i64 {
        if high <= low { low } else { self.rng.random_range(low..=high) }
    }

    pub fn chance(&mut self, probability: f64) -> bool {
        self.rng.random::<f64>() < probability
    }

    pub fn pick<T: Clone>(&mut self, items: &[T]) -> T {
        let index = self.rng.random_range(0..items.len());
        items[index].clone()
    }

    pub fn hex(&mut self, digits: usize) -> String {
        (0..digits).map(|_| char::from(b"0123456789abcdef"[self.rng.random_range(0..16)])).collect()
    }

    pub fn alnum(&mut self, length: usize) -> String {
        let letters = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
        (0..length).map(|_| char::from(letters[self.rng.random_range(0..32)])).collect()
    }

    /// A version 4 UUID.
    pub fn uuid(&mut self) -> String {
        let variant = self.pick(&["8", "9", "a", "b"]);
        format!("{}-{}-4{}-{variant}{}-{}", self.hex(8), self.hex(4), self.hex(3), self.hex(3), self.hex(12))
    }

    /// A ULID of the present moment.
    pub fn ulid(&mut self) -> String {
        let letters = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
        let stamp: String =
            (0..10).rev().map(|digit| char::from(letters[(self.now >> (5 * digit)) as usize & 31])).collect();
        format!("{stamp}{}", self.alnum(16))
    }

    /// Next value of a named sequence; the first one is `first`.
    pub fn next(&mut self, name: &str, first: i64) -> i64 {
        let value = self.counters.entry(name.to_owned()).or_insert(first - 1);
        *value += 1;
        *value
    }

    /// Whether something has been noted under this name; notes it.
    pub fn once(&mut self, name: &str) -> bool {
        self.next(name, 1) == 1
    }

    #[expect(clippy::needless_pass_by_value, reason = "a case writes the line in place")]
    pub fn log(&mut self, who: &Who, line: Line) {
        let now = self.now;
        match self.services.get_mut(who.service) {
            Some(service) => {
                let result = service.take(now, who, &line);
                self.log_lines += self.keep(result).unwrap_or(0);
            }
            None => self.bug(format!("log of unknown service {}", who.service)),
        }
    }

    /// Plays everything up to the end.
    pub fn run(&mut self) -> anyhow::Result<()> {
        while let Some(event) = self.queue.pop() {
            if event.at > self.end {
                break;
            }
            self.now = event.at;
            (event.action)(self);
            for service in self.services.values_mut() {
                service.flush(event.at)?;
            }
            if let Some(error) = self.broken.take() {
                return Err(error);
            }
        }
        self.queue.clear();
        self.now = self.end;
        Ok(())
    }
}
