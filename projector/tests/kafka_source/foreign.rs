//! Records that no relay of ours has sent, and events that no projection can take.

use events::ban::RevokeCause;
use projector::kafka::message::Message;
use projector::projections::Bans;
use projector::{Retried, retry_parked};
use serde_json::{Value, json};
use testing::eventually;

use crate::history::{AT, ban, ban_id, end, metadata};
use crate::keys::master;
use crate::member::{assert_true_to_the_log, reached};
use crate::tables::{query, rows};
use crate::topic::note;
use crate::world::World;

#[tokio::test]
async fn an_event_that_cannot_be_taken_is_parked_with_its_stream() {
    let world = World::create(3).await;
    let (history, pool) = (&world.history, world.pool());
    let stream = ban_id("stream", "a", 1).stream();
    history.tell(AT, Some("moderator"), ban("stream", "a", 1)).await;
    history.tell_raw(&stream, "BanForgotten", "{}", metadata(AT, None)).await;
    history.tell(AT, Some("moderator"), ban("stream", "b", 1)).await;
    history.tell(AT, Some("moderator"), end("stream", "a", 1, RevokeCause::Manual)).await;
    let member = world.member();
    reached(pool, world.relay().await).await;
    history.tell(AT, Some("moderator"), ban("stream", "a", 2)).await;
    reached(pool, world.relay().await).await;
    member.stop().await;
    // Whoever takes the partition over knows of it.
    history.tell(AT, Some("moderator"), end("stream", "a", 2, RevokeCause::Manual)).await;
    history.tell(AT, Some("moderator"), ban("stream", "c", 1)).await;
    let member = world.member();
    reached(pool, world.relay().await).await;

    let parked = query(pool, "SELECT projection, position FROM projections.parked").await;
    let expected: Vec<Value> = ["bans", "history", "reports", "statistics"]
        .iter()
        .flat_map(|name| [2, 4, 5, 6].map(|at| json!({"projection": name, "position": at})))
        .collect();
    assert_eq!(parked, json!(expected));
    assert_true_to_the_log(pool, world.log().as_ref()).await;
    let retried = retry_parked(pool, world.log().as_ref(), &master(), &Bans).await.unwrap();
    assert_eq!(retried, Retried { projection: "bans", applied: 0, left: 4 });
    member.stop().await;
}

#[tokio::test]
async fn what_is_no_event_of_the_log_is_put_aside_and_shown() {
    let world = World::create(1).await;
    let (history, topic, pool) = (&world.history, &world.topic, world.pool());
    history.tell(AT, Some("moderator"), ban("stream", "a", 1)).await;
    world.relay().await;
    topic.send_raw("stream", Some("hello"), &[]);
    topic.send_raw("stream", None, &[("ce_id", "nothing"), ("ce_position", "1")]);
    // A forgery that would make all that follows look old.
    let event = world.log().read_all(event_log::Position::START, 1).await.unwrap().events.remove(0);
    let mut forged = serde_json::to_value(Message::published(event).unwrap()).unwrap();
    forged["position"] = json!("9000000000000000000");
    topic.send_raw("stream", Some(&forged.to_string()), &[]);
    history.tell(AT, Some("moderator"), ban("stream", "b", 1)).await;
    world.relay().await;
    let member = world.member();

    reached(pool, world.head().await).await;

    assert_true_to_the_log(pool, world.log().as_ref()).await;
    let foreign = "SELECT record_offset, reason FROM projections.foreign_records
        WHERE projection = 'bans'";
    let expected = json!([
        {"record_offset": 1, "reason": "its value is no event: expected value at line 1 column 1"},
        {"record_offset": 2, "reason": "it has no value"},
        {"record_offset": 3, "reason": "the log has no such position"},
    ]);
    assert_eq!(query(pool, foreign).await, expected);
    eventually("health to count them", async || {
        let report = member.health.report();
        let detail = &report.get("partitions")?.detail;
        (detail["bans"]["foreignRecords"] == json!(3)).then_some(())
    })
    .await;
    member.stop().await;
    assert_eq!(rows(pool, "parked").await, json!([]));
}

#[tokio::test]
async fn a_record_that_cannot_be_read_but_names_its_event_is_read_in_the_log() {
    let world = World::create(1).await;
    let position = world.history.tell(AT, Some("moderator"), ban("stream", "a", 1)).await;
    let event = world.log().read_all(event_log::Position::START, 1).await.unwrap().events.remove(0);
    let headers = [("ce_id", event.id.to_string()), ("ce_position", position.to_string())];
    let headers = headers.each_ref().map(|(key, value)| (*key, value.as_str()));
    world.topic.send_raw("stream", Some("{\"in\": \"a form to come\"}"), &headers);
    note(world.pool(), world.log().as_ref(), position).await;
    let member = world.member();

    reached(world.pool(), position).await;

    assert_true_to_the_log(world.pool(), world.log().as_ref()).await;
    assert_eq!(rows(world.pool(), "foreign_records").await, json!([]));
    assert_eq!(rows(world.pool(), "bans").await.as_array().unwrap().len(), 1);
    member.stop().await;
}
