//! Who comes first when an erasure meets a legal hold, a landing or a rebuilt table: the database decides.

use serde_json::json;
use sqlx::PgPool;
use testing::World;
use ulid::Ulid;

use super::{ADMIN, HOLDS, erase, key, keys, rows, told};
use crate::support::*;

/// Waits until somebody waits for a lock.
async fn somebody_waits(pool: &PgPool) {
    testing::eventually("somebody to wait for a lock", async || {
        let waiting: bool = sqlx::query_scalar(
            "SELECT EXISTS (SELECT FROM pg_locks JOIN pg_stat_activity USING (pid)
             WHERE NOT granted AND datname = current_database())",
        )
        .fetch_one(pool)
        .await
        .unwrap();
        waiting.then_some(())
    })
    .await;
}

#[tokio::test]
async fn an_erasure_waits_for_a_hold_that_is_being_placed() {
    let service = Service::start().await;
    let pool = &service.database.pool;
    key(pool, World::VIEWER, 7).await;
    let mut placing = pool.begin().await.unwrap();
    sqlx::raw_sql("SELECT privacy.writing()").execute(&mut *placing).await.unwrap();
    sqlx::query(
        "INSERT INTO privacy.legal_holds (id, user_id, reason, placed_by, placed_at)
         VALUES (gen_random_uuid(), $1, 'case', 'a', now())",
    )
    .bind(World::VIEWER)
    .execute(&mut *placing)
    .await
    .unwrap();
    let commit = async {
        somebody_waits(pool).await;
        placing.commit().await.unwrap();
    };
    let (answer, ()) = tokio::join!(erase(&service, World::VIEWER), commit);
    assert_eq!(answer.status, 409, "{answer:?}");
    assert_eq!(keys(pool).await, [World::VIEWER]);
}

#[tokio::test]
async fn a_hold_waits_for_an_erasure_that_is_under_way() {
    let service = Service::start().await;
    let pool = &service.database.pool;
    key(pool, World::VIEWER, 7).await;
    let mut erasing = pool.begin().await.unwrap();
    sqlx::query("SELECT privacy.erase(gen_random_uuid(), $1, 'a', now(), 0)")
        .bind(World::VIEWER)
        .execute(&mut *erasing)
        .await
        .unwrap();
    let commit = async {
        somebody_waits(pool).await;
        erasing.commit().await.unwrap();
    };
    let path = format!("{HOLDS}/{}", World::VIEWER);
    let placing = service.put(&path, ADMIN, json!({"reason": "case"}));
    let (answer, ()) = tokio::join!(placing, commit);
    // It keeps what comes from now on.
    answer.data(200);
    assert_eq!(keys(pool).await, [""; 0]);
    key(pool, World::VIEWER, 8).await;
    assert_eq!(erase(&service, World::VIEWER).await.status, 409);
}

#[tokio::test]
async fn a_table_that_is_swapped_meanwhile_is_scrubbed_where_it_is_then() {
    let service = Service::start().await;
    let pool = &service.database.pool;
    rows(pool, "projections", World::VIEWER).await;
    rows(pool, "projections_next", World::VIEWER).await;
    let mut flip = pool.begin().await.unwrap();
    sqlx::raw_sql(
        "LOCK TABLE projections_next.bans IN ACCESS EXCLUSIVE MODE;
         LOCK TABLE projections.bans IN ACCESS EXCLUSIVE MODE;
         DROP TABLE projections.bans;
         ALTER TABLE projections_next.bans SET SCHEMA projections",
    )
    .execute(&mut *flip)
    .await
    .unwrap();
    let commit = async {
        somebody_waits(pool).await;
        flip.commit().await.unwrap();
    };
    let (answer, ()) = tokio::join!(erase(&service, World::VIEWER), commit);
    let scrubbed = &answer.data(201)["scrubbed"];
    assert_eq!((&scrubbed["bans"], &scrubbed["reports"]), (&json!(1), &json!(1)));
    let left = json!([[null, "BLOCK"], [null, null, null, null, "ios"]]);
    assert_eq!(told(pool, "projections", World::VIEWER).await, left);
}

#[tokio::test]
async fn an_erasure_that_meets_a_deadlock_is_begun_again() {
    let service = Service::start().await;
    let pool = &service.database.pool;
    rows(pool, "projections", World::VIEWER).await;
    let mut other = pool.begin().await.unwrap();
    let user = sqlx::query("SELECT FROM directory.users WHERE id = $1 FOR UPDATE");
    user.bind(World::VIEWER).execute(&mut *other).await.unwrap();
    // The erasure has written to the ban, and waits for the user.
    let crossing = async {
        somebody_waits(pool).await;
        let ban = "UPDATE projections.bans SET updated_at = now() WHERE target_user_id = $1";
        sqlx::query(ban).bind(World::VIEWER).execute(&mut *other).await.unwrap();
        other.commit().await.unwrap();
    };
    let (answer, ()) = tokio::join!(erase(&service, World::VIEWER), crossing);
    assert_eq!(answer.data(201)["scrubbed"]["bans"], json!(1));
}

#[tokio::test]
async fn of_many_erasures_at_once_one_destroys_the_key_and_none_fails() {
    let service = Service::start().await;
    key(&service.database.pool, World::VIEWER, 7).await;
    let all = (0..16).map(|_| erase(&service, World::VIEWER));
    let answers = futures_util::future::join_all(all).await;
    let destroyed = answers.iter().filter(|answer| {
        let keys = &answer.data(201)["destroyedKeys"];
        *keys == json!([Ulid(7).to_string()])
    });
    assert_eq!(destroyed.count(), 1);
}
