//! A copy of a whole incident that can be damaged, and what is asked of it.

use crate::common::{Ran, cases, command, copy, finish};
use rusqlite::Connection;
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};

pub const CHECKOUT_LOG: &str = "logs/checkout/checkout-f8e96e5d1-ee43v.ndjson";
pub const SUBMITTED: &str = "topics/basket-submitted.ndjson";
pub const HOME: &str = "tables/checkout.sqlite";
pub const JOBS: &str = "tables/fulfil.sqlite";
/// One of the stuck.
pub const STUCK: &str = "2BY661Q9";
/// The offset after the last one of partition 0 of [`SUBMITTED`].
pub const NEXT: i64 = 5814;
/// A time in the middle of the incident, in milliseconds.
pub const NOON: i64 = 1_771_326_024_960;

/// The kiosk case, unpacked: 43 baskets stuck because one consumer drops them without a word.
pub struct Incident {
    folder: tempfile::TempDir,
    case: PathBuf,
}

/// An answer as JSON with how it ended.
pub struct Answer {
    pub code: i32,
    pub json: Value,
    folder: PathBuf,
    expected: BTreeSet<String>,
}

pub fn incident() -> Incident {
    let case = cases("cases").into_iter().find(|c| c.ends_with("kiosk")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    copy(&case.join("incident"), folder.path());
    unpack(folder.path());
    Incident { folder, case }
}

/// Replaces every packed file by what is in it.
fn unpack(folder: &Path) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            unpack(&path);
        } else if path.extension().is_some_and(|e| e == "gz") {
            let mut content = Vec::new();
            flate2::read::GzDecoder::new(fs::File::open(&path).unwrap()).read_to_end(&mut content).unwrap();
            fs::write(path.with_extension(""), content).unwrap();
            fs::remove_file(path).unwrap();
        }
    }
}

impl Incident {
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn text(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        fs::write(self.path(name), content).unwrap();
    }

    pub fn append(&self, name: &str, content: impl AsRef<[u8]>) {
        let mut file = fs::OpenOptions::new().append(true).open(self.path(name)).unwrap();
        file.write_all(content.as_ref()).unwrap();
    }

    pub fn replace(&self, name: &str, from: &str, to: &str) {
        let text = self.text(name);
        assert!(text.contains(from), "{name} holds {from}");
        self.write(name, text.replace(from, to));
    }

    /// Records behind those of partition 0, from their members beside topic, partition, offset and time.
    pub fn append_records(&self, members: &[Value]) {
        for (number, more) in members.iter().enumerate() {
            let mut record =
                serde_json::json!({"topic": "basket-submitted", "partition": 0, "tstype": "create"});
            record["offset"] = (NEXT + number as i64).into();
            record["ts"] = NOON.into();
            for (name, value) in more.as_object().unwrap() {
                record[name] = value.clone();
            }
            self.append(SUBMITTED, format!("{record}\n"));
        }
    }

    pub fn sql(&self, database: &str, sql: &str) {
        Connection::open(self.path(database)).unwrap().execute_batch(sql).unwrap();
    }

    /// The home table again, without types, key and limits: anything fits into it. `select` gives its rows.
    pub fn loosen(&self, select: &str) {
        self.sql(
            HOME,
            &format!(
                "CREATE TABLE loose AS {select}; DROP TABLE baskets; ALTER TABLE loose RENAME TO baskets;"
            ),
        );
    }

    /// Adds a basket that a kiosk submitted.
    pub fn add_basket(&self, key: &dyn rusqlite::ToSql, state: &dyn rusqlite::ToSql) {
        let at = "2026-02-17T09:00:00.000Z";
        let sql = "INSERT INTO baskets VALUES (?1, ?2, 120, 'WEB', 'card', 3, ?3, NULL)";
        Connection::open(self.path(HOME)).unwrap().execute(sql, rusqlite::params![key, state, at]).unwrap();
    }

    /// Runs a command, which never panics whatever there is.
    pub fn run(&self, arguments: &[&str]) -> Ran {
        let ran = finish(command(self.folder.path(), arguments));
        assert!((0..=3).contains(&ran.code), "{arguments:?} ended with {}: {}", ran.code, ran.stderr);
        assert!(!ran.stderr.contains("panicked"), "{arguments:?}: {}", ran.stderr);
        ran
    }

