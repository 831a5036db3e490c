//! A depot: shelves, slots, what is put where.

pub mod manifest;
pub mod shelf;
pub mod slots;
pub mod support;
