//! Users and live streams as the platform last described them.

use std::collections::HashMap;

use events::{LiveStreamId, LiveStreamSnapshot, UserId, UserSnapshot};
use sqlx::PgPool;

use super::row;

/// At most this many users of one name are looked for; the platform's handles are unique, or nearly.
const NAMESAKES: i64 = 100;

/// The live stream, when the directory knows it.
pub async fn live_stream(
    pool: &PgPool,
    id: &LiveStreamId,
) -> Result<Option<LiveStreamSnapshot>, sqlx::Error> {
    let statement = "SELECT to_jsonb(s) AS live_stream FROM directory.live_streams s WHERE id = $1";
    let found = sqlx::query(statement).bind(id.as_str()).fetch_optional(pool).await?;
    Ok(found.as_ref().map(|found| row::live_stream(found, "live_stream")).transpose()?.flatten())
}

/// Those of the live streams that the directory knows.
pub async fn live_streams(
    pool: &PgPool,
    ids: &[&LiveStreamId],
) -> Result<HashMap<LiveStreamId, LiveStreamSnapshot>, sqlx::Error> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let ids: Vec<&str> = ids.iter().map(|id| id.as_str()).collect();
    let statement = "SELECT to_jsonb(s) AS found FROM directory.live_streams s WHERE id = ANY($1)";
    let rows = sqlx::query(statement).bind(ids).fetch_all(pool).await?;
    let found = rows.iter().map(|found| row::live_stream(found, "found"));
    let found: Vec<Option<LiveStreamSnapshot>> = found.collect::<Result<_, _>>()?;
    Ok(found.into_iter().flatten().map(|stream| (stream.id.clone(), stream)).collect())
}

/// Whether the user creates or moderates any live stream.
pub async fn runs_any(pool: &PgPool, user: &UserId) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar(
        "SELECT EXISTS (SELECT FROM directory.live_streams WHERE creator_id = $1)
             OR EXISTS (SELECT FROM directory.live_streams WHERE moderator_ids @> ARRAY[$1])",
    )
    .bind(user.as_str())
    .fetch_one(pool)
    .await
}

/// The users with this id or username. An erased user has none, which is not to be called "".
pub async fn users_called(pool: &PgPool, name: &str) -> Result<Vec<UserId>, sqlx::Error> {
    let statement =
        "SELECT id FROM directory.users WHERE id = $1 OR username = nullif($1, '') LIMIT $2";
    let rows = sqlx::query(statement).bind(name).bind(NAMESAKES).fetch_all(pool).await?;
    rows.iter().map(|found| row::id(found, "id")).collect()
}

/// Those of the users that the directory knows.
pub async fn users(
    pool: &PgPool,
    ids: &[&UserId],
) -> Result<HashMap<UserId, UserSnapshot>, sqlx::Error> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let ids: Vec<&str> = ids.iter().map(|id| id.as_str()).collect();
    let statement = "SELECT to_jsonb(u) AS found FROM directory.users u WHERE id = ANY($1)";
    let rows = sqlx::query(statement).bind(ids).fetch_all(pool).await?;
    let found = rows.iter().map(|found| row::user(found, "found"));
    let found: Vec<Option<UserSnapshot>> = found.collect::<Result<_, _>>()?;
    Ok(found.into_iter().flatten().map(|user| (user.id.clone(), user)).collect())
}
