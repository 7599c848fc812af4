//! Who may read what: every operation, every role, every relation to the live stream.

use testing::World;

use crate::support::{
    ADMIN, AUDITOR, CREATOR, MODERATOR, NewBan, NewReport, OTHER_CREATOR, OUTSIDER, SERVICE, STAFF,
    Stage, VIEWER, Who,
};

const EVERYBODY: [Who; 9] =
    [STAFF, ADMIN, AUDITOR, SERVICE, CREATOR, MODERATOR, OTHER_CREATOR, VIEWER, OUTSIDER];

/// The statuses that everybody gets, in that order.
type Row = [u16; 9];

async fn assert_matrix(stage: &Stage, rows: &[(String, Row)]) {
    for (path, expected) in rows {
        let mut found = [0; 9];
        for (who, status) in EVERYBODY.into_iter().zip(&mut found) {
            *status = stage.get(who, path).await.status.as_u16();
        }
        assert_eq!(found, *expected, "{path}");
        assert_eq!(stage.get_anonymously(path).await.status.as_u16(), 401, "{path}");
    }
}

#[tokio::test]
async fn bans_are_for_staff_and_those_who_run_the_live_stream() {
    let stage = Stage::new().await;
    let ban = stage.ban(NewBan::default()).await;
    let bans = "/api/v1/live-stream-ban";
    let (stream, other, viewer) = (World::STREAM, World::OTHER_STREAM, World::VIEWER);
    let access = format!("/api/v1/live-streams/{stream}/access/{viewer}");
    assert_matrix(
        &stage,
        &[
            (bans.to_owned(), [200, 200, 403, 403, 200, 200, 200, 403, 403]),
            (
                format!("{bans}?liveStreamId={stream}"),
                [200, 200, 403, 403, 200, 200, 403, 403, 403],
            ),
            (format!("{bans}?liveStreamId={other}"), [200, 200, 403, 403, 403, 403, 200, 403, 403]),
            (format!("{bans}?liveStreamId=none"), [200, 200, 403, 403, 403, 403, 403, 403, 403]),
            (format!("{bans}/{ban}"), [200, 200, 403, 403, 200, 200, 403, 403, 403]),
            // An outsider cannot tell a ban that exists from one that does not.
            (
                format!("{bans}/0123456789abcdef01230001"),
                [404, 404, 403, 403, 404, 404, 404, 403, 403],
            ),
            (format!("{bans}/nonsense"), [404, 404, 403, 403, 404, 404, 404, 403, 403]),
            (
                format!("{bans}/check/{viewer}?liveStreamId={stream}"),
                [200, 200, 403, 200, 200, 200, 403, 200, 403],
            ),
            (
                format!("{bans}/check/{viewer}?liveStreamId=none"),
                [404, 404, 403, 404, 403, 403, 403, 404, 403],
            ),
            (
                format!("{bans}/check/nobody?liveStreamId={stream}"),
                [404, 404, 403, 404, 404, 404, 403, 403, 403],
            ),
            (access, [200, 200, 403, 200, 200, 200, 403, 200, 403]),
            (
                format!("/api/v1/live-streams/none/access/{viewer}"),
                [200, 200, 403, 200, 403, 403, 403, 200, 403],
            ),
        ],
    )
    .await;
}

#[tokio::test]
async fn reports_are_for_staff_and_their_reporter() {
    let stage = Stage::new().await;
    let report = stage.report(NewReport::default()).await;
    let reports = "/api/v1/live-stream-reports";
    assert_matrix(
        &stage,
        &[
            (reports.to_owned(), [200, 200, 403, 403, 403, 403, 403, 403, 403]),
            (format!("{reports}/my-reports"), [200; 9]),
            // Not even those who run the live stream learn that it was reported.
            (format!("{reports}/{report}"), [200, 200, 404, 404, 404, 404, 404, 200, 404]),
            (format!("{reports}/0123456789abcdef01230001"), [404; 9]),
            (format!("{reports}/nonsense"), [404; 9]),
            ("/api/v1/statistics".to_owned(), [200, 200, 403, 403, 403, 403, 403, 403, 403]),
        ],
    )
    .await;
}

#[tokio::test]
async fn the_log_is_for_auditors() {
    let stage = Stage::new().await;
    // Nothing is signed here, so those who may learn that there is nothing.
    let rows = [
        "checkpoint",
        "tile/0/000",
        "tile/entries/000",
        "proof/inclusion?index=0",
        "proof/consistency?from=1",
    ]
    .map(|path| {
        let path = format!("/api/v1/audit/log/{path}");
        (path, [403, 404, 404, 403, 403, 403, 403, 403, 403])
    });
    assert_matrix(&stage, &rows).await;
}

