//! One SELECT of somebody's own: which store it goes to, and what a refusal or a wrong name teaches.

use crate::diagnostics::{Failure, did_you_mean, nearest};
use crate::exit::Exit;
use crate::session::Session;
use std::collections::BTreeSet;
use waylaid_engine::EngineError;
use waylaid_model::answers::QueryAnswer;
use waylaid_model::scalar_text;
use waylaid_sqlguard::Refusal;
use waylaid_store::{Context, ErrorKind, Filter, RowQuery, StoreError, TableCatalog, TableInfo, TableStore};

/// What is asked of a table store.
pub struct Select<'a> {
    /// Its name; the only one when there is just one.
    pub store: Option<&'a str>,
    /// The SELECT; the tables are listed without one.
    pub sql: Option<&'a str>,
    /// Rows at most.
    pub limit: u64,
}

/// Values that are looked up among the entities' keys at most.
const DOUBTS: usize = 5_000;
/// Names in a hint at most.
const NAMED: usize = 24;
/// What begins a question about the tables rather than about their rows.
const DESCRIBES: [&str; 6] = ["show", "describe", "desc", "pragma", "\\d", ".schema"];
/// Words of errors that may stand in any statement.
const WORDS: [&str; 20] = [
    "select", "from", "where", "not", "no", "in", "as", "is", "null", "column", "table", "order", "group",
    "by", "on", "and", "or", "of", "for", "unknown",
];

/// The rows, as they may be shown.
pub fn ask(session: &Session, asked: &Select<'_>) -> Result<QueryAnswer, Failure> {
    let store = store(session, asked.store)?;
    let mut taught = None;
    let answer = session.run(|context| {
        let answer = match asked.sql {
            Some(sql) => waylaid_engine::query(store, sql, asked.limit, context),
            None => waylaid_engine::tables(store, context),
        };
        match &answer {
            Ok(answer) => keep_keys(session, answer, context),
            Err(EngineError::Store(error)) => {
                taught = teach(store, asked.sql.unwrap_or_default(), error, context);
            }
            Err(EngineError::Question { .. }) => {}
        }
        answer
    });
    // An engine may quote a value that it stumbled over.
    let masked = |text: &String| session.outlet.text(text, "");
    answer.map_err(|failure| {
        let failure = taught.unwrap_or(failure);
        Failure { what: masked(&failure.what), hints: failure.hints.iter().map(masked).collect(), ..failure }
    })
}

/// The store of that name, or the only one.
fn store<'s>(session: &'s Session, name: Option<&str>) -> Result<&'s dyn TableStore, Failure> {
    let system = session.system();
    let names: Vec<&str> = system.tables.iter().map(|spec| spec.name.as_str()).collect();
    let all = || format!("the table stores are: {}", names.join(", "));
    let name = match (name, names.as_slice()) {
        (_, []) => return Err(Failure::usage("waylaid.toml names no table store").hint(SECTION)),
        (Some(name), _) => name.strip_prefix("tables.").unwrap_or(name),
        (None, [only]) => only,
        (None, _) => return Err(Failure::usage("which table store? waylaid.toml names several").hint(all())),
    };
    let full = format!("tables.{name}");
    if let Some(store) = session.stores.tables.iter().find(|store| store.name() == full) {
        return Ok(store.as_ref());
    }
    if let Some(line) = session.stores.failed.iter().find(|line| line.store == full) {
        let what = format!("{full} cannot be read: {}", line.note);
        return Err(Failure { exit: Exit::Partial, ..Failure::usage(what) });
    }
    for (section, what, specs) in [("logs", "logs", &system.logs), ("topics", "topics", &system.topics)] {
        let bare = name.strip_prefix(section).and_then(|rest| rest.strip_prefix('.')).unwrap_or(name);
        if specs.iter().any(|spec| spec.name == bare) && !names.contains(&bare) {
            let failure =
                Failure::usage(format!("{section}.{bare} holds {what}, no tables: SQL cannot be put to it"));
            return Err(failure.hint(all()).hint("`waylaid search` looks into logs and topics"));
        }
    }
    let what = format!("there is no table store `{name}` in waylaid.toml");
    Err(Failure::usage(what).hint(did_you_mean(name, names.iter().copied())))
}

