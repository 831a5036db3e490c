//! Topic, partition and offset of the record that an event speaks of.

use regex::Regex;
use serde_json::Value;
use std::sync::LazyLock;
use waylaid_model::LogEvent;

/// Where a record lies. The topic may be left out by the text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Coordinates {
    /// Topic, where the text names it.
    pub topic: Option<String>,
    /// Partition.
    pub partition: i32,
    /// Offset.
    pub offset: i64,
}

/// Texts longer than this are cut.
const LIMIT: usize = 64 * 1024;
/// A field of up to so many bytes may be a record's name as a whole (`record=orders-3@1042`).
const SHORT: usize = 300;
/// At most so many are read from one event.
const MOST: usize = 1000;

/// All coordinates named by an event's fields, message and exception, in order, without repeats. One without a topic is
/// left out where another with the same partition and offset has one.
pub fn find_coordinates(event: &LogEvent) -> Vec<Coordinates> {
    let mut found = Vec::new();
    in_fields(&event.fields, &mut found);
    for text in event.fields.iter().filter_map(|(_, value)| value.as_str()).filter(|t| t.len() <= SHORT) {
        in_text(text, &mut found);
    }
    in_text(&event.message, &mut found);
    if let Some(exception) = &event.exception {
        in_text(exception, &mut found);
    }
    let named: Vec<(i32, i64)> =
        found.iter().filter(|c| c.topic.is_some()).map(|c| (c.partition, c.offset)).collect();
    let mut seen = std::collections::HashSet::new();
    found.retain(|c| {
        let better_known = c.topic.is_none() && named.contains(&(c.partition, c.offset));
        !better_known && seen.insert(c.clone())
    });
    found
}

/// What a field's last name is for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Topic,
    Partition,
    Offset,
}

/// `kafka.topic`, `messaging.kafka.message.offset`, `record.partitionId`, `kafka_receivedTopic`, in any casing.
fn part_of(path: &str) -> Option<Part> {
    let mut word = String::with_capacity(32);
    let last = path.rsplit('.').next().unwrap_or(path);
    word.extend(last.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()));
    let core = ["kafka", "received", "record", "message", "source", "original", "consumed", "current"]
        .iter()
        .fold(word.as_str(), |w, p| w.strip_prefix(p).unwrap_or(w));
    Some(match core {
        "topic" | "topicname" => Part::Topic,
        "partition" | "partitionid" | "partitionno" | "partitionnumber" => Part::Partition,
        "offset" | "offsets" => Part::Offset,
        "name" if path.ends_with("destination.name") => Part::Topic,
        "id" if path.ends_with("partition.id") => Part::Partition,
        _ => return None,
    })
}

/// Fields side by side; lists of the same length (a batch) are read pairwise.
fn in_fields(fields: &[(String, Value)], found: &mut Vec<Coordinates>) {
    let (mut topic, mut partition, mut offset) = (None, None, None);
    for (path, value) in fields {
        match part_of(path) {
            Some(Part::Topic) if topic.is_none() => topic = Some(value),
            Some(Part::Partition) if partition.is_none() => partition = Some(value),
            Some(Part::Offset) if offset.is_none() => offset = Some(value),
            _ => {}
        }
    }
    let (Some(partition), Some(offset)) = (partition, offset) else { return };
    let at = |value: &Value, n: usize| match value {
        Value::Array(list) => list.get(n).cloned(),
        single => Some(single.clone()),
    };
    let count = offset.as_array().map_or(1, Vec::len).min(MOST);
    for n in 0..count {
        let numbers = at(partition, n).and_then(|p| whole(&p)).zip(at(offset, n).and_then(|o| whole(&o)));
        let Some((partition, offset)) = numbers else { continue };
        let topic = topic.and_then(|t| at(t, n)).and_then(|t| t.as_str().map(str::to_owned));
        push(topic.as_deref(), &partition.to_string(), &offset.to_string(), found);
    }
}

fn whole(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| value.as_str()?.trim().parse().ok())
}

fn push(topic: Option<&str>, partition: &str, offset: &str, found: &mut Vec<Coordinates>) {
    let (Ok(partition), Ok(offset)) = (partition.parse::<i32>(), offset.parse::<i64>()) else { return };
    if partition < 0 || offset < 0 || found.len() >= MOST {
        return;
    }
    let topic = topic.map(|t| t.trim_matches(['\'', '"', '`', '[', ']', ' '])).filter(|t| !t.is_empty());
    found.push(Coordinates { topic: topic.map(str::to_owned), partition, offset });
}

