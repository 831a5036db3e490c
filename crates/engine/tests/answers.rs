//! The smaller answers over whole incidents, with the real connectors; what must come out stands in `expected.json`.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot read its case fails")]

mod common;

use common::Case;
use serde_json::Value;
use waylaid_engine::{Ask, EngineError, Search, check, flow, follow, search, stuck};
use waylaid_model::{Settings, Status, StoreKind, StoreSpec, System};
use waylaid_store::Context;

fn texts(list: &Value) -> Vec<String> {
    list.as_array().unwrap().iter().map(|v| v.as_str().unwrap().to_owned()).collect()
}

#[test]
fn stuck_counts_and_groups_as_was_injected() {
    for name in ["seed", "bridge", "mixture", "kiosk"] {
        let case = Case::open(name);
        let answer = stuck(&case.system, &case.stores, &case.ask(), &Context::new()).unwrap();
        assert_eq!(answer.cohort.count, case.expected["cohort"].as_u64().unwrap(), "{name}");
        let got: Vec<(String, u64)> = answer.groups.iter().map(|g| (g.missing.clone(), g.count)).collect();
        let causes = case.expected["causes"].as_array().unwrap();
        let want: Vec<(String, u64)> = causes
            .iter()
            .map(|c| (c["hop"].as_str().unwrap().to_owned(), c["explains"].as_u64().unwrap()))
            .collect();
        assert_eq!(got, want, "{name}");
        let known: Vec<String> = causes.iter().flat_map(|c| texts(&c["entities"])).collect();
        assert!(answer.groups.iter().flat_map(|g| &g.samples).all(|s| known.contains(s)), "{name}");
        let of_stuck: u64 = answer.states.iter().map(|s| s.stuck).sum();
        assert_eq!(of_stuck, answer.cohort.count, "{name}");
        let all: u64 = answer.states.iter().map(|s| s.count).sum();
        let table = &case.system.entities[0].tables[0].0;
        let home = answer.coverage.iter().find(|c| c.target == table.table).unwrap();
        assert_eq!(all, home.scanned, "{name}");
    }
}

#[test]
fn nobody_is_stuck_who_waits_or_is_young() {
    for name in ["backlog", "burst"] {
        let case = Case::open(name);
        let answer = stuck(&case.system, &case.stores, &case.ask(), &Context::new()).unwrap();
        assert_eq!((answer.cohort.count, answer.groups.len()), (0, 0), "{name}");
        assert!(!answer.notes.is_empty(), "{name}");
    }
}

#[test]
fn a_stuck_one_ends_at_the_injected_hop() {
    for name in ["seed", "bridge", "paused", "clearing-house"] {
        let case = Case::open(name);
        let cause = &case.expected["causes"][0];
        for key in texts(&cause["entities"]).iter().step_by(20).take(2) {
            let answer = follow(&case.system, &case.stores, &case.ask(), key, &Context::new()).unwrap();
            assert_eq!(answer.ends.as_deref(), cause["hop"].as_str(), "{name} {key}");
            let times: Vec<_> = answer.steps.iter().filter_map(|s| s.at).collect();
            assert!(times.is_sorted(), "{name} {key}");
            assert!(answer.steps.iter().all(|s| !s.reference.is_empty()), "{name} {key}");
        }
    }
}

#[test]
fn sendings_are_folded_and_counted() {
    let case = Case::open("seed");
    let key = &texts(&case.expected["causes"][0]["entities"])[0];
    let answer = follow(&case.system, &case.stores, &case.ask(), key, &Context::new()).unwrap();
    let records: u64 = answer.steps.iter().filter(|s| s.source == "record").map(|s| s.repeats + 1).sum();
    let query = Search { keys: vec![key.clone()], targets: vec!["accepted".into()], ..Search::default() };
    let found = search(&case.stores, &query, &Context::new()).unwrap();
    assert!(records > 5);
    assert_eq!(records, found.matched);
    assert!(answer.steps.len() < 12, "{:#?}", answer.steps);
    assert!(
        answer.notes.iter().any(|n| n.contains(&format!("holds {records} records"))),
        "{:?}",
        answer.notes
    );
}

#[test]
fn another_id_leads_to_the_same_trail() {
    let case = Case::open("bridge");
    let key = &texts(&case.expected["causes"][0]["entities"])[0];
    let own = follow(&case.system, &case.stores, &case.ask(), key, &Context::new()).unwrap();
    let alias = own.aliases.iter().find_map(|a| a.strip_prefix("shipment_no=")).unwrap().to_owned();
    let other = follow(&case.system, &case.stores, &case.ask(), &alias, &Context::new()).unwrap();
    assert_eq!(other.key, alias);
    assert!(other.aliases.contains(&format!("order={key}")));
    let places = |steps: &[waylaid_model::answers::TrailStep]| -> Vec<String> {
        steps.iter().map(|s| s.reference.clone()).collect()
    };
    assert_eq!(places(&other.steps), places(&own.steps));
    assert_eq!((other.ends, other.services), (own.ends, own.services));
    let of_other = own.steps.iter().find(|s| s.key.as_deref() == Some(alias.as_str()));
    assert!(of_other.is_some(), "a step shows the entity under its other id");
}

