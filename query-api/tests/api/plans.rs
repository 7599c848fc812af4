//! What a page costs: index scans only, and no more at the end of a long list than at its start.

use chrono::{DateTime, TimeDelta, Utc};
use events::ban::ActionType;
use events::report::{ReportStatus, ReportType};
use events::{BanId, ReportId, Timestamp};
use query_api::read::bans::expiring::{self, Expiring};
use query_api::read::bans::{self, BanFilter, BanStatus};
use query_api::read::live_streams;
use query_api::read::report_groups::{self, GroupFilter, GroupKey};
use query_api::read::reports::{self, ReportFilter, ReportOrder};
use query_api::read::window::{BanKey, ExpiryKey, ReportKey, StreamKey, Window};
use serde_json::Value;
use sqlx::{AssertSqlSafe, Execute, PgPool, Postgres, QueryBuilder};
use testing::Database;

use crate::support::{NOW, time};

/// Rows in each table, one per minute from [`first`] on.
const ROWS: i64 = 50_000;

/// The most blocks of 8 KiB that a page of ten may touch: its rows may lie on as many, and each of
/// up to four joins takes a few more, as do the levels of indexes.
const BLOCKS: i64 = 250;

fn first() -> DateTime<Utc> {
    "2025-12-01T00:00:00Z".parse().unwrap()
}

/// 500 live streams of 25 creators, 5,000 users. A third of the bans is active, fifty ran out; nine
/// reports in ten are decided, and half of these archived.
async fn fill(pool: &PgPool) {
    for statement in [
        "INSERT INTO directory.live_streams
         SELECT 's' || n, 's' || n, 'Stream', 'active', 'c' || n % 25, ARRAY['m' || n % 50], now()
         FROM generate_series(0, 499) n",
        "INSERT INTO directory.users
         SELECT 'u' || n, 'u' || n, 'name' || n, '', '', NULL, 'online', false, now()
         FROM generate_series(0, 4999) n",
        "INSERT INTO projections.bans
         SELECT lpad(to_hex(n), 20, '0') || '0001', 's' || n % 500, 'u' || n % 4999,
             CASE WHEN n % 7 = 0 THEN 'CHAT_ONLY' ELSE 'BLOCK' END, NULL, 'c1', at,
             CASE WHEN n % 1000 = 0 THEN at WHEN n % 5 = 0 THEN at + interval '1 year' END, NULL,
             CASE WHEN n % 1000 = 0 OR n % 3 > 0 THEN at END, NULL,
             CASE WHEN n % 1000 = 0 THEN 'expired' WHEN n % 3 > 0 THEN 'manual' END, at, n
         FROM generate_series(0, 49999) n, LATERAL (
             SELECT timestamptz '2025-12-01Z' + n * interval '1 minute' AS at) t",
        "INSERT INTO projections.reports
         SELECT lpad(to_hex(n), 20, '0') || '0001', 'u' || n % 4999, 's' || n % 500, 'c1', 'Stream',
             'active', CASE WHEN n % 9 = 0 THEN 'hate_speech' ELSE 'spam_or_scam' END, NULL,
             CASE WHEN n % 10 = 0 THEN 'pending' ELSE 'resolved' END, NULL, NULL, NULL,
             n % 10 > 5, NULL, NULL, NULL, at, at, n
         FROM generate_series(0, 49999) n, LATERAL (
             SELECT timestamptz '2025-12-01Z' + n * interval '1 minute' AS at) t",
        "INSERT INTO projections.stream_report_counts
         SELECT live_stream_id, count(*) FILTER (WHERE status = 'pending' AND NOT is_archived)
         FROM projections.reports GROUP BY 1",
        "VACUUM ANALYZE",
    ] {
        sqlx::query(statement).execute(pool).await.unwrap();
    }
}

/// How many blocks the statement touches. Fails when it reads a large table as a whole.
pub(crate) async fn blocks(
    pool: &PgPool,
    mut statement: QueryBuilder<Postgres>,
    what: &str,
) -> i64 {
    let mut query = statement.build();
    let arguments = query.take_arguments().unwrap().unwrap();
    let explain = format!("EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {}", query.sql().as_str());
    let explained = sqlx::query_scalar_with(AssertSqlSafe(explain), arguments);
    let plan: Value = explained.fetch_one(pool).await.unwrap();
    let plan = &plan[0]["Plan"];
    let scanned = whole_scans(plan);
    assert!(scanned.is_empty(), "{what} scans {scanned:?}: {plan:#}");
    let count = |name: &str| plan[name].as_i64().unwrap();
    count("Shared Hit Blocks") + count("Shared Read Blocks")
}

