//! The queue before the log, and what is done until each append in it has its answer.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::PostgresLogConfig;
use super::append::{Append, Batch, without_twins};
use super::connections::{self, Connections};
use super::failure::{Failure, log_error};
use crate::batcher::{Batcher, Limits};
use crate::{AppendOutcome, LogError};

/// Appends in one statement.
const BATCH: usize = 512;

/// Bytes of events in one statement: beyond this, larger batches no longer save anything.
const BATCH_BYTES: usize = 256 * 1024;

/// The pause after a failed try. Each is twice as long as the one before it, up to [`LONGEST_PAUSE`].
const FIRST_PAUSE: Duration = Duration::from_millis(20);

/// The longest pause between two tries.
const LONGEST_PAUSE: Duration = Duration::from_millis(500);

type Answer = Result<AppendOutcome, LogError>;

#[derive(Debug)]
pub(super) struct Writer {
    queue: Batcher<Queued, Answer, LogError>,
    connections: Arc<Connections>,
    patience: Duration,
}

#[derive(Debug)]
struct Queued {
    append: Append,
    until: Instant,
}

impl Writer {
    pub(super) fn spawn(config: &PostgresLogConfig) -> Result<Self, LogError> {
        let options = connections::options(&config.url).map_err(log_error)?;
        let connections = Arc::new(Connections::new(options, 1));
        let limits = Limits { queue: config.queue, batch: BATCH, weight: BATCH_BYTES };
        let sending = Arc::clone(&connections);
        let queue = Batcher::spawn_with("appends", limits, move |batch| {
            let connections = Arc::clone(&sending);
            async move { Ok(append_all(&connections, batch).await) }
        });
        Ok(Self { queue, connections, patience: config.patience })
    }

    pub(super) async fn append(&self, append: Append) -> Answer {
        let weight = append.weight();
        let until = Instant::now() + self.patience;
        self.queue.call_weighing(Queued { append, until }, weight).await?
    }

    pub(super) async fn close(&self) {
        self.queue.close().await;
        self.connections.close().await;
    }
}

/// Answers every append of the batch, in order.
async fn append_all(connections: &Connections, batch: Vec<Queued>) -> Vec<Answer> {
    let now = Instant::now();
    let until = batch.iter().map(|queued| queued.until).min().unwrap_or(now);
    let appends: Vec<Append> = batch.into_iter().map(|queued| queued.append).collect();
    let mut pieces = VecDeque::from(without_twins(&appends));
    let mut answers = Vec::with_capacity(appends.len());
    while let Some(piece) = pieces.pop_front() {
        match send(connections, piece, until).await {
            Ok(outcomes) => answers.extend(outcomes),
            // One of them is to blame, and only that one shall suffer: each on its own.
            Err(error) if piece.len() > 1 && Failure::of(&error) == Failure::Refused => {
                for single in piece.chunks(1).rev() {
                    pieces.push_front(single);
                }
            }
            Err(error) => {
                let error = log_error(error);
                answers.extend(piece.iter().map(|_| Err(error.clone())));
            }
        }
    }
    answers
}

/// Sends these appends, again and again while the outcome is unknown: whatever an earlier try has
/// done, the same ids at the same place have it done once.
async fn send(
    connections: &Connections,
    appends: &[Append],
    until: Instant,
) -> Result<Vec<Answer>, sqlx::Error> {
    let mut pause = FIRST_PAUSE;
    loop {
        let sent = connections.run(&Batch(appends)).await;
        match sent {
            Err(error)
                if Failure::of(&error) == Failure::Passing && Instant::now() + pause < until =>
            {
                metrics::counter!("docket_log_resends_total").increment(1);
                tracing::warn!(%error, appends = appends.len(), "the log did not answer; resending");
                tokio::time::sleep(pause).await;
                pause = LONGEST_PAUSE.min(pause * 2);
            }
            sent => return sent,
        }
    }
}
