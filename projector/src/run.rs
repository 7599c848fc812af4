//! Keeping the tables in step with the log, for as long as the process lives.

mod backoff;
mod monitor;
mod tries;

use std::convert::Infallible;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use event_log::{LogId, LogReader};
use futures_util::FutureExt;
use sealing::MasterKeys;
use service::{Health, Progress, SharedClock};
use sqlx::{Connection, PgConnection, PgPool};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::error::{ProjectorError, chain};
use crate::patience::{BEHIND_A_PAGE, PROMPT, within};
use crate::projection::Projection;
use crate::rebuild::rebuild_with;
use crate::retry::retry_parked;
use crate::schema::Schema;
use crate::session::Session;
use crate::{checkpoint, partitions};
pub(crate) use backoff::Backoff;
pub(crate) use monitor::{CHECK, INTERVAL, PATIENCE, UNREADABLE, age};
pub(crate) use tries::Tries;

/// How often a stand-by looks whether the projection is free.
pub(crate) const STAND_BY: Duration = Duration::from_millis(250);

/// How long to wait for news of the log before looking whether the database is still there.
pub(crate) const IDLE: Duration = Duration::from_secs(5);

/// What projections are made from, and where.
#[derive(Clone)]
pub struct Projector {
    /// Where the tables are. The projections open connections of their own, made like this pool's.
    pub pool: PgPool,
    /// The log.
    pub reader: Arc<dyn LogReader>,
    /// They open the keys of persons, and those the texts that tables show.
    pub master: MasterKeys,
    /// Tells how old what is still to be done is.
    pub clock: SharedClock,
    /// Is told how far each projection is.
    pub health: Health,
}

impl std::fmt::Debug for Projector {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Projector").finish_non_exhaustive()
    }
}

/// Keeps `projections` in step with the log until `shutdown`, through every outage of either and
/// every panic. Of many processes that do this one is at work on each projection and the others
/// stand by.
pub async fn run(
    projector: Projector,
    projections: Vec<Arc<dyn Projection>>,
    shutdown: CancellationToken,
) {
    let mut tasks = JoinSet::new();
    tasks.spawn(monitored(projector.clone()));
    for projection in projections {
        let projector = projector.clone();
        let keep = move || keep(projector.clone(), Arc::clone(&projection));
        tasks.spawn(restarted("projection", keep));
    }
    shutdown.cancelled().await;
    // A page that is cut off is rolled back, and landed by whoever comes next.
    tasks.shutdown().await;
}

/// Tells health and metrics how far the projections are, for ever.
pub(crate) fn monitored(projector: Projector) -> impl Future<Output = Infallible> {
    restarted("monitor", move || monitor::watch(projector.clone()))
}

/// Does a task that does not end before it is told to, and begins it again after a panic: one that was
/// gone for good would leave tables that stand still in a process that seems to be well.
pub(crate) async fn restarted<F: Future>(task: &'static str, begin: impl Fn() -> F) -> F::Output {
    let mut backoff = Backoff::default();
    loop {
        // All that a task has is made anew, so it does not matter what the panic broke.
        if let Ok(done) = AssertUnwindSafe(begin()).catch_unwind().await {
            return done;
        }
        let pause = backoff.next();
        tracing::error!(task, ?pause, "a task panicked, and begins again");
        tokio::time::sleep(pause).await;
    }
}

/// Holds the projection, and takes it again whenever it is lost.
async fn keep(projector: Projector, projection: Arc<dyn Projection>) -> Infallible {
    let name = projection.name();
    // A panic may have left it at work.
    metrics::gauge!("docket_projection_active", "projection" => name).set(0.0);
    let mut tries = Tries::new(&projector, projection.as_ref());
    // What an older program could not take, this one may: once.
    let mut retry = true;
    loop {
        let held = hold(&projector, projection.as_ref(), &mut retry, &mut tries).await;
        let Err(error) = held;
        metrics::gauge!("docket_projection_active", "projection" => name).set(0.0);
        let pause = tries.failed(&error);
        if let ProjectorError::Fenced(_) = error {
            tracing::info!(projection = name, "taken over or changed by another process");
        } else {
            tracing::warn!(projection = name, error = chain(&error), ?pause, "projection stopped");
        }
        tokio::time::sleep(pause).await;
    }
}

