//! An event as a line of a page.

use serde_json::Value;

use super::super::texts::Texts;
use crate::audit::event::AuditEvent;
use crate::audit::{How, Link};

/// An event, as far as it can be told in a line, and all of it.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) position: String,
    pub(super) id: String,
    /// What happened, in words.
    pub(super) what: String,
    /// When, as the event says.
    pub(super) at: String,
    pub(super) actor: Option<String>,
    pub(super) live_stream: Option<String>,
    pub(super) target: Option<String>,
    /// `bans` or `reports`, and which.
    pub(super) subject: Option<(&'static str, String)>,
    /// What somebody wrote.
    pub(super) words: Option<String>,
    /// How it is connected with the others, in words, and the event that it is connected with.
    pub(super) how: Option<(String, Option<String>)>,
    /// The event as the API shows it.
    pub(super) json: String,
}

impl Line {
    /// Whatever the event lacks, or has in another form than ours, is left out of the line.
    pub(super) fn of(texts: Texts, event: &AuditEvent) -> Self {
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
            actor: text(&event.metadata, "actor"),
            live_stream: data("liveStreamId"),
            target: data("targetUserId"),
            subject: subject.or_else(|| data("reportId").map(|id| ("reports", id))),
            words: data("reason").or_else(|| data("description")).or_else(|| data("adminNotes")),
            how: None,
            json: serde_json::to_string_pretty(event).unwrap_or_default(),
        }
    }

    /// The same, connected with others.
    pub(super) fn linked(texts: Texts, link: &Link, event: &AuditEvent) -> Self {
        let how = match link.how {
            How::Own => "own",
            How::Cause => "cause",
            How::Effect => "effect",
            How::Report => "report",
            How::Request => "request",
            How::Subject => "subject",
        };
        let how = texts.get(&format!("audit-how-{how}"));
        Self { how: Some((how, link.of.clone())), ..Self::of(texts, event) }
    }
}
