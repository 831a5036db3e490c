//! `follow`: one entity's trail through everything, with the hop where it ends.

use super::by_key::{self, OwnKey};
use super::holders;
use super::owner::{self, InHome, Owner};
use super::steps::{Draft, arrange, services, step};
use crate::bindings::{Source, label};
use crate::home::{self, Role};
use crate::places::{self, Placed};
use crate::trails::{self, Fact, Node, Observation};
use crate::world::World;
use crate::{Ask, EngineError, Stores, gather};
use waylaid_model::answers::{TrailAnswer, TrailStep};
use waylaid_model::time::human_duration;
use waylaid_model::{EntitySpec, System, Timestamp};
use waylaid_store::Context;

/// One entity's trail.
pub fn follow(
    system: &System,
    stores: &Stores,
    ask: &Ask,
    key: &str,
    context: &Context,
) -> Result<TrailAnswer, EngineError> {
    let spec = gather::entity(system, ask)?;
    let key = key.trim();
    if key.is_empty() {
        return Err(EngineError::Question {
            message: format!("which {}? the key is empty", spec.name),
            hint: format!("such as: waylaid follow {} 1001", spec.name),
        });
    }
    let Some((column, _)) = spec.tables.first() else {
        let note = format!(
            "{} has no table in this system: the trail is everything that holds the key itself; its state, further ids and where it should have gone are not known",
            spec.name
        );
        return by_key(system, spec, stores, ask, key, note, context);
    };
    match owner::in_home(stores, column, key, context)? {
        InHome::Held => followed(system, stores, ask, key, key, context),
        InHome::Unreadable(why) => {
            let note = format!(
                "the home table of {} could not be read ({why}): the trail is what the other stores hold under the key itself",
                spec.name
            );
            by_key(system, spec, stores, ask, key, note, context)
        }
        InHome::Lacking => match owner::find(spec, column, stores, ask.window, key, context)? {
            Owner::One(own) => followed(system, stores, ask, &own, key, context),
            Owner::Several(owners) => Err(several(spec, key, &owners)),
            Owner::None => {
                let table = format!("{}.{}", column.store, column.table);
                let note = format!(
                    "{table} has no {} `{key}`: the trail is what the other stores hold under it",
                    spec.name
                );
                let answer = by_key(system, spec, stores, ask, key, note, context)?;
                if answer.steps.is_empty() {
                    let keys = owner::sample(stores, column, usize::MAX, context)?;
                    let near = home::nearest_key(key, keys.iter().map(String::as_str));
                    Err(unknown(spec, key, &table, near))
                } else {
                    Ok(answer)
                }
            }
        },
    }
}

fn several(spec: &EntitySpec, key: &str, owners: &[String]) -> EngineError {
    let shown: Vec<&str> = owners.iter().take(5).map(String::as_str).collect();
    let more = owners.len().saturating_sub(shown.len());
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    EngineError::Question {
        message: format!("`{key}` is no {}, and {} of them go with it", spec.name, owners.len()),
        hint: format!("follow one of them: {}{more}", shown.join(", ")),
    }
}

fn unknown(spec: &EntitySpec, key: &str, table: &str, near: Option<&str>) -> EngineError {
    let near = near.map_or(String::new(), |near| format!(" (the nearest key there is `{near}`)"));
    EngineError::Question {
        message: format!("there is no {} `{key}`", spec.name),
        hint: format!(
            "{table} does not hold it{near}, no store holds it beside a key of {table}, and none holds it by itself; `waylaid search {key}` looks for it as a plain word"
        ),
    }
}

fn by_key(
    system: &System,
    spec: &EntitySpec,
    stores: &Stores,
    ask: &Ask,
    key: &str,
    note: String,
    context: &Context,
) -> Result<TrailAnswer, EngineError> {
    let own = OwnKey::new(spec, key);
    let found = holders::sweep(stores, &[key.to_owned()], ask.window, &own, context)?;
    Ok(by_key::trail(system, spec, key, found, vec![note]))
}

