//! `/api/v1/audit/events` and `/api/v1/audit/users/{id}`.

use events::ban::RevokeCause;
use events::report::Decision;
use reqwest::header::{ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_TYPE};
use serde_json::{Value, json};
use testing::World;

use crate::support::{AUDITOR, NewBan, NewReport, Stage};

const ADAY: &str = "2026-01-14T10:00:00.000Z";
const EVENING: &str = "2026-01-15T10:59:59.999Z";
const AT: &str = "2026-01-15T11:00:00.000Z";
const AFTER: &str = "2026-01-15T11:00:00.001Z";

/// A stage on which seven things have happened, at positions 1 to 7.
async fn eventful() -> Stage {
    let stage = Stage::new().await;
    let ban = stage.ban(NewBan { at: ADAY, ..NewBan::default() }).await;
    let elsewhere = NewBan { stream: World::OTHER_STREAM, at: EVENING, ..NewBan::default() };
    let other = stage.ban(elsewhere).await;
    let reporter = World::OTHER_VIEWER;
    let report = stage.report(NewReport { reporter, at: AT, ..NewReport::default() }).await;
    stage.review(report, Decision::Resolved, Some("Seen"), false, AFTER).await;
    stage.revoke(ban, RevokeCause::Manual, AT).await;
    stage.revoke(other, RevokeCause::Expired, AFTER).await;
    stage.ban(NewBan { user: World::OTHER_VIEWER, at: AT, ..NewBan::default() }).await;
    stage
}

#[tokio::test]
async fn a_line_holds_the_event_as_it_is_stored() {
    let stage = Box::pin(eventful()).await;
    let found = stage.lines("events").await;
    assert_eq!(found.positions(), [1, 2, 3, 4, 5, 6, 7]);
    assert_eq!(found.headers[CONTENT_TYPE], "application/x-ndjson");
    assert_eq!(found.headers["x-read-position"], "7");

    let stored = event_log::LogReader::read_all(&*stage.log, event_log::Position(3), 1).await;
    let stored = stored.unwrap().events.remove(0);
    let json = |text: &str| serde_json::from_str::<Value>(text).unwrap();
    let expected = json!({
        "id": "00000000000000000000000004", "type": "ReportReviewed", "schemaVersion": 1,
        "stream": stored.stream, "version": 2, "position": "4",
        "recordedAt": stored.recorded_at.to_rfc3339_opts(chrono::SecondsFormat::Micros, true),
        "data": json(stored.data.get()), "metadata": json(stored.metadata.get()),
    });
    assert_eq!(found.events[3], expected);
    assert_eq!(found.events[3]["data"]["adminNotes"], "Seen");
}

#[tokio::test]
async fn filters_choose() {
    let stage = Box::pin(eventful()).await;
    let (viewer, other) = (World::VIEWER, World::OTHER_VIEWER);
    let (stream, elsewhere) = (World::STREAM, World::OTHER_STREAM);
    let (creator, moderator) = (World::CREATOR, World::MODERATOR);
    for (filter, expected) in [
        ("type=BanCreated".to_owned(), &[1, 2, 7][..]),
        ("type=BanRevoked".to_owned(), &[5, 6]),
        ("type=ReportReviewed".to_owned(), &[4]),
        (format!("liveStreamId={stream}"), &[1, 3, 4, 5, 7]),
        (format!("liveStreamId={elsewhere}"), &[2, 6]),
        ("liveStreamId=none".to_owned(), &[]),
        (format!("userId={viewer}"), &[1, 2, 5, 6]),
        (format!("userId={other}"), &[3, 4, 7]),
        (format!("actorId={creator}"), &[1, 2, 7]),
        (format!("actorId={moderator}"), &[5]),
        (format!("actorId={other}"), &[3]),
        ("from=2026-01-15".to_owned(), &[2, 3, 4, 5, 6, 7]),
        ("to=2026-01-14".to_owned(), &[1]),
        (format!("from={EVENING}"), &[2, 3, 4, 5, 6, 7]),
        (format!("from={AT}"), &[3, 4, 5, 6, 7]),
        (format!("from={AFTER}"), &[4, 6]),
        (format!("to={EVENING}"), &[1, 2]),
        (format!("to={AT}"), &[1, 2, 3, 5, 7]),
        (format!("from={AT}&to={AT}"), &[3, 5, 7]),
        ("from=2026-01-16".to_owned(), &[]),
        ("to=2026-01-13".to_owned(), &[]),
        (format!("userId={viewer}&liveStreamId={stream}"), &[1, 5]),
        (format!("userId={viewer}&actorId={creator}&type=BanCreated&from={EVENING}"), &[2]),
        (format!("userId={viewer}&after=2"), &[5, 6]),
        (format!("userId={viewer}&after=1&limit=2"), &[2, 5]),
        (format!("liveStreamId={stream}&type=BanCreated&limit=1"), &[1]),
        ("after=5".to_owned(), &[6, 7]),
        ("after=2&limit=2".to_owned(), &[3, 4]),
        ("after=7".to_owned(), &[]),
        ("after=1000".to_owned(), &[]),
    ] {
        assert_eq!(
            stage.lines(&format!("events?{filter}")).await.positions(),
            expected,
            "{filter}"
        );
    }
}

