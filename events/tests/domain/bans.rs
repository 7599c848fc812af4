//! Every transition and every refusal of bans.

use events::ban::{
    ActionType, BanCommand, BanCreated, BanDuration, BanEvent, BanRefusal, BanRevoked, Bans,
    CreateBan, OverActive, RevokeBan, RevokeCause, Revoker,
};
use events::{BanId, Denial, Envelope, LiveStreamSnapshot, Reason};

use crate::support::{at, caller, caused, live_stream, other_live_stream, scenarios, user};

fn id(nth: u16) -> BanId {
    BanId::of(BanId::key(&live_stream().id, &user("viewer").id), nth)
}

fn created(nth: u16, until: Option<u32>) -> BanEvent {
    created_of("viewer", nth, until)
}

fn created_of(target: &str, nth: u16, until: Option<u32>) -> BanEvent {
    BanEvent::Created(BanCreated {
        ban_id: BanId::of(BanId::key(&live_stream().id, &user(target).id), nth),
        live_stream_id: live_stream().id,
        target_user_id: user(target).id,
        action_type: ActionType::Block,
        reason: Reason::parse("spam").unwrap(),
        expires_at: until.map(at),
        report_id: None,
    })
}

fn revoked(nth: u16, cause: RevokeCause) -> BanEvent {
    BanEvent::Revoked(BanRevoked { ban_id: id(nth), cause })
}

fn create(who: &str, whom: &str) -> CreateBan {
    CreateBan {
        now: at(100),
        caller: caller(who),
        live_stream: live_stream(),
        target: user(whom),
        action_type: ActionType::Block,
        reason: Reason::parse("spam").unwrap(),
        duration: None,
        report_id: None,
        over_active: OverActive::Refuse,
    }
}

fn ban(who: &str, whom: &str) -> BanCommand {
    BanCommand::Create(create(who, whom))
}

/// The creator bans the viewer again, for so many seconds, in YouTube's way.
fn ban_over(duration: Option<u64>) -> BanCommand {
    BanCommand::Create(CreateBan {
        duration: duration.and_then(BanDuration::from_seconds),
        over_active: OverActive::SupersedeTemporary,
        ..create("creator", "viewer")
    })
}

fn lift_at(who: &str, ban_id: BanId, live_stream: Option<LiveStreamSnapshot>) -> BanCommand {
    let revoker = Revoker::Caller { caller: caller(who), live_stream };
    BanCommand::Revoke(RevokeBan { now: at(100), ban_id, revoker })
}

fn lift(who: &str, nth: u16) -> BanCommand {
    lift_at(who, id(nth), Some(live_stream()))
}

fn expire(nth: u16) -> BanCommand {
    BanCommand::Revoke(RevokeBan { now: at(100), ban_id: id(nth), revoker: Revoker::Expiry })
}

type History = Vec<Envelope<BanEvent>>;

fn never() -> History {
    vec![]
}

fn banned(until: Option<u32>) -> History {
    vec![caused("mod-a", 10, created(1, until))]
}

fn lifted() -> History {
    let mut history = banned(None);
    history.push(caused("mod-a", 20, revoked(1, RevokeCause::Manual)));
    history
}

fn banned_again() -> History {
    let mut history = lifted();
    history.push(caused("mod-a", 30, created(2, None)));
    history
}

fn banned_then_made_moderator() -> History {
    vec![caused("creator", 10, created_of("mod-b", 1, None))]
}

fn id_of_mod_b() -> BanId {
    BanId::first(&live_stream().id, &user("mod-b").id)
}

fn denied(denial: Denial) -> Result<Vec<BanEvent>, BanRefusal> {
    Err(BanRefusal::Denied(denial))
}

