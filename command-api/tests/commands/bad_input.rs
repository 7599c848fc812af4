//! What bad input gets: never a 5xx, never an event, always the form of its dialect.

use reqwest::Method;
use serde_json::{Value, json};
use testing::World;

use crate::support::*;

const BANS: &str = "/api/v1/live-stream-ban";
const CHAT_BANS: &str = "/youtube/v3/liveChat/bans?part=snippet";

/// Sends these bytes as JSON.
async fn raw(service: &Service, path: &str, body: impl Into<reqwest::Body>) -> Answer {
    let request = service.request(Method::POST, path, CREATOR);
    Answer::of(request.header("content-type", "application/json").body(body)).await
}

/// A good body, but for one field.
fn ban(field: &str, value: impl Into<Value>) -> Value {
    let mut body = json!({"targetUserId": World::VIEWER, "liveStreamId": World::STREAM});
    body[field] = value.into();
    body
}

#[tokio::test]
async fn a_body_that_is_no_json_object() {
    let service = Service::start().await;
    let deep = "[".repeat(200);
    let deep_object = format!("{{\"reason\":{}1{}}}", "[".repeat(200), "]".repeat(200));
    let cases: [(&str, &str); 8] = [
        ("", "the body is not valid JSON (line 1, column 0)"),
        ("{", "the body is not valid JSON (line 1, column 1)"),
        ("{\"a\":1}}", "the body is not valid JSON (line 1, column 8)"),
        ("{'a':1}", "the body is not valid JSON (line 1, column 2)"),
        ("[]", "the body must be a JSON object"),
        ("\"text\"", "the body must be a JSON object"),
        (&deep, "the body is not valid JSON (line 1, column 128)"),
        (&deep_object, "the body is not valid JSON (line 1, column 137)"),
    ];
    for (body, error) in cases {
        raw(&service, BANS, body.to_owned()).await.refuses(400, &[error]);
        let item = ("global", "parseError", None, error);
        raw(&service, CHAT_BANS, body.to_owned()).await.fails(
            400,
            Some("INVALID_ARGUMENT"),
            &[item],
        );
    }
    let not_utf8 = raw(&service, BANS, &b"{\"reason\":\"\xff\"}"[..]).await;
    assert_eq!(not_utf8.status, 400);
    let twice = "{\"targetUserId\":\"a\",\"targetUserId\":\"b\"}";
    raw(&service, BANS, twice).await.refuses(400, &["targetUserId: must not occur more than once"]);
    let item = ("global", "parseError", None, "targetUserId: must not occur more than once");
    raw(&service, CHAT_BANS, twice).await.fails(400, Some("INVALID_ARGUMENT"), &[item]);
    assert!(service.events().await.is_empty());
}

#[tokio::test]
async fn a_body_of_another_type_or_too_large() {
    let service = Service::start().await;
    for path in [BANS, CHAT_BANS] {
        for content_type in ["text/plain", "application/x-www-form-urlencoded", "application/xml"] {
            let request = service.request(Method::POST, path, CREATOR);
            let request = request.header("content-type", content_type).body("{}");
            let answer = Answer::of(request).await;
            if path == BANS {
                answer.refuses(415, &[]);
            } else {
                answer.fails(
                    415,
                    None,
                    &[("global", "badContent", None, "Unsupported media type")],
                );
            }
        }
        let large = ban("reason", "x".repeat(64 * 1024)).to_string();
        let answer = raw(&service, path, large).await;
        if path == BANS {
            answer.refuses(413, &[]);
        } else {
            answer.fails(
                413,
                None,
                &[("global", "uploadTooLarge", None, "Request body too large")],
            );
        }
    }
    assert!(service.events().await.is_empty());
}

#[tokio::test]
async fn fields_of_other_types_are_all_told_at_once() {
    let service = Service::start().await;
    let body = json!({
        "targetUserId": 7, "liveStreamId": ["x"], "actionType": true, "reason": {},
        "durationSeconds": "60", "reportId": "ABC",
    });
    service.post(BANS, CREATOR, body).await.refuses(
        400,
        &[
            "targetUserId: must be a string",
            "liveStreamId: must be a string",
            "actionType: must be one of: BLOCK, CHAT_ONLY",
            "reason: must be a string",
            "durationSeconds: must be a whole number from 1 to 31536000",
            "reportId: must be 24 lower-case hexadecimal digits",
        ],
    );
    for seconds in [json!(0), json!(-1), json!(1.5), json!(31_536_001), json!(1e300), json!("60")] {
        let answer = service.post(BANS, CREATOR, ban("durationSeconds", seconds)).await;
        answer.refuses(400, &["durationSeconds: must be a whole number from 1 to 31536000"]);
    }
    assert!(service.events().await.is_empty());
}

#[tokio::test]
async fn ids_hold_nothing_but_what_platforms_mint() {
    let service = Service::start().await;
    let told = "targetUserId: must be 1 to 128 characters of A-Z a-z 0-9 _ . = -";
    let long = "a".repeat(129);
    for id in ["", " ", "a\u{0}b", "🤖", "שלום", "a b", "a/b", "a'--", &long] {
        let answer = service.post(BANS, CREATOR, ban("targetUserId", id)).await;
        answer.refuses(400, &[told]);
    }
    let path = "/api/v1/live-stream-reports/%F0%9F%A4%96";
    let answer = service.post(path, VIEWER, json!({"type": "spam_or_scam"})).await;
    answer.refuses(400, &["streamId: must be 1 to 128 characters of A-Z a-z 0-9 _ . = -"]);
    assert!(service.events().await.is_empty());
}

