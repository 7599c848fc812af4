//! The builder is killed again and again, also between the witness and the table.

use std::collections::BTreeMap;
use std::process::Stdio;
use std::sync::Arc;

use event_log::tree::{Edge, Hash};
use sqlx::PgPool;
use testing::{Database, eventually};
use tokio::process::{Child, Command};
use tokio_util::sync::CancellationToken;

use crate::history::{AT, History, ban};
use crate::world::{Keys, ORIGIN, events, leaves, note, signed, size_of, verified, witnessed};

const KILLS: u64 = 20;

#[tokio::test(flavor = "multi_thread")]
async fn no_checkpoint_contradicts_another_whenever_it_is_killed() {
    let database = Database::create().await;
    put_a_gate_before_the_table(&database).await;
    let history = Arc::new(History::stored(&database).await);
    let (keys, enough) = (Keys::new(ORIGIN), CancellationToken::new());
    let telling = tokio::spawn(tell(Arc::clone(&history), enough.clone()));
    let watching = tokio::spawn(watch(database.pool.clone(), keys.public.clone(), enough.clone()));
    let mut given_out = 0;
    for kill in 1..=KILLS {
        let mut projector = start(&database, &keys);
        let wanted = size_of(&database.pool).await + 1 + kill * 7;
        eventually("some growth", async || (size_of(&database.pool).await >= wanted).then_some(()))
            .await;
        if kill % 2 == 0 {
            projector.kill().await.unwrap();
        } else {
            given_out =
                kill_between_witness_and_table(&database.pool, &keys, projector, given_out).await;
        }
    }
    enough.cancel();
    let all = telling.await.unwrap();
    let last = start(&database, &keys);
    signed(&database.pool, all, &keys.public).await;
    drop(last);

    let seen = watching.await.unwrap();
    let leaves = leaves(&events(history.reader().as_ref()).await);
    let (mut edge, mut done) = (Edge::default(), 0);
    for (size, root) in &seen {
        let size = usize::try_from(*size).unwrap();
        edge.grow(leaves[done..size].iter().copied());
        done = size;
        assert_eq!(*root, edge.root().unwrap(), "of {size}");
    }
    println!("{all} events, {KILLS} kills, {} checkpoints", seen.len());
}

/// Whoever holds this lock keeps checkpoints from being given out.
const GATE: i64 = 7_000_001;

async fn put_a_gate_before_the_table(database: &Database) {
    let statement = format!(
        "CREATE FUNCTION tree.gate() RETURNS trigger LANGUAGE plpgsql AS $$
         BEGIN PERFORM pg_advisory_xact_lock({GATE}); RETURN NEW; END $$;
         CREATE TRIGGER gate BEFORE UPDATE OF checkpoint ON tree.head
             FOR EACH ROW EXECUTE FUNCTION tree.gate()"
    );
    sqlx::raw_sql(sqlx::AssertSqlSafe(statement)).execute(&database.owner).await.unwrap();
}

/// The worst moment: the witness has a checkpoint, and nobody was given it yet. Comes once one larger than
/// `before` was given out; answers the size of what was given out last.
async fn kill_between_witness_and_table(
    pool: &PgPool,
    keys: &Keys,
    mut projector: Child,
    before: u64,
) -> u64 {
    let newest = async || Some(verified(&note(pool).await?, &keys.public).unwrap().size());
    eventually("a newer checkpoint", async || newest().await.filter(|size| *size > before)).await;
    let mut held = pool.begin().await.unwrap();
    let close = sqlx::query("SELECT pg_advisory_xact_lock($1)").bind(GATE);
    close.execute(&mut *held).await.unwrap();
    let given_out = newest().await.unwrap();
    eventually("a witness that is ahead", async || {
        (witnessed(&keys.witness()).size() > given_out).then_some(())
    })
    .await;
    projector.kill().await.unwrap();
    // Its statement waits in the server, and would be done still.
    sqlx::query(
        "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity
         WHERE application_name = 'docket reactor tree' AND datname = current_database()",
    )
    .execute(pool)
    .await
    .unwrap();
    held.rollback().await.unwrap();
    assert_eq!(newest().await.unwrap(), given_out);
    given_out
}

/// Every checkpoint that was ever given out, until one of all that was told was.
async fn watch(pool: PgPool, public: String, enough: CancellationToken) -> BTreeMap<u64, Hash> {
    let (mut seen, mut last) = (BTreeMap::new(), 0);
    loop {
        let over = enough.is_cancelled();
        if let Some(note) = note(&pool).await {
            let checkpoint = verified(&note, &public).unwrap();
            assert!(checkpoint.size() >= last, "{} after {last}", checkpoint.size());
            last = checkpoint.size();
            let known = *seen.entry(last).or_insert(*checkpoint.hash());
            assert_eq!(known, *checkpoint.hash(), "two of {last}");
        }
        let told: i64 =
            sqlx::query_scalar("SELECT count(*) FROM log.events").fetch_one(&pool).await.unwrap();
        if over && last == told.unsigned_abs() {
            return seen;
        }
        tokio::task::yield_now().await;
    }
}

/// Tells one event after the other; how many.
async fn tell(history: Arc<History>, enough: CancellationToken) -> u64 {
    let mut told = 0;
    while !enough.is_cancelled() {
        history.tell(AT, Some("moderator"), ban("stream", &format!("user-{told}"), 1)).await;
        told += 1;
    }
    told
}

fn start(database: &Database, keys: &Keys) -> Child {
    Command::new(env!("CARGO_BIN_EXE_projector"))
        .arg("run")
        .env("DATABASE_URL", &database.url)
        .env_remove("EVENT_LOG")
        .env_remove("PROJECTOR_SOURCE")
        .env_remove("KAFKA_BROKERS")
        .env("MASTER_KEY_FILE", crate::keys::FILE)
        .env("LOG_KEY_FILE", keys.file())
        .env("CHECKPOINT_WITNESS", keys.witness())
        .env("CHECKPOINT_INTERVAL", "0")
        .env("LISTEN", "127.0.0.1:0")
        .env("LOG", "warn")
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .unwrap()
}
