//! What an append says, and what is answered.

use tonic::{Code, Status, Streaming};

use crate::faults::exception;
use crate::protocol::Empty;
use crate::protocol::streams::AppendReq;
use crate::protocol::streams::append_req::Content;
use crate::protocol::streams::append_req::options::ExpectedStreamRevision;
use crate::protocol::streams::append_resp::success::{CurrentRevisionOption, PositionOption};
use crate::protocol::streams::append_resp::wrong_expected_version::{
    CurrentRevisionOption as Current, CurrentRevisionOption2060 as Current2060,
    ExpectedRevisionOption as Asked, ExpectedRevisionOption2060 as Asked2060,
};
use crate::protocol::streams::append_resp::{self, Position, WrongExpectedVersion};
use crate::read::stream_name;
use crate::store::{self, Proposed};
use crate::uuid;

/// What one append may hold.
const MAX_APPEND: usize = 1_048_576;

/// The stream, what it must be like, and the events.
pub(crate) async fn receive(
    mut messages: Streaming<AppendReq>,
) -> Result<(String, ExpectedStreamRevision, Vec<Proposed>), Status> {
    let missing = || Status::invalid_argument("an append begins with its options");
    let (mut header, mut proposed, mut size) = (None, vec![], 0);
    while let Some(message) = messages.message().await? {
        match message.content {
            Some(Content::Options(options)) => header = Some(options),
            Some(Content::ProposedMessage(message)) => {
                size += message.data.len() + message.custom_metadata.len();
                proposed.push(Proposed {
                    id: uuid::bits(message.id)?,
                    metadata: message.metadata,
                    custom_metadata: message.custom_metadata,
                    data: message.data,
                });
            }
            None => return Err(missing()),
        }
    }
    if size > MAX_APPEND {
        let message = format!("Maximum Append Size of {MAX_APPEND} Exceeded.");
        let trailers = [("exception", "maximum-append-size-exceeded")];
        return Err(exception(Code::InvalidArgument, &message, &trailers));
    }
    let header = header.ok_or_else(missing)?;
    let expected = header.expected_stream_revision.ok_or_else(missing)?;
    Ok((stream_name(header.stream_identifier)?, expected, proposed))
}

pub(crate) fn succeeded(success: store::Success) -> append_resp::Success {
    append_resp::Success {
        current_revision_option: Some(match success.revision {
            Some(revision) => CurrentRevisionOption::CurrentRevision(revision),
            None => CurrentRevisionOption::NoStream(Empty {}),
        }),
        position_option: Some(PositionOption::Position(Position {
            commit_position: success.position,
            prepare_position: success.position,
        })),
    }
}

/// Servers say it twice, for clients of before and after version 20.6.
pub(crate) fn refused(
    wrong: store::WrongExpectedVersion,
    asked: ExpectedStreamRevision,
) -> WrongExpectedVersion {
    let (old, new) = match asked {
        ExpectedStreamRevision::Revision(revision) => {
            (Some(Asked2060::ExpectedRevision2060(revision)), Asked::ExpectedRevision(revision))
        }
        ExpectedStreamRevision::NoStream(_) => (None, Asked::ExpectedNoStream(Empty {})),
        ExpectedStreamRevision::Any(_) => {
            (Some(Asked2060::Any2060(Empty {})), Asked::ExpectedAny(Empty {}))
        }
        ExpectedStreamRevision::StreamExists(_) => {
            (Some(Asked2060::StreamExists2060(Empty {})), Asked::ExpectedStreamExists(Empty {}))
        }
    };
    let (current_old, current_new) = match wrong.current {
        Some(revision) => {
            (Current2060::CurrentRevision2060(revision), Current::CurrentRevision(revision))
        }
        None => (Current2060::NoStream2060(Empty {}), Current::CurrentNoStream(Empty {})),
    };
    WrongExpectedVersion {
        current_revision_option_20_6_0: Some(current_old),
        expected_revision_option_20_6_0: old,
        current_revision_option: Some(current_new),
        expected_revision_option: Some(new),
    }
}
