//! Failures of a service as a whole: they name few of those that they stop, or none, and are told by when they began.

use super::errors::fails_to_send;
use crate::flow;
use crate::offsets::Consumption;
use crate::problems::Problem;
use crate::suspects::Boundary;
use crate::world::World;
use waylaid_model::{Kind, Level, Timestamp};

const MINUTE: i64 = 60 * 1_000_000_000;

/// A failure of the service as a whole (memory, pool, disk, configuration) that began about when they stopped and was
/// not there before.
pub(super) fn outage(world: &World<'_>, boundary: &Boundary, entities: &[u32]) -> Option<usize> {
    const HOUR: i64 = 3600 * 1_000_000_000;
    let service = boundary.service.as_deref()?;
    let onset = entities.iter().filter_map(|e| world.at(*e, boundary.from)).min()?;
    let began = |p: &Problem| p.first.map(|f| f.since(onset));
    let mut found: Vec<(i64, usize)> = world
        .problems
        .iter()
        .enumerate()
        .filter(|(_, p)| p.service == service && !p.quiet && p.level.is_some_and(|l| l >= Level::Error))
        .filter(|(_, p)| matches!(p.kind, Some(Kind::ResourceExhausted | Kind::ConfigError)))
        .filter(|(_, p)| p.hits.keys().all(|e| entities.contains(e) || p.loose.contains(e)))
        .filter_map(|(i, p)| {
            began(p).filter(|lag| (-HOUR / 2..=HOUR / 2).contains(lag)).map(|lag| (lag.abs(), i))
        })
        .collect();
    found.sort_unstable();
    found.first().map(|(_, i)| *i)
}

/// A failure of the service that had to act which names nobody, began when the record came at which the group stands, and
/// has come again and again ever since.
pub(super) fn standing_by(
    world: &World<'_>,
    boundary: &Boundary,
    consumption: &Consumption,
) -> Option<usize> {
    const FEWEST: u64 = 3;
    let service = boundary.service.as_deref()?;
    let now = world.now?;
    // When the last one got through, and when the first one came that waits: the record between them may be anybody's.
    let mut standing: Vec<(Option<Timestamp>, Timestamp)> = Vec::new();
    for (partition, (committed, _)) in &consumption.partitions {
        let of_partition = consumption.waiting.iter().filter(|(_, p)| p == partition);
        let Some(head) = of_partition.filter_map(|(e, _)| world.at(*e, boundary.from)).min() else {
            continue;
        };
        let got_through = |e: u32| {
            let mut records = world.trails.records(e, boundary.from).map(|i| &world.haul.records[i].record);
            records.any(|r| r.partition == *partition && r.offset < *committed)
        };
        let passed = (0..world.home.entities.len() as u32).filter(|e| got_through(*e));
        standing.push((passed.filter_map(|e| world.at(e, boundary.to)).max(), head));
    }
    let handler = handler_file(world, boundary);
    let holds_up = |p: &Problem| {
        let (first, last) = p.first.zip(p.last)?;
        let kept = i64::try_from(p.facts.len().max(2) - 1).unwrap_or(1);
        let more = i64::try_from(p.count.saturating_sub(p.facts.len() as u64)).unwrap_or(0);
        let pace = last.since(first) / kept;
        let goes_on =
            now.since(last).saturating_sub(pace.saturating_mul(more)) <= pace.max(MINUTE).saturating_mul(3);
        let is_between = |(passed, head): &&(Option<Timestamp>, Timestamp)| {
            let earliest = passed.map_or(head.plus(-MINUTE), |p| p.plus(-MINUTE).min(*head));
            first >= earliest && first.since(*head) <= 5 * MINUTE
        };
        let began = standing.iter().filter(is_between).map(|(_, head)| first.since(*head).abs()).min()?;
        (p.count >= FEWEST && goes_on).then_some(began)
    };
    // What also goes on beside a consumer that is off says so by nothing but the time: it must be about the records, or
    // come from where they are handled.
    let is_about_data = |p: &Problem| {
        matches!(p.kind, Some(Kind::DeserializationError | Kind::SchemaMismatch | Kind::ConstraintViolation))
    };
    let in_handler = |p: &Problem| {
        let frames = p.facts.first().and_then(|i| world.haul.logs[*i].failure.as_ref()).map(|f| &f.frames);
        let mut files = frames.into_iter().flat_map(|f| f.iter()).filter_map(|f| f.file.as_deref());
        handler.as_ref().is_some_and(|h| files.any(|f| f.rsplit(['/', '\\']).next() == Some(h.as_str())))
    };
    let is_loud = |p: &Problem| !p.quiet && (is_about_data(p) || in_handler(p));
    let is_tied = |p: &Problem| p.hits.keys().any(|e| !p.loose.contains(e));
    let own =
        world.problems.iter().enumerate().filter(|(_, p)| p.service == service && is_loud(p) && !is_tied(p));
    own.filter_map(|(i, p)| Some((p.is_generic(), holds_up(p)?, i))).min().map(|(.., i)| i)
}

