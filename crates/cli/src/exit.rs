//! What the process ends with.

use std::process::ExitCode;
use waylaid_model::{Coverage, Diagnosis, Outcome};

/// The section of `--help` on exit codes.
pub const HELP: &str = "\
Exit codes:
  0    answered
  1    answered, but inconclusive: no cause could be named, or nothing was found
  2    wrong usage or configuration
  3    answered partly: a store could not be read to its end, the case could not be stored,
       or the model could not be asked
  130  interrupted
Where several hold, 2 comes before 130, 130 before 1, 1 before 3. A closed pipe is no failure.";

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Answered.
    Answered,
    /// Answered, but inconclusive or without a find.
    Inconclusive,
    /// Wrong usage or configuration.
    Usage,
    /// A store failed.
    Partial,
    /// Interrupted by the person.
    Interrupted,
}

impl Exit {
    /// The number.
    pub fn code(self) -> u8 {
        match self {
            Self::Answered => 0,
            Self::Inconclusive => 1,
            Self::Usage => 2,
            Self::Partial => 3,
            Self::Interrupted => 130,
        }
    }

    /// By the verdict and its coverage.
    pub fn of_diagnosis(diagnosis: &Diagnosis) -> Self {
        match diagnosis.verdict.outcome {
            Outcome::Inconclusive => Self::Inconclusive,
            _ => Self::of_coverage(&diagnosis.coverage),
        }
    }

    /// By coverage alone.
    pub fn of_coverage(coverage: &[Coverage]) -> Self {
        if coverage.iter().any(Coverage::is_incomplete) { Self::Partial } else { Self::Answered }
    }

    /// Inconclusive when nothing was found, else by coverage.
    pub fn of_find(found: bool, coverage: &[Coverage]) -> Self {
        if found { Self::of_coverage(coverage) } else { Self::Inconclusive }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}
