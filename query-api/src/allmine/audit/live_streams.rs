//! `/api/v1/audit/live-streams`

use allmine::{Ban, UserSummary};
use axum::extract::{RawQuery, State};
use axum::response::Response;
use events::{LiveStreamId, Timestamp};
use web::allmine::{Listing, Success};
use web::{Fields, Path, Problem};

use crate::allmine::documents::{MomentParameters, PageParameters, QueryErrors};
use crate::allmine::parameters::moment;
use crate::read::bans::BanRow;
use crate::{App, bans, page::Page};

/// Who was banned then
///
/// The bans that were in force on a live stream at the moment `at`, newest first and as they were then:
/// what ended them later does not show. Their users are shown as the directory has them now.
#[utoipa::path(get, path = "/api/v1/audit/live-streams/{id}/bans", tag = "audit",
    params(("id" = String, Path), MomentParameters, PageParameters),
    responses((status = 200, body = Success<Listing<Ban>>), QueryErrors))]
pub async fn bans(
    State(app): State<App>,
    Path(live_stream): Path<LiveStreamId>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let mut fields = Fields::from_query(query.as_deref())?;
    let page = Page::parse(&mut fields, "bans-then");
    let at = moment(&mut fields, "at").unwrap_or_else(|| app.now());
    fields.finish()?;
    let found = bans::then(&app, live_stream, at, &page.window).await?;
    Ok(app.success(page.listing(&found, BanRow::key, |row| show_then(row, at))))
}

/// A ban as it was at a moment.
pub(crate) fn show_then(row: &BanRow, at: Timestamp) -> Ban {
    let target = UserSummary::of(&row.ban.target_user_id, row.target.as_ref());
    Ban::of(&row.ban, row.lifted.as_ref(), target, at)
}
