//! One record as it stands in its file.

use super::TopicFile;
use super::envelope;
use crate::blocks::{Block, Blocks, EVENT_LIMIT};
use crate::events::{EveryLine, line_at, line_start};
use crate::stream::Stream;
use std::sync::Arc;
use waylaid_store::{Context, KeySet, StoreError};

/// The line of a record, its first megabyte at most; `None` when this file doesn't hold it.
pub(super) fn record_in(
    file: &TopicFile,
    topic: &str,
    partition: i32,
    offset: i64,
    context: &Context,
) -> Result<Option<String>, StoreError> {
    let stream = match Stream::open(&file.entry.path) {
        Ok(stream) => stream,
        Err(error) => return Err(StoreError::from_io(error, format!("reading {}", file.entry.name))),
    };
    let search = crate::search::Search::new(&Arc::new(KeySet::new([offset.to_string()])));
    let mut blocks = Blocks::new(stream, 0, |_| EveryLine);
    let mut block = Block::new();
    let check = || context.check("reading a topic file");
    while blocks.next(&mut block, |_| Vec::new(), check)? {
        check()?;
        let text = block.body();
        let is_it = |head: envelope::Head<'_>| {
            let named = head.topic.as_deref().unwrap_or(&file.topic);
            named == topic && head.partition == partition && head.offset == offset
        };
        if block.oversize.is_some() {
            if envelope::head_of_beginning(text).is_some_and(is_it) {
                return Ok(Some(String::from_utf8_lossy(text).into_owned()));
            }
            continue;
        }
        for (at, _) in search.positions(text) {
            let line = line_at(text, line_start(text, at));
            if envelope::head(line.trim_ascii()).is_some_and(is_it) {
                let line = &line[..line.len().min(EVENT_LIMIT)];
                return Ok(Some(String::from_utf8_lossy(line).into_owned()));
            }
        }
    }
    Ok(None)
}
