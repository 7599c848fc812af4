//! Whatever is sent, in either dialect: the answer is the client's fault, in its dialect's form, and
//! the log stays as it is.

mod allmine;
mod youtube;

use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use crate::api::{Answer, Api, answer};
use crate::set_ups::{Installation, SetUp};

/// A request that comes to nothing.
struct Bad {
    /// What is bad about it.
    what: &'static str,
    method: Method,
    path: String,
    body: Vec<u8>,
    /// Besides the token and the content type.
    header: Option<(&'static str, String)>,
}

impl Bad {
    fn get(what: &'static str, path: impl Into<String>) -> Self {
        Self { what, method: Method::GET, path: path.into(), body: vec![], header: None }
    }

    fn delete(what: &'static str, path: impl Into<String>) -> Self {
        Self { method: Method::DELETE, ..Self::get(what, path) }
    }

    fn post(what: &'static str, path: impl Into<String>, body: impl Into<Vec<u8>>) -> Self {
        Self { method: Method::POST, body: body.into(), ..Self::get(what, path) }
    }

    fn with(self, name: &'static str, value: impl Into<String>) -> Self {
        Self { header: Some((name, value.into())), ..self }
    }

    fn request(&self, api: &Api, who: &str) -> RequestBuilder {
        let mut request = api.request(who, self.method.clone(), &self.path);
        if !self.body.is_empty() {
            request = request.body(self.body.clone());
        }
        let content_type = ("content-type", "application/json".to_owned());
        let replaced = self.header.as_ref().is_some_and(|(name, _)| *name == content_type.0);
        let headers = (!replaced).then_some(&content_type).into_iter().chain(&self.header);
        headers.fold(request, |request, (name, value)| request.header(*name, value))
    }
}

/// Sends everything bad in between two good commands, and sees that these are neighbours in the log.
async fn appends_nothing(
    docket: &Installation,
    who: &str,
    all: Vec<Bad>,
    check: impl Fn(&Bad, &Answer),
) {
    let api = &docket.api();
    let body = json!({
        "targetUserId": api.id("viewerId"),
        "liveStreamId": api.id("liveStreamId"),
    });
    let before = api.post("creator", "/api/v1/live-stream-ban", &body).await;
    let id = before.data()["_id"].as_str().unwrap();
    for bad in all {
        let answer = answer(bad.request(api, who)).await;
        assert!(answer.status.is_client_error(), "{}: {answer:?}", bad.what);
        check(&bad, &answer);
    }
    let after = api.delete("creator", &format!("/api/v1/live-stream-ban/{id}")).await;
    assert!(after.status.is_success(), "{after:?}");
    let (_, log) = docket.storage().await;
    let after_before = before.header("x-event-position").parse().unwrap();
    let found = log.read_all(after_before, 10).await.unwrap().events;
    let [next] = &found[..] else { panic!("{found:?}") };
    assert_eq!(next.position.to_string(), after.header("x-event-position"));
}

/// An object with one member replaced.
fn but(object: &Value, name: &str, value: Value) -> Vec<u8> {
    let mut object = object.clone();
    object[name] = value;
    object.to_string().into_bytes()
}

/// More levels than anybody means.
fn nested() -> String {
    format!("{}{}", r#"{"a":"#.repeat(5_000), "}".repeat(5_000))
}

pub(crate) async fn in_the_allmine_dialect(set_up: SetUp) {
    let docket = Installation::start(set_up).await;
    let api = docket.api();
    appends_nothing(&docket, "creator", allmine::bans(&api), allmine::check).await;
    appends_nothing(&docket, "creator", allmine::lists(&api), allmine::check).await;
    appends_nothing(&docket, "viewer", allmine::reports(&api), allmine::check).await;
    let staff = "platformModerator";
    appends_nothing(&docket, staff, allmine::reviews(), allmine::check).await;
    appends_nothing(&docket, "service", allmine::directory(), allmine::check).await;
    docket.stop().await;
}

pub(crate) async fn in_the_youtube_dialect(set_up: SetUp) {
    let docket = Installation::start(set_up).await;
    let api = docket.api();
    appends_nothing(&docket, "creator", youtube::inserts(&api), youtube::check).await;
    appends_nothing(&docket, "creator", youtube::others(), youtube::check).await;
    docket.stop().await;
}
