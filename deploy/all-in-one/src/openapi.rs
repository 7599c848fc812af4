//! The document of all services together.

use std::sync::Arc;

use event_log::memory::MemoryLog;
use sealing::MasterKeys;
use service::{SharedClock, SystemClock};
use tokio_util::sync::CancellationToken;
use utoipa_axum::router::OpenApiRouter;

use crate::DocketError;
use crate::master_keys::MasterKeysError;

/// Every route of every service.
pub(crate) fn routes(commands: command_api::App, queries: query_api::App) -> OpenApiRouter {
    command_api::routes(commands).merge(query_api::routes(queries))
}

/// As JSON, the way it is committed as `openapi.json`. Must be called inside a runtime; nothing is
/// connected to.
pub fn json() -> Result<String, DocketError> {
    let nowhere = "postgres://nobody@127.0.0.1:1/nothing";
    let variable = "nothing";
    let pool = command_api::connect(nowhere, 1)
        .map_err(|source| DocketError::Database { variable, source })?;
    let clock: SharedClock = Arc::new(SystemClock);
    let log_clock = Arc::clone(&clock);
    let log = Arc::new(MemoryLog::new(move || log_clock.now()));
    let ended = CancellationToken::new();
    ended.cancel();
    let directory = command_api::Directory::connect(pool.clone());
    let master = MasterKeys::generate("nobody").and_then(|line| MasterKeys::parse(&line));
    let master = master.map_err(MasterKeysError::from)?;
    let sealing = command_api::Sealing::spawn(pool.clone(), master.clone());
    let commands = command_api::App::new(log.clone(), directory, sealing, Arc::clone(&clock));
    let queries = query_api::App::start(log, pool, master, clock, ended);
    let document = web::openapi::complete(routes(commands, queries).into_openapi());
    Ok(document.to_pretty_json()?)
}
