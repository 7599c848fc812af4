//! What the engine must know of a decider beside its two functions.

use events::ban::{BanEvent, BanRefusal, BanState, Bans, RevokeCause};
use events::report::{ReportEvent, ReportRefusal, ReportState, Reports};
use events::{Decider, Envelope, Event, ReportId, UserId};
use ulid::Ulid;

/// What the engine must know of a decider beside its two functions.
pub(crate) trait Aggregate: Decider<Event: Clone> {
    /// The event among all events.
    fn stored(event: Self::Event) -> Event;
    /// The event as this aggregate's own; `None` when it is another's.
    fn own(event: Event) -> Option<Self::Event>;
    /// Whether the refusal means that two aggregates share an event stream by accident.
    fn is_collision(refusal: &Self::Refusal) -> bool;
    /// Whom its event stream is about: what people write there is about this person.
    fn about(state: &Self::State) -> Option<&UserId>;
    /// Which of the events `before` it, oldest first, led to `event`; `None` when it was none of this
    /// stream.
    fn cause<'a>(
        event: &Self::Event,
        before: impl DoubleEndedIterator<Item = &'a Envelope<Self::Event>>,
    ) -> Option<Ulid>
    where
        Self::Event: 'a;
}

impl Aggregate for Bans {
    fn stored(event: BanEvent) -> Event {
        Event::Ban(event)
    }

    fn own(event: Event) -> Option<BanEvent> {
        match event {
            Event::Ban(event) => Some(event),
            Event::Report(_) => None,
        }
    }

    fn is_collision(refusal: &BanRefusal) -> bool {
        matches!(refusal, BanRefusal::Collision)
    }

    fn about(state: &BanState) -> Option<&UserId> {
        state.latest().map(|ban| &ban.target_user_id)
    }

    fn cause<'a>(
        event: &BanEvent,
        mut before: impl DoubleEndedIterator<Item = &'a Envelope<BanEvent>>,
    ) -> Option<Ulid> {
        match event {
            BanEvent::Revoked(revoked) => before
                .rfind(|earlier| match &earlier.event {
                    BanEvent::Created(created) => created.ban_id == revoked.ban_id,
                    BanEvent::Revoked(_) => false,
                })
                .map(|created| created.id),
            // The report led to it, and that is in another stream.
            BanEvent::Created(created) if created.report_id.is_some() => None,
            BanEvent::Created(_) => before
                .next_back()
                .filter(|last| match &last.event {
                    BanEvent::Revoked(revoked) => revoked.cause == RevokeCause::Superseded,
                    BanEvent::Created(_) => false,
                })
                .map(|superseded| superseded.id),
        }
    }
}

impl Aggregate for Reports {
    fn stored(event: ReportEvent) -> Event {
        Event::Report(event)
    }

    fn own(event: Event) -> Option<ReportEvent> {
        match event {
            Event::Report(event) => Some(event),
            Event::Ban(_) => None,
        }
    }

    fn is_collision(refusal: &ReportRefusal) -> bool {
        matches!(refusal, ReportRefusal::Collision)
    }

    fn about(state: &ReportState) -> Option<&UserId> {
        state.latest().and_then(|report| report.reporter_id.as_ref())
    }

    fn cause<'a>(
        event: &ReportEvent,
        before: impl DoubleEndedIterator<Item = &'a Envelope<ReportEvent>>,
    ) -> Option<Ulid> {
        match event {
            ReportEvent::Filed(_) => None,
            ReportEvent::Reviewed(reviewed) => last_of_report(reviewed.report_id, before),
        }
    }
}

/// The last of these that is of that report.
pub(crate) fn last_of_report<'a>(
    id: ReportId,
    mut events: impl DoubleEndedIterator<Item = &'a Envelope<ReportEvent>>,
) -> Option<Ulid> {
    let of_it = |event: &&Envelope<ReportEvent>| match &event.event {
        ReportEvent::Filed(filed) => filed.report_id == id,
        ReportEvent::Reviewed(reviewed) => reviewed.report_id == id,
    };
    events.rfind(of_it).map(|event| event.id)
}
