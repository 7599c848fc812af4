//! What people write: trimmed, in Unicode normal form C, bounded, free of control characters.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

/// Why a text is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// Longer than its field allows, in Unicode code points after trimming and normalising.
    #[error("must not be longer than {max} characters")]
    TooLong {
        /// The most that the field takes.
        max: usize,
    },
    /// A control character other than newline and tab.
    #[error("must not hold the control character U+{0:04X}", u32::from(*.found))]
    ControlCharacter {
        /// The first one found.
        found: char,
    },
}

/// What a cleaned text matches: it holds no control character but tab and newline.
const CLEAN: &str = r"^[^\x00-\x08\x0B-\x1F\x7F-\x9F]+$";

fn clean(text: &str, max: usize) -> Result<Option<String>, TextError> {
    let forbidden = |c: &char| c.is_control() && *c != '\n' && *c != '\t';
    let text = text.trim_matches(|c: char| c.is_whitespace() && !forbidden(&c));
    if let Some(found) = text.chars().find(forbidden) {
        return Err(TextError::ControlCharacter { found });
    }
    // One more than allowed is enough to know, however long the text is.
    let clean: String = text.nfc().take(max + 1).collect();
    if clean.chars().count() > max {
        return Err(TextError::TooLong { max });
    }
    Ok((!clean.is_empty()).then_some(clean))
}

macro_rules! text {
    ($(#[$doc:meta])* $name:ident, $max:literal) => {
        $(#[$doc])*
        ///
        /// Reading it back from JSON takes it as it was stored; what a client sends goes through
        /// [`Self::parse`].
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
        #[serde(transparent)]
        #[schemars(extend("minLength" = 1, "maxLength" = Self::MAX, "pattern" = CLEAN))]
        pub struct $name(String);

        impl $name {
            /// The most code points that it may hold (contract §3).
            pub const MAX: usize = $max;

            /// The cleaned text; `None` when nothing but white space is left.
            pub fn parse(text: &str) -> Result<Option<Self>, TextError> {
                Ok(clean(text, Self::MAX)?.map(Self))
            }

            /// A text that was cleaned when it was stored.
            pub(crate) fn stored(text: String) -> Self {
                Self(text)
            }

            /// The cleaned text, owned.
            pub fn into_string(self) -> String {
                self.0
            }

            /// The cleaned text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }
    };
}

text! {
    /// Why somebody was banned.
    Reason, 500
}
text! {
    /// What a reporter saw.
    Description, 2000
}
text! {
    /// What a reviewer noted for other staff.
    Notes, 2000
}
