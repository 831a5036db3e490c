//! `query`: the rows of one SELECT of somebody's own, and which tables it could be about.

use crate::EngineError;
use serde_json::Value;
use waylaid_model::answers::QueryAnswer;
use waylaid_model::{Coverage, Status};
use waylaid_store::{ColumnInfo, Context, ErrorKind, RowQuery, TableInfo, TableStore};

/// Of a listing: its columns with their types.
const LISTED: [(&str, &str); 3] = [("table", "text"), ("rows", "integer"), ("columns", "text")];

/// The rows of a SELECT, so many at most. What came before the time ran out is an answer, too, and says so.
pub fn query(
    store: &dyn TableStore,
    sql: &str,
    limit: u64,
    context: &Context,
) -> Result<QueryAnswer, EngineError> {
    let mut answer = QueryAnswer { store: store.name().to_owned(), ..QueryAnswer::default() };
    let asked = store.rows(&RowQuery::select(sql, limit), context, &mut |hit| {
        if hit.is_head() {
            answer.columns = hit.row.cells.iter().map(|(name, _)| name.clone()).collect();
            let types = hit.row.cells.into_iter().map(|(_, kind)| kind.as_str().map(str::to_owned));
            answer.types = types.map(Option::unwrap_or_default).collect();
        } else {
            answer.values.push(hit.row.cells.into_iter().map(|(_, value)| value).collect());
        }
    });
    let line = match asked {
        Err(error) if is_cut(error.kind) && !answer.values.is_empty() => {
            let count = answer.values.len() as u64;
            let line = Coverage::new(store.name(), RowQuery::SELECT, Status::Partial);
            let note = format!("ended after {count} rows, there may be more: {error}");
            Coverage { matched: count, scanned: count, ..line }.with_note(note)
        }
        asked => asked?,
    };
    answer.more = line.is_incomplete();
    answer.coverage.push(line);
    Ok(answer)
}

fn is_cut(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::Timeout | ErrorKind::Budget)
}

/// The tables that a SELECT can be about, with their columns and keys.
pub fn tables(store: &dyn TableStore, context: &Context) -> Result<QueryAnswer, EngineError> {
    let catalog = store.catalog(context)?;
    let count = catalog.tables.len() as u64;
    let mut line = Coverage::new(store.name(), store.name(), Status::Searched);
    (line.matched, line.scanned, line.range) = (count, count, "the catalogue".to_owned());
    let mut coverage = vec![line];
    coverage.extend(catalog.problems);
    Ok(QueryAnswer {
        store: store.name().to_owned(),
        columns: LISTED.iter().map(|(name, _)| (*name).to_owned()).collect(),
        types: LISTED.iter().map(|(_, kind)| (*kind).to_owned()).collect(),
        values: catalog.tables.iter().map(listed).collect(),
        more: false,
        coverage,
    })
}

fn listed(table: &TableInfo) -> Vec<Value> {
    let columns: Vec<String> = table.columns.iter().map(|column| described(table, column)).collect();
    vec![Value::from(table.name.as_str()), Value::from(table.rows), Value::from(columns.join(", "))]
}

/// `customer_id integer -> customers.id`.
fn described(table: &TableInfo, column: &ColumnInfo) -> String {
    let mut text = column.name.clone();
    if !column.data_type.is_empty() {
        text = format!("{text} {}", column.data_type);
    }
    if column.primary > 0 {
        text.push_str(" key");
    }
    if table.uniques.iter().any(|unique| unique.columns == [column.name.as_str()]) {
        text.push_str(" unique");
    }
    let foreign = table.foreign_keys.iter().find(|key| key.columns == [column.name.as_str()]);
    match foreign.map(|key| (&key.table, key.references.first())) {
        Some((other, Some(referenced))) => format!("{text} -> {other}.{referenced}"),
        Some((other, None)) => format!("{text} -> {other}"),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use waylaid_store::{RowHit, Selected, StoreError, TableCatalog, UniqueKey};

    /// Three rows, of which the store may tell no more than two before it fails.
    struct Three(Option<ErrorKind>);

    impl TableStore for Three {
        fn name(&self) -> &'static str {
            "tables.t"
        }

        fn catalog(&self, _: &Context) -> Result<TableCatalog, StoreError> {
            let column = |name: &str, primary| ColumnInfo {
                name: name.into(),
                data_type: "int".into(),
                primary,
                not_null: true,
            };
            let table = TableInfo {
                name: "picks".into(),
                columns: vec![column("id", 1), column("order_id", 0)],
                uniques: vec![UniqueKey { name: "u".into(), columns: vec!["order_id".into()] }],
                rows: 3,
                ..TableInfo::default()
            };
            Ok(TableCatalog { tables: vec![table], problems: Vec::new() })
        }

        fn rows(
            &self,
            query: &RowQuery,
            _: &Context,
            sink: &mut dyn FnMut(RowHit),
        ) -> Result<Coverage, StoreError> {
            let columns = ["id", "id"].map(|name| (name.to_owned(), "int".to_owned())).to_vec();
            let mut selected = Selected::new("tables.t", columns, Selected::limit(query.limit), sink);
            for number in 1..=3 {
                if number == 3
                    && let Some(kind) = self.0
                {
                    return Err(StoreError::new(kind, "running a SELECT"));
                }
                if !selected.take(8, || vec![json!(number), json!(null)]) {
                    break;
                }
            }
            Ok(selected.finish())
        }
    }

    #[test]
    fn rows_come_with_their_columns_and_an_exact_rest() {
        let answer = query(&Three(None), "SELECT id, id FROM t", 3, &Context::new()).unwrap();
        assert_eq!((answer.columns.join(","), answer.types.join(",")), ("id,id".into(), "int,int".into()));
        assert_eq!((answer.values.len(), answer.more), (3, false));
        let answer = query(&Three(None), "SELECT id, id FROM t", 2, &Context::new()).unwrap();
        assert_eq!(
            (answer.values, answer.more),
            (vec![vec![json!(1), json!(null)], vec![json!(2), json!(null)]], true)
        );
    }

    #[test]
    fn what_came_before_the_time_ran_out_is_told() {
        let answer = query(&Three(Some(ErrorKind::Timeout)), "x", 9, &Context::new()).unwrap();
        assert!(answer.more && answer.values.len() == 2);
        assert!(
            answer.coverage[0].note.starts_with("ended after 2 rows, there may be more"),
            "{:?}",
            answer.coverage
        );
        assert!(query(&Three(Some(ErrorKind::Cancelled)), "x", 9, &Context::new()).is_err());
    }

    #[test]
    fn tables_are_listed_with_what_joins_them() {
        let answer = tables(&Three(None), &Context::new()).unwrap();
        assert_eq!(answer.values, [[json!("picks"), json!(3), json!("id int key, order_id int unique")]]);
    }
}
