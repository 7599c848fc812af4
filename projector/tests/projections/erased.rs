//! Erasures, whatever lands, is rebuilt or verified meanwhile.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use event_log::{LogError, LogReader, Page, Position, RecordedEvent, StreamName};
use events::report::{Decision, ReportType};
use events::{Event, PersonalField};
use projector::projections::{Bans, Reports};
use projector::{ApplyError, LoggedEvent, Projection, digests, rebuild, verify};
use serde_json::{Value, json};
use sqlx::{PgConnection, PgPool};
use testing::{Database, eventually, wait_until};
use tokio::sync::Semaphore;

use crate::history::{AT, History, file, review};
use crate::keys::master;
use crate::opened::{ban_for, texts};
use crate::running::{Running, assert_true_to_the_log, caught_up, project};
use crate::tables::{query, rows};

/// Erases a person.
async fn erase(pool: &PgPool, person: &str) {
    sqlx::query("SELECT privacy.erase(gen_random_uuid(), $1, 'admin', now(), 0)")
        .bind(person)
        .execute(pool)
        .await
        .unwrap();
}

/// Tells a ban, a report and its review, all of which are about `user`.
async fn tell_of(history: &History, live_stream: &str, user: &str) {
    history.tell(AT, Some("moderator"), ban_for(live_stream, user, "Spam")).await;
    history.tell(AT, Some(user), file(live_stream, user, 1, ReportType::Other)).await;
    let reviewed = review((live_stream, user, 1), Decision::UnderReview, Some("Seen"), false);
    history.tell(AT, Some("staff"), reviewed).await;
}

/// What the tables show of somebody who was erased.
fn nothing(user: &str) -> [Value; 2] {
    [
        json!({"of": user, "reason": null}),
        json!({
            "of": user, "description": null, "admin_notes": null, "user_agent": null,
            "ip_address": null,
        }),
    ]
}

/// What they show of anybody else.
fn everything(user: &str) -> [Value; 2] {
    [
        json!({"of": user, "reason": "Spam"}),
        json!({
            "of": user, "description": "İyi değil 🎭", "admin_notes": "Seen",
            "user_agent": "Allmine/7.1", "ip_address": "203.0.113.7",
        }),
    ]
}

/// What they show of two, in the order of both tables.
async fn assert_shown(pool: &PgPool, mut one: [Value; 2], mut other: [Value; 2]) {
    let shown = texts(pool).await;
    for (table, found) in shown.as_array().unwrap().iter().enumerate() {
        let expected = [one[table].take(), other[table].take()];
        let found = found.as_array().unwrap();
        assert_eq!(found.len(), 2, "{shown:#}");
        assert!(expected.iter().all(|row| found.contains(row)), "{shown:#} {expected:?}");
    }
}

#[tokio::test]
async fn what_is_made_anew_after_an_erasure_is_what_the_erasure_left() {
    let database = Database::create().await;
    let history = History::new().sealing(&database);
    tell_of(&history, "stream", "a").await;
    tell_of(&history, "stream", "b").await;
    project(&database, &history).await;
    assert_shown(&database.pool, everything("a"), everything("b")).await;
    erase(&database.pool, "a").await;
    assert_shown(&database.pool, nothing("a"), everything("b")).await;

    let scrubbed = digests(&database.pool).await.unwrap();
    assert_true_to_the_log(&database.pool, history.log.as_ref()).await;
    for projection in projector::all() {
        let (log, projection) = (history.log.as_ref(), projection.as_ref());
        rebuild(&database.pool, log, &master(), projection).await.unwrap();
    }
    assert_eq!(digests(&database.pool).await.unwrap(), scrubbed);
    // A later word about the same report has a key of its own, and leaves the earlier ones erased.
    let decided = review(("stream", "a", 1), Decision::Resolved, Some("Again"), false);
    history.tell(AT, Some("staff"), decided).await;
    project(&database, &history).await;
    let [ban, mut report] = nothing("a");
    report["admin_notes"] = json!("Again");
    assert_shown(&database.pool, [ban, report], everything("b")).await;
    assert_true_to_the_log(&database.pool, history.log.as_ref()).await;
    assert_eq!(rows(&database.pool, "parked").await, json!([]));
}

/// The bans; but each page, its texts open, waits until it may land.
struct Gate {
    reached: Semaphore,
    open: Semaphore,
}

