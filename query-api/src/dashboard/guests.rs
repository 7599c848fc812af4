//! Who may sign in by following a link: the persons of a demonstration.

use std::collections::HashMap;
use std::fmt;

/// Somebody who need not bring a token.
#[derive(Clone)]
pub struct Guest {
    /// What proves it: a secret of at least 128 bits, made anew at each start. It travels in the fragment of
    /// a link, which browsers keep to themselves, and then in a form.
    pub code: String,
    /// The token of the session.
    pub token: String,
}

/// Those who need not bring a token, by their codes. None by default.
#[derive(Clone, Default)]
pub struct Guests(HashMap<String, String>);

impl Guests {
    /// The token of whoever has this code.
    pub(super) fn token(&self, code: &str) -> Option<&str> {
        self.0.get(code).map(String::as_str)
    }
}

impl FromIterator<Guest> for Guests {
    fn from_iter<I: IntoIterator<Item = Guest>>(guests: I) -> Self {
        Self(guests.into_iter().map(|guest| (guest.code, guest.token)).collect())
    }
}

impl fmt::Debug for Guest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Guest").finish_non_exhaustive()
    }
}

impl fmt::Debug for Guests {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Guests").field(&self.0.len()).finish()
    }
}
