//! What surrounds every request, known route or not.

use std::net::SocketAddr;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Instant;

use axum::extract::{ConnectInfo, MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use events::{CorrelationId, Dialect};
use futures_util::FutureExt;
use service::new_id;
use tracing::Instrument;

use super::{Shared, render, trace};
use crate::client::{self, Client};
use crate::{Kind, Language, Problem};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// More than any client of ours sends; the count that hyper itself allows is 100.
const MAX_HEADERS: usize = 64;
/// In bytes, all names and values together: a token of 8 KiB and as much of everything else.
const MAX_HEADER_BYTES: usize = 16 * 1024;
/// In bytes, path and query.
const MAX_URI: usize = 8 * 1024;

/// What rendering an answer needs to know of its request.
pub(super) struct Context {
    pub(super) dialect: Dialect,
    pub(super) language: Language,
    pub(super) pretty: bool,
}

/// The dialect that a path is in.
pub(crate) fn dialect(path: &str) -> Dialect {
    if path.starts_with("/youtube/") { Dialect::Youtube } else { Dialect::Allmine }
}

/// Gives a request its id, its span and its client, bounds its time, survives its panic; gives the
/// answer its form in the dialect, its headers, and its place in the metrics.
pub(super) async fn surround(
    State(shared): State<Arc<Shared>>,
    mut request: Request,
    next: Next,
) -> Response {
    let started = Instant::now();
    let id = request_id(request.headers(), &shared);
    let context = context(&request);
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().cloned();
    let span = trace::span(&request, &id);

    let answered = async {
        let response = match within_limits(&request) {
            Ok(()) => {
                let client = client(&shared, &request, context.dialect, id.clone());
                request.extensions_mut().insert(client);
                run(&shared, request, next).await
            }
            Err(kind) => Problem::new(kind).into_response(),
        };
        let response = render::finish(response, &context, &shared.config.clock);
        let response = allow_options(&method, response);
        trace::answered(&method, route.as_ref(), response.status(), started);
        response
    };
    let mut response = answered.instrument(span).await;
    write_headers(response.headers_mut(), &id);
    response
}

fn context(request: &Request) -> Context {
    let query = request.uri().query().unwrap_or_default();
    Context {
        dialect: dialect(request.uri().path()),
        language: Language::of(request.headers()),
        pretty: !query.split('&').any(|pair| pair == "prettyPrint=false"),
    }
}

/// The caller's id for the request, or one of ours when there is none that can be one.
fn request_id(headers: &HeaderMap, shared: &Shared) -> CorrelationId {
    let given = client::single(headers, REQUEST_ID.as_str()).ok().flatten();
    let given = given.and_then(|id| id.parse().ok());
    given.unwrap_or_else(|| new_id(shared.config.clock.as_ref()).into())
}

fn within_limits(request: &Request) -> Result<(), Kind> {
    let headers = request.headers();
    let bytes: usize = headers.iter().map(|(name, value)| name.as_str().len() + value.len()).sum();
    if headers.len() > MAX_HEADERS || bytes > MAX_HEADER_BYTES {
        return Err(Kind::HeadersTooLarge);
    }
    let uri = request.uri();
    let length = uri.path().len() + uri.query().map_or(0, str::len);
    if length > MAX_URI { Err(Kind::UriTooLong) } else { Ok(()) }
}

/// What the guard of the routes hands to their handlers, or refuses.
fn client(
    shared: &Shared,
    request: &Request,
    dialect: Dialect,
    id: CorrelationId,
) -> Result<Arc<Client>, Problem> {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|peer| peer.0);
    let address = shared.config.trusted_proxies.client(peer, request.headers());
    Client::read(request.headers(), dialect, address, id).map(Arc::new)
}

async fn run(shared: &Shared, request: Request, next: Next) -> Response {
    let handled = AssertUnwindSafe(next.run(request)).catch_unwind();
    match tokio::time::timeout(shared.config.time_out, handled).await {
        Ok(Ok(response)) => response,
        Ok(Err(panic)) => {
            let text = panic.downcast_ref::<String>().map(String::as_str);
            let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
            tracing::error!(panic = text.unwrap_or_default(), "a handler panicked");
            Problem::new(Kind::Internal).into_response()
        }
        Err(elapsed) => Problem::unavailable(elapsed).into_response(),
    }
}

/// `OPTIONS` asks what else a path takes; the router has said so in `Allow` already.
fn allow_options(method: &Method, response: Response) -> Response {
    if method == Method::OPTIONS && response.status() == StatusCode::METHOD_NOT_ALLOWED {
        return StatusCode::NO_CONTENT.into_response();
    }
    response
}

fn write_headers(headers: &mut HeaderMap, id: &CorrelationId) {
    const NOSNIFF: HeaderValue = HeaderValue::from_static("nosniff");
    const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");
    if let Ok(id) = HeaderValue::from_str(id.as_str()) {
        headers.insert(REQUEST_ID, id);
    }
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, NOSNIFF);
    headers.entry(header::CACHE_CONTROL).or_insert(NO_STORE);
}
