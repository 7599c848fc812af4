//! What a database error means for the one who asked.

use std::sync::Arc;

use crate::LogError;

/// What is to be done about an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Failure {
    /// The outcome is unknown or the server is not itself: ask again on a new connection.
    Passing,
    /// The server refuses these values, whenever asked. Others in the same call are innocent.
    Refused,
    /// Asking again would not help, whatever the values.
    Lasting,
}

/// SQLSTATE classes of values that no retry makes acceptable: data exceptions (such as a NUL in a
/// text), constraint violations, exceeded limits.
const REFUSED: [&str; 3] = ["22", "23", "54"];

/// The SQLSTATE class of unknown tables and functions and of missing rights.
const LASTING: &str = "42";

impl Failure {
    pub(super) fn of(error: &sqlx::Error) -> Self {
        match error {
            sqlx::Error::Database(error) => {
                match error.code().as_deref().and_then(|c| c.get(..2)) {
                    Some(class) if REFUSED.contains(&class) => Self::Refused,
                    Some(LASTING) => Self::Lasting,
                    _ => Self::Passing,
                }
            }
            sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::Protocol(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed => Self::Passing,
            _ => Self::Lasting,
        }
    }
}

/// The error as the port tells it.
pub(super) fn log_error(error: sqlx::Error) -> LogError {
    match Failure::of(&error) {
        Failure::Passing => LogError::Unavailable(Arc::new(error)),
        Failure::Refused | Failure::Lasting => LogError::Broken(Arc::new(error)),
    }
}
