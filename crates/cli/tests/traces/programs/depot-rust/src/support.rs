//! Small helpers.

/// What has to be there.
#[track_caller]
pub fn must<T>(value: Option<T>, what: &str) -> T {
    match value {
        Some(value) => value,
        None => panic!("{what} has to be there"),
    }
}
