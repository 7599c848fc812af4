//! The dashboard, which is one service's, and whose commands are another's.

use reqwest::header::{CONTENT_TYPE, COOKIE, LOCATION, SET_COOKIE};
use reqwest::redirect::Policy;
use reqwest::{Client, Response, Url};
use serde_json::Value;

use crate::api::Api;
use crate::set_ups::{Installation, SetUp};

/// Sends a form as a page of the dashboard does.
async fn submit(api: &Api, session: &str, path: &str, form: &[(&str, &str)]) -> Response {
    let http = Client::builder().redirect(Policy::none()).build().unwrap();
    let request = http.post(format!("{}{path}", api.id("baseUrl"))).header(COOKIE, session);
    let request = request.header("Sec-Fetch-Site", "same-origin");
    let request = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded");
    // A form is sent as a query is written.
    let form = Url::parse_with_params("http://form", form).unwrap();
    request.body(form.query().unwrap().to_owned()).send().await.unwrap()
}

/// The cookie of this name that an answer sets, as it is sent back.
fn cookie(answer: &Response, name: &str) -> String {
    let set = answer.headers().get_all(SET_COOKIE).iter().map(|value| value.to_str().unwrap());
    let mut set = set.filter_map(|value| value.split(';').next());
    set.find(|pair| pair.starts_with(name)).unwrap_or_else(|| panic!("no {name}")).to_owned()
}

pub(crate) async fn a_ban_is_commanded_in_the_dashboard_and_seen_there(set_up: SetUp) {
    let docket = Installation::start(set_up).await;
    let api = docket.api();
    let token = [("token", api.token("creator")), ("next", "/dashboard/bans")];
    let signed_in = submit(&api, "", "/dashboard/sign-in", &token).await;
    assert_eq!(signed_in.headers()[LOCATION], "/dashboard/bans", "{signed_in:?}");
    let session = cookie(&signed_in, "docket_session");

    let (user, live_stream) = (api.id("viewerId"), api.id("liveStreamId"));
    let form = [
        ("key", "01KF0ZV5E0000000000000000D"),
        ("next", "/dashboard/bans"),
        ("user", user),
        ("liveStream", live_stream),
        ("actionType", "CHAT_ONLY"),
        ("duration", "3600"),
        ("reason", "Spam in the chat"),
    ];
    let banned = submit(&api, &session, "/dashboard/bans", &form).await;
    assert_eq!(banned.headers()[LOCATION], "/dashboard/bans", "{banned:?}");
    // A form that is sent twice commands once.
    submit(&api, &session, "/dashboard/bans", &form).await;

    // The page that the browser comes back to knows of it at once.
    let cookies = format!("{session}; {}", cookie(&banned, "docket_notice"));
    let page = format!("{}/dashboard/bans", api.id("baseUrl"));
    let page = Client::new().get(page).header(COOKIE, cookies).send().await.unwrap();
    let page = page.text().await.unwrap();
    assert!(page.contains("Spam in the chat") && page.contains("class=\"notice done\""), "{page}");

    let list = format!("/api/v1/live-stream-ban?targetUserId={user}&status=all");
    let bans = api.get("creator", &list).await.data()["list"].clone();
    let ban = |field: &str| bans[0][field].clone();
    assert_eq!(bans.as_array().map(Vec::len), Some(1), "{bans}");
    assert_eq!(
        (ban("actionType"), ban("createdBy")),
        ("CHAT_ONLY".into(), api.id("creatorId").into())
    );
    assert_ne!(ban("expiresAt"), Value::Null);

    // The history tells through what it was commanded.
    let history = "/api/v1/audit/events?type=BanCreated&limit=1";
    let created = api.get("auditor", history).await.body;
    assert_eq!(created["metadata"]["platform"], "admin", "{created}");
}
