//! The tree's tables.

use std::collections::BTreeMap;

use event_log::tree::{Hash, TileAt, Tiles};
use event_log::{Position, RecordedEvent};
use sqlx::PgConnection;
use sqlx::types::Uuid;
use tlog_tiles::tree_hash;

use crate::error::ProjectorError;
use crate::projection::row_position;

/// How many leaves there are. The row is made when it is not there.
pub(super) async fn size(connection: &mut PgConnection) -> Result<u64, sqlx::Error> {
    sqlx::query("INSERT INTO tree.head DEFAULT VALUES ON CONFLICT DO NOTHING")
        .execute(&mut *connection)
        .await?;
    let size: i64 = sqlx::query_scalar("SELECT size FROM tree.head").fetch_one(connection).await?;
    Ok(size.unsigned_abs())
}

/// The last checkpoint that was signed.
pub(super) async fn checkpoint(
    connection: &mut PgConnection,
) -> Result<Option<String>, sqlx::Error> {
    let note = sqlx::query_scalar("SELECT checkpoint FROM tree.head").fetch_optional(connection);
    Ok(note.await?.flatten())
}

/// Gives a checkpoint out.
pub(super) async fn give_out(
    connection: &mut PgConnection,
    checkpoint: &str,
) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE tree.head SET checkpoint = $1")
        .bind(checkpoint)
        .execute(connection)
        .await
        .map(drop)
}

/// The tiles at `places`, as far as they are there.
pub(super) async fn tiles(
    connection: &mut PgConnection,
    places: impl IntoIterator<Item = TileAt>,
) -> Result<BTreeMap<TileAt, Vec<u8>>, sqlx::Error> {
    let (levels, indexes): (Vec<i16>, Vec<i64>) = places.into_iter().map(columns).unzip();
    let rows: Vec<(i16, i64, Vec<u8>)> = sqlx::query_as(
        "SELECT level, index, hashes FROM tree.tiles
             JOIN unnest($1::smallint[], $2::bigint[]) AS wanted (level, index) USING (level, index)",
    )
    .bind(levels)
    .bind(indexes)
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|(level, index, hashes)| (place(level, index), hashes)).collect())
}

/// The root of the tree as it was when it had `size` leaves.
pub(super) async fn root_at(
    connection: &mut PgConnection,
    size: u64,
) -> Result<Hash, ProjectorError> {
    let places = Tiles::needed(|tiles| tree_hash(size, tiles));
    Ok(tree_hash(size, &Tiles::new(tiles(connection, places).await?))?)
}

/// Lands what `events`, the first of which is leaf `first`, make of the tree.
pub(super) async fn land(
    transaction: &mut PgConnection,
    first: u64,
    events: &[RecordedEvent],
    tiles: BTreeMap<TileAt, Vec<u8>>,
) -> Result<(), sqlx::Error> {
    let (places, hashes): (Vec<TileAt>, Vec<Vec<u8>>) = tiles.into_iter().unzip();
    let (levels, indexes): (Vec<i16>, Vec<i64>) = places.into_iter().map(columns).unzip();
    sqlx::query(
        "INSERT INTO tree.tiles SELECT * FROM unnest($1::smallint[], $2::bigint[], $3::bytea[])
         ON CONFLICT (level, index) DO UPDATE SET hashes = EXCLUDED.hashes",
    )
    .bind(levels)
    .bind(indexes)
    .bind(hashes)
    .execute(&mut *transaction)
    .await?;
    let event = |event: &RecordedEvent| (row_position(event.position), Uuid::from(event.id));
    let (positions, ids): (Vec<i64>, Vec<Uuid>) = events.iter().map(event).unzip();
    sqlx::query(
        "WITH grown AS (UPDATE tree.head SET size = $1 + cardinality($2))
         INSERT INTO tree.leaves SELECT $1 + n - 1, position, id
         FROM unnest($2::bigint[], $3::uuid[]) WITH ORDINALITY AS leaf (position, id, n)",
    )
    .bind(row_position(Position(first)))
    .bind(positions)
    .bind(ids)
    .execute(transaction)
    .await
    .map(drop)
}

/// Throws the tree away, and keeps its last checkpoint.
pub(super) async fn empty(transaction: &mut PgConnection) -> Result<(), sqlx::Error> {
    for statement in ["TRUNCATE tree.tiles, tree.leaves", "UPDATE tree.head SET size = 0"] {
        sqlx::query(statement).execute(&mut *transaction).await?;
    }
    Ok(())
}

fn columns(at: TileAt) -> (i16, i64) {
    (at.level.into(), row_position(Position(at.index)))
}

fn place(level: i16, index: i64) -> TileAt {
    TileAt { level: u8::try_from(level).unwrap_or(u8::MAX), index: index.unsigned_abs() }
}
