//! What clients send to a running docket, and what they get.

use std::fs;
use std::path::Path;

use reqwest::header::HeaderMap;
use reqwest::{Client, Method, RequestBuilder, StatusCode};
use serde_json::Value;

/// The API of a running docket, for whoever `demo.json` names.
pub(crate) struct Api {
    http: Client,
    demo: Value,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    /// The body, where it is JSON.
    pub(crate) body: Value,
}

impl Api {
    /// What the file `demo` describes.
    pub(crate) fn of(demo: &Path) -> Self {
        let demo = serde_json::from_slice(&fs::read(demo).unwrap()).unwrap();
        Self { http: Client::new(), demo }
    }

    /// The whole of `demo.json`.
    pub(crate) fn demo(&self) -> &Value {
        &self.demo
    }

    /// A member of `demo.json`.
    pub(crate) fn id(&self, name: &str) -> &str {
        self.demo[name].as_str().unwrap_or_else(|| panic!("{name} is missing in {}", self.demo))
    }

    /// A request in the name of `who`, as `demo.json` calls them.
    pub(crate) fn request(&self, who: &str, method: Method, path: &str) -> RequestBuilder {
        self.anonymous(method, path).bearer_auth(self.token(who))
    }

    /// The token of `who`.
    pub(crate) fn token(&self, who: &str) -> &str {
        self.demo["tokens"][who].as_str().unwrap_or_else(|| panic!("no token of {who}"))
    }

    /// A request in nobody's name.
    pub(crate) fn anonymous(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, format!("{}{path}", self.id("baseUrl")))
    }

    pub(crate) async fn get(&self, who: &str, path: &str) -> Answer {
        answer(self.request(who, Method::GET, path)).await
    }

    /// Gets what is true at the position of an earlier command's answer, or later. Asks again when it
    /// is told to: on a busy machine that may take longer than a query waits.
    pub(crate) async fn get_after(&self, command: &Answer, who: &str, path: &str) -> Answer {
        let position = command.header("x-event-position");
        testing::eventually(&format!("position {position} to be reached"), async || {
            let request = self.request(who, Method::GET, path).header("X-Min-Position", position);
            let answer = answer(request).await;
            let later = answer.status == 503 && answer.header("retry-after") == "1";
            (!later).then_some(answer)
        })
        .await
    }

    pub(crate) async fn post(&self, who: &str, path: &str, body: &Value) -> Answer {
        answer(self.request(who, Method::POST, path).json(body)).await
    }

    pub(crate) async fn put(&self, who: &str, path: &str, body: &Value) -> Answer {
        answer(self.request(who, Method::PUT, path).json(body)).await
    }

    pub(crate) async fn patch(&self, who: &str, path: &str, body: &Value) -> Answer {
        answer(self.request(who, Method::PATCH, path).json(body)).await
    }

    pub(crate) async fn delete(&self, who: &str, path: &str) -> Answer {
        answer(self.request(who, Method::DELETE, path)).await
    }
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name).unwrap_or_else(|| panic!("no {name} in {self:?}"));
        value.to_str().unwrap()
    }

    /// What a good Allmine answer holds.
    pub(crate) fn data(&self) -> &Value {
        assert!(self.status.is_success(), "{self:?}");
        assert_eq!(self.body["isSuccess"], true, "{self:?}");
        assert_eq!(self.body["statusCode"], self.status.as_u16(), "{self:?}");
        &self.body["data"]
    }

    /// What a bad Allmine answer says.
    pub(crate) fn errors(&self, status: u16) -> Vec<&str> {
        assert_eq!(self.status.as_u16(), status, "{self:?}");
        assert_eq!(self.body["isSuccess"], false, "{self:?}");
        assert_eq!(self.body["statusCode"], status, "{self:?}");
        assert_eq!(self.body["data"], Value::Null, "{self:?}");
        let errors = self.body["errors"].as_array().unwrap().iter();
        errors.map(|error| error.as_str().unwrap()).collect()
    }

    /// The one reason of a bad YouTube answer, and its domain.
    pub(crate) fn reason(&self, status: u16) -> (&str, &str) {
        assert_eq!(self.status.as_u16(), status, "{self:?}");
        assert_eq!(self.body["error"]["code"], status, "{self:?}");
        assert_eq!(self.header("content-type"), "application/json; charset=UTF-8");
        let error = &self.body["error"]["errors"][0];
        (error["reason"].as_str().unwrap(), error["domain"].as_str().unwrap())
    }
}

/// Sends it and reads the whole answer.
pub(crate) async fn answer(request: RequestBuilder) -> Answer {
    try_answer(request).await.unwrap()
}

/// [`answer`], where there may be none.
pub(crate) async fn try_answer(request: RequestBuilder) -> reqwest::Result<Answer> {
    let response = request.send().await?;
    let (status, headers) = (response.status(), response.headers().clone());
    let body = serde_json::from_slice(&response.bytes().await?).unwrap_or_default();
    Ok(Answer { status, headers, body })
}
