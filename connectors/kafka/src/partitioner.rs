//! To which partition a key falls: the two rules that clients have by default, and whether the keys of a topic follow one of
//! them. A cluster does not say by which rule its producers go, so that is seen from where keys lie.

use crate::convert::{key_text, plain};
use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

/// A rule must be this unlikely to hold by chance: one in so many.
const BY_CHANCE: f64 = 1e9;

/// A rule by which keys fall to partitions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Partitioner {
    /// That of the Java client and of those that follow it.
    Murmur2,
    /// That of librdkafka and the clients built on it.
    Crc32,
}

impl Partitioner {
    const ALL: [Self; 2] = [Self::Murmur2, Self::Crc32];

    /// As it is told.
    pub fn name(self) -> &'static str {
        match self {
            Self::Murmur2 => "murmur2",
            Self::Crc32 => "crc32",
        }
    }

    fn partition(self, key: &[u8], partitions: u32) -> i32 {
        let hash = match self {
            Self::Murmur2 => murmur2(key) & 0x7fff_ffff,
            Self::Crc32 => crc32(key),
        };
        (hash % partitions.max(1)) as i32
    }
}

/// Murmur2 as Kafka has it: that of Austin Appleby with a seed of its own.
fn murmur2(key: &[u8]) -> u32 {
    const FACTOR: u32 = 0x5bd1_e995;
    let mix = |word: u32| {
        let word = word.wrapping_mul(FACTOR);
        (word ^ (word >> 24)).wrapping_mul(FACTOR)
    };
    let mut words = key.chunks_exact(4);
    let mut hash = words.by_ref().fold(0x9747_b28c ^ key.len() as u32, |hash, word| {
        let word = word.iter().rev().fold(0, |word, byte| (word << 8) | u32::from(*byte));
        hash.wrapping_mul(FACTOR) ^ mix(word)
    });
    let rest = words.remainder();
    if !rest.is_empty() {
        hash ^= rest.iter().rev().fold(0, |word, byte| (word << 8) | u32::from(*byte));
        hash = hash.wrapping_mul(FACTOR);
    }
    hash = (hash ^ (hash >> 13)).wrapping_mul(FACTOR);
    hash ^ (hash >> 15)
}

/// The CRC of zip and Ethernet.
fn crc32(key: &[u8]) -> u32 {
    !key.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| (crc >> 1) ^ (0xedb8_8320 & (crc & 1).wrapping_neg()))
    })
}

/// Looks at keys and where they lie, until it is known by which rule they fall.
#[derive(Debug)]
pub struct Witness {
    partitions: u32,
    fit: Vec<Partitioner>,
    /// Different keys, by a hash of theirs.
    keys: BTreeSet<u64>,
    /// Whether there are whole numbers of eight and of four bytes among them.
    longs: bool,
    ints: bool,
}

/// By which rule the keys of a topic fall.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// The rule.
    pub by: Partitioner,
    /// How many different keys show it.
    pub keys: usize,
    partitions: u32,
    longs: bool,
    ints: bool,
}

impl Witness {
    /// Of a topic with so many partitions.
    pub fn new(partitions: u32) -> Self {
        Self { partitions, fit: Partitioner::ALL.to_vec(), keys: BTreeSet::new(), longs: false, ints: false }
    }

    /// Takes notice of a key.
    pub fn see(&mut self, partition: i32, key: &[u8]) {
        let partitions = self.partitions;
        self.fit.retain(|rule| rule.partition(key, partitions) == partition);
        let mut hasher = DefaultHasher::new();
        key.hash(&mut hasher);
        self.keys.insert(hasher.finish());
        let is_text = plain(key).is_some();
        self.longs |= !is_text && key.len() == 8;
        self.ints |= !is_text && key.len() == 4;
    }

    /// The rule, where all keys follow it and are so many that it is not by chance.
    pub fn rule(&self) -> Option<Rule> {
        let is_sure = f64::from(self.partitions).powf(self.keys.len() as f64) >= BY_CHANCE;
        let by = self.fit.first().copied().filter(|_| is_sure && self.partitions > 1)?;
        let (partitions, longs, ints) = (self.partitions, self.longs, self.ints);
        Some(Rule { by, keys: self.keys.len(), partitions, longs, ints })
    }
}

impl Rule {
    /// The partitions to which a key falls that reads like this: one, or more where numbers are written in several ways.
    pub fn partitions_of(&self, key: &str) -> BTreeSet<i32> {
        let mut spelt = vec![key.as_bytes().to_vec()];
        if let Some(number) = key.parse::<i64>().ok().filter(|_| self.longs) {
            spelt.push(number.to_be_bytes().to_vec());
        }
        if let Some(number) = key.parse::<i32>().ok().filter(|_| self.ints) {
            spelt.push(number.to_be_bytes().to_vec());
        }
        spelt.retain(|bytes| key_text(bytes) == key);
        spelt.iter().map(|bytes| self.by.partition(bytes, self.partitions)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_are_those_of_the_clients() {
        for (key, hash) in [
            ("21", -973_932_308),
            ("foobar", -790_332_482),
            ("a-little-bit-long-string", -985_981_536),
            ("a-little-bit-longer-string", -1_486_304_829),
            ("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58_897_971),
            ("abc", 479_470_107),
        ] {
            assert_eq!(murmur2(key.as_bytes()) as i32, hash, "{key}");
        }
        assert_eq!((crc32(b"123456789"), crc32(b"")), (0xcbf4_3926, 0));
    }

    fn witness(rule: Partitioner, partitions: u32, keys: usize) -> Witness {
        let mut witness = Witness::new(partitions);
        for n in 0..keys {
            let key = format!("ORD-{n}");
            witness.see(rule.partition(key.as_bytes(), partitions), key.as_bytes());
        }
        witness
    }

    #[test]
    fn a_rule_is_known_when_all_keys_follow_it_and_are_many() {
        for rule in Partitioner::ALL {
            let known = witness(rule, 6, 12).rule().unwrap();
            assert_eq!((known.by, known.keys), (rule, 12));
            assert_eq!(known.partitions_of("ORD-7"), [rule.partition(b"ORD-7", 6)].into());
            assert_eq!(witness(rule, 6, 11).rule(), None, "too few keys");
            assert_eq!(witness(rule, 1, 500).rule(), None, "one partition holds all");
            let mut other = witness(rule, 6, 500);
            other.see((rule.partition(b"x", 6) + 1) % 6, b"x");
            assert_eq!(other.rule(), None, "a single key lies elsewhere");
        }
        let mut same = Witness::new(6);
        (0..500).for_each(|_| same.see(Partitioner::Crc32.partition(b"one", 6), b"one"));
        assert_eq!(same.rule(), None, "one key is one key, however often it comes");
    }

    #[test]
    fn numbers_are_looked_for_as_they_are_written() {
        let mut witness = witness(Partitioner::Murmur2, 8, 50);
        let text = witness.rule().unwrap().partitions_of("4200017");
        assert_eq!(text, [Partitioner::Murmur2.partition(b"4200017", 8)].into());
        for n in 0..50_i64 {
            let key = (1_000 + n).to_be_bytes();
            witness.see(Partitioner::Murmur2.partition(&key, 8), &key);
        }
        let both = witness.rule().unwrap().partitions_of("4200017");
        assert!(both.contains(&Partitioner::Murmur2.partition(&4_200_017_i64.to_be_bytes(), 8)), "{both:?}");
        assert!(both.is_superset(&text));
    }
}
