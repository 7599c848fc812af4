//! Who moves a partition on, and who waits for whom.

use std::collections::BTreeMap;
use std::time::Duration;

use event_log::Position;
use sqlx::{Connection, PgConnection, PgPool};
use testing::Database;

use super::{Foreign, Ledger, Mark, Moves, begin, end, raise_checkpoint, read};
use crate::checkpoint;
use crate::error::ProjectorError;
use crate::projections::Bans;
use crate::schema::Schema;
use crate::tables::Advance;

/// How long what must not wait may take, and what must wait is watched.
const MOMENT: Duration = Duration::from_millis(300);

fn mark(next_offset: i64, position: u64) -> Mark {
    Mark { next_offset, position: Position(position) }
}

/// A connection to tables that three partitions feed, and what they know.
async fn fed(pool: &PgPool) -> (PgConnection, Ledger) {
    let mut connection = Schema::Live.connect(pool, &Bans).await.unwrap();
    begin(&mut connection, &Bans, 3).await.unwrap();
    let ledger = read(&mut connection, &Bans).await.unwrap().unwrap();
    (connection, ledger)
}

fn moves(ledger: &Ledger, steps: &[(i32, Mark)]) -> Moves<'static> {
    let step = |(partition, to): &(i32, Mark)| (*partition, (ledger.marks[partition], *to));
    let steps = steps.iter().map(step).collect();
    Moves { projection: &Bans, fence: ledger.fence, steps, foreign: vec![] }
}

async fn checkpoint_of(pool: &PgPool) -> i64 {
    sqlx::query_scalar("SELECT position FROM projections.checkpoints WHERE name = 'bans'")
        .fetch_one(pool)
        .await
        .unwrap()
}

fn is_fenced(moved: &Result<(), ProjectorError>) -> bool {
    matches!(moved, Err(ProjectorError::Fenced("bans")))
}

#[tokio::test]
async fn partitions_begin_where_the_log_was_left_and_end_where_all_of_them_are() {
    let database = Database::create().await;
    sqlx::query(
        "INSERT INTO projections.checkpoints (name, version, position) VALUES ('bans', 1, 7)",
    )
    .execute(&database.pool)
    .await
    .unwrap();
    let (mut connection, ledger) = fed(&database.pool).await;
    let expected: BTreeMap<_, _> = (0..3).map(|partition| (partition, mark(0, 7))).collect();
    assert_eq!(ledger.marks, expected);
    // Who comes second finds what the first has begun.
    begin(&mut connection, &Bans, 5).await.unwrap();
    assert_eq!(read(&mut connection, &Bans).await.unwrap().unwrap().marks, expected);

    let ledger = read(&mut connection, &Bans).await.unwrap().unwrap();
    moves(&ledger, &[(1, mark(4, 9))]).advance(&mut connection).await.unwrap();
    assert!(!end(&mut connection, &Bans).await.unwrap(), "they stand unevenly");
    let ledger = read(&mut connection, &Bans).await.unwrap().unwrap();
    assert_eq!(ledger.marks[&1], mark(4, 9));
    let others = [(0, mark(2, 9)), (2, mark(0, 9))];
    moves(&ledger, &others).advance(&mut connection).await.unwrap();
    assert!(end(&mut connection, &Bans).await.unwrap());
    assert!(read(&mut connection, &Bans).await.unwrap().is_none());
    assert_eq!(checkpoint_of(&database.pool).await, 9);
    assert!(end(&mut connection, &Bans).await.unwrap(), "there are none");
}

#[tokio::test]
async fn who_does_not_know_where_a_partition_is_moves_none() {
    let database = Database::create().await;
    let (mut first, ledger) = fed(&database.pool).await;
    let mut second = Schema::Live.connect(&database.pool, &Bans).await.unwrap();
    moves(&ledger, &[(0, mark(3, 5))]).advance(&mut first).await.unwrap();

    // Taken for dead, and back: it still believes that both are its own.
    let mut transaction = second.begin().await.unwrap();
    let stale = moves(&ledger, &[(0, mark(2, 4)), (1, mark(1, 3))]);
    assert!(is_fenced(&stale.advance(&mut transaction).await));
    transaction.rollback().await.unwrap();

    let marks = read(&mut first, &Bans).await.unwrap().unwrap().marks;
    assert_eq!(marks, BTreeMap::from([(0, mark(3, 5)), (1, mark(0, 0)), (2, mark(0, 0))]));
}

#[tokio::test]
async fn who_changes_the_ground_throws_every_member_off() {
    let database = Database::create().await;
    let (mut member, ledger) = fed(&database.pool).await;
    let mut other = Schema::Live.connect(&database.pool, &Bans).await.unwrap();
    checkpoint::claim(&mut other, &Bans).await.unwrap();

    let mut stale = moves(&ledger, &[(0, mark(3, 5))]);
    assert!(is_fenced(&stale.advance(&mut member).await));
    stale.steps.clear();
    stale.foreign = vec![Foreign { partition: 0, offset: 1, reason: String::new() }];
    assert!(is_fenced(&stale.advance(&mut member).await), "nor is a record put aside");
    raise_checkpoint(&mut member, &Bans, ledger.fence, None).await.unwrap();
    let ledger = read(&mut member, &Bans).await.unwrap().unwrap();
    moves(&ledger, &[(0, mark(3, 5))]).advance(&mut member).await.unwrap();
}

#[tokio::test]
async fn members_do_not_wait_for_one_another_and_whoever_changes_the_ground_waits_for_all() {
    let database = Database::create().await;
    let (mut first, ledger) = fed(&database.pool).await;
    let mut second = Schema::Live.connect(&database.pool, &Bans).await.unwrap();
    let mut third = Schema::Live.connect(&database.pool, &Bans).await.unwrap();
    let mut landing = first.begin().await.unwrap();
    moves(&ledger, &[(0, mark(3, 5))]).advance(&mut landing).await.unwrap();

    let unhindered = async {
        let others = [(1, mark(1, 2)), (2, mark(1, 3))];
        moves(&ledger, &others).advance(&mut second).await.unwrap();
        raise_checkpoint(&mut second, &Bans, ledger.fence, None).await.unwrap();
    };
    tokio::time::timeout(MOMENT, unhindered).await.unwrap();
    assert_eq!(checkpoint_of(&database.pool).await, 0, "the first has not committed");
    let claiming = checkpoint::claim(&mut third, &Bans);
    tokio::pin!(claiming);
    assert!(tokio::time::timeout(MOMENT, &mut claiming).await.is_err(), "it waits");

    landing.commit().await.unwrap();
    claiming.await.unwrap();
    let ledger = read(&mut first, &Bans).await.unwrap().unwrap();
    raise_checkpoint(&mut first, &Bans, ledger.fence, None).await.unwrap();
    assert_eq!(checkpoint_of(&database.pool).await, 2);
}
