//! `access`: may he watch, may he chat, now?

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use chrono::TimeDelta;
use event_log::{LogError, LogReader, NewEvent, Page, Position, RecordedEvent, StreamName};
use events::BanId;
use events::ban::{ActionType, RevokeCause};
use query_api::access::{Access, MAX_STALENESS};
use serde_json::{Value, json};
use testing::{World, eventually};
use tokio::sync::watch;
use ulid::Ulid;

use crate::support::{CREATOR, NewBan, OUTSIDER, STAFF, Stage, VIEWER};

fn path(stream: &str, user: &str) -> String {
    format!("/api/v1/live-streams/{stream}/access/{user}")
}

fn of_the_viewer() -> String {
    path(World::STREAM, World::VIEWER)
}

fn free() -> Value {
    json!({"canWatch": true, "canChat": true, "banId": null, "until": null})
}

#[tokio::test]
async fn a_ban_takes_what_its_type_says_until_it_ends() {
    let stage = Stage::new().await;
    assert_eq!(stage.get(VIEWER, &of_the_viewer()).await.data(), free());

    let block = stage.ban(NewBan::default()).await;
    let blocked =
        json!({"canWatch": false, "canChat": false, "banId": block.to_string(), "until": null});
    let answer = stage.get(VIEWER, &of_the_viewer()).await;
    assert_eq!(answer.header("x-read-position"), stage.last().to_string());
    assert_eq!(answer.data(), blocked);
    // Others, and elsewhere, are free.
    for path in [path(World::STREAM, World::OTHER_VIEWER), path(World::OTHER_STREAM, World::VIEWER)]
    {
        assert_eq!(stage.get(STAFF, &path).await.data(), free());
    }

    stage.revoke(block, RevokeCause::Manual, "2026-01-15T11:30:00.000Z").await;
    assert_eq!(stage.get(VIEWER, &of_the_viewer()).await.data(), free());

    let until = Some("2026-01-15T12:00:10.000Z");
    let new = NewBan { action: ActionType::ChatOnly, expires: until, ..NewBan::default() };
    let mute = stage.ban(new).await;
    let muted =
        json!({"canWatch": true, "canChat": false, "banId": mute.to_string(), "until": until});
    assert_eq!(stage.get(CREATOR, &of_the_viewer()).await.data(), muted);

    stage.revoke(mute, RevokeCause::Superseded, "2026-01-15T11:50:00.000Z").await;
    let again = stage.ban(NewBan::default()).await;
    let data = stage.get(CREATOR, &of_the_viewer()).await.data();
    assert_eq!(data["banId"], json!(again.to_string()));
}

#[tokio::test]
async fn a_ban_is_over_when_the_clock_says_so() {
    let stage = Stage::new().await;
    let until = "2026-01-15T12:00:10.000Z";
    let id = stage.ban(NewBan { expires: Some(until), ..NewBan::default() }).await;
    stage.clock.advance(TimeDelta::milliseconds(9_999));
    let answer = stage.get(VIEWER, &of_the_viewer()).await;
    let banned =
        json!({"canWatch": false, "canChat": false, "banId": id.to_string(), "until": until});
    assert_eq!(answer.body["data"], banned);
    stage.clock.advance(TimeDelta::milliseconds(1));
    let answer = stage.get(VIEWER, &of_the_viewer()).await;
    assert_eq!(answer.body["data"], free());
}

#[tokio::test]
async fn what_is_no_id_is_refused() {
    let stage = Stage::new().await;
    let id = "must be 1 to 128 characters of A-Z a-z 0-9 _ . = -";
    for (path, field) in [
        (path("a%20b", World::VIEWER), "liveStreamId"),
        (path(World::STREAM, "%F0%9F%A6%80"), "userId"),
        (path(World::STREAM, &"x".repeat(129)), "userId"),
    ] {
        let errors = stage.get(STAFF, &path).await.errors(400);
        assert_eq!(errors, json!(["Validation failed", format!("{field}: {id}")]));
    }
}

/// A log that can be cut off, and that remembers where it was first read from.
struct Cable {
    log: Arc<dyn LogReader>,
    cut: Arc<AtomicBool>,
    first: watch::Sender<Option<Position>>,
}

impl Cable {
    fn check(&self) -> Result<(), LogError> {
        if self.cut.load(Ordering::SeqCst) {
            return Err(LogError::Unavailable(Arc::new(std::io::Error::other("cut"))));
        }
        Ok(())
    }
}

#[async_trait]
impl LogReader for Cable {
    async fn read_streams(
        &self,
        streams: &[StreamName],
    ) -> Result<Vec<Vec<RecordedEvent>>, LogError> {
        self.check()?;
        self.log.read_streams(streams).await
    }

    async fn read_all(&self, after: Position, limit: u32) -> Result<Page, LogError> {
        self.check()?;
        // A single event is read to know which log it is.
        if limit > 1 {
            self.first.send_if_modified(|first| first.replace(after).is_none());
        }
        self.log.read_all(after, limit).await
    }

    async fn head(&self) -> Result<Position, LogError> {
        self.check()?;
        self.log.head().await
    }

    async fn wait_past(&self, position: Position, timeout: Duration) -> Result<bool, LogError> {
        self.check()?;
        self.log.wait_past(position, timeout).await
    }
}

