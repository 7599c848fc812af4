//! Who asks, how often, and with which program: the same for every route.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header::AUTHORIZATION;
use axum::http::{HeaderMap, Method, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use events::Dialect;

use super::Shared;
use super::context::dialect;
use crate::client::single;
use crate::limits::Allowance;
use crate::token::TokenError;
use crate::{Caller, Client, Kind, Problem, Reason, YouTubeReason};

/// Lets a request pass to its handler when its token is good, its caller within the limit, and its
/// headers are as the contract has them; in this order, so that a stranger learns nothing.
pub(super) async fn guard(
    State(shared): State<Arc<Shared>>,
    mut request: Request,
    next: Next,
) -> Response {
    let caller = match authenticate(&shared, request.uri(), request.headers()).await {
        Ok(caller) => caller,
        Err(problem) => return problem.into_response(),
    };
    let allowance = match limit(&shared, &caller, request.method()) {
        Ok(allowance) => allowance,
        Err((allowance, problem)) => return with(Some(allowance), problem.into_response()),
    };
    match request.extensions_mut().remove::<Result<Arc<Client>, Problem>>() {
        Some(Ok(client)) => request.extensions_mut().insert(client),
        Some(Err(problem)) => return with(allowance, problem.into_response()),
        None => None,
    };
    request.extensions_mut().insert(caller);
    with(allowance, next.run(request).await)
}

async fn authenticate(
    shared: &Shared,
    uri: &Uri,
    headers: &HeaderMap,
) -> Result<Arc<Caller>, Problem> {
    let dialect = dialect(uri.path());
    if dialect == Dialect::Youtube {
        refuse_token_in_query(uri)?;
    }
    let token = bearer(headers)?;
    let caller = shared.config.verifier.verify(token).await?;
    if dialect == Dialect::Youtube && !caller.scopes.allow_youtube() {
        let youtube = YouTubeReason::global("insufficientPermissions");
        let reason = Reason::new("scope-insufficient").youtube(youtube);
        let challenge = "Bearer realm=\"docket\", error=\"insufficient_scope\"";
        return Err(Problem::new(Kind::Forbidden).because(reason).challenge(challenge));
    }
    Ok(caller)
}

/// A token in the address would end up in logs; to accept it would teach clients to send it there.
fn refuse_token_in_query(uri: &Uri) -> Result<(), Problem> {
    let mut names = form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes());
    match names.find(|(name, _)| name == "access_token" || name == "oauth_token") {
        Some(_) => Err(unauthenticated("token-in-query", MALFORMED)),
        None => Ok(()),
    }
}

const NONE: &str = "Bearer realm=\"docket\"";
const MALFORMED: &str = "Bearer realm=\"docket\", error=\"invalid_request\"";
const REFUSED: &str = "Bearer realm=\"docket\", error=\"invalid_token\"";

/// The token in `Authorization`; an answer with status 401 when there is none.
pub fn bearer(headers: &HeaderMap) -> Result<&str, Problem> {
    let header = single(headers, AUTHORIZATION.as_str())
        .map_err(|_| unauthenticated("token-malformed", MALFORMED))?
        .ok_or_else(|| unauthenticated("token-missing", NONE))?;
    let (scheme, token) = header.split_once(' ').unwrap_or((header, ""));
    let token = token.trim();
    if !scheme.eq_ignore_ascii_case("bearer") || token.is_empty() {
        return Err(unauthenticated("token-missing", NONE));
    }
    Ok(token)
}

impl From<TokenError> for Problem {
    fn from(error: TokenError) -> Self {
        let key = match error {
            TokenError::Expired => "token-expired",
            TokenError::Immature => "token-not-yet-valid",
            TokenError::TooLong
            | TokenError::UnknownKey
            | TokenError::Critical
            | TokenError::Subject
            | TokenError::Refused(_) => "token-refused",
        };
        unauthenticated(key, REFUSED).caused_by(error)
    }
}

fn unauthenticated(key: &'static str, challenge: &'static str) -> Problem {
    Problem::new(Kind::Unauthenticated).because(Reason::new(key)).challenge(challenge)
}

/// Counts a command; queries are not limited.
fn limit(
    shared: &Shared,
    caller: &Caller,
    method: &Method,
) -> Result<Option<Allowance>, (Allowance, Problem)> {
    match &shared.rate_limit {
        Some(limit) if !method.is_safe() => limit.check(&caller.actor.id).map(Some),
        Some(_) | None => Ok(None),
    }
}

fn with(allowance: Option<Allowance>, mut response: Response) -> Response {
    if let Some(allowance) = allowance {
        allowance.write(response.headers_mut());
    }
    response
}
