//! The whole history of one ban or one report, and what it was at a moment.

use allmine::{Ban, People, Report, UserSummary};
use events::ban::{BanState, Bans, Lifted};
use events::report::Reports;
use events::{BanId, Envelope, Event, ReportId, Timestamp, UserId, fold};

use super::chain::{self, Link};
use super::event::{self, AuditEvent};
use super::settled;
use super::source::read_at;
use crate::App;
use crate::error::{QueryError, Thing};
use crate::read::directory;
use crate::read::links;

/// Events of its own that are looked for; one more than a chain has room for.
const OWN: usize = 1_001;

/// What happened to a ban or a report, and what it was.
#[derive(Debug)]
pub struct Story<T> {
    /// As it was; `None` when it was not yet.
    pub state: Option<T>,
    /// Its own events.
    pub events: Vec<AuditEvent>,
    /// All that is connected with it, in log order.
    pub chain: Vec<(Link, AuditEvent)>,
    /// Whether there is more of it than this.
    pub is_cut: bool,
}

/// The story of the ban `id`, and what it was at `at`.
pub async fn ban(
    app: &App,
    id: Option<BanId>,
    at: Option<Timestamp>,
) -> Result<Story<Ban>, QueryError> {
    let id = id.ok_or(QueryError::NotFound(Thing::Ban))?;
    let told = tell(app, &id.to_string(), "Ban", Thing::Ban).await?;
    let history = until(&told.events, at, |event| match event {
        Event::Ban(event) => Some(event),
        Event::Report(_) => None,
    })?;
    let state = match fold::<Bans>(&history) {
        BanState::Never => None,
        BanState::Active { ban } => Some(show_ban(app, &ban, None, at).await?),
        BanState::Lifted { ban, lifted } => Some(show_ban(app, &ban, Some(&lifted), at).await?),
    };
    Ok(Story { state, ..told })
}

/// The story of the report `id`, and what it was at `at`.
pub async fn report(
    app: &App,
    id: Option<ReportId>,
    at: Option<Timestamp>,
) -> Result<Story<Report>, QueryError> {
    let id = id.ok_or(QueryError::NotFound(Thing::Report))?;
    let told = tell(app, &id.to_string(), "Report", Thing::Report).await?;
    let history = until(&told.events, at, |event| match event {
        Event::Report(event) => Some(event),
        Event::Ban(_) => None,
    })?;
    let state = match fold::<Reports>(&history).latest() {
        None => None,
        Some(report) => Some(show_report(app, report).await?),
    };
    Ok(Story { state, ..told })
}

/// All that there is to tell, without the state.
async fn tell<T>(app: &App, id: &str, kind: &str, thing: Thing) -> Result<Story<T>, QueryError> {
    let until = settled(app).await?;
    let own = links::of_subject(app.pool(), id, kind, until, OWN).await?;
    if own.is_empty() {
        return Err(QueryError::NotFound(thing));
    }
    let chain = chain::follow(app.pool(), own, until).await?;
    let positions: Vec<_> = chain.links.keys().copied().collect();
    let shown = event::shown(app, read_at(app, &positions).await?).await?;
    let links = chain.links.into_values();
    let chain_of: Vec<(Link, AuditEvent)> = links.zip(shown).collect();
    let own = chain_of.iter().filter(|(link, _)| link.how == chain::How::Own);
    let events = own.map(|(_, event)| event.clone()).collect();
    Ok(Story { state: None, events, chain: chain_of, is_cut: chain.is_cut })
}

/// The events up to the moment `at`, or all. Up to the first one after it: what came later in the log had
/// not happened yet, whatever the clock of its writer said.
fn until<E>(
    events: &[AuditEvent],
    at: Option<Timestamp>,
    pick: fn(Event) -> Option<E>,
) -> Result<Vec<Envelope<E>>, QueryError> {
    let mut history = vec![];
    for event in events {
        let (decoded, metadata) = event.decode()?;
        if at.is_some_and(|at| metadata.occurred_at > at) {
            break;
        }
        let id = event.id.parse().unwrap_or_default();
        history.extend(pick(decoded).map(|event| Envelope { id, event, metadata }));
    }
    Ok(history)
}

async fn show_ban(
    app: &App,
    ban: &events::ban::Ban,
    lifted: Option<&Lifted>,
    at: Option<Timestamp>,
) -> Result<Ban, QueryError> {
    let users = directory::users(app.pool(), &[&ban.target_user_id]).await?;
    let target = UserSummary::of(&ban.target_user_id, users.get(&ban.target_user_id));
    Ok(Ban::of(ban, lifted, target, at.unwrap_or_else(|| app.now())))
}

async fn show_report(app: &App, report: &events::report::Report) -> Result<Report, QueryError> {
    let named: Vec<&UserId> = [&report.reporter_id, &report.reviewed_by]
        .into_iter()
        .flatten()
        .chain([&report.stream_creator_id])
        .collect();
    let users = directory::users(app.pool(), &named).await?;
    let live_stream = directory::live_stream(app.pool(), &report.live_stream_id).await?;
    let summary = |id: &UserId| UserSummary::of(id, users.get(id));
    let people = People {
        reported_by: report.reporter_id.as_ref().map(summary),
        stream_creator: summary(&report.stream_creator_id),
        reviewed_by: report.reviewed_by.as_ref().map(summary),
    };
    // Auditors see what staff saw.
    Ok(Report::of(report, people, live_stream.as_ref(), true))
}
