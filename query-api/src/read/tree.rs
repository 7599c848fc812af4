//! The Merkle tree over the log, as the projector builds it.

use std::collections::BTreeMap;

use event_log::Position;
use event_log::tree::{ProofError, TileAt, Tiles};
use sqlx::PgPool;
use sqlx::types::Uuid;
use ulid::Ulid;

use crate::error::QueryError;

/// How far the tree has come.
#[derive(Debug, Clone, Default, PartialEq, Eq, sqlx::FromRow)]
pub struct Head {
    /// How many leaves it has.
    #[sqlx(try_from = "i64")]
    pub size: u64,
    /// The last checkpoint that was signed, which is a signed note.
    pub checkpoint: Option<String>,
}

/// Which event a leaf is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Leaf {
    /// Which leaf, from 0.
    pub index: u64,
    /// The event's id.
    pub event_id: Ulid,
}

/// How far the tree has come.
pub async fn head(pool: &PgPool) -> Result<Head, sqlx::Error> {
    let head = sqlx::query_as("SELECT size, checkpoint FROM tree.head").fetch_optional(pool);
    Ok(head.await?.unwrap_or_default())
}

/// The hashes of the tile at `place`.
pub async fn tile(pool: &PgPool, place: TileAt) -> Result<Option<Vec<u8>>, sqlx::Error> {
    Ok(tiles(pool, vec![place]).await?.remove(&place))
}

/// What `what` makes of the tree, in which it must ask for all tiles before it fails for want of one.
pub async fn computed<T>(
    pool: &PgPool,
    what: impl Fn(&Tiles) -> Result<T, ProofError>,
) -> Result<T, QueryError> {
    let places = Tiles::needed(&what);
    Ok(what(&Tiles::new(tiles(pool, places).await?))?)
}

async fn tiles(
    pool: &PgPool,
    places: Vec<TileAt>,
) -> Result<BTreeMap<TileAt, Vec<u8>>, sqlx::Error> {
    let columns = |at: TileAt| (i16::from(at.level), number(at.index));
    let (levels, indexes): (Vec<i16>, Vec<i64>) = places.into_iter().map(columns).unzip();
    let rows: Vec<(i16, i64, Vec<u8>)> = sqlx::query_as(
        "SELECT level, index, hashes FROM tree.tiles
             JOIN unnest($1::smallint[], $2::bigint[]) AS wanted (level, index) USING (level, index)",
    )
    .bind(levels)
    .bind(indexes)
    .fetch_all(pool)
    .await?;
    let place = |level: i16, index: i64| TileAt {
        level: u8::try_from(level).unwrap_or(u8::MAX),
        index: index.unsigned_abs(),
    };
    Ok(rows.into_iter().map(|(level, index, hashes)| (place(level, index), hashes)).collect())
}

/// Where in the log the `count` leaves from `first` on are: after the one position, up to the other.
/// `None` when the tree does not have all of them.
pub async fn span(
    pool: &PgPool,
    first: u64,
    count: u64,
) -> Result<Option<(Position, Position)>, sqlx::Error> {
    let row: Option<(i64, i64)> = sqlx::query_as(
        "SELECT coalesce((SELECT position FROM tree.leaves WHERE index = $1 - 1), 0), position
         FROM tree.leaves WHERE index = $2",
    )
    .bind(number(first))
    .bind(number(first.saturating_add(count).saturating_sub(1)))
    .fetch_optional(pool)
    .await?;
    let position = |number: i64| Position(number.unsigned_abs());
    Ok(row.map(|(after, until)| (position(after), position(until))))
}

/// The leaf with this index.
pub async fn leaf(pool: &PgPool, index: u64) -> Result<Option<Leaf>, sqlx::Error> {
    let id: Option<Uuid> = sqlx::query_scalar("SELECT event_id FROM tree.leaves WHERE index = $1")
        .bind(number(index))
        .fetch_optional(pool)
        .await?;
    Ok(id.map(|id| Leaf { index, event_id: id.into() }))
}

/// The leaf of the event with this id.
pub async fn leaf_of(pool: &PgPool, event_id: Ulid) -> Result<Option<Leaf>, sqlx::Error> {
    let index: Option<i64> = sqlx::query_scalar(
        "SELECT index FROM tree.leaves WHERE event_id = $1 ORDER BY index LIMIT 1",
    )
    .bind(Uuid::from(event_id))
    .fetch_optional(pool)
    .await?;
    Ok(index.map(|index| Leaf { index: index.unsigned_abs(), event_id }))
}

/// For the table; a number beyond its own is beyond the tree as well.
fn number(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
