//! Many callers, one live stream, one viewer.

use futures_util::future::join_all;
use serde_json::json;
use testing::World;

use crate::support::*;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_64_bans_at_once_one_is_created() {
    let service = Service::start().await;
    let body = || json!({"targetUserId": World::VIEWER, "liveStreamId": World::STREAM});
    let bans = (0..64).map(|nth| {
        let caller = if nth % 2 == 0 { CREATOR } else { MODERATOR };
        service.post("/api/v1/live-stream-ban", caller, body())
    });
    let answers = join_all(bans).await;
    let (created, refused): (Vec<_>, Vec<_>) =
        answers.iter().partition(|answer| answer.status == 200);
    assert_eq!((created.len(), refused.len()), (1, 63));
    assert_eq!(created[0].data(200)["_id"], viewer_ban(1));
    let told = format!("this user is banned there already, by ban {}", viewer_ban(1));
    for answer in refused {
        answer.refuses(409, &[&told]);
    }
    assert_eq!(service.event_types().await, ["BanCreated"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_refused_leaves_no_hole_in_the_log() {
    let service = Service::start().await;
    let targets = [World::VIEWER, World::OTHER_VIEWER, World::STAFF, World::OTHER_CREATOR];
    let bans = targets.iter().cycle().take(64).map(|target| {
        let body = json!({"targetUserId": target, "liveStreamId": World::STREAM});
        service.post("/api/v1/live-stream-ban", CREATOR, body)
    });
    let answers = join_all(bans).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), targets.len());
    let positions: Vec<_> = service.events().await.iter().map(|event| event.position.0).collect();
    assert_eq!(positions, [1, 2, 3, 4]);
}
