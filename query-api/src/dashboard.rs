//! The web page of moderators and creators, under `/dashboard`.
//!
//! A page is a file here (its handler, and what fills its template), a template of the same name in
//! `templates/`, and its texts in `locales/*/NAME.ftl`; to add one, write the three and a line in
//! [`routes`]. A handler takes a `Visit`, asks the same use cases as the API does, and answers with
//! `page`; what goes wrong is a [`web::Problem`], to which `dress` gives the form of a page. What a page
//! commands goes through `Commands`.
//!
//! **Architecture Invariant:** it has no powers of its own. It asks use cases as the caller whose token the
//! session is, and sends commands to the command API with that token; without one it shows nothing but the
//! sign-in page.

mod access;
mod assets;
mod audit;
mod bans;
mod chart;
mod commands;
mod config;
mod cookies;
mod dossier;
mod dress;
mod find;
mod given;
mod guests;
mod home;
mod line;
mod live_streams;
mod meant;
mod names;
mod notice;
mod oidc;
mod page;
mod preferences;
mod queue;
mod report;
mod review;
mod sign_in;
mod state;
mod statistics;
mod texts;
mod timeline;
mod users;
mod visit;

use axum::Router;
use axum::middleware::from_fn;
use axum::routing::{get, post};
use web::{Kind, Problem};

use commands::Commands;

pub use config::DashboardConfig;
pub use guests::{Guest, Guests};
pub use oidc::{OidcConfig, OidcConfigError, Provider};
pub use state::Dashboard;

/// Where it is.
pub const PATH: &str = "/dashboard";

/// Every page, and what they are made of.
pub fn routes(dashboard: Dashboard) -> Router {
    let pages = Router::new()
        .route("/dashboard", get(home::home))
        .route("/dashboard/sign-in", get(sign_in::form).post(sign_in::submit))
        .route(oidc::BEGIN, get(oidc::begin))
        .route(oidc::END, get(oidc::end))
        .route("/dashboard/sign-out", post(sign_in::out))
        .route("/dashboard/preferences", post(preferences::change))
        .route("/dashboard/queue", get(queue::show))
        .route("/dashboard/queue/bulk", post(queue::bulk::submit))
        .route("/dashboard/queue/live", get(queue::live::live))
        .route("/dashboard/reports/{id}", get(report::show))
        .route("/dashboard/reports/{id}/review", post(review::submit))
        .route("/dashboard/statistics", get(statistics::over))
        .merge(audit::routes(&dashboard))
        .route("/dashboard/bans", get(bans::list).post(bans::create))
        .route("/dashboard/bans/expiring", get(bans::expiring))
        .route("/dashboard/bans/new", get(bans::new))
        .route("/dashboard/bans/{id}", get(bans::one))
        .route("/dashboard/bans/{id}/revoke", post(bans::revoke))
        .route("/dashboard/live-streams", get(live_streams::list))
        .route("/dashboard/live-streams/{id}", get(live_streams::one))
        .route("/dashboard/users/{id}", get(users::one))
        .route("/dashboard/access", get(access::check))
        .route("/dashboard/find", get(find::find))
        .route("/dashboard/{*rest}", get(home::nowhere))
        .layer(from_fn(dress::dress))
        .with_state(dashboard);
    pages.route("/dashboard/assets/{name}", get(assets::asset))
}

/// What a use case answers; `None` where it denies it, so that a page leaves that part out.
fn allowed<T, E: Into<Problem>>(answer: Result<T, E>) -> Result<Option<T>, Problem> {
    match answer.map_err(Into::into) {
        Ok(answer) => Ok(Some(answer)),
        Err(problem) if problem.kind == Kind::Forbidden => Ok(None),
        Err(problem) => Err(problem),
    }
}
