//! `check`: what there is, what is bound, what is missing for a full verdict.

use super::holdings::{logs, some, tables, topics};
use super::owner;
use crate::trails::home_name;
use crate::world::World;
use crate::{Ask, EngineError, Stores, gather, verdict};
use std::collections::{BTreeMap, BTreeSet};
use waylaid_model::answers::{CheckAnswer, StoreCheck};
use waylaid_model::{BindingSummary, Coverage, EntitySpec, Status, System};
use waylaid_store::{Context, ErrorKind, Standing, StoreError};

/// Keys that are followed where no rule says whom to follow.
const SAMPLE: usize = 500;
/// Milliseconds from which two clocks are told to be apart: an answer's own way takes some, too.
const CLOCKS_APART: i64 = 1_000;

/// What there is, what is bound, what is missing.
pub fn check(
    system: &System,
    stores: &Stores,
    ask: &Ask,
    context: &Context,
) -> Result<CheckAnswer, EngineError> {
    let mut draft = Draft { answer: empty(system), services: BTreeMap::new() };
    draft.configured(system);
    draft.stores(stores, context)?;
    let wanted = system.entities.iter().filter(|e| ask.entity.as_ref().is_none_or(|name| e.name == *name));
    let mut any = false;
    for spec in wanted {
        any = true;
        draft.entity(system, spec, stores, ask, context)?;
    }
    if !any && ask.entity.is_some() {
        gather::entity(system, ask)?;
    }
    if system.entities.is_empty() {
        draft.lacks(
            "the system names no entity: nobody can be followed or diagnosed; write an [entity.NAME] section",
        );
    }
    draft.kinds_of_stores(stores);
    Ok(draft.finish())
}

/// Who we are at a store and what that user could do.
fn who(standing: &Standing) -> String {
    let replica = if standing.is_replica { ", a replica" } else { "" };
    let rights = match (&standing.untold, standing.beyond.as_slice()) {
        (Some(why), []) => why.clone(),
        (_, []) => "this user can only read".to_owned(),
        (_, beyond) => format!("this user could do more than read: {}", beyond.join("; ")),
    };
    let product = if standing.product.is_empty() { String::new() } else { format!("{} ", standing.product) };
    let tells = standing.tells.iter().fold(String::new(), |tells, what| tells + what + "; ");
    format!("{tells}{product}as {}{replica}; {rights}", standing.login)
}

fn empty(system: &System) -> CheckAnswer {
    CheckAnswer {
        system: system.name.clone(),
        stores: Vec::new(),
        services: Vec::new(),
        bindings: Vec::new(),
        rejected: Vec::new(),
        skew: Vec::new(),
        missing: Vec::new(),
        coverage: Vec::new(),
    }
}

/// The answer while it grows.
struct Draft {
    answer: CheckAnswer,
    /// Where each service was found.
    services: BTreeMap<String, Vec<String>>,
}

impl Draft {
    fn lacks(&mut self, what: impl Into<String>) {
        let what = what.into();
        if !self.answer.missing.contains(&what) {
            self.answer.missing.push(what);
        }
    }

    fn found(&mut self, service: &str, place: impl Into<String>) {
        let (places, place) = (self.services.entry(service.to_owned()).or_default(), place.into());
        if !places.contains(&place) {
            places.push(place);
        }
    }

    fn configured(&mut self, system: &System) {
        for service in &system.services {
            self.found(&service.name, "configured");
            if !service.tables.is_empty() {
                self.found(&service.name, format!("owns {}", service.tables.join(", ")));
            }
        }
    }

    /// What every store holds.
    fn stores(&mut self, stores: &Stores, context: &Context) -> Result<(), EngineError> {
        for store in &stores.logs {
            let told =
                self.store(store.name(), store.catalog(context), |c| (logs(&c), c.problems.clone(), c))?;
            for target in told.map(|c| c.targets).unwrap_or_default() {
                self.found(&target.service, format!("logs in {}", store.name()));
            }
            self.standing(store.name(), || store.standing(context));
        }
        for store in &stores.topics {
            let told =
                self.store(store.name(), store.catalog(context), |c| (topics(&c), c.problems.clone(), c))?;
            if told.is_some_and(|c| !c.groups_known && !c.topics.is_empty()) {
                self.lacks(format!(
                    "{} tells no consumer groups: whether a record was consumed cannot be told",
                    store.name()
                ));
            }
            self.standing(store.name(), || store.standing(context));
        }
        for store in &stores.tables {
            self.store(store.name(), store.catalog(context), |c| (tables(&c), c.problems.clone(), c))?;
            self.standing(store.name(), || store.standing(context));
        }
        for (service, _) in &stores.code {
            let (store, holds) = (format!("code.{service}"), "a checkout".to_owned());
            self.answer.stores.push(StoreCheck { store, ok: true, holds });
            self.found(service, "code at hand");
        }
        for failed in &stores.failed {
            let (store, holds) = (failed.store.clone(), failed.note.clone());
            self.lacks(format!("{store} could not be opened: {holds}"));
            self.answer.stores.push(StoreCheck { store, ok: false, holds });
        }
        self.answer.coverage.extend(stores.failed.iter().cloned());
        Ok(())
    }

