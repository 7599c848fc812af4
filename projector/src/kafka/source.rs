//! Projections fed by Kafka: the partitions of `moderation.events.v1` are shared out among all
//! processes that do this, and each lands the events of its own.
//!
//! Each projection has a consumer group of its own, as it has a lock and a checkpoint of its own in
//! [`run()`](crate::run()): one that fails, is rebuilt or is of another version then holds nobody else
//! up, and leaves its partitions to those who can go on.
//!
//! [`crate::partitions`] tells why nothing is lost and nothing doubled, whatever the brokers do. The
//! brokers only say who is to do which part of the work; if two believe in the same part, one of them
//! finds that the rows have moved.

mod board;
mod group;
mod horizon;
mod landing;
mod member;
mod record;
mod share;
mod texts;
mod topic;

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use event_log::Position;
use sqlx::PgConnection;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::error::{ProjectorError, chain};
use crate::partitions::{self, Ledger};
use crate::patience::{BEHIND_A_PAGE, PROMPT, within};
use crate::projection::Projection;
use crate::run::{self, Backoff, Projector, STAND_BY, Tries};
use crate::schema::Schema;
use crate::tables::Tables;

use super::config::KafkaConfig;
use board::{Board, Place};
use group::Group;
use horizon::{Horizon, Relayed};
use member::Member;
use topic::Topic;

/// How long the end of the work may take for the sake of the groups, which are left in good order.
const LEAVING: Duration = Duration::from_secs(8);

/// What every member of this process needs.
#[derive(Clone)]
struct Feed {
    projector: Projector,
    config: KafkaConfig,
    topic: Topic,
    relayed: Relayed,
    horizon: watch::Receiver<Option<Horizon>>,
    board: Board,
}

/// Keeps `projections` in step with the topic of all events until `shutdown`, as [`run()`](crate::run())
/// does with the log; but here all processes that do this are at work, each on its share.
pub(super) async fn run(
    projector: Projector,
    config: KafkaConfig,
    projections: Vec<Arc<dyn Projection>>,
    shutdown: CancellationToken,
) {
    let board = Board::default();
    board.register(&projector.health);
    let Some(topic) = topic(&config, &shutdown).await else { return };
    let relayed = Relayed::new(projector.pool.clone(), Arc::clone(&projector.reader));
    let (shows, horizon) = watch::channel(None);
    let mut tasks = JoinSet::new();
    tasks.spawn(run::monitored(projector.clone()));
    let (looked, asked) = (relayed.clone(), topic.clone());
    tasks.spawn(run::restarted("horizon", move || {
        horizon::watch(looked.clone(), asked.clone(), shows.clone())
    }));
    let feed = Feed { projector, config, topic, relayed, horizon, board };
    let mut members = JoinSet::new();
    for projection in projections {
        let (feed, shutdown) = (feed.clone(), shutdown.clone());
        members.spawn(run::restarted("projection", move || {
            keep(feed.clone(), Arc::clone(&projection), shutdown.clone())
        }));
    }
    shutdown.cancelled().await;
    let left = async { while members.join_next().await.is_some() {} };
    if tokio::time::timeout(LEAVING, left).await.is_err() {
        members.shutdown().await;
    }
    tasks.shutdown().await;
}

/// A client to ask about the topic, as soon as one can be made; `None` when told to stop meanwhile.
async fn topic(config: &KafkaConfig, shutdown: &CancellationToken) -> Option<Topic> {
    let mut backoff = Backoff::default();
    loop {
        match Topic::new(config) {
            Ok(topic) => return Some(topic),
            Err(error) => {
                tracing::error!(error = chain(&error), "no client of Kafka can be made");
                let pause = tokio::time::sleep(backoff.next());
                shutdown.run_until_cancelled(pause).await?;
            }
        }
    }
}

/// Is a member of the projection's group for as long as it can, until `shutdown`.
async fn keep(feed: Feed, projection: Arc<dyn Projection>, shutdown: CancellationToken) {
    let name = projection.name();
    let mut group = None;
    let work = work(&feed, projection.as_ref(), &mut group);
    shutdown.run_until_cancelled(work).await;
    metrics::gauge!("docket_projection_active", "projection" => name).set(0.0);
    if let Some(group) = group {
        group.leave().await;
    }
}

