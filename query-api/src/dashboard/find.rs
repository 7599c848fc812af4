//! `/dashboard/find`: users and live streams by what they are called.

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse, Redirect, Response};
use events::LiveStreamSnapshot;
use web::{Fields, Input, Problem};

use super::given::given;
use super::names::{Person, Place};
use super::page::{Frame, page};
use super::visit::Visit;
use super::{Dashboard, PATH};
use crate::{live_streams, users};

#[derive(Template)]
#[template(path = "find.html")]
struct Found {
    frame: Frame,
    name: String,
    users: Vec<Person>,
    live_streams: Vec<LiveStreamSnapshot>,
}

/// Leads to the one that is called so, or lists them.
pub(super) async fn find(
    State(dashboard): State<Dashboard>,
    visit: Visit,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let name = asked(query.as_deref())?;
    let users = users::called(dashboard.app(), visit.actor(), &name).await?;
    let users: Vec<_> = users.iter().map(|user| Person::of(&user.id, Some(user))).collect();
    let live_streams = live_streams::called(dashboard.app(), visit.actor(), &name).await?;
    match (&users[..], &live_streams[..]) {
        ([one], []) => Ok(Redirect::to(&format!("{PATH}/users/{}", one.id)).into_response()),
        ([], [one]) => Ok(Redirect::to(&format!("{PATH}/live-streams/{}", one.id)).into_response()),
        _ => {
            let frame = Frame::of(&dashboard, &visit, None).await;
            page(&Found { frame, name, users, live_streams })
        }
    }
}

/// What is looked for; nothing but blanks is nothing.
fn asked(query: Option<&str>) -> Result<String, Problem> {
    let mut fields = Fields::from_query(Some(&given(query)))?;
    let name = fields.required("name", Input::string);
    fields.complete(name)
}

impl Found {
    fn place(live_stream: &LiveStreamSnapshot) -> Place {
        Place::of(&live_stream.id, Some(&live_stream.title))
    }
}
