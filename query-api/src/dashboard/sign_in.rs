//! Signing in and out.

use askama::Template;
use axum::Form;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::CookieJar;
use serde::Deserialize;
use web::Problem;

use super::Dashboard;
use super::page::{Frame, local, part};
use super::visit::{Taste, session};

/// The form of who has not signed in.
#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignIn {
    frame: Frame,
    /// Where to go then.
    next: String,
    /// What was wrong with the last try.
    error: Option<String>,
}

/// Where somebody wanted to go.
#[derive(Debug, Deserialize)]
pub(super) struct Wanted {
    next: Option<String>,
}

/// What somebody signs in with.
#[derive(Deserialize)]
pub(super) struct Proof {
    token: Option<String>,
    code: Option<String>,
    next: Option<String>,
}

/// The form.
pub(super) async fn form(taste: Taste, Query(wanted): Query<Wanted>) -> Result<Response, Problem> {
    let next = local(wanted.next.as_deref()).to_owned();
    part(&SignIn { frame: Frame::open(&taste), next, error: None })
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
            match dashboard.verifier().verify(token).await {
                Ok(_) => {
                    let jar = jar.add(session(token.to_owned(), &headers));
                    return Ok((jar, Redirect::to(next)).into_response());
                }
                Err(error) => {
                    tracing::info!(
                        error = &error as &dyn std::error::Error,
                        "a sign-in is refused"
                    );
                    "sign-in-refused"
                }
            }
        }
        _ => "sign-in-no-token",
    };
    let (frame, error) = (Frame::open(&taste), Some(taste.texts.get(error)));
    let page = part(&SignIn { frame, next: next.to_owned(), error })?;
    Ok((StatusCode::UNAUTHORIZED, page).into_response())
}

/// Ends the session in this browser. The token itself is good until it expires.
pub(super) async fn out(headers: HeaderMap, jar: CookieJar) -> Response {
    let mut cookie = session(String::new(), &headers);
    cookie.make_removal();
    (jar.add(cookie), Redirect::to("/dashboard/sign-in")).into_response()
}
