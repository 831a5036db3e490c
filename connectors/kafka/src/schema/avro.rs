//! Avro: a schema as the registry has it, and payloads written by it into JSON. Whatever stands in a payload is taken with
//! care: what does not fit the schema to its last byte is no document of it.

use serde_json::{Map, Number, Value};
use std::collections::HashMap;
use std::fmt::Write as _;
use waylaid_model::Timestamp;

/// How deep schemas and documents may be nested.
const DEPTH: u8 = 64;
/// Values that take no bytes of the payload, and so have no bound there.
const FREE: u32 = 100_000;
/// Bytes of a binary member that are shown.
const SHOWN: usize = 256;

/// A schema: types that name each other by their place.
#[derive(Debug, Default)]
pub struct Schema {
    types: Vec<Type>,
    names: HashMap<String, usize>,
    root: usize,
}

#[derive(Clone, Debug)]
enum Type {
    Null,
    Boolean,
    Int(Meaning),
    Long(Meaning),
    Float,
    Double,
    Bytes(Meaning),
    Text,
    Fixed(usize, Meaning),
    Enum(Vec<String>),
    Array(usize),
    Map(usize),
    Union(Vec<usize>),
    Record(Vec<(String, usize)>),
}

/// What a plain value stands for.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Meaning {
    Itself,
    /// Days since 1970.
    Date,
    /// So many of these make a second, since 1970.
    Moment(i64),
    /// A whole number with so many digits behind its point.
    Decimal(u32),
}

impl Schema {
    /// Reads a schema. `references` are those whose types it names, each after those that it names itself.
    pub fn parse(text: &str, references: &[String]) -> Option<Self> {
        let mut schema = Self::default();
        for text in references.iter().map(String::as_str).chain([text]) {
            // Registries keep the name of a plain type bare.
            let json = serde_json::from_str(text).unwrap_or_else(|_| Value::from(text.trim()));
            schema.root = schema.read(&json, "", DEPTH)?;
        }
        Some(schema)
    }

    fn add(&mut self, of: Type) -> usize {
        self.types.push(of);
        self.types.len() - 1
    }

    fn read(&mut self, json: &Value, space: &str, depth: u8) -> Option<usize> {
        let depth = depth.checked_sub(1)?;
        match json {
            Value::String(name) => self.plain(name, &Map::new(), space),
            Value::Array(branches) => {
                let branches: Option<Vec<usize>> =
                    branches.iter().map(|b| self.read(b, space, depth)).collect();
                let branches = branches?;
                Some(self.add(Type::Union(branches)))
            }
            Value::Object(object) => match object.get("type")? {
                Value::String(kind) => self.object(kind, object, space, depth),
                nested => self.read(nested, space, depth),
            },
            _ => None,
        }
    }

    fn plain(&mut self, name: &str, object: &Map<String, Value>, space: &str) -> Option<usize> {
        let meaning = meaning(object);
        let of = match name {
            "null" => Type::Null,
            "boolean" => Type::Boolean,
            "int" => Type::Int(meaning),
            "long" => Type::Long(meaning),
            "float" => Type::Float,
            "double" => Type::Double,
            "bytes" => Type::Bytes(meaning),
            "string" => Type::Text,
            name => return self.names.get(&full(name, space)).or_else(|| self.names.get(name)).copied(),
        };
        Some(self.add(of))
    }

