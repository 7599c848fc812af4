//! Socket.IO over long polling, as far as tests need it (protocol 5 over Engine.IO 4).

use std::collections::VecDeque;
use std::time::Duration;

use reqwest::{RequestBuilder, Response};
use serde_json::{Value, json};

const NAMESPACE: &str = "/live-stream";
/// Between the packets of one answer.
const SEPARATOR: char = '\u{1e}';

/// A session.
pub(super) struct Client {
    http: reqwest::Client,
    url: String,
    /// What came and was not looked at.
    came: VecDeque<String>,
    acks: u32,
}

/// The first request of a session, not sent yet.
pub(super) fn handshake(base: &str) -> RequestBuilder {
    handshake_with(base, "")
}

/// The same with more in its query.
pub(super) fn handshake_with(base: &str, query: &str) -> RequestBuilder {
    reqwest::Client::new().get(format!("{base}/socket.io/?EIO=4&transport=polling{query}"))
}

impl Client {
    /// Begins a session.
    pub(super) async fn open(base: &str) -> Self {
        Self::open_with(base, handshake(base)).await
    }

    /// Begins a session with this request.
    pub(super) async fn open_with(base: &str, handshake: RequestBuilder) -> Self {
        let text = good(handshake.send().await.unwrap()).await;
        let open: Value = serde_json::from_str(text.strip_prefix('0').unwrap()).unwrap();
        let id = open["sid"].as_str().unwrap();
        let url = format!("{base}/socket.io/?EIO=4&transport=polling&sid={id}");
        Self { http: reqwest::Client::new(), url, came: VecDeque::new(), acks: 0 }
    }

    /// Enters the namespace; the text of the refusal otherwise.
    pub(super) async fn enter(&mut self, token: &str) -> Result<(), String> {
        self.enter_with(&json!({ "token": token })).await
    }

    /// The same with any `auth`.
    pub(super) async fn enter_with(&mut self, auth: &Value) -> Result<(), String> {
        self.send(&format!("40{NAMESPACE},{auth}")).await;
        let answer = self.next().await;
        if let Some(refusal) = answer.strip_prefix(&format!("44{NAMESPACE},")) {
            let refusal: Value = serde_json::from_str(refusal).unwrap();
            return Err(refusal["message"].as_str().unwrap().to_owned());
        }
        assert!(answer.starts_with(&format!("40{NAMESPACE},{{\"sid\":")), "{answer}");
        Ok(())
    }

    /// Leaves the namespace, and keeps the session.
    pub(super) async fn go_out(&mut self) {
        self.send(&format!("41{NAMESPACE},")).await;
    }

    /// Sends an event and awaits the answer to it.
    pub(super) async fn ask(&mut self, event: &str, data: &Value) -> Value {
        self.acks += 1;
        let acks = self.acks;
        self.send(&format!("42{NAMESPACE},{acks}{}", json!([event, data]))).await;
        let answer = self.next().await;
        let answer = answer.strip_prefix(&format!("43{NAMESPACE},{acks}"));
        let answer: Value = serde_json::from_str(answer.unwrap()).unwrap();
        answer[0].clone()
    }

    /// Enters the room of this live stream.
    pub(super) async fn join(&mut self, stream: &str) {
        let answer = self.ask("joinStream", &json!({ "streamId": stream })).await;
        assert_eq!(answer["isSuccess"], true, "{answer}");
    }

    /// Sends an event that asks for no answer.
    pub(super) async fn emit(&self, event: &str, data: &Value) {
        self.send(&format!("42{NAMESPACE},{}", json!([event, data]))).await;
    }

    /// The next event that is pushed: its name and what it says.
    pub(super) async fn pushed(&mut self) -> Value {
        let packet = self.next().await;
        let event = packet.strip_prefix(&format!("42{NAMESPACE},"));
        serde_json::from_str(event.unwrap_or_else(|| panic!("no event: {packet}"))).unwrap()
    }

    /// The next packet of Socket.IO or word of the session's end, past whatever keeps the session alive.
    pub(super) async fn next(&mut self) -> String {
        loop {
            while let Some(packet) = self.came.pop_front() {
                match packet.as_str() {
                    "2" => self.send("3").await,
                    "6" => {}
                    _ => return packet,
                }
            }
            let (status, text) = self.poll().await;
            assert_eq!(status, 200, "{text}");
            self.came.extend(text.split(SEPARATOR).map(str::to_owned));
        }
    }

    /// Waits until the session has ended: a poll that waits is told, a later one finds no session.
    pub(super) async fn ended(&mut self) {
        let unknown = r#"{"code":"1","message":"Session ID unknown"}"#;
        loop {
            let (status, text) = self.poll().await;
            match (status, text.as_str()) {
                (400, text) if text == unknown => return,
                (200, text) if text.split(SEPARATOR).any(|packet| packet == "1") => return,
                (200, "2" | "6") => {}
                _ => panic!("{status}: {text}"),
            }
        }
    }

    /// Whatever a poll is answered.
    pub(super) async fn poll(&self) -> (u16, String) {
        let poll = self.http.get(&self.url).timeout(Duration::from_secs(30));
        let response = poll.send().await.unwrap();
        (response.status().as_u16(), response.text().await.unwrap())
    }

    /// Whatever these bytes are answered.
    pub(super) async fn post(&self, body: String) -> (u16, String) {
        let post = self.http.post(&self.url).header("content-type", "text/plain;charset=UTF-8");
        let response = post.body(body).send().await.unwrap();
        (response.status().as_u16(), response.text().await.unwrap())
    }

    async fn send(&self, packet: &str) {
        assert_eq!(self.post(packet.to_owned()).await, (200, "ok".to_owned()));
    }
}

async fn good(response: Response) -> String {
    let status = response.status();
    let text = response.text().await.unwrap();
    assert!(status.is_success(), "{status}: {text}");
    text
}
