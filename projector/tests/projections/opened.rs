//! Sealed texts in the tables, and what does not open.

use std::sync::Arc;

use event_log::{LogReader, Position, RecordedEvent};
use events::ban::{BanCreated, BanEvent};
use events::report::{Decision, ReportType};
use events::{Event, Metadata, PersonalField, Reason};
use projector::{digests, rebuild, retry_parked};
use sealing::MasterKeys;
use serde_json::{Value, json};
use sqlx::PgPool;
use testing::{Database, eventually, wait_until};

use crate::history::{AT, History, ban, ban_id, banned, file, metadata, review};
use crate::keys::master;
use crate::running::{Running, assert_true_to_the_log, caught_up, project};
use crate::tables::{execute, query, rows};

/// A ban with a reason.
pub(crate) fn ban_for(live_stream: &str, user: &str, reason: &str) -> Event {
    let reason = Reason::parse(reason).unwrap();
    Event::Ban(BanEvent::Created(BanCreated { reason, ..banned(live_stream, user, 1) }))
}

/// Every text that the tables show, and whose it is.
pub(crate) async fn texts(pool: &PgPool) -> Value {
    let bans = "SELECT target_user_id AS of, reason FROM projections.bans";
    let reports = "SELECT reporter_id AS of, description, admin_notes, user_agent, ip_address
        FROM projections.reports";
    json!([query(pool, bans).await, query(pool, reports).await])
}

/// Sealed in the log of a database: a ban, a report and its review, each with all that it can tell.
async fn told() -> (Database, History) {
    let database = Database::create().await;
    let history = History::new().sealing(&database);
    history.tell(AT, Some("moderator"), ban_for("stream", "banned", "Spam 🤬")).await;
    history.tell(AT, Some("reporter"), file("stream", "reporter", 1, ReportType::Other)).await;
    let reviewed = review(("stream", "reporter", 1), Decision::Resolved, Some("Seen"), false);
    history.tell(AT, Some("staff"), reviewed).await;
    (database, history)
}

#[tokio::test]
async fn sealed_texts_are_opened_in_the_tables() {
    let (database, history) = told().await;
    let logged = history.log.read_all(Position::START, 9).await.unwrap().events;
    let stored: String = logged.iter().flat_map(|e| [e.data.get(), e.metadata.get()]).collect();
    assert!(!stored.contains("Spam") && !stored.contains("Seen") && !stored.contains("203.0"));
    project(&database, &history).await;

    let expected = json!([
        [{"of": "banned", "reason": "Spam 🤬"}],
        [{
            "of": "reporter", "description": "İyi değil 🎭", "admin_notes": "Seen",
            "user_agent": "Allmine/7.1", "ip_address": "203.0.113.7",
        }],
    ]);
    assert_eq!(texts(&database.pool).await, expected);
    assert_eq!(rows(&database.pool, "parked").await, json!([]));
    assert_true_to_the_log(&database.pool, history.log.as_ref()).await;
    let before = digests(&database.pool).await.unwrap();
    for projection in projector::all() {
        let (log, projection) = (history.log.as_ref(), projection.as_ref());
        rebuild(&database.pool, log, &master(), projection).await.unwrap();
    }
    assert_eq!(digests(&database.pool).await.unwrap(), before);
}

/// The metadata of the event at `position`.
async fn metadata_at(log: &dyn LogReader, position: Position) -> Metadata {
    let found: Vec<RecordedEvent> = log.read_at(&[position]).await.unwrap();
    serde_json::from_str(found[0].metadata.get()).unwrap()
}

