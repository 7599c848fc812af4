//! Whose web pages may connect.
//!
//! A token is no cookie: a foreign page has none to abuse. The limit is all the same strict, for
//! WebSockets too, which browsers leave to the server.

use std::str::FromStr;
use std::time::Duration;

use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, HOST, ORIGIN};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Uri};
use tower_http::cors::{Any, CorsLayer};

/// How long a browser may remember what it was allowed.
const REMEMBERED: Duration = Duration::from_hours(1);

/// The origins whose pages may connect, beside our own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origins {
    /// These.
    Listed(Vec<HeaderValue>),
    /// All.
    Any,
}

impl Default for Origins {
    fn default() -> Self {
        Self::Listed(Vec::new())
    }
}

/// Why a text is no list of origins.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} is no origin such as https://app.example.org, in lower case and without a slash at the end"
)]
pub struct NotAnOrigin(String);

impl FromStr for Origins {
    type Err = NotAnOrigin;

    fn from_str(list: &str) -> Result<Self, NotAnOrigin> {
        let names = list.split(',').map(str::trim).filter(|name| !name.is_empty());
        let names: Vec<&str> = names.collect();
        if names == ["*"] {
            return Ok(Self::Any);
        }
        names.into_iter().map(origin).collect::<Result<_, _>>().map(Self::Listed)
    }
}

fn origin(name: &str) -> Result<HeaderValue, NotAnOrigin> {
    let refused = || NotAnOrigin(name.to_owned());
    let uri: Uri = name.parse().map_err(|_| refused())?;
    let authority = uri.authority().ok_or_else(refused)?.as_str();
    let written = format!("{}://{authority}", uri.scheme_str().ok_or_else(refused)?);
    if written != name || authority.contains('@') || name.to_ascii_lowercase() != name {
        return Err(refused());
    }
    HeaderValue::from_str(name).map_err(|_| refused())
}

impl Origins {
    /// Whether who sends these headers may connect: no page of a browser, a page of our own, or one of
    /// an origin that is allowed.
    pub(super) fn allow(&self, headers: &HeaderMap) -> bool {
        let mut given = headers.get_all(ORIGIN).iter();
        let Some(origin) = given.next() else { return true };
        if given.next().is_some() {
            return false;
        }
        match self {
            Self::Any => true,
            Self::Listed(origins) => origins.contains(origin) || is_own(origin, headers),
        }
    }

    /// What tells browsers the same.
    pub(super) fn cors(&self) -> CorsLayer {
        const LANGUAGE: HeaderName = HeaderName::from_static("x-language");
        let cors = CorsLayer::new()
            .allow_methods([Method::GET, Method::POST])
            .allow_headers([AUTHORIZATION, CONTENT_TYPE, LANGUAGE])
            .max_age(REMEMBERED);
        match self {
            Self::Any => cors.allow_origin(Any),
            Self::Listed(origins) => cors.allow_origin(origins.clone()),
        }
    }
}

/// Whether the page comes from the address that it asks. The scheme is not compared: whoever ends TLS
/// before us knows it, we do not.
fn is_own(origin: &HeaderValue, headers: &HeaderMap) -> bool {
    let page = origin.as_bytes();
    let page = page.strip_prefix(b"https://").or_else(|| page.strip_prefix(b"http://"));
    let host = headers.get(HOST).map(HeaderValue::as_bytes);
    matches!((page, host), (Some(page), Some(host)) if page.eq_ignore_ascii_case(host))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_read() {
        let listed = |names: &[&'static str]| {
            Ok(Origins::Listed(names.iter().map(|name| HeaderValue::from_static(name)).collect()))
        };
        assert_eq!("".parse(), listed(&[]));
        assert_eq!("*".parse::<Origins>(), Ok(Origins::Any));
        let two = ["https://app.example.org", "http://localhost:3000"];
        assert_eq!("https://app.example.org, http://localhost:3000,".parse(), listed(&two));
        for wrong in [
            "app.example.org",
            "https://app.example.org/",
            "https://app.example.org/chat",
            "https://App.example.org",
            "https://user@app.example.org",
            "https://app.example.org,*",
            "https://",
            "null",
        ] {
            assert!(wrong.parse::<Origins>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_page_is_let_in_by_its_origin() {
        let listed: Origins = "https://app.example.org".parse().unwrap();
        for (origin, own, list) in [
            (None, true, true),
            (Some("https://docket.example"), true, true),
            (Some("http://docket.example"), true, true),
            (Some("https://docket.example:444"), false, false),
            (Some("https://app.example.org"), false, true),
            (Some("http://app.example.org"), false, false),
            (Some("https://evil.example"), false, false),
            (Some("null"), false, false),
        ] {
            let mut headers = HeaderMap::from_iter([(HOST, "docket.example".parse().unwrap())]);
            headers.extend(origin.map(|origin| (ORIGIN, origin.parse().unwrap())));
            let allowed = |origins: &Origins| origins.allow(&headers);
            let expected = (own, list, true);
            let found = (allowed(&Origins::default()), allowed(&listed), allowed(&Origins::Any));
            assert_eq!(found, expected, "{origin:?}");
        }
        let twice = [(ORIGIN, "https://a.example"), (ORIGIN, "https://app.example.org")];
        let twice = twice.map(|(name, value)| (name, HeaderValue::from_static(value)));
        assert!(!Origins::Any.allow(&twice.into_iter().collect()));
    }
}
