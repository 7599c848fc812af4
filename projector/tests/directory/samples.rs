//! What the platform sends.

use chrono::DateTime;
use serde_json::{Value, json};

use crate::broker::Sent;

/// Milliseconds since 1970.
pub(crate) fn millis(at: &str) -> i64 {
    DateTime::parse_from_rfc3339(at).unwrap().timestamp_millis()
}

pub(crate) fn user(id: &str, name: &str, updated_at: &str) -> Value {
    json!({
        "id": id, "channelId": format!("UC{id}"), "username": "handle", "name": name, "surname": "Neu",
        "profilePhoto": {"_id": "p1", "url": "https://cdn.test/p.png", "type": "image/png",
            "variants": {"40": "https://cdn.test/p-40.png"}, "createdAt": updated_at,
            "updatedAt": updated_at},
        "availabilityStatus": "online", "deleted": false, "updatedAt": updated_at,
    })
}

pub(crate) fn live_stream(id: &str, title: &str, updated_at: &str) -> Value {
    json!({
        "id": id, "liveChatId": format!("chat-{id}"), "title": title, "status": "active",
        "creatorId": "creator", "moderatorIds": ["m2", "m1"], "updatedAt": updated_at,
    })
}

/// A snapshot under its own id.
pub(crate) fn snapshot(value: &Value) -> Sent {
    record(value["id"].as_str().unwrap(), &value.to_string())
}

/// Any record of the present.
pub(crate) fn record(key: &str, value: &str) -> Sent {
    (Some(key.into()), Some(value.into()), millis("2026-01-15T12:00:00Z"))
}

pub(crate) fn tombstone(key: &str, at: &str) -> Sent {
    (Some(key.into()), None, millis(at))
}
