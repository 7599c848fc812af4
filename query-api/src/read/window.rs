//! Which part of a list to read.

use events::{BanId, LiveStreamId, ReportId, Timestamp};
use serde::{Deserialize, Serialize};
use sqlx::{Postgres, QueryBuilder};

/// How many rows a count looks at, and a page number reaches. A longer list has "this many or more",
/// unless the projector counts along, so nothing costs more than this, however large the table is.
pub const COUNTED: u32 = 10_000;

/// A part of a list whose rows have keys `K`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Window<K> {
    /// How many rows.
    pub limit: u32,
    /// Behind how many others.
    pub offset: u32,
    /// Behind the row with this key.
    pub after: Option<K>,
}

impl<K> Window<K> {
    /// How many rows must be looked at to fill it, and one more, which tells whether there are further
    /// ones.
    pub fn reach(&self) -> u32 {
        self.limit + 1 + self.offset
    }

    pub(super) fn push_limit(&self, sql: &mut QueryBuilder<Postgres>) {
        sql.push(" LIMIT ").push_bind(i64::from(self.limit) + 1);
        sql.push(" OFFSET ").push_bind(i64::from(self.offset));
    }
}

/// Where a ban stands in a list by time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BanKey {
    /// When it was created.
    pub at: Timestamp,
    /// Tells those of one moment apart.
    pub id: BanId,
}

/// Where a report stands in a list by time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportKey {
    /// When it was filed.
    pub at: Timestamp,
    /// Tells those of one moment apart.
    pub id: ReportId,
    /// Where its live stream stands, in the order of the most reported.
    pub stream: Option<StreamKey>,
}

/// Where a live stream stands among the most reported.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StreamKey {
    /// How many of its reports were open.
    pub open: i64,
    /// Tells those with equally many apart.
    pub id: LiveStreamId,
}

/// Where a ban stands among those that end soon.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExpiryKey {
    /// When it ends.
    pub at: Timestamp,
    /// Where it is.
    pub live_stream: LiveStreamId,
    /// Tells those of one moment and live stream apart.
    pub id: BanId,
}
