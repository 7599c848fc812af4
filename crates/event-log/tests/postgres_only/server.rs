//! Holding the log up, cutting its connections, and a wire that can be cut.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use event_log::postgres::{PostgresLog, PostgresLogConfig};
use sqlx::{Connection, PgConnection};
use testing::{Database, eventually};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

pub(crate) async fn connect(database: &Database) -> PostgresLog {
    let config = PostgresLogConfig::new(&database.url);
    PostgresLog::connect(config).await.expect("the log is there")
}

/// The lock of `log.append`. Until it is released or dropped, no append gets further.
pub(crate) struct Held(PgConnection);

impl Held {
    pub(crate) async fn take(database: &Database) -> Self {
        let mut connection = PgConnection::connect(&database.owner_url).await.unwrap();
        sqlx::query("SELECT pg_advisory_lock(4918273650)").execute(&mut connection).await.unwrap();
        Self(connection)
    }

    pub(crate) async fn release(self) {
        self.0.close().await.unwrap();
    }
}

/// Waits until this many backends stand before the lock of `log.append`; answers their ids.
pub(crate) async fn blocked(database: &Database, count: usize) -> Vec<i32> {
    eventually("appends to stand before the lock", async || {
        let pids: Vec<i32> = sqlx::query_scalar(
            "SELECT pid FROM pg_stat_activity
             WHERE datname = current_database() AND wait_event = 'advisory'",
        )
        .fetch_all(&database.owner)
        .await
        .unwrap();
        (pids.len() == count).then_some(pids)
    })
    .await
}

pub(crate) async fn terminate(database: &Database, pids: &[i32]) {
    sqlx::query("SELECT pg_terminate_backend(pid) FROM unnest($1) AS pid")
        .bind(pids)
        .execute(&database.owner)
        .await
        .unwrap();
}

/// How many transactions have appended.
pub(crate) async fn transactions(database: &Database) -> i64 {
    sqlx::query_scalar("SELECT count(DISTINCT xmin::text) FROM log.events")
        .fetch_one(&database.owner)
        .await
        .unwrap()
}

/// A wire to the server that can be muted, so that answers are lost, and cut.
pub(crate) struct Wire {
    pub(crate) url: String,
    mute: Arc<AtomicBool>,
    cuts: watch::Sender<Cuts>,
}

#[derive(Clone, Copy, Default)]
struct Cuts {
    /// A connection ends when this is no longer what it was at its start.
    count: u32,
    refuse: bool,
}

impl Wire {
    pub(crate) async fn to(database: &Database) -> Self {
        let (before, rest) = database.url.split_once('@').expect("user@server");
        let (server, path) = rest.split_once('/').expect("server/database");
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("{before}@{}/{path}", listener.local_addr().unwrap());
        let (mute, cuts) = (Arc::new(AtomicBool::new(false)), watch::Sender::default());
        tokio::spawn(accept(listener, server.to_owned(), Arc::clone(&mute), cuts.subscribe()));
        Self { url, mute, cuts }
    }

    /// From now on, what the server says is lost.
    pub(crate) fn mute(&self) {
        self.mute.store(true, Ordering::SeqCst);
    }

    /// Ends every connection and refuses new ones.
    pub(crate) fn cut(&self) {
        self.cuts.send_modify(|cuts| *cuts = Cuts { count: cuts.count + 1, refuse: true });
    }

    /// New connections work as if nothing had been.
    pub(crate) fn mend(&self) {
        self.mute.store(false, Ordering::SeqCst);
        self.cuts.send_modify(|cuts| cuts.refuse = false);
    }
}

async fn accept(
    listener: TcpListener,
    server: String,
    mute: Arc<AtomicBool>,
    cuts: watch::Receiver<Cuts>,
) {
    while let Ok((client, _)) = listener.accept().await {
        let Cuts { count, refuse } = *cuts.borrow();
        if refuse {
            continue;
        }
        let (server, mute, mut cuts) = (server.clone(), Arc::clone(&mute), cuts.clone());
        tokio::spawn(async move {
            tokio::select! {
                biased;
                _ = cuts.wait_for(|cuts| cuts.count != count) => {}
                () = carry(client, &server, &mute) => {}
            }
        });
    }
}

async fn carry(client: TcpStream, server: &str, mute: &AtomicBool) {
    let Ok(server) = TcpStream::connect(server).await else { return };
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    let answers = async {
        let mut buffer = [0; 4096];
        while let Ok(length @ 1..) = from_server.read(&mut buffer).await {
            if !mute.load(Ordering::SeqCst) && to_client.write_all(&buffer[..length]).await.is_err()
            {
                break;
            }
        }
    };
    tokio::select! {
        _ = tokio::io::copy(&mut from_client, &mut to_server) => {}
        () = answers => {}
    }
}
