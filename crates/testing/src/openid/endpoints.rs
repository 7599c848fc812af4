//! What it serves.

use std::collections::HashMap;
use std::sync::Arc;

use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::http::header::{AUTHORIZATION, HeaderMap};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Form, Json, Router};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::keys::Key;
use super::{Asked, CLIENT_ID, Shared, lock, sha256};
use crate::tokens::EXPIRES;

type Parameters = HashMap<String, String>;

pub(super) fn routes(shared: Arc<Shared>) -> Router {
    Router::new()
        .route("/.well-known/openid-configuration", get(describe))
        .route("/keys", get(keys))
        .route("/authorize", get(authorize))
        .route("/token", post(token))
        .with_state(shared)
}

async fn describe(State(shared): State<Arc<Shared>>) -> Json<Value> {
    lock(&shared.seen).discoveries += 1;
    let issuer = &shared.issuer;
    Json(json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"),
        "jwks_uri": format!("{issuer}/keys"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
    }))
}

async fn keys(State(shared): State<Arc<Shared>>) -> Json<Value> {
    Json(lock(&shared.key).public())
}

/// The person signs in, or not, without being asked.
async fn authorize(State(shared): State<Arc<Shared>>, Query(asked): Query<Parameters>) -> Response {
    let get = |name: &str| asked.get(name).cloned().unwrap_or_default();
    lock(&shared.seen).authorizations.push(asked.clone());
    let is_well_asked = get("client_id") == CLIENT_ID
        && get("response_type") == "code"
        && get("code_challenge_method") == "S256";
    if !is_well_asked {
        return (StatusCode::BAD_REQUEST, format!("{asked:?}")).into_response();
    }
    let redirect_uri = get("redirect_uri");
    let mut query = form_urlencoded::Serializer::new(String::new());
    if let Some(error) = lock(&shared.person).denied {
        query.append_pair("error", error);
    } else {
        let mut codes = lock(&shared.codes);
        let code = format!("code-{}", codes.len());
        query.append_pair("code", &code);
        let (nonce, challenge) = (get("nonce"), get("code_challenge"));
        codes.insert(code, Asked { redirect_uri: redirect_uri.clone(), nonce, challenge });
    }
    let query = query.append_pair("state", &get("state")).finish();
    Redirect::to(&format!("{redirect_uri}?{query}")).into_response()
}

async fn token(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    Form(form): Form<Parameters>,
) -> Response {
    let client = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    lock(&shared.seen).exchanges.push((form.clone(), client.map(str::to_owned)));
    let person = lock(&shared.person).clone();
    let get = |name: &str| form.get(name).map(String::as_str).unwrap_or_default();
    // Each code is good once, and only for who has what its challenge was made of.
    let asked = lock(&shared.codes).remove(get("code"));
    let challenge = URL_SAFE_NO_PAD.encode(sha256(get("code_verifier").as_bytes()));
    let asked = asked.filter(|asked| {
        asked.challenge == challenge
            && asked.redirect_uri == get("redirect_uri")
            && get("grant_type") == "authorization_code"
    });
    let error = person.refused.or(asked.is_none().then_some("invalid_grant"));
    let (Some(asked), None) = (asked, error) else {
        return (StatusCode::BAD_REQUEST, Json(json!({ "error": error }))).into_response();
    };
    let mut claims = json!({
        "iss": shared.issuer, "aud": CLIENT_ID, "sub": "somebody", "nonce": asked.nonce,
        "iat": 1_700_000_000, "exp": EXPIRES,
    });
    for (name, value) in person.claims.as_object().into_iter().flatten() {
        claims[name] = value.clone();
    }
    let id_token = if person.is_forged {
        Key::generate("first").sign(&claims)
    } else {
        lock(&shared.key).sign(&claims)
    };
    Json(json!({
        "access_token": person.access_token, "token_type": "Bearer", "expires_in": 3600,
        "id_token": id_token,
    }))
    .into_response()
}
