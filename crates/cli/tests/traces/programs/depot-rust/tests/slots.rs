use depot::slots::{slots, Slot};

#[test]
fn the_last_slot_ends_with_the_day() {
    let all = slots(8, 11, 2);
    assert_eq!(all.last(), Some(&Slot { from: 10, to: 11 }));
}
