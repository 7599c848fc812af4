//! One ban: by id, and by asking whether somebody is banned.

use events::ban::{ActionType, RevokeCause};
use serde_json::{Value, json};
use testing::World;

use crate::support::{CREATOR, NewBan, STAFF, Stage, viewer};

const BANS: &str = "/api/v1/live-stream-ban";

/// The ban of the viewer that most tests are about.
fn shown(id: &str) -> Value {
    json!({
        "_id": id, "targetUserId": World::VIEWER, "targetUser": viewer(),
        "liveStreamId": World::STREAM, "actionType": "BLOCK", "reason": "insults",
        "createdBy": World::CREATOR, "deletedAt": null, "deletedBy": null,
        "createdAt": "2026-01-15T11:00:00.000Z", "updatedAt": "2026-01-15T11:00:00.000Z",
        "expiresAt": null,
    })
}

fn with(mut ban: Value, changes: Value) -> Value {
    let Value::Object(changes) = changes else { panic!("{changes}") };
    ban.as_object_mut().unwrap().extend(changes);
    ban
}

#[tokio::test]
async fn a_ban_by_id_shows_how_it_ended() {
    let stage = Stage::new().await;
    let new = NewBan { reason: Some("insults"), ..NewBan::default() };
    let first = stage.ban(new).await;
    let of = |id: &dyn ToString| format!("{BANS}/{}", id.to_string());
    assert_eq!(stage.get(CREATOR, &of(&first)).await.data(), shown(&first.to_string()));

    stage.revoke(first, RevokeCause::Manual, "2026-01-15T11:30:00.000Z").await;
    let ended = json!({"deletedAt": "2026-01-15T11:30:00.000Z", "deletedBy": World::MODERATOR,
        "updatedAt": "2026-01-15T11:30:00.000Z"});
    assert_eq!(
        stage.get(CREATOR, &of(&first)).await.data(),
        with(shown(&first.to_string()), ended)
    );

    // Its end lies before the clock, whether or not its event has come.
    let end = "2026-01-15T11:45:00.000Z";
    let at = "2026-01-15T11:40:00.000Z";
    let second = stage.ban(NewBan { at, expires: Some(end), ..new }).await;
    let ran_out = json!({"createdAt": at, "updatedAt": end, "expiresAt": end});
    let ran_out = with(shown(&second.to_string()), ran_out);
    assert_eq!(stage.get(CREATOR, &of(&second)).await.data(), ran_out);
    stage.revoke(second, RevokeCause::Expired, "2026-01-15T11:50:00.000Z").await;
    assert_eq!(stage.get(CREATOR, &of(&second)).await.data(), ran_out);
}

#[tokio::test]
async fn what_is_not_there_is_not_found() {
    let stage = Stage::new().await;
    for id in ["0123456789abcdef01230001", "0123456789ABCDEF01230001", "nonsense", "%00", "🦀"] {
        let errors = stage.get(STAFF, &format!("{BANS}/{id}")).await.errors(404);
        assert_eq!(errors, json!(["Resource not found", "there is no such ban"]), "{id}");
    }
}

#[tokio::test]
async fn a_check_follows_the_ban() {
    let stage = Stage::new().await;
    let path = format!("{BANS}/check/{}?liveStreamId={}", World::VIEWER, World::STREAM);
    let free = json!({"isBanned": false, "ban": null});
    assert_eq!(stage.get(CREATOR, &path).await.data(), free);

    let expires = "2026-01-15T12:00:01.000Z";
    let new = NewBan { reason: Some("insults"), expires: Some(expires), ..NewBan::default() };
    let id = stage.ban(new).await;
    let ban = with(shown(&id.to_string()), json!({"expiresAt": expires}));
    assert_eq!(stage.get(CREATOR, &path).await.data(), json!({"isBanned": true, "ban": ban}));

    // Elsewhere, and somebody else, is free.
    for path in [
        format!("{BANS}/check/{}?liveStreamId={}", World::VIEWER, World::OTHER_STREAM),
        format!("{BANS}/check/{}?liveStreamId={}", World::OTHER_VIEWER, World::STREAM),
    ] {
        assert_eq!(stage.get(STAFF, &path).await.data(), free);
    }

    stage.revoke(id, RevokeCause::Manual, "2026-01-15T11:59:00.000Z").await;
    assert_eq!(stage.get(CREATOR, &path).await.data(), free);

    let chat_only = NewBan { action: ActionType::ChatOnly, ..new };
    let again = stage.ban(chat_only).await;
    let data = stage.get(CREATOR, &path).await.data();
    assert_eq!((&data["isBanned"], &data["ban"]["_id"]), (&json!(true), &json!(again.to_string())));
}

#[tokio::test]
async fn a_ban_is_over_when_the_clock_says_so() {
    let stage = Stage::new().await;
    let expires = Some("2026-01-15T12:00:00.001Z");
    stage.ban(NewBan { expires, ..NewBan::default() }).await;
    let path = format!("{BANS}/check/{}?liveStreamId={}", World::VIEWER, World::STREAM);
    assert_eq!(stage.get(CREATOR, &path).await.data()["isBanned"], json!(true));
    stage.clock.advance(chrono::TimeDelta::milliseconds(1));
    let answer = stage.get(CREATOR, &path).await;
    assert_eq!(answer.body["data"], json!({"isBanned": false, "ban": null}));
}

#[tokio::test]
async fn a_check_says_what_is_wrong_with_it() {
    let stage = Stage::new().await;
    let check = format!("{BANS}/check");
    let (stream, viewer) = (World::STREAM, World::VIEWER);
    let not_an_id = "must be 1 to 128 characters of A-Z a-z 0-9 _ . = -";
    for (path, status, errors) in [
        (format!("{check}/{viewer}"), 400, json!(["liveStreamId: is required"])),
        (
            format!("{check}/{viewer}?liveStreamId="),
            400,
            json!([format!("liveStreamId: {not_an_id}")]),
        ),
        (
            format!("{check}/a%20b?liveStreamId={stream}"),
            400,
            json!([format!("targetUserId: {not_an_id}")]),
        ),
        (format!("{check}/nobody?liveStreamId={stream}"), 404, json!(["there is no such user"])),
        (
            format!("{check}/{viewer}?liveStreamId=none"),
            404,
            json!(["there is no such live stream"]),
        ),
    ] {
        let answer = stage.get(STAFF, &path).await.errors(status);
        assert_eq!(answer.as_array().unwrap()[1..], *errors.as_array().unwrap(), "{path}");
    }
}