    /// Who we are at a store, what these credentials could do there, how far apart the clocks are.
    fn standing(&mut self, name: &str, ask: impl FnOnce() -> Result<Option<Standing>, StoreError>) {
        // Of one that does not answer it is said already.
        if !self.answer.stores.iter().any(|check| check.store == name && check.ok) {
            return;
        }
        let told = match ask() {
            Ok(None) => return,
            Ok(Some(standing)) => {
                if standing.ahead_ms.abs() >= CLOCKS_APART {
                    let (seconds, way) = (standing.ahead_ms.abs() as f64 / 1_000.0, standing.ahead_ms > 0);
                    let way = if way { "ahead of" } else { "behind" };
                    self.answer.skew.push(format!("the clock of {name} is {seconds:.1} s {way} ours"));
                }
                self.answer.skew.extend(standing.skew.iter().map(|what| format!("{name}: {what}")));
                standing.lacks.iter().for_each(|what| self.lacks(format!("{name}: {what}")));
                who(&standing)
            }
            Err(error) => format!("what its user could do is not known: {error}"),
        };
        let check = self.answer.stores.iter_mut().find(|check| check.store == name && check.ok);
        check.into_iter().for_each(|check| check.holds = format!("{}; {told}", check.holds));
    }

    fn store<C>(
        &mut self,
        name: &str,
        catalog: Result<C, StoreError>,
        tell: impl FnOnce(C) -> (String, Vec<Coverage>, C),
    ) -> Result<Option<C>, EngineError> {
        let (ok, holds, kept) = match catalog {
            Ok(catalog) => {
                let (mut holds, problems, catalog) = tell(catalog);
                if let Some(problem) = problems.first() {
                    let more = if problems.len() > 1 {
                        format!(" (and {} more)", problems.len() - 1)
                    } else {
                        String::new()
                    };
                    holds.push_str(&format!("; not all can be read: {}{more}", problem.note));
                    self.lacks(format!("{name} could only be read in part: {}{more}", problem.note));
                }
                self.answer.coverage.extend(problems);
                (true, holds, Some(catalog))
            }
            Err(error) if error.kind == ErrorKind::Cancelled => return Err(error.into()),
            Err(error) => {
                self.answer.coverage.push(failed(name, &error));
                self.lacks(format!("{name} could not be read: {error}"));
                (false, error.to_string(), None)
            }
        };
        self.answer.stores.push(StoreCheck { store: name.to_owned(), ok, holds });
        Ok(kept)
    }

    /// Kinds of stores that the system lacks.
    fn kinds_of_stores(&mut self, stores: &Stores) {
        let failed = |kind: &str| stores.failed.iter().any(|c| c.store.starts_with(kind));
        if stores.logs.is_empty() && !failed("logs") {
            self.lacks("no logs: what services said cannot be looked at; write [logs.main]");
        }
        if stores.topics.is_empty() && !failed("topics") {
            self.lacks("no topics: what was sent between services cannot be looked at; write [topics.main]");
        }
        if stores.tables.is_empty() && !failed("tables") {
            self.lacks("no tables: states cannot be looked at; write [tables.NAME]");
        }
        let without: Vec<String> = self
            .services
            .keys()
            .filter(|s| !stores.code.iter().any(|(service, _)| service == *s))
            .cloned()
            .collect();
        if !without.is_empty() {
            self.lacks(format!("no code of {}: causes are not tied to lines there", some(&without)));
        }
    }

    /// Bindings, clocks and gaps of one entity.
    fn entity(
        &mut self,
        system: &System,
        spec: &EntitySpec,
        stores: &Stores,
        ask: &Ask,
        context: &Context,
    ) -> Result<(), EngineError> {
        let Some((column, _)) = spec.tables.first() else {
            self.lacks(format!(
                "{} has no table: `follow` works by the key alone, and nobody knows who is stuck",
                spec.name
            ));
            return Ok(());
        };
        if spec.stuck.is_none() {
            self.lacks(format!(
                "{} has no `stuck` rule: who is stuck is only known from --state or keys",
                spec.name
            ));
        }
        if spec.done.is_none() {
            self.lacks(format!(
                "{} has no `done` rule: there is no control, and no flow can be learnt",
                spec.name
            ));
        }
        let mut ask = Ask { entity: Some(spec.name.clone()), keys: Vec::new(), ..ask.clone() };
        if spec.stuck.is_none() && spec.done.is_none() {
            match owner::sample(stores, column, SAMPLE, context) {
                Ok(keys) => ask.keys = keys,
                Err(error) => return self.unreadable(spec, error.into()),
            }
        }
        let world = match gather::gather(system, stores, &ask, context) {
            Ok(world) => world,
            Err(error) => return self.unreadable(spec, error),
        };
        self.bound(&world);
        self.discovered(&world);
        self.gaps(&world);
        self.answer.coverage.extend(world.haul.coverage);
        Ok(())
    }

