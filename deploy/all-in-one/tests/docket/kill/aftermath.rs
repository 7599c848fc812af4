//! What the log and the tables say when everything is over.

use std::path::{Path, PathBuf};

use all_in_one::private_postgres::PrivatePostgres;
use event_log::Position;
use event_log::postgres::PostgresReader;
use sqlx::PgPool;

use super::load::Acknowledged;

/// Where docket keeps its PostgreSQL.
pub(super) fn postgres_folder(folder: &Path) -> PathBuf {
    folder.join("postgres")
}

/// The log holds what was acknowledged and nothing else, at the positions that were told, without a
/// gap; and the tables are what the log says.
pub(super) async fn check(folder: &Path, mut acknowledged: Vec<Acknowledged>) {
    let urls = PrivatePostgres::running(&postgres_folder(folder)).unwrap().expect("docket runs it");
    let pool = PgPool::connect(&urls.owner).await.unwrap();
    let logged: Vec<(i64, String, String)> = sqlx::query_as(
        "SELECT position, event_type, coalesce(data->>'banId', data->>'reportId') FROM log.events
         ORDER BY position",
    )
    .fetch_all(&pool)
    .await
    .unwrap();
    acknowledged.sort();
    let acknowledged: Vec<_> =
        acknowledged.into_iter().map(|a| (a.position, a.event_type, a.id)).collect();
    assert_eq!(logged, acknowledged);
    let head = i64::try_from(logged.len()).unwrap();
    assert!(logged.iter().map(|(position, ..)| *position).eq(1..=head), "{logged:?}");

    let reader = PostgresReader::connect(&urls.service).await.unwrap();
    let head = u64::try_from(head).unwrap();
    for projection in projector::all() {
        testing::wait_until(&pool, projection.name(), head).await;
        let verified = projector::verify(&pool, &reader, &*projection).await.unwrap();
        assert_eq!(verified.position, Position(head), "{}", verified.projection);
        assert_eq!(verified.live, verified.replayed, "{}", verified.projection);
        assert!(verified.live.values().any(|digest| digest.rows > 0), "{}", verified.projection);
    }
}
