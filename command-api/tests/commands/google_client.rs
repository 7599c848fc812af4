//! Google's own client, unmodified, pointed here.

use google_apis_common::{Error, GetToken, NoToken};
use google_youtube3::YouTube;
use google_youtube3::api::{ChannelProfileDetails, LiveChatBan, LiveChatBanSnippet};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::{Value, json};
use testing::{World, tokens};

use crate::support::*;

type Hub = YouTube<HttpConnector>;

fn hub(service: &Service, token: impl GetToken + 'static) -> Hub {
    let mut hub = YouTube::new(Client::builder(TokioExecutor::new()).build_http(), token);
    hub.base_url(format!("{}/", service.base));
    hub.root_url(format!("{}/", service.base));
    hub
}

fn hub_of(service: &Service, (sub, roles): Caller) -> Hub {
    hub(service, tokens::token(sub, roles))
}

fn ban(kind: &str, seconds: Option<u64>) -> LiveChatBan {
    LiveChatBan {
        snippet: Some(LiveChatBanSnippet {
            live_chat_id: Some(World::CHAT.to_owned()),
            type_: Some(kind.to_owned()),
            ban_duration_seconds: seconds,
            banned_user_details: Some(ChannelProfileDetails {
                channel_id: Some(World::VIEWER_CHANNEL.to_owned()),
                ..ChannelProfileDetails::default()
            }),
        }),
        ..LiveChatBan::default()
    }
}

/// [`ban`] with a changed snippet.
fn with(change: impl FnOnce(&mut LiveChatBanSnippet)) -> LiveChatBan {
    let mut ban = ban("permanent", None);
    change(ban.snippet.as_mut().unwrap());
    ban
}

fn of_channel(channel: &str) -> LiveChatBan {
    with(|snippet| {
        snippet.banned_user_details.as_mut().unwrap().channel_id = Some(channel.to_owned());
    })
}

async fn insert(hub: &Hub, ban: LiveChatBan) -> LiveChatBan {
    let call = hub.live_chat_bans().insert(ban).add_part("id").add_part("snippet");
    call.doit().await.unwrap().1
}

/// Code, domain and reason of a call that failed, as the client read them.
fn failure<T>(outcome: Result<T, Error>) -> Value {
    match outcome {
        Err(Error::BadRequest(body)) => {
            let first = &body["error"]["errors"][0];
            json!([body["error"]["code"], first["domain"], first["reason"]])
        }
        Err(other) => panic!("no error in Google's form: {other:?}"),
        Ok(_) => panic!("no error"),
    }
}

#[tokio::test]
async fn it_bans_and_lifts() {
    let service = Service::start().await;
    let hub = hub_of(&service, CREATOR);

    let permanent = insert(&hub, ban("permanent", None)).await;
    let expected = json!({
        "kind": "youtube#liveChatBan", "etag": permanent.etag, "id": viewer_ban(1),
        "snippet": {
            "liveChatId": World::CHAT, "type": "permanent", "banDurationSeconds": null,
            "bannedUserDetails": {
                "channelId": World::VIEWER_CHANNEL, "displayName": "Vera Schau",
                "channelUrl": format!("https://www.youtube.com/channel/{}", World::VIEWER_CHANNEL),
                "profileImageUrl": null,
            },
        },
    });
    assert_eq!(serde_json::to_value(&permanent).unwrap(), expected);
    // Over a permanent one, the same again.
    let again = insert(&hub, ban("temporary", Some(5))).await;
    assert_eq!(serde_json::to_value(again).unwrap(), expected);

    let deleted = hub.live_chat_bans().delete(&viewer_ban(1)).doit().await.unwrap();
    assert_eq!(deleted.status(), 204);

    let seconds = |ban: LiveChatBan| ban.snippet.unwrap().ban_duration_seconds;
    assert_eq!(seconds(insert(&hub, ban("temporary", None)).await), Some(300));
    let superseding = insert(&hub, ban("temporary", Some(86_400))).await;
    assert_eq!(superseding.id, Some(viewer_ban(3)));
    assert_eq!(seconds(superseding), Some(86_400));
    let types = service.event_types().await;
    assert_eq!(types, ["BanCreated", "BanRevoked", "BanCreated", "BanRevoked", "BanCreated"]);
}

#[tokio::test]
async fn without_parts_it_asks_for_those_it_sends() {
    let service = Service::start().await;
    let hub = hub_of(&service, CREATOR);
    let (_, ban) = hub.live_chat_bans().insert(ban("permanent", None)).doit().await.unwrap();
    assert_eq!((ban.kind.as_deref(), ban.id), (Some("youtube#liveChatBan"), None));
    assert_eq!(ban.snippet.unwrap().type_.as_deref(), Some("permanent"));
    let fields = hub.live_chat_bans().insert(self::ban("permanent", None)).add_part("id");
    let (_, ban) = fields.param("fields", "id").doit().await.unwrap();
    assert_eq!((ban.id, ban.kind, ban.etag), (Some(viewer_ban(1)), None, None));
}

