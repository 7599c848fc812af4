//! The queue of reports, and the page of a report, as moderators use them.

mod bulk;
mod keys;
mod live;
mod pages;

use serde_json::{Value, json};

use crate::page::Page;
use crate::world::World;

const QUEUE: &str = "/dashboard/queue";
/// On air, of elif.live.
const CONCERT: &str = "673ac9e2c93fe18d3fdd23f1";
/// On air, of jonas.
const SPEEDRUN: &str = "673ac9e2c93fe18d3fdd23f3";
/// The part that reviews, called staff.sam.
const SAM: &str = "platformModerator";
/// The other one, called staff.ada.
const ADA: &str = "admin";

impl World {
    /// Has `who` report a live stream for this; the report's id.
    async fn reported(&self, who: &str, live_stream: &str, kind: &str, words: &str) -> String {
        let report = json!({"type": kind, "description": words});
        let filed = self.report(who, live_stream, &report).await;
        filed["id"].as_str().unwrap().to_owned()
    }

    /// Four reports of the concert, oldest first, and one of another live stream.
    async fn reports(&self) -> [String; 5] {
        let report = async |who, live_stream, kind, words| {
            self.reported(who, live_stream, kind, words).await
        };
        [
            report("viewer", CONCERT, "hate_speech", "She insults whole countries.").await,
            report("streamModerator", CONCERT, "spam_or_scam", "Links to a fake shop.").await,
            report("auditor", CONCERT, "other", "A hidden camera in the dressing room.").await,
            report("service", CONCERT, "spam_or_scam", "The fake shop again.").await,
            report("viewer", SPEEDRUN, "violence_or_self_harm", "He hits his dog.").await,
        ]
    }

    /// The report as staff gets it from the API.
    async fn report_now(&self, id: &str) -> Value {
        let path = format!("/api/v1/live-stream-reports/{id}");
        self.api.get(ADA, &path).await.data().clone()
    }

    /// Waits until the report stands there.
    async fn comes_to(&self, id: &str, status: &str) -> Value {
        testing::eventually(&format!("{id} to be {status}"), async || {
            let report = self.report_now(id).await;
            (report["status"] == status).then_some(report)
        })
        .await
    }

    /// Has `who` review the report by the API.
    async fn review(&self, who: &str, id: &str, status: &str) {
        let path = format!("/api/v1/live-stream-reports/{id}");
        let reviewed = self.api.patch(who, &path, &json!({"status": status})).await;
        self.settle(&reviewed).await;
    }
}

/// The line of a report.
fn line(id: &str) -> String {
    format!("#report-{id}")
}

impl Page {
    /// Opens the queue, and waits until it hears what comes in.
    async fn queue(&self, query: &str) {
        self.at(&format!("{QUEUE}{query}")).await;
        self.see("#results[data-live]").await;
    }

    /// Waits until the line of a report stands at this.
    async fn line_at(&self, id: &str, status: &str) {
        self.see(&format!("{}[data-status={status}]", line(id))).await;
    }

    /// Puts the focus on the line of a report.
    async fn on_line(&self, id: &str) {
        let script = "document.querySelector(arguments[0]).focus({preventScroll: true})";
        self.run(script, vec![line(id).into()]).await;
    }

    /// Which report's line has the focus.
    async fn focused(&self) -> String {
        let script = "return document.activeElement.dataset.report ?? ''";
        self.run(script, vec![]).await.as_str().unwrap().to_owned()
    }
}
