//! Who looks at a page, and how they like it.

use std::sync::Arc;

use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use axum::http::header::{ACCEPT_LANGUAGE, USER_AGENT};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Uri};
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::CookieJar;
use axum_extra::extract::cookie::{Cookie, SameSite};
use event_log::Position;
use events::{Action, Actor, Situation, permit};
use web::{Caller, Client, Language, Problem};

use super::Dashboard;
use super::cookies::cookie;
use super::notice::{self, Notice};
use super::preferences::{self, Theme};
use super::texts::Texts;

/// The session is the token itself, which is verified at each request. So a session ends when its token
/// does, and there is nothing to store.
const SESSION: &str = "docket_session";

/// In bytes. Browsers keep no cookie whose name and value are longer than 4,096 (RFC 6265bis).
pub(super) const LONGEST_TOKEN: usize = 4096 - SESSION.len();

/// How somebody likes pages, whoever it is.
#[derive(Debug, Clone)]
pub(super) struct Taste {
    pub(super) texts: Texts,
    pub(super) theme: Theme,
}

/// A visit of somebody who has signed in. Not to be printed: it holds their token.
pub(super) struct Visit {
    pub(super) caller: Arc<Caller>,
    pub(super) texts: Texts,
    pub(super) theme: Theme,
    /// What became of what they commanded a moment ago.
    pub(super) notice: Option<Notice>,
    /// The token, to be sent to the command API and nowhere else.
    pub(super) token: String,
    /// What the command API is told of the browser: `User-Agent`, `X-Forwarded-For`, `X-Request-ID`.
    pub(super) passed_on: HeaderMap,
}

impl Visit {
    pub(super) fn actor(&self) -> &Actor {
        &self.caller.actor
    }

    /// Whether the roles alone allow this, whatever it is done to.
    pub(super) fn may(&self, action: Action) -> bool {
        permit(action, &self.actor().roles, Situation::NONE).is_ok()
    }

    /// The event that what they commanded a moment ago led to; pages are to know of it.
    pub(super) fn position(&self) -> Option<Position> {
        self.notice.as_ref().and_then(|notice| notice.position)
    }
}

/// The cookie that is a session; `Secure` unless the page was served to this machine alone.
pub(super) fn session(token: String, headers: &HeaderMap) -> Cookie<'static> {
    cookie(SESSION, token, SameSite::Strict, super::PATH, headers)
}

impl<S: Sync> FromRequestParts<S> for Taste {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        Ok(Self::of(&parts.headers))
    }
}

impl Taste {
    pub(super) fn of(headers: &HeaderMap) -> Self {
        let cookies = CookieJar::from_headers(headers);
        let accepted = headers.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
        let language = preferences::language(&cookies).unwrap_or_else(|| preferred(accepted));
        Self { texts: Texts(language), theme: preferences::theme(&cookies) }
    }
}

/// The first language of `Accept-Language` that there are texts in. Browsers name the most wanted first.
fn preferred(accepted: Option<&str>) -> Language {
    let tags = accepted.unwrap_or_default().split(',');
    let languages = tags.filter_map(|tag| {
        let tag = tag.trim().get(..2)?;
        Language::ALL.into_iter().find(|language| tag.eq_ignore_ascii_case(language.as_str()))
    });
    languages.into_iter().next().unwrap_or_default()
}

impl FromRequestParts<Dashboard> for Visit {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &Dashboard) -> Result<Self, Response> {
        let visit = <Self as OptionalFromRequestParts<_>>::from_request_parts(parts, state).await;
        visit?.ok_or_else(|| sign_in_first(parts))
    }
}

impl OptionalFromRequestParts<Dashboard> for Visit {
    type Rejection = Response;

    async fn from_request_parts(
        parts: &mut Parts,
        dashboard: &Dashboard,
    ) -> Result<Option<Self>, Response> {
        let cookies = CookieJar::from_headers(&parts.headers);
        let Some(token) = cookies.get(SESSION).map(|cookie| cookie.value().to_owned()) else {
            return Ok(None);
        };
        let Ok(caller) = dashboard.verifier().verify(&token).await else { return Ok(None) };
        let Taste { texts, theme } = Taste::of(&parts.headers);
        let client = parts.extensions.get::<Result<Arc<Client>, Problem>>();
        let passed_on = match client {
            Some(Ok(client)) => passed_on(&parts.headers, client),
            Some(Err(problem)) => return Err(problem.clone().into_response()),
            None => HeaderMap::new(),
        };
        let notice = notice::of(&cookies);
        Ok(Some(Self { caller, texts, theme, notice, token, passed_on }))
    }
}

fn passed_on(headers: &HeaderMap, client: &Client) -> HeaderMap {
    const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
    const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
    let mut passed_on = HeaderMap::new();
    if let Some(agent) = headers.get(USER_AGENT) {
        passed_on.insert(USER_AGENT, agent.clone());
    }
    let address = client.client_ip.map(|address| HeaderValue::try_from(address.to_string()));
    if let Some(Ok(address)) = address {
        passed_on.insert(FORWARDED_FOR, address);
    }
    if let Ok(id) = HeaderValue::from_str(client.correlation_id.as_str()) {
        passed_on.insert(REQUEST_ID, id);
    }
    passed_on
}

/// Sends the browser to the sign-in page, which brings it back. A script cannot go there by itself, so htmx
/// is told to.
fn sign_in_first(parts: &Parts) -> Response {
    let page = sign_in_page(&parts.uri);
    if parts.headers.contains_key("hx-request") {
        return [("hx-redirect", page)].into_response();
    }
    Redirect::to(&page).into_response()
}

fn sign_in_page(wanted: &Uri) -> String {
    let wanted = wanted.path_and_query().map_or(super::PATH, |wanted| wanted.as_str());
    let mut query = form_urlencoded::Serializer::new(String::new());
    format!("{}/sign-in?{}", super::PATH, query.append_pair("next", wanted).finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_wanted_language_that_there_is_wins() {
        assert_eq!(preferred(Some("de-DE, tr;q=0.9, en;q=0.8")), Language::Turkish);
        assert_eq!(preferred(Some("EN-gb,tr")), Language::English);
        assert_eq!(preferred(Some("ğ, *")), Language::English);
        assert_eq!(preferred(None), Language::English);
    }
}
