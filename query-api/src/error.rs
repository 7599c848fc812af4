//! Why a query has no answer, and what that means over HTTP.

use std::time::Duration;

use event_log::batcher::BatchError;
use event_log::tree::ProofError;
use event_log::{LogError, Position};
use events::{Action, DecodeError};
use sealing::KeyError;
use sqlx::error::DatabaseError;
use web::{Kind, LastEventId, Problem, Reason};

use crate::access::AccessError;
use crate::audit::RecordError;
use crate::audit::opened::OpenError;
use crate::feed::NoPlace;

/// When a place for a feed may be free again: feeds last long.
const PLACES: Duration = Duration::from_secs(10);

/// Why a query has no answer.
#[derive(Debug, thiserror::Error)]
pub enum QueryError {
    /// The caller may not.
    #[error("{0:?} is not allowed")]
    Denied(Action),
    /// There is no such thing, or not for this caller.
    #[error("no such {0:?}")]
    NotFound(Thing),
    /// The active bans in memory do not tell.
    #[error("access is not known")]
    Access(#[from] AccessError),
    /// The database does not tell.
    #[error("the read model cannot be read")]
    Database(#[from] sqlx::Error),
    /// The log does not tell.
    #[error("the event log cannot be read")]
    Log(#[from] LogError),
    /// The tree over the log is not whole.
    #[error("the tree over the log is damaged")]
    Tree(#[from] ProofError),
    /// The index of history has not come as far as the log.
    #[error("the index of history has not reached position {0} yet")]
    Behind(Position),
    /// There is no event at the position from which to go on.
    #[error("no event is at this position")]
    NoPosition,
    /// The client has seen an event that is none; the log ends here.
    #[error("no such event was told, and the log ends at {0}")]
    NoEvent(Position),
    /// It is not known yet from where the log is followed.
    #[error("the log is not followed yet")]
    NotFollowing,
    /// There is no room for another feed.
    #[error(transparent)]
    NoPlace(#[from] NoPlace),
    /// The index of history knows an event that the log does not hold.
    #[error("the log lacks an event that its index knows")]
    Missing,
    /// An event that the index holds is none.
    #[error("an event cannot be decoded")]
    Decode(#[from] DecodeError),
    /// What the log holds is no JSON of ours.
    #[error("an event is malformed")]
    Json(#[from] serde_json::Error),
    /// The keys of persons cannot be read, or used.
    #[error("personal texts cannot be opened")]
    Open(#[source] OpenError),
    /// The read could not be recorded, so it is not answered.
    #[error("the read could not be recorded")]
    Unrecorded(#[from] BatchError<RecordError>),
}

/// What was not found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Thing {
    /// A ban.
    Ban,
    /// A report.
    Report,
    /// A live stream.
    LiveStream,
    /// A user.
    User,
    /// A checkpoint of the log.
    Checkpoint,
    /// A tile of the tree over the log.
    Tile,
    /// An event in a tree over the log, or a tree of that size.
    Leaf,
}

impl Thing {
    fn key(self) -> &'static str {
        match self {
            Self::Ban => "query-no-ban",
            Self::Report => "query-no-report",
            Self::LiveStream => "query-no-live-stream",
            Self::User => "query-no-user",
            Self::Checkpoint => "query-no-checkpoint",
            Self::Tile => "query-no-tile",
            Self::Leaf => "query-no-leaf",
        }
    }
}

impl From<QueryError> for Problem {
    fn from(error: QueryError) -> Self {
        match error {
            QueryError::Denied(action) => {
                let problem = Self::new(Kind::Forbidden);
                match denial(action) {
                    Some(key) => problem.because(Reason::new(key)),
                    None => problem,
                }
            }
            QueryError::NotFound(thing) => {
                Self::new(Kind::NotFound).because(Reason::new(thing.key()))
            }
            QueryError::Access(cause) => Self::unavailable(cause),
            QueryError::Database(cause) if is_passing(&cause) => Self::unavailable(cause),
            QueryError::Database(cause) => Self::internal(cause),
            QueryError::Log(cause @ (LogError::Overloaded | LogError::Unavailable(_))) => {
                Self::unavailable(cause)
            }
            QueryError::Log(cause @ LogError::Broken(_)) => Self::internal(cause),
            QueryError::Behind(_) => {
                Self::unavailable(error).because(Reason::new("query-history-behind"))
            }
            QueryError::NoPosition => Reason::new("query-not-a-position").at("after").into(),
            QueryError::NoEvent(head) => {
                let reason = Reason::new("feed-last-event-unknown").arg("head", head);
                reason.at(LastEventId::HEADER).into()
            }
            QueryError::NotFollowing => Self::unavailable(error),
            QueryError::NoPlace(NoPlace::Here) => {
                Self::unavailable(error).because(Reason::new("feed-full")).retry_after(PLACES)
            }
            QueryError::NoPlace(NoPlace::ForCaller(most)) => Self::new(Kind::RateLimited)
                .because(Reason::new("feed-too-many").arg("max", most))
                .retry_after(PLACES),
            QueryError::Unrecorded(_) => {
                Self::unavailable(error).because(Reason::new("query-not-recorded"))
            }
            QueryError::Open(cause) => Self::internal(cause),
            QueryError::Missing | QueryError::Decode(_) | QueryError::Json(_) => {
                Self::internal(error)
            }
            QueryError::Tree(cause) => Self::internal(cause),
        }
    }
}

impl From<OpenError> for QueryError {
    fn from(error: OpenError) -> Self {
        match error {
            OpenError::Database(cause) | OpenError::Keys(KeyError::Database(cause)) => {
                Self::Database(cause)
            }
            OpenError::Keys(_) | OpenError::Malformed { .. } => Self::Open(error),
        }
    }
}

/// The text that says who may; `None` for what no query is about.
fn denial(action: Action) -> Option<&'static str> {
    match action {
        Action::ReadBans => Some("query-bans-denied"),
        Action::CheckBan => Some("query-check-denied"),
        Action::ReadReportQueue => Some("query-staff-only"),
        Action::ReadHistory => Some("query-history-denied"),
        Action::ReadDirectory => Some("query-directory-denied"),
        Action::CreateBan
        | Action::RevokeBan
        | Action::FileReport
        | Action::ReviewReport
        | Action::ReadOwnReports
        | Action::ReadReport
        | Action::WriteSnapshots
        | Action::ErasePerson
        | Action::HoldPerson
        | Action::ReadPrivacyRecords => None,
    }
}

/// Whether the database may do better soon: it cannot be reached, has no room, or took too long.
fn is_passing(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::Protocol(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed => true,
        sqlx::Error::Database(refusal) => is_passing_refusal(&**refusal),
        _ => false,
    }
}

/// By class (PostgreSQL's appendix A): 08 connection, 53 resources, 57 operator and time-out, 55 not
/// in a state to, 40 collided with another.
fn is_passing_refusal(refusal: &dyn DatabaseError) -> bool {
    let code = refusal.code().unwrap_or_default();
    ["08", "40", "53", "55", "57"].iter().any(|class| code.starts_with(class))
}