fn whole_scans(plan: &Value) -> Vec<String> {
    let inner = plan["Plans"].as_array().into_iter().flatten().flat_map(whole_scans);
    let table = plan["Relation Name"].as_str().unwrap_or_default();
    let large = ["bans", "reports", "users", "history"].contains(&table);
    let large = large && plan["Node Type"] == "Seq Scan";
    inner.chain(large.then(|| table.to_owned())).collect()
}

fn window<K>(after: Option<K>) -> Window<K> {
    Window { limit: 10, offset: 0, after }
}

/// The ban of that number.
fn ban_key(nth: i64) -> BanKey {
    let id: BanId = format!("{nth:020x}0001").parse().unwrap();
    BanKey { at: (first() + TimeDelta::minutes(nth)).into(), id }
}

#[tokio::test]
async fn a_page_of_bans_costs_the_same_at_any_depth() {
    let database = Database::create().await;
    fill(&database.owner).await;
    let pool = query_api::connect(&database.url, 2).unwrap();
    let any = BanFilter::default();
    let all = BanFilter { status: BanStatus::All, ..any.clone() };
    let user = |id: &str| Some(vec![id.parse().unwrap()]);
    let stream = Some("s7".parse().unwrap());
    for (what, filter) in [
        ("active", any.clone()),
        ("all", all.clone()),
        ("revoked", BanFilter { status: BanStatus::Revoked, ..any.clone() }),
        ("a type", BanFilter { action_type: Some(ActionType::ChatOnly), ..any.clone() }),
        ("a stream", BanFilter { live_stream: stream.clone(), ..any.clone() }),
        ("a stream's, all", BanFilter { live_stream: stream, ..all.clone() }),
        ("a user", BanFilter { targets: user("u7"), ..any.clone() }),
        ("a user's, all", BanFilter { targets: user("u7"), ..all.clone() }),
        (
            "a time",
            BanFilter { from: Some(ban_key(100).at), before: Some(ban_key(49_900).at), ..all },
        ),
    ] {
        let at = |key| bans::list_statement(&filter, &window(key), time(NOW));
        let start = blocks(&pool, at(None), what).await;
        let deep = blocks(&pool, at(Some(ban_key(1_000))), what).await;
        assert!(start <= BLOCKS && deep <= BLOCKS, "{what}: {start}, then {deep}");
    }
    // Twenty live streams of one creator: a page is found in each of them.
    let own = BanFilter { run_by: Some("c3".parse().unwrap()), ..any };
    let at = |key| bans::list_statement(&own, &window(key), time(NOW));
    let start = blocks(&pool, at(None), "a creator").await;
    let deep = blocks(&pool, at(Some(ban_key(1_000))), "a creator").await;
    assert!(start <= 20 * BLOCKS && deep <= start, "a creator: {start}, then {deep}");
}

/// The report of that number.
fn report_key(nth: i64, stream: Option<StreamKey>) -> ReportKey {
    let id: ReportId = format!("{nth:020x}0001").parse().unwrap();
    ReportKey { at: (first() + TimeDelta::minutes(nth)).into(), id, stream }
}

#[tokio::test]
async fn a_page_of_reports_costs_the_same_at_any_depth() {
    let database = Database::create().await;
    fill(&database.owner).await;
    let pool = query_api::connect(&database.url, 2).unwrap();
    let queue = ReportFilter { is_archived: Some(false), ..ReportFilter::default() };
    let pending = Some(ReportStatus::Pending);
    for (what, filter, order) in [
        ("oldest", queue.clone(), ReportOrder::Oldest),
        ("newest", queue.clone(), ReportOrder::Newest),
        ("pending", ReportFilter { status: pending, ..queue.clone() }, ReportOrder::Oldest),
        (
            "a type",
            ReportFilter { report_type: Some(ReportType::HateSpeech), ..queue.clone() },
            ReportOrder::Oldest,
        ),
        (
            "a stream",
            ReportFilter { live_stream: Some("s7".parse().unwrap()), ..queue.clone() },
            ReportOrder::Oldest,
        ),
        (
            "a reporter",
            ReportFilter { reporter: Some("u7".parse().unwrap()), ..ReportFilter::default() },
            ReportOrder::Newest,
        ),
    ] {
        let at = |key| reports::list_statement(&filter, order, &window(key));
        let start = blocks(&pool, at(None), what).await;
        let nth = if order == ReportOrder::Newest { 1_000 } else { ROWS - 1_000 };
        let deep = blocks(&pool, at(Some(report_key(nth, None))), what).await;
        assert!(start <= BLOCKS && deep <= BLOCKS, "{what}: {start}, then {deep}");
    }
    let at = |key| reports::list_statement(&queue, ReportOrder::MostReported, &window(key));
    let start = blocks(&pool, at(None), "most reported").await;
    // Among the 450 live streams without an open report.
    let stream = StreamKey { open: 0, id: "s251".parse().unwrap() };
    let key = report_key(48_251, Some(stream));
    let deep = blocks(&pool, at(Some(key)), "most reported").await;
    assert!(start <= BLOCKS && deep <= BLOCKS, "most reported: {start}, then {deep}");
    // The last of all that are open: the live streams without any are not looked through.
    let open = ReportFilter { status: pending, ..queue };
    let stream = StreamKey { open: 100, id: "s90".parse().unwrap() };
    let key = report_key(49_590, Some(stream));
    let statement = reports::list_statement(&open, ReportOrder::MostReported, &window(Some(key)));
    let end = blocks(&pool, statement, "most reported, open").await;
    assert!(end <= BLOCKS, "most reported, open: {end}");
}

