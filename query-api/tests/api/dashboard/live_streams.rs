//! Live streams, who may watch them, and finding them.

use events::report::Decision;
use testing::World;

use super::bans::shown;
use crate::support::{
    ADMIN, AUDITOR, CREATOR, MODERATOR, NewBan, NewReport, OTHER_CREATOR, OUTSIDER, SERVICE, STAFF,
    Stage, VIEWER,
};

const LIVE_STREAMS: &str = "/dashboard/live-streams";

fn page_of(stream: &str) -> String {
    format!("{LIVE_STREAMS}/{stream}")
}

#[tokio::test]
async fn everybody_sees_what_they_run_and_staff_where_there_is_work() {
    let stage = Stage::new().await;
    for user in [World::VIEWER, World::OTHER_VIEWER] {
        stage.ban(NewBan { user, ..NewBan::default() }).await;
        stage.report(NewReport { reporter: user, ..NewReport::default() }).await;
    }
    let here = format!("href=\"{}\"", page_of(World::STREAM));
    let there = format!("href=\"{}\"", page_of(World::OTHER_STREAM));
    let open = "data-label=\"Open reports\">";
    for (who, sees_here, sees_there, reports, bans) in [
        (STAFF, true, false, "2", "2"),
        (ADMIN, true, false, "2", "2"),
        (CREATOR, true, false, "–", "2"),
        (MODERATOR, true, false, "–", "2"),
        (OTHER_CREATOR, false, true, "–", "0"),
    ] {
        let page = stage.page(who, LIVE_STREAMS).await;
        let seen = (page.html.contains(&here), page.html.contains(&there));
        assert_eq!(seen, (sees_here, sees_there), "{who:?}");
        page.shows(&format!("{open}{reports}</td>"));
        page.shows(&format!("data-label=\"Bans in force\">{bans}</td>"));
    }
    for who in [VIEWER, OUTSIDER, AUDITOR, SERVICE] {
        let page = stage.page(who, LIVE_STREAMS).await;
        page.shows("You neither create nor moderate any live stream.");
        assert!(!page.html.contains(&here) && !page.html.contains(&there), "{who:?}");
    }
    assert_eq!(stage.open_page(LIVE_STREAMS).await.status, 303);
}

#[tokio::test]
async fn a_live_stream_shows_bans_to_who_runs_it_and_reports_to_staff() {
    let stage = Stage::new().await;
    let ban = stage.ban(NewBan { reason: Some("Was rude"), ..NewBan::default() }).await.to_string();
    let seen = Some("They sell things");
    let report = stage.report(NewReport { description: seen, ..NewReport::default() }).await;
    stage.review(report, Decision::Resolved, None, false, "2026-01-15T11:30:00Z").await;
    let link = format!("/dashboard/reports/{report}");
    for (who, bans, reports) in [
        (STAFF, true, true),
        (ADMIN, true, true),
        (CREATOR, true, false),
        (MODERATOR, true, false),
        (AUDITOR, false, false),
    ] {
        let page = stage.page(who, &page_of(World::STREAM)).await;
        page.shows(World::TITLE);
        page.shows(World::CHAT);
        page.shows(">moderator2</bdi>");
        assert_eq!(shown(&page).contains(&ban), bans, "{who:?}");
        assert_eq!(page.html.contains("Was rude"), bans, "{who:?}");
        assert_eq!(page.html.contains("action=\"/dashboard/bans\""), bans, "{who:?}");
        assert_eq!(page.html.contains(&link), reports, "{who:?}");
        assert_eq!(page.html.contains("They sell things"), reports, "{who:?}");
        assert_eq!(page.html.contains("Report reviewed: Resolved"), reports, "{who:?}");
    }
    // Whoever has nothing to do with it does not learn whether there is such a live stream.
    for who in [VIEWER, OUTSIDER, OTHER_CREATOR, SERVICE] {
        for stream in [World::STREAM, "none"] {
            let page = stage.page(who, &page_of(stream)).await;
            assert!(page.status == 403 && !page.html.contains(World::TITLE), "{who:?} {stream}");
        }
    }
    assert_eq!(stage.page(STAFF, &page_of("none")).await.status, 404);
    assert_eq!(stage.page(STAFF, &page_of("no%20id")).await.status, 404);
    let page = stage.page(STAFF, &format!("{}?status=revoked", page_of(World::STREAM))).await;
    assert_eq!((page.status, shown(&page)), (200, vec![]));
}

