//! Problems: what fails, as groups that stay the same across restarts, line shifts and instances.
//!
//! [`Sign::of`] reads one event; [`Collector`] counts signs as they stream by, in bounded memory and in any order;
//! [`against`] and [`within`] compare what was counted with what went before.

mod collect;
mod fingerprint;
mod histogram;
mod onset;
mod place;
mod rank;
mod sign;

pub use collect::{Collector, Group, Sample, Seen, Spans};
pub use histogram::Histogram;
pub use onset::{Onset, against, within};
pub use place::{instance_of, service_of};
pub use rank::{Rank, rank_of, reports_failure};
pub use sign::Sign;

#[cfg(test)]
mod tests;
