//! What stands before every request of Engine.IO, on which Socket.IO runs.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, SEC_WEBSOCKET_KEY};
use axum::http::{HeaderMap, Method, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;
use web::{Caller, EdgeConfig, Kind, Language, Problem, Reason, Verifier};

use super::PushConfig;
use super::metric;
use super::origins::Origins;
use super::session::{Places, Session};

/// Bytes of a query at most. The protocol's own needs 100, and a session keeps its first one.
const MAX_QUERY: usize = 1024;
/// Engine.IO's packet that says nothing. A client that gets it polls again.
const NOOP: &str = "6";
/// How long a poll may wait for the last word once the process shuts down.
const LAST_WORD: Duration = Duration::from_secs(1);

/// What the gate needs to know.
pub(super) struct Gate {
    verifier: Arc<Verifier>,
    origins: Origins,
    places: Arc<Places>,
    /// How long a poll may find nothing. The edge takes a request that goes on for longer for one that
    /// hangs, whatever the interval of pings.
    patience: Duration,
    shutdown: CancellationToken,
}

impl Gate {
    pub(super) fn new(
        edge: &EdgeConfig,
        config: &PushConfig,
        places: Arc<Places>,
        shutdown: CancellationToken,
    ) -> Self {
        Self {
            verifier: Arc::clone(&edge.verifier),
            origins: config.push_origins.clone(),
            places,
            patience: edge.time_out * 4 / 5,
            shutdown,
        }
    }

    /// Lets the request in, or says why not.
    async fn prepare(&self, request: &mut Request) -> Result<Role, Problem> {
        if !self.origins.allow(request.headers()) {
            metric::refused("origin");
            return Err(Problem::new(Kind::Forbidden).because(Reason::new("push-origin")));
        }
        let role = Role::of(request.method(), request.uri())?;
        if role == Role::Handshake {
            let session = self.session(request.headers()).await?;
            shed(request.headers_mut());
            request.extensions_mut().insert(Arc::new(session));
        }
        Ok(role)
    }

    async fn session(&self, headers: &HeaderMap) -> Result<Session, Problem> {
        let place = self.places.take()?;
        let caller = self.caller(headers).await;
        Ok(Session::new(place, caller, Language::of(headers)))
    }

    /// Whom the header speaks for, if there is one. What is wrong with it is told when the client enters
    /// the namespace, as it is of a token that comes only then.
    async fn caller(&self, headers: &HeaderMap) -> Option<Result<Arc<Caller>, Problem>> {
        headers.get(AUTHORIZATION)?;
        match web::bearer(headers) {
            Ok(token) => Some(self.verifier.verify(token).await.map_err(Problem::from)),
            Err(problem) => Some(Err(problem)),
        }
    }

    /// The engine's answer to a poll, or the packet that says nothing when there is none in time.
    async fn poll(&self, request: Request, next: Next) -> Response {
        let shut_down = async {
            self.shutdown.cancelled().await;
            sleep(LAST_WORD).await;
        };
        // The engine takes packets for a poll and answers it in one go, so none is lost here.
        tokio::select! {
            biased;
            response = next.run(request) => response,
            () = sleep(self.patience) => noop(),
            () = shut_down => noop(),
        }
    }
}

/// What a request is in its session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    /// Its first.
    Handshake,
    /// One that waits for packets.
    Poll,
    /// Any other.
    Other,
}

impl Role {
    fn of(method: &Method, uri: &Uri) -> Result<Self, Problem> {
        let query = uri.query().unwrap_or_default();
        if query.len() > MAX_QUERY {
            return Err(Problem::new(Kind::UriTooLong));
        }
        let (mut session, mut polling) = (false, false);
        // Read as the engine reads it, or a first request could pass for a later one.
        for pair in query.split('&') {
            session |= pair.starts_with("sid=");
            polling |= pair == "transport=polling";
        }
        Ok(match (session, polling && method == Method::GET) {
            (false, _) => Self::Handshake,
            (true, true) => Self::Poll,
            (true, false) => Self::Other,
        })
    }
}

/// Lets a request pass to the engine.
pub(super) async fn admit(
    State(gate): State<Arc<Gate>>,
    mut request: Request,
    next: Next,
) -> Response {
    match gate.prepare(&mut request).await {
        Ok(Role::Poll) => gate.poll(request, next).await,
        Ok(Role::Handshake | Role::Other) => next.run(request).await,
        Err(problem) => problem.into_response(),
    }
}

/// Leaves what the engine needs: it keeps the headers of the first request as long as the session, and
/// the token has been looked at.
fn shed(headers: &mut HeaderMap) {
    let key = headers.remove(SEC_WEBSOCKET_KEY);
    headers.clear();
    headers.extend(key.map(|key| (SEC_WEBSOCKET_KEY, key)));
}

fn noop() -> Response {
    ([(CONTENT_TYPE, "text/plain; charset=UTF-8")], Body::from(NOOP)).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_s_role_is_told_by_its_query() {
        let role = |method, query: &str| {
            let uri = format!("/socket.io/?{query}").parse().unwrap();
            Role::of(&method, &uri).map_err(|problem| problem.kind)
        };
        for (method, query, expected) in [
            (Method::GET, "EIO=4&transport=polling", Role::Handshake),
            (Method::GET, "EIO=4&transport=websocket", Role::Handshake),
            (Method::GET, "EIO=4&transport=polling&sid=a", Role::Poll),
            (Method::POST, "EIO=4&transport=polling&sid=a", Role::Other),
            (Method::GET, "EIO=4&transport=websocket&sid=a", Role::Other),
            (Method::GET, "", Role::Handshake),
            // In which the engine finds no session either.
            (Method::GET, "EIO=4&transport=polling&sid", Role::Handshake),
            (Method::GET, "EIO=4&transport=polling&%73id=a", Role::Handshake),
        ] {
            assert_eq!(role(method, query), Ok(expected), "{query}");
        }
        assert_eq!(role(Method::GET, &"a".repeat(1025)), Err(Kind::UriTooLong));
    }
}
