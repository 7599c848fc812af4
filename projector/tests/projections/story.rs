//! Histories in which every event can follow those before it.

use std::collections::HashMap;

use events::ban::RevokeCause;
use events::report::{Decision, ReportType};
use proptest::prelude::*;

use crate::history::{History, ban, end, file, review};

/// One thing that happens: on which live stream, to whom, what of that which can happen there, and
/// how many minutes after the thing before it, by a clock that may be late.
pub(crate) type Step = (u8, u8, u8, i8);

/// Tells a history in which every event can follow those before it.
pub(crate) async fn tell(history: &History, steps: &[Step]) {
    // Per live stream and user: how many bans and whether the last is active; how many reports, and
    // what the last one is.
    let mut bans: HashMap<(u8, u8), (u16, bool)> = HashMap::new();
    let mut reports: HashMap<(u8, u8), (u16, Option<Decision>)> = HashMap::new();
    let mut minute = 600;
    for (live_stream, user, what, minutes) in steps.iter().copied() {
        minute = (minute + i64::from(minutes)).max(0);
        let at = format!(
            "2026-01-{:02}T{:02}:{:02}:00.000Z",
            1 + minute / 1440,
            minute / 60 % 24,
            minute % 60
        );
        let (key, live_stream, user) =
            ((live_stream, user), format!("stream-{live_stream}"), format!("user-{user}"));
        let event = if what % 2 == 0 {
            let (nth, active) = bans.entry(key).or_default();
            *active = !*active;
            if *active {
                *nth += 1;
                ban(&live_stream, &user, *nth)
            } else {
                let causes = [RevokeCause::Manual, RevokeCause::Expired, RevokeCause::Superseded];
                end(&live_stream, &user, *nth, causes[usize::from(what) % 3])
            }
        } else {
            let (nth, status) = reports.entry(key).or_default();
            let archive = what % 4 == 1;
            let next = match status {
                _ if *nth == 0 => None,
                None => Some(Decision::ALL[usize::from(what) % 3]),
                Some(Decision::UnderReview) => Some(Decision::Resolved),
                Some(decided) if archive => Some(*decided),
                Some(_) => None,
            };
            *status = next;
            match next {
                None => {
                    *nth += 1;
                    file(&live_stream, &user, *nth, ReportType::ALL[usize::from(what) % 7])
                }
                Some(status) => review((&live_stream, &user, *nth), status, Some("Seen"), archive),
            }
        };
        history.tell(&at, Some(&user), event).await;
    }
}

/// Up to so many things, any of them.
pub(crate) fn steps(most: usize) -> impl Strategy<Value = Vec<Step>> {
    prop::collection::vec((0u8..3, 0u8..3, 0u8..42, -50i8..90), 1..most)
}
