//! What in an event is personal, and whose it is.
//!
//! Personal texts are stored sealed, each with a key of the person that it belongs to, so that destroying
//! the key makes them unreadable for ever while the events, and all proofs over them, stay as they are. A
//! sealed text is absent from its usual place, where every form of every event may do without it, and
//! stands in [`Metadata::sealed`].
//!
//! Whose a text is: what people wrote belongs to whom the event stream is about, the banned user or the
//! reporter; where and with what somebody acted belongs to the actor.
//!
//! To add a personal field: a variant here, and its lines in [`withdraw`] and [`restore`].
//!
//! **Architecture Invariant:** nothing here can seal or open. Keys are for those who do I/O.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};
use ulid::Ulid;

use crate::ban::BanEvent;
use crate::report::ReportEvent;
use crate::{Description, Event, Metadata, Notes, Reason, UserId};

/// A part of an event that may tell something about a person.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "camelCase")]
pub enum PersonalField {
    /// Why somebody was banned.
    Reason,
    /// What a reporter saw.
    Description,
    /// What a reviewer noted.
    AdminNotes,
    /// What the request asked, hashed: whoever guesses the text could confirm it.
    RequestFingerprint,
    /// The actor's network address.
    ClientIp,
    /// The actor's program.
    UserAgent,
    /// The actor's device.
    DeviceId,
}

impl PersonalField {
    /// Every one.
    pub const ALL: [Self; 7] = [
        Self::Reason,
        Self::Description,
        Self::AdminNotes,
        Self::RequestFingerprint,
        Self::ClientIp,
        Self::UserAgent,
        Self::DeviceId,
    ];

    /// Its name in stored JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Reason => "reason",
            Self::Description => "description",
            Self::AdminNotes => "adminNotes",
            Self::RequestFingerprint => "requestFingerprint",
            Self::ClientIp => "clientIp",
            Self::UserAgent => "userAgent",
            Self::DeviceId => "deviceId",
        }
    }
}

/// A text that only one person's key opens: the key's ULID, a full stop, and the text encrypted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Sealed(String);

impl Sealed {
    /// A text that `key` has encrypted.
    pub fn new(key: Ulid, encrypted: &str) -> Self {
        Self(format!("{key}.{encrypted}"))
    }

    /// The key, and what it has encrypted; `None` when it is not what [`Self::new`] makes.
    pub fn parts(&self) -> Option<(Ulid, &str)> {
        let (key, encrypted) = self.0.split_once('.')?;
        Some((Ulid::from_string(key).ok()?, encrypted))
    }
}

/// A personal text that was taken out of an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Personal {
    /// Where it stood.
    pub field: PersonalField,
    /// Whose it is.
    pub subject: UserId,
    /// The text.
    pub text: String,
}

/// Takes every personal text out of an event whose stream is about `about`.
pub fn withdraw(event: &mut Event, metadata: &mut Metadata, about: &UserId) -> Vec<Personal> {
    let words = match event {
        Event::Ban(BanEvent::Created(created)) => {
            created.reason.take().map(|text| (PersonalField::Reason, text.into_string()))
        }
        Event::Ban(BanEvent::Revoked(_)) => None,
        Event::Report(ReportEvent::Filed(filed)) => {
            filed.description.take().map(|text| (PersonalField::Description, text.into_string()))
        }
        Event::Report(ReportEvent::Reviewed(reviewed)) => {
            reviewed.admin_notes.take().map(|text| (PersonalField::AdminNotes, text.into_string()))
        }
    };
    let fingerprint = metadata.request_fingerprint.take();
    let asked = fingerprint.map(|text| (PersonalField::RequestFingerprint, text));
    let of = |subject: &UserId| {
        let subject = subject.clone();
        move |(field, text)| Personal { field, subject: subject.clone(), text }
    };
    let mut personal: Vec<Personal> = words.into_iter().chain(asked).map(of(about)).collect();
    if let Some(actor) = metadata.actor.clone() {
        let address = metadata.client_ip.take().map(|address| address.to_string());
        let network = [
            (PersonalField::ClientIp, address),
            (PersonalField::UserAgent, metadata.user_agent.take()),
            (PersonalField::DeviceId, metadata.device_id.take()),
        ];
        let told = network.into_iter().filter_map(|(field, text)| Some((field, text?)));
        personal.extend(told.map(of(&actor)));
    }
    personal
}

/// A text has no place in the event that it was sealed for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the event has no place for {}", .0.as_str())]
pub struct Misplaced(pub PersonalField);

/// Puts a personal text back where [`withdraw`] took it.
pub fn restore(
    event: &mut Event,
    metadata: &mut Metadata,
    field: PersonalField,
    text: String,
) -> Result<(), Misplaced> {
    match (field, event) {
        (PersonalField::Reason, Event::Ban(BanEvent::Created(created))) => {
            created.reason = Some(Reason::stored(text));
        }
        (PersonalField::Description, Event::Report(ReportEvent::Filed(filed))) => {
            filed.description = Some(Description::stored(text));
        }
        (PersonalField::AdminNotes, Event::Report(ReportEvent::Reviewed(reviewed))) => {
            reviewed.admin_notes = Some(Notes::stored(text));
        }
        (
            PersonalField::Reason | PersonalField::Description | PersonalField::AdminNotes,
            Event::Ban(_) | Event::Report(_),
        ) => return Err(Misplaced(field)),
        (PersonalField::RequestFingerprint, _) => metadata.request_fingerprint = Some(text),
        (PersonalField::ClientIp, _) => {
            let address: IpAddr = text.parse().map_err(|_| Misplaced(field))?;
            metadata.client_ip = Some(address);
        }
        (PersonalField::UserAgent, _) => metadata.user_agent = Some(text),
        (PersonalField::DeviceId, _) => metadata.device_id = Some(text),
    }
    Ok(())
}
