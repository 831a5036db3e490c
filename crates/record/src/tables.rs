//! The tables of a store as one SQLite file: the only thing here that writes to a database, and only to one of its own in
//! the bundle's folder.

use crate::RecordError;
use crate::recording::Job;
use crate::state::{Part, State};
use rusqlite::types::Value as Cell;
use rusqlite::{Connection, params_from_iter};
use serde_json::Value;
use std::collections::{BTreeSet, HashSet};
use std::path::{Path, PathBuf};
use waylaid_model::{Coverage, Reference, Row, scalar_text};
use waylaid_store::{ColumnInfo, Context, Filter, ForeignKey, RowHit, RowQuery, TableInfo, TableStore};

/// Rows of a large table that are taken along whatever they hold.
const SAMPLE: u64 = 2_000;
/// Rows that one column may bring of a large table.
const MOST: u64 = 1_000_000;
/// A blob that is no text and longer than this is no key.
const BLOB: usize = 64;

/// A database file that is being written.
pub(crate) struct Database {
    path: PathBuf,
    connection: Connection,
}

impl Database {
    /// Opens or creates it.
    pub(crate) fn open(path: &Path) -> Result<Self, RecordError> {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(RecordError::writing(folder))?;
        }
        let failed = RecordError::database(path);
        let connection = Connection::open(path).map_err(&failed)?;
        // What a row refers to may be left out.
        connection
            .execute_batch("PRAGMA foreign_keys = OFF; PRAGMA synchronous = NORMAL")
            .map_err(&failed)?;
        Ok(Self { path: path.to_owned(), connection })
    }

    fn run(&self, sql: &str) -> Result<(), RecordError> {
        self.connection.execute_batch(sql).map_err(RecordError::database(&self.path))
    }

    /// Writes a table whole or not at all.
    pub(crate) fn record(
        &self,
        job: &Job<'_>,
        store: &dyn TableStore,
        table: &TableInfo,
    ) -> Result<Part, RecordError> {
        self.run("BEGIN")?;
        let part = self.fill(job, store, table);
        self.run(if part.is_ok() { "COMMIT" } else { "ROLLBACK" })?;
        part
    }

    fn fill(&self, job: &Job<'_>, store: &dyn TableStore, table: &TableInfo) -> Result<Part, RecordError> {
        self.run(&format!("DROP TABLE IF EXISTS {}", identifier(&table.name)))?;
        self.run(&create(table))?;
        let mut writer = Writer::new(self, job, table);
        let is_whole = job.keys.is_empty() || table.rows <= job.whole;
        let coverage = if is_whole {
            vec![writer.ask(store, Filter::All, None, job.context)?]
        } else {
            writer.by_keys(job, store)?
        };
        let taken = if is_whole { "all rows" } else { "rows that hold one of the keys, a sample" };
        let mut part = job.part(store.name(), &table.name, writer.items, taken, &coverage)?;
        part.note =
            [part.note, writer.notes()].into_iter().filter(|n| !n.is_empty()).collect::<Vec<_>>().join("; ");
        Ok(part)
    }

    /// Rows of large tables that rows of others refer to: what a join needs. How many came of it.
    pub(crate) fn follow(
        &self,
        job: &Job<'_>,
        store: &dyn TableStore,
        tables: &[TableInfo],
        state: &State,
    ) -> Result<u64, RecordError> {
        let mut items = 0;
        let is_there = |name: &str| state.has(store.name(), name);
        let large = |t: &&TableInfo| t.rows > job.whole && !job.keys.is_empty() && is_there(&t.name);
        for table in tables.iter().filter(large) {
            for (child, key) in referring(tables, &table.name) {
                let Some((column, theirs)) = single(key, table).filter(|_| is_there(&child.name)) else {
                    continue;
                };
                let values = self.missing(&child.name, &column, &table.name, &theirs)?;
                if values.is_empty() {
                    continue;
                }
                self.run("BEGIN")?;
                let mut writer = Writer::new(self, job, table);
                let asked = writer.ask(store, Filter::In { column: theirs, values }, Some(MOST), job.context);
                self.run(if asked.is_ok() { "COMMIT" } else { "ROLLBACK" })?;
                asked?;
                items += writer.items;
            }
        }
        Ok(items)
    }

    /// Values of a column that refer to a row which is not there.
    fn missing(
        &self,
        child: &str,
        column: &str,
        parent: &str,
        theirs: &str,
    ) -> Result<Vec<String>, RecordError> {
        let (child, column, parent, theirs) =
            (identifier(child), identifier(column), identifier(parent), identifier(theirs));
        let sql = format!(
            "SELECT DISTINCT CAST({column} AS TEXT) FROM {child} WHERE {column} IS NOT NULL
             AND NOT EXISTS (SELECT 1 FROM {parent} p WHERE p.{theirs} = {child}.{column}) LIMIT 100000"
        );
        let read = || -> rusqlite::Result<Vec<String>> {
            let mut statement = self.connection.prepare(&sql)?;
            let values = statement.query_map([], |row| row.get(0))?;
            values.collect()
        };
        read().map_err(RecordError::database(&self.path))
    }

    /// Closes it: from here on it is a file like any other.
    pub(crate) fn close(self) -> Result<(), RecordError> {
        let path = self.path;
        self.connection.close().map_err(|(_, error)| RecordError::database(&path)(error))
    }
}

