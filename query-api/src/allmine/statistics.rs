//! `/api/v1/statistics`

use std::collections::BTreeMap;

use axum::extract::{RawQuery, State};
use axum::response::Response;
use chrono::{DateTime, DurationRound, TimeDelta, Utc};
use events::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;
use web::allmine::Success;
use web::{Caller, Fields, Input, Problem, Reason};

use super::documents::{QueryErrors, StatisticsParameters};
use super::parameters::span;
use crate::read::statistics::{Backlog, Decisions, Interval, Range, Tally};
use crate::{App, read, statistics};

/// What happened over time.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Statistics {
    /// Where the first bucket begins.
    #[schema(value_type = String, format = DateTime)]
    pub from: Timestamp,
    /// Where the last bucket ends.
    #[schema(value_type = String, format = DateTime)]
    pub to: Timestamp,
    /// How wide buckets are: `hour` or `day`.
    pub interval: &'static str,
    /// How long the decisions of the whole range took.
    pub time_to_decision: TimeToDecision,
    /// One per interval, without a gap, oldest first.
    pub buckets: Vec<Bucket>,
}

/// What happened in one interval. What did not happen is left out of the counts.
#[derive(Debug, Clone, Default, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Bucket {
    /// Where it begins.
    #[schema(value_type = String, format = DateTime)]
    pub start: Option<Timestamp>,
    /// Reports filed, by type.
    pub reports_filed: BTreeMap<String, i64>,
    /// Reports decided, by type and by status: `resolved` or `rejected`.
    pub reports_decided: BTreeMap<String, BTreeMap<String, i64>>,
    /// Bans created, by action type.
    pub bans_created: BTreeMap<String, i64>,
    /// Bans ended, by cause: `manual`, `expired` or `superseded`.
    pub bans_revoked: BTreeMap<String, i64>,
    /// How long its decisions took.
    pub time_to_decision: TimeToDecision,
    /// Reports neither decided nor archived when it ended, by type.
    pub open_backlog: BTreeMap<String, i64>,
}

/// How long reports waited to be resolved or rejected.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TimeToDecision {
    /// How many were decided.
    pub decided: i64,
    /// Half of them waited no longer than this, in seconds; `null` when none was decided.
    pub median_seconds: Option<i64>,
    /// 95 in 100 of them waited no longer than this, in seconds; `null` when none was decided.
    pub p95_seconds: Option<i64>,
}

/// What happened over time
///
/// Reports filed and decided, bans, the time to a decision and the open backlog, for each hour or day.
/// For platform staff.
#[utoipa::path(get, path = "/api/v1/statistics", tag = "statistics",
    params(StatisticsParameters),
    responses((status = 200, body = Success<Statistics>), QueryErrors))]
pub async fn over(
    State(app): State<App>,
    caller: Caller,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let mut fields = Fields::from_query(query.as_deref())?;
    let range = range(&mut fields, app.now().to_utc());
    fields.finish()?;
    let found = statistics::over(&app, &caller.actor, range).await?;
    Ok(app.success(show(range, found)))
}

/// The most days that one answer covers.
const MAX_DAYS: [(Interval, i64); 2] = [(Interval::Hour, 31), (Interval::Day, 366)];
/// The days that it covers when the caller does not say.
const DEFAULT_DAYS: [(Interval, i64); 2] = [(Interval::Hour, 1), (Interval::Day, 30)];

/// What the end of a range lies behind the last moment in it.
const MILLISECOND: TimeDelta = TimeDelta::milliseconds(1);

fn days(table: [(Interval, i64); 2], interval: Interval) -> TimeDelta {
    let found = table.into_iter().find(|(of, _)| *of == interval);
    TimeDelta::days(found.map_or(1, |(_, days)| days))
}

/// The range that the parameters name: whole buckets, and no more than an answer covers.
pub(crate) fn range(fields: &mut Fields, now: DateTime<Utc>) -> Range {
    let named = |input: Input| input.one_of(&Interval::ALL, Interval::as_str);
    let interval = fields.optional("interval", named).unwrap_or(Interval::Day);
    let (from, to) = span(fields, "from", "to");
    // A bucket that only begins where the range ends is not part of it.
    let last = to.map_or_else(|| from.map_or(now, |at| now.max(at)), |to| to - MILLISECOND);
    let to = up(last, interval);
    let from = down(from.unwrap_or(to - days(DEFAULT_DAYS, interval)), interval);
    let to = to.max(from + width(interval));
    let max = days(MAX_DAYS, interval);
    if to - from > max {
        let reason = Reason::new("query-range-too-long").arg("days", max.num_days());
        fields.refuse(reason.arg("interval", interval.as_str()).at("from"));
    }
    Range { from, to, interval }
}

fn width(interval: Interval) -> TimeDelta {
    TimeDelta::seconds(interval.seconds().into())
}

fn down(at: DateTime<Utc>, interval: Interval) -> DateTime<Utc> {
    at.duration_trunc(width(interval)).unwrap_or(at)
}

fn up(at: DateTime<Utc>, interval: Interval) -> DateTime<Utc> {
    at.duration_round_up(width(interval)).unwrap_or(at)
}

/// What was found, as it is answered.
pub(crate) fn show(range: Range, found: read::statistics::Statistics) -> Statistics {
    let width = width(range.interval);
    let starts = std::iter::successors(Some(range.from), |start| Some(*start + width));
    let empty =
        |start: DateTime<Utc>| (start, Bucket { start: Some(start.into()), ..Bucket::default() });
    let mut buckets: BTreeMap<_, _> =
        starts.take_while(|start| *start < range.to).map(empty).collect();
    for Tally { start, metric, key, count } in found.tallies {
        if let Some(bucket) = buckets.get_mut(&start) {
            bucket.add(&metric, key, count);
        }
    }
    for Backlog { start, report_type, open } in found.backlog {
        if let Some(bucket) = buckets.get_mut(&start) {
            bucket.open_backlog.insert(report_type, open);
        }
    }
    let mut all = TimeToDecision::default();
    for decisions in found.decisions {
        match decisions.start {
            None => all = decisions.into(),
            Some(start) => {
                if let Some(bucket) = buckets.get_mut(&start) {
                    bucket.time_to_decision = decisions.into();
                }
            }
        }
    }
    Statistics {
        from: range.from.into(),
        to: range.to.into(),
        interval: range.interval.as_str(),
        time_to_decision: all,
        buckets: buckets.into_values().collect(),
    }
}

impl Bucket {
    /// A metric that this version does not know is left out.
    fn add(&mut self, metric: &str, key: String, count: i64) {
        match (metric, key.split_once(':')) {
            ("reports_decided", Some((report_type, status))) => {
                let by_status = self.reports_decided.entry(report_type.to_owned()).or_default();
                by_status.insert(status.to_owned(), count);
            }
            ("reports_filed", _) => {
                self.reports_filed.insert(key, count);
            }
            ("bans_created", _) => {
                self.bans_created.insert(key, count);
            }
            ("bans_revoked", _) => {
                self.bans_revoked.insert(key, count);
            }
            _ => {}
        }
    }
}

impl From<Decisions> for TimeToDecision {
    fn from(found: Decisions) -> Self {
        Self { decided: found.count, median_seconds: found.median, p95_seconds: found.p95 }
    }
}
