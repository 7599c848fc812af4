//! The domain of Docket: what may happen to bans and reports, and what is remembered of it.
//!
//! Two aggregates, [`ban::Bans`] and [`report::Reports`], are *deciders*: plain functions from state
//! and command to events, and from state and event to state. Time, ids, the caller and the directory
//! snapshots that a rule needs arrive inside the command.
//!
//! To add an event: a struct in `<aggregate>/event.rs`, an arm in its `evolve`, a line in
//! [`codec`] and in [`schema`], a golden sample in `tests/golden`. The compiler names every other place, because no
//! `match` here has a wildcard.
//!
//! **Architecture Invariant:** this crate performs no I/O, reads no clock, draws no random number and
//! depends on no other crate of ours. Everything here is synchronous and total.

pub mod access;
pub mod actor;
pub mod ban;
pub mod codec;
pub mod decider;
pub mod ids;
pub mod json;
pub mod legality;
pub mod metadata;
pub mod personal;
pub mod report;
pub mod schema;
pub mod snapshot;
pub mod text;
pub mod time;

pub use access::{Action, Denial, Situation, permit};
pub use actor::{Actor, Role, Roles};
pub use codec::{DecodeError, Encoded, Event};
pub use decider::{Decider, Envelope, fold};
pub use ids::{BanId, ChannelId, IdError, LiveChatId, LiveStreamId, ReportId, UserId};
pub use metadata::{CorrelationId, Dialect, Metadata, Platform};
pub use personal::{Personal, PersonalField, Sealed};
pub use snapshot::{LiveStreamSnapshot, ProfilePhoto, Relation, StreamStatus, UserSnapshot};
pub use text::{Description, Notes, Reason, TextError};
pub use time::Timestamp;
