//! Who may read statistics, and reading them.

use events::{Action, Actor, Situation, permit};

use crate::App;
use crate::error::QueryError;
use crate::read::statistics::{self, Range, Statistics};

/// What happened within `range`. For those who may read every report that is counted in it.
pub async fn over(app: &App, caller: &Actor, range: Range) -> Result<Statistics, QueryError> {
    let action = Action::ReadReportQueue;
    permit(action, &caller.roles, Situation::NONE).map_err(|_| QueryError::Denied(action))?;
    Ok(statistics::over(app.pool(), range).await?)
}
