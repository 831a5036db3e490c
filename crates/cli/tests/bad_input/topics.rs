//! Broken topics: files, folders, and what lies beside the records.

use crate::incident::{STUCK, SUBMITTED, incident};
use serde_json::{Value, json};
use std::fs;

const PLANNED: &str = "topics/fulfilment-planned.ndjson";

#[test]
fn a_folder_that_is_missing() {
    let incident = incident();
    fs::remove_dir_all(incident.path("topics")).unwrap();
    let answer = incident.diagnose();
    answer.says("topics.main", "failed", "not found");
    assert_eq!((answer.code, answer.outcome()), (1, "inconclusive"));
    incident.bears_every_command();
}

#[test]
#[cfg(unix)]
fn a_file_that_cannot_be_read() {
    let incident = incident();
    std::os::unix::fs::symlink("nowhere", incident.path("topics/gone.ndjson")).unwrap();
    incident.diagnose().is_partial().says("gone.ndjson", "partial", "cannot be resolved");
    fs::remove_file(incident.path(SUBMITTED)).unwrap();
    std::os::unix::fs::symlink("nowhere", incident.path(SUBMITTED)).unwrap();
    let answer = incident.diagnose();
    assert_eq!((answer.code, answer.outcome()), (1, "inconclusive"), "what cannot be read is not empty");
}

#[test]
fn lines_that_are_malformed_or_cut() {
    let incident = incident();
    incident.append(SUBMITTED, "{\"topic\":\"basket-submitted\",\"partition\":0,\"offs\nno json\n[]\n{}\n\n");
    incident.append(SUBMITTED, "{\"topic\":\"basket-submitted\",\"partition\":0,\"off");
    incident.diagnose().is_partial().says("basket-submitted", "partial", "5 lines are no records");
    incident.bears_every_command();
}

#[test]
fn a_record_that_is_cut_is_not_taken_for_one_that_was_never_published() {
    let incident = incident();
    let text = incident.text(SUBMITTED);
    let cut =
        |line: &str| if line.contains(STUCK) { line[..line.len() / 2].to_owned() } else { line.to_owned() };
    incident.write(SUBMITTED, text.lines().map(|l| cut(l) + "\n").collect::<String>());
    let answer = incident.diagnose();
    answer.says("basket-submitted", "partial", "1 lines are no records");
    assert!(answer.causes().iter().all(|c| c["kind"] != "not_published"), "{:#}", answer.json["verdict"]);
}

#[test]
fn a_topic_that_is_empty() {
    let incident = incident();
    incident.write("topics/unused.ndjson", "");
    incident.diagnose().is_whole().says("unused", "empty", "");
}

#[test]
fn a_topic_that_is_empty_but_should_not_be() {
    let incident = incident();
    incident.write(SUBMITTED, "");
    let answer = incident.diagnose();
    answer.says("basket-submitted", "partial", "373 records not in the bundle");
    assert_eq!((answer.code, answer.outcome()), (1, "inconclusive"));
}

#[test]
fn an_archive_that_ends_in_the_middle() {
    let incident = incident();
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    std::io::Write::write_all(&mut packed, incident.text(PLANNED).as_bytes()).unwrap();
    let packed = packed.finish().unwrap();
    fs::remove_file(incident.path(PLANNED)).unwrap();
    incident.write("topics/fulfilment-planned.ndjson.gz", &packed[..packed.len() / 4 * 3]);
    incident.diagnose().is_partial().says("fulfilment-planned", "partial", "ends early");
}

