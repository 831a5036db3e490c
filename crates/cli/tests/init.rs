//! `waylaid init` and `waylaid flow --from-code` over checkouts of several languages.
#![allow(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

mod common;

use common::waylaid;
use std::path::Path;

const FILES: &[(&str, &str)] = &[
    ("orders/pom.xml", "<project/>"),
    (
        "orders/src/main/resources/application.yml",
        "shop:\n  topics:\n    accepted: orders.v1\n  db:\n    password: hunter2secret\n",
    ),
    (
        "orders/src/main/resources/db/migration/V1__a.sql",
        "CREATE TABLE orders (\n  id bigint PRIMARY KEY,\n  status text\n);\n",
    ),
    (
        "orders/src/main/java/Orders.java",
        "import org.springframework.kafka.core.KafkaTemplate;\nclass Orders {\n  private final KafkaTemplate<String, Object> kafka;\n  @Value(\"${shop.topics.accepted}\") String topic;\n  void accept(Order o) { kafka.send(topic, o); }\n}\n",
    ),
    (
        "orders/src/main/java/OrderStatus.java",
        "enum OrderStatus { ACCEPTED(\"a\"), SHIPPED(\"s\"), CANCELLED(\"c\"); }\n",
    ),
    ("picks/package.json", "{}"),
    (
        "picks/src/main.ts",
        "import { Kafka } from 'kafkajs';\nasync function start() {\n  await consumer.subscribe({ topics: ['orders.v1'] });\n  await producer.send({ topic: 'picks.v1', messages: [] });\n}\n",
    ),
    (
        "compose.yaml",
        "services:\n  broker:\n    image: apache/kafka:4.1\n  db:\n    image: postgres:17\n    environment:\n      POSTGRES_PASSWORD: hunter2secret\n",
    ),
];

fn checkouts(folder: &Path) {
    for (path, text) in FILES {
        let file = folder.join(path);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, text).unwrap();
    }
}

#[test]
fn a_system_is_written_once_and_says_where_it_was_found() {
    let folder = tempfile::tempdir().unwrap();
    checkouts(folder.path());
    let shown = waylaid(folder.path(), &["init", "--dry-run"]);
    assert_eq!(shown.code, 0, "{}", shown.stderr);
    assert!(!folder.path().join("waylaid.toml").exists());
    let ran = waylaid(folder.path(), &["init"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert_eq!(ran.stdout, shown.stdout);
    let text = std::fs::read_to_string(folder.path().join("waylaid.toml")).unwrap();
    assert_eq!(text, ran.stdout);
    for part in [
        "[service.orders]",
        "[service.picks]",
        "#   publishes orders.v1: src/main/java/Orders.java:5 in Orders.accept (spring-kafka, resolved",
        "application.yml:3",
        "#   reads orders.v1: src/main.ts:3 in start (kafkajs, sure)",
        "#   table orders: src/main/resources/db/migration/V1__a.sql:1 (SQL)",
        "# [entity.order]",
        "\"ACCEPTED\"",
        "compose.yaml:3 starts broker from apache/kafka:4.1",
    ] {
        assert!(text.contains(part), "{part}\n{text}");
    }
    assert!(!text.contains("hunter2"), "{text}");
    let again = waylaid(folder.path(), &["init"]);
    assert_eq!(again.code, 2);
    assert!(again.stderr.contains("is there already"), "{}", again.stderr);
    let used = waylaid(folder.path(), &["where", "Failed to store pick for order 1001"]);
    assert_eq!(used.code, 1, "the file that was written is one that can be read: {}", used.stderr);
}

#[test]
fn the_flow_is_drawn_from_code() {
    let folder = tempfile::tempdir().unwrap();
    checkouts(folder.path());
    let text = waylaid(folder.path(), &["flow", "--from-code"]);
    assert_eq!(text.code, 0, "{}", text.stderr);
    for part in ["orders.v1", "published by orders", "read by      picks", "nobody here"] {
        assert!(text.stdout.contains(part), "{part}\n{}", text.stdout);
    }
    let svg = waylaid(folder.path(), &["flow", "--from-code", "--svg"]);
    assert!(svg.stdout.starts_with("<svg") && svg.stdout.contains("picks.v1"), "{}", svg.stdout);
}

/// What a file that was written says: services' topics and tables, entities with their states.
fn facts(toml: &str) -> Vec<String> {
    let (mut out, mut service) = (Vec::new(), String::new());
    let listed = |line: &str| {
        let inside = line.split("equals = [").nth(1).and_then(|r| r.split(']').next()).unwrap_or_default();
        inside.replace(['"', ' '], "")
    };
    let (mut entity, mut stuck) = (String::new(), String::new());
    for line in toml.lines() {
        let word = |prefix: &str, end: &[char]| line.strip_prefix(prefix).and_then(|r| r.split(end).next());
        if let Some(name) = word("[service.", &[']']) {
            name.clone_into(&mut service);
        }
        for (prefix, verb) in
            [("#   reads ", "reads"), ("#   publishes ", "publishes"), ("#   table ", "table")]
        {
            let told = word(prefix, &[':']).filter(|t| !t.contains(' '));
            out.extend(told.map(|t| format!("{service} {verb} {t}")));
        }
        if let Some(name) = word("# [entity.", &[']']).filter(|n| *n != "NAME") {
            name.clone_into(&mut entity);
        } else if line.starts_with("# stuck = ") {
            stuck = listed(line);
        } else if line.starts_with("# done = ") && !entity.is_empty() {
            let states = format!(" {stuck} / {}", listed(line));
            out.push(format!("entity {entity}{}", if states == "  / " { "" } else { &states }));
            entity.clear();
        }
    }
    out
}

#[test]
fn systems_of_six_kinds_are_found() {
    let folder = common::root().join("crates/cli/tests/systems");
    let told = std::fs::read_to_string(folder.join("expected.json")).unwrap();
    let told: std::collections::BTreeMap<String, Vec<String>> = serde_json::from_str(&told).unwrap();
    let (mut found, mut all, mut more) = (0, 0, 0);
    for (system, expected) in &told {
        let ran = waylaid(&folder, &["init", system, "--dry-run"]);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        let flow = waylaid(&folder, &["flow", "-C", system, "--from-code"]);
        for text in [&ran.stdout, &ran.stderr, &flow.stdout, &flow.stderr] {
            assert!(!text.contains("hunter2"), "a secret of {system}:\n{text}");
        }
        let facts = facts(&ran.stdout);
        for fact in expected {
            let is_there = facts.contains(fact);
            if !is_there {
                println!("{system}: missed {fact}");
            }
            (found, all) = (found + usize::from(is_there), all + 1);
        }
        for fact in facts.iter().filter(|f| !expected.contains(f)) {
            println!("{system}: more: {fact}");
            more += 1;
        }
    }
    println!("{found} of {all} facts found, {more} more told");
    assert!(all >= 40 && found * 10 >= all * 8, "{found} of {all}");
}