#[tokio::test]
async fn a_text_that_was_moved_or_changed_is_parked_and_its_neighbours_go_on() {
    let (database, history) = told().await;
    let sealed = metadata_at(history.log.as_ref(), Position(1)).await.sealed;
    // The same text in the event of another ban of the same person.
    let moved = Metadata { sealed, ..metadata(AT, Some("moderator")) };
    let data = ban("stream", "banned", 2).encode().unwrap().data;
    let data = data.get().replace("\"stream\"", "\"other\"");
    history.tell_raw("ban-moved", "BanCreated", &data, moved).await;
    let broken = [(PersonalField::Reason, serde_json::from_value(json!("no key")).unwrap())];
    let broken = Metadata { sealed: broken.into(), ..metadata(AT, Some("moderator")) };
    let data = ban("stream", "another", 1).encode().unwrap().data;
    history.tell_raw("ban-broken", "BanCreated", data.get(), broken).await;
    history.tell(AT, Some("moderator"), ban_for("stream", "neighbour", "Abuse")).await;
    project(&database, &history).await;

    let reason = "its reason cannot be opened: a sealed text does not fit its key or its place";
    let parked = "SELECT projection, position, reason FROM projections.parked";
    let row = |position: u64| json!({"projection": "bans", "position": position, "reason": reason});
    assert_eq!(query(&database.pool, parked).await, json!([row(4), row(5)]));
    let bans = json!([
        {"of": "banned", "reason": "Spam 🤬"},
        {"of": "neighbour", "reason": "Abuse"},
    ]);
    assert_eq!(texts(&database.pool).await[0], bans);
    let log = history.log.as_ref();
    let retried = retry_parked(&database.pool, log, &master(), &projector::projections::Bans).await;
    assert_eq!(retried.unwrap().left, 2);
}

#[tokio::test]
async fn an_unknown_master_key_stops_who_needs_it_and_parks_nothing() {
    let (database, history) = told().await;
    let file = tempfile::NamedTempFile::new().unwrap();
    let other = MasterKeys::generate("other").unwrap();
    std::fs::write(&file, &other).unwrap();
    let keys = MasterKeys::open(file.path()).unwrap();
    let running = Running::keyed(&database.pool, history.reader(), keys);
    wait_until(&database.pool, "statistics", 3).await;
    let told = eventually("health to tell of it", async || {
        let mut report = running.health.report();
        let both = ["keys of bans", "keys of reports"].map(|name| report.remove(name));
        let [Some(bans), Some(reports)] = both else { return None };
        (report.keys().all(|name| !name.starts_with("keys"))).then_some([bans, reports])
    })
    .await;
    for check in told {
        let detail = check.detail.as_str().unwrap();
        assert!(!check.ok && detail.starts_with("it stands still: a key"), "{detail}");
    }
    assert_eq!(texts(&database.pool).await, json!([[], []]));
    assert_eq!(rows(&database.pool, "parked").await, json!([]));

    // The operator puts it in, and it goes on by itself.
    std::fs::write(&file, other + include_str!("../master.key")).unwrap();
    caught_up(&database.pool, history.log.as_ref()).await;
    eventually("health to be well", async || {
        running.health.report().values().all(|check| check.ok).then_some(())
    })
    .await;
    assert_eq!(texts(&database.pool).await[0][0]["reason"], "Spam 🤬");
    running.stop().await;
    assert_true_to_the_log(&database.pool, history.log.as_ref()).await;
}

#[tokio::test]
async fn a_key_that_was_tampered_with_is_never_taken_for_erased() {
    let (database, history) = told().await;
    let change =
        "UPDATE privacy.subject_keys SET wrapped = set_byte(wrapped, 20, get_byte(wrapped, 20) # 1)
        WHERE subject = 'banned'";
    execute(&database.pool, change).await;
    let running = Running::start(&database.pool, history.reader());
    for name in ["reports", "statistics"] {
        wait_until(&database.pool, name, 3).await;
    }
    eventually("health to tell of it", async || {
        running.health.report().get("keys of bans").filter(|check| !check.ok).map(|_| ())
    })
    .await;
    assert_eq!(texts(&database.pool).await[0], json!([]));
    assert_eq!(rows(&database.pool, "parked").await, json!([]));
    let log = history.log.as_ref();
    let bans = Arc::new(projector::projections::Bans);
    let rebuilt = rebuild(&database.pool, log, &master(), bans.as_ref()).await.unwrap_err();
    assert_eq!(rebuilt.to_string(), "personal texts cannot be opened");

    // The same change undoes it.
    execute(&database.pool, change).await;
    caught_up(&database.pool, log).await;
    running.stop().await;
    let id = ban_id("stream", "banned", 1).to_string();
    assert_eq!(rows(&database.pool, "bans").await[0]["id"], id);
}
