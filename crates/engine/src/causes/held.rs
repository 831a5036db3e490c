//! Held until later: an entity's own data plan it for a time yet to come, and a service says that it waits until then. That
//! is a plan and no stop, however long the rule for stuck has been waiting.

use super::Findings;
use crate::facts::LogFact;
use crate::places;
use crate::rowtime;
use crate::trails::Fact;
use crate::world::World;
use serde_json::Value;
use std::collections::BTreeSet;
use waylaid_model::{Timestamp, scalar_text};

/// Splits off those that are held.
pub(super) fn held(world: &World<'_>, left: &mut BTreeSet<u32>, findings: &mut Findings) {
    let Some(now) = world.now else { return };
    let found: Vec<u32> = left.iter().copied().filter(|e| is_held(world, *e, now)).collect();
    for entity in &found {
        left.remove(entity);
    }
    findings.held.extend(&found);
    findings.queued.extend(found);
}

/// Whether the last that was said of an entity names a time to come that its own data hold.
fn is_held(world: &World<'_>, entity: u32, now: Timestamp) -> bool {
    // By the lines' own times: those of a coarse clock are counted as late as they may be.
    let lines = world.trails.of[entity as usize].iter().filter_map(|o| match o.fact {
        Fact::Log(i) if world.haul.logs[i].joined_by.is_none() => Some(&world.haul.logs[i]),
        _ => None,
    });
    let last = lines.max_by_key(|l| l.time);
    let Some(last) = last.filter(|l| !l.is_failure()) else { return false };
    planned(world, entity, now).iter().any(|written| says(last, written))
}

/// The times to come in an entity's rows and records, to the minute and as they are written there.
fn planned(world: &World<'_>, entity: u32, now: Timestamp) -> BTreeSet<String> {
    let mut out = BTreeSet::new();
    let mut keep = |name: &str, cell: &Value| {
        if let Some(time) = rowtime::time_of(name, cell).filter(|t| *t > now) {
            out.insert(time.to_string().chars().take(MINUTE).collect());
            let written = scalar_text(cell).filter(|w| w.len() >= MINUTE && w.is_ascii());
            out.extend(written.map(|w| w[..MINUTE].to_owned()));
        }
    };
    world.home.entities[entity as usize].row.cells.iter().for_each(|(name, cell)| keep(name, cell));
    for observation in &world.trails.of[entity as usize] {
        match observation.fact {
            Fact::Row(i) => {
                world.haul.rows[i].row.cells.iter().for_each(|(name, cell)| keep(name, cell));
            }
            Fact::Record(i) => {
                for placed in places::of_record(&world.haul.records[i].record) {
                    keep(&placed.place, &Value::String(placed.value));
                }
            }
            _ => {}
        }
    }
    out
}

/// The length of `2026-11-22T20:00`.
const MINUTE: usize = 16;

/// Whether a line holds a time as it is written, with a space or a T in its middle.
fn says(log: &LogFact, written: &str) -> bool {
    let spaced = written.replacen('T', " ", 1);
    let holds = |text: &str| text.contains(written) || text.contains(&spaced);
    holds(&log.message) || log.placed.iter().any(|p| holds(&p.value))
}