#[tokio::test]
async fn history_is_for_auditors_and_administrators() {
    let stage = Stage::new().await;
    let ban = stage.ban(NewBan::default()).await;
    let report = stage.report(NewReport::default()).await;
    let (audit, stream) = ("/api/v1/audit", World::STREAM);
    let row = |path: String, found: u16| (path, [403, found, found, 403, 403, 403, 403, 403, 403]);
    assert_matrix(
        &stage,
        &[
            row(format!("{audit}/events?limit=1"), 200),
            row(format!("{audit}/events?limit=0"), 400),
            row(format!("{audit}/users/{}?limit=1", World::VIEWER), 200),
            row(format!("{audit}/bans/{ban}"), 200),
            row(format!("{audit}/bans/0123456789abcdef01230001"), 404),
            row(format!("{audit}/bans/{report}"), 404),
            row(format!("{audit}/bans/nonsense"), 404),
            row(format!("{audit}/reports/{report}"), 200),
            row(format!("{audit}/reports/{ban}"), 404),
            row(format!("{audit}/live-streams/{stream}/bans"), 200),
        ],
    )
    .await;
}

/// It has no end, so only its status is waited for.
#[tokio::test]
async fn the_feed_is_for_staff_and_those_who_run_a_live_stream() {
    let stage = Stage::new().await;
    let feed = "/api/v1/moderation/feed";
    let mut found = vec![];
    for who in EVERYBODY {
        found.push(stage.request(who, feed).send().await.unwrap().status().as_u16());
    }
    assert_eq!(found, [200, 200, 403, 403, 200, 200, 200, 403, 403]);
    assert_eq!(stage.get_anonymously(feed).await.status.as_u16(), 401);
}

#[tokio::test]
async fn a_refusal_says_who_may() {
    let stage = Stage::new().await;
    let ban = stage.ban(NewBan::default()).await;
    let check =
        format!("/api/v1/live-stream-ban/check/{}?liveStreamId={}", World::VIEWER, World::STREAM);
    let bans = "bans are shown to platform staff and to those who run the live stream";
    let own = "only for the user concerned, for those who run the live stream, platform staff and services";
    for (path, reason) in [
        ("/api/v1/live-stream-ban".to_owned(), bans),
        (format!("/api/v1/live-stream-ban/{ban}"), bans),
        ("/api/v1/live-stream-ban/0123456789abcdef01230001".to_owned(), bans),
        (check, own),
        (format!("/api/v1/live-streams/{}/access/{}", World::STREAM, World::VIEWER), own),
        ("/api/v1/live-stream-reports".to_owned(), "only for platform staff"),
        ("/api/v1/statistics".to_owned(), "only for platform staff"),
        ("/api/v1/moderation/feed".to_owned(), bans),
        ("/api/v1/audit/events".to_owned(), "history is shown to auditors and administrators"),
        (
            "/api/v1/audit/log/checkpoint".to_owned(),
            "history is shown to auditors and administrators",
        ),
    ] {
        let errors = stage.get(OUTSIDER, &path).await.errors(403);
        assert_eq!(errors, serde_json::json!(["Insufficient permissions", reason]), "{path}");
    }
    let errors = stage.get_anonymously("/api/v1/live-stream-ban").await.errors(401);
    assert_eq!(errors[0], "Authentication required");
}

#[tokio::test]
async fn no_operation_is_forgotten_here_nor_in_the_document() {
    let stage = Stage::new().await;
    let document = stage.get_anonymously("/openapi.json").await.body;
    let mut found = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let statuses: Vec<_> = operation["responses"].as_object().unwrap().keys().collect();
            for status in ["200", "400", "401", "403", "500", "503"] {
                assert!(statuses.iter().any(|known| *known == status), "{path} lacks {status}");
            }
            found.push(format!("{method} {path}"));
        }
    }
    found.sort();
    // Each of these is in a matrix above.
    let expected = [
        "get /api/v1/audit/bans/{id}",
        "get /api/v1/audit/events",
        "get /api/v1/audit/live-streams/{id}/bans",
        "get /api/v1/audit/log/checkpoint",
        "get /api/v1/audit/log/proof/consistency",
        "get /api/v1/audit/log/proof/inclusion",
        "get /api/v1/audit/log/tile/entries/{index}",
        "get /api/v1/audit/log/tile/{level}/{index}",
        "get /api/v1/audit/reports/{id}",
        "get /api/v1/audit/users/{id}",
        "get /api/v1/live-stream-ban",
        "get /api/v1/live-stream-ban/check/{targetUserId}",
        "get /api/v1/live-stream-ban/{id}",
        "get /api/v1/live-stream-reports",
        "get /api/v1/live-stream-reports/my-reports",
        "get /api/v1/live-stream-reports/{id}",
        "get /api/v1/live-streams/{liveStreamId}/access/{userId}",
        "get /api/v1/moderation/feed",
        "get /api/v1/statistics",
    ];
    assert_eq!(found, expected);
}
