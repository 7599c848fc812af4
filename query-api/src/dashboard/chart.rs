//! Charts, drawn as SVG on the server.
//!
//! Each says in a table what it draws, tells its series apart by form besides colour (full, hatched, line,
//! dashed line), and is described to who does not see it.

use askama::Template;

use super::texts::Texts;

/// In units of the drawing, which scales with the page.
const WIDTH: f64 = 420.0;
const HEIGHT: f64 = 200.0;
const LEFT: f64 = 40.0;
const RIGHT: f64 = 8.0;
const TOP: f64 = 8.0;
const BOTTOM: f64 = 22.0;
/// Labels below the drawing, at most.
const LABELS: usize = 5;
/// Lines across the drawing, about.
const TICKS: f64 = 4.0;

/// How a series looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// Full bars.
    Full,
    /// Hatched bars.
    Hatched,
    /// A line.
    Line,
    /// A dashed line.
    Dashed,
}

impl Form {
    /// In the style sheet.
    fn class(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Hatched => "hatched",
            Self::Line => "line",
            Self::Dashed => "dashed",
        }
    }

    fn is_bar(self) -> bool {
        matches!(self, Self::Full | Self::Hatched)
    }
}

/// Values over time.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Series {
    pub(super) name: String,
    pub(super) form: Form,
    /// One per bucket; `None` where there is none to draw.
    pub(super) values: Vec<Option<f64>>,
}

/// A chart: series over the same buckets.
#[derive(Debug, Template)]
#[template(path = "chart.html")]
pub(super) struct Chart {
    texts: Texts,
    /// Unique on its page.
    id: String,
    title: String,
    /// The names of the buckets, as in the table.
    buckets: Vec<String>,
    series: Vec<Series>,
    top: f64,
    step: f64,
}

/// A bar, in units of the drawing.
struct Bar<'a> {
    x: f64,
    y: f64,
    width: f64,
    height: f64,
    form: Form,
    bucket: &'a str,
    name: &'a str,
    value: String,
}

impl Chart {
    pub(super) fn new(
        texts: Texts,
        id: impl Into<String>,
        title: String,
        buckets: Vec<String>,
        series: Vec<Series>,
    ) -> Self {
        let values = series.iter().flat_map(|series| series.values.iter().flatten());
        let most = values.fold(0.0_f64, |most, value| most.max(*value));
        let step = nice_step(most);
        let top = (most / step).ceil().max(1.0) * step;
        Self { texts, id: id.into(), title, buckets, series, top, step }
    }

    fn y(&self, value: f64) -> f64 {
        let room = HEIGHT - TOP - BOTTOM;
        round(TOP + room * (1.0 - value / self.top))
    }

    fn slot(&self) -> f64 {
        (WIDTH - LEFT - RIGHT) / as_f64(self.buckets.len().max(1))
    }

    /// The lines across, and what stands beside them.
    fn ticks(&self) -> Vec<(f64, String)> {
        let count = (self.top / self.step).round();
        let ticks = std::iter::successors(Some(0.0), |tick| Some(tick + 1.0));
        let ticks = ticks.take_while(|tick| *tick <= count).map(|tick| tick * self.step);
        ticks.map(|tick| (self.y(tick), number(tick))).collect()
    }

    /// Some buckets' names, and where.
    fn labels(&self) -> Vec<(f64, &str)> {
        let every = self.buckets.len().div_ceil(LABELS).max(1);
        let middle = |at: usize| round(LEFT + self.slot() * (as_f64(at) + 0.5));
        let named = self.buckets.iter().enumerate().step_by(every);
        named.map(|(at, name)| (middle(at), name.as_str())).collect()
    }

