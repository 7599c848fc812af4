//! What comes back, and the parts of it that many tests expect.

use reqwest::StatusCode;
use reqwest::header::HeaderMap;
use serde_json::{Value, json};
use testing::World;

use super::NOW;

/// What came back.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
}

impl Answer {
    pub(super) async fn of(response: reqwest::Response) -> Self {
        let (status, headers) = (response.status(), response.headers().clone());
        // Lines of JSON are no JSON.
        let body = serde_json::from_slice(&response.bytes().await.unwrap()).unwrap_or_default();
        Self { status, headers, body }
    }

    /// The data of a good answer, whose envelope must be right.
    pub(crate) fn data(mut self) -> Value {
        let data = self.body["data"].take();
        assert_eq!(
            (self.status, self.body),
            (
                StatusCode::OK,
                json!({"isSuccess": true, "statusCode": 200, "data": null, "errors": [],
                    "timestamp": NOW})
            )
        );
        data
    }

    /// The errors of a bad answer, whose envelope must be right.
    pub(crate) fn errors(mut self, status: u16) -> Value {
        let errors = self.body["errors"].take();
        assert_eq!(
            (self.status.as_u16(), self.body),
            (
                status,
                json!({"isSuccess": false, "statusCode": status, "data": null, "errors": null,
                    "timestamp": NOW})
            ),
            "{errors}"
        );
        errors
    }

    /// The ids in the list of a good answer.
    pub(crate) fn ids(self) -> Vec<String> {
        ids(&self.data())
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

/// The ids in a list.
pub(crate) fn ids(data: &Value) -> Vec<String> {
    let id = |entry: &Value| {
        let id = entry.get("_id").or(entry.get("id")).and_then(Value::as_str);
        id.unwrap().to_owned()
    };
    data["list"].as_array().unwrap().iter().map(id).collect()
}

/// The ids as answers show them.
pub(crate) fn shown<T: ToString>(ids: &[T]) -> Vec<String> {
    ids.iter().map(T::to_string).collect()
}

/// A user as the world has him.
pub(crate) fn user(id: &str, username: &str, name: &str, surname: &str) -> Value {
    json!({"_id": id, "username": username, "name": name, "surname": surname,
        "profilePhoto": null, "availabilityStatus": "online"})
}

pub(crate) fn creator() -> Value {
    user(World::CREATOR, "creator", "Cemile", "Yaratan")
}

pub(crate) fn viewer() -> Value {
    user(World::VIEWER, "viewer", "Vera", "Schau")
}

/// The pagination of a list that fits on one page.
pub(crate) fn one_page(total: usize) -> Value {
    json!({"currentPage": 1, "totalPages": total.div_ceil(10), "totalItems": total,
        "itemsPerPage": 10, "hasNextPage": false, "hasPrevPage": false, "nextCursor": null})
}
