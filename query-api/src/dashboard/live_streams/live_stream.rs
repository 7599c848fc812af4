//! `/dashboard/live-streams/{id}`: everything about a live stream.

use askama::Template;
use axum::extract::{Path, RawQuery, State};
use axum::response::Response;
use events::{LiveStreamId, LiveStreamSnapshot, UserId};
use web::Problem;

use crate::dashboard::access::Check;
use crate::dashboard::bans::{BanForm, Draft};
use crate::dashboard::dossier::{self, Dossier};
use crate::dashboard::given::with;
use crate::dashboard::names::{Names, Person, Place};
use crate::dashboard::page::{Frame, Section, page};
use crate::dashboard::visit::Visit;
use crate::dashboard::{Dashboard, PATH};
use crate::error::{QueryError, Thing};
use crate::live_streams;
use crate::read::reports::ReportFilter;

/// Moderators that are named; a live stream may have a thousand.
const NAMED: usize = 50;

#[derive(Template)]
#[template(path = "live_stream.html")]
struct LiveStreamPage {
    frame: Frame,
    live_stream: LiveStreamSnapshot,
    place: Place,
    creator: Person,
    moderators: Vec<Person>,
    dossier: Dossier,
    check: Check,
    form: BanForm,
    next: String,
}

/// Everything about one.
pub(in crate::dashboard) async fn one(
    State(dashboard): State<Dashboard>,
    visit: Visit,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    // What is no id names nothing that could exist.
    let id: LiveStreamId = id.parse().map_err(|_| QueryError::NotFound(Thing::LiveStream))?;
    dossier::settle(&dashboard, &visit).await;
    let live_stream = live_streams::by_id(dashboard.app(), visit.actor(), &id).await?;
    let next = format!("{PATH}/live-streams/{id}");
    let asked = with(&dossier::asked(query.as_deref()), "liveStreamId", Some(id.as_str()));
    let reports = ReportFilter { live_stream: Some(id), ..ReportFilter::default() };
    let dossier = Dossier::of(&dashboard, &visit, &next, &asked, Some(reports)).await?;
    let page_of = LiveStreamPage::new(&dashboard, &visit, live_stream, dossier, next).await?;
    page(&page_of)
}

impl LiveStreamPage {
    async fn new(
        dashboard: &Dashboard,
        visit: &Visit,
        live_stream: LiveStreamSnapshot,
        dossier: Dossier,
        next: String,
    ) -> Result<Self, Problem> {
        let moderators = live_stream.moderator_ids.iter().take(NAMED);
        let moderators: Vec<&UserId> = moderators.collect();
        let everybody: Vec<&UserId> =
            moderators.iter().copied().chain([&live_stream.creator_id]).collect();
        let names = Names::of(dashboard, &everybody, &[]).await?;
        let place = Place::of(&live_stream.id, Some(&live_stream.title));
        let draft = Draft {
            live_stream: live_stream.id.to_string(),
            next: next.clone(),
            ..Draft::fresh(dashboard)
        };
        Ok(Self {
            frame: Frame::of(dashboard, visit, Some(Section::LiveStreams)).await,
            creator: names.person(&live_stream.creator_id),
            moderators: moderators.into_iter().map(|id| names.person(id)).collect(),
            check: Check::on(&live_stream.id),
            form: BanForm { draft, live_stream: Some(place.clone()), ..BanForm::default() },
            place,
            live_stream,
            dossier,
            next,
        })
    }

    /// How many moderators are not named.
    fn unnamed(&self) -> usize {
        self.live_stream.moderator_ids.len() - self.moderators.len()
    }
}