#[tokio::test]
async fn a_user_is_found_as_whom_it_is_about_as_who_did_it_and_as_the_creator() {
    let stage = Box::pin(eventful()).await;
    for (user, expected) in [
        (World::VIEWER, &[1, 2, 5, 6][..]),
        (World::OTHER_VIEWER, &[3, 4, 7]),
        (World::CREATOR, &[1, 2, 3, 4, 7]),
        (World::MODERATOR, &[5]),
        (World::STAFF, &[4]),
        ("nobody", &[]),
    ] {
        assert_eq!(stage.lines(&format!("users/{user}")).await.positions(), expected, "{user}");
    }
    let creator = format!("users/{}", World::CREATOR);
    assert_eq!(stage.lines(&format!("{creator}?after=1&limit=2")).await.positions(), [2, 3]);
    assert_eq!(stage.lines(&format!("{creator}?after=3")).await.positions(), [4, 7]);
}

/// Everything, one page's end after the other.
#[tokio::test]
async fn a_history_is_read_in_parts_without_gap_or_double() {
    let stage = Box::pin(eventful()).await;
    for filter in
        ["", "&type=BanCreated", "&from=2026-01-15", "&liveStreamId=673ac9e2c93fe18d3fdd23f1"]
    {
        let whole = stage.lines(&format!("events?{}", filter.trim_start_matches('&'))).await;
        let (mut parts, mut after) = (vec![], 0);
        loop {
            let part = stage.lines(&format!("events?after={after}&limit=2{filter}")).await;
            let Some(last) = part.positions().last().copied() else { break };
            after = last;
            parts.extend(part.events);
        }
        assert_eq!(parts, whole.events, "{filter}");
    }
}

#[tokio::test]
async fn what_is_malformed_is_named() {
    let stage = Stage::new().await;
    let path = "/api/v1/audit/events?after=x&limit=0&type=BanForgotten&liveStreamId=%20&userId=a%2Fb\
                &actorId=&from=yesterday&to=2026-13-01";
    let errors = stage.get(AUDITOR, path).await.errors(400);
    let named: Vec<_> = errors.as_array().unwrap()[1..]
        .iter()
        .map(|error| error.as_str().unwrap().split(':').next().unwrap())
        .collect();
    let mut expected =
        ["after", "limit", "from", "to", "type", "liveStreamId", "userId", "actorId"].to_vec();
    expected.sort_unstable();
    let mut found = named.clone();
    found.sort_unstable();
    assert_eq!(found, expected, "{errors}");
    assert!(
        errors[5].as_str().unwrap().contains("BanCreated, BanRevoked, ReportFiled, "),
        "{errors}"
    );
    for (path, error) in [
        ("events?from=2026-01-16&to=2026-01-15", "to: must not lie before from"),
        ("users/a%2Fb", "id: must be 1 to 128 characters of A-Z a-z 0-9 _ . = -"),
        ("users/a?after=-1", "after: must be the position of an event, or 0"),
        ("bans/0123456789abcdef01230001?at=2026-01-15", AT_REFUSED),
        ("reports/0123456789abcdef01230001?at=now", AT_REFUSED),
        ("live-streams/a/bans?at=", AT_REFUSED),
    ] {
        let errors = stage.get(AUDITOR, &format!("/api/v1/audit/{path}")).await.errors(400);
        assert_eq!(errors, json!(["Validation failed", error]), "{path}");
    }
    let turkish = [("X-Language", "tr")];
    let errors =
        stage.get_with(AUDITOR, "/api/v1/audit/events?after=x", &turkish).await.errors(400);
    assert_eq!(errors[1], "after: bir olayın konumu ya da 0 olmalıdır");
}

const AT_REFUSED: &str = "at: must be an RFC 3339 time such as 2026-01-15T10:30:00.000Z";

#[tokio::test]
async fn a_history_is_compressed_for_those_who_ask_for_it() {
    let stage = Box::pin(eventful()).await;
    let plain = reqwest::Client::builder().no_gzip().build().unwrap();
    let url = format!("{}/api/v1/audit/events", stage.base());
    let token = testing::tokens::token(AUDITOR.0, AUDITOR.1);
    let request = |encoding: &str| {
        plain.get(&url).bearer_auth(&token).header(ACCEPT_ENCODING, encoding).send()
    };
    let (zipped, whole) = (request("gzip").await.unwrap(), request("identity").await.unwrap());
    assert_eq!(zipped.headers()[CONTENT_ENCODING], "gzip");
    assert!(!whole.headers().contains_key(CONTENT_ENCODING));
    let (zipped, whole) = (zipped.bytes().await.unwrap(), whole.text().await.unwrap());
    assert!(zipped.len() * 2 < whole.len(), "{} of {}", zipped.len(), whole.len());
    // This client asks for gzip by itself, and unpacks it.
    assert_eq!(
        stage.request(AUDITOR, "/api/v1/audit/events").send().await.unwrap().text().await.unwrap(),
        whole
    );
}
