//! The key of each record: the live stream that its event belongs to.

use std::collections::{BTreeSet, HashMap};

use event_log::{LogError, LogReader, RecordedEvent, StreamName};
use quick_cache::sync::Cache;
use serde::Deserialize;

/// Event streams whose live stream is remembered: some 10 MB.
const REMEMBERED: usize = 50_000;

/// What event streams belong to. Only the first event of one names its live stream.
pub(super) struct Keys(Cache<StreamName, String>);

impl Default for Keys {
    fn default() -> Self {
        Self(Cache::new(REMEMBERED))
    }
}

/// The part of an event's data that matters here, whatever its type is.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Belonging {
    live_stream_id: Option<String>,
}

impl Keys {
    /// The key of each event. An event stream whose first event names no live stream, which no event of
    /// ours does, is keyed by its own name: its order is kept, and nothing is skipped.
    pub(super) async fn of(
        &self,
        reader: &dyn LogReader,
        events: &[RecordedEvent],
    ) -> Result<Vec<String>, LogError> {
        let mut keys: HashMap<&str, String> = HashMap::new();
        let mut unknown: BTreeSet<&str> = BTreeSet::new();
        for event in events {
            let stream = event.stream.as_str();
            if let Some(live_stream) = named_by(event) {
                self.0.insert(stream.to_owned(), live_stream.clone());
                keys.insert(stream, live_stream);
            } else if !keys.contains_key(stream) {
                match self.0.get(stream) {
                    Some(live_stream) => drop(keys.insert(stream, live_stream)),
                    None => drop(unknown.insert(stream)),
                }
            }
        }
        // A stream that is known only from a later event on is no harm: all its events have one key.
        let asked: Vec<StreamName> = unknown.iter().map(|stream| (*stream).to_owned()).collect();
        for (stream, history) in unknown.iter().zip(reader.read_streams(&asked).await?) {
            let live_stream = history.first().and_then(named_by).unwrap_or_else(|| {
                tracing::error!(stream, "the first event of a stream names no live stream");
                (*stream).to_owned()
            });
            self.0.insert((*stream).to_owned(), live_stream.clone());
            keys.insert(stream, live_stream);
        }
        let key = |event: &RecordedEvent| keys.get(&*event.stream).unwrap_or(&event.stream).clone();
        Ok(events.iter().map(key).collect())
    }
}

fn named_by(event: &RecordedEvent) -> Option<String> {
    let belonging: Belonging = serde_json::from_str(event.data.get()).ok()?;
    belonging.live_stream_id.filter(|id| !id.is_empty())
}
