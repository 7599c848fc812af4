//! What changes in the queue, as server-sent events.

use std::collections::BTreeMap;

use event_log::Position;
use events::report::Decision;
use serde_json::Value;
use testing::World;

use super::super::session;
use crate::support::{NewReport, STAFF, Stage, Who};

const LIVE: &str = "/dashboard/queue/live";

/// A connection, and what has come over it.
struct Live {
    response: reqwest::Response,
    text: String,
}

/// An event as a browser would get it.
#[derive(Debug, Default, PartialEq)]
struct Came {
    event: String,
    id: String,
    data: String,
}

impl Came {
    fn of(event: &str) -> Self {
        let mut came = Self::default();
        for line in event.lines() {
            let (name, value) = line.split_once(": ").unwrap_or((line, ""));
            match name {
                "event" => value.clone_into(&mut came.event),
                "id" => value.clone_into(&mut came.id),
                "data" => value.clone_into(&mut came.data),
                _ => {}
            }
        }
        came
    }
}

impl Live {
    async fn open(stage: &Stage, query: &str, headers: &[(&str, &str)]) -> Self {
        let mut request = stage.ask(&format!("{LIVE}{query}")).header("Cookie", session(STAFF));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        assert_eq!(response.headers()["x-accel-buffering"], "no");
        assert!(!response.headers().contains_key("content-encoding"));
        Self { response, text: String::new() }
    }

    /// The next event that has data; `None` at the end.
    async fn next(&mut self) -> Option<Came> {
        loop {
            let came = self.any().await?;
            if !came.data.is_empty() {
                return Some(came);
            }
        }
    }

    /// The position of the next event, which has no data.
    async fn sign_of_life(&mut self) -> Position {
        let came = self.any().await.unwrap();
        assert_eq!((&*came.event, &*came.data), ("", ""));
        came.id.parse().unwrap()
    }

    async fn any(&mut self) -> Option<Came> {
        loop {
            if let Some((event, rest)) = self.text.split_once("\n\n") {
                let came = Came::of(event);
                self.text = rest.into();
                return Some(came);
            }
            let chunk = self.response.chunk().await.ok()??;
            self.text.push_str(std::str::from_utf8(&chunk).unwrap());
        }
    }

    /// What the next event tells: of which reports, where they were filed, and their lines.
    async fn news(&mut self) -> (String, Vec<(String, String, String)>) {
        let came = self.next().await.unwrap();
        assert_eq!(came.event, "reports");
        let news: Vec<Value> = serde_json::from_str(&came.data).unwrap();
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let told = |one: &Value| (text(&one["id"]), text(&one["filed"]), text(&one["html"]));
        (came.id, news.iter().map(told).collect())
    }
}

fn after(stage: &Stage) -> String {
    format!("?after={}", stage.last())
}

#[tokio::test]
async fn what_happens_comes_as_lines_in_the_visitors_language() {
    let stage = Stage::new().await;
    let mut english = Live::open(&stage, &after(&stage), &[]).await;
    let gzip = [("Accept-Language", "tr"), ("Accept-Encoding", "gzip")];
    let mut turkish = Live::open(&stage, &after(&stage), &gzip).await;
    let new = NewReport { description: Some("<b>&\"'"), ..NewReport::default() };
    let id = stage.report(new).await;
    let (position, news) = english.news().await;
    let [(told, filed, html)] = &news[..] else { panic!("{news:?}") };
    let last = stage.last().to_string();
    assert_eq!((&position, told, filed), (&last, &id.to_string(), &last));
    assert!(html.contains("data-status=\"pending\"") && html.contains(">Pending<"), "{html}");
    assert!(html.contains("&#60;b&#62;&#38;&#34;&#39;") && !html.contains("<b>"), "{html}");
    let (_, news) = turkish.news().await;
    assert!(news[0].2.contains(">Bekliyor<"), "{news:?}");

    stage.review(id, Decision::UnderReview, None, false, "2026-01-15T11:30:00.000Z").await;
    let (_, news) = english.news().await;
    let [(_, filed, html)] = &news[..] else { panic!("{news:?}") };
    assert!(filed.is_empty() && html.contains("<bdi>staff</bdi> has had it since"), "{html}");
}

