//! What the events make of a ban and of a report, whole.

use events::ban::{
    ActionType, Ban, BanCreated, BanEvent, BanRevoked, BanState, Bans, Lifted, RevokeCause,
};
use events::report::{
    Decision, Report, ReportEvent, ReportFiled, ReportReviewed, ReportState, ReportStatus,
    ReportType, Reports,
};
use events::{
    BanId, Decider, Description, Envelope, Notes, Platform, Reason, ReportId, StreamStatus, fold,
};

use crate::support::{at, caused, live_stream, user};

fn ban_id() -> BanId {
    BanId::first(&live_stream().id, &user("viewer").id)
}

fn banned() -> Envelope<BanEvent> {
    let created = BanCreated {
        ban_id: ban_id(),
        live_stream_id: live_stream().id,
        target_user_id: user("viewer").id,
        action_type: ActionType::ChatOnly,
        reason: Reason::parse("spam").unwrap(),
        expires_at: Some(at(300)),
        report_id: Some(report_id()),
    };
    caused("mod-a", 10, BanEvent::Created(created))
}

fn ban() -> Ban {
    Ban {
        id: ban_id(),
        live_stream_id: live_stream().id,
        target_user_id: user("viewer").id,
        action_type: ActionType::ChatOnly,
        reason: Reason::parse("spam").unwrap(),
        created_by: Some(user("mod-a").id),
        created_at: at(10),
        expires_at: Some(at(300)),
        report_id: Some(report_id()),
    }
}

fn revoked(cause: RevokeCause, seconds: u32) -> Envelope<BanEvent> {
    caused("mod-b", seconds, BanEvent::Revoked(BanRevoked { ban_id: ban_id(), cause }))
}

#[test]
fn a_ban_is_active_until_it_is_lifted() {
    assert_eq!(fold::<Bans>([]), BanState::Never);
    assert_eq!(fold::<Bans>(&[banned()]), BanState::Active { ban: ban() });
    let by = Some(user("mod-b").id);
    assert_eq!(
        fold::<Bans>(&[banned(), revoked(RevokeCause::Manual, 20)]),
        BanState::Lifted {
            ban: ban(),
            lifted: Lifted { cause: RevokeCause::Manual, by, at: at(20) }
        }
    );
}

#[test]
fn a_ban_that_ran_out_ended_on_time_and_by_nobody_whoever_noticed() {
    assert_eq!(
        fold::<Bans>(&[banned(), revoked(RevokeCause::Expired, 999)]),
        BanState::Lifted {
            ban: ban(),
            lifted: Lifted { cause: RevokeCause::Expired, by: None, at: at(300) }
        }
    );
}

#[test]
fn a_ban_event_that_cannot_follow_changes_nothing() {
    let lifted = [banned(), revoked(RevokeCause::Manual, 20)];
    let states = [fold::<Bans>([]), fold::<Bans>(&lifted)];
    for state in states {
        assert_eq!(Bans::evolve(state.clone(), &revoked(RevokeCause::Manual, 30)), state);
    }
    let active = fold::<Bans>(&[banned()]);
    assert_eq!(Bans::evolve(active.clone(), &banned()), active);
    let ban_id = ban_id().next().unwrap();
    let another = BanEvent::Revoked(BanRevoked { ban_id, cause: RevokeCause::Manual });
    assert_eq!(Bans::evolve(active.clone(), &caused("mod-b", 20, another)), active);
}

fn report_id() -> ReportId {
    ReportId::first(&live_stream().id, &user("viewer").id)
}

fn filed() -> Envelope<ReportEvent> {
    let filed = ReportFiled {
        report_id: report_id(),
        live_stream_id: live_stream().id,
        stream_creator_id: live_stream().creator_id,
        stream_title: "Evening talk".into(),
        stream_status_at_report: StreamStatus::Ended,
        report_type: ReportType::HateSpeech,
        description: Description::parse("listen to 1:02:03").unwrap(),
    };
    let mut envelope = caused("viewer", 10, ReportEvent::Filed(filed));
    envelope.metadata.user_agent = Some("curl/8".into());
    envelope.metadata.client_ip = Some([192, 0, 2, 7].into());
    envelope.metadata.platform = Some(Platform::MobileIos);
    envelope
}

