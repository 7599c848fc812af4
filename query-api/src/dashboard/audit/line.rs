//! An event as a line of a page.

use std::collections::HashMap;

use events::{LiveStreamId, LiveStreamSnapshot, UserId, UserSnapshot};

use serde_json::Value;

use super::super::texts::Texts;
use crate::App;
use crate::audit::event::AuditEvent;
use crate::audit::{How, Link};
use crate::error::QueryError;
use crate::read::directory;

/// Somebody or something by its id, and its name where the directory knows one.
#[derive(Debug, Clone)]
pub(in crate::dashboard) struct Named {
    pub(in crate::dashboard) id: String,
    pub(in crate::dashboard) name: String,
}

/// An event, as far as it can be told in a line, and all of it.
#[derive(Debug)]
pub(in crate::dashboard) struct Line {
    pub(in crate::dashboard) position: String,
    pub(in crate::dashboard) id: String,
    /// What happened, in words.
    pub(in crate::dashboard) what: String,
    /// When, as the event says.
    pub(in crate::dashboard) at: String,
    pub(in crate::dashboard) actor: Option<Named>,
    pub(in crate::dashboard) live_stream: Option<Named>,
    pub(in crate::dashboard) target: Option<Named>,
    /// `bans` or `reports`, and which.
    pub(in crate::dashboard) subject: Option<(&'static str, String)>,
    /// What somebody wrote.
    pub(in crate::dashboard) words: Option<String>,
    /// How it is connected with the others, in words, and the event that it is connected with.
    pub(in crate::dashboard) how: Option<(String, Option<String>)>,
    /// The event as the API shows it.
    pub(in crate::dashboard) json: String,
}

/// Events as lines.
pub(super) async fn lines(
    app: &App,
    texts: Texts,
    events: &[AuditEvent],
) -> Result<Vec<Line>, QueryError> {
    let names = Names::in_events(app, events.iter()).await?;
    Ok(events.iter().map(|event| Line::of(texts, &names, event)).collect())
}

/// Events of a chain as lines.
pub(super) async fn chain(
    app: &App,
    texts: Texts,
    chain: &[(Link, AuditEvent)],
) -> Result<Vec<Line>, QueryError> {
    let names = Names::in_events(app, chain.iter().map(|(_, event)| event)).await?;
    Ok(chain.iter().map(|(link, event)| Line::linked(texts, &names, link, event)).collect())
}

/// What the directory calls those in some events.
struct Names {
    users: HashMap<UserId, UserSnapshot>,
    live_streams: HashMap<LiveStreamId, LiveStreamSnapshot>,
}

impl Names {
    async fn in_events(
        app: &App,
        events: impl Iterator<Item = &AuditEvent>,
    ) -> Result<Self, QueryError> {
        let (mut users, mut live_streams) = (Vec::<UserId>::new(), Vec::<LiveStreamId>::new());
        for event in events {
            let named = [&event.metadata["actor"], &event.data["targetUserId"]];
            let named = named.into_iter().filter_map(Value::as_str);
            users.extend(named.filter_map(|id| id.parse::<UserId>().ok()));
            let live_stream = event.data["liveStreamId"].as_str().and_then(|id| id.parse().ok());
            live_streams.extend(live_stream);
        }
        let users: Vec<_> = users.iter().collect();
        let live_streams: Vec<_> = live_streams.iter().collect();
        Ok(Self {
            users: directory::users(app.pool(), &users).await?,
            live_streams: directory::live_streams(app.pool(), &live_streams).await?,
        })
    }

    fn user(&self, id: String) -> Named {
        let known = id.parse().ok().and_then(|id: UserId| self.users.get(&id));
        // An erased user has no name.
        let name = known.map(|user| user.username.clone()).filter(|name| !name.is_empty());
        Named { name: name.unwrap_or_else(|| id.clone()), id }
    }

    fn live_stream(&self, id: String) -> Named {
        let known = id.parse().ok().and_then(|id: LiveStreamId| self.live_streams.get(&id));
        Named { name: known.map_or_else(|| id.clone(), |stream| stream.title.clone()), id }
    }
}

impl Line {
    /// Whatever the event lacks, or has in another form than ours, is left out of the line.
    fn of(texts: Texts, names: &Names, event: &AuditEvent) -> Self {
        let text = |value: &Value, name: &str| value[name].as_str().map(str::to_owned);
        let data = |name: &str| text(&event.data, name);
        let subject = data("banId").map(|id| ("bans", id));
        let what = texts.get(&format!("audit-event-{}", event.r#type));
        Self {
            position: event.position.clone(),
            id: event.id.clone(),
            what: data("cause").map_or_else(
                || what.clone(),
                |cause| format!("{what} ({})", texts.get(&format!("audit-cause-{cause}"))),
            ),
            at: text(&event.metadata, "occurredAt").unwrap_or_else(|| event.recorded_at.clone()),
            actor: text(&event.metadata, "actor").map(|id| names.user(id)),
            live_stream: data("liveStreamId").map(|id| names.live_stream(id)),
            target: data("targetUserId").map(|id| names.user(id)),
            subject: subject.or_else(|| data("reportId").map(|id| ("reports", id))),
            words: data("reason").or_else(|| data("description")).or_else(|| data("adminNotes")),
            how: None,
            json: serde_json::to_string_pretty(event).unwrap_or_default(),
        }
    }

    /// The same, connected with others.
    fn linked(texts: Texts, names: &Names, link: &Link, event: &AuditEvent) -> Self {
        let how = match link.how {
            How::Own => "own",
            How::Cause => "cause",
            How::Effect => "effect",
            How::Report => "report",
            How::Request => "request",
            How::Subject => "subject",
        };
        let how = texts.get(&format!("audit-how-{how}"));
        Self { how: Some((how, link.of.clone())), ..Self::of(texts, names, event) }
    }
}
