//! Cause chains: report → review → ban → its end.

use events::ban::{ActionType, BanCreated, BanEvent, BanRevoked, RevokeCause};
use events::report::Decision;
use events::{BanId, Event, Metadata, ReportId};
use serde_json::{Value, json};
use testing::World;
use ulid::Ulid;

use crate::support::{AUDITOR, NewReport, Stage, metadata};

const AT: &str = "2026-01-15T11:00:00.000Z";

/// What a request of that number causes.
fn of_request(request: u128, actor: Option<&str>, cause: Option<u64>) -> Metadata {
    let causation_id = cause.map(|position| Ulid(position.into()));
    Metadata { correlation_id: Ulid(request).into(), causation_id, ..metadata(actor, AT) }
}

/// That ban of the viewer, for a report or for none.
fn created(nth: u16, report_id: Option<ReportId>) -> (BanId, Event) {
    let (stream, user) = (World::STREAM.parse().unwrap(), World::VIEWER.parse().unwrap());
    let id = BanId::of(BanId::key(&stream, &user), nth);
    let created = BanCreated {
        ban_id: id,
        live_stream_id: stream,
        target_user_id: user,
        action_type: ActionType::Block,
        reason: None,
        expires_at: None,
        report_id,
    };
    (id, Event::Ban(BanEvent::Created(created)))
}

fn revoked(ban_id: BanId, cause: RevokeCause) -> Event {
    Event::Ban(BanEvent::Revoked(BanRevoked { ban_id, cause }))
}

/// The chain: where each event stands, how it is connected and with which.
fn chain(data: &Value) -> Value {
    let link = |link: &Value| {
        let of = link["of"].as_str().map(|id| id.parse::<Ulid>().unwrap().0);
        json!([link["event"]["position"], link["how"], of.map(|of| of.to_string())])
    };
    data["chain"].as_array().unwrap().iter().map(link).collect()
}

async fn told(stage: &Stage, path: &str) -> Value {
    stage.get(AUDITOR, &format!("/api/v1/audit/{path}")).await.data()
}

/// 1 a report, 2 its review, 3 the ban, 4 its end; 5 another ban of the same user.
#[tokio::test]
async fn a_report_leads_to_a_ban_and_the_ban_back_to_the_report() {
    let stage = Stage::new().await;
    let report = stage.report(NewReport { reporter: World::OTHER_VIEWER, ..NewReport::default() });
    let report = report.await;
    let reviewed =
        Event::Report(events::report::ReportEvent::Reviewed(events::report::ReportReviewed {
            report_id: report,
            status: Decision::Resolved,
            admin_notes: None,
            is_archived: false,
        }));
    stage.append(&report.stream(), reviewed, of_request(20, Some(World::STAFF), Some(1))).await;
    let (ban, event) = created(1, Some(report));
    stage.append(&ban.stream(), event, of_request(21, Some(World::STAFF), Some(2))).await;
    let ended = of_request(22, None, Some(3));
    stage.append(&ban.stream(), revoked(ban, RevokeCause::Expired), ended).await;
    let (other, event) = created(2, None);
    stage.append(&other.stream(), event, of_request(23, Some(World::STAFF), None)).await;

    let of_ban = told(&stage, &format!("bans/{ban}")).await;
    let expected =
        json!([["1", "report", "3"], ["2", "cause", "3"], ["3", "own", null], ["4", "own", null],]);
    assert_eq!(chain(&of_ban), expected);
    assert_eq!(of_ban["isCut"], false);
    let own = [&of_ban["chain"][2]["event"], &of_ban["chain"][3]["event"]];
    assert_eq!(of_ban["events"], json!(own));

    let of_report = told(&stage, &format!("reports/{report}")).await;
    let expected =
        json!(
            [["1", "own", null], ["2", "own", null], ["3", "effect", "2"], ["4", "effect", "3"],]
        );
    assert_eq!(chain(&of_report), expected);
    assert_eq!(chain(&told(&stage, &format!("bans/{other}")).await), json!([["5", "own", null]]));
}

/// Before causation ids were set, a ban named its report all the same.
#[tokio::test]
async fn a_ban_that_names_its_report_is_connected_without_causation_ids() {
    let stage = Stage::new().await;
    let report = stage.report(NewReport { reporter: World::OTHER_VIEWER, ..NewReport::default() });
    let report = report.await;
    let (ban, event) = created(1, Some(report));
    stage.append(&ban.stream(), event, of_request(21, Some(World::STAFF), None)).await;

    let of_report = told(&stage, &format!("reports/{report}")).await;
    assert_eq!(chain(&of_report), json!([["1", "own", null], ["2", "report", "1"]]));
    let of_ban = told(&stage, &format!("bans/{ban}")).await;
    assert_eq!(chain(&of_ban), json!([["1", "report", "2"], ["2", "own", null]]));
}

/// One request ends a ban and puts another in its place.
#[tokio::test]
async fn what_came_of_one_request_is_connected() {
    let stage = Stage::new().await;
    let (first, event) = created(1, None);
    stage.append(&first.stream(), event, of_request(21, Some(World::STAFF), None)).await;
    let by = of_request(22, Some(World::STAFF), None);
    stage.append(&first.stream(), revoked(first, RevokeCause::Superseded), by.clone()).await;
    let (second, event) = created(2, None);
    stage.append(&second.stream(), event, by).await;

    let of_second = told(&stage, &format!("bans/{second}")).await;
    let expected = json!([["1", "subject", "2"], ["2", "request", "3"], ["3", "own", null]]);
    assert_eq!(chain(&of_second), expected);
}

/// A client that gives all its requests the same id.
#[tokio::test]
async fn a_chain_without_end_is_cut_and_says_so() {
    let stage = Stage::new().await;
    for nth in 1..=1_001 {
        let stream = format!("s{nth}").parse().unwrap();
        let id = BanId::first(&stream, &World::VIEWER.parse().unwrap());
        let Event::Ban(BanEvent::Created(mut event)) = created(1, None).1 else { unreachable!() };
        event.ban_id = id;
        event.live_stream_id = stream;
        let event = Event::Ban(BanEvent::Created(event));
        stage.append(&id.stream(), event, of_request(21, Some(World::STAFF), None)).await;
    }
    let stream = "s500".parse().unwrap();
    let id = BanId::first(&stream, &World::VIEWER.parse().unwrap());

    let data = told(&stage, &format!("bans/{id}")).await;
    assert_eq!(data["isCut"], true);
    let chain = data["chain"].as_array().unwrap();
    assert_eq!(chain.len(), 1_000);
    let own: Vec<_> = chain.iter().filter(|link| link["how"] == "own").collect();
    assert_eq!(own.len(), 1);
    assert_eq!(own[0]["event"]["position"], "500");
}
