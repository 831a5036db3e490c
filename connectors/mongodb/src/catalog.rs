//! Collections, the fields that a sample of their documents has, their unique indexes.

use crate::client::{Ask, AskOnce, Asking, number};
use mongodb::bson::{Bson, Document, doc};
use waylaid_model::{Coverage, Status};
use waylaid_store::{ColumnInfo, ErrorKind, StoreError, TableCatalog, TableInfo, UniqueKey};

/// Documents that are looked at for their fields: so many of the oldest, so many of the newest.
const SAMPLE: i64 = 100;
/// Fields of a collection at most: documents that hold names as data have any number.
const FIELDS: usize = 300;

/// All collections. Views and the server's own are left out.
pub(crate) async fn all(store: &str, asking: &Asking<'_>) -> Result<TableCatalog, StoreError> {
    let mut catalog = TableCatalog::default();
    for name in names(asking).await? {
        match described(asking, &name).await {
            Ok(info) => catalog.tables.push(info),
            Err(error) if error.kind == ErrorKind::Cancelled => return Err(error),
            Err(error) => {
                let line = Coverage::new(store, name.as_str(), Status::Failed);
                catalog.problems.push(line.with_note(error.to_string()));
                catalog.tables.push(TableInfo { name, ..TableInfo::default() });
            }
        }
    }
    Ok(catalog)
}

/// One collection.
pub(crate) async fn one(asking: &Asking<'_>, name: &str) -> Result<TableInfo, StoreError> {
    let names = names(asking).await?;
    if !names.iter().any(|n| n == name) {
        let why = format!("there is no collection {name}; there are: {}", names.join(", "));
        return Err(asking.errors.fail(ErrorKind::Invalid, asking.doing, &why));
    }
    described(asking, name).await
}

/// Names of collections, sorted.
pub(crate) async fn names(asking: &Asking<'_>) -> Result<Vec<String>, StoreError> {
    let text = |document: &Document, field: &str| document.get_str(field).unwrap_or_default().to_owned();
    let listed = asking.all(Ask::Collections).await?;
    let mut names: Vec<String> = listed
        .iter()
        .filter(|collection| text(collection, "type") != "view")
        .map(|collection| text(collection, "name"))
        .filter(|name| !name.is_empty() && !name.starts_with("system."))
        .collect();
    names.sort();
    Ok(names)
}

/// Whether any document has a field that the sample lacks.
pub(crate) async fn has_field(asking: &Asking<'_>, name: &str, field: &str) -> Result<bool, StoreError> {
    if field.is_empty() || field.starts_with('$') || field.contains('\0') {
        return Ok(false);
    }
    let filter = doc! {field: {"$exists": true}};
    Ok(!asking.all(Ask::Find(name, filter, doc! {}, Some(1))).await?.is_empty())
}

async fn described(asking: &Asking<'_>, name: &str) -> Result<TableInfo, StoreError> {
    let mut info = TableInfo { name: name.to_owned(), ..TableInfo::default() };
    for order in [1, -1] {
        for document in asking.all(Ask::Find(name, doc! {}, doc! {"_id": order}, Some(SAMPLE))).await? {
            learn(&mut info.columns, &document);
        }
    }
    info.rows = u64::try_from(number(asking.once(AskOnce::Count(name)).await?.get("n"))).unwrap_or(0);
    // What may not be asked is left out: nothing depends on it.
    let indexes = asking.all(Ask::Indexes(name)).await.unwrap_or_default();
    info.uniques = indexes.iter().filter_map(unique).collect();
    Ok(info)
}

fn learn(columns: &mut Vec<ColumnInfo>, document: &Document) {
    for (field, value) in document {
        let kind = kind(value);
        let Some(column) = columns.iter_mut().find(|column| column.name == *field) else {
            if columns.len() >= FIELDS {
                return;
            }
            let primary = u32::from(field == "_id");
            let (name, data_type) = (field.clone(), kind.to_owned());
            columns.push(ColumnInfo { name, data_type, primary, not_null: primary == 1 });
            continue;
        };
        if !kind.is_empty() && !column.data_type.split('|').any(|known| known == kind) {
            if !column.data_type.is_empty() {
                column.data_type.push('|');
            }
            column.data_type.push_str(kind);
        }
    }
}

/// A value's type as the server names it; none of null.
fn kind(value: &Bson) -> &'static str {
    match value {
        Bson::Double(_) => "double",
        Bson::String(_) | Bson::Symbol(_) => "string",
        Bson::Array(_) => "array",
        Bson::Document(_) => "object",
        Bson::Boolean(_) => "bool",
        Bson::Int32(_) => "int",
        Bson::Int64(_) => "long",
        Bson::Timestamp(_) => "timestamp",
        Bson::Binary(_) => "binData",
        Bson::ObjectId(_) => "objectId",
        Bson::DateTime(_) => "date",
        Bson::Decimal128(_) => "decimal",
        Bson::Null | Bson::Undefined => "",
        _ => "other",
    }
}

fn unique(index: &Document) -> Option<UniqueKey> {
    let name = index.get_str("name").ok()?.to_owned();
    let columns: Vec<String> = index.get_document("key").ok()?.keys().cloned().collect();
    let is_unique = index.get_bool("unique").unwrap_or(false) && columns != ["_id"];
    is_unique.then_some(UniqueKey { name, columns })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_come_from_documents() {
        let mut columns = Vec::new();
        for document in [doc! {"_id": 1, "state": Bson::Null}, doc! {"_id": "a", "state": "NEW", "n": 1.5}] {
            learn(&mut columns, &document);
        }
        let told: Vec<(&str, &str, u32)> =
            columns.iter().map(|c| (c.name.as_str(), c.data_type.as_str(), c.primary)).collect();
        assert_eq!(told, [("_id", "int|string", 1), ("state", "string", 0), ("n", "double", 0)]);
        let many: Document = (0..1_000).map(|n| (format!("f{n}"), Bson::Int32(n))).collect();
        learn(&mut columns, &many);
        assert_eq!(columns.len(), FIELDS);
        let index = doc! {"name": "by_no", "key": {"no": 1, "year": -1}, "unique": true};
        assert_eq!(unique(&index).map(|key| key.columns), Some(vec!["no".to_owned(), "year".to_owned()]));
        assert_eq!(unique(&doc! {"name": "x", "key": {"no": 1}}), None);
    }
}
