//! The list of bans: every filter, alone and together, and what is refused.

use events::BanId;
use events::ban::{ActionType, RevokeCause};
use serde_json::json;
use testing::World;

use crate::support::{
    CREATOR, MODERATOR, NewBan, OTHER_CREATOR, STAFF, Stage, one_page, shown, viewer,
};

const BANS: &str = "/api/v1/live-stream-ban";

/// Bans of every state, oldest first.
struct Bans {
    manual: BanId,
    ran_out: BanId,
    expired: BanId,
    superseded: BanId,
    temporary: BanId,
    elsewhere: BanId,
    permanent: BanId,
}

async fn bans(stage: &Stage) -> Bans {
    let at = |at| NewBan { at, ..NewBan::default() };
    let manual = stage.ban(at("2026-01-10T08:00:00.000Z")).await;
    stage.revoke(manual, RevokeCause::Manual, "2026-01-10T09:00:00.000Z").await;
    // Its time has run out, but no event says so yet.
    let user = World::OTHER_VIEWER;
    let new = NewBan {
        user,
        expires: Some("2026-01-11T09:00:00.000Z"),
        ..at("2026-01-11T08:00:00.000Z")
    };
    let ran_out = stage.ban(new).await;
    let new = NewBan {
        user: "third",
        expires: Some("2026-01-12T09:00:00.000Z"),
        ..at("2026-01-12T08:00:00.000Z")
    };
    let expired = stage.ban(new).await;
    stage.revoke(expired, RevokeCause::Expired, "2026-01-12T09:00:05.000Z").await;
    let new = NewBan {
        user: "fourth",
        expires: Some("2026-01-20T00:00:00.000Z"),
        ..at("2026-01-13T08:00:00.000Z")
    };
    let superseded = stage.ban(new).await;
    stage.revoke(superseded, RevokeCause::Superseded, "2026-01-13T09:00:00.000Z").await;
    let new = NewBan { action: ActionType::ChatOnly, at: "2026-01-13T09:00:00.000Z", ..new };
    let temporary = stage.ban(new).await;
    let new = NewBan { stream: World::OTHER_STREAM, ..at("2026-01-14T23:59:59.999Z") };
    let elsewhere = stage.ban(new).await;
    let permanent = stage.ban(at("2026-01-15T00:00:00.000Z")).await;
    Bans { manual, ran_out, expired, superseded, temporary, elsewhere, permanent }
}

#[tokio::test]
async fn an_empty_list_is_a_list() {
    let stage = Stage::new().await;
    let empty = json!({"list": [], "pagination": one_page(0)});
    assert_eq!(stage.get(STAFF, BANS).await.data(), empty);
    assert_eq!(stage.get(CREATOR, BANS).await.data(), empty);
}

#[tokio::test]
async fn the_list_shows_active_bans_newest_first() {
    let stage = Stage::new().await;
    let of = bans(&stage).await;
    let active = [of.permanent, of.elsewhere, of.temporary];
    let answer = stage.get(STAFF, BANS).await;
    assert_eq!(answer.header("x-read-position"), stage.last().to_string());
    let data = answer.data();
    assert_eq!(data["pagination"], one_page(3));
    assert_eq!(crate::support::ids(&data), shown(&active));
    assert_eq!(
        data["list"][0],
        json!({
            "_id": of.permanent.to_string(), "targetUserId": World::VIEWER,
            "targetUser": viewer(), "liveStreamId": World::STREAM, "actionType": "BLOCK",
            "reason": null, "createdBy": World::CREATOR, "deletedAt": null, "deletedBy": null,
            "createdAt": "2026-01-15T00:00:00.000Z", "updatedAt": "2026-01-15T00:00:00.000Z",
            "expiresAt": null,
        })
    );
    // A user whom the directory does not know is only an id.
    assert_eq!(
        data["list"][2]["targetUser"],
        json!({"_id": "fourth", "username": "", "name": "", "surname": "",
            "profilePhoto": null, "availabilityStatus": "unknown"})
    );
}

