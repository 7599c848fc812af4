//! The support itself: what the tests of all others stand on.

use testing::{Database, World, eventually, seed};

#[tokio::test]
async fn a_database_is_migrated_and_ones_own() {
    let (one, other) = tokio::join!(Database::create(), Database::create());
    seed(&one.pool).await;
    seed(&one.pool).await;
    let count = "SELECT count(*) FROM directory.users";
    let seeded: i64 = sqlx::query_scalar(count).fetch_one(&one.pool).await.unwrap();
    let empty: i64 = sqlx::query_scalar(count).fetch_one(&other.pool).await.unwrap();
    assert_eq!((seeded, empty), (8, 0));
}

#[tokio::test]
async fn services_have_no_more_rights_than_they_need() {
    let database = Database::create().await;
    let rights: (bool, bool, bool, bool) = sqlx::query_as(
        "SELECT rolsuper, has_table_privilege('log.events', 'SELECT')
                    AND has_table_privilege('log.events', 'INSERT'),
                has_table_privilege('log.events', 'UPDATE, DELETE, TRUNCATE'),
                has_database_privilege(current_database(), 'CREATE')
         FROM pg_roles WHERE rolname = current_user",
    )
    .fetch_one(&database.pool)
    .await
    .unwrap();
    assert_eq!(rights, (false, true, false, false));
}

#[tokio::test]
async fn a_database_is_gone_with_its_guard() {
    let database = Database::create().await;
    let name: String =
        sqlx::query_scalar("SELECT current_database()").fetch_one(&database.owner).await.unwrap();
    drop(database);
    let other = Database::create().await;
    eventually("the database to be gone", async || {
        let found: Option<i32> = sqlx::query_scalar("SELECT 1 FROM pg_database WHERE datname = $1")
            .bind(&name)
            .fetch_optional(&other.pool)
            .await
            .unwrap();
        found.is_none().then_some(())
    })
    .await;
}

#[test]
fn channels_look_like_channels() {
    for channel in [
        World::CREATOR_CHANNEL,
        World::MODERATOR_CHANNEL,
        World::VIEWER_CHANNEL,
        World::GONE_CHANNEL,
    ] {
        assert!(channel.starts_with("UC") && channel.len() == 24, "{channel}");
    }
}