#[tokio::test]
async fn it_reads_why_an_insert_failed() {
    const CHAT: &str = "youtube.liveChat";
    let service = Service::start().await;
    let creator = hub_of(&service, CREATOR);
    let cases = [
        (with(|s| s.live_chat_id = None), json!([400, CHAT, "liveChatIdRequired"])),
        (with(|s| s.live_chat_id = Some("a b".into())), json!([400, CHAT, "invalidLiveChatId"])),
        (with(|s| s.live_chat_id = Some("nochat".into())), json!([404, CHAT, "liveChatNotFound"])),
        (with(|s| s.banned_user_details = None), json!([400, CHAT, "bannedUserChannelIdRequired"])),
        (of_channel("a b"), json!([400, CHAT, "invalidChannelId"])),
        (of_channel("UCunknown"), json!([400, CHAT, "invalidChannelId"])),
        (of_channel(World::GONE_CHANNEL), json!([404, CHAT, "liveChatUserNotFound"])),
        (of_channel(World::CREATOR_CHANNEL), json!([403, CHAT, "liveChatBanInsertionNotAllowed"])),
        (
            of_channel(World::MODERATOR_CHANNEL),
            json!([403, CHAT, "liveChatBanInsertionNotAllowed"]),
        ),
        (with(|s| s.type_ = None), json!([400, "global", "required"])),
        (ban("forever", None), json!([400, "global", "invalidValue"])),
        (ban("permanent", Some(5)), json!([400, "global", "invalidValue"])),
        (ban("temporary", Some(0)), json!([400, "global", "invalidValue"])),
    ];
    for (ban, expected) in cases {
        let call = creator.live_chat_bans().insert(ban).add_part("snippet");
        assert_eq!(failure(call.doit().await), expected);
    }

    let part = |part: &str| creator.live_chat_bans().insert(ban("permanent", None)).add_part(part);
    assert_eq!(failure(part("status").doit().await), json!([400, "youtube.part", "unknownPart"]));
    let nothing = creator.live_chat_bans().insert(LiveChatBan::default());
    assert_eq!(failure(nothing.doit().await), json!([400, "global", "required"]));
    let odd = part("id").param("page", "1");
    assert_eq!(failure(odd.doit().await), json!([400, "global", "unexpectedParameter"]));

    let outsider = hub_of(&service, OTHER_CREATOR);
    let call = outsider.live_chat_bans().insert(ban("permanent", None)).add_part("snippet");
    assert_eq!(failure(call.doit().await), json!([403, CHAT, "insufficientPermissions"]));
    assert!(service.events().await.is_empty());
}

#[tokio::test]
async fn it_reads_why_a_delete_failed() {
    const CHAT: &str = "youtube.liveChat";
    let service = Service::start().await;
    let creator = hub_of(&service, CREATOR);
    insert(&creator, ban("permanent", None)).await;
    let promoted = json!({
        "id": World::STREAM, "liveChatId": World::CHAT, "title": World::TITLE, "status": "active",
        "creatorId": World::CREATOR, "moderatorIds": [World::MODERATOR, World::VIEWER], "updatedAt": NOW,
    });
    let path = format!("/internal/v1/live-streams/{}", World::STREAM);
    service.put(&path, SERVICE, promoted).await.data(200);

    let banned = viewer_ban(1);
    let cases = [
        (CREATOR, "", json!([400, "global", "required"])),
        (CREATOR, "abc", json!([400, CHAT, "invalidLiveChatBanId"])),
        (CREATOR, "0123456789abcdef01230001", json!([404, CHAT, "liveChatBanNotFound"])),
        (MODERATOR, &banned, json!([403, CHAT, "forbidden"])),
        (OTHER_VIEWER, &banned, json!([403, CHAT, "insufficientPermissions"])),
    ];
    for (caller, id, expected) in cases {
        let hub = hub_of(&service, caller);
        assert_eq!(failure(hub.live_chat_bans().delete(id).doit().await), expected);
    }
    creator.live_chat_bans().delete(&banned).doit().await.unwrap();
    let again = creator.live_chat_bans().delete(&banned).doit().await;
    assert_eq!(failure(again), json!([404, CHAT, "liveChatBanNotFound"]));
}

#[tokio::test]
async fn it_reads_why_its_token_failed() {
    let service = Service::start().await;
    let mut claims = tokens::claims(World::CREATOR, &[]);
    claims["scope"] = json!("https://www.googleapis.com/auth/youtube.readonly");
    let (auth, scope) = (
        [401.into(), json!("global"), json!("authError")],
        [403.into(), json!("global"), json!("insufficientPermissions")],
    );
    let hubs = [
        (hub(&service, NoToken), json!(auth)),
        (hub(&service, "nonsense".to_owned()), json!(auth)),
        (hub(&service, tokens::sign(&claims)), json!(scope)),
    ];
    for (hub, expected) in hubs {
        let inserted = hub.live_chat_bans().insert(ban("permanent", None)).add_part("id");
        assert_eq!(failure(inserted.doit().await), expected);
        let deleted = hub.live_chat_bans().delete(&viewer_ban(1)).doit().await;
        assert_eq!(failure(deleted), expected);
    }
    assert!(service.events().await.is_empty());
}
