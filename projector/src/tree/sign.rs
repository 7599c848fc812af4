//! Signing checkpoints, none of which contradicts another.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use event_log::tree::Hash;
use sqlx::{Connection, PgConnection};
use tlog_tiles::Checkpoint;
use tokio::task::spawn_blocking;
use tokio::time::Instant;

use super::config::Signing;
use super::grow::Tree;
use super::refusal::Refusal;
use super::standing::Told;
use super::{NAME, rows, witness};
use crate::error::{ProjectorError, chain};
use crate::patience::{PROMPT, within};
use crate::run::IDLE;

/// Signs when it is due.
pub(super) struct Signer {
    signing: Option<Arc<Signing>>,
    told: Told,
    /// When it last tried.
    tried: Option<Instant>,
    /// The size of what it last signed; `None` when it has not looked yet.
    settled: Option<u64>,
    /// Whether something came after that.
    grown: bool,
    /// How long it waits for its next try.
    pause: Duration,
}

/// What came of a try.
enum Outcome {
    /// There is a checkpoint of the whole tree.
    Signed,
    /// The log must be read further before it can be told.
    Undecided,
    /// None is signed.
    Refused(Refusal),
}

impl Signer {
    pub(super) fn new(signing: Option<Arc<Signing>>, told: Told) -> Self {
        Self { signing, told, tried: None, settled: None, grown: false, pause: Duration::ZERO }
    }

    /// The name of the log that is signed.
    pub(super) fn origin(&self) -> Option<&str> {
        self.signing.as_ref().map(|signing| signing.keys.origin())
    }

    /// Begins with a tree that others may have worked on.
    pub(super) fn begin(&mut self) {
        (self.settled, self.tried) = (None, None);
    }

    /// The tree stopped for this reason. Whether that was told: what stays until somebody has looked into it
    /// is a refusal.
    pub(super) fn stopped(&self, error: &ProjectorError) -> bool {
        let told = error.stops_the_tree();
        if told {
            self.told.refuse(chain(error));
        }
        told
    }

    /// How long until something is to be signed; `None` while nothing is.
    pub(super) fn due_in(&self) -> Option<Duration> {
        let wanted = self.grown && self.signing.is_some();
        let left = |at: Instant| self.pause.saturating_sub(at.elapsed());
        wanted.then(|| self.tried.map_or(Duration::ZERO, left))
    }

    /// Signs a checkpoint of `tree` if it is time to. `caught_up` says that it holds all that the log has.
    pub(super) async fn sign(
        &mut self,
        tree: &mut Tree,
        caught_up: bool,
    ) -> Result<(), ProjectorError> {
        self.grown = self.settled != Some(tree.size());
        let Some(signing) = self.signing.clone() else {
            self.told.signed();
            return Ok(());
        };
        if self.due_in() != Some(Duration::ZERO) {
            return Ok(());
        }
        (self.tried, self.pause) = (Some(Instant::now()), signing.interval);
        match within(PROMPT, attempt(&signing, tree, caught_up)).await? {
            Outcome::Signed => {
                self.told.signed();
                (self.settled, self.grown) = (Some(tree.size()), false);
            }
            Outcome::Undecided => {}
            Outcome::Refused(refusal) => {
                self.told.refuse(chain(&refusal));
                // Somebody may put the witness right while nothing happens.
                self.pause = signing.interval.max(IDLE);
            }
        }
        Ok(())
    }
}

/// One try, while nobody can take the tree over.
async fn attempt(
    signing: &Arc<Signing>,
    tree: &mut Tree,
    caught_up: bool,
) -> Result<Outcome, ProjectorError> {
    let (claim, size, root) = (tree.claim, tree.size(), tree.edge.root()?);
    let mut transaction = tree.connection().begin().await?;
    claim.hold(&mut transaction, NAME).await?;
    let earlier = match earlier(signing, &mut transaction).await? {
        Ok(earlier) => earlier,
        Err(refusal) => return Ok(Outcome::Refused(refusal)),
    };
    for checkpoint in &earlier {
        match contains(&mut transaction, (size, root), checkpoint).await? {
            None => {}
            Some(Refusal::Shorter { .. }) if !caught_up => return Ok(Outcome::Undecided),
            Some(refusal) => return Ok(Outcome::Refused(refusal)),
        }
    }
    if size == 0 {
        return Ok(Outcome::Signed);
    }
    let note = signing.keys.sign(size, root).map_err(ProjectorError::Sign)?;
    if let Err(refusal) = keep(signing, note.clone()).await {
        return Ok(Outcome::Refused(refusal));
    }
    // Who has seen it shall see it again, also after a crash.
    sqlx::query("SET LOCAL synchronous_commit = on").execute(&mut *transaction).await?;
    rows::give_out(&mut transaction, &note).await?;
    transaction.commit().await?;
    Ok(Outcome::Signed)
}

/// What was signed before: the witness, and the checkpoint that the database gives out.
async fn earlier(
    signing: &Arc<Signing>,
    connection: &mut PgConnection,
) -> Result<Result<Vec<Checkpoint>, Refusal>, ProjectorError> {
    let (path, ours) = (signing.witness.clone(), signing.keys.origin().to_owned());
    let given_out = rows::checkpoint(connection).await?;
    let given_out = given_out.and_then(|note| witness::parse(note.as_bytes()).ok());
    let given_out = given_out.filter(|given_out| given_out.origin() == ours);
    let read = path.clone();
    let note = match on_disk(move || witness::read(&read)).await {
        Ok(note) => note,
        Err(source) => return Ok(Err(Refusal::Unusable { path, source })),
    };
    let kept = match (note, &given_out) {
        (None, None) => return Ok(Ok(vec![])),
        (None, Some(given_out)) => {
            return Ok(Err(Refusal::Lost { path, signed: given_out.size() }));
        }
        (Some(note), _) => witness::parse(&note),
    };
    Ok(match kept {
        Err(_) => Err(Refusal::NotACheckpoint { path }),
        Ok(kept) if kept.origin() != ours => {
            Err(Refusal::OtherOrigin { path, ours, theirs: kept.origin().to_owned() })
        }
        // As a rule they are the same.
        Ok(kept) => Ok(given_out.filter(|one| *one != kept).into_iter().chain([kept]).collect()),
    })
}

/// Why the tree of this size and root does not contain the tree of `earlier`; `None` when it does.
async fn contains(
    connection: &mut PgConnection,
    (size, root): (u64, Hash),
    earlier: &Checkpoint,
) -> Result<Option<Refusal>, ProjectorError> {
    let (signed, signed_root) = (earlier.size(), *earlier.hash());
    if signed > size {
        return Ok(Some(Refusal::Shorter { size, signed, signed_root }));
    }
    let root = if signed == size { root } else { rows::root_at(connection, signed).await? };
    let differs = Refusal::Differs { signed, root, signed_root };
    Ok((root != signed_root).then_some(differs))
}

/// Puts the note into the witness.
async fn keep(signing: &Arc<Signing>, note: String) -> Result<(), Refusal> {
    let path = signing.witness.clone();
    let written = path.clone();
    on_disk(move || witness::write(&written, &note))
        .await
        .map_err(|source| Refusal::Unusable { path, source })
}

/// Does what waits for a disk where that holds nobody up.
async fn on_disk<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    spawn_blocking(work).await.unwrap_or_else(|error| Err(io::Error::other(error)))
}
