//! Statistics, drawn.

use events::report::{Decision, ReportType};
use testing::World;

use super::HOSTILE;
use crate::support::{ADMIN, AUDITOR, CREATOR, NewBan, NewReport, STAFF, Stage, VIEWER};

const PAGE: &str = "/dashboard/statistics?from=2026-01-13&to=2026-01-15&interval=day";

#[tokio::test]
async fn what_happened_is_drawn_and_told() {
    let stage = Stage::new().await;
    let at = "2026-01-13T10:00:00.000Z";
    let new = NewReport { at, ..NewReport::default() };
    let first = stage.report(new).await;
    stage.report(NewReport { reporter: "two", stream: World::OTHER_STREAM, ..new }).await;
    stage.report(NewReport { reporter: "three", kind: ReportType::Other, ..new }).await;
    stage.review(first, Decision::Resolved, None, false, "2026-01-13T12:00:00.000Z").await;
    stage.ban(NewBan::default()).await;

    let page = stage.page(STAFF, PAGE).await;
    page.shows("<dt>Open</dt><dd>2</dd>");
    page.shows("<dt>Median time to decision</dt><dd>2 h</dd>");
    page.shows("<title>01-13, Filed: 3</title>");
    page.shows("<title>01-13, Decided: 1</title>");
    page.shows("<title>01-15, Blocked: 1</title>");
    page.shows("Reports: Spam or scam");
    page.shows("Reports: Other");
    assert!(!page.html.contains("Reports: Hate speech"), "a chart of nothing");
    // The most reported first; whoever cannot see the drawing reads the table.
    let top = page.html.find("Most reported").unwrap();
    let place = |id: &str| page.html[top..].find(&format!("/dashboard/live-streams/{id}")).unwrap();
    assert!(place(World::STREAM) < place(World::OTHER_STREAM));
    page.shows("<tr><th scope=\"row\">01-13</th><td class=\"number\">3</td><td class=\"number\">1</td></tr>");
}

#[tokio::test]
async fn they_are_for_staff() {
    let stage = Stage::new().await;
    for (who, status) in [(STAFF, 200), (ADMIN, 200), (AUDITOR, 403), (CREATOR, 403), (VIEWER, 403)]
    {
        assert_eq!(stage.page(who, PAGE).await.status, status, "{who:?}");
    }
}

#[tokio::test]
async fn titles_are_shown_as_text() {
    let stage = Stage::new().await;
    for (nth, title) in HOSTILE.into_iter().enumerate() {
        let title_of = "UPDATE directory.live_streams SET title = $1 WHERE id = $2";
        let change = sqlx::query(title_of).bind(title).bind(World::STREAM);
        change.execute(&stage.database.owner).await.unwrap();
        let reporter = format!("reporter-{nth}");
        stage.report(NewReport { reporter: &reporter, ..NewReport::default() }).await;
        stage.page(STAFF, PAGE).await.shows_as_text(title);
    }
}
