//! What is stored, under which name, and that it comes back the same.

use super::*;
use waylaid_model::*;

fn diagnosis() -> Diagnosis {
    let cause = Cause {
        id: "c1".into(),
        kind: Kind::DuplicateKey,
        outcome: Outcome::Confirmed,
        service: Some("s".into()),
        origin: None,
        hop: "a -> b".into(),
        explains: 2,
        of: 2,
        problem: Some("p1".into()),
        statement: String::new(),
        evidence: vec![],
        code: vec![],
        entities: EntityList { count: 2, csv: String::new(), keys: vec!["0012".into(), "=x".into()] },
        keys: Some(KeyList {
            columns: vec!["a".into(), "b".into()],
            count: 1,
            values: vec![vec!["1".into(), "x,y".into()]],
            ..KeyList::default()
        }),
        fix: Fix::default(),
        facts: vec![],
    };
    Diagnosis {
        case: String::new(),
        question: Question {
            entity: Some("order".into()),
            now: Timestamp::parse_rfc3339("2026-11-22T10:00:00Z"),
            ..Question::default()
        },
        cohort: Cohort::default(),
        flow: vec![],
        verdict: Verdict {
            outcome: Outcome::Confirmed,
            summary: "x".into(),
            causes: vec![cause],
            unexplained: 0,
            suspects: vec![],
            capped_by: vec![],
        },
        ruled_out: vec![],
        coverage: vec![Coverage::new("logs.main", "s", Status::Searched)],
        evidence: std::collections::BTreeMap::new(),
        problems: vec![],
        bindings: vec![],
        notes: vec![],
        next_steps: vec![],
    }
}

fn render(d: &Diagnosis) -> Vec<(String, Vec<u8>)> {
    vec![("report.txt".into(), d.case.clone().into_bytes())]
}

#[test]
fn the_same_diagnosis_is_the_same_case_and_another_one_the_next() {
    let folder = tempfile::tempdir().unwrap();
    let cases = Cases::at(folder.path().join("cases"));
    let first = cases.store(diagnosis(), &render).unwrap();
    assert_eq!(first.diagnosis.case, "c-20261122-1");
    assert_eq!(cases.store(diagnosis(), &render).unwrap().diagnosis.case, "c-20261122-1");
    let mut other = diagnosis();
    other.verdict.summary = "y".into();
    assert_eq!(cases.store(other, &render).unwrap().diagnosis.case, "c-20261122-2");
    assert_eq!(cases.list(), ["c-20261122-2", "c-20261122-1"]);
    assert_eq!(cases.open("last").unwrap().diagnosis.case, "c-20261122-2");
    assert_eq!(cases.open("c-20261122-1").unwrap().diagnosis, first.diagnosis);
    assert_eq!(cases.open(first.folder.to_str().unwrap()).unwrap().diagnosis, first.diagnosis);
    assert!(matches!(cases.open("c-20261122-9"), Err(CaseError::Unknown { known, .. }) if known.len() == 2));
}

#[test]
fn two_places_hold_the_same_bytes() {
    let read = |root: &Path| {
        let case = Cases::at(root).store(diagnosis(), &render).unwrap();
        let mut names: Vec<_> =
            std::fs::read_dir(&case.folder).unwrap().map(|e| e.unwrap().file_name()).collect();
        names.sort();
        names
            .into_iter()
            .map(|n| (n.clone(), std::fs::read(case.folder.join(n)).unwrap()))
            .collect::<Vec<_>>()
    };
    let (a, b) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (a, b) = (read(a.path()), read(b.path()));
    let names: Vec<_> = a.iter().map(|(n, _)| n.to_str().unwrap()).collect();
    assert_eq!(names, ["c1-entities.csv", "case.sqlite", "diagnosis.json", "p1-keys.csv", "report.txt"]);
    assert!(a == b);
    assert_eq!(a[0].1, b"order\r\n0012\r\n'=x\r\n");
    assert_eq!(a[3].1, b"a,b\r\n1,\"x,y\"\r\n");
}

#[test]
fn the_database_can_be_queried() {
    let folder = tempfile::tempdir().unwrap();
    let case = Cases::at(folder.path()).store(diagnosis(), &render).unwrap();
    let db = rusqlite::Connection::open(case.folder.join(DATABASE)).unwrap();
    let count = |sql: &str| db.query_row(sql, [], |r| r.get::<_, i64>(0)).unwrap();
    assert_eq!(count("SELECT count(*) FROM cause_entity WHERE cause = 'c1'"), 2);
    assert_eq!(count("SELECT count(*) FROM coverage WHERE status = 'searched'"), 1);
    assert_eq!(count("SELECT count(*) FROM question WHERE case_id = 'c-20261122-1'"), 1);
}

#[test]
fn nothing_is_left_behind_when_the_folder_cannot_be_made() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "x").unwrap();
    assert!(Cases::at(file.join("cases")).store(diagnosis(), &render).is_err());
    assert_eq!(std::fs::read(&file).unwrap(), b"x");
}

#[test]
fn a_disk_that_is_full_is_named_as_such() {
    let full = || io::Error::from(io::ErrorKind::StorageFull);
    assert!(CaseError::io(Path::new("x"), full()).to_string().starts_with("the disk is full"));
}
