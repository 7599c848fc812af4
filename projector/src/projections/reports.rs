//! Reports, and how many there are.

mod counts;
mod fold;
mod rows;

use async_trait::async_trait;
use events::report::ReportEvent;
use events::{Event, PersonalField};
use sqlx::PgConnection;

use crate::error::ApplyError;
use crate::projection::{LoggedEvent, Projection};

/// Keeps `reports`, `report_counts` and `stream_report_counts`.
#[derive(Debug, Clone, Copy)]
pub struct Reports;

#[async_trait]
impl Projection for Reports {
    fn name(&self) -> &'static str {
        "reports"
    }

    fn version(&self) -> i32 {
        1
    }

    fn tables(&self) -> &'static [&'static str] {
        &["reports", "report_counts", "stream_report_counts"]
    }

    fn shows(&self, event: &Event) -> &'static [PersonalField] {
        use PersonalField::{AdminNotes, ClientIp, Description, UserAgent};
        match event {
            Event::Report(ReportEvent::Filed(_)) => &[Description, ClientIp, UserAgent],
            Event::Report(ReportEvent::Reviewed(_)) => &[AdminNotes],
            Event::Ban(_) => &[],
        }
    }

    async fn apply(
        &self,
        connection: &mut PgConnection,
        events: &[LoggedEvent],
    ) -> Result<(), ApplyError> {
        let events: Vec<_> = events
            .iter()
            .filter_map(|logged| match &logged.event {
                Event::Report(event) => Some((logged, event)),
                Event::Ban(_) => None,
            })
            .collect();
        if events.is_empty() {
            return Ok(());
        }
        let known = rows::load(connection, &fold::reviewed_ids(&events)).await?;
        let folded = fold::fold(known, &events)?;
        rows::insert(connection, &folded.filed()).await?;
        rows::update(connection, &folded.changed()).await?;
        folded.counts.write(connection).await?;
        Ok(())
    }
}
