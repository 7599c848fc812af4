//! Who is shown what.

use event_log::NewEvent;
use events::ban::{BanCreated, BanEvent, RevokeCause};
use events::report::Decision;
use events::{BanId, Event, Metadata, ReportId};
use serde_json::{Value, json};
use testing::World;
use ulid::Ulid;

use super::listener::Listener;
use crate::support::{
    CREATOR, MODERATOR, NewBan, NewReport, OTHER_CREATOR, STAFF, Stage, metadata,
};

/// What every event of the stage has in common, at this position.
fn event(position: u64, name: &str, actor: Option<&str>, at: &str, data: &Value) -> Value {
    json!({
        "id": Ulid(position.into()).to_string(), "type": name, "schemaVersion": 1,
        "position": position.to_string(), "occurredAt": at, "correlationId": Ulid(7).to_string(),
        "causationId": null, "actor": actor, "liveStreamId": World::STREAM, "data": data,
    })
}

/// Without when the log took it, which is nobody's to say.
async fn next(listener: &mut Listener) -> Value {
    let (position, name, mut data) = listener.event().await.unwrap();
    assert_eq!((&data["position"], &data["type"]), (&json!(position.to_string()), &json!(name)));
    let recorded = data.as_object_mut().unwrap().remove("recordedAt").unwrap();
    assert_eq!(recorded.as_str().unwrap().len(), "2026-01-15T11:00:00.000Z".len());
    data
}

#[tokio::test]
async fn staff_see_everything_but_the_network() {
    let stage = Stage::new().await;
    let mut listener = Listener::start(&stage, STAFF).await;
    let ban = stage.ban(NewBan { reason: Some("çok kötü"), ..NewBan::default() }).await;
    stage.revoke(ban, RevokeCause::Expired, "2026-01-15T11:01:00.000Z").await;
    let report = NewReport { description: Some("Spam"), ..NewReport::default() };
    let report = stage.report(report).await;
    let at = "2026-01-15T11:02:00.000Z";
    stage.review(report, Decision::Resolved, Some("Seen"), true, at).await;

    let eleven = "2026-01-15T11:00:00.000Z";
    let created = json!({"banId": ban, "liveStreamId": World::STREAM, "actionType": "BLOCK",
        "targetUserId": World::VIEWER, "reason": "çok kötü"});
    let revoked = json!({"banId": ban, "cause": "expired"});
    let filed = json!({"reportId": report, "liveStreamId": World::STREAM, "type": "spam_or_scam",
        "streamCreatorId": World::CREATOR, "streamTitle": "Morning concert",
        "streamStatusAtReport": "preparing", "description": "Spam"});
    let reviewed = json!({"reportId": report, "status": "resolved", "adminNotes": "Seen",
        "isArchived": true});
    for expected in [
        event(1, "BanCreated", Some(World::CREATOR), eleven, &created),
        event(2, "BanRevoked", None, "2026-01-15T11:01:00.000Z", &revoked),
        event(3, "ReportFiled", Some(World::VIEWER), eleven, &filed),
        event(4, "ReportReviewed", Some(World::STAFF), at, &reviewed),
    ] {
        assert_eq!(next(&mut listener).await, expected);
    }
}

#[tokio::test]
async fn those_who_run_a_live_stream_see_its_bans() {
    let stage = Stage::new().await;
    let mut listeners = vec![];
    for who in [CREATOR, MODERATOR, OTHER_CREATOR] {
        listeners.push(Listener::start(&stage, who).await);
    }
    let other = NewBan { stream: World::OTHER_STREAM, ..NewBan::default() };
    stage.report(NewReport::default()).await;
    let ban = stage.ban(NewBan { reason: Some("Spam"), ..NewBan::default() }).await;
    let elsewhere = stage.ban(other).await;
    stage.revoke(ban, RevokeCause::Manual, "2026-01-15T11:30:00.000Z").await;
    stage.revoke(elsewhere, RevokeCause::Manual, "2026-01-15T11:30:00.000Z").await;
    for (listener, expected) in listeners.iter_mut().zip([[2, 4], [2, 4], [3, 5]]) {
        let created = listener.event().await.unwrap();
        let revoked = listener.event().await.unwrap();
        assert_eq!([created.0, revoked.0], expected);
        assert_eq!([created.1, revoked.1], ["BanCreated", "BanRevoked"]);
    }
}

