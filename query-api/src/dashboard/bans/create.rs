//! `/dashboard/bans/new`: banning somebody.

use askama::Template;
use axum::Form;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use web::Problem;

use super::form::{BanForm, Draft};
use crate::dashboard::commands::{self, Command, Outcome};
use crate::dashboard::given::{given, value};
use crate::dashboard::names::Place;
use crate::dashboard::page::{Frame, Section, page};
use crate::dashboard::visit::Visit;
use crate::dashboard::{Dashboard, meant, notice};
use crate::live_streams;

#[derive(Template)]
#[template(path = "ban_new.html")]
struct NewBan {
    frame: Frame,
    form: BanForm,
}

/// The form, filled in with what the address names.
pub(in crate::dashboard) async fn new(
    State(dashboard): State<Dashboard>,
    visit: Visit,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let query = given(query.as_deref());
    let draft = Draft {
        user: value(&query, "user"),
        live_stream: value(&query, "liveStream"),
        report: value(&query, "report"),
        ..Draft::fresh(&dashboard)
    };
    show(&dashboard, &visit, draft, Vec::new()).await
}

/// Bans somebody; shows the form again, as it was filled in, when that is refused.
pub(in crate::dashboard) async fn create(
    State(dashboard): State<Dashboard>,
    visit: Visit,
    headers: HeaderMap,
    Form(draft): Form<Draft>,
) -> Result<Response, Problem> {
    let (status, errors) = match command(&dashboard, &visit, &draft).await? {
        Err(errors) => (StatusCode::BAD_REQUEST, errors),
        Ok(command) => match dashboard.commands().send(&visit, command).await {
            Outcome::Refused { status, errors } => (status, errors),
            done @ Outcome::Done { .. } => return Ok(banned(&visit, &headers, &draft, &done)),
        },
    };
    let form = show(&dashboard, &visit, draft, errors).await?;
    Ok((status, form).into_response())
}

/// The page with the form.
async fn show(
    dashboard: &Dashboard,
    visit: &Visit,
    draft: Draft,
    errors: Vec<String>,
) -> Result<Response, Problem> {
    let frame = Frame::of(dashboard, visit, Some(Section::Bans)).await;
    let known = known(dashboard, visit).await?;
    let form = BanForm { draft, known, errors, ..BanForm::default() };
    page(&NewBan { frame, form })
}

/// The live streams that they run themselves, which they need not type.
pub(in crate::dashboard) async fn known(
    dashboard: &Dashboard,
    visit: &Visit,
) -> Result<Vec<Place>, Problem> {
    let actor = visit.actor();
    let rows = live_streams::run_by(dashboard.app(), actor, &actor.id).await?;
    let place = |row: &crate::read::live_streams::LiveStreamRow| {
        Place::of(&row.live_stream.id, Some(&row.live_stream.title))
    };
    Ok(rows.iter().map(place).collect())
}

/// What the form commands, or all that is wrong with it.
async fn command(
    dashboard: &Dashboard,
    visit: &Visit,
    draft: &Draft,
) -> Result<Result<Command, Vec<String>>, Problem> {
    let user = meant::user(dashboard, visit, &draft.user).await?;
    let live_stream = meant::live_stream(dashboard, visit, &draft.live_stream).await?;
    let seconds = draft.seconds().map_err(|()| "ban-form-duration-wrong");
    let (Ok(user), Ok(live_stream), Ok(seconds)) = (&user, &live_stream, seconds) else {
        let wrong = [user.err(), live_stream.err(), seconds.err()];
        return Ok(Err(wrong.into_iter().flatten().map(|key| visit.texts.get(key)).collect()));
    };
    Ok(Ok(Command {
        method: Method::POST,
        path: "/api/v1/live-stream-ban".to_owned(),
        body: Some(draft.body(&user.id, &live_stream.id, seconds)),
        key: commands::key(&draft.key),
    }))
}

/// Goes to where the form says, or else to the new ban.
fn banned(visit: &Visit, headers: &HeaderMap, draft: &Draft, done: &Outcome) -> Response {
    let id = match done {
        Outcome::Done { data, .. } => data["_id"].as_str().unwrap_or_default(),
        Outcome::Refused { .. } => "",
    };
    let ban = format!("{}/{id}", super::PATH);
    let next = if draft.next.is_empty() { &ban } else { &draft.next };
    notice::back(Some(next), &done.notice(visit.texts.get("ban-form-done")), headers)
}
