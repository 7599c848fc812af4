//! `/api/v1/live-stream-reports`

use allmine::Report;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use events::report::{Decision, ReportType};
use events::{Description, Notes, ReportId};
use utoipa::ToSchema;
use web::allmine::Success;
use web::{Fields, JsonBody, Path, Problem, Reason};

use crate::App;
use crate::origin::Sender;
use crate::refusal;
use crate::reports::{self, NewReport, Review};

/// A report to be filed.
#[derive(ToSchema)]
#[schema(as = FileReport)]
#[expect(dead_code, reason = "describes what `new_report` reads")]
pub(crate) struct FileBody {
    /// What is wrong: `harassment_or_bullying`, `hate_speech`, `sexual_content_or_nudity`,
    /// `violence_or_self_harm`, `spam_or_scam`, `copyright_or_intellectual_property` or `other`.
    r#type: String,
    /// The same in the reporter's words; required when the type is `other`.
    #[schema(max_length = 2000)]
    description: Option<String>,
}

/// What a review changes.
#[derive(ToSchema)]
#[schema(as = ReviewReport)]
#[expect(dead_code, reason = "describes what `review` reads")]
#[serde(rename_all = "camelCase")]
pub(crate) struct ReviewBody {
    /// `under_review`, `resolved` or `rejected`; may be absent when `isArchived` is not.
    status: Option<String>,
    /// Notes for other staff.
    #[schema(max_length = 2000)]
    admin_notes: Option<String>,
    /// Whether the report shall be out of the queue's sight.
    is_archived: Option<bool>,
}

/// Report a live stream
#[utoipa::path(
    post, path = "/api/v1/live-stream-reports/{id}", tag = "reports", request_body = FileBody,
    params(("id" = String, Path, description = "The live stream")),
    responses(
        (status = 201, description = "The report", body = Success<Report>),
        (status = 400, description = "A field or a header is wrong"),
        (status = 403, description = "It is the caller's own live stream"),
        (status = 404, description = "No such live stream"),
        (status = 409, description = "An earlier report of the caller on it is still open"),
        (status = 422, description = "The idempotency key came with another request before"),
    ),
)]
pub(crate) async fn file_report(
    State(app): State<App>,
    sender: Sender,
    Path(stream_id): Path<String>,
    JsonBody(body): JsonBody,
) -> Result<Response, Problem> {
    let new = new_report(&stream_id, &body)?;
    let answer = reports::file_report(&app, &sender, &new).await.map_err(refusal::of_report)?;
    Ok(answer.in_envelope(StatusCode::CREATED, &app))
}

/// Review a report
#[utoipa::path(
    patch, path = "/api/v1/live-stream-reports/{id}", tag = "reports", request_body = ReviewBody,
    params(("id" = String, Path, description = "The report", pattern = "^[0-9a-f]{24}$")),
    responses(
        (status = 200, description = "The report", body = Success<Report>),
        (status = 400, description = "A field or a header is wrong"),
        (status = 403, description = "The caller is no staff, or too near to the matter"),
        (status = 404, description = "No such report"),
        (status = 409, description = "From where the report stands, this cannot be made of it"),
        (status = 422, description = "The idempotency key came with another request before"),
    ),
)]
pub(crate) async fn review_report(
    State(app): State<App>,
    sender: Sender,
    Path(id): Path<ReportId>,
    JsonBody(body): JsonBody,
) -> Result<Response, Problem> {
    let review = review(&body)?;
    let answer = reports::review_report(&app, &sender, id, &review).await;
    Ok(answer.map_err(refusal::of_report)?.in_envelope(StatusCode::OK, &app))
}

/// The path has one name for what stands there, which is a live stream's id for this method and a
/// report's id for others; errors call it what it is.
fn new_report(stream_id: &str, body: &[u8]) -> Result<NewReport, Problem> {
    let malformed = |error| Reason::from(error).at("streamId");
    let live_stream_id = stream_id.parse().map_err(malformed)?;
    let mut fields = Fields::from_json(body)?;
    let report_type =
        fields.required("type", |input| input.one_of(&ReportType::ALL, ReportType::as_str));
    let is_said = !fields.is_absent("description");
    let description = fields.optional("description", |input| input.text(Description::parse));
    // A description that is wrong in another way has left its own reason.
    let is_blank = if is_said { description == Some(None) } else { true };
    if report_type == Some(ReportType::Other) && is_blank {
        fields.refuse(refusal::description_required());
    }
    let report_type = fields.complete(report_type)?;
    Ok(NewReport { live_stream_id, report_type, description: description.flatten() })
}

fn review(body: &[u8]) -> Result<Review, Problem> {
    let mut fields = Fields::from_json(body)?;
    let decision = |input: web::Input| input.one_of(&Decision::ALL, Decision::as_str);
    // Notes alone are a change too, though none that any report takes: that is for the rules to say.
    let changes_nothing = fields.is_absent("isArchived") && fields.is_absent("adminNotes");
    let status = if changes_nothing {
        fields.required("status", decision)
    } else {
        fields.optional("status", decision)
    };
    let admin_notes = fields.optional("adminNotes", |input| input.text(Notes::parse)).flatten();
    let is_archived = fields.optional("isArchived", web::Input::boolean);
    fields.finish()?;
    Ok(Review { status, admin_notes, is_archived })
}
