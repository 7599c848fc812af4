//! A record of the topic, read.

use event_log::{Position, RecordedEvent};
use rdkafka::Message as _;
use rdkafka::message::{BorrowedMessage, Headers};
use ulid::Ulid;

use crate::kafka::message::Message;

/// A record, whatever is in it.
#[derive(Debug)]
pub(super) struct Record {
    pub(super) partition: i32,
    pub(super) offset: i64,
    /// How much memory it holds, about.
    pub(super) size: usize,
    pub(super) content: Result<RecordedEvent, Unreadable>,
}

/// A record that holds no event in the form that we know.
#[derive(Debug)]
pub(super) struct Unreadable {
    /// Why not.
    pub(super) reason: String,
    /// Which event of the log it says it is.
    pub(super) names: Option<(Position, Ulid)>,
}

impl Record {
    pub(super) fn read(record: &BorrowedMessage<'_>) -> Self {
        let payload = record.payload();
        Self {
            partition: record.partition(),
            offset: record.offset(),
            size: payload.map_or(0, <[u8]>::len),
            content: event(payload)
                .map_err(|reason| Unreadable { reason, names: named(record.headers()) }),
        }
    }
}

fn event(payload: Option<&[u8]>) -> Result<RecordedEvent, String> {
    let payload = payload.ok_or("it has no value")?;
    let message: Message = serde_json::from_slice(payload)
        .map_err(|error| format!("its value is no event: {error}"))?;
    message.try_into().map_err(|error| format!("its position is none: {error}"))
}

fn named<H: Headers>(headers: Option<&H>) -> Option<(Position, Ulid)> {
    let text = |name: &str| {
        let header = headers?.iter().find(|header| header.key == name)?;
        std::str::from_utf8(header.value?).ok()
    };
    Some((text("ce_position")?.parse().ok()?, text("ce_id")?.parse().ok()?))
}
