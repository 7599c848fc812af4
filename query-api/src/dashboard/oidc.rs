//! Signing in at the platform's own provider: OpenID Connect, the authorization-code flow with PKCE.
//!
//! [`begin`] sends the browser to the provider and leaves with it, in a cookie, what it will be recognised by
//! ([`pending`]). [`end`] is where the provider sends it back to: the code that it brings is changed for tokens
//! ([`provider`]), and the access token becomes the session.
//!
//! **Architecture Invariant:** the provider's word makes nobody anything. A session is an access token that the
//! verifier of the API takes, here as at every request.

mod config;
mod error;
mod http;
mod pending;
mod provider;

use askama::Template;
use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::CookieJar;
use openidconnect::CsrfToken;
use serde::Deserialize;
use web::{Kind, Problem};

pub use config::{OidcConfig, OidcConfigError};
pub use provider::Provider;

use super::Dashboard;
use super::page::{Frame, local, part};
use super::sign_in::{self, Wanted};
use super::visit::{Taste, session};
use error::SignInError;
use pending::Pending;

/// Where the browser leaves for the provider.
pub(super) const BEGIN: &str = "/dashboard/sign-in/provider";

/// Where the provider sends it back to.
pub(super) const END: &str = "/dashboard/sign-in/callback";

/// What the provider sends the browser back with.
#[derive(Deserialize)]
pub(super) struct Returned {
    code: Option<String>,
    state: Option<String>,
    error: Option<String>,
}

/// Moves on to where somebody wanted to go.
#[derive(Template)]
#[template(path = "signed_in.html")]
struct SignedIn {
    frame: Frame,
    next: String,
}

/// Sends the browser to the provider.
pub(super) async fn begin(
    State(dashboard): State<Dashboard>,
    taste: Taste,
    Query(wanted): Query<Wanted>,
    headers: HeaderMap,
    jar: CookieJar,
) -> Result<Response, Problem> {
    let next = local(wanted.next.as_deref());
    let now = dashboard.app().now();
    match configured(&dashboard)?.begin(next, taste.texts.language(), now).await {
        Ok((url, pending)) => {
            let jar = jar.add(pending.cookie(&headers));
            Ok((jar, Redirect::to(url.as_str())).into_response())
        }
        Err(error) => refuse(&dashboard, &taste, next, &error),
    }
}

/// Begins a session with what the provider sent the browser back with. Whatever it is, it counts once.
pub(super) async fn end(
    State(dashboard): State<Dashboard>,
    taste: Taste,
    Query(returned): Query<Returned>,
    headers: HeaderMap,
    jar: CookieJar,
) -> Result<Response, Problem> {
    let pending = Pending::of(&jar, dashboard.app().now());
    let next = pending.as_ref().map(|pending| pending.next.clone());
    let next = local(next.as_deref()).to_owned();
    let jar = jar.add(pending::forget());
    match token(&dashboard, pending, returned).await? {
        // The browser does not show the new cookie when it follows a redirect that began elsewhere, so
        // it gets a page of ours that moves on.
        Ok(token) => {
            let page = part(&SignedIn { frame: Frame::open(&taste), next })?;
            Ok((jar.add(session(token, &headers)), page).into_response())
        }
        Err(error) => Ok((jar, refuse(&dashboard, &taste, &next, &error)?).into_response()),
    }
}

/// An access token that the API takes.
async fn token(
    dashboard: &Dashboard,
    pending: Option<Pending>,
    returned: Returned,
) -> Result<Result<String, SignInError>, Problem> {
    let provider = configured(dashboard)?;
    let Returned { code, state, error } = returned;
    // Only who knows the state may say anything, also of errors.
    let known =
        pending.filter(|pending| state.map(CsrfToken::new).as_ref() == Some(&pending.state));
    let Some(pending) = known else { return Ok(Err(SignInError::Unasked)) };
    let token = match (code, error) {
        (_, Some(error)) => Err(SignInError::refused(&error)),
        (Some(code), None) => provider.exchange(code, pending).await,
        (None, None) => Err(SignInError::Unasked),
    };
    let Ok(token) = token else { return Ok(token) };
    let admitted = sign_in::admit(dashboard, &token).await;
    Ok(admitted.map(|()| token).map_err(SignInError::Token))
}

/// The address at which the browser leaves for the provider, to come to `next` in the end.
pub(super) fn link(next: &str) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    format!("{BEGIN}?{}", query.append_pair("next", next).finish())
}

fn configured(dashboard: &Dashboard) -> Result<&Provider, Problem> {
    dashboard.provider().ok_or_else(|| Problem::new(Kind::NotFound))
}

/// The sign-in page once more, which says what is wrong.
fn refuse(
    dashboard: &Dashboard,
    taste: &Taste,
    next: &str,
    error: &SignInError,
) -> Result<Response, Problem> {
    let (status, cause) = (error.status(), error as &dyn std::error::Error);
    // Anybody can be refused as often as they like; that the provider is down is news.
    if status.is_server_error() {
        tracing::warn!(error = cause, "nobody can sign in at the provider");
    } else {
        tracing::info!(error = cause, "a sign-in at the provider is refused");
    }
    sign_in::refuse(dashboard, taste, next, status, error.key())
}
