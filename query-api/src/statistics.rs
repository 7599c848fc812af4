//! Who may read statistics, and reading them.

use events::{Action, Actor, Situation, permit};

use crate::App;
use crate::error::QueryError;
use crate::read::statistics::{self, Range, Statistics};
use crate::read::top_streams::{self, TopStream};

/// What happened within `range`. For those who may read every report that is counted in it.
pub async fn over(app: &App, caller: &Actor, range: Range) -> Result<Statistics, QueryError> {
    allow(caller)?;
    Ok(statistics::over(app.pool(), range).await?)
}

/// The live streams that were reported most within `range`; for the same people.
pub async fn top_streams(
    app: &App,
    caller: &Actor,
    range: Range,
) -> Result<Vec<TopStream>, QueryError> {
    allow(caller)?;
    Ok(top_streams::between(app.pool(), range.from, range.to).await?)
}

fn allow(caller: &Actor) -> Result<(), QueryError> {
    let action = Action::ReadReportQueue;
    permit(action, &caller.roles, Situation::NONE).map_err(|_| QueryError::Denied(action))
}
