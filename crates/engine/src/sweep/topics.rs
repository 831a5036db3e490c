//! The pass over all topics for a set of keys.

use super::samples::{SAMPLE, Samples};
use super::{Haul, among_first, failed, into_inner, lock, push};
use crate::bindings::Source;
use crate::facts::RecordFact;
use crate::{EngineError, Stores, places};
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex};
use waylaid_model::{Reference, Window};
use waylaid_store::{Context, KeySet, RecordHit, RecordQuery, Select};

/// Kept records of one key in one topic: the first ones, by offset.
const MAX_RECORDS: usize = 40;

/// Of each key in each topic: partition and offset of its first records.
type FirstRecords = HashMap<(u32, String), Vec<(i32, i64)>>;

/// Brings home the records that hold one of the keys; the first pass takes a sample along and tells the coverage.
pub(super) fn sweep(
    stores: &Stores,
    keys: &Arc<KeySet>,
    window: Window,
    mut samples: Option<&mut Samples>,
    haul: &mut Haul,
    context: &Context,
) -> Result<(), EngineError> {
    let until = Window { from: None, until: window.until };
    for store in &stores.topics {
        let sample = samples.is_some().then_some(SAMPLE);
        let select = Select { sample, ..Select::keys(Arc::clone(keys)) };
        let query = RecordQuery { window: until, select, ..RecordQuery::default() };
        let found = Mutex::new(Vec::new());
        let sampled = Mutex::new(Vec::new());
        let kept: Mutex<FirstRecords> = Mutex::new(HashMap::new());
        let keep = |hit: RecordHit| {
            if hit.sampled {
                let source = Source::Topic(hit.record.topic.clone());
                push(&sampled, (hit.at.clone(), (source, hit.record.time, places::of_record(&hit.record))));
            }
            if !hit.keys.is_empty() && is_kept(&kept, &hit) {
                let only = (hit.keys.len() == 1).then(|| hit.keys[0]);
                push(&found, (only, RecordFact::from(hit)));
            }
        };
        match store.scan(&query, context, &keep) {
            Ok(coverage) if samples.is_some() => haul.coverage.extend(coverage),
            Ok(_) => {}
            Err(error) => {
                failed(store.name(), error, haul)?;
                continue;
            }
        }
        if let Some(samples) = samples.as_deref_mut() {
            let mut sampled = into_inner(sampled);
            sampled.sort_by(|a, b| a.0.cmp(&b.0));
            samples.records.extend(sampled.into_iter().map(|(_, s)| s));
        }
        add(into_inner(found), &into_inner(kept), haul);
    }
    Ok(())
}

/// A record of many entities is kept for all of them; of those of one entity only the first.
fn is_kept(kept: &Mutex<FirstRecords>, hit: &RecordHit) -> bool {
    let [key] = hit.keys.as_slice() else { return true };
    let at = (hit.record.partition, hit.record.offset);
    among_first(lock(kept).entry((*key, hit.record.topic.clone())).or_default(), at, MAX_RECORDS)
}

/// Threads race: what was among the first for a while and is no longer goes, so that the same facts always stay.
fn add(mut found: Vec<(Option<u32>, RecordFact)>, kept: &FirstRecords, haul: &mut Haul) {
    found.retain(|(key, f)| {
        let at = (f.record.partition, f.record.offset);
        key.is_none_or(|k| kept.get(&(k, f.record.topic.clone())).is_some_and(|l| l.contains(&at)))
    });
    let mut found: Vec<RecordFact> = found.into_iter().map(|(_, f)| f).collect();
    found.sort_by(|a, b| a.at.cmp(&b.at));
    let known: HashSet<&Reference> = haul.records.iter().map(|r| &r.at).collect();
    found.retain(|r| !known.contains(&r.at));
    haul.records.append(&mut found);
}