#[tokio::test]
async fn a_page_of_groups_costs_by_live_streams_with_open_reports() {
    let database = Database::create().await;
    fill(&database.owner).await;
    let pool = query_api::connect(&database.url, 2).unwrap();
    let any = GroupFilter::default();
    for (what, filter) in [
        ("all", any.clone()),
        ("a type", GroupFilter { report_type: Some(ReportType::HateSpeech), ..any.clone() }),
        ("pending", GroupFilter { status: Some(ReportStatus::Pending), ..any.clone() }),
        ("a stream", GroupFilter { live_stream: Some("s10".parse().unwrap()), ..any.clone() }),
        ("archived", GroupFilter { is_archived: true, ..any }),
    ] {
        for order in ReportOrder::ALL {
            let at = |key| report_groups::list_statement(&filter, order, &window(key));
            let start = blocks(&pool, at(None), what).await;
            // The 25th of the 50 live streams that have a hundred open reports each.
            let nth = if order == ReportOrder::Newest { 49_750 } else { 250 };
            let key = report_key(nth, None);
            let key = GroupKey { open: 100, at: key.at, id: "s250".parse().unwrap() };
            let deep = blocks(&pool, at(Some(key)), what).await;
            // Beside what a page may, a step into the index for each of the fifty.
            let most = BLOCKS + 50 * 4;
            assert!(start <= most && deep <= most, "{what}, {order:?}: {start}, then {deep}");
        }
    }
}

/// The key of the ban of that number, among those that end in a year.
fn expiry_key(nth: i64) -> ExpiryKey {
    let BanKey { at, id } = ban_key(nth);
    ExpiryKey {
        at: (at.to_utc() + TimeDelta::days(365)).into(),
        live_stream: format!("s{}", nth % 500).parse().unwrap(),
        id,
    }
}

#[tokio::test]
async fn what_ends_soon_costs_what_is_on_the_page() {
    let database = Database::create().await;
    fill(&database.owner).await;
    let pool = query_api::connect(&database.url, 2).unwrap();
    let BanKey { at: now, .. } = ban_key(15_000);
    let now: Timestamp = (now.to_utc() + TimeDelta::days(365)).into();
    for (what, run_by, most) in
        [("everybody's", None, BLOCKS), ("a creator's", Some("c3"), 20 * BLOCKS)]
    {
        let run_by = run_by.map(|id| id.parse().unwrap());
        let soon = Expiring { run_by, now, until: now.plus_seconds(30 * 86_400) };
        let at = |key| expiring::statement(&soon, &window(key));
        let start = blocks(&pool, at(None), what).await;
        let deep = blocks(&pool, at(Some(expiry_key(40_005))), what).await;
        assert!(start <= most && deep <= most, "{what}: {start}, then {deep}");
    }
}

#[tokio::test]
async fn live_streams_are_found_by_indexes() {
    let database = Database::create().await;
    fill(&database.owner).await;
    let more = "INSERT INTO directory.live_streams
        SELECT 'more' || n, 'chat' || n, 'Title ' || n, 'active', 'c', '{}', now()
        FROM generate_series(0, 49999) n";
    sqlx::query(more).execute(&database.owner).await.unwrap();
    sqlx::query("ANALYZE directory.live_streams").execute(&database.owner).await.unwrap();
    let pool = query_api::connect(&database.url, 2).unwrap();
    let creator = "c3".parse().unwrap();
    for (what, statement) in [
        ("a title", live_streams::called_statement("TITLE 4999", None, 20)),
        ("a chat", live_streams::called_statement("chat7", None, 20)),
        ("own", live_streams::called_statement("str", Some(&creator), 20)),
        ("busy", live_streams::busy_statement(100)),
    ] {
        // Each of a hundred live streams takes a few blocks for itself and its numbers.
        let most = if what == "busy" { 10 * BLOCKS } else { BLOCKS };
        let touched = blocks(&pool, statement, what).await;
        assert!(touched <= most, "{what}: {touched}");
    }
}
