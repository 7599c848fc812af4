//! Somebody who follows the feed.

use std::time::Duration;

use reqwest::{Method, Response};
use serde_json::Value;

use super::position;
use crate::api::Api;

const FEED: &str = "/api/v1/moderation/feed";

/// Longer than anything takes on a busy machine.
const PATIENCE: Duration = Duration::from_mins(1);

pub(crate) struct Listener {
    response: Response,
    bytes: Vec<u8>,
}

impl Listener {
    /// From behind `last`, or from now on.
    pub(crate) async fn open(api: &Api, who: &str, last: Option<u64>) -> Self {
        let mut request = api.request(who, Method::GET, FEED);
        if let Some(last) = last {
            request = request.header("Last-Event-ID", last);
        }
        let response = request.send().await.unwrap();
        assert_eq!(response.status().as_u16(), 200);
        let mut listener = Self { response, bytes: vec![] };
        // What it begins with, so that from here on nothing is missed.
        let begin = listener.block().await.unwrap();
        assert!(begin.starts_with("retry: "), "{begin}");
        listener
    }

    /// The next event; `None` when there are no more, in order or not.
    pub(crate) async fn event(&mut self) -> Option<(u64, String, Value)> {
        loop {
            let block = self.block().await?;
            let lines: Vec<_> = block.lines().filter_map(|line| line.split_once(": ")).collect();
            if let [("id", id), ("event", name), ("data", data)] = lines[..]
                && name != "Position"
            {
                return Some((position(id), name.to_owned(), serde_json::from_str(data).unwrap()));
            }
        }
    }

    pub(crate) async fn position_of_next(&mut self) -> u64 {
        self.event().await.unwrap().0
    }

    async fn block(&mut self) -> Option<String> {
        loop {
            if let Some(end) = self.bytes.windows(2).position(|two| two == b"\n\n") {
                let rest = self.bytes.split_off(end + 2);
                let block = std::mem::replace(&mut self.bytes, rest);
                return Some(String::from_utf8(block).unwrap().trim_end().to_owned());
            }
            let chunk = tokio::time::timeout(PATIENCE, self.response.chunk()).await;
            self.bytes.extend_from_slice(&chunk.expect("something comes").ok()??);
        }
    }
}
