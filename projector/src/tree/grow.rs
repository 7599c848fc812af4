//! Growing by what the log holds.

use std::panic::resume_unwind;

use event_log::tree::{Edge, Hash, leaf};
use event_log::{LogReader, Page, Position, RecordedEvent};
use sqlx::{Connection, PgConnection};
use tokio::task::{JoinError, spawn_blocking};

use super::sign::Signer;
use super::{NAME, rows};
use crate::error::ProjectorError;
use crate::land::PAGE;
use crate::patience::{BEHIND_A_PAGE, within};
use crate::reactor::checkpoint::Claim;

/// The tree, as its owner knows it.
pub(super) struct Tree {
    connection: PgConnection,
    pub(super) claim: Claim,
    pub(super) edge: Edge,
}

impl Tree {
    /// Of whoever has just claimed it.
    pub(super) async fn open(
        mut connection: PgConnection,
        claim: Claim,
    ) -> Result<Self, ProjectorError> {
        // What a crash of the database takes, the log gives again.
        sqlx::query("SET synchronous_commit = off").execute(&mut connection).await?;
        let size = rows::size(&mut connection).await?;
        let open = rows::tiles(&mut connection, Edge::places(size)).await?;
        Ok(Self { connection, claim, edge: Edge::restore(size, open)? })
    }

    /// How many leaves it has.
    pub(super) fn size(&self) -> u64 {
        self.edge.size()
    }

    /// Of its last leaf.
    pub(super) fn position(&self) -> Position {
        self.claim.position
    }

    /// The connection, for what is no page.
    pub(super) fn connection(&mut self) -> &mut PgConnection {
        &mut self.connection
    }

    /// Sees whether the database is still there.
    pub(super) async fn ping(&mut self) -> Result<(), sqlx::Error> {
        self.connection.ping().await
    }

    /// Grows to the end of the log, and has what is due signed on the way. The next page is read while one
    /// is hashed.
    pub(super) async fn catch_up(
        &mut self,
        reader: &dyn LogReader,
        signer: &mut Signer,
    ) -> Result<(), ProjectorError> {
        let read = |after| within(BEHIND_A_PAGE, reader.read_all(after, PAGE.into()));
        let mut page = read(self.position()).await?;
        loop {
            let Page { events, caught_up } = page;
            let last = events.last().map(|event| event.position);
            let hashing = hash(events);
            let Some(last) = last.filter(|_| !caught_up) else {
                let (events, leaves) = hashing.await?;
                within(BEHIND_A_PAGE, self.land(&events, leaves)).await?;
                return signer.sign(self, true).await;
            };
            let (hashed, next) = tokio::join!(hashing, read(last));
            let (events, leaves) = hashed?;
            within(BEHIND_A_PAGE, self.land(&events, leaves)).await?;
            signer.sign(self, false).await?;
            page = next?;
        }
    }

    /// Adds the leaves of `events` in one transaction, together with the step of the checkpoint.
    async fn land(
        &mut self,
        events: &[RecordedEvent],
        leaves: Vec<Hash>,
    ) -> Result<(), ProjectorError> {
        let Some(last) = events.last() else { return Ok(()) };
        let (mut edge, mut claim) = (self.edge.clone(), self.claim);
        let tiles = edge.grow(leaves);
        let mut transaction = self.connection.begin().await?;
        claim.advance(&mut transaction, NAME, events, last.position).await?;
        rows::land(&mut transaction, self.edge.size(), events, tiles).await?;
        transaction.commit().await?;
        (self.edge, self.claim) = (edge, claim);
        Ok(())
    }
}

/// The leaves of `events`, on a thread that may be busy for a while.
async fn hash(
    events: Vec<RecordedEvent>,
) -> Result<(Vec<RecordedEvent>, Vec<Hash>), ProjectorError> {
    let hashing = spawn_blocking(move || {
        let leaf = |event| leaf(event).map_err(|e| ProjectorError::Entry(event.position, e));
        let leaves = events.iter().map(leaf).collect::<Result<_, _>>()?;
        Ok((events, leaves))
    });
    match hashing.await.map_err(JoinError::try_into_panic) {
        Ok(hashed) => hashed,
        Err(Ok(panic)) => resume_unwind(panic),
        // The runtime ends, and with it whoever waits for this.
        Err(Err(_)) => std::future::pending().await,
    }
}