    fn object(&mut self, kind: &str, object: &Map<String, Value>, space: &str, depth: u8) -> Option<usize> {
        let text = |name: &str| object.get(name).and_then(Value::as_str);
        if !matches!(kind, "record" | "error" | "enum" | "fixed") {
            return match kind {
                "array" => {
                    let items = self.read(object.get("items")?, space, depth)?;
                    Some(self.add(Type::Array(items)))
                }
                "map" => {
                    let values = self.read(object.get("values")?, space, depth)?;
                    Some(self.add(Type::Map(values)))
                }
                plain => self.plain(plain, object, space),
            };
        }
        let name = full(text("name")?, text("namespace").unwrap_or(space));
        let space = name.rsplit_once('.').map_or("", |(space, _)| space).to_owned();
        // The name is there before the fields: they may hold the record itself.
        let place = self.add(Type::Null);
        self.names.insert(name, place);
        self.types[place] = match kind {
            "enum" => Type::Enum(
                object
                    .get("symbols")?
                    .as_array()?
                    .iter()
                    .map(|s| Some(s.as_str()?.to_owned()))
                    .collect::<Option<_>>()?,
            ),
            "fixed" => Type::Fixed(usize::try_from(object.get("size")?.as_u64()?).ok()?, meaning(object)),
            _ => {
                let mut fields = Vec::new();
                for field in object.get("fields")?.as_array()? {
                    let name = field.get("name")?.as_str()?.to_owned();
                    fields.push((name, self.read(field.get("type")?, &space, depth)?));
                }
                Type::Record(fields)
            }
        };
        Some(place)
    }

    /// The document that these bytes are, all of them.
    pub fn document(&self, bytes: &[u8]) -> Option<Value> {
        let mut input = Input { rest: bytes, free: FREE };
        let value = self.value(self.root, &mut input, DEPTH)?;
        input.rest.is_empty().then_some(value)
    }

    fn value(&self, at: usize, input: &mut Input<'_>, depth: u8) -> Option<Value> {
        let depth = depth.checked_sub(1)?;
        Some(match self.types.get(at)? {
            Type::Null => {
                input.free = input.free.checked_sub(1)?;
                Value::Null
            }
            Type::Boolean => match input.take(1)? {
                [0] => Value::from(false),
                [1] => Value::from(true),
                _ => return None,
            },
            Type::Int(meaning) | Type::Long(meaning) => whole(input.long()?, *meaning),
            Type::Float => float(f64::from(f32::from_le_bytes(input.take(4)?.try_into().ok()?))),
            Type::Double => float(f64::from_le_bytes(input.take(8)?.try_into().ok()?)),
            Type::Bytes(meaning) => binary(input.counted()?, *meaning),
            Type::Fixed(size, meaning) => {
                if *size == 0 {
                    input.free = input.free.checked_sub(1)?;
                }
                binary(input.take(*size)?, *meaning)
            }
            Type::Text => Value::from(std::str::from_utf8(input.counted()?).ok()?),
            Type::Enum(symbols) => Value::from(symbols.get(usize::try_from(input.long()?).ok()?)?.as_str()),
            Type::Union(branches) => {
                let branch = *branches.get(usize::try_from(input.long()?).ok()?)?;
                self.value(branch, input, depth)?
            }
            Type::Record(fields) => {
                if fields.is_empty() {
                    input.free = input.free.checked_sub(1)?;
                }
                let mut map = Map::new();
                for (name, of) in fields {
                    map.insert(name.clone(), self.value(*of, input, depth)?);
                }
                Value::Object(map)
            }
            Type::Array(items) => {
                let mut list = Vec::new();
                blocks(input, |input| {
                    list.push(self.value(*items, input, depth)?);
                    Some(())
                })?;
                Value::Array(list)
            }
            Type::Map(values) => {
                let mut map = Map::new();
                blocks(input, |input| {
                    let name = std::str::from_utf8(input.counted()?).ok()?.to_owned();
                    map.insert(name, self.value(*values, input, depth)?);
                    Some(())
                })?;
                Value::Object(map)
            }
        })
    }
}

/// Lists come in blocks with a count before each; a negative one has its bytes behind it.
fn blocks(input: &mut Input<'_>, mut each: impl FnMut(&mut Input<'_>) -> Option<()>) -> Option<()> {
    loop {
        let count = input.long()?;
        if count == 0 {
            return Some(());
        }
        if count < 0 {
            input.long()?;
        }
        for _ in 0..count.unsigned_abs() {
            each(input)?;
        }
    }
}

fn full(name: &str, space: &str) -> String {
    if name.contains('.') || space.is_empty() { name.to_owned() } else { format!("{space}.{name}") }
}

