//! Payloads that only a schema makes readable: numbered in a frame before them, kept in a registry.

mod avro;
mod protobuf;
mod registry;

pub use registry::RegistryConfig;

use crate::convert;
use registry::Registry;
use serde_json::Value;
use std::sync::Arc;

/// A zero, and the schema's number in four bytes.
const FRAME: usize = 5;
/// The same with a number of eight bytes, as Apicurio's serializers wrote it before they took to the other.
const LONG_FRAME: usize = 9;

/// Makes documents of payloads that are no text.
#[derive(Clone, Debug, Default)]
pub struct Decoder {
    registry: Option<Arc<Registry>>,
}

/// What was made of a payload.
#[derive(Clone, Debug, PartialEq)]
pub enum Decoded {
    /// A document.
    Document(Value),
    /// It has a frame, and its schema is not to be had or does not fit.
    Unknown,
    /// It is no document, or one that is text.
    Nothing,
}

/// A schema that can be read by.
#[derive(Debug)]
enum Schema {
    Avro(avro::Schema),
    Protobuf(protobuf::Schema),
    /// What is written by it is text.
    Json,
}

impl Decoder {
    /// With a registry, where there is one. Reaches out only when a schema is needed.
    pub fn new(config: Option<&RegistryConfig>) -> Result<Self, String> {
        let registry = config.map(Registry::new).transpose()?.map(Arc::new);
        Ok(Self { registry })
    }

    /// What a payload is.
    pub fn decode(&self, payload: &[u8]) -> Decoded {
        if let (Some(registry), Some((number, body))) = (&self.registry, framed(payload)) {
            let document = registry.schema(number).and_then(|schema| match &*schema {
                Schema::Avro(schema) => schema.document(body),
                Schema::Protobuf(schema) => schema.document(body),
                Schema::Json => serde_json::from_slice(body).ok(),
            });
            return document.map_or(Decoded::Unknown, Decoded::Document);
        }
        convert::document(payload).map_or(Decoded::Nothing, Decoded::Document)
    }

    /// The document that a payload is, where it is one that is no text.
    pub fn document(&self, payload: &[u8]) -> Option<Value> {
        match self.decode(payload) {
            Decoded::Document(value) => Some(value),
            Decoded::Unknown | Decoded::Nothing => None,
        }
    }

    /// Whether there is a registry.
    pub fn has_registry(&self) -> bool {
        self.registry.is_some()
    }

    /// Why schemas are not to be had, as the registry last said it.
    pub fn trouble(&self) -> Option<String> {
        self.registry.as_ref().and_then(|registry| registry.trouble())
    }
}

/// The number of a payload's schema, and what stands behind the frame. Numbers begin with 1.
fn framed(payload: &[u8]) -> Option<(u64, &[u8])> {
    let number = |bytes: &[u8]| bytes.iter().fold(0, |number, byte| (number << 8) | u64::from(*byte));
    let (0, frame) = (*payload.first()?, FRAME) else { return None };
    let short = number(payload.get(1..frame)?);
    if short > 0 {
        return Some((short, &payload[frame..]));
    }
    let long = number(payload.get(1..LONG_FRAME)?);
    (long > 0).then(|| (long, &payload[LONG_FRAME..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_told_apart() {
        assert_eq!(framed(b"\0\0\0\0\x07abc"), Some((7, b"abc".as_slice())));
        assert_eq!(framed(b"\0\0\0\0\0\0\0\x01\x02abc"), Some((258, b"abc".as_slice())));
        assert_eq!(framed(b"\0\0\0\0\x07"), Some((7, b"".as_slice())));
        for payload in [
            b"".as_slice(),
            b"\0",
            b"\0\0\0\x07",
            b"{\"id\":1}",
            b"\0\0\0\0\0\0\0\0\0x",
            b"\x01\0\0\0\x07abc",
        ] {
            assert_eq!(framed(payload), None, "{payload:x?}");
        }
        assert_eq!(Decoder::default().decode(b"\0\0\0\0\x07\x02a"), Decoded::Nothing, "without a registry");
    }
}
