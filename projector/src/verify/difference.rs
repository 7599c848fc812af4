//! The first row in which two tables differ.

use sqlx::PgConnection;

use super::shape::{Hashed, Shape};
use crate::error::ProjectorError;
use crate::schema::Schema;

/// Rows that are compared at once; of each there is only the key and its hashes.
const PAGE: u16 = 2_000;

/// A row as names and values of its columns, in the order of the table.
pub type Row = Vec<(String, Option<String>)>;

/// A row that is not the same in the live table and the replayed one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The columns of its key, and their values.
    pub key: Vec<(String, String)>,
    /// What the live table holds; `None` when the row is missing there.
    pub live: Option<Row>,
    /// What the log says; `None` when there should be no such row.
    pub replayed: Option<Row>,
}

/// The first row, in the order of the primary key, that is not in both. Both are gone through in
/// pages, so tables of any size pass through little memory.
pub(super) async fn first(
    live: &mut PgConnection,
    replayed: &mut PgConnection,
    table: &str,
) -> Result<Option<Difference>, ProjectorError> {
    let shape = Shape::read(live, table).await?;
    let mut after = None;
    loop {
        let (ours, theirs) = tokio::try_join!(
            shape.page((live, Schema::Live), after.as_ref(), PAGE),
            shape.page((replayed, Schema::Check), after.as_ref(), PAGE),
        )?;
        let same = ours.iter().zip(&theirs).take_while(|(ours, theirs)| ours == theirs).count();
        let pair = (ours.get(same), theirs.get(same));
        if pair != (None, None) {
            return Ok(Some(describe(&shape, live, replayed, pair).await?));
        }
        match ours.last() {
            Some(last) => after = Some(last.key.clone()),
            None => return Ok(None),
        }
    }
}

/// Of the first rows that are not the same, the one that comes first.
async fn describe(
    shape: &Shape,
    live: &mut PgConnection,
    replayed: &mut PgConnection,
    (ours, theirs): (Option<&Hashed>, Option<&Hashed>),
) -> Result<Difference, ProjectorError> {
    let (ours, theirs) = match (ours, theirs) {
        (Some(ours), Some(theirs)) if ours.key != theirs.key => {
            let first = shape.is_before((live, Schema::Live), &ours.key, &theirs.key).await?;
            if first { (Some(ours), None) } else { (None, Some(theirs)) }
        }
        both => both,
    };
    let key = ours.or(theirs).map(|row| row.key.clone()).unwrap_or_default();
    Ok(Difference {
        key: shape.key().map(str::to_owned).zip(key).collect(),
        live: row(shape, (live, Schema::Live), ours).await?,
        replayed: row(shape, (replayed, Schema::Check), theirs).await?,
    })
}

async fn row(
    shape: &Shape,
    place: (&mut PgConnection, Schema),
    hashed: Option<&Hashed>,
) -> Result<Option<Row>, ProjectorError> {
    let Some(hashed) = hashed else { return Ok(None) };
    let values = shape.row(place, &hashed.key).await?;
    Ok(Some(shape.columns().iter().cloned().zip(values).collect()))
}