fn meaning(object: &Map<String, Value>) -> Meaning {
    match object.get("logicalType").and_then(Value::as_str) {
        Some("date") => Meaning::Date,
        Some("timestamp-millis") => Meaning::Moment(1_000),
        Some("timestamp-micros") => Meaning::Moment(1_000_000),
        Some("decimal") => {
            let scale = object.get("scale").and_then(Value::as_u64).unwrap_or(0);
            Meaning::Decimal(u32::try_from(scale).unwrap_or(0))
        }
        _ => Meaning::Itself,
    }
}

fn whole(number: i64, meaning: Meaning) -> Value {
    match meaning {
        Meaning::Moment(parts) => {
            let nanos = number.rem_euclid(parts) * (1_000_000_000 / parts);
            Value::from(Timestamp::from_seconds(number.div_euclid(parts)).plus(nanos).to_string())
        }
        Meaning::Date => {
            let time = number.checked_mul(86_400).map(|seconds| Timestamp::from_seconds(seconds).to_string());
            let day = time.and_then(|time| Some(time.split_once('T')?.0.to_owned()));
            day.map_or_else(|| Value::from(number), Value::from)
        }
        Meaning::Itself | Meaning::Decimal(_) => Value::from(number),
    }
}

fn float(number: f64) -> Value {
    Number::from_f64(number).map_or(Value::Null, Value::Number)
}

/// Bytes as tables show them, or the decimal number that they are.
fn binary(bytes: &[u8], meaning: Meaning) -> Value {
    if let (Meaning::Decimal(scale), 1..=16) = (meaning, bytes.len()) {
        let negative = bytes[0] >= 0x80;
        let start = if negative { -1_i128 } else { 0 };
        let number = bytes.iter().fold(start, |number, byte| (number << 8) | i128::from(*byte));
        return Value::from(decimal(number, scale as usize));
    }
    let mut text = String::from("x'");
    for byte in &bytes[..bytes.len().min(SHOWN)] {
        let _ = write!(text, "{byte:02x}");
    }
    text.push('\'');
    if bytes.len() > SHOWN {
        let _ = write!(text, "… ({} bytes)", bytes.len());
    }
    Value::from(text)
}

fn decimal(number: i128, scale: usize) -> String {
    if scale == 0 || scale > 40 {
        return number.to_string();
    }
    let digits = format!("{:0>width$}", number.unsigned_abs(), width = scale + 1);
    let (whole, rest) = digits.split_at(digits.len() - scale);
    format!("{}{whole}.{rest}", if number < 0 { "-" } else { "" })
}

struct Input<'b> {
    rest: &'b [u8],
    free: u32,
}

