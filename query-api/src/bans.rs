//! Who may read which bans, and reading them.

use events::{
    Action, Actor, BanId, LiveStreamId, LiveStreamSnapshot, Relation, ReportId, Situation,
    Timestamp, UserId, permit,
};

use crate::App;
use crate::access::ActiveBan;
use crate::error::{QueryError, Thing};
use crate::page::{Found, found};
use crate::read::bans::expiring::Expiring;
use crate::read::bans::{self, BanFilter, BanRow, BanStatus};
use crate::read::directory;
use crate::read::window::{BanKey, ExpiryKey, Window};

/// What ends within a day ends soon: so long may somebody be away who would make it last longer. In seconds.
const SOON: u32 = 24 * 60 * 60;

/// The bans that `caller` may see, and that `filter` lets through; newest first. `target` is the id or
/// the username of the banned.
pub async fn list(
    app: &App,
    caller: &Actor,
    mut filter: BanFilter,
    target: Option<&str>,
    window: &Window<BanKey>,
) -> Result<Found<BanRow>, QueryError> {
    filter.run_by = whose(app, caller, filter.live_stream.as_ref()).await?;
    if let Some(name) = target {
        let namesakes = directory::users_called(app.pool(), name).await?;
        filter.targets = Some(match filter.targets {
            None => namesakes,
            Some(ids) => ids.into_iter().filter(|id| namesakes.contains(id)).collect(),
        });
    }
    let now = app.now();
    let rows = bans::list(app.pool(), &filter, window, now).await?;
    let rows = rows.into_iter().map(|row| seen_by(caller, row)).collect();
    Ok(found(rows, window, async || bans::count(app.pool(), &filter, now).await).await?)
}

/// Without the report behind it, for those who are not to learn who has reported a live stream.
fn seen_by(caller: &Actor, mut row: BanRow) -> BanRow {
    if permit(Action::ReadReportQueue, &caller.roles, Situation::NONE).is_err() {
        row.ban.report_id = None;
    }
    row
}

/// The bans that `caller` may see and that end by themselves within a day; the first to end first.
pub async fn expiring(
    app: &App,
    caller: &Actor,
    window: &Window<ExpiryKey>,
) -> Result<Found<BanRow>, QueryError> {
    let run_by = whose(app, caller, None).await?;
    let now = app.now();
    let expiring = Expiring { run_by, now, until: now.plus_seconds(SOON) };
    let rows = bans::expiring::list(app.pool(), &expiring, window).await?;
    let rows: Vec<_> = rows.into_iter().map(|row| seen_by(caller, row)).collect();
    // Nobody counts what changes by the minute: a page tells whether there is another one.
    let seen = u64::from(window.offset) + rows.len() as u64;
    found(rows, window, async || Ok(seen)).await
}

/// The bans that the report `report` led to, oldest first; for those who may read every ban.
pub async fn of_report(
    app: &App,
    caller: &Actor,
    report: ReportId,
) -> Result<Vec<BanRow>, QueryError> {
    allow(Action::ReadBans, caller, None)?;
    Ok(bans::of_report::list(app.pool(), report).await?)
}

/// The bans that were in force on `live_stream` at the moment `at`; newest first, as they were then. For
/// auditors, which is not asked here.
pub async fn then(
    app: &App,
    live_stream: LiveStreamId,
    at: Timestamp,
    window: &Window<BanKey>,
) -> Result<Found<BanRow>, QueryError> {
    let filter = BanFilter {
        live_stream: Some(live_stream),
        status: BanStatus::Then,
        ..BanFilter::default()
    };
    let rows = bans::list(app.pool(), &filter, window, at).await?;
    let found = found(rows, window, async || bans::count(app.pool(), &filter, at).await).await?;
    // Whatever ended them came later.
    let rows = found.rows.into_iter().map(|row| BanRow { lifted: None, ..row }).collect();
    Ok(Found { rows, ..found })
}

/// Whom the live streams must be run by whose bans `caller` may list: by anybody (`None`) or by
/// `caller`.
pub(crate) async fn whose(
    app: &App,
    caller: &Actor,
    live_stream: Option<&LiveStreamId>,
) -> Result<Option<UserId>, QueryError> {
    if permit(Action::ReadBans, &caller.roles, Situation::NONE).is_ok() {
        return Ok(None);
    }
    if let Some(id) = live_stream {
        let stream = directory::live_stream(app.pool(), id).await?;
        return allow(Action::ReadBans, caller, stream.as_ref()).map(|()| None);
    }
    let runs_any = directory::runs_any(app.pool(), &caller.id).await?;
    if runs_any { Ok(Some(caller.id.clone())) } else { Err(QueryError::Denied(Action::ReadBans)) }
}

/// Whether `user` is banned on `live_stream`; the ban, when there is one.
pub async fn check(
    app: &App,
    caller: &Actor,
    live_stream: &LiveStreamId,
    user: &UserId,
) -> Result<Option<BanRow>, QueryError> {
    let found = bans::on_stream(app.pool(), live_stream, user, app.now()).await?;
    if !may_check_anywhere(caller, user) {
        allow(Action::CheckBan, caller, found.live_stream.as_ref())?;
    }
    found.live_stream.ok_or(QueryError::NotFound(Thing::LiveStream))?;
    found.user.ok_or(QueryError::NotFound(Thing::User))?;
    Ok(found.ban.map(|ban| seen_by(caller, ban)))
}

/// The ban `id`. Who runs no live stream learns nothing of what exists.
pub async fn by_id(app: &App, caller: &Actor, id: Option<BanId>) -> Result<BanRow, QueryError> {
    let found = match id {
        Some(id) => bans::by_id(app.pool(), id).await?,
        None => None,
    };
    if let Some((ban, live_stream)) = found {
        allow(Action::ReadBans, caller, live_stream.as_ref())?;
        return Ok(seen_by(caller, ban));
    }
    whose(app, caller, None).await?;
    Err(QueryError::NotFound(Thing::Ban))
}

/// The ban that keeps `user` from `live_stream`, from memory.
pub async fn access(
    app: &App,
    caller: &Actor,
    live_stream: &LiveStreamId,
    user: &UserId,
) -> Result<Option<ActiveBan>, QueryError> {
    if !may_check_anywhere(caller, user) {
        let stream = directory::live_stream(app.pool(), live_stream).await?;
        allow(Action::CheckBan, caller, stream.as_ref())?;
    }
    Ok(app.access().active_ban(live_stream, user, app.now())?)
}

/// Whether `caller` may check `user` whatever the live stream is, so that it need not be looked up.
fn may_check_anywhere(caller: &Actor, user: &UserId) -> bool {
    let situation = Situation { oneself: caller.id == *user, ..Situation::NONE };
    permit(Action::CheckBan, &caller.roles, situation).is_ok()
}

fn allow(
    action: Action,
    caller: &Actor,
    live_stream: Option<&LiveStreamSnapshot>,
) -> Result<(), QueryError> {
    let relation = live_stream.map_or(Relation::Outsider, |stream| stream.relation(&caller.id));
    let situation = Situation { caller: relation, ..Situation::NONE };
    permit(action, &caller.roles, situation).map_err(|_| QueryError::Denied(action))
}
