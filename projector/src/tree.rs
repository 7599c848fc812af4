//! The Merkle tree over the log, and the checkpoints that are signed of it.
//!
//! One process at a time follows the log to its end, in its order, and lands the tiles of each page
//! together with the step of its checkpoint. Where there are keys, it signs a checkpoint when the tree has
//! grown, no more often than it is told to ([`CheckpointConfig`]).
//!
//! # What is never signed
//!
//! A checkpoint that contradicts an earlier one, whatever was killed or restored in between. The last one is
//! kept outside the database as well, in the *witness*: a file that is on disk before its checkpoint is given
//! out, which is when it is in the table. Whatever is to be signed must contain the tree of the witness; a log
//! that was restored from a backup does not, and nothing is signed of it until somebody has decided what is
//! to be (`Refusal`).
//!
//! # What a lost commit does
//!
//! Tiles land without waiting for the disk, since the log gives them again. So after a crash of the database the
//! tree may be smaller than the witness for a moment; whether it contains the witness's tree is judged when the
//! log has been read to its end.
//!
//! **Architecture Invariant:** the tree is of the log as it was read when each event was new. It is not made
//! anew when the log has changed behind it, since then it tells what has changed; only under a new origin.

mod begin;
mod config;
mod durable;
mod grow;
mod keys;
pub mod log_key;
mod refusal;
mod rows;
mod sign;
mod standing;
mod witness;

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

pub use config::{CheckpointConfig, CheckpointConfigError, Signing};
pub use keys::KeyError;
pub(crate) use refusal::ANOTHER_LOG;

use crate::error::{ProjectorError, chain};
use crate::patience::{PROMPT, within};
use crate::reactor;
use crate::run::{Backoff, IDLE, Projector, restarted};
use grow::Tree;
use sign::Signer;
use standing::Told;

/// Its name in `reactors.checkpoints`.
const NAME: &str = "tree";

/// How long events are gathered before the tree grows by them: under load the last tile, which is written
/// whole, is written ten times a second and not a thousand times.
const GATHER: Duration = Duration::from_millis(100);

/// Keeps the tree in step with the log and signs checkpoints of it, until `shutdown`, through every outage.
/// Of many processes that do this one is at work and the others stand by.
pub async fn run(projector: Projector, signing: Option<Signing>, shutdown: CancellationToken) {
    if signing.is_none() {
        tracing::info!("no LOG_KEY_FILE: the tree over the log grows, and no checkpoint is signed");
    }
    let (signing, told) = (signing.map(Arc::new), Told::default());
    let mut tasks = JoinSet::new();
    let (watched, shown) = (projector.clone(), told.clone());
    tasks.spawn(restarted("tree's monitor", move || {
        standing::watch(watched.clone(), shown.clone())
    }));
    let keep = move || keep(projector.clone(), Signer::new(signing.clone(), told.clone()));
    tasks.spawn(restarted("tree", keep));
    shutdown.cancelled().await;
    // A page that is cut off is rolled back, and landed by whoever comes next.
    tasks.shutdown().await;
}

async fn keep(projector: Projector, mut signer: Signer) -> Infallible {
    let active = metrics::gauge!("docket_reactor_active", "reactor" => NAME);
    let mut backoff = Backoff::default();
    loop {
        active.set(0.0);
        let Err(error) = hold(&projector, &mut signer, &active, &mut backoff).await;
        active.set(0.0);
        let pause = backoff.next();
        if !signer.stopped(&error) {
            tracing::warn!(error = chain(&error), ?pause, "the tree stopped");
        }
        tokio::time::sleep(pause).await;
    }
}

async fn hold(
    projector: &Projector,
    signer: &mut Signer,
    active: &metrics::Gauge,
    backoff: &mut Backoff,
) -> Result<Infallible, ProjectorError> {
    let reader = projector.reader.as_ref();
    let mut connection = reactor::stand_by(projector, NAME).await?;
    let claim = begin::take(&mut connection, reader, signer.origin()).await?;
    let mut tree = within(PROMPT, Tree::open(connection, claim)).await?;
    signer.begin();
    active.set(1.0);
    tracing::info!(size = tree.size(), position = %tree.position(), "tree at work");
    loop {
        let before = tree.size();
        let caught_up = tree.catch_up(reader, signer).await;
        // Pages that landed before it failed count: each failure is then the first of its kind.
        if caught_up.is_ok() || tree.size() > before {
            backoff.reset();
        }
        caught_up?;
        let wait = signer.due_in().map_or(IDLE, |due| due.min(IDLE));
        if within(wait + PROMPT, reader.wait_past(tree.position(), wait)).await? {
            tokio::time::sleep(GATHER).await;
        } else {
            within(PROMPT, tree.ping()).await?;
        }
    }
}
