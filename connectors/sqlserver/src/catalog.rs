//! Which tables there are, with columns, keys, indexes and how many rows.

use crate::cells::Type;
use crate::client::{Asking, whole};
use std::collections::{BTreeMap, BTreeSet};
use tiberius::{Row, ToSql};
use waylaid_model::{Coverage, Status};
use waylaid_sql::Index;
use waylaid_store::{ColumnInfo, ErrorKind, ForeignKey, StoreError, TableCatalog, TableInfo};

/// Up to here rows are counted; above, the server's estimate is taken.
pub(crate) const COUNTED: u64 = 100_000;

/// A table with what reading it needs to know.
#[derive(Clone, Debug, Default)]
pub(crate) struct Described {
    pub info: TableInfo,
    /// The schema it is in.
    pub schema: String,
    /// Type of each column, in the order of the columns.
    pub types: Vec<Type>,
    /// Columns that an index begins with.
    pub indexed: BTreeSet<String>,
    /// The server's estimate of the rows.
    pub estimate: u64,
    /// Whether its rows lie in another system.
    pub is_external: bool,
    /// Whether we may read it.
    pub is_readable: bool,
}

impl Described {
    /// Its name in SQL.
    pub fn sql(&self) -> String {
        format!("{}.{}", identifier(&self.schema), identifier(&self.info.name))
    }
}

/// An identifier in quotes, whatever it holds.
pub(crate) fn identifier(name: &str) -> String {
    format!("[{}]", name.replace('\0', "").replace(']', "]]"))
}

const TABLES: &str = "\
SELECT CAST(t.object_id AS int), t.name,
       CAST(COALESCE((SELECT SUM(p.rows) FROM sys.partitions AS p WHERE p.object_id = t.object_id AND p.index_id IN (0, 1)), 0) AS bigint),
       CAST(t.is_external AS int),
       CAST(COALESCE(HAS_PERMS_BY_NAME(QUOTENAME(s.name) + N'.' + QUOTENAME(t.name), N'OBJECT', N'SELECT'), 0) AS int)
FROM sys.tables AS t JOIN sys.schemas AS s ON s.schema_id = t.schema_id
WHERE s.name = @P1 AND (@P2 IS NULL OR t.name = @P2) ORDER BY t.name";

const COLUMNS: &str = "\
SELECT CAST(c.object_id AS int), c.name, COALESCE(b.name, y.name), CAST(c.max_length AS int), CAST(c.precision AS int),
       CAST(c.scale AS int), CAST(c.is_nullable AS int)
FROM sys.columns AS c JOIN sys.tables AS t ON t.object_id = c.object_id JOIN sys.schemas AS s ON s.schema_id = t.schema_id
     JOIN sys.types AS y ON y.user_type_id = c.user_type_id
     LEFT JOIN sys.types AS b ON b.user_type_id = y.system_type_id AND y.is_user_defined = 1
WHERE s.name = @P1 AND (@P2 IS NULL OR t.name = @P2) ORDER BY c.object_id, c.column_id";

const INDEXES: &str = "\
SELECT CAST(i.object_id AS int), i.name, CAST(i.is_primary_key AS int), CAST(i.is_unique AS int), c.name
FROM sys.indexes AS i JOIN sys.tables AS t ON t.object_id = i.object_id JOIN sys.schemas AS s ON s.schema_id = t.schema_id
     JOIN sys.index_columns AS k ON k.object_id = i.object_id AND k.index_id = i.index_id
     JOIN sys.columns AS c ON c.object_id = k.object_id AND c.column_id = k.column_id
WHERE s.name = @P1 AND (@P2 IS NULL OR t.name = @P2) AND i.type IN (1, 2) AND i.is_disabled = 0 AND i.is_hypothetical = 0
  AND i.has_filter = 0 AND k.key_ordinal > 0
ORDER BY i.object_id, i.index_id, k.key_ordinal";

const FOREIGN: &str = "\
SELECT CAST(f.parent_object_id AS int), f.name, c.name, r.name, d.name
FROM sys.foreign_keys AS f JOIN sys.tables AS t ON t.object_id = f.parent_object_id
     JOIN sys.schemas AS s ON s.schema_id = t.schema_id JOIN sys.tables AS r ON r.object_id = f.referenced_object_id
     JOIN sys.foreign_key_columns AS k ON k.constraint_object_id = f.object_id
     JOIN sys.columns AS c ON c.object_id = k.parent_object_id AND c.column_id = k.parent_column_id
     JOIN sys.columns AS d ON d.object_id = k.referenced_object_id AND d.column_id = k.referenced_column_id
WHERE s.name = @P1 AND (@P2 IS NULL OR t.name = @P2) ORDER BY f.parent_object_id, f.name, k.constraint_column_id";

/// The whole catalogue of the schema.
pub(crate) async fn all(store: &str, asking: &mut Asking<'_>) -> Result<TableCatalog, StoreError> {
    let mut catalog = TableCatalog::default();
    for mut table in described(asking, None).await? {
        let name = table.info.name.clone();
        if let Err(why) = readable(&table) {
            catalog.problems.push(Coverage::new(store, name, Status::Failed).with_note(why));
            continue;
        }
        table.info.rows = count(asking, &table).await?.0;
        catalog.tables.push(table.info);
    }
    Ok(catalog)
}

