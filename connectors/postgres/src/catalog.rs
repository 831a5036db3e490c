//! Which tables there are, with columns, keys, indexes and how many rows.

use crate::cells::Kind;
use crate::client::Asking;
use crate::errors;
use std::collections::{BTreeMap, BTreeSet};
use tokio_postgres::Row;
use waylaid_model::{Coverage, Status};
use waylaid_store::{ColumnInfo, ErrorKind, ForeignKey, StoreError, TableCatalog, TableInfo, UniqueKey};

/// Up to here rows are counted; above, the server's estimate is taken.
const COUNTED: i64 = 100_000;

/// A table with what reading it needs to know.
#[derive(Clone, Debug, Default)]
pub(crate) struct Described {
    pub info: TableInfo,
    /// The schema it is in.
    pub schema: String,
    /// What each column needs, in the order of the columns.
    pub kinds: Vec<Kind>,
    /// Columns that an index begins with.
    pub indexed: BTreeSet<String>,
    /// Whether it lies in several pieces, so that the place of a row is not unique.
    pub is_partitioned: bool,
    /// The server's estimate of the rows; below 0 where it has none.
    pub estimate: f64,
    number: u32,
    is_readable: bool,
}

impl Described {
    /// Its name in SQL.
    pub fn sql(&self) -> String {
        format!("{}.{}", identifier(&self.schema), identifier(&self.info.name))
    }
}

/// An identifier in quotes, whatever it holds.
pub(crate) fn identifier(name: &str) -> String {
    format!("\"{}\"", name.replace('\0', "").replace('"', "\"\""))
}

const TABLES: &str = "\
SELECT c.oid, c.relname::text, n.nspname::text, c.relkind = 'p' AS partitioned, c.reltuples::float8,
       has_any_column_privilege(c.oid, 'SELECT') AS readable
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = $2 AND c.relkind IN ('r', 'p') AND NOT c.relispartition
  AND ($1::text IS NULL OR c.relname = $1)";

const COLUMNS: &str = "\
SELECT a.attrelid, a.attname::text, format_type(a.atttypid, a.atttypmod), a.attnotnull,
       CASE t.typtype WHEN 'd' THEN b.typname ELSE t.typname END::text
FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
     LEFT JOIN pg_catalog.pg_type b ON b.oid = t.typbasetype
WHERE a.attrelid = ANY($1) AND a.attnum > 0 AND NOT a.attisdropped
  AND has_column_privilege(a.attrelid, a.attnum, 'SELECT')
ORDER BY a.attrelid, a.attnum";

const INDEXES: &str = "\
SELECT i.indrelid, c.relname::text, i.indisprimary,
       i.indisunique AND i.indisvalid AND i.indpred IS NULL AS serves,
       i.indisvalid AND i.indpred IS NULL AS finds,
       (SELECT array_agg(a.attname::text ORDER BY k.place)
        FROM unnest(i.indkey::int2[]) WITH ORDINALITY k(number, place)
             LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.number AND k.number > 0
        WHERE k.place <= i.indnkeyatts) AS columns
FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
WHERE i.indrelid = ANY($1) ORDER BY c.relname";

const FOREIGN: &str = "\
SELECT k.conrelid,
       (SELECT array_agg(a.attname::text ORDER BY u.place) FROM unnest(k.conkey) WITH ORDINALITY u(number, place)
        JOIN pg_catalog.pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.number) AS columns,
       f.relname::text,
       (SELECT array_agg(a.attname::text ORDER BY u.place) FROM unnest(k.confkey) WITH ORDINALITY u(number, place)
        JOIN pg_catalog.pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = u.number) AS their
FROM pg_catalog.pg_constraint k JOIN pg_catalog.pg_class f ON f.oid = k.confrelid
WHERE k.contype = 'f' AND k.conrelid = ANY($1) ORDER BY k.conname";

/// The whole catalogue of the schema, with rows counted or estimated.
pub(crate) async fn all(store: &str, asking: &Asking<'_>) -> Result<TableCatalog, StoreError> {
    let mut catalog = TableCatalog::default();
    for mut table in described(asking, None).await? {
        let name = table.info.name.clone();
        if !table.is_readable {
            let note = "no right to read it: let an administrator grant SELECT on it";
            catalog.problems.push(Coverage::new(store, name, Status::Failed).with_note(note));
            continue;
        }
        table.info.rows = count(asking, &table).await?.0;
        catalog.tables.push(table.info);
    }
    Ok(catalog)
}

