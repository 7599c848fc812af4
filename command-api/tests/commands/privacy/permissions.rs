//! Who may what: every operation, every role.

use reqwest::Method;
use serde_json::json;
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
