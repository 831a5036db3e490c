//! Requests and answers as bytes. Whatever a broker sends is taken with care: nothing is reserved by what a length claims.

use std::io::{Read, Write};

/// Longest answer that is taken.
const LONGEST: usize = 32 << 20;

/// Something to read from and to write to.
pub trait Stream: Read + Write + Send {}
impl<S: Read + Write + Send> Stream for S {}

/// A connection to a broker.
pub struct Wire {
    stream: Box<dyn Stream>,
    asked: i32,
}

impl Wire {
    /// Over an open stream.
    pub fn new(stream: impl Stream + 'static) -> Self {
        Self { stream: Box::new(stream), asked: 0 }
    }

    /// Asks and reads the answer, without its head.
    pub fn ask(
        &mut self,
        what: i16,
        version: i16,
        is_flexible: bool,
        body: &Writer,
    ) -> Result<Vec<u8>, String> {
        let text = |error: std::io::Error| error.to_string();
        self.asked += 1;
        let mut request = Writer::default();
        request.i16(what).i16(version).i32(self.asked).text("waylaid");
        if is_flexible {
            request.tags();
        }
        request.bytes.extend_from_slice(&body.bytes);
        let length = i32::try_from(request.bytes.len()).map_err(|_| "a request that is too long")?;
        self.stream.write_all(&length.to_be_bytes()).map_err(text)?;
        self.stream.write_all(&request.bytes).map_err(text)?;
        self.stream.flush().map_err(text)?;
        let mut length = [0; 4];
        self.stream.read_exact(&mut length).map_err(text)?;
        let length = usize::try_from(i32::from_be_bytes(length)).unwrap_or(usize::MAX);
        if !(4..=LONGEST).contains(&length) {
            return Err("the answer is none of a broker".to_owned());
        }
        let mut answer = Vec::new();
        Read::take(&mut self.stream, length as u64).read_to_end(&mut answer).map_err(text)?;
        if answer.len() < length || answer[..4] != self.asked.to_be_bytes() {
            return Err("the answer is none of a broker, or breaks off".to_owned());
        }
        Ok(answer.split_off(4))
    }
}

/// A request's body.
#[derive(Default)]
pub struct Writer {
    bytes: Vec<u8>,
}

impl Writer {
    /// A number of two bytes.
    pub fn i16(&mut self, number: i16) -> &mut Self {
        self.put(&number.to_be_bytes())
    }

    /// A number of four bytes.
    pub fn i32(&mut self, number: i32) -> &mut Self {
        self.put(&number.to_be_bytes())
    }

    /// A number of eight bytes.
    pub fn i64(&mut self, number: i64) -> &mut Self {
        self.put(&number.to_be_bytes())
    }

    /// A yes or no.
    pub fn flag(&mut self, flag: bool) -> &mut Self {
        self.byte(u8::from(flag))
    }

    /// A byte.
    pub fn byte(&mut self, byte: u8) -> &mut Self {
        self.put(&[byte])
    }

    /// Text; ours is short.
    pub fn text(&mut self, text: &str) -> &mut Self {
        self.i16(text.len() as i16).put(text.as_bytes())
    }

    /// Bytes.
    pub fn bytes(&mut self, bytes: &[u8]) -> &mut Self {
        self.i32(bytes.len() as i32).put(bytes)
    }

    /// Text in the newer form.
    pub fn compact(&mut self, text: &str) -> &mut Self {
        self.compact_count(text.len()).put(text.as_bytes())
    }

    /// How many items a list in the newer form has.
    pub fn compact_count(&mut self, count: usize) -> &mut Self {
        let mut rest = count + 1;
        while rest > 0x7f {
            self.put(&[(rest & 0x7f) as u8 | 0x80]);
            rest >>= 7;
        }
        self.put(&[rest as u8])
    }

    /// No tagged fields.
    pub fn tags(&mut self) -> &mut Self {
        self.put(&[0])
    }

    /// What was written.
    #[cfg(test)]
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    fn put(&mut self, bytes: &[u8]) -> &mut Self {
        self.bytes.extend_from_slice(bytes);
        self
    }
}

/// An answer.
pub struct Reader<'b> {
    rest: &'b [u8],
}

impl<'b> Reader<'b> {
    /// From its beginning.
    pub fn new(bytes: &'b [u8]) -> Self {
        Self { rest: bytes }
    }

