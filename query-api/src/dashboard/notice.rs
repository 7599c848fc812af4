//! What became of a command, told on the next page.
//!
//! It travels in a cookie of its own, so that no address repeats it and no server need remember it.

use axum::http::HeaderMap;
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::CookieJar;
use axum_extra::extract::cookie::{Cookie, SameSite};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use event_log::Position;
use serde::{Deserialize, Serialize};

use super::cookies::{cookie, removal};
use super::page::local;

const NOTICE: &str = "docket_notice";
/// In characters: far more than any text of ours has, and fits into a cookie whatever they are.
const LONGEST: usize = 600;

/// What became of a command.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Notice {
    /// Whether it was done.
    pub(super) done: bool,
    /// In words.
    pub(super) text: String,
    /// The event that it led to.
    #[serde(with = "position")]
    pub(super) position: Option<Position>,
}

impl Notice {
    /// It was done.
    pub(super) fn done(text: String, position: Option<Position>) -> Self {
        Self { done: true, text, position }
    }

    /// It was refused.
    pub(super) fn refused(errors: &[String]) -> Self {
        let text = errors.join(" · ").chars().take(LONGEST).collect();
        Self { done: false, text, position: None }
    }
}

/// Goes to `next`, a page of ours, which will tell.
pub(super) fn back(next: Option<&str>, notice: &Notice, headers: &HeaderMap) -> Response {
    let value = serde_json::to_vec(notice).unwrap_or_default();
    let value = URL_SAFE_NO_PAD.encode(value);
    let cookie = cookie(NOTICE, value, SameSite::Strict, super::PATH, headers);
    let jar = CookieJar::new().add(cookie);
    (jar, Redirect::to(local(next))).into_response()
}

/// What the browser brings.
pub(super) fn of(cookies: &CookieJar) -> Option<Notice> {
    let value = URL_SAFE_NO_PAD.decode(cookies.get(NOTICE)?.value()).ok()?;
    serde_json::from_slice(&value).ok()
}

/// Makes the browser forget it: it was told.
pub(super) fn forget() -> Cookie<'static> {
    removal(NOTICE, super::PATH)
}

/// A position as its number.
mod position {
    use event_log::Position;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[expect(clippy::ref_option, reason = "serde hands fields over like this")]
    pub(super) fn serialize<S: Serializer>(
        position: &Option<Position>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        position.map(|position| position.0).serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Position>, D::Error> {
        Ok(Option::deserialize(deserializer)?.map(Position))
    }
}
