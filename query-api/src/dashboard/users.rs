//! `/dashboard/users/{id}`: everything about a user.

use askama::Template;
use axum::extract::{Path, RawQuery, State};
use axum::response::Response;
use events::{UserId, UserSnapshot};
use web::Problem;

use super::access::Check;
use super::bans::{BanForm, Draft, known};
use super::dossier::{self, Dossier};
use super::given::with;
use super::names::{Person, Place};
use super::page::{Frame, page};
use super::visit::Visit;
use super::{Dashboard, PATH, allowed};
use crate::error::{QueryError, Thing};
use crate::read::live_streams::LiveStreamRow;
use crate::read::reports::ReportFilter;
use crate::{live_streams, users};

#[derive(Template)]
#[template(path = "user.html")]
struct UserPage {
    frame: Frame,
    user: UserSnapshot,
    person: Person,
    /// The live streams that they run; `None` for who may not see them.
    runs: Option<Vec<LiveStreamRow>>,
    dossier: Dossier,
    check: Check,
    form: BanForm,
    next: String,
}

/// Everything about one.
pub(super) async fn one(
    State(dashboard): State<Dashboard>,
    visit: Visit,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    // What is no id names nobody who could exist.
    let id: UserId = id.parse().map_err(|_| QueryError::NotFound(Thing::User))?;
    dossier::settle(&dashboard, &visit).await;
    let user = users::by_id(dashboard.app(), visit.actor(), &id).await?;
    let next = format!("{PATH}/users/{id}");
    let asked = with(&dossier::asked(query.as_deref()), "targetUserId", Some(id.as_str()));
    let filed = ReportFilter { reporter: Some(id), ..ReportFilter::default() };
    let dossier = Dossier::of(&dashboard, &visit, &next, &asked, Some(filed)).await?;
    let page_of = UserPage::new(&dashboard, &visit, user, dossier, next).await?;
    page(&page_of)
}

impl UserPage {
    async fn new(
        dashboard: &Dashboard,
        visit: &Visit,
        user: UserSnapshot,
        dossier: Dossier,
        next: String,
    ) -> Result<Self, Problem> {
        let runs = live_streams::run_by(dashboard.app(), visit.actor(), &user.id).await;
        let person = Person::of(&user.id, Some(&user));
        let draft =
            Draft { user: user.id.to_string(), next: next.clone(), ..Draft::fresh(dashboard) };
        let known: Vec<Place> = known(dashboard, visit).await?;
        Ok(Self {
            frame: Frame::of(dashboard, visit, None).await,
            runs: allowed(runs)?,
            check: Check::of(&user.id, known.clone()),
            form: BanForm { draft, user: Some(person.clone()), known, ..BanForm::default() },
            person,
            user,
            dossier,
            next,
        })
    }

    /// Their name, as far as they have one.
    fn full_name(&self) -> String {
        format!("{} {}", self.user.name, self.user.surname).trim().to_owned()
    }

    /// Whether their texts were erased: nobody else is without a username.
    fn is_erased(&self) -> bool {
        self.user.deleted && self.user.username.is_empty()
    }
}
