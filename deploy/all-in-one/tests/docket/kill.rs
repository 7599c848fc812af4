//! Killed again and again under load: what was acknowledged is there, once, and nothing else is.

mod aftermath;
mod load;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use reqwest::Method;
use serde_json::json;
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::api::{Api, answer};
use crate::set_ups::{Installation, SetUp};
use load::{Acknowledged, Cycle, Place};

/// How often it is killed.
const ROUNDS: usize = 10;

/// How many commands are acknowledged between two kills.
const BETWEEN: usize = 150;

/// How many users are banned and unbanned, and how many live streams reported, at the same time.
const EACH: usize = 8;

/// How long the commands between two kills may take on a slow machine.
const PATIENCE: Duration = Duration::from_mins(1);

pub(crate) async fn what_was_acknowledged_survives_ten_kills_exactly_once(set_up: SetUp) {
    let mut docket = Installation::start(set_up).await;
    let api = docket.api();
    let cycles = prepare(&api).await;
    let place = Place {
        running: watch::Sender::new(Some(Arc::new(api))),
        acknowledged: watch::Sender::new(0),
        last_lap: AtomicBool::new(false),
    };
    let place = Arc::new(place);
    let mut load = JoinSet::new();
    for cycle in cycles {
        load.spawn(cycle.repeat(Arc::clone(&place)));
    }
    for round in 1..=ROUNDS {
        let mut count = place.acknowledged.subscribe();
        let enough = count.wait_for(|count| *count >= round * BETWEEN);
        tokio::time::timeout(PATIENCE, enough).await.expect("the load goes on").unwrap();
        docket.kill(round).await;
        place.running.send_replace(None);
        docket.begin().await;
        place.running.send_replace(Some(Arc::new(docket.api())));
    }
    // What was under way at the last kill is asked again, and then there is silence.
    place.last_lap.store(true, Ordering::Release);
    let acknowledged: Vec<Acknowledged> = load.join_all().await.into_iter().flatten().collect();
    assert!(acknowledged.len() >= ROUNDS * BETWEEN, "{}", acknowledged.len());
    aftermath::check(&docket, acknowledged).await;
    docket.stop().await;
}

/// Makes the users and live streams of the load.
async fn prepare(api: &Api) -> Vec<Cycle> {
    let updated_at = "2026-01-15T10:30:00.000Z";
    let put = async |path: String, body| {
        let request = api.request("service", Method::PUT, &path);
        assert!(answer(request.json(&body)).await.status.is_success(), "{path}");
    };
    let mut cycles = vec![];
    for n in 0..EACH {
        let (user, stream) = (format!("kill-user-{n}"), format!("kill-stream-{n}"));
        let snapshot = json!({
            "id": user, "username": user, "name": "K", "surname": "U",
            "availabilityStatus": "online", "updatedAt": updated_at,
        });
        put(format!("/internal/v1/users/{user}"), snapshot).await;
        let snapshot = json!({
            "id": stream, "title": "Killed", "status": "active",
            "creatorId": api.id("creatorId"), "moderatorIds": [], "updatedAt": updated_at,
        });
        put(format!("/internal/v1/live-streams/{stream}"), snapshot).await;
        cycles.push(Cycle::of_bans(&user, api.id("liveStreamId")));
        cycles.push(Cycle::of_reports(&stream));
    }
    cycles
}

/// Kills the server that docket runs over its data folder, if it still does.
pub(crate) fn kill_postgres(folder: &Path) {
    let lockfile = folder.join("postgres/data/postmaster.pid");
    let Ok(lockfile) = std::fs::read_to_string(lockfile) else { return };
    let pid = lockfile.lines().next().and_then(|line| line.trim().parse().ok()).unwrap();
    // It may have ended by itself, once docket was gone.
    let _ = kill(Pid::from_raw(pid), Signal::SIGKILL);
}
