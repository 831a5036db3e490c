//! What the configuration accepts and how it says no.

use super::*;

const GOOD: &str = r#"
[system]
name = "shop"
[logs.main]
kind = "files"
path = "logs"
[tables.orders]
kind = "sqlite"
path = "env:ORDERS"
[service.order-service]
tables = ["orders", "orders.audit"]
code = "code/order-service"
[entity.order]
tables = [{ column = "orders.orders.id", state = "status" }]
topics = [{ topic = "orders.accepted.v1", path = "$.orderId" }, { topic = "x", key = true }, { topic = "y", header = "id" }]
logs = [{ field = "orderId" }, { pattern = 'order (?<id>\d+)' }]
stuck = { column = "orders.orders.status", equals = "ACCEPTED", for = "30m" }
done = { column = "orders.orders.status", equals = ["SHIPPED", 7, true] }
"#;

fn read(source: &str) -> Result<System, Failure> {
    both(source).map(|(system, _)| system)
}

fn both(source: &str) -> Result<(System, Settings), Failure> {
    parse("waylaid.toml", source, &|name| (name == "ORDERS").then(|| "o.sqlite".to_owned()))
}

fn fails(from: &str, to: &str) -> (String, String, usize) {
    let source = GOOD.replacen(from, to, 1);
    assert_ne!(source, GOOD, "{from} is in the file");
    let failure = read(&source).unwrap_err();
    (failure.what, failure.hints.join("\n"), failure.place.map_or(0, |p| p.line))
}

#[test]
fn a_whole_file_is_understood() {
    let system = read(GOOD).unwrap();
    assert_eq!(system.tables[0].settings.get("path"), Some("o.sqlite"));
    assert_eq!(system.services[0].tables, ["orders", "orders.audit"]);
    let order = &system.entities[0];
    let places: Vec<_> = order.topics.iter().map(|t| t.place.as_str()).collect();
    assert_eq!(places, ["$.orderId", "key", "header:id"]);
    assert_eq!(order.stuck.as_ref().unwrap().for_nanos, 1_800_000_000_000);
    assert_eq!(order.done.as_ref().unwrap().equals, ["SHIPPED", "7", "true", "1"]);
}

#[test]
fn a_rule_may_ask_for_an_empty_column() {
    let text = GOOD.replace("equals = \"ACC", "null = true, equalz = \"ACC");
    assert!(read(&text).is_err(), "an unknown key beside it is still one");
    let at = GOOD.find("equals = \"ACC").unwrap();
    let end = at + GOOD[at..].find([',', '}']).unwrap();
    let text = format!("{}null = true{}", &GOOD[..at], &GOOD[end..]);
    let system = read(&text).unwrap();
    let rule = system.entities[0].stuck.clone().unwrap();
    assert!(rule.holds("") && !rule.holds("2026-01-01") && rule.equals.is_empty());
    let without = text.lines().filter(|l| !l.starts_with("done")).collect::<Vec<_>>().join("\n");
    let done = read(&without).unwrap().entities[0].done.clone().unwrap();
    assert!(done.holds("2026-01-01") && !done.holds(""), "done is the other way round");
    let text = format!("{}null = true, {}", &GOOD[..at], &GOOD[at..]);
    assert!(read(&text).is_err(), "both exclude each other");
}

#[test]
fn unknown_words_are_named_with_their_line_and_what_was_meant() {
    assert_eq!(
        fails("equals = \"ACC", "equal = \"ACC"),
        ("unknown key `equal` in [entity.order.stuck]".into(), "did you mean `equals`?".into(), 17)
    );
    assert_eq!(
        fails("[entity.order]", "[entitty.order]"),
        ("unknown section [entitty]".into(), "did you mean `entity`?".into(), 13)
    );
    assert_eq!(
        fails("column = \"orders.orders.id\"", "column = \"order.orders.id\""),
        ("there is no [tables.order]".into(), "did you mean `orders`?".into(), 14)
    );
    assert_eq!(
        fails("tables = [\"orders\",", "tables = [\"ordres\","),
        ("there is no [tables.ordres]".into(), "did you mean `orders`?".into(), 11)
    );
    assert_eq!(
        fails("kind = \"sqlite\"", "kind = \"sqlit\""),
        ("unknown kind `sqlit` of [tables.orders]".into(), "did you mean `sqlite`?".into(), 8)
    );
}