/// The trail of an entity of the home table, compared with the learnt flow.
fn followed(
    system: &System,
    stores: &Stores,
    ask: &Ask,
    own: &str,
    asked: &str,
    context: &Context,
) -> Result<TrailAnswer, EngineError> {
    let spec = gather::entity(system, ask)?;
    let mut keys = vec![own.to_owned()];
    if let Some((column, _)) = spec.tables.first() {
        keys.extend(owner::peers(stores, spec, column, own, context)?);
    }
    let ask = Ask { keys, ..ask.clone() };
    let world = gather::gather(system, stores, &ask, context)?;
    let found = world.home.entities.iter().position(|e| e.key == own);
    let Some(entity) = found else {
        return Err(EngineError::Question {
            message: format!("there is no {} `{own}`", world.spec.name),
            hint: "its row was there a moment ago; ask again".into(),
        });
    };
    let view = View { world: &world, entity: entity as u32, own, asked };
    let steps = arrange(view.drafts(&ask));
    let row = &world.home.entities[entity];
    Ok(TrailAnswer {
        entity: world.spec.name.clone(),
        key: asked.to_owned(),
        aliases: view.aliases(),
        state: Some(row.state.clone()).filter(|s| !s.is_empty()),
        services: services(&steps),
        steps,
        ends: view.ends(),
        notes: view.notes(),
        coverage: world.haul.coverage.clone(),
    })
}

/// One entity in a world.
struct View<'a> {
    world: &'a World<'a>,
    entity: u32,
    own: &'a str,
    asked: &'a str,
}

