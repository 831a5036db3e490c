//! Which calls an outline keeps although their arguments hold no text.

use crate::outline::Call;

/// Methods that rules ask for: sending, receiving, storing.
const METHODS: &[&str] = &[
    "send",
    "sendDefault",
    "publish",
    "produce",
    "produceAsync",
    "ProduceAsync",
    "Publish",
    "Send",
    "emit",
    "subscribe",
    "Subscribe",
    "consume",
    "Consume",
    "ConsumeTopics",
    "WriteMessages",
    "SendMessage",
    "save",
    "saveAndFlush",
    "saveAll",
    "persist",
    "merge",
    "Add",
    "AddAsync",
    "SaveChanges",
    "SaveChangesAsync",
    "insert",
    "execute",
    "printStackTrace",
];

/// Whether a call is kept.
pub(crate) fn is_wanted(call: &Call) -> bool {
    let method = call.method();
    METHODS.contains(&method) || crate::logging::looks_like_log(call)
}
