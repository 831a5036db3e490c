//! What an id looks like, and whether a name fits an entity. Pure text.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use waylaid_model::Timestamp;

/// Whether a value is so short and plain that it turns up by chance: quantities, counters, ids of other things.
pub(crate) fn is_common(value: &str) -> bool {
    let digits = value.bytes().all(|b| b.is_ascii_digit());
    value.len() <= 3 || (digits && value.len() <= 6) || value.bytes().all(|b| b.is_ascii_alphabetic())
}

/// Whether a value could be an id of something: it has a digit, is long enough to be rare, and is no time, decimal,
/// version, address or mere word.
pub(crate) fn is_id_like(value: &str) -> bool {
    let b = value.as_bytes();
    if !(4..=80).contains(&b.len())
        || !b.iter().all(|c| c.is_ascii_alphanumeric() || b"-_./:#@|~+=".contains(c))
    {
        return false;
    }
    let digits = b.iter().filter(|c| c.is_ascii_digit()).count();
    let letters = b.iter().filter(|c| c.is_ascii_alphabetic()).count();
    if digits == 0 || looks_like_time(value) {
        return false;
    }
    let decimal = letters == 0 && b.contains(&b'.');
    let with_unit =
        letters <= 2 && digits < 7 && b[0].is_ascii_digit() && b[b.len() - 1].is_ascii_alphabetic();
    let version = matches!(b[0], b'v' | b'V') && letters == 1;
    !(decimal || with_unit || version) && (letters == 0 || digits >= 2 || b.len() >= 12)
}

/// Whether a text is a time or a date.
pub(crate) fn looks_like_time(value: &str) -> bool {
    if Timestamp::parse_rfc3339(value).is_some() {
        return true;
    }
    let b = value.as_bytes();
    b.len() >= 8
        && value.matches(':').count() >= 2
        && b.iter().all(|c| c.is_ascii_digit() || b":.,-+TZ ".contains(c))
}

/// The words of a name, lower case: `orderId`, `order_id`, `order-id`, `order.id` all give `order`, `id`.
///
/// The same few names of columns and fields are asked for once for every value there is, so each thread remembers them.
pub(crate) fn words(name: &str) -> Rc<[String]> {
    /// Names from outside are as many as they like; the ones that repeat are few.
    const MAX_KNOWN: usize = 4_096;
    thread_local! {
        static KNOWN: RefCell<HashMap<String, Rc<[String]>>> = RefCell::default();
    }
    KNOWN.with_borrow_mut(|known| {
        if let Some(words) = known.get(name) {
            return Rc::clone(words);
        }
        if known.len() >= MAX_KNOWN {
            known.clear();
        }
        let words: Rc<[String]> = split_words(name).into();
        known.insert(name.to_owned(), Rc::clone(&words));
        words
    })
}

fn split_words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut word = String::new();
    let mut previous_lower = false;
    for c in name.chars() {
        if (!c.is_alphanumeric() || (c.is_uppercase() && previous_lower)) && !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
        if c.is_alphanumeric() {
            word.extend(c.to_lowercase());
        }
        previous_lower = c.is_lowercase() || c.is_ascii_digit();
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

const ID_WORDS: &[&str] = &[
    "id",
    "ids",
    "no",
    "nr",
    "num",
    "number",
    "key",
    "ref",
    "reference",
    "uuid",
    "guid",
    "code",
    "nummer",
    "numero",
    "oid",
    "uid",
];
const OTHER_ONE: &[&str] = &[
    "parent",
    "previous",
    "prev",
    "related",
    "original",
    "replaces",
    "replaced",
    "duplicate",
    "other",
    "next",
    "old",
    "superseded",
];

/// Whether a word names an identifier in general.
pub(crate) fn is_id_word(word: &str) -> bool {
    ID_WORDS.contains(&word)
}

/// How well a place's name fits the entity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Fit {
    /// It names something else (`customerId`, `quantity`, `parentOrderId`).
    Other,
    /// It says nothing (`id`, `key`, `value`, `ref`).
    Neutral,
    /// It names the entity (`orderId`, `order.id`, the key column's own name).
    Named,
}

