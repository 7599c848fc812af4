//! The write side: commands in, events out.
//!
//! The path of a file is the URL it serves: `allmine/bans.rs` is `/api/v1/live-stream-ban`. A handler
//! parses, calls its use case in `bans` or `reports`, and answers in its dialect; the use case looks
//! up what the rules need and hands the command to `handle`, the one place that appends.
//!
//! To add a command: its rule in `events`, its use case beside the others of its aggregate, the arms of
//! its refusals that the compiler asks for, a handler, and a line in [`routes()`].
//!
//! **Architecture Invariant:** nothing here reads a read model. What a command answers comes from the
//! events it folded and the snapshots it looked up.

mod aggregate;
mod allmine;
mod answer;
mod bans;
mod config;
mod database;
pub mod directory;
pub mod expiry;
mod handle;
mod history;
mod idempotency;
mod origin;
mod privacy;
mod reads;
mod refusal;
mod reports;
mod sealing;
mod serve;
mod state;
mod youtube;

use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouterExt};
use utoipa_axum::routes;

pub use config::Config;
pub use database::connect;
pub use directory::Directory;
pub use sealing::{Sealing, SealingError};
pub use serve::{ServeError, serve};
pub use state::App;

/// Every route that writes, and those that read what only this service writes and no event tells.
pub fn routes(app: App) -> OpenApiRouter {
    use allmine::privacy::{erasures, legal_holds};
    use allmine::{bans, live_streams, reports, users};
    use youtube::live_chat_bans;

    OpenApiRouter::new()
        .routes(routes!(bans::create_ban))
        .routes(routes!(bans::revoke_ban))
        .routes(routes!(reports::file_report))
        .routes(routes!(reports::review_report))
        .routes(routes!(live_chat_bans::create_ban, live_chat_bans::revoke_ban))
        .routes(routes!(users::put_user))
        .routes(routes!(users::put_users).layer(web::body_limit(users::MAX_BATCH_BYTES)))
        .routes(routes!(live_streams::put_live_stream))
        .routes(routes!(erasures::erase, erasures::list))
        .routes(routes!(erasures::by_id))
        .routes(routes!(legal_holds::list))
        .routes(routes!(legal_holds::place, legal_holds::release))
        .with_state(app)
}