#[tokio::test]
async fn access_is_told_as_the_api_tells_it() {
    let stage = Stage::new().await;
    let muted = events::ban::ActionType::ChatOnly;
    let expires = Some("2026-01-15T13:00:00Z");
    let ban = stage.ban(NewBan { action: muted, expires, ..NewBan::default() }).await;
    let api = format!("/api/v1/live-streams/{}/access/{}", World::STREAM, World::VIEWER);
    stage.get(STAFF, &api).await.data();
    let asked = |user: &str, stream: &str| {
        format!("/dashboard/access?user={user}&liveStream={}", stream.replace(' ', "+"))
    };
    for (who, user, stream) in [
        (STAFF, World::VIEWER, World::STREAM),
        (CREATOR, World::VIEWER_USERNAME, World::CHAT),
        (MODERATOR, "viewer", "evening CONCERT"),
        (VIEWER, World::VIEWER, World::STREAM),
    ] {
        let page = stage.page(who, &asked(user, stream)).await;
        page.shows(">May watch<");
        page.shows(">May not chat<");
        page.shows(&format!("href=\"/dashboard/bans/{ban}\""));
        page.shows("2026-01-15 13:00 UTC");
    }
    let page = stage.page(CREATOR, &asked(World::OTHER_VIEWER, World::STREAM)).await;
    page.shows(">May chat<");
    stage.page(STAFF, &asked("nobody here", World::STREAM)).await.shows("Nobody has this id");
    stage.page(STAFF, &asked("viewer", "no such one")).await.shows("No live stream has this id");
    for (who, user) in [(VIEWER, World::OTHER_VIEWER), (OTHER_CREATOR, World::VIEWER)] {
        let page = stage.page(who, &asked(user, World::STREAM)).await;
        assert_eq!(page.status, 403, "{who:?}");
    }
    // What the visitor may not see has no name on their page.
    let page = stage.page(VIEWER, &asked(World::VIEWER, World::STREAM)).await;
    assert!(!page.html.contains(World::TITLE), "{}", page.html);
}

#[tokio::test]
async fn what_is_called_so_is_found_by_who_may_see_it() {
    let stage = Stage::new().await;
    let (user, stream) = (format!("/dashboard/users/{}", World::VIEWER), page_of(World::STREAM));
    let other = page_of(World::OTHER_STREAM);
    for (who, name, found) in [
        (STAFF, World::VIEWER, &user),
        (AUDITOR, "viewer", &user),
        (CREATOR, "viewer", &user),
        (OTHER_CREATOR, "++viewer", &user),
        (VIEWER, "viewer", &user),
        (STAFF, World::STREAM, &stream),
        (CREATOR, World::CHAT, &stream),
        (MODERATOR, "EVENING+con", &stream),
        (STAFF, "Morning", &other),
        (OTHER_CREATOR, "morning", &other),
    ] {
        let page = stage.page(who, &format!("/dashboard/find?name={name}")).await;
        assert_eq!((page.status, page.header("location")), (303, &**found), "{who:?} {name}");
    }
    for (who, name) in [
        (VIEWER, "viewer2"),
        (OUTSIDER, "viewer"),
        (SERVICE, "viewer"),
        (VIEWER, World::STREAM),
        (OTHER_CREATOR, "Evening"),
        (CREATOR, "Morning"),
        (STAFF, "%25"),
        (STAFF, "vening"),
        (STAFF, "%3Cscript%3Ealert(1)%3C/script%3E"),
    ] {
        let page = stage.page(who, &format!("/dashboard/find?name={name}")).await;
        page.shows("Nothing that you may see is called so.");
        assert!(!page.html.contains("<script>alert"), "{}", page.html);
    }
    // Several are listed.
    let title = "UPDATE directory.live_streams SET title = 'viewer'";
    sqlx::query(title).execute(stage.pool()).await.unwrap();
    let page = stage.page(STAFF, "/dashboard/find?name=viewer").await;
    for link in [&user, &stream, &other] {
        page.shows(&format!("href=\"{link}\""));
    }
    assert_eq!(stage.page(STAFF, "/dashboard/find?name=+").await.status, 400);
    assert_eq!(stage.open_page("/dashboard/find?name=viewer").await.status, 303);
}
