//! `/api/v1/privacy`

pub(crate) mod erasures;
pub(crate) mod legal_holds;

use events::UserId;
use utoipa::IntoParams;
use web::allmine::{Listing, Pagination};
use web::{Fields, Problem};

use crate::privacy::{Found, Window};

/// Entries on a page when the caller does not say (contract §3).
const DEFAULT_LIMIT: u32 = 10;
/// The most entries on a page (contract §3).
const MAX_LIMIT: u32 = 100;

/// Which page of a list.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes what `Page` reads")]
pub(crate) struct PageParameters {
    /// The page, from 1.
    #[param(minimum = 1, default = 1)]
    page: Option<u32>,
    /// Entries on a page.
    #[param(minimum = 1, maximum = 100, default = 10)]
    limit: Option<u32>,
}

/// Which page was asked for.
#[derive(Debug, Clone, Copy)]
struct Page {
    number: u32,
    limit: u32,
}

impl Page {
    fn parse(fields: &mut Fields) -> Self {
        let number = fields.optional("page", |input| input.integer(1..=u32::MAX)).unwrap_or(1);
        let limit = fields.optional("limit", |input| input.integer(1..=MAX_LIMIT));
        Self { number, limit: limit.unwrap_or(DEFAULT_LIMIT) }
    }

    fn window(self) -> Window {
        let before = u64::from(self.number - 1) * u64::from(self.limit);
        Window { limit: self.limit, offset: before }
    }

    fn listing<R, T>(self, found: Found<R>, show: impl Fn(R) -> T) -> Listing<T> {
        let total_pages = found.total.div_ceil(u64::from(self.limit));
        let pagination = Pagination {
            current_page: self.number,
            total_pages,
            total_items: found.total,
            items_per_page: self.limit,
            has_next_page: u64::from(self.number) < total_pages,
            has_prev_page: self.number > 1,
            next_cursor: None,
        };
        Listing { list: found.rows.into_iter().map(show).collect(), pagination }
    }
}

/// The one field of a body.
fn user_id(body: &[u8]) -> Result<UserId, Problem> {
    let mut fields = Fields::from_json(body)?;
    let user_id = fields.required("userId", web::Input::parse::<UserId>);
    fields.complete(user_id)
}
