use reqwest::Method;
use serde_json::{Value, json};

use super::{Bad, but, nested};
use crate::api::{Answer, Api};

const BANS: &str = "/api/v1/live-stream-ban";
const REPORTS: &str = "/api/v1/live-stream-reports";
const NOBODY: &str = "0123456789abcdef01234567";

/// The envelope, with the status's first line and at least one more that says what is wrong.
pub(super) fn check(bad: &Bad, answer: &Answer) {
    let wanted = match bad.what.split(':').next().unwrap() {
        "unknown" => 404,
        "method" => 405,
        "size" => 413,
        "type" => 415,
        _ => 400,
    };
    assert_eq!(answer.status.as_u16(), wanted, "{}: {answer:?}", bad.what);
    let errors = answer.errors(wanted);
    match wanted {
        400 => {
            assert_eq!(errors[0], "Validation failed", "{}", bad.what);
            assert!(errors.len() > 1, "{}: {answer:?}", bad.what);
        }
        404 => assert_eq!(errors[0], "Resource not found", "{}", bad.what),
        _ => assert!(!errors.is_empty(), "{}: {answer:?}", bad.what),
    }
    let timestamp = answer.body["timestamp"].as_str().unwrap();
    assert_eq!(timestamp.len(), "2026-05-22T16:11:27.220Z".len());
}

