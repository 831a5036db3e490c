//! Protobuf: a schema as the registry has it, as text, and payloads written by it into JSON.

use prost_reflect::{DynamicMessage, FileDescriptor, MessageDescriptor, SerializeOptions};
use protox::Compiler;
use protox::file::{ChainFileResolver, File, FileResolver, GoogleFileResolver};
use serde_json::Value;
use serde_json::value::Serializer;

/// The name that the schema itself goes by among its imports.
const OWN: &str = "waylaid-schema.proto";
/// How deep brackets of a schema may be nested, and how long it may be: a parser goes as deep as its text.
const DEPTH: usize = 48;
const LONGEST: usize = 512 << 10;

/// A schema: a file with its messages.
#[derive(Debug)]
pub struct Schema {
    file: FileDescriptor,
}

/// What a schema imports: names and texts.
struct Imports(Vec<(String, String)>);

impl FileResolver for Imports {
    fn open_file(&self, name: &str) -> Result<File, protox::Error> {
        match self.0.iter().find(|(known, _)| known == name) {
            Some((_, text)) => File::from_source(name, text),
            None => Err(protox::Error::file_not_found(name)),
        }
    }
}

impl Schema {
    /// Reads a schema. `references` are those that it imports, with the names by which it does.
    pub fn parse(text: &str, references: &[(String, String)]) -> Option<Self> {
        let mut files = references.to_vec();
        files.push((OWN.to_owned(), text.to_owned()));
        if !files.iter().all(|(_, text)| is_shallow(text)) {
            return None;
        }
        let mut resolver = ChainFileResolver::new();
        resolver.add(Imports(files));
        resolver.add(GoogleFileResolver::new());
        let mut compiler = Compiler::with_file_resolver(resolver);
        compiler.open_file(OWN).ok()?;
        let file = compiler.descriptor_pool().get_file_by_name(OWN)?;
        Some(Self { file })
    }

    /// The document that these bytes are: which message of the file stands before it, as a path of places.
    pub fn document(&self, bytes: &[u8]) -> Option<Value> {
        let mut rest = bytes;
        let path = match zigzag(&mut rest)? {
            0 => vec![0],
            count @ 1..=16 => (0..count).map(|_| zigzag(&mut rest)).collect::<Option<Vec<i64>>>()?,
            _ => return None,
        };
        let message = DynamicMessage::decode(self.message(&path)?, rest).ok()?;
        let options = SerializeOptions::new().stringify_64_bit_integers(false).skip_default_fields(false);
        message.serialize_with_options(Serializer, &options).ok()
    }

    fn message(&self, path: &[i64]) -> Option<MessageDescriptor> {
        let (first, inner) = path.split_first()?;
        let first = self.file.messages().nth(usize::try_from(*first).ok()?)?;
        inner.iter().try_fold(first, |message, at| message.child_messages().nth(usize::try_from(*at).ok()?))
    }
}

/// Whether a text may be given to the parser.
fn is_shallow(text: &str) -> bool {
    let mut depth = 0_usize;
    let is_flat = text.bytes().all(|byte| {
        match byte {
            b'{' | b'[' | b'(' | b'<' => depth += 1,
            b'}' | b']' | b')' | b'>' => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth <= DEPTH
    });
    is_flat && text.len() <= LONGEST
}

/// A whole number: seven bits a byte, the sign in the lowest.
fn zigzag(rest: &mut &[u8]) -> Option<i64> {
    let mut number = 0_u64;
    for place in 0..10 {
        let (byte, after) = rest.split_first()?;
        *rest = after;
        number |= u64::from(byte & 0x7f) << (7 * place);
        if *byte < 0x80 {
            return Some((number >> 1) as i64 ^ -((number & 1) as i64));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const ORDER: &str = "syntax = \"proto3\"; package shop; import \"line.proto\"; import \"google/protobuf/timestamp.proto\";
        message Other {}
        message Order { int64 order_id = 1; string no = 2; repeated Line lines = 3; State state = 4; Inner inner = 5;
            google.protobuf.Timestamp at = 6; enum State { NEW = 0; DONE = 1; } message Inner { uint32 n = 1; } }";
    const LINE: &str = "syntax = \"proto3\"; package shop; message Line { string sku = 1; }";

    fn schema() -> Schema {
        Schema::parse(ORDER, &[("line.proto".to_owned(), LINE.to_owned())]).unwrap()
    }

    #[test]
    fn a_document_is_read_by_its_schema() {
        let body = b"\x08\xe9\x07\x12\x03A-1\x1a\x03\x0a\x01x\x20\x01\x2a\x02\x08\x07\x32\x02\x08\x01";
        let expected = json!({"orderId": 1001, "no": "A-1", "lines": [{"sku": "x"}], "state": "DONE", "inner": {"n": 7},
            "at": "1970-01-01T00:00:01Z"});
        assert_eq!(schema().document(&[b"\x02\x02", body.as_slice()].concat()), Some(expected));
        assert_eq!(
            schema().document(b"\x04\x02\x00\x08\x07"),
            Some(json!({"n": 7})),
            "a message inside another"
        );
        assert_eq!(schema().document(b"\x00"), Some(json!({})), "the first, in short");
    }

    #[test]
    fn nothing_is_believed() {
        for bytes in [
            b"".as_slice(),
            b"\x02",
            b"\x02\x08\x08\x01",
            b"\x01\x08",
            b"\x40\x02",
            b"\x02\x02\x0a\xff\xff\xff\xff\x0f",
        ] {
            assert_eq!(schema().document(bytes), None, "{bytes:x?}");
        }
        assert!(Schema::parse(ORDER, &[]).is_none(), "an import that is missing");
        for text in ["message {", "{", &"message A {".repeat(100), "import \"/etc/passwd\";"] {
            assert!(Schema::parse(&format!("syntax = \"proto3\"; {text}"), &[]).is_none(), "{text}");
        }
    }
}
