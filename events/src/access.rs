//! The whole permission table (contract §2), in one function.

use crate::{Relation, Roles, actor::Role};

/// What somebody wants to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// Ban the subject on the live stream.
    CreateBan,
    /// Lift the subject's ban on the live stream.
    RevokeBan,
    /// Report the live stream.
    FileReport,
    /// Decide the subject's report of the live stream.
    ReviewReport,
    /// Read the bans of the live stream.
    ReadBans,
    /// Ask whether the subject is banned on the live stream.
    CheckBan,
    /// Read one's own reports.
    ReadOwnReports,
    /// Read everybody's reports.
    ReadReportQueue,
    /// Read the subject's report.
    ReadReport,
    /// Read history, replay it, prove it.
    ReadHistory,
    /// See what the directory says of the subject, or of the live stream.
    ReadDirectory,
    /// Write user and live-stream snapshots.
    WriteSnapshots,
    /// Erase the texts of a person.
    ErasePerson,
    /// Keep the texts of a person from being erased, and let go of them again.
    HoldPerson,
    /// Read what was erased and what is held.
    ReadPrivacyRecords,
}

impl Action {
    /// Every action.
    pub const ALL: [Self; 15] = [
        Self::CreateBan,
        Self::RevokeBan,
        Self::FileReport,
        Self::ReviewReport,
        Self::ReadBans,
        Self::CheckBan,
        Self::ReadOwnReports,
        Self::ReadReportQueue,
        Self::ReadReport,
        Self::ReadHistory,
        Self::ReadDirectory,
        Self::WriteSnapshots,
        Self::ErasePerson,
        Self::HoldPerson,
        Self::ReadPrivacyRecords,
    ];
}

/// How the caller, the subject and the live stream stand to one another. The subject is the banned
/// user, or the reporter of the report in question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Situation {
    /// What the caller is to the live stream.
    pub caller: Relation,
    /// What the subject is to the live stream.
    pub subject: Relation,
    /// Whether the caller is the subject.
    pub oneself: bool,
}

impl Situation {
    /// For actions that have neither a live stream nor a subject.
    pub const NONE: Self =
        Self { caller: Relation::Outsider, subject: Relation::Outsider, oneself: false };
}

/// Why somebody may not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Denial {
    /// Neither roles nor relation to the live stream allow it.
    NotAllowed,
    /// Nobody bans themselves.
    Oneself,
    /// The live stream's creator and its moderators cannot be banned there.
    SubjectIsProtected,
    /// A moderator may not lift a ban that is on a moderator.
    SubjectIsModerator,
    /// Nobody reports their own live stream.
    OwnLiveStream,
    /// Nobody reviews their own report, or a report of their own live stream.
    Partial,
}

/// Whether a caller with these roles may do `action` in this situation.
pub fn permit(action: Action, roles: &Roles, situation: Situation) -> Result<(), Denial> {
    let staff = roles.are_staff();
    let runs_it = matches!(situation.caller, Relation::Creator | Relation::Moderator);
    let allow = |allowed: bool| if allowed { Ok(()) } else { Err(Denial::NotAllowed) };
    match action {
        Action::CreateBan => {
            allow(staff || runs_it)?;
            match situation.subject {
                _ if situation.oneself => Err(Denial::Oneself),
                Relation::Creator | Relation::Moderator => Err(Denial::SubjectIsProtected),
                Relation::Outsider => Ok(()),
            }
        }
        Action::RevokeBan => {
            allow(staff || runs_it)?;
            let above = staff || situation.caller == Relation::Creator;
            match situation.subject {
                Relation::Moderator if !above => Err(Denial::SubjectIsModerator),
                Relation::Creator | Relation::Moderator | Relation::Outsider => Ok(()),
            }
        }
        Action::FileReport => match situation.caller {
            Relation::Creator => Err(Denial::OwnLiveStream),
            Relation::Moderator | Relation::Outsider => Ok(()),
        },
        Action::ReviewReport => {
            allow(staff)?;
            let partial = situation.oneself || situation.caller == Relation::Creator;
            if partial { Err(Denial::Partial) } else { Ok(()) }
        }
        Action::ReadBans => allow(staff || runs_it),
        Action::CheckBan => {
            allow(situation.oneself || staff || runs_it || roles.has(Role::Service))
        }
        Action::ReadOwnReports => Ok(()),
        Action::ReadReportQueue => allow(staff),
        Action::ReadReport => allow(staff || situation.oneself),
        Action::ReadHistory | Action::ReadPrivacyRecords => {
            allow(roles.has(Role::Auditor) || roles.has(Role::Admin))
        }
        Action::ReadDirectory => {
            allow(situation.oneself || staff || runs_it || roles.has(Role::Auditor))
        }
        Action::WriteSnapshots => allow(roles.has(Role::Service)),
        Action::ErasePerson | Action::HoldPerson => allow(roles.has(Role::Admin)),
    }
}
