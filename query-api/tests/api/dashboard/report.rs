//! The page of a report.

use events::report::{Decision, ReportType};
use serde_json::json;
use testing::World;

use crate::support::{ADMIN, CREATOR, NewBan, NewReport, STAFF, Stage, VIEWER};

#[tokio::test]
async fn staff_sees_all_of_it() {
    let stage = Stage::new().await;
    let new = NewReport {
        kind: ReportType::Other,
        description: Some("hidden camera"),
        ..NewReport::default()
    };
    let id = stage.report(new).await;
    let other = NewReport { reporter: World::OTHER_VIEWER, ..NewReport::default() };
    let other = stage.report(other).await;
    let elsewhere = NewReport { stream: World::OTHER_STREAM, ..NewReport::default() };
    let elsewhere = stage.report(elsewhere).await;
    let at = "2026-01-15T11:30:00.000Z";
    stage.review(id, Decision::Resolved, Some("banned him"), false, at).await;
    let page = stage.page(STAFF, &format!("/dashboard/reports/{id}")).await;
    for text in [
        "hidden camera",
        "<span class=\"tag green\">Resolved</span>",
        "<bdi>staff</bdi> resolved it on <time datetime=\"2026-01-15T11:30:00.000Z\">",
        "<bdi>viewer</bdi>",
        "<bdi>creator</bdi>",
        "<dt>Was then</dt><dd>Preparing",
        "<dt>Is now</dt><dd>On air</dd>",
        "<bdi>banned him</bdi>",
        "203.0.113.7",
        "Allmine/3.1 (iPhone)",
        "<dd>ios</dd>",
        "because of: <a href=\"#filed\">Report filed</a>",
        "name=\"archived\" value=\"true\"",
        &format!("/dashboard/bans/new?liveStream={}&#38;report={id}", World::STREAM),
    ] {
        page.shows(text);
    }
    let section = |title: &str| page.html.find(title).unwrap();
    let (of_stream, of_person) =
        (section("Other reports of this live stream"), section("Other reports of this person"));
    let link = |id| page.html.rfind(&format!("/dashboard/reports/{id}\"")).unwrap();
    assert!(of_stream < link(other) && link(other) < of_person && of_person < link(elsewhere));
    // A decision is final.
    assert!(!page.html.contains("value=\"rejected\""));
}

#[tokio::test]
async fn a_ban_that_it_led_to_stands_in_what_happened() {
    let stage = Stage::new().await;
    let id = stage.report(NewReport::default()).await;
    let ban = stage.ban(NewBan { user: World::OTHER_VIEWER, ..NewBan::default() }).await;
    stage.page(STAFF, "/dashboard/queue").await;
    let caused = sqlx::query("UPDATE projections.bans SET report_id = $1").bind(id.to_string());
    caused.execute(stage.pool()).await.unwrap();
    let page = stage.page(STAFF, &format!("/dashboard/reports/{id}")).await;
    page.shows(&format!("<li id=\"ban-{ban}\">"));
    page.shows("<strong>Blocked</strong>");
}

#[tokio::test]
async fn whoever_filed_it_sees_less_and_others_nothing() {
    let stage = Stage::new().await;
    let id = stage.report(NewReport::default()).await;
    let at = "2026-01-15T11:30:00.000Z";
    stage.review(id, Decision::Rejected, Some("nothing there"), false, at).await;
    let path = format!("/dashboard/reports/{id}");
    let page = stage.page(VIEWER, &path).await;
    page.shows("Rejected");
    for hidden in ["nothing there", "<bdi>staff</bdi>", "/review", "Other reports", "bans/new"] {
        assert!(!page.html.contains(hidden), "{hidden} in {}", page.html);
    }
    assert_eq!(stage.page(CREATOR, &path).await.status, 404);
    assert_eq!(stage.page(STAFF, "/dashboard/reports/x").await.status, 404);
    assert_eq!(stage.page(STAFF, "/dashboard/reports/0123456789abcdef01230001").await.status, 404);
}

#[tokio::test]
async fn the_whole_history_is_for_those_who_may_read_it_and_that_is_recorded() {
    let stage = Stage::new().await;
    let id = stage.report(NewReport::default()).await;
    stage.review(id, Decision::UnderReview, None, false, "2026-01-15T11:20:00.000Z").await;
    stage.review(id, Decision::Resolved, None, false, "2026-01-15T11:30:00.000Z").await;
    let path = format!("/dashboard/reports/{id}");
    let reads = async || -> Vec<(String, serde_json::Value)> {
        let reads = sqlx::query_as("SELECT route, filter FROM audit.reads");
        reads.fetch_all(&stage.database.owner).await.unwrap()
    };
    let page = stage.page(STAFF, &path).await;
    assert!(!page.html.contains("The whole history"), "{}", page.html);
    assert_eq!(reads().await, []);
    let page = stage.page(ADMIN, &path).await;
    page.shows("The whole history");
    assert_eq!(page.html.matches("<tr id=\"event-").count(), 3);
    let asked = json!({"path": {"id": id.to_string()}, "query": {}});
    assert_eq!(reads().await, [("/dashboard/reports/{id}".to_owned(), asked)]);
}
