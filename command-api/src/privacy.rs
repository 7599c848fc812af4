//! The use cases of privacy: who may erase, hold and read of it, and what is answered.
//!
//! None of them appends: an event that names the person would tell for ever who was erased. What is read is
//! put on record first, as all that auditors read.

pub(crate) mod erasures;
pub(crate) mod legal_holds;
mod reads;

use event_log::LogError;
use events::{Action, Actor, Notes, Situation, Timestamp, UserId, permit};
use serde_json::{Value, json};
use service::new_id;
use sqlx::PgConnection;
use tokio::time::timeout;
use ulid::Ulid;

use crate::App;
use crate::database::{PATIENCE, settle};
use crate::origin::Sender;
use erasures::{Certificate, Erasing};
use legal_holds::{LegalHold, Placing, Which};
use reads::Read;

/// Why nothing became of it.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PrivacyError {
    /// The caller may not.
    #[error("{0:?} is not allowed")]
    Denied(Action),
    /// There is no such erasure.
    #[error("no such erasure")]
    UnknownErasure,
    /// No legal hold is in force for the person.
    #[error("no such legal hold")]
    UnknownHold,
    /// A legal hold is in the way, since then.
    #[error("held since {0}")]
    Held(Timestamp),
    /// The log does not say how far it has come.
    #[error(transparent)]
    Log(#[from] LogError),
    /// The database does not do it.
    #[error("the tables of privacy cannot be read or written")]
    Database(#[from] sqlx::Error),
}

/// A page of a list, and how many entries all pages have.
#[derive(Debug)]
pub(crate) struct Found<T> {
    /// The entries.
    pub(crate) rows: Vec<T>,
    /// How many there are in all.
    pub(crate) total: u64,
}

/// Which part of a list.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Window {
    /// How many entries.
    pub(crate) limit: u32,
    /// Behind how many others.
    pub(crate) offset: u64,
}

impl Window {
    fn asked(self) -> Value {
        json!({"limit": self.limit, "offset": self.offset})
    }
}

const ERASURES: &str = "/api/v1/privacy/erasures";
const ERASURE: &str = "/api/v1/privacy/erasures/{id}";
const HOLDS: &str = "/api/v1/privacy/legal-holds";

/// Destroys the key of a person, and scrubs what was opened with it. Harmless when done again, and for
/// somebody of whom nothing is known.
pub(crate) async fn erase(
    app: &App,
    caller: &Actor,
    person: &UserId,
) -> Result<Certificate, PrivacyError> {
    allow(Action::ErasePerson, caller)?;
    // Before the erasure: what stands in the log by now was sealed with a key that it destroys, or that an
    // earlier one has destroyed.
    let until = app.log.head().await?;
    let now = app.clock.now();
    let erasing = Erasing { id: new_id(&*app.clock), person, requester: &caller.id, now, until };
    let done = ask(app, async |connection| erasures::erase(connection, &erasing).await).await?;
    let certificate = done.map_err(PrivacyError::Held)?;
    tracing::info!(erasure = %certificate.id, "a person was erased");
    Ok(certificate)
}

/// The certificate of an erasure. What is no id names none.
pub(crate) async fn certificate(
    app: &App,
    reader: &Sender,
    id: &str,
) -> Result<Certificate, PrivacyError> {
    // No text in PostgreSQL holds NUL.
    let asked = id.replace('\0', "\u{fffd}");
    let read = read(app, reader, ERASURE, json!({"path": {"id": asked}, "query": {}}))?;
    // A ULID has one form; whatever else might be taken for it is none.
    let id = Ulid::from_string(id).ok().filter(|ulid| ulid.to_string() == id);
    let found = ask(app, async |connection| {
        reads::record(connection, reader, &read).await?;
        match id {
            Some(id) => erasures::by_id(connection, id).await,
            None => Ok(None),
        }
    });
    found.await?.ok_or(PrivacyError::UnknownErasure)
}

/// The certificates of all erasures, the latest first.
pub(crate) async fn certificates(
    app: &App,
    reader: &Sender,
    window: Window,
) -> Result<Found<Certificate>, PrivacyError> {
    let read = read(app, reader, ERASURES, json!({"path": {}, "query": window.asked()}))?;
    let found = ask(app, async |connection| {
        reads::record(connection, reader, &read).await?;
        erasures::list(connection, window).await
    });
    found.await
}

/// Keeps the texts of a person from being erased. With the reason of a hold that is in force already, it
/// changes nothing; with another one, a new hold takes the place of the old.
pub(crate) async fn hold(
    app: &App,
    caller: &Actor,
    person: &UserId,
    reason: &Notes,
) -> Result<LegalHold, PrivacyError> {
    allow(Action::HoldPerson, caller)?;
    let (id, now) = (new_id(&*app.clock), app.clock.now());
    let placing = Placing { id, person, reason, placer: &caller.id, now };
    ask(app, async |connection| legal_holds::place(connection, &placing).await).await
}

/// Lets go of the texts of a person.
pub(crate) async fn release(
    app: &App,
    caller: &Actor,
    person: &UserId,
) -> Result<LegalHold, PrivacyError> {
    allow(Action::HoldPerson, caller)?;
    let now = app.clock.now();
    let release = async |connection: &mut PgConnection| {
        legal_holds::release(connection, person, &caller.id, now).await
    };
    ask(app, release).await?.ok_or(PrivacyError::UnknownHold)
}

/// The legal holds that were placed, the latest first.
pub(crate) async fn holds(
    app: &App,
    reader: &Sender,
    which: &Which,
    window: Window,
) -> Result<Found<LegalHold>, PrivacyError> {
    let mut asked = window.asked();
    asked["userId"] = json!(which.person);
    asked["inForce"] = json!(which.in_force);
    let read = read(app, reader, HOLDS, json!({"path": {}, "query": asked}))?;
    let found = ask(app, async |connection| {
        reads::record(connection, reader, &read).await?;
        legal_holds::list(connection, which, window).await
    });
    found.await
}

/// What is about to be read, if it may be.
fn read(
    app: &App,
    reader: &Sender,
    route: &'static str,
    filter: Value,
) -> Result<Read, PrivacyError> {
    allow(Action::ReadPrivacyRecords, reader.actor())?;
    Ok(Read { id: new_id(&*app.clock), route, filter, now: app.clock.now() })
}

fn allow(action: Action, caller: &Actor) -> Result<(), PrivacyError> {
    permit(action, &caller.roles, Situation::NONE).map_err(|_| PrivacyError::Denied(action))
}

/// What the database answers in time.
async fn ask<T>(
    app: &App,
    question: impl AsyncFnOnce(&mut PgConnection) -> Result<T, sqlx::Error>,
) -> Result<T, PrivacyError> {
    let mut connection = app.directory.pool().acquire().await?;
    let told = timeout(PATIENCE, question(&mut connection)).await;
    Ok(settle(connection, told)?)
}
