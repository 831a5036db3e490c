//! Failures that a row tells: what works a table off writes into a column of its own why it could not (`last_error`). The
//! same text in nearly all of the stuck and in few completed ones is a message like one in a log.

use super::by_value::failures;
use crate::discriminate::{Told, Trait};
use crate::suspects::{BY_VALUE, Boundary, Candidate};
use crate::trails::Fact;
use crate::world::World;
use std::collections::{BTreeMap, BTreeSet};
use waylaid_model::{Kind, Row, scalar_text};

/// What the rows tell.
pub(super) struct ToldInRow {
    /// The column, with its table where it is not the entity's own.
    pub(super) column: String,
    /// One of the texts.
    pub(super) text: String,
    /// The shape that all of them have.
    template: String,
    stuck: usize,
    done: usize,
}

impl ToldInRow {
    /// The text that (nearly) all of the stuck have in one column and few completed ones have: those that tried again and
    /// got through.
    pub(super) fn find(world: &World<'_>, entities: &[u32], done: &[u32]) -> Option<Self> {
        type Found = BTreeMap<(String, String), (BTreeSet<u32>, String)>;
        let mut found: Found = BTreeMap::new();
        for entity in entities {
            for (column, text) in errors(world, *entity) {
                let key = (column, waylaid_logs::template_of(&text));
                found.entry(key).or_insert_with(|| (BTreeSet::new(), text)).0.insert(*entity);
            }
        }
        let ((column, template), (hit, text)) = found.into_iter().max_by_key(|(_, (hit, _))| hit.len())?;
        let has = |e: &&u32| {
            let told = errors(world, **e);
            told.iter().any(|(c, t)| *c == column && waylaid_logs::template_of(t) == template)
        };
        let (stuck, met) = (hit.len(), done.iter().filter(has).count());
        let tells = stuck * 10 >= entities.len() * 9 && met * 3 < done.len();
        tells.then_some(Self { column, text, template, stuck, done: met })
    }

    /// The failure in the logs that says the same.
    pub(super) fn logged(
        &self,
        world: &World<'_>,
        boundary: &Boundary,
        entities: &[u32],
    ) -> Option<Candidate> {
        const SHORTEST: usize = 10;
        let says = |p: &crate::problems::Problem| {
            let letters = self.template.chars().filter(|c| c.is_alphabetic()).count();
            let facts = p.facts.iter().take(20).map(|i| &world.haul.logs[*i]);
            let mut roots = facts.filter_map(|l| l.failure.as_ref()).map(|f| f.root_message.as_str());
            letters >= SHORTEST
                && (p.template.contains(&self.template)
                    || roots.any(|r| waylaid_logs::template_of(r).contains(&self.template)))
        };
        let same = failures(world, boundary, entities).filter(|(_, p)| says(p));
        let (problem, _) = same.max_by_key(|(i, p)| (p.count, std::cmp::Reverse(*i)))?;
        let hits = entities.to_vec();
        Some(Candidate { problem, hits, done_hits: 0, repaired: 0, tier: BY_VALUE, is_caller: false })
    }

    /// The kind of the failure, where its text says more than that something failed.
    pub(super) fn kind(&self) -> Option<Kind> {
        let parsed = waylaid_logs::parse_exception(&self.text);
        let kind = waylaid_logs::classify(parsed.as_ref(), &self.text, &[])?;
        (!matches!(kind, Kind::HandlerException | Kind::Unknown)).then_some(kind)
    }

    /// The only service in whose code the frames of what is told are found.
    pub(super) fn service(&self, world: &World<'_>, entities: &[u32]) -> Option<String> {
        let mut told = entities.iter().flat_map(|e| texts(world, *e)).filter(|(c, _)| *c == self.column);
        let exception = waylaid_logs::parse_exception(&told.next()?.1).filter(|e| !e.frames.is_empty())?;
        let mut found = world.code.iter().filter(|s| !waylaid_code::find_trace(s, &exception).is_empty());
        found.next().filter(|_| found.next().is_none()).map(|s| s.service.clone())
    }

    /// What sets the stuck apart.
    pub(super) fn told(&self, of_stuck: usize, of_done: usize) -> Trait {
        Trait {
            feature: self.column.clone(),
            told: Told::Is(crate::facts::shorten(&self.text, 120)),
            stuck: self.stuck,
            of_stuck,
            done: self.done,
            of_done,
            since: None,
        }
    }
}

/// The whole of what a row tells, where a cause rests on that.
pub(crate) fn whole_text(world: &World<'_>, draft: &super::Draft) -> Option<String> {
    let super::Proof::Silent { traits, .. } = &draft.proof else { return None };
    let column = &traits.first()?.feature;
    let mut told = draft.entities.iter().flat_map(|e| texts(world, *e));
    told.find(|(c, _)| c == column).map(|(_, text)| text)
}

/// The first line of what an entity's rows tell.
fn errors(world: &World<'_>, entity: u32) -> Vec<(String, String)> {
    let mut out = texts(world, entity);
    out.iter_mut().for_each(|(_, text)| *text = crate::facts::first_line(text).to_owned());
    out
}

/// What an entity's rows tell in columns that are called after errors.
fn texts(world: &World<'_>, entity: u32) -> Vec<(String, String)> {
    let mut out = Vec::new();
    let mut take = |of: &str, row: &Row| {
        for (column, cell) in row.cells.iter().filter(|(column, _)| names_error(column)) {
            let text = scalar_text(cell).filter(|t| t.chars().any(char::is_alphabetic));
            out.extend(text.map(|t| (format!("{of}{column}"), t)));
        }
    };
    take("row ", &world.home.entities[entity as usize].row);
    for observation in &world.trails.of[entity as usize] {
        if let Fact::Row(i) = observation.fact {
            let row = &world.haul.rows[i];
            let table = row.table.rsplit('.').next().unwrap_or(&row.table);
            take(&format!("of {table}."), &row.row);
        }
    }
    out
}

/// Whether a column is called after an error.
fn names_error(column: &str) -> bool {
    const WORDS: &[&str] = &[
        "error",
        "err",
        "errors",
        "exception",
        "failure",
        "fehler",
        "fehlertext",
        "fehlermeldung",
        "erreur",
        "fallo",
        "errore",
        "erro",
        "lasterror",
        "errormessage",
        "errortext",
    ];
    crate::ids::words(column).iter().any(|w| WORDS.contains(&w.as_str()))
}