#[test]
fn a_kind_that_this_build_is_without_says_so_before_its_keys_are_unknown() {
    let (what, hint, line) = fails("kind = \"sqlite\"", "kind = \"sqlserver\"");
    let (told, line_told) = if cfg!(feature = "sqlserver") {
        (("unknown key `path` in [tables.orders]", "url"), 9)
    } else {
        (("[tables.orders] cannot be read: this build is without `sqlserver`", "--features sqlserver"), 8)
    };
    assert!(what == told.0 && hint.contains(told.1), "{what}: {hint}");
    assert_eq!(line, line_told);
}

#[test]
fn values_of_the_wrong_shape_are_refused() {
    for (from, to, what) in [
        ("\"30m\"", "\"soon\"", "`soon` is not a length of time"),
        ("\"$.orderId\"", "\"orderId\"", "`orderId` is not a path"),
        ("(?<id>", "(?<no>", "the pattern has no group named `id`"),
        ("(?<id>", "(?<id", "this is not a regular expression: invalid capture group character"),
        ("field = \"orderId\"", "field = 7", "`field` in `logs` of [entity.order] must be text in quotes"),
        ("env:ORDERS", "env:OTHER", "the environment variable OTHER is not set"),
        (
            "key = true",
            "key = true, path = \"$.x\"",
            "`topics` of [entity.order] needs exactly one of `path`, `key`, `header`",
        ),
        ("path = \"logs\"", "", "[logs.main] lacks `path`"),
        ("orders.orders.status", "status", "`status` is not store.table.column"),
        ("[system]", "[system", "this is not TOML: unclosed table, expected `]`"),
    ] {
        assert_eq!(fails(from, to).0, what);
    }
}

#[test]
fn limits_and_redaction_can_be_set() {
    let default = both(GOOD).unwrap().1;
    assert_eq!((default.silence.as_secs(), default.salt.as_str()), (60, "shop"));
    let more = "[limits]\nitems = 1_000\nsilence = \"1m30s\"\n[redact]\nsalt = \"env:ORDERS\"\n";
    let set = both(&format!("{GOOD}{more}")).unwrap().1;
    assert_eq!((set.items, set.silence.as_secs(), set.salt.as_str()), (1000, 90, "o.sqlite"));
    for (wrong, what) in [
        ("[limits]\nitems = 0", "`items` in [limits] must be a number above 0"),
        ("[limits]\nsilence = \"soon\"", "`soon` is no length of time"),
        ("[limits]\nsilense = \"1m\"", "unknown key `silense` in [limits]"),
        ("[redact]\nsalt = \"env:NOT\"", "the environment variable NOT is not set"),
    ] {
        assert_eq!(both(&format!("{GOOD}{wrong}\n")).unwrap_err().what, what);
    }
}

const KAFKA: &str = "[topics.main]\nkind = \"kafka\"\nbootstrap = \"a:9092\"\n";

#[test]
#[cfg(feature = "kafka")]
fn a_cluster_is_understood() {
    let more =
        "security = \"sasl_tls\"\nmechanism = \"SCRAM-SHA-512\"\nuser = \"u\"\npassword = \"env:ORDERS\"\n";
    let system = read(&format!("{GOOD}{KAFKA}{more}")).unwrap();
    let told = &system.topics[0].settings;
    assert_eq!((told.get("bootstrap"), told.get("password")), (Some("a:9092"), Some("o.sqlite")));
    for (wrong, what, hint) in [
        (
            "password = \"hunter2\"",
            "`password` in [topics.main] is a secret and does not belong into a file",
            "name an environment variable that holds it, such as \"env:STORE_PASSWORD\"",
        ),
        ("security = \"tsl\"", "unknown `security` tsl of [topics.main]", "did you mean `tls`?"),
        ("securty = \"tls\"", "unknown key `securty` in [topics.main]", "did you mean `security`?"),
    ] {
        let failure = read(&format!("{GOOD}{KAFKA}{wrong}\n")).unwrap_err();
        assert_eq!((failure.what.as_str(), failure.hints[0].as_str()), (what, hint));
    }
    let failure = read(&format!("{GOOD}{}", KAFKA.replace("bootstrap", "user"))).unwrap_err();
    assert_eq!(failure.what, "[topics.main] lacks `bootstrap`");
}

#[test]
#[cfg(not(feature = "kafka"))]
fn a_build_without_kafka_says_so() {
    let failure = read(&format!("{GOOD}{KAFKA}")).unwrap_err();
    assert_eq!(failure.what, "[topics.main] cannot be read: this build is without `kafka`");
}
