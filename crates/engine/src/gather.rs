//! From a question to a world: home table, sweep, joins, clocks, trails, services, flow, problems.

use crate::bindings::Source;
use crate::flow::Flow;
use crate::home::{self, Role, Rules};
use crate::services::Services;
use crate::world::World;
use crate::{Ask, EngineError, Stores, dating, entered, joins, problems, skew, sweep, trails};
use std::collections::{BTreeMap, BTreeSet};
use waylaid_code::Sources;
use waylaid_model::{EntitySpec, System, Timestamp};
use waylaid_store::Context;

/// The entity a question is about.
pub(crate) fn entity<'a>(system: &'a System, ask: &Ask) -> Result<&'a EntitySpec, EngineError> {
    if let Some(spec) = system.entity(ask.entity.as_deref()) {
        return Ok(spec);
    }
    let names: Vec<&str> = system.entities.iter().map(|e| e.name.as_str()).collect();
    let message = match &ask.entity {
        Some(name) => format!("there is no entity `{name}` in this system"),
        None if names.is_empty() => "the system names no entity".into(),
        None => "the system has several entities; say which".into(),
    };
    let hint = if names.is_empty() {
        "write an [entity.NAME] section into waylaid.toml".into()
    } else {
        format!("entities: {}", names.join(", "))
    };
    Err(EngineError::Question { message, hint })
}

/// Gathers everything that the question needs.
pub(crate) fn gather<'a>(
    system: &'a System,
    stores: &Stores,
    ask: &Ask,
    context: &Context,
) -> Result<World<'a>, EngineError> {
    let spec = entity(system, ask)?;
    let rules = Rules::new(spec, ask);
    let mut home = home::load(spec, &rules, stores, ask, context)?;
    let mut haul = sweep::sweep(spec, &home, stores, ask.window, context)?;
    joins::join(&home, &mut haul);
    dating::redate(&mut home, &mut haul);
    haul.logs.iter_mut().for_each(|l| l.preceding = Vec::new());
    let (notes, errors) = skew::correct(&mut home, &mut haul);
    let code: Vec<Sources> = stores.code.iter().map(|(service, path)| Sources::read(service, path)).collect();
    let trails = trails::build(&home, &haul);
    let now = ask.now.or_else(|| entered::now(&haul, &latest_logs(&haul, &errors)));
    if let Some(now) = now {
        let at_least = rules.stuck.as_ref().map_or(0, |r| r.for_nanos);
        entered::settle(&mut home, &haul, &trails, now, at_least, ask.keys.is_empty());
    }
    let services = Services::discover(system, &home, &haul, &trails, &code);
    let flow = Flow::learn(&home, &haul, &trails, &services);
    let mut problems = problems::group(&home, &haul);
    let set = |role: Role| -> BTreeSet<u32> {
        (0..home.entities.len() as u32).filter(|e| home.entities[*e as usize].role == role).collect()
    };
    let stuck = &set(Role::Stuck) | &set(Role::Peer);
    problems.extend(problems::quiet(&haul, &stuck, &set(Role::Done)));
    Ok(World {
        system,
        spec,
        home,
        haul,
        trails,
        services,
        flow,
        problems,
        murmurs: Vec::new(),
        fell_silent: Vec::new(),
        occupants: BTreeMap::new(),
        code,
        now,
        notes,
    })
}

fn latest_logs(haul: &sweep::Haul, errors: &BTreeMap<Source, i64>) -> Vec<(String, Timestamp)> {
    let told = |service: &str| {
        let line = haul.coverage.iter().find(|c| c.store.starts_with("logs.") && c.target == service)?;
        Timestamp::parse_rfc3339(line.range.rsplit(" .. ").next()?.trim())
    };
    haul.latest
        .iter()
        .filter_map(|(source, time)| match source {
            Source::Log(service) => {
                let error = errors.get(source).copied().unwrap_or(0);
                Some((service.clone(), told(service).map_or(*time, |t| t.plus(-error)).max(*time)))
            }
            _ => None,
        })
        .collect()
}
