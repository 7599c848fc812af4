//! The table of live streams.

use events::{LiveStreamId, LiveStreamSnapshot, Timestamp, UserId};
use sqlx::PgConnection;

use crate::Applied;
use crate::latest::latest;

/// Arrays of arrays must be rectangular, so each live stream's moderators come as one JSON list.
const PUT: &str = "
    INSERT INTO directory.live_streams AS known (id, live_chat_id, title, status, creator_id,
        moderator_ids, updated_at)
    SELECT id, live_chat_id, title, status, creator_id,
        ARRAY(SELECT each.id FROM jsonb_array_elements_text(moderators)
              WITH ORDINALITY AS each (id, nth) ORDER BY each.nth),
        updated_at
    FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::jsonb[],
        $7::timestamptz[])
        AS new (id, live_chat_id, title, status, creator_id, moderators, updated_at)
    ON CONFLICT (id) DO UPDATE SET
        live_chat_id = excluded.live_chat_id, title = excluded.title, status = excluded.status,
        creator_id = excluded.creator_id, moderator_ids = excluded.moderator_ids,
        updated_at = excluded.updated_at
    WHERE known.updated_at <= excluded.updated_at";

const REMOVE: &str = "
    UPDATE directory.live_streams AS known SET updated_at = gone.at, status =
        CASE WHEN status IN ('active', 'scheduled', 'preparing') THEN 'ended' ELSE status END
    FROM unnest($1::text[], $2::timestamptz[]) AS gone (id, at)
    WHERE known.id = gone.id AND known.updated_at <= gone.at";

/// Takes in live streams, all or none.
pub async fn put_live_streams(
    connection: &mut PgConnection,
    live_streams: &[LiveStreamSnapshot],
) -> Result<Applied, sqlx::Error> {
    let latest = latest(live_streams, |stream| &stream.id, |stream| stream.updated_at);
    let each = |text: fn(&LiveStreamSnapshot) -> &str| -> Vec<&str> {
        latest.iter().map(|stream| text(stream)).collect()
    };
    let moderators = |stream: &&LiveStreamSnapshot| -> serde_json::Value {
        stream.moderator_ids.iter().map(UserId::as_str).collect()
    };
    let moderators: Vec<_> = latest.iter().map(moderators).collect();
    let updated: Vec<_> = latest.iter().map(|stream| stream.updated_at.to_utc()).collect();
    let put = sqlx::query(PUT)
        .bind(each(|stream| stream.id.as_str()))
        .bind(each(|stream| stream.live_chat_id.as_str()))
        .bind(each(|stream| &stream.title))
        .bind(each(|stream| stream.status.as_str()))
        .bind(each(|stream| stream.creator_id.as_str()))
        .bind(moderators)
        .bind(updated);
    Ok(Applied::of(put.execute(connection).await?.rows_affected(), live_streams.len()))
}

/// Ends live streams that the platform has removed, each at its time, which is from then on the time of
/// what is known of it. The rows stay: their creators and moderators still see and lift the bans, and
/// reports keep a title. One that was over in another way, for instance called off, stays so. What is
/// unknown stays unknown.
pub async fn remove_live_streams(
    connection: &mut PgConnection,
    gone: &[(LiveStreamId, Timestamp)],
) -> Result<Applied, sqlx::Error> {
    let latest = latest(gone, |(id, _)| id, |(_, at)| *at);
    let ids: Vec<&str> = latest.iter().map(|(id, _)| id.as_str()).collect();
    let times: Vec<_> = latest.iter().map(|(_, at)| at.to_utc()).collect();
    let done = sqlx::query(REMOVE).bind(ids).bind(times).execute(connection).await?;
    Ok(Applied::of(done.rows_affected(), gone.len()))
}
