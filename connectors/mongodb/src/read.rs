//! The documents of one collection, as rows in the order of their ids.

use crate::catalog;
use crate::cells::{candidates, value};
use crate::client::{Ask, Asking};
use mongodb::bson::{Bson, Document, doc};
use std::collections::HashSet;
use waylaid_model::{Coverage, Reference, Row, Status, scalar_text};
use waylaid_store::values::{Chunk, sorted};
use waylaid_store::{Context, Filter, RowHit, RowQuery, StoreError, TableInfo};

/// Values that one question carries at most, and their bytes: a document ends at 16 MiB, and a value stands in it several times.
const CHUNK: Chunk = Chunk { values: 50_000, bytes: 2 << 20 };

/// Delivers the documents that a query selects.
pub(crate) async fn rows(
    store: &str,
    asking: &Asking<'_>,
    query: &RowQuery,
    context: &Context,
    sink: &mut dyn FnMut(RowHit),
) -> Result<Coverage, StoreError> {
    let info = catalog::one(asking, &query.table).await?;
    let filter = match &query.filter {
        Filter::In { column, values } => Some((column.as_str(), sorted(values))),
        Filter::All | Filter::Select { .. } => None,
    };
    for column in query.columns.iter().map(String::as_str).chain(filter.iter().map(|(column, _)| *column)) {
        let is_known = info.columns.iter().any(|known| known.name == column);
        if !is_known && !catalog::has_field(asking, &query.table, column).await? {
            return Err(info.no_column(column));
        }
    }
    let mut reading = Reading {
        store,
        query,
        info: &info,
        context,
        coverage: Coverage::new(store, &query.table, Status::Searched),
        sink,
    };
    match &filter {
        None => reading.piece(asking, None).await?,
        Some((column, values)) => {
            for values in CHUNK.split(values).into_iter().filter(|values| !values.is_empty()) {
                if reading.has_more() {
                    break;
                }
                reading.piece(asking, Some((column, values))).await?;
            }
        }
    }
    Ok(reading.finish())
}

/// A query while it is answered.
struct Reading<'a> {
    store: &'a str,
    query: &'a RowQuery,
    info: &'a TableInfo,
    context: &'a Context,
    coverage: Coverage,
    sink: &'a mut dyn FnMut(RowHit),
}

impl Reading<'_> {
    /// Whether one more was found than is wanted.
    fn has_more(&self) -> bool {
        self.query.limit.is_some_and(|limit| self.coverage.matched > limit)
    }

    async fn piece(&mut self, asking: &Asking<'_>, of: Option<(&str, &[String])>) -> Result<(), StoreError> {
        let wanted: HashSet<&str> =
            of.iter().flat_map(|(_, values)| values.iter().map(String::as_str)).collect();
        let filter = of.map_or_else(Document::new, |(column, values)| {
            let candidates: Vec<Bson> = values.iter().flat_map(|text| candidates(text)).collect();
            doc! {column: {"$in": candidates}}
        });
        let ask = Ask::Find(&self.query.table, filter, doc! {"_id": 1}, None);
        asking
            .each(ask, &mut |document| {
                self.context.check(asking.doing)?;
                self.coverage.scanned += 1;
                // The server compares numbers of all kinds, and looks into lists.
                let is_wanted = of.is_none_or(|(column, _)| {
                    let text = document.get(column).map(value).as_ref().and_then(scalar_text);
                    text.is_some_and(|text| wanted.contains(text.as_str()))
                });
                if is_wanted {
                    self.coverage.matched += 1;
                    if !self.has_more() {
                        let hit = self.hit(&document);
                        (self.sink)(hit);
                    }
                }
                Ok(!self.has_more())
            })
            .await
    }

    fn hit(&self, document: &Document) -> RowHit {
        let id = value(document.get("_id").unwrap_or(&Bson::Null));
        let key = scalar_text(&id).unwrap_or_else(|| id.to_string());
        let cell = |name: &String| (name.clone(), document.get(name).map_or(serde_json::Value::Null, value));
        let cells = if self.query.columns.is_empty() {
            // Every field that is known, so that rows are alike; then what only this one has.
            let known = self.info.columns.iter().map(|column| &column.name);
            let own =
                document.keys().filter(|name| !self.info.columns.iter().any(|known| known.name == **name));
            known.chain(own).map(cell).collect()
        } else {
            self.query.columns.iter().map(cell).collect()
        };
        self.context.add_bytes(key.len() as u64);
        let at = Reference::Row { store: self.store.to_owned(), table: self.query.table.clone(), key };
        RowHit { at, row: Row { cells } }
    }

    fn finish(mut self) -> Coverage {
        if let Some(limit) = self.query.limit.filter(|_| self.has_more()) {
            self.coverage.matched = limit;
            self.coverage.status = Status::Partial;
            self.coverage.note = format!("limit of {limit} rows: there are more");
        } else if self.coverage.scanned == 0 && self.query.filter == Filter::All {
            self.coverage.status = Status::Empty;
        }
        self.coverage
    }
}
