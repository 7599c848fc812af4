//! Open reports by their live streams.

use events::report::{Decision, ReportStatus, ReportType};
use query_api::read::report_groups::{self, Group, GroupFilter, GroupKey};
use query_api::read::reports::{ReportOrder, ReportRow};
use query_api::read::window::{ReportKey, Window};
use testing::World;

use crate::support::{NewReport, STAFF, Stage, time};

fn by<'a>(stream: &'a str, reporter: &'a str, at: &'a str) -> NewReport<'a> {
    NewReport { reporter, stream, at, ..NewReport::default() }
}

/// Until all that was written can be seen.
async fn wait(stage: &Stage) {
    stage.get(STAFF, "/api/v1/live-stream-reports").await.data();
}

/// Two live streams; the one has three open reports, and one that is decided.
async fn filed(stage: &Stage) {
    let hate = by(World::STREAM, "first", "2026-01-10T08:00:00.000Z");
    stage.report(NewReport { kind: ReportType::HateSpeech, ..hate }).await;
    let claimed = stage.report(by(World::STREAM, "second", "2026-01-11T08:00:00.000Z")).await;
    stage.review(claimed, Decision::UnderReview, None, false, "2026-01-11T09:00:00.000Z").await;
    stage.report(by(World::STREAM, "third", "2026-01-12T08:00:00.000Z")).await;
    let decided = stage.report(by(World::STREAM, "fourth", "2026-01-09T08:00:00.000Z")).await;
    stage.review(decided, Decision::Resolved, None, false, "2026-01-09T09:00:00.000Z").await;
    stage.report(by(World::OTHER_STREAM, "first", "2026-01-14T08:00:00.000Z")).await;
    let archived =
        stage.report(by(World::OTHER_STREAM, "second", "2026-01-08T08:00:00.000Z")).await;
    stage.review(archived, Decision::UnderReview, None, true, "2026-01-08T09:00:00.000Z").await;
    wait(stage).await;
}

/// What is told of a group: live stream, open reports, of each type, those shown.
type Told = (String, u64, Vec<(ReportType, u64)>, Vec<String>);

fn told(group: &Group) -> Told {
    let reporter = |row: &ReportRow| row.report.reporter_id.as_ref().unwrap().to_string();
    let reporters = group.reports.iter().map(reporter).collect();
    (group.live_stream_id.to_string(), group.open, group.types.clone(), reporters)
}

/// The first so many reports.
fn some(limit: u32) -> Window<ReportKey> {
    Window { limit, offset: 0, after: None }
}

async fn page(
    stage: &Stage,
    filter: &GroupFilter,
    order: ReportOrder,
    after: Option<GroupKey>,
    shown: &Window<ReportKey>,
) -> Vec<Group> {
    let window = Window { limit: 10, offset: 0, after };
    report_groups::list(stage.pool(), filter, order, &window, shown).await.unwrap()
}

async fn list(stage: &Stage, filter: &GroupFilter, order: ReportOrder) -> Vec<Told> {
    let groups = page(stage, filter, order, None, &some(10)).await;
    assert_eq!(report_groups::count(stage.pool(), filter).await.unwrap(), groups.len() as u64);
    groups.iter().map(told).collect()
}