#[async_trait]
impl Projection for Gate {
    fn name(&self) -> &'static str {
        Bans.name()
    }

    fn version(&self) -> i32 {
        Bans.version()
    }

    fn tables(&self) -> &'static [&'static str] {
        Bans.tables()
    }

    fn shows(&self, event: &Event) -> &'static [PersonalField] {
        Bans.shows(event)
    }

    async fn apply(
        &self,
        connection: &mut PgConnection,
        events: &[LoggedEvent],
    ) -> Result<(), ApplyError> {
        self.reached.add_permits(1);
        self.open.acquire().await.unwrap().forget();
        Bans.apply(connection, events).await
    }
}

/// Erasures that wait for whoever writes texts.
const WAITING: &str = "SELECT pid FROM pg_locks
    WHERE locktype = 'advisory' AND mode = 'ExclusiveLock' AND NOT granted
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";

#[tokio::test]
async fn an_erasure_waits_for_the_page_that_is_landing_and_scrubs_it() {
    let database = Database::create().await;
    let history = History::new().sealing(&database);
    let gate = Arc::new(Gate { reached: Semaphore::new(0), open: Semaphore::new(0) });
    let running = Running::with(&database.pool, history.reader(), vec![gate.clone()]);
    let head = history.tell(AT, Some("moderator"), ban_for("stream", "a", "Spam")).await;
    gate.reached.acquire().await.unwrap().forget();
    let pool = database.pool.clone();
    let erasing = tokio::spawn(async move { erase(&pool, "a").await });
    eventually("the erasure to wait", async || {
        (query(&database.owner, WAITING).await != json!([])).then_some(())
    })
    .await;
    gate.open.add_permits(9);
    erasing.await.unwrap();
    wait_until(&database.pool, "bans", head.0).await;

    assert_eq!(texts(&database.pool).await[0], json!([nothing("a")[0]]));
    running.stop().await;
}

/// Statements that wait for a row.
const BLOCKED: &str = "SELECT pid FROM pg_stat_activity
    WHERE datname = current_database() AND wait_event_type = 'Lock'
        AND wait_event IN ('tuple', 'transactionid')";

#[tokio::test]
async fn a_page_without_texts_puts_none_back() {
    let database = Database::create().await;
    let history = History::new().sealing(&database);
    tell_of(&history, "stream", "a").await;
    let running = Running::with(&database.pool, history.reader(), vec![Arc::new(Reports)]);
    wait_until(&database.pool, "reports", 3).await;
    // Both the erasure and the page behind it come while somebody has the row.
    let mut held = database.owner.begin().await.unwrap();
    let locking = sqlx::query("SELECT 1 FROM projections.reports FOR UPDATE");
    locking.execute(&mut *held).await.unwrap();
    let blocked = async |count: usize| {
        eventually("somebody to wait for the row", async || {
            let found = query(&database.owner, BLOCKED).await;
            (found.as_array().unwrap().len() == count).then_some(())
        })
        .await;
    };
    let pool = database.pool.clone();
    let erasing = tokio::spawn(async move { erase(&pool, "a").await });
    blocked(1).await;
    let decided = review(("stream", "a", 1), Decision::Resolved, None, false);
    history.tell(AT, Some("staff"), decided).await;
    blocked(2).await;
    held.rollback().await.unwrap();
    erasing.await.unwrap();
    wait_until(&database.pool, "reports", 4).await;

    assert_eq!(texts(&database.pool).await[1], json!([nothing("a")[1]]));
    assert_eq!(rows(&database.pool, "reports").await[0]["status"], "resolved");
    running.stop().await;
}

/// A log in small pages; as the how-manieth page is read, `person` is erased.
struct Erasing {
    log: Arc<dyn LogReader>,
    pool: PgPool,
    person: String,
    pages: AtomicU64,
    at: u64,
}

impl Erasing {
    fn new(database: &Database, history: &History, person: &str, at: u64) -> Self {
        let (log, pool) = (history.reader(), database.pool.clone());
        Self { log, pool, person: person.to_owned(), pages: AtomicU64::new(0), at }
    }
}

#[async_trait]
impl LogReader for Erasing {
    async fn read_streams(
        &self,
        streams: &[StreamName],
    ) -> Result<Vec<Vec<RecordedEvent>>, LogError> {
        self.log.read_streams(streams).await
    }

    async fn read_all(&self, after: Position, limit: u32) -> Result<Page, LogError> {
        if self.pages.fetch_add(1, Ordering::SeqCst) == self.at {
            erase(&self.pool, &self.person).await;
        }
        self.log.read_all(after, limit.min(10)).await
    }

