//! The queue: what is shown of it to whom, and what comes in live.

mod live;

use events::ReportId;
use events::report::{Decision, ReportType};
use testing::World;

use super::HOSTILE;
use crate::support::{ADMIN, AUDITOR, CREATOR, NewReport, STAFF, Stage, VIEWER};

const QUEUE: &str = "/dashboard/queue";

/// Where the line of a report stands in a page.
fn place(html: &str, id: ReportId) -> Option<usize> {
    html.find(&format!("id=\"report-{id}\""))
}

fn by<'a>(stream: &'a str, reporter: &'a str, at: &'a str) -> NewReport<'a> {
    NewReport { reporter, stream, at, ..NewReport::default() }
}

#[tokio::test]
async fn open_reports_stand_under_their_live_streams() {
    let stage = Stage::new().await;
    let hate = by(World::STREAM, "one", "2026-01-15T11:00:00.000Z");
    let hate = stage.report(NewReport { kind: ReportType::HateSpeech, ..hate }).await;
    let held = stage.report(by(World::STREAM, "two", "2026-01-15T11:30:00.000Z")).await;
    stage.review(held, Decision::UnderReview, None, false, "2026-01-15T11:40:00.000Z").await;
    let other = stage.report(by(World::OTHER_STREAM, "one", "2026-01-15T11:15:00.000Z")).await;
    let decided = stage.report(by(World::STREAM, "three", "2026-01-15T10:00:00.000Z")).await;
    stage.review(decided, Decision::Resolved, None, false, "2026-01-15T10:40:00.000Z").await;

    let page = stage.page(STAFF, QUEUE).await;
    page.shows("2 live streams with open reports");
    page.shows("<strong>2 open reports</strong>");
    page.shows("<strong>1 open report</strong>");
    page.shows("oldest 1 h ago");
    page.shows("<li class=\"tag\">Hate speech <b>1</b></li>");
    page.shows("<bdi>staff</bdi> has had it since <time datetime=\"2026-01-15T11:40:00.000Z\">");
    let at = |id| place(&page.html, id);
    assert!(at(hate) < at(held) && at(held) < at(other) && at(decided).is_none());

    let newest = stage.page(STAFF, &format!("{QUEUE}?sort=newest")).await.html;
    let at = |id| place(&newest, id);
    assert!(at(held) < at(hate) && at(hate) < at(other));
}

#[tokio::test]
async fn filters_are_a_form_whose_empty_fields_ask_for_nothing() {
    let stage = Stage::new().await;
    let spam = stage.report(by(World::STREAM, "one", "2026-01-15T11:00:00.000Z")).await;
    let hate = by(World::OTHER_STREAM, "one", "2026-01-15T11:15:00.000Z");
    let hate = stage.report(NewReport { kind: ReportType::HateSpeech, ..hate }).await;
    for (query, shown) in [
        ("type=&status=&sort=oldest&liveStreamId=".to_owned(), [true, true]),
        ("type=hate_speech&status=&liveStreamId=".to_owned(), [false, true]),
        ("status=under_review".to_owned(), [false, false]),
        (format!("liveStreamId=+{}+", World::STREAM), [true, false]),
        ("isArchived=true".to_owned(), [false, false]),
    ] {
        let page = stage.page(STAFF, &format!("{QUEUE}?{query}")).await;
        let found = [spam, hate].map(|id| place(&page.html, id).is_some());
        assert_eq!((page.status, found), (200, shown), "{query}");
    }
    for query in ["status=resolved", "type=x", "cursor=x", "liveStreamId=a%00b", "sort=x"] {
        assert_eq!(stage.page(STAFF, &format!("{QUEUE}?{query}")).await.status, 400, "{query}");
    }
}

