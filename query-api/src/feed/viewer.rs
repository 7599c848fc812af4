//! Who sees which events.

use events::{Action, Actor, Event, Relation, Situation, permit};

use crate::tail::{Content, LiveEvent};

/// The name of every stream of a ban begins so.
const BAN: &str = "ban-";

/// Whose feed it is.
#[derive(Debug, Clone)]
pub struct Viewer {
    actor: Actor,
    /// Whether reports are shown, too.
    staff: bool,
}

impl Viewer {
    pub(super) fn new(actor: Actor) -> Self {
        let staff = permit(Action::ReadReportQueue, &actor.roles, Situation::NONE).is_ok();
        Self { actor, staff }
    }

    /// Whether all of an event is shown. Others see bans as the list of bans shows them: who reads that a report is
    /// behind one could compute who filed it.
    pub fn sees_reports(&self) -> bool {
        self.staff
    }

    /// Whether an event of this stream may be one to be shown.
    pub(super) fn may_see(&self, stream: &str) -> bool {
        self.staff || stream.starts_with(BAN)
    }

    /// Whether this event is to be shown. Of one that cannot be read nobody knows whose it is, so it is shown to all
    /// whose it may be, as that: none is left out in silence.
    pub(super) fn sees(&self, event: &LiveEvent) -> bool {
        match &event.content {
            Some(Content { event: Event::Ban(_), live_stream, .. }) => {
                let relation =
                    |stream: &events::LiveStreamSnapshot| stream.relation(&self.actor.id);
                let caller = live_stream.as_deref().map_or(Relation::Outsider, relation);
                let situation = Situation { caller, ..Situation::NONE };
                permit(Action::ReadBans, &self.actor.roles, situation).is_ok()
            }
            Some(Content { event: Event::Report(_), .. }) => self.staff,
            None => self.may_see(&event.stream),
        }
    }
}
