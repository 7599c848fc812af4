//! The members of an object, taken out one by one.

use std::str::FromStr;

use events::snapshot::check_text;
use events::time::TimestampError;
use events::{IdError, TextError};
use serde_json::{Map, Value};

use super::Unreadable;

/// What is wrong with a member.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Mistake {
    /// It is not there, or `null`.
    #[error("is required")]
    Missing,
    /// Of another type.
    #[error("must be a string")]
    NotAString,
    /// Of another type.
    #[error("must be true or false")]
    NotABoolean,
    /// Of another type.
    #[error("must be a list")]
    NotAList,
    /// Too many entries.
    #[error("must not hold more than {max} entries")]
    ListTooLong {
        /// So many at most.
        max: usize,
    },
    /// An object that does not hold what it should.
    #[error("is malformed")]
    Malformed,
    /// None of the names that are known.
    #[error("is unknown")]
    Unknown,
    /// No id.
    #[error(transparent)]
    Id(#[from] IdError),
    /// No time.
    #[error(transparent)]
    Time(#[from] TimestampError),
    /// No text that can be stored.
    #[error(transparent)]
    Text(#[from] TextError),
}

/// The members that nobody has taken yet.
pub(super) struct Members(pub(super) Map<String, Value>);

impl Members {
    /// A member that must be there.
    pub(super) fn required<T>(
        &mut self,
        name: &'static str,
        parse: impl FnOnce(Value) -> Result<T, Mistake>,
    ) -> Result<T, Unreadable> {
        let found = self.optional(name, parse)?;
        found.ok_or(Unreadable::Member { member: name, mistake: Mistake::Missing })
    }

    /// A member that may be absent.
    pub(super) fn optional<T>(
        &mut self,
        name: &'static str,
        parse: impl FnOnce(Value) -> Result<T, Mistake>,
    ) -> Result<Option<T>, Unreadable> {
        let value = self.0.remove(name).filter(|value| !value.is_null());
        let parsed = value.map(parse).transpose();
        parsed.map_err(|mistake| Unreadable::Member { member: name, mistake })
    }
}

fn string(value: Value) -> Result<String, Mistake> {
    if let Value::String(text) = value { Ok(text) } else { Err(Mistake::NotAString) }
}

/// A string that is one of our newtypes.
pub(super) fn parsed<T: FromStr>(value: Value) -> Result<T, Mistake>
where
    Mistake: From<T::Err>,
{
    Ok(string(value)?.parse()?)
}

/// A text as the platform has it.
pub(super) fn text(value: Value) -> Result<String, Mistake> {
    let text = string(value)?;
    check_text(&text)?;
    Ok(text)
}

pub(super) fn boolean(value: Value) -> Result<bool, Mistake> {
    serde_json::from_value(value).map_err(|_| Mistake::NotABoolean)
}

/// A list of at most `max` of our newtypes.
pub(super) fn list<T: FromStr>(value: Value, max: usize) -> Result<Vec<T>, Mistake>
where
    Mistake: From<T::Err>,
{
    let Value::Array(items) = value else { return Err(Mistake::NotAList) };
    if items.len() > max {
        return Err(Mistake::ListTooLong { max });
    }
    items.into_iter().map(parsed).collect()
}
