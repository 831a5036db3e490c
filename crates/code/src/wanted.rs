//! Which calls an outline keeps although their arguments hold no text.

use crate::outline::{Call, Value, last_name};

/// Methods that rules ask for: sending, receiving, storing.
const METHODS: &[&str] = &[
    "send",
    "sendDefault",
    "publish",
    "produce",
    "produceAsync",
    "ProduceAsync",
    "Produce",
    "ConfigureConsumer",
    "SubscribeTopics",
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
    "produce_sync",
    "produce_async",
    "produce_many_sync",
    "deliver_message",
    "deliver",
    "consumer",
    "newTopic",
    "ReadMessage",
    "FetchMessage",
    "PollFetches",
    "PollRecords",
    "poll",
    "setInterval",
    "schedule",
    "scheduleJob",
    "CronJob",
    "AddFunc",
    "AddJob",
    "AddOrUpdate",
    "cron",
    "cronSchedule",
    "WithCronSchedule",
    "NewTicker",
    "Tick",
    "interval",
    "add_job",
    "scheduleAtFixedRate",
    "scheduleWithFixedDelay",
    "PeriodicTimer",
    "Delay",
    "Timer",
    "recv",
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

/// Methods of classes that are tables: `Order.create(…)`, `Order::firstOrCreate(…)`.
const OF_ENTITIES: &[&str] = &[
    "create",
    "update",
    "upsert",
    "insert_all",
    "upsert_all",
    "find_or_create_by",
    "firstOrCreate",
    "updateOrCreate",
];

/// Whether a call is kept.
pub(crate) fn is_wanted(call: &Call) -> bool {
    let method = call.method();
    METHODS.contains(&method)
        || crate::deciding::HANDLERS.contains(&method)
        || (OF_ENTITIES.contains(&method) && call.receiver().starts_with(char::is_uppercase))
        || (method == "every" && call.receiver().is_empty())
        || crate::logging::looks_like_log(call)
        || call.arguments.iter().any(|a| may_name_topic(&a.value, 0))
}

/// Whether a value may be the name of a topic, by the words it is called with: `Topics.ORDERS`, `cfg.pickTopic`.
fn may_name_topic(value: &Value, depth: u8) -> bool {
    const WORDS: &[&str] =
        &["topic", "queue", "stream", "channel", "destination", "sql", "query", "insert", "update"];
    // Also what runs a statement that stands in a constant.
    let by_word = |name: &str| {
        let lower = name.to_lowercase();
        WORDS.iter().any(|w| lower.contains(w))
    };
    let constant = |name: &str| {
        let last = last_name(name);
        last.len() > 3 && last.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
    };
    match value {
        Value::Name(name) => by_word(name) || constant(name),
        Value::Call(callee, given) => {
            let object = |a: &crate::outline::Argument| matches!(a.value, Value::Object(_));
            by_word(callee)
                || (depth < 2 && given.iter().any(|a| object(a) && may_name_topic(&a.value, depth + 1)))
        }
        Value::Object(fields) => fields.iter().any(|(key, _)| by_word(key)),
        Value::List(values) | Value::Either(values) => {
            depth < 3 && values.iter().any(|v| may_name_topic(v, depth + 1))
        }
        _ => false,
    }
}

/// Whether a value says something by itself or may name a topic.
pub(crate) fn is_telling_value(value: &Value) -> bool {
    value.has_text() || may_name_topic(value, 0)
}

/// Whether a type tells what is done with its value although nothing else is known of it.
pub(crate) fn is_telling_type(name: &str) -> bool {
    const WORDS: &[&str] = &[
        "log",
        "kafka",
        "producer",
        "consume",
        "record",
        "message",
        "template",
        "bridge",
        "bus",
        "publish",
        "writer",
        "reader",
        "emitter",
        "client",
        "repository",
        "jdbc",
        "context",
        "session",
    ];
    let lower = name.to_lowercase();
    WORDS.iter().any(|w| lower.contains(w))
}
