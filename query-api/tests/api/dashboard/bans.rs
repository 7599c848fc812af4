//! Bans: lists, one of them, and the form.

use events::ban::{ActionType, RevokeCause};
use testing::World;

use super::{HOSTILE, Page};
use crate::support::{
    ADMIN, AUDITOR, CREATOR, MODERATOR, NewBan, OTHER_CREATOR, OUTSIDER, SERVICE, STAFF, Stage,
    VIEWER, Who,
};

const BANS: &str = "/dashboard/bans";

/// The bans that a page links to, in its order.
pub(super) fn shown(page: &Page) -> Vec<String> {
    let links = page.html.split("data-open href=\"/dashboard/bans/").skip(1);
    links.map(|rest| rest.split('"').next().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn everybody_sees_the_bans_of_what_they_run() {
    let stage = Stage::new().await;
    let here = stage.ban(NewBan::default()).await.to_string();
    let there =
        NewBan { stream: World::OTHER_STREAM, at: "2026-01-15T11:30:00Z", ..NewBan::default() };
    let there = stage.ban(there).await.to_string();
    for (who, bans) in [
        (STAFF, vec![&there, &here]),
        (ADMIN, vec![&there, &here]),
        (CREATOR, vec![&here]),
        (MODERATOR, vec![&here]),
        (OTHER_CREATOR, vec![&there]),
    ] {
        let page = stage.page(who, BANS).await;
        assert_eq!((page.status, shown(&page).iter().collect()), (200, bans), "{who:?}");
        for (ban, status) in [(&here, who.may(true)), (&there, who.may(false))] {
            let page = stage.page(who, &format!("{BANS}/{ban}")).await;
            assert_eq!(page.status, status, "{who:?} {ban}");
        }
    }
    for who in [VIEWER, OUTSIDER, AUDITOR, SERVICE] {
        for path in [BANS.to_owned(), format!("{BANS}/expiring"), format!("{BANS}/{here}")] {
            let page = stage.page(who, &path).await;
            assert!(page.status == 403 && !page.html.contains(&here), "{who:?} {path}");
        }
    }
    for path in [BANS, "/dashboard/bans/expiring", "/dashboard/bans/new"] {
        assert_eq!(stage.open_page(path).await.status, 303, "{path}");
    }
    assert_eq!(stage.page(STAFF, "/dashboard/bans/none").await.status, 404);
}

impl Who {
    /// What somebody is answered about a ban of the first live stream, or of the other.
    fn may(self, first: bool) -> u16 {
        let runs = [World::CREATOR, World::MODERATOR].contains(&self.0);
        let staff = !self.1.is_empty();
        if staff || runs == first { 200 } else { 403 }
    }
}

#[tokio::test]
async fn a_list_is_filtered_and_what_was_left_empty_does_not_count() {
    let stage = Stage::new().await;
    let revoked = stage.ban(NewBan::default()).await;
    stage.revoke(revoked, RevokeCause::Manual, "2026-01-15T11:10:00Z").await;
    let muted = NewBan {
        user: World::OTHER_VIEWER,
        action: ActionType::ChatOnly,
        at: "2026-01-14T11:00:00Z",
        ..NewBan::default()
    };
    let (revoked, muted) = (revoked.to_string(), stage.ban(muted).await.to_string());
    let both = vec![revoked.clone(), muted.clone()];
    for (query, bans) in [
        ("", vec![muted.clone()]),
        ("?targetUser=&liveStreamId=&actionType=&startDate=&endDate=&status=all", both.clone()),
        ("?status=revoked", vec![revoked.clone()]),
        ("?status=expired", vec![]),
        ("?status=all&targetUser=+viewer2+", vec![muted.clone()]),
        ("?status=all&targetUserId=673ac9e2c93fe18d3fdd2311", vec![revoked.clone()]),
        ("?status=all&actionType=CHAT_ONLY", vec![muted.clone()]),
        ("?status=all&startDate=2026-01-15", vec![revoked.clone()]),
        ("?status=all&endDate=2026-01-14", vec![muted.clone()]),
        ("?status=all&liveStreamId=673ac9e2c93fe18d3fdd23f2", vec![]),
    ] {
        let page = stage.page(STAFF, &format!("{BANS}{query}")).await;
        assert_eq!((page.status, shown(&page)), (200, bans), "{query}");
    }
    // One at a time, by cursor.
    let first = stage.page(STAFF, &format!("{BANS}?status=all&limit=1")).await;
    assert_eq!(shown(&first), [revoked]);
    let next = first.html.split("rel=\"next\"").next().unwrap();
    let next = next.rsplit("href=\"").next().unwrap().split('"').next().unwrap();
    let second = stage.page(STAFF, &next.replace("&#38;", "&").replace("&amp;", "&")).await;
    assert_eq!(shown(&second), [muted]);
    second.shows("href=\"/dashboard/bans?status=all&#38;limit=1\"");
}

#[tokio::test]
async fn a_filter_that_is_wrong_is_told_beside_the_form() {
    let stage = Stage::new().await;
    let page = stage.page(STAFF, &format!("{BANS}?targetUser=vera&startDate=tomorrow")).await;
    assert_eq!(page.status, 400);
    for part in ["role=\"alert\"", "startDate", "value=\"vera\"", "value=\"tomorrow\""] {
        assert!(page.html.contains(part), "{part}: {}", page.html);
    }
}

#[tokio::test]
async fn those_that_end_soon_are_listed_in_the_order_of_their_ends() {
    let stage = Stage::new().await;
    let mut ids = Vec::new();
    for (user, stream, expires) in [
        (World::VIEWER, World::STREAM, Some("2026-01-16T11:59:59Z")),
        (World::OTHER_VIEWER, World::STREAM, Some("2026-01-15T12:30:00Z")),
        (World::VIEWER, World::OTHER_STREAM, Some("2026-01-15T18:00:00Z")),
        ("u1", World::STREAM, Some("2026-01-16T12:00:01Z")),
        ("u2", World::STREAM, Some("2026-01-15T12:00:00Z")),
        ("u3", World::STREAM, None),
        ("u4", World::STREAM, Some("2026-01-15T13:00:00Z")),
    ] {
        ids.push(stage.ban(NewBan { stream, user, expires, ..NewBan::default() }).await);
    }
    stage.revoke(ids[6], RevokeCause::Manual, "2026-01-15T11:30:00Z").await;
    let path = format!("{BANS}/expiring");
    let id = |nth: usize| ids[nth].to_string();
    for (who, bans) in [
        (STAFF, vec![id(1), id(2), id(0)]),
        (CREATOR, vec![id(1), id(0)]),
        (MODERATOR, vec![id(1), id(0)]),
        (OTHER_CREATOR, vec![id(2)]),
    ] {
        assert_eq!(shown(&stage.page(who, &path).await), bans, "{who:?}");
    }
    stage.page(STAFF, &path).await.shows("30 min left");
    // One at a time, by cursor.
    let mut next = format!("{path}?limit=1");
    let mut seen = Vec::new();
    loop {
        let page = stage.page(CREATOR, &next).await;
        seen.extend(shown(&page));
        let Some((before, _)) = page.html.split_once("rel=\"next\"") else { break };
        let address = before.rsplit("href=\"").next().unwrap().split('"').next().unwrap();
        next = address.replace("&#38;", "&").replace("&amp;", "&");
    }
    assert_eq!(seen, [id(1), id(0)]);
}

#[tokio::test]
async fn a_ban_tells_what_became_of_it() {
    let stage = Stage::new().await;
    let first =
        stage.ban(NewBan { expires: Some("2026-01-15T13:00:00Z"), ..NewBan::default() }).await;
    stage.revoke(first, RevokeCause::Superseded, "2026-01-15T11:10:00Z").await;
    let second = NewBan { at: "2026-01-15T11:10:00Z", reason: Some("Again"), ..NewBan::default() };
    let second = stage.ban(second).await;
    let page = stage.page(CREATOR, &format!("{BANS}/{first}")).await;
    page.shows("Replaced");
    page.shows(&format!("href=\"/dashboard/bans/{second}\""));
    page.shows(&format!("href=\"/dashboard/users/{}\"", World::MODERATOR));
    assert!(!page.html.contains("/revoke"), "{}", page.html);
    let page = stage.page(CREATOR, &format!("{BANS}/{second}")).await;
    page.shows(&format!("href=\"/dashboard/bans/{first}\""));
    page.shows(&format!("action=\"/dashboard/bans/{second}/revoke\""));
    // One that ran out is over, whether or not its event has come.
    let short = NewBan { user: "u1", expires: Some("2026-01-15T11:30:00Z"), ..NewBan::default() };
    let short = stage.ban(short).await;
    let page = stage.page(CREATOR, &format!("{BANS}/{short}")).await;
    page.shows("Expired");
    assert!(!page.html.contains("/revoke"), "{}", page.html);
}

#[tokio::test]
async fn a_form_that_is_refused_keeps_what_was_typed() {
    let stage = Stage::new().await;
    let report = "0123456789abcdef01230001";
    let page = stage
        .page(
            STAFF,
            &format!("{BANS}/new?user=viewer&liveStream={}&report={report}", World::STREAM),
        )
        .await;
    page.shows("name=\"user\" value=\"viewer\"");
    page.shows(&format!("name=\"report\" value=\"{report}\""));
    for hostile in HOSTILE {
        let mut form = vec![
            ("key", "01KF0XQG4V3E7Z5Y2M8N6P9R1T"),
            ("user", "viewer"),
            ("liveStream", World::TITLE),
            ("actionType", "CHAT_ONLY"),
            ("duration", "604800"),
            ("reason", hostile),
            ("next", "/dashboard/bans?status=all"),
        ];
        // Nobody answers commands here.
        let page = stage.submit(STAFF, BANS, &form).await;
        assert_eq!(page.status, 502, "{}", page.html);
        kept(&page, hostile);
        for part in ["value=\"604800\" checked", "value=\"CHAT_ONLY\" checked", "role=\"alert\""] {
            assert!(page.html.contains(part), "{part}: {}", page.html);
        }
        form.extend([("number", hostile), ("unit", "hours")]);
        form[1] = ("user", hostile);
        form[4] = ("duration", "custom");
        let page = stage.submit(STAFF, BANS, &form).await;
        assert_eq!(page.status, 400, "{}", page.html);
        kept(&page, hostile);
        for part in
            ["365 days", "Nobody has this", "value=\"custom\" checked", "\"hours\" selected"]
        {
            assert!(page.html.contains(part), "{part}: {}", page.html);
        }
    }
}

/// That the text is in the form still, as text.
fn kept(page: &Page, hostile: &str) {
    let as_if = Page { status: 200, headers: page.headers.clone(), html: page.html.clone() };
    as_if.shows_as_text(hostile);
}

#[tokio::test]
async fn a_form_is_taken_from_pages_of_ours_and_of_whoever_has_signed_in() {
    let stage = Stage::new().await;
    let ban = stage.ban(NewBan::default()).await;
    let revoke = format!("{BANS}/{ban}/revoke");
    for path in [BANS, &revoke] {
        let ours = [("Sec-Fetch-Site", "same-origin".to_owned())];
        let page = stage.submit_with(path, &[("key", "k")], &ours).await;
        assert!(page.header("location").starts_with("/dashboard/sign-in"), "{path}");
        let foreign =
            [("Cookie", super::session(STAFF)), ("Sec-Fetch-Site", "cross-site".to_owned())];
        assert_eq!(stage.submit_with(path, &[("key", "k")], &foreign).await.status, 403, "{path}");
    }
    // What became of a revocation is told on the page that asked for it, and nowhere else.
    let form = [("key", "k"), ("next", "/dashboard/bans?status=all")];
    let page = stage.submit(STAFF, &revoke, &form).await;
    assert_eq!((page.status, page.header("location")), (303, "/dashboard/bans?status=all"));
    let form = [("key", "k"), ("next", "https://example.org/")];
    let page = stage.submit(STAFF, &revoke, &form).await;
    assert_eq!((page.status, page.header("location")), (303, "/dashboard"));
}

#[tokio::test]
async fn hostile_texts_are_shown_as_text() {
    let stage = Stage::new().await;
    for (nth, hostile) in HOSTILE.into_iter().enumerate() {
        let user = format!("hostile-{nth}");
        let insert =
            "INSERT INTO directory.users VALUES ($1, $1, $2, $2, $2, NULL, $2, false, now())";
        sqlx::query(insert).bind(&user).bind(hostile).execute(stage.pool()).await.unwrap();
        let title = "UPDATE directory.live_streams SET title = $1 WHERE id = $2";
        let update = sqlx::query(title).bind(hostile).bind(World::STREAM);
        update.execute(stage.pool()).await.unwrap();
        let ban = NewBan {
            user: &user,
            reason: Some(hostile),
            expires: Some("2026-01-15T13:00:00Z"),
            ..NewBan::default()
        };
        let ban = stage.ban(ban).await;
        for path in [
            BANS.to_owned(),
            format!("{BANS}/expiring"),
            format!("{BANS}/{ban}"),
            format!("/dashboard/users/{user}"),
            format!("/dashboard/live-streams/{}", World::STREAM),
            "/dashboard/live-streams".to_owned(),
            format!("/dashboard/access?user={user}&liveStream={}", World::STREAM),
        ] {
            stage.page(STAFF, &path).await.shows_as_text(hostile);
        }
    }
}
