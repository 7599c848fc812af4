//! Pages of others, which try to command in the name of who is signed in.

use axum::Router;
use axum::response::Html;
use axum::routing::get;

use crate::page::Look;
use crate::world::World;

/// A page of somebody else that posts a form to `target` as soon as it is shown.
async fn trap(target: &str, fields: &str) -> String {
    let html = format!(
        "<!doctype html><title>Win a prize</title><link rel=icon href=data:,><form method=post action='{target}'>{fields}</form>
         <script>document.forms[0].submit()</script>"
    );
    testing::serve(Router::new().route("/", get(async move || Html(html)))).await
}

#[tokio::test(flavor = "multi_thread")]
async fn forms_of_other_sites_are_refused() {
    let world = World::start().await;
    let token = world.token("attacker-1", &[]);
    let sign_in = format!("<input name=token value='{token}'>");
    for (path, fields) in [
        ("/dashboard/sign-out", ""),
        ("/dashboard/preferences", "<input name=language value=tr>"),
        // Signing somebody in as somebody else would have them act in the other's name.
        ("/dashboard/sign-in", sign_in.as_str()),
    ] {
        let page = world.open_as("platformModerator", Look::DESK).await;
        let trap = trap(&format!("{}{path}", world.base_url()), fields).await;
        // Another port of the same host is another origin, but the same site to cookies; localhost is another site.
        for site in [trap.clone(), trap.replace("127.0.0.1", "localhost")] {
            page.driver().goto(&site).await.unwrap();
            page.see_text("the request comes from another site").await;
            page.arrives_at(path).await;
            let complaints = page.complaints().await;
            assert!(complaints.iter().any(|one| one.contains("403")), "{complaints:?}");
        }
        // Nothing has changed: the same person is signed in, in the same language.
        page.at("/dashboard").await;
        page.arrives_at("/dashboard/queue").await;
        assert_eq!(page.run("return document.documentElement.lang", vec![]).await, "en");
        let session = page.driver().get_named_cookie("docket_session").await.unwrap();
        assert_eq!(session.value, world.api.token("platformModerator"));
        page.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_other_page_shows_it_in_a_frame() {
    let world = World::start().await;
    let page = world.open(Look::DESK).await;
    let html = format!(
        "<!doctype html><title>x</title><link rel=icon href=data:,><iframe src='{}/dashboard/sign-in'>",
        world.base_url()
    );
    let site = testing::serve(Router::new().route("/", get(async move || Html(html)))).await;
    page.driver().goto(&site).await.unwrap();
    page.until("a complaint of the browser", async || {
        let complaints = page.complaints().await;
        complaints.iter().any(|one| one.contains("frame-ancestors")).then_some(())
    })
    .await;
    page.close().await;
}
