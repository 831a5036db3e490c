//! Waylaid for an agent: the tools of DESIGN §7 over the Model Context Protocol.
//!
//! A face without logic of its own. What is asked goes through [`Backend`], which the binary implements over the same
//! functions as its commands, so that limits, redaction and read-only rules hold here as there. What is answered is
//! rendered by `waylaid_report::agent`, which quotes whatever a store said. Only this crate knows the protocol.

mod arguments;
mod backend;
mod completions;
mod http;
mod prompts;
mod refusal;
mod resources;
mod server;
mod stdio;
mod tasks;
mod tools;
mod work;

pub use backend::{Backend, Keys, Located, Question, Raw, Search, Times};
pub use http::{Http, http};
pub use refusal::Refusal;
pub use server::{INSTRUCTIONS, Server};
pub use stdio::stdio;
pub use tools::{Tool, tools};

/// Why the server could not do its work.
pub type Fault = Box<dyn std::error::Error + Send + Sync>;
