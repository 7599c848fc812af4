//! Walking through lists, by page and by cursor, while they grow.

use events::ban::{ActionType, RevokeCause};
use events::report::{Decision, ReportType};
use serde_json::{Value, json};
use testing::World;

use crate::support::{CREATOR, NewBan, NewReport, STAFF, Stage, Who, ids, shown};

const BANS: &str = "/api/v1/live-stream-ban";
const REPORTS: &str = "/api/v1/live-stream-reports";

/// 23 bans; three of each moment, so that only their ids tell them apart. Newest first.
async fn bans(stage: &Stage) -> Vec<String> {
    let mut made = Vec::new();
    for nth in 0..23 {
        let (user, at) = (format!("user-{nth}"), format!("2026-01-15T08:{:02}:00.000Z", nth / 3));
        let id = stage.ban(NewBan { user: &user, at: &at, ..NewBan::default() }).await;
        made.push((at, id.to_string()));
    }
    made.sort();
    made.into_iter().rev().map(|(_, id)| id).collect()
}

/// Every page from `path` on, by its cursors; `between` happens after each.
async fn walk(
    stage: &Stage,
    who: Who,
    path: &str,
    mut between: impl AsyncFnMut(u64),
) -> Vec<Value> {
    let mut pages = Vec::new();
    let mut cursor = String::new();
    loop {
        let data = stage.get(who, &format!("{path}{cursor}")).await.data();
        let next = data["pagination"]["nextCursor"].as_str().map(ToOwned::to_owned);
        assert_eq!(data["pagination"]["hasNextPage"], json!(next.is_some()));
        pages.push(data);
        let Some(next) = next else { return pages };
        between(pages.len() as u64).await;
        cursor = format!("&cursor={next}");
    }
}

fn all_ids(pages: &[Value]) -> Vec<String> {
    pages.iter().flat_map(ids).collect()
}

#[tokio::test]
async fn pages_by_number_and_by_cursor_are_the_same() {
    let stage = Stage::new().await;
    let expected = bans(&stage).await;
    for who in [STAFF, CREATOR] {
        let pages = walk(&stage, who, &format!("{BANS}?limit=5"), async |_| {}).await;
        assert_eq!(all_ids(&pages), expected);
        for (nth, page) in (1..).zip(&pages) {
            let mut pagination = page["pagination"].clone();
            pagination["nextCursor"].take();
            let shown = json!({"currentPage": nth, "totalPages": 5, "totalItems": 23,
                "itemsPerPage": 5, "hasNextPage": nth < 5, "hasPrevPage": nth > 1,
                "nextCursor": null});
            assert_eq!(pagination, shown);
            let by_number = stage.get(who, &format!("{BANS}?limit=5&page={nth}")).await.data();
            assert_eq!(by_number, *page);
        }
    }
    // Beyond the end there is nothing, and the totals still hold.
    let beyond = stage.get(STAFF, &format!("{BANS}?limit=5&page=7")).await.data();
    assert_eq!(
        beyond,
        json!({"list": [], "pagination": {"currentPage": 7, "totalPages": 5, "totalItems": 23,
            "itemsPerPage": 5, "hasNextPage": false, "hasPrevPage": true, "nextCursor": null}})
    );
}

#[tokio::test]
async fn a_walk_neither_repeats_nor_skips_while_bans_arrive() {
    let stage = Stage::new().await;
    let expected = bans(&stage).await;
    for who in [STAFF, CREATOR] {
        let pages = walk(&stage, who, &format!("{BANS}?limit=4"), async |nth| {
            let user = format!("late-{}-{nth}", who.0);
            let at = "2026-01-15T11:59:00.000Z";
            stage.ban(NewBan { user: &user, at, ..NewBan::default() }).await;
        })
        .await;
        let old = |id: &String| expected.contains(id);
        let walked: Vec<_> = all_ids(&pages).into_iter().filter(old).collect();
        assert_eq!(walked, expected);
    }
}

#[tokio::test]
async fn every_order_of_reports_can_be_walked() {
    let stage = Stage::new().await;
    // One live stream with five open reports, six with one, two with none.
    let mut most = vec![Vec::new(); 3];
    for nth in 0..13_usize {
        let stream = if nth < 5 { World::STREAM.to_owned() } else { format!("stream-{nth:02}") };
        let (reporter, at) =
            (format!("user-{nth}"), format!("2026-01-15T08:{:02}:00.000Z", nth / 2));
        let new =
            NewReport { reporter: &reporter, stream: &stream, at: &at, ..NewReport::default() };
        let id = stage.report(new).await;
        let group = [0, 1, 2][usize::from(nth >= 5) + usize::from(nth >= 11)];
        if group == 2 {
            let decision = Decision::Rejected;
            stage.review(id, decision, None, false, "2026-01-15T09:00:00.000Z").await;
        }
        most[group].push((at, id.to_string()));
    }
    most[0].sort();
    let mut oldest = most.concat();
    oldest.sort();
    let newest: Vec<_> = oldest.iter().rev().cloned().collect();
    for (sort, expected) in
        [("oldest", oldest), ("newest", newest), ("most_reported", most.concat())]
    {
        let expected: Vec<_> = expected.into_iter().map(|(_, id)| id).collect();
        for limit in [1, 2, 3, 100] {
            let path = format!("{REPORTS}?sort={sort}&limit={limit}");
            let pages = walk(&stage, STAFF, &path, async |_| {}).await;
            assert_eq!(all_ids(&pages), expected, "{sort} {limit}");
            let mut numbered = Vec::new();
            for page in 1..=expected.len().div_ceil(limit) {
                numbered.extend(stage.get(STAFF, &format!("{path}&page={page}")).await.ids());
            }
            assert_eq!(numbered, expected, "{sort} {limit}");
        }
    }
}

