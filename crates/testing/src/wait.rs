//! Waiting for the thing itself.

use std::time::Duration;

use sqlx::PgPool;

/// How long a test waits before it fails. Far beyond what a busy machine needs.
const PATIENCE: Duration = Duration::from_secs(20);

/// How often a thing that cannot be listened to is looked at again.
const LOOK_AGAIN: Duration = Duration::from_millis(10);

/// Looks again and again until `look` finds something; panics, naming `what`, when it does not.
pub async fn eventually<T>(what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let found = tokio::time::timeout(PATIENCE, async {
        loop {
            if let Some(found) = look().await {
                return found;
            }
            tokio::time::sleep(LOOK_AGAIN).await;
        }
    });
    found.await.unwrap_or_else(|_| panic!("waited {PATIENCE:?} in vain for {what}"))
}

/// Waits until the projection's checkpoint has reached this position of the log.
pub async fn wait_until(pool: &PgPool, projection: &str, position: u64) {
    let wanted = i64::try_from(position).expect("a position of the PostgreSQL log");
    eventually(&format!("{projection} to reach {position}"), async || {
        let reached: Option<i64> =
            sqlx::query_scalar("SELECT position FROM projections.checkpoints WHERE name = $1")
                .bind(projection)
                .fetch_optional(pool)
                .await
                .expect("the checkpoints can be read");
        reached.filter(|reached| *reached >= wanted)
    })
    .await;
}
