//! A case as text for a person, text for an agent, Markdown, JSON and one-file HTML.
//!
//! Pure: values in, text out, the same bytes for the same value. Colour is data (a [`page::Label`] on a span), so that
//! whoever prints decides about it and tests see plain text. All text that comes from stores is data: it passes
//! [`clean`] before it gets here on a page, into a cell or into a drawing.

pub mod agent;
pub mod clean;
pub mod flow;
pub mod html;
pub mod json;
pub mod markdown;
pub mod page;
pub mod text;
pub mod words;

pub use page::{Label, Page};
