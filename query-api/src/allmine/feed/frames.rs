//! The form of server-sent events.

use std::fmt::Write;

use axum::body::Bytes;
use event_log::Position;
use serde::Serialize;

use super::event::{FeedEvent, FeedPosition, Unreadable};
use crate::feed::{Told, Viewer};
use crate::tail::LiveEvent;

/// A comment, which clients skip.
const SILENCE: &[u8] = b": still here\n\n";

/// What a feed begins with: after how many milliseconds the client is to come back when it ends, and where it is, so
/// that who comes back before the first event misses none.
pub(super) fn begin(position: Position, retry: u64) -> Bytes {
    let mut frame = format!("retry: {retry}\n");
    frame += &passed(position);
    frame.into()
}

/// What is told to this viewer.
pub(super) fn of(told: &Told, viewer: &Viewer) -> Bytes {
    match told {
        Told::Silence => Bytes::from_static(SILENCE),
        Told::Position(position) => passed(*position).into(),
        Told::Events(events) => match events.as_slice() {
            [event] => event_frame(event, viewer),
            events => events
                .iter()
                .fold(Vec::new(), |mut all, event| {
                    all.extend_from_slice(&event_frame(event, viewer));
                    all
                })
                .into(),
        },
    }
}

/// Made once for all who see the same of it.
fn event_frame(event: &LiveEvent, viewer: &Viewer) -> Bytes {
    let all = viewer.sees_reports();
    event.shown(all, || made(event, all).into()).clone()
}

fn made(event: &LiveEvent, sees_reports: bool) -> String {
    let told = event.content.as_ref().map(|content| FeedEvent::of(event, content, sees_reports));
    match told {
        Some(Ok(told)) => frame(event.position, told.r#type, &json(&told)),
        Some(Err(error)) => {
            let error = &error as &dyn std::error::Error;
            tracing::error!(error, position = %event.position, "an event cannot be told");
            unreadable(event)
        }
        None => unreadable(event),
    }
}

fn unreadable(event: &LiveEvent) -> String {
    frame(event.position, "Unreadable", &json(&Unreadable::from(event)))
}

/// With data, though there is nothing to tell: some clients do not remember the id of what has none.
fn passed(position: Position) -> String {
    let data = FeedPosition { position: position.to_string() };
    frame(position, "Position", &json(&data))
}

/// JSON on one line, so it needs no further marks.
fn frame(position: Position, name: &str, data: &str) -> String {
    let mut frame = String::with_capacity(data.len() + 64);
    // Writing to a string cannot fail.
    let _ = write!(frame, "id: {position}\nevent: {name}\ndata: {data}\n\n");
    frame
}

/// Of what is made of texts, numbers and JSON, which always has a form in JSON.
fn json(shape: &impl Serialize) -> String {
    serde_json::to_string(shape).unwrap_or_default()
}