/// The report and its event can be computed by whoever guesses the reporter.
#[tokio::test]
async fn that_a_report_is_behind_a_ban_is_for_staff() {
    let stage = Stage::new().await;
    let mut staff = Listener::start(&stage, STAFF).await;
    let mut creator = Listener::start(&stage, CREATOR).await;
    let (stream, user) = (World::STREAM.parse().unwrap(), World::VIEWER.parse().unwrap());
    let ban_id = BanId::first(&stream, &user);
    let report_id = ReportId::first(&stream, &World::OTHER_VIEWER.parse().unwrap());
    let created = BanCreated {
        ban_id,
        live_stream_id: stream,
        target_user_id: user,
        action_type: events::ban::ActionType::Block,
        reason: None,
        expires_at: None,
        report_id: Some(report_id),
    };
    let at = "2026-01-15T11:00:00.000Z";
    let metadata = |causation_id| Metadata { causation_id, ..metadata(Some(World::CREATOR), at) };
    let event = Event::Ban(BanEvent::Created(created));
    stage.append(&ban_id.stream(), event, metadata(Some(Ulid(9)))).await;
    let revoked = events::ban::BanRevoked { ban_id, cause: RevokeCause::Manual };
    let event = Event::Ban(BanEvent::Revoked(revoked));
    stage.append(&ban_id.stream(), event, metadata(Some(Ulid(1)))).await;

    let (seen, hidden) = (next(&mut staff).await, next(&mut creator).await);
    assert_eq!(seen["data"]["reportId"], json!(report_id));
    assert_eq!(seen["causationId"], json!(Ulid(9).to_string()));
    assert_eq!(hidden["data"]["reportId"], Value::Null);
    assert_eq!(hidden["causationId"], Value::Null);
    // That a ban led to its end is no secret.
    for listener in [&mut staff, &mut creator] {
        assert_eq!(next(listener).await["causationId"], json!(Ulid(1).to_string()));
    }
}

#[tokio::test]
async fn who_moderates_no_more_sees_no_more() {
    let stage = Stage::new().await;
    let mut moderator = Listener::start(&stage, MODERATOR).await;
    let mut creator = Listener::start(&stage, CREATOR).await;
    stage.ban(NewBan::default()).await;
    assert_eq!(moderator.positions(1).await, [1]);
    let appoint = async |moderators: &[&str]| {
        let statement = "UPDATE directory.live_streams SET moderator_ids = $1 WHERE id = $2";
        let statement = sqlx::query(statement).bind(moderators).bind(World::STREAM);
        statement.execute(stage.pool()).await.unwrap();
    };
    appoint(&[]).await;
    stage.ban(NewBan { user: "second", ..NewBan::default() }).await;
    assert_eq!(creator.positions(2).await, [1, 2]);
    appoint(&[World::MODERATOR]).await;
    stage.ban(NewBan { user: "third", ..NewBan::default() }).await;
    assert_eq!(moderator.positions(1).await, [3]);
}

/// Leaving it out would pass for its not being there.
#[tokio::test]
async fn what_cannot_be_read_is_told_as_that() {
    let stage = Stage::new().await;
    let mut staff = Listener::start(&stage, STAFF).await;
    let mut creator = Listener::start(&stage, CREATOR).await;
    let raw = |json: &str| serde_json::value::RawValue::from_string(json.to_owned()).unwrap();
    for stream in ["report-0123456789abcdef0123", "ban-0123456789abcdef0123"] {
        let unknown = NewEvent {
            id: Ulid::nil(),
            event_type: "Shortened".to_owned(),
            schema_version: 3,
            data: raw(r#"{"secret": true}"#),
            metadata: raw("{}"),
        };
        stage.append_raw(stream, unknown).await;
    }
    let expected = |position: u64| {
        json!({"id": Ulid(position.into()).to_string(), "type": "Shortened", "schemaVersion": 3,
            "position": position.to_string()})
    };
    let told = async |listener: &mut Listener| {
        let (_, name, mut data) = listener.event().await.unwrap();
        data.as_object_mut().unwrap().remove("recordedAt").unwrap();
        (name, data)
    };
    assert_eq!(told(&mut staff).await, ("Unreadable".to_owned(), expected(1)));
    assert_eq!(told(&mut staff).await, ("Unreadable".to_owned(), expected(2)));
    assert_eq!(told(&mut creator).await, ("Unreadable".to_owned(), expected(2)));
}
