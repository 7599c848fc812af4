//! A client of the feed that shows everything that comes, comments too.

use std::time::Duration;

use reqwest::header::HeaderMap;
use serde_json::Value;

use super::FEED;
use crate::support::{Stage, Who};

/// Longer than anything takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(20);

pub(super) struct Listener {
    response: reqwest::Response,
    bytes: Vec<u8>,
}

/// What stands between two empty lines.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Frame {
    Comment(String),
    Event { id: u64, name: String, data: Value },
}

impl Listener {
    /// From now on. What it begins with is checked, and left out.
    pub(super) async fn start(stage: &Stage, who: Who) -> Self {
        Self::request(stage.request(who, FEED)).await
    }

    /// From behind `last` on.
    pub(super) async fn resume(stage: &Stage, who: Who, last: u64) -> Self {
        Self::request(stage.request(who, FEED).header("Last-Event-ID", last)).await
    }

    pub(super) async fn request(request: reqwest::RequestBuilder) -> Self {
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        assert_eq!(
            (status, &headers["content-type"]),
            (200, &"text/event-stream".parse().unwrap())
        );
        let mut listener = Self { response, bytes: vec![] };
        let begin = listener.block().await.unwrap();
        let begin = begin.strip_prefix("retry: ").unwrap();
        let (retry, begin) = begin.split_once('\n').unwrap();
        assert!((1_000..5_000).contains(&retry.parse::<u32>().unwrap()), "{retry}");
        let Frame::Event { id, name, .. } = Frame::parse(begin) else { unreachable!() };
        assert_eq!((name.as_str(), id.to_string()), ("Position", position(&headers)));
        listener
    }

    pub(super) fn headers(&self) -> &HeaderMap {
        self.response.headers()
    }

    /// The next frame; `None` when the answer has ended as it should.
    pub(super) async fn frame(&mut self) -> Option<Frame> {
        self.block().await.map(|block| Frame::parse(&block))
    }

    /// The next event, its position and its data.
    pub(super) async fn event(&mut self) -> Option<(u64, String, Value)> {
        loop {
            match self.frame().await? {
                Frame::Event { id, name, data } if name != "Position" => {
                    return Some((id, name, data));
                }
                Frame::Event { .. } | Frame::Comment(_) => {}
            }
        }
    }

    /// The positions of the next events, so many.
    pub(super) async fn positions(&mut self, count: usize) -> Vec<u64> {
        let mut positions = vec![];
        while positions.len() < count {
            positions.push(self.event().await.unwrap().0);
        }
        positions
    }

    async fn block(&mut self) -> Option<String> {
        loop {
            if let Some(end) = self.bytes.windows(2).position(|two| two == b"\n\n") {
                let rest = self.bytes.split_off(end + 2);
                let block = String::from_utf8(std::mem::replace(&mut self.bytes, rest)).unwrap();
                return Some(block.trim_end().to_owned());
            }
            // The time-out means that nothing comes.
            let chunk = tokio::time::timeout(PATIENCE, self.response.chunk()).await.unwrap();
            let Some(chunk) = chunk.unwrap() else {
                assert!(self.bytes.is_empty(), "the last event is whole");
                return None;
            };
            self.bytes.extend_from_slice(&chunk);
        }
    }
}

fn position(headers: &HeaderMap) -> String {
    headers["x-read-position"].to_str().unwrap().to_owned()
}

impl Frame {
    fn parse(block: &str) -> Self {
        if let Some(comment) = block.strip_prefix(": ") {
            return Self::Comment(comment.to_owned());
        }
        let lines: Vec<_> = block.lines().map(|line| line.split_once(": ").unwrap()).collect();
        let [("id", id), ("event", name), ("data", data)] = lines[..] else {
            panic!("{block}");
        };
        let data: Value = serde_json::from_str(data).unwrap();
        assert_eq!(data["position"], id);
        Self::Event { id: id.parse().unwrap(), name: name.to_owned(), data }
    }
}
