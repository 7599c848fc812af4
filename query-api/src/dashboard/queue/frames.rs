//! What has changed in the queue, as it is sent to those who look at it: the lines of reports, rendered once
//! for each language.

use std::collections::BTreeMap;

use askama::Template;
use event_log::{Position, RecordedEvent};
use events::report::ReportEvent;
use events::{Event, ReportId, Timestamp};
use serde::Serialize;
use web::{Language, Problem};

use super::super::line::Line;
use super::super::texts::Texts;
use crate::App;
use crate::read::reports::ReportRow;
use crate::reports;

/// What happened to reports up to a position.
#[derive(Debug)]
pub(super) struct Batch {
    pub(super) until: Position,
    /// JSON in each language; `None` when there is nothing to tell.
    told: Option<[String; 2]>,
}

/// Reports that something happened to, and where in the log they were filed if that was among it.
pub(super) type Touched = BTreeMap<ReportId, Option<Position>>;

/// A report as the script gets it.
#[derive(Serialize)]
struct News {
    id: ReportId,
    /// The position at which it was filed, if that is news. A page that knows of that position has it, or does
    /// not want it.
    filed: Option<String>,
    /// Its line.
    html: String,
}

#[derive(Template)]
#[template(path = "queue_line.html")]
struct One {
    texts: Texts,
    line: Line,
    key: String,
}

/// Adds the report that this event is about, if it is about one.
pub(super) fn touch(touched: &mut Touched, event: &Event, at: Position) {
    match event {
        Event::Report(ReportEvent::Filed(filed)) => {
            touched.insert(filed.report_id, Some(at));
        }
        Event::Report(ReportEvent::Reviewed(reviewed)) => {
            touched.entry(reviewed.report_id).or_default();
        }
        Event::Ban(_) => {}
    }
}

/// The reports that these events are about. What cannot be read is none of them: the tail of the log has told
/// of it.
pub(super) fn touched(events: &[RecordedEvent]) -> Touched {
    let mut touched = Touched::new();
    for event in events {
        let decoded = Event::decode(&event.event_type, event.schema_version, &event.data);
        if let Ok(decoded) = decoded {
            touch(&mut touched, &decoded, event.position);
        }
    }
    touched
}

impl Batch {
    /// The reports as they are now.
    pub(super) async fn of(app: &App, until: Position, touched: &Touched) -> Result<Self, Problem> {
        if touched.is_empty() {
            return Ok(Self { until, told: None });
        }
        let ids: Vec<ReportId> = touched.keys().copied().collect();
        let mut rows = reports::of_ids(app, &ids).await?;
        rows.sort_by_key(|row| (row.report.created_at, row.report.id));
        let key = app.new_id().to_string();
        let tell = |language| tell(&rows, touched, Texts(language), app.now(), &key);
        let [english, turkish] = Language::ALL.map(tell);
        Ok(Self { until, told: Some([english?, turkish?]) })
    }

    /// What there is to tell.
    pub(super) fn told(&self, language: Language) -> Option<&str> {
        let nth = Language::ALL.into_iter().position(|known| known == language)?;
        self.told.as_ref()?.get(nth).map(String::as_str)
    }
}

fn tell(
    rows: &[ReportRow],
    touched: &Touched,
    texts: Texts,
    now: Timestamp,
    key: &str,
) -> Result<String, Problem> {
    let news = rows.iter().map(|row| {
        let line = Line::of(row, texts, now);
        let id = line.id;
        let filed = touched.get(&id).copied().flatten().map(|position| position.to_string());
        let html = One { texts, line, key: key.to_owned() }.render()?;
        Ok::<_, askama::Error>(News { id, filed, html })
    });
    let news = news.collect::<Result<Vec<_>, _>>().map_err(Problem::internal)?;
    serde_json::to_string(&news).map_err(Problem::internal)
}
