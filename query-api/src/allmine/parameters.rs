//! Times in query strings.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc};
use events::Timestamp;
use web::{Fields, Input, Reason};

/// A time as it was given: a moment, in UTC unless it says otherwise, or a whole day in UTC.
#[derive(Debug, Clone, Copy)]
enum Given {
    Moment(Timestamp),
    Day(NaiveDate),
}

impl Given {
    fn parse(input: Input) -> Result<Self, Reason> {
        let text = input.string()?;
        let wrong = || Reason::new("query-not-a-time");
        // chrono would take one-digit months and years beyond 9999.
        if text.len() == "2026-01-15".len() {
            let day = NaiveDate::parse_from_str(&text, "%Y-%m-%d").map_err(|_| wrong())?;
            return Ok(Self::Day(day));
        }
        // In a query string, an unescaped plus before an offset arrives as a space.
        let plain = |(at, c)| match c {
            ' ' if at == "2026-01-15".len() => 'T',
            ' ' => '+',
            c => c,
        };
        let text: String = text.char_indices().map(plain).collect();
        let local = |form| NaiveDateTime::parse_from_str(&text, form).ok();
        let moment = text.parse().ok().or_else(|| {
            let at = local("%Y-%m-%dT%H:%M:%S%.f").or_else(|| local("%Y-%m-%dT%H:%M"))?;
            Some(Timestamp::from(at.and_utc()))
        });
        moment.map(Self::Moment).ok_or_else(wrong)
    }

    fn start(self) -> DateTime<Utc> {
        match self {
            Self::Moment(at) => at.to_utc(),
            Self::Day(day) => day.and_time(NaiveTime::MIN).and_utc(),
        }
    }

    /// The first instant after it. Times have milliseconds.
    fn end(self) -> DateTime<Utc> {
        let length = match self {
            Self::Moment(_) => TimeDelta::milliseconds(1),
            Self::Day(_) => TimeDelta::days(1),
        };
        self.start() + length
    }
}

/// A moment; a day is none.
pub(crate) fn moment(fields: &mut Fields, name: &'static str) -> Option<Timestamp> {
    fields.optional(name, |input| match Given::parse(input) {
        Ok(Given::Moment(at)) => Ok(at),
        Ok(Given::Day(_)) | Err(_) => Err(Reason::new("query-not-a-moment")),
    })
}

/// From the start of one given time up to and including the other. Refuses an end before the start.
pub(super) fn span(
    fields: &mut Fields,
    from: &'static str,
    to: &'static str,
) -> (Option<DateTime<Utc>>, Option<DateTime<Utc>>) {
    let start = fields.optional(from, Given::parse).map(Given::start);
    let end = fields.optional(to, Given::parse).map(Given::end);
    if let (Some(start), Some(end)) = (start, end)
        && end <= start
    {
        fields.refuse(Reason::new("query-end-before-start").arg("start", from).at(to));
    }
    (start, end)
}

/// `name`, or `alias` in its place; not both.
pub(super) fn either(fields: &mut Fields, name: &'static str, alias: &'static str) -> &'static str {
    match (fields.is_absent(name), fields.is_absent(alias)) {
        (false, false) => {
            fields.refuse(Reason::new("query-alias-too").arg("name", name).at(alias));
            name
        }
        (true, false) => alias,
        (_, true) => name,
    }
}