impl<'b> Input<'b> {
    fn take(&mut self, count: usize) -> Option<&'b [u8]> {
        let (taken, rest) = self.rest.split_at_checked(count)?;
        self.rest = rest;
        Some(taken)
    }

    /// A whole number: seven bits a byte, the sign in the lowest.
    fn long(&mut self) -> Option<i64> {
        let mut number = 0_u64;
        for place in 0..10 {
            let byte = self.take(1)?[0];
            number |= u64::from(byte & 0x7f) << (7 * place);
            if byte < 0x80 {
                return Some((number >> 1) as i64 ^ -((number & 1) as i64));
            }
        }
        None
    }

    /// Bytes with their length before them.
    fn counted(&mut self) -> Option<&'b [u8]> {
        let count = usize::try_from(self.long()?).ok()?;
        self.take(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const ORDER: &str = r#"{"type": "record", "name": "Order", "namespace": "shop", "fields": [
        {"name": "id", "type": "long"},
        {"name": "no", "type": "string"},
        {"name": "state", "type": {"type": "enum", "name": "State", "symbols": ["NEW", "DONE"]}},
        {"name": "note", "type": ["null", "string"]},
        {"name": "lines", "type": {"type": "array", "items": {"type": "record", "name": "Line", "fields": [
            {"name": "sku", "type": "string"}, {"name": "next", "type": ["null", "Line"]}]}}},
        {"name": "tags", "type": {"type": "map", "values": "int"}},
        {"name": "at", "type": {"type": "long", "logicalType": "timestamp-millis"}},
        {"name": "price", "type": {"type": "bytes", "logicalType": "decimal", "precision": 9, "scale": 2}},
        {"name": "day", "type": {"type": "int", "logicalType": "date"}},
        {"name": "again", "type": "shop.State"},
        {"name": "raw", "type": {"type": "fixed", "name": "Two", "size": 2}},
        {"name": "ratio", "type": "double"},
        {"name": "flag", "type": "boolean"}]}"#;

    fn bytes() -> Vec<u8> {
        let mut bytes = vec![0xd2, 0x0f, 0x06];
        bytes.extend(b"A-1");
        bytes.extend([0x02, 0x02, 0x04]);
        bytes.extend(b"hi");
        // A block of one line with its bytes counted, which holds another one.
        bytes.extend([0x01, 0x0a, 0x02, b'x', 0x02, 0x02, b'y', 0x00, 0x00]);
        bytes.extend([0x02, 0x02, b't', 0x01, 0x00]);
        bytes.extend([0x02, 0x04, 0xff, 0x85, 0x02, 0x00, 0x00, 0xff]);
        bytes.extend(1.5_f64.to_le_bytes());
        bytes.push(1);
        bytes
    }

    #[test]
    fn a_document_is_read_by_its_schema() {
        let schema = Schema::parse(ORDER, &[]).unwrap();
        let expected = json!({"id": 1001, "no": "A-1", "state": "DONE", "note": "hi",
            "lines": [{"sku": "x", "next": {"sku": "y", "next": null}}], "tags": {"t": -1},
            "at": "1970-01-01T00:00:00.001Z", "price": "-1.23", "day": "1970-01-02", "again": "NEW", "raw": "x'00ff'",
            "ratio": 1.5, "flag": true});
        assert_eq!(schema.document(&bytes()), Some(expected));
        for end in 0..bytes().len() {
            assert_eq!(schema.document(&bytes()[..end]), None, "cut at {end}");
        }
        assert_eq!(schema.document(&[bytes(), vec![0]].concat()), None, "a byte too many");
    }

    #[test]
    fn types_of_other_schemas_are_known() {
        let line = r#"{"type": "record", "name": "shop.Line", "fields": [{"name": "n", "type": "int"}]}"#;
        let order = r#"{"type": "record", "name": "Order", "namespace": "shop", "fields": [{"name": "line", "type": "Line"}]}"#;
        let schema = Schema::parse(order, &[line.to_owned()]).unwrap();
        assert_eq!(schema.document(&[0x06]), Some(json!({"line": {"n": 3}})));
        assert!(Schema::parse(order, &[]).is_none());
        assert_eq!(Schema::parse("\"string\"", &[]).unwrap().document(b"\x02a"), Some(json!("a")));
        assert_eq!(Schema::parse("long", &[]).unwrap().document(&[0x02]), Some(json!(1)));
    }

    #[test]
    fn nothing_is_believed() {
        let nested = format!("{}\"int\"{}", "[".repeat(200), "]".repeat(200));
        for text in ["", "{}", "[1]", r#"{"type": "record"}"#, r#"{"type": "array"}"#, "\"nowhere\"", &nested]
        {
            assert!(Schema::parse(text, &[]).is_none(), "{text}");
        }
        let nulls = Schema::parse(r#"{"type": "array", "items": "null"}"#, &[]).unwrap();
        assert_eq!(nulls.document(b"\xfe\xff\xff\xff\xff\xff\xff\xff\xff\x01\x00"), None, "endless nothing");
        let own =
            Schema::parse(r#"{"type": "record", "name": "R", "fields": [{"name": "r", "type": "R"}]}"#, &[]);
        assert_eq!(own.unwrap().document(b""), None);
        let schema = Schema::parse(ORDER, &[]).unwrap();
        let mut state = 7_u64;
        for _ in 0..50_000 {
            let mut bytes = bytes();
            for _ in 0..3 {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                let at = (state >> 33) as usize % bytes.len();
                bytes[at] = (state >> 55) as u8;
            }
            let _ = schema.document(&bytes);
        }
    }
}
