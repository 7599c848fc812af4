use reqwest::Method;
use serde_json::{Value, json};

use super::{Bad, nested};
use crate::api::{Answer, Api};

const BANS: &str = "/youtube/v3/liveChat/bans";

/// `what` is the reason, then a colon and what is bad.
pub(super) fn check(bad: &Bad, answer: &Answer) {
    let reason = bad.what.split(':').next().unwrap();
    let wanted = match reason {
        "liveChatNotFound" | "liveChatBanNotFound" | "notFound" => 404,
        "liveChatBanInsertionNotAllowed" => 403,
        "httpMethodNotAllowed" => 405,
        "uploadTooLarge" => 413,
        "unsupportedMediaType" => 415,
        _ => 400,
    };
    assert_eq!(answer.reason(wanted).0, reason, "{}: {answer:?}", bad.what);
}

fn body(chat: &Value, channel: &Value, kind: &Value, seconds: &Value) -> Value {
    let mut snippet = json!({
        "liveChatId": chat, "type": kind, "banDurationSeconds": seconds,
        "bannedUserDetails": {"channelId": channel},
    });
    for optional in ["liveChatId", "type", "banDurationSeconds"] {
        if snippet[optional].is_null() {
            snippet.as_object_mut().unwrap().remove(optional);
        }
    }
    json!({ "snippet": snippet })
}

pub(super) fn inserts(api: &Api) -> Vec<Bad> {
    let chat = json!(api.id("liveChatId"));
    let channel = json!(api.id("viewerChannelId"));
    let none = Value::Null;
    let (permanent, temporary) = (json!("permanent"), json!("temporary"));
    let path = format!("{BANS}?part=snippet");
    let post = |what, body: &Value| Bad::post(what, path.clone(), body.to_string());
    let seconds = |what, seconds: Value| post(what, &body(&chat, &channel, &temporary, &seconds));
    let good = body(&chat, &channel, &permanent, &none);
    let at = |what, query: &str| Bad::post(what, format!("{BANS}{query}"), good.to_string());
    let twice = good.to_string().replacen('{', r#"{"snippet":{},"#, 1);
    vec![
        Bad::post("parseError: no body", path.clone(), ""),
        Bad::post("parseError: not JSON", path.clone(), "{"),
        Bad::post("parseError: not UTF-8", path.clone(), b"{\"a\":\"\xff\"}".to_vec()),
        Bad::post("parseError: a key twice", path.clone(), twice),
        Bad::post("parseError: deeply nested", path.clone(), nested()),
        at("required: no part", ""),
        at("required: an empty part", "?part="),
        at("unknownPart: no such part", "?part=snippet,status"),
        at("unexpectedParameter: no such parameter", "?part=snippet&onBehalfOf=me"),
        post("liveChatIdRequired: none", &body(&none, &channel, &permanent, &none)),
        post("liveChatIdRequired: empty", &body(&json!(""), &channel, &permanent, &none)),
        post("invalidLiveChatId: emoji", &body(&json!("😀"), &channel, &permanent, &none)),
        post("liveChatNotFound: unknown", &body(&json!("nowhere"), &channel, &permanent, &none)),
        post("bannedUserChannelIdRequired: none", &body(&chat, &json!(""), &permanent, &none)),
        post("invalidChannelId: NUL", &body(&chat, &json!("a\0b"), &permanent, &none)),
        post("invalidChannelId: unknown", &body(&chat, &json!("UCnobody"), &permanent, &none)),
        post("required: no type", &body(&chat, &channel, &none, &none)),
        post("invalidValue: no such type", &body(&chat, &channel, &json!("mild"), &none)),
        post("invalidValue: both", &body(&chat, &channel, &permanent, &json!(300))),
        seconds("invalidValue: zero", json!(0)),
        seconds("invalidValue: over a year", json!("31536001")),
        seconds("invalidValue: a fraction", json!(1.5)),
        seconds("invalidValue: a word", json!("long")),
        post(
            "liveChatBanInsertionNotAllowed: the owner",
            &body(&chat, &json!(api.id("creatorChannelId")), &permanent, &none),
        ),
    ]
}

pub(super) fn others() -> Vec<Bad> {
    vec![
        Bad::delete("required: no id", BANS),
        Bad::delete("required: an empty id", format!("{BANS}?id=")),
        Bad::delete("invalidLiveChatBanId: short", format!("{BANS}?id=17")),
        Bad::delete("invalidLiveChatBanId: emoji", format!("{BANS}?id=%F0%9F%98%80")),
        Bad::delete("invalidLiveChatBanId: NUL", format!("{BANS}?id=%00")),
        Bad::delete("liveChatBanNotFound: unknown", format!("{BANS}?id=0123456789abcdef01234567")),
        Bad { method: Method::PATCH, ..Bad::delete("httpMethodNotAllowed: PATCH", BANS) },
        Bad::get("notFound: route", "/youtube/v3/liveChat/nothing"),
    ]
}