#[tokio::test]
async fn whoever_comes_back_gets_what_was_missed() {
    let stage = Stage::new().await;
    let before = stage.last();
    let first = stage.report(NewReport::default()).await;
    let at_first = stage.last();
    let second = NewReport { reporter: World::OTHER_VIEWER, ..NewReport::default() };
    let second = stage.report(second).await;
    // The page knew nothing; then it did know the first one.
    let mut live = Live::open(&stage, &format!("?after={before}"), &[]).await;
    let (position, news) = live.news().await;
    assert_eq!(position, stage.last().to_string());
    let told: BTreeMap<_, _> = news.into_iter().map(|(id, filed, _)| (id, filed)).collect();
    let filed = [(first, at_first), (second, stage.last())];
    assert_eq!(told, filed.map(|(id, at)| (id.to_string(), at.to_string())).into());
    let last = [("Last-Event-ID", &*at_first.to_string())];
    let mut live = Live::open(&stage, &format!("?after={before}"), &last).await;
    let (_, news) = live.news().await;
    assert_eq!(news.len(), 1);
    assert_eq!(news[0].0, second.to_string());
    // Up to date: what comes next is what happens next.
    let mut live = Live::open(&stage, &after(&stage), &[]).await;
    stage.review(first, Decision::Rejected, None, false, "2026-01-15T11:30:00.000Z").await;
    let (position, news) = live.news().await;
    assert_eq!((position, &*news[0].0), (stage.last().to_string(), &*first.to_string()));
}

#[tokio::test]
async fn what_the_tables_show_late_is_not_missed() {
    let stage = Stage::new().await;
    let mut live = Live::open(&stage, &after(&stage), &[]).await;
    let first = stage.report(NewReport::default()).await;
    assert_eq!(live.news().await.1[0].0, first.to_string());
    // The projector cannot write until this ends.
    let mut lock = stage.database.owner.begin().await.unwrap();
    let held = sqlx::query("LOCK TABLE projections.reports IN EXCLUSIVE MODE");
    held.execute(&mut *lock).await.unwrap();
    let late = NewReport { reporter: World::OTHER_VIEWER, ..NewReport::default() };
    let late = stage.report(late).await;
    let position = live.sign_of_life().await;
    assert!(position < stage.last(), "{position} is told as seen");
    lock.rollback().await.unwrap();
    let (_, news) = live.news().await;
    assert_eq!((news.len(), &*news[0].0), (1, &*late.to_string()));
}

#[tokio::test]
async fn it_ends_with_the_process() {
    let stage = Stage::new().await;
    let mut live = Live::open(&stage, &after(&stage), &[]).await;
    let id = stage.report(NewReport::default()).await;
    assert_eq!(live.news().await.1[0].0, id.to_string());
    stage.shut_down();
    assert_eq!(live.next().await, None);
}

#[tokio::test]
async fn it_ends_with_the_session() {
    let stage = Stage::new().await;
    let mut live = Live::open(&stage, &after(&stage), &[]).await;
    // Tokens of tests are good until 2100.
    stage.clock.set("2100-01-02T00:00:00Z".parse().unwrap());
    // At the next sign of life.
    let came = live.next().await.unwrap();
    assert_eq!(came.event, "end");
    assert_eq!(live.next().await, None);
}

#[tokio::test]
async fn nobody_listens_without_a_session_or_the_role() {
    let stage = Stage::new().await;
    assert_eq!(stage.open_page(LIVE).await.status, 303);
    let nobody = Who(World::STAFF, &[]);
    assert_eq!(stage.page(nobody, LIVE).await.status, 403);
}