/// Waits until the projection is free, takes it and keeps its tables in step, until something
/// fails.
async fn hold(
    projector: &Projector,
    projection: &dyn Projection,
    retry: &mut bool,
    tries: &mut Tries,
) -> Result<Infallible, ProjectorError> {
    let (name, reader) = (projection.name(), &projector.reader);
    let mut connection = up_to_date(projector, projection).await?;
    stand_by(&mut connection, projection).await?;
    retry_once(projector, projection, &mut connection, retry).await?;
    while !within(BEHIND_A_PAGE, partitions::end(&mut connection, projection)).await? {
        tracing::info!(projection = name, "was fed by partitions, which stand unevenly");
        make_anew(projector, projection).await?;
    }
    let claim = Session::claim(Schema::Live, projection, connection, &projector.master);
    let mut session = within(BEHIND_A_PAGE, claim).await?;
    metrics::gauge!("docket_projection_active", "projection" => name).set(1.0);
    tracing::info!(projection = name, position = %session.position(), "projection at work");
    loop {
        let before = session.position();
        let caught_up = session.catch_up(reader.as_ref(), None).await;
        // Pages that landed before it failed count: each failure is then the first of its kind.
        if caught_up.is_ok() || session.position() > before {
            tries.worked();
        }
        caught_up?;
        if !within(IDLE + PROMPT, reader.wait_past(session.position(), IDLE)).await? {
            within(PROMPT, session.connection().ping()).await?;
        }
    }
}

/// A connection to the live tables, which were made from this log by this program's version of the
/// projection or a newer one.
pub(crate) async fn up_to_date(
    projector: &Projector,
    projection: &dyn Projection,
) -> Result<PgConnection, ProjectorError> {
    let Projector { pool, reader, .. } = projector;
    let mut connection = Schema::Live.connect(pool, projection).await?;
    let stored = within(PROMPT, checkpoint::stored_version(&mut connection, projection)).await?;
    if stored.is_some_and(|stored| stored < projection.version()) {
        // An older program may be at work on the present tables meanwhile.
        make_anew(projector, projection).await?;
    }
    let log_id = within(BEHIND_A_PAGE, LogId::read(reader.as_ref())).await?;
    let disowned = checkpoint::disown_unless_of(&mut connection, projection, log_id.as_ref());
    if within(BEHIND_A_PAGE, disowned).await? {
        tracing::warn!(projection = projection.name(), "was made from another event log");
        make_anew(projector, projection).await?;
    }
    Ok(connection)
}

/// Makes the tables anew, which may take a while.
async fn make_anew(
    projector: &Projector,
    projection: &dyn Projection,
) -> Result<(), ProjectorError> {
    let progress = Progress::lines(format!("rebuild {}", projection.name()));
    let Projector { pool, reader, master, .. } = projector;
    rebuild_with(pool, reader.as_ref(), master, projection, &progress).await.map(drop)
}

/// Takes in what was parked, once in the life of a process, by whoever has the lock; provided that the
/// tables are of the right version.
pub(crate) async fn retry_once(
    projector: &Projector,
    projection: &dyn Projection,
    connection: &mut PgConnection,
    retry: &mut bool,
) -> Result<(), ProjectorError> {
    let (name, known) = (projection.name(), projection.version());
    let stored = within(PROMPT, checkpoint::stored_version(connection, projection)).await?;
    if let Some(stored) = stored.filter(|stored| *stored != known) {
        return Err(ProjectorError::Outdated { name, stored, known });
    }
    if *retry {
        let Projector { pool, reader, master, .. } = projector;
        retry_parked(pool, reader.as_ref(), master, projection).await?;
        *retry = false;
    }
    Ok(())
}

/// Waits until nobody else is at work on the projection.
async fn stand_by(
    connection: &mut PgConnection,
    projection: &dyn Projection,
) -> Result<(), ProjectorError> {
    let live = Schema::Live;
    let mut told = false;
    while !within(PROMPT, live.try_lock(connection, projection)).await? {
        // That another one of our kind is at work is as it should be.
        if !std::mem::replace(&mut told, true)
            && within(PROMPT, live.try_lock_shared(connection, projection)).await?
        {
            within(PROMPT, live.unlock_shared(connection, projection)).await?;
            let projection = projection.name();
            tracing::warn!(projection, "standing by: projectors that Kafka feeds are at work");
        }
        tokio::time::sleep(STAND_BY).await;
    }
    Ok(())
}
