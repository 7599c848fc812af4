//! A small service behind the edge, and the tokens to call it with.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::RawQuery;
use axum::http::{Method, Request, StatusCode, header};
use axum::response::Response;
use axum::routing::get;
use chrono::{DateTime, Utc};
use events::IdError;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};
use service::{ManualClock, SharedClock};
use tower::ServiceExt;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::{
    Caller, Client, EdgeConfig, Fields, IdempotencyKey, Input, JsonBody, Kind, Path, Problem,
    Reason, TokenConfig, Verifier, allmine, body_limit, edge, youtube,
};

pub(crate) const SECRET: &str = "a secret of more than thirty-two bytes, for tests";
pub(crate) const ISSUER: &str = "https://issuer.example";
pub(crate) const AUDIENCE: &str = "docket";
pub(crate) const NOW: &str = "2026-01-15T10:30:00Z";

pub(crate) fn now() -> DateTime<Utc> {
    NOW.parse().unwrap()
}

pub(crate) fn clock() -> Arc<ManualClock> {
    Arc::new(ManualClock::new(now()))
}

pub(crate) fn token_config() -> TokenConfig {
    TokenConfig {
        jwt_secret: Some(SECRET.to_owned().into()),
        jwt_issuer: Some(ISSUER.to_owned()),
        jwt_audience: Some(AUDIENCE.to_owned()),
        ..TokenConfig::default()
    }
}

pub(crate) async fn config() -> EdgeConfig {
    let clock: SharedClock = clock();
    let verifier = Verifier::from_config(&token_config(), Arc::clone(&clock)).await.unwrap();
    EdgeConfig::new(Arc::new(verifier), clock)
}

/// The claims of a good token.
pub(crate) fn claims() -> Value {
    json!({
        "sub": "673ac9e2c93fe18d3fdd23f1",
        "iss": ISSUER,
        "aud": AUDIENCE,
        "exp": now().timestamp() + 600,
        "roles": ["moderator", "unknown-role"],
        "scope": "openid https://www.googleapis.com/auth/youtube",
    })
}

pub(crate) fn sign(claims: &Value) -> String {
    let key = EncodingKey::from_secret(SECRET.as_bytes());
    jsonwebtoken::encode(&Header::new(Algorithm::HS256), claims, &key).unwrap()
}

pub(crate) fn token() -> String {
    sign(&claims())
}

#[utoipa::path(get, path = "/api/v1/whoami", responses((status = 200)))]
async fn whoami(caller: Caller, client: Client, key: Option<IdempotencyKey>) -> Response {
    let key = key.as_ref().map(IdempotencyKey::as_str);
    let data = json!({
        "caller": format!("{caller:?}"), "client": format!("{client:?}"), "key": key,
    });
    allmine::success(StatusCode::OK, data, now())
}

#[utoipa::path(get, path = "/youtube/v3/whoami", responses((status = 200)))]
async fn youtube_whoami(client: Client, query: youtube::Query) -> Result<Response, Problem> {
    let parameters = query.taking(&["part"])?;
    let parts = parameters.parts(&["id", "snippet"])?;
    let snippet = json!({"type": "temporary", "list": [{"a": 1, "b": 2}, {"a": 3, "b": 4}],
        "platform": client.platform.map(events::Platform::as_str)});
    parameters.answer(&parts, &json!({"kind": "test#resource", "id": "17", "snippet": snippet}))
}

#[utoipa::path(post, path = "/api/v1/bodies", request_body = String, responses((status = 200)))]
async fn bodies(JsonBody(body): JsonBody) -> Result<Response, Problem> {
    echo(&body)
}

#[utoipa::path(post, path = "/youtube/v3/bodies", request_body = String, responses((status = 200)))]
async fn youtube_bodies(JsonBody(body): JsonBody) -> Result<Response, Problem> {
    echo(&body)
}

#[utoipa::path(put, path = "/api/v1/large", request_body = String, responses((status = 200)))]
async fn large(JsonBody(body): JsonBody) -> Result<Response, Problem> {
    echo(&body)
}

