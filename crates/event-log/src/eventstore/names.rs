//! What streams are called on the server.

use ulid::Ulid;
use uuid::Uuid;

/// Streams of the adapter itself: one per id that it has claimed.
const CLAIMS: &str = "docket-id-";

/// What the server's own streams and event types begin with.
const SYSTEM: char = '$';

/// The part of the server's log that is ours: the streams with a prefix, which may be empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Names {
    prefix: String,
}

impl Names {
    pub(super) fn new(prefix: String) -> Self {
        Self { prefix }
    }

    /// The stream's name on the server; `None` for a name that no stream of ours can have.
    pub(super) fn stored(&self, stream: &str) -> Option<String> {
        let reserved =
            stream.is_empty() || stream.starts_with(SYSTEM) || stream.starts_with(CLAIMS);
        (!reserved).then(|| format!("{}{stream}", self.prefix))
    }

    /// The stream's own name; `None` when it is the server's, the adapter's, or somebody else's.
    pub(super) fn own<'a>(&self, stored: &'a str) -> Option<&'a str> {
        let system = stored.starts_with(SYSTEM);
        let own = stored.strip_prefix(&self.prefix)?;
        (!system && !own.starts_with(CLAIMS)).then_some(own)
    }

    /// Whether the event is one that readers of the log get to see.
    pub(super) fn shows(&self, event: &eventstore::RecordedEvent) -> bool {
        self.own(&event.stream_id).is_some() && !is_system(&event.event_type)
    }

    /// Where claims of this id are.
    pub(super) fn claims(&self, id: Ulid) -> String {
        format!("{}{CLAIMS}{}", self.prefix, Uuid::from(id))
    }
}

/// Whether this is an event type of the server: a link, say, that a projection has made.
pub(super) fn is_system(event_type: &str) -> bool {
    event_type.starts_with(SYSTEM)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_go_there_and_back() {
        for prefix in ["", "staging-"] {
            let names = Names::new(prefix.to_owned());
            for stream in ["a", "ban-1", " ", "docket", "a$", "ä"] {
                let stored = names.stored(stream).unwrap_or_else(|| panic!("{stream} is reserved"));
                assert_eq!(names.own(&stored), Some(stream));
            }
            for stream in ["", "$all", "$stats", "$$a", "docket-id-1"] {
                assert_eq!(names.stored(stream), None, "{stream:?}");
            }
            assert_eq!(names.own(&names.claims(Ulid::nil())), None);
            assert_eq!(names.own("$stats"), None);
        }
    }

    #[test]
    fn what_others_have_is_not_ours() {
        let names = Names::new("staging-".to_owned());
        for stored in ["a", "live-a", "staging", "$staging-a", "docket-id-1"] {
            assert_eq!(names.own(stored), None, "{stored}");
        }
    }
}