/// The ways a text names a record. In each, `t` is the topic, `p` the partition, `o` the offset.
static PATTERNS: LazyLock<Vec<Regex>> = LazyLock::new(|| {
    const TOPIC: &str = r"(?P<t>[A-Za-z0-9][\w.\-]*?)";
    let texts = [
        // `partition orders.v1-3 at offset 1042`, `partition orders-3 with offset: 1042`
        format!(
            r"(?i)\bpartition:? \[?{TOPIC}-(?P<p>\d+)\]?,? (?:at|with|and|from|to|past)? ?(?:the )?offset[ :=]+(?P<o>\d+)"
        ),
        // `offset 36 for partition x-0`, `offset 36 of topic-partition x-0`, `offset=36 in partition x-0`
        format!(
            r"(?i)\boffset[ :=]+(?P<o>\d+) (?:for|of|in|on|from) (?:topic[- ])?partition:? \[?{TOPIC}-(?P<p>\d+)\b"
        ),
        // `orders-3@1042`
        r"(?P<t>\b[A-Za-z][\w.\-]*)-(?P<p>\d{1,5})@(?P<o>\d+)\b".to_owned(),
        // `orders-3 offset 1042`, `orders-3 at offset 1042`
        r"(?P<t>\b[A-Za-z][\w.\-]*)-(?P<p>\d{1,5})\]?[,:]? (?:at |@ )?offset[ :=]+(?P<o>\d+)\b".to_owned(),
        // `orders/3 offset 1042`, `orders:3, offset 1042`, `orders (3) at offset=1042`, `orders#3@1042`
        r"(?i)(?P<t>\b[A-Za-z][\w.\-]*) ?[/#:(] ?(?:p|partition)?[ =:]?(?P<p>\d{1,5})\)?[,;:]? (?:at |@ )?(?:the )?offset[ :=#]+(?P<o>\d+)\b"
            .to_owned(),
        r"(?P<t>\b[A-Za-z][\w.\-]*)[#:](?P<p>\d{1,5})@(?P<o>\d+)\b".to_owned(),
        // `orders [[3]] @1042`, `orders.v1[3]@1042`, `orders [3] @ 1042`, `orders[3]:1042`, `orders/3@1042`
        format!(r"\b{TOPIC} ?(?:\[\[?(?P<p>\d+)\]?\]|/(?P<p2>\d+)) ?(?:@ ?|: ?| at offset )(?P<o>\d+)\b"),
        // `topic=orders, partition=3, … offset=1042`, `topic: orders partition: 3 offset: 1042`, JSON and Python dumps
        format!(
            r#"(?i)\btopic(?:[ _-]?name)?['"]?\s*(?:=|:|\s)\s*['"\[]?{TOPIC}['"\]]?[,;)\s][^\n]{{0,120}}?\bpartition(?:[ _-]?id)?['"]?\s*(?:=|:|\s)\s*['"\[]?(?P<p>\d+)[^\n]{{0,200}}?\boffset['"]?\s*(?:=|:|\s)\s*['"]?(?P<o>\d+)"#
        ),
        // `partition 3 offset 1042 of topic orders`, `partition=3, offset=1042, topic=orders`, and without a topic
        format!(
            r#"(?i)\bpartition(?:[ _-]?id)?['"]?\s*(?:=|:|\s)\s*['"\[]?(?P<p>\d+)['"\]]?[,;)]?\s?[^\n]{{0,80}}?\boffset['"]?\s*(?:=|:|\s)\s*['"]?(?P<o>\d+)(?:[^\n]{{0,60}}?\btopic['"]?\s*(?:=|:|\s)\s*['"]?{TOPIC}(?:['",;)\s]|$))?"#
        ),
        // `offset 1042 partition 3 topic orders`, and without a topic
        format!(
            r#"(?i)\boffset['"]?\s*(?:=|:|\s)\s*['"]?(?P<o>\d+)['"]?[,;)]?\s[^\n]{{0,60}}?\bpartition(?:[ _-]?id)?['"]?\s*(?:=|:|\s)\s*['"\[]?(?P<p>\d+)\b(?:[^\n]{{0,60}}?\btopic['"]?\s*(?:=|:|\s)\s*['"]?{TOPIC}(?:['",;)\s]|$))?"#
        ),
    ];
    texts.iter().filter_map(|t| Regex::new(t).ok()).collect()
});

fn in_text(text: &str, found: &mut Vec<Coordinates>) {
    let text = crate::scan::head(text, LIMIT);
    let b = text.as_bytes();
    let hints_at_it = memchr::memchr(b'@', b).is_some()
        || memchr::memmem::find(b, b"ffset").is_some()
        || memchr::memmem::find(b, b"OFFSET").is_some()
        || memchr::memmem::find(b, b"]:").is_some();
    if !hints_at_it {
        return;
    }
    // A stretch of text is read by the first pattern that fits it.
    let mut taken: Vec<(usize, usize)> = Vec::new();
    for pattern in PATTERNS.iter() {
        // The form in brackets has no word that makes it a record's.
        let is_bare = pattern.capture_names().any(|name| name == Some("p2"));
        for captures in pattern.captures_iter(text).take(MOST) {
            let span = captures.get(0).map_or((0, 0), |m| (m.start(), m.end()));
            if taken.iter().any(|t| span.0 < t.1 && t.0 < span.1) {
                continue;
            }
            let part = |name: &str| captures.name(name).map(|m| m.as_str());
            let Some((partition, offset)) = part("p").or_else(|| part("p2")).zip(part("o")) else { continue };
            if is_bare && !is_topic(part("t").unwrap_or_default(), &captures[0]) {
                continue;
            }
            taken.push(span);
            push(part("t"), partition, offset, found);
        }
    }
}

