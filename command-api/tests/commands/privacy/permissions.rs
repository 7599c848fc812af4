//! Who may what: every operation, every role.

use reqwest::Method;
use serde_json::{Value, json};
use testing::World;

use super::{ADMIN, AUDITOR, ERASURES, HOLDS};
use crate::support::*;

#[tokio::test]
async fn admins_erase_and_hold_and_auditors_may_read_of_it() {
    let service = Service::start().await;
    let held = format!("{HOLDS}/{}", World::OTHER_VIEWER);
    let unknown = format!("{ERASURES}/00000000000000000000000007");
    let admins = "only for admins";
    let auditors = "only for auditors and admins";
    let operations = [
        (Method::POST, ERASURES, json!({"userId": World::VIEWER}), [201, 403], admins),
        (Method::PUT, &held, json!({"reason": "case"}), [200, 403], admins),
        (Method::DELETE, &held, json!({}), [200, 403], admins),
        (Method::GET, ERASURES, json!({}), [200, 200], auditors),
        (Method::GET, &unknown, json!({}), [404, 404], auditors),
        (Method::GET, HOLDS, json!({}), [200, 200], auditors),
    ];
    for (method, path, body, [admin, auditor], denial) in operations {
        let ask = async |caller| {
            Answer::of(service.request(method.clone(), path, caller).json(&body)).await
        };
        for (caller, status) in [(ADMIN, admin), (AUDITOR, auditor)] {
            assert_eq!(ask(caller).await.status, status, "{method} {path} by {caller:?}");
        }
        // Nobody may erase himself either.
        for caller in [STAFF, SERVICE, CREATOR, MODERATOR, VIEWER] {
            let answer = ask(caller).await;
            answer.refuses(403, &[denial]);
        }
        let nobody = Answer::of(service.anonymous(method.clone(), path).json(&body)).await;
        assert_eq!(nobody.status, 401, "{method} {path}");
    }
}

#[tokio::test]
async fn what_is_read_is_on_record_before_it_is_answered() {
    let service = Service::start().await;
    for (caller, path) in [
        (AUDITOR, format!("{ERASURES}?limit=5&page=3")),
        (ADMIN, format!("{ERASURES}/nonsense")),
        (AUDITOR, format!("{HOLDS}?userId=u&status=all")),
        // Who may not has read nothing.
        (STAFF, ERASURES.to_owned()),
    ] {
        let request = service.request(Method::GET, &path, caller);
        Answer::of(request.header("X-Request-ID", "ask")).await;
    }
    let reads: Value = sqlx::query_scalar(
        "SELECT jsonb_agg(to_jsonb(r) - 'id' ORDER BY id) FROM audit.reads AS r",
    )
    .fetch_one(&service.database.owner)
    .await
    .unwrap();
    let read = |(who, role): (&str, &str), route: &str, path: Value, query: Value| {
        json!({"actor": who, "roles": [role], "route": route, "correlation_id": "ask",
            "at": "2026-01-15T10:30:00+00:00", "filter": {"path": path, "query": query}})
    };
    let (auditor, admin) = (("auditor-1", "auditor"), ("admin-1", "admin"));
    let mut expected = vec![
        read(auditor, ERASURES, json!({}), json!({"limit": 5, "offset": 10})),
        read(admin, &format!("{ERASURES}/{{id}}"), json!({"id": "nonsense"}), json!({})),
        read(
            auditor,
            HOLDS,
            json!({}),
            json!({"limit": 10, "offset": 0, "userId": "u", "inForce": null}),
        ),
    ];
    // All are of one moment, by which their ids do not tell which was first.
    let mut reads = reads.as_array().unwrap().clone();
    reads.sort_by_key(|read| read["filter"].to_string());
    expected.sort_by_key(|read| read["filter"].to_string());
    assert_eq!(reads, expected);
    sqlx::query("REVOKE INSERT ON audit.reads FROM docket_service")
        .execute(&service.database.owner)
        .await
        .unwrap();
    let refused = Answer::of(service.request(Method::GET, ERASURES, AUDITOR)).await;
    assert_eq!(refused.status, 503);
}
