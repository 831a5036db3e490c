//! The corpus of attempts without any server: in every dialect, each is refused, or what would be sent only reads.

use super::{ALL, GOOD, PIECES, holds_only_reading};
use crate::{Dialect, check};
use proptest::prelude::*;

/// An attempt.
struct Attempt {
    on: String,
    sql: String,
    /// It is harmless as the guard sends it.
    passes: bool,
    /// Only a server's catalogue can tell.
    is_for_catalogue: bool,
    is_reported: bool,
}

impl Attempt {
    fn is_meant(&self, dialect: Dialect) -> bool {
        match dialect {
            Dialect::Postgres => ["postgres", "both"].contains(&self.on.as_str()),
            Dialect::Mysql => ["mysql", "both"].contains(&self.on.as_str()),
            Dialect::Sqlite => self.on == "sqlite",
            Dialect::SqlServer => self.on == "sqlserver",
        }
    }
}

fn attempts() -> Vec<Attempt> {
    let corpus: toml::Table = include_str!("../../corpus/bypass.toml").parse().unwrap();
    let each = |attempt: &toml::Value| {
        let text =
            |name: &str| attempt.get(name).and_then(toml::Value::as_str).unwrap_or_default().to_owned();
        Attempt {
            on: text("on"),
            sql: text("sql"),
            passes: attempt.get("passes").and_then(toml::Value::as_bool).unwrap_or(false),
            is_for_catalogue: text("by") == "catalogue",
            is_reported: !text("from").is_empty(),
        }
    };
    corpus["attempt"].as_array().unwrap().iter().map(each).collect()
}

#[test]
fn every_attempt_is_refused_or_only_reads() {
    let attempts = attempts();
    assert!(attempts.len() >= 340 && attempts.iter().filter(|a| a.is_reported).count() >= 50);
    let mut wrong = Vec::new();
    for attempt in &attempts {
        assert!(
            ["postgres", "mysql", "both", "sqlite", "sqlserver"].contains(&attempt.on.as_str()),
            "{}",
            attempt.sql
        );
        let mut is_open = false;
        for dialect in ALL {
            match check(dialect, &attempt.sql) {
                Ok(accepted) => {
                    holds_only_reading(dialect, &accepted);
                    is_open |= attempt.is_meant(dialect) && !attempt.passes;
                }
                Err(refusal) => assert!(!refusal.hint.is_empty(), "{}: {refusal}", attempt.sql),
            }
        }
        if is_open != attempt.is_for_catalogue {
            let told = if is_open { "passes the guard" } else { "is refused by the guard already" };
            wrong.push(format!("{} {told}", attempt.sql));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Attempts, each with another text put into it somewhere.
fn crossed() -> impl Strategy<Value = String> {
    let sqls: Vec<String> = attempts().into_iter().map(|attempt| attempt.sql).collect();
    let others: Vec<String> = GOOD
        .iter()
        .map(|(_, sql)| (*sql).to_owned())
        .chain(PIECES.iter().map(|piece| (*piece).to_owned()))
        .collect();
    let (sqls, others) = (prop::sample::select(sqls), prop::sample::select(others));
    (sqls, others, any::<prop::sample::Index>(), any::<bool>()).prop_map(|(sql, other, place, is_around)| {
        let (host, guest) = if is_around { (other, sql) } else { (sql, other) };
        let characters: Vec<char> = host.chars().collect();
        let (before, after) = characters.split_at(place.index(characters.len() + 1));
        let whole = before.iter().copied().chain(guest.chars()).chain(after.iter().copied());
        whole.collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, ..ProptestConfig::default() })]

    #[test]
    fn an_attempt_inside_something_or_around_it_only_reads(text in crossed()) {
        for dialect in ALL {
            if let Ok(accepted) = check(dialect, &text) {
                holds_only_reading(dialect, &accepted);
            }
        }
    }
}
