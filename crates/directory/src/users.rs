//! The table of users.

use events::{Timestamp, UserId, UserSnapshot};
use sqlx::PgConnection;
use sqlx::types::Json;

use crate::Applied;
use crate::latest::latest;

/// Of somebody who was erased and is told to be deleted, nothing but that is taken in: the platform is not
/// unlikely to send the names once more, only to say that they are gone.
const PUT: &str = "
    INSERT INTO directory.users AS known (id, channel_id, username, name, surname, profile_photo,
        availability_status, deleted, updated_at)
    SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::jsonb[],
        $7::text[], $8::boolean[], $9::timestamptz[])
    ON CONFLICT (id) DO UPDATE SET
        channel_id = CASE WHEN known.erased AND excluded.deleted THEN known.channel_id
            ELSE excluded.channel_id END,
        username = CASE WHEN known.erased AND excluded.deleted THEN known.username
            ELSE excluded.username END,
        name = CASE WHEN known.erased AND excluded.deleted THEN known.name
            ELSE excluded.name END,
        surname = CASE WHEN known.erased AND excluded.deleted THEN known.surname
            ELSE excluded.surname END,
        profile_photo = CASE WHEN known.erased AND excluded.deleted THEN known.profile_photo
            ELSE excluded.profile_photo END,
        availability_status = CASE WHEN known.erased AND excluded.deleted THEN known.availability_status
            ELSE excluded.availability_status END,
        deleted = excluded.deleted, erased = known.erased AND excluded.deleted,
        updated_at = excluded.updated_at
    WHERE known.updated_at <= excluded.updated_at";

const REMOVE: &str = "
    UPDATE directory.users AS known SET deleted = true, updated_at = gone.at
    FROM unnest($1::text[], $2::timestamptz[]) AS gone (id, at)
    WHERE known.id = gone.id AND known.updated_at <= gone.at";

/// Takes in users, all or none.
pub async fn put_users(
    connection: &mut PgConnection,
    users: &[UserSnapshot],
) -> Result<Applied, sqlx::Error> {
    let latest = latest(users, |user| &user.id, |user| user.updated_at);
    let each = |text: fn(&UserSnapshot) -> &str| -> Vec<&str> {
        latest.iter().map(|user| text(user)).collect()
    };
    let photos: Vec<_> = latest.iter().map(|user| user.profile_photo.as_ref().map(Json)).collect();
    let deleted: Vec<_> = latest.iter().map(|user| user.deleted).collect();
    let updated: Vec<_> = latest.iter().map(|user| user.updated_at.to_utc()).collect();
    let put = sqlx::query(PUT)
        .bind(each(|user| user.id.as_str()))
        .bind(each(|user| user.channel_id.as_str()))
        .bind(each(|user| &user.username))
        .bind(each(|user| &user.name))
        .bind(each(|user| &user.surname))
        .bind(photos)
        .bind(each(|user| &user.availability_status))
        .bind(deleted)
        .bind(updated);
    Ok(Applied::of(put.execute(connection).await?.rows_affected(), users.len()))
}

/// Marks users as deleted that the platform has removed, each at its time, which is from then on the
/// time of what is known of them. Their rows stay, so that what they did keeps a name. Who is unknown
/// stays unknown.
pub async fn remove_users(
    connection: &mut PgConnection,
    gone: &[(UserId, Timestamp)],
) -> Result<Applied, sqlx::Error> {
    let latest = latest(gone, |(id, _)| id, |(_, at)| *at);
    let ids: Vec<&str> = latest.iter().map(|(id, _)| id.as_str()).collect();
    let times: Vec<_> = latest.iter().map(|(_, at)| at.to_utc()).collect();
    let done = sqlx::query(REMOVE).bind(ids).bind(times).execute(connection).await?;
    Ok(Applied::of(done.rows_affected(), gone.len()))
}
