//! Fresh ids, and with them the one place that draws randomness.

use ulid::Ulid;

use crate::Clock;

/// A fresh id that sorts by the clock's time: 48 bits of milliseconds, 80 random bits.
pub fn new_id(clock: &dyn Clock) -> Ulid {
    Ulid::from_datetime(clock.now().into())
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use super::new_id;
    use crate::ManualClock;

    #[test]
    fn an_id_carries_the_clock_s_time_and_is_unique() {
        let at = SystemTime::UNIX_EPOCH + Duration::from_millis(1_768_473_000_123);
        let clock = ManualClock::new(at.into());
        let (first, second) = (new_id(&clock), new_id(&clock));
        assert_eq!(first.datetime(), at);
        assert_eq!(second.datetime(), at);
        assert_ne!(first, second);
    }
}
