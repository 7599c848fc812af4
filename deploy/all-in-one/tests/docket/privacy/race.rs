//! Erasures while many clients write about the same person.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use event_log::Position;
use futures_util::future::join_all;
use serde_json::json;
use sqlx::{AssertSqlSafe, PgPool};

use super::places::{all_tables, shown};
use super::{erase, succeeds};
use crate::api::{Answer, Api};
use crate::set_ups::{Installation, SetUp};

const CLIENTS: usize = 16;
const REPORTS: &str = "/api/v1/live-stream-reports";
const BANS: &str = "/api/v1/live-stream-ban";

/// What one client shares with the others.
struct Load {
    api: Api,
    acknowledged: AtomicUsize,
    last_lap: AtomicBool,
}

/// The texts that were acknowledged, and where they stand in the log.
type Written = BTreeMap<String, Position>;

impl Load {
    async fn acknowledged(&self, count: usize) {
        testing::eventually("commands to be acknowledged", async || {
            (self.acknowledged.load(Ordering::Acquire) >= count).then_some(())
        })
        .await;
    }

    fn note(&self, written: &mut Written, text: String, answer: &Answer) {
        assert!(answer.status.is_success(), "{answer:?}");
        written.insert(text, answer.header("x-event-position").parse().unwrap());
        self.acknowledged.fetch_add(1, Ordering::AcqRel);
    }

    /// Over and over, the viewer reports a live stream, the report is decided, the viewer is banned from it
    /// and freed.
    async fn repeat(&self, client: usize) -> Written {
        let (stream, mut written) = (format!("race-{client}"), Written::new());
        for lap in 0.. {
            if self.last_lap.load(Ordering::Acquire) {
                break;
            }
            let text = |what: u8| format!("race-{client}-{lap}-{what}.");
            let report = json!({"type": "other", "description": text(1)});
            let filed = self.api.post("viewer", &format!("{REPORTS}/{stream}"), &report).await;
            let path = format!("{REPORTS}/{}", filed.data()["id"].as_str().unwrap());
            self.note(&mut written, text(1), &filed);
            let review = json!({"status": "rejected", "adminNotes": text(2)});
            let reviewed = self.api.patch("platformModerator", &path, &review).await;
            self.note(&mut written, text(2), &reviewed);
            let ban = json!({"targetUserId": self.api.id("viewerId"), "liveStreamId": stream,
                "reason": text(3)});
            let banned = self.api.post("creator", BANS, &ban).await;
            // As long as the platform does not tell of him again, he is no user any more.
            if banned.status != 404 {
                let path = format!("{BANS}/{}", banned.data()["_id"].as_str().unwrap());
                self.note(&mut written, text(3), &banned);
                self.api.delete("creator", &path).await.data();
            }
        }
        written
    }
}

pub(crate) async fn what_was_written_before_an_erasure_is_gone(set_up: SetUp) {
    let docket = Installation::start(set_up).await;
    let api = docket.api();
    for client in 0..CLIENTS {
        let stream = json!({"id": format!("race-{client}"), "title": "Race", "status": "active",
            "creatorId": api.id("creatorId"), "moderatorIds": [],
            "updatedAt": "2026-02-01T00:00:00.000Z"});
        let path = format!("/internal/v1/live-streams/race-{client}");
        api.put("service", &path, &stream).await.data();
    }
    let load = Load {
        api: docket.api(),
        acknowledged: AtomicUsize::new(0),
        last_lap: AtomicBool::new(false),
    };
    let load = Arc::new(load);
    let clients = (0..CLIENTS).map(|client| {
        let load = Arc::clone(&load);
        tokio::spawn(async move { load.repeat(client).await })
    });
    let clients: Vec<_> = clients.collect();
    let mut until = Position::START;
    for round in 1..=3 {
        load.acknowledged(round * 100).await;
        let erased = erase(&api, api.id("viewerId")).await;
        assert_eq!(erased.data()["destroyedKeys"].as_array().unwrap().len(), 1, "{erased:?}");
        until = erased.data()["logPosition"].as_str().unwrap().parse().unwrap();
        tell_of_him_again(&api, round).await;
    }
    let erased_by = load.acknowledged.load(Ordering::Acquire);
    load.acknowledged(erased_by + 100).await;
    load.last_lap.store(true, Ordering::Release);
    let mut written = Written::new();
    for client in join_all(clients).await {
        written.extend(client.unwrap());
    }

    let report = json!({"type": "spam_or_scam"});
    let last = api.post("viewer", &format!("{REPORTS}/race-0"), &report).await;
    api.get_after(&last, "platformModerator", REPORTS).await.data();
    api.get_after(&last, "creator", BANS).await.data();
    let (pool, _) = docket.storage().await;
    let found = found(&pool).await;
    let gone: Vec<_> = written.iter().filter(|(_, position)| **position <= until).collect();
    let shown = shown(&docket).await;
    let left = gone.iter().filter(|(text, _)| found.contains(text) || shown.contains(*text));
    let left: Vec<_> = left.collect();
    assert!(left.is_empty(), "until {until}: {left:?}");
    assert!(gone.len() >= 200 && found.len() >= 50, "{} {}", gone.len(), found.len());
    pool.close().await;
    succeeds(&docket, &["verify"]).await;
    docket.stop().await;
}

/// The platform says that the viewer is still there, each time later.
async fn tell_of_him_again(api: &Api, round: usize) {
    let viewer = api.id("viewerId");
    let user = json!({"id": viewer, "username": "zeynep", "name": "Zeynep", "surname": "Demir",
        "availabilityStatus": "online", "updatedAt": format!("299{round}-01-01T00:00:00.000Z")});
    api.put("service", &format!("/internal/v1/users/{viewer}"), &user).await.data();
}

/// Every text of the race that stands in any table.
async fn found(pool: &PgPool) -> Vec<String> {
    let mut found = vec![];
    for table in all_tables(pool).await {
        let statement = format!(
            "SELECT DISTINCT match[1] FROM {table} AS t,
                 LATERAL regexp_matches(t::text, '(race-\\d+-\\d+-\\d\\.)', 'g') AS match"
        );
        let texts: Vec<String> =
            sqlx::query_scalar(AssertSqlSafe(statement)).fetch_all(pool).await.unwrap();
        found.extend(texts);
    }
    found
}
