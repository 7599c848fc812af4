//! Texts that are withheld from the topic are in the rows all the same.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use event_log::{LogError, LogReader, Page, Position, RecordedEvent, StreamName};
use events::ban::{BanCreated, BanEvent};
use events::report::{Decision, ReportType};
use events::{Event, Reason};
use projector::kafka::message::Message;
use projector::{digests, rebuild};
use serde_json::{Value, json};
use testing::wait_until;

use crate::history::{AT, banned, file, review};
use crate::keys::master;
use crate::member::{Member, assert_true_to_the_log, reached};
use crate::tables::{query, rows};
use crate::topic::note;
use crate::world::World;

/// Tells a ban, a report and a review with texts.
async fn tell_texts(world: &World, live_stream: &str) {
    let reason = Reason::parse("Spam").unwrap();
    let ban = BanCreated { reason, ..banned(live_stream, "banned", 1) };
    let history = &world.history;
    history.tell(AT, Some("moderator"), Event::Ban(BanEvent::Created(ban))).await;
    history.tell(AT, Some("reporter"), file(live_stream, "reporter", 1, ReportType::Other)).await;
    let reviewed = review((live_stream, "reporter", 1), Decision::Resolved, Some("Seen"), false);
    history.tell(AT, Some("staff"), reviewed).await;
}

/// The texts in the tables, each once.
async fn texts(world: &World) -> Value {
    let texts = "SELECT DISTINCT reason, description, admin_notes, user_agent, ip_address
        FROM projections.bans FULL JOIN projections.reports USING (live_stream_id)";
    query(world.pool(), texts).await
}

/// What they are.
fn told() -> Value {
    json!([{
        "reason": "Spam", "description": "İyi değil 🎭", "admin_notes": "Seen",
        "user_agent": "Allmine/7.1", "ip_address": "203.0.113.7",
    }])
}

#[tokio::test]
async fn the_rows_are_those_that_the_log_makes() {
    let world = World::create(3).await;
    for nth in 0..20 {
        tell_texts(&world, &format!("stream-{nth}")).await;
    }
    let member = world.member();
    reached(world.pool(), world.relay().await).await;
    assert_eq!(texts(&world).await, told());
    assert_true_to_the_log(world.pool(), world.log().as_ref()).await;
    let fed = digests(world.pool()).await.unwrap();
    for projection in projector::all() {
        let (log, projection) = (world.log(), projection.as_ref());
        rebuild(world.pool(), log.as_ref(), &master(), projection).await.unwrap();
    }
    assert_eq!(digests(world.pool()).await.unwrap(), fed);
    member.stop().await;
}

/// A log that is away at times.
struct Away {
    log: Arc<dyn LogReader>,
    away: AtomicBool,
}

impl Away {
    fn there(&self) -> Result<&dyn LogReader, LogError> {
        if self.away.load(Ordering::SeqCst) {
            return Err(LogError::Unavailable(Arc::new(std::io::Error::other("cable cut"))));
        }
        Ok(self.log.as_ref())
    }
}

#[async_trait]
impl LogReader for Away {
    async fn read_streams(
        &self,
        streams: &[StreamName],
    ) -> Result<Vec<Vec<RecordedEvent>>, LogError> {
        self.there()?.read_streams(streams).await
    }

    async fn read_all(&self, after: Position, limit: u32) -> Result<Page, LogError> {
        self.there()?.read_all(after, limit).await
    }

    async fn head(&self) -> Result<Position, LogError> {
        self.there()?.head().await
    }

    async fn wait_past(&self, position: Position, timeout: Duration) -> Result<bool, LogError> {
        self.there()?.wait_past(position, timeout).await
    }
}

#[tokio::test]
async fn a_log_that_is_away_holds_up_those_alone_who_show_texts() {
    let world = World::create(3).await;
    let log = Arc::new(Away { log: world.log(), away: AtomicBool::new(false) });
    let member = Member::start(world.pool(), log.clone(), world.config());
    tell_texts(&world, "stream").await;
    let before = world.relay().await;
    reached(world.pool(), before).await;

    log.away.store(true, Ordering::SeqCst);
    tell_texts(&world, "another").await;
    let head = world.relay().await;
    for name in ["history", "statistics"] {
        wait_until(world.pool(), name, head.0).await;
    }
    let waiting = "SELECT name, position FROM projections.checkpoints
        WHERE name IN ('bans', 'reports')";
    let at = |name: &str| json!({"name": name, "position": before.0});
    assert_eq!(query(world.pool(), waiting).await, json!([at("bans"), at("reports")]));

    log.away.store(false, Ordering::SeqCst);
    reached(world.pool(), head).await;
    assert_eq!(texts(&world).await, told());
    assert_eq!(rows(world.pool(), "parked").await, json!([]));
    assert_true_to_the_log(world.pool(), world.log().as_ref()).await;
    member.stop().await;
}

/// A record as earlier versions relayed it.
fn unwithheld(event: RecordedEvent) -> Message {
    Message {
        id: event.id,
        event_type: event.event_type,
        schema_version: event.schema_version,
        stream: event.stream,
        version: event.version,
        position: event.position.to_string(),
        recorded_at: event.recorded_at.into(),
        data: event.data,
        metadata: event.metadata,
    }
}

#[tokio::test]
async fn records_of_earlier_versions_are_taken_as_they_are() {
    let mut world = World::create(3).await;
    world.history.keys = None;
    tell_texts(&world, "stream").await;
    let events = world.log().read_all(Position::START, 9).await.unwrap().events;
    for event in events {
        let record = serde_json::to_string(&unwithheld(event)).unwrap();
        assert!(!record.contains("withheld"), "{record}");
        world.topic.send_raw("stream", Some(&record), &[]);
    }
    note(world.pool(), world.log().as_ref(), world.head().await).await;
    let member = world.member();
    reached(world.pool(), world.head().await).await;
    assert_eq!(texts(&world).await, told());

    // The same log, gone on with by this version.
    world.history.keys = Some(world.pool().clone());
    tell_texts(&world, "another").await;
    reached(world.pool(), world.relay().await).await;
    assert_eq!(texts(&world).await, told());
    assert_true_to_the_log(world.pool(), world.log().as_ref()).await;
    member.stop().await;
}

#[tokio::test]
async fn a_record_whose_texts_the_log_does_not_hold_is_put_aside() {
    let world = World::create(1).await;
    tell_texts(&world, "stream").await;
    let event = world.log().read_all(Position::START, 1).await.unwrap().events.remove(0);
    let id = ulid::Ulid::from_parts(7, 7);
    let forged = Message::published(RecordedEvent { id, ..event }).unwrap();
    let forged = serde_json::to_string(&forged).unwrap();
    world.topic.send_raw("stream", Some(&forged), &[]);
    let member = world.member();
    let shown = "SELECT projection, record_offset, reason FROM projections.foreign_records
        WHERE projection = 'bans'";
    let expected = json!([{
        "projection": "bans", "record_offset": 0,
        "reason": "the log holds another event at its position",
    }]);
    testing::eventually("it to be put aside", async || {
        (query(world.pool(), shown).await == expected).then_some(())
    })
    .await;
    assert_eq!(rows(world.pool(), "bans").await, json!([]));
    assert_eq!(rows(world.pool(), "parked").await, json!([]));
    member.stop().await;
}
