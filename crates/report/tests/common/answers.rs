//! Answers of the smaller commands, made by hand.
#![allow(dead_code, reason = "each test file uses its part")]

use waylaid_model::answers::{
    CheckAnswer, FlowAnswer, SearchAnswer, SearchHit, StateCount, StoreCheck, StuckAnswer, StuckGroup,
    TrailAnswer, TrailStep,
};
use waylaid_model::{BindingSummary, Cohort, Coverage, Status, Timestamp};

fn at(time: &str) -> Option<Timestamp> {
    Timestamp::parse_rfc3339(&format!("2026-11-22T{time}Z"))
}

fn coverage() -> Vec<Coverage> {
    let mut line = Coverage::new("topics.main", "orders.accepted.v1", Status::Searched);
    (line.scanned, line.matched, line.range) = (8_311, 7, "p0-5, offsets 0 to 8,311".into());
    vec![line]
}

fn step(time: &str, service: &str, source: &str, node: &str, reference: &str, text: &str) -> TrailStep {
    TrailStep {
        at: at(time),
        service: Some(service.into()),
        source: source.into(),
        node: node.into(),
        reference: reference.into(),
        level: None,
        text: text.into(),
        key: None,
        repeats: 0,
    }
}

/// A trail that ends.
pub fn trail() -> TrailAnswer {
    let mut error = step(
        "09:14:03.401",
        "pick-service",
        "log",
        "pick-service",
        "pick-service/pick.ndjson:88211",
        "could not store pick: duplicate key value violates unique constraint \"picks_order_id_key\"",
    );
    error.level = Some("ERROR".into());
    error.repeats = 6;
    let mut row = step(
        "09:14:03.120",
        "order-service",
        "row",
        "orders.orders",
        "orders.orders[1001]",
        "status=ACCEPTED",
    );
    row.key = Some("order_id=1001".into());
    let mut undated = row.clone();
    undated.at = None;
    TrailAnswer {
        entity: "order".into(),
        key: "1001".into(),
        aliases: vec!["shipment_no=S-77".into()],
        state: Some("ACCEPTED".into()),
        steps: vec![
            row,
            step(
                "09:14:03.220",
                "order-service",
                "record",
                "orders.accepted.v1",
                "orders.accepted.v1/3@1042",
                "{\"orderId\":\"1001\"}",
            ),
            error,
            undated,
        ],
        services: vec!["order-service".into(), "pick-service".into()],
        ends: Some("orders.accepted.v1 -> pick.picks".into()),
        notes: vec!["pick-service's clock runs 0.4 s behind".into()],
        coverage: coverage(),
    }
}

/// A key that nobody knows.
pub fn nothing() -> TrailAnswer {
    TrailAnswer { steps: vec![], aliases: vec![], services: vec![], state: None, notes: vec![], ..trail() }
}

/// A flow.
pub fn flow() -> FlowAnswer {
    FlowAnswer {
        entity: "order".into(),
        learnt_from: 1420,
        hops: super::fixture("mixture").flow,
        variants: vec![
            ("orders.orders -> orders.accepted.v1 -> pick.picks -> picks.ready.v1".into(), 1400),
            ("orders.orders -> orders.accepted.v1".into(), 20),
        ],
        notes: vec![],
        coverage: coverage(),
    }
}

/// Who is stuck.
pub fn stuck() -> StuckAnswer {
    let state = |state: &str, role: &str, count, stuck| StateCount {
        state: state.into(),
        role: role.into(),
        count,
        stuck,
        oldest: at("06:14:03.120"),
        newest: at("09:14:03.120"),
    };
    StuckAnswer {
        entity: "order".into(),
        cohort: Cohort { count: 214, control: 1420, in_flight: 12, aged_out: 3, other: 7, sampled: None },
        states: vec![
            state("ACCEPTED", "stuck", 226, 214),
            state("SHIPPED", "done", 1420, 0),
            state("CANCELLED", "other", 7, 0),
        ],
        groups: vec![StuckGroup {
            last_good: "orders.accepted.v1".into(),
            missing: "orders.accepted.v1 -> pick.picks".into(),
            count: 214,
            samples: vec!["1001".into(), "1002".into()],
        }],
        notes: vec![],
        coverage: coverage(),
    }
}

/// What there is.
pub fn check() -> CheckAnswer {
    let store = |store: &str, ok, holds: &str| StoreCheck { store: store.into(), ok, holds: holds.into() };
    let bindings = super::fixture("mixture").bindings;
    CheckAnswer {
        system: "shop".into(),
        stores: vec![
            store("logs.main", true, "2 services, 3 files, 12 MB"),
            store("tables.slots", false, "opening tables/slots.sqlite: locked by another process"),
        ],
        services: vec![
            ("order-service".into(), "waylaid.toml, logs".into()),
            ("pick-service".into(), "logs".into()),
        ],
        rejected: vec![BindingSummary {
            why: "small integers: 3 of 200 by chance".into(),
            ..bindings[0].clone()
        }],
        bindings,
        skew: vec!["pick-service runs 0.4 s behind order-service".into()],
        missing: vec!["no code of pick-service".into()],
        coverage: coverage(),
    }
}

/// Matches.
pub fn search() -> SearchAnswer {
    SearchAnswer {
        counts: vec![
            ("topics.main".into(), "orders.accepted.v1".into(), 7),
            ("logs.main".into(), "pick-service".into(), 0),
        ],
        matched: 7,
        hits: vec![
            SearchHit {
                reference: "orders.accepted.v1/3@1042".into(),
                at: at("09:14:03.220"),
                text: "{\"orderId\":\"1001\"}".into(),
            },
            SearchHit { reference: "pick.picks[77120]".into(), at: None, text: "order_id=1001".into() },
        ],
        newest_first: false,
        more: 5,
        next: Some(3),
        coverage: coverage(),
    }
}