#[test]
fn an_unknown_key_is_told_with_a_hint() {
    let case = Case::open("bridge");
    for key in ["999999", "NOT-THERE-1", ""] {
        let answer = follow(&case.system, &case.stores, &case.ask(), key, &Context::new());
        let Err(EngineError::Question { message, hint }) = answer else { panic!("{key}: {answer:?}") };
        assert!(message.contains(key) && !hint.is_empty());
    }
}

#[test]
fn an_entity_without_a_table_is_followed_by_its_key_alone() {
    let mut case = Case::open("seed");
    case.system.entities[0].tables.clear();
    case.system.entities[0].stuck = None;
    case.system.entities[0].done = None;
    let key = &texts(&case.expected["causes"][0]["entities"])[0];
    let answer = follow(&case.system, &case.stores, &case.ask(), key, &Context::new()).unwrap();
    assert_eq!((answer.ends, answer.state), (None, None));
    let query = Search { keys: vec![key.clone()], ..Search::default() };
    let found = search(&case.stores, &query, &Context::new()).unwrap();
    let steps: u64 = answer.steps.iter().map(|s| s.repeats + 1).sum();
    assert_eq!(steps, found.matched);
    assert!(answer.notes.iter().any(|n| n.contains("no table")));
    for (message, asked) in [
        ("no table", stuck(&case.system, &case.stores, &case.ask(), &Context::new()).err()),
        ("no table", flow(&case.system, &case.stores, &case.ask(), &Context::new()).err()),
    ] {
        let Some(EngineError::Question { message: told, hint }) = asked else { panic!("{asked:?}") };
        assert!(told.contains(message) && !hint.is_empty());
    }
}

#[test]
fn a_home_table_that_cannot_be_read_leaves_the_rest() {
    let mut case = Case::open("seed");
    let home = case.system.entities[0].tables[0].0.store.clone();
    case.fail(&home);
    let key = &texts(&case.expected["causes"][0]["entities"])[0];
    let answer = follow(&case.system, &case.stores, &case.ask(), key, &Context::new()).unwrap();
    assert!(!answer.steps.is_empty());
    assert!(answer.notes.iter().any(|n| n.contains("could not be read")), "{:?}", answer.notes);
    assert!(answer.coverage.iter().any(|c| c.status == Status::Failed));
    let checked = check(&case.system, &case.stores, &case.ask(), &Context::new()).unwrap();
    assert!(checked.stores.iter().any(|s| !s.ok));
    assert!(checked.missing.iter().any(|m| m.contains(&home)), "{:?}", checked.missing);
}

#[test]
fn the_flow_passes_the_injected_hop() {
    for name in ["seed", "bridge", "kiosk"] {
        let case = Case::open(name);
        let answer = flow(&case.system, &case.stores, &case.ask(), &Context::new()).unwrap();
        let hop = case.expected["causes"][0]["hop"].as_str().unwrap();
        let found = answer.hops.iter().find(|h| h.hop == hop).unwrap();
        assert_eq!(found.reached, case.expected["cohort"].as_u64().unwrap(), "{name}");
        assert_eq!(found.passed, 0, "{name}");
        assert!(found.control_passed > 0 && found.control_passed <= answer.learnt_from, "{name}");
        let ways: u64 = answer.variants.iter().map(|(_, n)| n).sum();
        assert_eq!(ways, answer.learnt_from, "{name}");
        assert!(answer.variants[0].0.contains(" -> "), "{name}");
    }
}

#[test]
fn check_tells_stores_bindings_and_gaps() {
    let case = Case::open("bridge");
    let answer = check(&case.system, &case.stores, &case.ask(), &Context::new()).unwrap();
    let specs = case.system.logs.len() + case.system.topics.len() + case.system.tables.len();
    assert_eq!(answer.stores.len(), specs);
    assert!(answer.stores.iter().all(|s| s.ok && !s.holds.is_empty()));
    assert!(answer.bindings.iter().any(|b| b.store == "bridge" && b.place == "shipment_no"));
    assert!(answer.missing.iter().any(|m| m.starts_with("no code of ")));
    assert!(answer.services.iter().all(|(_, found)| !found.is_empty()));
}

#[test]
fn check_names_what_the_flow_passes_unseen() {
    let case = Case::open("no-logs");
    let service = case.expected["causes"][0]["service"].as_str().unwrap().to_owned();
    let answer = check(&case.system, &case.stores, &case.ask(), &Context::new()).unwrap();
    let gap = answer.missing.iter().find(|m| m.starts_with("no logs of "));
    assert!(gap.is_some_and(|m| m.contains(&service)), "{:?}", answer.missing);
}

