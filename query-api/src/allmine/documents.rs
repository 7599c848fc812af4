//! What the OpenAPI document says of parameters and errors. Nothing is parsed by these.

use utoipa::{IntoParams, IntoResponses};
use web::allmine::Failure;

/// What any query may answer instead.
#[derive(Debug, IntoResponses)]
pub enum QueryErrors {
    /// A parameter or a header is malformed; `errors` names each.
    #[response(status = 400)]
    Invalid(Failure),
    /// No token, or a bad one.
    #[response(status = 401)]
    Unauthenticated(Failure),
    /// The caller may not.
    #[response(status = 403)]
    Forbidden(Failure),
    /// Our fault.
    #[response(status = 500)]
    Internal(Failure),
    /// The read model is down, or has not reached `X-Min-Position` within 2 seconds; `Retry-After`
    /// says when to try again.
    #[response(status = 503)]
    Unavailable(Failure),
}

/// What the feed may answer besides.
#[derive(Debug, IntoResponses)]
pub enum FeedErrors {
    /// The caller has too many feeds open; `Retry-After` says when to try again.
    #[response(status = 429)]
    TooMany(Failure),
}

/// From where the feed begins.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Header)]
pub struct FeedParameters {
    /// The last `id:` that was received; 0 for the beginning of history. Now, when absent.
    #[param(rename = "Last-Event-ID", pattern = "^[0-9]+$")]
    pub last_event_id: Option<String>,
}

/// What a query for one thing may answer besides.
#[derive(Debug, IntoResponses)]
pub enum LookUpErrors {
    /// There is no such thing, or not for this caller.
    #[response(status = 404)]
    NotFound(Failure),
}

/// Which page of a list.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PageParameters {
    /// From 1, the default. Reaches 10,000 entries deep; beyond, follow `cursor`.
    #[param(minimum = 1)]
    pub page: Option<u32>,
    /// Entries on a page; 10 by default.
    #[param(minimum = 1, maximum = 100)]
    pub limit: Option<u32>,
    /// `pagination.nextCursor` of the page before; in the place of `page`. Opaque. Costs the same at
    /// any depth.
    pub cursor: Option<String>,
}

/// Which bans.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub struct BanParameters {
    /// The id of the banned.
    pub target_user_id: Option<String>,
    /// The id or the username of the banned.
    pub target_user: Option<String>,
    /// Where the ban is.
    pub live_stream_id: Option<String>,
    /// `BLOCK` or `CHAT_ONLY`.
    pub action_type: Option<String>,
    /// Created then or later: a day such as `2026-01-15` (UTC) or a time such as
    /// `2026-01-15T10:30:00.000Z`.
    pub start_date: Option<String>,
    /// Created then or earlier; the whole of the day, when it is one.
    pub end_date: Option<String>,
    /// The same as `startDate`.
    pub date_from: Option<String>,
    /// The same as `endDate`.
    pub date_to: Option<String>,
    /// `active` (the default), `revoked`, `expired` or `all`.
    pub status: Option<String>,
}

/// Which of one's own reports.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct OwnReportParameters {
    /// `pending`, `under_review`, `resolved` or `rejected`.
    pub status: Option<String>,
    /// What is wrong with the live stream.
    pub r#type: Option<String>,
}

/// Which reports, and in which order.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub struct QueueParameters {
    /// `pending`, `under_review`, `resolved` or `rejected`.
    pub status: Option<String>,
    /// What is wrong with the live stream.
    pub r#type: Option<String>,
    /// What is reported.
    pub live_stream_id: Option<String>,
    /// Who filed it.
    pub reporter_id: Option<String>,
    /// Whether archived ones are asked for; `false` by default.
    pub is_archived: Option<bool>,
    /// `oldest` (the default), `newest` or `most_reported`: the live streams with the most open
    /// reports first. That last order moves as reports come and go, so a live stream whose number
    /// changes while one pages through may be seen twice, or not at all.
    pub sort: Option<String>,
}

/// Which time.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct StatisticsParameters {
    /// The start, a day or a time, cut down to a whole interval; by default 30 days before `to`, or
    /// one day for hours.
    pub from: Option<String>,
    /// The end, a day that is included or a time that is not, filled up to a whole interval; now by
    /// default. At most 366 days after the start, or 31 for hours.
    pub to: Option<String>,
    /// `day` (the default, UTC) or `hour`.
    pub interval: Option<String>,
}

/// Which part of the history.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct StretchParameters {
    /// Only what stands behind this position: that of the last event seen, or 0.
    #[param(pattern = "^[0-9]+$")]
    pub after: Option<String>,
    /// The most events to answer; all by default.
    #[param(minimum = 1)]
    pub limit: Option<u32>,
}

/// Which events.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub struct HistoryParameters {
    /// `BanCreated`, `BanRevoked`, `ReportFiled` or `ReportReviewed`.
    pub r#type: Option<String>,
    /// Of this live stream.
    pub live_stream_id: Option<String>,
    /// Of a ban on this user, or of a report by them.
    pub user_id: Option<String>,
    /// Caused by this user.
    pub actor_id: Option<String>,
    /// That occurred then or later: a day such as `2026-01-15` (UTC) or a time such as
    /// `2026-01-15T10:30:00.000Z`.
    pub from: Option<String>,
    /// That occurred then or earlier; the whole of the day, when it is one.
    pub to: Option<String>,
}

/// Which moment.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct MomentParameters {
    /// A time such as `2026-01-15T10:30:00.000Z`; now by default.
    #[param(format = DateTime)]
    pub at: Option<String>,
}
