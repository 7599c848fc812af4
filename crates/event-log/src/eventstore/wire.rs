//! The calls that the adapter makes.

use std::sync::Arc;

use eventstore::{
    AppendToStreamOptions, Client, Credentials, Error, EventData, ExpectedRevision, Position,
    ReadAllOptions, ReadStream, ReadStreamOptions, RecordedEvent, StreamPosition,
};

/// Events of one call, beyond which a page is cut. A page also ends at this many bytes.
pub(super) const PAGE: usize = 1000;

/// Bytes of events at which a page ends early.
const PAGE_BYTES: usize = 8 * 1024 * 1024;

/// A run of events.
pub(super) struct Fetched {
    pub(super) events: Vec<RecordedEvent>,
    /// Whether the server had no more in this direction.
    pub(super) ended: bool,
}

/// Where the events are to stand: `after` is the version at which the stream must be.
#[derive(Debug, Clone)]
pub(super) struct Place {
    /// As the server knows it.
    pub(super) stream: String,
    pub(super) after: u64,
}

/// What the server is told of a stream that must be at this version.
pub(super) fn expected(version: u64) -> ExpectedRevision {
    version.checked_sub(1).map_or(ExpectedRevision::NoStream, ExpectedRevision::Exact)
}

/// Appends, and answers the commit position of the last event and its revision.
pub(super) async fn append(
    client: Client,
    credentials: Option<Credentials>,
    place: Place,
    events: Arc<[EventData]>,
) -> eventstore::Result<(u64, u64)> {
    let options = AppendToStreamOptions::default().expected_revision(expected(place.after));
    let options = match credentials {
        Some(credentials) => options.authenticated(credentials),
        None => options,
    };
    let written = client.append_to_stream(place.stream, &options, events.to_vec()).await?;
    Ok((written.position.commit, written.next_expected_version))
}

/// Up to `count` events of the stream, from this revision on; none when there is no such stream.
pub(super) async fn read_stream(
    client: Client,
    credentials: Option<Credentials>,
    stream: String,
    from: u64,
    count: usize,
) -> eventstore::Result<Fetched> {
    let position = match from {
        0 => StreamPosition::Start,
        revision => StreamPosition::Position(revision),
    };
    of_stream(client, credentials, stream, position, count).await
}

/// The last event of the stream.
pub(super) async fn last_of(
    client: Client,
    credentials: Option<Credentials>,
    stream: String,
) -> eventstore::Result<Option<RecordedEvent>> {
    let last = of_stream(client, credentials, stream, StreamPosition::End, 1).await?;
    Ok(last.events.into_iter().next())
}

async fn of_stream(
    client: Client,
    credentials: Option<Credentials>,
    stream: String,
    position: StreamPosition<u64>,
    count: usize,
) -> eventstore::Result<Fetched> {
    let options = ReadStreamOptions::default().position(position).max_count(count);
    let options = match credentials {
        Some(credentials) => options.authenticated(credentials),
        None => options,
    };
    let reading = async { take(client.read_stream(stream, &options).await?, count).await };
    match reading.await {
        Err(Error::ResourceNotFound) => Ok(Fetched { events: vec![], ended: true }),
        fetched => fetched,
    }
}

/// Up to `count` events of the whole log. Forwards, the one at the position comes first; backwards,
/// the one before it does.
pub(super) async fn read_all(
    client: Client,
    credentials: Option<Credentials>,
    from: StreamPosition<Position>,
    backwards: bool,
    count: usize,
) -> eventstore::Result<Fetched> {
    let options = ReadAllOptions::default().position(from).max_count(count);
    let options = if backwards { options.backwards() } else { options };
    let options = match credentials {
        Some(credentials) => options.authenticated(credentials),
        None => options,
    };
    take(client.read_all(&options).await?, count).await
}

async fn take(mut reading: ReadStream, count: usize) -> eventstore::Result<Fetched> {
    let (mut events, mut bytes) = (vec![], 0);
    while let Some(found) = reading.next().await? {
        // A link that leads nowhere has no event; the place in the log is that of the link.
        let event = found.link.or(found.event).ok_or_else(no_event)?;
        bytes += event.data.len() + event.custom_metadata.len();
        events.push(event);
        if bytes > PAGE_BYTES {
            return Ok(Fetched { events, ended: false });
        }
    }
    let ended = events.len() < count;
    Ok(Fetched { events, ended })
}

fn no_event() -> Error {
    Error::InternalParsingError("an event that is neither here nor elsewhere".to_owned())
}
