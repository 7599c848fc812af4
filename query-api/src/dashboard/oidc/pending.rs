//! A sign-in that the browser has left for, in a cookie.

use std::time::Duration;

use axum::http::HeaderMap;
use axum_extra::extract::CookieJar;
use axum_extra::extract::cookie::{Cookie, SameSite};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use events::Timestamp;
use openidconnect::{CsrfToken, Nonce, PkceCodeVerifier};
use serde::{Deserialize, Serialize};

use crate::dashboard::cookies::{cookie, removal};

const PENDING: &str = "docket_sign_in";
/// It is sent to the two pages of the sign-in only.
const PATH: &str = "/dashboard/sign-in";
/// How long somebody may take at the provider.
const MAX_AGE: Duration = Duration::from_mins(10);
/// In bytes. Browsers drop cookies above 4,096.
const LONGEST_NEXT: usize = 1024;

/// What is known of a sign-in until the browser is back. Whoever steals the code that it comes back with does not
/// have this, and can do nothing with it.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Pending {
    /// Comes back in the address.
    pub(super) state: CsrfToken,
    /// Comes back in the ID token.
    pub(super) nonce: Nonce,
    /// Goes to the provider together with the code.
    pub(super) verifier: PkceCodeVerifier,
    /// Where to go then.
    pub(super) next: String,
    /// When it began, in seconds since 1970.
    since: i64,
}

impl Pending {
    pub(super) fn new(
        state: CsrfToken,
        nonce: Nonce,
        verifier: PkceCodeVerifier,
        next: &str,
        now: Timestamp,
    ) -> Self {
        let next = if next.len() > LONGEST_NEXT { "" } else { next }.to_owned();
        Self { state, nonce, verifier, next, since: seconds(now) }
    }

    /// For the browser to keep until it is back. It comes back from elsewhere, which a `Strict` cookie would not.
    pub(super) fn cookie(&self, headers: &HeaderMap) -> Cookie<'static> {
        let value = serde_json::to_vec(self).unwrap_or_default();
        let value = URL_SAFE_NO_PAD.encode(value);
        let mut cookie = cookie(PENDING, value, SameSite::Lax, PATH, headers);
        // The cookie's own type of durations has no name here.
        let max_age = cookie.max_age().or(MAX_AGE.try_into().ok());
        cookie.set_max_age(max_age);
        cookie
    }

    /// The one that the browser has brought back, unless that was too long ago.
    pub(super) fn of(cookies: &CookieJar, now: Timestamp) -> Option<Self> {
        let value = URL_SAFE_NO_PAD.decode(cookies.get(PENDING)?.value()).ok()?;
        let pending: Self = serde_json::from_slice(&value).ok()?;
        let age = u64::try_from(seconds(now).checked_sub(pending.since)?).ok()?;
        (age <= MAX_AGE.as_secs()).then_some(pending)
    }
}

/// Makes the browser forget it: it was used.
pub(super) fn forget() -> Cookie<'static> {
    removal(PENDING, PATH)
}

fn seconds(time: Timestamp) -> i64 {
    time.to_utc().timestamp()
}
