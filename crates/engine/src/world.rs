//! Everything that analysis works on, gathered once per question.

use crate::flow::Flow;
use crate::home::{Home, Role};
use crate::murmurs::Murmur;
use crate::occupants::Occupants;
use crate::problems::Problem;
use crate::pulse::FellSilent;
use crate::services::Services;
use crate::sweep::Haul;
use crate::trails::{Node, Trails};
use std::collections::BTreeMap;
use waylaid_code::Sources;
use waylaid_model::{EntitySpec, System, Timestamp};

/// The gathered facts and what was learnt from them.
pub(crate) struct World<'a> {
    pub(crate) system: &'a System,
    pub(crate) spec: &'a EntitySpec,
    pub(crate) home: Home,
    pub(crate) haul: Haul,
    pub(crate) trails: Trails,
    pub(crate) services: Services,
    pub(crate) flow: Flow,
    pub(crate) problems: Vec<Problem>,
    /// Messages that name nobody and came up when they began to stop.
    pub(crate) murmurs: Vec<Murmur>,
    /// Services that were heard regularly and no more.
    pub(crate) fell_silent: Vec<FellSilent>,
    /// Whose rows stand where duplicates were to be written, by problem.
    pub(crate) occupants: BTreeMap<usize, Occupants>,
    pub(crate) code: Vec<Sources>,
    pub(crate) now: Option<Timestamp>,
    pub(crate) notes: Vec<String>,
}

impl World<'_> {
    /// Indices of the entities of a role.
    pub(crate) fn of_role(&self, role: Role) -> Vec<u32> {
        (0..self.home.entities.len() as u32)
            .filter(|e| self.home.entities[*e as usize].role == role)
            .collect()
    }

    /// The service that owns the home table.
    pub(crate) fn home_service(&self) -> Option<&str> {
        self.services.owner(&crate::trails::home_name(&self.home))
    }

    pub(crate) fn key(&self, entity: u32) -> &str {
        &self.home.entities[entity as usize].key
    }

    pub(crate) fn keys(&self, entities: &[u32]) -> Vec<String> {
        let mut keys: Vec<String> = entities.iter().map(|e| self.key(*e).to_owned()).collect();
        keys.sort();
        keys
    }

    /// When an entity was first seen at a node.
    pub(crate) fn at(&self, entity: u32, node: usize) -> Option<Timestamp> {
        self.trails.reach[entity as usize].get(&node).and_then(|r| r.first)
    }

    /// The store that holds a node, as coverage names it.
    pub(crate) fn store_of(&self, node: &Node) -> (String, String) {
        match node {
            Node::Topic(name) | Node::Event(name, _) => {
                let store =
                    self.haul.coverage.iter().find(|c| c.store.starts_with("topics.") && c.target == *name);
                (store.map_or("topics".into(), |c| c.store.clone()), name.clone())
            }
            Node::Table(name) | Node::Settled(name) | Node::Start(name) | Node::Done(name) => {
                let (store, table) = name.split_once('.').unwrap_or((name, ""));
                (format!("tables.{store}"), table.to_owned())
            }
            Node::Service(name) => {
                let store =
                    self.haul.coverage.iter().find(|c| c.store.starts_with("logs.") && c.target == *name);
                (store.map_or("logs".into(), |c| c.store.clone()), name.clone())
            }
        }
    }

    /// A service's checkout.
    pub(crate) fn sources(&self, service: &str) -> Option<&Sources> {
        self.code.iter().find(|s| s.service == service)
    }
}
