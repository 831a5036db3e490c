//! Which tables there are, with columns, keys, indexes and how many rows.

use crate::client::Asking;
use std::collections::{BTreeMap, BTreeSet};
use waylaid_model::{Coverage, Status};
use waylaid_sql::Index;
use waylaid_store::{ColumnInfo, ErrorKind, ForeignKey, StoreError, TableCatalog, TableInfo};

/// Up to here rows are counted; above, the server's estimate is taken.
pub(crate) const COUNTED: u64 = 100_000;
/// Engines whose tables lie in other systems.
pub(crate) const ELSEWHERE: [&str; 5] = ["FEDERATED", "CONNECT", "SPIDER", "S3", "ODBC"];

/// A table with what reading it needs to know.
#[derive(Clone, Debug, Default)]
pub(crate) struct Described {
    pub info: TableInfo,
    /// Type of each column without its size: `varchar`.
    pub types: Vec<String>,
    /// Columns that an index begins with.
    pub indexed: BTreeSet<String>,
    /// The server's estimate of the rows.
    pub estimate: u64,
    engine: String,
}

/// An identifier in quotes, whatever it holds.
pub(crate) fn identifier(name: &str) -> String {
    format!("`{}`", name.replace('\0', "").replace('`', "``"))
}

const TABLES: &str = "\
SELECT TABLE_NAME, COALESCE(TABLE_ROWS, 0), COALESCE(ENGINE, '') FROM information_schema.TABLES
WHERE TABLE_SCHEMA = ? AND TABLE_TYPE IN ('BASE TABLE', 'SYSTEM VERSIONED') AND (? IS NULL OR TABLE_NAME = ?)";

const COLUMNS: &str = "\
SELECT TABLE_NAME, COLUMN_NAME, COLUMN_TYPE, IS_NULLABLE = 'NO', LOWER(DATA_TYPE) FROM information_schema.COLUMNS
WHERE TABLE_SCHEMA = ? AND (? IS NULL OR TABLE_NAME = ?) ORDER BY TABLE_NAME, ORDINAL_POSITION";

const INDEXES: &str = "\
SELECT TABLE_NAME, INDEX_NAME, NON_UNIQUE = 0, COLUMN_NAME, SUB_PART IS NOT NULL FROM information_schema.STATISTICS
WHERE TABLE_SCHEMA = ? AND (? IS NULL OR TABLE_NAME = ?) ORDER BY TABLE_NAME, INDEX_NAME, SEQ_IN_INDEX";

const FOREIGN: &str = "\
SELECT TABLE_NAME, CONSTRAINT_NAME, COLUMN_NAME, REFERENCED_TABLE_NAME, REFERENCED_COLUMN_NAME
FROM information_schema.KEY_COLUMN_USAGE
WHERE TABLE_SCHEMA = ? AND (? IS NULL OR TABLE_NAME = ?) AND REFERENCED_TABLE_NAME IS NOT NULL
ORDER BY TABLE_NAME, CONSTRAINT_NAME, ORDINAL_POSITION";

/// The whole catalogue of the database.
pub(crate) async fn all(store: &str, asking: &mut Asking<'_>) -> Result<TableCatalog, StoreError> {
    let mut catalog = TableCatalog::default();
    for mut table in described(asking, None).await? {
        let name = table.info.name.clone();
        let failed = |note: String| Coverage::new(store, name.clone(), Status::Failed).with_note(note);
        if let Err(why) = readable(&table) {
            catalog.problems.push(failed(why));
            continue;
        }
        match count(asking, &table).await {
            Ok((rows, _)) => {
                table.info.rows = rows;
                catalog.tables.push(table.info);
            }
            Err(error) if error.kind == ErrorKind::Denied => catalog.problems.push(failed(error.to_string())),
            Err(error) => return Err(error),
        }
    }
    Ok(catalog)
}

