//! `/youtube/v3/liveChat/bans`

use reqwest::Method;
use serde_json::{Value, json};
use testing::{World, tokens};

use crate::support::*;

const INSERT: &str = "/youtube/v3/liveChat/bans?part=snippet,id";
const DELETE: &str = "/youtube/v3/liveChat/bans?id=";

fn ban(kind: &str) -> Value {
    json!({"snippet": {"liveChatId": World::CHAT, "type": kind,
        "bannedUserDetails": {"channelId": World::VIEWER_CHANNEL}}})
}

fn temporary(seconds: Value) -> Value {
    let mut body = ban("temporary");
    body["snippet"]["banDurationSeconds"] = seconds;
    body
}

fn resource(ordinal: u16, etag: &Value, seconds: Option<&str>) -> Value {
    let mut resource = json!({
        "kind": "youtube#liveChatBan", "etag": etag, "id": viewer_ban(ordinal),
        "snippet": {
            "liveChatId": World::CHAT, "type": "permanent",
            "bannedUserDetails": {
                "channelId": World::VIEWER_CHANNEL,
                "channelUrl": format!("https://www.youtube.com/channel/{}", World::VIEWER_CHANNEL),
                "displayName": "Vera Schau",
            },
        },
    });
    if let Some(seconds) = seconds {
        resource["snippet"]["type"] = json!("temporary");
        resource["snippet"]["banDurationSeconds"] = json!(seconds);
    }
    resource
}

#[tokio::test]
async fn a_permanent_ban_is_inserted_and_answered_whole() {
    let service = Service::start().await;
    let answer = service.post(INSERT, CREATOR, ban("permanent")).await;
    assert_eq!(answer.status, 200);
    let etag = &answer.body["etag"];
    assert_eq!(answer.body, resource(1, etag, None));
    assert_eq!(etag.as_str().unwrap().len(), 27);
    assert_eq!(answer.header("etag"), format!("\"{}\"", etag.as_str().unwrap()));
    assert_eq!(answer.header("content-type"), "application/json; charset=UTF-8");
    assert_eq!(answer.header("x-event-position"), "1");
}

#[tokio::test]
async fn a_temporary_ban_takes_numbers_and_digits_and_answers_digits() {
    let service = Service::start().await;
    for (nth, (given, answered)) in [
        (Value::Null, "300"),
        (json!(60), "60"),
        (json!("90"), "90"),
        (json!(31_536_000), "31536000"),
    ]
    .into_iter()
    .enumerate()
    {
        let answer = service.post(INSERT, MODERATOR, temporary(given)).await;
        let ordinal = u16::try_from(nth).unwrap() + 1;
        assert_eq!(answer.body, resource(ordinal, &answer.body["etag"], Some(answered)));
    }
}

#[tokio::test]
async fn both_dialects_see_one_ban() {
    let service = Service::start().await;
    service.post(INSERT, CREATOR, temporary(json!(60))).await;
    let body = json!({"targetUserId": World::VIEWER, "liveStreamId": World::STREAM});
    let told = format!("he is banned there already, by ban {}", viewer_ban(1));
    service.post("/api/v1/live-stream-ban", CREATOR, body).await.refuses(409, &[&told]);
    let path = format!("/api/v1/live-stream-ban/{}", viewer_ban(1));
    let lifted = service.delete(&path, CREATOR).await;
    assert_eq!(lifted.data(200)["actionType"], "CHAT_ONLY");
    assert_eq!(lifted.data(200)["expiresAt"], "2026-01-15T10:31:00.000Z");
}

#[tokio::test]
async fn over_a_permanent_ban_an_insert_changes_nothing() {
    let service = Service::start().await;
    let first = service.post(INSERT, CREATOR, ban("permanent")).await;
    service
        .post(
            INSERT,
            CREATOR,
            json!({"snippet": {"liveChatId": World::CHAT, "type": "permanent",
        "bannedUserDetails": {"channelId": World::OTHER_VIEWER}}}),
        )
        .await;
    service.wait(60);
    for body in [ban("permanent"), temporary(json!(5))] {
        let again = service.post(INSERT, MODERATOR, body).await;
        assert_eq!((again.status, &again.body), (200, &first.body));
        assert_eq!(again.header("x-event-position"), "1");
    }
    assert_eq!(service.event_types().await, ["BanCreated", "BanCreated"]);
}

