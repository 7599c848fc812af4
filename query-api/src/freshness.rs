//! How far the read models have come (contract §5: `X-Min-Position`, `X-Read-Position`).
//!
//! One task per process listens for the projector's notifications and asks the table of checkpoints
//! every [`POLL`] besides. A request that waits for a position waits on memory, so a thousand of them
//! cost the database nothing.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use event_log::Position;
use sqlx::PgPool;
use sqlx::postgres::PgListener;
use tokio::sync::watch;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep, timeout};
use tokio_util::sync::CancellationToken;
use web::{MinPosition, Problem, Reason};

use crate::App;
use crate::read::checkpoints;

/// The longest that a query waits for the position it was given (contract §5).
pub const MAX_WAIT: Duration = Duration::from_secs(2);
/// The longest that an answer takes once its position is reached: more than a statement may and the
/// wait for a connection, so that it ends only what hangs on a connection that swallows everything.
const MAX_ANSWER: Duration = Duration::from_secs(10);
/// How often the checkpoints are read when no notification comes.
pub const POLL: Duration = Duration::from_millis(250);
/// Tells how far the read model had come.
pub const READ_POSITION: HeaderName = HeaderName::from_static("x-read-position");
/// Where the projector announces `name:position`.
const CHANNEL: &str = "docket_checkpoint";
/// A read of the checkpoints that takes longer than this is given up.
const READ_TIMEOUT: Duration = Duration::from_secs(2);

/// A read model with a checkpoint of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Projection {
    /// Bans.
    Bans,
    /// Reports.
    Reports,
    /// What happened in each hour.
    Statistics,
    /// Every event.
    History,
}

impl Projection {
    /// Every one that queries are answered from.
    pub const ALL: [Self; 4] = [Self::Bans, Self::Reports, Self::Statistics, Self::History];

    /// Its name in the table of checkpoints.
    pub fn name(self) -> &'static str {
        match self {
            Self::Bans => "bans",
            Self::Reports => "reports",
            Self::Statistics => "statistics",
            Self::History => "history",
        }
    }
}

/// The position was not reached within [`MAX_WAIT`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the read model has not reached position {0} yet")]
pub struct TooFarBehind(pub Position);

/// There was no answer within [`MAX_ANSWER`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the read model does not answer")]
struct Silent;

/// The checkpoints as last seen.
#[derive(Debug, Default)]
pub struct Checkpoints {
    seen: watch::Sender<Seen>,
}

#[derive(Debug, Default)]
struct Seen {
    positions: BTreeMap<String, Position>,
    /// When each was last announced.
    announced: BTreeMap<String, Instant>,
    /// When the table was last read.
    at: Option<Instant>,
}

impl Checkpoints {
    /// How far `projection` has come, or further.
    pub fn position(&self, projection: Projection) -> Position {
        self.seen.borrow().position(projection)
    }

    /// How long ago the database last answered; `None` before the first time.
    pub fn age(&self) -> Option<Duration> {
        self.seen.borrow().at.map(|at| at.elapsed())
    }

    /// Waits until `projection` has come to `min`; for ever, when it never does.
    pub async fn reach(&self, projection: Projection, min: Position) {
        // The sender lives in `self`, so the channel cannot close meanwhile.
        let _ = self.seen.subscribe().wait_for(|seen| seen.position(projection) >= min).await;
    }

    /// Takes what the table held some time after `asked`. That may be less than was announced since,
    /// which stands then. Anything else that is less than before is so because the tables were reset.
    fn replace(&self, mut positions: BTreeMap<String, Position>, asked: Instant) {
        self.seen.send_modify(|seen| {
            seen.announced.retain(|_, at| *at >= asked);
            for name in seen.announced.keys() {
                let known = seen.positions.get(name).copied().unwrap_or(Position::START);
                let read = positions.entry(name.clone()).or_insert(known);
                *read = known.max(*read);
            }
            seen.positions = positions;
            seen.at = Some(Instant::now());
        });
    }

    fn announce(&self, payload: &str) {
        let Some((name, position)) = payload.rsplit_once(':') else { return };
        let Ok(position) = position.parse() else { return };
        self.seen.send_modify(|seen| {
            // One that was long under way tells of less than the table has shown since.
            let known = seen.positions.entry(name.to_owned()).or_insert(position);
            *known = position.max(*known);
            seen.announced.insert(name.to_owned(), Instant::now());
        });
    }
}