/// Foreign keys that point to a table, with the table that they stand in.
fn referring<'t>(
    tables: &'t [TableInfo],
    to: &'t str,
) -> impl Iterator<Item = (&'t TableInfo, &'t ForeignKey)> {
    tables.iter().flat_map(move |t| t.foreign_keys.iter().filter(move |k| k.table == to).map(move |k| (t, k)))
}

/// The columns of a foreign key over one column, here and there.
fn single(key: &ForeignKey, parent: &TableInfo) -> Option<(String, String)> {
    let [column] = key.columns.as_slice() else { return None };
    let theirs = match key.references.as_slice() {
        [theirs] => theirs.clone(),
        _ => (*parent.primary_key().first()?).to_owned(),
    };
    Some((column.clone(), theirs))
}

/// Writes the rows of one table.
struct Writer<'w> {
    database: &'w Database,
    job: &'w Job<'w>,
    table: &'w TableInfo,
    sql: String,
    items: u64,
    collided: u64,
    blobs: u64,
    /// References that were seen, where a table has no key of its own that would tell.
    seen: HashSet<Reference>,
}

impl<'w> Writer<'w> {
    fn new(database: &'w Database, job: &'w Job<'w>, table: &'w TableInfo) -> Self {
        let columns: Vec<String> = table.columns.iter().map(|c| identifier(&c.name)).collect();
        let holes = vec!["?"; columns.len()].join(", ");
        let sql = format!(
            "INSERT OR IGNORE INTO {} ({}) VALUES ({holes})",
            identifier(&table.name),
            columns.join(", ")
        );
        Self { database, job, table, sql, items: 0, collided: 0, blobs: 0, seen: HashSet::new() }
    }

