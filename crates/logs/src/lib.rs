//! Text to meaning: what a log line, a stack trace, an error message says.
//!
//! Everything here is pure: no I/O, no clock, no environment; the same bytes give the same answer, and no input
//! panics. Formats are detected, never configured.
//!
//! - [`formats`]: bytes of a log file to [`waylaid_model::LogEvent`]s
//! - [`timestamps`]: every way a log writes a time
//! - [`exceptions`]: stack traces of many languages to a cause chain and frames
//! - [`problems`]: what fails, as groups that stay the same
//! - [`templates`]: messages without their variable parts, and a streaming grouper
//! - [`violations`]: constraint violations of many databases with their key values
//! - [`look`]: what is left of an event's text without ids, numbers and times
//! - [`kinds`]: which kind of failure an error text denotes
//! - [`details`]: status, host, path, waits and fields of other errors
//! - [`coordinates`]: topic, partition and offset of the record an event speaks of

pub mod coordinates;
pub mod details;
pub mod exceptions;
pub mod formats;
pub mod kinds;
pub mod look;
pub mod problems;
pub mod templates;
pub mod timestamps;
pub mod violations;

mod scan;

pub use coordinates::{Coordinates, find_coordinates};
pub use details::{Details, find_details};
pub use exceptions::{Exception, Frame, Link, is_library_frame, parse_error, parse_exception};
pub use formats::{FileProfile, Said, parse_event, profile, starts_event};
pub use kinds::classify;
pub use look::look_of;
pub use templates::{Counted, GroupId, Grouper, Looks, Masked, Tally, template_of};
pub use violations::{SubKind, Violation, find_violations, text_of};
