//! The pieces that a table is asked for in: which columns, by which values, so many values at a time.

use std::collections::HashSet;
use waylaid_store::values::Chunk;
use waylaid_store::{Filter, RowQuery, StoreError, TableInfo};

/// What a question wants of a table: columns that there are, and the column and values by which rows are looked up.
#[derive(Debug)]
pub struct Wanted<'q> {
    /// Names of the columns, all of the table's where none were named.
    pub columns: Vec<String>,
    /// Column and values.
    pub filter: Option<(&'q str, &'q [String])>,
}

impl<'q> Wanted<'q> {
    /// What a question wants; an error where a column is not there.
    pub fn of(table: &TableInfo, query: &'q RowQuery) -> Result<Self, StoreError> {
        let columns: Vec<String> = if query.columns.is_empty() {
            table.columns.iter().map(|column| column.name.clone()).collect()
        } else {
            query.columns.clone()
        };
        let filter = match &query.filter {
            Filter::In { column, values } => Some((column.as_str(), values.as_slice())),
            Filter::All | Filter::Select { .. } => None,
        };
        for column in columns.iter().map(String::as_str).chain(filter.map(|(column, _)| column)) {
            if !table.columns.iter().any(|known| known.name == column) {
                return Err(table.no_column(column));
            }
        }
        Ok(Self { columns, filter })
    }
}

/// What is told of the index that serves a look-up by a column.
pub fn by(column: Option<&str>, has_index: bool) -> String {
    match column {
        Some(column) if has_index => format!(", by an index on {column}"),
        Some(column) => format!(", no index on {column}"),
        None => String::new(),
    }
}

/// A statement, its parameters, and the texts of which the filtered column of its rows has to be one.
#[derive(Debug)]
pub struct Piece<P> {
    /// The statement.
    pub sql: String,
    /// What stands in its places.
    pub parameters: P,
    /// The server's own comparison only approximates what equals as text.
    pub wanted: Option<HashSet<String>>,
}

/// A statement for each stretch of values; `each` writes it, or says that none of them can be in the table.
pub fn pieces<P>(
    chunk: Chunk,
    values: &[String],
    mut each: impl FnMut(&[String]) -> Option<(String, P)>,
) -> Vec<Piece<P>> {
    let piece = |values: &[String]| {
        let (sql, parameters) = each(values)?;
        Some(Piece { sql, parameters, wanted: Some(values.iter().cloned().collect()) })
    };
    chunk.split(values).into_iter().filter_map(piece).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use waylaid_store::ColumnInfo;

    fn table() -> TableInfo {
        let column = |name: &str| ColumnInfo {
            name: name.into(),
            data_type: "text".into(),
            primary: 0,
            not_null: false,
        };
        TableInfo { name: "t".into(), columns: vec![column("a"), column("b")], ..TableInfo::default() }
    }

    fn query(columns: &[&str], filter: Filter) -> RowQuery {
        let columns = columns.iter().map(|name| (*name).to_owned()).collect();
        RowQuery { table: "t".into(), columns, filter, limit: None }
    }

    #[test]
    fn columns_are_those_that_there_are() {
        assert_eq!(Wanted::of(&table(), &query(&[], Filter::All)).unwrap().columns, ["a", "b"]);
        assert_eq!(Wanted::of(&table(), &query(&["b"], Filter::All)).unwrap().columns, ["b"]);
        assert!(Wanted::of(&table(), &query(&["c"], Filter::All)).is_err());
        let by_c = Filter::In { column: "c".into(), values: Vec::new() };
        assert!(Wanted::of(&table(), &query(&[], by_c)).unwrap_err().to_string().contains('c'));
    }

    #[test]
    fn values_come_in_pieces() {
        let values: Vec<String> = ["1", "2", "x", "3"].map(String::from).into();
        let chunk = Chunk { values: 2, bytes: 99 };
        let pieces = pieces(chunk, &values, |values| {
            let numbers: Vec<u8> = values.iter().filter_map(|value| value.parse().ok()).collect();
            (numbers.len() == 2).then(|| ("SELECT".to_owned(), numbers))
        });
        assert_eq!(pieces.len(), 1);
        assert_eq!(
            (pieces[0].parameters.as_slice(), pieces[0].wanted.as_ref().unwrap().len()),
            ([1, 2].as_slice(), 2)
        );
        assert_eq!(by(Some("a"), true), ", by an index on a");
        assert_eq!((by(Some("a"), false), by(None, false)), (", no index on a".into(), String::new()));
    }
}
