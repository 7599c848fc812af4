//! Signing in and out.

use askama::Template;
use axum::Form;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::CookieJar;
use serde::Deserialize;
use web::Problem;
use web::token::TokenError;

use super::Dashboard;
use super::oidc::{self, Provider};
use super::page::{Frame, local, part};
use super::visit::{LONGEST_TOKEN, Taste, session};

/// The form of who has not signed in.
#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignIn {
    frame: Frame,
    /// Where to go then.
    next: String,
    /// What was wrong with the last try.
    error: Option<String>,
    /// The provider's name, and the address that leads there.
    provider: Option<(String, String)>,
}

/// Why a token begins no session.
#[derive(Debug, thiserror::Error)]
pub(super) enum NoSession {
    /// The API would not take it.
    #[error("the token is refused")]
    Refused(#[from] TokenError),
    /// Browsers would drop it without a word.
    #[error("the token is longer than {LONGEST_TOKEN} bytes, which is too long for a cookie")]
    TooLong,
}

/// Where somebody wanted to go.
#[derive(Debug, Deserialize)]
pub(super) struct Wanted {
    pub(super) next: Option<String>,
}

/// What somebody signs in with.
#[derive(Deserialize)]
pub(super) struct Proof {
    token: Option<String>,
    code: Option<String>,
    next: Option<String>,
}

/// The form.
pub(super) async fn form(
    State(dashboard): State<Dashboard>,
    taste: Taste,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Problem> {
    show(&dashboard, &taste, local(wanted.next.as_deref()), None)
}

/// Begins a session with a token that is good.
pub(super) async fn submit(
    State(dashboard): State<Dashboard>,
    taste: Taste,
    headers: HeaderMap,
    jar: CookieJar,
    Form(proof): Form<Proof>,
) -> Result<Response, Problem> {
    let next = local(proof.next.as_deref());
    let guest = proof.code.as_deref().map(|code| dashboard.guests().token(code.trim()));
    let error = match (guest, proof.token.as_deref().map(str::trim)) {
        (Some(None), _) => "sign-in-unknown-code",
        (Some(Some(token)), _) | (None, Some(token)) if !token.is_empty() => {
            match admit(&dashboard, token).await {
                Ok(()) => {
                    let jar = jar.add(session(token.to_owned(), &headers));
                    return Ok((jar, Redirect::to(next)).into_response());
                }
                Err(error) => {
                    tracing::info!(
                        error = &error as &dyn std::error::Error,
                        "a sign-in is refused"
                    );
                    error.key()
                }
            }
        }
        _ => "sign-in-no-token",
    };
    refuse(&dashboard, &taste, next, StatusCode::UNAUTHORIZED, error)
}

/// Whether this token can be a session.
pub(super) async fn admit(dashboard: &Dashboard, token: &str) -> Result<(), NoSession> {
    if token.len() > LONGEST_TOKEN {
        return Err(NoSession::TooLong);
    }
    dashboard.verifier().verify(token).await?;
    Ok(())
}

impl NoSession {
    /// The key of the text that says it.
    pub(super) fn key(&self) -> &'static str {
        match self {
            Self::Refused(_) => "sign-in-refused",
            Self::TooLong => "sign-in-too-long",
        }
    }
}

/// The form once more, and what was wrong: the text of a key.
pub(super) fn refuse(
    dashboard: &Dashboard,
    taste: &Taste,
    next: &str,
    status: StatusCode,
    error: &str,
) -> Result<Response, Problem> {
    let page = show(dashboard, taste, next, Some(taste.texts.get(error)))?;
    Ok((status, page).into_response())
}

fn show(
    dashboard: &Dashboard,
    taste: &Taste,
    next: &str,
    error: Option<String>,
) -> Result<Response, Problem> {
    let link = |provider: &Provider| (provider.name().to_owned(), oidc::link(next));
    let provider = dashboard.provider().map(link);
    part(&SignIn { frame: Frame::open(taste), next: next.to_owned(), error, provider })
}

/// Ends the session in this browser. The token itself is good until it expires.
pub(super) async fn out(headers: HeaderMap, jar: CookieJar) -> Response {
    let mut cookie = session(String::new(), &headers);
    cookie.make_removal();
    (jar.add(cookie), Redirect::to("/dashboard/sign-in")).into_response()
}