#[tokio::test]
async fn what_is_too_old_is_not_told() {
    let cut = Arc::new(AtomicBool::new(false));
    let cable = |log| {
        let cut = Arc::clone(&cut);
        Arc::new(Cable { log, cut, first: watch::Sender::default() }) as Arc<dyn LogReader>
    };
    // Above the second that the log is asked at least every.
    let stage = Stage::with(Access::new(Duration::from_millis(1_500)), cable).await;
    stage.ban(NewBan::default()).await;
    assert_eq!(stage.get(VIEWER, &of_the_viewer()).await.data()["canWatch"], json!(false));

    cut.store(true, Ordering::SeqCst);
    let answer = eventually("access to be refused", async || {
        let answer = stage.get_with(VIEWER, &of_the_viewer(), &[]).await;
        (answer.status.as_u16() != 200).then_some(answer)
    })
    .await;
    assert_eq!(answer.header("retry-after"), "1");
    assert_eq!(answer.errors(503), json!(["Service temporarily unavailable"]));
    let check = &stage.health.report()["access"];
    assert!(!check.ok && check.detail["stalenessSeconds"].as_f64() > Some(1.5), "{check:?}");
    // The tables have their own way to the log.
    assert_eq!(stage.get(STAFF, "/api/v1/live-stream-ban").await.status.as_u16(), 200);

    let missed = NewBan { user: World::OTHER_VIEWER, ..NewBan::default() };
    stage.ban(missed).await;
    cut.store(false, Ordering::SeqCst);
    let answer = stage.get(STAFF, &path(World::STREAM, World::OTHER_VIEWER)).await;
    assert_eq!(answer.data()["canWatch"], json!(false));
    assert!(stage.health.report()["access"].ok);
}

#[tokio::test]
async fn a_start_begins_at_the_table_and_goes_on_with_the_log() {
    let stage = Stage::new().await;
    let until = Some("2026-01-16T00:00:00.000Z");
    let new = NewBan { action: ActionType::ChatOnly, expires: until, ..NewBan::default() };
    let mute = stage.ban(new).await;
    let lifted = stage.ban(NewBan { user: "second", ..NewBan::default() }).await;
    stage.revoke(lifted, RevokeCause::Manual, "2026-01-15T11:30:00.000Z").await;
    testing::wait_until(stage.pool(), "bans", stage.last().0).await;
    let known = stage.last();

    let cable =
        Cable { log: stage.log.clone(), cut: Arc::default(), first: watch::Sender::default() };
    let mut first = cable.first.subscribe();
    let other = stage.another(Access::new(MAX_STALENESS), Arc::new(cable)).await;
    let after = *first.wait_for(Option::is_some).await.unwrap();
    assert_eq!(after, Some(known));

    let muted =
        json!({"canWatch": true, "canChat": false, "banId": mute.to_string(), "until": until});
    stage.ban(NewBan { user: "third", ..NewBan::default() }).await;
    let last = stage.last().to_string();
    let min = [("X-Min-Position", last.as_str())];
    assert_eq!(other.get_with(VIEWER, &of_the_viewer(), &min).await.data(), muted);
    let second = path(World::STREAM, "second");
    assert_eq!(other.get_with(STAFF, &second, &min).await.data(), free());
    let answer = other.get_with(STAFF, &path(World::STREAM, "third"), &min).await;
    assert_eq!(answer.data()["canWatch"], json!(false));
}

#[tokio::test]
async fn of_whom_an_event_cannot_be_read_nothing_is_told() {
    let stage = Stage::new().await;
    stage.ban(NewBan { user: "second", ..NewBan::default() }).await;
    let raw = |json: &str| serde_json::value::RawValue::from_string(json.to_owned()).unwrap();
    let unknown = NewEvent {
        id: Ulid::nil(),
        event_type: "BanShortened".to_owned(),
        schema_version: 1,
        data: raw("{}"),
        metadata: raw("{}"),
    };
    let viewer = World::VIEWER.parse().unwrap();
    let stream = BanId::first(&World::STREAM.parse().unwrap(), &viewer).stream();
    stage.append_raw(&stream, unknown).await;

    let unavailable = json!(["Service temporarily unavailable"]);
    assert_eq!(stage.get(STAFF, &of_the_viewer()).await.errors(503), unavailable);
    // The others are none the worse for it.
    let second = path(World::STREAM, "second");
    assert_eq!(stage.get(STAFF, &second).await.data()["canWatch"], json!(false));
    assert_eq!(stage.get(STAFF, &path(World::STREAM, "third")).await.data(), free());

    // Neither is it forgotten by a start that begins behind it.
    testing::wait_until(stage.pool(), "bans", stage.last().0).await;
    let other = stage.another(Access::new(MAX_STALENESS), stage.log.clone()).await;
    let min = stage.last().to_string();
    let min = [("X-Min-Position", min.as_str())];
    let answer = other.get_with(STAFF, &of_the_viewer(), &min).await;
    assert_eq!(answer.errors(503), unavailable);
    assert_eq!(other.get_with(STAFF, &second, &min).await.data()["canWatch"], json!(false));
}

#[tokio::test]
async fn an_outsider_cannot_ask_for_others() {
    let stage = Stage::new().await;
    stage.ban(NewBan::default()).await;
    let banned = stage.get(OUTSIDER, &of_the_viewer()).await.errors(403);
    let not_banned = stage.get(OUTSIDER, &path(World::STREAM, "second")).await.errors(403);
    assert_eq!(banned, not_banned);
    assert_eq!(stage.get(OUTSIDER, &path(World::STREAM, OUTSIDER.0)).await.data(), free());
}
