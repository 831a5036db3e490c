//! The incidents in the repository are byte for byte what the simulator writes.

use std::path::Path;

#[test]
fn every_case_is_what_the_simulator_writes() {
    let repo = Path::new(env!("CARGO_MANIFEST_DIR")).join("../cases");
    let scratch = tempfile::tempdir().unwrap();
    waylaid_sim::check(&waylaid_sim::names(), &repo, scratch.path()).unwrap();
}

#[test]
fn a_bigger_seed_has_as_many_more_orders() {
    let scratch = tempfile::tempdir().unwrap();
    let small = waylaid_sim::write("seed", scratch.path()).unwrap();
    let big = waylaid_sim::write_scaled(waylaid_sim::Scale::Factor(3), true, scratch.path()).unwrap();
    assert!(big.stuck > 2 * small.stuck && big.done > 2 * small.done, "{small:?} {big:?}");
}
