//! The flow, learnt from completed entities: which nodes they pass in which order, which service takes each hop, how
//! long it takes; and for a stuck one, the last good hop and the first that is missing.

use crate::home::{Home, Role};
use crate::ids::{is_id_word, singular};
use crate::services::Services;
use crate::sweep::Haul;
use crate::trails::{Node, Trails};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// One node with the hop that leads to it.
#[derive(Clone, Debug)]
pub(crate) struct Step {
    pub(crate) node: usize,
    /// Node that comes before, as an index into [`Flow::steps`].
    pub(crate) parent: Option<usize>,
    /// Whether the service could have started from the parent, as far as is known; else the parent is a guess.
    pub(crate) is_led: bool,
    /// Service that takes the hop.
    pub(crate) service: Option<String>,
    /// Completed entities seen here.
    pub(crate) control: u64,
    /// Times of the hop over the control, sorted, nanoseconds.
    pub(crate) times: Vec<i64>,
    /// Median time since birth, for the order.
    pub(crate) since_birth: Option<i64>,
}

/// The learnt flow.
#[derive(Debug, Default)]
pub(crate) struct Flow {
    /// Steps in order; the first is the start.
    pub(crate) steps: Vec<Step>,
    /// Ways through it as sets of nodes, with counts, most frequent first.
    pub(crate) variants: Vec<(BTreeSet<usize>, u64)>,
    pub(crate) control: u64,
}

/// A node counts as part of the flow when at least this share of the control, and at least two, pass it.
const RARE: f64 = 0.03;

impl Flow {
    /// The hop's name: `FROM -> TO`.
    pub(crate) fn hop(&self, trails: &Trails, step: usize) -> String {
        let to = trails.nodes[self.steps[step].node].name();
        match self.steps[step].parent {
            Some(parent) => format!("{} -> {to}", trails.nodes[self.steps[parent].node].name()),
            None => to.to_owned(),
        }
    }

    /// The step of a node.
    pub(crate) fn step_of(&self, node: usize) -> Option<usize> {
        self.steps.iter().position(|s| s.node == node)
    }

    /// Learns it.
    pub(crate) fn learn(home: &Home, haul: &Haul, trails: &Trails, services: &Services) -> Self {
        let of_role = |role: Role| -> Vec<usize> {
            (0..home.entities.len()).filter(|e| home.entities[*e].role == role).collect()
        };
        let done = of_role(Role::Done);
        // Where nobody ever completed, the part of the way that the stuck have gone is all there is.
        let nobody_done = done.is_empty();
        let control = if nobody_done { of_role(Role::Stuck) } else { done };
        let parents = tables_of_parents(haul);
        let mut nodes = flow_nodes(&control, trails, services);
        nodes.retain(|n| !is_given(*n, &parents, trails));
        let mut steps: Vec<Step> = nodes
            .iter()
            .map(|node| {
                let seen: Vec<usize> =
                    control.iter().copied().filter(|e| trails.reach[*e].contains_key(node)).collect();
                let lags = seen.iter().filter_map(|e| {
                    let at = trails.reach[*e][node].first?;
                    Some(at.since(birth(trails, *e)?))
                });
                Step {
                    node: *node,
                    parent: None,
                    is_led: false,
                    service: None,
                    control: seen.len() as u64,
                    since_birth: median(lags.collect()),
                    times: Vec::new(),
                }
            })
            .collect();
        steps.sort_by_key(|s| (rank(&trails.nodes[s.node]), s.since_birth.unwrap_or(i64::MAX), s.node));
        let mut flow = Self { steps, variants: Vec::new(), control: control.len() as u64 };
        flow.rows_before_records(trails, services, &control);
        flow.place_untimed(&parents, trails, services);
        for index in 1..flow.steps.len() {
            flow.settle(index, &parents, trails, services, &control);
        }
        flow.count_variants(&control, trails);
        if nobody_done {
            flow.control = 0;
            flow.steps.iter_mut().for_each(|s| s.control = 0);
        }
        flow
    }