impl Seen {
    fn position(&self, projection: Projection) -> Position {
        self.positions.get(projection.name()).copied().unwrap_or(Position::START)
    }
}

/// What a query is answered from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReadModel {
    /// The tables of a projection.
    Table(Projection),
    /// The active bans in memory.
    Memory,
}

/// Around every query: waits until `model` has come to `X-Min-Position`, and answers how far it had
/// come in `X-Read-Position`. That is asked before the query runs, so the answer knows of at least as
/// much.
pub async fn keep(
    State((app, model)): State<(App, ReadModel)>,
    MinPosition(min): MinPosition,
    request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let min = min.map_or(Ok(Position::START), |text| text.parse());
    let min = min.map_err(|_| MinPosition::malformed())?;
    let reached = timeout(MAX_WAIT, app.reach(model, min)).await;
    let position = app.position(model);
    let mut response = match reached {
        Ok(()) => timeout(MAX_ANSWER, next.run(request))
            .await
            .unwrap_or_else(|_| Problem::unavailable(Silent).into_response()),
        Err(_) => Problem::from(TooFarBehind(min)).into_response(),
    };
    // Who reads the log itself knows better.
    response.headers_mut().entry(READ_POSITION).or_insert(HeaderValue::from(position.0));
    Ok(response)
}

impl From<TooFarBehind> for Problem {
    fn from(error: TooFarBehind) -> Self {
        let reason = Reason::new("query-too-far-behind").at(MinPosition::HEADER);
        Self::unavailable(error).because(reason)
    }
}

/// Keeps `checkpoints` up to date until `shutdown`. Outlives any outage of the database.
pub async fn follow(checkpoints: Arc<Checkpoints>, pool: PgPool, shutdown: CancellationToken) {
    let both = async { tokio::join!(poll(&checkpoints, &pool), listen(&checkpoints, &pool)) };
    shutdown.run_until_cancelled(both).await;
}

async fn poll(checkpoints: &Checkpoints, pool: &PgPool) {
    let mut ticks = interval(POLL);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut warned = false;
    loop {
        ticks.tick().await;
        let asked = Instant::now();
        match timeout(READ_TIMEOUT, checkpoints::all(pool)).await {
            Ok(Ok(positions)) => {
                checkpoints.replace(positions, asked);
                warned = false;
            }
            // The first failure of an outage is told, not the thousands after it.
            Ok(Err(error)) if !warned => {
                tracing::warn!(error = &error as &dyn std::error::Error, "cannot read checkpoints");
                warned = true;
            }
            Ok(Err(_)) | Err(_) => {}
        }
    }
}

/// Notifications are only a hint: what is missed while the connection is down, the poll finds.
async fn listen(checkpoints: &Checkpoints, pool: &PgPool) {
    loop {
        if let Ok(mut listener) = PgListener::connect_with(pool).await
            && listener.listen(CHANNEL).await.is_ok()
        {
            while let Ok(notification) = listener.recv().await {
                checkpoints.announce(notification.payload());
            }
        }
        sleep(POLL).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(position: u64) -> BTreeMap<String, Position> {
        BTreeMap::from([("bans".to_owned(), Position(position))])
    }

    #[test]
    fn what_was_announced_during_a_read_of_the_table_is_not_taken_back_by_it() {
        let checkpoints = Checkpoints::default();
        let asked = Instant::now();
        checkpoints.announce("bans:7");
        checkpoints.replace(table(5), asked);
        assert_eq!(checkpoints.position(Projection::Bans), Position(7));
        checkpoints.announce("bans:6");
        assert_eq!(checkpoints.position(Projection::Bans), Position(7));
        // The table was read ahead of an announcement.
        checkpoints.replace(table(9), asked);
        assert_eq!(checkpoints.position(Projection::Bans), Position(9));
    }

    #[test]
    fn tables_that_were_reset_are_believed() {
        let checkpoints = Checkpoints::default();
        checkpoints.announce("bans:7");
        checkpoints.replace(table(5), Instant::now() + POLL);
        assert_eq!(checkpoints.position(Projection::Bans), Position(5));
    }
}
