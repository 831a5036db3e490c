//! What may have let the stuck go: the conditions that leave before what a service says, sends or writes of the completed
//! and of none of the stuck.

use super::errors::statement_of;
use super::stores;
use crate::causes::Draft;
use crate::facts::LogFact;
use crate::home::Role;
use crate::world::World;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use waylaid_code::{Sources, Statement, leaving_on_the_way, leaving_within};

/// Completed ones that a message must name.
const FEWEST: usize = 3;

/// The conditions, those before the earliest place first; where no place is known that only the completed reach, those of
/// the function that handles the topic.
pub(super) fn guards(world: &World<'_>, draft: &Draft, sources: &Sources) -> Vec<Statement> {
    let mut reached = said_of_completed(world, draft, sources);
    reached.extend(stores::writing(world, draft, sources));
    let before = |place: &Statement| leaving_on_the_way(sources, &place.path, place.line);
    let found = reached.iter().map(before).find(|found| !found.is_empty());
    found.unwrap_or_else(|| {
        let handler = stores::handler_function(world, draft, sources);
        handler.map(|(path, line)| leaving_within(sources, &path, line)).unwrap_or_default()
    })
}

/// What a statement was heard to say.
#[derive(Default)]
struct Said {
    of: BTreeSet<u32>,
    of_stuck: bool,
    /// From the boundary's last good place to what was said, in nanoseconds.
    delays: Vec<i64>,
}

/// The statements that speak of most completed ones that the service speaks of and of none of the stuck, in the order in
/// which they come after the boundary's last good place.
fn said_of_completed(world: &World<'_>, draft: &Draft, sources: &Sources) -> Vec<Statement> {
    let mut places: HashMap<&str, Option<Statement>> = HashMap::new();
    let mut found: BTreeMap<(String, u64), (Said, Statement)> = BTreeMap::new();
    let mut spoken_of: BTreeSet<u32> = BTreeSet::new();
    let own = |l: &&LogFact| l.service == sources.service && !l.is_failure() && !l.entities.is_empty();
    for log in world.haul.logs.iter().filter(own) {
        let place = places.entry(log.template.as_str()).or_insert_with(|| statement_of(sources, log));
        let Some(place) = place else { continue };
        let at = (place.path.clone(), place.line);
        let (said, _) = found.entry(at).or_insert_with(|| (Said::default(), place.clone()));
        said.of_stuck |= log.entities.iter().any(|e| draft.entities.binary_search(e).is_ok());
        let done = |e: &&u32| world.home.entities[**e as usize].role == Role::Done;
        for entity in log.entities.iter().filter(done) {
            spoken_of.insert(*entity);
            said.of.insert(*entity);
            let from = world.at(*entity, draft.boundary.from);
            said.delays.extend(log.time.zip(from).map(|(t, f)| t.since(f)));
        }
    }
    let enough = |s: &Said| !s.of_stuck && s.of.len() >= FEWEST && s.of.len() * 2 >= spoken_of.len();
    let mut said: Vec<(Option<i64>, Statement)> = found
        .into_values()
        .filter(|(s, _)| enough(s))
        .map(|(mut s, place)| {
            s.delays.sort_unstable();
            (s.delays.get(s.delays.len() / 2).copied(), place)
        })
        // What is said before they come there is not behind what lets them go.
        .filter(|(delay, _)| delay.is_none_or(|d| d >= 0))
        .collect();
    said.sort_by_key(|(delay, _)| *delay);
    said.into_iter().map(|(_, place)| place).collect()
}
