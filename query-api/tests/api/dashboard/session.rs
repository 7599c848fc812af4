//! Signing in and out, and what guards a session.

use serde_json::json;
use testing::{World, tokens};

use super::session;
use crate::support::{AUDITOR, CREATOR, STAFF, Stage, VIEWER};

const SIGN_IN: &str = "/dashboard/sign-in";

fn ours() -> [(&'static str, String); 1] {
    [("Sec-Fetch-Site", "same-origin".to_owned())]
}

#[tokio::test]
async fn whoever_has_not_signed_in_is_led_to_do_so_and_back() {
    let stage = Stage::new().await;
    for path in ["/dashboard", "/dashboard/audit?type=x", "/dashboard/nowhere"] {
        let page = stage.open_page(path).await;
        let next = path.replace('/', "%2F").replace('?', "%3F").replace('=', "%3D");
        assert_eq!(
            (page.status, page.header("location")),
            (303, &*format!("{SIGN_IN}?next={next}"))
        );
    }
    stage
        .open_page(&format!("{SIGN_IN}?next=%2Fdashboard%2Faudit"))
        .await
        .shows("/dashboard/audit");
    // A page of somebody else's is no place to go.
    let page = stage.open_page(&format!("{SIGN_IN}?next=https%3A%2F%2Fexample.org")).await;
    assert!(!page.html.contains("example.org"), "{}", page.html);
}

#[tokio::test]
async fn a_good_token_begins_a_session_that_only_the_dashboard_gets_to_see() {
    let stage = Stage::new().await;
    let token = tokens::token(World::STAFF, &["moderator"]);
    let form = [("token", &*token), ("next", "/dashboard/statistics")];
    let page = stage.submit_with(SIGN_IN, &form, &ours()).await;
    assert_eq!((page.status, page.header("location")), (303, "/dashboard/statistics"));
    let cookie = format!("docket_session={token}; HttpOnly; SameSite=Strict; Path=/dashboard");
    assert_eq!(page.cookies(), [&*cookie]);
    // Elsewhere than on this machine the cookie travels over TLS alone.
    let mut headers = ours().to_vec();
    headers.push(("Host", "moderation.example.org".to_owned()));
    let page = stage.submit_with(SIGN_IN, &form, &headers).await;
    assert_eq!(page.cookies(), [cookie.replace("Path", "Secure; Path")]);
}

#[tokio::test]
async fn a_bad_token_begins_none_and_is_not_repeated() {
    let stage = Stage::new().await;
    let mut expired = tokens::claims(World::STAFF, &["admin"]);
    expired["exp"] = json!(1);
    let expired = tokens::sign(&expired);
    for (field, value) in [("token", &*expired), ("token", "x.y.z"), ("token", " "), ("code", "no")]
    {
        let page = stage.submit_with(SIGN_IN, &[(field, value)], &ours()).await;
        assert_eq!((page.status, page.cookies()), (401, vec![]), "{value}");
        assert!(page.html.contains("role=\"alert\"") && !page.html.contains(&expired));
    }
    let page = stage.submit_with(SIGN_IN, &[], &ours()).await;
    assert_eq!(page.status, 401);
}

#[tokio::test]
async fn a_token_that_no_cookie_has_room_for_is_refused_in_words() {
    let stage = Stage::new().await;
    let padded = |length: usize| {
        let mut claims = tokens::claims(World::STAFF, &["moderator"]);
        claims["groups"] = json!("x".repeat(length));
        tokens::sign(&claims)
    };
    // Three bytes of a claim are four of the token.
    let most = (4096 - "docket_session".len() - padded(0).len()) / 4 * 3;
    for (length, status, cookies) in [(most, 303, 1), (most + 6, 401, 0)] {
        let page = stage.submit_with(SIGN_IN, &[("token", &padded(length))], &ours()).await;
        assert_eq!((page.status, page.cookies().len()), (status, cookies), "{}", page.html);
        assert_eq!(page.html.contains("too long for a browser"), status == 401);
    }
}

#[tokio::test]
async fn a_guest_brings_a_code() {
    let stage = Stage::new().await;
    let page = stage.submit_with(SIGN_IN, &[("code", "a-code")], &ours()).await;
    assert_eq!((page.status, page.header("location")), (303, "/dashboard"));
    assert!(page.cookies()[0].starts_with(&session(CREATOR)));
}

#[tokio::test]
async fn nobody_elses_page_may_command() {
    let stage = Stage::new().await;
    let mine = ("Cookie", session(STAFF));
    for foreign in [
        vec![mine.clone()],
        vec![mine.clone(), ("Sec-Fetch-Site", "cross-site".to_owned())],
        vec![mine.clone(), ("Sec-Fetch-Site", "same-site".to_owned())],
        vec![mine.clone(), ("Origin", "https://example.org".to_owned())],
    ] {
        for path in ["/dashboard/sign-out", "/dashboard/preferences", SIGN_IN] {
            let page = stage.submit_with(path, &[("theme", "dark")], &foreign).await;
            assert_eq!((page.status, page.cookies()), (403, vec![]), "{path} {foreign:?}");
            assert!(page.html.contains("another site"), "{}", page.html);
        }
    }
    let page = stage.submit(STAFF, "/dashboard/sign-out", &[]).await;
    assert_eq!((page.status, page.header("location")), (303, SIGN_IN));
    assert!(
        page.cookies()[0].contains("docket_session=;") && page.cookies()[0].contains("Max-Age=0")
    );
}

#[tokio::test]
async fn pages_run_nothing_that_is_not_ours() {
    let stage = Stage::new().await;
    for page in [
        stage.open_page(SIGN_IN).await,
        stage.page(STAFF, "/dashboard/statistics").await,
        stage.page(STAFF, "/dashboard/nowhere").await,
        stage.page(VIEWER, "/dashboard/audit").await,
    ] {
        let policy = page.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'; script-src 'self'; style-src 'self'; "));
        assert!(!policy.contains("unsafe") && policy.contains("frame-ancestors 'none'"));
        assert_eq!(page.header("cache-control"), "no-store");
        assert_eq!(page.header("x-frame-options"), "DENY");
        assert!(!page.html.contains("<script>") && !page.html.contains(" style="));
        assert!(page.header("content-type").starts_with("text/html"), "{}", page.status);
    }
}

#[tokio::test]
async fn what_goes_wrong_is_told_as_a_page() {
    let stage = Stage::new().await;
    let page = stage.page(STAFF, "/dashboard/nowhere").await;
    assert!(
        page.status == 404 && page.html.contains("<h1>Resource not found</h1>"),
        "{}",
        page.html
    );
    let page = stage.page(STAFF, "/dashboard/statistics?interval=year").await;
    assert!(page.status == 400 && page.html.contains("interval"), "{}", page.html);
    let turkish = [("Accept-Language", "tr-TR,tr;q=0.9")];
    let page = stage.page_with(VIEWER, "/dashboard/statistics", &turkish).await;
    assert!(page.status == 403 && page.html.contains("<html lang=\"tr\""), "{}", page.html);
}

#[tokio::test]
async fn everybody_is_led_to_what_they_have() {
    let stage = Stage::new().await;
    for (who, first) in [(STAFF, "queue"), (AUDITOR, "audit"), (CREATOR, "live-streams")] {
        let page = stage.page(who, "/dashboard").await;
        assert_eq!(page.header("location"), format!("/dashboard/{first}"));
    }
}

#[tokio::test]
async fn a_choice_of_language_and_theme_is_kept() {
    let stage = Stage::new().await;
    let form = [("language", "tr"), ("theme", "dark"), ("next", "/dashboard/bans?status=all")];
    let page = stage.submit(STAFF, "/dashboard/preferences", &form).await;
    assert_eq!((page.status, page.header("location")), (303, "/dashboard/bans?status=all"));
    let cookies: Vec<_> =
        page.cookies().iter().map(|cookie| cookie.split(';').next().unwrap()).collect();
    assert_eq!(cookies.len(), 2);
    let cookies = format!("{}; {}", session(STAFF), cookies.join("; "));
    let page = stage.page_with(STAFF, "/dashboard/statistics", &[("Cookie", &cookies)]).await;
    page.shows("<html lang=\"tr\" data-theme=\"dark\">");
}

#[tokio::test]
async fn style_and_scripts_are_for_everybody_and_for_ever() {
    let stage = Stage::new().await;
    for (name, kind) in [("dashboard.css", "text/css"), ("htmx.js", "text/javascript")] {
        let page = stage.open_page(&format!("/dashboard/assets/{name}")).await;
        assert!(page.header("content-type").starts_with(kind) && page.html.len() > 1_000);
        assert_eq!(page.header("cache-control"), "public, max-age=31536000, immutable");
    }
    assert_eq!(stage.open_page("/dashboard/assets/..%2FCargo.toml").await.status, 404);
}