#[tokio::test]
async fn a_temporary_ban_is_superseded_in_one_append() {
    let service = Service::start().await;
    service.post(INSERT, CREATOR, temporary(json!(60))).await;
    let answer = service.post(INSERT, MODERATOR, ban("permanent")).await;
    assert_eq!(answer.body, resource(2, &answer.body["etag"], None));
    assert_eq!(answer.header("x-event-position"), "3");
    let events = service.events().await;
    let data: Vec<Value> =
        events.iter().map(|event| serde_json::from_str(event.data.get()).unwrap()).collect();
    assert_eq!(data[1], json!({"banId": viewer_ban(1), "cause": "superseded"}));
    assert_eq!(data[2]["banId"], viewer_ban(2));
    let command = |nth: usize| -> Value {
        let metadata: Value = serde_json::from_str(events[nth].metadata.get()).unwrap();
        metadata["commandId"].clone()
    };
    assert_eq!(command(1), command(2));
    assert_ne!(command(0), command(1));
    assert_eq!(events.iter().map(|event| event.version).collect::<Vec<_>>(), [1, 2, 3]);
}

#[tokio::test]
async fn of_many_inserts_over_one_temporary_ban_none_is_half_done() {
    let service = Service::start().await;
    service.post(INSERT, CREATOR, temporary(json!(60))).await;
    let inserts = (0..16).map(|_| service.post(INSERT, MODERATOR, temporary(json!(90))));
    let answers = futures_util::future::join_all(inserts).await;
    let done = answers.iter().filter(|answer| answer.status == 200).count();
    assert!(answers.iter().all(|answer| answer.status == 200 || answer.status == 503));
    let types = service.event_types().await;
    assert_eq!(types[0], "BanCreated");
    assert_eq!(types.len(), 1 + 2 * done);
    assert!(types[1..].chunks(2).all(|pair| pair == ["BanRevoked", "BanCreated"]));
}

#[tokio::test]
async fn a_ban_is_deleted_once() {
    let service = Service::start().await;
    service.post(INSERT, CREATOR, ban("permanent")).await;
    let path = format!("{DELETE}{}", viewer_ban(1));
    let answer = service.delete(&path, MODERATOR).await;
    assert_eq!((answer.status, &answer.body), (204, &Value::Null));
    assert_eq!(answer.header("x-event-position"), "2");
    let item = ("youtube.liveChat", "liveChatBanNotFound", None, "the ban has ended already");
    service.delete(&path, MODERATOR).await.fails(404, Some("NOT_FOUND"), &[item]);
}

#[tokio::test]
async fn a_ban_that_ran_out_is_not_found() {
    let service = Service::start().await;
    service.post(INSERT, CREATOR, temporary(json!(60))).await;
    service.wait(60);
    let item = ("youtube.liveChat", "liveChatBanNotFound", None, "the ban has ended already");
    let answer = service.delete(&format!("{DELETE}{}", viewer_ban(1)), CREATOR).await;
    answer.fails(404, Some("NOT_FOUND"), &[item]);
    assert_eq!(service.event_types().await, ["BanCreated"]);
}

/// A body with one field of the snippet changed; `null` takes it away.
fn with(field: &str, value: Value) -> Value {
    let mut body = temporary(json!(60));
    body["snippet"][field] = value;
    body
}

fn of_channel(channel: &str) -> Value {
    with("bannedUserDetails", json!({"channelId": channel}))
}

const CHAT: &str = "youtube.liveChat";
const GLOBAL: &str = "global";

