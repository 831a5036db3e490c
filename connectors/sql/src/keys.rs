//! What indexes say of a table: its primary key, its unique ones, and by which of them rows are told apart.

use waylaid_store::{TableInfo, UniqueKey};

/// An index.
#[derive(Clone, Debug, Default)]
pub struct Index {
    /// Whether it is the primary key's.
    pub is_primary: bool,
    /// Whether it lets no two rows be alike.
    pub is_unique: bool,
    /// Whether it holds for more, or less, than the values of its columns.
    pub is_odd: bool,
    /// Its columns in order.
    pub columns: Vec<String>,
}

impl Index {
    /// Notes what it says of its table.
    pub fn note(self, table: &mut TableInfo, name: &str) {
        if self.is_odd {
            return;
        }
        if self.is_primary {
            for (place, name) in (1..).zip(&self.columns) {
                let column = table.columns.iter_mut().find(|column| column.name == *name);
                column.into_iter().for_each(|column| column.primary = place);
            }
        } else if self.is_unique {
            table.uniques.push(UniqueKey { name: name.to_owned(), columns: self.columns });
        }
    }
}

/// Columns by which rows are told apart: the primary key, or a unique one that is never null.
pub fn key_of(table: &TableInfo) -> Vec<&str> {
    let primary = table.primary_key();
    if !primary.is_empty() {
        return primary;
    }
    let is_set = |name: &String| table.columns.iter().any(|c| c.name == *name && c.not_null);
    let unique = table.uniques.iter().find(|unique| unique.columns.iter().all(is_set));
    unique.map(|unique| unique.columns.iter().map(String::as_str).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use waylaid_store::ColumnInfo;

    #[test]
    fn rows_are_told_apart_by_what_is_never_null() {
        let column = |name: &str, not_null| ColumnInfo {
            name: name.into(),
            data_type: "int".into(),
            primary: 0,
            not_null,
        };
        let columns = vec![column("a", false), column("b", true)];
        let mut table = TableInfo { name: "t".into(), columns, ..TableInfo::default() };
        let index = |is_primary, is_odd, column: &str| Index {
            is_primary,
            is_unique: true,
            is_odd,
            columns: vec![column.to_owned()],
        };
        index(false, true, "b").note(&mut table, "odd");
        index(false, false, "a").note(&mut table, "nullable");
        assert!(key_of(&table).is_empty());
        index(false, false, "b").note(&mut table, "set");
        assert_eq!(key_of(&table), ["b"]);
        index(true, false, "a").note(&mut table, "primary");
        assert_eq!(key_of(&table), ["a"]);
    }
}
