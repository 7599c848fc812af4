//! One record, read.

use std::str::FromStr;

use chrono::DateTime;
use directory::parse::{self, Unreadable};
use events::{IdError, LiveStreamId, LiveStreamSnapshot, Timestamp, UserId, UserSnapshot};
use rdkafka::Message;

use super::{Kind, Partition};

/// Bytes of a key or a value that are kept of a parked record at most.
const KEPT: usize = 64 * 1024;

/// A record of one of the two topics.
#[derive(Debug)]
pub(super) struct Record {
    pub(super) partition: Partition,
    pub(super) offset: i64,
    /// Its key and value, cut off where they are very long.
    pub(super) key: Option<Vec<u8>>,
    pub(super) value: Option<Vec<u8>>,
    /// What it says, or why it cannot be read.
    pub(super) content: Result<Content, String>,
}

/// What a record says.
#[derive(Debug)]
pub(super) enum Content {
    User(Box<UserSnapshot>),
    UserGone(UserId, Timestamp),
    LiveStream(Box<LiveStreamSnapshot>),
    LiveStreamGone(LiveStreamId, Timestamp),
}

/// Why a record cannot be read.
#[derive(Debug, thiserror::Error)]
enum Mistake {
    #[error("the key is missing")]
    NoKey,
    #[error("key: {0}")]
    Key(#[from] IdError),
    #[error("the key is not the id in the value")]
    OtherKey,
    #[error("the record, which has no value, has no time either")]
    NoTime,
    #[error(transparent)]
    Value(#[from] Unreadable),
}

impl Record {
    pub(super) fn read(kind: Kind, message: &impl Message) -> Self {
        let kept = |bytes: &[u8]| bytes.iter().copied().take(KEPT).collect();
        Self {
            partition: (kind, message.partition()),
            offset: message.offset(),
            key: message.key().map(kept),
            value: message.payload().map(kept),
            content: content(kind, message).map_err(|mistake| mistake.to_string()),
        }
    }

    /// About so many bytes of memory.
    pub(super) fn size(&self) -> usize {
        let of = |bytes: &Option<Vec<u8>>| bytes.as_ref().map_or(0, Vec::len);
        of(&self.key) + of(&self.value)
    }
}

fn content(kind: Kind, message: &impl Message) -> Result<Content, Mistake> {
    let value = message.payload();
    Ok(match kind {
        Kind::Users => {
            let id: UserId = key(message)?;
            let Some(value) = value else { return Ok(Content::UserGone(id, time(message)?)) };
            let user = parse::user(value)?;
            if user.id != id {
                return Err(Mistake::OtherKey);
            }
            Content::User(user.into())
        }
        Kind::LiveStreams => {
            let id: LiveStreamId = key(message)?;
            let Some(value) = value else { return Ok(Content::LiveStreamGone(id, time(message)?)) };
            let live_stream = parse::live_stream(value)?;
            if live_stream.id != id {
                return Err(Mistake::OtherKey);
            }
            Content::LiveStream(live_stream.into())
        }
    })
}

fn key<T: FromStr<Err = IdError>>(message: &impl Message) -> Result<T, Mistake> {
    let key = message.key().ok_or(Mistake::NoKey)?;
    // What is no UTF-8 is no id either.
    Ok(std::str::from_utf8(key).unwrap_or_default().parse()?)
}

fn time(message: &impl Message) -> Result<Timestamp, Mistake> {
    let time = message.timestamp().to_millis().and_then(DateTime::from_timestamp_millis);
    time.map(Timestamp::from).ok_or(Mistake::NoTime)
}
