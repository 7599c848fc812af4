//! The most permissive command that fits events of bans.

use super::{Given, Illegal, difference};
use crate::ban::{
    BanCommand, BanCreated, BanDuration, BanEvent, BanRevoked, BanState, Bans, CreateBan,
    OverActive, RevokeBan, RevokeCause, Revoker,
};
use crate::{
    Actor, Decider, Event, LiveStreamId, LiveStreamSnapshot, StreamStatus, Timestamp, UserId,
    UserSnapshot,
};

pub(super) fn judge(state: &BanState, given: &Given, events: &[BanEvent]) -> Result<(), Illegal> {
    let decided = Bans::decide(state, &command(state, given, events)?)?;
    let events: Vec<Event> = events.iter().cloned().map(Event::Ban).collect();
    difference::compare(&events, &decided.into_iter().map(Event::Ban).collect::<Vec<_>>())
}

fn command(state: &BanState, given: &Given, events: &[BanEvent]) -> Result<BanCommand, Illegal> {
    match events {
        [BanEvent::Created(created)] => create(given, created, OverActive::Refuse),
        [BanEvent::Revoked(revoked), BanEvent::Created(created)] => match revoked.cause {
            RevokeCause::Expired => create(given, created, OverActive::Refuse),
            RevokeCause::Superseded => create(given, created, OverActive::SupersedeTemporary),
            RevokeCause::Manual => {
                Err(Illegal::NoCommand("a ban lifted by hand and the next created at once".into()))
            }
        },
        [BanEvent::Revoked(revoked)] => revoke(state, given, revoked),
        _ => Err(Illegal::NoCommand(format!("{} events of bans at once", events.len()))),
    }
}

fn create(
    given: &Given,
    created: &BanCreated,
    over_active: OverActive,
) -> Result<BanCommand, Illegal> {
    let caller = given.somebody()?;
    let duration = created.expires_at.map(|end| duration(given.now, end)).transpose()?;
    // Somebody else runs it, and the caller moderates it.
    let creator = another_than([&caller.id, &created.target_user_id]);
    Ok(BanCommand::Create(CreateBan {
        now: given.now,
        live_stream: live_stream(&created.live_stream_id, creator, &caller, given.now),
        caller,
        target: user(&created.target_user_id, given.now),
        action_type: created.action_type,
        reason: created.reason.clone(),
        duration,
        report_id: created.report_id,
        over_active,
    }))
}

fn revoke(state: &BanState, given: &Given, revoked: &BanRevoked) -> Result<BanCommand, Illegal> {
    let by = match revoked.cause {
        RevokeCause::Manual => {
            let caller = given.somebody()?;
            let id = state.latest().map(|ban| &ban.live_stream_id);
            // The caller runs it.
            let live_stream = id.map(|id| live_stream(id, caller.id.clone(), &caller, given.now));
            Revoker::Caller { caller, live_stream }
        }
        RevokeCause::Expired => match &given.caller {
            None => Revoker::Expiry,
            Some(caller) => return Err(Illegal::Somebody(caller.id.clone())),
        },
        RevokeCause::Superseded => {
            return Err(Illegal::NoCommand("a ban superseded, and none in its place".into()));
        }
    };
    Ok(BanCommand::Revoke(RevokeBan { now: given.now, ban_id: revoked.ban_id, revoker: by }))
}

fn duration(from: Timestamp, to: Timestamp) -> Result<BanDuration, Illegal> {
    let seconds = BanDuration::from_seconds(to.seconds_since(from));
    let exact = |duration: &BanDuration| from.plus_seconds(duration.seconds()) == to;
    seconds.filter(exact).ok_or(Illegal::Duration)
}

/// A user who is none of these.
fn another_than(others: [&UserId; 2]) -> UserId {
    let candidates = ["0", "1", "2"].into_iter().filter_map(|id| id.parse().ok());
    let mut unused = candidates.filter(|id| !others.contains(&id));
    unused.next().unwrap_or_else(|| others[0].clone())
}

fn live_stream(
    id: &LiveStreamId,
    creator_id: UserId,
    moderator: &Actor,
    now: Timestamp,
) -> LiveStreamSnapshot {
    LiveStreamSnapshot {
        id: id.clone(),
        live_chat_id: id.clone().into(),
        title: String::new(),
        status: StreamStatus::Active,
        creator_id,
        moderator_ids: vec![moderator.id.clone()],
        updated_at: now,
    }
}

fn user(id: &UserId, now: Timestamp) -> UserSnapshot {
    UserSnapshot {
        id: id.clone(),
        channel_id: id.clone().into(),
        username: String::new(),
        name: String::new(),
        surname: String::new(),
        profile_photo: None,
        availability_status: String::new(),
        deleted: false,
        updated_at: now,
    }
}
