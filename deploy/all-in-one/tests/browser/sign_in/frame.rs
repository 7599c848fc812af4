//! What is around every page: its policy, its language, its colours.

use events::Role;
use serde_json::json;
use thirtyfour::prelude::*;

use crate::page::{Look, hostile};
use crate::world::World;

#[tokio::test(flavor = "multi_thread")]
async fn the_policy_is_strict_and_the_browser_keeps_it() {
    let world = World::start().await;
    for path in ["/dashboard", "/dashboard/sign-in", "/dashboard/nothing", "/dashboard/assets/none"]
    {
        let answer = reqwest::get(format!("{}{path}", world.base_url())).await.unwrap();
        let headers = answer.headers();
        if path != "/dashboard/assets/none" {
            let policy = headers["content-security-policy"].to_str().unwrap();
            assert!(policy.starts_with("default-src 'none'; script-src 'self'; "), "{policy}");
            assert!(!policy.contains("unsafe") && !policy.contains("http"), "{policy}");
            assert_eq!(headers["referrer-policy"], "same-origin");
            assert_eq!(headers["x-frame-options"], "DENY");
            assert_eq!(headers["cache-control"], "no-store");
        }
        assert_eq!(headers["x-content-type-options"], "nosniff", "{path}");
    }
    let page = world.open(Look::DESK).await;
    page.at("/dashboard/sign-in").await;
    let injected = "
        const script = document.createElement('script');
        script.textContent = 'window.__xss = 1';
        document.body.append(script);
        document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=\"window.__xss=1\">');";
    page.run(injected, vec![]).await;
    page.until("the browser to refuse both", async || {
        let kept = page.complaints().await.join("\n");
        (kept.contains("script-src") || kept.contains("Content Security Policy")).then_some(())
    })
    .await;
    page.runs_no_foreign_script().await;
    page.complaints().await;
    page.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn language_and_theme_are_chosen_and_remembered() {
    let world = World::start().await;
    let page = world.open(Look::DESK).await;
    page.at("/dashboard/sign-in").await;
    let paper = "return getComputedStyle(document.body).backgroundColor";
    let light = page.run(paper, vec![]).await;
    page.choose("select[name=language]", "tr").await;
    page.choose("select[name=theme]", "dark").await;
    page.click("form[data-here] button").await;
    page.see_text("Oturum aç").await;
    page.misses_text("Sign in").await;
    page.arrives_at("/dashboard/sign-in").await;
    assert_eq!(page.run("return document.documentElement.lang", vec![]).await, "tr");
    assert_ne!(page.run(paper, vec![]).await, light, "it is not dark");
    page.is_sound().await;

    page.at("/dashboard/bans").await;
    page.see_text("Oturum aç").await;
    let chosen = page.see("select[name=theme]").await.prop("value").await.unwrap();
    assert_eq!(chosen.as_deref(), Some("dark"));
    page.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_content_is_one_key_away() {
    let world = World::start().await;
    let page = world.open(Look::PHONE).await;
    page.at("/dashboard/sign-in").await;
    page.press(Key::Tab).await;
    let skip = page.driver().active_element().await.unwrap();
    assert_eq!(skip.text().await.unwrap(), "Skip to the content");
    page.is_sound().await;
    page.press(Key::Enter).await;
    page.press(Key::Tab).await;
    let token = page.driver().active_element().await.unwrap();
    assert_eq!(token.id().await.unwrap().as_deref(), Some("token"));
    page.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn names_are_texts_whatever_they_are() {
    let world = World::start().await;
    let page = world.open(Look::PHONE).await;
    page.sign_in(&world.token("stranger-1", &[Role::Admin])).await;
    let long = hostile::long_word();
    for (nth, name) in hostile::TEXTS.into_iter().chain([long.as_str()]).enumerate() {
        let snapshot = json!({
            "id": "stranger-1", "username": name, "name": name, "surname": name,
            "availabilityStatus": "online", "updatedAt": format!("2026-02-01T00:00:00.{nth:03}Z"),
        });
        world.tell("users", "stranger-1", &snapshot).await;
        page.at("/dashboard/audit").await;
        page.shows_as_text(name).await;
        page.runs_no_foreign_script().await;
        page.fits().await;
        page.is_quiet().await;
    }
    page.close().await;
}
