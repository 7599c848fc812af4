//! How fast a work goes, and how long it will take.

use std::fmt;
use std::time::Duration;

/// The whole of a work, as it is drawn.
pub(super) const WHOLE: u64 = 1000;

/// How far a work has come.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Step {
    /// Events that were worked on.
    pub events: u64,
    /// Where in the log.
    pub position: u64,
    /// Where it will end, if that is known.
    pub end: Option<u64>,
    /// How much of the work that is, 0 to 1, where the position does not tell.
    pub part: Option<f64>,
}

impl Step {
    /// How much of the work it is, 0 to 1, if that is known.
    #[expect(clippy::cast_precision_loss, reason = "for the eye")]
    pub fn part(&self) -> Option<f64> {
        let of_log = |end: u64| (end > 0).then(|| self.position as f64 / end as f64);
        self.part.or_else(|| self.end.and_then(of_log)).map(|part| part.clamp(0.0, 1.0))
    }

    /// The part as it is drawn, of [`WHOLE`].
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        clippy::cast_sign_loss,
        reason = "a part is between 0 and 1"
    )]
    pub(super) fn thousandths(&self) -> Option<u64> {
        self.part().map(|part| (part * WHOLE as f64) as u64)
    }
}

/// A step, and how it goes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Pace {
    step: Step,
    elapsed: Duration,
    per_second: u64,
    left: Option<Duration>,
}

impl Pace {
    /// After this time.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        clippy::cast_sign_loss,
        reason = "for the eye"
    )]
    pub(super) fn of(step: Step, elapsed: Duration) -> Self {
        let seconds = elapsed.as_secs_f64().max(0.001);
        let left = step.part().filter(|part| *part > 0.0);
        let left = left.map(|part| Duration::from_secs_f64(seconds / part * (1.0 - part)));
        Self { step, elapsed, per_second: (step.events as f64 / seconds) as u64, left }
    }

    /// As a log line amid the work.
    pub(super) fn log(&self, what: &str) {
        let Step { position, end, .. } = self.step;
        let (events_per_second, seconds_left) =
            (self.per_second, self.left.map(|left| left.as_secs()));
        tracing::info!(position, of = end, events_per_second, seconds_left, "{what}");
    }

    /// As the last log line.
    pub(super) fn log_end(&self, what: &str) {
        let Step { position, events, .. } = self.step;
        let (events_per_second, seconds) = (self.per_second, self.elapsed.as_secs_f64());
        tracing::info!(position, events, seconds, events_per_second, "{what}: ended");
    }
}

impl fmt::Display for Pace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "position {}", self.step.position)?;
        if let Some(end) = self.step.end {
            write!(f, " of {end}")?;
        }
        write!(f, ", {} events/s", self.per_second)?;
        let Some(left) = self.left else { return Ok(()) };
        match left.as_secs() {
            seconds @ 0..60 => write!(f, ", {seconds} s left"),
            seconds @ 60..3600 => write!(f, ", {} min {} s left", seconds / 60, seconds % 60),
            seconds => write!(f, ", {} h {} min left", seconds / 3600, seconds / 60 % 60),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(step: Step, seconds: u64) -> String {
        Pace::of(step, Duration::from_secs(seconds)).to_string()
    }

    #[test]
    fn a_pace_tells_position_rate_and_time_left() {
        let step = Step { events: 250_000, position: 250_000, end: Some(1_000_000), part: None };
        assert_eq!(said(step, 5), "position 250000 of 1000000, 50000 events/s, 15 s left");
        assert_eq!(said(step, 100), "position 250000 of 1000000, 2500 events/s, 5 min 0 s left");
        assert_eq!(said(step, 3600), "position 250000 of 1000000, 69 events/s, 3 h 0 min left");
        let done = Step { position: 1_000_000, ..step };
        assert_eq!(said(done, 5), "position 1000000 of 1000000, 50000 events/s, 0 s left");
    }

    #[test]
    fn positions_that_are_bytes_still_tell_the_part() {
        let step = Step { events: 100, position: 1 << 30, end: Some(1 << 31), part: None };
        assert_eq!(said(step, 2), "position 1073741824 of 2147483648, 50 events/s, 2 s left");
    }

    #[test]
    fn what_is_not_known_is_not_told() {
        let step = Step { events: 100, position: 100, end: None, part: None };
        assert_eq!(said(step, 2), "position 100, 50 events/s");
        assert_eq!(
            said(Step { part: Some(0.5), ..step }, 2),
            "position 100, 50 events/s, 2 s left"
        );
        assert_eq!(said(Step::default(), 0), "position 0, 0 events/s");
        assert_eq!(said(Step { end: Some(0), ..step }, 2), "position 100 of 0, 50 events/s");
    }
}
