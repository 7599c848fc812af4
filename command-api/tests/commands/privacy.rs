//! `/api/v1/privacy/erasures`: what is destroyed, what stays, and what is told of it.

mod directory;
mod permissions;
mod races;

use serde_json::{Value, json};
use sqlx::PgPool;
use testing::World;
use ulid::Ulid;

use crate::support::*;

const ERASURES: &str = "/api/v1/privacy/erasures";
const HOLDS: &str = "/api/v1/privacy/legal-holds";
const ADMIN: Caller = ("admin-1", &["admin"]);
const AUDITOR: Caller = ("auditor-1", &["auditor"]);

/// A key of this person. What it wraps matters to nobody here.
async fn key(pool: &PgPool, person: &str, id: u128) {
    sqlx::query(
        "INSERT INTO privacy.subject_keys (id, subject, master_key, wrapped) VALUES ($1, $2, 'm', 'x')",
    )
    .bind(sqlx::types::Uuid::from(Ulid(id)))
    .bind(person)
    .execute(pool)
    .await
    .unwrap();
}

/// A ban of this person and a report by this person in the tables of this schema, which are made where
/// they are missing.
async fn rows(pool: &PgPool, schema: &str, person: &str) {
    let ban = format!(
        "CREATE TABLE IF NOT EXISTS {schema}.bans (LIKE projections.bans INCLUDING ALL);
         CREATE TABLE IF NOT EXISTS {schema}.reports (LIKE projections.reports INCLUDING ALL);
         INSERT INTO {schema}.bans (id, live_stream_id, target_user_id, action_type, reason,
             created_by, created_at, updated_at, position)
         VALUES ('ban-{person}', 's', '{person}', 'BLOCK', 'secret {person}', 'c', now(), now(), 1);
         INSERT INTO {schema}.reports (id, reporter_id, live_stream_id, stream_creator_id,
             stream_title, stream_status_at_report, type, description, status, admin_notes,
             is_archived, user_agent, ip_address, platform, created_at, updated_at, position)
         VALUES ('report-{person}', '{person}', 's', 'c', 'Title', 'active', 'other',
             'secret {person}', 'resolved', 'secret {person}', false, 'secret {person}',
             '10.0.0.1', 'ios', now(), now(), 2)"
    );
    sqlx::raw_sql(sqlx::AssertSqlSafe(ban)).execute(pool).await.unwrap();
}

/// What the tables of this schema tell of this person.
async fn told(pool: &PgPool, schema: &str, person: &str) -> Value {
    let statement = format!(
        "SELECT jsonb_build_array(
             (SELECT jsonb_build_array(reason, action_type) FROM {schema}.bans
              WHERE target_user_id = $1),
             (SELECT jsonb_build_array(description, admin_notes, user_agent, ip_address, platform)
              FROM {schema}.reports WHERE reporter_id = $1))"
    );
    let told = sqlx::query_scalar(sqlx::AssertSqlSafe(statement)).bind(person);
    told.fetch_one(pool).await.unwrap()
}

async fn keys(pool: &PgPool) -> Vec<String> {
    let keys = sqlx::query_scalar("SELECT subject FROM privacy.subject_keys ORDER BY 1");
    keys.fetch_all(pool).await.unwrap()
}

/// The row of this user in the directory.
async fn user(pool: &PgPool, id: &str) -> Value {
    let row = sqlx::query_scalar("SELECT to_jsonb(u) FROM directory.users u WHERE id = $1");
    row.bind(id).fetch_one(pool).await.unwrap()
}

async fn erase(service: &Service, person: &str) -> Answer {
    service.post(ERASURES, ADMIN, json!({"userId": person})).await
}

async fn get(service: &Service, caller: Caller, path: &str) -> Answer {
    Answer::of(service.request(reqwest::Method::GET, path, caller)).await
}

