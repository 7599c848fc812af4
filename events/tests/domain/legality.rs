//! What is said of histories that no decider wrote.

use events::ban::{ActionType, BanCreated, BanEvent, BanRevoked, RevokeCause};
use events::legality::judge;
use events::report::{Decision, ReportEvent, ReportFiled, ReportReviewed, ReportType};
use events::{
    BanId, Description, Envelope, Event, PersonalField, Reason, ReportId, Role, Sealed,
    StreamStatus,
};
use ulid::Ulid;

use crate::support::{at, live_stream, metadata, other_live_stream, user};

/// An event, who caused it in which second, and by which command.
fn told(who: Option<&str>, second: u32, command: u128, event: Event) -> Envelope<Event> {
    let mut metadata = metadata(who, second);
    metadata.command_id = Ulid(command);
    metadata.roles =
        who.filter(|who| *who == "staff").map(|_| Role::Moderator).into_iter().collect();
    Envelope { id: Ulid(u128::from(second) * 100 + command), event, metadata }
}

fn ban_id(nth: u16) -> BanId {
    BanId::of(BanId::key(&live_stream().id, &user("viewer").id), nth)
}

fn created(nth: u16, until: Option<u32>) -> Event {
    Event::Ban(BanEvent::Created(BanCreated {
        ban_id: ban_id(nth),
        live_stream_id: live_stream().id,
        target_user_id: user("viewer").id,
        action_type: ActionType::Block,
        reason: None,
        expires_at: until.map(at),
        report_id: None,
    }))
}

fn revoked(nth: u16, cause: RevokeCause) -> Event {
    Event::Ban(BanEvent::Revoked(BanRevoked { ban_id: ban_id(nth), cause }))
}

fn report_id(nth: u16) -> ReportId {
    ReportId::of(ReportId::key(&live_stream().id, &user("viewer").id), nth)
}

fn filed(report_type: ReportType, description: Option<&str>) -> Event {
    Event::Report(ReportEvent::Filed(ReportFiled {
        report_id: report_id(1),
        live_stream_id: live_stream().id,
        stream_creator_id: live_stream().creator_id,
        stream_title: live_stream().title,
        stream_status_at_report: StreamStatus::Active,
        report_type,
        description: description.and_then(|text| Description::parse(text).unwrap()),
    }))
}

fn reviewed(status: Decision) -> Event {
    Event::Report(ReportEvent::Reviewed(ReportReviewed {
        report_id: report_id(1),
        status,
        admin_notes: None,
        is_archived: false,
    }))
}

/// What is wrong with a history of bans, line by line.
fn of_bans(history: &[Envelope<Event>]) -> Vec<String> {
    reasons(&ban_id(1).stream(), history)
}

fn of_reports(history: &[Envelope<Event>]) -> Vec<String> {
    reasons(&report_id(1).stream(), history)
}

fn reasons(stream: &str, history: &[Envelope<Event>]) -> Vec<String> {
    judge(stream, history).into_iter().map(|(nth, illegal)| format!("{nth}: {illegal}")).collect()
}

fn seal(mut event: Envelope<Event>, field: PersonalField) -> Envelope<Event> {
    event.metadata.sealed.insert(field, Sealed::new(Ulid(1), "nobody can read it"));
    event
}

#[test]
fn a_long_life_is_legal() {
    let history = [
        told(Some("mod-a"), 0, 1, created(1, Some(60))),
        told(None, 60, 2, revoked(1, RevokeCause::Expired)),
        told(Some("creator"), 70, 3, created(2, Some(80))),
        told(Some("creator"), 75, 4, revoked(2, RevokeCause::Superseded)),
        told(Some("creator"), 75, 4, created(3, Some(90))),
        told(Some("mod-a"), 95, 5, revoked(3, RevokeCause::Expired)),
        told(Some("mod-a"), 95, 5, created(4, None)),
        told(Some("creator"), 99, 6, revoked(4, RevokeCause::Manual)),
    ];
    assert_eq!(of_bans(&history), [""; 0]);
}

