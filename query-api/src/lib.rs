//! The read side: tables over HTTP, and `access` from memory.
//!
//! [`routes()`] shows every query on one screen. A query is made of a statement beside its row
//! ([`read`]), a use case that says who may ([`bans`], [`reports`], [`live_streams`], [`users`], [`statistics`],
//! [`feed`], [`audit`]) and a handler that translates between it and the wire ([`allmine`]). To add one: a function in
//! each of the three, and a line below under the read model that answers it. [`freshness`] wraps them all.
//! [`dashboard`] shows the same to people, as pages.
//!
//! **Architecture Invariant:** nothing here can write. It is handed a [`event_log::LogReader`], which
//! cannot append, and connections whose transactions are read-only. The one exception is the connection
//! on which [`audit`] records who has read the history: it does nothing else.

pub mod access;
pub mod allmine;
pub mod audit;
pub mod bans;
mod callers;
pub mod config;
pub mod dashboard;
pub mod error;
pub mod feed;
pub mod freshness;
mod health;
pub mod live_streams;
pub mod page;
mod push;
pub mod read;
pub mod reports;
mod serve;
mod state;
pub mod statistics;
pub mod tail;
pub mod users;

use axum::Router;
use axum::middleware::from_fn_with_state;
use tokio_util::sync::CancellationToken;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::EdgeConfig;

pub use config::Config;
pub use push::PushConfig;
pub use read::pool::connect;
pub use serve::{ServeError, serve};
pub use state::{App, Settings};

use dashboard::Dashboard;
use freshness::{Projection, ReadModel, keep};

/// Every query.
pub fn routes(app: App) -> OpenApiRouter {
    let bans = OpenApiRouter::new()
        .routes(routes!(allmine::bans::list))
        .routes(routes!(allmine::bans::check))
        .routes(routes!(allmine::bans::by_id));
    let reports = OpenApiRouter::new()
        .routes(routes!(allmine::reports::queue))
        .routes(routes!(allmine::reports::own))
        .routes(routes!(allmine::reports::by_id));
    let statistics = OpenApiRouter::new().routes(routes!(allmine::statistics::over));
    let log = OpenApiRouter::new()
        .routes(routes!(audit::log::checkpoint::checkpoint))
        .routes(routes!(audit::log::tile::tile))
        .routes(routes!(audit::log::tile::entries::entries))
        .routes(routes!(audit::log::proof::inclusion::inclusion))
        .routes(routes!(audit::log::proof::consistency::consistency));
    let access = OpenApiRouter::new().routes(routes!(allmine::access::access));
    let history = OpenApiRouter::new()
        .routes(routes!(allmine::audit::events::list))
        .routes(routes!(allmine::audit::bans::by_id))
        .routes(routes!(allmine::audit::reports::by_id))
        .routes(routes!(allmine::audit::users::by_id));
    let feed = OpenApiRouter::new().routes(routes!(allmine::feed::follow));
    let then = OpenApiRouter::new().routes(routes!(allmine::audit::live_streams::bans));

    let fresh = |model| from_fn_with_state((app.clone(), model), keep);
    let audit = OpenApiRouter::new()
        .merge(history.route_layer(fresh(ReadModel::Table(Projection::History))))
        .merge(log)
        .merge(then.route_layer(fresh(ReadModel::Table(Projection::Bans))))
        .route_layer(from_fn_with_state(app.clone(), audit::admit));
    OpenApiRouter::new()
        .merge(audit)
        .merge(bans.route_layer(fresh(ReadModel::Table(Projection::Bans))))
        .merge(reports.route_layer(fresh(ReadModel::Table(Projection::Reports))))
        .merge(statistics.route_layer(fresh(ReadModel::Table(Projection::Statistics))))
        .merge(access.merge(feed).route_layer(fresh(ReadModel::Memory)))
        .with_state(app)
}

/// What is not behind a bearer token, and looks at who comes by itself: the dashboard, and the push over
/// Socket.IO, which ends with `shutdown`.
pub fn extra(
    dashboard: Dashboard,
    edge: &EdgeConfig,
    push: &PushConfig,
    shutdown: &CancellationToken,
) -> Router {
    let push = push::routes(dashboard.app(), edge, push, shutdown.clone());
    push.merge(dashboard::routes(dashboard))
}
