//! What auditors read, and what is remembered of that.

mod broken;
mod events;
mod moments;
mod plans;
mod reads;
mod story;

use reqwest::header::HeaderMap;
use serde_json::Value;

use crate::support::{AUDITOR, Stage};

/// A history, and its headers.
pub(crate) struct Lines {
    pub(crate) headers: HeaderMap,
    pub(crate) events: Vec<Value>,
}

impl Lines {
    fn of(headers: HeaderMap, body: &str) -> Self {
        assert!(body.is_empty() || body.ends_with('\n'), "the last line is whole");
        let events = body.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        Self { headers, events }
    }

    /// Where its events stand.
    pub(crate) fn positions(&self) -> Vec<u64> {
        self.events.iter().map(position).collect()
    }
}

fn position(event: &Value) -> u64 {
    event["position"].as_str().unwrap().parse().unwrap()
}

impl Stage {
    /// The history that an auditor gets.
    pub(crate) async fn lines(&self, path: &str) -> Lines {
        let response =
            self.request(AUDITOR, &format!("/api/v1/audit/{path}")).send().await.unwrap();
        assert_eq!(response.status().as_u16(), 200, "{path}");
        let headers = response.headers().clone();
        Lines::of(headers, &response.text().await.unwrap())
    }
}