#[test]
fn check_works_without_rules_and_without_an_entity() {
    let mut case = Case::open("bridge");
    case.system.entities[0].stuck = None;
    case.system.entities[0].done = None;
    let sampled = check(&case.system, &case.stores, &case.ask(), &Context::new()).unwrap();
    assert!(sampled.bindings.iter().any(|b| b.place == "$.orderId"), "{:?}", sampled.bindings);
    assert!(sampled.missing.iter().any(|m| m.contains("`stuck` rule")));
    case.system.entities.clear();
    let bare = check(&case.system, &case.stores, &Ask::default(), &Context::new()).unwrap();
    assert_eq!(bare.stores.len(), sampled.stores.len());
    assert!(bare.bindings.is_empty());
    assert!(bare.missing.iter().any(|m| m.contains("no entity")));
    let empty =
        check(&System::default(), &waylaid_engine::Stores::default(), &Ask::default(), &Context::new());
    assert!(empty.unwrap().missing.len() >= 4);
}

#[test]
fn search_counts_exactly_whatever_it_shows() {
    let case = Case::open("seed");
    let run = |search_for: Search| search(&case.stores, &search_for, &Context::new()).unwrap();
    let keys = texts(&case.expected["causes"][0]["entities"]);
    let of = |limit: usize| run(Search { keys: keys.clone(), limit, ..Search::default() });
    let (few, many) = (of(3), of(usize::MAX));
    assert_eq!(few.counts, many.counts);
    assert_eq!((many.more, many.hits.len() as u64), (0, many.matched));
    assert_eq!((few.hits.len(), few.more), (3, many.matched - 3));
    assert_eq!(few.hits[..], many.hits[..3]);
    assert!(many.hits.iter().filter_map(|h| h.at).is_sorted());
    let home = many.counts.iter().find(|(store, target, _)| store == "tables.orders" && target == "orders");
    assert_eq!(home.map(|(_, _, n)| *n), Some(keys.len() as u64));
    assert_eq!(of(0).hits.len(), 0);
}

#[test]
fn search_by_path_looks_at_records_only() {
    let case = Case::open("seed");
    let key = texts(&case.expected["causes"][0]["entities"])[0].clone();
    let by_path = Search { paths: vec![("$.orderId".into(), key.clone())], limit: 5, ..Search::default() };
    let found = search(&case.stores, &by_path, &Context::new()).unwrap();
    assert!(found.matched > 0 && found.counts.iter().all(|(store, _, _)| store.starts_with("topics.")));
    let other =
        Search { keys: vec![key], headers: vec![("no-such".into(), "x".into())], ..Search::default() };
    assert_eq!(search(&case.stores, &other, &Context::new()).unwrap().matched, 0);
}

#[test]
fn search_refuses_what_cannot_be_meant() {
    let case = Case::open("bridge");
    for question in [
        Search::default(),
        Search { keys: vec!["1".into()], targets: vec!["nowhere".into()], ..Search::default() },
    ] {
        let answer = search(&case.stores, &question, &Context::new());
        let Err(EngineError::Question { hint, .. }) = answer else { panic!("{answer:?}") };
        assert!(!hint.is_empty());
    }
}

#[test]
fn a_window_bounds_what_is_found() {
    let case = Case::open("bridge");
    let all = Search { regex: Some("(?i)error".into()), limit: usize::MAX, ..Search::default() };
    let whole = search(&case.stores, &all, &Context::new()).unwrap();
    let middle = whole.hits[whole.hits.len() / 2].at;
    let later = Search { window: waylaid_model::Window { from: middle, until: None }, ..all };
    let part = search(&case.stores, &later, &Context::new()).unwrap();
    let wanted = whole.hits.iter().filter(|h| h.at >= middle || h.at.is_none()).count();
    assert_eq!(part.hits.len(), wanted);
}

#[test]
fn a_cancelled_question_ends() {
    let case = Case::open("bridge");
    let context = Context::new();
    context.cancel();
    let query = Search { text: Some("x".into()), ..Search::default() };
    assert!(matches!(search(&case.stores, &query, &context), Err(EngineError::Store(_))));
    assert!(matches!(check(&case.system, &case.stores, &case.ask(), &context), Err(EngineError::Store(_))));
}

#[test]
fn cases_are_read_as_they_stand() {
    let case = Case::open("seed");
    let settings = Settings::of([("path", "logs")]);
    let spec = StoreSpec { name: "main".into(), kind: StoreKind::Files, settings };
    assert_eq!(case.system.logs, [spec]);
}

#[test]
fn what_all_of_them_share_is_no_id_of_one() {
    for name in ["postponed", "bureau-down", "dead-letter"] {
        let case = Case::open(name);
        let keys = texts(&case.expected["causes"][0]["entities"]);
        let answer = follow(&case.system, &case.stores, &case.ask(), &keys[0], &Context::new()).unwrap();
        let others = answer.steps.iter().filter(|s| keys[1..].iter().any(|k| s.text.contains(k.as_str())));
        assert_eq!(others.count(), 0, "{name}: {:#?}", answer.steps);
        assert!(answer.aliases.len() <= 2, "{name}: {:?}", answer.aliases);
    }
}