/// One table.
pub(crate) async fn one(asking: &mut Asking<'_>, name: &str) -> Result<Described, StoreError> {
    if let Some(table) = described(asking, Some(name)).await?.pop() {
        readable(&table).map_err(|why| asking.errors.fail(ErrorKind::Denied, asking.doing, &why))?;
        return Ok(table);
    }
    let known: Vec<String> = described(asking, None).await?.into_iter().map(|t| t.info.name).collect();
    let why = format!("there is no table {name}; there are: {}", known.join(", "));
    Err(StoreError::new(ErrorKind::Invalid, why))
}

fn readable(table: &Described) -> Result<(), String> {
    if ELSEWHERE.contains(&table.engine.to_uppercase().as_str()) {
        return Err(format!("its rows lie in another system ({}): ask that one itself", table.engine));
    }
    if table.info.columns.is_empty() {
        return Err("no right to read it: let an administrator grant SELECT on it".to_owned());
    }
    Ok(())
}

/// How many rows there are, and whether that was counted.
pub(crate) async fn count(asking: &mut Asking<'_>, table: &Described) -> Result<(u64, bool), StoreError> {
    if table.estimate > COUNTED * 2 {
        return Ok((table.estimate, false));
    }
    let name = identifier(&table.info.name);
    let sql = format!("SELECT COUNT(*) FROM (SELECT 1 FROM {name} LIMIT {}) AS counted", COUNTED + 1);
    let counted = asking.all::<u64>(&sql, ()).await?.first().copied().unwrap_or(0);
    if counted > COUNTED { Ok((counted.max(table.estimate), false)) } else { Ok((counted, true)) }
}

async fn described(asking: &mut Asking<'_>, only: Option<&str>) -> Result<Vec<Described>, StoreError> {
    let of = (asking.database.to_owned(), only.map(str::to_owned), only.map(str::to_owned));
    let mut tables: BTreeMap<String, Described> = BTreeMap::new();
    for (name, estimate, engine) in asking.all::<(String, u64, String)>(TABLES, of.clone()).await? {
        let mut table = Described { estimate, engine, ..Described::default() };
        table.info.name.clone_from(&name);
        tables.insert(name, table);
    }
    for (table, name, data_type, not_null, plain) in
        asking.all::<(String, String, String, bool, String)>(COLUMNS, of.clone()).await?
    {
        let Some(table) = tables.get_mut(&table) else { continue };
        table.types.push(plain);
        table.info.columns.push(ColumnInfo { name, data_type, primary: 0, not_null });
    }
    let mut indexes: BTreeMap<(String, String), Index> = BTreeMap::new();
    for (table, name, is_unique, column, is_part) in
        asking.all::<(String, String, bool, Option<String>, bool)>(INDEXES, of.clone()).await?
    {
        let is_primary = name == "PRIMARY";
        let index = indexes.entry((table, name)).or_insert_with(|| Index {
            is_primary,
            is_unique,
            ..Index::default()
        });
        // An index over an expression names no column, one over a part of a column holds for more than its values.
        index.is_odd |= column.is_none() || is_part;
        index.columns.extend(column);
    }
    for ((table, name), index) in indexes {
        let Some(table) = tables.get_mut(&table) else { continue };
        table.indexed.extend(index.columns.first().cloned());
        index.note(&mut table.info, &name);
    }
    let mut foreign: BTreeMap<(String, String), ForeignKey> = BTreeMap::new();
    for (table, name, column, other, theirs) in
        asking.all::<(String, String, String, String, String)>(FOREIGN, of).await?
    {
        let key = foreign.entry((table, name)).or_insert_with(|| ForeignKey {
            columns: Vec::new(),
            table: other,
            references: Vec::new(),
        });
        key.columns.push(column);
        key.references.push(theirs);
    }
    for ((table, _), key) in foreign {
        tables.get_mut(&table).into_iter().for_each(|table| table.info.foreign_keys.push(key.clone()));
    }
    Ok(tables.into_values().collect())
}
