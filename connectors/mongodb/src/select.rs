//! The rows of an aggregation of somebody's own.

use crate::cells::value;
use crate::client::{Ask, Client};
use crate::pipeline::check;
use mongodb::bson::{Document, doc};
use serde_json::Value;
use waylaid_model::Coverage;
use waylaid_store::{Context, ErrorKind, RowHit, Selected, StoreError};

/// Bytes of documents that are held while their fields are collected.
const HELD: usize = 16 << 20;

/// Delivers the rows of an aggregation, with its limit.
pub(crate) fn rows(
    store: &str,
    client: &Client,
    (text, limit): (&str, Option<u64>),
    context: &Context,
    sink: &mut dyn FnMut(RowHit),
) -> Result<Coverage, StoreError> {
    let mut accepted = check(text).map_err(|why| {
        StoreError::new(ErrorKind::Invalid, store).with_source(format!("this aggregation is not run: {why}"))
    })?;
    let limit = Selected::limit(limit);
    let one_more = i64::try_from(limit.saturating_add(1)).unwrap_or(i64::MAX);
    accepted.stages.push(doc! {"$limit": one_more});
    let mut documents: Vec<Document> = Vec::new();
    client.ask("running an aggregation", context, async |asking| {
        let mut held = 0;
        let ask = Ask::Aggregate(&accepted.collection, &accepted.stages);
        asking
            .each(ask, &mut |document| {
                context.check(asking.doing)?;
                held += size(&document);
                documents.push(document);
                Ok(held <= HELD)
            })
            .await
    })?;
    // Which columns there are is only known when all rows are.
    let mut columns: Vec<String> = Vec::new();
    for name in documents.iter().flat_map(Document::keys) {
        if !columns.contains(name) {
            columns.push(name.clone());
        }
    }
    let types = columns.iter().map(|name| (name.clone(), String::new())).collect();
    let mut selected = Selected::new(store, types, limit, sink);
    for document in &documents {
        let cells = || columns.iter().map(|name| document.get(name).map_or(Value::Null, value)).collect();
        if !selected.take(size(document) as u64, cells) {
            break;
        }
    }
    Ok(selected.finish())
}

fn size(document: &Document) -> usize {
    mongodb::bson::serialize_to_vec(document).map_or(0, |bytes| bytes.len())
}