#[test]
fn bans_that_could_not_be() {
    let first = told(Some("mod-a"), 0, 1, created(1, Some(60)));
    let cases = [
        vec![told(Some("mod-a"), 0, 1, created(2, None))],
        vec![told(None, 0, 1, created(1, None))],
        vec![told(Some("viewer"), 0, 1, created(1, None))],
        vec![told(Some("mod-a"), 10, 1, created(1, Some(10)))],
        vec![told(Some("mod-a"), 0, 1, created(1, Some(31_536_001)))],
        vec![first.clone(), told(Some("mod-a"), 5, 2, created(2, None))],
        vec![first.clone(), told(None, 59, 2, revoked(1, RevokeCause::Expired))],
        vec![first.clone(), told(Some("mod-a"), 60, 2, revoked(1, RevokeCause::Expired))],
        vec![first.clone(), told(Some("mod-a"), 60, 2, revoked(1, RevokeCause::Manual))],
        vec![first.clone(), told(None, 9, 2, revoked(1, RevokeCause::Manual))],
        vec![first.clone(), told(Some("mod-a"), 9, 2, revoked(1, RevokeCause::Superseded))],
        vec![
            first.clone(),
            told(Some("mod-a"), 9, 2, revoked(1, RevokeCause::Manual)),
            told(Some("mod-a"), 9, 2, created(2, None)),
        ],
        vec![
            first.clone(),
            told(Some("mod-a"), 9, 2, revoked(1, RevokeCause::Superseded)),
            told(Some("mod-b"), 9, 2, created(2, None)),
        ],
        vec![told(Some("viewer"), 0, 1, filed(ReportType::HateSpeech, None))],
        vec![seal(first.clone(), PersonalField::Description)],
        vec![seal(told(Some("mod-a"), 0, 1, with_reason()), PersonalField::Reason)],
    ];
    let told: Vec<_> = cases.iter().map(|history| of_bans(history)).collect();
    insta::assert_json_snapshot!(told);
}

fn with_reason() -> Event {
    let Event::Ban(BanEvent::Created(created)) = created(1, None) else { unreachable!() };
    let reason = Reason::parse("spam").unwrap();
    Event::Ban(BanEvent::Created(BanCreated { reason, ..created }))
}

#[test]
fn reports_that_could_not_be() {
    let first = told(Some("viewer"), 0, 1, filed(ReportType::HateSpeech, None));
    let resolved = told(Some("staff"), 5, 2, reviewed(Decision::Resolved));
    let cases = [
        vec![told(Some("viewer"), 0, 1, filed(ReportType::Other, None))],
        vec![told(Some("viewer-2"), 0, 1, filed(ReportType::HateSpeech, None))],
        vec![told(Some("creator"), 0, 1, filed(ReportType::HateSpeech, None))],
        vec![first.clone(), told(Some("viewer"), 5, 2, filed(ReportType::HateSpeech, None))],
        vec![first.clone(), told(Some("creator"), 5, 2, reviewed(Decision::Resolved))],
        vec![resolved.clone()],
        vec![
            first.clone(),
            resolved.clone(),
            told(Some("staff"), 6, 3, reviewed(Decision::Rejected)),
        ],
        vec![first.clone(), resolved, told(Some("staff"), 6, 3, reviewed(Decision::Resolved))],
        vec![first, told(Some("mod-a"), 5, 2, created(1, None))],
    ];
    let told: Vec<_> = cases.iter().map(|history| of_reports(history)).collect();
    insta::assert_json_snapshot!(told);
}

#[test]
fn a_sealed_description_is_a_description() {
    let bare = told(Some("viewer"), 0, 1, filed(ReportType::Other, None));
    assert_eq!(of_reports(&[seal(bare, PersonalField::Description)]), [""; 0]);
    let open = told(Some("viewer"), 0, 1, filed(ReportType::Other, Some("see 1:02")));
    assert_eq!(of_reports(&[open]), [""; 0]);
}

#[test]
fn an_event_on_the_stream_of_others() {
    let elsewhere = BanId::first(&other_live_stream().id, &user("viewer").id);
    let event = told(Some("mod-a"), 0, 1, created(1, None));
    let expected = format!("0: its id belongs on the event stream {}", ban_id(1).stream());
    assert_eq!(reasons(&elsewhere.stream(), &[event]), [expected]);
}
