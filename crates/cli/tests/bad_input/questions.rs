//! Questions to which there is nothing, or nothing to compare with.

use crate::incident::{HOME, STUCK, incident};

#[test]
fn an_entity_that_does_not_exist() {
    let incident = incident();
    for command in [&["diagnose", "bakset"][..], &["stuck", "bakset"], &["follow", "bakset", STUCK]] {
        let error = incident.refuses(command);
        assert!(error.contains("no entity `bakset`") && error.contains("did you mean `basket`?"), "{error}");
    }
}

#[test]
fn a_key_that_does_not_exist() {
    let incident = incident();
    let error = incident.refuses(&["diagnose", "basket", "2BY661Q8"]);
    assert!(error.contains("there is no basket `2BY661Q8`"), "{error}");
    assert!(error.contains(&format!("keys such as `{STUCK}`")), "{error}");
    let error = incident.refuses(&["follow", "basket", "2BY661Q8"]);
    assert!(error.contains("there is no basket `2BY661Q8`"), "{error}");
    assert!(error.contains(&format!("nearest key there is `{STUCK}`")), "{error}");
    let found = incident.run(&["search", "2BY661Q8"]);
    assert_eq!(found.code, 1);
}

#[test]
fn a_cohort_of_none() {
    let incident = incident();
    incident.sql(HOME, "UPDATE baskets SET state = 'PLANNED' WHERE state = 'SUBMITTED'");
    let answer = incident.diagnose();
    assert_eq!((answer.code, answer.outcome()), (0, "no_fault"));
    assert_eq!((answer.causes().len(), &answer.json["verdict"]["unexplained"]), (0, &0.into()));
    assert!(incident.run(&["diagnose"]).stdout.starts_with("NO FAULT  no basket is stuck\n"));
    incident.bears_every_command();
}

#[test]
fn a_state_that_nothing_is_in() {
    let incident = incident();
    let answer = incident.ask(&["basket", "--state", "NOWHERE"]);
    assert_eq!((answer.code, answer.outcome()), (0, "no_fault"));
    assert_eq!(answer.json["cohort"]["count"], 0);
    let summary = answer.json["verdict"]["summary"].as_str().unwrap();
    assert!(
        summary.contains("none is in the state `NOWHERE`; there are ") && summary.contains("SUBMITTED"),
        "{summary}"
    );
}

#[test]
fn a_control_of_none() {
    let incident = incident();
    incident.sql(HOME, "DELETE FROM baskets WHERE state <> 'SUBMITTED'");
    let answer = incident.diagnose();
    assert_eq!((&answer.json["cohort"]["count"], &answer.json["cohort"]["control"]), (&43.into(), &0.into()));
    assert_ne!(answer.outcome(), "confirmed");
    assert_eq!(incident.run(&["flow"]).code, 1);
    incident.bears_every_command();
}

#[test]
fn without_control_nothing_is_called_innocent() {
    let incident = incident();
    incident.sql(HOME, "DELETE FROM baskets WHERE state <> 'SUBMITTED'");
    let answer = incident.diagnose();
    assert_eq!((answer.code, answer.outcome()), (1, "inconclusive"), "{:#}", answer.json["verdict"]);
}
