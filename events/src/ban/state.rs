//! What is known of one user's bans on one live stream.

use super::{ActionType, BanCreated, BanEvent, BanRevoked, RevokeCause};
use crate::{BanId, Envelope, LiveStreamId, Reason, ReportId, Timestamp, UserId};

/// The situations that one user's bans on one live stream can be in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum BanState {
    /// The user was never banned there.
    #[default]
    Never,
    /// The user is banned there, unless the ban has run out by the clock.
    Active {
        /// The latest ban.
        ban: Ban,
    },
    /// The latest ban there has ended.
    Lifted {
        /// The latest ban.
        ban: Ban,
        /// How it ended.
        lifted: Lifted,
    },
}

impl BanState {
    /// The latest ban, ended or not.
    pub fn latest(&self) -> Option<&Ban> {
        match self {
            Self::Never => None,
            Self::Active { ban } | Self::Lifted { ban, .. } => Some(ban),
        }
    }
}

/// A ban, from when it was created.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ban {
    /// Names it and its event stream.
    pub id: BanId,
    /// Where the user is banned.
    pub live_stream_id: LiveStreamId,
    /// Who is banned.
    pub target_user_id: UserId,
    /// From what the ban keeps.
    pub action_type: ActionType,
    /// Why.
    pub reason: Option<Reason>,
    /// Who created the ban.
    pub created_by: Option<UserId>,
    /// When.
    pub created_at: Timestamp,
    /// When it ends by itself; never when `None`.
    pub expires_at: Option<Timestamp>,
    /// The report that caused it.
    pub report_id: Option<ReportId>,
}

impl Ban {
    /// Whether its time has run out at `now`.
    pub fn has_expired(&self, now: Timestamp) -> bool {
        self.expires_at.is_some_and(|end| end <= now)
    }
}

/// How a ban ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lifted {
    /// Why.
    pub cause: RevokeCause,
    /// By whom; `None` when its time ran out.
    pub by: Option<UserId>,
    /// When: the moment it was lifted, or the one its time ran out, however late that was noticed.
    pub at: Timestamp,
}

pub(super) fn evolve(state: BanState, event: &Envelope<BanEvent>) -> BanState {
    match (state, &event.event) {
        (BanState::Never | BanState::Lifted { .. }, BanEvent::Created(created)) => {
            BanState::Active { ban: created_ban(created, event) }
        }
        (BanState::Active { ban }, BanEvent::Revoked(BanRevoked { ban_id, cause }))
            if *ban_id == ban.id =>
        {
            let lifted = lifted(&ban, *cause, event);
            BanState::Lifted { ban, lifted }
        }
        (state @ BanState::Active { .. }, BanEvent::Created(_) | BanEvent::Revoked(_))
        | (state @ (BanState::Never | BanState::Lifted { .. }), BanEvent::Revoked(_)) => state,
    }
}

fn lifted(ban: &Ban, cause: RevokeCause, event: &Envelope<BanEvent>) -> Lifted {
    let noticed = event.metadata.occurred_at;
    match cause {
        RevokeCause::Expired => Lifted { cause, by: None, at: ban.expires_at.unwrap_or(noticed) },
        RevokeCause::Manual | RevokeCause::Superseded => {
            Lifted { cause, by: event.metadata.actor.clone(), at: noticed }
        }
    }
}

fn created_ban(created: &BanCreated, event: &Envelope<BanEvent>) -> Ban {
    Ban {
        id: created.ban_id,
        live_stream_id: created.live_stream_id.clone(),
        target_user_id: created.target_user_id.clone(),
        action_type: created.action_type,
        reason: created.reason.clone(),
        created_by: event.metadata.actor.clone(),
        created_at: event.metadata.occurred_at,
        expires_at: created.expires_at,
        report_id: created.report_id,
    }
}
