//! waylaid
fn main() {}
