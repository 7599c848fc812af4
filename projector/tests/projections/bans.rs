//! Given events of bans, these rows.

use events::ban::{ActionType, BanEvent, RevokeCause};
use events::{Event, Reason};
use serde_json::json;
use testing::Database;

use crate::history::{AT, History, ban, ban_id, banned, end, report_id};
use crate::running::project;
use crate::tables::rows;

#[tokio::test]
async fn a_ban_has_all_that_its_event_says() {
    let (database, history) = (Database::create().await, History::new());
    let mut everything = banned("stream", "viewer", 1);
    everything.action_type = ActionType::ChatOnly;
    everything.reason = Reason::parse("Küfür 🤬\nagain").unwrap();
    everything.expires_at = Some("2026-01-15T10:35:00.250Z".parse().unwrap());
    everything.report_id = Some(report_id("stream", "reporter", 1));
    history.tell(AT, Some("moderator"), Event::Ban(BanEvent::Created(everything))).await;

    project(&database, &history).await;

    let expected = json!([{
        "id": ban_id("stream", "viewer", 1),
        "live_stream_id": "stream",
        "target_user_id": "viewer",
        "action_type": "CHAT_ONLY",
        "reason": "Küfür 🤬\nagain",
        "created_by": "moderator",
        "created_at": "2026-01-15T10:30:00.25+00:00",
        "expires_at": "2026-01-15T10:35:00.25+00:00",
        "report_id": report_id("stream", "reporter", 1),
        "revoked_at": null,
        "revoked_by": null,
        "revoke_cause": null,
        "updated_at": "2026-01-15T10:30:00.25+00:00",
        "position": 1,
    }]);
    assert_eq!(rows(&database.pool, "bans").await, expected);
    let expected = json!([
        {"live_stream_id": "", "action_type": "CHAT_ONLY", "state": "unrevoked", "bans": 1},
        {"live_stream_id": "stream", "action_type": "CHAT_ONLY", "state": "unrevoked", "bans": 1},
    ]);
    assert_eq!(rows(&database.pool, "ban_counts").await, expected);
}

/// The ways a ban ends: (cause, who, when, when it would end by itself) to the columns that change.
#[tokio::test]
async fn a_ban_ends_by_somebody_or_by_its_time() {
    let late = "2026-01-15T10:50:00.000Z";
    let cases = [
        (
            RevokeCause::Manual,
            Some("creator"),
            None,
            json!({
                "revoked_at": "2026-01-15T10:50:00+00:00", "revoked_by": "creator",
                "revoke_cause": "manual", "updated_at": "2026-01-15T10:50:00+00:00",
            }),
        ),
        (
            RevokeCause::Superseded,
            Some("moderator"),
            Some("2026-01-15T11:00:00.000Z"),
            json!({
                "revoked_at": "2026-01-15T10:50:00+00:00", "revoked_by": "moderator",
                "revoke_cause": "superseded", "updated_at": "2026-01-15T10:50:00+00:00",
            }),
        ),
        // The sweeper came late; the ban was over all the same.
        (
            RevokeCause::Expired,
            None,
            Some("2026-01-15T10:40:00.000Z"),
            json!({
                "revoked_at": "2026-01-15T10:40:00+00:00", "revoked_by": null,
                "revoke_cause": "expired", "updated_at": "2026-01-15T10:40:00+00:00",
            }),
        ),
        // Its end was noticed by one who bans him again, and who did not end it.
        (
            RevokeCause::Expired,
            Some("moderator"),
            Some("2026-01-15T10:40:00.000Z"),
            json!({
                "revoked_at": "2026-01-15T10:40:00+00:00", "revoked_by": null,
                "revoke_cause": "expired", "updated_at": "2026-01-15T10:40:00+00:00",
            }),
        ),
    ];
    for (cause, by, expires_at, expected) in cases {
        let (database, history) = (Database::create().await, History::new());
        let mut created = banned("stream", "viewer", 1);
        created.expires_at = expires_at.map(|at| at.parse().unwrap());
        history.tell(AT, Some("moderator"), Event::Ban(BanEvent::Created(created))).await;
        history.tell(late, by, end("stream", "viewer", 1, cause)).await;

        project(&database, &history).await;

        let rows = rows(&database.pool, "bans").await;
        for (column, value) in expected.as_object().unwrap() {
            assert_eq!(&rows[0][column], value, "{column} of a ban that ended: {cause:?}");
        }
        assert_eq!(rows[0]["position"], 2);
        assert_eq!(rows[0]["created_at"], "2026-01-15T10:30:00.25+00:00");
    }
}

#[tokio::test]
async fn bans_are_counted_in_all_and_by_live_stream() {
    let (database, history) = (Database::create().await, History::new());
    for (live_stream, user) in [("one", "a"), ("one", "b"), ("two", "a")] {
        history.tell(AT, Some("moderator"), ban(live_stream, user, 1)).await;
    }
    history.tell(AT, Some("moderator"), end("one", "a", 1, RevokeCause::Manual)).await;
    history.tell(AT, Some("moderator"), ban("one", "a", 2)).await;
    history.tell(AT, Some("moderator"), end("two", "a", 1, RevokeCause::Superseded)).await;

    project(&database, &history).await;

    let count = |live_stream: &str, state: &str, bans: i64| {
        json!({
            "live_stream_id": live_stream, "action_type": "BLOCK", "state": state, "bans": bans,
        })
    };
    let expected = json!([
        count("", "manual", 1),
        count("", "superseded", 1),
        count("", "unrevoked", 2),
        count("one", "manual", 1),
        count("one", "unrevoked", 2),
        count("two", "superseded", 1),
        count("two", "unrevoked", 0),
    ]);
    assert_eq!(rows(&database.pool, "ban_counts").await, expected);
}
