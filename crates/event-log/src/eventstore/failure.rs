//! What an error of the client means for the one who asked.

use std::sync::Arc;

use eventstore::{CurrentRevision, Error};

use crate::LogError;

/// Why a call has no answer.
#[derive(Debug, Clone, thiserror::Error)]
pub(super) enum CallError {
    #[error("EventStoreDB failed")]
    Failed(#[from] Error),
    #[error("EventStoreDB did not answer in time")]
    Late,
    #[error("EventStoreDB's answer is beyond its client")]
    Panicked,
    #[error("EventStoreDB's client cannot be made")]
    NoClient(#[source] Arc<dyn std::error::Error + Send + Sync>),
    #[error(
        "EventStoreDB's client cannot be set up: look at the certificate files that the address names, \
         or at the platform's (SSL_CERT_FILE, SSL_CERT_DIR)"
    )]
    NoSetUp,
    #[error("the event log was closed")]
    Closed,
}

/// What is to be done about an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Failure {
    /// The outcome is unknown or the server is not itself: ask again, with another client.
    Suspect,
    /// The client is on its way to the leader: ask it again.
    Elsewhere,
    /// Asking again would not help.
    Lasting,
}

impl CallError {
    pub(super) fn failure(&self) -> Failure {
        match self {
            Self::Late | Self::NoClient(_) => Failure::Suspect,
            Self::Panicked | Self::NoSetUp | Self::Closed => Failure::Lasting,
            Self::Failed(error) => of(error),
        }
    }

    /// The revision at which the stream is instead, when that was what the server minded.
    pub(super) fn conflict(&self) -> Option<CurrentRevision> {
        match self {
            Self::Failed(Error::WrongExpectedVersion { current, .. }) => Some(*current),
            _ => None,
        }
    }
}

fn of(error: &Error) -> Failure {
    match error {
        Error::NotLeaderException(_) => Failure::Elsewhere,
        Error::ServerError(_)
        | Error::ConnectionClosed
        | Error::GrpcConnectionError(_)
        | Error::DeadlineExceeded
        | Error::InternalClientError
        | Error::InitializationError(_) => Failure::Suspect,
        // Invalid argument, failed precondition, out of range. Others (aborted, cancelled, out of
        // resources) say that the server may be itself again later.
        Error::Grpc { code, .. } => match i32::from(*code) {
            3 | 9 | 11 => Failure::Lasting,
            _ => Failure::Suspect,
        },
        Error::InternalParsingError(_)
        | Error::AccessDenied
        | Error::ResourceAlreadyExists
        | Error::ResourceNotFound
        | Error::ResourceDeleted
        | Error::UnsupportedFeature
        | Error::IllegalStateError(_)
        | Error::WrongExpectedVersion { .. } => Failure::Lasting,
    }
}

impl From<CallError> for LogError {
    fn from(error: CallError) -> Self {
        match error.failure() {
            Failure::Suspect | Failure::Elsewhere => Self::Unavailable(Arc::new(error)),
            Failure::Lasting if matches!(error, CallError::Closed) => {
                Self::Unavailable(Arc::new(error))
            }
            Failure::Lasting => Self::Broken(Arc::new(error)),
        }
    }
}