#[tokio::test]
async fn every_filter_filters() {
    let stage = Stage::new().await;
    let of = bans(&stage).await;
    let all = [
        of.permanent,
        of.elsewhere,
        of.temporary,
        of.superseded,
        of.expired,
        of.ran_out,
        of.manual,
    ];
    let viewers = [of.permanent, of.elsewhere];
    for (query, expected) in [
        ("status=all".to_owned(), &all[..]),
        ("status=active".to_owned(), &all[..3]),
        ("status=revoked".to_owned(), &[of.superseded, of.manual]),
        ("status=expired".to_owned(), &[of.expired, of.ran_out]),
        (format!("targetUserId={}", World::VIEWER), &viewers),
        (format!("targetUser={}", World::VIEWER), &viewers),
        (format!("targetUser={}", World::VIEWER_USERNAME), &viewers),
        (format!("targetUserId={}&targetUser=viewer2", World::VIEWER), &[]),
        ("targetUser=nobody at all".to_owned(), &[]),
        (format!("liveStreamId={}", World::STREAM), &[of.permanent, of.temporary]),
        (format!("liveStreamId={}", World::OTHER_STREAM), &[of.elsewhere]),
        ("liveStreamId=unknown".to_owned(), &[]),
        ("actionType=CHAT_ONLY".to_owned(), &[of.temporary]),
        ("actionType=BLOCK".to_owned(), &viewers),
        ("startDate=2026-01-15".to_owned(), &[of.permanent]),
        ("startDate=2026-01-15T00:00".to_owned(), &[of.permanent]),
        ("startDate=2026-01-15T00:00:00.000".to_owned(), &[of.permanent]),
        ("startDate=2026-01-15 03:00:00+03:00".to_owned(), &[of.permanent]),
        ("dateFrom=2026-01-14".to_owned(), &viewers),
        ("endDate=2026-01-14".to_owned(), &[of.elsewhere, of.temporary]),
        ("dateTo=2026-01-13".to_owned(), &[of.temporary]),
        (
            "startDate=2026-01-14T23:59:59.999Z&endDate=2026-01-14T23:59:59.999Z".to_owned(),
            &[of.elsewhere],
        ),
        (
            "startDate=2026-01-15T02:59:59.999%2B03:00&endDate=2026-01-15T02:59:59.999%2B03:00"
                .to_owned(),
            &[of.elsewhere],
        ),
        ("dateFrom=2026-01-15T00:00:00.001Z".to_owned(), &[]),
        (
            format!(
                "status=all&actionType=BLOCK&liveStreamId={}&startDate=2026-01-12&dateTo=2026-01-13",
                World::STREAM
            ),
            &[of.superseded, of.expired],
        ),
        ("unknown=parameter".to_owned(), &all[..3]),
    ] {
        let answer = stage.get(STAFF, &format!("{BANS}?{query}")).await;
        assert_eq!(answer.ids(), shown(expected), "{query}");
    }
}

#[tokio::test]
async fn those_who_run_live_streams_see_the_bans_of_theirs() {
    let stage = Stage::new().await;
    let of = bans(&stage).await;
    let (stream, other) = (World::STREAM, World::OTHER_STREAM);
    for (who, query, expected) in [
        (CREATOR, String::new(), &[of.permanent, of.temporary][..]),
        (MODERATOR, String::new(), &[of.permanent, of.temporary]),
        (OTHER_CREATOR, String::new(), &[of.elsewhere]),
        (CREATOR, format!("liveStreamId={stream}"), &[of.permanent, of.temporary]),
        (OTHER_CREATOR, format!("liveStreamId={other}"), &[of.elsewhere]),
        (MODERATOR, "status=revoked&limit=1&page=2".to_owned(), &[of.manual]),
        (MODERATOR, format!("targetUserId={}", World::VIEWER), &[of.permanent]),
    ] {
        let answer = stage.get(who, &format!("{BANS}?{query}")).await;
        assert_eq!(answer.ids(), shown(expected), "{} {query}", who.0);
    }
    let data = stage.get(CREATOR, &format!("{BANS}?status=all&limit=2")).await.data();
    let pagination = &data["pagination"];
    assert_eq!((&pagination["totalItems"], &pagination["totalPages"]), (&json!(6), &json!(3)));
}

