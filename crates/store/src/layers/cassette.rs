//! What a store was asked and what it answered, in a file; and a store that answers from such a file. For tests of
//! stores that are not at hand where the tests run.
//!
//! A cassette is text: a line for the store's name, then a line of JSON a call, in the order in which they ended.

use super::kind::{Kind, Layer, Serve};
use crate::{Context, ErrorKind, StoreError};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::fs::File;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use waylaid_model::Reference;

/// One call.
#[derive(Serialize, Deserialize)]
#[serde(tag = "call", rename_all = "snake_case", bound = "")]
enum Take<K: Kind> {
    Catalog { answer: Outcome<K::Catalog> },
    Ask { query: Value, hits: Vec<K::Hit>, answer: Outcome<K::Answer> },
    Raw { at: Reference, answer: Outcome<String> },
}

/// How a call ended.
type Outcome<T> = Result<T, Failed>;

/// An error as far as a caller can tell one from another.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Failed {
    kind: ErrorKind,
    context: String,
    source: Option<String>,
}

impl Failed {
    fn of(error: &StoreError) -> Self {
        let source = error.source.as_ref().map(ToString::to_string);
        Self { kind: error.kind, context: error.context.clone(), source }
    }

    fn again(self) -> StoreError {
        let error = StoreError::new(self.kind, self.context);
        match self.source {
            Some(source) => error.with_source(source),
            None => error,
        }
    }
}

/// A store whose calls are recorded.
pub struct Record<K: Kind> {
    below: Box<K::Store>,
    path: PathBuf,
    file: Mutex<File>,
}

impl<K: Kind> Record<K> {
    /// Puts it around a store; a file that is there is replaced.
    pub fn new(below: Box<K::Store>, path: &Path) -> Result<Self, StoreError> {
        let file = File::create(path).map_err(|e| broken(path, e))?;
        let record = Self { path: path.to_owned(), file: Mutex::new(file), below };
        record.line(&K::name(&record.below))?;
        Ok(record)
    }

    fn line(&self, content: &impl Serialize) -> Result<(), StoreError> {
        let mut line = serde_json::to_vec(content).map_err(|e| not_json(&self.path, e))?;
        line.push(b'\n');
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        file.write_all(&line).map_err(|e| broken(&self.path, e))
    }

    fn keep<T: Clone>(
        &self,
        result: Result<T, StoreError>,
        take: impl FnOnce(Outcome<T>) -> Take<K>,
    ) -> Result<T, StoreError> {
        self.line(&take(result.as_ref().map(T::clone).map_err(Failed::of)))?;
        result
    }
}

impl<K: Kind> Layer<K> for Record<K> {
    fn below(&self) -> &K::Store {
        &self.below
    }

    fn catalog(&self, context: &Context) -> Result<K::Catalog, StoreError> {
        self.keep(K::catalog(&self.below, context), |answer| Take::Catalog { answer })
    }

    fn ask(&self, query: &K::Query, context: &Context, sink: K::Sink<'_>) -> Result<K::Answer, StoreError> {
        let seen = Mutex::new(Vec::new());
        let pass = |hit: K::Hit| {
            seen.lock().unwrap_or_else(PoisonError::into_inner).push(hit.clone());
            Some(hit)
        };
        let answer = K::ask(&self.below, query, context, &pass, sink);
        let query = asked::<K>(query, &self.path)?;
        let mut hits = seen.into_inner().unwrap_or_else(PoisonError::into_inner);
        K::sort(&mut hits);
        self.keep(answer, |answer| Take::Ask { query, hits, answer })
    }

    fn raw(&self, at: &Reference, context: &Context) -> Result<String, StoreError> {
        self.keep(K::raw(&self.below, at, context), |answer| Take::Raw { at: at.clone(), answer })
    }
}

/// A store that answers what a cassette holds. The same question asked again gets the next answer that was recorded for
/// it, and the last one for ever.
pub struct Replay<K: Kind> {
    name: String,
    takes: Vec<Take<K>>,
    is_used: Mutex<Vec<bool>>,
}

impl<K: Kind> Replay<K> {
    /// Reads a cassette.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let file = File::open(path).map_err(|e| broken(path, e))?;
        let mut lines = BufReader::new(file).lines();
        let first = lines.next().transpose().map_err(|e| broken(path, e))?.unwrap_or_default();
        let name = serde_json::from_str(&first).map_err(|e| not_json(path, e))?;
        let mut takes = Vec::new();
        for line in lines {
            let line = line.map_err(|e| broken(path, e))?;
            takes.push(serde_json::from_str(&line).map_err(|e| not_json(path, e))?);
        }
        let is_used = Mutex::new(vec![false; takes.len()]);
        Ok(Self { name, takes, is_used })
    }

    /// The answer that a call gets.
    fn find<'t, T: 't>(
        &'t self,
        asked: impl FnOnce() -> String,
        answers: impl Fn(&'t Take<K>) -> Option<T>,
    ) -> Result<T, StoreError> {
        let mut is_used = self.is_used.lock().unwrap_or_else(PoisonError::into_inner);
        let mut found = None;
        for (number, take) in self.takes.iter().enumerate() {
            let Some(answer) = answers(take) else { continue };
            found = Some(answer);
            if !std::mem::replace(&mut is_used[number], true) {
                break;
            }
        }
        let missing = || format!("{}: the cassette holds no answer to: {}", self.name, asked());
        found.ok_or_else(|| StoreError::new(ErrorKind::NotFound, missing()))
    }
}

impl<K: Kind> Serve<K> for Replay<K>
where
    Take<K>: Send + Sync,
{
    fn name(&self) -> &str {
        &self.name
    }

    fn catalog(&self, context: &Context) -> Result<K::Catalog, StoreError> {
        context.check("replaying")?;
        let answer = |take: &Take<K>| match take {
            Take::Catalog { answer } => Some(answer.clone()),
            _ => None,
        };
        self.find(|| K::TARGETS.to_owned(), answer)?.map_err(Failed::again)
    }

    fn ask(&self, query: &K::Query, context: &Context, sink: K::Sink<'_>) -> Result<K::Answer, StoreError> {
        context.check("replaying")?;
        let asked = asked::<K>(query, Path::new(&self.name))?;
        let (hits, answer) = self.find(
            || K::words(query),
            |take| match take {
                Take::Ask { query, hits, answer } if *query == asked => Some((hits, answer.clone())),
                _ => None,
            },
        )?;
        let left = Mutex::new(Some(hits.clone()));
        K::drain(&|| left.lock().unwrap_or_else(PoisonError::into_inner).take(), sink);
        answer.map_err(Failed::again)
    }

    fn raw(&self, at: &Reference, context: &Context) -> Result<String, StoreError> {
        context.check("replaying")?;
        let wanted = at;
        let answer = |take: &Take<K>| match take {
            Take::Raw { at, answer } if at == wanted => Some(answer.clone()),
            _ => None,
        };
        self.find(|| at.to_string(), answer)?.map_err(Failed::again)
    }
}

/// A question as it stands in a cassette.
fn asked<K: Kind>(query: &K::Query, path: &Path) -> Result<Value, StoreError> {
    serde_json::to_value(query).map_err(|e| not_json(path, e))
}

fn broken(path: &Path, error: std::io::Error) -> StoreError {
    StoreError::from_io(error, format!("cassette {}", path.display()))
}

fn not_json(path: &Path, error: serde_json::Error) -> StoreError {
    StoreError::new(ErrorKind::Corrupt, format!("cassette {}", path.display())).with_source(error)
}
