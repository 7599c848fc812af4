//! Who may see which live streams, and how much there is to do on them.

use events::{
    Action, Actor, LiveStreamId, LiveStreamSnapshot, Relation, Situation, UserId, permit,
};

use crate::App;
use crate::error::{QueryError, Thing};
use crate::read::directory;
use crate::read::live_streams::{self, LiveStreamRow};

/// Live streams in one answer at most; the others are found by name.
pub const MOST: u32 = 100;
/// Live streams that a search finds at most; who looks for one of more says more of its name.
const FOUND: u32 = 20;

/// The live stream `id`. Who neither runs it nor may see all learns nothing of what exists.
pub async fn by_id(
    app: &App,
    caller: &Actor,
    id: &LiveStreamId,
) -> Result<LiveStreamSnapshot, QueryError> {
    let found = directory::live_stream(app.pool(), id).await?;
    let relation = found.as_ref().map_or(Relation::Outsider, |found| found.relation(&caller.id));
    let situation = Situation { caller: relation, ..Situation::NONE };
    let permitted = permit(Action::ReadDirectory, &caller.roles, situation);
    permitted.map_err(|_| QueryError::Denied(Action::ReadDirectory))?;
    found.ok_or(QueryError::NotFound(Thing::LiveStream))
}

/// Those that `user` creates or moderates, the last changed ones first. For themselves, and for who may see all.
pub async fn run_by(
    app: &App,
    caller: &Actor,
    user: &UserId,
) -> Result<Vec<LiveStreamRow>, QueryError> {
    let situation = Situation { oneself: *user == caller.id, ..Situation::NONE };
    let permitted = permit(Action::ReadDirectory, &caller.roles, situation);
    permitted.map_err(|_| QueryError::Denied(Action::ReadDirectory))?;
    let rows = live_streams::run_by(app.pool(), user, MOST).await?;
    Ok(rows.into_iter().map(|row| as_seen_by(caller, row)).collect())
}

/// Where there is most to do: the most open reports, then the latest bans. For staff.
pub async fn busy(app: &App, caller: &Actor) -> Result<Vec<LiveStreamRow>, QueryError> {
    let action = Action::ReadReportQueue;
    permit(action, &caller.roles, Situation::NONE).map_err(|_| QueryError::Denied(action))?;
    let rows = live_streams::busy(app.pool(), MOST).await?;
    Ok(rows.into_iter().map(|row| as_seen_by(caller, row)).collect())
}

/// Those of this id or chat, or whose titles begin like this, of those that `caller` may see.
pub async fn called(
    app: &App,
    caller: &Actor,
    name: &str,
) -> Result<Vec<LiveStreamSnapshot>, QueryError> {
    let all = permit(Action::ReadDirectory, &caller.roles, Situation::NONE).is_ok();
    let run_by = (!all).then_some(&caller.id);
    Ok(live_streams::called(app.pool(), name, run_by, FOUND).await?)
}

/// Without the numbers of what `caller` may not read.
fn as_seen_by(caller: &Actor, row: LiveStreamRow) -> LiveStreamRow {
    let situation = Situation { caller: row.live_stream.relation(&caller.id), ..Situation::NONE };
    let may = |action| permit(action, &caller.roles, situation).is_ok();
    LiveStreamRow {
        open_reports: row.open_reports.filter(|_| may(Action::ReadReportQueue)),
        bans: row.bans.filter(|_| may(Action::ReadBans)),
        ..row
    }
}
