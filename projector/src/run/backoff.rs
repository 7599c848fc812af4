//! Longer and longer pauses.

use std::time::Duration;

/// The first pause.
const SHORTEST: Duration = Duration::from_millis(100);

/// No pause is longer, so that an outage is over soon after its cause is.
const LONGEST: Duration = Duration::from_secs(5);

/// How long to pause after a failure: twice as long as after the last, until something works.
#[derive(Debug, Default)]
pub(crate) struct Backoff(Option<Duration>);

impl Backoff {
    /// The next pause.
    pub(crate) fn next(&mut self) -> Duration {
        let pause = self.0.map_or(SHORTEST, |last| (last * 2).min(LONGEST));
        self.0 = Some(pause);
        pause
    }

    /// It works again.
    pub(crate) fn reset(&mut self) {
        self.0 = None;
    }
}
