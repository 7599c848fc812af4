use events::ban::{
    ActionType, BanCommand, BanCreated, BanDuration, BanEvent, BanRevoked, BanState, Bans,
    CreateBan, OverActive, RevokeBan, RevokeCause, Revoker,
};
use events::{BanId, Decider, Envelope, fold};
use proptest::prelude::*;

use super::{Asked, anybody, refused_changes_nothing, run};
use crate::support::{at, caller, caused, live_stream, other_live_stream, user};

fn id(nth: u16) -> BanId {
    BanId::of(BanId::key(&live_stream().id, &user("viewer").id), nth)
}

fn create(who: &str, seconds: u32, duration: Option<u64>, youtube: bool) -> BanCommand {
    BanCommand::Create(CreateBan {
        now: at(seconds),
        caller: caller(who),
        live_stream: live_stream(),
        target: user("viewer"),
        action_type: ActionType::ALL[usize::from(youtube)],
        reason: None,
        duration: duration.and_then(BanDuration::from_seconds),
        report_id: None,
        over_active: if youtube { OverActive::SupersedeTemporary } else { OverActive::Refuse },
    })
}

fn revoke(who: &str, seconds: u32, nth: u16, by_itself: bool) -> BanCommand {
    let live_stream = Some(live_stream());
    let caller = Revoker::Caller { caller: caller(who), live_stream };
    let revoker = if by_itself { Revoker::Expiry } else { caller };
    BanCommand::Revoke(RevokeBan { now: at(seconds), ban_id: id(nth), revoker })
}

/// Up to forty commands on one viewer's bans; time goes on, and sometimes stands.
pub(super) fn commands() -> impl Strategy<Value = Vec<Asked<BanCommand>>> {
    let duration = prop::option::of(1..300_u64);
    let ask = (0..200_u32, anybody(), any::<bool>(), duration, any::<bool>(), 0..6_u16);
    prop::collection::vec(ask, 0..40).prop_map(|asks| {
        let mut seconds = 0;
        asks.into_iter()
            .map(|(later, who, creates, duration, flag, nth)| {
                // A quarter of them come in the same second as the one before.
                seconds += later.saturating_sub(50);
                let command = if creates {
                    create(who, seconds, duration, flag)
                } else {
                    revoke(who, seconds, nth, flag)
                };
                Asked { who, seconds, command }
            })
            .collect()
    })
}

/// Any event at all, of this live stream or another, in any order.
fn any_event() -> impl Strategy<Value = Envelope<BanEvent>> {
    let target = prop::sample::select(vec!["viewer", "viewer-2"]);
    let ids = prop_oneof![0..4_u16, Just(u16::MAX)];
    let ban = (ids, target, any::<bool>(), prop::option::of(0..2_000_u32));
    let cause = prop::option::of(prop::sample::select(vec![
        RevokeCause::Manual,
        RevokeCause::Expired,
        RevokeCause::Superseded,
    ]));
    (anybody(), 0..2_000_u32, ban, cause).prop_map(
        |(who, seconds, (nth, target, elsewhere, until), cause)| {
            let stream = if elsewhere { other_live_stream() } else { live_stream() };
            let ban_id = BanId::of(BanId::key(&stream.id, &user(target).id), nth);
            let event = match cause {
                Some(cause) => BanEvent::Revoked(BanRevoked { ban_id, cause }),
                None => BanEvent::Created(BanCreated {
                    ban_id,
                    live_stream_id: stream.id,
                    target_user_id: user(target).id,
                    action_type: ActionType::Block,
                    reason: None,
                    expires_at: until.map(at),
                    report_id: None,
                }),
            };
            caused(who, seconds, event)
        },
    )
}

proptest! {
    #[test]
    fn a_refused_command_changes_nothing(asked in commands()) {
        refused_changes_nothing::<Bans>(&asked);
    }

    #[test]
    fn at_most_one_ban_is_active(asked in commands()) {
        let (history, _) = run::<Bans>(&asked);
        let (mut active, mut count): (Option<BanCreated>, u16) = (None, 0);
        for Envelope { event, metadata, .. } in &history {
            match event {
                BanEvent::Created(created) => {
                    prop_assert!(active.is_none(), "{history:?}");
                    count += 1;
                    prop_assert_eq!(created.ban_id, id(count));
                    prop_assert_eq!(created.ban_id.stream(), id(1).stream());
                    active = Some(created.clone());
                }
                BanEvent::Revoked(revoked) => {
                    let ended = active.take().expect("only an active ban ends");
                    prop_assert_eq!(ended.ban_id, revoked.ban_id);
                    let ran_out = ended.expires_at.is_some_and(|end| end <= metadata.occurred_at);
                    prop_assert_eq!(ran_out, revoked.cause == RevokeCause::Expired);
                }
            }
        }
        let state = fold::<Bans>(&history);
        prop_assert_eq!(matches!(state, BanState::Active { .. }), active.is_some());
        prop_assert_eq!(state.latest().map_or(0, |ban| ban.id.ordinal()), count);
    }

    #[test]
    fn no_history_is_too_odd(
        history in prop::collection::vec(any_event(), 0..12),
        asked in commands(),
    ) {
        let state = fold::<Bans>(&history);
        for Asked { who, seconds, command } in asked {
            for event in Bans::decide(&state, &command).unwrap_or_default() {
                Bans::evolve(state.clone(), &caused(who, seconds, event));
            }
        }
    }
}
