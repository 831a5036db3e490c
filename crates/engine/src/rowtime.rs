//! Times in rows: which columns hold them and how they are written.

use crate::ids::words;
use serde_json::Value;
use std::collections::BTreeMap;
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

/// Whether a column's name says that every change touches it.
pub(crate) fn is_touch_name(column: &str) -> bool {
    const WORDS: &[&str] = &[
        "updated",
        "modified",
        "touched",
        "lastmodified",
        "modif",
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

/// By which column the rows of a table tell when they were written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Birth {
    /// What the rows are in the order of, where their earliest time is not it: that one is of business, such as when a
    /// meter was read.
    column: Option<String>,
}

impl Birth {
    /// So many rows tell it.
    pub(crate) const SAMPLE: usize = 1000;
    const FEWEST: usize = 20;

    /// Learns it from the first rows of a table, in its own order, which is that of writing where any column is in it.
    pub(crate) fn learn<'r>(rows: impl Iterator<Item = &'r Row>) -> Self {
        let mut columns: BTreeMap<&str, Order> = BTreeMap::new();
        let (mut earliest, mut count) = (BTreeMap::<&str, usize>::new(), 0);
        for row in rows.take(Self::SAMPLE) {
            count += 1;
            for (column, time) in times(row) {
                columns.entry(column).or_default().see(time);
            }
            if let Some((column, _)) = of_row(row) {
                *earliest.entry(column).or_default() += 1;
            }
        }
        let chosen = earliest.into_iter().max_by_key(|(_, n)| *n).map(|(c, _)| c);
        let is_kept = |c: &&str| columns.get(*c).is_none_or(|o| o.is_kept(70));
        let Some(chosen) = chosen.filter(|c| !is_kept(c) && !speaks_of(c, BIRTH)) else {
            return Self::default();
        };
        let told = columns.iter().find(|(column, order)| {
            let may_be = **column != chosen && !speaks_of(column, PLANS) && !is_touch_name(column);
            may_be && order.seen >= Self::FEWEST && order.seen * 20 >= count * 19 && order.is_kept(98)
        });
        Self { column: told.map(|(column, _)| (*column).to_owned()) }
    }

    /// About when a row was written.
    pub(crate) fn of(&self, row: &Row) -> Option<Timestamp> {
        let column = self.column.as_deref();
        let own = column.and_then(|c| row.get(c).and_then(|cell| time_of(c, cell)));
        own.or_else(|| created(row))
    }
}

/// Whether a column's times are in order.
#[derive(Default)]
struct Order {
    last: Option<Timestamp>,
    seen: usize,
    /// How many are not before the one before them.
    kept: usize,
}

impl Order {
    fn see(&mut self, time: Timestamp) {
        self.kept += usize::from(self.last.is_none_or(|last| last <= time));
        self.seen += 1;
        self.last = Some(time);
    }

    /// In so many of a hundred cases.
    fn is_kept(&self, percent: usize) -> bool {
        self.kept * 100 >= self.seen * percent
    }
}

/// About when a row was written: the time of a column that says so, else the earliest of its times that do not speak of
/// plans.
pub(crate) fn created(row: &Row) -> Option<Timestamp> {
    of_row(row).map(|(_, time)| time)
}

fn of_row(row: &Row) -> Option<(&str, Timestamp)> {
    let all = times(row);
    let named = all.iter().find(|(column, _)| speaks_of(column, BIRTH));
    let earliest = || all.iter().filter(|(column, _)| !speaks_of(column, PLANS)).min_by_key(|(_, t)| *t);
    named.or_else(earliest).copied()
}

fn speaks_of(column: &str, list: &[&str]) -> bool {
    words(column).iter().any(|w| list.contains(&w.as_str()))
}

/// Words of columns that say when a row was written.
const BIRTH: &[&str] = &[
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

/// Words of columns that hold what is planned, or how long something holds.
const PLANS: &[&str] = &[
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

    #[test]
    fn the_column_that_the_rows_are_in_the_order_of_tells_when_they_were_written() {
        let time = |minute: i64| json!(Timestamp::from_seconds(1_700_000_000 + minute * 60).to_string());
        let row = |n: i64, columns: [&str; 2]| Row {
            // Read hours before it was uploaded, each at another time.
            cells: vec![(columns[0].into(), time(n - 60 - (n * 37) % 600)), (columns[1].into(), time(n))],
        };
        let rows: Vec<Row> = (0..100).map(|n| row(n, ["read_at", "uploaded_at"])).collect();
        let birth = Birth::learn(rows.iter());
        assert_eq!(birth.of(&rows[7]), time_of("uploaded_at", &time(7)));
        let touched: Vec<Row> = (0..100).map(|n| row(n, ["read_at", "updated_at"])).collect();
        assert_eq!(
            Birth::learn(touched.iter()),
            Birth::default(),
            "what every change touches tells nothing of it"
        );
        let named: Vec<Row> = (0..100).map(|n| row(n, ["created_at", "uploaded_at"])).collect();
        assert_eq!(Birth::learn(named.iter()), Birth::default(), "a column that says so is believed");
        let few = &rows[..10];
        assert_eq!(Birth::learn(few.iter()), Birth::default());
        let mut by_key = rows.clone();
        by_key.sort_by_key(|r| r.cells[0].1.to_string());
        assert_eq!(Birth::learn(by_key.iter()), Birth::default(), "a table may be in the order of its keys");
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
