//! The incidents. A file a case, or a small family of them.

pub mod seed;

use crate::world::World;

/// All cases by name.
pub const CASES: &[(&str, fn(&mut World))] = &[("seed", seed::build)];
