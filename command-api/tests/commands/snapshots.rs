//! What reads snapshots from Kafka, and the schemas that its topics are described with, take what HTTP takes.

use directory::parse::{self, Unreadable};
use events::schema::of_read;
use events::{LiveStreamSnapshot, UserSnapshot};
use jsonschema::Validator;
use serde_json::{Value, json};

use crate::support::*;

fn validator(schema: &Value) -> Validator {
    jsonschema::options().should_validate_formats(true).build(schema).unwrap()
}

fn user() -> Value {
    json!({
        "id": "new-1", "channelId": "UCnew", "username": "new", "name": "Nina", "surname": "Neu",
        "profilePhoto": {"_id": "p1", "url": "https://cdn.test/p.png", "type": "image/png",
            "variants": {"40": "https://cdn.test/p-40.png"}, "createdAt": NOW, "updatedAt": NOW},
        "availabilityStatus": "online", "deleted": false, "updatedAt": NOW,
    })
}

fn live_stream() -> Value {
    json!({
        "id": "new-1", "liveChatId": "chat-new", "title": "Garden", "status": "preparing",
        "creatorId": "a", "moderatorIds": ["b", "c"], "updatedAt": NOW,
    })
}

/// What a member may be replaced by: of every type, near every limit.
fn values() -> Vec<Value> {
    let long = "x".repeat(2000);
    vec![
        json!(null),
        json!(true),
        json!(7),
        json!([]),
        json!({}),
        json!(["a b"]),
        json!({"a": "b"}),
        json!(""),
        json!(" "),
        json!("a b"),
        json!("é=_.-"),
        json!("x=_.-"),
        json!("two\nlines"),
        json!("\u{85}"),
        json!("x".repeat(128)),
        json!("x".repeat(129)),
        json!(long),
        json!("😀".repeat(2000)),
        json!(long.clone() + "x"),
        json!({ "a": long }),
        json!({ (long.clone() + "x"): "b" }),
        json!("cancelled_by_guest"),
        json!("paused"),
        json!("2026-01-15T10:30:00Z"),
        json!("2026-01-15T12:30:00.1234567+02:00"),
        json!("2026-01-15"),
        json!("2026-02-30T10:30:00Z"),
        json!(vec!["m"; 1000]),
        json!(vec!["m"; 1001]),
        json!({"_id": "p", "url": "u", "type": "t", "createdAt": NOW}),
    ]
}

/// Puts the snapshot with one member after the other replaced or left out, and compares what comes of it
/// with what the schema says. Counts what was taken and what was refused.
async fn compare<T>(
    path: &str,
    snapshot: Value,
    schema: Value,
    read: fn(&[u8]) -> Result<T, Unreadable>,
) -> (usize, usize) {
    let (service, schema) = (Service::start().await, validator(&schema));
    let (mut taken, mut refused) = (0, 0);
    for pointer in
        members(&snapshot).chain(["/profilePhoto/url".into(), "/profilePhoto/variants".into()])
    {
        let Some(_) = snapshot.pointer(&pointer) else { continue };
        for value in values().iter().map(Some).chain([None]) {
            let mut body = snapshot.clone();
            let (parent, name) = pointer.rsplit_once('/').unwrap();
            let parent = body.pointer_mut(parent).unwrap().as_object_mut().unwrap();
            parent.remove(name);
            parent.extend(value.map(|value| (name.to_owned(), value.clone())));
            let id = body["id"].as_str().filter(|id| id.bytes().all(|b| b.is_ascii_graphic()));
            let id = id.filter(|id| (1..=128).contains(&id.len())).unwrap_or("new-1");
            let answer = service.put(&format!("{path}/{id}"), SERVICE, body.clone()).await;
            let expected = if schema.is_valid(&body) { 200 } else { 400 };
            assert_eq!(answer.status, expected, "{pointer}: {value:?}: {}", answer.body);
            let read = read(body.to_string().as_bytes()).map(drop);
            assert_eq!(read.is_ok(), expected == 200, "{pointer}: {value:?}: {read:?}");
            if expected == 200 { taken += 1 } else { refused += 1 }
        }
    }
    (taken, refused)
}

fn members(snapshot: &Value) -> impl Iterator<Item = String> {
    snapshot.as_object().unwrap().keys().map(|name| format!("/{name}"))
}

#[tokio::test]
async fn of_users() {
    let schema = of_read().into_root_schema_for::<UserSnapshot>().to_value();
    let (taken, refused) = compare("/internal/v1/users", user(), schema, parse::user).await;
    assert!(taken > 30 && refused > 30, "{taken} {refused}");
}

#[tokio::test]
async fn of_live_streams() {
    let schema = of_read().into_root_schema_for::<LiveStreamSnapshot>().to_value();
    let (taken, refused) =
        compare("/internal/v1/live-streams", live_stream(), schema, parse::live_stream).await;
    assert!(taken > 30 && refused > 30, "{taken} {refused}");
}

/// Documents that no value of a member tells apart.
#[tokio::test]
async fn of_documents_that_are_no_objects() {
    let service = Service::start().await;
    let whole = user().to_string();
    let nested = |depth: usize| {
        let lists = "[".repeat(depth) + &"]".repeat(depth);
        whole.replacen('{', &format!("{{\"more\": {lists}, "), 1)
    };
    let documents = [
        (whole.clone(), 200),
        (format!(" {whole}\n"), 200),
        (whole.replacen('{', "{\"more\": {\"a\": 1}, ", 1), 200),
        (nested(100), 200),
        (nested(200), 400),
        (whole.replacen('{', "{\"name\": \"Twice\", ", 1), 400),
        (whole.replacen('{', "{\"more\": {\"a\": 1, \"a\": 1}, ", 1), 400),
        (format!("{whole}{whole}"), 400),
        (format!("[{whole}]"), 400),
        ("null".to_owned(), 400),
        (String::new(), 400),
        (whole[..whole.len() - 1].to_owned(), 400),
    ];
    for (document, expected) in documents {
        let request = service.request(reqwest::Method::PUT, "/internal/v1/users/new-1", SERVICE);
        let request = request.header("content-type", "application/json").body(document.clone());
        assert_eq!(Answer::of(request).await.status, expected, "{document}");
        let read = parse::user(document.as_bytes());
        assert_eq!(read.is_ok(), expected == 200, "{document}: {read:?}");
    }
}
