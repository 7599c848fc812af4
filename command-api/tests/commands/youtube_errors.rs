//! The error table of contract §4, row by row.

use reqwest::Method;
use serde_json::{Value, json};
use testing::{World, tokens};

use crate::support::*;
use crate::youtube::{DELETE, INSERT, ban, temporary};

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
async fn a_malformed_insert_is_told_in_youtube_s_words() {
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
    assert!(service.events().await.is_empty());
}

#[tokio::test]
async fn an_insert_that_finds_or_may_do_nothing_is_told_in_youtube_s_words() {
    let service = Service::start().await;
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
    let forbidden: [(Caller, Value, Item<'_>); 6] = [
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
            (CHAT, "liveChatBanInsertionNotAllowed", None, "nobody can ban themselves"),
        ),
        (OTHER_CREATOR, ban("permanent"), (CHAT, "insufficientPermissions", None, may_not)),
        // An outsider does not even hear which users there are.
        (OTHER_VIEWER, of_channel("UCunknown"), (CHAT, "insufficientPermissions", None, may_not)),
        (
            OTHER_VIEWER,
            of_channel(World::GONE_CHANNEL),
            (CHAT, "insufficientPermissions", None, may_not),
        ),
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