pub(super) fn bans(api: &Api) -> Vec<Bad> {
    let good = json!({
        "targetUserId": api.id("viewerId"),
        "liveStreamId": api.id("liveStreamId"),
    });
    let post = |what, body: Vec<u8>| Bad::post(what, BANS, body);
    let text = |what, body: &str| Bad::post(what, BANS, body);
    let with = |what, name, value: Value| Bad::post(what, BANS, but(&good, name, value));
    let whole = || good.to_string();
    let twice = whole().replacen('{', r#"{"reason":"a","reason":"b","#, 1);
    vec![
        text("no body", ""),
        text("not JSON", "{"),
        text("trailing", &format!("{good} x")),
        text("an array", "[]"),
        text("null", "null"),
        text("a string", r#""ban him""#),
        text("an empty object", "{}"),
        post("not UTF-8", b"{\"reason\":\"\xff\"}".to_vec()),
        text("a key twice", &twice),
        text("deeply nested", &nested()),
        with("a number as id", "targetUserId", json!(7)),
        with("a null as id", "targetUserId", json!(null)),
        with("NUL in an id", "targetUserId", json!("a\0b")),
        with("emoji in an id", "targetUserId", json!("😀")),
        with("RTL in an id", "liveStreamId", json!("שלום")),
        with("a long id", "liveStreamId", json!("x".repeat(129))),
        with("an unknown action", "actionType", json!("block")),
        with("501 code points", "reason", json!("😀".repeat(501))),
        with("a control character", "reason", json!("a\u{7}")),
        with("NUL", "reason", json!("a\0")),
        with("DEL", "reason", json!("\u{7f}")),
        with("a number as text", "reason", json!(1)),
        text("a lone surrogate", &whole().replacen('{', r#"{"reason":"\ud800","#, 1)),
        with("no duration", "durationSeconds", json!(0)),
        with("a negative duration", "durationSeconds", json!(-1)),
        with("over a year", "durationSeconds", json!(31_536_001)),
        with("a fraction", "durationSeconds", json!(1.5)),
        with("a number as string", "durationSeconds", json!("60")),
        text("huge number", &whole().replacen('{', r#"{"durationSeconds":1e999,"#, 1)),
        with("a malformed report", "reportId", json!("17")),
        with("unknown: user", "targetUserId", json!(NOBODY)),
        with("unknown: live stream", "liveStreamId", json!(NOBODY)),
        with("size: too large", "reason", json!("x".repeat(70_000))),
        text("type: text", &whole()).with("content-type", "text/plain"),
        text("type: form", &whole()).with("content-type", "application/x-www-form-urlencoded"),
        text("unknown language", &whole()).with("X-Language", "de"),
        text("unknown time zone", &whole()).with("X-Timezone", "UTC+05:15"),
        text("unknown platform", &whole()).with("X-Platform", "toaster"),
        text("a long version", &whole()).with("X-App-Version", "1".repeat(129)),
        text("a long device", &whole()).with("X-Device-ID", "d".repeat(129)),
        text("a long key", &whole()).with("Idempotency-Key", "k".repeat(256)),
        Bad::delete("a malformed ban", format!("{BANS}/17")),
        Bad::delete("an upper-case ban", format!("{BANS}/0123456789ABCDEF01234567")),
        Bad::delete("unknown: ban", format!("{BANS}/{NOBODY}")),
        Bad { method: Method::PUT, ..text("method: PUT", &whole()) },
        Bad::post("unknown: route", "/api/v1/live-stream-bans", whole()),
    ]
}

pub(super) fn lists(api: &Api) -> Vec<Bad> {
    let list = |what, query: &str| Bad::get(what, format!("{BANS}?{query}"));
    let stream = api.id("liveStreamId");
    vec![
        list("page zero", "page=0"),
        list("a negative page", "page=-1"),
        list("a worded page", "page=one"),
        list("no limit", "limit=0"),
        list("limit over 100", "limit=101"),
        list("a huge page", "page=99999999999999999999999"),
        list("a foreign cursor", "cursor=abc"),
        list("end before start", "startDate=2026-01-02T00:00:00Z&endDate=2026-01-01T00:00:00Z"),
        list("aliases too", "dateFrom=2026-01-02T00:00:00Z&dateTo=2026-01-01T00:00:00Z"),
        list("no date", "startDate=yesterday"),
        list("unknown action", "actionType=WARN"),
        list("unknown status", "status=gone"),
        list("an id with NUL", "liveStreamId=a%00b"),
        list("not UTF-8", "targetUserId=%ff"),
        list("no position", "").with("X-Min-Position", "soon"),
        Bad::get("no live stream", format!("{BANS}/check/{NOBODY}")),
        Bad::get("a bad user", format!("{BANS}/check/%F0%9F%98%80?liveStreamId={stream}")),
        Bad::get("unknown: user", format!("{BANS}/check/{NOBODY}?liveStreamId={stream}")),
        Bad::get("unknown: ban", format!("{BANS}/{NOBODY}")),
        Bad::get("unknown: malformed ban", format!("{BANS}/17")),
        Bad::get("unknown: report", format!("{REPORTS}/{NOBODY}")),
        Bad::get("unknown own status", format!("{REPORTS}/my-reports?status=open")),
        Bad::get("unknown own type", format!("{REPORTS}/my-reports?type=bad")),
        Bad::get("unknown: route", "/api/v2/anything"),
        Bad::get("unknown: root", "/nothing"),
    ]
}

pub(super) fn reports(api: &Api) -> Vec<Bad> {
    let path = format!("{REPORTS}/{}", api.id("liveStreamId"));
    let post = |what, body: Value| Bad::post(what, path.clone(), body.to_string());
    vec![
        post("no type", json!({})),
        post("unknown type", json!({"type": "boring"})),
        post("a number as type", json!({"type": 1})),
        post("other without words", json!({"type": "other"})),
        post("other with blanks", json!({"type": "other", "description": " \n\t"})),
        post("2001", json!({"type": "hate_speech", "description": "x".repeat(2_001)})),
        post("C1", json!({"type": "hate_speech", "description": "\u{85}"})),
        Bad::post("an id with NUL", format!("{REPORTS}/a%00b"), r#"{"type":"hate_speech"}"#),
        Bad::post("unknown: not UTF-8", format!("{REPORTS}/%ff"), r#"{"type":"hate_speech"}"#),
        Bad::post("unknown: stream", format!("{REPORTS}/{NOBODY}"), r#"{"type":"hate_speech"}"#),
        Bad { method: Method::PUT, ..post("method: PUT", json!({})) },
    ]
}

pub(super) fn reviews() -> Vec<Bad> {
    let patch = |what, id: &str, body: Value| Bad {
        method: Method::PATCH,
        ..Bad::post(what, format!("{REPORTS}/{id}"), body.to_string())
    };
    vec![
        patch("back to pending", NOBODY, json!({"status": "pending"})),
        patch("unknown status", NOBODY, json!({"status": "done"})),
        patch("a worded flag", NOBODY, json!({"status": "resolved", "isArchived": "true"})),
        patch("long notes", NOBODY, json!({"status": "resolved", "adminNotes": "x".repeat(2_001)})),
        patch("a malformed id", "17", json!({"status": "resolved"})),
        patch("unknown: report", NOBODY, json!({"status": "resolved"})),
        Bad::get("unknown sort", format!("{REPORTS}?sort=random")),
        Bad::get("a worded filter", format!("{REPORTS}?isArchived=maybe")),
        Bad::get("unknown interval", "/api/v1/statistics?interval=minute"),
        Bad::get(
            "to before from",
            "/api/v1/statistics?from=2026-02-01T00:00:00Z&to=2026-01-01T00:00:00Z",
        ),
    ]
}

pub(super) fn directory() -> Vec<Bad> {
    let put = |what, path: &str, body: Value| Bad {
        method: Method::PUT,
        ..Bad::post(what, format!("/internal/v1/{path}"), body.to_string())
    };
    let user = json!({
        "id": "u1", "username": "u", "name": "U", "surname": "One",
        "availabilityStatus": "online", "updatedAt": "2026-01-15T10:30:00.000Z",
    });
    let stream = json!({
        "id": "s1", "title": "S", "status": "active", "creatorId": "u1", "moderatorIds": [],
        "updatedAt": "2026-01-15T10:30:00.000Z",
    });
    let changed = |object: &Value, name: &str, value: Value| {
        serde_json::from_slice::<Value>(&but(object, name, value)).unwrap()
    };
    vec![
        put("an empty user", "users/u1", json!({})),
        put("another id", "users/u2", user.clone()),
        put("a bad id", "users/a%00b", user.clone()),
        put("no date", "users/u1", changed(&user, "updatedAt", json!("now"))),
        put("NUL in a name", "users/u1", changed(&user, "name", json!("a\0b"))),
        put("NUL in a title", "live-streams/s1", changed(&stream, "title", json!("a\0b"))),
        put("unknown status", "live-streams/s1", changed(&stream, "status", json!("live"))),
        put("a bad moderator", "live-streams/s1", changed(&stream, "moderatorIds", json!([7]))),
        Bad::post("no batch", "/internal/v1/users:batch", "{}"),
    ]
}
