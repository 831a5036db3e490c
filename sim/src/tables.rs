//! Tables kept in memory while the simulation runs and written as SQLite files at its end.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result};
use rusqlite::types::Value as Sql;
use serde_json::Value;

use crate::kafka::text;
use crate::world::World;

pub struct Table {
    columns: Vec<&'static str>,
    ddl: &'static [&'static str],
    after: &'static [&'static str],
    rows: Vec<Vec<Value>>,
    index: BTreeMap<String, usize>,
}

impl World {
    /// Adds the table `store.table`; its first column is the key. Lines that start with a capital word that is a
    /// table constraint are no columns.
    pub fn table(&mut self, name: &'static str, ddl: &'static [&'static str]) {
        self.table_with(name, ddl, &[]);
    }

    /// The same, with statements (indexes) run after the rows are in.
    pub fn table_with(
        &mut self,
        name: &'static str,
        ddl: &'static [&'static str],
        after: &'static [&'static str],
    ) {
        let constraints = ["UNIQUE", "FOREIGN", "CHECK", "CONSTRAINT", "PRIMARY"];
        let columns = ddl
            .iter()
            .filter_map(|line| line.split_whitespace().next())
            .filter(|word| !constraints.iter().any(|constraint| word.starts_with(constraint)))
            .collect();
        self.tables.insert(name, Table { columns, ddl, after, rows: Vec::new(), index: BTreeMap::new() });
    }

    /// Inserts a row given as an object; columns that are not named are null.
    pub fn insert(&mut self, name: &str, row: &Value) {
        let now = self.now;
        let Some(table) = self.tables.get_mut(name) else { return self.bug(format!("no table {name}")) };
        if let Some(stray) =
            row.as_object().and_then(|row| row.keys().find(|k| !table.columns.contains(&k.as_str())))
        {
            let stray = stray.clone();
            return self.bug(format!("no column {stray} in {name}"));
        }
        let values: Vec<Value> = table.columns.iter().map(|column| row[*column].clone()).collect();
        let key = text(&values[0]);
        if table.index.insert(key.clone(), table.rows.len()).is_some() {
            return self.bug(format!("{name} already has {key}"));
        }
        table.rows.push(values);
        self.truth.watch(now, name, &key, row);
    }

    pub fn has(&self, name: &str, key: &str) -> bool {
        self.tables.get(name).is_some_and(|table| table.index.contains_key(key))
    }

    /// A field of a row as text; empty where row or field is missing.
    pub fn get(&self, name: &str, key: &str, column: &str) -> String {
        self.value(name, key, column).map(text).unwrap_or_default()
    }

    pub fn value(&self, name: &str, key: &str, column: &str) -> Option<&Value> {
        let table = self.tables.get(name)?;
        let row = table.rows.get(*table.index.get(key)?)?;
        row.get(table.columns.iter().position(|c| *c == column)?)
    }

    /// Updates fields of a row given as an object; answers how many rows that were.
    pub fn set(&mut self, name: &str, key: &str, fields: &Value) -> usize {
        let now = self.now;
        let Some(table) = self.tables.get_mut(name) else {
            self.bug(format!("no table {name}"));
            return 0;
        };
        let Some(&index) = table.index.get(key) else { return 0 };
        let mut stray = None;
        for (column, value) in fields.as_object().into_iter().flatten() {
            match table.columns.iter().position(|c| c == column) {
                Some(position) => table.rows[index][position] = value.clone(),
                None => stray = Some(column.clone()),
            }
        }
        if let Some(stray) = stray {
            self.bug(format!("no column {stray} in {name}"));
        }
        self.truth.watch(now, name, key, fields);
        1
    }

    /// Keys of the rows whose column has this text, in the order they were inserted.
    pub fn keys_where(&self, name: &str, column: &str, equals: &str) -> Vec<String> {
        let Some(table) = self.tables.get(name) else { return Vec::new() };
        let Some(position) = table.columns.iter().position(|c| *c == column) else { return Vec::new() };
        table.rows.iter().filter(|row| text(&row[position]) == equals).map(|row| text(&row[0])).collect()
    }

    /// Writes every store as a SQLite file.
    pub fn write_tables(&mut self) -> Result<Vec<String>> {
        let folder = self.incident().join("tables");
        if !self.tables.is_empty() {
            std::fs::create_dir_all(&folder)?;
        }
        let mut stores: Vec<String> = Vec::new();
        for (name, table) in &self.tables {
            let (store, short) = name.split_once('.').context("a table is called store.table")?;
            if !stores.iter().any(|known| known == store) {
                stores.push(store.to_owned());
            }
            write_table(&folder.join(format!("{store}.sqlite")), short, table)
                .with_context(|| (*name).to_owned())?;
        }
        Ok(stores)
    }
}

fn write_table(path: &Path, name: &str, table: &Table) -> Result<()> {
    let mut db = rusqlite::Connection::open(path)?;
    let columns = table.ddl.join(",\n  ");
    let tx = db.transaction()?;
    tx.execute_batch(&format!("CREATE TABLE {name} (\n  {columns}\n);"))?;
    {
        let marks = vec!["?"; table.columns.len()].join(", ");
        let mut insert = tx.prepare(&format!("INSERT INTO {name} VALUES ({marks})"))?;
        for row in &table.rows {
            insert.execute(rusqlite::params_from_iter(row.iter().map(sql_value)))?;
        }
    }
    for statement in table.after {
        tx.execute_batch(statement)?;
    }
    tx.commit()?;
    Ok(())
}

fn sql_value(value: &Value) -> Sql {
    match value {
        Value::Null => Sql::Null,
        Value::Bool(flag) => Sql::Integer(i64::from(*flag)),
        Value::Number(number) => match number.as_i64() {
            Some(whole) => Sql::Integer(whole),
            None => Sql::Real(number.as_f64().unwrap_or_default()),
        },
        Value::String(text) => Sql::Text(text.clone()),
        other => Sql::Text(other.to_string()),
    }
}
