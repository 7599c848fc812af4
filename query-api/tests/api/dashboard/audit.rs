//! The history, as pages.

use events::ban::RevokeCause;
use testing::World;

use super::HOSTILE;
use crate::support::{ADMIN, AUDITOR, CREATOR, NewBan, STAFF, Stage, VIEWER};

const SEARCH: &str = "/dashboard/audit?type=&liveStreamId=&userId=&actorId=&from=&to=";

#[tokio::test]
async fn the_history_is_searched_with_the_filters_of_the_api() {
    let stage = Stage::new().await;
    let ban = stage.ban(NewBan { reason: Some("Spam in the chat"), ..NewBan::default() }).await;
    stage.revoke(ban, RevokeCause::Manual, "2026-01-15T11:30:00.000Z").await;
    let other = NewBan { stream: World::OTHER_STREAM, user: "somebody", ..NewBan::default() };
    let other = stage.ban(other).await;

    let form = stage.page(AUDITOR, "/dashboard/audit").await;
    form.shows("Each search here is put on record");
    assert!(!form.html.contains(&ban.to_string()), "nothing was asked for yet");

    let all = stage.page(AUDITOR, SEARCH).await;
    all.shows(&format!("/dashboard/audit/bans/{ban}"));
    all.shows(&format!("/dashboard/audit/bans/{other}"));
    all.shows("Ban revoked (by somebody)");
    let one = stage.page(AUDITOR, &SEARCH.replace("userId=", "userId=somebody")).await;
    one.shows(&format!("/dashboard/audit/bans/{other}"));
    one.shows("value=\"somebody\"");
    one.shows("/dashboard/audit/export?userId=somebody");
    assert!(!one.html.contains(&ban.to_string()));
    let wrong = stage.page(AUDITOR, "/dashboard/audit?type=Nonsense").await;
    assert!(wrong.status == 400 && wrong.html.contains("BanCreated"), "{}", wrong.html);
}

#[tokio::test]
async fn a_long_history_has_pages() {
    let stage = Stage::new().await;
    for nth in 0..51 {
        stage.ban(NewBan { user: &format!("user-{nth}"), ..NewBan::default() }).await;
    }
    let page = stage.page(AUDITOR, &SEARCH.replace("type=", "type=BanCreated")).await;
    let next = "/dashboard/audit?type=BanCreated&#38;after=50";
    page.shows(next);
    let page = stage.page(AUDITOR, &next.replace("&#38;", "&")).await;
    page.shows("user-50");
    assert!(!page.html.contains("user-49") && !page.html.contains("after=51"), "{}", page.html);
}

#[tokio::test]
async fn a_ban_is_shown_as_it_was() {
    let stage = Stage::new().await;
    let ban = stage.ban(NewBan { at: "2026-01-15T10:00:00.000Z", ..NewBan::default() }).await;
    stage.revoke(ban, RevokeCause::Manual, "2026-01-15T11:30:00.000Z").await;
    let path = format!("/dashboard/audit/bans/{ban}");
    let now = stage.page(AUDITOR, &path).await;
    now.shows("<dt>Ended at</dt>");
    now.shows("This one itself");
    let then = stage.page(AUDITOR, &format!("{path}?at=2026-01-15T11:00")).await;
    then.shows("As it was at 2026-01-15T11:00 UTC");
    assert!(!then.html.contains("<dt>Ended at</dt>"), "{}", then.html);
    stage
        .page(AUDITOR, &format!("{path}?at=2026-01-15T09:00"))
        .await
        .shows("It was not there yet.");

    let bans = format!("/dashboard/audit/live-streams/{}?at=", World::STREAM);
    stage.page(AUDITOR, &format!("{bans}2026-01-15T11:00")).await.shows("1 ban in force");
    stage.page(AUDITOR, &format!("{bans}2026-01-15T11:45")).await.shows("Nobody was banned then.");
}

#[tokio::test]
async fn what_is_exported_is_what_the_api_answers() {
    let stage = Stage::new().await;
    let ban = stage.ban(NewBan::default()).await;
    let page = stage.page(AUDITOR, "/dashboard/audit/export?type=BanCreated").await;
    assert_eq!(page.header("content-type"), "application/x-ndjson");
    assert_eq!(
        page.header("content-disposition"),
        "attachment; filename=\"docket-history.ndjson\""
    );
    let lines = stage.lines("events?type=BanCreated").await.events;
    let exported: serde_json::Value = serde_json::from_str(page.html.trim()).unwrap();
    assert_eq!([exported].as_slice(), lines);
    let page = stage.page(AUDITOR, &format!("/dashboard/audit/bans/{ban}/export")).await;
    assert_eq!(page.header("content-disposition"), "attachment; filename=\"docket-history.json\"");
    assert!(page.html.contains(&ban.to_string()));
}

#[tokio::test]
async fn it_is_for_auditors_and_each_read_is_on_record() {
    let stage = Stage::new().await;
    let ban = stage.ban(NewBan::default()).await;
    let paths = [
        SEARCH.to_owned(),
        "/dashboard/audit/export".to_owned(),
        format!("/dashboard/audit/bans/{ban}"),
        format!("/dashboard/audit/bans/{ban}/export"),
        format!("/dashboard/audit/live-streams/{}?at=2026-01-15T11:00", World::STREAM),
    ];
    for path in &paths {
        for (who, status) in [(STAFF, 403), (CREATOR, 403), (VIEWER, 403)] {
            assert_eq!(stage.page(who, path).await.status, status, "{path} {who:?}");
        }
        assert_eq!(stage.open_page(path).await.status, 303, "{path}");
    }
    let reads = async || -> Vec<(String, String)> {
        let all = "SELECT actor, route FROM audit.reads ORDER BY id";
        sqlx::query_as(all).fetch_all(&stage.database.owner).await.unwrap()
    };
    assert_eq!(reads().await, [], "what is refused reads nothing");
    for path in &paths {
        assert_eq!(stage.page(AUDITOR, path).await.status, 200, "{path}");
        assert_eq!(stage.page(ADMIN, path).await.status, 200, "{path}");
    }
    let mut reads = reads().await;
    reads.sort();
    let mut routes: Vec<&str> = reads[paths.len()..].iter().map(|(_, route)| &**route).collect();
    routes.dedup();
    assert_eq!(
        routes,
        [
            "/dashboard/audit",
            "/dashboard/audit/bans/{id}",
            "/dashboard/audit/bans/{id}/export",
            "/dashboard/audit/export",
            "/dashboard/audit/live-streams/{id}",
        ]
    );
    assert_eq!((reads.len(), &*reads[9].0), (10, "auditor-1"));
}

#[tokio::test]
async fn what_people_wrote_is_shown_as_text() {
    let stage = Stage::new().await;
    for (nth, reason) in HOSTILE.into_iter().enumerate() {
        let user = format!("user-{nth}");
        let ban = NewBan { user: &user, reason: Some(reason), ..NewBan::default() };
        let ban = stage.ban(ban).await;
        let path = format!("/dashboard/audit?userId={user}");
        stage.page(AUDITOR, &path).await.shows_as_text(reason);
        let path = format!("/dashboard/audit/bans/{ban}");
        stage.page(AUDITOR, &path).await.shows_as_text(reason);
    }
}
