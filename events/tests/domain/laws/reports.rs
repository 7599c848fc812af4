use std::collections::BTreeMap;

use events::report::{
    Decision, FileReport, ReportCommand, ReportEvent, ReportFiled, ReportReviewed, ReportState,
    ReportStatus, ReportType, Reports, ReviewReport,
};
use events::{Decider, Envelope, ReportId, StreamStatus, fold};
use proptest::prelude::*;

use super::{Asked, anybody, refused_changes_nothing, run};
use crate::support::{at, caller, caused, live_stream, other_live_stream, user};

fn id(nth: u16) -> ReportId {
    ReportId::of(ReportId::key(&live_stream().id, &user("viewer").id), nth)
}

fn file(seconds: u32) -> ReportCommand {
    ReportCommand::File(FileReport {
        now: at(seconds),
        caller: caller("viewer"),
        live_stream: live_stream(),
        report_type: ReportType::SpamOrScam,
        description: None,
    })
}

fn status() -> impl Strategy<Value = Option<Decision>> {
    prop::option::of(prop::sample::select(Decision::ALL.to_vec()))
}

/// Up to forty commands on one viewer's reports of one live stream.
pub(super) fn commands() -> impl Strategy<Value = Vec<Asked<ReportCommand>>> {
    let ask = (any::<bool>(), anybody(), 0..5_u16, status(), prop::option::of(any::<bool>()));
    prop::collection::vec(ask, 0..40).prop_map(|asks| {
        (0_u32..)
            .zip(asks)
            .map(|(seconds, (files, who, nth, status, is_archived))| {
                if files {
                    return Asked { who: "viewer", seconds, command: file(seconds) };
                }
                let caller = caller(who);
                let command = ReportCommand::Review(ReviewReport {
                    now: at(seconds),
                    relation: live_stream().relation(&caller.id),
                    caller,
                    report_id: id(nth),
                    status,
                    admin_notes: None,
                    is_archived,
                });
                Asked { who, seconds, command }
            })
            .collect()
    })
}

/// Any event at all, of this live stream or another, in any order.
fn any_event() -> impl Strategy<Value = Envelope<ReportEvent>> {
    let ids = prop_oneof![0..4_u16, Just(u16::MAX)];
    (anybody(), 0..99_u32, any::<bool>(), ids, status(), any::<bool>()).prop_map(
        |(who, seconds, elsewhere, nth, status, is_archived)| {
            let stream = if elsewhere { other_live_stream() } else { live_stream() };
            let report_id = ReportId::of(ReportId::key(&stream.id, &user("viewer").id), nth);
            let event = match status {
                Some(status) => ReportEvent::Reviewed(ReportReviewed {
                    report_id,
                    status,
                    admin_notes: None,
                    is_archived,
                }),
                None => ReportEvent::Filed(ReportFiled {
                    report_id,
                    live_stream_id: stream.id,
                    stream_creator_id: stream.creator_id,
                    stream_title: stream.title,
                    stream_status_at_report: StreamStatus::Ended,
                    report_type: ReportType::HateSpeech,
                    description: None,
                }),
            };
            caused(who, seconds, event)
        },
    )
}

fn open(reports: &BTreeMap<ReportId, ReportStatus>) -> usize {
    let open = [ReportStatus::Pending, ReportStatus::UnderReview];
    reports.values().filter(|status| open.contains(status)).count()
}

proptest! {
    #[test]
    fn a_refused_command_changes_nothing(asked in commands()) {
        refused_changes_nothing::<Reports>(&asked);
    }

    #[test]
    fn at_most_one_report_is_open(asked in commands()) {
        let (history, _) = run::<Reports>(&asked);
        let mut reports = BTreeMap::new();
        for Envelope { event, .. } in &history {
            match event {
                ReportEvent::Filed(filed) => {
                    let count = u16::try_from(reports.len()).unwrap();
                    prop_assert_eq!(filed.report_id, id(count + 1));
                    prop_assert_eq!(filed.report_id.stream(), id(1).stream());
                    reports.insert(filed.report_id, ReportStatus::Pending);
                }
                ReportEvent::Reviewed(reviewed) => {
                    let before = reports.insert(reviewed.report_id, reviewed.status.into());
                    prop_assert!(before.is_some(), "only what was filed is reviewed");
                }
            }
            prop_assert!(open(&reports) <= 1, "{history:?}");
        }
        let state = fold::<Reports>(&history);
        prop_assert_eq!(matches!(state, ReportState::Open { .. }), open(&reports) == 1);
        for (id, status) in reports {
            prop_assert_eq!(state.report(id).map(|report| report.status), Some(status));
        }
    }

    #[test]
    fn no_history_is_too_odd(
        history in prop::collection::vec(any_event(), 0..12),
        asked in commands(),
    ) {
        let state = fold::<Reports>(&history);
        for Asked { who, seconds, command } in asked {
            for event in Reports::decide(&state, &command).unwrap_or_default() {
                Reports::evolve(state.clone(), &caused(who, seconds, event));
            }
        }
    }
}
