//! What a look at the index of history costs, and that it sees all.

use event_log::Position;
use query_api::read::history::{Filter, between, look, look_statement};
use sqlx::PgPool;
use testing::Database;

use crate::plans::blocks;

const ROWS: u64 = 50_000;

/// The most blocks of 8 KiB that a look for a hundred events may touch.
const BLOCKS: i64 = 350;

/// An event a minute: of 500 live streams and 5,000 users, by 50 people, a tenth of them reviews.
async fn fill(pool: &PgPool) {
    for statement in [
        "INSERT INTO projections.history
         SELECT n, lpad(to_hex(n), 32, '0')::uuid,
             CASE WHEN n % 10 = 0 THEN 'ReportReviewed' ELSE 'BanCreated' END,
             lpad(to_hex(n), 24, '0'), 's' || n % 500, 'u' || n % 5000, 'c' || n % 500,
             'm' || n % 50, NULL, 'r' || n, NULL, timestamptz '2025-12-01Z' + n * interval '1 minute'
         FROM generate_series(1, 50000) n",
        "INSERT INTO projections.history_hours
         SELECT date_trunc('hour', occurred_at, 'UTC'), min(position), max(position)
         FROM projections.history GROUP BY 1",
        "ANALYZE projections.history",
    ] {
        sqlx::query(statement).execute(pool).await.unwrap();
    }
}

fn filters() -> Vec<(&'static str, Filter)> {
    let any = Filter::default();
    let user = Some("u7".parse().unwrap());
    let live_stream = Some("s7".parse().unwrap());
    let actor = Some("m7".parse().unwrap());
    let event_type = Some("ReportReviewed");
    let (from, before) = (Some("2025-12-20T12:34:56Z".parse().unwrap()), None);
    vec![
        ("a user", Filter { user: user.clone(), ..any.clone() }),
        ("a live stream", Filter { live_stream: live_stream.clone(), ..any.clone() }),
        ("an actor", Filter { actor: actor.clone(), ..any.clone() }),
        ("a type", Filter { event_type, ..any.clone() }),
        ("all about a user", Filter { involving: user.clone(), ..any.clone() }),
        ("all about an actor", Filter { involving: actor.clone(), ..any.clone() }),
        ("an actor's of a live stream", Filter { actor, live_stream, ..any.clone() }),
        ("a user's reviews", Filter { user, event_type, ..any.clone() }),
        ("a time", Filter { from, before, ..any }),
    ]
}

#[tokio::test]
async fn a_look_costs_the_same_at_any_depth() {
    let database = Database::create().await;
    fill(&database.owner).await;
    let pool = query_api::connect(&database.url, 2).unwrap();
    for (what, filter) in filters() {
        let at = |after| look_statement(&filter, Position(after), Position(ROWS), 100);
        let start = blocks(&pool, at(0), what).await;
        let deep = blocks(&pool, at(ROWS - 10_000), what).await;
        assert!(start <= BLOCKS && deep <= BLOCKS, "{what}: {start}, then {deep}");
    }
}

/// Also where most of what is looked at is not what is looked for, so that one look is not enough.
#[tokio::test]
async fn looks_find_everything_once() {
    let database = Database::create().await;
    fill(&database.owner).await;
    let pool = query_api::connect(&database.url, 2).unwrap();
    let review = "event_type = 'ReportReviewed'";
    let late = "event_type = 'BanCreated' AND occurred_at >= '2025-12-01 00:34:56Z'";
    let busy = Filter {
        event_type: Some("BanCreated"),
        from: Some("2025-12-01T00:34:56Z".parse().unwrap()),
        ..Filter::default()
    };
    let mut asked = vec![("most", busy, late.to_owned())];
    let conditions = ["user_id = 'u7'", "live_stream_id = 's7'", "actor_id = 'm7'", review];
    for ((what, filter), condition) in filters().into_iter().zip(conditions) {
        asked.push((what, filter, condition.to_owned()));
    }
    for (what, filter, condition) in asked {
        let expected = format!(
            "SELECT coalesce(array_agg(position ORDER BY position), '{{}}')
             FROM projections.history WHERE {condition}"
        );
        let expected: Vec<i64> =
            sqlx::query_scalar(sqlx::AssertSqlSafe(expected)).fetch_one(&pool).await.unwrap();
        let (mut after, until) = between(&pool, &filter, Position(ROWS)).await.unwrap();
        let mut found = vec![];
        let mut looks = 0;
        loop {
            let looked = look(&pool, &filter, after, until, 100).await.unwrap();
            found.extend(looked.found.iter().map(|position| i64::try_from(position.0).unwrap()));
            looks += 1;
            let Some(on) = looked.until else { break };
            after = on;
        }
        assert_eq!(found, expected, "{what}");
        assert!(looks > expected.len() / 10_001, "{what}: {looks}");
    }
}
