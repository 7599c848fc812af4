//! The rules of bans.

use super::{
    ActionType, Ban, BanCreated, BanDuration, BanEvent, BanRevoked, BanState, RevokeCause,
};
use crate::{
    Action, Actor, BanId, Denial, LiveStreamSnapshot, Reason, Relation, ReportId, Situation,
    Timestamp, UserSnapshot, permit,
};

/// What may be asked of one user's bans on one live stream.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::large_enum_variant, reason = "one command per request, passed by reference")]
pub enum BanCommand {
    /// Ban the user.
    Create(CreateBan),
    /// End a ban.
    Revoke(RevokeBan),
}

/// Ban a user from a live stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreateBan {
    /// The moment of the decision.
    pub now: Timestamp,
    /// Who asks.
    pub caller: Actor,
    /// Where.
    pub live_stream: LiveStreamSnapshot,
    /// Whom.
    pub target: UserSnapshot,
    /// From what.
    pub action_type: ActionType,
    /// Why.
    pub reason: Option<Reason>,
    /// For how long; for ever when `None`.
    pub duration: Option<BanDuration>,
    /// The report that caused it.
    pub report_id: Option<ReportId>,
    /// What to do when the user is banned already.
    pub over_active: OverActive,
}

/// What a new ban does to an active one of the same user on the same live stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OverActive {
    /// The new one is refused (Allmine).
    Refuse,
    /// A permanent ban stays as it is; a temporary one is superseded (YouTube).
    SupersedeTemporary,
}

/// End a ban.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RevokeBan {
    /// The moment of the decision.
    pub now: Timestamp,
    /// Which ban.
    pub ban_id: BanId,
    /// Who asks.
    pub revoker: Revoker,
}

/// Who ends a ban.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Revoker {
    /// Somebody signed in.
    Caller {
        /// Who.
        caller: Actor,
        /// The live stream of the ban. Where the event stream is empty, any live stream that the
        /// caller runs: only who runs one may hear that there is no such ban (contract §2). `None`
        /// when the directory knows no such live stream.
        live_stream: Option<LiveStreamSnapshot>,
    },
    /// The process manager that watches for bans whose time has run out.
    Expiry,
}

/// Why a command on bans is turned down.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BanRefusal {
    /// The caller may not.
    #[error("not allowed: {0:?}")]
    Denied(Denial),
    /// The user is banned there already.
    #[error("ban {0} is active")]
    AlreadyActive(BanId),
    /// There is no such ban.
    #[error("no such ban")]
    Unknown,
    /// The ban has ended already.
    #[error("the ban has ended")]
    AlreadyEnded,
    /// The event stream belongs to another user or live stream whose ids hash alike.
    #[error("the event stream holds bans of another user or live stream")]
    Collision,
    /// The user has been banned there 65,535 times, and an id cannot count further.
    #[error("no ban id is left for this user on this live stream")]
    Exhausted,
}

pub(super) fn decide(state: &BanState, command: &BanCommand) -> Result<Vec<BanEvent>, BanRefusal> {
    match command {
        BanCommand::Create(command) => create_ban(state, command),
        BanCommand::Revoke(command) => revoke_ban(state, command),
    }
}

fn create_ban(state: &BanState, command: &CreateBan) -> Result<Vec<BanEvent>, BanRefusal> {
    let CreateBan { caller, live_stream, target, .. } = command;
    let situation = Situation {
        caller: live_stream.relation(&caller.id),
        subject: live_stream.relation(&target.id),
        oneself: caller.id == target.id,
    };
    permit(Action::CreateBan, &caller.roles, situation).map_err(BanRefusal::Denied)?;

    let foreign =
        |ban: &Ban| ban.live_stream_id != live_stream.id || ban.target_user_id != target.id;
    if state.latest().is_some_and(foreign) {
        return Err(BanRefusal::Collision);
    }
    let first = || BanId::first(&live_stream.id, &target.id);
    let after = |ban: &Ban| ban.id.next().ok_or(BanRefusal::Exhausted);
    let ended = |ban: &Ban, cause| BanEvent::Revoked(BanRevoked { ban_id: ban.id, cause });

    match state {
        BanState::Never => Ok(vec![created(first(), command)]),
        BanState::Lifted { ban, .. } => Ok(vec![created(after(ban)?, command)]),
        BanState::Active { ban } if ban.has_expired(command.now) => {
            Ok(vec![ended(ban, RevokeCause::Expired), created(after(ban)?, command)])
        }
        BanState::Active { ban } => match (command.over_active, ban.expires_at) {
            (OverActive::Refuse, _) => Err(BanRefusal::AlreadyActive(ban.id)),
            (OverActive::SupersedeTemporary, None) => Ok(vec![]),
            (OverActive::SupersedeTemporary, Some(_)) => {
                Ok(vec![ended(ban, RevokeCause::Superseded), created(after(ban)?, command)])
            }
        },
    }
}

fn created(ban_id: BanId, command: &CreateBan) -> BanEvent {
    BanEvent::Created(BanCreated {
        ban_id,
        live_stream_id: command.live_stream.id.clone(),
        target_user_id: command.target.id.clone(),
        action_type: command.action_type,
        reason: command.reason.clone(),
        expires_at: command.duration.map(|d| command.now.plus_seconds(d.seconds())),
        report_id: command.report_id,
    })
}

fn revoke_ban(state: &BanState, command: &RevokeBan) -> Result<Vec<BanEvent>, BanRefusal> {
    // Who may not lift it hears that before hearing whether there is such a ban.
    if let Revoker::Caller { caller, live_stream } = &command.revoker {
        may_revoke(state.latest(), caller, live_stream.as_ref())?;
    }
    let latest = state.latest().ok_or(BanRefusal::Unknown)?;
    let same_stream = command.ban_id.stream_key() == latest.id.stream_key();
    if !same_stream || !(1..=latest.id.ordinal()).contains(&command.ban_id.ordinal()) {
        return Err(BanRefusal::Unknown);
    }
    let active = match state {
        BanState::Active { ban } if ban.id == command.ban_id => Some(ban),
        BanState::Never | BanState::Active { .. } | BanState::Lifted { .. } => None,
    };
    let has_expired = active.map(|ban| ban.has_expired(command.now));
    let revoked = |cause| vec![BanEvent::Revoked(BanRevoked { ban_id: command.ban_id, cause })];
    match (&command.revoker, has_expired) {
        (Revoker::Caller { .. }, Some(false)) => Ok(revoked(RevokeCause::Manual)),
        (Revoker::Caller { .. }, Some(true) | None) => Err(BanRefusal::AlreadyEnded),
        (Revoker::Expiry, Some(true)) => Ok(revoked(RevokeCause::Expired)),
        (Revoker::Expiry, Some(false) | None) => Ok(vec![]),
    }
}

fn may_revoke(
    ban: Option<&Ban>,
    caller: &Actor,
    live_stream: Option<&LiveStreamSnapshot>,
) -> Result<(), BanRefusal> {
    let elsewhere =
        |stream: &LiveStreamSnapshot| ban.is_some_and(|b| b.live_stream_id != stream.id);
    if live_stream.is_some_and(elsewhere) {
        return Err(BanRefusal::Collision);
    }
    let relation = |user| live_stream.map_or(Relation::Outsider, |stream| stream.relation(user));
    let situation = Situation {
        caller: relation(&caller.id),
        subject: ban.map_or(Relation::Outsider, |ban| relation(&ban.target_user_id)),
        oneself: ban.is_some_and(|ban| ban.target_user_id == caller.id),
    };
    permit(Action::RevokeBan, &caller.roles, situation).map_err(BanRefusal::Denied)
}