#[test]
fn offsets_with_gaps() {
    let incident = incident();
    let every_third = |value: &mut Value, name: &str| value[name] = json!(value[name].as_i64().unwrap() * 3);
    let records = incident.text(SUBMITTED);
    let records = records.lines().map(|line| {
        let mut record: Value = serde_json::from_str(line).unwrap();
        every_third(&mut record, "offset");
        format!("{record}\n")
    });
    incident.write(SUBMITTED, records.collect::<String>());
    let mut topics: Value = serde_json::from_str(&incident.text("topics/_topics.json")).unwrap();
    topics[0]["config"]["cleanup.policy"] = json!("compact");
    for partition in topics[0]["partitions"].as_array_mut().unwrap() {
        every_third(partition, "start");
        every_third(partition, "end");
    }
    incident.write("topics/_topics.json", topics.to_string());
    let mut groups: Value = serde_json::from_str(&incident.text("topics/_groups.json")).unwrap();
    for group in groups.as_array_mut().unwrap().iter_mut().filter(|g| g["topic"] == "basket-submitted") {
        every_third(group, "committed");
        every_third(group, "end");
    }
    incident.write("topics/_groups.json", groups.to_string());
    incident.diagnose().is_whole();
}

#[test]
fn the_same_offsets_twice() {
    let incident = incident();
    incident.append(SUBMITTED, incident.text(SUBMITTED));
    incident.diagnose().is_whole();
}

#[test]
fn offsets_that_cannot_be() {
    let incident = incident();
    let offsets =
        [json!(-1), json!(i64::MIN), json!(i64::MAX), json!(1e30), json!("x"), json!(null), json!([1])];
    let records: Vec<Value> = offsets.iter().map(|o| json!({"offset": o, "key": "2BY661Q9"})).collect();
    incident.append_records(&records);
    incident.append_records(&[json!({"partition": -7}), json!({"partition": 99_999_999_999_i64})]);
    incident.diagnose().is_partial().says("basket-submitted", "partial", "5 lines are no records");
    incident.bears_every_command();
}

#[test]
fn a_topic_named_with_spaces_and_unicode() {
    let incident = incident();
    let name = "bäsket submitted ☃ \u{202e}'\";";
    let quoted = json!(name).to_string();
    incident.replace(SUBMITTED, "\"topic\":\"basket-submitted\"", &format!("\"topic\":{quoted}"));
    fs::rename(incident.path(SUBMITTED), incident.path(&format!("topics/{name}.ndjson"))).unwrap();
    for file in ["topics/_topics.json", "topics/_groups.json"] {
        incident.replace(file, "\"basket-submitted\"", &quoted);
    }
    let answer = incident.diagnose();
    answer.is_whole();
    assert_eq!(answer.causes()[0]["hop"], format!("{name} -> fulfil.jobs"));
    let text = incident.run(&["diagnose"]).stdout;
    assert!(!text.contains('\u{202e}'), "what turns the writing around is not printed");
    incident.bears_every_command();
}

#[test]
fn groups_that_are_no_list() {
    let incident = incident();
    incident.write("topics/_groups.json", "{\"group\":\"fulfilment\"}");
    let answer = incident.diagnose();
    answer.is_partial().says("_groups.json", "failed", "is no JSON list");
    assert_eq!(answer.outcome(), "likely", "whether they were consumed is not known");
}

#[test]
fn groups_and_topics_with_odd_entries() {
    let incident = incident();
    let groups = incident.text("topics/_groups.json");
    let odd = r#"[5, null, {"group":"a"}, {"group":1,"topic":[],"partition":"x"},
        {"group":"odd","topic":"basket-submitted","partition":0,"committed":9223372036854775807,"end":-9223372036854775808},
        {"group":"odd","topic":"basket-submitted","partition":1,"committed":-1,"end":null},"#;
    incident.write("topics/_groups.json", odd.to_owned() + groups.trim_start_matches('['));
    incident.diagnose().is_partial().says("_groups.json", "failed", "an entry without");
    incident.write("topics/_groups.json", groups);
    let widest = |n: i32| format!(r#"{{"partition":{n},"start":{},"end":{}}}"#, i64::MIN, i64::MAX);
    let partitions: Vec<String> = (0..4).map(widest).collect();
    let topics = format!(
        r#"[{{"topic":"basket-submitted","partitions":[{}]}},{{"topic":5}},{{"topic":"x","partitions":"y"}}]"#,
        partitions.join(",")
    );
    incident.write("topics/_topics.json", topics);
    incident.diagnose().is_partial().says("_topics.json", "failed", "names no topic");
    incident.bears_every_command();
}