#[tokio::test]
async fn all_that_is_wrong_is_told_at_once() {
    let stage = Stage::new().await;
    let time =
        "must be a date such as 2026-01-15 or an RFC 3339 time such as 2026-01-15T10:30:00.000Z";
    let id = "must be 1 to 128 characters of A-Z a-z 0-9 _ . = -";
    for (query, errors) in [
        ("page=0", vec!["page: must be a whole number from 1 to 4294967295".to_owned()]),
        ("page=-1", vec!["page: must be a whole number from 1 to 4294967295".to_owned()]),
        ("page=", vec!["page: must be a whole number from 1 to 4294967295".to_owned()]),
        ("limit=101", vec!["limit: must be a whole number from 1 to 100".to_owned()]),
        ("limit=0", vec!["limit: must be a whole number from 1 to 100".to_owned()]),
        ("limit=10.5", vec!["limit: must be a whole number from 1 to 100".to_owned()]),
        ("page=1001", vec!["page: pages reach 10000 entries deep: beyond, follow pagination.nextCursor with cursor".to_owned()]),
        ("page=101&limit=100", vec!["page: pages reach 10000 entries deep: beyond, follow pagination.nextCursor with cursor".to_owned()]),
        ("cursor=nonsense", vec!["cursor: must be a pagination.nextCursor of the same list".to_owned()]),
        ("cursor=", vec!["cursor: must be a pagination.nextCursor of the same list".to_owned()]),
        ("actionType=block", vec!["actionType: must be one of: BLOCK, CHAT_ONLY".to_owned()]),
        ("status=over", vec!["status: must be one of: active, revoked, expired, all".to_owned()]),
        ("startDate=yesterday", vec![format!("startDate: {time}")]),
        ("endDate=2026-02-30", vec![format!("endDate: {time}")]),
        ("dateFrom=2026-1-5", vec![format!("dateFrom: {time}")]),
        ("startDate=2026-01-02&endDate=2026-01-01", vec!["endDate: must not lie before startDate".to_owned()]),
        ("dateFrom=2026-01-02&dateTo=2026-01-01T23:59:59Z", vec!["dateTo: must not lie before dateFrom".to_owned()]),
        ("startDate=2026-01-02&dateFrom=2026-01-02", vec!["dateFrom: is another name of startDate: give one of them".to_owned()]),
        ("targetUserId=a%20b", vec![format!("targetUserId: {id}")]),
        ("liveStreamId=%F0%9F%A6%80", vec![format!("liveStreamId: {id}")]),
        ("page=1&page=2", vec!["page: must not occur more than once".to_owned()]),
        ("targetUser=%00", vec!["targetUser: must not contain the control character U+0000".to_owned()]),
        (
            "page=0&limit=101&status=x&actionType=y&endDate=z",
            vec![
                "page: must be a whole number from 1 to 4294967295".to_owned(),
                "limit: must be a whole number from 1 to 100".to_owned(),
                format!("endDate: {time}"),
                "actionType: must be one of: BLOCK, CHAT_ONLY".to_owned(),
                "status: must be one of: active, revoked, expired, all".to_owned(),
            ],
        ),
    ] {
        let found = stage.get(STAFF, &format!("{BANS}?{query}")).await.errors(400);
        let expected: Vec<_> = [vec!["Validation failed".to_owned()], errors].concat();
        assert_eq!(found, json!(expected), "{query}");
    }
    let headers = [("X-Language", "tr")];
    let answer = stage.get_with(STAFF, &format!("{BANS}?limit=101"), &headers).await;
    assert_eq!(answer.body["errors"][1], "limit: 1 ile 100 arasında bir tam sayı olmalıdır");
}
