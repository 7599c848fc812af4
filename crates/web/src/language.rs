//! The languages of error texts, and their catalogue.

use std::borrow::Cow;
use std::collections::HashMap;

use fluent_templates::fluent_bundle::FluentValue;
use fluent_templates::{LanguageIdentifier, Loader, langid, static_loader};

use crate::Reason;

static ENGLISH: LanguageIdentifier = langid!("en");
static TURKISH: LanguageIdentifier = langid!("tr");

static_loader! {
    static TEXTS = {
        locales: "./locales",
        fallback_language: "en",
        // Fluent wraps arguments in invisible direction marks by default, which would surprise
        // whoever compares our texts.
        customise: |bundle| bundle.set_use_isolating(false),
    };
}

/// The language of error texts, from `X-Language`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Language {
    /// `en`
    #[default]
    English,
    /// `tr`
    Turkish,
}

impl Language {
    /// Every language.
    pub const ALL: [Self; 2] = [Self::English, Self::Turkish];

    /// The name in the header.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Turkish => "tr",
        }
    }

    /// What catalogues of texts know it by.
    pub fn id(self) -> &'static LanguageIdentifier {
        match self {
            Self::English => &ENGLISH,
            Self::Turkish => &TURKISH,
        }
    }

    /// The text of this key; the key itself when the catalogue lacks it.
    pub fn text(self, key: &str) -> String {
        TEXTS.try_lookup(self.id(), key).unwrap_or_else(|| key.to_owned())
    }

    /// The reason's text, its arguments filled in, after its field: `field: text`.
    pub fn reason(self, reason: &Reason) -> String {
        let arg = |(name, value): &(&'static str, String)| {
            (Cow::Borrowed(*name), FluentValue::from(value.clone()))
        };
        let args: HashMap<_, _> = reason.args.iter().map(arg).collect();
        let text = TEXTS.try_lookup_with_args(self.id(), reason.key, &args);
        let text = text.unwrap_or_else(|| reason.key.to_owned());
        match &reason.field {
            Some(field) if !field.is_empty() => format!("{field}: {text}"),
            Some(_) | None => text,
        }
    }
}
