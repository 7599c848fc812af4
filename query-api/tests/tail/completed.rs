//! What events are completed with.

use std::collections::BTreeMap;

use event_log::Position;
use events::ban::BanEvent;
use events::{Event, PersonalField, Sealed};
use sealing::{Place, store};
use serde_json::value::{RawValue, to_raw_value};
use testing::World;

use crate::scene::{Scene, metadata};

#[tokio::test]
async fn texts_are_opened_and_the_directory_is_asked() {
    let (scene, mut subscription) = Scene::with_subscriber().await;
    let mut keys =
        store::of_subjects(&scene.database.pool, &scene.master, &[World::VIEWER]).await.unwrap();
    let key = keys.remove(World::VIEWER).unwrap();
    let place = Place {
        event_id: scene.next_id().await,
        event_type: "BanCreated",
        schema_version: 1,
        field: "reason",
    };
    let sealed = Sealed::new(key.id(), &key.seal(place, "çok kötü").unwrap());
    scene.ban(World::VIEWER, BTreeMap::from([(PersonalField::Reason, sealed)])).await;
    scene.ban("stranger", BTreeMap::new()).await;
    scene.hand().await;

    let event = subscription.next().await.unwrap();
    let content = event.content.as_ref().unwrap();
    let Event::Ban(BanEvent::Created(created)) = &content.event else { unreachable!() };
    assert_eq!(created.reason.as_ref().map(events::Reason::as_str), Some("çok kötü"));
    assert_eq!(content.metadata, metadata(BTreeMap::new()));
    assert_eq!((event.position, event.event_type.as_str()), (Position(1), "BanCreated"));
    assert_eq!(content.live_stream_id.as_str(), World::STREAM);
    let live_stream = content.live_stream.as_ref().unwrap();
    assert_eq!(live_stream.creator_id.as_str(), World::CREATOR);
    assert_eq!(live_stream.moderator_ids.len(), 2);
    assert_eq!(content.target.as_ref().unwrap().username, World::VIEWER_USERNAME);

    let stranger = subscription.next().await.unwrap();
    assert_eq!(stranger.content.as_ref().unwrap().target, None);
}

#[tokio::test]
async fn the_end_of_a_ban_belongs_where_its_beginning_does() {
    let scene = Scene::new().await;
    scene.tail.begin(Position::START);
    // Nobody hears of it, so nothing of it is remembered.
    let id = scene.ban(World::VIEWER, BTreeMap::new()).await;
    scene.hand().await;
    let mut subscription = scene.tail.subscribe().await;
    scene.revoke(id).await;
    scene.hand().await;

    let event = subscription.next().await.unwrap();
    let content = event.content.as_ref().unwrap();
    assert!(
        matches!(&content.event, Event::Ban(BanEvent::Revoked(revoked)) if revoked.ban_id == id)
    );
    assert_eq!(content.live_stream_id.as_str(), World::STREAM);
    assert_eq!(content.target.as_ref().unwrap().username, World::VIEWER_USERNAME);
}

#[tokio::test]
async fn who_has_been_removed_is_gone_from_the_next_event_on() {
    let (scene, mut subscription) = Scene::with_subscriber().await;
    scene.ban(World::VIEWER, BTreeMap::new()).await;
    scene.hand().await;
    let moderators = async |subscription: &mut query_api::tail::Subscription| {
        let event = subscription.next().await.unwrap();
        let stream = event.content.as_ref().unwrap().live_stream.clone().unwrap();
        stream.moderator_ids.len()
    };
    assert_eq!(moderators(&mut subscription).await, 2);

    let statement = "UPDATE directory.live_streams SET moderator_ids = '{}' WHERE id = $1";
    sqlx::query(statement).bind(World::STREAM).execute(&scene.database.pool).await.unwrap();
    scene.ban(World::OTHER_VIEWER, BTreeMap::new()).await;
    scene.hand().await;
    assert_eq!(moderators(&mut subscription).await, 0);
}

#[tokio::test]
async fn what_cannot_be_read_is_there_all_the_same() {
    let (scene, mut subscription) = Scene::with_subscriber().await;
    let raw = |json: &str| RawValue::from_string(json.to_owned()).unwrap();
    let good = to_raw_value(&metadata(BTreeMap::new())).unwrap();
    let revoked = raw(r#"{"banId": "0123456789abcdef01230001", "cause": "manual"}"#);
    // News from a newer Docket; metadata that are none; and the end of a ban whose beginning nobody can read.
    scene.write_raw("ban-1", "BanShortened", raw("{}"), good.clone()).await;
    scene.write_raw("ban-2", "BanRevoked", revoked.clone(), raw("{}")).await;
    scene.write_raw("ban-3", "BanRevoked", revoked, good).await;
    scene.ban(World::VIEWER, BTreeMap::new()).await;
    scene.hand().await;

    for event_type in ["BanShortened", "BanRevoked", "BanRevoked"] {
        let event = subscription.next().await.unwrap();
        assert_eq!((event.event_type.as_str(), event.content.is_none()), (event_type, true));
    }
    assert!(subscription.next().await.unwrap().content.is_some());
}