    /// So many bytes.
    pub fn take(&mut self, count: usize) -> Result<&'b [u8], String> {
        let (taken, rest) = self.rest.split_at_checked(count).ok_or("the answer breaks off")?;
        self.rest = rest;
        Ok(taken)
    }

    fn number(&mut self, bytes: usize) -> Result<u64, String> {
        Ok(self.take(bytes)?.iter().fold(0, |number, byte| (number << 8) | u64::from(*byte)))
    }

    /// A number of two bytes.
    pub fn i16(&mut self) -> Result<i16, String> {
        Ok(self.number(2)? as i16)
    }

    /// A number of four bytes.
    pub fn i32(&mut self) -> Result<i32, String> {
        Ok(self.number(4)? as i32)
    }

    /// A number of eight bytes.
    pub fn i64(&mut self) -> Result<i64, String> {
        Ok(self.number(8)? as i64)
    }

    /// How many items a list has; none where it is null.
    pub fn count(&mut self) -> Result<usize, String> {
        Ok(usize::try_from(self.i32()?).unwrap_or(0))
    }

    /// Text; nothing where it is null.
    pub fn text(&mut self) -> Result<String, String> {
        let length = usize::try_from(self.i16()?).unwrap_or(0);
        Ok(String::from_utf8_lossy(self.take(length)?).into_owned())
    }

    /// Bytes; none where they are null.
    pub fn bytes(&mut self) -> Result<&'b [u8], String> {
        let length = self.count()?;
        self.take(length)
    }

    /// A number of seven bits a byte.
    pub fn varint(&mut self) -> Result<u64, String> {
        let mut number = 0;
        for place in 0..5 {
            let byte = self.number(1)?;
            number |= (byte & 0x7f) << (7 * place);
            if byte < 0x80 {
                return Ok(number);
            }
        }
        Err("a number of the answer has no end".to_owned())
    }

    /// How many items a list in the newer form has.
    pub fn compact_count(&mut self) -> Result<usize, String> {
        Ok((self.varint()? as usize).saturating_sub(1))
    }

    /// Text in the newer form.
    pub fn compact_text(&mut self) -> Result<String, String> {
        let length = self.compact_count()?;
        Ok(String::from_utf8_lossy(self.take(length)?).into_owned())
    }

    /// Goes past tagged fields.
    pub fn skip_tags(&mut self) -> Result<(), String> {
        for _ in 0..self.varint()? {
            let _ = self.varint()?;
            let size = self.varint()?;
            self.take(size as usize)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    /// Answers whatever is asked with what it holds.
    struct Deaf(Cursor<Vec<u8>>);

    impl Read for Deaf {
        fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
            self.0.read(into)
        }
    }

    impl Write for Deaf {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    fn answered(bytes: &[u8]) -> Result<Vec<u8>, String> {
        Wire::new(Deaf(Cursor::new(bytes.to_vec()))).ask(18, 0, false, &Writer::default())
    }

    #[test]
    fn an_answer_is_taken_only_whole_and_for_its_question() {
        assert_eq!(answered(&[0, 0, 0, 6, 0, 0, 0, 1, 7, 8]), Ok(vec![7, 8]));
        for bytes in [
            b"HTTP/1.1 400 Bad Request".as_slice(),
            &[0, 0, 0, 6, 0, 0, 0, 2, 7, 8],
            &[0, 0, 0, 9, 0, 0, 0, 1, 7],
            &[0xff, 0xff, 0xff, 0xff],
            &[0, 0, 0, 1],
            &[],
        ] {
            assert!(answered(bytes).is_err(), "{bytes:x?}");
        }
    }

    #[test]
    fn what_is_written_in_the_newer_form_is_read_in_it() {
        for length in [0, 1, 126, 127, 128, 249, 40_000] {
            let (mut writer, text) = (Writer::default(), "x".repeat(length));
            writer.compact(&text).i64(-3);
            let mut reader = Reader::new(&writer.bytes);
            assert_eq!((reader.compact_text(), reader.i64()), (Ok(text), Ok(-3)));
        }
    }

    #[test]
    fn what_breaks_off_is_told() {
        assert_eq!(Reader::new(&[0x81, 0x01]).varint(), Ok(129));
        assert!(Reader::new(&[0xff; 9]).varint().is_err());
        assert!(Reader::new(&[0, 9, b'a']).text().is_err());
        assert!(Reader::new(&[1, 0, 0xff]).skip_tags().is_err());
        assert_eq!(Reader::new(&[0xff, 0xff]).text(), Ok(String::new()));
    }
}
