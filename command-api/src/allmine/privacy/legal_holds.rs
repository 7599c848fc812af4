//! `/api/v1/privacy/legal-holds`

use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use events::{Notes, Timestamp, UserId};
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};
use web::allmine::{Listing, Success, success};
use web::{Caller, Fields, Input, JsonBody, Path, Problem};

use super::Page;
use crate::App;
use crate::origin::Sender;
use crate::privacy::{self, legal_holds};
use crate::refusal;

/// Why the texts of a person must stay.
#[derive(ToSchema)]
#[schema(as = PlaceLegalHold)]
#[expect(dead_code, reason = "describes what `reason` reads")]
pub(crate) struct Body {
    /// For instance the reference of a proceeding. Not sealed: name nobody.
    #[schema(min_length = 1, max_length = 2000)]
    reason: String,
}

/// A legal hold. While one is in force for a person, nobody erases that person.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LegalHold {
    /// The hold's id.
    #[schema(pattern = "^[0-9A-HJKMNP-TV-Z]{26}$")]
    hold_id: String,
    /// Whose texts it keeps.
    #[schema(value_type = String)]
    user_id: UserId,
    /// Why.
    reason: String,
    /// By whom.
    #[schema(value_type = String)]
    placed_by: UserId,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    placed_at: Timestamp,
    /// Who released it; `null` while it is in force.
    #[schema(value_type = Option<String>)]
    released_by: Option<UserId>,
    /// When that was.
    #[schema(value_type = Option<String>, format = DateTime)]
    released_at: Option<Timestamp>,
}

impl LegalHold {
    fn of(hold: legal_holds::LegalHold) -> Self {
        let legal_holds::LegalHold { id, person, reason, placed_by, placed_at, .. } = hold;
        let (released_by, released_at) = (hold.released_by, hold.released_at);
        let hold_id = id.to_string();
        Self { hold_id, user_id: person, reason, placed_by, placed_at, released_by, released_at }
    }
}

/// Which legal holds to list.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes what `which` reads")]
pub(crate) struct HoldParameters {
    /// Of this person alone.
    #[param(rename = "userId")]
    user_id: Option<String>,
    /// Those in force, those that were released, or all.
    #[param(pattern = "^(in_force|released|all)$", default = "in_force")]
    status: Option<String>,
}

/// Place a legal hold
///
/// Nobody can erase the person until it is released. With the reason of the hold that is in force already,
/// nothing changes; with another one, a new hold takes the place of the old, which stays in the list.
#[utoipa::path(
    put, path = "/api/v1/privacy/legal-holds/{userId}", tag = "privacy", request_body = Body,
    params(("userId" = String, Path, description = "The person")),
    responses(
        (status = 200, description = "The hold in force", body = Success<LegalHold>),
        (status = 400, description = "A field or a header is wrong"),
        (status = 403, description = "The caller is no admin"),
    ),
)]
pub(crate) async fn place(
    State(app): State<App>,
    caller: Caller,
    Path(person): Path<UserId>,
    JsonBody(body): JsonBody,
) -> Result<Response, Problem> {
    let mut fields = Fields::from_json(&body)?;
    let reason = fields.required("reason", |input| input.some_text(Notes::parse));
    let reason = fields.complete(reason)?;
    let hold = privacy::hold(&app, &caller.actor, &person, &reason).await;
    let hold = LegalHold::of(hold.map_err(refusal::of_privacy)?);
    Ok(success(StatusCode::OK, hold, app.clock.now()))
}

/// Release a legal hold
#[utoipa::path(
    delete, path = "/api/v1/privacy/legal-holds/{userId}", tag = "privacy",
    params(("userId" = String, Path, description = "The person")),
    responses(
        (status = 200, description = "The hold that was in force", body = Success<LegalHold>),
        (status = 400, description = "A header is wrong, or the id is none"),
        (status = 403, description = "The caller is no admin"),
        (status = 404, description = "No hold is in force for the person"),
    ),
)]
pub(crate) async fn release(
    State(app): State<App>,
    caller: Caller,
    Path(person): Path<UserId>,
) -> Result<Response, Problem> {
    let released = privacy::release(&app, &caller.actor, &person).await;
    let hold = LegalHold::of(released.map_err(refusal::of_privacy)?);
    Ok(success(StatusCode::OK, hold, app.clock.now()))
}

/// List legal holds
///
/// The latest first. One that was released stays in the list until the person is erased.
#[utoipa::path(
    get, path = "/api/v1/privacy/legal-holds", tag = "privacy",
    params(HoldParameters, super::PageParameters),
    responses(
        (status = 200, description = "A page", body = Success<Listing<LegalHold>>),
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
    let (which, page) = (which(&mut fields), Page::parse(&mut fields));
    fields.finish()?;
    let found = privacy::holds(&app, &reader, &which, page.window()).await;
    let found = found.map_err(refusal::of_privacy)?;
    Ok(success(StatusCode::OK, page.listing(found, LegalHold::of), app.clock.now()))
}

fn which(fields: &mut Fields) -> legal_holds::Which {
    const NAMES: [(&str, Option<bool>); 3] =
        [("in_force", Some(true)), ("released", Some(false)), ("all", None)];
    let status = fields.optional("status", |input| input.one_of(&NAMES, |(name, _)| name));
    let (_, in_force) = status.unwrap_or(NAMES[0]);
    legal_holds::Which { person: fields.optional("userId", Input::parse), in_force }
}
