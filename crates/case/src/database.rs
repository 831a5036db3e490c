//! The case as tables, for whoever wants to query it.

use crate::CaseError;
use rusqlite::{Connection, Transaction, params};
use std::io;
use std::path::Path;
use waylaid_model::{Cause, Diagnosis, EvidenceId, Timestamp};

const SCHEMA: &str = "
CREATE TABLE question (case_id TEXT NOT NULL, entity TEXT, state TEXT, keys TEXT NOT NULL, window_from TEXT,
  window_until TEXT, baseline_from TEXT, baseline_until TEXT, now TEXT);
CREATE TABLE verdict (outcome TEXT NOT NULL, summary TEXT NOT NULL, cohort INTEGER NOT NULL, control INTEGER NOT NULL,
  unexplained INTEGER NOT NULL, capped_by TEXT NOT NULL);
CREATE TABLE hop (position INTEGER PRIMARY KEY, hop TEXT NOT NULL, service TEXT, reached INTEGER NOT NULL,
  passed INTEGER NOT NULL, control_passed INTEGER NOT NULL, typical_ms INTEGER, slow_ms INTEGER);
CREATE TABLE cause (id TEXT PRIMARY KEY, kind TEXT NOT NULL, outcome TEXT NOT NULL, service TEXT, origin TEXT,
  hop TEXT NOT NULL, explains INTEGER NOT NULL, of INTEGER NOT NULL, problem TEXT, statement TEXT NOT NULL,
  fix_code TEXT NOT NULL, fix_data TEXT NOT NULL, fix_test TEXT NOT NULL);
CREATE TABLE cause_entity (cause TEXT NOT NULL, key TEXT NOT NULL);
CREATE TABLE cause_evidence (cause TEXT NOT NULL, evidence TEXT NOT NULL);
CREATE TABLE cause_code (cause TEXT NOT NULL, service TEXT NOT NULL, path TEXT NOT NULL, line INTEGER NOT NULL,
  symbol TEXT NOT NULL, commit_id TEXT NOT NULL, role TEXT NOT NULL);
CREATE TABLE ruled_out (hypothesis TEXT NOT NULL, kind TEXT NOT NULL, service TEXT, why TEXT NOT NULL, problem TEXT,
  evidence TEXT NOT NULL);
CREATE TABLE suspect (rank INTEGER PRIMARY KEY, service TEXT NOT NULL, why TEXT NOT NULL, evidence TEXT NOT NULL);
CREATE TABLE problem (id TEXT PRIMARY KEY, service TEXT NOT NULL, exception TEXT, template TEXT NOT NULL,
  kind TEXT NOT NULL, count INTEGER NOT NULL, first TEXT, last TEXT, hits_stuck INTEGER NOT NULL,
  hits_completed INTEGER NOT NULL);
CREATE TABLE evidence (id TEXT PRIMARY KEY, at TEXT, ref TEXT NOT NULL, address TEXT NOT NULL, text TEXT NOT NULL);
CREATE TABLE coverage (store TEXT NOT NULL, target TEXT NOT NULL, status TEXT NOT NULL, range TEXT NOT NULL,
  scanned INTEGER NOT NULL, matched INTEGER NOT NULL, note TEXT NOT NULL);
";

/// Writes a new database file.
pub fn write(path: &Path, diagnosis: &Diagnosis) -> Result<(), CaseError> {
    let result = (|| {
        let mut connection = Connection::open(path)?;
        connection.pragma_update(None, "journal_mode", "OFF")?;
        let transaction = connection.transaction()?;
        transaction.execute_batch(SCHEMA)?;
        question(&transaction, diagnosis)?;
        verdict(&transaction, diagnosis)?;
        rest(&transaction, diagnosis)?;
        transaction.commit()?;
        connection.close().map_err(|(_, e)| e)
    })();
    result.map_err(|e| failure(path, e))
}

fn failure(path: &Path, error: rusqlite::Error) -> CaseError {
    match error.sqlite_error_code() {
        Some(rusqlite::ErrorCode::DiskFull) => CaseError::Full { path: path.to_path_buf() },
        _ => CaseError::io(path, io::Error::other(error)),
    }
}

fn time(at: Option<Timestamp>) -> Option<String> {
    at.map(|t| t.to_string())
}