    /// An entity whose home table cannot be read is a gap; only a cancelled question ends the check.
    fn unreadable(&mut self, spec: &EntitySpec, error: EngineError) -> Result<(), EngineError> {
        match error {
            EngineError::Store(inner) if inner.kind == ErrorKind::Cancelled => Err(inner.into()),
            other => {
                self.lacks(format!("{}: {other}", spec.name));
                if let Some((home, _)) = spec.tables.first() {
                    let line = Coverage::new(format!("tables.{}", home.store), &home.table, Status::Failed);
                    self.answer.coverage.push(line.with_note(other.to_string()));
                }
                Ok(())
            }
        }
    }

    fn bound(&mut self, world: &World<'_>) {
        self.answer.bindings.extend(verdict::bindings(world));
        self.answer.rejected.extend(world.haul.rejected.iter().map(|b| verdict::summary_of("", b, world)));
        for note in &world.notes {
            if !self.answer.skew.contains(note) {
                self.answer.skew.push(note.clone());
            }
        }
    }

    /// Services as the stores show them.
    fn discovered(&mut self, world: &World<'_>) {
        let mut nodes: Vec<String> = world.haul.tables.iter().map(|t| t.node.clone()).collect();
        nodes.push(home_name(&world.home));
        nodes.sort();
        nodes.dedup();
        let mut owned: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for node in nodes {
            if let Some(service) = world.services.owner(&node) {
                let said = world.system.services.iter().find(|s| s.name == service);
                let store = node.split('.').next().unwrap_or_default();
                if said.is_none_or(|s| !s.tables.iter().any(|t| *t == node || t == store)) {
                    owned.entry(service).or_default().push(node);
                }
            }
        }
        for (service, tables) in owned {
            self.found(service, format!("by its name it owns {}", some(&tables)));
        }
        let mut read: BTreeMap<(&str, &str), BTreeSet<&str>> = BTreeMap::new();
        for offset in &world.haul.topics.groups {
            if let Some(service) = world.services.group_service(&offset.group) {
                read.entry((service, &offset.group)).or_default().insert(&offset.topic);
            }
        }
        for ((service, group), topics) in read {
            let topics: Vec<&str> = topics.into_iter().collect();
            self.found(service, format!("reads {} as group {group}", topics.join(", ")));
        }
        for node in &world.trails.nodes {
            if let (Some(topic), Some(service)) = (node.topic(), world.services.producer(node)) {
                self.found(service, format!("writes {topic}"));
            }
        }
        for service in &world.services.all {
            self.services.entry(service.clone()).or_default();
        }
    }

    /// What a full verdict over this entity lacks.
    fn gaps(&mut self, world: &World<'_>) {
        let entity = &world.spec.name;
        if world.spec.done.is_some() && world.flow.control == 0 {
            self.lacks(format!("no {entity} is done by the rule: there is no control to compare with"));
        }
        let mut in_flow: BTreeSet<&str> =
            world.flow.steps.iter().filter_map(|s| s.service.as_deref()).collect();
        in_flow.extend(world.home_service());
        let silent: Vec<String> =
            in_flow.iter().filter(|s| !world.haul.has_logs(s)).map(|s| (*s).to_owned()).collect();
        if !silent.is_empty() {
            self.lacks(format!(
                "no logs of {}: the flow passes it, and what it said is unknown",
                some(&silent)
            ));
        }
        let nobody: BTreeSet<String> = world
            .flow
            .steps
            .iter()
            .filter_map(|s| world.trails.nodes[s.node].topic())
            .filter(|t| world.haul.topics.groups_known && world.services.groups_of(t).is_empty())
            .map(str::to_owned)
            .collect();
        if !nobody.is_empty() {
            let nobody: Vec<String> = nobody.into_iter().collect();
            self.lacks(format!(
                "no consumer group of {}: whether its records were consumed cannot be told",
                some(&nobody)
            ));
        }
        let unknown: BTreeSet<&str> = world
            .haul
            .topics
            .groups
            .iter()
            .map(|g| g.group.as_str())
            .filter(|g| world.services.group_service(g).is_none())
            .collect();
        for group in unknown {
            self.lacks(format!("nobody knows which service reads as group {group}"));
        }
    }

    fn finish(mut self) -> CheckAnswer {
        let told = |(service, places): (String, Vec<String>)| (service, places.join("; "));
        self.answer.services = self.services.into_iter().map(told).collect();
        self.answer.bindings = distinct(self.answer.bindings);
        self.answer.rejected = distinct(self.answer.rejected);
        let mut coverage: Vec<Coverage> = Vec::new();
        for line in self.answer.coverage {
            if !coverage.contains(&line) {
                coverage.push(line);
            }
        }
        self.answer.coverage = coverage;
        self.answer
    }
}

fn distinct(list: Vec<BindingSummary>) -> Vec<BindingSummary> {
    let mut out: Vec<BindingSummary> = Vec::new();
    for binding in list {
        if !out.contains(&binding) {
            out.push(binding);
        }
    }
    out
}

fn failed(store: &str, error: &StoreError) -> Coverage {
    Coverage::new(store, store, Status::Failed).with_note(error.to_string())
}