#[tokio::test]
async fn an_insert_fails_as_youtube_documents_it() {
    let service = Service::start().await;
    let chat = |error: &str| format!("snippet.liveChatId: {error}");
    let channel = |error: &str| format!("snippet.bannedUserDetails.channelId: {error}");
    let platform_id = "must be 1 to 128 characters of A-Z a-z 0-9 _ . = -";
    let (no_chat, no_channel) = (chat("is required"), channel("is required"));
    let (bad_chat, bad_channel) = (chat(platform_id), channel(platform_id));
    let number = chat("must be a string");
    let range = "snippet.banDurationSeconds: must be a whole number from 1 to 31536000";
    let kinds = "snippet.type: must be one of: temporary, permanent";
    let field = |name| Some((name, "other"));
    let invalid: [(Value, Item<'_>); 14] = [
        (with("liveChatId", Value::Null), (CHAT, "liveChatIdRequired", None, &no_chat)),
        (with("liveChatId", json!("")), (CHAT, "liveChatIdRequired", None, &no_chat)),
        (with("liveChatId", json!("a b")), (CHAT, "invalidLiveChatId", None, &bad_chat)),
        (with("liveChatId", json!(7)), (CHAT, "invalidLiveChatId", None, &number)),
        (
            with("bannedUserDetails", Value::Null),
            (CHAT, "bannedUserChannelIdRequired", None, &no_channel),
        ),
        (of_channel(""), (CHAT, "bannedUserChannelIdRequired", None, &no_channel)),
        (of_channel("UC\u{202e}"), (CHAT, "invalidChannelId", None, &bad_channel)),
        (of_channel("UCunknown"), (CHAT, "invalidChannelId", None, "there is no such user")),
        (
            with("type", Value::Null),
            (GLOBAL, "required", field("snippet.type"), "snippet.type: is required"),
        ),
        (with("type", json!("forever")), (GLOBAL, "invalidValue", field("snippet.type"), kinds)),
        (temporary(json!(0)), (GLOBAL, "invalidValue", field("snippet.banDurationSeconds"), range)),
        (
            temporary(json!("31536001")),
            (GLOBAL, "invalidValue", field("snippet.banDurationSeconds"), range),
        ),
        (
            temporary(json!("1.5")),
            (GLOBAL, "invalidValue", field("snippet.banDurationSeconds"), range),
        ),
        (
            with("type", json!("permanent")),
            (
                GLOBAL,
                "invalidValue",
                field("snippet.banDurationSeconds"),
                "snippet.banDurationSeconds: a permanent ban has no duration",
            ),
        ),
    ];
    for (body, item) in invalid {
        service.post(INSERT, CREATOR, body).await.fails(400, Some("INVALID_ARGUMENT"), &[item]);
    }
    let not_found: [(Value, Item<'_>); 2] = [
        (
            with("liveChatId", json!("nochat")),
            (CHAT, "liveChatNotFound", None, "there is no such live stream"),
        ),
        (
            of_channel(World::GONE_CHANNEL),
            (CHAT, "liveChatUserNotFound", None, "this user no longer exists"),
        ),
    ];
    for (body, item) in not_found {
        service.post(INSERT, CREATOR, body).await.fails(404, Some("NOT_FOUND"), &[item]);
    }
    let protected = "the live stream's creator and its moderators cannot be banned there";
    let may_not = "neither your roles nor your part in the live stream allow this";
    let forbidden: [(Caller, Value, Item<'_>); 4] = [
        (
            MODERATOR,
            of_channel(World::CREATOR_CHANNEL),
            (CHAT, "liveChatBanInsertionNotAllowed", None, protected),
        ),
        (
            CREATOR,
            of_channel(World::MODERATOR_CHANNEL),
            (CHAT, "liveChatBanInsertionNotAllowed", None, protected),
        ),
        (
            CREATOR,
            of_channel(World::CREATOR_CHANNEL),
            (CHAT, "liveChatBanInsertionNotAllowed", None, "nobody can ban himself"),
        ),
        (OTHER_CREATOR, ban("permanent"), (CHAT, "insufficientPermissions", None, may_not)),
    ];
    for (caller, body, item) in forbidden {
        service.post(INSERT, caller, body).await.fails(403, Some("PERMISSION_DENIED"), &[item]);
    }
    assert!(service.events().await.is_empty());
}

#[tokio::test]
async fn every_mistake_in_a_body_is_told() {
    let service = Service::start().await;
    service.post(INSERT, CREATOR, json!({})).await.fails(
        400,
        Some("INVALID_ARGUMENT"),
        &[
            (CHAT, "liveChatIdRequired", None, "snippet.liveChatId: is required"),
            (GLOBAL, "required", Some(("snippet.type", "other")), "snippet.type: is required"),
            (
                CHAT,
                "bannedUserChannelIdRequired",
                None,
                "snippet.bannedUserDetails.channelId: is required",
            ),
        ],
    );
}

#[tokio::test]
async fn a_delete_fails_as_youtube_documents_it() {
    let service = Service::start().await;
    service.post(INSERT, CREATOR, ban("permanent")).await;
    let promoted = json!({
        "id": World::STREAM, "liveChatId": World::CHAT, "title": World::TITLE, "status": "active",
        "creatorId": World::CREATOR, "moderatorIds": [World::MODERATOR, World::VIEWER], "updatedAt": NOW,
    });
    let path = format!("/internal/v1/live-streams/{}", World::STREAM);
    service.put(&path, SERVICE, promoted).await.data(200);

    let id = Some(("id", "parameter"));
    let (banned, unknown) = (viewer_ban(1), "0123456789abcdef01230001".to_owned());
    let may_not = "neither your roles nor your part in the live stream allow this";
    let from_above = "a moderator may not lift a ban that is on another moderator";
    let malformed = "id: must be 24 lower-case hexadecimal digits";
    let required = "Required parameter: id";
    let cases: [(Caller, &str, u16, &str, Item<'_>); 7] = [
        (CREATOR, "", 400, "INVALID_ARGUMENT", (GLOBAL, "required", id, required)),
        (CREATOR, "abc", 400, "INVALID_ARGUMENT", (CHAT, "invalidLiveChatBanId", id, malformed)),
        (
            CREATOR,
            &unknown,
            404,
            "NOT_FOUND",
            (CHAT, "liveChatBanNotFound", None, "there is no such ban"),
        ),
        (MODERATOR, &banned, 403, "PERMISSION_DENIED", (CHAT, "forbidden", None, from_above)),
        (
            OTHER_CREATOR,
            &banned,
            403,
            "PERMISSION_DENIED",
            (CHAT, "insufficientPermissions", None, may_not),
        ),
        (
            OTHER_VIEWER,
            &banned,
            403,
            "PERMISSION_DENIED",
            (CHAT, "insufficientPermissions", None, may_not),
        ),
        (
            OTHER_VIEWER,
            &unknown,
            403,
            "PERMISSION_DENIED",
            (CHAT, "insufficientPermissions", None, may_not),
        ),
    ];
    for (caller, id, code, status, item) in cases {
        service.delete(&format!("{DELETE}{id}"), caller).await.fails(code, Some(status), &[item]);
    }
    let none = service.delete("/youtube/v3/liveChat/bans", CREATOR).await;
    none.fails(400, Some("INVALID_ARGUMENT"), &[(GLOBAL, "required", id, required)]);
    assert_eq!(service.event_types().await, ["BanCreated"]);
}

#[tokio::test]
async fn both_calls_ask_for_a_token_with_a_scope() {
    let service = Service::start().await;
    let header = Some(("Authorization", "header"));
    let missing = "a bearer token is required in the header Authorization";
    let in_query = "a token is taken in the header Authorization only";
    let scope = "the token lacks a scope that this call needs";
    let delete = format!("{DELETE}{}", viewer_ban(1));
    let mut claims = tokens::claims(World::CREATOR, &[]);
    claims["scope"] = json!("https://www.googleapis.com/auth/youtube.readonly");
    let weak = tokens::sign(&claims);
    for (method, path) in [(Method::POST, INSERT), (Method::DELETE, &delete)] {
        let answer = Answer::of(service.anonymous(method.clone(), path)).await;
        answer.fails(401, Some("UNAUTHENTICATED"), &[(GLOBAL, "authError", header, missing)]);
        assert!(answer.header("www-authenticate").starts_with("Bearer "));

        let with_token = format!("{path}&access_token={}", tokens::token(World::CREATOR, &[]));
        let answer = Answer::of(service.anonymous(method.clone(), &with_token)).await;
        answer.fails(401, Some("UNAUTHENTICATED"), &[(GLOBAL, "authError", header, in_query)]);

        let request = service.anonymous(method, path).bearer_auth(&weak);
        let answer = Answer::of(request).await;
        answer.fails(
            403,
            Some("PERMISSION_DENIED"),
            &[(GLOBAL, "insufficientPermissions", None, scope)],
        );
        let challenge = answer.header("www-authenticate");
        assert!(challenge.contains("error=\"insufficient_scope\""), "{challenge}");
    }
}

#[tokio::test]
async fn parameters_are_read_as_google_reads_them() {
    let service = Service::start().await;
    let path = |query: &str| format!("/youtube/v3/liveChat/bans{query}");
    let required = (GLOBAL, "required", Some(("part", "parameter")), "Required parameter: part");
    for query in ["", "?part=&alt=json", "?part=", "?part=,%20"] {
        let answer = service.post(&path(query), CREATOR, ban("permanent")).await;
        answer.fails(400, Some("INVALID_ARGUMENT"), &[required]);
    }
    let unknown =
        ("youtube.part", "unknownPart", Some(("part", "parameter")), "Unknown part: status");
    let answer = service.post(&path("?part=snippet,status"), CREATOR, ban("permanent")).await;
    answer.fails(400, Some("INVALID_ARGUMENT"), &[unknown]);
    let unexpected =
        (GLOBAL, "unexpectedParameter", Some(("page", "parameter")), "Unexpected parameter: page");
    let answer = service.post(&path("?part=id&page=1"), CREATOR, ban("permanent")).await;
    answer.fails(400, Some("INVALID_ARGUMENT"), &[unexpected]);
    assert!(service.events().await.is_empty());

    let only = json!({"kind": "youtube#liveChatBan", "id": viewer_ban(1)});
    let query =
        "?part=id&part=%20snippet%20&fields=kind,id&key=k&quotaUser=q&alt=json&prettyPrint=false";
    let answer = service.post(&path(query), CREATOR, ban("permanent")).await;
    assert_eq!((answer.status, answer.body), (200, only));
    let nested = service
        .post(&path("?part=snippet&fields=id,snippet(type)"), CREATOR, ban("permanent"))
        .await;
    assert_eq!(nested.body, json!({"snippet": {"type": "permanent"}}));
}
