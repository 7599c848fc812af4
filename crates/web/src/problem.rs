//! What went wrong, before anybody decides how it looks on the wire.

use std::error::Error;
use std::fmt::{self, Write as _};
use std::sync::Arc;
use std::time::Duration;

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use events::Dialect;

use crate::Reason;

/// The cause of a problem: for the log only, never for a body.
pub type Cause = Arc<dyn Error + Send + Sync>;

/// The sort of a problem; decides the status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// The request is malformed.
    Invalid,
    /// No token, or a bad one.
    Unauthenticated,
    /// The caller may not.
    Forbidden,
    /// There is no such thing, or not for this caller.
    NotFound,
    /// The path exists, but not with this method.
    MethodNotAllowed,
    /// What is there does not allow it.
    Conflict,
    /// The body did not come in time.
    SlowBody,
    /// The body is larger than the route takes.
    PayloadTooLarge,
    /// Path and query are longer than any of ours.
    UriTooLong,
    /// The body is not JSON by its content type.
    UnsupportedMediaType,
    /// The idempotency key came with another request before.
    KeyReused,
    /// The caller asks too often.
    RateLimited,
    /// Too many headers, or too long ones.
    HeadersTooLarge,
    /// Our fault.
    Internal,
    /// Something that we need is down, or too slow: try again.
    Unavailable,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 15] = [
        Self::Invalid,
        Self::Unauthenticated,
        Self::Forbidden,
        Self::NotFound,
        Self::MethodNotAllowed,
        Self::Conflict,
        Self::SlowBody,
        Self::PayloadTooLarge,
        Self::UriTooLong,
        Self::UnsupportedMediaType,
        Self::KeyReused,
        Self::RateLimited,
        Self::HeadersTooLarge,
        Self::Internal,
        Self::Unavailable,
    ];

    /// The status in `dialect`. YouTube knows no 429: its rate limit is a 403.
    pub fn status(self, dialect: Dialect) -> StatusCode {
        match self {
            Self::Invalid => StatusCode::BAD_REQUEST,
            Self::Unauthenticated => StatusCode::UNAUTHORIZED,
            Self::Forbidden => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::Conflict => StatusCode::CONFLICT,
            Self::SlowBody => StatusCode::REQUEST_TIMEOUT,
            Self::PayloadTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UriTooLong => StatusCode::URI_TOO_LONG,
            Self::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::KeyReused => StatusCode::UNPROCESSABLE_ENTITY,
            Self::RateLimited if dialect == Dialect::Youtube => StatusCode::FORBIDDEN,
            Self::RateLimited => StatusCode::TOO_MANY_REQUESTS,
            Self::HeadersTooLarge => StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// The kind of an error status that a library answered.
    pub fn of(status: StatusCode) -> Self {
        let same = |kind: &Self| kind.status(Dialect::Allmine) == status;
        let other = if status.is_client_error() { Self::Invalid } else { Self::Internal };
        Self::ALL.into_iter().find(same).unwrap_or(other)
    }

    /// The catalogue's key for the text that opens every error of this kind.
    pub fn text(self) -> &'static str {
        match self {
            Self::Invalid => "problem-invalid",
            Self::Unauthenticated => "problem-unauthenticated",
            Self::Forbidden => "problem-forbidden",
            Self::NotFound => "problem-not-found",
            Self::MethodNotAllowed => "problem-method-not-allowed",
            Self::Conflict => "problem-conflict",
            Self::SlowBody => "problem-slow-body",
            Self::PayloadTooLarge => "problem-payload-too-large",
            Self::UriTooLong => "problem-uri-too-long",
            Self::UnsupportedMediaType => "problem-unsupported-media-type",
            Self::KeyReused => "problem-key-reused",
            Self::RateLimited => "problem-rate-limited",
            Self::HeadersTooLarge => "problem-headers-too-large",
            Self::Internal => "problem-internal",
            Self::Unavailable => "problem-unavailable",
        }
    }
}

/// An answer that is no success: its kind, what precisely is wrong, and for the log, why.
///
/// As a response it is only a status; [`edge`](crate::edge()) gives it a body.
#[derive(Debug, Clone)]
pub struct Problem {
    /// Decides the status.
    pub kind: Kind,
    /// One per field or reason.
    pub reasons: Vec<Reason>,
    /// When the caller may try again.
    pub retry_after: Option<Duration>,
    /// What `WWW-Authenticate` says.
    pub challenge: Option<&'static str>,
    /// For the log.
    pub cause: Option<Cause>,
}

impl Problem {
    /// A problem of this kind.
    pub fn new(kind: Kind) -> Self {
        Self { kind, reasons: Vec::new(), retry_after: None, challenge: None, cause: None }
    }

    /// Something that we need is down or overloaded; worth another try in a second.
    pub fn unavailable(cause: impl Error + Send + Sync + 'static) -> Self {
        Self::new(Kind::Unavailable).retry_after(Duration::from_secs(1)).caused_by(cause)
    }

    /// Our fault.
    pub fn internal(cause: impl Error + Send + Sync + 'static) -> Self {
        Self::new(Kind::Internal).caused_by(cause)
    }

    /// Adds a reason.
    #[must_use]
    pub fn because(mut self, reason: Reason) -> Self {
        self.reasons.push(reason);
        self
    }

    /// Says when to try again; rounded up to whole seconds on the wire.
    #[must_use]
    pub fn retry_after(mut self, wait: Duration) -> Self {
        self.retry_after = Some(wait);
        self
    }

    /// Says what `WWW-Authenticate` says.
    #[must_use]
    pub(crate) fn challenge(mut self, challenge: &'static str) -> Self {
        self.challenge = Some(challenge);
        self
    }

    /// Keeps the cause for the log.
    #[must_use]
    pub fn caused_by(self, cause: impl Error + Send + Sync + 'static) -> Self {
        self.caused_by_shared(Arc::new(cause))
    }

    /// Keeps a cause that others hold too.
    #[must_use]
    pub fn caused_by_shared(mut self, cause: Cause) -> Self {
        self.cause = Some(cause);
        self
    }

    /// What `Retry-After` says: whole seconds, and not fewer than it takes.
    pub fn retry_seconds(&self) -> Option<u64> {
        let wait = self.retry_after?;
        Some(wait.as_secs() + u64::from(wait.subsec_nanos() > 0))
    }

    /// Logs it with its causes. Whoever gives it a body does so, once.
    pub fn log(&self) {
        let causes = self.cause.as_deref().map(|cause| chain(cause)).unwrap_or_default();
        match self.kind {
            Kind::Internal => tracing::error!(causes, "internal error"),
            Kind::Unavailable => tracing::warn!(causes, "unavailable"),
            _ => tracing::debug!(problem = %self, causes, "refused"),
        }
    }
}

fn chain(cause: &(dyn Error + 'static)) -> String {
    let mut text = cause.to_string();
    let mut source = cause.source();
    while let Some(cause) = source {
        // Writing to a string cannot fail.
        let _ = write!(text, ": {cause}");
        source = cause.source();
    }
    text
}

impl From<Kind> for Problem {
    fn from(kind: Kind) -> Self {
        Self::new(kind)
    }
}

/// A reason alone means a malformed request.
impl From<Reason> for Problem {
    fn from(reason: Reason) -> Self {
        Self::new(Kind::Invalid).because(reason)
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind.text())?;
        for reason in &self.reasons {
            write!(f, ", {}", reason.key)?;
        }
        Ok(())
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.kind.status(Dialect::Allmine).into_response();
        response.extensions_mut().insert(self);
        response
    }
}