    fn notes(&self) -> String {
        let counted = [
            (self.collided, "rows left out: their keys became the same, or are no keys"),
            (self.blobs, "binary values left out"),
        ];
        let told =
            counted.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}"));
        told.collect::<Vec<_>>().join("; ")
    }

    /// Rows that a query selects.
    fn ask(
        &mut self,
        store: &dyn TableStore,
        filter: Filter,
        limit: Option<u64>,
        context: &Context,
    ) -> Result<Coverage, RecordError> {
        let is_all = matches!(filter, Filter::All) && limit.is_none();
        let query = RowQuery { table: self.table.name.clone(), columns: Vec::new(), filter, limit };
        let mut failed = None;
        let database = self.database;
        let mut statement =
            database.connection.prepare(&self.sql).map_err(RecordError::database(&database.path))?;
        let coverage = store.rows(&query, context, &mut |hit| {
            if failed.is_some() || (!is_all && !self.seen.insert(hit.at.clone())) {
                return;
            }
            let cells = self.cells(hit.row);
            match statement.execute(params_from_iter(cells)) {
                Ok(0) => self.collided += 1,
                Ok(_) => self.items += 1,
                Err(error) => failed = Some(error),
            }
        })?;
        match failed {
            Some(error) => Err(RecordError::database(&database.path)(error)),
            None => Ok(coverage),
        }
    }

    /// Of a large table a sample, and the rows that hold one of the keys in a column where the sample shows some; in any
    /// column where it shows none.
    fn by_keys(&mut self, job: &Job<'_>, store: &dyn TableStore) -> Result<Vec<Coverage>, RecordError> {
        let mut columns: BTreeSet<String> = BTreeSet::new();
        let query = RowQuery {
            table: self.table.name.clone(),
            columns: Vec::new(),
            filter: Filter::All,
            limit: Some(SAMPLE),
        };
        store.rows(&query, job.context, &mut |hit: RowHit| {
            let holds = |cell: &Value| scalar_text(cell).is_some_and(|text| job.keys.get(&text).is_some());
            columns.extend(hit.row.cells.into_iter().filter(|(_, cell)| holds(cell)).map(|(name, _)| name));
        })?;
        self.ask(store, Filter::All, Some(SAMPLE), job.context)?;
        if columns.is_empty() {
            columns = self.table.columns.iter().map(|c| c.name.clone()).collect();
        }
        let values: Vec<String> = (0..job.keys.len() as u32).map(|n| job.keys.key(n).to_owned()).collect();
        let mut coverage = Vec::new();
        for column in columns {
            let filter = Filter::In { column, values: values.clone() };
            coverage.push(self.ask(store, filter, Some(MOST), job.context)?);
        }
        Ok(coverage)
    }

    /// The row's cells in the table's order, redacted.
    fn cells(&mut self, mut row: Row) -> Vec<Cell> {
        let columns = &self.table.columns;
        let mut cells = Vec::with_capacity(columns.len());
        for column in columns {
            let value = row.cells.iter_mut().find(|(name, _)| *name == column.name).map(|(_, v)| v.take());
            let mut value = value.unwrap_or(Value::Null);
            if let Some(bytes) = value.as_str().and_then(blob) {
                cells.push(self.blob(&bytes, &column.name));
                continue;
            }
            self.job.scrub.value(&column.name, &mut value);
            cells.push(cell(value));
        }
        cells
    }

    /// Bytes: text is redacted like any other, a key is short, and what else there is nobody could redact.
    fn blob(&mut self, bytes: &Blob, column: &str) -> Cell {
        let Blob::Whole(bytes) = bytes else {
            self.blobs += 1;
            return Cell::Blob(Vec::new());
        };
        match std::str::from_utf8(bytes) {
            Ok(text) => {
                let mut value = Value::from(text);
                self.job.scrub.value(column, &mut value);
                Cell::Blob(value.as_str().unwrap_or_default().as_bytes().to_vec())
            }
            Err(_) if bytes.len() <= BLOB => Cell::Blob(bytes.clone()),
            Err(_) => {
                self.blobs += 1;
                Cell::Blob(Vec::new())
            }
        }
    }
}

/// What a binary value is read as.
enum Blob {
    Whole(Vec<u8>),
    /// The store gave its beginning only.
    Cut,
}

/// The bytes of `x'…'`.
fn blob(text: &str) -> Option<Blob> {
    let rest = text.strip_prefix("x'")?;
    let (digits, rest) = rest.split_once('\'')?;
    if !digits.len().is_multiple_of(2) || !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    if rest.starts_with('…') {
        return Some(Blob::Cut);
    }
    let byte = |at: usize| u8::from_str_radix(digits.get(at..at + 2)?, 16).ok();
    rest.is_empty()
        .then(|| (0..digits.len()).step_by(2).map(byte).collect::<Option<_>>())
        .flatten()
        .map(Blob::Whole)
}

