//! Pages by number and by cursor.
//!
//! A number is convenient and costs more the deeper it lies, so it reaches only [`COUNTED`] entries
//! deep. A cursor names the last entry seen; what follows it is found at once, at any depth, and
//! entries that arrive meanwhile are neither repeated nor skipped.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use web::allmine::{Listing, Pagination};
use web::{Fields, Input, Reason};

use crate::read::window::{COUNTED, Window};

/// Entries on a page when the caller does not say (contract §3).
const DEFAULT_LIMIT: u32 = 10;
/// The most entries on a page (contract §3).
const MAX_LIMIT: u32 = 100;

/// A page that was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<K> {
    number: u32,
    order: &'static str,
    /// Which entries are on it.
    pub window: Window<K>,
}

/// What was found for a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found<R> {
    /// The entries on the page.
    pub rows: Vec<R>,
    /// Whether others follow.
    pub more: bool,
    /// How many there are in all, as far as they were counted.
    pub total: u64,
}

/// What a cursor holds.
#[derive(Debug, Serialize, Deserialize)]
struct Cursor<K> {
    /// The order of the list that it was made for.
    #[serde(rename = "o")]
    order: String,
    /// The number of the page that it leads to.
    #[serde(rename = "p")]
    page: u32,
    /// The last entry of the page before.
    #[serde(rename = "k")]
    key: K,
}

impl<K: Serialize + DeserializeOwned> Page<K> {
    /// The page that `page`, `limit` and `cursor` ask for. `order` names the order of the list: a
    /// cursor of another order is refused.
    pub fn parse(fields: &mut Fields, order: &'static str) -> Self {
        let numbered = !fields.is_absent("page");
        let number = fields.optional("page", |input| input.integer(1..=u32::MAX)).unwrap_or(1);
        let limit = fields.optional("limit", |input| input.integer(1..=MAX_LIMIT));
        let limit = limit.unwrap_or(DEFAULT_LIMIT);
        let cursor = fields.optional("cursor", |input| parse_cursor(input, order));
        if numbered && cursor.is_some() {
            fields.refuse(Reason::new("query-page-and-cursor").at("cursor"));
        }
        if u64::from(number) * u64::from(limit) > u64::from(COUNTED) {
            fields.refuse(Reason::new("query-page-too-deep").arg("max", COUNTED).at("page"));
        }
        match cursor {
            None => {
                let offset = (number - 1).saturating_mul(limit);
                Self { number, order, window: Window { limit, offset, after: None } }
            }
            Some(Cursor { page, key, .. }) => {
                Self { number: page, order, window: Window { limit, offset: 0, after: Some(key) } }
            }
        }
    }

    /// The answer: `found` as `show` shows it. `key` tells where an entry stands.
    pub fn listing<R, T>(
        &self,
        found: &Found<R>,
        key: impl Fn(&R) -> K,
        show: impl Fn(&R) -> T,
    ) -> Listing<T> {
        let limit = self.window.limit;
        // By cursor one may have come further than was counted.
        let before = u64::from(self.number - 1) * u64::from(limit);
        let seen = before + found.rows.len() as u64 + u64::from(found.more);
        let total_items = if found.rows.is_empty() { found.total } else { found.total.max(seen) };
        let next = found.rows.last().filter(|_| found.more);
        let pagination = Pagination {
            current_page: self.number,
            total_pages: total_items.div_ceil(u64::from(limit)),
            total_items,
            items_per_page: limit,
            has_next_page: found.more,
            has_prev_page: self.number > 1,
            next_cursor: next.and_then(|last| self.cursor(key(last))),
        };
        Listing { list: found.rows.iter().map(show).collect(), pagination }
    }

    fn cursor(&self, key: K) -> Option<String> {
        let page = self.number.saturating_add(1);
        let cursor = Cursor { order: self.order.to_owned(), page, key };
        serde_json::to_vec(&cursor).ok().map(|json| URL_SAFE_NO_PAD.encode(json))
    }
}

fn parse_cursor<K: DeserializeOwned>(input: Input, order: &str) -> Result<Cursor<K>, Reason> {
    let bad = || Reason::new("query-bad-cursor");
    let json = URL_SAFE_NO_PAD.decode(input.string()?).map_err(|_| bad())?;
    let cursor: Cursor<K> = serde_json::from_slice(&json).map_err(|_| bad())?;
    if cursor.order == order && cursor.page > 1 { Ok(cursor) } else { Err(bad()) }
}

/// Cuts the row off `rows` that only tells that there are more, and counts all when these do not tell.
pub async fn found<K, R, E>(
    mut rows: Vec<R>,
    window: &Window<K>,
    count: impl AsyncFnOnce() -> Result<u64, E>,
) -> Result<Found<R>, E> {
    let more = rows.len() > window.limit as usize;
    rows.truncate(window.limit as usize);
    let is_last = !more && window.after.is_none() && (window.offset == 0 || !rows.is_empty());
    let total =
        if is_last { u64::from(window.offset) + rows.len() as u64 } else { count().await? };
    Ok(Found { rows, more, total })
}
