//! One append, and a batch of them as the arguments of `log.append`.

use std::collections::HashSet;
use std::sync::Arc;

use serde_json::value::RawValue;
use sqlx::PgConnection;
use sqlx::types::{Json, Uuid};

use super::connections::Statement;
use super::row::position;
use crate::{AppendOutcome, Expected, LogError, NewEvent};

/// A version that no stream gets to, with room above it: to expect it, or more, is a conflict.
const BEYOND: i32 = i32::MAX / 2;

/// A stream, what it must be at, and what is to follow.
#[derive(Debug)]
pub(super) struct Append {
    stream: String,
    expected: i32,
    events: Vec<Encoded>,
}

#[derive(Debug)]
struct Encoded {
    id: Uuid,
    event_type: String,
    schema_version: i16,
    data: Box<RawValue>,
    metadata: Box<RawValue>,
}

impl Append {
    /// `None` when two of the events have the same id.
    pub(super) fn new(
        stream: &str,
        expected: Expected,
        events: Vec<NewEvent>,
    ) -> Result<Option<Self>, LogError> {
        let distinct: HashSet<_> = events.iter().map(|event| event.id).collect();
        if distinct.len() < events.len() {
            return Ok(None);
        }
        Ok(Some(Self {
            stream: stream.to_owned(),
            expected: i32::try_from(expected.version()).unwrap_or(BEYOND).min(BEYOND),
            events: events.into_iter().map(Encoded::try_from).collect::<Result<_, _>>()?,
        }))
    }

    /// Roughly the bytes that it takes on its way.
    pub(super) fn weight(&self) -> usize {
        let json = |event: &Encoded| event.data.get().len() + event.metadata.get().len();
        self.stream.len() + self.events.iter().map(json).sum::<usize>()
    }
}

impl TryFrom<NewEvent> for Encoded {
    type Error = LogError;

    fn try_from(event: NewEvent) -> Result<Self, Self::Error> {
        Ok(Self {
            id: event.id.into(),
            event_type: event.event_type,
            schema_version: i16::try_from(event.schema_version)
                .map_err(|error| LogError::Broken(Arc::new(error)))?,
            data: event.data,
            metadata: event.metadata,
        })
    }
}

/// Cuts before each append that uses an id of the same piece again: within one call, the database
/// compares ids with those in the log only.
pub(super) fn without_twins(appends: &[Append]) -> Vec<&[Append]> {
    let mut pieces = Vec::new();
    let mut seen = HashSet::new();
    let mut start = 0;
    for (place, append) in appends.iter().enumerate() {
        if append.events.iter().any(|event| seen.contains(&event.id)) {
            pieces.push(&appends[start..place]);
            start = place;
            seen.clear();
        }
        seen.extend(append.events.iter().map(|event| event.id));
    }
    pieces.push(&appends[start..]);
    pieces
}

/// The parallel arrays of `log.append`.
#[derive(Default)]
struct Arguments<'a> {
    streams: Vec<&'a str>,
    expected: Vec<i32>,
    commands: Vec<i32>,
    versions: Vec<i32>,
    ids: Vec<Uuid>,
    types: Vec<&'a str>,
    schema_versions: Vec<i16>,
    data: Vec<Json<&'a RawValue>>,
    metadata: Vec<Json<&'a RawValue>>,
}

impl<'a> Arguments<'a> {
    fn of(appends: &'a [Append]) -> Self {
        let mut arguments = Self::default();
        for (append, command) in appends.iter().zip(1..) {
            arguments.streams.push(&append.stream);
            arguments.expected.push(append.expected);
            for (event, version) in append.events.iter().zip(append.expected + 1..) {
                arguments.commands.push(command);
                arguments.versions.push(version);
                arguments.ids.push(event.id);
                arguments.types.push(&event.event_type);
                arguments.schema_versions.push(event.schema_version);
                arguments.data.push(Json(&event.data));
                arguments.metadata.push(Json(&event.metadata));
            }
        }
        arguments
    }
}

/// The answer is not one that `log.append` gives.
#[derive(Debug, thiserror::Error)]
#[error("log.append answered {0} with {1}")]
struct Unforeseen(i16, i64);

/// Appends all of them in one statement and answers each, in order.
pub(super) struct Batch<'a>(pub(super) &'a [Append]);

impl Statement for Batch<'_> {
    type Answer = Vec<Result<AppendOutcome, LogError>>;

    async fn send(&self, connection: &mut PgConnection) -> Result<Self::Answer, sqlx::Error> {
        let arguments = Arguments::of(self.0);
        let (outcomes, numbers): (Vec<i16>, Vec<i64>) = sqlx::query_as(
            "SELECT outcomes, numbers FROM log.append($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        )
        .bind(arguments.streams)
        .bind(arguments.expected)
        .bind(arguments.commands)
        .bind(arguments.versions)
        .bind(arguments.ids)
        .bind(arguments.types)
        .bind(arguments.schema_versions)
        .bind(arguments.data)
        .bind(arguments.metadata)
        .fetch_one(connection)
        .await?;
        Ok(outcomes.into_iter().zip(numbers).map(outcome).collect())
    }
}

fn outcome((outcome, number): (i16, i64)) -> Result<AppendOutcome, LogError> {
    Ok(match outcome {
        1 => AppendOutcome::Appended { position: position(number)? },
        2 => AppendOutcome::AlreadyAppended { position: position(number)? },
        3 => AppendOutcome::Conflict { actual: number.try_into().unwrap_or(u32::MAX) },
        4 => AppendOutcome::IdInUse,
        _ => return Err(LogError::Broken(Arc::new(Unforeseen(outcome, number)))),
    })
}