    /// A service writes its row before it publishes: where both come at once, the row goes first.
    fn rows_before_records(&mut self, trails: &Trails, services: &Services, control: &[usize]) {
        const AT_ONCE: i64 = 100_000_000;
        for _ in 0..self.steps.len() {
            let mut swapped = false;
            for i in 1..self.steps.len() {
                let (a, b) = (self.steps[i - 1].node, self.steps[i].node);
                let (Some(_), Node::Table(table)) = (trails.nodes[a].topic(), &trails.nodes[b]) else {
                    continue;
                };
                let same = services.owner(table).is_some()
                    && services.owner(table) == services.producer(&trails.nodes[a]);
                let gaps = control.iter().filter_map(|e| {
                    let reach = &trails.reach[*e];
                    Some(reach.get(&b)?.first?.since(reach.get(&a)?.first?))
                });
                let at_once = AT_ONCE + trails.coarse.get(&b).copied().unwrap_or(0);
                if same && median(gaps.collect()).is_some_and(|g| g.abs() <= at_once) {
                    self.steps.swap(i - 1, i);
                    swapped = true;
                }
            }
            if !swapped {
                break;
            }
        }
    }

    /// Tables without times are put behind the table that their rows belong to, else behind the topic that their owner
    /// reads.
    fn place_untimed(&mut self, parents: &BTreeMap<String, String>, trails: &Trails, services: &Services) {
        let (timed, untimed): (Vec<Step>, Vec<Step>) = std::mem::take(&mut self.steps)
            .into_iter()
            .partition(|s| s.since_birth.is_some() || !matches!(trails.nodes[s.node], Node::Table(_)));
        self.steps = timed;
        for step in untimed {
            let owner = services.owner(trails.nodes[step.node].name()).map(str::to_owned);
            let produced = self.steps.iter().position(|s| {
                owner.is_some() && services.producer(&trails.nodes[s.node]) == owner.as_deref()
            });
            let behind = self.steps[..produced.unwrap_or(self.steps.len())].iter().rposition(|s| {
                let topic = trails.nodes[s.node].topic();
                topic
                    .zip(owner.as_deref())
                    .is_some_and(|(t, o)| services.consuming.get(t).is_some_and(|c| c.contains(o)))
            });
            let last = self.steps.len()
                - usize::from(matches!(
                    self.steps.last().map(|s| &trails.nodes[s.node]),
                    Some(Node::Done(_))
                ));
            let parent = parents.get(trails.nodes[step.node].name());
            let parent = self.steps.iter().position(
                |s| matches!(&trails.nodes[s.node], Node::Table(n) | Node::Start(n) if Some(n) == parent),
            );
            let at =
                parent.or(behind).map(|b| b + 1).or(produced).unwrap_or(last).max(1).min(self.steps.len());
            self.steps.insert(at, step);
        }
    }

    /// Finds a step's parent and the service that takes the hop.
    fn settle(
        &mut self,
        index: usize,
        parents: &BTreeMap<String, String>,
        trails: &Trails,
        services: &Services,
        control: &[usize],
    ) {
        let node = &trails.nodes[self.steps[index].node];
        let doer: Option<String> = match node {
            Node::Topic(_) | Node::Event(..) => services.producer(node).map(str::to_owned),
            Node::Table(name) | Node::Settled(name) | Node::Done(name) | Node::Start(name) => {
                services.owner(name).map(str::to_owned)
            }
            Node::Service(name) => Some(name.clone()),
        };
        let before: Vec<usize> = (0..index).filter(|p| self.precedes(*p, index, trails, control)).collect();
        let fits = |p: &usize| self.may_lead(*p, doer.as_deref(), node, trails, services);
        let leads = |p: &usize| fits(p) && !self.is_detail(*p, &before, parents, trails);
        let backwards = || before.iter().rev().copied();
        let led = backwards().find(leads).or_else(|| backwards().find(fits));
        let parent = led.or_else(|| before.last().copied()).or(Some(index - 1));
        let parent_node = parent.map(|p| self.steps[p].node);
        let own_node = self.steps[index].node;
        let mut times: Vec<i64> = control
            .iter()
            .filter_map(|e| {
                let from = trails.reach[*e].get(&parent_node?)?.first?;
                Some(trails.reach[*e].get(&own_node)?.first?.since(from).max(0))
            })
            .collect();
        times.sort_unstable();
        let step = &mut self.steps[index];
        step.times = times;
        // Only of topics it is known who reads them.
        step.is_led = led.is_some() || parent_node.is_none_or(|n| trails.nodes[n].topic().is_none());
        step.parent = parent;
        step.service = doer;
    }

