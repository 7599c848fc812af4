//! A client enters the namespace: who it is, for how long, and what is done with what it sends.

use std::fmt;
use std::sync::Arc;

use serde::Deserialize;
use socketioxide::extract::SocketRef;
use socketioxide::{ParserError, SocketIo};
use tokio_util::sync::{CancellationToken, DropGuard};
use web::allmine::Failure;
use web::token::TokenError;
use web::{Caller, Kind, Language, Problem, Reason};

use super::deliver::cut_off;
use super::metric::{self, Counted};
use super::session::Session;
use super::{NAMESPACE, Push};

/// What the official client sends as its `auth`.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Auth {
    token: Option<String>,
    /// As `X-Language`, which pages of a browser cannot send with a WebSocket.
    language: Option<String>,
}

/// Why a client may not enter. Socket.IO's `connect_error` has room for one text.
#[derive(Debug)]
pub(super) struct Refusal(Failure);

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.errors().join(": "))
    }
}

/// What lives as long as a socket.
struct Lease {
    _expiry: DropGuard,
    _counted: Counted,
}

impl Push {
    /// Lets a client in whose token is good, and listens to it.
    pub(super) async fn connect(
        self: Arc<Self>,
        io: SocketIo,
        socket: SocketRef,
        auth: Result<Auth, ParserError>,
    ) -> Result<(), Refusal> {
        let session = socket.req_parts().extensions.get::<Arc<Session>>().cloned();
        let language = language(auth.as_ref().ok(), session.as_deref());
        match self.admit(session, auth).await {
            Ok((caller, session)) => {
                self.listen(&socket, &session, language);
                self.lease(io, &socket, &caller);
                Ok(())
            }
            Err(problem) => {
                problem.log();
                Err(Refusal(Failure::new(&problem, language, self.now())))
            }
        }
    }

    async fn admit(
        &self,
        session: Option<Arc<Session>>,
        auth: Result<Auth, ParserError>,
    ) -> Result<(Arc<Caller>, Arc<Session>), Problem> {
        // The gate stands before every request, so a session without one would be a fault of ours.
        let session = session.ok_or(Kind::Internal)?;
        if !session.may_send() {
            metric::refused("rate");
            return Err(Kind::RateLimited.into());
        }
        let caller =
            self.identify(&session, auth).await.inspect_err(|_| metric::refused("token"))?;
        session.belongs_to(&caller.actor.id, &self.places)?;
        Ok((caller, session))
    }

    /// Whose token it is: that of `auth`, else that of the header.
    async fn identify(
        &self,
        session: &Session,
        auth: Result<Auth, ParserError>,
    ) -> Result<Arc<Caller>, Problem> {
        let unauthenticated = |key| Problem::new(Kind::Unauthenticated).because(Reason::new(key));
        let auth = auth.map_err(|error| unauthenticated("push-auth-malformed").caused_by(error))?;
        let caller = match (auth.token, &session.header) {
            (Some(token), _) => self.verifier.verify(&token).await?,
            (None, Some(header)) => header.clone()?,
            (None, None) => return Err(unauthenticated("push-token-missing")),
        };
        // The header was looked at when the session began.
        if caller.expires <= self.app.now() {
            return Err(TokenError::Expired.into());
        }
        Ok(caller)
    }

    /// Disconnects the socket when its token has expired.
    fn lease(&self, io: SocketIo, socket: &SocketRef, caller: &Caller) {
        let ended = CancellationToken::new();
        let lease = Lease {
            _expiry: ended.clone().drop_guard(),
            _counted: Counted::new("docket_push_sockets"),
        };
        socket.extensions.insert(Arc::new(lease));
        let left = (caller.expires.to_utc() - self.now()).to_std().unwrap_or_default();
        // The task must not keep the socket, which ends it by being dropped.
        let id = socket.id;
        tokio::spawn(ended.run_until_cancelled_owned(async move {
            tokio::time::sleep(left).await;
            if let Some(socket) = io.of(NAMESPACE).and_then(|all| all.get_socket(id)) {
                cut_off(socket, "expired");
            }
        }));
    }
}

/// The language of a client's errors: that of `auth`, else that of its first request.
fn language(auth: Option<&Auth>, session: Option<&Session>) -> Language {
    let named = auth.and_then(|auth| auth.language.as_deref());
    let known = Language::ALL.into_iter().find(|language| Some(language.as_str()) == named);
    known.or(session.map(|session| session.language)).unwrap_or_default()
}
