//! Fields of a JSON body or a query string, parsed into newtypes, every mistake collected.
//!
//! ```
//! # use web::{Fields, Input, Problem};
//! # use events::{Reason, UserId};
//! # fn parse(body: &[u8]) -> Result<(UserId, Option<Reason>, u32), Problem> {
//! let mut fields = Fields::from_json(body)?;
//! let target = fields.required("targetUserId", Input::parse::<UserId>);
//! let reason = fields.optional("reason", |input| input.text(Reason::parse)).flatten();
//! let seconds = fields.optional("durationSeconds", |input| input.integer(1..=60));
//! let target = fields.complete(target)?;
//! # Ok((target, reason, seconds.unwrap_or(60)))
//! # }
//! ```

mod input;
mod json;
mod query;

use std::borrow::Cow;

use serde_json::{Map, Value};

pub use input::Input;

use crate::{Kind, Problem, Reason, YouTubeReason};

/// Where fields come from; decides how they are written and where errors say they stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Source {
    /// A JSON body: numbers are numbers.
    Body,
    /// A query string: everything is text.
    Query,
}

/// The fields of one object, and what was found wrong so far. A field that is `null` counts as
/// absent, unknown ones are ignored.
#[derive(Debug)]
pub struct Fields {
    values: Map<String, Value>,
    source: Source,
    path: String,
    reasons: Vec<Reason>,
}

impl Fields {
    /// The fields of a JSON object. Refuses what is not one, and a name that occurs twice in any
    /// object: which of the two counts would be anybody's guess.
    pub fn from_json(body: &[u8]) -> Result<Self, Problem> {
        match json::parse(body)? {
            Value::Object(values) => Ok(Self::new(values, Source::Body)),
            _ => Err(json::not_an_object()),
        }
    }

    /// [`Self::from_json`], where a bare list stands for an object that holds it as `name`.
    pub fn from_json_or_list(body: &[u8], name: &'static str) -> Result<Self, Problem> {
        match json::parse(body)? {
            list @ Value::Array(_) => {
                Ok(Self::new(Map::from_iter([(name.to_owned(), list)]), Source::Body))
            }
            Value::Object(values) => Ok(Self::new(values, Source::Body)),
            _ => Err(json::not_an_object()),
        }
    }

    /// The parameters of a query string, percent-decoded. Refuses a name that occurs twice, what is
    /// not UTF-8, and control characters.
    pub fn from_query(query: Option<&str>) -> Result<Self, Problem> {
        Ok(Self::new(query::parse(query.unwrap_or_default())?, Source::Query))
    }

    fn new(values: Map<String, Value>, source: Source) -> Self {
        Self { values, source, path: String::new(), reasons: Vec::new() }
    }

    /// The value of a field that must be there.
    pub fn required<T>(
        &mut self,
        name: &'static str,
        parse: impl FnOnce(Input) -> Result<T, Reason>,
    ) -> Option<T> {
        if self.is_absent(name) {
            let location = self.locate(name, YouTubeReason::global("required"));
            self.refuse(Reason::new("required").at(self.full(name)).youtube(location));
            return None;
        }
        self.optional(name, parse)
    }

    /// The value of a field that may be absent.
    pub fn optional<T>(
        &mut self,
        name: &'static str,
        parse: impl FnOnce(Input) -> Result<T, Reason>,
    ) -> Option<T> {
        let value = self.values.remove(name).filter(|value| !value.is_null())?;
        parse(Input { value, source: self.source })
            .map_err(|reason| self.refuse(self.placed(name, reason)))
            .ok()
    }

    /// Whether the field is absent or `null`.
    pub fn is_absent(&self, name: &str) -> bool {
        self.values.get(name).is_none_or(Value::is_null)
    }

    /// The fields of an object inside this one; none when it is absent. Give them back with
    /// [`Fields::absorb`].
    #[must_use]
    pub fn nested(&mut self, name: &'static str) -> Fields {
        let values = self.optional(name, Input::object).unwrap_or_default();
        Self { values, source: self.source, path: self.full(name) + ".", reasons: Vec::new() }
    }

    /// The fields of each object of a list, at least one and at most `max`. Give each back with
    /// [`Fields::absorb`].
    #[must_use]
    pub fn each(&mut self, name: &'static str, max: usize) -> Vec<Fields> {
        let items = self.required(name, |input| input.list(max, Input::object)).unwrap_or_default();
        let path = |nth| format!("{}[{nth}].", self.full(name));
        let fields = |(nth, values)| Self { path: path(nth), ..Self::new(values, self.source) };
        items.into_iter().enumerate().map(fields).collect()
    }

    /// Takes over what was found wrong in an inner object.
    pub fn absorb(&mut self, inner: Fields) {
        self.reasons.extend(inner.reasons);
    }

    /// Adds something wrong that only the caller can see, for instance across fields.
    pub fn refuse(&mut self, reason: Reason) {
        self.reasons.push(reason);
    }

    /// Everything found wrong, as one problem.
    pub fn finish(self) -> Result<(), Problem> {
        if self.reasons.is_empty() {
            return Ok(());
        }
        Err(Problem { reasons: self.reasons, ..Problem::new(Kind::Invalid) })
    }

    /// What was required, or everything found wrong. A required value that is `None` has left its
    /// reason behind.
    pub fn complete<T>(self, required: Option<T>) -> Result<T, Problem> {
        self.finish()?;
        required.ok_or_else(|| Problem::new(Kind::Invalid))
    }

    fn full(&self, name: &str) -> String {
        format!("{}{name}", self.path)
    }

    fn placed(&self, name: &str, reason: Reason) -> Reason {
        let within = reason.field.as_deref().unwrap_or_default();
        let youtube = reason.youtube.clone().unwrap_or_else(|| {
            let name = format!("{name}{within}");
            Box::new(self.locate(&name, YouTubeReason::global("invalidValue")))
        });
        let field = Cow::Owned(self.full(name) + within);
        Reason { field: Some(field), youtube: Some(youtube), ..reason }
    }

    fn locate(&self, name: &str, reason: YouTubeReason) -> YouTubeReason {
        match self.source {
            Source::Body => reason.body(self.full(name)),
            Source::Query => reason.parameter(self.full(name)),
        }
    }
}
