//! What pages keep to themselves.

use events::report::Decision;
use testing::World;

use super::session;
use crate::support::{CREATOR, MODERATOR, NewBan, NewReport, STAFF, Stage, VIEWER};

#[tokio::test]
async fn a_ban_does_not_tell_those_who_run_the_live_stream_that_somebody_reported_it() {
    let stage = Stage::new().await;
    let report = stage.report(NewReport::default()).await;
    let ban = stage.ban(NewBan { user: World::OTHER_VIEWER, ..NewBan::default() }).await;
    stage.get(STAFF, "/api/v1/live-stream-ban").await;
    let caused = sqlx::query("UPDATE projections.bans SET report_id = $1").bind(report.to_string());
    caused.execute(&stage.database.owner).await.unwrap();
    // An id tells whose report it is: it can be computed from the live stream and the reporter.
    let link = format!("/dashboard/reports/{report}");
    for path in [
        "/dashboard/bans".to_owned(),
        format!("/dashboard/bans/{ban}"),
        format!("/dashboard/live-streams/{}", World::STREAM),
        format!("/dashboard/users/{}", World::OTHER_VIEWER),
    ] {
        for who in [CREATOR, MODERATOR] {
            let page = stage.page(who, &path).await;
            page.shows(&ban.to_string());
            assert!(!page.html.contains("/dashboard/reports/"), "{path} {who:?}");
        }
        stage.page(STAFF, &path).await.shows(&link);
    }
}

#[tokio::test]
async fn who_reviews_a_report_is_not_told_to_who_filed_it() {
    let stage = Stage::new().await;
    let report = stage.report(NewReport::default()).await;
    let notes = Some("A note among staff");
    stage.review(report, Decision::UnderReview, notes, false, "2026-01-15T11:30:00Z").await;
    let mine = stage.page(VIEWER, &format!("/dashboard/users/{}", World::VIEWER)).await;
    mine.shows("Under review");
    let path = format!("/dashboard/reports/{report}/review");
    let script = [
        ("Cookie", session(VIEWER)),
        ("Sec-Fetch-Site", "same-origin".to_owned()),
        ("HX-Request", "true".to_owned()),
    ];
    let refused = stage.submit_with(&path, &[("status", "resolved")], &script).await;
    let own = stage.page(VIEWER, &format!("/dashboard/reports/{report}")).await;
    for page in [mine, refused, own] {
        assert!(!page.html.contains(World::STAFF), "{}", page.html);
        assert!(!page.html.contains("A note among staff"), "{}", page.html);
    }
}

#[tokio::test]
async fn what_can_be_no_name_is_told_to_be_none() {
    let stage = Stage::new().await;
    for query in ["user=%00a&liveStream=x", "user=a&liveStream=x%00"] {
        let page = stage.page(STAFF, &format!("/dashboard/access?{query}")).await;
        assert!(page.status < 500, "{query}: {}", page.html);
    }
    let form = [("user", "a\0"), ("liveStream", World::STREAM), ("duration", "60")];
    let page = stage.submit(STAFF, "/dashboard/bans", &form).await;
    assert_eq!(page.status, 400, "{}", page.html);
}

#[tokio::test]
async fn one_person_does_not_take_all_places_of_the_live_queue() {
    let stage = Stage::new().await;
    let look = async || {
        let request = stage.ask("/dashboard/queue/live").header("Cookie", session(STAFF));
        request.send().await.unwrap()
    };
    let mut looking = Vec::new();
    for _ in 0..16 {
        looking.push(look().await);
    }
    assert!(looking.iter().all(|answer| answer.status() == 200));
    let refused = look().await;
    assert_eq!(refused.status(), 429);
    assert_eq!(refused.headers()["retry-after"], "30");
    drop(looking);
    testing::eventually("a place to be free again", async || {
        (look().await.status() == 200).then_some(())
    })
    .await;
}