scenarios! { Bans;
    the_creator_bans: never(), ban("creator", "viewer") => Ok(vec![created(1, None)]);
    a_moderator_bans: never(), ban("mod-a", "viewer") => Ok(vec![created(1, None)]);
    platform_staff_bans: never(), ban("staff", "viewer") => Ok(vec![created(1, None)]);
    an_admin_bans: never(), ban("admin", "viewer") => Ok(vec![created(1, None)]);
    a_temporary_ban_names_its_end: never(), ban_over(Some(300)) => Ok(vec![created(1, Some(400))]);
    a_viewer_may_not: never(), ban("viewer-2", "viewer") => denied(Denial::NotAllowed);
    an_auditor_may_not: never(), ban("auditor", "viewer") => denied(Denial::NotAllowed);
    a_service_may_not: never(), ban("service", "viewer") => denied(Denial::NotAllowed);
    nobody_bans_himself: never(), ban("staff", "staff") => denied(Denial::Oneself);
    the_creator_is_protected: never(), ban("staff", "creator") => denied(Denial::SubjectIsProtected);
    moderators_are_protected: never(), ban("creator", "mod-b") => denied(Denial::SubjectIsProtected);
    permission_comes_before_state: banned(None), ban("viewer-2", "viewer") => denied(Denial::NotAllowed);

    one_active_ban_is_enough: banned(None), ban("creator", "viewer")
        => Err(BanRefusal::AlreadyActive(id(1)));
    of_either_type: banned(None), BanCommand::Create(CreateBan {
        action_type: ActionType::ChatOnly, ..create("creator", "viewer")
    }) => Err(BanRefusal::AlreadyActive(id(1)));
    as_long_as_it_lasts: banned(Some(101)), ban("creator", "viewer")
        => Err(BanRefusal::AlreadyActive(id(1)));
    after_one_was_lifted_the_next_counts_on: lifted(), ban("creator", "viewer")
        => Ok(vec![created(2, None)]);
    one_that_ran_out_unnoticed_ends_first: banned(Some(100)), ban("creator", "viewer")
        => Ok(vec![revoked(1, RevokeCause::Expired), created(2, None)]);

    youtube_leaves_a_permanent_ban: banned(None), ban_over(Some(300)) => Ok(vec![]);
    youtube_supersedes_a_temporary_one: banned(Some(500)), ban_over(Some(300))
        => Ok(vec![revoked(1, RevokeCause::Superseded), created(2, Some(400))]);
    with_a_permanent_one_too: banned(Some(500)), ban_over(None)
        => Ok(vec![revoked(1, RevokeCause::Superseded), created(2, None)]);
    but_one_that_ran_out_is_no_longer_there: banned(Some(99)), ban_over(None)
        => Ok(vec![revoked(1, RevokeCause::Expired), created(2, None)]);

    ids_that_hash_alike_are_refused: [caused("creator", 10, created_of("somebody", 1, None))],
        ban("creator", "viewer") => Err(BanRefusal::Collision);
    no_id_is_left: [
        caused("mod-a", 10, created(u16::MAX, None)),
        caused("mod-a", 20, revoked(u16::MAX, RevokeCause::Manual)),
    ], ban("creator", "viewer") => Err(BanRefusal::Exhausted);
    the_last_id_still_counts_as_active: [caused("mod-a", 10, created(u16::MAX, None))],
        ban("creator", "viewer") => Err(BanRefusal::AlreadyActive(id(u16::MAX)));
    and_stays_for_youtube: [caused("mod-a", 10, created(u16::MAX, None))], ban_over(None)
        => Ok(vec![]);

    the_creator_lifts: banned(None), lift("creator", 1) => Ok(vec![revoked(1, RevokeCause::Manual)]);
    another_moderator_lifts: banned(None), lift("mod-b", 1)
        => Ok(vec![revoked(1, RevokeCause::Manual)]);
    platform_staff_lifts: banned(None), lift("staff", 1)
        => Ok(vec![revoked(1, RevokeCause::Manual)]);
    staff_needs_no_live_stream: banned(None), lift_at("staff", id(1), None)
        => Ok(vec![revoked(1, RevokeCause::Manual)]);
    a_temporary_one_is_lifted_early: banned(Some(101)), lift("mod-a", 1)
        => Ok(vec![revoked(1, RevokeCause::Manual)]);
    a_viewer_may_not_lift: banned(None), lift("viewer-2", 1) => denied(Denial::NotAllowed);
    nor_the_banned: banned(None), lift("viewer", 1) => denied(Denial::NotAllowed);
    a_moderator_lifts_none_that_is_on_a_moderator: banned_then_made_moderator(),
        lift_at("mod-a", id_of_mod_b(), Some(live_stream())) => denied(Denial::SubjectIsModerator);
    nor_his_own: banned_then_made_moderator(),
        lift_at("mod-b", id_of_mod_b(), Some(live_stream())) => denied(Denial::SubjectIsModerator);
    the_creator_does: banned_then_made_moderator(),
        lift_at("creator", id_of_mod_b(), Some(live_stream()))
        => Ok(vec![BanEvent::Revoked(BanRevoked { ban_id: id_of_mod_b(), cause: RevokeCause::Manual })]);
    another_live_streams_creator_may_not: banned(None),
        lift_at("creator-2", id(1), Some(live_stream())) => denied(Denial::NotAllowed);
    nor_by_bringing_his_own_live_stream: banned(None),
        lift_at("creator-2", id(1), Some(other_live_stream())) => Err(BanRefusal::Collision);

    a_lifted_one_has_ended: lifted(), lift("creator", 1) => Err(BanRefusal::AlreadyEnded);
    an_earlier_one_has_ended: banned_again(), lift("creator", 1) => Err(BanRefusal::AlreadyEnded);
    one_that_ran_out_has_ended: banned(Some(100)), lift("creator", 1)
        => Err(BanRefusal::AlreadyEnded);
    unknown_to_staff: never(), lift_at("staff", id(1), None) => Err(BanRefusal::Unknown);
    unknown_to_who_runs_some_live_stream: never(),
        lift_at("creator-2", id(1), Some(other_live_stream())) => Err(BanRefusal::Unknown);
    an_outsider_does_not_hear_it: never(), lift_at("viewer-2", id(1), None)
        => denied(Denial::NotAllowed);
    nor_with_a_later_id: banned(None), lift("viewer-2", 2) => denied(Denial::NotAllowed);
    ids_count_up_to_the_latest: banned(None), lift("creator", 2) => Err(BanRefusal::Unknown);
    ids_count_from_one: banned(None), lift("creator", 0) => Err(BanRefusal::Unknown);
    an_id_of_another_event_stream: banned(None),
        lift_at("creator", id_of_mod_b(), Some(live_stream())) => Err(BanRefusal::Unknown);

    a_ban_runs_out: banned(Some(100)), expire(1) => Ok(vec![revoked(1, RevokeCause::Expired)]);
    not_before_its_time: banned(Some(101)), expire(1) => Ok(vec![]);
    a_permanent_one_never: banned(None), expire(1) => Ok(vec![]);
    once_is_enough: lifted(), expire(1) => Ok(vec![]);
    an_earlier_one_is_over: banned_again(), expire(1) => Ok(vec![]);
    nothing_to_run_out: never(), expire(1) => Err(BanRefusal::Unknown);
}

#[test]
fn a_duration_is_a_second_to_a_year() {
    let seconds = |n| BanDuration::from_seconds(n).map(BanDuration::seconds);
    assert_eq!(
        [0, 1, 31_536_000, 31_536_001, u64::MAX].map(seconds),
        [None, Some(1), Some(31_536_000), None, None]
    );
    assert_eq!(BanDuration::YOUTUBE_DEFAULT.seconds(), 300);
}
