//! Which charts there are.

use std::collections::BTreeMap;

use events::ban::ActionType;
use events::report::ReportType;

use super::super::chart::{Chart, Form, Series};
use super::super::texts::Texts;
use crate::allmine::statistics::{Bucket, TimeToDecision};
use crate::read::statistics::Interval;

/// Every chart, in the order of the page.
pub(super) fn all(texts: Texts, interval: Interval, buckets: &[Bucket]) -> Vec<Chart> {
    let draw = Draw { texts, buckets, names: names(interval, buckets) };
    let mut charts = vec![draw.reports(), draw.backlog(), draw.waiting(), draw.bans()];
    charts.extend(ReportType::ALL.into_iter().filter_map(|of| draw.reports_of(of)));
    charts
}

/// What the charts of a page share.
struct Draw<'a> {
    texts: Texts,
    buckets: &'a [Bucket],
    names: Vec<String>,
}

impl Draw<'_> {
    fn chart(&self, id: &str, title: String, series: Vec<Series>) -> Chart {
        Chart::new(self.texts, format!("chart-{id}"), title, self.names.clone(), series)
    }

    fn series(&self, key: &str, form: Form, value: impl Fn(&Bucket) -> Option<f64>) -> Series {
        let values = self.buckets.iter().map(value).collect();
        Series { name: self.texts.get(key), form, values }
    }

    fn counts(&self, key: &str, form: Form, count: impl Fn(&Bucket) -> i64) -> Series {
        self.series(key, form, |bucket| Some(as_f64(count(bucket))))
    }

    fn reports(&self) -> Chart {
        let filed = |bucket: &Bucket| total(&bucket.reports_filed);
        let decided = |bucket: &Bucket| bucket.reports_decided.values().map(total).sum();
        let series = vec![
            self.counts("statistics-filed", Form::Full, filed),
            self.counts("statistics-decided", Form::Hatched, decided),
        ];
        self.chart("reports", self.texts.get("statistics-reports"), series)
    }

    /// `None` when there were none of this type.
    fn reports_of(&self, of: ReportType) -> Option<Chart> {
        let name = of.as_str();
        let filed = |bucket: &Bucket| bucket.reports_filed.get(name).copied().unwrap_or(0);
        let decided = |bucket: &Bucket| bucket.reports_decided.get(name).map_or(0, total);
        let any = self.buckets.iter().any(|bucket| filed(bucket) + decided(bucket) > 0);
        let series = vec![
            self.counts("statistics-filed", Form::Full, filed),
            self.counts("statistics-decided", Form::Hatched, decided),
        ];
        let title = self.texts.name("statistics-reports-of", &self.texts.report_type(of));
        any.then(|| self.chart(name, title, series))
    }

    fn backlog(&self) -> Chart {
        let open = self.counts("statistics-open", Form::Line, |bucket| total(&bucket.open_backlog));
        self.chart("backlog", self.texts.get("statistics-backlog"), vec![open])
    }

    fn waiting(&self) -> Chart {
        let most = self.buckets.iter().filter_map(|bucket| bucket.time_to_decision.p95_seconds);
        let (unit, seconds) = unit(most.max().unwrap_or(0));
        let in_unit = |value: Option<i64>| value.map(|value| as_f64(value) / as_f64(seconds));
        let of = |pick: fn(&TimeToDecision) -> Option<i64>| {
            move |bucket: &Bucket| in_unit(pick(&bucket.time_to_decision))
        };
        let series = vec![
            self.series("statistics-median", Form::Line, of(|time| time.median_seconds)),
            self.series("statistics-p95", Form::Dashed, of(|time| time.p95_seconds)),
        ];
        let unit = self.texts.get(&format!("statistics-unit-{unit}"));
        self.chart("waiting", self.texts.name("statistics-waiting", &unit), series)
    }

    fn bans(&self) -> Chart {
        let of = |action_type: ActionType, form| {
            let count = |bucket: &Bucket| bucket.bans_created.get(action_type.as_str()).copied();
            let series = self.counts("", form, |bucket| count(bucket).unwrap_or(0));
            Series { name: self.texts.action_type(action_type), ..series }
        };
        let series =
            vec![of(ActionType::Block, Form::Full), of(ActionType::ChatOnly, Form::Hatched)];
        self.chart("bans", self.texts.get("statistics-bans"), series)
    }
}

/// The largest unit in which times up to `most` seconds are drawn, and its seconds.
fn unit(most: i64) -> (&'static str, i64) {
    match most {
        259_200.. => ("days", 86_400),
        7_200.. => ("hours", 3_600),
        _ => ("minutes", 60),
    }
}

/// Short enough to stand below a chart: buckets are of one year, or of one month.
fn names(interval: Interval, buckets: &[Bucket]) -> Vec<String> {
    let form = match interval {
        Interval::Hour => "%m-%d %H:%M",
        Interval::Day => "%m-%d",
    };
    let name = |bucket: &Bucket| bucket.start.map(|start| start.to_utc().format(form).to_string());
    buckets.iter().map(|bucket| name(bucket).unwrap_or_default()).collect()
}

fn total(counts: &BTreeMap<String, i64>) -> i64 {
    counts.values().sum()
}

#[expect(clippy::cast_precision_loss, reason = "exact up to 2^53 reports, or seconds")]
fn as_f64(count: i64) -> f64 {
    count as f64
}