#[tokio::test]
async fn my_reports_can_be_walked() {
    let stage = Stage::new().await;
    let mut made = Vec::new();
    for nth in 0..7 {
        let stream = format!("stream-{nth}");
        let at = format!("2026-01-15T08:0{nth}:00.000Z");
        made.push(
            stage.report(NewReport { stream: &stream, at: &at, ..NewReport::default() }).await,
        );
    }
    made.reverse();
    let path = format!("{REPORTS}/my-reports?limit=3");
    let pages = walk(&stage, Who(World::VIEWER, &[]), &path, async |_| {}).await;
    assert_eq!(all_ids(&pages), shown(&made));
}

#[tokio::test]
async fn a_cursor_is_good_for_its_own_list_only() {
    let stage = Stage::new().await;
    bans(&stage).await;
    for nth in 0..3 {
        let stream = format!("stream-{nth}");
        stage.report(NewReport { stream: &stream, ..NewReport::default() }).await;
    }
    let cursor = async |path: &str| {
        let data = stage.get(STAFF, path).await.data();
        data["pagination"]["nextCursor"].as_str().unwrap().to_owned()
    };
    let bans = cursor(&format!("{BANS}?limit=1")).await;
    let oldest = cursor(&format!("{REPORTS}?limit=1")).await;
    let most = cursor(&format!("{REPORTS}?limit=1&sort=most_reported")).await;
    let bad =
        json!(["Validation failed", "cursor: must be a pagination.nextCursor of the same list"]);
    let (longer, shorter) = (format!("{bans}AA"), bans[..bans.len() - 4].to_owned());
    let upper = bans.to_uppercase();
    for (path, cursor) in [
        (BANS, &oldest),
        (BANS, &longer),
        (BANS, &shorter),
        (BANS, &upper),
        (REPORTS, &bans),
        (REPORTS, &most),
        ("/api/v1/live-stream-reports?sort=newest&x=", &oldest),
    ] {
        let join = if path.contains('?') { '&' } else { '?' };
        let errors = stage.get(STAFF, &format!("{path}{join}cursor={cursor}")).await.errors(400);
        assert_eq!(errors, bad, "{path} {cursor}");
    }
    let both = stage.get(STAFF, &format!("{BANS}?page=2&cursor={bans}")).await.errors(400);
    assert_eq!(both, json!(["Validation failed", "cursor: must not come together with page"]));
}

#[tokio::test]
async fn totals_are_what_a_walk_finds() {
    let stage = Stage::new().await;
    let at = "2026-01-15T08:00:00.000Z";
    for nth in 0..12 {
        let user = format!("user-{nth}");
        let action = if nth % 3 == 0 { ActionType::ChatOnly } else { ActionType::Block };
        let stream = if nth % 4 == 0 { World::OTHER_STREAM } else { World::STREAM };
        // Of each sort one lasts, one was revoked, one has run out unnoticed, one noticed.
        let expires = (nth % 4 > 1).then_some("2026-01-15T09:00:00.000Z");
        let id = stage
            .ban(NewBan { user: &user, action, stream, at, expires, ..NewBan::default() })
            .await;
        match nth % 4 {
            1 => stage.revoke(id, RevokeCause::Manual, "2026-01-15T08:30:00.000Z").await,
            3 => stage.revoke(id, RevokeCause::Expired, "2026-01-15T09:00:01.000Z").await,
            _ => {}
        }
        let kind = if nth % 3 == 0 { ReportType::Other } else { ReportType::HateSpeech };
        let report =
            stage.report(NewReport { reporter: &user, kind, at, ..NewReport::default() }).await;
        if nth % 4 > 1 {
            stage
                .review(report, Decision::Rejected, None, nth % 4 == 3, "2026-01-15T09:00:00.000Z")
                .await;
        }
    }
    let own = format!("liveStreamId={}", World::STREAM);
    let reports =
        ["", "status=rejected", "type=other", "status=pending&type=other", "isArchived=true"];
    for (who, path, filters) in [
        (
            STAFF,
            BANS,
            &["", "actionType=CHAT_ONLY", &own, "targetUser=user-1", "startDate=2026-01-15"][..],
        ),
        (CREATOR, BANS, &["", "actionType=CHAT_ONLY", &own]),
        (STAFF, REPORTS, &reports),
        (STAFF, REPORTS, &[&own, "reporterId=user-1"]),
    ] {
        let statuses: &[&str] = match path {
            BANS => &["&status=active", "&status=revoked", "&status=expired", "&status=all"],
            _ => &[""],
        };
        for filter in filters {
            for status in statuses {
                let path = format!("{path}?limit=1&{filter}{status}");
                let pages = walk(&stage, who, &path, async |_| {}).await;
                let total = all_ids(&pages).len();
                for page in pages {
                    assert_eq!(page["pagination"]["totalItems"], json!(total), "{path}");
                }
            }
        }
    }
}
