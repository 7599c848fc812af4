//! One reporter's reports of one live stream: at most one is open at a time.

mod decide;
mod event;
mod state;

pub use decide::{FileReport, ReportCommand, ReportRefusal, ReviewReport};
pub use event::{Decision, ReportEvent, ReportFiled, ReportReviewed, ReportStatus, ReportType};
pub use state::{Report, ReportState};

/// The decider of reports.
#[derive(Debug, Clone, Copy)]
pub struct Reports;

impl crate::Decider for Reports {
    type State = ReportState;
    type Command = ReportCommand;
    type Event = ReportEvent;
    type Refusal = ReportRefusal;

    fn decide(
        state: &ReportState,
        command: &ReportCommand,
    ) -> Result<Vec<ReportEvent>, ReportRefusal> {
        decide::decide(state, command)
    }

    fn evolve(state: ReportState, event: &crate::Envelope<ReportEvent>) -> ReportState {
        state::evolve(state, event)
    }
}
