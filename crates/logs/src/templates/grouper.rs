//! The streaming grouper.

use super::template_of;
use std::collections::HashMap;

/// A group of a [`Grouper`]; stable for the life of the grouper.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GroupId(pub u32);

/// Groups messages by template as they stream by, in bounded memory.
#[derive(Debug, Default)]
pub struct Grouper {
    templates: Vec<String>,
    known: HashMap<String, u32>,
}

impl Grouper {
    /// The group of a message; a new one when none fits.
    pub fn add(&mut self, message: &str) -> GroupId {
        let template = template_of(message);
        if let Some(id) = self.known.get(&template) {
            return GroupId(*id);
        }
        let id = self.templates.len() as u32;
        self.templates.push(template.clone());
        self.known.insert(template, id);
        GroupId(id)
    }

    /// The template of a group as it stands now; empty for an id that this grouper never gave.
    pub fn template(&self, id: GroupId) -> String {
        self.templates.get(id.0 as usize).cloned().unwrap_or_default()
    }
}
