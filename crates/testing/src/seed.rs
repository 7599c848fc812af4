//! A small world to moderate: users and live streams in the directory tables.

use serde_json::json;
use sqlx::PgPool;

/// The ids of what [`seed`] makes. Users' channel ids are `UC` and 22 characters.
#[derive(Debug, Clone, Copy)]
pub struct World;

impl World {
    /// The live stream that most tests are about; active.
    pub const STREAM: &str = "673ac9e2c93fe18d3fdd23f1";
    /// Its chat, as the YouTube dialect names it.
    pub const CHAT: &str = "Cg0KC2RvY2tldC10ZXN0KicKGFVDY3JlYXRvcg";
    /// Its title.
    pub const TITLE: &str = "Evening concert";
    /// Who runs it.
    pub const CREATOR: &str = "673ac9e2c93fe18d3fdd2301";
    /// His channel.
    pub const CREATOR_CHANNEL: &str = "UCcreator000000000000001";
    /// Moderates it.
    pub const MODERATOR: &str = "673ac9e2c93fe18d3fdd2302";
    /// His channel.
    pub const MODERATOR_CHANNEL: &str = "UCmoderator0000000000002";
    /// Moderates it too.
    pub const OTHER_MODERATOR: &str = "673ac9e2c93fe18d3fdd2303";
    /// Watches it.
    pub const VIEWER: &str = "673ac9e2c93fe18d3fdd2311";
    /// His channel.
    pub const VIEWER_CHANNEL: &str = "UCviewer0000000000000011";
    /// His handle.
    pub const VIEWER_USERNAME: &str = "viewer";
    /// Watches it too; has a profile photo and no channel id of his own.
    pub const OTHER_VIEWER: &str = "673ac9e2c93fe18d3fdd2312";
    /// Was removed by the platform.
    pub const GONE: &str = "673ac9e2c93fe18d3fdd2313";
    /// His channel.
    pub const GONE_CHANNEL: &str = "UCgone000000000000000013";
    /// Works for the platform.
    pub const STAFF: &str = "673ac9e2c93fe18d3fdd2321";
    /// Another live stream; ended, and without a chat id of its own.
    pub const OTHER_STREAM: &str = "673ac9e2c93fe18d3fdd23f2";
    /// Who ran it. Nothing to the first one.
    pub const OTHER_CREATOR: &str = "673ac9e2c93fe18d3fdd2304";
    /// When the platform last changed any of them.
    pub const UPDATED_AT: &str = "2026-01-15T10:00:00.000Z";
}

/// Fills the directory; harmless when done twice.
pub async fn seed(pool: &PgPool) {
    // id, channel, username, name, surname, deleted
    let users = [
        (World::CREATOR, World::CREATOR_CHANNEL, "creator", "Cemile", "Yaratan", false),
        (World::MODERATOR, World::MODERATOR_CHANNEL, "moderator", "Murat", "Bakan", false),
        (World::OTHER_MODERATOR, World::OTHER_MODERATOR, "moderator2", "Olga", "Moder", false),
        (World::OTHER_CREATOR, World::OTHER_CREATOR, "creator2", "Otto", "Macher", false),
        (World::VIEWER, World::VIEWER_CHANNEL, World::VIEWER_USERNAME, "Vera", "Schau", false),
        (World::OTHER_VIEWER, World::OTHER_VIEWER, "viewer2", "Vito", "Guarda", false),
        (World::GONE, World::GONE_CHANNEL, "gone", "Gül", "Gitti", true),
        (World::STAFF, World::STAFF, "staff", "Stella", "Amt", false),
    ];
    for (id, channel, username, name, surname, deleted) in users {
        sqlx::query(
            "INSERT INTO directory.users (id, channel_id, username, name, surname, profile_photo,
                 availability_status, deleted, updated_at)
             VALUES ($1, $2, $3, $4, $5, $6, 'online', $7, $8::timestamptz)
             ON CONFLICT (id) DO NOTHING",
        )
        .bind(id)
        .bind(channel)
        .bind(username)
        .bind(name)
        .bind(surname)
        .bind((id == World::OTHER_VIEWER).then(photo))
        .bind(deleted)
        .bind(World::UPDATED_AT)
        .execute(pool)
        .await
        .expect("a user of the world");
    }
    let both = [World::MODERATOR, World::OTHER_MODERATOR];
    stream(pool, [World::STREAM, World::CHAT, World::TITLE, "active", World::CREATOR], &both).await;
    let other = World::OTHER_STREAM;
    stream(pool, [other, other, "Morning news", "ended", World::OTHER_CREATOR], &[]).await;
}

async fn stream(pool: &PgPool, [id, chat, title, status, creator]: [&str; 5], moderators: &[&str]) {
    sqlx::query(
        "INSERT INTO directory.live_streams
             (id, live_chat_id, title, status, creator_id, moderator_ids, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7::timestamptz)
         ON CONFLICT (id) DO NOTHING",
    )
    .bind(id)
    .bind(chat)
    .bind(title)
    .bind(status)
    .bind(creator)
    .bind(moderators)
    .bind(World::UPDATED_AT)
    .execute(pool)
    .await
    .expect("a live stream of the world");
}

fn photo() -> serde_json::Value {
    json!({
        "_id": "673ac9e2c93fe18d3fdd2391",
        "url": "https://cdn.test/photo.jpg",
        "type": "image/jpeg",
        "variants": {"40": "https://cdn.test/photo-40.jpg", "76": "https://cdn.test/photo-76.jpg"},
        "createdAt": "2025-11-18T05:00:00.000Z",
        "updatedAt": "2025-11-18T05:00:00.000Z",
    })
}
