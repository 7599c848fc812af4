//! One field's value, and the ways to read it.

use std::ops::RangeInclusive;
use std::str::FromStr;

use events::TextError;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::Source;
use crate::Reason;

/// The value of a field that is there and is not `null`.
#[derive(Debug)]
pub struct Input {
    pub(super) value: Value,
    pub(super) source: Source,
}

impl Input {
    /// A string, as it is.
    pub fn string(self) -> Result<String, Reason> {
        match self.value {
            Value::String(text) => Ok(text),
            _ => Err(Reason::new("not-a-string")),
        }
    }

    /// A string that is one of our newtypes.
    pub fn parse<T: FromStr>(self) -> Result<T, Reason>
    where
        Reason: From<T::Err>,
    {
        Ok(self.string()?.parse()?)
    }

    /// What somebody wrote; `None` when it is blank.
    pub fn text<T>(
        self,
        parse: impl FnOnce(&str) -> Result<Option<T>, TextError>,
    ) -> Result<Option<T>, Reason> {
        Ok(parse(&self.string()?)?)
    }

    /// What somebody wrote, which must not be blank.
    pub fn some_text<T>(
        self,
        parse: impl FnOnce(&str) -> Result<Option<T>, TextError>,
    ) -> Result<T, Reason> {
        self.text(parse)?.ok_or_else(|| Reason::new("blank"))
    }

    /// A whole number. In a body it is a JSON number, never a string; a fraction of zero is no
    /// fraction.
    pub fn integer(self, range: RangeInclusive<u32>) -> Result<u32, Reason> {
        let number = match (&self.value, self.source) {
            (Value::Number(number), _) => whole(number),
            (Value::String(digits), Source::Query) => decimal(digits),
            _ => None,
        };
        in_range(number, &range)
    }

    /// A whole number, as a JSON number or as a string of digits: YouTube's habit for 64-bit fields.
    pub fn integer_or_digits(self, range: RangeInclusive<u32>) -> Result<u32, Reason> {
        Self { source: Source::Query, ..self }.integer(range)
    }

    /// `true` or `false`.
    pub fn boolean(self) -> Result<bool, Reason> {
        match (&self.value, self.source) {
            (Value::Bool(truth), _) => Ok(*truth),
            (Value::String(text), Source::Query) if text == "true" => Ok(true),
            (Value::String(text), Source::Query) if text == "false" => Ok(false),
            _ => Err(Reason::new("not-a-boolean")),
        }
    }

    /// One of `all`, by its name.
    pub fn one_of<T: Copy>(self, all: &[T], name: impl Fn(T) -> &'static str) -> Result<T, Reason> {
        let found = self.value.as_str().and_then(|text| all.iter().find(|one| name(**one) == text));
        found.copied().ok_or_else(|| {
            let names: Vec<_> = all.iter().map(|one| name(*one)).collect();
            Reason::new("not-one-of").arg("allowed", names.join(", "))
        })
    }

    /// A JSON object, as it is.
    pub fn object(self) -> Result<Map<String, Value>, Reason> {
        match self.value {
            Value::Object(values) => Ok(values),
            _ => Err(Reason::new("not-an-object")),
        }
    }

    /// A JSON list of at most `max` entries.
    pub fn list<T>(
        self,
        max: usize,
        parse: impl Fn(Input) -> Result<T, Reason>,
    ) -> Result<Vec<T>, Reason> {
        let Value::Array(items) = self.value else { return Err(Reason::new("not-a-list")) };
        if items.len() > max {
            return Err(Reason::new("list-too-long").arg("max", max));
        }
        let source = self.source;
        let item = |(nth, value)| {
            parse(Input { value, source }).map_err(|reason| {
                let within = reason.field.clone().unwrap_or_default();
                reason.at(format!("[{nth}]{within}"))
            })
        };
        items.into_iter().enumerate().map(item).collect()
    }

    /// A whole structure, when which part of it is wrong need not be told.
    pub fn structure<T: DeserializeOwned>(self) -> Result<T, Reason> {
        serde_json::from_value(self.value).map_err(|_| Reason::new("malformed"))
    }
}

fn whole(number: &serde_json::Number) -> Option<u32> {
    let integer = number.as_u64().and_then(|number| u32::try_from(number).ok());
    // JSON knows one kind of number: 300.0 is 300.
    integer.or_else(|| number.as_f64().and_then(|float| decimal(&float.to_string())))
}

fn decimal(digits: &str) -> Option<u32> {
    // `parse` would take a leading plus sign, which nobody means.
    let plain = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    if plain { digits.parse().ok() } else { None }
}

fn in_range(number: Option<u32>, range: &RangeInclusive<u32>) -> Result<u32, Reason> {
    number.filter(|number| range.contains(number)).ok_or_else(|| {
        Reason::new("not-an-integer-in-range").arg("min", range.start()).arg("max", range.end())
    })
}
