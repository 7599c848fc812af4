//! Snapshots as the platform sends them. The one with the latest `updatedAt` stays, in whatever order
//! they come.

use std::collections::BTreeMap;

use events::{LiveStreamSnapshot, UserId, UserSnapshot};
use sqlx::types::Json;
use tokio::time::timeout;

use super::{Directory, DirectoryError};
use crate::database::{PATIENCE, settle};

/// What became of snapshots.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Applied {
    /// So many are what the directory has now.
    pub applied: u64,
    /// So many were older than what it had.
    pub ignored: u64,
}

const PUT_USERS: &str = "
    INSERT INTO directory.users AS known (id, channel_id, username, name, surname, profile_photo,
        availability_status, deleted, updated_at)
    SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::jsonb[],
        $7::text[], $8::boolean[], $9::timestamptz[])
    ON CONFLICT (id) DO UPDATE SET
        channel_id = excluded.channel_id, username = excluded.username, name = excluded.name,
        surname = excluded.surname, profile_photo = excluded.profile_photo,
        availability_status = excluded.availability_status, deleted = excluded.deleted,
        updated_at = excluded.updated_at
    WHERE known.updated_at <= excluded.updated_at";

const PUT_LIVE_STREAM: &str = "
    INSERT INTO directory.live_streams AS known (id, live_chat_id, title, status, creator_id,
        moderator_ids, updated_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7)
    ON CONFLICT (id) DO UPDATE SET
        live_chat_id = excluded.live_chat_id, title = excluded.title, status = excluded.status,
        creator_id = excluded.creator_id, moderator_ids = excluded.moderator_ids,
        updated_at = excluded.updated_at
    WHERE known.updated_at <= excluded.updated_at";

impl Directory {
    /// Takes in users, all or none.
    pub async fn put_users(&self, users: &[UserSnapshot]) -> Result<Applied, DirectoryError> {
        let latest = latest(users);
        let each = |text: fn(&UserSnapshot) -> &str| -> Vec<&str> {
            latest.iter().map(|user| text(user)).collect()
        };
        let photos: Vec<_> =
            latest.iter().map(|user| user.profile_photo.as_ref().map(Json)).collect();
        let deleted: Vec<_> = latest.iter().map(|user| user.deleted).collect();
        let updated: Vec<_> = latest.iter().map(|user| user.updated_at.to_utc()).collect();
        let put = sqlx::query(PUT_USERS)
            .bind(each(|user| user.id.as_str()))
            .bind(each(|user| user.channel_id.as_str()))
            .bind(each(|user| &user.username))
            .bind(each(|user| &user.name))
            .bind(each(|user| &user.surname))
            .bind(photos)
            .bind(each(|user| &user.availability_status))
            .bind(deleted)
            .bind(updated);
        let mut connection = self.pool.acquire().await?;
        let done = timeout(PATIENCE, put.execute(&mut *connection)).await;
        let done = settle(connection, done)?;
        Ok(Applied::of(done.rows_affected(), users.len()))
    }

    /// Takes in a live stream.
    pub async fn put_live_stream(
        &self,
        live_stream: &LiveStreamSnapshot,
    ) -> Result<Applied, DirectoryError> {
        let moderators: Vec<_> = live_stream.moderator_ids.iter().map(UserId::as_str).collect();
        let put = sqlx::query(PUT_LIVE_STREAM)
            .bind(live_stream.id.as_str())
            .bind(live_stream.live_chat_id.as_str())
            .bind(&live_stream.title)
            .bind(live_stream.status.as_str())
            .bind(live_stream.creator_id.as_str())
            .bind(moderators)
            .bind(live_stream.updated_at.to_utc());
        let mut connection = self.pool.acquire().await?;
        let done = timeout(PATIENCE, put.execute(&mut *connection)).await;
        let done = settle(connection, done)?;
        Ok(Applied::of(done.rows_affected(), 1))
    }
}

impl Applied {
    fn of(applied: u64, given: usize) -> Self {
        Self { applied, ignored: (given as u64).saturating_sub(applied) }
    }
}

/// The latest snapshot of each user. In the order of their ids, so that two batches with the same users
/// wait for each other instead of locking each other out.
fn latest(users: &[UserSnapshot]) -> Vec<&UserSnapshot> {
    let mut latest: BTreeMap<&UserId, &UserSnapshot> = BTreeMap::new();
    for user in users {
        let known = latest.entry(&user.id).or_insert(user);
        if known.updated_at <= user.updated_at {
            *known = user;
        }
    }
    latest.into_values().collect()
}
