//! Text to meaning: what a log line, a stack trace, an error message says.
//!
//! Everything here is pure: no I/O, no clock, no environment; the same bytes give the same answer, and no input
//! panics. Formats are detected, never configured.
//!
//! - [`formats`]: bytes of a log file to [`waylaid_model::LogEvent`]s
//! - [`timestamps`]: every way a log writes a time
//! - [`exceptions`]: stack traces of many languages to a cause chain and frames
//! - [`templates`]: messages without their variable parts, and a streaming grouper
//! - [`violations`]: constraint violations of many databases with their key values
//! - [`kinds`]: which kind of failure an error text denotes
//! - [`coordinates`]: topic, partition and offset of the record an event speaks of

pub mod coordinates;
pub mod exceptions;
pub mod formats;
pub mod kinds;
pub mod templates;
pub mod timestamps;
pub mod violations;

mod scan;

pub use coordinates::{Coordinates, find_coordinates};
pub use exceptions::{Exception, Frame, Link, is_library_frame, parse_error, parse_exception};
pub use formats::{FileProfile, parse_event, profile, starts_event};
pub use kinds::classify;
pub use templates::{GroupId, Grouper, template_of};
pub use violations::{SubKind, Violation, find_violations};
