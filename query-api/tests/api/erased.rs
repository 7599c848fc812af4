//! What is shown of somebody who was erased.

use serde_json::json;
use testing::World;

use crate::support::{CREATOR, NewBan, NewReport, SERVICE, STAFF, Stage, VIEWER, shown};

#[tokio::test]
async fn a_ban_stays_in_force_without_a_word_why_and_a_name() {
    let stage = Stage::new().await;
    let ban = stage.ban(NewBan { reason: Some("spam"), ..NewBan::default() }).await;
    let report =
        stage.report(NewReport { description: Some("rude"), ..NewReport::default() }).await;
    let check =
        format!("/api/v1/live-stream-ban/check/{}?liveStreamId={}", World::VIEWER, World::STREAM);
    let access = format!("/api/v1/live-streams/{}/access/{}", World::STREAM, World::VIEWER);
    let mut checked = stage.get(VIEWER, &check).await.data();
    let allowed = stage.get(SERVICE, &access).await.data();
    let one = format!("/api/v1/live-stream-reports/{report}");
    let mut reported = stage.get(STAFF, &one).await.data();

    sqlx::query("SELECT privacy.erase(gen_random_uuid(), $1, 'admin', now(), 0)")
        .bind(World::VIEWER)
        .execute(stage.pool())
        .await
        .unwrap();
    let blank = json!({"_id": World::VIEWER, "username": "", "name": "", "surname": "",
        "profilePhoto": null, "availabilityStatus": "unknown"});
    assert_eq!(checked["ban"]["reason"].take(), "spam");
    checked["ban"]["targetUser"] = blank.clone();
    assert_eq!(stage.get(VIEWER, &check).await.data(), checked);
    assert_eq!(stage.get(SERVICE, &access).await.data(), allowed);
    assert_eq!(reported["description"].take(), "rude");
    reported["reportedBy"] = blank;
    reported["metadata"]["userAgent"].take();
    reported["metadata"]["ipAddress"].take();
    assert_eq!(stage.get(STAFF, &one).await.data(), reported);

    let bans = "/api/v1/live-stream-ban";
    let by_id = format!("{bans}?targetUser={}", World::VIEWER);
    assert_eq!(stage.get(CREATOR, &by_id).await.ids(), shown(&[ban]));
    for name in ["", World::VIEWER_USERNAME] {
        let by_name = format!("{bans}?targetUser={name}");
        assert_eq!(stage.get(CREATOR, &by_name).await.ids(), [""; 0], "{name:?}");
    }
}
