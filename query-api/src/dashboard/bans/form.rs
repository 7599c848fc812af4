//! The form that bans somebody: on a page of its own, and in dialogs.

use events::ban::{ActionType, BanDuration};
use events::{LiveStreamId, Reason, UserId};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::dashboard::Dashboard;
use crate::dashboard::names::{Person, Place};

/// The durations that can be chosen at once, in seconds.
const PRESETS: [u32; 5] = [300, 3_600, 86_400, 604_800, 2_592_000];
/// What is chosen until somebody chooses: long enough to calm down, and not for ever by accident.
const USUAL: &str = "86400";
/// Units of the other durations, in seconds.
const UNITS: [(&str, u64); 3] = [("minutes", 60), ("hours", 3_600), ("days", 86_400)];

/// What somebody has filled in so far, as they wrote it.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(in crate::dashboard) struct Draft {
    /// Made with the form, so that it bans once however often it is sent.
    pub(in crate::dashboard) key: String,
    /// Whom: id or username.
    pub(in crate::dashboard) user: String,
    /// Where: id, chat id or title.
    pub(in crate::dashboard) live_stream: String,
    pub(in crate::dashboard) action_type: String,
    /// Seconds, `permanent`, or `custom`: then `number` of `unit`.
    pub(in crate::dashboard) duration: String,
    pub(in crate::dashboard) number: String,
    pub(in crate::dashboard) unit: String,
    pub(in crate::dashboard) reason: String,
    /// The report that causes it.
    pub(in crate::dashboard) report: String,
    /// Where to go once it is done.
    pub(in crate::dashboard) next: String,
}

/// The form, and what was wrong with it when it was sent.
#[derive(Debug, Clone, Default)]
pub(in crate::dashboard) struct BanForm {
    pub(in crate::dashboard) draft: Draft,
    /// Whom a dialog is about, who then need not be typed.
    pub(in crate::dashboard) user: Option<Person>,
    /// Where a dialog bans.
    pub(in crate::dashboard) live_stream: Option<Place>,
    /// What can be chosen to be banned from.
    pub(in crate::dashboard) known: Vec<Place>,
    pub(in crate::dashboard) errors: Vec<String>,
}

impl Draft {
    /// Nothing filled in yet.
    pub(in crate::dashboard) fn fresh(dashboard: &Dashboard) -> Self {
        Self {
            key: dashboard.app().new_id().to_string(),
            action_type: ActionType::default().as_str().to_owned(),
            duration: USUAL.to_owned(),
            number: "30".to_owned(),
            unit: "minutes".to_owned(),
            ..Self::default()
        }
    }

    /// The body of the command.
    pub(super) fn body(
        &self,
        user: &UserId,
        live_stream: &LiveStreamId,
        seconds: Option<u64>,
    ) -> Value {
        let filled = |text: &str| (!text.trim().is_empty()).then(|| text.to_owned());
        json!({
            "targetUserId": user,
            "liveStreamId": live_stream,
            "actionType": self.action_type,
            "durationSeconds": seconds,
            // Browsers end lines with a carriage return as well, which no text of ours holds.
            "reason": filled(&self.reason.replace("\r\n", "\n")),
            "reportId": filled(&self.report),
        })
    }

    /// For how long, in seconds: `Ok(None)` for ever; `Err` when that cannot be told.
    pub(super) fn seconds(&self) -> Result<Option<u64>, ()> {
        let seconds = match self.duration.as_str() {
            "permanent" => return Ok(None),
            "custom" => {
                let unit = UNITS.iter().find(|(name, _)| *name == self.unit).map(|(_, unit)| *unit);
                let number = self.number.trim().parse::<u32>().ok().map(u64::from);
                number.zip(unit).map(|(number, unit)| number * unit)
            }
            preset => preset.parse().ok(),
        };
        let possible = seconds.filter(|seconds| BanDuration::from_seconds(*seconds).is_some());
        possible.map(Some).ok_or(())
    }
}

impl BanForm {
    /// The durations that can be chosen at once, and whether they are.
    pub(in crate::dashboard) fn presets(&self) -> [(u32, bool); 5] {
        PRESETS.map(|seconds| (seconds, self.draft.duration == seconds.to_string()))
    }

    /// Whether this choice of duration is made.
    pub(in crate::dashboard) fn lasts(&self, duration: &str) -> bool {
        self.draft.duration == duration
    }

    /// The units of other durations, and whether they are chosen.
    pub(in crate::dashboard) fn units(&self) -> [(&'static str, bool); 3] {
        UNITS.map(|(name, _)| (name, name == self.draft.unit))
    }

    /// What it can keep its user from, and whether that is chosen.
    pub(in crate::dashboard) fn actions(&self) -> [(ActionType, bool); 2] {
        ActionType::ALL.map(|action| (action, action.as_str() == self.draft.action_type))
    }

    /// The most characters of a reason.
    pub(in crate::dashboard) fn longest() -> usize {
        Reason::MAX
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft(duration: &str, number: &str, unit: &str) -> Draft {
        let [duration, number, unit] = [duration, number, unit].map(str::to_owned);
        Draft { duration, number, unit, ..Draft::default() }
    }

    #[test]
    fn a_duration_is_a_preset_or_a_number_of_units() {
        let seconds = |draft: Draft| draft.seconds();
        assert_eq!(seconds(draft("300", "", "")), Ok(Some(300)));
        assert_eq!(seconds(draft("permanent", "x", "y")), Ok(None));
        assert_eq!(seconds(draft("custom", " 3 ", "hours")), Ok(Some(10_800)));
        assert_eq!(seconds(draft("custom", "365", "days")), Ok(Some(31_536_000)));
        for (duration, number, unit) in [
            ("", "", ""),
            ("0", "", ""),
            ("custom", "366", "days"),
            ("custom", "4294967295", "days"),
            ("custom", "0", "minutes"),
            ("custom", "-1", "minutes"),
            ("custom", "1.5", "hours"),
            ("custom", "1", "years"),
            ("custom", "", "minutes"),
            ("31536001", "", ""),
        ] {
            assert_eq!(
                seconds(draft(duration, number, unit)),
                Err(()),
                "{duration} {number} {unit}"
            );
        }
    }

    #[test]
    fn a_text_of_several_lines_has_no_carriage_returns() {
        let draft = Draft { reason: "one\r\ntwo".to_owned(), ..draft("300", "", "") };
        let body = draft.body(&"u1".parse().unwrap(), &"s1".parse().unwrap(), Some(300));
        let expected = json!({"targetUserId": "u1", "liveStreamId": "s1", "actionType": "",
            "durationSeconds": 300, "reason": "one\ntwo", "reportId": null});
        assert_eq!(body, expected);
    }
}
