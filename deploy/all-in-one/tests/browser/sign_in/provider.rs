//! Signing in at an OpenID provider, which is another site.

use testing::openid::{CLIENT_ID, CLIENT_SECRET, Provider};
use thirtyfour::SameSite;

use crate::page::Look;
use crate::world::World;

/// A world whose people sign in at a provider, which takes everybody for the administrator.
async fn world() -> (World, Provider) {
    // Docket is at 127.0.0.1, so this is another site to browsers.
    let provider = Provider::start_on("localhost:0", String::new()).await;
    let world = World::start_with(|command| {
        command.env("OIDC_ISSUER_URL", &provider.issuer);
        command.env("OIDC_CLIENT_ID", CLIENT_ID).env("OIDC_CLIENT_SECRET", CLIENT_SECRET);
        command.env("OIDC_PROVIDER_NAME", "Example ID");
    })
    .await;
    let token = world.api.token("admin").to_owned();
    provider.tell(|person| person.access_token = token);
    (world, provider)
}

const BUTTON: &str = "a[href^='/dashboard/sign-in/provider']";

#[tokio::test(flavor = "multi_thread")]
async fn one_click_leads_there_and_back_to_where_one_wanted_to_go() {
    let (world, provider) = world().await;
    for (look, words) in [
        (Look::DESK, "Sign in with Example ID"),
        (Look::PHONE.in_turkish(), "Example ID ile oturum aç"),
    ] {
        let page = world.open(look).await;
        page.at("/dashboard/audit?type=BanCreated").await;
        page.see_text(words).await;
        page.is_sound().await;
        page.screenshot(&format!("sign-in-provider-{}", look.name())).await;
        page.click(BUTTON).await;
        page.arrives_at("/dashboard/audit?type=BanCreated").await;
        page.see(".account").await;
        let cookies = page.driver().get_all_cookies().await.unwrap();
        let [session] = &cookies[..] else { panic!("{cookies:?}") };
        assert_eq!(
            (session.name.as_str(), session.same_site),
            ("docket_session", Some(SameSite::Strict))
        );
        assert_eq!(session.value, world.api.token("admin"));
        page.close().await;
    }
    let seen = provider.seen();
    let languages: Vec<_> =
        seen.authorizations.iter().map(|asked| asked["ui_locales"].as_str()).collect();
    assert_eq!(languages, ["en", "tr"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_opens_it_all_the_same() {
    let (world, _provider) = world().await;
    let page = world.open(Look::DESK).await;
    page.at("/dashboard/sign-in?next=/dashboard/audit").await;
    page.click("summary").await;
    page.fill("#token", world.api.token("auditor")).await;
    page.click("#sign-in button").await;
    page.arrives_at("/dashboard/audit").await;
    page.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_provider_refuses_is_told_and_tried_again() {
    let (world, provider) = world().await;
    provider.tell(|person| person.denied = Some("access_denied"));
    let page = world.open(Look::PHONE).await;
    page.at("/dashboard/audit").await;
    page.click(BUTTON).await;
    page.see_text("The sign-in provider did not grant access.").await;
    let complaints = page.complaints().await;
    assert!(complaints.iter().all(|one| one.contains("403")), "{complaints:?}");
    page.is_sound().await;
    provider.tell(|person| person.denied = None);
    page.click(BUTTON).await;
    page.arrives_at("/dashboard/audit").await;
    page.close().await;
}
