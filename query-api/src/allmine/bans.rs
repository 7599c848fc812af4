//! `/api/v1/live-stream-ban`

use allmine::{Ban, UserSummary};
use axum::extract::{RawQuery, State};
use axum::response::Response;
use events::ban::ActionType;
use events::{LiveStreamId, Timestamp, UserId};
use serde::Serialize;
use utoipa::ToSchema;
use web::allmine::{Listing, Success};
use web::{Caller, Fields, Input, Path, Problem};

use super::documents::{BanParameters, LookUpErrors, PageParameters, QueryErrors};
use super::parameters::{either, span};
use crate::read::bans::{BanFilter, BanRow, BanStatus};
use crate::read::window::BanKey;
use crate::{App, bans, page::Page};

/// Whether a user is banned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct BanCheck {
    /// Whether the user is.
    pub is_banned: bool,
    /// The ban, when there is one.
    pub ban: Option<Ban>,
}

/// List bans
///
/// Newest first, active ones by default. Platform staff see all; the creator and the moderators of a
/// live stream see its bans, and with no `liveStreamId`, those of all that they run. `totalItems` is
/// exact for all bans and for those of one live stream; otherwise it is exact up to 10,000, and of
/// longer lists says that there are at least so many.
#[utoipa::path(get, path = "/api/v1/live-stream-ban", tag = "bans",
    params(BanParameters, PageParameters),
    responses((status = 200, body = Success<Listing<Ban>>), QueryErrors))]
pub async fn list(
    State(app): State<App>,
    caller: Caller,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let asked = Asked::parse(query.as_deref())?;
    let target = asked.target.as_deref();
    let found = bans::list(&app, &caller.actor, asked.filter, target, &asked.page.window).await?;
    let now = app.now();
    Ok(app.success(asked.page.listing(&found, BanRow::key, |row| show(row, now))))
}

/// Check a ban
///
/// Whether a user is banned on a live stream. For the user in question, its creator and moderators,
/// platform staff and services.
#[utoipa::path(get, path = "/api/v1/live-stream-ban/check/{targetUserId}", tag = "bans",
    params(("targetUserId" = String, Path), ("liveStreamId" = String, Query)),
    responses((status = 200, body = Success<BanCheck>), QueryErrors, LookUpErrors))]
pub async fn check(
    State(app): State<App>,
    caller: Caller,
    Path(user): Path<UserId>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let mut fields = Fields::from_query(query.as_deref())?;
    let live_stream = fields.required("liveStreamId", Input::parse::<LiveStreamId>);
    let live_stream = fields.complete(live_stream)?;
    let ban = bans::check(&app, &caller.actor, &live_stream, &user).await?;
    let now = app.now();
    let ban = ban.map(|row| show(&row, now));
    Ok(app.success(BanCheck { is_banned: ban.is_some(), ban }))
}

/// Get a ban
///
/// Ended ones too. For platform staff, and for the creator and the moderators of its live stream.
#[utoipa::path(get, path = "/api/v1/live-stream-ban/{id}", tag = "bans",
    params(("id" = String, Path)),
    responses((status = 200, body = Success<Ban>), QueryErrors, LookUpErrors))]
pub async fn by_id(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    // What is no id names no ban, which is 404 for those who may know.
    let row = bans::by_id(&app, &caller.actor, id.parse().ok()).await?;
    Ok(app.success(show(&row, app.now())))
}

/// Which bans a query asks for.
pub(crate) struct Asked {
    pub(crate) filter: BanFilter,
    /// Id or username of the banned.
    pub(crate) target: Option<String>,
    pub(crate) page: Page<BanKey>,
}

impl Asked {
    pub(crate) fn parse(query: Option<&str>) -> Result<Self, Problem> {
        let mut fields = Fields::from_query(query)?;
        let page = Page::parse(&mut fields, "bans");
        let from = either(&mut fields, "startDate", "dateFrom");
        let to = either(&mut fields, "endDate", "dateTo");
        let (from, before) = span(&mut fields, from, to);
        let target = fields.optional("targetUser", Input::string);
        let user = fields.optional("targetUserId", Input::parse::<UserId>);
        let action = |input: Input| input.one_of(&ActionType::ALL, ActionType::as_str);
        let status = |input: Input| input.one_of(&BanStatus::ALL, BanStatus::as_str);
        let filter = BanFilter {
            run_by: None,
            live_stream: fields.optional("liveStreamId", Input::parse),
            targets: user.map(|user| vec![user]),
            action_type: fields.optional("actionType", action),
            from: from.map(Timestamp::from),
            before: before.map(Timestamp::from),
            status: fields.optional("status", status).unwrap_or_default(),
        };
        fields.finish()?;
        Ok(Self { filter, target, page })
    }
}

fn show(row: &BanRow, now: Timestamp) -> Ban {
    let target = UserSummary::of(&row.ban.target_user_id, row.target.as_ref());
    Ban::of(&row.ban, row.lifted.as_ref(), target, now)
}
