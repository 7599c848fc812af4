//! JSON in which no name occurs twice in one object: which of the two counts would be anybody's guess.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

/// Why bytes are no such JSON.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JsonError {
    /// A name occurs twice in one object.
    #[error("the name {0:?} occurs twice in one object")]
    Duplicate(String),
    /// No JSON at all.
    #[error("no JSON from line {line}, column {column} on")]
    Malformed {
        /// Where it stops to be JSON, from 1.
        line: usize,
        /// Where in that line, from 1; 0 in front of it.
        column: usize,
    },
}

/// The value in `text`. `serde_json` refuses what is nested deeper than 128 levels and what is not
/// UTF-8.
pub fn parse(text: &[u8]) -> Result<Value, JsonError> {
    let mut deserializer = serde_json::Deserializer::from_slice(text);
    let value = Strict.deserialize(&mut deserializer);
    value.and_then(|value| deserializer.end().map(|()| value)).map_err(|error| refusal(&error))
}

fn refusal(error: &serde_json::Error) -> JsonError {
    let text = error.to_string();
    match text.strip_prefix(DUPLICATE).and_then(|rest| rest.rsplit_once(" at line ")) {
        Some((name, _)) => JsonError::Duplicate(name.to_owned()),
        None => JsonError::Malformed { line: error.line(), column: error.column() },
    }
}

// A deserializer's error can carry nothing but text; this start tells ours from the others.
const DUPLICATE: &str = "duplicate name: ";

struct Strict;

impl<'de> DeserializeSeed<'de> for Strict {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: Error>(self, truth: bool) -> Result<Value, E> {
        Ok(Value::Bool(truth))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Value, E> {
        Ok(text.into())
    }

    fn visit_string<E: Error>(self, text: String) -> Result<Value, E> {
        Ok(text.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(Strict)? {
            list.push(item);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some(name) = entries.next_key::<String>()? {
            if object.contains_key(&name) {
                return Err(A::Error::custom(format!("{DUPLICATE}{name}")));
            }
            let value = entries.next_value_seed(Strict)?;
            object.insert(name, value);
        }
        Ok(Value::Object(object))
    }
}
