//! `/api/v1/privacy/erasures`

use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use events::{Timestamp, UserId};
use serde::Serialize;
use utoipa::ToSchema;
use web::allmine::{Listing, Success, success};
use web::{Caller, Fields, JsonBody, Path, Problem};

use super::{Page, user_id};
use crate::App;
use crate::origin::Sender;
use crate::privacy::{self, erasures};
use crate::refusal;

/// What the erased texts are.
const COVERS: &str = "Every text of the person that an event up to logPosition holds sealed: reasons of bans, \
    descriptions and notes of reports, client addresses, user agents, devices and request fingerprints. The \
    keys that open them are destroyed, so they are unreadable in the log, in its backups and in its archives. \
    Texts that were stored before sealing was introduced are not covered.";
/// What stays after an erasure.
const REMAINS: &str = "The facts of bans and reports: ids, times, types and states. A ban in force stays in \
    force.";

/// Whom to erase.
#[derive(ToSchema)]
#[schema(as = ErasePerson)]
#[expect(dead_code, reason = "describes what `user_id` reads")]
#[serde(rename_all = "camelCase")]
pub(crate) struct Body {
    /// The platform's id of the person.
    user_id: String,
}

/// What an erasure has done.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ErasureCertificate {
    /// The erasure's id.
    #[schema(pattern = "^[0-9A-HJKMNP-TV-Z]{26}$")]
    erasure_id: String,
    /// Who was erased; only in the answer to the erasure itself, for it is not stored.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    user_id: Option<UserId>,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    erased_at: Timestamp,
    /// On whose request.
    #[schema(value_type = String)]
    requested_by: UserId,
    /// The ids of the keys that were destroyed, as they stand before each sealed text in the log. Empty when
    /// there was none: an earlier erasure destroyed it, or the person has no sealed text.
    destroyed_keys: Vec<String>,
    /// The last event in the log when the erasure began.
    log_position: String,
    /// So many rows that told something of the person were scrubbed.
    scrubbed: Scrubbed,
    /// Which texts are unreadable from now on.
    covers: &'static str,
    /// What stays.
    remains: &'static str,
}

/// How many rows of each table told something of the person.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Scrubbed {
    /// Bans with a reason.
    bans: u64,
    /// Reports with a description, notes or network data.
    reports: u64,
    /// The user in the directory.
    users: u64,
    /// Records of the platform that could not be read, and were put aside.
    parked_records: u64,
    /// Legal holds that were released before.
    legal_holds: u64,
}

impl ErasureCertificate {
    fn of(certificate: erasures::Certificate, user_id: Option<UserId>) -> Self {
        let erasures::Certificate { id, erased_at, requested_by, until, keys, scrubbed } =
            certificate;
        let erasures::Scrubbed { bans, reports, users, parked_records, legal_holds } = scrubbed;
        Self {
            erasure_id: id.to_string(),
            user_id,
            erased_at,
            requested_by,
            destroyed_keys: keys.iter().map(ToString::to_string).collect(),
            log_position: until.to_string(),
            scrubbed: Scrubbed { bans, reports, users, parked_records, legal_holds },
            covers: COVERS,
            remains: REMAINS,
        }
    }
}

/// Erase a person
///
/// Makes what people wrote about the person, and where and with what the person acted, unreadable for ever.
/// Harmless when done again. It appends nothing to the log and lifts no ban.
#[utoipa::path(
    post, path = "/api/v1/privacy/erasures", tag = "privacy", request_body = Body,
    responses(
        (status = 201, description = "The certificate", body = Success<ErasureCertificate>),
        (status = 400, description = "A field or a header is wrong"),
        (status = 403, description = "The caller is no admin"),
        (status = 409, description = "A legal hold is in the way"),
    ),
)]
pub(crate) async fn erase(
    State(app): State<App>,
    caller: Caller,
    JsonBody(body): JsonBody,
) -> Result<Response, Problem> {
    let person = user_id(&body)?;
    let erased = privacy::erase(&app, &caller.actor, &person).await;
    let certificate = ErasureCertificate::of(erased.map_err(refusal::of_privacy)?, Some(person));
    Ok(success(StatusCode::CREATED, certificate, app.clock.now()))
}

/// Get an erasure's certificate
///
/// It does not say who was erased.
#[utoipa::path(
    get, path = "/api/v1/privacy/erasures/{id}", tag = "privacy",
    params(("id" = String, Path, description = "The erasure")),
    responses(
        (status = 200, description = "The certificate", body = Success<ErasureCertificate>),
        (status = 403, description = "The caller is neither auditor nor admin"),
        (status = 404, description = "No such erasure"),
    ),
)]
pub(crate) async fn by_id(
    State(app): State<App>,
    reader: Sender,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let found = privacy::certificate(&app, &reader, &id).await;
    let certificate = ErasureCertificate::of(found.map_err(refusal::of_privacy)?, None);
    Ok(success(StatusCode::OK, certificate, app.clock.now()))
}

/// List erasures
///
/// The latest first.
#[utoipa::path(
    get, path = "/api/v1/privacy/erasures", tag = "privacy", params(super::PageParameters),
    responses(
        (status = 200, description = "A page", body = Success<Listing<ErasureCertificate>>),
        (status = 400, description = "A parameter is wrong"),
        (status = 403, description = "The caller is neither auditor nor admin"),
    ),
)]
pub(crate) async fn list(
    State(app): State<App>,
    reader: Sender,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let mut fields = Fields::from_query(query.as_deref())?;
    let page = Page::parse(&mut fields);
    fields.finish()?;
    let found = privacy::certificates(&app, &reader, page.window()).await;
    let found = found.map_err(refusal::of_privacy)?;
    let show = |certificate| ErasureCertificate::of(certificate, None);
    Ok(success(StatusCode::OK, page.listing(found, show), app.clock.now()))
}