/// The names by which an entity may be called: its own, its home table's, its key column's stem.
#[derive(Clone, Debug, Default)]
pub(crate) struct Names {
    stems: Vec<String>,
    column: Vec<String>,
}

impl Names {
    /// From the entity's name, the home table and the key column.
    pub(crate) fn new(entity: &str, table: &str, column: &str) -> Self {
        let mut stems: Vec<String> = Vec::new();
        let column_words = words(column);
        let column_stem: Vec<String> = column_words.iter().filter(|w| !is_id_word(w)).cloned().collect();
        for name in [entity, table] {
            if let Some(last) = words(name).last() {
                stems.push(singular(last));
            }
        }
        stems.extend(column_stem.last().map(|w| singular(w)));
        stems.sort();
        stems.dedup();
        stems.retain(|s| s.len() >= 2);
        Self { stems, column: if column_stem.is_empty() { Vec::new() } else { column_words.to_vec() } }
    }

    /// How well a label fits: a JSON path, a field, a column, or the words before a value in a text.
    pub(crate) fn fit(&self, label: &str) -> Fit {
        let words = words(label);
        if words.is_empty() {
            return Fit::Neutral;
        }
        if !self.column.is_empty() && words.ends_with(&self.column) {
            return if words.iter().any(|w| OTHER_ONE.contains(&w.as_str())) {
                Fit::Other
            } else {
                Fit::Named
            };
        }
        let tail: Vec<&String> = words.iter().rev().take(3).collect();
        let generic = |w: &str| {
            is_id_word(w)
                || matches!(
                    w,
                    "value"
                        | "data"
                        | "payload"
                        | "body"
                        | "event"
                        | "text"
                        | "header"
                        | "entity"
                        | "aggregate"
                        | "subject"
                        | "business"
                        | "object"
                )
        };
        let last = tail.iter().find(|w| !generic(w));
        match last {
            None => Fit::Neutral,
            Some(word) if words.iter().any(|w| OTHER_ONE.contains(&w.as_str())) && self.is_stem(word) => {
                Fit::Other
            }
            Some(word) if self.is_stem(word) => Fit::Named,
            Some(_) => Fit::Other,
        }
    }

    fn is_stem(&self, word: &str) -> bool {
        let word = singular(word);
        self.stems
            .iter()
            .any(|s| *s == word || (s.len() >= 4 && word.strip_prefix(s.as_str()).is_some_and(is_id_word)))
    }
}

/// A word without its plural ending, good enough to compare names of tables and fields.
pub(crate) fn singular(word: &str) -> String {
    if word.len() > 4 {
        if let Some(stem) = word.strip_suffix("ies") {
            return format!("{stem}y");
        }
        for ending in ["ses", "xes", "ches", "shes"] {
            if word.ends_with(ending) {
                return word[..word.len() - 2].to_owned();
            }
        }
    }
    match word.strip_suffix('s') {
        Some(stem) if stem.len() >= 3 && !stem.ends_with('s') && !stem.ends_with('u') => stem.to_owned(),
        _ => word.to_owned(),
    }
}