/// One table.
pub(crate) async fn one(asking: &Asking<'_>, name: &str) -> Result<Described, StoreError> {
    if let Some(table) = described(asking, Some(name)).await?.pop() {
        if table.is_readable {
            return Ok(table);
        }
        let why = format!("no right to read {name}: let an administrator grant SELECT on it");
        return Err(asking.errors.fail(ErrorKind::Denied, asking.doing, &why));
    }
    let known: Vec<String> = described(asking, None).await?.into_iter().map(|t| t.info.name).collect();
    let why = format!("there is no table {name}; there are: {}", known.join(", "));
    Err(StoreError::new(ErrorKind::Invalid, why))
}

/// How many rows there are, and whether that was counted.
pub(crate) async fn count(asking: &Asking<'_>, table: &Described) -> Result<(u64, bool), StoreError> {
    let estimate = table.estimate.max(0.0) as i64;
    if table.estimate >= COUNTED as f64 {
        return Ok((u64::try_from(estimate).unwrap_or(0), false));
    }
    let sql =
        format!("SELECT count(*) FROM (SELECT 1 FROM {} LIMIT {}) AS counted", table.sql(), COUNTED + 1);
    let row = asking.wait(asking.transaction.query_one(&sql, &[])).await?;
    let counted: i64 = get(&row, 0, asking)?;
    let rows = if counted > COUNTED { counted.max(estimate) } else { counted };
    Ok((u64::try_from(rows).unwrap_or(0), counted <= COUNTED))
}

async fn described(asking: &Asking<'_>, only: Option<&str>) -> Result<Vec<Described>, StoreError> {
    let mut tables: BTreeMap<u32, Described> = BTreeMap::new();
    for row in asking.wait(asking.transaction.query(TABLES, &[&only, &asking.schema])).await? {
        let mut table = Described {
            number: get(&row, 0, asking)?,
            schema: get(&row, 2, asking)?,
            is_partitioned: get(&row, 3, asking)?,
            estimate: get(&row, 4, asking)?,
            is_readable: get(&row, 5, asking)?,
            ..Described::default()
        };
        table.info.name = get(&row, 1, asking)?;
        tables.insert(table.number, table);
    }
    let numbers: Vec<u32> = tables.keys().copied().collect();
    for row in asking.wait(asking.transaction.query(COLUMNS, &[&numbers])).await? {
        let Some(table) = tables.get_mut(&get::<u32>(&row, 0, asking)?) else { continue };
        table.kinds.push(Kind::of(get(&row, 4, asking)?));
        table.info.columns.push(ColumnInfo {
            name: get(&row, 1, asking)?,
            data_type: get(&row, 2, asking)?,
            primary: 0,
            not_null: get(&row, 3, asking)?,
        });
    }
    for row in asking.wait(asking.transaction.query(INDEXES, &[&numbers])).await? {
        let Some(table) = tables.get_mut(&get::<u32>(&row, 0, asking)?) else { continue };
        index(table, &row, asking)?;
    }
    for row in asking.wait(asking.transaction.query(FOREIGN, &[&numbers])).await? {
        let Some(table) = tables.get_mut(&get::<u32>(&row, 0, asking)?) else { continue };
        table.info.foreign_keys.push(ForeignKey {
            columns: get(&row, 1, asking)?,
            table: get(&row, 2, asking)?,
            references: get(&row, 3, asking)?,
        });
    }
    let mut tables: Vec<Described> = tables.into_values().collect();
    tables.sort_by(|a, b| a.info.name.cmp(&b.info.name));
    Ok(tables)
}

/// What an index says of its table.
fn index(table: &mut Described, row: &Row, asking: &Asking<'_>) -> Result<(), StoreError> {
    let columns: Option<Vec<Option<String>>> = get(row, 5, asking)?;
    let columns = columns.unwrap_or_default();
    if get::<bool>(row, 4, asking)?
        && let Some(Some(first)) = columns.first()
    {
        table.indexed.insert(first.clone());
    }
    // An index over an expression names no column there.
    let Some(columns) = columns.into_iter().collect::<Option<Vec<String>>>() else { return Ok(()) };
    if get::<bool>(row, 2, asking)? {
        for (place, name) in (1..).zip(&columns) {
            let column = table.info.columns.iter_mut().find(|column| column.name == *name);
            column.into_iter().for_each(|column| column.primary = place);
        }
    } else if get::<bool>(row, 3, asking)? {
        table.info.uniques.push(UniqueKey { name: get(row, 1, asking)?, columns });
    }
    Ok(())
}

/// A column of a row of the catalogue.
pub(crate) fn get<'r, T: tokio_postgres::types::FromSql<'r>>(
    row: &'r Row,
    at: usize,
    asking: &Asking<'_>,
) -> Result<T, StoreError> {
    row.try_get(at).map_err(|error| errors::from(asking.errors, &error, asking.doing))
}
