//! The optional loop with a person's own language model, over the same tools as the agent's server.
//!
//! The verdict is computed before the model is asked anything, and is the same without it: the model explains, and may
//! question the verdict with the tools, within a budget of tokens and calls. What it is shown passed the same door as
//! every agent's answer; what it says is handed on as its own words.
//!
//! - `config`: which model, from the environment alone
//! - `conversation`: what was said so far, in no dialect
//! - `dialects`: requests and replies as OpenAI, Anthropic and Ollama have them, a file each
//! - `stream`: a reply's events out of its bytes
//! - `client`: the only file that knows the driver
//! - `run`: the loop and its budget

mod client;
mod config;
mod conversation;
mod dialects;
mod fault;
mod run;
mod stream;

pub use config::{Dialect, Model, VARIABLES};
pub use fault::Fault;
pub use run::{Budget, Event, Explained, Question, explain};
