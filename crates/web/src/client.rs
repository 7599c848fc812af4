//! The program that asks: its headers and its address.

mod address;
mod timezone;

use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, header::USER_AGENT};
use events::{CorrelationId, Dialect, Platform};

pub use address::TrustedProxies;
pub use timezone::TIMEZONES;

use crate::{Kind, Language, Problem, Reason, YouTubeReason};

/// What a request tells of the program behind it (contract §3). The edge has read it before any
/// handler runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Client {
    /// The API that it speaks, by the path.
    pub dialect: Dialect,
    /// `X-Language`.
    pub language: Language,
    /// `X-Platform`; `web` unless told, in the Allmine dialect.
    pub platform: Option<Platform>,
    /// `X-Timezone`; `UTC` unless told, in the Allmine dialect.
    pub timezone: Option<&'static str>,
    /// `X-App-Version`.
    pub app_version: Option<String>,
    /// `X-Device-ID`.
    pub device_id: Option<String>,
    /// `User-Agent`, cut to 512 characters.
    pub user_agent: Option<String>,
    /// Its address, past trusted proxies.
    pub client_ip: Option<IpAddr>,
    /// `X-Request-ID`, or one of ours.
    pub correlation_id: CorrelationId,
}

/// The longest `User-Agent` that is kept: an event remembers it for ever.
const MAX_USER_AGENT: usize = 512;
/// The longest `X-App-Version` and `X-Device-ID` (contract §3).
const MAX_LABEL: usize = 128;

impl Client {
    /// Reads the headers; refuses a value that the contract does not know, for the first of them.
    pub(crate) fn read(
        headers: &HeaderMap,
        dialect: Dialect,
        client_ip: Option<IpAddr>,
        correlation_id: CorrelationId,
    ) -> Result<Self, Problem> {
        let allmine = dialect != Dialect::Youtube;
        let language = choice(headers, "X-Language", &Language::ALL, Language::as_str)?;
        let platform = choice(headers, "X-Platform", &Platform::ALL, Platform::as_str)?;
        let timezone = choice(headers, "X-Timezone", &TIMEZONES, |name| name)?;
        Ok(Self {
            dialect,
            language: language.unwrap_or_default(),
            platform: platform.or(allmine.then_some(Platform::Web)),
            timezone: timezone.or(allmine.then_some("UTC")),
            app_version: label(headers, "X-App-Version")?,
            device_id: label(headers, "X-Device-ID")?,
            user_agent: user_agent(headers),
            client_ip,
            correlation_id,
        })
    }
}

impl<S: Sync> FromRequestParts<S> for Client {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let client = parts.extensions.get::<Arc<Client>>();
        client.map(|client| Client::clone(client)).ok_or_else(|| Kind::Internal.into())
    }
}

impl Language {
    /// The language that errors are told in, whatever else is wrong with the headers.
    pub fn of(headers: &HeaderMap) -> Self {
        let language = choice(headers, "X-Language", &Self::ALL, Self::as_str);
        language.ok().flatten().unwrap_or_default()
    }
}

/// A header occurs more than once, or is not text.
#[derive(Debug)]
pub(crate) struct NotSingle;

/// The value of a header that may occur once.
pub(crate) fn single<'a>(headers: &'a HeaderMap, name: &str) -> Result<Option<&'a str>, NotSingle> {
    let mut values = headers.get_all(name).iter();
    let first = values.next();
    if values.next().is_some() {
        return Err(NotSingle);
    }
    first.map(|value| value.to_str().map_err(|_| NotSingle)).transpose()
}

fn choice<T: Copy>(
    headers: &HeaderMap,
    header: &'static str,
    all: &[T],
    name: impl Fn(T) -> &'static str,
) -> Result<Option<T>, Problem> {
    let found = match single(headers, header) {
        Ok(None) => return Ok(None),
        Ok(Some(value)) => all.iter().find(|one| name(**one) == value.trim()),
        Err(NotSingle) => None,
    };
    found.copied().map(Some).ok_or_else(|| {
        let names: Vec<_> = all.iter().map(|one| name(*one)).collect();
        refused(header, Reason::new("not-one-of").arg("allowed", names.join(", ")))
    })
}

fn label(headers: &HeaderMap, header: &'static str) -> Result<Option<String>, Problem> {
    let printable = |text: &&str| text.bytes().all(|b| b.is_ascii_graphic() || b == b' ');
    match single(headers, header) {
        Ok(None) => Ok(None),
        Ok(Some(text)) if text.len() <= MAX_LABEL && printable(&text) => Ok(Some(text.to_owned())),
        Ok(Some(_)) | Err(NotSingle) => {
            Err(refused(header, Reason::new("header-too-long").arg("max", MAX_LABEL)))
        }
    }
}

fn refused(header: &'static str, reason: Reason) -> Problem {
    reason.at(header).youtube(YouTubeReason::global("invalidHeader").header(header)).into()
}

fn user_agent(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(USER_AGENT)?.as_bytes();
    let text = String::from_utf8_lossy(value);
    Some(text.chars().filter(|c| !c.is_control()).take(MAX_USER_AGENT).collect())
}
