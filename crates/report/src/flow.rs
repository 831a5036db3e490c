//! The flow as a drawing needs it: nodes in the order in which entities pass them, each on a lane, and the edges
//! between them. Shared by the text and the SVG.

use crate::words;
use waylaid_model::HopCount;

/// One node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// Topic, `store.table`, or service.
    pub name: String,
    /// Column of the drawing, 0 for the main way.
    pub lane: usize,
    /// Stuck entities seen here.
    pub stuck: u64,
    /// Completed entities seen here, where a hop tells.
    pub completed: Option<u64>,
}

/// One hop between two nodes, by index.
#[derive(Clone, Debug, PartialEq)]
pub struct Edge {
    /// From this node.
    pub from: usize,
    /// To this one.
    pub to: usize,
    /// The hop.
    pub hop: HopCount,
}

/// Nodes and edges.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Graph {
    /// Nodes, top to bottom.
    pub nodes: Vec<Node>,
    /// Edges in the order of the hops.
    pub edges: Vec<Edge>,
}

impl Graph {
    /// Lays out the hops of a flow. Cycles are fine: an edge may lead back up.
    pub fn new(hops: &[HopCount]) -> Self {
        let mut graph = Self::default();
        for hop in hops {
            let (from, to) = words::ends(&hop.hop);
            let from = if from.is_empty() { None } else { Some(graph.node(&from)) };
            let to = graph.node(&to);
            graph.edges.push(Edge { from: from.unwrap_or(to), to, hop: hop.clone() });
        }
        graph.order();
        graph.count();
        graph.lanes();
        graph
    }

    /// Lanes in use.
    pub fn width(&self) -> usize {
        self.nodes.iter().map(|n| n.lane + 1).max().unwrap_or(0)
    }

    fn node(&mut self, name: &str) -> usize {
        self.nodes.iter().position(|n| n.name == name).unwrap_or_else(|| {
            self.nodes.push(Node { name: name.into(), lane: 0, stuck: 0, completed: None });
            self.nodes.len() - 1
        })
    }

    /// Nodes in topological order, of several candidates the one that was named first; a cycle is cut there too.
    fn order(&mut self) {
        let mut placed: Vec<usize> = Vec::new();
        while placed.len() < self.nodes.len() {
            let open = |n: &usize| !placed.contains(n);
            let ready = |n: &usize| {
                self.edges.iter().all(|e| e.to != *n || e.from == e.to || placed.contains(&e.from))
            };
            let all = 0..self.nodes.len();
            // A chain goes on before another one starts.
            let follows = |n: &usize| {
                placed.last().is_some_and(|last| self.edges.iter().any(|e| e.from == *last && e.to == *n))
            };
            let next = all
                .clone()
                .filter(open)
                .filter(ready)
                .find(follows)
                .or_else(|| all.clone().filter(open).find(ready))
                .or_else(|| all.clone().find(open));
            match next {
                Some(next) => placed.push(next),
                None => break,
            }
        }
        let place = |old: usize| placed.iter().position(|p| *p == old).unwrap_or(old);
        for edge in &mut self.edges {
            (edge.from, edge.to) = (place(edge.from), place(edge.to));
        }
        self.nodes = placed.iter().map(|old| self.nodes[*old].clone()).collect();
    }

    fn count(&mut self) {
        for edge in &self.edges {
            if edge.from != edge.to {
                let from = &mut self.nodes[edge.from];
                from.stuck = from.stuck.max(edge.hop.reached);
            }
            let to = &mut self.nodes[edge.to];
            to.stuck = to.stuck.max(edge.hop.passed);
            to.completed = to.completed.max(Some(edge.hop.control_passed));
        }
    }

    /// A node stays on its parent's lane unless an earlier child took it; then it gets the next free one.
    fn lanes(&mut self) {
        let mut continued = vec![false; self.nodes.len()];
        let mut used = 0;
        for node in 0..self.nodes.len() {
            let parent = self.edges.iter().find(|e| e.to == node && e.from < node).map(|e| e.from);
            self.nodes[node].lane = match parent {
                Some(parent) if !continued[parent] => {
                    continued[parent] = true;
                    self.nodes[parent].lane
                }
                _ => {
                    let lane = used;
                    used += 1;
                    lane
                }
            };
            used = used.max(self.nodes[node].lane + 1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hop(hop: &str, reached: u64, passed: u64) -> HopCount {
        HopCount {
            hop: hop.into(),
            service: None,
            reached,
            passed,
            control_passed: 9,
            typical_ms: None,
            slow_ms: None,
        }
    }

    #[test]
    fn a_chain_is_one_lane_from_top_to_bottom() {
        let graph = Graph::new(&[hop("b -> c", 3, 1), hop("a -> b", 3, 3)]);
        let names: Vec<_> = graph.nodes.iter().map(|n| (n.name.as_str(), n.lane, n.stuck)).collect();
        assert_eq!(names, [("a", 0, 3), ("b", 0, 3), ("c", 0, 1)]);
    }

    #[test]
    fn a_branch_gets_a_lane_of_its_own() {
        let graph = Graph::new(&[hop("a -> b", 3, 3), hop("a -> x", 3, 2), hop("b -> c", 3, 1)]);
        let names: Vec<_> = graph.nodes.iter().map(|n| (n.name.as_str(), n.lane)).collect();
        assert_eq!(names, [("a", 0), ("b", 0), ("c", 0), ("x", 1)]);
    }

    #[test]
    fn a_cycle_is_drawn_and_ends() {
        let graph = Graph::new(&[hop("a -> b", 3, 3), hop("b -> a", 3, 0), hop("c", 1, 1)]);
        assert_eq!(graph.nodes.len(), 3);
        assert_eq!(graph.edges.len(), 3);
    }
}