#[tokio::test]
async fn an_erasure_destroys_one_person_s_key_and_texts_and_leaves_the_facts() {
    let service = Service::start().await;
    let pool = &service.database.pool;
    let (person, other) = (World::VIEWER, World::OTHER_VIEWER);
    for schema in ["projections", "projections_next", "projections_check"] {
        rows(pool, schema, person).await;
        rows(pool, schema, other).await;
    }
    key(pool, person, 7).await;
    key(pool, other, 8).await;
    for (offset, key, value) in
        [(1, person, "{}"), (2, "x", r#"{"id": "673ac9e2c93fe18d3fdd2311"}"#), (3, other, "{}")]
    {
        sqlx::query(
            "INSERT INTO inbound.parked (topic, partition, record_offset, key, value, reason)
             VALUES ('t.platform.users.v1', 0, $1, $2, $3, 'r')",
        )
        .bind(offset)
        .bind(key.as_bytes())
        .bind(value.as_bytes())
        .execute(pool)
        .await
        .unwrap();
    }
    let ban = json!({"targetUserId": person, "liveStreamId": World::STREAM});
    service.post("/api/v1/live-stream-ban", CREATOR, ban).await.data(200);

    let answer = erase(&service, person).await;
    let certificate = answer.data(201);
    let id = certificate["erasureId"].as_str().unwrap();
    assert_eq!(
        *certificate,
        json!({
            "erasureId": id, "userId": person, "erasedAt": NOW, "requestedBy": "admin-1",
            "destroyedKeys": [Ulid(7).to_string()], "logPosition": "1",
            "scrubbed":
                {"bans": 1, "reports": 1, "users": 1, "parkedRecords": 2, "legalHolds": 0},
            "covers": certificate["covers"], "remains": certificate["remains"],
        })
    );
    let scrubbed = json!([[null, "BLOCK"], [null, null, null, null, "ios"]]);
    let whole = format!("secret {other}");
    let whole = json!([[whole, "BLOCK"], [whole, whole, whole, "10.0.0.1", "ios"]]);
    for schema in ["projections", "projections_next", "projections_check"] {
        assert_eq!(told(pool, schema, person).await, scrubbed, "{schema}");
        assert_eq!(told(pool, schema, other).await, whole, "{schema}");
    }
    // The creator has one for where they banned from.
    assert_eq!(keys(pool).await, [World::CREATOR, other]);
    let parked = sqlx::query_scalar("SELECT record_offset FROM inbound.parked").fetch_all(pool);
    let parked: Vec<i64> = parked.await.unwrap();
    assert_eq!(parked, [3]);
    assert_eq!(service.event_types().await, ["BanCreated"]);

    // What is stored of it does not say whose texts they were.
    let mut stored = certificate.clone();
    stored.as_object_mut().unwrap().remove("userId");
    let found = get(&service, AUDITOR, &format!("{ERASURES}/{id}")).await;
    assert_eq!(*found.data(200), stored);
    let rows: String =
        sqlx::query_scalar("SELECT string_agg(e::text, ' ') FROM privacy.erasures e")
            .fetch_one(pool)
            .await
            .unwrap();
    assert!(!rows.contains(person), "{rows}");
}

#[tokio::test]
async fn erasing_again_or_somebody_unknown_is_harmless() {
    let service = Service::start().await;
    key(&service.database.pool, World::VIEWER, 7).await;
    let first = erase(&service, World::VIEWER).await;
    assert_eq!(first.data(201)["destroyedKeys"], json!([Ulid(7).to_string()]));
    service.wait(1);
    let nothing = json!({"bans": 0, "reports": 0, "users": 0, "parkedRecords": 0, "legalHolds": 0});
    for person in [World::VIEWER, "nobody"] {
        let answer = erase(&service, person).await;
        assert_eq!(answer.data(201)["destroyedKeys"], json!([]), "{person}");
        assert_eq!(answer.data(201)["scrubbed"], nothing, "{person}");
        service.wait(1);
    }

    // All three are in the list, the latest first.
    let page = get(&service, AUDITOR, &format!("{ERASURES}?limit=2")).await;
    let pagination = json!({"currentPage": 1, "totalPages": 2, "totalItems": 3, "itemsPerPage": 2,
        "hasNextPage": true, "hasPrevPage": false, "nextCursor": null});
    assert_eq!(page.data(200)["pagination"], pagination);
    let times = |page: &Answer| -> Vec<Value> {
        let list = page.data(200)["list"].as_array().unwrap();
        list.iter().map(|certificate| certificate["erasedAt"].clone()).collect()
    };
    assert_eq!(times(&page), ["2026-01-15T10:30:02.000Z", "2026-01-15T10:30:01.000Z"]);
    let page = get(&service, ADMIN, &format!("{ERASURES}?limit=2&page=2")).await;
    assert_eq!(times(&page), [NOW]);
}

#[tokio::test]
async fn bad_requests_are_told_what_is_wrong() {
    let service = Service::start().await;
    let id = "userId: must be 1 to 128 characters of A-Z a-z 0-9 _ . = -";
    for (body, reason) in [
        (json!({}), "userId: is required"),
        (json!({"userId": "a b"}), id),
        (json!({"userId": 7}), "userId: must be a string"),
    ] {
        service.post(ERASURES, ADMIN, body).await.refuses(400, &[reason]);
    }
    for unknown in ["nonsense", &Ulid(7).to_string(), &Ulid(7).to_string().to_lowercase()] {
        let answer = get(&service, ADMIN, &format!("{ERASURES}/{unknown}")).await;
        answer.refuses(404, &["there is no such erasure"]);
    }
    let answer = get(&service, ADMIN, &format!("{ERASURES}?limit=101&page=0")).await;
    answer.refuses(
        400,
        &[
            "page: must be a whole number from 1 to 4294967295",
            "limit: must be a whole number from 1 to 100",
        ],
    );
    let held = format!("{HOLDS}/{}", World::VIEWER);
    for (body, reason) in [
        (json!({}), "reason: is required"),
        (json!({"reason": " "}), "reason: must not be blank"),
        (json!({"reason": "x".repeat(2001)}), "reason: must not be longer than 2000 characters"),
    ] {
        service.put(&held, ADMIN, body).await.refuses(400, &[reason]);
    }
    let answer = get(&service, ADMIN, &format!("{HOLDS}?status=some")).await;
    answer.refuses(400, &["status: must be one of: in_force, released, all"]);
}

#[tokio::test]
async fn a_legal_hold_blocks_an_erasure_until_it_is_released() {
    let service = Service::start().await;
    let pool = &service.database.pool;
    key(pool, World::VIEWER, 7).await;
    rows(pool, "projections", World::VIEWER).await;
    let path = format!("{HOLDS}/{}", World::VIEWER);
    let placed = service.put(&path, ADMIN, json!({"reason": " case 1 "})).await;
    let hold = placed.data(200).clone();
    assert_eq!(
        hold,
        json!({"holdId": hold["holdId"], "userId": World::VIEWER, "reason": "case 1",
            "placedBy": "admin-1", "placedAt": NOW, "releasedBy": null, "releasedAt": null})
    );
    service.wait(60);
    let same = service.put(&path, ("admin-2", &["admin"]), json!({"reason": "case 1"})).await;
    assert_eq!(*same.data(200), hold);

    let before = (keys(pool).await, told(pool, "projections", World::VIEWER).await);
    let refused = erase(&service, World::VIEWER).await;
    assert_eq!(
        refused.body["errors"][1],
        "a legal hold that was placed at 2026-01-15T10:30:00.000Z is in the way: the texts of this \
         person must be kept until it is released"
    );
    let turkish = service.request(reqwest::Method::POST, ERASURES, ADMIN);
    let turkish = turkish.header("X-Language", "tr").json(&json!({"userId": World::VIEWER}));
    let turkish = Answer::of(turkish).await;
    assert_eq!((refused.status, turkish.status), (409, 409));
    let said = turkish.body["errors"][1].as_str().unwrap();
    assert!(
        said.starts_with("2026-01-15T10:30:00.000Z tarihinde konulan bir yasal saklama"),
        "{said}"
    );
    assert_eq!((keys(pool).await, told(pool, "projections", World::VIEWER).await), before);
    assert_eq!(user(pool, World::VIEWER).await["username"], "viewer");
    assert_eq!(get(&service, AUDITOR, ERASURES).await.data(200)["list"], json!([]));
    erase(&service, World::OTHER_VIEWER).await.data(201);

    // Another reason makes another hold, and the first is remembered.
    service.put(&path, ADMIN, json!({"reason": "case 2"})).await.data(200);
    let list = async |query: &str| -> Vec<Value> {
        let listed = get(&service, AUDITOR, &format!("{HOLDS}{query}")).await;
        let list = listed.data(200)["list"].as_array().unwrap();
        list.iter().map(|hold| hold["reason"].clone()).collect()
    };
    assert_eq!(list("").await, ["case 2"]);
    assert_eq!(list("?status=released").await, ["case 1"]);
    assert_eq!(list(&format!("?status=all&userId={}", World::VIEWER)).await, ["case 2", "case 1"]);
    assert_eq!(list("?status=all&userId=nobody").await, [""; 0]);

    let released = service.delete(&path, ADMIN).await;
    assert_eq!(released.data(200)["releasedAt"], "2026-01-15T10:31:00.000Z");
    assert_eq!(released.data(200)["releasedBy"], "admin-1");
    let again = service.delete(&path, ADMIN).await;
    assert_eq!(again.body["errors"][1], "no legal hold is in force for this person");
    assert_eq!(again.status, 404);
    let erased = erase(&service, World::VIEWER).await;
    assert_eq!(erased.data(201)["destroyedKeys"], json!([Ulid(7).to_string()]));
    assert_eq!(erased.data(201)["scrubbed"]["legalHolds"], 2);
    assert_eq!(list("?status=all").await, [""; 0]);
}
