//! Commands one after the other, each asked again with the same key until it is answered.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use event_log::Position;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use tokio::sync::watch;

use crate::api::{Answer, Api, try_answer};

/// Where the load goes.
pub(super) struct Place {
    /// The docket that runs, if one does.
    pub(super) running: watch::Sender<Option<Arc<Api>>>,
    /// How many commands have been acknowledged.
    pub(super) acknowledged: watch::Sender<usize>,
    /// Whether no command is to be begun any more.
    pub(super) last_lap: AtomicBool,
}

/// What a command's answer said.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Acknowledged {
    pub(super) position: Position,
    pub(super) event_type: String,
    /// Of the ban or report.
    pub(super) id: String,
}

/// One command: who gives it, how, and the event it becomes.
struct Step {
    who: &'static str,
    method: Method,
    path: String,
    body: Value,
    event_type: &'static str,
}

/// Two commands, over and over: the second undoes or ends what the first began.
pub(super) struct Cycle {
    name: String,
    begin: Step,
    /// Its path lacks the id.
    end: Step,
    /// Where the answer holds the id.
    id: &'static str,
}

impl Cycle {
    pub(super) fn of_bans(user: &str, live_stream: &str) -> Self {
        let (who, bans) = ("creator", "/api/v1/live-stream-ban");
        let body = json!({"targetUserId": user, "liveStreamId": live_stream});
        let (method, path) = (Method::POST, bans.into());
        let begin = Step { who, method, path, body, event_type: "BanCreated" };
        let (method, path) = (Method::DELETE, format!("{bans}/"));
        let end = Step { who, method, path, body: Value::Null, event_type: "BanRevoked" };
        Self { name: user.into(), begin, end, id: "_id" }
    }

    pub(super) fn of_reports(live_stream: &str) -> Self {
        let reports = "/api/v1/live-stream-reports/";
        let (who, body) = ("viewer", json!({"type": "spam_or_scam"}));
        let (method, path) = (Method::POST, format!("{reports}{live_stream}"));
        let begin = Step { who, method, path, body, event_type: "ReportFiled" };
        let (who, body) = ("platformModerator", json!({"status": "resolved"}));
        let (method, path) = (Method::PATCH, reports.into());
        let end = Step { who, method, path, body, event_type: "ReportReviewed" };
        Self { name: live_stream.into(), begin, end, id: "id" }
    }

    /// Goes round until the last lap; answers everything that was acknowledged.
    pub(super) async fn repeat(self, place: Arc<Place>) -> Vec<Acknowledged> {
        let mut acknowledged: Vec<Acknowledged> = vec![];
        while !place.last_lap.load(Ordering::Acquire) {
            let count = acknowledged.len();
            let key = format!("{}-{count}", self.name);
            let (step, id) = match acknowledged.last() {
                Some(last) if count % 2 == 1 => (&self.end, last.id.as_str()),
                Some(_) | None => (&self.begin, ""),
            };
            let answer = step.insist(&place, id, &key).await;
            acknowledged.push(Acknowledged {
                position: answer.header("x-event-position").parse().unwrap(),
                event_type: step.event_type.into(),
                id: answer.data()[self.id].as_str().unwrap().into(),
            });
            place.acknowledged.send_modify(|count| *count += 1);
        }
        acknowledged
    }
}

impl Step {
    /// Asks until there is an answer that is not "later", of whichever docket runs then.
    async fn insist(&self, place: &Place, id: &str, key: &str) -> Answer {
        let mut running = place.running.subscribe();
        let mut asked: Option<Arc<Api>> = None;
        loop {
            // One that did not answer is dead or dying; its successor is another.
            let another = |api: &Option<Arc<Api>>| match (api, &asked) {
                (Some(api), Some(asked)) => !Arc::ptr_eq(api, asked),
                (api, _) => api.is_some(),
            };
            let api = running.wait_for(another).await.unwrap().clone().unwrap();
            match try_answer(self.request(&api, id, key)).await {
                Ok(answer) if !answer.status.is_server_error() => return answer,
                Ok(_) | Err(_) => asked = Some(api),
            }
        }
    }

    fn request(&self, api: &Api, id: &str, key: &str) -> RequestBuilder {
        let path = format!("{}{id}", self.path);
        let request = api.request(self.who, self.method.clone(), &path);
        let request = request.header("Idempotency-Key", key);
        if self.body.is_null() { request } else { request.json(&self.body) }
    }
}
