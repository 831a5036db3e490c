//! A reply's events out of its bytes: events as browsers have them, lines of JSON, or one JSON text.

use serde_json::Value;

/// An event is no longer, nor is a reply that comes as one text.
const LONGEST: usize = 4 << 20;

/// What came and is no event yet.
#[derive(Debug, Default)]
pub struct Stream {
    pending: Vec<u8>,
    /// Lines of an event whose end did not come yet.
    data: String,
    is_one_text: bool,
}

impl Stream {
    /// Of a reply that calls itself so.
    pub fn new(content_type: &str) -> Self {
        let kind = content_type.split(';').next().unwrap_or_default().trim();
        Self { is_one_text: kind.eq_ignore_ascii_case("application/json"), ..Self::default() }
    }

    /// The events that more bytes complete.
    pub fn feed(&mut self, bytes: &[u8]) -> Result<Vec<Value>, String> {
        if self.pending.len() + self.data.len() + bytes.len() > LONGEST {
            return Err(format!("an event is longer than {} MiB", LONGEST >> 20));
        }
        let before = self.pending.len();
        self.pending.extend_from_slice(bytes);
        if self.is_one_text {
            return Ok(Vec::new());
        }
        let Some(end) = bytes.iter().rposition(|b| *b == b'\n') else { return Ok(Vec::new()) };
        let whole: Vec<u8> = self.pending.drain(..=before + end).collect();
        let mut events = Vec::new();
        for line in String::from_utf8_lossy(&whole).lines() {
            self.line(line, &mut events)?;
        }
        Ok(events)
    }

    /// The events that the end completes.
    pub fn end(&mut self) -> Result<Vec<Value>, String> {
        let rest = std::mem::take(&mut self.pending);
        let text = String::from_utf8_lossy(&rest);
        if let Ok(value) = serde_json::from_str(text.trim()) {
            return Ok(vec![value]);
        }
        let mut events = Vec::new();
        for line in text.lines().chain([""]) {
            self.line(line, &mut events)?;
        }
        Ok(events)
    }

    fn line(&mut self, line: &str, events: &mut Vec<Value>) -> Result<(), String> {
        let line = line.trim_end_matches('\r');
        if let Some(data) = line.strip_prefix("data:") {
            // Most servers put an event on one line, and some forget the empty one behind it.
            match serde_json::from_str::<Value>(data) {
                Ok(value) if self.data.is_empty() => events.push(value),
                _ => self.data.push_str(data.strip_prefix(' ').unwrap_or(data)),
            }
            return Ok(());
        }
        if line.trim().is_empty() {
            let data = std::mem::take(&mut self.data);
            if !matches!(data.trim(), "" | "[DONE]") {
                events
                    .push(serde_json::from_str(&data).map_err(|_| format!("`{}` is no JSON", start(&data)))?);
            }
            return Ok(());
        }
        // Other fields of an event, and remarks.
        if ["event:", "id:", "retry:", ":"].iter().any(|field| line.starts_with(field)) {
            return Ok(());
        }
        let value = serde_json::from_str(line).map_err(|_| format!("`{}` is no JSON", start(line)))?;
        events.push(value);
        Ok(())
    }
}

fn start(text: &str) -> String {
    waylaid_report::clean::short(text, 80)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    /// The events of a text that comes in pieces of so many bytes.
    fn events(kind: &str, text: &str, piece: usize) -> Result<Vec<Value>, String> {
        let mut stream = Stream::new(kind);
        let mut all = Vec::new();
        for bytes in text.as_bytes().chunks(piece) {
            all.extend(stream.feed(bytes)?);
        }
        all.extend(stream.end()?);
        Ok(all)
    }

    #[test]
    fn the_same_events_in_pieces_of_any_size() {
        let both = vec![json!({"a": "ä»"}), json!({"b": 2})];
        for (kind, text) in [
            (
                "text/event-stream",
                ": hi\nevent: x\ndata: {\"a\":\"ä»\"}\n\nid: 7\r\ndata:{\"b\":2}\r\n\r\ndata: [DONE]\n\n",
            ),
            ("text/event-stream", "data: {\"a\":\ndata: \"ä»\"}\n\ndata: {\"b\":2}"),
            ("application/x-ndjson", "{\"a\":\"ä»\"}\n\n{\"b\":2}\n"),
            ("text/plain", "{\"a\":\"ä»\"}\n{\"b\":2}"),
        ] {
            for piece in [1, 2, 3, 7, 1_000] {
                assert_eq!(events(kind, text, piece).as_ref(), Ok(&both), "{text} {piece}");
            }
        }
        assert_eq!(
            events("application/json; charset=utf-8", "{\n \"a\":\n 1}", 2),
            Ok(vec![json!({"a": 1})])
        );
        // What calls itself one text may be a stream all the same.
        assert_eq!(events("application/json", "data: {\"a\":1}\n\ndata: {\"b\":2}\n\n", 3).unwrap().len(), 2);
    }

    #[test]
    fn what_is_none_is_said() {
        for text in ["<html>\n", "data: {\"a\":\n\n", "oh no"] {
            assert!(events("text/event-stream", text, 4).unwrap_err().contains("is no JSON"), "{text}");
        }
        let mut stream = Stream::new("text/event-stream");
        let long = vec![b'x'; 1 << 20];
        assert!((0..9).any(|_| stream.feed(&long).is_err()));
    }

    proptest! {
        #[test]
        fn no_bytes_break_it(bytes in prop::collection::vec(any::<u8>(), 0..300), kind in "[a-z/]{0,12}") {
            let mut stream = Stream::new(&kind);
            let _ = stream.feed(&bytes);
            let _ = stream.end();
        }
    }
}
