//! The page of a user.

use testing::World;

use super::bans::shown;
use crate::support::{
    ADMIN, AUDITOR, CREATOR, MODERATOR, NewBan, NewReport, OTHER_CREATOR, OUTSIDER, SERVICE, STAFF,
    Stage, VIEWER,
};

fn page_of(user: &str) -> String {
    format!("/dashboard/users/{user}")
}

#[tokio::test]
async fn a_user_is_shown_to_who_may_ban_them_with_what_they_may_see() {
    let stage = Stage::new().await;
    let here = stage.ban(NewBan::default()).await.to_string();
    let there =
        NewBan { stream: World::OTHER_STREAM, at: "2026-01-15T11:30:00Z", ..NewBan::default() };
    let there = stage.ban(there).await.to_string();
    let report = stage.report(NewReport::default()).await;
    let link = format!("/dashboard/reports/{report}");
    for (who, bans, reports) in [
        (STAFF, vec![&there, &here], true),
        (ADMIN, vec![&there, &here], true),
        (CREATOR, vec![&here], false),
        (MODERATOR, vec![&here], false),
        (OTHER_CREATOR, vec![&there], false),
        (AUDITOR, vec![], false),
        // Their own reports are theirs to read.
        (VIEWER, vec![], true),
    ] {
        let page = stage.page(who, &page_of(World::VIEWER)).await;
        page.shows("<bdi>Vera Schau</bdi>");
        page.shows(World::VIEWER_CHANNEL);
        assert_eq!(shown(&page).iter().collect::<Vec<_>>(), bans, "{who:?}");
        assert_eq!(page.html.contains(&link), reports, "{who:?}");
        let form = page.html.contains("action=\"/dashboard/bans\"");
        assert_eq!(form, !bans.is_empty(), "{who:?}");
    }
    for who in [OUTSIDER, SERVICE] {
        for user in [World::VIEWER, "none"] {
            let page = stage.page(who, &page_of(user)).await;
            assert!(page.status == 403 && !page.html.contains("Schau"), "{who:?} {user}");
        }
    }
    assert_eq!(stage.page(VIEWER, &page_of(World::OTHER_VIEWER)).await.status, 403);
    assert_eq!(stage.page(STAFF, &page_of("none")).await.status, 404);
    assert_eq!(stage.page(STAFF, &page_of("no%20id")).await.status, 404);
    assert_eq!(stage.open_page(&page_of(World::VIEWER)).await.status, 303);
}

#[tokio::test]
async fn what_they_run_is_shown_to_themselves_and_to_staff() {
    let stage = Stage::new().await;
    let link = format!("data-open href=\"/dashboard/live-streams/{}\"", World::STREAM);
    for (who, shows) in [
        (STAFF, true),
        (AUDITOR, true),
        (CREATOR, true),
        (MODERATOR, false),
        (OTHER_CREATOR, false),
    ] {
        let page = stage.page(who, &page_of(World::CREATOR)).await;
        assert_eq!((page.status, page.html.contains(&link)), (200, shows), "{who:?}");
    }
}

#[tokio::test]
async fn no_picture_comes_from_outside_and_who_is_gone_is_not_banned() {
    let stage = Stage::new().await;
    let page = stage.page(STAFF, &page_of(World::OTHER_VIEWER)).await;
    page.shows("viewer2");
    assert!(!page.html.contains("cdn.test") && !page.html.contains("<img"), "{}", page.html);
    let page = stage.page(STAFF, &page_of(World::GONE)).await;
    page.shows("The platform has removed this user.");
    assert!(!page.html.contains("action=\"/dashboard/bans\""), "{}", page.html);
    let erase = "UPDATE directory.users SET username = '', name = '', surname = '' WHERE id = $1";
    sqlx::query(erase).bind(World::GONE).execute(stage.pool()).await.unwrap();
    let page = stage.page(STAFF, &page_of(World::GONE)).await;
    page.shows("has been erased");
    page.shows(&format!("<h1><bdi>{}</bdi></h1>", World::GONE));
}
