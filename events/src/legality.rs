//! Whether a history is one that the deciders could have written.
//!
//! The events of one command are judged together: from what they and their metadata say, the most
//! permissive command is made that could have led to them, the decider decides on it, and exactly these
//! events must come out. What a decision depended on and no event tells, as who moderated the live stream
//! that day, is taken to have been what allows it. Sealed texts are taken to be there, whatever they say.
//!
//! **Architecture Invariant:** no rule stands here. What may happen is for the deciders to say; this only
//! asks them.

mod bans;
mod difference;
mod reports;

use crate::ban::{BanEvent, BanRefusal, BanState, Bans};
use crate::personal::{Misplaced, restore, withdraw};
use crate::report::{ReportEvent, ReportRefusal, ReportState, Reports};
use crate::{Actor, Decider, Envelope, Event, PersonalField, Timestamp, UserId};

/// What is known of one event stream, from all that was decided on it so far.
#[derive(Debug, Clone, Default)]
pub enum Followed {
    /// Nothing has happened on it.
    #[default]
    Empty,
    /// It holds bans.
    Bans(Box<BanState>),
    /// It holds reports.
    Reports(Box<ReportState>),
}

/// Why events cannot have been decided where they stand.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Illegal {
    /// Their ids name another event stream.
    #[error("its id belongs on the event stream {0}")]
    OtherStream(String),
    /// One event stream is either of bans or of reports.
    #[error("bans and reports do not share an event stream")]
    OtherAggregate,
    /// One command has one giver, moment and way.
    #[error("it does not name the same actor, roles and time as the first event of its command")]
    Mixed,
    /// No command leads to these events and no others.
    #[error("no command decides just this: {0}")]
    NoCommand(String),
    /// People do this, so one must be named.
    #[error("nobody is named as who did it")]
    Nobody,
    /// It happens by itself, so nobody is to be named.
    #[error("{0} is named as who did what happens by itself")]
    Somebody(UserId),
    /// A ban lasts some whole seconds.
    #[error("expiresAt is not 1 to 31536000 whole seconds after occurredAt")]
    Duration,
    /// A sealed text stands in an event that has no place for it.
    #[error("{} is sealed in an event that has no place for it", .0.as_str())]
    Misplaced(PersonalField),
    /// A text stands both sealed and for all to read.
    #[error("{} stands there sealed and unsealed", .0.as_str())]
    Twice(PersonalField),
    /// The rules of bans do not allow it.
    #[error("refused by the rules of bans: {0}")]
    Ban(#[from] BanRefusal),
    /// The rules of reports do not allow it.
    #[error("refused by the rules of reports: {0}")]
    Report(#[from] ReportRefusal),
    /// There was nothing to decide.
    #[error("it changes nothing, so nothing was to be decided")]
    Nothing,
    /// Something else would have been decided.
    #[error("the rules make it something else: {0}")]
    Otherwise(String),
}

/// Whether `next` was decided by the same command as `event` before it on the same event stream.
pub fn is_same_decision<E>(event: &Envelope<E>, next: &Envelope<E>) -> bool {
    event.metadata.command_id == next.metadata.command_id
}

/// Everything illegal in the whole history of an event stream, with the first event of the decision that
/// it concerns, from 0.
pub fn judge(stream: &str, history: &[Envelope<Event>]) -> Vec<(usize, Illegal)> {
    let (mut followed, mut index, mut illegal) = (Followed::default(), 0, vec![]);
    for decision in history.chunk_by(is_same_decision) {
        if let Err(reason) = followed.follow(stream, decision.to_vec()) {
            illegal.push((index, reason));
        }
        index += decision.len();
    }
    illegal
}

impl Followed {
    /// Judges the next decision on `stream`, and goes on from it, legal or not. Personal texts are
    /// forgotten.
    pub fn follow(&mut self, stream: &str, decision: Vec<Envelope<Event>>) -> Result<(), Illegal> {
        let judged = self.judge(stream, &decision);
        for envelope in decision {
            self.evolve(envelope);
        }
        judged
    }

    fn judge(&self, stream: &str, decision: &[Envelope<Event>]) -> Result<(), Illegal> {
        let Some(first) = decision.first() else { return Ok(()) };
        for envelope in decision {
            let expected = stream_of(&envelope.event);
            if expected != stream {
                return Err(Illegal::OtherStream(expected));
            }
        }
        if !decision.iter().skip(1).all(|other| is_of_one_command(first, other)) {
            return Err(Illegal::Mixed);
        }
        let given = Given::of(first);
        let opened = decision.iter().map(open).collect::<Result<Vec<_>, _>>()?;
        let (mut of_bans, mut of_reports) = (vec![], vec![]);
        for event in opened {
            match event {
                Event::Ban(event) => of_bans.push(event),
                Event::Report(event) => of_reports.push(event),
            }
        }
        match (self, of_bans.is_empty(), of_reports.is_empty()) {
            (Self::Empty, false, true) => bans::judge(&BanState::default(), &given, &of_bans),
            (Self::Empty, true, false) => {
                reports::judge(&ReportState::default(), &given, &of_reports)
            }
            (Self::Bans(state), false, true) => bans::judge(state, &given, &of_bans),
            (Self::Reports(state), true, false) => reports::judge(state, &given, &of_reports),
            (Self::Empty | Self::Bans(_) | Self::Reports(_), _, _) => Err(Illegal::OtherAggregate),
        }
    }

    fn evolve(&mut self, envelope: Envelope<Event>) {
        let Envelope { id, mut event, mut metadata } = envelope;
        // The rules do not ask for personal texts, and histories are long.
        let about = metadata.actor.clone();
        if let Some(about) = about {
            withdraw(&mut event, &mut metadata, &about);
        }
        metadata.sealed.clear();
        match event {
            Event::Ban(event) => {
                let state = match std::mem::take(self) {
                    Self::Empty => Box::default(),
                    Self::Bans(state) => state,
                    other @ Self::Reports(_) => return *self = other,
                };
                let event: Envelope<BanEvent> = Envelope { id, event, metadata };
                *self = Self::Bans(Box::new(Bans::evolve(*state, &event)));
            }
            Event::Report(event) => {
                let state = match std::mem::take(self) {
                    Self::Empty => Box::default(),
                    Self::Reports(state) => state,
                    other @ Self::Bans(_) => return *self = other,
                };
                let event: Envelope<ReportEvent> = Envelope { id, event, metadata };
                *self = Self::Reports(Box::new(Reports::evolve(*state, &event)));
            }
        }
    }
}

/// What the metadata tell of how a command was given.
struct Given {
    now: Timestamp,
    caller: Option<Actor>,
}

impl Given {
    fn of(event: &Envelope<Event>) -> Self {
        let metadata = &event.metadata;
        let actor = |id: &UserId| Actor { id: id.clone(), roles: metadata.roles.clone() };
        Self { now: metadata.occurred_at, caller: metadata.actor.as_ref().map(actor) }
    }

    /// Who gave it.
    fn somebody(&self) -> Result<Actor, Illegal> {
        self.caller.clone().ok_or(Illegal::Nobody)
    }
}

fn stream_of(event: &Event) -> String {
    match event {
        Event::Ban(BanEvent::Created(created)) => created.ban_id.stream(),
        Event::Ban(BanEvent::Revoked(revoked)) => revoked.ban_id.stream(),
        Event::Report(ReportEvent::Filed(filed)) => filed.report_id.stream(),
        Event::Report(ReportEvent::Reviewed(reviewed)) => reviewed.report_id.stream(),
    }
}

fn is_of_one_command(first: &Envelope<Event>, other: &Envelope<Event>) -> bool {
    let of = |event: &Envelope<Event>| {
        let metadata = &event.metadata;
        let who = (metadata.actor.clone(), metadata.roles.clone());
        (who, metadata.occurred_at, metadata.dialect, metadata.correlation_id.clone())
    };
    of(first) == of(other)
}

/// The event with something in the place of each text that was sealed.
fn open(envelope: &Envelope<Event>) -> Result<Event, Illegal> {
    let (mut event, mut metadata) = (envelope.event.clone(), envelope.metadata.clone());
    for field in envelope.metadata.sealed.keys().copied() {
        let stands_open = match (field, &event) {
            (PersonalField::Reason, Event::Ban(BanEvent::Created(created))) => {
                created.reason.is_some()
            }
            (PersonalField::Description, Event::Report(ReportEvent::Filed(filed))) => {
                filed.description.is_some()
            }
            (PersonalField::AdminNotes, Event::Report(ReportEvent::Reviewed(reviewed))) => {
                reviewed.admin_notes.is_some()
            }
            (PersonalField::RequestFingerprint, _) => metadata.request_fingerprint.is_some(),
            (PersonalField::ClientIp, _) => metadata.client_ip.is_some(),
            (PersonalField::UserAgent, _) => metadata.user_agent.is_some(),
            (PersonalField::DeviceId, _) => metadata.device_id.is_some(),
            (
                PersonalField::Reason | PersonalField::Description | PersonalField::AdminNotes,
                Event::Ban(_) | Event::Report(_),
            ) => false,
        };
        if stands_open {
            return Err(Illegal::Twice(field));
        }
        // Also an address, which is the one of them that not every text is.
        restore(&mut event, &mut metadata, field, "::".to_owned())
            .map_err(|Misplaced(field)| Illegal::Misplaced(field))?;
    }
    Ok(event)
}