#[tokio::test]
async fn groups_count_and_show_what_the_filter_lets_through() {
    let stage = Stage::new().await;
    filed(&stage).await;
    let (spam, hate) = (ReportType::SpamOrScam, ReportType::HateSpeech);
    let one = |reporters: &[&str], types: &[(ReportType, u64)]| -> Told {
        let reporters = reporters.iter().map(ToString::to_string).collect();
        (World::STREAM.to_owned(), 3, types.to_vec(), reporters)
    };
    let other = |open, reporter: &str| -> Told {
        (World::OTHER_STREAM.to_owned(), open, vec![(spam, 1)], vec![reporter.to_owned()])
    };
    let all = one(&["first", "second", "third"], &[(spam, 2), (hate, 1)]);
    let backwards = one(&["third", "second", "first"], &[(spam, 2), (hate, 1)]);
    let any = GroupFilter::default();
    let of_type = |kind| GroupFilter { report_type: Some(kind), ..GroupFilter::default() };
    let status = |status| GroupFilter { status: Some(status), ..GroupFilter::default() };
    let of_stream =
        GroupFilter { live_stream: Some(World::OTHER_STREAM.parse().unwrap()), ..any.clone() };
    let archived = GroupFilter { is_archived: true, ..any.clone() };
    let oldest = ReportOrder::Oldest;
    for (filter, order, expected) in [
        (any.clone(), oldest, vec![all.clone(), other(1, "first")]),
        (any.clone(), ReportOrder::MostReported, vec![all, other(1, "first")]),
        (any, ReportOrder::Newest, vec![other(1, "first"), backwards]),
        (of_type(hate), oldest, vec![one(&["first"], &[(hate, 1)])]),
        (of_type(ReportType::Other), oldest, vec![]),
        (status(ReportStatus::UnderReview), oldest, vec![one(&["second"], &[(spam, 1)])]),
        (
            status(ReportStatus::Pending),
            ReportOrder::MostReported,
            vec![one(&["first", "third"], &[(hate, 1), (spam, 1)]), other(1, "first")],
        ),
        (of_stream, oldest, vec![other(1, "first")]),
        (archived.clone(), oldest, vec![other(1, "second")]),
        (archived, ReportOrder::MostReported, vec![other(1, "second")]),
    ] {
        assert_eq!(list(&stage, &filter, order).await, expected, "{filter:?}, {order:?}");
    }
}

#[tokio::test]
async fn pages_of_groups_neither_repeat_nor_skip() {
    let stage = Stage::new().await;
    // Two reports of each second live stream, one of the others; all at one moment.
    for nth in 0..5 {
        let stream = format!("s{nth}");
        stage.report(by(&stream, "first", "2026-01-10T08:00:00.000Z")).await;
        if nth % 2 == 0 {
            stage.report(by(&stream, "second", "2026-01-10T08:00:00.000Z")).await;
        }
    }
    wait(&stage).await;
    for (order, expected) in [
        (ReportOrder::Oldest, ["s0", "s1", "s2", "s3", "s4"]),
        (ReportOrder::Newest, ["s4", "s3", "s2", "s1", "s0"]),
        (ReportOrder::MostReported, ["s0", "s2", "s4", "s1", "s3"]),
    ] {
        let (mut seen, mut after): (Vec<String>, Option<GroupKey>) = (vec![], None);
        loop {
            let page = page(&stage, &GroupFilter::default(), order, after, &some(10)).await;
            let Some(first) = page.first() else { break };
            seen.push(first.live_stream_id.to_string());
            after = Some(first.key(order));
        }
        assert_eq!(seen, expected, "{order:?}");
    }
}

#[tokio::test]
async fn of_many_reports_some_are_shown_and_all_are_counted() {
    let stage = Stage::new().await;
    for nth in 0..5 {
        let (reporter, at) = (format!("u{nth}"), format!("2026-01-10T08:00:0{nth}.000Z"));
        stage.report(by(World::STREAM, &reporter, &at)).await;
    }
    wait(&stage).await;
    for (order, expected) in [
        (ReportOrder::Oldest, [&["u0", "u1"][..], &["u2", "u3"], &["u4"]]),
        (ReportOrder::Newest, [&["u4", "u3"], &["u2", "u1"], &["u0"]]),
    ] {
        let mut shown = some(2);
        for reporters in expected {
            let groups = page(&stage, &GroupFilter::default(), order, None, &shown).await;
            let [group] = &groups[..] else { panic!("one group") };
            assert_eq!((group.count(), group.more), (5, reporters.len() == 2), "{order:?}");
            assert_eq!(group.oldest, time("2026-01-10T08:00:00.000Z"));
            assert_eq!(group.newest, time("2026-01-10T08:00:04.000Z"));
            assert_eq!(told(group).3, reporters);
            shown.after = group.reports.last().map(ReportRow::key);
        }
    }
}