/// SQLite's integers are signed; no count gets that far.
fn int(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

fn json<T: serde::Serialize>(value: &T) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

fn question(db: &Transaction<'_>, diagnosis: &Diagnosis) -> rusqlite::Result<()> {
    let q = &diagnosis.question;
    db.execute(
        "INSERT INTO question VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        params![
            diagnosis.case,
            q.entity,
            q.state,
            json(&q.keys),
            time(q.window.map(|w| w.0)),
            time(q.window.map(|w| w.1)),
            time(q.baseline.map(|w| w.0)),
            time(q.baseline.map(|w| w.1)),
            time(q.now)
        ],
    )?;
    Ok(())
}

fn verdict(db: &Transaction<'_>, diagnosis: &Diagnosis) -> rusqlite::Result<()> {
    let v = &diagnosis.verdict;
    db.execute(
        "INSERT INTO verdict VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        params![
            v.outcome.to_string(),
            v.summary,
            int(diagnosis.cohort.count),
            int(diagnosis.cohort.control),
            int(v.unexplained),
            json(&v.capped_by)
        ],
    )?;
    for (position, hop) in diagnosis.flow.iter().enumerate() {
        db.execute(
            "INSERT INTO hop VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            params![
                int(position as u64),
                hop.hop,
                hop.service,
                int(hop.reached),
                int(hop.passed),
                int(hop.control_passed),
                hop.typical_ms.map(int),
                hop.slow_ms.map(int)
            ],
        )?;
    }
    v.causes.iter().try_for_each(|c| cause(db, c))
}

fn cause(db: &Transaction<'_>, c: &Cause) -> rusqlite::Result<()> {
    db.execute(
        "INSERT INTO cause VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
        params![
            c.id,
            c.kind.as_str(),
            c.outcome.to_string(),
            c.service,
            c.origin,
            c.hop,
            int(c.explains),
            int(c.of),
            c.problem,
            c.statement,
            c.fix.code,
            c.fix.data,
            c.fix.test
        ],
    )?;
    let mut entity = db.prepare("INSERT INTO cause_entity VALUES (?1, ?2)")?;
    for key in &c.entities.keys {
        entity.execute(params![c.id, key])?;
    }
    for id in &c.evidence {
        db.execute("INSERT INTO cause_evidence VALUES (?1, ?2)", params![c.id, id.0])?;
    }
    for p in &c.code {
        db.execute(
            "INSERT INTO cause_code VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            params![c.id, p.service, p.path, int(p.line), p.symbol, p.commit, p.role],
        )?;
    }
    Ok(())
}

fn rest(db: &Transaction<'_>, diagnosis: &Diagnosis) -> rusqlite::Result<()> {
    let ids = |all: &[EvidenceId]| all.iter().map(|e| e.0.as_str()).collect::<Vec<_>>().join(" ");
    for r in &diagnosis.ruled_out {
        db.execute(
            "INSERT INTO ruled_out VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            params![r.hypothesis, r.kind.as_str(), r.service, r.why, r.problem, ids(&r.evidence)],
        )?;
    }
    for (rank, s) in diagnosis.verdict.suspects.iter().enumerate() {
        db.execute(
            "INSERT INTO suspect VALUES (?1, ?2, ?3, ?4)",
            params![int(rank as u64 + 1), s.service, s.why, ids(&s.evidence)],
        )?;
    }
    for p in &diagnosis.problems {
        db.execute(
            "INSERT INTO problem VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
            params![
                p.id,
                p.service,
                p.exception,
                p.template,
                p.kind.as_str(),
                int(p.count),
                time(p.first),
                time(p.last),
                int(p.hits_stuck),
                int(p.hits_completed)
            ],
        )?;
    }
    for (id, e) in &diagnosis.evidence {
        db.execute(
            "INSERT INTO evidence VALUES (?1, ?2, ?3, ?4, ?5)",
            params![id.0, time(e.at), e.reference, json(&e.address), e.text],
        )?;
    }
    for c in &diagnosis.coverage {
        let status = serde_json::to_value(c.status).ok().and_then(|v| v.as_str().map(str::to_owned));
        db.execute(
            "INSERT INTO coverage VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            params![c.store, c.target, status, c.range, int(c.scanned), int(c.matched), c.note],
        )?;
    }
    Ok(())
}