#[tokio::test]
async fn of_many_reports_and_many_live_streams_there_are_pages() {
    let stage = Stage::new().await;
    for nth in 0..22 {
        let (reporter, at) = (format!("u{nth:02}"), format!("2026-01-15T11:00:{nth:02}.000Z"));
        stage.report(by(World::STREAM, &reporter, &at)).await;
    }
    for nth in 0..10 {
        stage.report(by(&format!("s{nth}"), "u1", "2026-01-15T11:30:00.000Z")).await;
    }
    let page = stage.page(STAFF, &format!("{QUEUE}?type=spam_or_scam")).await;
    let lines = |html: &str| html.matches("data-report=").count();
    assert_eq!(lines(&page.html), 20 + 9);
    let more = format!("{QUEUE}?type=spam_or_scam&#38;liveStreamId={}", World::STREAM);
    page.shows(&format!("<a href=\"{more}\">All 22 reports of this live stream</a>"));
    let next = page.html.split("rel=\"next\" href=\"").nth(1).unwrap().split('"').next().unwrap();
    let second = stage.page(STAFF, &next.replace("&#38;", "&")).await;
    assert_eq!(lines(&second.html), 1);
    assert!(!second.html.contains("rel=\"next\""));
    let all = stage.page(STAFF, &more.replace("&#38;", "&")).await;
    assert_eq!(lines(&all.html), 22);
}

#[tokio::test]
async fn it_is_for_staff() {
    let stage = Stage::new().await;
    for (who, status) in [(STAFF, 200), (ADMIN, 200), (AUDITOR, 403), (CREATOR, 403), (VIEWER, 403)]
    {
        for path in [QUEUE, "/dashboard/queue/live"] {
            if status == 403 || path == QUEUE {
                assert_eq!(stage.page(who, path).await.status, status, "{who:?} {path}");
            }
        }
    }
}

#[tokio::test]
async fn texts_of_others_are_shown_as_text() {
    let stage = Stage::new().await;
    for (nth, text) in HOSTILE.into_iter().enumerate() {
        for change in [
            "UPDATE directory.live_streams SET title = $1 WHERE id = $2",
            "UPDATE directory.users SET username = $1 WHERE id = $2",
        ] {
            let id = if change.contains("users") { World::VIEWER } else { World::STREAM };
            let change = sqlx::query(change).bind(text).bind(id);
            change.execute(&stage.database.owner).await.unwrap();
        }
        let at = format!("2026-01-15T10:00:0{nth}.000Z");
        let new = NewReport { description: Some(text), at: &at, ..NewReport::default() };
        // One that is open can be filed again only once it is decided.
        let id = stage.report(new).await;
        for path in [QUEUE.to_owned(), format!("/dashboard/reports/{id}")] {
            let page = stage.page(STAFF, &path).await;
            page.shows_as_text(text);
            assert!(!page.html.contains("<script>"), "{path}");
        }
        stage.review(id, Decision::Rejected, Some(text), false, &at).await;
        stage.page(STAFF, &format!("/dashboard/reports/{id}")).await.shows_as_text(text);
    }
}

#[tokio::test]
async fn what_cannot_be_sent_is_told() {
    let stage = Stage::new().await;
    let id = stage.report(NewReport::default()).await;
    let review = format!("/dashboard/reports/{id}/review");
    let form = [("status", "under_review"), ("next", QUEUE)];
    // No command API listens here.
    let page = stage.submit(STAFF, &review, &form).await;
    assert_eq!((page.status, page.header("location")), (303, QUEUE));
    assert!(page.cookies()[0].starts_with("docket_notice="), "{:?}", page.cookies());
    let away = [("status", "resolved"), ("next", "https://example.org/")];
    assert_eq!(stage.submit(STAFF, &review, &away).await.header("location"), "/dashboard");
    for (path, form, status) in [
        ("/dashboard/reports/x/review", form, 404),
        (&*review, [("status", "pending"), ("next", QUEUE)], 422),
    ] {
        assert_eq!(stage.submit(STAFF, path, &form).await.status, status, "{path}");
    }
    let bulk = "/dashboard/queue/bulk";
    let report = id.to_string();
    let page = stage.submit(STAFF, bulk, &[("report", &report), ("status", "resolved")]).await;
    page.shows("0 reports were reviewed. 1 was refused.");
    let none = stage.submit(STAFF, bulk, &[("status", "resolved")]).await;
    assert_eq!((none.status, none.header("location")), (303, QUEUE));
}