fn cell(value: Value) -> Cell {
    match value {
        Value::Null => Cell::Null,
        Value::Bool(flag) => Cell::Integer(i64::from(flag)),
        Value::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(whole), _) => Cell::Integer(whole),
            (None, Some(real)) if !number.is_u64() => Cell::Real(real),
            _ => Cell::Text(number.to_string()),
        },
        Value::String(text) => Cell::Text(text),
        other => Cell::Text(other.to_string()),
    }
}

/// The statement that makes a table with its keys, uniques and foreign keys.
fn create(table: &TableInfo) -> String {
    let names = |columns: &[String]| columns.iter().map(|c| identifier(c)).collect::<Vec<_>>().join(", ");
    let mut lines: Vec<String> = table.columns.iter().map(column).collect();
    let primary: Vec<String> = table.primary_key().into_iter().map(str::to_owned).collect();
    if !primary.is_empty() {
        lines.push(format!("PRIMARY KEY ({})", names(&primary)));
    }
    for unique in &table.uniques {
        lines.push(format!("CONSTRAINT {} UNIQUE ({})", identifier(&unique.name), names(&unique.columns)));
    }
    for key in &table.foreign_keys {
        let theirs =
            if key.references.is_empty() { String::new() } else { format!(" ({})", names(&key.references)) };
        lines.push(format!(
            "FOREIGN KEY ({}) REFERENCES {}{theirs}",
            names(&key.columns),
            identifier(&key.table)
        ));
    }
    format!("CREATE TABLE {} ({})", identifier(&table.name), lines.join(", "))
}

fn column(column: &ColumnInfo) -> String {
    let not_null = if column.not_null { " NOT NULL" } else { "" };
    format!("{} {}{not_null}", identifier(&column.name), data_type(&column.data_type))
}

/// The type as its engine calls it, as far as SQLite then keeps values as they are: by its rules, a text that looks like a
/// number would become one in a column of an unknown type.
fn data_type(declared: &str) -> String {
    let upper = declared.to_uppercase();
    let is_word = upper.chars().all(|c| c.is_ascii_alphanumeric() || " _(),".contains(c));
    // A pseudonym may stand where a number stood: not in a column that is the number of its row.
    if upper.trim() == "INTEGER" {
        return "INT".to_owned();
    }
    let has = |words: &[&str]| words.iter().any(|word| upper.contains(word));
    if is_word
        && has(&["INT", "CHAR", "TEXT", "CLOB", "BLOB", "REAL", "FLOA", "DOUB", "DATE", "TIME"])
        && !upper.contains("POINT")
    {
        return declared.to_owned();
    }
    if has(&["BOOL"]) {
        return "BOOLEAN".to_owned();
    }
    if has(&["BINARY", "BYTEA"]) { "BLOB".to_owned() } else { "TEXT".to_owned() }
}

