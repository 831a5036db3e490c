//! What the connectors of live databases share, whatever their driver: how a question is asked and given up, what is
//! said when it fails, how the rows of a table and of a SELECT are delivered. Knows no driver.
//!
//! - `client`: a connection that is kept, questions that end in time
//! - `errors`: what happened where, without secrets
//! - `address`: what of an address is secret, what is at home
//! - `keys`: what indexes say of a table
//! - `plan`: the pieces that a table is asked for in
//! - `reading`: the rows of a table as they come, with the exact "there are more"
//! - `cells`: values as JSON and as texts
//! - `views`: a free SELECT with everything that its views are made of
//! - `clock`: how far the server's clock is from ours

mod address;
mod cells;
mod client;
mod clock;
mod errors;
mod keys;
mod plan;
mod reading;
mod views;

pub use address::{is_local, passwords};
pub use cells::{TEXT, Twins, cut, float, hexadecimal, is_number, texts};
pub use client::{CONNECT, Client, Driver, GRACE};
pub use clock::now;
pub use errors::Errors;
pub use keys::{Index, key_of};
pub use plan::{Piece, Wanted, by, pieces};
pub use reading::Reading;
pub use views::{accepted, through_views};
