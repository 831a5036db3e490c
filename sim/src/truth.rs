//! What was injected, and the verdict that follows from it.
//!
//! Faults `blame` the entities they hit. At the end the entities that are stuck by the case's own rule are split by
//! blame; whoever is stuck without blame is `unexplained`, and a case must say so beforehand.

use std::collections::BTreeMap;

use anyhow::{Result, bail, ensure};
use serde_json::{Value, json};

use crate::code::Spot;
use crate::time::{MINUTE, iso};
use crate::world::World;

/// The entity under question and its rule, as `waylaid.toml` states them.
pub struct Entity {
    pub name: &'static str,
    pub table: &'static str,
    pub key: &'static str,
    pub state: &'static str,
    pub stuck: &'static str,
    pub minutes: i64,
    pub done: &'static [&'static str],
}

#[derive(Default)]
pub struct Truth {
    pub entity: Option<Entity>,
    pub system: &'static str,
    /// Another case whose sources this one shares.
    pub code_of: Option<String>,
    pub service_tables: BTreeMap<&'static str, &'static [&'static str]>,
    pub outcome: &'static str,
    pub notes: &'static str,
    pub args: Vec<String>,
    /// Stuck entities no cause explains, where the case wants that.
    pub unexplained: usize,
    pub causes: Vec<Cause>,
    pub ruled_out: Vec<(&'static str, &'static str)>,
    /// How far from the edge of the rule nothing arrives, where four minutes do not fit.
    pub margin: Option<i64>,
    /// Numbers a case keeps for itself.
    pub marks: BTreeMap<String, i64>,
    /// Lists a case keeps for itself.
    pub lists: BTreeMap<String, Vec<String>>,
    blamed: BTreeMap<String, usize>,
    states: BTreeMap<String, (String, i64)>,
    names: BTreeMap<String, String>,
}

pub struct Cause {
    kind: &'static str,
    service: &'static str,
    hop: &'static str,
    also: Option<&'static str>,
    origin: Option<&'static str>,
    code: Option<Spot>,
    keys: Option<(&'static str, &'static [&'static str])>,
    values: BTreeMap<String, Vec<Value>>,
}

impl World {
    /// Names the system and the entity in question.
    pub fn question(&mut self, system: &'static str, entity: Entity) {
        self.truth.system = system;
        self.truth.entity = Some(entity);
    }

    /// Adds a cause; the first has number 0.
    pub fn cause(&mut self, kind: &'static str, service: &'static str, hop: &'static str) -> &mut Cause {
        self.truth.causes.push(Cause {
            kind,
            service,
            hop,
            also: None,
            origin: None,
            code: None,
            keys: None,
            values: BTreeMap::new(),
        });
        let last = self.truth.causes.len() - 1;
        &mut self.truth.causes[last]
    }

    /// States the rest of the expected verdict.
    pub fn expect(
        &mut self,
        outcome: &'static str,
        ruled_out: &[(&'static str, &'static str)],
        notes: &'static str,
    ) {
        self.truth.outcome = outcome;
        self.truth.ruled_out = ruled_out.to_vec();
        self.truth.notes = notes;
    }

    /// This entity was hit by this cause.
    pub fn blame(&mut self, key: &str, cause: usize) {
        self.truth.blamed.insert(key.to_owned(), cause);
    }

    /// This entity was hit but has been repaired since.
    pub fn absolve(&mut self, key: &str) {
        self.truth.blamed.remove(key);
    }

    /// The values of the violated key that an error about this entity names.
    pub fn violated(&mut self, key: &str, cause: usize, values: Value) {
        let list = values.as_array().cloned().unwrap_or_else(|| vec![values]);
        if let Some(cause) = self.truth.causes.get_mut(cause) {
            cause.values.insert(key.to_owned(), list);
        }
    }
}

impl Cause {
    pub fn origin(&mut self, service: &'static str) -> &mut Self {
        self.origin = Some(service);
        self
    }

    /// Another hop that names the same boundary as well.
    pub fn or_hop(&mut self, hop: &'static str) -> &mut Self {
        self.also = Some(hop);
        self
    }

    pub fn code(&mut self, spot: Spot) -> &mut Self {
        self.code = Some(spot);
        self
    }

    pub fn keys(&mut self, table: &'static str, columns: &'static [&'static str]) -> &mut Self {
        self.keys = Some((table, columns));
        self
    }

    fn expected(&self, entities: &[&String]) -> Value {
        let keys: Vec<Value> = entities.iter().map(|key| json!(key)).collect();
        let mut cause = json!({"kind": self.kind, "service": self.service, "hop": self.hop,
            "explains": entities.len(), "entities": keys});
        if let Some((table, columns)) = self.keys {
            let mut values: Vec<&Vec<Value>> =
                entities.iter().filter_map(|key| self.values.get(*key)).collect();
            values.sort_by_key(|value| value.first().map(|v| (v.as_i64(), v.to_string())));
            values.dedup();
            let values: Vec<Value> =
                values.iter().map(|row| if row.len() == 1 { row[0].clone() } else { json!(row) }).collect();
            cause["keys"] = json!({"table": table, "columns": columns, "values": values});
        }
        if let Some(code) = &self.code {
            cause["code"] = json!({"path": code.path, "line": code.line});
        }
        if let Some(also) = self.also {
            cause["or_hop"] = json!(also);
        }
        if let Some(origin) = self.origin {
            cause["origin"] = json!(origin);
        }
        cause
    }
}

impl Truth {
    /// Keeps the state of each entity and when it was entered.
    pub fn watch(&mut self, now: i64, table: &str, row: &str, fields: &Value) {
        let Some(entity) = self.entity.as_ref().filter(|entity| entity.table == table) else { return };
        if let Some(name) = fields.get(entity.key) {
            self.names.insert(row.to_owned(), crate::kafka::text(name));
        }
        let Some(key) = self.names.get(row) else { return };
        if let Some(state) = fields.get(entity.state).and_then(Value::as_str) {
            let known = self.states.get(key).is_some_and(|(known, _)| known == state);
            if !known {
                self.states.insert(key.clone(), (state.to_owned(), now));
            }
        }
    }

    /// Whether something that arrives now would be nearly as old as the rule asks for, at the end.
    pub fn near_edge(&self, end: i64, at: i64) -> bool {
        self.entity.as_ref().is_some_and(|entity| {
            (end - entity.minutes * MINUTE - at).abs() < self.margin.unwrap_or(4 * MINUTE)
        })
    }

    /// Stuck keys, numbers in numeric order.
    fn stuck(&self, end: i64) -> Result<Vec<String>> {
        let Some(entity) = &self.entity else { bail!("the case asks no question") };
        let mut stuck = Vec::new();
        for (key, (state, entered)) in &self.states {
            if state != entity.stuck {
                continue;
            }
            let margin = end - entered - entity.minutes * MINUTE;
            ensure!(margin.abs() > 90_000, "{key} is just at the edge of being stuck: {margin} ms");
            if margin > 0 {
                stuck.push(key.clone());
            }
        }
        stuck.sort_by_key(|key| (key.parse::<i64>().ok(), key.clone()));
        Ok(stuck)
    }

    pub fn done(&self) -> usize {
        let Some(entity) = &self.entity else { return 0 };
        self.states.values().filter(|(state, _)| entity.done.contains(&state.as_str())).count()
    }

    /// The text of `expected.json`, and how many are stuck.
    pub fn expected(&self, end: i64) -> Result<(String, usize)> {
        let stuck = self.stuck(end)?;
        let Some(entity) = &self.entity else { bail!("the case asks no question") };
        let mut causes: Vec<Value> = Vec::new();
        for (index, cause) in self.causes.iter().enumerate() {
            let hit: Vec<&String> =
                stuck.iter().filter(|key| self.blamed.get(*key) == Some(&index)).collect();
            ensure!(!hit.is_empty(), "cause {index} ({}) hit nobody that is still stuck", cause.kind);
            causes.push(cause.expected(&hit));
        }
        causes.sort_by_key(|cause| std::cmp::Reverse(cause["explains"].as_u64()));
        let unexplained = stuck.iter().filter(|key| !self.blamed.contains_key(*key)).count();
        ensure!(
            unexplained == self.unexplained || self.outcome == "no_fault",
            "{unexplained} of {} stuck are unexplained, the case says {}: {:?}",
            stuck.len(),
            self.unexplained,
            stuck.iter().filter(|key| !self.blamed.contains_key(*key)).take(5).collect::<Vec<_>>()
        );
        for (key, cause) in &self.blamed {
            let state = self.states.get(key).map_or("", |(state, _)| state.as_str());
            ensure!(!entity.done.contains(&state), "{key} is blamed on cause {cause} but {state}");
        }
        let ruled_out: Vec<Value> =
            self.ruled_out.iter().map(|(kind, service)| json!({"kind": kind, "service": service})).collect();
        let expected = json!({
            "question": {"entity": entity.name, "args": self.args, "now": iso(end)},
            "outcome": self.outcome,
            "cohort": stuck.len(),
            "causes": causes,
            "unexplained": if self.outcome == "no_fault" { 0 } else { unexplained },
            "ruled_out": ruled_out,
            "notes": self.notes,
        });
        let text = serde_json::to_string_pretty(&expected)?;
        Ok((compact_lists(&text), stuck.len()))
    }
}

/// Puts the long lists of scalars on one line each, so that a verdict reads on a page.
fn compact_lists(pretty: &str) -> String {
    let mut out = String::new();
    let mut list: Option<Vec<String>> = None;
    for line in pretty.lines() {
        let trimmed = line.trim();
        match &mut list {
            Some(items) if trimmed.starts_with(']') => {
                out.push_str(&items.join(" "));
                out.push_str(trimmed);
                out.push('\n');
                list = None;
            }
            Some(items) if !trimmed.ends_with(['{', '[']) && !trimmed.starts_with('}') => {
                items.push(trimmed.to_owned());
            }
            Some(items) => {
                let opened = format!("\n{}\n{line}\n", items.join("\n"));
                out.push_str(&opened.replace("\n\n", "\n"));
                list = None;
            }
            None if trimmed.ends_with('[') => {
                out.push_str(line);
                list = Some(Vec::new());
            }
            None => {
                out.push_str(line);
                out.push('\n');
            }
        }
    }
    out
}