const SECTION: &str = "add one:\n\n[tables.orders]\nkind = \"sqlite\"\npath = \"tables/orders.sqlite\"";

/// What somebody who asked for too much, or for what is not there, should know.
fn teach(store: &dyn TableStore, sql: &str, error: &StoreError, context: &Context) -> Option<Failure> {
    if error.kind == ErrorKind::Timeout {
        let failure = Failure { exit: Exit::Partial, ..Failure::usage(error.to_string()) };
        let failure = failure.hint("ask for less, or by a column that has an index");
        return Some(failure.hint("--timeout gives it longer"));
    }
    if error.kind != ErrorKind::Invalid {
        return None;
    }
    let source = error.source.as_ref();
    if let Some(refusal) = source.and_then(|source| source.downcast_ref::<Refusal>()) {
        let failure = Failure::usage(format!("{}: {}", store.name(), refusal.what));
        let first = sql.split_whitespace().next().unwrap_or_default().to_lowercase();
        return Some(if DESCRIBES.contains(&first.as_str()) {
            failure.hint("without a SELECT, the tables are listed with their columns")
        } else {
            failure.hint(&*refusal.hint)
        });
    }
    let Some(said) = source.map(ToString::to_string) else {
        return Some(Failure::usage(error.context.clone()));
    };
    let catalog = store.catalog(context).unwrap_or_default();
    let meant = meant(&said, sql, &catalog).unwrap_or_default();
    let failure = Failure::usage(format!("{}: {said}", store.name())).hint(meant);
    Some(failure.hint("without a SELECT, the tables are listed with their columns"))
}

/// The name that an error speaks of and the catalogue does not know, with the nearest one that it knows.
fn meant(said: &str, sql: &str, catalog: &TableCatalog) -> Option<String> {
    let typed = words(sql);
    let is_typed = |name: &str| typed.iter().any(|word| word.eq_ignore_ascii_case(name));
    let is_known = |word: &str| {
        let columns = catalog.tables.iter().flat_map(|table| &table.columns).map(|column| &column.name);
        catalog
            .tables
            .iter()
            .map(|table| &table.name)
            .chain(columns)
            .any(|name| name.eq_ignore_ascii_case(word))
    };
    let word = words(said).into_iter().find(|word| {
        word.len() > 1 && is_typed(word) && !is_known(word) && !WORDS.contains(&word.to_lowercase().as_str())
    });
    let Some(word) = word else {
        // A name that is a word of SQL as well: `relation "order" does not exist`.
        let speaks_of_tables = words(said).iter().any(|w| matches!(*w, "table" | "Table" | "relation"));
        return tables_of(catalog).filter(|_| speaks_of_tables);
    };
    let named: Vec<&TableInfo> = catalog.tables.iter().filter(|table| is_typed(&table.name)).collect();
    for table in &named {
        if let Some(column) = nearest(word, table.columns.iter().map(|column| column.name.as_str())) {
            return Some(format!("did you mean the column `{column}` of `{}`?", table.name));
        }
    }
    if let Some(table) = nearest(word, catalog.tables.iter().map(|table| table.name.as_str())) {
        return Some(format!("did you mean the table `{table}`?"));
    }
    let columns = |table: &TableInfo| {
        let names: Vec<&str> = table.columns.iter().map(|column| column.name.as_str()).collect();
        listed(&names)
    };
    match named.first() {
        Some(table) => Some(format!("`{}` has the columns {}", table.name, columns(table))),
        None => tables_of(catalog),
    }
}

/// The catalogue's tables in words.
fn tables_of(catalog: &TableCatalog) -> Option<String> {
    let names: Vec<&str> = catalog.tables.iter().map(|t| t.name.as_str()).collect();
    (!names.is_empty()).then(|| format!("the tables are {}", listed(&names)))
}

