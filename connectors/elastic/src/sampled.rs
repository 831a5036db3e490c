//! Very many failures: counted by the server, exactly, by service and type of exception; of what is too many to be read, some are
//! chosen by chance, the same ones every time. What is rare is read whole.

use crate::fields::Kind;
use crate::layout::Layout;
use crate::query;
use serde_json::{Value, json};

/// Fewest that are chosen of a kind.
const FEWEST: u64 = 500;

/// Failures that are counted together: those of a service with one type of exception.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Stratum {
    /// The question for them.
    pub clauses: Vec<Value>,
    /// How they are called.
    pub name: String,
    /// How many there are.
    pub count: u64,
    /// One in so many is chosen.
    pub one_in: u32,
}

/// The fields by which failures are counted apart: what tells the service, and an exception's type as a whole value.
pub(crate) fn by(layout: &Layout) -> Vec<String> {
    let fields = &layout.fields;
    let is_type = |path: &str| {
        let path = path.strip_suffix(".keyword").unwrap_or(path).to_lowercase();
        path.ends_with("type") || path.ends_with("class") || path.ends_with("class_name")
    };
    let told = fields
        .exceptions
        .iter()
        .find(|f| matches!(f.kind, Kind::Exact) && f.nested.is_none() && is_type(&f.path));
    let named: Vec<String> = fields.service.iter().cloned().chain(told.map(|f| f.path.clone())).collect();
    // An index is no value of a field: it is told apart where there is nothing else.
    if named.is_empty() { vec!["_index".to_owned()] } else { named }
}

/// A kind of failures as the server counted it.
pub(crate) fn stratum(by: &[String], values: &[Option<String>], count: u64) -> Stratum {
    let clause = |(field, value): (&String, &Option<String>)| match value {
        Some(value) => json!({"term": {field: value}}),
        None => query::lacks(field),
    };
    let clauses = by.iter().zip(values).map(clause).collect();
    let named: Vec<&str> = values.iter().flatten().map(String::as_str).collect();
    let name = if named.is_empty() { "(no service)".to_owned() } else { named.join(" ") };
    Stratum { clauses, name, count, one_in: 1 }
}

/// Chooses how many of each are read, so that it is about this many of all: the rare ones whole, of the others equally many.
pub(crate) fn share(strata: &mut [Stratum], enough: u64) {
    strata.sort_by(|a, b| a.count.cmp(&b.count).then_with(|| a.name.cmp(&b.name)));
    let (mut left, mut kinds) = (enough, strata.len() as u64);
    for stratum in strata {
        let share = (left / kinds.max(1)).max(FEWEST);
        stratum.one_in = u32::try_from(stratum.count.div_ceil(share).max(1)).unwrap_or(u32::MAX);
        left = left.saturating_sub(stratum.count.min(share));
        kinds -= 1;
    }
}

/// A question narrowed to one in so many of its hits, by their numbers in their shards.
pub(crate) fn chosen(query: &Value, one_in: u32) -> (Value, f64) {
    let chance = json!({"seed": 20, "field": "_seq_no"});
    let score = json!({"query": query, "random_score": chance, "boost_mode": "replace"});
    (json!({"function_score": score}), 1.0 - 1.0 / f64::from(one_in.max(1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shared(counts: &[u64], enough: u64) -> Vec<(u64, u32)> {
        let by = ["service".to_owned()];
        let mut strata: Vec<Stratum> =
            counts.iter().map(|n| stratum(&by, &[Some(n.to_string())], *n)).collect();
        share(&mut strata, enough);
        strata.iter().map(|s| (s.count, s.one_in)).collect()
    }

    #[test]
    fn what_is_rare_is_read_whole_and_of_the_rest_equally_many() {
        assert_eq!(
            shared(&[10, 5_000_000, 100, 1_000_000], 20_110),
            [(10, 1), (100, 1), (1_000_000, 100), (5_000_000, 500),]
        );
        assert_eq!(shared(&[900, 90], 1_000), [(90, 1), (900, 1)]);
        // However many kinds there are, some of each.
        assert_eq!(shared(&[1_000; 100], 100)[7], (1_000, 2));
        assert!(shared(&[], 5).is_empty() && shared(&[0], 0) == [(0, 1)]);
    }
}
