//! One thing that is wrong: a text of the catalogue, where it is wrong, and YouTube's name for it.

use std::borrow::Cow;
use std::fmt::Display;

use events::time::TimestampError;
use events::{IdError, TextError};

/// One thing that is wrong with a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// The catalogue's key of its text.
    pub key: &'static str,
    /// What the text's placeables stand for.
    pub args: Vec<(&'static str, String)>,
    /// The field, parameter or header that is wrong.
    pub field: Option<Cow<'static, str>>,
    /// What the YouTube dialect calls it; the kind's default when absent. Boxed, as few have one and
    /// errors should be small.
    pub youtube: Option<Box<YouTubeReason>>,
}

impl Reason {
    /// The reason whose text has this key in `locales/*/main.ftl`.
    pub fn new(key: &'static str) -> Self {
        Self { key, args: Vec::new(), field: None, youtube: None }
    }

    /// Fills a placeable of the text.
    #[must_use]
    pub fn arg(mut self, name: &'static str, value: impl Display) -> Self {
        self.args.push((name, value.to_string()));
        self
    }

    /// Says which field, parameter or header is wrong.
    #[must_use]
    pub fn at(mut self, field: impl Into<Cow<'static, str>>) -> Self {
        self.field = Some(field.into());
        self
    }

    /// Says what the YouTube dialect calls it.
    #[must_use]
    pub fn youtube(mut self, reason: YouTubeReason) -> Self {
        self.youtube = Some(Box::new(reason));
        self
    }
}

/// The name of an error in Google's form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct YouTubeReason {
    /// Such as `liveChatNotFound`.
    pub reason: &'static str,
    /// Such as `youtube.liveChat`.
    pub domain: &'static str,
    /// What is wrong, and its sort: `parameter`, `header` or `other` (a field of the body).
    pub location: Option<(Cow<'static, str>, &'static str)>,
}

impl YouTubeReason {
    /// A reason of domain `youtube.liveChat`.
    pub fn live_chat(reason: &'static str) -> Self {
        Self { reason, domain: "youtube.liveChat", location: None }
    }

    /// A reason of domain `global`.
    pub fn global(reason: &'static str) -> Self {
        Self { reason, domain: "global", location: None }
    }

    /// A reason of another domain.
    pub fn of(domain: &'static str, reason: &'static str) -> Self {
        Self { reason, domain, location: None }
    }

    /// It is this query parameter.
    #[must_use]
    pub fn parameter(mut self, name: impl Into<Cow<'static, str>>) -> Self {
        self.location = Some((name.into(), "parameter"));
        self
    }

    /// It is this header.
    #[must_use]
    pub fn header(mut self, name: impl Into<Cow<'static, str>>) -> Self {
        self.location = Some((name.into(), "header"));
        self
    }

    /// It is this field of the body, for instance `snippet.type`.
    #[must_use]
    pub fn body(mut self, field: impl Into<Cow<'static, str>>) -> Self {
        self.location = Some((field.into(), "other"));
        self
    }
}

impl From<IdError> for Reason {
    fn from(error: IdError) -> Self {
        match error {
            IdError::NotAPlatformId => Self::new("not-a-platform-id"),
            IdError::NotAnObjectId => Self::new("not-an-object-id"),
        }
    }
}

impl From<TextError> for Reason {
    fn from(error: TextError) -> Self {
        match error {
            TextError::TooLong { max } => Self::new("text-too-long").arg("max", max),
            TextError::ControlCharacter { found } => Self::control_character(found),
        }
    }
}

impl Reason {
    pub(crate) fn control_character(found: char) -> Self {
        Self::new("control-character").arg("found", format!("U+{:04X}", u32::from(found)))
    }
}

impl From<TimestampError> for Reason {
    fn from(_: TimestampError) -> Self {
        Self::new("not-a-time")
    }
}

/// A text that takes anything is never wrong.
impl From<std::convert::Infallible> for Reason {
    fn from(error: std::convert::Infallible) -> Self {
        match error {}
    }
}