fn report() -> Report {
    Report {
        id: report_id(),
        reporter_id: Some(user("viewer").id),
        live_stream_id: live_stream().id,
        stream_creator_id: live_stream().creator_id,
        stream_title: "Evening talk".into(),
        stream_status_at_report: StreamStatus::Ended,
        report_type: ReportType::HateSpeech,
        description: Description::parse("listen to 1:02:03").unwrap(),
        status: ReportStatus::Pending,
        reviewed_by: None,
        admin_notes: None,
        resolved_at: None,
        is_archived: false,
        user_agent: Some("curl/8".into()),
        client_ip: Some([192, 0, 2, 7].into()),
        platform: Some(Platform::MobileIos),
        created_at: at(10),
        updated_at: at(10),
    }
}

fn reviewed(
    who: &str,
    seconds: u32,
    status: Decision,
    notes: &str,
    is_archived: bool,
) -> Envelope<ReportEvent> {
    let admin_notes = Notes::parse(notes).unwrap();
    let reviewed = ReportReviewed { report_id: report_id(), status, admin_notes, is_archived };
    caused(who, seconds, ReportEvent::Reviewed(reviewed))
}

#[test]
fn a_report_goes_from_hand_to_hand() {
    let mut history = vec![filed()];
    assert_eq!(fold::<Reports>(&history), ReportState::Open { report: report(), earlier: vec![] });

    history.push(reviewed("staff", 20, Decision::UnderReview, "mine", false));
    let looked_at = Report {
        status: ReportStatus::UnderReview,
        reviewed_by: Some(user("staff").id),
        admin_notes: Notes::parse("mine").unwrap(),
        updated_at: at(20),
        ..report()
    };
    assert_eq!(
        fold::<Reports>(&history),
        ReportState::Open { report: looked_at.clone(), earlier: vec![] }
    );

    history.push(reviewed("admin", 30, Decision::Resolved, "", false));
    history.push(reviewed("staff", 40, Decision::Resolved, "", true));
    let archived = Report {
        status: ReportStatus::Resolved,
        resolved_at: Some(at(30)),
        is_archived: true,
        updated_at: at(40),
        ..looked_at
    };
    assert_eq!(
        fold::<Reports>(&history),
        ReportState::Decided { report: archived.clone(), earlier: vec![] }
    );

    let again = Envelope { event: filed_again(), ..filed() };
    history.push(again);
    let second = Report { id: report_id().next().unwrap(), ..report() };
    let both = fold::<Reports>(&history);
    assert_eq!(both.report(report_id()), Some(&archived));
    assert_eq!(both, ReportState::Open { report: second, earlier: vec![archived] });
}

fn filed_again() -> ReportEvent {
    let ReportEvent::Filed(first) = filed().event else { unreachable!() };
    ReportEvent::Filed(ReportFiled { report_id: first.report_id.next().unwrap(), ..first })
}

#[test]
fn a_report_event_that_cannot_follow_changes_nothing() {
    let rejected = reviewed("staff", 20, Decision::Rejected, "", false);
    let none = fold::<Reports>([]);
    assert_eq!(Reports::evolve(none.clone(), &rejected), none);
    let open = fold::<Reports>(&[filed()]);
    assert_eq!(Reports::evolve(open.clone(), &filed()), open);
    let looked_at = reviewed("staff", 20, Decision::UnderReview, "", false);
    let under_review = fold::<Reports>(&[filed(), looked_at.clone()]);
    assert_eq!(
        Reports::evolve(under_review.clone(), &caused("admin", 30, looked_at.event)),
        under_review
    );
    let decided = fold::<Reports>(&[filed(), rejected]);
    for status in [Decision::UnderReview, Decision::Resolved] {
        let late = reviewed("staff", 30, status, "too late", true);
        assert_eq!(Reports::evolve(decided.clone(), &late), decided);
    }
}
