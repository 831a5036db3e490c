//! JSON with comments and trailing commas, as `appsettings.json` may have them; read as far as it goes.

use super::{Flat, MOST_OF_FILE};

const DEPTH: usize = 32;

/// The values of a text with their lines.
pub(super) fn read(text: &str) -> Vec<Flat> {
    let mut reader = Reader { bytes: text.as_bytes(), text, at: 0, line: 1, out: Vec::new() };
    reader.value(&mut Vec::new());
    reader.out
}

struct Reader<'t> {
    bytes: &'t [u8],
    text: &'t str,
    at: usize,
    line: u32,
    out: Vec<Flat>,
}

impl Reader<'_> {
    /// The next byte that says something.
    fn peek(&mut self) -> Option<u8> {
        loop {
            match *self.bytes.get(self.at)? {
                b'\n' => {
                    self.line += 1;
                    self.at += 1;
                }
                b' ' | b'\t' | b'\r' | b',' => self.at += 1,
                b'/' if self.bytes.get(self.at + 1) == Some(&b'/') => {
                    while self.bytes.get(self.at).is_some_and(|b| *b != b'\n') {
                        self.at += 1;
                    }
                }
                b'/' if self.bytes.get(self.at + 1) == Some(&b'*') => {
                    let end = self.text.get(self.at + 2..).and_then(|t| t.find("*/"));
                    let end = end.map_or(self.bytes.len(), |n| self.at + 4 + n);
                    let within = &self.bytes[self.at..end];
                    self.line += String::from_utf8_lossy(within).matches('\n').count() as u32;
                    self.at = end;
                }
                byte => return Some(byte),
            }
        }
    }

    /// Reads a value; `None` where nothing more can be read.
    fn value(&mut self, path: &mut Vec<String>) -> Option<()> {
        if path.len() > DEPTH || self.out.len() >= MOST_OF_FILE {
            return None;
        }
        match self.peek()? {
            b'{' => {
                self.at += 1;
                while self.peek()? != b'}' {
                    let key = self.string()?;
                    if self.peek()? != b':' {
                        return None;
                    }
                    self.at += 1;
                    path.push(key);
                    self.value(path)?;
                    path.pop();
                }
                self.at += 1;
            }
            b'[' => {
                self.at += 1;
                let mut item = 0;
                while self.peek()? != b']' {
                    path.push(format!("[{item}]"));
                    self.value(path)?;
                    path.pop();
                    item += 1;
                }
                self.at += 1;
            }
            b'"' => {
                let line = self.line;
                let value = self.string()?;
                self.out.push(Flat { path: path.clone(), value, line, document: 0 });
            }
            b'}' | b']' | b':' => return None,
            _ => {
                let from = self.at;
                while self.bytes.get(self.at).is_some_and(|b| !b",]}\n\r\t ".contains(b)) {
                    self.at += 1;
                }
                let value = self.text.get(from..self.at).unwrap_or_default().to_owned();
                self.out.push(Flat { path: path.clone(), value, line: self.line, document: 0 });
            }
        }
        Some(())
    }

    fn string(&mut self) -> Option<String> {
        if self.peek()? != b'"' {
            return None;
        }
        let from = self.at + 1;
        let mut at = from;
        loop {
            match *self.bytes.get(at)? {
                b'\\' => at += 2,
                b'"' => break,
                b'\n' => return None,
                _ => at += 1,
            }
        }
        self.at = at + 1;
        let quoted = self.text.get(from - 1..at + 1)?;
        Some(serde_json::from_str(quoted).unwrap_or_else(|_| quoted.trim_matches('"').to_owned()))
    }
}
