//! The incidents. A file a case, or a small family of them.

mod batch_lost;
mod bridge;
mod bureau_down;
mod canary_config;
mod cancelled;
mod dead_letter;
mod deadlock;
mod http_hop;
mod kiosk;
mod manifest;
mod missing_tariff;
mod mixture;
mod no_fault;
mod out_of_sight;
mod outbox;
mod paused;
mod poison;
mod pool;
mod postponed;
mod reply_ignored;
mod retention;
mod retyped;
mod same_hop;
mod schema_drift;
pub mod seed;
mod too_early;
mod wrong_topic;

use serde_json::{Map, Value, json};

use crate::kafka::{Msg, Next};
use crate::log::Line;
use crate::time::sql;
use crate::truth::Entity;
use crate::world::World;

/// Sets a case up; the world then plays it.
type Build = fn(&mut World);

/// All cases by name.
pub const CASES: &[(&str, Build)] = &[
    ("seed", seed::build),
    ("kiosk", kiosk::build),
    ("poison", poison::build),
    ("batch-lost", batch_lost::build),
    ("schema-drift", schema_drift::build),
    ("dead-letter", dead_letter::build),
    ("paused", paused::build),
    ("outbox", outbox::build),
    ("postponed", postponed::build),
    ("wrong-topic", wrong_topic::build),
    ("reply-ignored", reply_ignored::build),
    ("too-early", too_early::build),
    ("missing-tariff", missing_tariff::build),
    ("deadlock", deadlock::build),
    ("pool", pool::build),
    ("canary-config", canary_config::build),
    ("bureau-down", bureau_down::build),
    ("bridge", bridge::build),
    ("mixture", mixture::build),
    ("retention", retention::build),
    ("manifest", manifest::build),
    ("cancelled", cancelled::build),
    ("burst", no_fault::burst),
    ("backlog", no_fault::backlog),
    ("clearing-house", out_of_sight::clearing_house),
    ("no-logs", out_of_sight::no_logs),
    ("same-hop", same_hop::build),
    ("http-hop", http_hop::build),
    ("retyped", retyped::build),
];

/// A consumer in the entity's own service that applies a reply: moves the row from one state to the next.
struct Reply {
    group: &'static str,
    topic: &'static str,
    service: &'static str,
    /// Where the reply names the entity.
    field: &'static str,
    from: &'static str,
    to: &'static str,
    /// Column that gets the time.
    stamp: &'static str,
    line: fn(&str, &Msg) -> Line,
}

impl World {
    #[expect(clippy::needless_pass_by_value, reason = "a case writes the reply in place")]
    fn reply(&mut self, reply: Reply) {
        let Some((table, column)) =
            self.truth.entity.as_ref().map(|Entity { table, state, .. }| (*table, *state))
        else {
            return self.bug("a reply before the question");
        };
        let Reply { group, topic, service, field, from, to, stamp, line } = reply;
        self.consume(group, topic, service, move |w, who, msg, _| {
            let id = msg.text(field);
            w.spend(2, 9);
            if w.get(table, &id, column) == from {
                let mut fields = Map::new();
                fields.insert(column.to_owned(), json!(to));
                fields.insert(stamp.to_owned(), Value::String(sql(w.now)));
                w.set(table, &id, &Value::Object(fields));
            }
            w.log(who, line(&id, msg));
            Next::Ack
        });
    }
}
