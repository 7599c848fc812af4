//! The checks themselves: each finds what it is for, and nothing in a page that is well made.

use std::panic::AssertUnwindSafe;

use axum::Router;
use axum::http::header::CONTENT_SECURITY_POLICY;
use axum::response::Html;
use axum::routing::get;
use futures_util::FutureExt;

use crate::page::{Look, Page, hostile};

/// A page that shows `body`, under a policy as strict as ours.
async fn serve(body: &str) -> String {
    let html = format!(
        "<!doctype html><html lang=en><head><title>A page</title>
         <link rel=icon href=data:,><meta name=viewport content='width=device-width'></head>
         <body><main><h1>A page</h1>{body}</main></body></html>"
    );
    let policy = [(CONTENT_SECURITY_POLICY, "default-src 'self' data:; style-src 'unsafe-inline'")];
    testing::serve(Router::new().route("/", get(async move || (policy, Html(html))))).await
}

/// Opens a page that shows `body`.
async fn page(body: &str, look: Look) -> Page {
    let page = Page::open(&serve(body).await, look).await;
    page.at("/").await;
    page.see("h1").await;
    page
}

/// Whether a check fails.
async fn fails(check: impl Future<Output = ()>) -> bool {
    AssertUnwindSafe(check).catch_unwind().await.is_err()
}

fn escaped(text: &str) -> String {
    let (amp, quot) = (text.replace('&', "&amp;"), "&quot;");
    amp.replace('<', "&lt;").replace('>', "&gt;").replace('"', quot)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_is_well_made_passes_all_of_them() {
    let texts: String = hostile::TEXTS.map(|text| format!("<p>{}</p>", escaped(text))).concat();
    for look in [Look::DESK, Look::PHONE.in_turkish()] {
        let body = format!("{texts}<p style='overflow-wrap:anywhere'>{}</p>", hostile::long_word());
        let page = page(&body, look).await;
        page.is_sound().await;
        for text in hostile::TEXTS {
            page.shows_as_text(text).await;
        }
        page.runs_no_foreign_script().await;
        let seen = "return [navigator.language.slice(0, 2), innerWidth, innerHeight,
            matchMedia('(prefers-color-scheme: dark)').matches]";
        let (width, height) = look.size.pixels();
        let dark = look == Look::PHONE.in_turkish();
        let expected = serde_json::json!([look.language, width, height, dark]);
        assert_eq!(page.run(seen, vec![]).await, expected);
        page.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn barriers_are_found() {
    for barrier in ["<input>", "<img src=data:,>", "<p style='color:#999;background:#fff'>pale</p>"]
    {
        let page = page(barrier, Look::DESK).await;
        assert!(fails(page.is_accessible()).await, "{barrier}");
        page.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_too_wide_is_found() {
    let page = page(&format!("<p>{}</p>", hostile::long_word()), Look::PHONE).await;
    assert!(fails(page.fits()).await);
    page.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn complaints_of_the_browser_are_found() {
    for offence in [
        "<script>alert(1)</script>",
        "<button id=b onclick='alert(1)'>b</button>",
        "<img alt='' src=/none.png>",
    ] {
        let page = page(offence, Look::DESK).await;
        page.until("a complaint", async || fails(page.is_quiet()).await.then_some(())).await;
        page.complaints().await;
        page.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn scripts_of_others_are_found() {
    let page = page("<p>x</p>", Look::DESK).await;
    page.runs_no_foreign_script().await;
    for script in ["window.__xss = 1", "setTimeout(() => alert(1))", "document.title = 'pwned'"] {
        page.at("/").await;
        page.run(script, vec![]).await;
        page.until("the script", async || fails(page.runs_no_foreign_script()).await.then_some(()))
            .await;
        // Nothing else can be done while a dialog is open.
        let _ = page.driver().accept_alert().await;
    }
    page.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn text_that_changes_its_surroundings_is_found() {
    let reversed = "\u{202e}txt.exe";
    let page = page(&format!("<p><span>{reversed}</span> was banned</p>"), Look::DESK).await;
    assert!(fails(page.shows_as_text(reversed)).await);
    page.close().await;
}
