//! Which tables there are, with columns and keys.

use crate::client::Database;
use crate::quote::identifier;
use rusqlite::Connection;
use std::collections::BTreeMap;
use waylaid_model::{Coverage, Status};
use waylaid_store::{ColumnInfo, ForeignKey, StoreError, TableCatalog, TableInfo, UniqueKey};

/// Reads the catalogue. A table that cannot be read is a problem, not an error.
pub(crate) fn read(
    store: &str,
    database: &Database,
    connection: &Connection,
) -> Result<TableCatalog, StoreError> {
    let mut catalog = TableCatalog::default();
    for name in names(connection).map_err(|e| database.error(e, "listing tables"))? {
        match table(connection, &name, true) {
            Ok(table) => catalog.tables.push(table),
            Err(error) => {
                let note = database.error(error, "describing a table").to_string();
                catalog.problems.push(Coverage::new(store, name, Status::Failed).with_note(note));
            }
        }
    }
    Ok(catalog)
}

/// Tables by name; views and the engine's own are left out.
pub(crate) fn names(connection: &Connection) -> rusqlite::Result<Vec<String>> {
    let sql =
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'";
    let mut statement = connection.prepare(sql)?;
    let names = statement.query_map([], |row| Ok(row.get_ref(0)?.as_bytes()?.to_vec()))?;
    let mut names: Vec<String> = names
        .collect::<Result<Vec<_>, _>>()?
        .into_iter()
        .map(|name| String::from_utf8_lossy(&name).into_owned())
        .collect();
    names.sort();
    Ok(names)
}

/// One table; counting its rows is left out where it isn't wanted.
pub(crate) fn table(connection: &Connection, name: &str, with_count: bool) -> rusqlite::Result<TableInfo> {
    let rows = if with_count {
        connection.query_row(&format!("SELECT count(*) FROM {}", identifier(name)), [], |row| {
            row.get::<_, i64>(0)
        })?
    } else {
        0
    };
    Ok(TableInfo {
        name: name.to_owned(),
        columns: columns(connection, name)?,
        uniques: uniques(connection, name)?,
        foreign_keys: foreign_keys(connection, name)?,
        rows: u64::try_from(rows).unwrap_or(0),
    })
}

fn columns(connection: &Connection, table: &str) -> rusqlite::Result<Vec<ColumnInfo>> {
    // Generated columns are only in table_xinfo; hidden ones of virtual tables (1) are left out.
    let sql = "SELECT name, type, pk, \"notnull\" FROM pragma_table_xinfo(?1) WHERE hidden <> 1 ORDER BY cid";
    let mut statement = connection.prepare(sql)?;
    let columns = statement.query_map([table], |row| {
        Ok(ColumnInfo {
            name: row.get(0)?,
            data_type: row.get(1)?,
            primary: row.get(2)?,
            not_null: row.get(3)?,
        })
    })?;
    columns.collect()
}

fn uniques(connection: &Connection, table: &str) -> rusqlite::Result<Vec<UniqueKey>> {
    // Partial indexes hold for some rows only, so they are no key of the table.
    let sql =
        "SELECT name FROM pragma_index_list(?1) WHERE \"unique\" = 1 AND origin <> 'pk' AND partial = 0";
    let mut statement = connection.prepare(sql)?;
    let names: Vec<String> = statement.query_map([table], |row| row.get(0))?.collect::<Result<_, _>>()?;
    let mut uniques = Vec::new();
    for name in names {
        let mut statement = connection.prepare("SELECT name FROM pragma_index_info(?1) ORDER BY seqno")?;
        let columns: Vec<Option<String>> =
            statement.query_map([&name], |row| row.get(0))?.collect::<Result<_, _>>()?;
        // An index over an expression names no column there.
        if let Some(columns) = columns.into_iter().collect::<Option<Vec<String>>>() {
            uniques.push(UniqueKey { name, columns });
        }
    }
    uniques.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(uniques)
}

fn foreign_keys(connection: &Connection, table: &str) -> rusqlite::Result<Vec<ForeignKey>> {
    let sql = "SELECT id, \"table\", \"from\", \"to\" FROM pragma_foreign_key_list(?1) ORDER BY id, seq";
    let mut statement = connection.prepare(sql)?;
    let mut keys: BTreeMap<i64, ForeignKey> = BTreeMap::new();
    let mut rows = statement.query([table])?;
    while let Some(row) = rows.next()? {
        let table: String = row.get(1)?;
        let key = keys.entry(row.get(0)?).or_insert_with(|| ForeignKey {
            columns: Vec::new(),
            table,
            references: Vec::new(),
        });
        key.columns.push(row.get(2)?);
        key.references.extend(row.get::<_, Option<String>>(3)?);
    }
    Ok(keys.into_values().collect())
}
