//! Reading what is there.

use tonic::Status;

use crate::filter::Filter;
use crate::protocol::StreamIdentifier;
use crate::protocol::streams::ReadResp;
use crate::protocol::streams::read_req::Options;
use crate::protocol::streams::read_req::options::all_options::AllOption;
use crate::protocol::streams::read_req::options::stream_options::RevisionOption;
use crate::protocol::streams::read_req::options::{ReadDirection, StreamOption};
use crate::protocol::streams::read_resp::read_event::{Position, RecordedEvent};
use crate::protocol::streams::read_resp::{Content, ReadEvent, StreamNotFound};
use crate::store::{Events, Recorded};
use crate::uuid;

/// What is read, from where, in which direction.
#[derive(Debug, Clone)]
pub(crate) struct Query {
    pub(crate) source: Source,
    backwards: bool,
    filter: Filter,
    /// Whether the reader understands where a stream ends, when told.
    tell_end: bool,
}

#[derive(Debug, Clone)]
pub(crate) enum Source {
    Stream(String, From),
    All(From),
}

/// A revision of a stream, or a position of `$all`.
#[derive(Debug, Clone, Copy)]
pub(crate) enum From {
    Start,
    End,
    Number(u64),
}

impl Query {
    pub(crate) fn of(options: &Options) -> Result<Self, Status> {
        let missing = || Status::invalid_argument("what is to be read?");
        let source = match options.stream_option.clone().ok_or_else(missing)? {
            StreamOption::Stream(stream) => {
                let from = match stream.revision_option.ok_or_else(missing)? {
                    RevisionOption::Revision(revision) => From::Number(revision),
                    RevisionOption::Start(_) => From::Start,
                    RevisionOption::End(_) => From::End,
                };
                Source::Stream(stream_name(stream.stream_identifier)?, from)
            }
            StreamOption::All(all) => Source::All(match all.all_option.ok_or_else(missing)? {
                AllOption::Position(position) => From::Number(position.commit_position),
                AllOption::Start(_) => From::Start,
                AllOption::End(_) => From::End,
            }),
        };
        Ok(Self {
            source,
            backwards: options.read_direction == ReadDirection::Backwards as i32,
            filter: Filter::of(options.filter_option.clone())?,
            tell_end: options.control_option.is_some_and(|control| control.compatibility > 0),
        })
    }

    pub(crate) fn takes(&self, event: &Recorded) -> bool {
        let of_the_stream = match &self.source {
            Source::Stream(name, _) => event.stream == *name,
            Source::All(_) => true,
        };
        of_the_stream && self.filter.takes(event)
    }

    /// Up to `count` events, as messages.
    pub(crate) fn page(&self, events: &Events, count: u64) -> Result<Vec<ReadResp>, Status> {
        let count = usize::try_from(count).unwrap_or(usize::MAX);
        match &self.source {
            Source::All(from) => {
                let (before, after) = events.all.split_at(place(events, *from)?);
                let takes = |event: &&Recorded| self.filter.takes(event);
                Ok(if self.backwards {
                    before.iter().rev().filter(takes).take(count).map(message).collect()
                } else {
                    after.iter().filter(takes).take(count).map(message).collect()
                })
            }
            Source::Stream(name, from) => Ok(self.page_of(events, name, *from, count)),
        }
    }

    fn page_of(&self, events: &Events, name: &str, from: From, count: usize) -> Vec<ReadResp> {
        let Some(places) = events.stream(name) else {
            let stream_identifier = Some(identifier(name));
            return vec![response(Content::StreamNotFound(StreamNotFound { stream_identifier }))];
        };
        let last = places.len() - 1;
        let start = match from {
            From::Start => 0,
            From::End => last,
            From::Number(revision) => usize::try_from(revision).unwrap_or(usize::MAX),
        };
        let found = |place: &usize| message(&events.all[*place]);
        let mut page: Vec<ReadResp> = if self.backwards {
            places[..=start.min(last)].iter().rev().take(count).map(found).collect()
        } else {
            places.get(start..).unwrap_or_default().iter().take(count).map(found).collect()
        };
        if self.tell_end {
            page.push(response(Content::LastStreamPosition(last as u64)));
        }
        page
    }
}

/// Which events lie before this position. A server reads its file at the position it is given, so it
/// refuses one at which no record begins.
fn place(events: &Events, from: From) -> Result<usize, Status> {
    match from {
        From::Start => Ok(0),
        From::End => Ok(events.all.len()),
        From::Number(position) => {
            let place = events.place(position);
            let begins = events.all.get(place).map_or(events.end(), |event| event.position);
            let invalid = "Trying to read from an invalid position.";
            (begins == position).then_some(place).ok_or_else(|| Status::invalid_argument(invalid))
        }
    }
}

pub(crate) fn stream_name(identifier: Option<StreamIdentifier>) -> Result<String, Status> {
    let name = identifier.map(|identifier| identifier.stream_name).unwrap_or_default();
    let name = String::from_utf8(name);
    name.ok()
        .filter(|name| !name.is_empty())
        .ok_or_else(|| Status::invalid_argument("a stream needs a name"))
}

pub(crate) fn response(content: Content) -> ReadResp {
    ReadResp { content: Some(content) }
}

/// The event as a reader gets it, ids as text.
pub(crate) fn message(recorded: &Recorded) -> ReadResp {
    let event = &recorded.event;
    let mut metadata = event.metadata.clone();
    // Ticks of 100 ns. The second since 1970 is that of the position, so that the same appends always
    // look the same.
    metadata.insert("created".to_owned(), (recorded.position * 10_000_000).to_string());
    response(Content::Event(ReadEvent {
        event: Some(RecordedEvent {
            id: Some(uuid::text(event.id)),
            stream_identifier: Some(identifier(&recorded.stream)),
            stream_revision: recorded.revision,
            prepare_position: recorded.position,
            commit_position: recorded.position,
            metadata,
            custom_metadata: event.custom_metadata.clone(),
            data: event.data.clone(),
        }),
        link: None,
        position: Some(Position::CommitPosition(recorded.position)),
    }))
}

fn identifier(name: &str) -> StreamIdentifier {
    StreamIdentifier { stream_name: name.as_bytes().to_vec() }
}
