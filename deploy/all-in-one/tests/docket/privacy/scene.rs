//! People who write about one another, each text one of a kind.

use reqwest::Method;
use serde_json::{Value, json};

use crate::api::{Answer, Api, answer};

const BANS: &str = "/api/v1/live-stream-ban";
const REPORTS: &str = "/api/v1/live-stream-reports";

/// Somebody else, who is banned as well.
const OTHER: &str = "673ac9e2c93fe18d3fdd2316";

/// What was written.
pub(super) struct Scene {
    tag: String,
    /// Where the viewer's ban is asked for.
    pub(super) check: String,
}

impl Scene {
    /// The viewer is banned and has reported, and so has another; everybody leaves traces. When it is
    /// answered, all of it is in the tables.
    pub(super) async fn play(api: &Api, tag: &str) -> Self {
        let (stream, viewer) = (api.id("liveStreamId"), api.id("viewerId"));
        let check = format!("{BANS}/check/{viewer}?liveStreamId={stream}");
        let scene = Self { tag: tag.to_owned(), check };
        let names = json!({"id": viewer, "username": scene.text("username"),
            "name": scene.text("name"), "surname": scene.text("surname"),
            "availabilityStatus": "online", "updatedAt": "2026-02-01T00:00:00.000Z"});
        api.put("service", &format!("/internal/v1/users/{viewer}"), &names).await.data();

        for (target, reason) in [(viewer, "reason"), (OTHER, "other-reason")] {
            let ban = json!({"targetUserId": target, "liveStreamId": stream,
                "reason": scene.text(reason)});
            scene.tell(api, "creator", Method::POST, BANS, &ban, ("creator", 2)).await.data();
        }
        let path = format!("{REPORTS}/{stream}");
        let mut last = None;
        for (who, mark, host) in [("viewer", "", 1), ("auditor", "other-", 3)] {
            let report = json!({"type": "other",
                "description": scene.text(&format!("{mark}description"))});
            let own = if mark.is_empty() { "own" } else { "other" };
            let filed = scene.tell(api, who, Method::POST, &path, &report, (own, host)).await;
            let filed = format!("{REPORTS}/{}", filed.data()["id"].as_str().unwrap());
            let review = json!({"status": "resolved",
                "adminNotes": scene.text(&format!("{mark}notes"))});
            let staff = "platformModerator";
            last = Some(scene.tell(api, staff, Method::PATCH, &filed, &review, ("staff", 4)).await);
        }
        let last = last.unwrap();
        last.data();
        api.get_after(&last, "platformModerator", REPORTS).await.data();
        api.get_after(&last, "creator", BANS).await.data();
        scene
    }

    /// The viewer reports once more; what he wrote, once it is in the tables.
    pub(super) async fn report(api: &Api, tag: &str) -> String {
        let text = format!("{tag} description of the viewer");
        let path = format!("{REPORTS}/{}", api.id("liveStreamId"));
        let filed = api.post("viewer", &path, &json!({"type": "other", "description": text})).await;
        filed.data();
        api.get_after(&filed, "platformModerator", REPORTS).await.data();
        text
    }

    /// Does something with a program, a device and an address of one's own.
    async fn tell(
        &self,
        api: &Api,
        who: &str,
        method: Method,
        path: &str,
        body: &Value,
        (mark, host): (&str, u8),
    ) -> Answer {
        let request = api.request(who, method, path).json(body);
        let request = request.header("User-Agent", self.text(&format!("{mark}-agent")));
        let request = request.header("X-Device-ID", self.text(&format!("{mark}-device")));
        answer(request.header("X-Forwarded-For", address(host))).await
    }

    fn text(&self, what: &str) -> String {
        format!("{}-{what}-text", self.tag)
    }

    /// Everything that the erasure of the viewer is about.
    pub(super) fn of_the_viewer(&self) -> Vec<String> {
        let texts = ["username", "name", "surname", "reason", "description", "notes", "own-agent"];
        let texts = texts.into_iter().chain(["own-device"]).map(|what| self.text(what));
        texts.chain([address(1)]).collect()
    }

    /// What it is not about.
    pub(super) fn of_others(&self) -> Vec<String> {
        let texts = ["other-reason", "other-description", "other-notes", "other-agent"];
        let texts = texts.into_iter().chain(["other-device", "creator-agent", "staff-device"]);
        texts.map(|what| self.text(what)).chain([address(3)]).collect()
    }
}

/// An address that is in no other test.
fn address(host: u8) -> String {
    format!("203.0.113.20{host}")
}

/// Where the viewer's texts are before the erasure.
pub(super) fn where_the_viewer_s_are() -> Vec<Vec<String>> {
    let directory = vec![vec!["directory.users"]; 3];
    let rest = [
        vec!["audit", "projections.bans"],
        vec!["audit", "projections.reports"],
        vec!["audit", "projections.reports"],
        vec!["audit", "projections.reports"],
        vec!["audit"],
        vec!["audit", "projections.reports"],
    ];
    owned(directory.into_iter().chain(rest))
}

/// Where others' texts are all the time.
pub(super) fn where_others_are() -> Vec<Vec<String>> {
    owned([
        vec!["audit", "projections.bans"],
        vec!["audit", "projections.reports"],
        vec!["audit", "projections.reports"],
        vec!["audit", "projections.reports"],
        vec!["audit"],
        vec!["audit"],
        vec!["audit"],
        vec!["audit", "projections.reports"],
    ])
}

fn owned(places: impl IntoIterator<Item = Vec<&'static str>>) -> Vec<Vec<String>> {
    let of = |places: Vec<&str>| places.into_iter().map(str::to_owned).collect();
    places.into_iter().map(of).collect()
}