fn echo(body: &[u8]) -> Result<Response, Problem> {
    let mut fields = Fields::from_json(body)?;
    let number = fields.optional("number", |input| input.integer(1..=9));
    let text = fields.required("text", Input::string).map(|text| text.len());
    fields.finish()?;
    Ok(allmine::success(StatusCode::OK, json!({"number": number, "text": text}), now()))
}

#[utoipa::path(get, path = "/api/v1/things/{id}", responses((status = 200)))]
async fn thing(Path(id): Path<events::BanId>) -> Response {
    allmine::success(StatusCode::OK, id, now())
}

#[utoipa::path(get, path = "/api/v1/problems/{kind}", responses((status = 200)))]
async fn problem(Path(kind): Path<String>, RawQuery(query): RawQuery) -> Problem {
    raise(&kind, query.as_deref())
}

#[utoipa::path(get, path = "/youtube/v3/problems/{kind}", responses((status = 200)))]
async fn youtube_problem(Path(kind): Path<String>, RawQuery(query): RawQuery) -> Problem {
    raise(&kind, query.as_deref())
}

fn raise(name: &str, query: Option<&str>) -> Problem {
    let kind = Kind::ALL.into_iter().find(|kind| format!("{kind:?}") == name).unwrap();
    let problem = Problem::new(kind).caused_by(IdError::NotAnObjectId);
    match query {
        Some("reasons") => problem
            .because(Reason::new("required").at("targetUserId"))
            .because(Reason::new("token-refused")),
        _ => problem,
    }
}

#[utoipa::path(get, path = "/api/v1/panics", responses((status = 200)))]
async fn panics() -> Response {
    panic!("with a secret inside")
}

#[utoipa::path(get, path = "/youtube/v3/panics", responses((status = 200)))]
async fn youtube_panics() -> Response {
    panic!("with a secret inside")
}

#[utoipa::path(get, path = "/api/v1/hangs", responses((status = 200)))]
async fn hangs() -> Response {
    std::future::pending().await
}

#[utoipa::path(get, path = "/youtube/v3/hangs", responses((status = 200)))]
async fn youtube_hangs() -> Response {
    std::future::pending().await
}

pub(crate) fn routes() -> OpenApiRouter {
    let large = OpenApiRouter::new().routes(routes!(large)).layer(body_limit(2 << 20));
    OpenApiRouter::new()
        .routes(routes!(whoami))
        .routes(routes!(youtube_whoami))
        .routes(routes!(bodies))
        .routes(routes!(youtube_bodies))
        .routes(routes!(thing))
        .routes(routes!(problem))
        .routes(routes!(youtube_problem))
        .routes(routes!(panics))
        .routes(routes!(youtube_panics))
        .routes(routes!(hangs))
        .routes(routes!(youtube_hangs))
        .merge(large)
}

pub(crate) fn extra() -> Router {
    let unwell = (StatusCode::SERVICE_UNAVAILABLE, axum::Json(json!({"ok": false})));
    Router::new().route("/health/ready", get(|| async { unwell }))
}

pub(crate) async fn app() -> Router {
    edge(routes(), config().await, extra())
}

/// A request with a good token.
pub(crate) fn request(method: Method, path: &str) -> axum::http::request::Builder {
    let authorization = format!("Bearer {}", token());
    Request::builder()
        .method(method)
        .uri(path)
        .header(header::AUTHORIZATION, authorization)
        .header("x-request-id", "request-1")
}

pub(crate) fn get_request(path: &str) -> Request<Body> {
    request(Method::GET, path).body(Body::empty()).unwrap()
}

/// Sends it; the answer's status, headers and body, all of it.
pub(crate) async fn send(app: &Router, request: Request<Body>) -> Value {
    let response = app.clone().oneshot(request).await.unwrap();
    whole(response).await
}

pub(crate) async fn whole(response: Response) -> Value {
    let (parts, body) = response.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap();
    let text = String::from_utf8_lossy(&body).into_owned();
    let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
    let mut headers = serde_json::Map::new();
    for (name, value) in &parts.headers {
        if name != header::CONTENT_LENGTH {
            headers.insert(name.to_string(), value.to_str().unwrap().into());
        }
    }
    json!({"status": parts.status.as_u16(), "headers": headers, "body": body})
}
