//! Without its database, a command is refused in good form, and nothing is half done.

use std::time::Duration;

use serde_json::json;
use sqlx::AssertSqlSafe;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{Connection, Executor};
use testing::World;

use crate::support::*;

#[tokio::test]
async fn an_outage_is_503_in_either_dialect_and_ends_by_itself() {
    let service = Service::start().await;
    let ban = json!({"targetUserId": World::VIEWER, "liveStreamId": World::STREAM});
    let chat_ban = json!({"snippet": {"liveChatId": World::CHAT, "type": "permanent",
        "bannedUserDetails": {"channelId": World::VIEWER_CHANNEL}}});
    let (bans, chat_bans) = ("/api/v1/live-stream-ban", "/youtube/v3/liveChat/bans?part=id");

    let options: PgConnectOptions = service.database.owner_url.parse().unwrap();
    let name = options.get_database().unwrap().to_owned();
    let mut admin = PgConnection::connect_with(&options.database("postgres")).await.unwrap();
    let allow = |yes| AssertSqlSafe(format!("ALTER DATABASE {name} ALLOW_CONNECTIONS {yes}"));
    admin.execute(sqlx::raw_sql(allow(false))).await.unwrap();
    let cut =
        format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'");
    admin.execute(sqlx::raw_sql(AssertSqlSafe(cut))).await.unwrap();

    let answer = service.post(bans, CREATOR, ban.clone()).await;
    answer.refuses(503, &[]);
    assert_eq!(answer.header("retry-after"), "1");
    let answer = service.post(chat_bans, CREATOR, chat_ban).await;
    let item = ("global", "backendError", None, "Service temporarily unavailable");
    answer.fails(503, Some("UNAVAILABLE"), &[item]);
    assert_eq!(answer.header("retry-after"), "1");

    admin.execute(sqlx::raw_sql(allow(true))).await.unwrap();
    let answer = testing::eventually("the outage to end", async || {
        let answer = service.post(bans, CREATOR, ban.clone()).await;
        (answer.status != 503).then_some(answer)
    })
    .await;
    assert_eq!(answer.data(200)["_id"], viewer_ban(1));
    assert_eq!(service.event_types().await, ["BanCreated"]);
}

#[tokio::test]
async fn a_command_does_not_notice_that_its_connections_died() {
    let service = Service::start().await;
    let ban = |target: &str| json!({"targetUserId": target, "liveStreamId": World::STREAM});
    for target in [World::VIEWER, World::OTHER_VIEWER, World::STAFF] {
        sqlx::query(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
             WHERE datname = current_database() AND pid <> pg_backend_pid()",
        )
        .execute(&service.database.owner)
        .await
        .unwrap();
        service.post("/api/v1/live-stream-ban", CREATOR, ban(target)).await.data(200);
    }
    assert_eq!(service.events().await.len(), 3);
}

#[tokio::test]
async fn a_table_that_somebody_holds_stalls_a_command_for_seconds_only() {
    let service = Service::start().await;
    let ban = json!({"targetUserId": World::VIEWER, "liveStreamId": World::STREAM});
    let user = json!({"id": "new", "username": "new", "name": "", "surname": "",
        "availabilityStatus": "online", "updatedAt": NOW});
    let mut holder = service.database.owner.begin().await.unwrap();
    sqlx::query("LOCK TABLE directory.users").execute(&mut *holder).await.unwrap();
    let (reads, writes) = tokio::time::timeout(Duration::from_secs(9), async {
        tokio::join!(
            service.post("/api/v1/live-stream-ban", CREATOR, ban.clone()),
            service.put("/internal/v1/users/new", SERVICE, user.clone()),
        )
    })
    .await
    .unwrap();
    reads.refuses(503, &[]);
    writes.refuses(503, &[]);

    holder.rollback().await.unwrap();
    service.post("/api/v1/live-stream-ban", CREATOR, ban).await.data(200);
    service.put("/internal/v1/users/new", SERVICE, user).await.data(200);
}
