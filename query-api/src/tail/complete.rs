//! From what the log holds to what subscribers get: many events at once, in a handful of statements.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use event_log::{LogReader, RecordedEvent, StreamName};
use events::ban::BanEvent;
use events::report::ReportEvent;
use events::{Event, LiveStreamId, LiveStreamSnapshot, Metadata, UserId, UserSnapshot};
use sealing::MasterKeys;
use serde::Deserialize;
use sqlx::PgPool;

use super::{Content, LiveEvent};
use crate::audit::opened::{Opened, open};
use crate::error::QueryError;
use crate::read::directory;

/// Streams that are remembered: a megabyte of them.
const KNOWN: usize = 4_096;

/// Where what events lack is found.
#[derive(Clone)]
pub struct Source {
    /// Keys of persons, and the directory.
    pool: PgPool,
    /// What opens those keys.
    master: MasterKeys,
    /// What an event itself does not say is in earlier events of its stream.
    reader: Arc<dyn LogReader>,
    /// What they said lately: it never changes.
    known: Arc<Mutex<HashMap<StreamName, Origin>>>,
}

/// What every event of one stream shares.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Origin {
    live_stream: LiveStreamId,
    /// Whom the ban is on, if it is one.
    target: Option<UserId>,
}

/// What the directory says of a batch.
struct Snapshots {
    live_streams: HashMap<LiveStreamId, Arc<LiveStreamSnapshot>>,
    users: HashMap<UserId, UserSnapshot>,
}

impl Source {
    /// Keys are read from the database behind `pool` and opened with `master`; streams are read with `reader`.
    pub fn new(pool: PgPool, master: MasterKeys, reader: Arc<dyn LogReader>) -> Self {
        Self { pool, master, reader, known: Arc::default() }
    }

    /// The events with all that belongs to them.
    pub async fn complete(&self, events: &[RecordedEvent]) -> Result<Vec<LiveEvent>, QueryError> {
        let opening = async { Ok::<_, QueryError>(open(&self.pool, &self.master, events).await?) };
        let finding = async {
            let origins = self.origins(events).await?;
            let snapshots = self.snapshots(&origins).await?;
            Ok((origins, snapshots))
        };
        let (opened, (origins, snapshots)) = tokio::try_join!(opening, finding)?;
        let contents = events.iter().zip(opened).map(|(recorded, opened)| {
            let content = content(recorded, &opened, &origins, &snapshots);
            live(recorded, content)
        });
        Ok(contents.collect())
    }

    /// Where each stream belongs, as far as that can be known. Most often the events themselves say so; for the
    /// others their streams are read.
    async fn origins(
        &self,
        events: &[RecordedEvent],
    ) -> Result<HashMap<StreamName, Origin>, QueryError> {
        let mut origins: HashMap<StreamName, Origin> = events.iter().filter_map(origin).collect();
        let unknown = self.recall(&mut origins, events);
        if !unknown.is_empty() {
            let unknown: Vec<StreamName> = unknown.into_iter().cloned().collect();
            let read = self.reader.read_streams(&unknown).await?;
            origins.extend(read.iter().filter_map(|stream| stream.iter().find_map(origin)));
        }
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() + origins.len() > KNOWN {
            known.clear();
        }
        known.extend(origins.iter().map(|(stream, origin)| (stream.clone(), origin.clone())));
        Ok(origins)
    }

    /// Adds what is known already; answers the streams that are not.
    fn recall<'a>(
        &self,
        origins: &mut HashMap<StreamName, Origin>,
        events: &'a [RecordedEvent],
    ) -> BTreeSet<&'a StreamName> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let mut unknown = BTreeSet::new();
        for RecordedEvent { stream, .. } in events {
            match known.get(stream) {
                _ if origins.contains_key(stream) => {}
                Some(origin) => drop(origins.insert(stream.clone(), origin.clone())),
                None => drop(unknown.insert(stream)),
            }
        }
        unknown
    }

    async fn snapshots(
        &self,
        origins: &HashMap<StreamName, Origin>,
    ) -> Result<Snapshots, QueryError> {
        let live_streams: BTreeSet<&LiveStreamId> =
            origins.values().map(|origin| &origin.live_stream).collect();
        let users: BTreeSet<&UserId> =
            origins.values().filter_map(|origin| origin.target.as_ref()).collect();
        let (live_streams, users): (Vec<_>, Vec<_>) =
            (live_streams.into_iter().collect(), users.into_iter().collect());
        let (live_streams, users) = tokio::try_join!(
            directory::live_streams(&self.pool, &live_streams),
            directory::users(&self.pool, &users),
        )?;
        let shared = live_streams.into_iter().map(|(id, stream)| (id, Arc::new(stream)));
        Ok(Snapshots { live_streams: shared.collect(), users })
    }
}

/// What an event says of its stream, if it does.
fn origin(recorded: &RecordedEvent) -> Option<(StreamName, Origin)> {
    let event = Event::decode(&recorded.event_type, recorded.schema_version, &recorded.data);
    let origin = match event.ok()? {
        Event::Ban(BanEvent::Created(created)) => {
            Origin { live_stream: created.live_stream_id, target: Some(created.target_user_id) }
        }
        Event::Report(ReportEvent::Filed(filed)) => {
            Origin { live_stream: filed.live_stream_id, target: None }
        }
        Event::Ban(BanEvent::Revoked(_)) | Event::Report(ReportEvent::Reviewed(_)) => return None,
    };
    Some((recorded.stream.clone(), origin))
}

fn content(
    recorded: &RecordedEvent,
    opened: &Opened,
    origins: &HashMap<StreamName, Origin>,
    snapshots: &Snapshots,
) -> Option<Content> {
    let (event, metadata) = match decode(recorded, opened) {
        Ok(decoded) => decoded,
        Err(error) => {
            unreadable(recorded, &error);
            return None;
        }
    };
    let Some(origin) = origins.get(&recorded.stream) else {
        unreadable(recorded, &Homeless);
        return None;
    };
    let user = origin.target.as_ref();
    Some(Content {
        event,
        metadata,
        live_stream_id: origin.live_stream.clone(),
        live_stream: snapshots.live_streams.get(&origin.live_stream).cloned(),
        target_id: user.cloned(),
        target: user.and_then(|user| snapshots.users.get(user)).cloned(),
    })
}

fn decode(recorded: &RecordedEvent, opened: &Opened) -> Result<(Event, Metadata), QueryError> {
    let data = serde_json::value::to_raw_value(&opened.data)?;
    let event = Event::decode(&recorded.event_type, recorded.schema_version, &data)?;
    Ok((event, Metadata::deserialize(&opened.metadata)?))
}

/// No event of its stream can be read that says to which live stream it belongs.
#[derive(Debug, thiserror::Error)]
#[error("its live stream is not known")]
struct Homeless;

/// Never skipped in silence: it may be news from a newer Docket.
fn unreadable(recorded: &RecordedEvent, error: &(dyn std::error::Error + 'static)) {
    metrics::counter!("docket_tail_unreadable_total").increment(1);
    let position = recorded.position;
    tracing::error!(error, %position, stream = recorded.stream, "an event is unreadable");
}

fn live(recorded: &RecordedEvent, content: Option<Content>) -> LiveEvent {
    LiveEvent {
        position: recorded.position,
        stream: recorded.stream.clone(),
        id: recorded.id,
        event_type: recorded.event_type.clone(),
        schema_version: recorded.schema_version,
        recorded_at: recorded.recorded_at,
        content,
        shown: Default::default(),
    }
}