/// Some names, and that there are more.
fn listed(names: &[&str]) -> String {
    let more = if names.len() > NAMED { ", …" } else { "" };
    format!("`{}`{more}", names[..names.len().min(NAMED)].join("`, `"))
}

/// The names in a text; of one with parts the last.
fn words(text: &str) -> Vec<&str> {
    let parts = text.split(|c: char| !(c.is_alphanumeric() || c == '_' || c == '.'));
    let names = parts.map(|part| part.trim_matches('.'));
    names.map(|name| name.rsplit('.').next().unwrap_or(name)).filter(|name| !name.is_empty()).collect()
}

/// Keys of entities stay readable whatever they look like. A value that would be hidden is one when an entity's own table
/// says so; that its column is called like the key's is not enough.
fn keep_keys(session: &Session, answer: &QueryAnswer, context: &Context) {
    let mut doubts = BTreeSet::new();
    for (column, value) in answer.values.iter().flat_map(|row| answer.columns.iter().zip(row)) {
        let Some(text) = scalar_text(value).filter(|_| doubts.len() < DOUBTS) else { continue };
        let named = format!("{column}={text}");
        if session.outlet.text(&named, "") != named {
            doubts.insert(text);
        }
    }
    if doubts.is_empty() {
        return;
    }
    for (home, _) in session.system().entities.iter().flat_map(|entity| &entity.tables) {
        let full = format!("tables.{}", home.store);
        let Some(store) = session.stores.tables.iter().find(|store| store.name() == full) else { continue };
        let values = doubts.iter().cloned().collect();
        let query = RowQuery {
            table: home.table.clone(),
            columns: vec![home.column.clone()],
            filter: Filter::In { column: home.column.clone(), values },
            limit: None,
        };
        // A store that fails leaves its keys hidden, which does no harm.
        let _ = store.rows(&query, context, &mut |hit| {
            session.outlet.typed(hit.row.get(&home.column).and_then(scalar_text).iter());
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use waylaid_store::ColumnInfo;

    fn catalog() -> TableCatalog {
        let column = |name: &str| ColumnInfo {
            name: name.into(),
            data_type: "text".into(),
            primary: 0,
            not_null: false,
        };
        let table = |name: &str, columns: &[&str]| TableInfo {
            name: name.into(),
            columns: columns.iter().map(|name| column(name)).collect(),
            ..TableInfo::default()
        };
        let tables =
            vec![table("customers", &["id", "mail"]), table("orders", &["id", "status", "updated_at"])];
        TableCatalog { tables, problems: Vec::new() }
    }

    #[test]
    fn wrong_names_are_told_from_what_engines_say() {
        for (said, sql, hint) in [
            ("no such column: stat", "SELECT stat FROM orders", "the column `status` of `orders`?"),
            ("no such column: o.state", "SELECT o.state FROM orders o", "the column `status` of `orders`?"),
            ("column ord.stats does not exist", "SELECT ord.stats FROM orders ord", "the column `status`"),
            ("relation \"order\" does not exist", "SELECT * FROM \"order\"", "the tables are"),
            ("relation \"ordrs\" does not exist", "SELECT 1 FROM ordrs", "did you mean the table `orders`?"),
            ("Table 'shop.order_s' doesn't exist", "SELECT * FROM order_s", "the table `orders`?"),
            (
                "Unknown column 'zzzz' in 'SELECT'",
                "SELECT zzzz FROM orders",
                "`orders` has the columns `id`, `status`",
            ),
            ("no such table: main.zzzz", "SELECT * FROM zzzz", "the tables are `customers`, `orders`"),
        ] {
            let told = meant(said, sql, &catalog());
            assert!(told.as_deref().is_some_and(|told| told.contains(hint)), "{said}: {told:?}");
        }
        assert_eq!(meant("ambiguous column name: id", "SELECT id FROM orders, customers", &catalog()), None);
    }
}
