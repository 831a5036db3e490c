//! Shelves.

use std::cell::RefCell;
use std::collections::HashMap;

/// A shelf with its goods.
#[derive(Default)]
pub struct Shelf {
    goods: HashMap<String, u32>,
    log: RefCell<Vec<String>>,
}

impl Shelf {
    /// How many there are.
    pub fn count(&self, good: &str) -> u32 {
        *self.goods.get(good).unwrap()
    }

    /// Puts some there.
    pub fn put(&mut self, good: &str, count: u32) {
        *self.goods.entry(good.to_owned()).or_default() += count;
    }

    /// Takes some away.
    pub fn take(&mut self, good: &str, count: u32) {
        let held = self.goods.entry(good.to_owned()).or_default();
        *held -= count;
    }

    /// Notes what happens.
    pub fn note(&self, text: &str) {
        let mut log = self.log.borrow_mut();
        log.push(text.to_owned());
        self.trim();
    }

    fn trim(&self) {
        self.log.borrow_mut().truncate(100);
    }
}

/// Goods of all shelves, heaviest first.
pub fn ranked(shelves: &[Shelf], weights: &[u32]) -> Vec<(usize, u32)> {
    let mut out: Vec<(usize, u32)> =
        shelves.iter().enumerate().map(|(n, s)| (n, s.goods.len() as u32 * weights[n])).collect();
    out.sort_by_key(|(_, w)| std::cmp::Reverse(*w));
    out
}
