//! Slots in time.

use crate::support::must;

/// A slot of a truck.
#[derive(Debug, PartialEq)]
pub struct Slot {
    pub from: u32,
    pub to: u32,
}

/// Slots of a day.
pub fn slots(opens: u32, closes: u32, step: u32) -> Vec<Slot> {
    let mut out = Vec::new();
    let mut from = opens;
    while from < closes {
        out.push(Slot { from, to: from + step });
        from += step;
    }
    out
}

/// The slot that a truck wants.
pub fn wanted(slots: &[Slot], hour: u32) -> &Slot {
    must(slots.iter().find(|s| s.from == hour), "a slot")
}

/// Waits for a truck.
pub async fn arrival(late: u64) -> u64 {
    tokio::time::sleep(std::time::Duration::from_millis(1)).await;
    let window = 30u64 / late;
    window
}