    /// Bars of one bucket stand beside one another.
    fn bars(&self) -> Vec<Bar<'_>> {
        let barred: Vec<&Series> = self.series.iter().filter(|it| it.form.is_bar()).collect();
        let width = self.slot() * 0.8 / as_f64(barred.len().max(1));
        let mut bars = Vec::new();
        for (nth, series) in barred.into_iter().enumerate() {
            for (at, value) in series.values.iter().enumerate() {
                let Some(value) = value.filter(|value| *value > 0.0) else { continue };
                let x = LEFT + self.slot() * (as_f64(at) + 0.1) + width * as_f64(nth);
                let (x, y, width) = (round(x), self.y(value), round(width));
                let (form, name) = (series.form, series.name.as_str());
                let (height, bucket) = (round(self.y(0.0) - y), self.buckets[at].as_str());
                let value = number(value);
                bars.push(Bar { x, y, width, height, form, bucket, name, value });
            }
        }
        bars
    }

    /// Lines, each as the `points` of a polyline, broken where there is nothing to draw.
    fn lines(&self) -> Vec<(&'static str, Vec<(f64, f64)>)> {
        let mut lines = Vec::new();
        for series in self.series.iter().filter(|series| !series.form.is_bar()) {
            let points = series.values.iter().enumerate().map(|(at, value)| {
                let x = round(LEFT + self.slot() * (as_f64(at) + 0.5));
                value.map(|value| (x, self.y(value)))
            });
            let points: Vec<_> = points.collect();
            let runs = points.split(Option::is_none).filter(|run| !run.is_empty());
            lines.extend(
                runs.map(|run| (series.form.class(), run.iter().flatten().copied().collect())),
            );
        }
        lines
    }

    /// The table: each bucket, and the values of the series in it.
    fn rows(&self) -> impl Iterator<Item = (&str, Vec<String>)> {
        self.buckets.iter().enumerate().map(|(at, bucket)| {
            let value = |series: &Series| series.values.get(at).copied().flatten();
            let shown = |series| value(series).map_or_else(|| "–".to_owned(), number);
            (bucket.as_str(), self.series.iter().map(shown).collect())
        })
    }

    /// Whether there is nothing to draw. A line at 0 is something.
    fn is_empty(&self) -> bool {
        let none = |series: &Series| {
            let mut values = series.values.iter().flatten();
            values.all(|value| series.form.is_bar() && *value == 0.0)
        };
        self.series.iter().all(none)
    }
}

/// A step of 1, 2 or 5 times a power of ten, of which about [`TICKS`] reach `most`; whole numbers at least.
fn nice_step(most: f64) -> f64 {
    let rough = (most / TICKS).max(1.0);
    let power = 10_f64.powf(rough.log10().floor());
    let steps = [1.0, 2.0, 5.0, 10.0].map(|step| step * power);
    steps.into_iter().find(|step| *step >= rough).unwrap_or(10.0 * power)
}

/// A value as people read it: whole when it is, else with one digit.
fn number(value: f64) -> String {
    if value.fract() == 0.0 { format!("{value:.0}") } else { format!("{value:.1}") }
}

/// To a tenth: finer than a screen.
fn round(value: f64) -> f64 {
    (value * 10.0).round() / 10.0
}

#[expect(clippy::cast_precision_loss, reason = "charts have some hundred buckets")]
fn as_f64(count: usize) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use web::Language;

    use super::*;

    fn chart(values: &[Option<f64>], form: Form) -> Chart {
        let buckets = (0..values.len()).map(|at| format!("day {at}")).collect();
        let series = Series { name: "filed".to_owned(), form, values: values.to_vec() };
        Chart::new(Texts(Language::English), "c", "Reports".to_owned(), buckets, vec![series])
    }

    #[test]
    fn steps_are_nice_and_reach_the_top() {
        let steps = [0.0, 3.0, 9.0, 70.0, 1234.0].map(|most| number(nice_step(most)));
        assert_eq!(steps, ["1", "1", "5", "20", "500"]);
        assert_eq!(number(chart(&[Some(9.0)], Form::Full).top), "10");
    }

    #[test]
    fn a_bar_is_as_high_as_its_value() {
        let chart = chart(&[Some(5.0), None, Some(10.0)], Form::Full);
        let heights: Vec<_> = chart.bars().iter().map(|bar| (bar.bucket, bar.height)).collect();
        assert_eq!(heights, [("day 0", 85.0), ("day 2", 170.0)]);
    }

    #[test]
    fn a_line_is_broken_where_nothing_is_known() {
        let chart = chart(&[Some(1.0), Some(2.0), None, Some(1.0)], Form::Line);
        let lengths: Vec<_> = chart.lines().iter().map(|(_, points)| points.len()).collect();
        assert_eq!(lengths, [2, 1]);
    }

    #[test]
    fn names_are_shown_as_text() {
        let series = Series { name: "<b>".to_owned(), form: Form::Full, values: vec![Some(1.0)] };
        let buckets = vec!["\"><script>".to_owned()];
        let chart =
            Chart::new(Texts(Language::English), "c", "&".to_owned(), buckets, vec![series]);
        let html = chart.render().unwrap();
        assert!(!html.contains("<b>") && !html.contains("<script>"), "{html}");
    }
}
