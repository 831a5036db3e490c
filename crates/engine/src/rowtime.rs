//! Times in rows: which columns hold them and how they are written.

use crate::ids::words;
use serde_json::Value;
use waylaid_model::{Row, Timestamp};

/// Every column of a row that holds a time, in the row's order.
pub(crate) fn times(row: &Row) -> Vec<(&str, Timestamp)> {
    row.cells
        .iter()
        .filter_map(|(column, cell)| time_of(column, cell).map(|t| (column.as_str(), t)))
        .collect()
}

/// The time in a cell. Texts must look like one; numbers must be an epoch time of this age (seconds to nanoseconds) in a
/// column whose name says that it is a time, for long ids look the same.
pub(crate) fn time_of(column: &str, cell: &Value) -> Option<Timestamp> {
    match cell {
        Value::String(text) if text.len() >= 16 => Timestamp::parse_rfc3339(text.trim()).or_else(|| {
            waylaid_logs::timestamps::parse(text.trim(), waylaid_logs::timestamps::Hints::default())
                .and_then(|s| s.time)
        }),
        Value::String(text)
            if text.len() == 13 && text.bytes().all(|b| b.is_ascii_digit()) && is_time_name(column) =>
        {
            text.parse().ok().map(Timestamp::from_millis)
        }
        Value::Number(number) if is_time_name(column) => {
            let n = number.as_i64().or_else(|| number.as_f64().map(|f| f as i64))?;
            match n {
                1_000_000_000_000..4_000_000_000_000 => Some(Timestamp::from_millis(n)),
                1_000_000_000_000_000..4_000_000_000_000_000 => Some(Timestamp(n.checked_mul(1000)?)),
                1_000_000_000_000_000_000..4_000_000_000_000_000_000 => Some(Timestamp(n)),
                1_000_000_000..4_000_000_000 => Some(Timestamp::from_seconds(n)),
                _ => None,
            }
        }
        _ => None,
    }
}

/// Whether a column's name says that it holds a time.
pub(crate) fn is_time_name(column: &str) -> bool {
    const WORDS: &[&str] = &[
        "at",
        "ts",
        "time",
        "date",
        "timestamp",
        "created",
        "updated",
        "modified",
        "since",
        "when",
        "on",
        "epoch",
        "ms",
        "datetime",
        "zeit",
        "datum",
        "fecha",
        "modif",
        "changed",
        "inserted",
        "received",
        "sent",
        "erstellt",
        "angelegt",
        "geändert",
        "geaendert",
        "aktualisiert",
        "hora",
        "heure",
        "data",
        "horodatage",
    ];
    words(column).iter().any(|w| WORDS.contains(&w.as_str()))
}

/// When a row came into its state, where a column of its own says so: `status_changed_at`.
pub(crate) fn of_state(row: &Row) -> Option<Timestamp> {
    times(row).into_iter().find(|(column, _)| crate::trails::names_state(column)).map(|(_, time)| time)
}

/// Whether a column's name says that every change touches it.
pub(crate) fn is_touch_name(column: &str) -> bool {
    const WORDS: &[&str] = &[
        "updated",
        "modified",
        "touched",
        "lastmodified",
        "modif",
        "changed",
        "attempt",
        "attempted",
        "retry",
        "retried",
        "tried",
        "seen",
        "polled",
        "checked",
        "geändert",
        "geaendert",
        "aktualisiert",
        "modificado",
        "actualizado",
        "modifié",
        "modifie",
        "modificato",
        "aggiornato",
        "atualizado",
    ];
    words(column).iter().any(|w| WORDS.contains(&w.as_str()))
}

/// About when a row was written: the time of a column that says so, else the earliest of its times that do not speak of
/// plans.
pub(crate) fn created(row: &Row) -> Option<Timestamp> {
    born(row).map(|(_, time)| time)
}

/// The same with the column that tells it.
pub(crate) fn born(row: &Row) -> Option<(&str, Timestamp)> {
    let all = times(row);
    let named = all.iter().find(|(column, _)| is_birth_name(column));
    let earliest = || all.iter().filter(|(column, _)| !is_plan_name(column)).min_by_key(|(_, t)| *t);
    named.or_else(earliest).copied()
}

/// Whether a column's name says that it holds when the row was written.
pub(crate) fn is_birth_name(column: &str) -> bool {
    const WORDS: &[&str] = &[
        "created",
        "inserted",
        "received",
        "creation",
        "registered",
        "recorded",
        "stored",
        "erstellt",
        "angelegt",
        "eingang",
        "creado",
        "criado",
        "creato",
        "cree",
        "créé",
    ];
    words(column).iter().any(|w| WORDS.contains(&w.as_str()))
}

/// Whether a column's name says that it holds what is planned, or how long something holds.
pub(crate) fn is_plan_name(column: &str) -> bool {
    const WORDS: &[&str] = &[
        "expected",
        "due",
        "planned",
        "scheduled",
        "eta",
        "etd",
        "departure",
        "arrival",
        "deadline",
        "valid",
        "expires",
        "expiry",
        "until",
        "slot",
        "promised",
        "estimated",
        "target",
        "birth",
        "start",
        "end",
        "next",
    ];
    words(column).iter().any(|w| WORDS.contains(&w.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::places::tests::any_json;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn numbers_are_times_only_where_the_name_says_so_and_the_age_fits() {
        let noon = Timestamp::from_seconds(1_700_000_000);
        for n in [1_700_000_000_i64, 1_700_000_000_000, 1_700_000_000_000_000, 1_700_000_000_000_000_000] {
            assert_eq!(time_of("created_at", &json!(n)), Some(noon), "{n}");
            assert_eq!(time_of("quantity", &json!(n)), None, "{n}");
        }
        for n in [json!(i64::MAX), json!(i64::MIN), json!(u64::MAX), json!(1e300), json!(-1), json!(0)] {
            assert_eq!(time_of("created_at", &n), None, "{n}");
        }
        for text in ["99999-12-31T00:00:00Z", "0000-00-00 00:00:00", "9999-12-31T23:59:59Z", "", "yesterday"]
        {
            assert_eq!(time_of("created_at", &json!(text)), None, "{text}");
        }
    }

    /// What a cell may hold that looks like a time.
    fn any_cell() -> impl Strategy<Value = Value> {
        prop_oneof![
            any_json(),
            "[0-9]{1,20}".prop_map(Value::from),
            "[0-9+-]{2,6}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}[.,]?[0-9]{0,12}(Z|[+-][0-9]{2}:?[0-9]{0,2})?"
                .prop_map(Value::from),
            any::<u64>().prop_map(Value::from),
        ]
    }

    proptest! {
        #[test]
        fn any_row_has_times_or_none(
            cells in proptest::collection::vec(
                (prop_oneof![any::<String>(), Just("created_at".to_owned()), Just("updatedMs".to_owned())], any_cell()),
                0..6,
            ),
        ) {
            let row = Row { cells };
            let times = times(&row);
            prop_assert!(times.len() <= row.cells.len());
            prop_assert!(created(&row).is_none_or(|c| times.iter().any(|(_, t)| *t == c)));
            for (column, _) in &row.cells {
                is_time_name(column);
                is_touch_name(column);
            }
        }
    }
}