fn identifier(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\"").replace('\0', ""))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Scrubber;
    use serde_json::json;
    use std::sync::Arc;
    use waylaid_sqlite::SqliteTables;
    use waylaid_store::KeySet;

    fn shop(folder: &Path) -> SqliteTables {
        let path = folder.join("shop.sqlite");
        let database = Connection::open(&path).unwrap();
        database
            .execute_batch(
                "CREATE TABLE customers (id INTEGER PRIMARY KEY, mail TEXT UNIQUE, pass TEXT, photo BLOB);
                 CREATE TABLE orders (id TEXT PRIMARY KEY, customer INTEGER REFERENCES customers (id), total DECIMAL(10,2),
                                      at TIMESTAMP, ok BOOLEAN, note VARCHAR(10), UNIQUE (customer, at));
                 WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000)
                 INSERT INTO customers SELECT i, 'c' || i || '@home.example', 'hunter2', randomblob(100) FROM n;
                 INSERT INTO orders SELECT printf('%05d', id), id, 10.5, '2026-01-01 00:00:00.' || id, 1, NULL FROM customers;",
            )
            .unwrap();
        SqliteTables::open("tables.shop".into(), path).unwrap()
    }

    fn recorded(folder: &Path, keys: &[&str], whole: u64) -> (Connection, Vec<Part>) {
        let store = shop(folder);
        let (context, scrub) = (Context::new(), Scrubber::new("s", [], [], []));
        let job = Job {
            window: waylaid_model::Window::default(),
            keys: Arc::new(KeySet::new(keys.iter().copied())),
            whole,
            scrub: &scrub,
            context: &context,
            scratch: folder.join("scratch"),
        };
        let tables = store.catalog(&context).unwrap().tables;
        let path = folder.join("out/shop.sqlite");
        let database = Database::open(&path).unwrap();
        let mut state = State::begin(&folder.join("state"), crate::Begun::default()).unwrap();
        for table in &tables {
            let part = database.record(&job, &store, table).unwrap();
            state.done(part).unwrap();
        }
        database.follow(&job, &store, &tables, &state).unwrap();
        database.close().unwrap();
        let copy = SqliteTables::open("tables.copy".into(), path.clone()).unwrap();
        for (before, after) in tables.iter().zip(copy.catalog(&context).unwrap().tables) {
            assert_eq!((&before.name, &before.foreign_keys), (&after.name, &after.foreign_keys));
            assert_eq!(before.primary_key(), after.primary_key());
            let columns = |t: &TableInfo| t.uniques.iter().map(|u| u.columns.clone()).collect::<Vec<_>>();
            assert_eq!(columns(before), columns(&after));
        }
        (Connection::open(path).unwrap(), state.parts)
    }

    fn one(database: &Connection, sql: &str) -> String {
        database.query_row(sql, [], |row| row.get::<_, String>(0)).unwrap()
    }

    #[test]
    fn a_small_table_is_there_whole_with_its_keys_and_without_what_must_not_be_seen() {
        let folder = tempfile::tempdir().unwrap();
        let (database, parts) = recorded(folder.path(), &[], 0);
        assert_eq!(parts.iter().map(|p| p.items).collect::<Vec<_>>(), [5000, 5000]);
        assert!(parts[0].note.contains("5000 binary values left out"), "{:?}", parts[0]);
        assert_eq!(
            one(&database, "SELECT id || customer || total || ok || at FROM orders LIMIT 1"),
            "00001110.512026-01-01 00:00:00.1"
        );
        assert!(one(&database, "SELECT mail FROM customers").starts_with("email#"));
        assert!(one(&database, "SELECT pass FROM customers").starts_with("secret#"));
        assert_eq!(one(&database, "SELECT CAST(count(DISTINCT mail) AS TEXT) FROM customers"), "5000");
    }

    #[test]
    fn of_a_large_table_there_are_rows_of_the_keys_and_what_they_refer_to() {
        let folder = tempfile::tempdir().unwrap();
        let (database, parts) = recorded(folder.path(), &["04711", "04712"], 100);
        assert_eq!(parts[1].items, SAMPLE + 2, "{parts:?}");
        let joined = "SELECT CAST(count(*) AS TEXT) FROM orders o JOIN customers c ON c.id = o.customer";
        assert_eq!(one(&database, joined), (SAMPLE + 2).to_string(), "what they refer to came along");
    }

    #[test]
    fn binary_values_are_told_from_text() {
        assert!(matches!(blob("x'00ff'"), Some(Blob::Whole(bytes)) if bytes == [0, 255]));
        assert!(matches!(blob("x'00'… (4711 bytes)"), Some(Blob::Cut)));
        assert!(blob("x'0'").is_none() && blob("x'zz'").is_none() && blob("x'00' and more").is_none());
        assert_eq!(cell(json!(18_446_744_073_709_551_615_u64)), Cell::Text("18446744073709551615".into()));
    }

    #[test]
    fn types_keep_values_as_they_are() {
        for (declared, kept) in [
            ("bigint", "bigint"),
            ("INTEGER", "INT"),
            ("character varying(20)", "character varying(20)"),
            ("numeric(10,2)", "TEXT"),
            ("enum('a','b')", "TEXT"),
            ("bytea", "BLOB"),
            ("timestamp without time zone", "timestamp without time zone"),
            ("x\"; DROP TABLE y", "TEXT"),
        ] {
            assert_eq!(data_type(declared), kept, "{declared}");
        }
    }
}