#[tokio::test]
async fn texts_are_bounded_and_free_of_control_characters() {
    let service = Service::start().await;
    let report = format!("/api/v1/live-stream-reports/{}", World::STREAM);
    let reason = |text: String| ban("reason", text);
    let longest = "🤖".repeat(500);
    let answer = service.post(BANS, CREATOR, reason(format!("{longest}x"))).await;
    answer.refuses(400, &["reason: must not be longer than 500 characters"]);
    for (found, told) in [("\u{0}", "U+0000"), ("\u{7f}", "U+007F"), ("\r", "U+000D")] {
        let answer = service.post(BANS, CREATOR, reason(format!("a{found}b"))).await;
        answer.refuses(400, &[&format!("reason: must not contain the control character {told}")]);
    }
    let other = |description: Value| json!({"type": "other", "description": description});
    let required = "description: required when type is other";
    for body in [json!({"type": "other"}), other(json!(null)), other(json!(" \n\t "))] {
        service.post(&report, VIEWER, body).await.refuses(400, &[required]);
    }
    let long = service.post(&report, VIEWER, other(json!("x".repeat(2001)))).await;
    long.refuses(400, &["description: must not be longer than 2000 characters"]);
    let unknown = service.post(&report, VIEWER, json!({"type": "boring"})).await;
    unknown.refuses(
        400,
        &["type: must be one of: harassment_or_bullying, hate_speech, \
        sexual_content_or_nudity, violence_or_self_harm, spam_or_scam, \
        copyright_or_intellectual_property, other"],
    );
    service.post(&report, VIEWER, json!({})).await.refuses(400, &["type: is required"]);
    assert!(service.events().await.is_empty());
    // What is left after all this is fine.
    let answer = service.post(BANS, CREATOR, reason(format!(" {longest}\n"))).await;
    assert_eq!(answer.data(200)["reason"], longest);
}

#[tokio::test]
async fn unknown_header_values_are_named() {
    let service = Service::start().await;
    let refused = [
        ("x-language", "de", "X-Language: must be one of: en, tr"),
        (
            "x-platform",
            "fridge",
            "X-Platform: must be one of: web, mobile_ios, mobile_android, \
            admin, api, unknown, all",
        ),
    ];
    for (name, value, error) in refused {
        let request = service.request(Method::POST, BANS, CREATOR).json(&ban("reason", "x"));
        Answer::of(request.header(name, value)).await.refuses(400, &[error]);
    }
    let long = "k".repeat(256);
    let told = "Idempotency-Key: must be 1 to 255 printable ASCII characters";
    for key in ["", "schlüssel", &long] {
        let request = service.request(Method::POST, BANS, CREATOR).json(&ban("reason", "x"));
        let answer = Answer::of(request.header("idempotency-key", key.as_bytes())).await;
        answer.refuses(400, &[told]);
    }
    assert!(service.events().await.is_empty());
}

#[tokio::test]
async fn every_route_asks_for_a_token() {
    let service = Service::start().await;
    let missing = "a bearer token is required in the header Authorization";
    let routes = [
        (Method::POST, BANS.to_owned()),
        (Method::DELETE, format!("{BANS}/{}", viewer_ban(1))),
        (Method::POST, format!("/api/v1/live-stream-reports/{}", World::STREAM)),
        (Method::PATCH, "/api/v1/live-stream-reports/0123456789abcdef01230001".to_owned()),
        (Method::PUT, format!("/internal/v1/users/{}", World::VIEWER)),
        (Method::POST, "/internal/v1/users:batch".to_owned()),
        (Method::PUT, format!("/internal/v1/live-streams/{}", World::STREAM)),
    ];
    for (method, path) in routes {
        Answer::of(service.anonymous(method.clone(), &path)).await.refuses(401, &[missing]);
        let request = service.anonymous(method, &path).bearer_auth("nonsense");
        Answer::of(request).await.refuses(401, &["the token is not valid"]);
    }
}

#[tokio::test]
async fn unknown_routes_and_wrong_methods() {
    let service = Service::start().await;
    let answer = service.post("/api/v1/nothing", CREATOR, json!({})).await;
    answer.refuses(404, &[]);
    let answer = Answer::of(service.request(Method::PUT, BANS, CREATOR)).await;
    answer.refuses(405, &[]);
    assert_eq!(answer.header("allow"), "POST");
    let answer = service.post("/youtube/v3/liveChat/nothing", CREATOR, json!({})).await;
    answer.fails(404, Some("NOT_FOUND"), &[("global", "notFound", None, "Resource not found")]);
    let answer = service.put("/youtube/v3/liveChat/bans", CREATOR, json!({})).await;
    answer.fails(405, None, &[("global", "httpMethodNotAllowed", None, "Method not allowed")]);
}

#[tokio::test]
async fn too_many_commands_are_put_off_in_either_dialect() {
    let service = Service::start_limited(1).await;
    service.post(BANS, CREATOR, ban("reason", "x")).await.data(200);
    let refused = service.post(BANS, CREATOR, ban("reason", "x")).await;
    refused.refuses(429, &[]);
    assert_eq!(refused.header("retry-after"), "1");
    let refused = service.post(CHAT_BANS, CREATOR, json!({})).await;
    let item = ("youtube.quota", "rateLimitExceeded", None, "Too many requests");
    refused.fails(403, Some("RESOURCE_EXHAUSTED"), &[item]);
    assert_eq!(refused.header("retry-after"), "1");
    assert_eq!(service.event_types().await, ["BanCreated"]);
}