    /// Whether a step is a table of details without times of its own, whose rows come with those of a table before it:
    /// the lines of an order. What follows, follows from the order.
    fn is_detail(
        &self,
        step: usize,
        before: &[usize],
        parents: &BTreeMap<String, String>,
        trails: &Trails,
    ) -> bool {
        let table = |s: usize| match &trails.nodes[self.steps[s].node] {
            Node::Table(name) | Node::Start(name) => Some(name),
            _ => None,
        };
        let parent =
            table(step).filter(|_| self.steps[step].since_birth.is_none()).and_then(|t| parents.get(t));
        parent.is_some_and(|parent| before.iter().any(|b| table(*b) == Some(parent)))
    }

    /// Whether a step comes before another in nearly all completed entities that passed both.
    fn precedes(&self, a: usize, b: usize, trails: &Trails, control: &[usize]) -> bool {
        let (na, nb) = (self.steps[a].node, self.steps[b].node);
        if matches!(trails.nodes[na], Node::Start(_)) || matches!(trails.nodes[nb], Node::Done(_)) {
            return Self::common(na, nb, trails, control) > 0;
        }
        let slack =
            [na, nb].iter().filter_map(|n| trails.coarse.get(n)).max().copied().unwrap_or(0) + 100_000_000;
        if Self::done_without(na, nb, trails) {
            return false;
        }
        let (mut both, mut after, mut have_b) = (0u64, 0u64, 0u64);
        for e in control {
            let Some(rb) = trails.reach[*e].get(&nb) else { continue };
            have_b += 1;
            let Some(ra) = trails.reach[*e].get(&na) else { continue };
            both += 1;
            if let (Some(x), Some(y)) = (ra.first, rb.first) {
                after += u64::from(x.since(y) > slack);
            }
        }
        both > 0 && after * 10 <= both && both * 10 >= have_b * 8
    }

    /// Whether stuck entities show that `b` needs no `a`: most of those that have it lack `a`.
    fn done_without(a: usize, b: usize, trails: &Trails) -> bool {
        let is_done = |r: &&BTreeMap<usize, crate::trails::Reach>| {
            r.keys().any(|n| matches!(trails.nodes[*n], Node::Done(_)))
        };
        let unfinished: Vec<_> = trails.reach.iter().filter(|r| r.contains_key(&b) && !is_done(r)).collect();
        let lacking = unfinished.iter().filter(|r| !r.contains_key(&a)).count();
        lacking >= 2 && lacking * 2 > unfinished.len()
    }

    fn common(a: usize, b: usize, trails: &Trails, control: &[usize]) -> usize {
        control
            .iter()
            .filter(|e| trails.reach[**e].contains_key(&a) && trails.reach[**e].contains_key(&b))
            .count()
    }

    /// Whether the service that takes a hop could have started from that step: it reads the topic or owns the table.
    fn may_lead(
        &self,
        from: usize,
        doer: Option<&str>,
        to: &Node,
        trails: &Trails,
        services: &Services,
    ) -> bool {
        let node = &trails.nodes[self.steps[from].node];
        let Some(doer) = doer else { return true };
        // What changes a row is never the row itself.
        if matches!((node, to), (Node::Table(a), Node::Settled(b)) if a == b) {
            return false;
        }
        match node {
            Node::Topic(topic) | Node::Event(topic, _) => {
                services.producer(node) != Some(doer) && services.may_consume(doer, topic)
                    || (to.topic() == Some(topic)
                        && services.may_consume(doer, topic)
                        && services.producer(node) != Some(doer))
            }
            Node::Table(name) | Node::Start(name) => services.owner(name).is_none_or(|o| o == doer),
            Node::Service(name) => name == doer,
            Node::Done(_) | Node::Settled(_) => false,
        }
    }

    fn count_variants(&mut self, control: &[usize], trails: &Trails) {
        // A row's state is looked at only where nothing else is missing.
        let is_way = |n: &usize| !matches!(trails.nodes[*n], Node::Settled(_));
        let known: BTreeSet<usize> = self.steps.iter().map(|s| s.node).filter(is_way).collect();
        let mut counts: BTreeMap<BTreeSet<usize>, u64> = BTreeMap::new();
        for e in control {
            let set = trails.reach[*e].keys().copied().filter(|n| known.contains(n)).collect();
            *counts.entry(set).or_default() += 1;
        }
        self.variants = counts.into_iter().collect();
        self.variants.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    }

