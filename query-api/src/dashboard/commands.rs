//! Commands, sent to the command API as the person whose session it is.

use std::time::Duration;

use axum::http::{HeaderMap, Method, StatusCode};
use event_log::Position;
use serde::Deserialize;
use serde_json::Value;
use ulid::Ulid;

use super::notice::Notice;
use super::visit::Visit;

/// A little longer than the command API takes to give up by itself.
const PATIENCE: Duration = Duration::from_secs(9);
/// In bytes; an answer has a report in it, whose texts are bounded.
const LARGEST_ANSWER: usize = 256 * 1024;

/// Sends commands.
#[derive(Debug)]
pub(super) struct Commands {
    http: reqwest::Client,
    /// Where to, without a path.
    base: String,
}

/// A command of the Allmine dialect.
#[derive(Debug, Clone)]
pub(super) struct Command {
    pub(super) method: Method,
    /// Made of our own words and ids that were parsed.
    pub(super) path: String,
    pub(super) body: Option<Value>,
    /// Made with the form, so that a form sent twice commands once.
    pub(super) key: Option<String>,
}

/// The key that a form brings, if it is one of ours.
pub(super) fn key(form: &str) -> Option<String> {
    form.parse::<Ulid>().ok().map(|key| key.to_string())
}

/// What became of a command.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Outcome {
    Done {
        /// Of the last event that it led to.
        position: Option<Position>,
        /// The answer's data.
        data: Value,
    },
    Refused {
        status: StatusCode,
        /// In the language of the visit.
        errors: Vec<String>,
    },
}

#[derive(Deserialize)]
struct Envelope {
    data: Value,
    #[serde(default)]
    errors: Vec<String>,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
enum SendError {
    #[error("the command API cannot be reached")]
    Http(#[from] reqwest::Error),
    #[error("the command API answered what is no answer of its own")]
    Answer(#[from] serde_json::Error),
    #[error("the command API answered more than {LARGEST_ANSWER} bytes")]
    TooLong,
}

impl Commands {
    pub(super) fn new(base: &str) -> Result<Self, reqwest::Error> {
        let http = reqwest::Client::builder()
            .timeout(PATIENCE)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()?;
        Ok(Self { http, base: base.trim_end_matches('/').to_owned() })
    }

    /// Sends it, and waits for what becomes of it.
    pub(super) async fn send(&self, visit: &Visit, command: Command) -> Outcome {
        match self.exchange(visit, command).await {
            Ok(outcome) => outcome,
            Err(error) => {
                let error = &error as &dyn std::error::Error;
                tracing::warn!(error, "a command has no answer");
                let errors = vec![visit.texts.get("command-unanswered")];
                Outcome::Refused { status: StatusCode::BAD_GATEWAY, errors }
            }
        }
    }

    async fn exchange(&self, visit: &Visit, command: Command) -> Result<Outcome, SendError> {
        let Command { method, path, body, key } = command;
        let mut request = self
            .http
            .request(method, format!("{}{path}", self.base))
            .headers(visit.passed_on.clone())
            .header("X-Language", visit.texts.language())
            .header("X-Platform", "admin")
            .bearer_auth(&visit.token);
        if let Some(body) = body {
            request = request.json(&body);
        }
        if let Some(key) = key {
            request = request.header("Idempotency-Key", key);
        }
        let mut response = request.send().await?;
        let (status, position) = (response.status(), position(response.headers()));
        let mut bytes = Vec::new();
        while let Some(chunk) = response.chunk().await? {
            bytes.extend_from_slice(&chunk);
            if bytes.len() > LARGEST_ANSWER {
                return Err(SendError::TooLong);
            }
        }
        let Envelope { data, errors } = serde_json::from_slice(&bytes)?;
        let done = status.is_success();
        Ok(if done {
            Outcome::Done { position, data }
        } else {
            Outcome::Refused { status, errors }
        })
    }
}

fn position(headers: &HeaderMap) -> Option<Position> {
    headers.get("x-event-position")?.to_str().ok()?.parse().ok()
}

impl Outcome {
    /// What the next page tells of it; `done` when it was done.
    pub(super) fn notice(&self, done: String) -> Notice {
        match self {
            Self::Done { position, .. } => Notice::done(done, *position),
            Self::Refused { errors, .. } => Notice::refused(errors),
        }
    }
}
