//! What names alone tell: settings, wrappers that say what they are given, accessors as paths.

use crate::configuration::Setting;
use crate::outline::{Constant, Value, last_name};

/// Whether a constant is a variable of a function.
pub(super) fn is_local(constant: &Constant, name: &str) -> bool {
    constant.name == "return" || is_same(&constant.value, name)
}

pub(super) fn is_same(value: &Value, name: &str) -> bool {
    matches!(value, Value::Name(n) if n.rsplit('.').next() == Some(name))
}

/// Whether a name alone is telling enough to look for it in other files.
pub(super) fn tells_topic(name: &str) -> bool {
    let lower = name.to_lowercase();
    let constant =
        name.len() > 3 && name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_');
    constant || ["topic", "queue", "stream", "channel"].iter().any(|w| lower.contains(w))
}

pub(super) fn is_settings(name: &str) -> bool {
    let lower = name.to_lowercase();
    ["config", "cfg", "setting", "prop", "option", "env"].iter().any(|w| lower.contains(w))
}

/// In how many parts a setting's name agrees with these from the end.
pub(super) fn squashed_tail(setting: &Setting, names: &[&str]) -> usize {
    let own: Vec<String> = setting.key.split(['.', ':']).map(crate::configuration::squash).collect();
    own.iter()
        .rev()
        .zip(names.iter().rev())
        .take_while(|(a, b)| **a == crate::configuration::squash(b))
        .count()
}

/// `List.of(…)` and the like: they say what they are given.
pub(super) fn is_wrapper(callee: &str, method: &str) -> bool {
    matches!(
        callee,
        "List.of"
            | "Set.of"
            | "Arrays.asList"
            | "Collections.singletonList"
            | "Collections.singleton"
            | "Collections.singletonList()"
            | "ImmutableList.of"
            | "ImmutableSet.of"
            | "Stream.of"
            | "listOf"
            | "setOf"
            | "arrayOf"
            | "mutableListOf"
            | "Some"
            | "Ok"
            | "String.valueOf"
            | "Pattern.compile"
            | "aws.String"
            | "kafka.String"
            | "sarama.StringEncoder"
            | "String.from"
            | "String"
            | "str"
            | "list"
            | "tuple"
            | "set"
            | "TopicPartition"
            | "kafka.TopicPartition"
            | "new Set"
            | "Set"
            | "RegExp"
            | "Regex"
            | "re.compile"
            | "Optional.of"
    ) || matches!(
        method,
        "singletonList"
            | "asList"
            | "StringPtr"
            | "Ptr"
            | "vec"
            | "ofNullable"
            | "require"
            | "requireNonNull"
            | "lit"
    ) || (method == "ToPtr" || method == "Pointer")
}

/// `topic.clone()` says what `topic` says.
pub(super) fn is_conversion(method: &str) -> bool {
    matches!(
        method,
        "to_string"
            | "to_owned"
            | "clone"
            | "as_str"
            | "into"
            | "toString"
            | "ToString"
            | "trim"
            | "Trim"
            | "strip"
            | "as_ref"
            | "name"
            | "getName"
            | "getValue"
            | "String"
            | "intern"
            | "unwrap"
            | "expect"
            | "get"
            | "lower"
    )
}

/// What a method is called on.
pub(super) fn receiver(callee: &str) -> &str {
    let method = last_name(callee);
    callee[..callee.len() - method.len()].trim_end_matches(['.', ':', '?'])
}

/// `props.getTopics().getOrders` as `props.topics.orders`.
pub(super) fn accessors(path: &str) -> String {
    let part = |p: &str| {
        let p = p.trim_end_matches("()").trim_end_matches("[]");
        for prefix in ["get", "Get", "is"] {
            if let Some(rest) = p.strip_prefix(prefix).filter(|r| r.starts_with(char::is_uppercase)) {
                let mut chars = rest.chars();
                return chars.next().map_or(String::new(), |c| c.to_lowercase().chain(chars).collect());
            }
        }
        p.to_owned()
    };
    path.split(['.', ':']).filter(|p| !p.is_empty()).map(part).collect::<Vec<_>>().join(".")
}

/// A type without what surrounds it: `IOptions<Kafka>` is `Kafka`, `*config.Kafka` too.
pub(super) fn base_type(name: &str) -> &str {
    let inner = match name.split_once('<') {
        Some((outer, inner)) if outer.contains("Options") || outer.contains("Optional") => {
            inner.trim_end_matches('>')
        }
        Some((outer, _)) => outer,
        None => name,
    };
    last_name(inner.trim_start_matches(['&', '*', ':']).trim_end_matches('?').trim_end_matches("()"))
}
