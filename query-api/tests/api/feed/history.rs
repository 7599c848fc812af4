//! From any position in history to what happens now.

use serde_json::json;
use testing::World;

use super::FEED;
use super::listener::{Frame, Listener};
use crate::support::{CREATOR, NewBan, NewReport, STAFF, Stage, VIEWER};

/// Many pages, and more events than may be published before they are taken.
const EVENTS: u64 = 1_200;

/// So many bans by the creator, of which every 400th is on his own live stream.
pub(super) async fn fill(stage: &Stage, events: u64, reason: &str) {
    let statement = "INSERT INTO log.events
        SELECT n, 'ban-' || lpad(to_hex(n), 20, '0'), 1, lpad(to_hex(n), 32, '0')::uuid, 'BanCreated',
            1, timestamptz '2026-01-15 11:00Z',
            jsonb_build_object('banId', lpad(to_hex(n), 20, '0') || '0001', 'actionType', 'BLOCK',
                'liveStreamId', CASE WHEN n % 400 = 0 THEN $2 ELSE 'elsewhere' END,
                'targetUserId', 'v1', 'reason', $3::text),
            jsonb_build_object('actor', 'c1', 'roles', '[]'::jsonb, 'dialect', 'allmine',
                'correlationId', lpad(n::text, 26, '0'), 'commandId', lpad(n::text, 26, '0'),
                'occurredAt', '2026-01-15T11:00:00.000Z')
        FROM generate_series(1 + (SELECT coalesce(max(position), 0) FROM log.events),
            $1 + (SELECT coalesce(max(position), 0) FROM log.events)) n";
    sqlx::query(statement)
        .bind(i64::try_from(events).unwrap())
        .bind(World::STREAM)
        .bind(reason)
        .execute(&stage.database.owner)
        .await
        .unwrap();
}

#[tokio::test]
async fn history_goes_over_into_the_present_without_gap_or_double() {
    let stage = Stage::new().await;
    fill(&stage, EVENTS, "-").await;
    let mut all = Listener::resume(&stage, STAFF, 0).await;
    assert_eq!(all.positions(3).await, [1, 2, 3]);
    // While most of it is still to be read.
    fill(&stage, EVENTS, "-").await;
    let rest: Vec<u64> = (4..=2 * EVENTS).collect();
    assert_eq!(all.positions(rest.len()).await, rest);
    let mut late = Listener::resume(&stage, STAFF, 2 * EVENTS - 1).await;
    assert_eq!(late.positions(1).await, [2 * EVENTS]);
    fill(&stage, 2, "-").await;
    for listener in [&mut all, &mut late] {
        assert_eq!(listener.positions(2).await, [2 * EVENTS + 1, 2 * EVENTS + 2]);
    }
}

/// So much happens while the client takes in the last page of history that the present is missed: that is history, too.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_missed_before_the_present_is_reached_is_read() {
    let stage = Stage::new().await;
    // One page, and more than all buffers on the way hold.
    fill(&stage, 90, &"ş".repeat(40_000)).await;
    let mut slow = Listener::resume(&stage, STAFF, 0).await;
    let mut quick = Listener::start(&stage, STAFF).await;
    for _ in 0..3 {
        fill(&stage, EVENTS / 3, "-").await;
        quick.positions(usize::try_from(EVENTS / 3).unwrap()).await;
    }
    let all: Vec<u64> = (1..=90 + EVENTS).collect();
    assert_eq!(slow.positions(all.len()).await, all);
    fill(&stage, 1, "-").await;
    assert_eq!(slow.positions(1).await, [91 + EVENTS]);
}

#[tokio::test]
async fn what_is_for_others_moves_the_position_all_the_same() {
    let stage = Stage::new().await;
    fill(&stage, EVENTS - 1, "-").await;
    let mut creator = Listener::resume(&stage, CREATOR, 0).await;
    assert_eq!(creator.positions(2).await, [400, 800]);
    // The last page has nothing for him.
    let Some(Frame::Event { id, name, .. }) = creator.frame().await else { panic!("a position") };
    assert_eq!((id, name.as_str()), (EVENTS - 1, "Position"));
    fill(&stage, 1, "-").await;
    assert_eq!(creator.positions(1).await, [EVENTS]);
}

#[tokio::test]
async fn without_a_position_it_begins_now_and_says_where_that_is() {
    let stage = Stage::new().await;
    stage.ban(NewBan::default()).await;
    stage.get(VIEWER, "/api/v1/live-stream-reports/my-reports").await;
    let min = [("X-Min-Position", "1")];
    let access = format!("/api/v1/live-streams/{}/access/{}", World::STREAM, World::VIEWER);
    assert_eq!(stage.get_with(STAFF, &access, &min).await.status.as_u16(), 200);

    let listener = Listener::start(&stage, STAFF).await;
    assert_eq!(listener.headers()["x-read-position"], "1");
    assert_eq!(listener.headers()["cache-control"], "no-store");
    assert_eq!(listener.headers()["x-accel-buffering"], "no");
    drop(listener);
    // Whoever comes back with that misses nothing.
    stage.report(NewReport::default()).await;
    let mut again = Listener::resume(&stage, STAFF, 1).await;
    assert_eq!(again.positions(1).await, [2]);
}

#[tokio::test]
async fn nothing_is_compressed_since_that_would_be_held_back() {
    let stage = Stage::new().await;
    let request = stage.request(STAFF, FEED).header("Accept-Encoding", "gzip");
    let listener = Listener::request(request).await;
    assert_eq!(listener.headers().get("content-encoding"), None);
}

#[tokio::test]
async fn a_last_event_that_never_was_is_refused() {
    let stage = Stage::new().await;
    stage.ban(NewBan::default()).await;
    let stage_is_at_1 = [("X-Min-Position", "1")];
    for (last, language, reason) in [
        ("2", "en", "must be an id of this feed, or 0 for all of history; the last event is 1"),
        ("-1", "en", "must be an id of this feed, or 0 for all of history; the last event is 1"),
        ("", "en", "must be an id of this feed, or 0 for all of history; the last event is 1"),
        ("abc", "tr", "bu akışın bir kimliği ya da geçmişin tamamı için 0 olmalıdır; son olay 1"),
    ] {
        let [min] = stage_is_at_1;
        let headers = [min, ("Last-Event-ID", last), ("X-Language", language)];
        let errors = stage.get_with(STAFF, FEED, &headers).await.errors(400);
        assert_eq!(errors[1], json!(format!("Last-Event-ID: {reason}")), "{last}");
    }
}
