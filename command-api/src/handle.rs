//! The engine, once: load → answer a repetition → decide → append → retry on conflict.
//!
//! **Architecture Invariant:** no use case appends by itself. What is appended was decided on the
//! very version of the stream that it is appended to.

use event_log::{AppendOutcome, Position};
use events::{Envelope, PersonalField, Timestamp, UserId};
use serde::Serialize;
use service::new_id;
use ulid::Ulid;

use crate::App;
use crate::aggregate::Aggregate;
use crate::history::{Earlier, History, StreamError};
use crate::idempotency::{event_id, fingerprint};
use crate::origin::Origin;
use crate::reads::ReadError;
use crate::sealing::Bare;

/// How often a command is tried when others keep changing its stream. Each round lets one of the
/// contenders through and the tries of all others share its statements, so this many may contend for
/// one user's ban at once, as when YouTube clients supersede a temporary one.
const TRIES: u32 = 128;

/// What became of a command.
#[derive(Debug)]
pub(crate) struct Handled<S> {
    /// The aggregate's state, right after the command.
    pub(crate) state: S,
    /// The moment that `state` is of.
    pub(crate) at: Timestamp,
    /// Where the last event that made it stands in the log.
    pub(crate) position: Position,
    /// Whether an earlier request had done it already.
    pub(crate) replayed: bool,
}

/// Why a command came to nothing, its refusal aside.
#[derive(Debug, Clone, thiserror::Error)]
pub(crate) enum HandleError {
    /// The stream could not be read again.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The stream could not be written.
    #[error(transparent)]
    Stream(#[from] StreamError),
    /// The caller used the same key for another request.
    #[error("the idempotency key came with another request before")]
    KeyReused,
    /// The stream kept changing.
    #[error("the event stream changed at every one of {TRIES} tries")]
    Contended,
}

/// Has `D` decide on its `history`, and appends what it decides.
///
/// `asked` is everything that makes the request the one it is. `command` builds the command for a
/// decision at the moment that it is given; what it refuses is refused, but only after it is known that
/// the request is no repetition of one that succeeded.
pub(crate) async fn handle<D, E>(
    app: &App,
    origin: Origin<'_>,
    asked: &impl Serialize,
    mut history: History<D>,
    command: impl Fn(Timestamp) -> Result<D::Command, E>,
) -> Result<Handled<D::State>, E>
where
    D: Aggregate,
    E: From<D::Refusal> + From<HandleError>,
{
    let mark = Mark::new(app, origin, asked)?;
    for _ in 0..TRIES {
        // 1. A command whose events are in its stream already is answered as it was.
        if let Some(handled) = mark.replay(&history)? {
            return Ok(handled);
        }

        // 2. Fold the history, and decide on it.
        let now = Timestamp::from(app.clock.now());
        let state = history.state();
        let decided = D::decide(&state, &command(now)?).inspect_err(|refusal| {
            if D::is_collision(refusal) {
                tracing::error!(stream = history.stream(), "two aggregates share an event stream");
            }
        })?;

        // 3. Nothing decided is nothing to append: things stand as they are asked to.
        if decided.is_empty() {
            return Ok(Handled { state, at: now, position: history.position(), replayed: false });
        }

        // 4. Append to exactly the version that was decided on.
        let events = mark.envelopes(&history, decided, now);
        let state = events.iter().fold(state, D::evolve);
        match append(app, &history, events, D::about(&state)).await? {
            AppendOutcome::Appended { position } => {
                return Ok(Handled { state, at: now, position, replayed: false });
            }
            AppendOutcome::IdInUse => {
                // Its repetition here has just been answered by another; elsewhere, it was another.
                history = reload(app, history).await?;
                return Ok(mark.replay(&history)?.ok_or(HandleError::KeyReused)?);
            }
            // 5. Somebody else was faster: once more, on what he left.
            AppendOutcome::AlreadyAppended { .. } | AppendOutcome::Conflict { .. } => {
                metrics::counter!("docket_command_retries_total").increment(1);
                history = reload(app, history).await?;
            }
        }
    }
    // 6. The last try may have appended what only its answer did not say.
    Ok(mark.replay(&history)?.ok_or(HandleError::Contended)?)
}

async fn reload<D: Aggregate>(app: &App, history: History<D>) -> Result<History<D>, HandleError> {
    Ok(app.reads.load(history.into_stream()).await?)
}

async fn append<D: Aggregate>(
    app: &App,
    history: &History<D>,
    events: Vec<Envelope<D::Event>>,
    about: Option<&UserId>,
) -> Result<AppendOutcome, HandleError> {
    let bare = |Envelope { id, event, metadata }| Bare::of(id, D::stored(event), metadata, about);
    let sealed = app.sealing.seal(events.into_iter().map(bare).collect()).await?;
    let outcome = app.log.append(history.stream(), history.expected(), sealed).await;
    Ok(outcome.map_err(StreamError::from)?)
}

/// What a command's events are known by.
struct Mark<'a> {
    app: &'a App,
    origin: Origin<'a>,
    command_id: Ulid,
    /// What was asked, hashed; only for a command that has a key.
    fingerprint: Option<String>,
}

impl<'a> Mark<'a> {
    fn new(app: &'a App, origin: Origin<'a>, asked: &impl Serialize) -> Result<Self, HandleError> {
        let asked = (origin.dialect(), asked);
        let fingerprint = origin.key().map(|_| fingerprint(&asked)).transpose();
        let fingerprint = fingerprint.map_err(StreamError::unwritable)?;
        Ok(Self { app, origin, command_id: new_id(&*app.clock), fingerprint })
    }

    /// The answer that the command had, if its events are in `history`.
    fn replay<D: Aggregate>(
        &self,
        history: &History<D>,
    ) -> Result<Option<Handled<D::State>>, HandleError> {
        let first = self.origin.key().map(|(caller, key)| event_id(caller, key, 0));
        let meant = |event: &Envelope<D::Event>| {
            Some(event.id) == first || event.metadata.command_id == self.command_id
        };
        let Some(Earlier { state, position, metadata }) = history.earlier(meant) else {
            return Ok(None);
        };
        // Whoever had the key destroyed that the fingerprint was sealed with took it from the comparison.
        let is_erased = metadata.sealed.contains_key(&PersonalField::RequestFingerprint);
        if !is_erased && metadata.request_fingerprint != self.fingerprint {
            return Err(HandleError::KeyReused);
        }
        let replayed = metadata.command_id != self.command_id;
        Ok(Some(Handled { state, at: metadata.occurred_at, position, replayed }))
    }

    fn envelopes<D: Aggregate>(
        &self,
        history: &History<D>,
        decided: Vec<D::Event>,
        now: Timestamp,
    ) -> Vec<Envelope<D::Event>> {
        let mut made: Vec<Envelope<D::Event>> = vec![];
        for (index, event) in (0..).zip(decided) {
            let id = match self.origin.key() {
                Some((caller, key)) => event_id(caller, key, index),
                None => new_id(&*self.app.clock),
            };
            let mut metadata = self.origin.metadata(self.command_id, now);
            metadata.request_fingerprint.clone_from(&self.fingerprint);
            let cause = D::cause(&event, history.events().chain(&made));
            metadata.causation_id = cause.or(metadata.causation_id);
            made.push(Envelope { id, event, metadata });
        }
        made
    }
}