/// One table.
pub(crate) async fn one(asking: &mut Asking<'_>, name: &str) -> Result<Described, StoreError> {
    // The server may take `Orders` for `orders`.
    let found = described(asking, Some(name)).await?.into_iter().find(|table| table.info.name == name);
    if let Some(table) = found {
        readable(&table).map_err(|why| asking.errors.fail(ErrorKind::Denied, asking.doing, why))?;
        return Ok(table);
    }
    let known: Vec<String> = described(asking, None).await?.into_iter().map(|t| t.info.name).collect();
    let why = format!("there is no table {name}; there are: {}", known.join(", "));
    Err(StoreError::new(ErrorKind::Invalid, why))
}

fn readable(table: &Described) -> Result<(), &'static str> {
    if table.is_external {
        return Err("its rows lie in another system: ask that one itself");
    }
    if table.is_readable {
        Ok(())
    } else {
        Err("no right to read it: let an administrator grant SELECT on it")
    }
}

/// How many rows there are, and whether that was counted.
pub(crate) async fn count(asking: &mut Asking<'_>, table: &Described) -> Result<(u64, bool), StoreError> {
    if table.estimate > COUNTED {
        return Ok((table.estimate, false));
    }
    let top = COUNTED + 1;
    let sql =
        format!("SELECT COUNT_BIG(*) FROM (SELECT TOP ({top}) 1 AS one FROM {}) AS counted", table.sql());
    let rows = asking.all(&sql, &[]).await?;
    let counted = rows.first().map_or(0, |row| u64::try_from(number(row, 0)).unwrap_or(0));
    Ok((counted.max(if counted > COUNTED { table.estimate } else { 0 }), counted <= COUNTED))
}

async fn described(asking: &mut Asking<'_>, only: Option<&str>) -> Result<Vec<Described>, StoreError> {
    let schema = asking.schema.clone();
    let of: [&dyn ToSql; 2] = [&schema, &only];
    let mut tables: BTreeMap<i64, Described> = BTreeMap::new();
    for row in asking.all(TABLES, &of).await? {
        let mut table = Described {
            schema: schema.clone(),
            estimate: u64::try_from(number(&row, 2)).unwrap_or(0),
            is_external: number(&row, 3) == 1,
            is_readable: number(&row, 4) == 1,
            ..Described::default()
        };
        table.info.name = asking.text(&row, 1)?;
        tables.insert(number(&row, 0), table);
    }
    for row in asking.all(COLUMNS, &of).await? {
        let Some(table) = tables.get_mut(&number(&row, 0)) else { continue };
        let size = (number(&row, 3), number(&row, 4), number(&row, 5));
        let kind = Type::new(&asking.text(&row, 2)?, size.0, size.1, size.2);
        table.info.columns.push(ColumnInfo {
            name: asking.text(&row, 1)?,
            data_type: kind.full.clone(),
            primary: 0,
            not_null: number(&row, 6) == 0,
        });
        table.types.push(kind);
    }
    keys(asking, &of, &mut tables).await?;
    let mut tables: Vec<Described> = tables.into_values().collect();
    tables.sort_by(|a, b| a.info.name.cmp(&b.info.name));
    Ok(tables)
}

/// Primary and unique keys, indexes, keys that point elsewhere.
async fn keys(
    asking: &mut Asking<'_>,
    of: &[&dyn ToSql],
    tables: &mut BTreeMap<i64, Described>,
) -> Result<(), StoreError> {
    let mut indexes: BTreeMap<(i64, String), Index> = BTreeMap::new();
    for row in asking.all(INDEXES, of).await? {
        let index = indexes.entry((number(&row, 0), asking.text(&row, 1)?)).or_default();
        index.is_primary = number(&row, 2) == 1;
        index.is_unique = number(&row, 3) == 1;
        index.columns.push(asking.text(&row, 4)?);
    }
    for ((table, name), index) in indexes {
        let Some(table) = tables.get_mut(&table) else { continue };
        table.indexed.extend(index.columns.first().cloned());
        index.note(&mut table.info, &name);
    }
    let mut foreign: BTreeMap<(i64, String), ForeignKey> = BTreeMap::new();
    for row in asking.all(FOREIGN, of).await? {
        let table = asking.text(&row, 3)?;
        let key = foreign.entry((number(&row, 0), asking.text(&row, 1)?)).or_insert_with(|| ForeignKey {
            columns: Vec::new(),
            table,
            references: Vec::new(),
        });
        key.columns.push(asking.text(&row, 2)?);
        key.references.push(asking.text(&row, 4)?);
    }
    for ((table, _), key) in foreign {
        tables.get_mut(&table).into_iter().for_each(|table| table.info.foreign_keys.push(key.clone()));
    }
    Ok(())
}

fn number(row: &Row, at: usize) -> i64 {
    whole(row, at).unwrap_or_default()
}
