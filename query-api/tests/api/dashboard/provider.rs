//! Signing in at an OpenID provider.

mod brought;
mod down;
mod refused;
mod site;

use reqwest::Url;
use serde_json::json;
use testing::openid::{CLIENT_ID, CLIENT_SECRET};
use testing::{World, tokens};

use site::{Site, pairs};

#[tokio::test]
async fn the_page_leads_to_the_provider() {
    let site = Site::start(|_| {}).await;
    let page = site.get("/dashboard/sign-in?next=%2Fdashboard%2Faudit", None).await;
    page.shows("href=\"/dashboard/sign-in/provider?next=%2Fdashboard%2Faudit\"");
    page.shows("Sign in with 127.0.0.1");
    let named = Site::start(|config| {
        config.oidc.oidc_provider_name = Some("<b>Example & Sons</b>".to_owned());
    });
    named.await.get("/dashboard/sign-in", None).await.shows("&#60;b&#62;Example &#38; Sons");
}

#[tokio::test]
async fn without_a_provider_there_is_no_way_to_one() {
    let site = Site::start(|config| {
        config.oidc.oidc_issuer_url = None;
        config.oidc.oidc_client_id = None;
    })
    .await;
    let page = site.get("/dashboard/sign-in", None).await;
    assert!(page.status == 200 && !page.html.contains("Sign in with"), "{}", page.html);
    for path in ["/dashboard/sign-in/provider", "/dashboard/sign-in/callback?code=1&state=2"] {
        assert_eq!(site.get(path, None).await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn whoever_signs_in_there_is_signed_in_here() {
    let site = Site::start(|config| config.oidc.oidc_scopes = "openid profile  roles".into()).await;
    let left = site.leave("/dashboard/audit?after=3").await;
    let cookie = &left.cookies[0];
    let (value, attributes) = cookie.split_once("; ").unwrap();
    assert!(value.starts_with("docket_sign_in="), "{cookie}");
    assert_eq!(attributes, "HttpOnly; SameSite=Lax; Path=/dashboard/sign-in; Max-Age=600");

    let page = site.come_back(&left).await;
    page.shows("<meta http-equiv=\"refresh\" content=\"0; url=/dashboard/audit?after=3\">");
    let token = tokens::token(World::STAFF, &["moderator"]);
    let (forgotten, session) = (page.cookie("docket_sign_in"), page.cookie("docket_session"));
    assert!(forgotten.starts_with("docket_sign_in=; ") && forgotten.contains("Max-Age=0"));
    let expected = format!("docket_session={token}; HttpOnly; SameSite=Strict; Path=/dashboard");
    assert_eq!(session, expected);
    assert!(!page.html.contains(&token));
    let home = site.get("/dashboard", Some(&format!("docket_session={token}"))).await;
    assert_eq!((home.status, home.header("location")), (303, "/dashboard/queue"));

    let seen = site.provider().seen();
    let [asked] = &seen.authorizations[..] else { panic!("{seen:?}") };
    assert_eq!(asked["scope"], "openid profile roles");
    assert_eq!(asked["redirect_uri"], format!("{}/dashboard/sign-in/callback", site.base));
    assert_eq!(asked["code_challenge_method"], "S256");
    assert_eq!(asked["ui_locales"], "en");
    let [(form, client)] = &seen.exchanges[..] else { panic!("{seen:?}") };
    // The provider compares it with the challenge.
    assert!(form["code_verifier"].len() >= 43 && form["code_verifier"] != asked["code_challenge"]);
    assert!(!form.contains_key("client_secret"));
    let expected = format!("{}:{}", "docket+dashboard", "s3cret%3A%2B%2F%25");
    assert_eq!(site::basic(client.as_deref().unwrap()), expected);
}

#[tokio::test]
async fn cookies_travel_encrypted_unless_they_stay_on_this_machine() {
    let site = Site::start(|_| {}).await;
    let host = ("Host", "moderation.example.org");
    let page = site.get_with("/dashboard/sign-in/provider", &[host]).await;
    assert!(page.cookies()[0].contains("; Secure"), "{:?}", page.cookies());
}

#[tokio::test]
async fn a_public_client_says_only_what_it_is_called() {
    let site = Site::start(|config| config.oidc.oidc_client_secret = None).await;
    let page = site.sign_in("/dashboard").await;
    assert_eq!(page.status, 200);
    let seen = site.provider().seen();
    let (form, client) = &seen.exchanges[0];
    assert_eq!((form["client_id"].as_str(), client), (CLIENT_ID, &None));
    assert!(!format!("{seen:?}").contains(CLIENT_SECRET));
}

#[tokio::test]
async fn no_two_sign_ins_have_a_secret_in_common() {
    let site = Site::start(|_| {}).await;
    for _ in 0..2 {
        site.sign_in("/dashboard").await;
    }
    let seen = site.provider().seen();
    let [first, second] = &seen.authorizations[..] else { panic!("{seen:?}") };
    for name in ["state", "nonce", "code_challenge"] {
        assert_ne!(first[name], second[name], "{name}");
        assert!(first[name].len() >= 22, "{name} is easily guessed");
    }
    assert_eq!(seen.discoveries, 1, "it is asked again what it has said");
}

#[tokio::test]
async fn nobody_is_led_elsewhere() {
    let site = Site::start(|_| {}).await;
    for next in [
        "https://example.org/dashboard",
        "//example.org",
        "/\\example.org",
        "/dashboard/\r\nSet-Cookie: a=b",
        "/dashboard\"><script>",
        "/docs/",
        "javascript:alert(1)",
    ] {
        let page = site.sign_in(next).await;
        let ours = if next.contains("<script>") { "/dashboard" } else { "/dashboard\"" };
        page.shows(&format!("content=\"0; url={ours}"));
        assert!(!page.html.contains("example.org") && !page.html.contains("<script>"), "{next}");
    }
    // A wish that no cookie has room for is forgotten, the sign-in is not.
    let page = site.sign_in(&format!("/dashboard/audit?x={}", "x".repeat(5_000))).await;
    page.shows("content=\"0; url=/dashboard\"");
}

#[tokio::test]
async fn a_provider_may_change_its_keys() {
    let site = Site::start(|_| {}).await;
    assert_eq!(site.sign_in("/dashboard").await.status, 200);
    site.provider().rotate();
    assert_eq!(site.sign_in("/dashboard").await.status, 200);
    assert_eq!(site.provider().seen().discoveries, 2);
}

#[tokio::test]
async fn the_id_token_may_vouch_for_the_access_token() {
    let site = Site::start(|_| {}).await;
    let hash = site::left_half_of_sha256(&tokens::token(World::STAFF, &["moderator"]));
    site.provider().tell(|person| person.claims = json!({ "at_hash": hash }));
    assert_eq!(site.sign_in("/dashboard").await.status, 200);
}

#[tokio::test]
async fn secrets_stay_out_of_addresses() {
    let site = Site::start(|_| {}).await;
    let left = site.leave("/dashboard").await;
    let pending = site::pending(&left.cookies[0]);
    let verifier = pending["verifier"].as_str().unwrap();
    let url = Url::parse(&left.location).unwrap();
    assert!(!url.as_str().contains(verifier) && !url.as_str().contains(CLIENT_SECRET));
    assert_eq!(pairs(&url)["state"], pending["state"].as_str().unwrap());
}
