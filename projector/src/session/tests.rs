//! A page lands once, whoever lands it and however often.

use event_log::memory::MemoryLog;
use event_log::{EventLog, Expected, LogReader, NewEvent, RecordedEvent};
use sealing::MasterKeys;
use sqlx::PgPool;
use testing::Database;
use ulid::Ulid;

use super::Session;
use crate::error::ProjectorError;
use crate::land::Land;
use crate::projections::{Bans, Statistics};
use crate::schema::Schema;
use crate::{Digest, Projection, digests};

const CREATED: &str = r#"{"banId": "000102030405060708090001", "liveStreamId": "stream",
    "targetUserId": "viewer", "actionType": "BLOCK"}"#;

const METADATA: &str = r#"{"actor": "moderator", "dialect": "allmine", "correlationId": "c",
    "commandId": "00000000000000000000000000", "occurredAt": "2026-01-15T10:30:00.000Z"}"#;

/// A page of one event.
async fn page() -> Vec<RecordedEvent> {
    let log = MemoryLog::new(chrono::DateTime::default);
    let event = NewEvent {
        id: Ulid::from_parts(0, 1),
        event_type: "BanCreated".to_owned(),
        schema_version: 1,
        data: serde_json::from_str(CREATED).unwrap(),
        metadata: serde_json::from_str(METADATA).unwrap(),
    };
    log.append("ban-00010203040506070809", Expected::NoStream, vec![event]).await.unwrap();
    log.read_all(event_log::Position::START, 1).await.unwrap().events
}

async fn session<'a>(pool: &PgPool, projection: &'a dyn Projection) -> Session<'a> {
    let connection = Schema::Live.connect(pool, projection).await.unwrap();
    let master = MasterKeys::parse(&MasterKeys::generate("test").unwrap()).unwrap();
    Session::claim(Schema::Live, projection, connection, &master).await.unwrap()
}

async fn digest(pool: &PgPool, table: &str) -> Digest {
    digests(pool).await.unwrap()[table].clone()
}

#[tokio::test]
async fn a_page_that_is_landed_again_changes_nothing() {
    let (database, page) = (Database::create().await, page().await);
    for (projection, table) in
        [(&Bans as &dyn Projection, "bans"), (&Statistics, "statistics_hourly")]
    {
        let mut session = session(&database.pool, projection).await;
        let stale = session.checkpoint;
        session.land(&page, None).await.unwrap();
        let once = digest(&database.pool, table).await;
        assert_eq!(once.rows, 1);

        // As after an answer that never came: the session does not know that it landed.
        session.checkpoint = stale;
        let again = session.land(&page, None).await.unwrap_err();

        assert!(matches!(again, ProjectorError::Fenced(_)), "{again:?}");
        assert_eq!(digest(&database.pool, table).await, once);
    }
}

#[tokio::test]
async fn of_two_owners_only_the_later_one_lands() {
    let (database, page) = (Database::create().await, page().await);
    let mut earlier = session(&database.pool, &Bans).await;
    let mut later = session(&database.pool, &Bans).await;

    let fenced = earlier.land(&page, None).await.unwrap_err();
    assert!(matches!(fenced, ProjectorError::Fenced("bans")), "{fenced:?}");
    assert_eq!(digest(&database.pool, "bans").await.rows, 0);

    later.land(&page, None).await.unwrap();
    assert_eq!(digest(&database.pool, "bans").await.rows, 1);
}