    /// The first step that an entity should have taken and did not; `None` when it took them all.
    pub(crate) fn first_missing(&self, entity: usize, trails: &Trails) -> Option<usize> {
        let known: HashMap<usize, usize> = self.steps.iter().enumerate().map(|(i, s)| (s.node, i)).collect();
        let is_own_work =
            |n: &usize| known.get(n).is_some_and(|s| !self.was_there_before(*s, entity, trails));
        let reached: BTreeSet<usize> = trails.reach[entity].keys().copied().filter(is_own_work).collect();
        let fit = |variant: &BTreeSet<usize>| {
            let common = variant.intersection(&reached).count() as i64;
            let beyond = reached.difference(variant).count() as i64;
            common - 3 * beyond
        };
        let variant = self.variants.iter().max_by_key(|(v, n)| (fit(v), *n, std::cmp::Reverse(v.len())))?;
        let mut missing: Vec<usize> = variant.0.difference(&reached).map(|n| known[n]).collect();
        missing.sort_unstable();
        let after_reached = |step: &usize| match self.steps[*step].parent {
            Some(parent) => reached.contains(&self.steps[parent].node),
            None => true,
        };
        // A hop that leads on from what was reached; one that was skipped over while later ones were taken is no stop.
        let leads_nowhere = |step: &usize| !self.has_reached_descendant(*step, &reached);
        let is_open = |step: &&usize| after_reached(step) && leads_nowhere(step);
        missing
            .iter()
            .find(|s| is_open(s) && self.steps[**s].is_led)
            .or_else(|| missing.iter().find(is_open))
            .or_else(|| missing.iter().find(|s| leads_nowhere(s)))
            .or_else(|| missing.first())
            .copied()
    }

    /// The first table, other than the home table, in which the entity's row has not come to a state that completed ones
    /// have there.
    pub(crate) fn first_unsettled(&self, entity: usize, trails: &Trails) -> Option<usize> {
        /// Times of rows are often whole seconds.
        const SLACK: i64 = 1_000_000_000;
        let reach = &trails.reach[entity];
        let has_row = |table: &String| {
            reach.keys().any(|n| matches!(&trails.nodes[*n], Node::Table(name) if name == table))
        };
        let done = self.steps.iter().find(|s| matches!(trails.nodes[s.node], Node::Done(_)))?;
        // What comes to rest only after the entity itself is done follows from it.
        let in_time =
            |s: &Step| s.since_birth.zip(done.since_birth).is_none_or(|(own, done)| own <= done + SLACK);
        self.steps.iter().position(|s| {
            let stays = !reach.contains_key(&s.node);
            stays && matches!(&trails.nodes[s.node], Node::Settled(table) if has_row(table)) && in_time(s)
        })
    }

    /// Whether a row is older than what writes it for the completed: left over from before, not this hop's work.
    pub(crate) fn was_there_before(&self, step: usize, entity: usize, trails: &Trails) -> bool {
        const SLACK: i64 = 30 * 1_000_000_000;
        let s = &self.steps[step];
        let Some(parent) = s.parent.map(|p| self.steps[p].node) else { return false };
        let is_row = matches!(trails.nodes[s.node], Node::Table(_)) && trails.nodes[parent].topic().is_some();
        let reach = &trails.reach[entity];
        let times = reach.get(&s.node).and_then(|r| r.last).zip(reach.get(&parent).and_then(|r| r.first));
        is_row && !s.times.is_empty() && times.is_some_and(|(row, record)| record.since(row) > SLACK)
    }

    fn has_reached_descendant(&self, step: usize, reached: &BTreeSet<usize>) -> bool {
        self.steps.iter().enumerate().any(|(i, s)| {
            s.parent == Some(step) && (reached.contains(&s.node) || self.has_reached_descendant(i, reached))
        })
    }
}