async fn work(feed: &Feed, projection: &dyn Projection, group: &mut Option<Group>) -> Infallible {
    let name = projection.name();
    let place = feed.board.place(name);
    let mut tries = Tries::new(&feed.projector, projection);
    // What an older program could not take, this one may: once.
    let mut retry = true;
    loop {
        metrics::gauge!("docket_projection_active", "projection" => name).set(0.0);
        let Err(error) = hold(feed, projection, &place, group, &mut retry, &mut tries).await;
        let pause = tries.failed(&error);
        let useless = match &error {
            ProjectorError::Fenced(_) => {
                tracing::info!(projection = name, "changed by another process, read anew");
                false
            }
            error => {
                tracing::warn!(projection = name, error = chain(error), ?pause, "member stopped");
                let stays = matches!(error, ProjectorError::Repartitioned { .. });
                if stays {
                    place.idle(&error.to_string(), false);
                }
                stays || matches!(error, ProjectorError::Outdated { .. })
            }
        };
        // Whoever cannot work leaves the work to others.
        if (useless || group.as_ref().is_some_and(Group::is_dead))
            && let Some(group) = group.take()
        {
            group.leave().await;
        }
        tokio::time::sleep(pause).await;
    }
}

/// Takes a share of the projection and keeps its tables in step, until something fails.
async fn hold(
    feed: &Feed,
    projection: &dyn Projection,
    place: &Place,
    group: &mut Option<Group>,
    retry: &mut bool,
    tries: &mut Tries,
) -> Result<Infallible, ProjectorError> {
    let Feed { projector, config, topic, relayed, horizon, .. } = feed;
    let mut connection = run::up_to_date(projector, projection).await?;
    stand_by(&mut connection, projection, place, group).await?;
    run::retry_once(projector, projection, &mut connection, retry).await?;
    // A member that was stopped amid a transaction holds rows that others wait for.
    let limit = sqlx::query("SET idle_in_transaction_session_timeout = '10s'");
    within(PROMPT, limit.execute(&mut connection)).await?;
    let count = topic.partitions().await?;
    let ledger = ledger(&mut connection, projection, count).await?;
    let tables = within(PROMPT, Tables::open(projection, connection, &projector.master)).await?;
    let group = if let Some(group) = group {
        group
    } else {
        let ends = topic.ends(count).await?;
        group.insert(Group::join(config, &config.group(projection.name()), &ends)?)
    };
    let name = projection.name();
    metrics::gauge!("docket_projection_active", "projection" => name).set(1.0);
    tracing::info!(projection = name, topic = topic.name(), "member at work");
    let mut member = Member {
        group,
        topic,
        reader: projector.reader.as_ref(),
        relayed,
        horizon: horizon.clone(),
        place,
        tables,
        fence: ledger.fence,
        partitions: count,
        shares: BTreeMap::new(),
        head: Position::START,
        told: BTreeMap::new(),
        foreign: 0,
    };
    member.work(tries).await
}

/// Waits until nobody feeds the projection from the log.
async fn stand_by(
    connection: &mut PgConnection,
    projection: &dyn Projection,
    place: &Place,
    group: &mut Option<Group>,
) -> Result<(), ProjectorError> {
    let mut told = false;
    while !within(PROMPT, Schema::Live.try_lock_shared(connection, projection)).await? {
        if !std::mem::replace(&mut told, true) {
            const WHY: &str = "standing by: a projector that reads the log is at work";
            tracing::info!(projection = projection.name(), "{WHY}");
            place.idle(WHY, true);
            if let Some(group) = group.take() {
                group.leave().await;
            }
        }
        tokio::time::sleep(STAND_BY).await;
    }
    Ok(())
}

/// What the tables know of the `count` partitions of the topic.
async fn ledger(
    connection: &mut PgConnection,
    projection: &dyn Projection,
    count: i32,
) -> Result<Ledger, ProjectorError> {
    let (name, known) = (projection.name(), projection.version());
    let mut ledger = within(PROMPT, partitions::read(connection, projection)).await?;
    if ledger.is_none() {
        within(BEHIND_A_PAGE, partitions::begin(connection, projection, count)).await?;
        ledger = within(PROMPT, partitions::read(connection, projection)).await?;
    }
    let ledger = ledger.ok_or(ProjectorError::Fenced(name))?;
    if ledger.version != known {
        return Err(ProjectorError::Outdated { name, stored: ledger.version, known });
    }
    let (made, found) = (ledger.marks.len(), usize::try_from(count).unwrap_or_default());
    if !ledger.marks.keys().copied().eq(0..count) {
        return Err(ProjectorError::Repartitioned { name, made, found });
    }
    Ok(ledger)
}