/// How much two names have in common as words, generic words of service names left out: 0 nothing, 1 the same.
pub(crate) fn name_likeness(a: &str, b: &str) -> f64 {
    let significant = |name: &str| -> Vec<String> {
        const NOISE: &[&str] = &[
            "service",
            "svc",
            "consumer",
            "group",
            "app",
            "api",
            "worker",
            "server",
            "listener",
            "v1",
            "v2",
            "prod",
            "grp",
            "cg",
            "the",
            "processor",
            "handler",
            "topic",
            "db",
        ];
        words(name).iter().filter(|w| !NOISE.contains(&w.as_str())).map(|w| singular(w)).collect()
    };
    let (a, b) = (significant(a), significant(b));
    if a.is_empty() || b.is_empty() {
        return 0.0;
    }
    let alike = |x: &str, y: &str| {
        let shorter = x.len().min(y.len());
        x == y
            || (shorter >= 4
                && x.bytes().zip(y.bytes()).take_while(|(p, q)| p == q).count() >= shorter.max(4))
    };
    let common = a.iter().filter(|x| b.iter().any(|y| alike(x, y))).count();
    2.0 * common as f64 / (a.len() + b.len()) as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn names_fit_across_spellings() {
        let names = Names::new("order", "orders", "id");
        for label in ["orderId", "$.order.id", "order_no", "order", "payload.orderNumber", "orderid"] {
            assert_eq!(names.fit(label), Fit::Named, "{label}");
        }
        for label in ["customerId", "$.items[].quantity", "parentOrderId", "productId", "attempt"] {
            assert_eq!(names.fit(label), Fit::Other, "{label}");
        }
        for label in ["id", "key", "$.id", "$.payload.id", ""] {
            assert_eq!(names.fit(label), Fit::Neutral, "{label}");
        }
    }

    #[test]
    fn the_key_columns_own_name_fits() {
        let names = Names::new("bestellung", "bestellungen", "bestellnr");
        assert_eq!(names.fit("$.bestellNr"), Fit::Other, "two words are another name than one");
        assert_eq!(names.fit("$.bestellnr"), Fit::Named);
    }

    #[test]
    fn ids_are_told_from_times_and_measures() {
        for id in [
            "CLM-2024-000123",
            "01HZY3V8Q2M4",
            "9b2e6c1a-77aa-4d0e-9c11-0a1b2c3d4e5f",
            "SHP99812",
            "10044512",
        ] {
            assert!(is_id_like(id), "{id}");
        }
        for other in ["2026-11-22T10:00:00Z", "12.50", "340ms", "v1.2", "READY", "10:22:01.123"] {
            assert!(!is_id_like(other), "{other}");
        }
    }

    #[test]
    fn services_are_recognised_in_group_names() {
        assert!(name_likeness("pick-service", "pick-service-group") > 0.9);
        assert!(name_likeness("pick-service", "picking.consumer") > 0.9);
        assert!(name_likeness("pick-service", "shipping-service") < 0.1);
    }

    /// Texts as ids and names are, and any others.
    fn any_text() -> impl Strategy<Value = String> {
        prop_oneof![
            any::<String>(),
            "[A-Za-z0-9_.:/-]{0,24}",
            "\\PC{0,40}(ies|ses|xes|ches|shes|s)",
            proptest::collection::vec(any::<u8>(), 0..90)
                .prop_map(|b| String::from_utf8_lossy(&b).into_owned()),
        ]
    }

    proptest! {
        #[test]
        fn any_text_is_an_id_or_none(text in any_text()) {
            is_common(&text);
            looks_like_time(&text);
            is_id_word(&text);
            if is_id_like(&text) {
                prop_assert!(text.is_ascii() && text.len() <= 80 && !looks_like_time(&text));
            }
            let single = singular(&text);
            prop_assert!(single.len() <= text.len());
        }

        #[test]
        fn words_of_any_name_hold_only_letters_and_digits(name in any_text()) {
            prop_assert!(words(&name).iter().all(|w| !w.is_empty() && !w.contains([' ', '_', '-', '.', '$'])));
        }

        #[test]
        fn any_names_can_be_compared(a in any_text(), b in any_text(), c in any_text()) {
            let likeness = name_likeness(&a, &b);
            prop_assert!((0.0..=2.0).contains(&likeness));
            let names = Names::new(&a, &b, &c);
            for label in [&a, &b, &c, &format!("{a}.{b}Id"), &format!("$.{c}[].{a}")] {
                names.fit(label);
            }
        }
    }
}