impl View<'_> {
    fn trail(&self) -> &[Observation] {
        &self.world.trails.of[self.entity as usize]
    }

    fn role(&self) -> Role {
        self.world.home.entities[self.entity as usize].role
    }

    /// Other keys of it, `name=value`.
    fn aliases(&self) -> Vec<String> {
        let mut out = Vec::new();
        if self.own != self.asked {
            out.push(format!("{}={}", self.world.spec.name, self.own));
        }
        for (name, value) in self.alias_values() {
            let named = format!("{name}={value}");
            if value != self.asked && !out.iter().any(|o| o.ends_with(&format!("={value}"))) {
                out.push(named);
            }
        }
        out
    }

    fn alias_values(&self) -> Vec<(&str, &str)> {
        let mut out = Vec::new();
        for alias in &self.world.haul.aliases {
            let place = alias.name.rsplit(' ').next().unwrap_or(&alias.name);
            let mine = alias.values.iter().filter(|(_, owners)| owners.as_slice() == [self.entity]);
            out.extend(mine.map(|(value, _)| (label(place), value.as_str())));
        }
        out.sort_unstable();
        out
    }

    fn drafts(&self, ask: &Ask) -> Vec<Draft> {
        let inside = |o: &&Observation| o.time.is_none_or(|t| ask.window.contains(t));
        self.trail().iter().filter(inside).map(|o| self.draft(o)).collect()
    }

    fn draft(&self, o: &Observation) -> Draft {
        let world = self.world;
        let node = &world.trails.nodes[o.node];
        let reference = trails::reference(&world.home, &world.haul, self.entity, o.fact);
        let text = trails::text(&world.home, &world.haul, self.entity, o.fact);
        let step = step(o.time, "row", node.name());
        let step = TrailStep { reference: reference.map(|r| r.to_string()).unwrap_or_default(), ..step };
        let (signature, step) = match o.fact {
            Fact::Home => {
                let service = world.home_service().map(str::to_owned);
                (format!("home {node:?}"), TrailStep { service, text: self.home_text(node, &text), ..step })
            }
            Fact::Row(i) => {
                let row = &world.haul.rows[i];
                let service = world.services.owner(&row.table).map(str::to_owned);
                let key = self.key_in(&places::of_row(&row.row));
                (format!("row {i}"), TrailStep { service, text, key, ..step })
            }
            Fact::Record(i) => {
                let record = &world.haul.records[i].record;
                let service = world.services.producer(node).map(str::to_owned);
                let key = self.key_in(&places::of_record(record));
                let step = TrailStep { source: "record".into(), service, text, key, ..step };
                (format!("record {node:?}"), step)
            }
            Fact::Log(i) => {
                let log = &world.haul.logs[i];
                let how = log.joined_by.map(|j| format!(" [joined by {j}]")).unwrap_or_default();
                let step = TrailStep {
                    source: "log".into(),
                    service: Some(log.service.clone()),
                    level: log.level.map(|l| l.to_string()),
                    text: format!("{}{how}", by_key::log_text(log)),
                    key: if log.joined_by.is_some() { None } else { self.key_in(&log.placed) },
                    ..step
                };
                (by_key::log_signature(log), step)
            }
        };
        Draft { place: self.place(o), signature, step }
    }

    fn home_text(&self, node: &Node, row: &str) -> String {
        match node {
            Node::Start(_) => format!("created; its row now: {row}"),
            _ => format!("reached {}", self.world.home.entities[self.entity as usize].state),
        }
    }

    /// The key under which it shows among these values, when it is not the asked one.
    fn key_in(&self, placed: &[Placed]) -> Option<String> {
        let holds =
            |key: &str| placed.iter().any(|p| p.value == key || (key.len() > 3 && p.value.contains(key)));
        if holds(self.asked) {
            return None;
        }
        if holds(self.own) {
            return Some(self.own.to_owned());
        }
        let alias =
            self.alias_values().into_iter().find(|(_, value)| placed.iter().any(|p| p.value == *value));
        alias.map(|(_, value)| value.to_owned())
    }

    /// Where an observation stands in the order: by its time, else behind what it follows from in the flow.
    fn place(&self, o: &Observation) -> i64 {
        if let Some(time) = o.time {
            return time.0;
        }
        let flow = &self.world.flow;
        let reach = &self.world.trails.reach[self.entity as usize];
        let is_done = matches!(self.world.trails.nodes[o.node], Node::Done(_));
        let mut at = flow.step_of(o.node).filter(|_| !is_done);
        for _ in 0..flow.steps.len() {
            let Some(parent) = at.and_then(|s| flow.steps[s].parent) else { break };
            if let Some(time) = reach.get(&flow.steps[parent].node).and_then(|r| r.first) {
                return time.0;
            }
            at = Some(parent);
        }
        if matches!(self.world.trails.nodes[o.node], Node::Start(_)) { i64::MIN } else { i64::MAX }
    }

    fn ends(&self) -> Option<String> {
        if self.role() == Role::Done {
            return Some("complete".into());
        }
        let flow = &self.world.flow;
        let missing = flow.first_missing(self.entity as usize, &self.world.trails)?;
        Some(flow.hop(&self.world.trails, missing))
    }

    fn notes(&self) -> Vec<String> {
        let world = self.world;
        let mut out = world.notes.clone();
        if self.own != self.asked {
            out.push(format!("`{}` goes with {} {} and no other", self.asked, world.spec.name, self.own));
        }
        out.extend(self.age());
        out.extend(self.aged_out());
        out.extend(self.sent_again());
        if world.flow.steps.is_empty() || world.flow.control == 0 {
            out.push(
                "no completed one is known to compare with: where it should go next cannot be told".into(),
            );
        } else if self.role() != Role::Done && self.ends().is_none() {
            out.push(format!(
                "nothing is missing from its trail that {} completed ones have",
                world.flow.control
            ));
        }
        out
    }

    /// Since when it is in its state, and what the rules say of that.
    fn age(&self) -> Option<String> {
        let entity = &self.world.home.entities[self.entity as usize];
        let rules: Vec<_> = self.world.spec.stuck.iter().chain(&self.world.spec.done).collect();
        let is_open = !matches!(entity.role, Role::Done | Role::Stuck | Role::Young);
        if is_open && !rules.is_empty() && !rules.iter().any(|r| r.holds(&entity.state)) {
            return Some(format!("its state {} is neither stuck nor done by the rules", entity.state));
        }
        let (now, entered) = (self.world.now?, entity.entered?);
        let rule = self.world.spec.stuck.as_ref().filter(|r| r.holds(&entity.state))?;
        let age = now.since(entered);
        let column = &rule.column.column;
        let state = if entity.state.is_empty() { format!("`{column}` empty") } else { entity.state.clone() };
        let long = human_duration(age);
        Some(if age < rule.for_nanos {
            let limit = human_duration(rule.for_nanos);
            format!("in {state} for {long}: in flight, it counts as stuck after {limit}")
        } else {
            format!("in {state} for {long}")
        })
    }

    /// Whether it is older than what logs and topics still hold.
    fn aged_out(&self) -> Option<String> {
        let seen = self.trail().iter().any(|o| matches!(o.fact, Fact::Log(_) | Fact::Record(_)));
        let oldest = self.world.haul.oldest.iter().filter(|(s, _)| !matches!(s, Source::Table(_)));
        let horizon: Timestamp = oldest.map(|(_, t)| *t).min()?;
        let created = self.world.home.entities[self.entity as usize].created?;
        (!seen && created < horizon).then(|| {
            format!("it is older than what logs and topics still hold (since {horizon}): of its way nothing can be said")
        })
    }

    /// Topics to which it was sent more than once.
    fn sent_again(&self) -> Vec<String> {
        let reach = &self.world.trails.reach[self.entity as usize];
        let again =
            reach.iter().filter(|(n, r)| r.count > 1 && self.world.trails.nodes[**n].topic().is_some());
        again
            .map(|(n, r)| {
                let span = match (r.first, r.last) {
                    (Some(first), Some(last)) => format!(", from {first} to {last}"),
                    _ => String::new(),
                };
                format!("{} holds {} records of it{span}", self.world.trails.nodes[*n].name(), r.count)
            })
            .collect()
    }
}
