//! Why a model could not explain anything: what happened, where, and what to do next. No secret is ever in it.

/// A failure of the loop.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// What the environment says makes no sense.
    #[error("{what}")]
    Configuration {
        /// What is wrong.
        what: String,
        /// What would be right.
        hint: String,
    },
    /// The server could not be reached, or went away in the middle.
    #[error("{place} cannot be asked: {why}")]
    Unreachable {
        /// The server.
        place: String,
        /// What the connection says.
        why: String,
    },
    /// The server says no.
    #[error("{place} answers with status {status}: {said}")]
    Refused {
        /// The server.
        place: String,
        /// Its status.
        status: u16,
        /// Its own words.
        said: String,
    },
    /// What came is no reply of this dialect, or is too long for one.
    #[error("{place} sent no reply that makes sense: {why}")]
    Senseless {
        /// The server.
        place: String,
        /// What is wrong with it.
        why: String,
    },
    /// The budget does not even bear the question.
    #[error("the budget of {budget} tokens is less than the question takes, about {needed}")]
    Budget {
        /// What may be spent.
        budget: u64,
        /// What the first request takes.
        needed: u64,
    },
    /// The person stopped it.
    #[error("interrupted")]
    Cancelled,
}

impl Fault {
    /// What to do next.
    pub fn hint(&self) -> &str {
        match self {
            Self::Configuration { hint, .. } => hint,
            Self::Unreachable { .. } => {
                "is the model's server running, and is WAYLAID_MODEL_URL its address?"
            }
            Self::Refused { status: 401 | 403, .. } => "WAYLAID_MODEL_KEY is missing or not valid there",
            Self::Refused { status: 404, .. } => {
                "is WAYLAID_MODEL a model of that server, and WAYLAID_MODEL_URL the address of its interface?"
            }
            Self::Refused { status: 429, .. } => {
                "the server's limit is reached: wait, or ask a smaller model"
            }
            Self::Refused { .. } => "the server's own words say why; the verdict does not need it",
            Self::Senseless { .. } => {
                "is WAYLAID_MODEL_DIALECT the one that this server speaks: openai, anthropic or ollama?"
            }
            Self::Budget { .. } => "--tokens sets another budget",
            Self::Cancelled => "",
        }
    }
}