    async fn head(&self) -> Result<Position, LogError> {
        self.log.head().await
    }

    async fn wait_past(&self, position: Position, timeout: Duration) -> Result<bool, LogError> {
        self.log.wait_past(position, timeout).await
    }
}

/// Rebuilds or verifies the tables of `projection` while `log` erases somebody.
async fn make_anew(pool: &PgPool, log: &Erasing, projection: &dyn Projection, verifying: bool) {
    if verifying {
        let verified = verify(pool, log, &master(), projection).await.unwrap();
        assert_eq!(verified.differing(), [""; 0], "{} was erased at page {}", log.person, log.at);
    } else {
        rebuild(pool, log, &master(), projection).await.unwrap();
    }
}

#[tokio::test]
async fn an_erasure_at_any_moment_of_a_rebuild_or_a_verification_leaves_no_text() {
    const PEOPLE: u64 = 12;
    let database = Database::create().await;
    let history = History::new().sealing(&database);
    // By turns, so that each page shows several people.
    for nth in 0..2 {
        for person in 0..PEOPLE * 4 {
            tell_of(&history, &format!("stream-{nth}"), &format!("user-{person}")).await;
        }
    }
    project(&database, &history).await;
    let (pool, mut person) = (&database.pool, 0);
    for projection in [&Bans as &dyn Projection, &Reports] {
        for verifying in [false, true] {
            let undisturbed = Erasing::new(&database, &history, "nobody", u64::MAX);
            make_anew(pool, &undisturbed, projection, verifying).await;
            let pages = undisturbed.pages.into_inner();
            assert!(pages > PEOPLE, "{pages}");
            for nth in 1..=PEOPLE {
                let (name, at) = (format!("user-{person}"), nth * (pages - 1) / PEOPLE);
                let log = Erasing::new(&database, &history, &name, at);
                make_anew(pool, &log, projection, verifying).await;
                person += 1;
                assert_shows_nothing_of(pool, &name).await;
            }
        }
    }
    assert_true_to_the_log(pool, history.log.as_ref()).await;
}

async fn assert_shows_nothing_of(pool: &PgPool, user: &str) {
    let shown = texts(pool).await;
    for (table, expected) in nothing(user).iter().enumerate() {
        let of = shown[table].as_array().unwrap().iter().filter(|row| row["of"] == user);
        let of: Vec<_> = of.collect();
        assert_eq!(of, [expected; 2], "{user}");
    }
}

/// Tells of one person after the other, each of whom is erased after the first word, while that one lands
/// and the others come.
async fn tell_and_erase(history: Arc<History>, pool: PgPool, teller: usize) {
    for nth in 0..PEOPLE {
        let user = format!("user-{teller}-{nth}");
        history.tell(AT, Some("moderator"), ban_for("first", &user, "Spam")).await;
        tokio::join!(erase(&pool, &user), tell_of(&history, "second", &user));
    }
}

/// How many people each of the tellers tells of.
const PEOPLE: usize = 100;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_text_lands_behind_an_erasure_whatever_lands_meanwhile() {
    let database = Database::create().await;
    let history = Arc::new(History::new().sealing(&database));
    let running = Running::start(&database.pool, history.reader());
    let rebuilding = async {
        for _ in 0..6 {
            for projection in [&Bans as &dyn Projection, &Reports] {
                rebuild(&database.pool, history.log.as_ref(), &master(), projection).await.unwrap();
            }
        }
    };
    let tellers = (0..4).map(|teller| {
        tokio::spawn(tell_and_erase(Arc::clone(&history), database.pool.clone(), teller))
    });
    let tellers: Vec<_> = tellers.collect();
    rebuilding.await;
    for teller in tellers {
        teller.await.unwrap();
    }
    caught_up(&database.pool, history.log.as_ref()).await;

    // A replay opens what the keys that are left open. Whatever else there is has outlived its key.
    assert_true_to_the_log(&database.pool, history.log.as_ref()).await;
    assert_eq!(rows(&database.pool, "parked").await, json!([]));
    // Some words came after the erasure, with a key of their own, and some before.
    let left = "SELECT count(*) AS bans, count(reason) BETWEEN 1 AND count(*) - 1 AS some
        FROM projections.bans";
    let expected = json!([{"bans": PEOPLE * 4 * 2, "some": true}]);
    assert_eq!(query(&database.pool, left).await, expected);
    running.stop().await;
}
