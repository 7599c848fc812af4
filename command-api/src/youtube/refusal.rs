//! Why a command on bans came to nothing, as the YouTube dialect tells it: the table of contract §4.

use events::Denial;
use events::ban::BanRefusal;
use web::{Kind, Problem, Reason, YouTubeReason};

use crate::bans::BanError;
use crate::refusal::{denied, failed, unread};

/// Why nothing became of a command on bans.
pub(super) fn of_ban(error: BanError) -> Problem {
    let (kind, reason, name) = match error {
        BanError::UnknownLiveStream => {
            (Kind::NotFound, Reason::new("command-live-stream-unknown"), "liveChatNotFound")
        }
        BanError::UnknownTarget => {
            (Kind::Invalid, Reason::new("command-user-unknown"), "invalidChannelId")
        }
        BanError::DeletedTarget => {
            (Kind::NotFound, Reason::new("command-user-deleted"), "liveChatUserNotFound")
        }
        BanError::UnknownReport => {
            (Kind::Invalid, Reason::new("command-report-unknown-here"), "invalidValue")
        }
        BanError::Refused(refusal) => match refusal {
            BanRefusal::Denied(denial) => (Kind::Forbidden, denied(denial), name_of(denial)),
            BanRefusal::Unknown => {
                (Kind::NotFound, Reason::new("command-ban-unknown"), "liveChatBanNotFound")
            }
            BanRefusal::AlreadyEnded => {
                (Kind::NotFound, Reason::new("command-ban-ended"), "liveChatBanNotFound")
            }
            BanRefusal::AlreadyActive(id) => {
                (Kind::Conflict, Reason::new("command-ban-active").arg("id", id), "conflict")
            }
            BanRefusal::Collision => {
                (Kind::Conflict, Reason::new("command-record-collision"), "conflict")
            }
            BanRefusal::Exhausted => {
                (Kind::Conflict, Reason::new("command-record-exhausted"), "conflict")
            }
        },
        BanError::Failed(error) => return failed(error),
        BanError::Read(error) => return unread(error),
    };
    Problem::new(kind).because(reason.youtube(YouTubeReason::live_chat(name)))
}

fn name_of(denial: Denial) -> &'static str {
    match denial {
        Denial::Oneself | Denial::SubjectIsProtected => "liveChatBanInsertionNotAllowed",
        Denial::SubjectIsModerator => "forbidden",
        Denial::NotAllowed | Denial::OwnLiveStream | Denial::Partial => "insufficientPermissions",
    }
}
