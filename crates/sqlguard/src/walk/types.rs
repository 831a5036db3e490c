//! Types in casts. The language's own pass as they are; others are noted, since a type of somebody's own may run code.

use super::{Done, Walk};
use crate::{Dialect, Name, Refusal, Why};
use sqlparser::ast::{ArrayElemTypeDef, DataType};

impl Walk {
    pub(super) fn data_type(&mut self, data_type: &DataType) -> Done {
        use DataType as T;
        match data_type {
            T::Custom(name, modifiers) => {
                let name = self.object(name)?;
                if self.dialect == Dialect::SqlServer {
                    let text = transact(&name, modifiers).ok_or_else(|| unknown(data_type))?;
                    self.push(&text);
                    return Ok(());
                }
                if self.dialect != Dialect::Postgres {
                    return Err(unknown(data_type));
                }
                self.found.types.insert(name.clone());
                self.quoted(&name)?;
                if modifiers.is_empty() {
                    return Ok(());
                }
                if !modifiers.iter().all(|m| !m.is_empty() && m.chars().all(|c| c.is_ascii_digit())) {
                    return Err(unknown(data_type));
                }
                self.push(&format!("({})", modifiers.join(", ")));
                Ok(())
            }
            T::Array(ArrayElemTypeDef::SquareBracket(element, None)) if self.dialect == Dialect::Postgres => {
                self.data_type(element)?;
                self.push("[]");
                Ok(())
            }
            plain if is_plain(plain) => {
                self.push(&plain.to_string());
                Ok(())
            }
            other => Err(unknown(other)),
        }
    }
}

/// SQL Server's own types that the parser does not know.
const TRANSACT: [&str; 11] = [
    "nchar",
    "ntext",
    "image",
    "money",
    "smallmoney",
    "datetime2",
    "smalldatetime",
    "datetimeoffset",
    "uniqueidentifier",
    "sql_variant",
    "xml",
];

/// One of them with its size.
fn transact(name: &Name, modifiers: &[String]) -> Option<String> {
    let known =
        TRANSACT.iter().find(|known| name.schema.is_none() && name.name.eq_ignore_ascii_case(known))?;
    let is_size = |m: &String| {
        m.eq_ignore_ascii_case("max") || (!m.is_empty() && m.bytes().all(|byte| byte.is_ascii_digit()))
    };
    match modifiers {
        [] => Some((*known).to_owned()),
        [size] if is_size(size) => Some(format!("{known}({size})")),
        _ => None,
    }
}

fn unknown(data_type: &DataType) -> Refusal {
    let text: String = data_type.to_string().chars().take(60).collect();
    Refusal::new(
        Why::Custom,
        format!("the type {text} is not allowed"),
        "use a type that the engine itself has",
    )
}

/// Types that are written with words and numbers only.
fn is_plain(data_type: &DataType) -> bool {
    use DataType as T;
    matches!(
        data_type,
        T::Character(_)
            | T::Char(_)
            | T::CharacterVarying(_)
            | T::CharVarying(_)
            | T::Varchar(_)
            | T::Nvarchar(_)
            | T::Uuid
            | T::Binary(_)
            | T::Varbinary(_)
            | T::Numeric(_)
            | T::Decimal(_)
            | T::Dec(_)
            | T::Float(_)
            | T::Float4
            | T::Float8
            | T::SmallInt(_)
            | T::TinyInt(_)
            | T::Int(_)
            | T::Int2(_)
            | T::Int4(_)
            | T::Int8(_)
            | T::Integer(_)
            | T::BigInt(_)
            | T::Signed
            | T::SignedInteger
            | T::Unsigned
            | T::UnsignedInteger
            | T::Real
            | T::Double(_)
            | T::DoublePrecision
            | T::Bool
            | T::Boolean
            | T::Date
            | T::Time(..)
            | T::Datetime(_)
            | T::Timestamp(..)
            | T::Interval { .. }
            | T::JSON
            | T::JSONB
            | T::Regclass
            | T::Text
            | T::Blob(_)
            | T::Bytea
            | T::Bit(_)
            | T::BitVarying(_)
            | T::VarBit(_)
            | T::TsVector
            | T::TsQuery
    )
}