/// `node[3]:1042` and `syslog[12]: 7` are no topics: without an `@` a topic must look like one.
fn is_topic(name: &str, whole: &str) -> bool {
    whole.contains('@') || whole.contains("offset") || (name.contains('.') && !whole.contains("]: "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn text(message: &str) -> String {
        let event = LogEvent { message: message.to_owned(), ..LogEvent::default() };
        show(&event)
    }

    fn show(event: &LogEvent) -> String {
        let shown = find_coordinates(event)
            .into_iter()
            .map(|c| format!("{}/{}@{}", c.topic.unwrap_or_else(|| "?".into()), c.partition, c.offset));
        shown.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn texts() {
        for message in [
            "Error deserializing key/value for partition orders.v1-3 at offset 1042. If needed, seek",
            "Seeking to offset 1042 for partition orders.v1-3",
            "skipped record orders.v1-3@1042",
            "Listener failed; topic = orders.v1, partition = 3, leaderEpoch = 0, offset = 1042, CreateTime = 1",
            "ConsumerRecord(topic='orders.v1', partition=3, offset=1042, timestamp=1)",
            "consume error {\"topic\":\"orders.v1\",\"partition\":3,\"offset\":\"1042\"}",
            "failed at orders.v1 [[3]] @1042",
            "failed at orders.v1[3]@1042",
            "failed at orders.v1 [3] at offset 1042",
            "failed at orders.v1/3@1042",
            "Consumer.consume.error: ChangesConsumer orders.v1/3 offset 1042: JSON::ParserError",
            "orders.v1:3, offset 1042: giving up",
            "stuck at orders.v1 (partition 3) at offset=1042",
            "orders.v1#3@1042 could not be read",
            "Fetch position for topic orders.v1 partition 3 offset 1042",
            "partition 3 offset 1042 of topic orders.v1",
            "offset=1042 partition=3 topic=orders.v1",
        ] {
            assert_eq!(text(message), "orders.v1/3@1042", "{message}");
        }
        assert_eq!(text("bad record at partition=3, offset=1042"), "?/3@1042");
        assert_eq!(text("a-0@1 and a-1@2 and a-0@1"), "a/0@1 a/1@2");
    }

    #[test]
    fn a_field_that_names_the_record_as_a_whole() {
        let fields = vec![("record".to_owned(), Value::from("parcels.packed.v1-2@28"))];
        let event = LogEvent { message: "handler panicked".into(), fields, ..LogEvent::default() };
        let found = find_coordinates(&event);
        let named: Vec<_> = found.iter().map(|c| (c.topic.as_deref(), c.partition, c.offset)).collect();
        assert_eq!(named, [(Some("parcels.packed.v1"), 2, 28)]);
    }

    #[test]
    fn fields() {
        let event = |pairs: &[(&str, Value)]| LogEvent {
            fields: pairs.iter().map(|(k, v)| ((*k).to_owned(), v.clone())).collect(),
            message: "failed at partition=3, offset=7".into(),
            ..LogEvent::default()
        };
        let kafka = event(&[
            ("kafka.topic", json!("o")),
            ("kafka.partition", json!(3)),
            ("kafka.offset", json!("7")),
        ]);
        assert_eq!(show(&kafka), "o/3@7");
        let otel = event(&[
            ("messaging.destination.name", json!("o")),
            ("messaging.destination.partition.id", json!("3")),
            ("messaging.kafka.message.offset", json!(7)),
        ]);
        assert_eq!(show(&otel), "o/3@7");
        let batch = event(&[("topic", json!("o")), ("Partition", json!(3)), ("offsets", json!([7, 8]))]);
        assert_eq!(show(&batch), "o/3@7 o/3@8");
    }

    #[test]
    fn what_is_none() {
        for message in
            ["offset 12 of buffer", "user a-1@example.com", "sshd[12]: 7 tries", "LIMIT 10 OFFSET 20"]
        {
            assert_eq!(text(message), "", "{message}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read(message in r"(topic|partition|offset|[=: \-@\[\]/,.é]|[0-9]{1,20}|orders){0,24}") {
            text(&message);
        }
    }
}