/// Whether a node is a table that the entity's own row belongs to, the contract of an invoice: its rows were there before,
/// or everybody has one and no time says when. It is no hop of anybody's.
fn is_given(node: usize, parents: &BTreeMap<String, String>, trails: &Trails) -> bool {
    let Node::Table(table) = &trails.nodes[node] else { return false };
    let home = trails.nodes.iter().find_map(|n| match n {
        Node::Start(name) => Some(name),
        _ => None,
    });
    if home.and_then(|h| parents.get(h)) != Some(table) {
        return false;
    }
    let born_with = |e: usize| {
        let reach = trails.reach[e].get(&node)?;
        Some(reach.first.zip(birth(trails, e)).is_none_or(|(row, birth)| row < birth))
    };
    let had: Vec<Option<bool>> = (0..trails.reach.len()).map(born_with).collect();
    had.iter().filter(|h| **h == Some(true)).count() * 20 >= had.len() * 19
}

/// The table that each table's rows belong to: by a foreign key, else by a column named for it (`pick_id`, table
/// `picks`).
fn tables_of_parents(haul: &Haul) -> BTreeMap<String, String> {
    let mut parents = BTreeMap::new();
    for table in &haul.tables {
        let Some((store, own)) = table.node.split_once('.') else { continue };
        let siblings: Vec<(&str, String)> = haul
            .tables
            .iter()
            .filter_map(|t| t.node.split_once('.'))
            .filter(|(s, name)| *s == store && *name != own)
            .map(|(_, name)| (name, crate::ids::words(name).last().map(|w| singular(w)).unwrap_or_default()))
            .collect();
        let by_key = table.info.foreign_keys.iter().map(|k| k.table.clone()).find(|t| t != own);
        let by_name = || {
            table.info.columns.iter().find_map(|c| {
                let words = crate::ids::words(&c.name);
                let [stem, id] = &*words else { return None };
                let names = |name: &&(&str, String)| is_id_word(id) && name.1 == *stem;
                siblings.iter().find(names).map(|(name, _)| (*name).to_owned())
            })
        };
        if let Some(parent) = by_key.or_else(by_name) {
            parents.insert(table.node.clone(), format!("{store}.{parent}"));
        }
    }
    parents
}

/// The nodes that belong to the flow: not the rare ones, and of services that show by their logs only those that
/// everybody passes and that no table or topic stands for. A service that some get by without is asked, not passed.
fn flow_nodes(control: &[usize], trails: &Trails, services: &Services) -> Vec<usize> {
    let mut counts: BTreeMap<usize, usize> = BTreeMap::new();
    for e in control {
        trails.reach[*e].keys().for_each(|n| *counts.entry(*n).or_default() += 1);
    }
    let enough = |n: usize| n >= 2.max((control.len() as f64 * RARE).ceil() as usize) || n == control.len();
    let mut shown: BTreeSet<&str> = BTreeSet::new();
    for (node, count) in &counts {
        if !enough(*count) {
            continue;
        }
        match &trails.nodes[*node] {
            Node::Table(name) | Node::Start(name) => shown.extend(services.owner(name)),
            node @ (Node::Topic(_) | Node::Event(..)) => shown.extend(services.producer(node)),
            _ => {}
        }
    }
    let all = control.len();
    counts
        .iter()
        .filter(|(node, count)| match &trails.nodes[**node] {
            Node::Service(name) => **count == all && !shown.contains(name.as_str()),
            _ => enough(**count),
        })
        .map(|(node, _)| *node)
        .collect()
}

fn rank(node: &Node) -> u8 {
    match node {
        Node::Start(_) => 0,
        Node::Done(_) => 2,
        _ => 1,
    }
}

/// When an entity came to be: the time of its start, else of its first observation.
pub(crate) fn birth(trails: &Trails, entity: usize) -> Option<waylaid_model::Timestamp> {
    let start = trails.reach[entity].iter().find(|(n, _)| matches!(trails.nodes[**n], Node::Start(_)));
    start.and_then(|(_, r)| r.first).or_else(|| trails.of[entity].iter().find_map(|o| o.time))
}

/// The median of some numbers.
pub(crate) fn median(mut values: Vec<i64>) -> Option<i64> {
    values.sort_unstable();
    values.get(values.len() / 2).copied()
}

/// A quantile of sorted numbers.
pub(crate) fn quantile(sorted: &[i64], q: f64) -> Option<i64> {
    sorted.get(((sorted.len() as f64 * q) as usize).min(sorted.len().saturating_sub(1))).copied()
}