/// The name of the file in which the service handles the topic.
fn handler_file(world: &World<'_>, boundary: &Boundary) -> Option<String> {
    let sources = boundary.service.as_deref().and_then(|s| world.sources(s))?;
    let topic = world.trails.nodes[boundary.from].topic()?;
    let place = crate::codeplaces::handler_of(sources, topic)?;
    place.path.rsplit('/').next().map(str::to_owned)
}

/// A failure of the service that had to act, new and again and again, since which it has let nobody pass: the work of many
/// at once that fails by one of them, or the head of a queue. It need not name those that it holds up.
pub(crate) fn stopper(
    world: &World<'_>,
    boundary: &Boundary,
    entities: &[u32],
    done: &[u32],
) -> Option<usize> {
    const FEWEST: u64 = 3;
    /// So many completed ones should have passed meanwhile, by the pace until then: that none did is no chance.
    const EXPECTED: i64 = 5;
    let service = boundary.service.as_deref()?;
    let now = world.now?;
    let passed: Vec<Timestamp> = done.iter().filter_map(|e| world.at(*e, boundary.to)).collect();
    let (earliest, latest) = (passed.iter().min()?, passed.iter().max()?);
    let arrived = entities.iter().filter_map(|e| world.at(*e, boundary.from)).min()?;
    let slow = flow::quantile(&world.flow.steps[boundary.step].times, 0.95).unwrap_or(0).max(0);
    let stops = |p: &Problem| {
        let (first, last) = p.first.zip(p.last)?;
        // Of many that repeat only the first are kept; how long they went on follows from their pace.
        let kept = i64::try_from(p.facts.len().max(2) - 1).unwrap_or(1);
        let more = i64::try_from(p.count.saturating_sub(p.facts.len() as u64)).unwrap_or(0);
        let pace = last.since(first) / kept;
        let until_now = now.since(last).saturating_sub(pace.saturating_mul(more));
        let goes_on = until_now <= pace.max(MINUTE).saturating_mul(3);
        let nobody_since = first >= *latest;
        let before = first.since(*earliest).max(1);
        let expected = now.since(first) / (before / i64::try_from(passed.len()).unwrap_or(1)).max(1);
        let in_time = first.since(arrived).abs() <= slow.max(MINUTE).saturating_mul(5);
        let stops = p.count >= FEWEST && goes_on && nobody_since && expected >= EXPECTED && in_time;
        stops.then(|| first.since(arrived).abs())
    };
    let is_loud = |p: &Problem| !p.quiet && p.level.is_none_or(|l| l >= Level::Warn);
    let says_more = |p: &Problem| p.exception.is_some() || p.kind.is_some() || fails_to_send(p);
    let of_done = |p: &Problem| done.iter().any(|e| p.hits.contains_key(e) && !p.loose.contains(e));
    let own = world.problems.iter().enumerate().filter(|(_, p)| p.service == service);
    let mut found: Vec<_> = own
        .filter(|(_, p)| is_loud(p) && !of_done(p))
        .filter_map(|(i, p)| {
            stops(p).map(|lag| (!says_more(p), p.level.is_none_or(|l| l < Level::Error), lag, i))
        })
        .collect();
    found.sort_unstable();
    found.first().map(|(.., i)| *i)
}
