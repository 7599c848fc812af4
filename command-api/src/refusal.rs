//! Why a command came to nothing, as the Allmine dialect tells it. One exhaustive match per aggregate.

use event_log::LogError;
use events::ban::BanRefusal;
use events::report::ReportRefusal;
use events::{Action, Denial};
use web::{Kind, Problem, Reason};

use crate::bans::BanError;
use crate::directory::DirectoryError;
use crate::handle::HandleError;
use crate::history::StreamError;
use crate::privacy::PrivacyError;
use crate::reads::ReadError;
use crate::reports::ReportError;
use crate::sealing::SealingError;

/// Why nothing became of a command on bans.
pub(crate) fn of_ban(error: BanError) -> Problem {
    match error {
        BanError::UnknownLiveStream => {
            not_found(Reason::new("command-live-stream-unknown").at("liveStreamId"))
        }
        BanError::UnknownTarget => {
            not_found(Reason::new("command-user-unknown").at("targetUserId"))
        }
        BanError::DeletedTarget => {
            not_found(Reason::new("command-user-deleted").at("targetUserId"))
        }
        BanError::UnknownReport => Reason::new("command-report-unknown-here").at("reportId").into(),
        BanError::Refused(refusal) => match refusal {
            BanRefusal::Denied(denial) => forbidden(denial),
            BanRefusal::AlreadyActive(id) => {
                conflict(Reason::new("command-ban-active").arg("id", id))
            }
            BanRefusal::Unknown => not_found(Reason::new("command-ban-unknown")),
            BanRefusal::AlreadyEnded => conflict(Reason::new("command-ban-ended")),
            BanRefusal::Collision => conflict(Reason::new("command-record-collision")),
            BanRefusal::Exhausted => conflict(Reason::new("command-record-exhausted")),
        },
        BanError::Failed(error) => failed(error),
        BanError::Read(error) => unread(error),
    }
}

/// Why nothing became of a command on reports.
pub(crate) fn of_report(error: ReportError) -> Problem {
    match error {
        ReportError::UnknownLiveStream => {
            not_found(Reason::new("command-live-stream-unknown").at("streamId"))
        }
        ReportError::Refused(refusal) => match refusal {
            ReportRefusal::Denied(denial) => forbidden(denial),
            ReportRefusal::DescriptionRequired => description_required().into(),
            ReportRefusal::AlreadyOpen(id) => {
                conflict(Reason::new("command-report-open").arg("id", id))
            }
            ReportRefusal::Unknown => not_found(Reason::new("command-report-unknown")),
            ReportRefusal::NotFrom { from } => {
                conflict(Reason::new("command-report-not-from").arg("from", from.as_str()))
            }
            ReportRefusal::Collision => conflict(Reason::new("command-record-collision")),
            ReportRefusal::Exhausted => conflict(Reason::new("command-record-exhausted")),
        },
        ReportError::Failed(error) => failed(error),
        ReportError::Read(error) => unread(error),
    }
}

/// Why nothing became of an erasure or a legal hold, or why it cannot be shown.
pub(crate) fn of_privacy(error: PrivacyError) -> Problem {
    match error {
        PrivacyError::Denied(Action::ErasePerson | Action::HoldPerson) => {
            Problem::new(Kind::Forbidden).because(Reason::new("command-admins-only"))
        }
        PrivacyError::Denied(_) => {
            Problem::new(Kind::Forbidden).because(Reason::new("command-auditors-only"))
        }
        PrivacyError::UnknownErasure => not_found(Reason::new("command-erasure-unknown")),
        PrivacyError::UnknownHold => not_found(Reason::new("command-hold-unknown")),
        PrivacyError::Held(since) => conflict(Reason::new("command-held").arg("since", since)),
        PrivacyError::Log(error) => broken(error.into()),
        PrivacyError::Database(sqlx::Error::Decode(_)) => Problem::internal(error),
        PrivacyError::Database(_) => Problem::unavailable(error),
    }
}

/// A report of type `other` says what is wrong in its description.
pub(crate) fn description_required() -> Reason {
    Reason::new("command-description-required").at("description")
}

/// Why somebody may not.
pub(crate) fn denied(denial: Denial) -> Reason {
    Reason::new(match denial {
        Denial::NotAllowed => "command-denied-not-allowed",
        Denial::Oneself => "command-denied-oneself",
        Denial::SubjectIsProtected => "command-denied-protected",
        Denial::SubjectIsModerator => "command-denied-moderator",
        Denial::OwnLiveStream => "command-denied-own-live-stream",
        Denial::Partial => "command-denied-partial",
    })
}

/// Why the engine could not do it, in every dialect.
pub(crate) fn failed(error: HandleError) -> Problem {
    match error {
        HandleError::KeyReused => Kind::KeyReused.into(),
        HandleError::Contended => Problem::unavailable(error),
        HandleError::Read(error) => unread(error),
        HandleError::Stream(error) => broken(error),
    }
}

/// Why what a command needs could not be read, in every dialect.
pub(crate) fn unread(error: ReadError) -> Problem {
    match error {
        ReadError::Overloaded | ReadError::Stopped => Problem::unavailable(error),
        ReadError::Stream(error) => broken(error),
        ReadError::Directory(error) => unanswered(error),
    }
}

/// Why the directory did not answer, in every dialect.
pub(crate) fn unanswered(error: DirectoryError) -> Problem {
    match error {
        DirectoryError::Unavailable(_) => Problem::unavailable(error),
        DirectoryError::Malformed(_) => Problem::internal(error),
    }
}

fn broken(error: StreamError) -> Problem {
    match error {
        StreamError::Log(LogError::Overloaded | LogError::Unavailable(_))
        | StreamError::Sealing(
            SealingError::Unavailable(_) | SealingError::Overloaded | SealingError::Stopped,
        ) => Problem::unavailable(error),
        StreamError::Log(LogError::Broken(_))
        | StreamError::Sealing(SealingError::Unusable(_) | SealingError::Broken(_))
        | StreamError::Unreadable { .. }
        | StreamError::Unwritable(_) => Problem::internal(error),
    }
}

fn not_found(reason: Reason) -> Problem {
    Problem::new(Kind::NotFound).because(reason)
}

fn forbidden(denial: Denial) -> Problem {
    Problem::new(Kind::Forbidden).because(denied(denial))
}

fn conflict(reason: Reason) -> Problem {
    Problem::new(Kind::Conflict).because(reason)
}