    pub fn diagnose(&self) -> Answer {
        self.ask(&[])
    }

    pub fn ask(&self, arguments: &[&str]) -> Answer {
        let ran = self.run(&[&["diagnose"], arguments, &["--format", "json"]].concat());
        self.answer(&ran)
    }

    pub fn answer(&self, ran: &Ran) -> Answer {
        let json = serde_json::from_str(&ran.stdout).unwrap_or_else(|_| panic!("no answer: {}", ran.stderr));
        let expected = fs::read_to_string(self.case.join("expected.json")).unwrap();
        let expected: Value = serde_json::from_str(&expected).unwrap();
        let keys = expected["causes"][0]["entities"].as_array().unwrap();
        Answer {
            code: ran.code,
            json,
            folder: self.folder.path().to_path_buf(),
            expected: keys.iter().map(|k| k.as_str().unwrap().to_owned()).collect(),
        }
    }

    /// The other commands bear the same damage.
    pub fn bears_every_command(&self) {
        for arguments in [
            &["check"][..],
            &["stuck"],
            &["flow"],
            &["follow", "basket", STUCK],
            &["search", STUCK],
            &["diagnose", "--since", "2h"],
            &["diagnose", "basket", STUCK],
            &["report"],
        ] {
            let ran = self.run(arguments);
            assert!(ran.code != 2 || ran.stderr.starts_with("error: "), "{arguments:?}: {}", ran.stderr);
        }
    }

    /// What an answer that cannot be given says instead.
    pub fn refuses(&self, arguments: &[&str]) -> String {
        let ran = self.run(arguments);
        assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{}", ran.stderr);
        assert!(ran.stderr.starts_with("error: ") && ran.stderr.contains("\nhint: "), "{}", ran.stderr);
        ran.stderr
    }
}

impl Answer {
    pub fn outcome(&self) -> &str {
        self.json["verdict"]["outcome"].as_str().unwrap()
    }

    pub fn causes(&self) -> &[Value] {
        self.json["verdict"]["causes"].as_array().unwrap()
    }

    /// The expected cause is there, at the expected place, with exactly its entities; further ones may be beside it.
    pub fn has_its_cause(&self) -> &Self {
        let cause = self.causes().iter().find(|c| c["kind"] == "skipped_silently");
        let cause = cause.unwrap_or_else(|| panic!("{:#}", self.json["verdict"]));
        assert_eq!(cause["service"], "fulfilment");
        let csv = cause["entities"]["csv"].as_str().unwrap();
        let csv = fs::read_to_string(self.folder.join(csv)).unwrap();
        let keys = csv.lines().skip(1).map(|l| l.split(',').next().unwrap_or("").to_owned());
        assert_eq!(keys.collect::<BTreeSet<_>>(), self.expected);
        self
    }

    /// As if nothing were broken.
    pub fn is_whole(&self) -> &Self {
        self.has_its_cause();
        assert_eq!((self.code, self.outcome()), (0, "confirmed"), "{:#}", self.json["verdict"]);
        assert_eq!(self.causes().len(), 1, "{:#}", self.json["verdict"]);
        self
    }

    /// The expected cause, from a partial search.
    pub fn is_partial(&self) -> &Self {
        self.has_its_cause();
        assert_eq!(self.code, 3, "{:#}", self.json["verdict"]);
        self
    }

    /// The line of coverage for a target: its status and its note.
    pub fn coverage(&self, target: &str) -> (&str, &str) {
        let lines = self.json["coverage"].as_array().unwrap();
        let line = lines.iter().find(|c| c["target"] == target);
        let line = line.unwrap_or_else(|| panic!("nothing on {target}: {:#}", self.json["coverage"]));
        (line["status"].as_str().unwrap(), line["note"].as_str().unwrap_or(""))
    }

    /// The status and that the note says this.
    pub fn says(&self, target: &str, status: &str, note: &str) -> &Self {
        let (is, why) = self.coverage(target);
        assert!(is == status && why.contains(note), "{target} is {is}: {why}");
        self
    }
}
